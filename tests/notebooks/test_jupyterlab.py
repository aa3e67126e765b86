"""The explorables in JupyterLab itself: each is moved by keyboard, and the kernel sees the moved values."""

from __future__ import annotations

import ast
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from mini_dl.course import explore
from tests.book.builds import code, write_notebook
from tests.browser import PATIENCE, launched

pytestmark = pytest.mark.slow_file

# How each is made, which control the keyboard moves (the first that fits), and which of its values the
# kernel must see changed (None: it keeps its values to itself).
MADE: dict[str, tuple[str, str, str | None]] = {
    "threshold_unit": ("explore.threshold_unit()", "input[type=range]", "w1"),
    "perceptron_steps": (
        "explore.perceptron_steps({'two': (np.array([[1.0, 1.0], [-1.0, -2.0]]), np.array([1, -1]))})",
        "button:has-text('Next example')",
        None,
    ),
    "descent_bowl": (
        "explore.descent_bowl(np.diag([2.0, 0.5]), np.zeros(2), np.ones(2))",
        "input[type=range]",
        "rate",
    ),
    "bumps": ("explore.bumps({'line': np.linspace(0, 1, 201)})", "input[type=range]", None),
    "optimizer_race": (
        "explore.optimizer_race({'ravine': {'SGD': 0.03}}, {'ravine': 50})",
        "button:text('Step')",
        None,
    ),
    "convolution_steps": ("explore.convolution_steps({'i': np.eye(5)})", "button:text('Next place')", "at"),
    "gradient_through_time": ("explore.gradient_through_time()", "input[type=range]", "weight"),
    "hidden_space": (
        "explore.hidden_space(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0]))",
        "button:text('steps')",
        None,
    ),
    "lstm_gates": ("explore.lstm_gates([0.6, 0.2, 0.9], marks=[1])", "input[type=range]", "mark"),
    "attention": (
        "explore.attention({'t': {'all': ('ab', 'ab', np.ones((1, 2, 2)), np.eye(2)[None])}})",
        "input[type=range]",
        "temperature",
    ),
    "sampler": ("explore.sampler({'t': [1.0, 0.0]}, ['a', 'b'])", "input[type=range]", "temperature"),
    "backprop_graph": (
        "explore.backprop_graph(x=2.0, w1=1.5, w2=0.5, v1=1.0, v2=-2.0, y=-2.0)",
        "button:text('Next step')",
        "step",
    ),
}
QUIZ = "from mini_dl.course import quiz\nquiz({'Two?': [('two', True, 'Yes.'), ('three', False, 'No.')]})"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """JupyterLab on a notebook that shows every explorable; the address opens it."""
    folder = tmp_path_factory.mktemp("lab")
    cells = [code("import numpy as np\nfrom mini_dl.course import explore", "imports")]
    cells += [code(f"{name} = {made}\n{name}", name) for name, (made, _, _) in MADE.items()]
    cells += [code(QUIZ, "quiz")]
    cells += [
        code(f"print({{name: getattr(globals()[name], key) for name, key in {_seen()!r}.items()}})", "seen")
    ]
    write_notebook(folder / "explorables.ipynb", *cells)
    settings = {f"JUPYTER_{kind}_DIR": str(folder / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    settings["JUPYTERLAB_SETTINGS_DIR"] = str(folder / "settings")
    tracker = folder / "settings/@jupyterlab/notebook-extension/tracker.jupyterlab-settings"
    tracker.parent.mkdir(parents=True)
    tracker.write_text('{"windowingMode": "none"}')  # draw all cells, not only those in view
    token = secrets.token_hex(8)
    log = folder / "log"
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--port=0",
        "--allow-root",
        "--ip=127.0.0.1",
    ]
    command += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}"]
    with log.open("w") as out:
        server = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, **settings}, cwd=folder)
    try:
        found = None
        deadline = time.monotonic() + 300
        while found is None:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.3)
            found = re.search(r"http://127\.0\.0\.1:(\d+)/lab", log.read_text())
        yield f"http://127.0.0.1:{found[1]}/lab/tree/explorables.ipynb?token={token}"
    finally:
        server.terminate()
        try:
            server.wait(60)
        except subprocess.TimeoutExpired:
            server.kill()


def _seen() -> dict[str, str]:
    return {name: key for name, (_, _, key) in MADE.items() if key}


def test_each_explorable_is_tried() -> None:
    assert set(MADE) == set(explore.__all__)


def test_moved_by_keyboard_and_seen_by_the_kernel(address: str) -> None:
    from playwright.sync_api import expect

    before: dict[str, Any] = {}
    with launched() as browser:
        page = browser.new_page(
            viewport={"width": 1200, "height": 4000}
        )  # tall: JupyterLab draws what is in view
        page.set_default_timeout(PATIENCE)
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        cells = page.locator(".jp-NotebookPanel .jp-CodeCell")
        expect(cells).to_have_count(len(MADE) + 3)
        idle = page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")
        last = cells.last.locator(".jp-OutputArea-output pre")
        for _ in range(5):  # what is run while the kernel is still being connected is lost
            expect(idle).to_have_count(1)
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.locator("li[data-command='runmenu:run-all']").click()
            with suppress(AssertionError):
                expect(last).to_be_visible(timeout=20_000)
                break
        expect(last).to_be_visible()
        expect(idle).to_have_count(1)
        before = ast.literal_eval(last.inner_text())
        for i, (name, (_, control, _)) in enumerate(MADE.items(), start=1):
            widget = cells.nth(i).locator(".explore")
            expect(widget).to_be_visible()
            shown = widget.inner_html()
            for _ in range(120):  # JupyterLab may still be drawing it anew
                widget.locator(control).first.focus()
                page.keyboard.press("Enter" if "button" in control else "ArrowRight")
                page.wait_for_timeout(250)
                if widget.inner_html() != shown:
                    break
            assert widget.inner_html() != shown, name
        options = page.locator(".mini-dl-quiz input")
        options.first.focus()
        page.keyboard.press("Space")
        expect(options.first).to_be_checked()
        page.keyboard.press("ArrowDown")  # chooses the next option, and no other cell
        expect(options.nth(1)).to_be_checked()
        expect(options.nth(1)).to_be_focused()
        cells.last.locator(".cm-content").click()
        page.keyboard.press("Control+Enter")
        expect(last).not_to_have_text(str(before))
        after = ast.literal_eval(last.inner_text())
        assert complaints == []
    assert {name for name in before if before[name] != after[name]} == set(_seen()), (before, after)

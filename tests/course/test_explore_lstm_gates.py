"""The explorable of the LSTM's gates: its Python side, its numbers, and what it does on a page."""

import json
import shutil
import subprocess

import numpy as np
import pytest

from mini_dl.course import explore
from tests.browser import explorable

VALUES = [0.5, -0.25, 0.75, 0.4, 0.1]


def test_it_says_what_it_is_without_an_address():
    first, second = explore.lstm_gates(VALUES), explore.lstm_gates(VALUES)
    assert repr(first) == repr(second)
    assert repr(first).startswith("[Interactive figure: an LSTM cell's gates")
    assert "export default { render }" in first._esm


def test_it_takes_values_and_marks():
    widget = explore.lstm_gates(np.array(VALUES), marks=[0, 2])
    assert widget.values == VALUES
    assert widget.marks == [1, 0, 1, 0, 0]


@pytest.mark.parametrize(
    ("values", "marks", "message"),
    [
        ([0.5], [], r"shape \(1,\); give one row of 2 to 14 numbers"),
        (np.zeros((2, 3)), [], r"shape \(2, 3\)"),
        ([0.5, 1.5], [], "each must lie between -1 and 1"),
        ([0.5, float("nan")], [], "each must lie between -1 and 1"),
        ([0.5, 0.25], [2], "mark 2 is no step; give numbers from 0 to 1"),
    ],
)
def test_it_names_what_is_wrong(values, marks, message):
    with pytest.raises(ValueError, match=message):
        explore.lstm_gates(values, marks)


def cell(values, marks, forget: float, mark: float, output: float) -> tuple[np.ndarray, np.ndarray]:
    """Content and output at each step, by PyTorch's LSTM with the weights set by hand."""
    torch = pytest.importorskip("torch")
    lstm = torch.nn.LSTM(2, 1).double()
    with torch.no_grad():
        for p in lstm.parameters():
            p.zero_()
        lstm.weight_ih_l0[0, 1], lstm.weight_ih_l0[2, 0] = mark, 1
        lstm.bias_ih_l0[:] = torch.tensor([-mark / 2, forget, 0, output])
        state, cells, outputs = None, [], []
        for v, m in zip(values, marks, strict=True):
            _, state = lstm(torch.tensor([[[v, m]]], dtype=torch.float64), state)
            outputs.append(state[0].item())
            cells.append(state[1].item())
    return np.array(cells), np.array(outputs)


@pytest.mark.parametrize("settings", [(5.0, 10.0, 3.0), (0.0, 4.0, -2.0), (-3.0, 0.0, 6.0)])
def test_its_numbers_are_those_of_an_lstm(tmp_path, settings):
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node on the path: it computes the numbers of an explorable outside a browser")
    marks = [1, 1, 0, 0, 1]
    module = tmp_path / "widget.mjs"
    module.write_text(explore.lstm_gates(VALUES)._esm, encoding="utf-8")
    call = f"run({json.dumps(VALUES)}, {json.dumps(marks)}, {', '.join(map(str, settings))})"
    program = f"import {{ run }} from {json.dumps(module.as_uri())}; console.log(JSON.stringify({call}));"
    done = subprocess.run(
        [node, "--input-type=module", "-e", program], capture_output=True, text=True, check=True, timeout=300
    )
    found = json.loads(done.stdout)
    cells, outputs = cell(VALUES, marks, *settings)
    assert np.allclose([step["c"] for step in found], cells, rtol=1e-9)
    assert np.allclose([step["h"] for step in found], outputs, rtol=1e-9)


# What it does on a page.


@pytest.fixture
def page():
    """The explorable on an empty page."""
    widget = explore.lstm_gates(VALUES, marks=[0])
    with explorable(widget, ("values", "marks", "forget", "mark", "output")) as page:
        yield page


def says(page) -> str:
    return page.locator("[role=status]").inner_text()


def test_marks_and_biases_change_the_content(page):
    assert says(page).startswith("1 of 5 steps marked; their values add up to 0.5.")
    step = page.get_by_role("button", name="mark step 3, value 0.75")
    step.press("Enter")
    assert step.get_attribute("aria-pressed") == "true"
    assert says(page).startswith("2 of 5 steps marked; their values add up to 1.25.")
    forget = page.get_by_label("forget bias")
    forget.focus()
    page.keyboard.press("End")
    cells, outputs = cell(VALUES, [1, 0, 1, 0, 0], 8.0, 10.0, 3.0)
    assert f"the cell holds {cells[-1]:.2f}, the output is {outputs[-1]:.2f}." in says(page)
    page.keyboard.press("Home")
    cells, _ = cell(VALUES, [1, 0, 1, 0, 0], -4.0, 10.0, 3.0)
    assert f"the cell holds {float(f'{cells[-1]:.2f}'):g}," in says(page)
    assert says(page) in page.locator("svg").get_attribute("aria-label")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_it_stops_listening_when_it_is_taken_off(page):
    before = page.evaluate("window.listeners()")
    page.evaluate("window.stop_it()")
    assert page.evaluate("window.listeners()") == before - 4  # the three sliders keep theirs

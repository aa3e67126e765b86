"""The guards can fail: each is fed a broken notebook, and must name notebook, cell and remedy.

First the rules of structure, each with at least one notebook that breaks it; then the comparison of
outputs, on small notebooks and on a copy of a real one.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import importlib.metadata
import json
import os
import platform
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from tests.notebooks import nbval_strict, rules, samples
from tests.notebooks.samples import Notebook, display, only_code, png, text_output
from tools import run_notebooks

pytestmark = pytest.mark.slow_file
REAL = sorted((rules.ROOT / "notebooks").rglob("0[12]_*.ipynb"))
Change = Callable[[Notebook], object]

# ------------------------------------------------------------------------------- rules of structure


def tagged(nb: Notebook, tag: str, number: int = 0) -> Notebook:
    return [c for c in nb.cells if tag in c.metadata.get("tags", [])][number]


def source(nb: Notebook, text: str) -> Notebook:
    return next(c for c in nb.cells if text in c.source)


def replace(text: str, by: str) -> Change:
    def change(nb: Notebook) -> None:
        cell = source(nb, text)
        cell.source = cell.source.replace(text, by)

    return change


def in_tag(tag: str, text: str, by: str) -> Change:
    def change(nb: Notebook) -> None:
        cell = tagged(nb, tag)
        assert text in cell.source
        cell.source = cell.source.replace(text, by)

    return change


def info(**values: object) -> Change:
    return lambda nb: tagged(nb, "exercise").metadata.exercise.update(values)


def outputs(text: str, *new: dict) -> Change:
    return lambda nb: source(nb, text).outputs.extend(new)


def delete(tag: str) -> Change:
    return lambda nb: nb.cells.remove(tagged(nb, tag))


def course(**values: object) -> Change:
    return lambda nb: nb.metadata.course.update(values)


def add(nb_cell: Notebook, at: int) -> Change:
    return lambda nb: nb.cells.insert(at, copy.deepcopy(nb_cell))


WIDGET = display(text_plain="[figure]")
WIDGET["data"][rules.WIDGET_VIEW] = {"model_id": "0" * 32, "version_major": 2, "version_minor": 0}


def old_javascript(nb: Notebook) -> None:
    source(nb, "print(0.5)").outputs.append(copy.deepcopy(WIDGET))
    name = "mini_dl.course.explore.threshold_unit.ThresholdUnit"
    model = {"model_name": "AnyModel", "state": {"_anywidget_id": name, "_esm": "old", "_css": ""}}
    nb.metadata.widgets = {rules.WIDGET_STATE: {"state": {"0" * 32: model}}}


# rule: [(how to break it, the cell that must be named, what must be said)]
BROKEN: dict[str, list[tuple[Change, str | None, str]]] = {
    "valid_file": [
        (lambda nb: nb.update(nbformat_minor=4), None, "save it as 4.5"),
        (outputs("print(0.5)", text_output("x" * 1_600_000)), None, "1.6"),
        (lambda nb: nb.cells[3].update(cell_type="prose"), None, "not a valid notebook"),
    ],
    "kernel": [
        (lambda nb: nb.metadata.kernelspec.update(name="conda-py312"), None, "'conda-py312', not 'python3'"),
        (lambda nb: nb.metadata.language_info.update(version="3.11.7"), None, "run_notebooks.py"),
    ],
    "course_metadata": [
        (course(number="03"), None, "the file's name says 02"),
        (course(title=""), None, "title is missing"),
        (course(run_seconds=0), None, "run_seconds is 0"),
        (course(run_seconds=600), None, "run_seconds is 600"),
        (course(data=None), None, "course.data is missing"),
        (lambda nb: nb.metadata.update(jupytext={}), None, "'jupytext'"),
    ],
    "cell_metadata": [
        (lambda nb: nb.cells[4].metadata.update(execution={}), "c04", "metadata has 'execution'"),
        (lambda nb: nb.cells[5].update(id="c04"), "c04", "same id"),
        (
            lambda nb: nb.cells[8].metadata.update(tags=["nbval-ignore-ouput"]),
            "c08",
            "unknown tag 'nbval-ignore-ouput'",
        ),
        (lambda nb: nb.cells[8].metadata.update(tags=["nbval-skip"]), "c08", "unknown tag 'nbval-skip'"),
    ],
    "executed": [
        (lambda nb: nb.cells[5].update(execution_count=None), "c05", "execution count is None, not 3"),
        (lambda nb: nb.cells[5].update(execution_count=7), "c05", "execution count is 7, not 3"),
        (add(new_code_cell(""), 9), "", "empty code cell"),
    ],
    "cell_length": [(replace("print(0.5)", "print(0.5)\n" * 41), "c08", "41 lines, over 40: split it")],
    "size": [
        (lambda nb: nb.cells.extend([new_markdown_cell("x")] * 60), None, "cells; the bars are 40 to 80"),
        (lambda nb: nb.cells.extend([new_markdown_cell("word " * 2500)]), None, "words of prose"),
        (
            lambda nb: [replace("## Part", "#")(nb) or nb.cells.pop(40) for _ in range(8)],
            None,
            "words of prose",
        ),
        (lambda nb: nb.cells.extend([new_code_cell("x = 1\n" * 39)] * 8), None, "visible lines of code"),
        (lambda nb: nb.cells[4].update(outputs=[]), None, "2 figures; the bars are 3 to 8"),
    ],
    "promise": [
        (replace("# 2 · The", "# The"), "c00", "does not begin with the title `# 2 · ...`"),
        (replace("# 2 · The", "# 3 · The"), "c00", "the title's number is 3"),
        (replace("**The promise.**", "We promise."), "c00", "**The promise.**"),
        (replace("# 2 · The perceptron", "# 2 · A perceptron"), "c00", "'The perceptron'"),
    ],
    "at_a_glance": [
        (delete("at-a-glance"), None, "0 cells are tagged at-a-glance"),
        (replace("**Hardware**", "**Computer**"), "c01", "does not say 'Hardware'"),
        (replace("- do another;\n", ""), "c01", "2 objectives"),
        (replace("30 minutes", "half an hour"), "c01", "give two times"),
        (lambda nb: nb.cells.insert(9, nb.cells.pop(1)), "c01", "too late"),
    ],
    "setup": [
        (delete("setup"), None, "must be tagged setup"),
        (replace("setup(seed=1)", "setup()"), "c02", "does not call setup(seed=...)"),
        (replace("MINI_DL_SOURCE", "SOURCE"), "c02", "does not install the course"),
        (replace("ready = setup", "x = 1\n" * 10 + "ready = setup"), "c02", "over 12"),
    ],
    "history": [
        (delete("history"), None, "no history box"),
        (replace("In 1958 [Rosenblatt (1958)]", "Once [Rosenblatt]"), "c03", "names no year"),
        (replace("> **History.**", "> History:"), "c03", "begins with `> **History.**`"),
        (replace("bibliography.md#ref-", "bibliography.md#"), "c03", "cites nothing"),
    ],
    "claims": [
        (lambda nb: nb.cells.pop(7), None, "no claim"),
        (replace('claim("Two is two"', "claim(sentence"), "c07", "a literal string"),
    ],
    "ending": [
        (delete("summary"), None, "0 cells are tagged summary"),
        (replace("## Summary", "## In short"), "c48", "`## Summary`"),
        (replace("quiz(('Why?'", "print(('Why?'"), "c49", "does not call quiz"),
        (in_tag("references", "bibliography.md#ref-", "x.md#"), "c50", "without a citation"),
        (lambda nb: nb.cells.insert(-2, nb.cells.pop(-4)), None, "in this order"),
        (replace("[3 · On](03_on.ipynb)", "3 · On"), "c51", "link to the next notebook"),
        (lambda nb: nb.cells.insert(-2, nb.cells.pop()), "c50", "link to the next notebook"),
    ],
    "exercise_parts": [
        (delete("hint"), "c09", "exercise 'one' has exercise-stub, exercise-check, hint, solution"),
        (delete("solution"), "c09", "expected exercise-stub, exercise-check, hint, hint, solution"),
        (delete("exercise"), None, "3 checked exercises"),
        (delete("exercise"), "c10", "follows no cell tagged exercise"),
        (lambda nb: nb.cells.remove(source(nb, "Exercise 2.5")), None, "no open exercise"),
    ],
    "exercise_task": [
        (replace("### Exercise 2.1", "### Exercise 2.4"), "c09", "`### Exercise 2.1 · ...`"),
        (info(id="two"), "c09", "not a Python name of its own"),
        (info(id="Not a name"), "c09", "not a Python name of its own"),
        (info(level=4), "c09", "level is 4"),
        (info(level=2), "c09", "★★☆"),
        (info(minutes=None), "c09", "minutes is None"),
        (info(minutes=7), "c09", "does not show its 7 minutes"),
        (info(points=0), "c09", "points is 0"),
        (info(importance="vital"), "c09", "'vital', not essential"),
        (info(importance="useful"), "c09", "does not show that it is useful"),
        (info(kind="secret"), "c09", "kind is 'secret'"),
    ],
    "exercise_stub": [
        (replace("check.one(one)", "check.one(one_solution)"), "c11", "must be `check.one(one)`"),
        (in_tag("exercise-stub", "def one", "def uno"), "c10", "does not define one"),
        (in_tag("exercise-stub", "x: int", "x"), "c10", "the type of x"),
        (in_tag("exercise-stub", " -> int", ""), "c10", "the type of the result"),
        (in_tag("exercise-stub", '"""Return x."""', "x = 1"), "c10", "no docstring"),
        (
            in_tag("exercise-stub", "raise NotImplementedError", "return 1"),
            "c10",
            "raise NotImplementedError",
        ),
    ],
    "exercise_hints": [
        (in_tag("hint", "<summary>Hint 1", "<summary>Tip"), "c12", "<details><summary>Hint 1"),
        (in_tag("hint", "</details>", ""), "c12", "end with `</details>`"),
        (in_tag("hint", "Think about it once more.", ""), "c12", "must say something"),
    ],
    "exercise_solution": [
        (lambda nb: tagged(nb, "solution").metadata.pop("jupyter"), "c14", "not folded"),
        (in_tag("solution", "# @title Solution", "# Solution"), "c14", "the first line must be"),
        (in_tag("solution", ".require()", ""), "c14", "check.one(one_solution).require()"),
        (in_tag("solution", "def one_solution", "def one"), "c14", "does not define one_solution"),
        (in_tag("solution", "(x: int)", "(y: int)"), "c14", "other arguments than the stub"),
    ],
    "answers_not_needed": [
        (replace("print(0.5)", "print(one(0.5))"), "c08", "uses one, a reader's answer"),
        (replace("print(0.5)", "print(two_solution(1))"), "c08", "uses two_solution"),
    ],
    "links_resolve": [
        (
            replace("01_first.ipynb#", "01_frist.ipynb#"),
            "c01",
            "dead link to 01_frist.ipynb#exercises: no file",
        ),
        (replace("ipynb#exercises", "ipynb#exercise-1"), "c01", "no anchor #exercise-1 in 01_first.ipynb"),
        (replace("#term-perceptron", "#term-perceptrons"), "c03", "near it: term-perceptron"),
        (replace("03_on.ipynb", "/03_on.ipynb"), "c51", "relative to the notebook"),
        (replace("03_on.ipynb", "#nowhere"), "c51", "no anchor #nowhere"),
    ],
    "citations": [
        (
            replace("#ref-rosenblatt1958", "#ref-rosenblat1958"),
            "c03",
            "cites 'rosenblat1958', which is not in",
        )
    ],
    "portable_markdown": [
        (replace("- That is it.", "See {term}`perceptron`."), "c48", "shows raw outside the book"),
        (replace("- That is it.", "```{note}\nSo.\n```"), "c48", "a MyST directive, {note}"),
        (replace("- That is it.", "![](a.png)"), "c48", "without alternative text"),
        (replace("- That is it.", "<img src='a.png'>"), "c48", "without alternative text"),
    ],
    "figures": [
        (lambda nb: nb.cells[4].metadata.pop("mystnb"), "c04", "no alternative text (it is '')"),
        (lambda nb: nb.cells[4].metadata.mystnb.image.update(alt="fig1"), "c04", "(it is 'fig1')"),
        (lambda nb: nb.cells[4].outputs.append(display(image_png=png())), "c04", "2 figures in one cell"),
        (lambda nb: nb.cells[4].update(source="plt.plot([1, 2])"), "c04", "must end with plt.show()"),
    ],
    "code_is_plain": [
        (replace("print(0.5)", "print(0.5);  # quiet"), "c08", "semicolon"),
        (replace("print(0.5)", "print(0.5"), "c08", "not valid Python"),
        (replace("print(0.5)", "# NBVAL_IGNORE_OUTPUT\nprint(0.5)"), "c08", "an nbval comment"),
    ],
    "no_absolute_path": [
        (replace("print(0.5)", "open('/home/ada/x')"), "c08", "/home/ada"),
        (outputs("print(0.5)", text_output("C:\\Users\\ada\n")), "c08", "C:\\Users"),
        (replace("- That is it.", "See file:///x."), "c48", "file://"),
    ],
    "clean_outputs": [
        (
            outputs(
                "print(0.5)", nbformat.v4.new_output("error", ename="ValueError", evalue="", traceback=[])
            ),
            "c08",
            "a stored error, ValueError",
        ),
        (outputs("print(0.5)", text_output("Warning: x\n", "stderr")), "c08", "Warning: x"),
        (
            outputs("print(0.5)", display(text_html="<script src='https://cdn.x/y.js'></script>")),
            "c08",
            "needs the network",
        ),
        (outputs("print(0.5)", text_output("<object at 0x7f00aa11bb22>")), "c08", "memory address"),
    ],
    "widgets": [
        (outputs("print(0.5)", WIDGET), "c08", "dead, the state lacks it"),
        (old_javascript, "c08", "holds old JavaScript"),
    ],
}


def test_good_notebook_keeps_every_rule(tmp_path: Path):
    path = samples.write_course(tmp_path, samples.good_notebook())
    assert list(map(str, rules.problems(path, tmp_path))) == []


def test_every_rule_is_shown_to_fail():
    assert set(BROKEN) == set(rules.RULES)


@pytest.mark.parametrize(
    ("name", "change", "cell", "said"),
    [
        pytest.param(name, *case, id=f"{name}-{i}")
        for name, cases in BROKEN.items()
        for i, case in enumerate(cases)
    ],
)
def test_rule_fails(tmp_path: Path, name: str, change: Change, cell: str | None, said: str):
    notebook = samples.good_notebook()
    change(notebook)
    path = samples.write_course(tmp_path, samples.good_notebook())
    path.write_text(json.dumps(notebook), encoding="utf-8")  # nbformat would put some of it right
    found = [str(p) for p in rules.problems(path, tmp_path, only=name)]
    place = "02_perceptron.ipynb" + (f", cell \\d+ \\(id {cell or '.*'}\\)" if cell is not None else "")
    assert any(re.search(f"{place}: ", line) and said in line for line in found), found


# The same on copies of the real ones: where a rule is met in many ways, a small sample may be kind.


def real_copy(path: Path, change: Change, root: Path) -> list[str]:
    notebook = json.loads(path.read_text(encoding="utf-8"), object_hook=lambda d: nbformat.NotebookNode(d))
    for cell in notebook.cells:
        cell.source = "".join(cell.source)
    change(notebook)
    (root / "notebooks" / path.parent.name).mkdir(parents=True)
    for other in path.parent.glob("*.ipynb"):
        (root / "notebooks" / path.parent.name / other.name).write_bytes(other.read_bytes())
    (root / "book").symlink_to(rules.ROOT / "book", target_is_directory=True)
    copied = root / "notebooks" / path.parent.name / path.name
    copied.write_text(json.dumps(notebook), encoding="utf-8")
    return [str(p) for p in rules.problems(copied, root)]


def first_figure(nb: Notebook) -> Notebook:
    return next(c for c in nb.cells if any("image/png" in o.get("data", {}) for o in c.get("outputs", [])))


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need rights on Windows")
@pytest.mark.parametrize("path", REAL, ids=lambda p: p.stem)
def test_real_notebook_with_a_dead_link(tmp_path: Path, path: Path):
    def change(nb: Notebook) -> None:
        nb.cells[-1].source += "\n\n[gone](09_gone.ipynb)"

    found = real_copy(path, change, tmp_path)
    index, name = len(nbformat.read(path, 4).cells) - 1, re.escape(path.name)
    assert any(re.search(rf"{name}, cell {index} \(id .*\): dead link to 09_gone.ipynb", p) for p in found), (
        found
    )


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need rights on Windows")
@pytest.mark.parametrize("path", REAL, ids=lambda p: p.stem)
def test_real_notebook_with_a_figure_without_alt_text(tmp_path: Path, path: Path):
    found = real_copy(path, lambda nb: first_figure(nb).metadata.pop("mystnb"), tmp_path)
    cell = first_figure(nbformat.read(path, 4)).id
    assert any(f"(id {cell}): the figure has no alternative text" in p for p in found), found


# ---------------------------------------------------------------------------- comparison of outputs

PROJECT = """
[tool.pytest.ini_options]
testpaths = ["notebooks"]
addopts = ["--nbval-current-env", "--nbval-cell-timeout=300", "-p", "tests.notebooks.nbval_strict"]
"""


def run_pytest(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run pytest with the course's plugin on a folder of notebooks, as a person would."""
    (folder / "pyproject.toml").write_text(PROJECT)
    paths = os.pathsep.join([str(rules.ROOT), os.environ.get("PYTHONPATH", "")])
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "COV_"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-ra", *arguments],
        cwd=folder,
        env={**kept, "PYTHONPATH": paths, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def write(folder: Path, notebook: Notebook, name: str) -> Path:
    path = folder / "notebooks" / f"{name}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)
    return path


DRAW = """import matplotlib.pyplot as plt
plt.figure(figsize=(2, 2))
plt.plot([1, 2])
plt.show()"""


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Notebook:
    """A small notebook, executed: a number, a figure, a claim, an exercise's solution."""
    notebook = only_code(
        "from mini_dl.course import claim\nprint(3.14159)",
        DRAW,
        'claim("Two and two make four", 2 + 2 == 4)',
        "solution = lambda x: x + 1\nassert solution(1) == 2, 'the solution must pass its check'",
        run_seconds=60,
    )
    path = write(tmp_path_factory.mktemp("good"), notebook, "02_small")
    return run_notebooks.execute(path)


def test_good_notebook_passes_and_its_time_is_recorded(tmp_path: Path, executed: Notebook):
    write(tmp_path, executed, "02_small")
    done = run_pytest(tmp_path)
    assert done.returncode == 0, done.stdout
    assert re.search(r"02_small: \d+\.\d s of 60 s; 4 cells compared", done.stdout)
    times = json.loads((tmp_path / nbval_strict.TIMES).read_text())
    assert 0 < times["notebooks/02_small.ipynb"]["seconds"] < 120
    assert times["notebooks/02_small.ipynb"]["bar"] == 60


def test_a_record_is_written_whole_or_not_at_all(tmp_path: Path, executed: Notebook):
    path = write(tmp_path, executed, "02_small")
    broken = copy.deepcopy(executed)
    broken.cells[0].outputs[0].update(text="3.14158\n")
    write(tmp_path, broken, "03_broken")
    record = tmp_path / "book" / "verified.json"
    arguments = ["-n0", "--record-verified"]
    for deselected in ([], ["-k", "02_small"]):
        done = run_pytest(tmp_path, *arguments, *deselected)
        assert done.returncode == 1, done.stdout
        assert "verified.json not written: 03_broken did not run whole" in done.stdout
        assert not record.exists()
    write(tmp_path, executed, "03_broken")
    done = run_pytest(tmp_path, *arguments)
    assert done.returncode == 0, done.stdout
    assert "verified.json written: 2 notebooks verified" in done.stdout
    written = json.loads(record.read_text())
    assert set(written["notebooks"]) == {"notebooks/02_small.ipynb", "notebooks/03_broken.ipynb"}
    assert all(0 < run["seconds"] < 120 for run in written["notebooks"].values())
    assert written["python"] == platform.python_version()
    assert written["cores"] >= 1
    verified = nbval_strict._of_the_book()
    assert verified.read(tmp_path)["numpy"] == importlib.metadata.version("numpy")
    assert written["notebooks"]["notebooks/02_small.ipynb"]["sha256"] == verified.source_hash(path)
    assert [p.name for p in record.parent.iterdir()] == ["verified.json"]


def test_a_record_is_refused_when_notebooks_run_side_by_side(tmp_path: Path):
    done = run_pytest(tmp_path, "-n2", "--record-verified")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "add -n0" in done.stderr


def forge(cell: Notebook) -> None:
    """Put a white image of the same size in the place of the cell's figure."""
    for output in cell.outputs:
        if "image/png" in output.get("data", {}):
            pixels = nbval_strict._pixels(output.data["image/png"])
            output.data["image/png"] = png(255, pixels.shape[1], pixels.shape[0])


def test_each_broken_cell_is_named(tmp_path: Path, executed: Notebook):
    """Four small notebooks, one fault each, in one run of pytest."""

    def broken(name: str, change: Change) -> None:
        notebook = copy.deepcopy(executed)
        change(notebook)
        write(tmp_path, notebook, name)

    broken("10_digit", lambda nb: nb.cells[0].outputs[0].update(text="3.14158\n"))
    broken("11_forged", lambda nb: forge(nb.cells[1]))
    broken("12_never_run", lambda nb: nb.cells[2].update(execution_count=None, outputs=[]))
    broken("13_claim", lambda nb: nb.cells[2].update(source='claim("Two and two make five", 2 + 2 == 5)'))
    broken("14_solution", lambda nb: nb.cells[3].update(source=nb.cells[3].source.replace("x + 1", "x - 1")))
    broken("15_missing_figure", lambda nb: nb.cells[1].update(source="print(1)"))
    done = run_pytest(tmp_path)
    assert done.returncode == 1, done.stdout
    failed = set(re.findall(r"^FAILED notebooks/(\S+)\.ipynb::cell (\d)", done.stdout, re.MULTILINE))
    faults = {("10_digit", "0"), ("11_forged", "1"), ("12_never_run", "2"), ("13_claim", "2")}
    assert failed == faults | {("14_solution", "3"), ("15_missing_figure", "1")}
    for said in (
        "10_digit.ipynb, cell 0 (id c0): Cell outputs differ",
        "figure 0: differs from the stored one by",
        "12_never_run.ipynb, cell 2 (id c2) was never run: run the notebook with tools/run_notebooks.py",
        "this claim does not hold:",
        "Two and two make five",
        "the solution must pass its check",
        "15_missing_figure.ipynb, cell 1",
    ):
        assert said in done.stdout, said


def test_pixels_may_differ_a_little():
    assert nbval_strict.figure_difference(png(200), png(201)) is None
    assert "by 3.0 grey levels" in nbval_strict.figure_difference(png(200), png(203))
    assert "8×8 pixels are stored, 9×8 came out" in nbval_strict.figure_difference(png(), png(200, 9, 8))
    assert "cannot be read" in nbval_strict.figure_difference("AAAA", png())
    assert "cannot be read" in nbval_strict.figure_difference("not base64!", png())


@pytest.mark.parametrize(("arguments", "factor"), [((), 2), (("-n1",), 3)], ids=["alone", "beside others"])
def test_time_above_twice_the_bar_is_an_error(tmp_path: Path, arguments: tuple[str, ...], factor: int):
    notebook = only_code("import time\ntime.sleep(1.1)", run_seconds=0.2)
    notebook.cells[0].execution_count = 1
    write(tmp_path, notebook, "02_slow")
    done = run_pytest(tmp_path, *arguments)
    assert done.returncode == 1
    said = rf"02_slow\.ipynb ran \d+ s, over {factor} times the 0\.2 s it states"
    assert re.search(said, done.stdout), done.stdout
    assert "ABOVE its 0.2 s" in done.stdout
    if not arguments:
        assert run_pytest(tmp_path, "--no-time-bar").returncode == 0


def test_waiting_for_a_core_is_known_of_a_process_that_runs():
    def kernel(process: int) -> SimpleNamespace:
        return SimpleNamespace(km=SimpleNamespace(provisioner=SimpleNamespace(pid=process)))

    first = nbval_strict.waited_for_a_core(kernel(os.getpid()))
    second = nbval_strict.waited_for_a_core(kernel(os.getpid()))
    assert 0 <= first <= second
    assert (second > 0) == Path("/proc/self/schedstat").exists()
    assert nbval_strict.waited_for_a_core(kernel(-1)) == 0
    assert nbval_strict.waited_for_a_core(SimpleNamespace()) == 0, "nbval has ended it"


def test_kernels_of_two_processes_never_meet_at_a_port():
    ports = nbval_strict.LocalPortCache.instance()
    assert isinstance(ports, nbval_strict.OwnPorts)
    with socket.socket() as taken:
        first = ports.find_available_port("127.0.0.1")
        following = first + 1 if (first + 1) % 100 else first - 99
        with contextlib.suppress(OSError):  # taken by somebody else: as good
            taken.bind(("127.0.0.1", following))
        second = ports.find_available_port("127.0.0.1")
    for port in (first, second):
        ports.return_port(port)
    assert second not in (first, following)
    assert first // 100 == second // 100 < 300


def test_missing_data_skips_the_comparison_and_says_so(tmp_path: Path):
    """Data that is not there: the notebook runs, the skip is counted; --forbid-skips fails."""
    notebook = only_code("print('on stand-in data')", data=["mnist"])
    notebook.cells[0].update(execution_count=1, outputs=[text_output("on real data\n")])
    write(tmp_path, notebook, "02_data")
    (tmp_path / "empty").mkdir()
    done = run_pytest(tmp_path, MINI_DL_DATA=str(tmp_path / "empty"))
    assert done.returncode == 0, done.stdout
    assert "SKIPPED" in done.stdout
    assert "02_data.ipynb: outputs not compared, no data here for mnist" in done.stdout
    assert "1 skipped" in done.stdout
    forbidden = run_pytest(tmp_path, "--forbid-skips", MINI_DL_DATA=str(tmp_path / "empty"))
    assert forbidden.returncode == 1
    assert "skips are failures here" in forbidden.stdout


def test_forbid_skips_exempts_nothing(tmp_path: Path):
    tests = {
        "test_mark": "import pytest\n@pytest.mark.skip(reason='because')\ndef test(): pass\n",
        "test_call": "import pytest\ndef test(): pytest.skip('called')\n",
        "test_xfail": "import pytest\n@pytest.mark.xfail(reason='known')\ndef test(): assert 0\n",
        "test_module": "import pytest\npytest.importorskip('no_such_module_here')\ndef test(): pass\n",
        "test_doctest": "def f():\n    '''\n    >>> 1 + 1  # doctest: +SKIP\n    3\n    '''\n",
    }
    for name, content in tests.items():
        (tmp_path / f"{name}.py").write_text(content)
    run = ("--doctest-modules", ".")
    assert "5 skipped, 1 xfailed" in run_pytest(tmp_path, *run).stdout
    done = run_pytest(tmp_path, "--forbid-skips", *run)
    assert done.returncode != 0
    for name in tests:
        assert re.search(rf"^(FAILED|ERROR) {name}", done.stdout, re.MULTILINE), done.stdout
    assert " skipped" not in done.stdout.splitlines()[-1]
    assert " xfailed" not in done.stdout.splitlines()[-1]


# A real notebook with faults in four cells, run once.


def claimed(cell: Notebook) -> tuple[Notebook, str] | None:
    """Return a cell that claims something, with the source of the condition it claims."""
    if cell.cell_type != "code" or "claim(" not in cell.source or "%" in cell.source:
        return None
    for call in ast.walk(ast.parse(cell.source)):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "claim":
            return cell, ast.get_source_segment(cell.source, call.args[1])
    return None


def test_real_notebook_with_faults(tmp_path: Path):
    notebook, expected = nbformat.read(REAL[0], 4), {}

    def is_compared(cell: Notebook) -> bool:
        return "nbval-ignore-output" not in cell.metadata.get("tags", [])

    streams = [
        c
        for c in notebook.cells
        if c.cell_type == "code"
        and is_compared(c)
        and any(re.search(r"\d", o.get("text", "")) for o in c.outputs)
    ]
    digit = streams[0]
    for output in digit.outputs:
        text = output.get("text", "")
        output.text = re.sub(r"\d", lambda m: str((int(m.group()) + 1) % 10), text, count=1)
    expected[digit.id] = "Cell outputs differ"
    figure = first_figure(notebook)
    forge(figure)
    expected[figure.id] = "differs from the stored one"
    solution = tagged(notebook, "solution")
    head, _, last = solution.source.rpartition("\n")
    name = last.split("(")[1].split(")")[0]
    solution.source = f"{head}\n{name} = lambda *args, **kwargs: 12345\n{last}"
    expected[solution.id] = ""
    claim, condition = [found for c in notebook.cells if (found := claimed(c))][-1]
    claim.source = claim.source.replace(condition, "False")
    expected[claim.id] = "this claim does not hold"
    write(tmp_path, notebook, REAL[0].stem)
    done = run_pytest(tmp_path)
    failed = set(
        re.findall(rf"^FAILED notebooks/{REAL[0].name}::cell \d+ \((.*)\)", done.stdout, re.MULTILINE)
    )
    assert failed == set(expected), done.stdout[-3000:]
    for said in expected.values():
        assert said in done.stdout

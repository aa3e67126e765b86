"""The folder grader: right answers pass, and no notebook, however it is made, grades itself."""

from __future__ import annotations

import csv
import io
import json
import time
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from mini_dl.course.checks import check
from mini_dl.course.checks.compare import Opaque
from mini_dl.course.grading import folder, remote, submission, wire
from tests.browser import launched
from tools.run_notebooks import all_notebooks

ROOT = Path(__file__).resolve().parents[2]
MASTER = ROOT / "notebooks" / "1_one_neuron" / "02_perceptron.ipynb"
NUMPY = "import numpy as np"
RIGHT = """def margin(w, X, y):
    return np.min(y * (X @ w)) / np.linalg.norm(w)"""
ONE_LINE = "lambda w, X, y: np.min(y * (X @ w)) / np.linalg.norm(w)"
WRONG = """def margin(w, X, y):
    return 42.0"""
QUICK = remote.Limits(load=60.0, times=2.5, megabytes=150)
PATIENT = remote.Limits(load=600.0, times=30.0, megabytes=150)  # where no time is meant to run out


def write(path: Path, *sources: str, metadata: bool = True) -> Path:
    """Write a notebook as Jupyter, or with next to nothing but its sources."""
    cells: list[dict[str, Any]] = [{"cell_type": "code", "source": s} for s in sources]
    if metadata:
        cells = [nbformat.v4.new_code_cell(s) for s in sources]
        path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=cells)), encoding="utf-8")
    else:
        path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    return path


def report(
    tmp_path: Path,
    *sources: str,
    name: str = "margin",
    metadata: bool = True,
    limits: remote.Limits = QUICK,
) -> Any:
    path = write(tmp_path / "hand in é.ipynb", *sources, metadata=metadata)
    return remote.grade_one(submission.read(path), getattr(check, name).exercise, seed=3, limits=limits)


# ------------------------------------------------------------------------------ notebooks of good will


def answered(master: Path) -> nbformat.NotebookNode:
    """A notebook whose reader found the printed solutions."""
    nb = nbformat.read(master, as_version=4)
    for task in folder.tasks_of(master):
        for cell in nb.cells:
            if "solution" in cell.metadata.get("tags", []):
                cell.source = cell.source.replace(f"{task.id}_solution", task.id)
    return nb


@pytest.mark.slow_file
@pytest.mark.parametrize("master", all_notebooks(), ids=lambda p: p.name[:2])
def test_the_solutions_of_every_notebook_get_all_points(master: Path, tmp_path: Path):
    path = tmp_path / "all.ipynb"
    nbformat.write(answered(master), path)
    tasks = folder.tasks_of(master)
    (one,) = folder.grade(
        {"ann": path}, tasks, seed=11, limits=remote.Limits(600.0, 30.0), say=lambda line: None
    )
    assert tasks
    for task in tasks:
        if task.exercise is not None:
            assert one.points(task) == task.points, str(one.reports[task.id])


def test_the_notebook_as_it_is_has_not_been_attempted():
    one = submission.read(MASTER)
    assert remote.grade_one(one, check.margin.exercise, seed=1).state == "not attempted"


@pytest.mark.parametrize(
    "sources",
    [
        (NUMPY, RIGHT),
        ("from numpy import *", "import numpy as np; margin = " + ONE_LINE),
        (NUMPY, "helper = lambda w, X, y: y * (X @ w)", RIGHT.replace("y * (X @ w)", "helper(w, X, y)")),
        (NUMPY, WRONG, RIGHT, "margin(np.ones(2), np.ones((1, 2)), np.ones(1))"),
        (NUMPY, RIGHT, "while True:\n    pass"),
        (NUMPY, "import os\nos._exit(0)", RIGHT, "exit()", "raise SystemExit"),
        (NUMPY, "def broken(:\n", RIGHT, "print('unfinished"),
        (NUMPY, "%matplotlib inline\n!ls\n" + RIGHT, "%%bash\nsleep 100"),
        (NUMPY, RIGHT, "w = np.load('not there.npy')"),
        ("import module_that_is_not_here\n" + NUMPY, RIGHT),
        (NUMPY, RIGHT, "def logged(f):\n    return lambda *args: f(*args)", "margin = logged(margin)"),
        (NUMPY, RIGHT + "\n\ndef other():\n    return X, undefined"),
    ],
    ids=lambda sources: sources[1][:30],
)
@pytest.mark.parametrize("metadata", [True, False], ids=["", "stripped"])
def test_a_right_answer_counts_whatever_surrounds_it(
    tmp_path: Path, sources: tuple[str, ...], metadata: bool
):
    found = report(tmp_path, *sources, metadata=metadata, limits=PATIENT)
    assert found.passed, str(found)


def test_the_last_definition_counts(tmp_path: Path):
    assert report(tmp_path, NUMPY, WRONG, RIGHT).passed
    assert report(tmp_path, NUMPY, RIGHT, WRONG).score == 0


# ------------------------------------------------------------------------------ wrong, endless, hostile

PATCHES = [
    "check.margin = lambda f: 'passed'\nimport mini_dl.course.checks.judge as j\nj.compare = lambda *a: None",
    "import mini_dl.course.checks.compare as c\nc.compare = c._compare_numbers = lambda *a, **k: None",
    "import numpy\nnumpy.allclose = numpy.array_equal = lambda *a, **k: True",
    "import mini_dl.course.grading.wire as w\nw.encode = lambda *a, **k: ['=', True]",
]


@pytest.mark.parametrize("patch", PATCHES, ids=range(len(PATCHES)))
def test_patching_the_checks_gives_nothing(tmp_path: Path, patch: str):
    lines = "\n".join(f"    {line}" for line in patch.splitlines())
    inside = f"def margin(w, X, y):\n    from mini_dl.course import check\n{lines}\n    return 42.0"
    for sources in (
        ["from mini_dl.course import check", patch, WRONG],
        [inside],
        [f"class check: pass\n{patch}\nmargin = lambda w, X, y: 42.0"],
    ):
        found = report(tmp_path, *sources)
        assert found.score == 0, str(found)
        assert not found.passed


def test_the_printed_solutions_are_out_of_reach(tmp_path: Path):
    asks = "def margin(w, X, y):\n    from mini_dl.course import check\n"
    found = report(tmp_path, asks + "    return check.margin.exercise.reference(w, X, y)")
    assert found.state == "error"
    assert found.score == 0


BAD = {
    "while True:\n        pass": ("timeout", "stopped"),
    "while True:\n        try:\n            pass\n        except BaseException:\n            pass": (
        "timeout",
        "",
    ),
    "import os\n    os.kill(os.getpid(), 9)": ("error", "process has ended"),
    "import os\n    os._exit(0)": ("error", "ends the program"),
    "import sys\n    sys.exit()": ("error", "ends the program"),
    "return margin(w, X, y)": ("error", "calls itself without end"),
    "while True:\n        print('again')": ("error", "printing"),
    "return bytearray(10**12)": ("error", "MemoryError"),
    "kept = []\n    while True:\n        kept.append(bytearray(10**8))": ("error", "MemoryError"),
    "print(min(y * (X @ w)))": ("failed", "return"),
    "w *= 2\n    return np.min(y * (X @ w)) / np.linalg.norm(w)": ("failed", "in place"),
    "return input()": ("error", "input()"),
    "return lambda: 0": ("failed", "function"),
    "raise ValueError('what')": ("error", "ValueError: what"),
    "import os\n    os.write(3, b'x' * 99)\n    os.write(4, b'x' * 99)\n    return 0": ("error", "no answer"),
}


@pytest.mark.parametrize("body", BAD, ids=lambda body: body[-30:])
def test_an_answer_that_misbehaves_ends_in_a_sentence(tmp_path: Path, body: str):
    state, says = BAD[body]
    begin = time.monotonic()
    limits = QUICK if state == "timeout" else PATIENT
    found = report(tmp_path, NUMPY, f"def margin(w, X, y):\n    {body}", limits=limits)
    assert found.state in (state, "failed" if "os.write" in body else state), str(found)
    assert says in str(found) or "os.write" in body, str(found)
    assert found.score == 0
    assert time.monotonic() - begin < 120


def test_an_endless_cell_that_is_needed_is_ended(tmp_path: Path):
    path = write(
        tmp_path / "a.ipynb", "while True:\n    helper = 1", "def margin(w, X, y):\n    return helper"
    )
    limits = remote.Limits(load=1.0)
    found = remote.grade_one(submission.read(path), check.margin.exercise, seed=1, limits=limits)
    assert found.state == "timeout"
    assert "took longer than 1 s" in str(found)


def test_a_cell_that_fails_is_named_where_it_matters(tmp_path: Path):
    found = report(tmp_path, "margin = 1 / 0")
    assert "Cell 1: ZeroDivisionError: division by zero" in str(found)
    assert "not a function" in str(report(tmp_path, "margin = 3"))
    found = report(tmp_path, NUMPY, "norm = 1 / 0", "def margin(w, X, y):\n    return norm")
    assert "NameError" in str(found)
    assert "ZeroDivisionError" in str(found), "where the name should have come from"


def test_a_submission_leaves_no_process_and_no_file(tmp_path: Path):
    started, over, alive = (tmp_path / name for name in ("started", "over", "alive"))
    child = f"""import os, time
open({str(started)!r}, "w").close()
while not os.path.exists({str(over)!r}):
    time.sleep(0.05)
open({str(alive)!r}, "w").close()
"""
    body = f"""def margin(w, X, y):
    import os, subprocess, sys, time
    if not os.path.exists({str(started)!r}):
        subprocess.Popen([sys.executable, "-c", {child!r}])
    while not os.path.exists({str(started)!r}):
        time.sleep(0.05)
    open("left behind", "w").close()
    return 0"""
    assert report(tmp_path, body, limits=PATIENT).state == "failed"
    assert started.exists()
    over.touch()
    time.sleep(1)
    assert not alive.exists(), "what it started was ended with it"
    assert not (ROOT / "left behind").exists()


# ---------------------------------------------------------------------------------- the wire, the files


@pytest.mark.parametrize(
    "value",
    [
        None, True, -3, 10**40, float("inf"), 1 + 2j, "text é", [1, (2.5, None)], {"a": [np.float32(1.5)]},
        np.zeros((0, 3)), np.array([[1, 2]], dtype=np.int8), np.array(["a", "bc"]), Opaque("a function"),
    ],
    ids=repr,
)  # fmt: skip
def test_plain_data_come_back_as_they_were(value: Any):
    back = wire.decode(json.loads(json.dumps(wire.encode(value))))
    assert type(back) is type(value)
    assert repr(back) == repr(value)
    assert getattr(back, "dtype", None) == getattr(value, "dtype", None)


def test_what_is_not_plain_is_refused_or_named():
    with pytest.raises(wire.NotPlainError):
        wire.encode([len])
    assert "function" in wire.decode(wire.encode(lambda: 0, opaque=True)).kind
    with pytest.raises(wire.NotPlainError):
        wire.encode(np.array([None], dtype=object))


@pytest.mark.parametrize(
    "message",
    [None, [], ["?"], ["a", "|O", [1], "AAAA"], ["a", "<f8", [10**9], ""], ["i", "x"], 3, ["=", {}]],
)
def test_a_damaged_message_is_refused(message: Any):
    with pytest.raises(wire.DamagedError):
        wire.decode(message)


def test_a_message_that_claims_to_be_huge_is_refused():
    with pytest.raises(wire.DamagedError):
        wire.receive(io.BytesIO(b"\xff" * 20))
    assert wire.receive(io.BytesIO(b"\x00\x00")) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", "not json", '{"cells": 3}', "[" * 100_000])
def test_a_file_that_is_no_notebook_is_said(tmp_path: Path, text: str):
    path = tmp_path / "a.ipynb"
    path.write_text(text)
    with pytest.raises(submission.UnreadableError):
        submission.read(path)


def test_ids_come_from_files_folders_or_a_pattern(tmp_path: Path):
    for place in ("ann.ipynb", "bob lee/05.ipynb", ".ipynb_checkpoints/x.ipynb", "__MACOSX/y.ipynb"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        write(tmp_path / place, "1")
    assert list(folder.find_submissions(tmp_path)) == ["ann", "bob lee"]
    assert list(folder.find_submissions(tmp_path, r"(?P<id>\w+)\.ipynb")) == ["ann", "05"]
    with pytest.raises(folder.GradingError, match="finds no id"):
        folder.find_submissions(tmp_path, r"(\d{5})")
    write(tmp_path / "bob lee" / "06.ipynb", "1")
    with pytest.raises(folder.GradingError, match="two notebooks of bob lee"):
        folder.find_submissions(tmp_path)
    with pytest.raises(folder.GradingError, match="is no folder"):
        folder.find_submissions(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(folder.GradingError, match="no notebook"):
        folder.find_submissions(tmp_path / "empty")


def test_the_notebook_is_guessed_from_the_functions(tmp_path: Path):
    path = write(tmp_path / "a.ipynb", RIGHT)
    assert folder.guess_notebook([path], all_notebooks()) == MASTER
    with pytest.raises(folder.GradingError, match="N=05"):
        folder.guess_notebook([write(tmp_path / "b.ipynb", "x = 1")], all_notebooks())


@pytest.fixture(scope="module")
def class_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four submissions, graded by the command."""
    place = tmp_path_factory.mktemp("a class é")
    (place / "in").mkdir()
    nbformat.write(answered(MASTER), place / "in" / "right.ipynb")
    stripped = {"cells": [{"cell_type": c.cell_type, "source": c.source} for c in answered(MASTER).cells]}
    (place / "in" / "=stripped.ipynb").write_text(json.dumps(stripped))
    write(place / "in" / "wrong.ipynb", NUMPY, WRONG, "this is <b>no</b> Python")
    (place / "in" / "torn.ipynb").write_text('{"cells": [')
    from tools import grade

    assert grade.main([str(place / "in"), "--to", str(place / "out")]) == 0
    return place / "out"


def test_the_table_is_what_a_gradebook_reads(class_folder: Path):
    with (class_folder / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["Student ID"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"right", "'=stripped", "wrong", "torn"}, "no cell is a formula"
    possible = sum(t.points for t in folder.tasks_of(MASTER) if t.exercise is not None)
    for name in ("right", "'=stripped"):
        assert float(rows[name]["Total"]) == float(rows[name]["Maximum"]) == possible
        assert rows[name]["Percent"] == "100"
    assert rows["wrong"]["Total"] == rows["torn"]["Total"] == "0"
    assert rows["right"]["margin (2)"] == "2"
    assert rows["right"]["To mark by hand"] == "pocket_perceptron"


def test_every_student_has_a_page_of_feedback(class_folder: Path):
    pages = {p.stem: p.read_text(encoding="utf-8") for p in (class_folder / "feedback").iterdir()}
    assert set(pages) == {"right", "stripped", "wrong", "torn"}
    for text in pages.values():
        assert '<html lang="en">' in text
        assert "http" not in text, "nothing from outside"
    assert "Whatever it is given" in pages["wrong"] or "whatever it is given" in pages["wrong"]
    assert "Cell 3, line 1: Python cannot read it" in pages["wrong"]
    assert "Nothing could be graded" in pages["torn"]


def test_the_pages_are_accessible(class_folder: Path):
    from axe_playwright_python.sync_playwright import Axe

    with launched() as browser:
        page = browser.new_page()
        for path in (class_folder / "feedback").iterdir():
            page.goto(path.as_uri())
            found = Axe().run(page).response["violations"]
            assert [v["id"] for v in found] == [], path.name


@pytest.mark.parametrize("broken", ["nowhere", "starts and ends"])
def test_a_machine_that_cannot_grade_gives_no_zero(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], broken: str
):
    from tools import grade

    (tmp_path / "in").mkdir()
    write(tmp_path / "in" / "ann.ipynb", NUMPY, RIGHT)
    if broken == "nowhere":
        monkeypatch.setattr(remote.sys, "executable", str(tmp_path / "no python"))
    else:
        monkeypatch.setattr(remote, "_START", "raise SystemExit(3)  # {!r}")
    assert grade.main([str(tmp_path / "in"), "02"]) == 1
    assert "nothing can be graded" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["in"]


def test_what_cannot_be_graded_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    from tools import grade

    (tmp_path / "in").mkdir()
    assert grade.main([str(tmp_path / "in"), "02"]) == 1
    assert "there is no notebook" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["in"]

"""tools/assignment.py, driven end to end by nbgrader: generate, validate, autograde, feedback, export."""

from __future__ import annotations

import copy
import csv
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mini_dl.course.grading import folder as grading
from tools import assignment, handout
from tools.run_notebooks import all_notebooks, find

pytest.importorskip("nbgrader")
pytestmark = pytest.mark.slow_file

MASTER = find("02")
NAME = MASTER.stem


def settings(cell: nbformat.NotebookNode) -> dict[str, Any]:
    return dict(cell.metadata.get("nbgrader", {}))


@pytest.mark.parametrize("path", all_notebooks(), ids=lambda p: p.name[:2])
def test_every_notebook_becomes_an_assignment(path: Path):
    nb = assignment.source_version(nbformat.read(path, as_version=4))
    cells = {settings(c).get("grade_id"): c for c in nb.cells if settings(c)}
    tasks = grading.tasks_of(path)
    assert tasks
    for task in tasks:
        assert settings(cells[f"task-{task.id}"])["locked"]
        if task.exercise is None:
            continue
        answer, graded = cells[task.id], cells[f"check-{task.id}"]
        assert settings(answer) == {
            "grade": False, "locked": False, "solution": True, "task": False,
            "schema_version": assignment.SCHEMA, "grade_id": task.id,
        }  # fmt: skip
        compile(answer.source, "answer", "exec")
        assert answer.source.count("### BEGIN SOLUTION") == answer.source.count("### END SOLUTION") == 1
        assert settings(graded)["grade"]
        assert settings(graded)["points"] == task.points
        assert graded.source.splitlines()[-1] == f"round({task.points:g} * report.score, 2)"
    assert not [c for c in nb.cells if "solution" in handout.tags(c)]


def submissions(release: nbformat.NotebookNode, source: nbformat.NotebookNode) -> dict[str, Any]:
    """Five students: right, wrong, never ending, a patched checker, and right with all metadata stripped."""

    def answering(change: Any) -> nbformat.NotebookNode:
        nb = copy.deepcopy(release)
        for cell in nb.cells:
            if settings(cell).get("solution"):
                cell.source = change(cell)
        return nb

    solved = {settings(c)["grade_id"]: c.source for c in source.cells if settings(c).get("solution")}
    stub = "raise NotImplementedError"
    right = answering(lambda c: solved[settings(c)["grade_id"]])
    wrong = answering(lambda c: c.source.replace(stub, "return 42.0"))
    endless = answering(lambda c: c.source.replace(stub, "while True:\n        pass"))
    patched = copy.deepcopy(wrong)
    patch = """import mini_dl.course.checks as checks
from mini_dl.course.checks.report import Report
full = lambda self, name: lambda f: Report(name, "passed", "", 1.0)
checks.Check.__getattr__ = full
import mini_dl.course.checks.judge as judge
judge.compare = lambda *a: None"""
    patched.cells.insert(3, nbformat.v4.new_code_cell(patch))
    stripped = copy.deepcopy(right)
    stripped.metadata = {}
    for cell in stripped.cells:
        cell.metadata = {}
    return {"right": right, "wrong": wrong, "endless": endless, "patched": patched, "stripped": stripped}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course folder after the whole way; the test calls nbgrader's own commands."""
    folder = tmp_path_factory.mktemp("a course é")
    release_path = assignment.make(MASTER, folder)
    release = nbformat.read(release_path, as_version=4)
    source = nbformat.read(folder / "source" / NAME / MASTER.name, as_version=4)
    for student, nb in submissions(release, source).items():
        place = folder / "submitted" / student / NAME
        place.mkdir(parents=True)
        nbformat.write(nb, place / MASTER.name)
    assignment.nbgrader(folder, "autograde", NAME)
    assignment.nbgrader(folder, "generate_feedback", NAME)
    assignment.nbgrader(folder, "export", "--to", "grades.csv")
    return folder


def test_the_release_holds_no_solution(course: Path):
    release = nbformat.read(course / "release" / NAME / MASTER.name, as_version=4)
    answers = [c for c in release.cells if settings(c).get("solution")]
    assert len(answers) == sum(t.exercise is not None for t in grading.tasks_of(MASTER))
    assert all("raise NotImplementedError" in c.source and "SOLUTION" not in c.source for c in answers)
    master = nbformat.read(MASTER, as_version=4)
    assert handout.leak_test({MASTER.name: master}, {"release": release}) > 0


def small(nb: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Leave out what is not needed to run the exercises, which takes most of the time."""
    kept = copy.deepcopy(nb)
    needed = ("import", "from")
    kept.cells = [c for c in kept.cells if settings(c) or c.source.startswith(needed)]
    return kept


def test_the_source_validates_and_the_release_does_not_yet(course: Path):
    for kind, says in (("source", "Success"), ("release", "VALIDATION FAILED")):
        path = course / f"{kind}-small.ipynb"
        nbformat.write(small(nbformat.read(course / kind / NAME / MASTER.name, as_version=4)), path)
        assert says in assignment.nbgrader(course, "validate", path.name)


def test_every_submission_gets_the_points_that_it_earned(course: Path):
    with (course / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    possible = sum(t.points for t in grading.tasks_of(MASTER) if t.exercise is not None)
    scores = {student: float(row["score"]) for student, row in rows.items()}
    assert scores == {"right": possible, "wrong": 0, "endless": 0, "patched": 0, "stripped": possible}
    assert {float(row["max_score"]) for row in rows.values()} == {possible}


def test_feedback_says_what_is_wrong(course: Path):
    pages = {p.parts[-3]: p.read_text(encoding="utf-8") for p in course.glob("feedback/*/*/*.html")}
    assert set(pages) == {"right", "wrong", "endless", "patched", "stripped"}
    assert "Not yet right" in pages["wrong"]
    assert "Not yet right" in pages["patched"]
    assert "it takes too long" in pages["endless"]
    assert "Not yet right" not in pages["right"]


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "file").write_text("in the way")
    assert assignment.main(["02", "--to", str(tmp_path / "file" / "below")]) == 1
    assert "cannot write into" in capsys.readouterr().err

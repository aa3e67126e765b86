"""tools/assignment.py, driven end to end by nbgrader: generate, validate, autograde, feedback, export."""

from __future__ import annotations

import copy
import csv
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mini_dl.course.grading import folder as grading
from tools import assignment, graded_set, handout
from tools.run_notebooks import all_notebooks, find

graded = graded_set.graded
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


# ---------------------------------------------------------------------------------------- graded sets

SEED = "a seed that nobody guesses"
ANSWER = "The sign stays, so the mistakes stay."


def answering_questions(nb: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Write an answer into the free cell below the question."""
    for cell in nb.cells:
        if cell.source == graded_set.ANSWER:
            cell.source = ANSWER
    return nb


@pytest.fixture(scope="module")
def graded_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course folder with a graded set, autograded; one answer is marked by hand, then all is exported."""
    folder = tmp_path_factory.mktemp("a graded course é")
    release = nbformat.read(assignment.make_graded("02", SEED, folder), as_version=4)
    source = nbformat.read(folder / "source" / "02_graded" / "02_graded.ipynb", as_version=4)
    for student, nb in submissions(release, source).items():
        place = folder / "submitted" / student / "02_graded"
        place.mkdir(parents=True)
        nbformat.write(answering_questions(nb), place / "02_graded.ipynb")
    assignment.nbgrader(folder, "autograde", "02_graded")
    from nbgrader.api import Gradebook

    (question,) = graded.draw_questions("02", SEED)
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        waiting = {
            s.student.id for s in gradebook.assignment_submissions("02_graded") if s.needs_manual_grade
        }
        assert waiting == {"right", "wrong", "endless", "patched", "stripped"}
        cell = (f"question-{question.id}", "02_graded", "02_graded")
        gradebook.find_grade(*cell, "stripped").manual_score = 3.0
        gradebook.db.commit()
    assignment.nbgrader(folder, "generate_feedback", "02_graded")
    assignment.nbgrader(folder, "export", "--to", "grades.csv")
    return folder


@pytest.mark.parametrize("number", graded.numbers())
def test_every_graded_set_becomes_an_assignment(number: str):
    for seed in ("one", "two"):
        problems, questions = graded.draw(number, seed), graded.draw_questions(number, seed)
        nb = assignment.graded_version(number, problems, questions)
        points = {settings(c)["grade_id"]: settings(c).get("points") for c in nb.cells if settings(c)}
        for p in problems:
            assert points[f"check-{p.id}"] == p.points
            solved: dict[str, Any] = {}
            for cell in nb.cells:
                if cell.cell_type == "code":
                    exec(cell.source, solved)
            assert p.exercise(solved[p.id]).passed
        for q in questions:
            assert points[f"question-{q.id}"] == q.points


def test_the_release_of_a_graded_set_holds_what_students_may_see(graded_course: Path):
    release = nbformat.read(graded_course / "release" / "02_graded" / "02_graded.ipynb", as_version=4)
    problems, questions = graded.draw("02", SEED), graded.draw_questions("02", SEED)
    assert graded_set.leak_test(problems, questions, release) > 5
    text = nbformat.writes(release)
    assert SEED not in text
    assert "SOLUTION" not in text
    assert "MARK SCHEME" not in text
    assert graded_set.flow(questions[0].task) in "\n".join(c.source for c in release.cells)


def test_the_source_of_a_graded_set_validates_and_its_release_does_not_yet(graded_course: Path):
    for kind, says in (("source", "Success"), ("release", "VALIDATION FAILED")):
        place = graded_course / kind / "02_graded" / "02_graded.ipynb"
        assert says in assignment.nbgrader(graded_course, "validate", str(place))


def test_graded_functions_get_points_by_hidden_tests_and_answers_by_a_person(graded_course: Path):
    with (graded_course / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    checked = sum(p.points for p in graded.draw("02", SEED))
    scores = {student: float(row["score"]) for student, row in rows.items()}
    assert scores == {"right": checked, "wrong": 0, "endless": 0, "patched": 0, "stripped": checked + 3}
    possible = checked + sum(q.points for q in graded.draw_questions("02", SEED))
    assert {float(row["max_score"]) for row in rows.values()} == {possible}


def test_who_marks_sees_the_rubric_above_the_answer(graded_course: Path):
    (question,) = graded.draw_questions("02", SEED)
    for path in graded_course.glob("autograded/*/02_graded/02_graded.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        names = [settings(c).get("grade_id") for c in cells]
        place = names.index(f"question-{question.id}")
        assert question.rubric_rows()[0][1] in cells[place].source, path
        assert cells[place].source.count("Model answer") == 1
        below = [c.source for c in cells[place + 1 :]]
        assert ANSWER in below, path


def test_answers_to_another_seed_are_not_judged_by_this_one(
    graded_course: Path, capsys: pytest.CaptureFixture[str]
):
    before = (graded_course / "graded_seeds.json").read_bytes()
    assert assignment.main(["2", "--graded", "another", "--to", str(graded_course)]) == 1
    assert "of another seed" in capsys.readouterr().err
    assert (graded_course / "graded_seeds.json").read_bytes() == before
    assert assignment.main(["99", "--graded", "x", "--to", str(graded_course)]) == 1
    assert "there are sets for" in capsys.readouterr().err

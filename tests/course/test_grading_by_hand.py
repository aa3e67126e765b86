"""What a person marks: answers are found in every notebook, and marks are read back as they were meant."""

from __future__ import annotations

import csv
import html
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from mini_dl.course.checks.report import RULE
from mini_dl.course.grading import folder
from mini_dl.course.grading.answers import LONGEST, Question, answer_to
from mini_dl.course.grading.prose import html_of
from mini_dl.course.grading.submission import Submission, read
from tests.browser import launched
from tools import grade, graded_set

SEED = "a seed of nobody"
TEXT = "Since <b>both</b> sides grow, $k\\gamma \\le \\sqrt{k} R$.\n\nSo it stops."
graded = graded_set.graded
QUESTION = graded.draw_questions("02", SEED)[0]
COLUMN = f"{QUESTION.id} ({QUESTION.points})"


def handed_out(folder: Path) -> nbformat.NotebookNode:
    return nbformat.read(graded_set.write("02", SEED, folder), as_version=4)


def asked() -> Question:
    (task,) = [t for t in grade.graded_tasks("2", SEED)[1] if t.question is not None]
    assert task.question is not None
    return task.question


def found(nb: Any, tmp_path: Path) -> str:
    path = tmp_path / "one.ipynb"
    path.write_text(json.dumps(nb), encoding="utf-8")
    return answer_to(asked(), read(path))


def place_of(nb: nbformat.NotebookNode, tag: str) -> int:
    (index,) = [i for i, c in enumerate(nb.cells) if tag in c.metadata.get("tags", [])]
    return index


def test_an_untouched_notebook_has_no_answer(tmp_path: Path):
    assert found(handed_out(tmp_path), tmp_path) == ""


def test_an_answer_is_found_wherever_it_was_typed(tmp_path: Path):
    nb = handed_out(tmp_path)
    answer = place_of(nb, "answer")
    question = nb.cells[answer - 1].source
    placeholder = nb.cells[answer].source
    ways = {
        "in its cell": {answer: TEXT},
        "below the placeholder": {answer: f"{placeholder}\n\n{TEXT}"},
        "at the end of the question": {answer - 1: f"{question}\n\n{TEXT}"},
    }
    for name, changes in ways.items():
        changed = nbformat.from_dict(json.loads(json.dumps(nb)))
        for index, source in changes.items():
            changed.cells[index].source = source
        assert found(changed, tmp_path) == TEXT, name
        stripped = [{"cell_type": c.cell_type, "source": c.source} for c in changed.cells]
        assert found({"cells": stripped}, tmp_path) == TEXT, f"{name}, metadata stripped"
    nb.cells += [nbformat.v4.new_markdown_cell(TEXT), nbformat.v4.new_code_cell("print(1)")]
    assert found(nb, tmp_path) == f"{TEXT}\n\nprint(1)", "in new cells"


def test_without_its_heading_all_added_text_is_shown(tmp_path: Path):
    nb = handed_out(tmp_path)
    answer = place_of(nb, "answer")
    nb.cells[answer].source = TEXT
    del nb.cells[answer - 1]
    nb.cells[3].source = "def other():\n    return 1"
    assert found(nb, tmp_path) == TEXT


def test_an_answer_without_end_is_cut():
    cells = [("markdown", "## Question 1 · A"), ("markdown", "x" * (LONGEST + 5))]
    question = Question("## Question 1 · A", (), ("## Question 1 · A",))
    assert answer_to(question, Submission(Path(), cells)).endswith("[… 5 more characters]")


@pytest.fixture
def class_folder(tmp_path: Path) -> Path:
    """Ann answered in words, =bob handed in what he got; graded once."""
    (tmp_path / "in").mkdir()
    nb = handed_out(tmp_path)
    nbformat.write(nb, tmp_path / "in" / "=bob.ipynb")
    nb.cells[place_of(nb, "answer")].source = TEXT
    nbformat.write(nb, tmp_path / "in" / "ann.ipynb")
    assert command(tmp_path) == 0
    return tmp_path


def command(place: Path, *more: str) -> int:
    return grade.main([str(place / "in"), "2", "--graded", SEED, "--to", str(place / "out"), *more])


def rows(place: Path) -> dict[str, dict[str, str]]:
    with (place / "out" / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {row["Student ID"]: row for row in csv.DictReader(file)}


def enter(place: Path, marks: dict[str, str], to: str = "grades.csv", separator: str = ",") -> Path:
    """Type marks into the table, as a spreadsheet would save it."""
    table = rows(place)
    for student, mark in marks.items():
        table[student][COLUMN] = mark
    path = place / "out" / to
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(table["ann"]), delimiter=separator)
        writer.writeheader()
        writer.writerows(table.values())
    return path


def test_an_answer_is_never_counted_as_nothing(class_folder: Path):
    for row in rows(class_folder).values():
        assert row[COLUMN] == row["Total"] == row["Percent"] == ""
        assert row["Checked"] == "0"
        assert row["To mark by hand"] == QUESTION.id
        every = [*graded.draw("02", SEED), QUESTION]
        assert float(row["Maximum"]) == sum(t.points for t in every)


def test_the_page_has_the_answer_as_text_and_the_rubric(class_folder: Path):
    pages = {p.stem: p.read_text(encoding="utf-8") for p in (class_folder / "out" / "feedback").iterdir()}
    assert html.escape(TEXT) in pages["ann"]
    assert "<b>both" not in pages["ann"]
    assert "No answer was found" in pages["bob"]
    for page in pages.values():
        assert "not marked yet, so there is no sum" in page
        assert all(html_of(wanted) in page for _, wanted, _ in QUESTION.rubric_rows())
        rubric = page.partition("How it is marked")[2]
        assert "R<sup>2</sup>" in rubric
        assert "$" not in rubric
        assert RULE in page


def test_a_formula_that_a_page_cannot_show_is_refused():
    with pytest.raises(ValueError, match="frac: add it to SIGNS"):
        html_of(r"$\frac12$")


def test_the_page_is_accessible(class_folder: Path):
    from axe_playwright_python.sync_playwright import Axe

    with launched() as browser:
        page = browser.new_page()
        page.goto((class_folder / "out" / "feedback" / "ann.html").as_uri())
        assert [v["id"] for v in Axe().run(page).response["violations"]] == []


def test_marks_make_the_sum_and_are_not_lost(class_folder: Path, capsys: pytest.CaptureFixture[str]):
    table = enter(class_folder, {"ann": "2.5"})
    entered = table.read_bytes()
    assert command(class_folder) == 1
    assert f"--marks {table}" in capsys.readouterr().err
    assert table.read_bytes() == entered
    assert command(class_folder, "--marks", str(table)) == 0
    assert rows(class_folder)["ann"]["Total"] == "2.5"
    assert rows(class_folder)["ann"]["To mark by hand"] == ""
    assert rows(class_folder)["'=bob"]["Total"] == "", "who has no mark has no sum"
    assert command(class_folder) == 1, "nor are they lost at the second time"
    page = (class_folder / "out" / "feedback" / "ann.html").read_text(encoding="utf-8")
    assert f"2.5 of {QUESTION.points}" in page
    other = enter(class_folder, {"ann": "2,5", "'=bob": "0"}, to="marks.csv", separator=";")
    assert command(class_folder, "--marks", str(other)) == 0
    assert {row["Total"] for row in rows(class_folder).values()} == {"2.5", "0"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"ann": "good"}, "'good' is no number"),
        ({"ann": "99"}, f"99 is not between 0 and {QUESTION.points}"),
        ({"ann": "-1"}, "-1 is not between 0"),
    ],
)
def test_a_mark_that_cannot_be_is_said(class_folder: Path, change: dict[str, str], says: str, capsys: Any):
    table = enter(class_folder, change)
    before = table.read_bytes()
    assert command(class_folder, "--marks", str(table)) == 1
    assert says in capsys.readouterr().err
    assert table.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no column 'Student ID'"),
        ("Student ID,File\nann,x\n", f"no column '{COLUMN}'"),
        (f"Student ID,{COLUMN}\neve,1\n", "no submission of 'eve'"),
        (f"Student ID,{COLUMN}\nann,1\nann,2\n", "a second line for 'ann'"),
    ],
)
def test_a_table_that_does_not_fit_is_said(tmp_path: Path, text: str, says: str):
    path = tmp_path / "marks.csv"
    path.write_text(text)
    tasks = [folder.Task(QUESTION.id, "", QUESTION.points, None)]
    with pytest.raises(folder.GradingError, match=says.replace("(", r"\(").replace(")", r"\)")):
        folder.marks_of(path, tasks, ["ann"])
    with pytest.raises(folder.GradingError, match="cannot be read"):
        folder.marks_of(tmp_path / "nowhere.csv", tasks, ["ann"])


CANVAS = """Student,ID,SIS Login ID,Section,Homework 22 (12),Homework 2 (77),Final Score
    Points Possible,,,,10,16,(read only)
"Ahn, Ann",4711,ANN,A,7,,70
"Orr, Bob",4712,=bob,A,8,3,80
"Fay, Eve",4713,eve,A,9,5,90
"""


def test_a_platforms_own_table_gets_the_totals(class_folder: Path, capsys: pytest.CaptureFixture[str]):
    table = enter(class_folder, {"ann": "2"})
    export = class_folder / "export.csv"
    export.write_text(CANVAS, encoding="utf-8")
    options = ["--marks", str(table), "--gradebook", str(export)]
    assert command(class_folder, *options, "--column", "Homework 2") == 0
    filled = (class_folder / "out" / "gradebook.csv").read_text(encoding="utf-8")
    assert filled == CANVAS.replace("A,7,,70", "A,7,2,70"), "who is not marked keeps what was there"
    assert command(class_folder, *options) == 0
    with (class_folder / "out" / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        new = {row["ID"] or "most": row["02_graded"] for row in csv.DictReader(file)}
    most = sum(t.points for t in [*graded.draw("02", SEED), QUESTION])
    assert new == {"most": str(most), "4711": "2", "4712": "", "4713": ""}
    export.write_text("Name;Kennung\nAnn;ann\n", encoding="utf-8")
    assert command(class_folder, *options) == 0
    assert "it does not know =bob" in capsys.readouterr().out
    assert (class_folder / "out" / "gradebook.csv").read_text() == "Name;Kennung;02_graded\nAnn;ann;2\n"


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("Student,ID\nAnn Ahn,1\n", "x", "holds the ids of the submissions"),
        ("", "x", "holds the ids of the submissions"),
        ("ID,H (1),H (2)\nann,,\n", "h", "several columns of"),
    ],
)
def test_a_platforms_table_that_does_not_fit_is_said(tmp_path: Path, text: str, column: str, says: str):
    export = tmp_path / "export.csv"
    export.write_text(text)
    one = folder.Graded("ann", tmp_path, {}, [])
    with pytest.raises(folder.GradingError, match=says):
        folder.fill_gradebook(export, column, [one], [], tmp_path)
    assert not (tmp_path / "gradebook.csv").exists()

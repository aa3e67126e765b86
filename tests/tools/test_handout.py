"""tools/handout.py hands out no line of a solution, and loses nothing else."""

from __future__ import annotations

import copy
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_output

from tests.notebooks.samples import good_notebook
from tools import handout
from tools.run_notebooks import all_notebooks

SOLUTION = """# @title Solution
def twice_solution(x: int) -> int:
    \"\"\"Return twice x.\"\"\"
    total_of_both = x + x  # a comment
    return total_of_both


check.twice(twice_solution).require()"""


def with_solution() -> nbformat.NotebookNode:
    nb = good_notebook()
    nb.cells.append(new_code_cell(SOLUTION, metadata={"tags": ["solution", "hide-cell"]}))
    return nb


@pytest.fixture
def course(tmp_path: Path) -> Path:
    part = tmp_path / "notebooks" / "1_part é"
    part.mkdir(parents=True)
    nbformat.write(with_solution(), part / "02_small.ipynb")
    return tmp_path / "notebooks"


def test_the_course_hands_out_no_line_of_any_solution():
    masters = {p.name: nbformat.read(p, as_version=4) for p in all_notebooks()}
    students = {name: handout.student_version(nb) for name, nb in masters.items()}
    lines = handout.leak_test(masters, students)
    exercises = sum("solution" in handout.tags(c) for nb in masters.values() for c in nb.cells)
    assert exercises > 0
    assert lines >= 2 * exercises, "the test looks for too few lines to be believed"
    for name, nb in masters.items():
        own = list(handout.solution_lines(nb, name))
        assert handout.found_in(own, nb) == own, "the same test finds all of them in the master"
        kept = [c for c in nb.cells if "solution" not in handout.tags(c)]
        assert students[name].cells == kept, "every other cell stays, with its outputs"
        assert students[name].metadata == nb.metadata


def test_lines_taught_openly_are_still_there():
    texts = "\n".join(
        c.source
        for p in all_notebooks()
        for c in nbformat.read(p, as_version=4).cells
        if c.cell_type == "code"
    )
    assert [line for line in handout.TAUGHT if line not in texts] == []
    assert all(len(reason) > 15 for reason in handout.TAUGHT.values())


@pytest.mark.parametrize(
    "leak",
    [
        new_code_cell("total_of_both  =  x+x"),
        new_code_cell("1", outputs=[new_output("stream", text="total_of_both = x + x\n")]),
        new_code_cell("1", metadata={"note": "    total_of_both = x + x"}),
        nbformat.v4.new_markdown_cell("```\ntotal_of_both = x + x\n```", metadata={"tags": ["hint"]}),
    ],
)
def test_a_line_anywhere_else_is_a_leak(leak: nbformat.NotebookNode):
    nb = with_solution()
    nb.cells.append(leak)
    with pytest.raises(handout.LeakError, match=r"total_of_both = x \+ x.*stands in a\.ipynb"):
        handout.leak_test({"a.ipynb": nb}, {"a.ipynb": handout.student_version(nb)})


def test_a_hint_may_name_a_piece_in_its_sentence():
    nb = with_solution()
    hint = "Add them: `total_of_both = x + x`, then return it."
    nb.cells.append(nbformat.v4.new_markdown_cell(hint, metadata={"tags": ["hint"]}))
    assert handout.leak_test({"a.ipynb": nb}, {"a.ipynb": handout.student_version(nb)}) >= 2


def test_a_blind_leak_test_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(handout, "found_in", lambda lines, nb: [])
    nb = with_solution()
    with pytest.raises(handout.LeakError, match="blind"):
        handout.leak_test({"a.ipynb": nb}, {})


def test_student_versions_and_keys_are_written(course: Path, tmp_path: Path):
    to = tmp_path / "out"
    handout.hand_out([course / "1_part é" / "02_small.ipynb"], to, course)
    student = nbformat.read(to / "student" / "notebooks" / "1_part é" / "02_small.ipynb", as_version=4)
    key = nbformat.read(to / "solutions" / "1_part é" / "02_small.ipynb", as_version=4)
    assert "total_of_both" not in nbformat.writes(student)
    assert "total_of_both = x + x" in nbformat.writes(key)
    assert (to / "student" / "book" / "bibliography.md").is_file(), "a page that the notebook links to"
    shown = [c for c in key.cells if "solution" in handout.tags(c)]
    assert all("hide-cell" not in handout.tags(c) for c in shown)
    assert not any(c.metadata.get("jupyter", {}).get("source_hidden") for c in shown)
    assert [p for p in to.rglob("*") if p.suffix == ".tmp"] == []


def test_a_leak_writes_nothing(course: Path, tmp_path: Path):
    path = course / "1_part é" / "02_small.ipynb"
    nb = nbformat.read(path, as_version=4)
    nb.cells.append(copy.deepcopy(nb.cells[-1]))
    nb.cells[-1].metadata["tags"] = []
    nb.cells[-1].id = "copy"
    nbformat.write(nb, path)
    with pytest.raises(handout.LeakError):
        handout.hand_out([path], tmp_path / "out", course)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert handout.main(["02", "--to", str(blocked / "below")]) == 1
    assert "cannot write into" in capsys.readouterr().err

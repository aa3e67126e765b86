"""Graded sets: the text, the hidden tests and the solution are of one seed, and no other answer passes."""

from __future__ import annotations

import csv
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from mini_dl.course.checks import check
from mini_dl.course.grading import folder as grading
from mini_dl.course.grading.remote import sends_arguments
from tools import grade, graded_set, handout
from tools.run_notebooks import find

graded = graded_set.graded
SEEDS = [f"class {i}" for i in range(30)]
IDS = [(number, p.id) for number in graded.numbers() for p in graded.draw(number, "any")]


def solved(problem: Any) -> Callable[..., Any]:
    names: dict[str, Any] = {"np": np}
    exec(problem.solution, names)
    return names[problem.id]


def problem(number: str, name: str, seed: str) -> Any:
    return next(p for p in graded.draw(number, seed) if p.id == name)


def test_every_set_has_two_problems_or_more():
    assert all(len(graded.draw(number, "any")) >= 2 for number in graded.numbers())
    assert len({name for _, name in IDS}) == len(IDS)
    assert not {name for _, name in IDS} & set(dir(check)), "a practice exercise has that name"


@pytest.mark.parametrize(("number", "name"), IDS)
def test_the_solution_of_a_seed_passes_its_hidden_tests(number: str, name: str):
    for seed in SEEDS:
        p = problem(number, name, seed)
        for cases in range(3):
            report = p.exercise(solved(p), seed=cases)
            assert report.passed, f"{seed}: {report}"
        names: dict[str, Any] = {"np": np}
        exec(p.stub, names)
        assert p.exercise(names[name]).state == "not attempted"
        assert sends_arguments(p.exercise, 0), (
            "hidden tests are sent to the student's process, never drawn there"
        )


@pytest.mark.parametrize(("number", "name"), IDS)
def test_the_solution_of_another_seed_does_not(number: str, name: str):
    drawn = {p.solution: p for p in (problem(number, name, seed) for seed in SEEDS)}
    assert len(drawn) >= 8, "the seed has to change the problem"
    texts = {p.task for p in drawn.values()}
    assert len(texts) == len(drawn), "a problem that differs says so in its text"
    first, *others = drawn.values()
    for other in others:
        report = first.exercise(solved(other))
        assert report.score == 0, f"{report}\n{first.task}\n\n{other.solution}"


@pytest.mark.parametrize(("number", "name"), IDS)
def test_no_published_solution_answers_it(number: str, name: str):
    published = [t.exercise.reference for t in grading.tasks_of(find(number)) if t.exercise is not None]
    for seed in SEEDS[:10]:
        p = problem(number, name, seed)
        needed = len(p.exercise.parameters)
        for function in published:
            if len(inspect.signature(function).parameters) >= needed:
                assert p.exercise(function).score == 0


@pytest.mark.parametrize(("number", "name"), IDS)
def test_hidden_tests_are_as_sound_as_those_of_practice(number: str, name: str):
    e = problem(number, name, "any").exercise
    drawn = [e.draw(seed) for seed in (0, 0, 1)]
    texts = [repr([c.args for c in cases]) for cases in drawn]
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]
    kinds = [c.edge for c in drawn[0]]
    assert kinds == sorted(kinds)
    assert sum(kinds) >= 4
    assert len(kinds) >= 12


@pytest.mark.parametrize("number", graded.numbers())
def test_the_students_notebook_holds_neither_seed_nor_solution(number: str, tmp_path: Path):
    seed = "a seed nobody guesses 7291"
    student = nbformat.read(graded_set.write(number, seed, tmp_path), as_version=4)
    key = nbformat.read(tmp_path / "key" / f"{number}_graded.ipynb", as_version=4)
    text = nbformat.writes(student)
    assert seed not in text
    for p in graded.draw(number, seed):
        body = [line.strip() for line in p.solution.splitlines()[2:]]
        assert not [line for line in body if line in text and len(line) > 12], "e = p - t is in the task"
        assert all(line in "\n".join(c.source for c in key.cells) for line in body)
        assert p.task in "\n".join(c.source for c in student.cells)
    tags = [t for c in student.cells for t in handout.tags(c)]
    assert "exercise-stub" in tags
    assert "exercise-check" not in tags, "the tests are hidden"


def test_the_same_seed_gives_the_same_set(tmp_path: Path):
    one, two = (graded_set.write("02", "x", tmp_path / name).read_bytes() for name in ("a", "b"))
    assert one == two
    assert graded_set.write("02", "y", tmp_path / "c").read_bytes() != one


def test_a_folder_of_answers_is_graded_with_the_seed(tmp_path: Path):
    student = nbformat.read(graded_set.write("02", "our class", tmp_path), as_version=4)
    (tmp_path / "in").mkdir()
    nbformat.write(student, tmp_path / "in" / "untouched.ipynb")
    problems = graded.draw("02", "our class")
    stubs = {p.stub: p.solution for p in problems}
    for cell in student.cells:
        cell.source = stubs.get(cell.source, cell.source)
    nbformat.write(student, tmp_path / "in" / "right.ipynb")
    arguments = [str(tmp_path / "in"), "2", "--to", str(tmp_path / "out")]
    assert grade.main([*arguments, "--graded", "our class"]) == 0
    with (tmp_path / "out" / "grades.csv").open(encoding="utf-8", newline="") as file:
        checked = {row["Student ID"]: float(row["Checked"]) for row in csv.DictReader(file)}
    assert checked == {"right": sum(p.points for p in problems), "untouched": 0}


def test_what_there_is_no_set_for_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert graded_set.main(["99", "--seed", "x", "--to", str(tmp_path)]) == 1
    assert f"there are sets for {', '.join(graded.numbers())}" in capsys.readouterr().err
    assert graded_set.main(["02", "--seed", " ", "--to", str(tmp_path)]) == 1
    assert "a seed that only you know" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []

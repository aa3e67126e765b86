"""Graded sets: the text, the hidden tests and the solution are of one seed, and no other answer passes."""

from __future__ import annotations

import ast
import copy
import csv
import inspect
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from mini_dl.course.checks import check
from mini_dl.course.checks.compare import compare
from mini_dl.course.checks.report import RULE
from mini_dl.course.grading import folder as grading
from mini_dl.course.grading.prose import html_of
from mini_dl.course.grading.remote import Limits, sends_arguments
from tools import grade, graded_set, handout
from tools.run_notebooks import all_notebooks, find

graded = graded_set.graded
SEEDS = [f"class {i}" for i in range(30)]
IDS = [(number, p.id) for number in graded.numbers() for p in graded.draw(number, "any")]
QUESTIONS = [(number, q.id) for number in graded.numbers() for q in graded.draw_questions(number, "any")]


def solved(problem: Any) -> Callable[..., Any]:
    names: dict[str, Any] = {"np": np}
    exec(problem.solution, names)
    return names[problem.id]


def problem(number: str, name: str, seed: str) -> Any:
    found = next(p for p in graded.draw(number, seed) if p.id == name)
    found.exercise.seconds = 60.0  # nothing here is meant to be stopped, on a busy machine neither
    return found


def test_every_notebook_has_a_set():
    numbers = [path.name[:2] for path in all_notebooks()]
    assert graded.numbers() == [number for number in numbers if number != "00"]  # the self-test has no marks


def test_every_set_has_two_problems_and_a_question_or_more():
    assert all(len(graded.draw(number, "any")) >= 2 for number in graded.numbers())
    assert all(len(graded.draw_questions(number, "any")) >= 1 for number in graded.numbers())
    names = [name for _, name in IDS + QUESTIONS]
    assert len(set(names)) == len(names)
    assert not set(names) & set(dir(check)), "a practice exercise has that name"


@pytest.mark.parametrize(("number", "name"), IDS)
def test_the_solution_of_a_seed_passes_its_hidden_tests(number: str, name: str):
    for seed in SEEDS:
        p = problem(number, name, seed)
        for cases in range(2):
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
    assert len(drawn) >= 6, "the seed has to change the problem"
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


@pytest.mark.parametrize(("number", "name"), IDS)
def test_the_text_names_the_function_and_what_it_gets(number: str, name: str):
    for seed in SEEDS[:5]:
        p = problem(number, name, seed)
        assert f"`{name}(" in p.task
        for parameter in p.exercise.parameters:
            assert re.search(rf"\b{parameter}\b", p.task.replace(f"`{name}(", "", 1)), parameter
        assert p.points >= 2
        assert 5 <= p.minutes <= 30
        if p.example is not None:
            shown = p.exercise.reference(*copy.deepcopy(p.example))
            assert judge_value(p, shown), "the example says something"


def judge_value(p: Any, shown: Any) -> bool:
    """Whether the example's answer is what the solution gives, too."""
    return compare(shown, solved(p)(*copy.deepcopy(p.example)), p.exercise.rtol) is None


@pytest.mark.parametrize(("number", "name"), QUESTIONS)
def test_a_question_has_a_rubric_that_follows_the_seed(number: str, name: str):
    drawn = [q for seed in SEEDS for q in graded.draw_questions(number, seed) if q.id == name]
    assert len({q.task for q in drawn}) >= 4, "the seed has to change the question"
    assert len({q.answer for q in drawn}) >= 4
    assert len({q.rubric for q in drawn}) >= 2
    for q in drawn:
        assert q.points >= 4
        assert 5 <= q.minutes <= 30
        assert all(points > 0 and wanted for points, wanted in q.rubric)
        assert any(lacking for _, _, lacking in q.rubric_rows()), "says what is not enough"
        assert len(q.answer) > 200


@pytest.mark.parametrize("path", sorted(Path(graded.__file__).parent.glob("*.py")), ids=lambda p: p.stem)
def test_no_text_stands_alone(path: Path):
    """A piece of text on a line of its own, outside the brackets that were meant, is said to nobody."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {node.body[0] for node in ast.walk(tree) if isinstance(node, documented)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, (ast.Constant, ast.JoinedStr)):
            assert node in docstrings, f"line {node.lineno}: {ast.unparse(node)}"


@pytest.mark.parametrize(("number", "name"), IDS)
def test_no_solution_computes_for_nothing(number: str, name: str):
    """What is drawn may be 1; the key then shows no `1 * x` and no `// 1`."""
    for seed in SEEDS:
        solution = problem(number, name, seed).solution
        for node in ast.walk(ast.parse(solution)):
            if isinstance(node, ast.BinOp):
                left, right = (isinstance(n, ast.Constant) and n.value == 1 for n in (node.left, node.right))
                assert not (isinstance(node.op, ast.Mult) and (left or right)), solution
                assert not (isinstance(node.op, (ast.Div, ast.FloorDiv)) and right), solution
                there = isinstance(node.left, ast.BinOp) and isinstance(node.left.op, ast.Sub)
                assert not (there and right and ast.unparse(node.left).endswith("- 1")), solution


@pytest.mark.parametrize("number", graded.numbers())
def test_no_line_of_a_text_becomes_a_list_by_accident(number: str):
    """A number or a sign that a line begins with by chance would be drawn as a list."""
    for seed in SEEDS:
        problems, questions = graded.draw(number, seed), graded.draw_questions(number, seed)
        texts = [t.task for t in [*problems, *questions]] + [q.answer for q in questions]
        for text in texts:
            for block in graded_set.flow(text).split("\n\n"):
                first, *rest = block.splitlines()
                listed = re.match(r" *(-|1\.) ", first)
                assert listed or first.startswith(("|", "```")) or not rest, block
                assert listed or not re.match(r"\s*([-+*>#=]|\d+[.)])\s", first), block
                assert block.count("$") % 2 == 0, block


@pytest.mark.parametrize(
    ("text", "flows"),
    [
        ("a or\n2. b", "a or 2. b"),
        ("1. a\n   b\n2. c\n7. d", "1. a b\n2. c 7. d"),
        ("- a\n- b\n  c", "- a\n- b c"),
        ("a\nb\n\n| x |\n|--|\n| 1 |", "a b\n\n| x |\n|--|\n| 1 |"),
        ("a\n\n```\n1\n\n2\n```\n\nb\nc", "a\n\n```\n1\n\n2\n```\n\nb c"),
    ],
)
def test_a_text_flows(text: str, flows: str):
    assert graded_set.flow(text) == flows


@pytest.mark.parametrize("number", graded.numbers())
def test_the_students_notebook_holds_neither_seed_nor_solution(number: str, tmp_path: Path):
    seed = "a seed nobody guesses 7291"
    student = nbformat.read(graded_set.write(number, seed, tmp_path), as_version=4)
    key = nbformat.read(tmp_path / "key" / f"{number}_graded.ipynb", as_version=4)
    text = nbformat.writes(student)
    assert seed not in text
    problems, questions = graded.draw(number, seed), graded.draw_questions(number, seed)
    assert graded_set.leak_test(problems, questions, student) >= 5
    with pytest.raises(graded_set.handout.LeakError, match="nothing was written"):
        graded_set.leak_test(problems, questions, key)
    keys, tasks = ("\n".join(c.source for c in nb.cells) for nb in (key, student))
    for thing in [*problems, *questions]:
        assert graded_set.flow(thing.task) in tasks
        assert graded_set.flow(thing.task) in keys
    assert all(p.solution in keys for p in problems)
    assert all(graded_set.flow(q.answer) in keys for q in questions)
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


NASTY = {
    "endless": "while True:\n        pass",
    "exits": "import sys\n    sys.exit(0)",
    "kills": "import os\n    os.kill(os.getpid(), 9)",
    "deep": "return {name}({call})",
    "prints": "while True:\n        print('x' * 1000)",
    "hungry": "return [bytearray(10**8) for _ in range(10**4)]",
    "wrong": "return 42.0",
}
PATCH = """import mini_dl.course.checks.judge as judge
import mini_dl.course.checks as checks
from mini_dl.course.checks.report import Report
judge.judge = lambda *a, **k: Report('x', 'passed', '', 1.0)
judge.compare = lambda *a, **k: None
checks.Check.__getattr__ = lambda self, name: lambda f: Report(name, 'passed', '', 1.0)"""


def test_nasty_answers_get_nothing_and_harm_nobody(tmp_path: Path):
    """Through the folder grader: each is 0 points, within seconds, and the right answer has all."""
    (tmp_path / "in").mkdir()
    student = nbformat.read(graded_set.write("05", "our class", tmp_path), as_version=4)
    _, tasks = grade.graded_tasks("5", "our class")
    problems = graded.draw("05", "our class")
    stub = "raise NotImplementedError"

    def hand_in(who: str, bodies: dict[str, str], first: str = "") -> None:
        nb = copy.deepcopy(student)
        for cell in nb.cells:
            cell.source = bodies.get(cell.source, cell.source)
        nb.cells.insert(1, nbformat.v4.new_code_cell(first))
        nbformat.write(nb, tmp_path / "in" / f"{who}.ipynb")

    for who, body in NASTY.items():
        bodies = {}
        for p in problems:
            text = body.format(name=p.id, call=", ".join(p.exercise.parameters))
            bodies[p.stub] = p.stub.replace(stub, text)
        hand_in(who, bodies)
    hand_in("patched", {p.stub: p.stub.replace(stub, "return 42.0") for p in problems}, PATCH)
    hand_in("right", {p.stub: p.solution for p in problems}, "while True: pass")
    limits = Limits(load=60.0, times=2.0, megabytes=300)
    begin = time.monotonic()
    found = grading.find_submissions(tmp_path / "in")
    graded_ones = grading.grade(found, tasks, seed=4, limits=limits, say=lambda line: None)
    checked = {one.student: one.checked(tasks) for one in graded_ones}
    possible = sum(p.points for p in problems)
    assert checked == {**dict.fromkeys([*NASTY, "patched"], 0.0), "right": possible}
    assert time.monotonic() - begin < 60 * len(found)
    for one in graded_ones:
        assert one.total(tasks) is None, "the open question is not marked yet"
        if one.student != "right":
            assert all(not r.passed and str(r) for r in one.reports.values())


def test_what_there_is_no_set_for_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert graded_set.main(["99", "--seed", "x", "--to", str(tmp_path)]) == 1
    assert f"there are sets for {', '.join(graded.numbers())}" in capsys.readouterr().err
    assert graded_set.main(["02", "--seed", " ", "--to", str(tmp_path)]) == 1
    assert "a seed that only you know" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def wrong_by(p: Any, old: str, new: str) -> Any:
    """Return the report of a solution with one thing changed in it."""
    assert p.solution.count(old) == 1, f"{old} in {p.solution}"
    names: dict[str, Any] = {"np": np}
    exec(p.solution.replace(old, new), names)
    return p.exercise(names[p.id])


def test_a_slip_costs_what_the_text_says_about_it():
    for seed in SEEDS:
        p = problem("02", "cautious_update", seed)
        (kept,) = set(re.findall(r"new = ([\d.]+) \* w", p.solution))
        assert wrong_by(p, "(w @ x)", f"({kept} * w @ x)").score == 0, "the test is made with the old weights"
        assert 0.7 <= wrong_by(p, "<=", "<").score < 1, "only exactly on the margin, which is an edge case"
        p = problem("13", "layer_times", seed)
        if "argmax" in p.solution:
            last = "len(times) - 1 - int(np.argmax(times[::-1]))"
            assert 0.7 <= wrong_by(p, "int(np.argmax(times))", last).score < 1, "of several, the first"


def test_the_faulty_engine_keeps_a_share_that_differs_from_the_lost_one():
    for seed in SEEDS:
        (question,) = graded.draw_questions("06", seed)
        if "x.grad = value.grad * slope" in question.task:
            assert "d = c * a" not in question.task


def test_the_accuracies_are_those_of_whole_examples():
    for seed in SEEDS:
        (question,) = graded.draw_questions("07", seed)
        examples = int(re.search(r"from ([\d,]+) examples", question.task)[1].replace(",", ""))
        shown = [float(number) for number in re.findall(r"([\d.]+) %", question.task)]
        assert len(shown) >= 9
        possible = np.round(100 * np.arange(examples // 5 + 1) / (examples // 5), 1)
        assert np.isin(shown, possible).all(), question.task


@pytest.mark.parametrize("number", graded.numbers())
def test_a_rubric_can_be_shown_on_a_page(number: str):
    for seed in SEEDS:
        for question in graded.draw_questions(number, seed):
            assert not set("$\\`{}") & set(re.sub(r"<code>.*?</code>", "", question.title))
            for row in question.rubric_rows():
                shown = re.sub(r"<code>.*?</code>", "", "".join(map(html_of, row)))
                assert not set("$\\`{}^") & set(shown), shown


def test_a_set_says_how_it_is_scored(tmp_path: Path):
    student = nbformat.read(graded_set.write("02", "x", tmp_path), as_version=4)
    assert RULE in student.cells[0].source

"""Write a graded set: problems of the skills of a notebook, drawn from a seed that only the teacher knows.

    make graded N=02 SEED="our class, spring, 7291"
    make grade FOLDER=submissions N=02 GRADED="our class, spring, 7291"

Without make: `python tools/graded_set.py 02 --seed TEXT`. Written are, below build/graded,

    student/02_graded.ipynb      tasks, stubs and one example each, open questions with a cell for the
                                 answer: no checks, no solutions, no seed
    key/02_graded.ipynb          the same with solutions, model answers and rubrics

The same seed gives the same set. Give each group or year a seed of its own.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import graded
import handout
import nbformat
import numpy as np
import run_notebooks
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from mini_dl.course.checks.report import RULE
from mini_dl.course.checks.show import show, show_call

ROOT = Path(__file__).resolve().parents[1]
SETS = ROOT / "build" / "graded"

INTRODUCTION = """# {number} · Graded problems

Write each function so that it does what its task says, for all inputs that the task allows. Write it in the
cell given, under the name given; you may add cells. Your functions are tried on inputs that you do not see:
try more than the one example. You need NumPy only.

{rule} Edge cases are what is special: nothing given, a single one, a tie.
{questions}
You have about {minutes} minutes; there are {points} points.
"""
QUESTIONS = """
Answer each question in the cell below it, in your own words; you may add cells there. A person reads the
answer. Keep the headings as they are.
"""
SHORTEST = 12  # letters of a line that tells something; `e = p - t` may be in a task, too
POINT = re.compile(r" *(-|\d+\.) ")  # of a list
ANSWER = "*Write your answer here.*"


def heading(place: int, thing: graded.Problem | graded.Question) -> str:
    """Return the first line of a task, by which the answer below it is found again."""
    kind = "Question" if isinstance(thing, graded.Question) else "Problem"
    return f"## {kind} {place} · {thing.title}"


def notebook(
    number: str,
    problems: list[graded.Problem],
    questions: list[graded.Question],
    *,
    solutions: bool,
) -> nbformat.NotebookNode:
    """Return the set as a notebook; it has the tags and metadata of the course's own exercises."""
    things = [*problems, *questions]
    minutes, points = sum(t.minutes for t in things), sum(t.points for t in things)
    asked = QUESTIONS if questions else ""
    text = INTRODUCTION.format(number=int(number), minutes=minutes, points=points, questions=asked, rule=RULE)
    cells = [new_markdown_cell(text, id="begin"), new_code_cell("import numpy as np", id="imports")]
    for place, problem in enumerate(problems, start=1):
        source = _head(place, problem)
        if problem.example is not None:
            call = show_call(problem.id, problem.exercise.parameters, problem.example)
            answer = show(problem.exercise.reference(*problem.example))
            source += f"\n\nExample:\n\n```\n{call}\n\ngives {answer}\n```"
        cells += [
            new_markdown_cell(source, id=f"task-{place}", metadata=_info(problem, "graded")),
            new_code_cell(problem.stub, id=f"stub-{place}", metadata={"tags": ["exercise-stub"]}),
        ]
        if solutions:
            cells.append(
                new_code_cell(problem.solution, id=f"solution-{place}", metadata={"tags": ["solution"]})
            )
    for place, question in enumerate(questions, start=1):
        metadata = _info(question, "open")
        cells.append(new_markdown_cell(_head(place, question), id=f"question-{place}", metadata=metadata))
        if solutions:
            cells.append(
                new_markdown_cell(key(question), id=f"rubric-{place}", metadata={"tags": ["rubric"]})
            )
        else:
            cells.append(new_markdown_cell(ANSWER, id=f"answer-{place}", metadata={"tags": ["answer"]}))
    return new_notebook(cells=cells, metadata={"kernelspec": dict(run_notebooks.KERNELSPEC)})


def _head(place: int, thing: graded.Problem | graded.Question) -> str:
    return f"{heading(place, thing)}\n\n{thing.points} points · {thing.minutes} minutes\n\n{flow(thing.task)}"


def flow(text: str) -> str:
    r"""Return a text with each paragraph, and each point of a list, in one line.

    A drawn number at the beginning of a line would make a list of it.

    >>> print(flow("The class is 1 or\n2. Then:\n\n1. a\n   b"))
    The class is 1 or 2. Then:
    <BLANKLINE>
    1. a b
    """
    parts = re.split(r"(^```.*?^```$)", text.strip(), flags=re.MULTILINE | re.DOTALL)
    return "".join(part if i % 2 else _flow(part) for i, part in enumerate(parts))


def _flow(text: str) -> str:
    blocks = []
    for block in re.split(r"\n{2,}", text):
        lines: list[str] = []
        listed, number = POINT.match(block), 0
        for line in block.splitlines():
            point = POINT.match(line) if listed else None
            if point and point[1] not in ("-", f"{number + 1}."):
                point = None
            elif point and point[1] != "-":
                number += 1
            if not lines or point or line.startswith("|"):
                lines.append(line)
            else:
                lines[-1] = f"{lines[-1].rstrip()} {line.strip()}"
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _info(thing: graded.Problem | graded.Question, kind: str) -> dict[str, object]:
    info = {
        "id": thing.id,
        "level": 2,
        "importance": "essential",
        "minutes": thing.minutes,
        "points": thing.points,
        "kind": kind,
    }
    return {"tags": ["exercise"], "exercise": info}


def key(question: graded.Question) -> str:
    r"""Return a question's model answer and its rubric, in Markdown.

    >>> print(key(graded.Question("why", "", "", "Since |w| grows.", ((1, "Says |w|."),), 5)))
    **Model answer.** Since |w| grows.
    <BLANKLINE>
    **Rubric**
    <BLANKLINE>
    | Points | The answer has to contain | Not enough |
    |--:|:--|:--|
    | 1 | Says \|w\|. |  |
    """
    rows = [f"| {' | '.join(map(in_table, row))} |" for row in question.rubric_rows()]
    head = "| Points | The answer has to contain | Not enough |\n|--:|:--|:--|"
    return f"**Model answer.** {flow(question.answer)}\n\n**Rubric**\n\n{head}\n" + "\n".join(rows)


def in_table(text: str) -> str:
    r"""Return Markdown as a table's cell takes it: no bar of its own, in words or in a formula.

    >>> print(in_table(r"$|w| = \|v\|$ or a|b"))
    $\vert w\vert  = \Vert v\Vert $ or a\|b
    """
    parts = text.replace("\n", " ").split("$")
    for i, part in enumerate(parts):
        formula = part.replace(r"\|", r"\Vert ").replace("|", r"\vert ")
        parts[i] = formula if i % 2 else part.replace("|", r"\|")
    return "$".join(parts)


def leak_test(
    problems: list[graded.Problem], questions: list[graded.Question], student: nbformat.NotebookNode
) -> int:
    """Return how many lines were looked for, or raise `LeakError`.

    No line of a solution, a model answer or a rubric may stand in what students get, nor a seed's tests.
    """
    given = {line.strip() for p in problems for line in p.stub.splitlines()}
    lines = [line.strip() for p in problems for line in p.solution.splitlines()]
    lines += [line.strip() for q in questions for line in q.answer.splitlines()]
    lines += [text for q in questions for row in q.rubric_rows() for text in row[1:]]
    telling = [line for line in lines if len(handout.squeezed(line)) > SHORTEST and line not in given]
    there = handout.squeezed("\n".join(handout.texts(student)))
    for line in telling:
        if handout.squeezed(line) in there:
            raise handout.LeakError(
                f"nothing was written: what solves it stands in the students' text:\n{line}"
            )
    return len(telling)


def write(number: str, seed: str, to: Path) -> Path:
    """Write the student's notebook and the key, and return the former's path."""
    problems, questions = graded.draw(number, seed), graded.draw_questions(number, seed)
    for problem in problems:
        names: dict[str, object] = {"np": np}
        exec(problem.solution, names)
        problem.exercise(names[problem.id]).require()  # type: ignore[arg-type]
    student = notebook(number, problems, questions, solutions=False)
    leak_test(problems, questions, student)
    versions = {"key": notebook(number, problems, questions, solutions=True), "student": student}
    for kind, nb in versions.items():
        handout.write(to / kind / f"{number}_graded.ipynb", run_notebooks.serialise(nb))
    return to / "student" / f"{number}_graded.ipynb"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 1 when there is no such set."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, prog="graded_set.py"
    )
    parser.add_argument("notebook", help=f"number of the notebook: {', '.join(graded.numbers())}")
    parser.add_argument("--seed", required=True, help="any text that only you know")
    parser.add_argument("--to", type=Path, default=SETS, help="folder to write into")
    options = parser.parse_args(arguments)
    try:
        path = write(options.notebook.zfill(2), options.seed, options.to)
    except (ValueError, handout.LeakError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"cannot write into {options.to}: {error.strerror or error}", file=sys.stderr)
        return 1
    print(f"{path}; the key is in {options.to / 'key'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Write a graded set: problems of the skills of a notebook, drawn from a seed that only the teacher knows.

    make graded N=02 SEED="our class, spring, 7291"
    make grade FOLDER=submissions N=02 GRADED="our class, spring, 7291"

Without make: `python tools/graded_set.py 02 --seed TEXT`. Written are, below build/graded,

    student/02_graded.ipynb      tasks, stubs and one example each: no checks, no solutions, no seed
    key/02_graded.ipynb          the same with solutions

The same seed gives the same set. Give each group or year a seed of its own.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import graded
import handout
import nbformat
import numpy as np
import run_notebooks
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from mini_dl.course.checks.show import show, show_call

ROOT = Path(__file__).resolve().parents[1]
SETS = ROOT / "build" / "graded"

INTRODUCTION = """# {number} · Graded problems

Write each function so that it does what its task says, for all inputs that the task allows. Write
it in the cell
given, under the name given; you may add cells. Your functions are tried on inputs that you do not
see: try more
than the one example. You need NumPy only.

You have about {minutes} minutes; there are {points} points.
"""


def notebook(number: str, problems: list[graded.Problem], *, solutions: bool) -> nbformat.NotebookNode:
    """Return the set as a notebook; it has the tags and metadata of the course's own exercises."""
    minutes, points = sum(p.minutes for p in problems), sum(p.points for p in problems)
    text = INTRODUCTION.format(number=int(number), minutes=minutes, points=points)
    cells = [new_markdown_cell(text, id="begin"), new_code_cell("import numpy as np", id="imports")]
    for place, problem in enumerate(problems, start=1):
        info = {
            "id": problem.id,
            "level": 2,
            "importance": "essential",
            "minutes": problem.minutes,
            "points": problem.points,
            "kind": "graded",
        }
        call = show_call(problem.id, problem.exercise.parameters, problem.example)
        answer = show(problem.exercise.reference(*problem.example))
        head = f"## Problem {place} · {problem.title}\n\n{problem.points} points · {problem.minutes} minutes"
        source = f"{head}\n\n{problem.task}\n\nExample:\n\n```\n{call}\n\ngives {answer}\n```"
        cells += [
            new_markdown_cell(source, id=f"task-{place}", metadata={"tags": ["exercise"], "exercise": info}),
            new_code_cell(problem.stub, id=f"stub-{place}", metadata={"tags": ["exercise-stub"]}),
        ]
        if solutions:
            cells.append(
                new_code_cell(problem.solution, id=f"solution-{place}", metadata={"tags": ["solution"]})
            )
    return new_notebook(cells=cells, metadata={"kernelspec": dict(run_notebooks.KERNELSPEC)})


def write(number: str, seed: str, to: Path) -> Path:
    """Write the student's notebook and the key, and return the former's path."""
    problems = graded.draw(number, seed)
    for problem in problems:
        names: dict[str, object] = {"np": np}
        exec(problem.solution, names)
        problem.exercise(names[problem.id]).require()  # type: ignore[arg-type]
    versions = {"key": True, "student": False}
    content = {
        k: run_notebooks.serialise(notebook(number, problems, solutions=s)) for k, s in versions.items()
    }
    for kind, text in content.items():
        handout.write(to / kind / f"{number}_graded.ipynb", text)
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
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"cannot write into {options.to}: {error.strerror or error}", file=sys.stderr)
        return 1
    print(f"{path}; the key is in {options.to / 'key'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

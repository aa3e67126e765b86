"""Make an nbgrader assignment from a notebook of the course.

    make assignment N=05                  in build/nbgrader
    make assignment N=05 TO=/srv/class    in another course folder
    make assignment N=05 GRADED="a seed that only you know"

Without make: `python tools/assignment.py 05 --to FOLDER`, with `--graded SEED`. Written are
`nbgrader_config.py` (unless there is one), `source/<name>/<name>.ipynb`, where each solution stands between
its marks, and, by nbgrader itself, `release/<name>/<name>.ipynb`, which is what students get. Then, in that
folder:

    nbgrader autograde <name>             submissions lie in submitted/<student>/<name>/<name>.ipynb
    nbgrader generate_feedback <name>
    nbgrader export

The configuration written here lets nbgrader judge outside the student's kernel: the grade cells get their
points from the folder grader (`tools/grade.py`), not from what the notebook says about itself.

With GRADED the assignment, `05_graded`, is the graded set of that seed (`tools/graded_set.py`). The course
folder remembers the seed in `graded_seeds.json`: keep it to yourself, as you keep `source`. The functions are
judged by the hidden tests. The open questions are nbgrader's manually graded tasks: mark them in its
formgrader, where the rubric stands below the question. Until then `nbgrader export` counts them as 0.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import graded
import graded_set
import handout
import nbformat
import nbgrader_seeds
import numpy as np
import run_notebooks

ROOT = Path(__file__).resolve().parents[1]
COURSE = ROOT / "build" / "nbgrader"
SCHEMA = 3  # of nbgrader's metadata

CONFIG = '''"""nbgrader's settings for this course folder, written by tools/assignment.py of the course."""

import sys

sys.path.insert(0, {tools!r})
from nbgrader_judge import AUTOGRADE, SANITIZE

c = get_config()  # noqa: F821
c.CourseDirectory.root = {root!r}
c.CourseDirectory.course_id = "deep-learning-course"
c.ClearSolutions.code_stub = {{"python": "raise NotImplementedError"}}
c.Execute.timeout = 60
c.Execute.interrupt_on_timeout = True
c.Autograde.sanitize_preprocessors = SANITIZE
c.Autograde.autograde_preprocessors = AUTOGRADE
'''


class AssignmentError(Exception):
    """No assignment was made; the message says why."""


def marked(cell: nbformat.NotebookNode, grade_id: str, **settings: object) -> nbformat.NotebookNode:
    """Return the cell with nbgrader's metadata."""
    plain = {"grade": False, "locked": True, "solution": False, "task": False, "schema_version": SCHEMA}
    cell.metadata["nbgrader"] = {**plain, "grade_id": grade_id, **settings}
    return cell


def answer_source(stub: str, solution: str, name: str) -> str:
    r"""Return the stub with the solution's body between nbgrader's marks.

    >>> stub = "def f(x):\n    raise NotImplementedError"
    >>> print(answer_source(stub, "def f_solution(x):\n    return x", "f"))
    def f(x):
        ### BEGIN SOLUTION
        return x
        ### END SOLUTION
    """
    function = _function(stub, name)
    solved = _function(solution, f"{name}_solution")
    body = solved.body[1:] if ast.get_docstring(solved) is not None else solved.body
    lines = solution.splitlines()[body[0].lineno - 1 : solved.end_lineno]
    last = function.body[-1]
    kept = stub.splitlines()
    indent = " " * last.col_offset
    inside = [re.sub(rf"\b{name}_solution\b", name, line) for line in lines]
    middle = [f"{indent}### BEGIN SOLUTION", *inside, f"{indent}### END SOLUTION"]
    return "\n".join([*kept[: last.lineno - 1], *middle, *kept[last.end_lineno or last.lineno :]])


def _function(source: str, name: str) -> ast.FunctionDef:
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node
    raise AssignmentError(f"no function {name} in the cell\n{source}")


def source_version(nb: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return the teacher's version for nbgrader: every exercise's cells marked, its solution filled in."""
    made = copy.deepcopy(nb)
    made.cells = []
    info: dict[str, object] = {}
    solutions = _solutions(nb)
    for cell in copy.deepcopy(nb.cells):
        tags = handout.tags(cell)
        if "exercise" in tags:
            info = dict(cell.metadata["exercise"])
            marked(cell, f"task-{info['id']}")
        elif "exercise-stub" in tags:
            name = str(info["id"])
            cell.source = answer_source(cell.source, solutions[name], name)
            marked(cell, name, solution=True, locked=False)
        elif "exercise-check" in tags:
            name, points = info["id"], info["points"]
            cell.source = f"report = check.{name}({name})\ndisplay(report)\nround({points} * report.score, 2)"
            marked(cell, f"check-{name}", grade=True, points=points)
        elif "solution" in tags:
            continue
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        made.cells.append(cell)
    made.metadata.pop("widgets", None)
    return made


def _solutions(nb: nbformat.NotebookNode) -> dict[str, str]:
    found, name = {}, ""
    for cell in nb.cells:
        if "exercise" in handout.tags(cell):
            name = cell.metadata["exercise"]["id"]
        elif "solution" in handout.tags(cell):
            found[name] = cell.source
    return found


def graded_version(
    number: str, problems: list[graded.Problem], questions: list[graded.Question]
) -> nbformat.NotebookNode:
    """Return the teacher's version of a graded set for nbgrader."""
    made = graded_set.notebook(number, problems, questions, solutions=False)
    by_id = {thing.id: thing for thing in [*problems, *questions]}
    cells, current = [], None
    for cell in made.cells:
        tags = handout.tags(cell)
        cells.append(cell)
        if "exercise" in tags:
            current = by_id[cell.metadata["exercise"]["id"]]
            if isinstance(current, graded.Problem):
                marked(cell, f"task-{current.id}")
            else:
                scheme = (
                    f"<!-- BEGIN MARK SCHEME -->\n\n{graded_set.key(current)}\n\n<!-- END MARK SCHEME -->"
                )
                cell.source = f"{cell.source}\n\n{scheme}"
                marked(cell, f"question-{current.id}", task=True, points=current.points)
        elif "exercise-stub" in tags and isinstance(current, graded.Problem):
            renamed = re.sub(rf"\b{current.id}\b", f"{current.id}_solution", current.solution)
            cell.source = answer_source(cell.source, renamed, current.id)
            marked(cell, current.id, solution=True, locked=False)
            tried = nbformat.v4.new_code_cell(
                try_example(current), id=f"check-{current.id}".replace("_", "-")
            )
            cells.append(marked(tried, f"check-{current.id}", grade=True, points=current.points))
    made.cells = cells
    return made


def try_example(problem: graded.Problem) -> str:
    """Return the grade cell's source: it shows the example, and knows no test."""
    head = "# Hidden tests decide about the points when this is graded. Here only the example is run."
    if problem.example is None:
        return f"{head.split(' Here')[0]}\nassert callable({problem.id})"
    # printed, since nbgrader would take a number that a cell returns for its points
    return f"{head}\nprint({problem.id}({', '.join(map(literal, problem.example))}))"


def literal(value: Any) -> str:
    """Return Python source of an argument.

    >>> literal((np.array([1.0, 2.0]), [True, "a"]))
    "(np.array([1.0, 2.0], dtype='float64'), [True, 'a'])"
    """
    if isinstance(value, np.ndarray):
        return f"np.array({value.tolist()!r}, dtype={value.dtype.name!r})"
    if isinstance(value, np.generic):
        return repr(value.item())
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))}{',' * (len(value) == 1)})"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{literal(k)}: {literal(v)}' for k, v in value.items())}}}"
    return repr(value)


def nbgrader(folder: Path, *arguments: str) -> str:
    """Run nbgrader in a course folder and return what it said.

    Raises
    ------
    AssignmentError
        If it failed; with its last lines.
    """
    command = [sys.executable, "-m", "nbgrader", *arguments]
    # nbgrader starts the program alembic, which has to be on the path
    here = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": here}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)
    text = done.stdout + done.stderr
    if done.returncode:
        shown = "\n".join(text.strip().splitlines()[-12:])
        raise AssignmentError(f"nbgrader {' '.join(arguments)} failed:\n{shown}")
    return text


def make(path: Path, folder: Path) -> Path:
    """Write source and release of an assignment and return the release's path."""
    nb = nbformat.read(path, as_version=4)
    release = _generate(path.stem, source_version(nb), folder.absolute())
    handout.leak_test({path.name: nb}, {"the release": nbformat.read(release, 4)})
    return release


def make_graded(number: str, seed: str, folder: Path) -> Path:
    """Write source and release of a graded set and return the release's path.

    Raises
    ------
    AssignmentError
        If there is no such set, or answers to the set of another seed lie in the course folder.
    """
    folder, name = folder.absolute(), f"{number}_graded"
    try:
        problems, questions = graded.draw(number, seed), graded.draw_questions(number, seed)
    except ValueError as error:
        raise AssignmentError(str(error)) from None
    seeds = nbgrader_seeds.read(folder)
    if seeds.get(name, seed) != seed and any(folder.glob(f"submitted/*/{name}")):
        raise AssignmentError(
            f"{folder / 'submitted'} holds answers to {name} of another seed, which could not be judged any"
            " more; use another course folder (TO=…, --to)"
        )
    source = graded_version(number, problems, questions)
    text = json.dumps({**seeds, name: seed}, indent=1, ensure_ascii=False)
    handout.write(nbgrader_seeds.path(folder), f"{text}\n".encode())
    release = _generate(name, source, folder)
    graded_set.leak_test(problems, questions, nbformat.read(release, 4))
    return release


def _generate(name: str, source: nbformat.NotebookNode, folder: Path) -> Path:
    if importlib.util.find_spec("nbgrader") is None:
        raise AssignmentError(
            "nbgrader is not installed: `python -m pip install -c constraints.txt -e .[nbgrader]`"
        )
    config = folder / "nbgrader_config.py"
    if not config.exists():
        handout.write(config, CONFIG.format(tools=str(ROOT / "tools"), root=str(folder)).encode())
    handout.write(folder / "source" / name / f"{name}.ipynb", run_notebooks.serialise(source))
    nbgrader(folder, "generate_assignment", name, "--force", "--create")
    return folder / "release" / name / f"{name}.ipynb"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 1 when no assignment could be made."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, prog="assignment.py"
    )
    parser.add_argument("notebook", help="number of the course's notebook (05), or its path")
    parser.add_argument("--to", type=Path, default=COURSE, help="nbgrader's course folder")
    parser.add_argument("--graded", metavar="SEED", help="make the graded set of this seed")
    options = parser.parse_args(arguments)
    try:
        if options.graded is not None:
            release = make_graded(options.notebook.zfill(2), options.graded, options.to)
        else:
            release = make(run_notebooks.find(options.notebook), options.to)
    except (AssignmentError, handout.LeakError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"cannot write into {options.to}: {error.strerror or error}", file=sys.stderr)
        return 1
    print(f"{release}: hand this out; then nbgrader autograde {release.stem}, in {options.to}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Make an nbgrader assignment from a notebook of the course.

    make assignment N=05                  in build/nbgrader
    make assignment N=05 TO=/srv/class    in another course folder

Without make: `python tools/assignment.py 05 --to FOLDER`. Written are `nbgrader_config.py` (unless there is
one), `source/<name>/<name>.ipynb`, where each solution stands between its marks, and, by nbgrader itself,
`release/<name>/<name>.ipynb`, which is what students get. Then, in that folder:

    nbgrader autograde <name>             submissions lie in submitted/<student>/<name>/<name>.ipynb
    nbgrader generate_feedback <name>
    nbgrader export

The configuration written here lets nbgrader judge outside the student's kernel: the grade cells get their
points from the folder grader (`tools/grade.py`), not from what the notebook says about itself.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import handout
import nbformat
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
    if importlib.util.find_spec("nbgrader") is None:
        raise AssignmentError(
            "nbgrader is not installed: `python -m pip install -c constraints.txt -e .[nbgrader]`"
        )
    content = run_notebooks.serialise(source_version(nbformat.read(path, as_version=4)))
    folder = folder.absolute()
    config = folder / "nbgrader_config.py"
    if not config.exists():
        handout.write(config, CONFIG.format(tools=str(ROOT / "tools"), root=str(folder)).encode())
    handout.write(folder / "source" / path.stem / path.name, content)
    nbgrader(folder, "generate_assignment", path.stem, "--force", "--create")
    release = folder / "release" / path.stem / path.name
    handout.leak_test(
        {path.name: nbformat.read(path, as_version=4)}, {"the release": nbformat.read(release, 4)}
    )
    return release


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 1 when no assignment could be made."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, prog="assignment.py"
    )
    parser.add_argument("notebook", help="number of the course's notebook (05), or its path")
    parser.add_argument("--to", type=Path, default=COURSE, help="nbgrader's course folder")
    options = parser.parse_args(arguments)
    try:
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

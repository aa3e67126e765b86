"""Write hand-outs: student versions of the notebooks without solutions, and solution keys.

    make handout                  all notebooks
    make handout N=05             one
    make handout TO=/srv/class    into another folder than build/handout

Without make: `python tools/handout.py 05 --to FOLDER`. Written are

    student/notebooks/…           the notebooks without their solution cells; every other output is kept
    student/book/…                the glossary and the other pages that they link to
    solutions/…                   for each exercise the task and its solution

Before anything is written, a test looks for the lines of all solutions: none may stand anywhere in a
student version, and all have to be found in the notebooks as they are, or the test itself would be blind.
"""

from __future__ import annotations

import argparse
import ast
import copy
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

try:
    import nbformat
    import run_notebooks
    from nbconvert.preprocessors import TagRemovePreprocessor
except ModuleNotFoundError as missing:
    raise SystemExit(
        f"handout.py needs {missing.name}: run `make handout`, which installs it,\n"
        "or `python -m pip install -c constraints.txt -e .[dev]`"
    ) from None

ROOT = Path(__file__).resolve().parents[1]
HANDOUT = ROOT / "build" / "handout"
SHORTEST = 12  # a line with fewer letters than this, blanks left out, is found as a whole line only

# Lines of solutions that a notebook also uses openly, elsewhere and for another purpose.
TAUGHT = {
    "chunks = (len(ids) - 1) // (batch * length)": "18 and 19 cut their texts by it after the exercise",
    "for some, targets in zip(x.chunk(parts), y.chunk(parts), strict=True):": "13 cuts a batch by it"
    " before the exercise asks for parts of any size",
    "return kept / kept.sum()": "22's sampler for the figure, folded, after the exercise",
}


class LeakError(Exception):
    """A solution stands in a student version; the message says which and where."""


@dataclass(frozen=True)
class Line:
    """A line of a solution."""

    notebook: str
    cell: int
    text: str

    @property
    def needle(self) -> str:
        """What is searched for: the line without blanks, and without its `return`."""
        return squeezed(self.text.removeprefix("return "))


def tags(cell: Any) -> list[str]:
    """Return the tags of a cell."""
    return list(cell.metadata.get("tags", []))


def squeezed(text: str) -> str:
    """Return the text without blanks.

    >>> squeezed("a + b")
    'a+b'
    """
    return re.sub(r"[ \t]", "", text)


def student_version(nb: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a copy without the cells tagged `solution`."""
    remove = TagRemovePreprocessor(remove_cell_tags={"solution"}, enabled=True)
    return remove.preprocess(copy.deepcopy(nb), {})[0]


def solution_key(nb: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a notebook of the tasks with their solutions, which are shown unfolded.

    Its first code cell is the notebook's own set-up; a solution may need a cell that is not in here.
    """
    title = nb.cells[0].source.splitlines()[0]
    key = copy.deepcopy(nb)
    key.cells = [nbformat.v4.new_markdown_cell(f"{title}: solutions", id="key")]
    for cell in copy.deepcopy(nb.cells):
        if {"setup", "exercise", "solution"} & set(tags(cell)):
            if cell.metadata.get("jupyter"):
                cell.metadata["jupyter"].pop("source_hidden", None)
            cell.metadata["tags"] = [tag for tag in tags(cell) if tag not in ("hide-cell", "hide-input")]
            key.cells.append(cell)
    key.metadata.pop("widgets", None)
    return key


def solution_lines(nb: nbformat.NotebookNode, name: str) -> Iterator[Line]:
    """Yield the telling lines of a notebook's solutions.

    Left out are comments, docstrings, blank lines, signatures, lines of fewer than three names or
    numbers, and what the stub above already shows.
    """
    given = {line.strip() for c in nb.cells if "exercise-stub" in tags(c) for line in c.source.splitlines()}
    for index, cell in enumerate(nb.cells):
        if "solution" not in tags(cell):
            continue
        lines = cell.source.splitlines()
        wanted = {i for i, line in enumerate(lines) if "_solution" in line}
        for node in ast.parse(cell.source).body:
            if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                continue
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            for statement in body:
                wanted |= set(range(statement.lineno - 1, statement.end_lineno or statement.lineno))
        for i in sorted(wanted):
            line = re.sub(r"\s+# .*", "", lines[i]).strip()
            words = [word for word in re.findall(r"\w+", line) if word not in ("_", "return", "for", "in")]
            if len(words) < 3 or line in given or line in TAUGHT or line.startswith(("#", '"""')):
                continue
            if line.startswith(("def ", "class ", "@")) and "_solution" not in line:
                continue
            yield Line(name, index, line)


def texts(thing: Any) -> Iterator[str]:
    """Yield every piece of text in a notebook: sources, outputs, attachments, metadata."""
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, dict):
        for value in thing.values():
            yield from texts(value)
    elif isinstance(thing, (list, tuple)):
        for value in thing:
            yield from texts(value)


def found_in(lines: Iterable[Line], nb: Any) -> list[Line]:
    """Return those of the lines that stand in a notebook, whatever the blanks.

    A hint may name a piece of the way in its sentence; there, only a line of its own counts.
    """
    hints = [squeezed(c.source) for c in nb.cells if "hint" in tags(c)]
    others = [squeezed(t) for c in nb.cells if "hint" not in tags(c) for t in texts(c)]
    others += map(squeezed, texts(nb.metadata))
    joined = "\n".join(others)
    whole = {line.removeprefix("return") for text in hints + others for line in text.splitlines()}
    return [
        line
        for line in lines
        if line.needle in whole or (len(line.needle) >= SHORTEST and line.needle in joined)
    ]


def leak_test(masters: dict[str, Any], students: dict[str, Any]) -> int:
    """Return how many lines were looked for, or raise `LeakError`.

    Each line of each solution has to be in its own master, and in no student version at all.
    """
    lines = {name: list(solution_lines(nb, name)) for name, nb in masters.items()}
    for name, nb in masters.items():
        missed = set(lines[name]) - set(found_in(lines[name], nb))
        if missed:
            line = min(missed, key=lambda x: x.cell)
            raise LeakError(f"the leak test is blind: it does not find its own line {line.text!r} in {name}")
    every = [line for of_one in lines.values() for line in of_one]
    leaks = [(line, name) for name, nb in students.items() for line in found_in(every, nb)]
    if leaks:
        shown = "\n".join(
            f"  {line.text!r}, of the solution in {line.notebook}, cell {line.cell}, stands in {name}"
            for line, name in leaks
        )
        raise LeakError(
            f"{len(leaks)} lines of solutions would be handed out; nothing was written:\n{shown}\n"
            "Write the solution or that cell in other words; or, if the notebook shows the line openly,\n"
            "put it into TAUGHT in tools/handout.py with the reason."
        )
    return len(every)


def linked_pages(nbs: Iterable[Any]) -> list[Path]:
    """Return the pages of the book's sources that notebooks link to."""
    names = {n for nb in nbs for t in texts(nb) for n in re.findall(r"\]\(\.\./\.\./book/([\w/-]+\.md)", t)}
    return [ROOT / "book" / name for name in sorted(names) if (ROOT / "book" / name).is_file()]


def write(path: Path, content: bytes) -> None:
    """Write a file, and the folders it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    run_notebooks.replace_file(path, content)


def hand_out(paths: list[Path], to: Path, folder: Path = ROOT / "notebooks") -> int:
    """Write both versions of the notebooks under `to` and return how many lines the leak test looked for."""
    everything = {p.name: nbformat.read(p, as_version=4) for p in run_notebooks.all_notebooks(folder)}
    masters = {p.name: everything[p.name] for p in paths}
    students = {name: student_version(nb) for name, nb in masters.items()}
    looked_for = leak_test(everything, students)
    files = {}
    for path in paths:
        place = path.relative_to(folder)
        files[to / "student" / "notebooks" / place] = run_notebooks.serialise(students[path.name])
        files[to / "solutions" / place] = run_notebooks.serialise(solution_key(masters[path.name]))
    for page in linked_pages(students.values()):
        files[to / "student" / page.relative_to(ROOT)] = page.read_bytes()
    for target, content in files.items():
        write(target, content)
    return looked_for


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 1 when a solution would have been handed out."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, prog="handout.py"
    )
    parser.add_argument("notebooks", nargs="*", help="numbers (05) or paths; without any, all")
    parser.add_argument("--to", type=Path, default=HANDOUT, help="folder to write into")
    options = parser.parse_args(arguments)
    paths = [run_notebooks.find(name) for name in options.notebooks] or run_notebooks.all_notebooks()
    try:
        looked_for = hand_out(paths, options.to)
    except LeakError as leak:
        print(leak, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"cannot write into {options.to}: {error.strerror or error}", file=sys.stderr)
        return 1
    print(
        f"{len(paths)} notebook{'s' * (len(paths) > 1)} in {options.to / 'student'}, keys in"
        f" {options.to / 'solutions'}; none of {looked_for} lines of solutions is in a student version"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

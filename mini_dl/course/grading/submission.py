"""A notebook as it was handed in, and which of its statements a function needs.

Nothing is run here. Only the statements that the function leads to are run later, so that an endless loop,
an `exit()` or a syntax error in some other cell does not matter.
"""

from __future__ import annotations

import ast
import json
import re
import symtable
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LARGEST = 100_000_000  # bytes
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class UnreadableError(Exception):
    """The file is no notebook; the message says what is wrong with it."""


@dataclass(frozen=True)
class Statement:
    """A statement at the top level of a code cell."""

    cell: int  # counted from 1, all cells
    index: int  # within the cell
    node: ast.stmt
    source: str  # of the whole cell

    @property
    def binds(self) -> set[str]:
        """Names that it gives a value."""
        return {name for name, how in _touched(self.node) if how == "binds"}

    @property
    def changes(self) -> set[str]:
        """Names whose object it changes, as in `Tensor.exp = exp` or `table[0] = 1`."""
        return {name for name, how in _touched(self.node) if how == "changes"}

    @property
    def reads(self) -> set[str]:
        """Names of the notebook that it may look up, now or when what it defines is called."""
        source = ast.unparse(self.node)
        table = symtable.symtable(source, f"<cell {self.cell}>", "exec")
        names = {s.get_name() for s in table.get_symbols() if s.is_referenced()}
        return names | _globals(table) | {name for name, how in _touched(self.node) if how == "adds to"}

    @property
    def imports_all(self) -> bool:
        """Whether it is `from … import *`."""
        return isinstance(self.node, ast.ImportFrom) and self.node.names[0].name == "*"


def _globals(table: symtable.SymbolTable) -> set[str]:
    """Return the global names that the functions and classes within a scope look up."""
    found: set[str] = set()
    for inner in table.get_children():
        found |= {s.get_name() for s in inner.get_symbols() if s.is_global() and s.is_referenced()}
        found |= _globals(inner)
    return found


def _touched(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield (name, "binds", "changes" or "adds to") for a statement, without looking into functions."""
    if isinstance(node, _FUNCTIONS):
        yield node.name, "binds"
        return
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from ((alias.asname or alias.name.split(".")[0], "binds") for alias in node.names)
    elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        yield node.target.id, "adds to"
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id, "binds"
    elif isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, ast.Store):
        root: ast.AST = node
        while isinstance(root, (ast.Attribute, ast.Subscript)):
            root = root.value
        if isinstance(root, ast.Name):
            yield root.id, "changes"
    if not isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
        for child in ast.iter_child_nodes(node):
            yield from _touched(child)


@dataclass
class Submission:
    """A notebook that was read: its cells, its statements in order, and the cells Python cannot read."""

    path: Path
    cells: list[tuple[str, str]] = field(default_factory=list)  # kind and source
    statements: list[Statement] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def defines(self, name: str) -> bool:
        """Whether some cell gives `name` a value."""
        return any(name in s.binds for s in self.statements)

    def needed_for(self, name: str) -> list[Statement]:
        """Return the statements that `name` needs, in the notebook's order; the last definition counts."""
        wanted: set[int] = {i for i, s in enumerate(self.statements) if s.imports_all}
        todo, seen = [name], set[str]()
        while todo:
            current = todo.pop()
            if current in seen:
                continue
            seen.add(current)
            for i in self._that_make(current):
                wanted.add(i)
                todo += self.statements[i].reads - seen
        return [self.statements[i] for i in sorted(wanted)]

    def _that_make(self, name: str) -> Iterator[int]:
        """Yield the last statement that binds `name`, those before if it builds on them, changes after it."""
        binding = [i for i, s in enumerate(self.statements) if name in s.binds]
        if not binding:
            return
        yield from (i for i, s in enumerate(self.statements) if i > binding[-1] and name in s.changes)
        for i in reversed(binding):
            yield i
            node = self.statements[i].node
            builds_on_old = not isinstance(node, _FUNCTIONS) and name in self.statements[i].reads
            if not builds_on_old and not isinstance(node, (ast.If, ast.Try, ast.For, ast.While, ast.With)):
                return


def _code(source: str) -> str:
    """Return a cell's source without what only IPython understands; the lines keep their numbers."""
    if source.lstrip().startswith("%%"):
        first, _, rest = source.lstrip().partition("\n")
        return "\n" + rest if re.match(r"%%(time|timeit|capture|prun)\b", first) else ""
    return re.sub(r"^([ \t]*)[%!?].*$", r"\1pass", source, flags=re.MULTILINE)


def _cells(content: Any) -> Iterator[tuple[str, str]]:
    """Yield kind and source of each cell, however little else is right in the file."""
    cells = content.get("cells")
    if cells is None and isinstance(content.get("worksheets"), list):  # notebooks before version 4
        cells = [cell for sheet in content["worksheets"] for cell in sheet.get("cells", [])]
    if not isinstance(cells, list):
        raise UnreadableError("the file has no list of cells: it is not a notebook")
    for cell in cells:
        if not isinstance(cell, dict):
            cell = {}
        source = cell.get("source", cell.get("input", ""))
        if isinstance(source, list):
            source = "".join(map(str, source))
        yield str(cell.get("cell_type", "")), str(source)


def read(path: Path) -> Submission:
    """Read a notebook.

    Raises
    ------
    UnreadableError
        If the file cannot be read, or is no notebook.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise UnreadableError(f"the file is larger than {LARGEST // 10**6} MB")
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UnreadableError(f"the file cannot be read ({error.strerror or error})") from None
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"the file is not a notebook ({error})") from None
    if not isinstance(content, dict):
        raise UnreadableError("the file is not a notebook (its JSON is no object)")
    submission = Submission(path, list(_cells(content)))
    for number, (kind, written) in enumerate(submission.cells, start=1):
        if kind != "code":
            continue
        source = _code(written)
        try:
            body = ast.parse(source).body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
            reason = error.msg if isinstance(error, SyntaxError) else str(error)
            submission.problems.append(f"Cell {number}{line}: Python cannot read it ({reason}).")
            continue
        submission.statements += [Statement(number, i, node, source) for i, node in enumerate(body)]
    return submission

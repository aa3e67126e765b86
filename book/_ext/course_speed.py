"""What the book tells about the engine in numbers, written while it is built: its speed and its size.

The speed comes from ``benchmarks/results/engine.json`` by the same function that prints it on a terminal,
``table`` in ``benchmarks/engine.py``; the size is counted in the files.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

BENCHMARK, RESULTS = "benchmarks/engine.py", "benchmarks/results/engine.json"
SPEED_MARK = "<!-- here: the benchmark, from benchmarks/results/engine.json -->"
SIZE_MARK = "<!-- here: the engine's size -->"


def speed(root: Path) -> str:
    """Return the recorded benchmark as Markdown."""
    sys.path.insert(0, str(root / "benchmarks"))  # engine.py imports its neighbour
    try:
        spec = importlib.util.spec_from_file_location("course_benchmark", root / BENCHMARK)
        if spec is None or spec.loader is None:
            raise ExtensionError(f"the page on speed needs {BENCHMARK}, which cannot be loaded")
        benchmark = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(benchmark)
        return benchmark.table(json.loads((root / RESULTS).read_text(encoding="utf-8")))
    finally:
        sys.path.remove(str(root / "benchmarks"))


def engine_files(root: Path) -> list[Path]:
    """Return the files of the engine: all of mini_dl but the course."""
    return sorted(p for p in (root / "mini_dl").rglob("*.py") if "course" not in p.relative_to(root).parts)


def statements(path: Path) -> int:
    """Count statements, each as one line: no blank lines, comments or docstrings, no line breaks in it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and ast.get_docstring(node) is not None
        ):
            node.body[0] = ast.Pass()
    return len([line for line in ast.unparse(tree).splitlines() if line.strip() not in ("", "pass")])


def lines(path: Path) -> int:
    """Count the lines of a file, all of them."""
    return len(path.read_text(encoding="utf-8").splitlines())


def size(root: Path) -> str:
    """Return a sentence on the engine's length."""
    files = engine_files(root)
    core = sum(lines(root / "mini_dl" / f"{name}.py") for name in ("tensor", "autograd"))
    whole, count = sum(map(lines, files)), sum(map(statements, files))
    return (
        f"The core, `tensor.py` and `autograd.py`, has {core} lines with all explanations. The whole engine "
        f"has {count:,} statements in {len(files)} files; with docstrings, examples, comments and blank "
        f"lines these are {whole:,} lines. A test keeps the core below 400 lines and the whole below 2,000 "
        "statements."
    )


def fill(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the numbers in place of their marks."""
    root = Path(app.srcdir)
    if SPEED_MARK in source[0]:
        app.env.note_dependency(str(root / RESULTS))
        app.env.note_dependency(str(root / BENCHMARK))
        source[0] = source[0].replace(SPEED_MARK, speed(root))
    if SIZE_MARK in source[0]:
        for path in engine_files(root):
            app.env.note_dependency(str(path))
        source[0] = source[0].replace(SIZE_MARK, size(root))


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect everything."""
    app.connect("source-read", fill)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

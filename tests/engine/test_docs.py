"""The documentation of the engine: every public name has it, every example runs, sizes are what they claim."""
# ruff: noqa: E501

import ast
import doctest
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import mini_dl
from mini_dl import nn, optim

ROOT = Path(mini_dl.__file__).parent
sys.path.insert(0, str(ROOT.parent / "book" / "_ext"))
import course_speed  # noqa: E402

NAMES = ["mini_dl"] + [
    m.name for m in pkgutil.walk_packages([str(ROOT)], "mini_dl.") if not m.name.startswith("mini_dl.course")
]  # fmt: skip
MODULES = [importlib.import_module(name) for name in NAMES]


def public():
    """Yield (name, object) for all functions and classes that a reader may use."""
    for module in MODULES:
        for name, thing in vars(module).items():
            home = getattr(thing, "__module__", None)
            if home == module.__name__ and not name.startswith("_") and callable(thing):
                yield f"{module.__name__}.{name}", thing


PUBLIC = dict(public())
# parts of the machine that ops and modules use; a reader meets them in the source, where they are explained
INTERNAL = {
    "mini_dl.autograd.Node", "mini_dl.autograd.Into", "mini_dl.autograd.backward", "mini_dl.changes.changed",
    "mini_dl.changes.check_unchanged", "mini_dl.tensor.wrap", "mini_dl.tensor.unwrap", "mini_dl.types.numbers",
    "mini_dl.types.as_pytorch", "mini_dl.ops.add_rows", "mini_dl.ops.as_matrix", "mini_dl.ops.check_classes",
    "mini_dl.ops.Extremes", "mini_dl.debug.Drawing", "mini_dl.nn.blocks.ones_row", "mini_dl.optim.Optimizer",
}  # fmt: skip
INTERNAL |= {name for name in PUBLIC if name.startswith("mini_dl.errors.")}


def test_there_is_much_to_document():
    assert len(PUBLIC) > 120
    assert not INTERNAL - PUBLIC.keys()


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_documented(name):
    doc = inspect.getdoc(PUBLIC[name]) or ""
    assert len(doc.splitlines()[0]) > 10, f"{name} has no first line"
    if name not in INTERNAL:
        assert ">>> " in doc, f"{name} has no example"


# What the docstring of something public must tell. Short ones tell it in a sentence: "Return x + y." names
# both arguments and what comes back; from five arguments on, a section Parameters lists them.

USED = sorted(PUBLIC.keys() - INTERNAL)
TREES = {module.__name__: ast.parse(inspect.getsource(module)) for module in MODULES}
LAYERS = [n for n in USED if n.startswith("mini_dl.nn.modules.") and issubclass(PUBLIC[n], mini_dl.nn.Module)]
ON_TENSORS = [
    n
    for n in USED
    if n.rpartition(".")[0] in ("mini_dl.ops", "mini_dl.nn.functional", "mini_dl.nn.conv", "mini_dl.nn.attention",
                                "mini_dl.nn.recurrent")
]  # fmt: skip
SHAPES = re.compile(
    r"\([\w.…,·/ *{}-]*,[\w.…,·/ *{}-]*\)|\belements?\b|\bshape|\bax[ie]s\b|\brows?\b|\blength"
    r"|see `\w+`|\bnum_features\b"
)


def written(name):
    """Return the syntax tree of a function or class."""
    module, _, last = name.rpartition(".")
    for node in TREES[module].body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == last:
            return node
    raise LookupError(name)


def arguments(name):
    node = written(name)
    if isinstance(node, ast.ClassDef):
        node = next((f for f in node.body if isinstance(f, ast.FunctionDef) and f.name == "__init__"), None)
        if node is None:
            return []
    every = [*node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
    return [a.arg for a in every if a is not None and a.arg != "self"]


def words(doc):
    return set(re.findall(r"[A-Za-z0-9_]+", doc))


@pytest.mark.parametrize("name", USED)
def test_every_argument_is_explained(name):
    doc, given = inspect.getdoc(PUBLIC[name]), arguments(name)
    prose = doc.split(">>> ")[0]
    # dtype and requires_grad mean everywhere what they mean in Tensor
    assert [a for a in given if a not in words(prose) | {"dtype", "requires_grad"}] == []
    if len(given) > 4:
        assert "Parameters\n---" in doc


@pytest.mark.parametrize("name", [n for n in USED if inspect.isfunction(PUBLIC[n])])
def test_what_comes_back_is_told(name):
    node, doc = written(name), inspect.getdoc(PUBLIC[name])
    if any(isinstance(n, ast.Return | ast.Yield) and n.value is not None for n in ast.walk(node)):
        manager = any("contextmanager" in ast.unparse(d) for d in node.decorator_list)
        assert manager or re.search(r"\b[Rr]eturns?\b|; True if", doc), "what does it return?"


def raised(tree, functions, seen):
    """Yield the names of the errors that a piece of code raises, in the helpers that it calls as well."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            error = ast.unparse(node.exc.func)
            if error == "errors.explain":  # in `op`: NumPy's own error, told again
                continue
            yield "ValueError" if error == "Explained" else error
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            helper = node.func.id
            if helper in functions and helper not in seen:
                yield from raised(functions[helper], functions, {*seen, helper})


HELPERS = {
    f.name: f
    for tree in TREES.values()
    for f in tree.body
    if isinstance(f, ast.FunctionDef) and (f.name.startswith("_") or f.name == "check_classes")
}


@pytest.mark.parametrize("name", USED)
def test_errors_are_told(name):
    node, doc = written(name), inspect.getdoc(PUBLIC[name])
    if isinstance(node, ast.ClassDef):  # of a class, what making and calling it raises
        parts = [f for f in node.body if isinstance(f, ast.FunctionDef) and f.name in ("__init__", "forward")]
        found = {error for part in parts for error in raised(part, HELPERS, {part.name})}
    else:
        found = set(raised(node, HELPERS, {node.name}))
    told = doc.partition("Raises\n------\n")[2]
    assert [e for e in found - {"NotImplementedError"} if e not in told] == []


@pytest.mark.parametrize("name", ON_TENSORS + LAYERS)
def test_shapes_are_told(name):
    assert SHAPES.search(inspect.getdoc(PUBLIC[name]).split(">>> ")[0])


def test_methods_are_documented():
    for thing in (mini_dl.Tensor, nn.Module, optim.Optimizer, optim.LambdaLR):
        for name, part in vars(thing).items():
            if not name.startswith("_") and (callable(part) or isinstance(part, property)):
                assert len(inspect.getdoc(part) or "") > 10, f"{thing.__name__}.{name}"


def namespace():
    names = {"np": __import__("numpy"), "mini_dl": mini_dl}
    for module in (mini_dl.nn, mini_dl.nn.functional, mini_dl):
        names |= {k: v for k, v in vars(module).items() if not k.startswith("_")}
    return names


@pytest.mark.parametrize("module", MODULES, ids=NAMES)
def test_examples_run(module):
    finder, runner = (
        doctest.DocTestFinder(),
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE),
    )
    for example in finder.find(module, module.__name__, extraglobs=None):
        example.globs = {**namespace(), **example.globs}
        runner.run(example)
    result = runner.summarize(verbose=False)
    assert result.failed == 0, (
        f"{result.failed} of {result.attempted} examples fail; run pytest --doctest-modules"
    )


def test_examples_that_ops_made_are_found():
    """Decorated functions keep their documentation, so that doctest sees it."""
    found = [t for t in doctest.DocTestFinder().find(mini_dl.ops, "ops") if t.examples]
    assert len(found) > 45


def test_the_reading_order_names_every_file():
    text = mini_dl.__doc__
    for path in sorted(ROOT.rglob("*.py")):
        relative = path.relative_to(ROOT).as_posix()
        if not relative.startswith("course/") and path.name != "__init__.py":
            assert f"`{relative}`" in text, f"{relative} is not in the reading order of mini_dl/__init__.py"
    for relative in re.findall(r"`([\w/]+\.py)`", text):
        assert (ROOT / relative).exists(), f"{relative} is in the reading order but does not exist"


def test_sizes():
    """A core that fits in the head; an engine that can be read from the first file to the last.

    The whole is counted in statements, each as one line, however many lines the formatter gives it, without
    docstrings, comments and blank lines. With all of these it is more than twice as long, and README says so.
    """
    core, files = [ROOT / "tensor.py", ROOT / "autograd.py"], course_speed.engine_files(ROOT.parent)
    assert sum(map(course_speed.lines, core)) < 400
    assert len(files) > 20
    assert sum(map(course_speed.statements, files)) < 2000
    readme = (ROOT.parent / "README.md").read_text(encoding="utf-8")
    (told,) = re.findall(r"under 2,000 statements \(about ([\d,]+) lines with", readme)
    assert abs(sum(map(course_speed.lines, files)) / int(told.replace(",", "")) - 1) < 0.08


def test_what_counts_as_a_statement(tmp_path):
    path = tmp_path / "one.py"
    path.write_text(
        '"""Text."""\n\n# note\ndef f(\n    x,\n):\n    """Text."""\n    return (\n        x\n    )\n'
    )
    assert course_speed.statements(path) == 2  # def and return
    assert course_speed.lines(path) == 10


def test_numpy_is_all_it_needs():
    code = (
        "import sys, numpy; before = set(sys.modules); import mini_dl; "
        "found = {m.partition('.')[0] for m in set(sys.modules) - before} - set(sys.stdlib_module_names); "
        "print(*sorted(m for m in found if 'cython' not in m and m != 'numpy'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["mini_dl"]


def test_keeping_freed_memory():
    """In a process of its own, because the setting stays."""
    code = "import mini_dl; print(mini_dl.keep_freed_memory())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(sys.platform == "linux")


def test_keeping_freed_memory_where_it_cannot(monkeypatch):
    import ctypes

    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    assert mini_dl.keep_freed_memory() is False

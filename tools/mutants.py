"""Mutate the right answers of every exercise, and see which mutants its check does not catch.

    make mutants                            all exercises (about a second each)
    make mutants ARGS="margin 05"           the exercise `margin`, and those of notebook 05

Without make: `python tools/mutants.py`, with the same arguments.

The mutations know NumPy (`axis`, `keepdims`, `.T`, mean for sum, argmin for argmax, `<` for `<=`, a constant
one higher, a sign turned, a statement left out). A mutant that passes either shows a case that is missing
in the declaration, or computes the same answers as before: then it is listed, with the reason, in
`tests/exercises/equivalent_mutants.toml`. The command fails if a survivor is not listed there, or if
something listed survives no longer.
"""

from __future__ import annotations

import argparse
import ast
import copy
import inspect
import json
import os
import sys
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "exercises"
EQUIVALENT = FOLDER / "equivalent_mutants.toml"
RESULTS = FOLDER.parents[1] / "build" / "mutants.json"  # read by tests/exercises/table.py
SECONDS = 0.5

SWAPPED_CALLS = {
    "sum": ["mean", "max"],
    "mean": ["sum", "median"],
    "min": ["max", "mean"],
    "max": ["min"],
    "argmax": ["argmin"],
    "argmin": ["argmax"],
    "any": ["all"],
    "all": ["any"],
    "zeros": ["ones"],
    "ones": ["zeros"],
    "floor": ["ceil"],
    "ceil": ["floor"],
    "exp": ["exp2", "log"],
    "log": ["log2", "exp"],
    "sqrt": ["square"],
    "abs": ["sign"],
    "norm": ["sum"],
    "dot": ["multiply"],
    "maximum": ["minimum"],
    "minimum": ["maximum"],
    "vstack": ["hstack"],
    "hstack": ["vstack"],
}
COMPARISONS: dict[type[ast.cmpop], list[type[ast.cmpop]]] = {
    ast.Lt: [ast.LtE, ast.Gt],
    ast.LtE: [ast.Lt, ast.GtE, ast.Eq],
    ast.Gt: [ast.GtE, ast.Lt],
    ast.GtE: [ast.Gt, ast.LtE, ast.Eq],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
    ast.In: [ast.NotIn],
    ast.NotIn: [ast.In],
}
OPERATORS: dict[type[ast.operator], list[type[ast.operator]]] = {
    ast.Add: [ast.Sub],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Add, ast.Div],
    ast.Div: [ast.Mult],
    ast.FloorDiv: [ast.Mult, ast.Div],
    ast.Mod: [ast.FloorDiv],
    ast.Pow: [ast.Mult],
    ast.MatMult: [ast.Mult],
}


def replacements(node: ast.AST) -> Iterator[ast.AST | None]:
    """Every other node that may stand in the place of `node`; None leaves a statement out."""
    if isinstance(node, ast.Compare):
        for i, op in enumerate(node.ops):
            for other in COMPARISONS.get(type(op), []):
                new = copy.deepcopy(node)
                new.ops[i] = other()
                yield new
    elif isinstance(node, (ast.BinOp, ast.AugAssign)):
        for other_op in OPERATORS.get(type(node.op), []):
            changed = copy.deepcopy(node)
            changed.op = other_op()
            yield changed
        if isinstance(node, ast.BinOp):
            yield node.left
            yield node.right
            if isinstance(node.op, (ast.MatMult, ast.Sub, ast.Div)):
                yield ast.BinOp(node.right, node.op, node.left)
    elif isinstance(node, ast.BoolOp):
        new_bool = copy.deepcopy(node)
        new_bool.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield new_bool
        yield from node.values
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        if isinstance(node.value, bool):
            yield ast.Constant(not node.value)
        else:
            yield ast.Constant(node.value + 1)
            yield ast.Constant(node.value - 1)
    elif isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse
    elif isinstance(node, ast.Call):
        yield from _calls(node)
    elif (isinstance(node, ast.Attribute) and node.attr == "T") or (
        isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice)
    ):
        yield node.value
    elif isinstance(node, ast.If):
        always = copy.deepcopy(node)
        always.test = ast.Constant(True)
        never = copy.deepcopy(node)
        never.test = ast.Constant(False)
        yield from (always, never)
    elif isinstance(node, (ast.Assign, ast.AugAssign, ast.Expr, ast.Break, ast.Continue)):
        yield None


def _calls(node: ast.Call) -> Iterator[ast.AST]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    for other in SWAPPED_CALLS.get(name, []):
        new = copy.deepcopy(node)
        if isinstance(new.func, ast.Attribute):
            new.func.attr = other
        elif name in ("min", "max", "any", "all"):
            new.func = ast.Name(other, ast.Load())
        else:
            continue
        yield new
    for i, keyword in enumerate(node.keywords):
        if keyword.arg == "axis":
            for axis in (None, 0, 1):
                new = copy.deepcopy(node)
                new.keywords[i].value = ast.Constant(axis)
                if ast.dump(new) != ast.dump(node):
                    yield new
        if keyword.arg in ("axis", "keepdims", "initial", "default", "dtype"):
            new = copy.deepcopy(node)
            del new.keywords[i]
            yield new
    if name in ("copy", "int", "float", "abs", "transpose") and len(node.args) <= 1:
        inner = node.func.value if isinstance(node.func, ast.Attribute) and not node.args else None
        yield node.args[0] if node.args else (inner or node)


@dataclass
class Mutant:
    """One mutated answer."""

    answer: str  # name of the function that was mutated
    change: str  # "line before → line after"
    function: Callable[..., Any] | None


def mutants(function: Callable[..., Any]) -> Iterator[Mutant]:
    """Yield every mutant of `function` that differs from it in one place."""
    source = textwrap.dedent(inspect.getsource(function))
    tree = ast.parse(source)
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.decorator_list = []
    definition.returns = None
    for argument in definition.args.args:
        argument.annotation = None
    if ast.get_docstring(definition) is not None:
        definition.body = definition.body[1:]
    original = ast.unparse(tree).splitlines()
    seen = {ast.unparse(tree)}
    for path in _places(definition):
        node = _get(definition, path)
        for new in replacements(node):
            changed = copy.deepcopy(tree)
            _set(changed.body[0], path, copy.deepcopy(new))
            text = ast.unparse(ast.fix_missing_locations(changed))
            if text in seen:
                continue
            seen.add(text)
            lines = text.splitlines()
            yield Mutant(function.__name__, _difference(original, lines), _compile(text, function))


Path_ = tuple[tuple[str, int | None], ...]


def _places(node: ast.AST, path: Path_ = ()) -> Iterator[Path_]:
    for name, value in ast.iter_fields(node):
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST) and not (isinstance(child, ast.keyword) and child.arg == "strict"):
                here = (*path, (name, index))
                yield here
                yield from _places(child, here)


def _get(node: Any, path: Path_) -> Any:
    for name, index in path:
        node = getattr(node, name) if index is None else getattr(node, name)[index]
    return node


def _set(node: Any, path: Path_, new: ast.AST | None) -> None:
    parent, (name, index) = _get(node, path[:-1]), path[-1]
    if index is None:
        setattr(parent, name, new)
    elif new is None:
        getattr(parent, name)[index] = ast.Pass()
    else:
        getattr(parent, name)[index] = new


def _difference(before: list[str], after: list[str]) -> str:
    for a, b in zip(before, after, strict=False):
        if a != b:
            return f"{a.strip()} → {b.strip()}"
    return f"{len(before)} lines → {len(after)} lines"


def _compile(text: str, function: Callable[..., Any]) -> Callable[..., Any] | None:
    """Compile a mutant in the name space of its original; None if it is no longer Python."""
    names = dict(function.__globals__)
    try:
        exec(compile(text, "<mutant>", "exec"), names)
    except (SyntaxError, TypeError, ValueError, NameError):
        return None
    return names[function.__name__]  # type: ignore[no-any-return]


def run(
    name: str, answers: list[Callable[..., Any]], known: dict[str, str]
) -> tuple[int, int, list[str], set[str]]:
    """Return (mutants, caught, survivors without a reason, reasons used) of one exercise."""
    from mini_dl.course.checks import check

    exercise = getattr(check, name).exercise
    total = caught = 0
    unexplained: list[str] = []
    used: set[str] = set()
    for answer in answers:
        for mutant in mutants(answer):
            if mutant.function is None:
                continue
            total += 1
            key = f"{mutant.answer}: {mutant.change}"
            # a busy machine must not make a listed mutant, which ends by itself, look caught
            seconds = 60.0 if key in known else SECONDS
            passed = all(exercise(mutant.function, seed=seed, seconds=seconds).passed for seed in (0, 1))
            if not passed:
                caught += 1
            elif key in known:
                used.add(key)
            else:
                unexplained.append(key)
    return total, caught, unexplained, used


def main() -> int:
    """Run the command; 1 if a survivor is not explained."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("id", nargs="*", help="exercises, or numbers of notebooks; without any, all")
    wanted = parser.parse_args().id
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # more threads only wait for each other, past the limit
    sys.path.insert(0, str(FOLDER))
    from bank import Bank, bank_modules

    from mini_dl.course.checks import check

    equivalent = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))
    chapters = {
        module.__name__.removeprefix("bank_ch"): [b for b in vars(module).values() if isinstance(b, Bank)]
        for module in bank_modules()
    }
    found = {bank.id: bank for chapter in chapters.values() for bank in chapter}
    unknown = set(wanted) - set(found) - set(chapters)
    if unknown:
        parser.error(f"no bank for {', '.join(sorted(unknown))}; there are {', '.join([*chapters, *found])}")
    failures = 0
    counted: dict[str, dict[str, int]] = {}
    names = [n for word in wanted for n in ([b.id for b in chapters[word]] if word in chapters else [word])]
    for name in names or found:
        answers = [getattr(check, name).exercise.reference, *found[name].right_answers]
        known = equivalent.get(name, {})
        total, caught, unexplained, used = run(name, answers, known)
        same = total - caught - len(unexplained)
        print(
            f"{name}: {total} mutants of {len(answers)} answers, {caught} caught, {same} equivalent",
            flush=True,
        )
        for key in unexplained:
            print(f"  SURVIVES  {key}")
        for key in sorted(set(known) - used):
            print(f"  LISTED IN {EQUIVALENT.name}, BUT CAUGHT OR GONE  {key}")
        failures += len(unexplained) + len(set(known) - used)
        counted[name] = {
            "mutants": total,
            "killed": caught,
            "equivalent": same,
            "survived": len(unexplained),
        }
    total_of = {key: sum(c[key] for c in counted.values()) for key in next(iter(counted.values()))}
    telling = total_of["mutants"] - total_of["equivalent"]
    share = 100 * total_of["killed"] / telling if telling else 100.0
    print(
        f"all: {total_of['mutants']} mutants, {total_of['killed']} caught,"
        f" {total_of['equivalent']} equivalent, {total_of['survived']} survive:"
        f" {share:.1f} % of those that are not equivalent are caught"
    )
    _keep(counted)
    return int(failures > 0)


def _keep(counted: dict[str, dict[str, int]]) -> None:
    """Write the numbers down for the table that a test run prints at its end."""
    before = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(before | counted, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())

"""Calls of the reader's function, and what came of each."""

from __future__ import annotations

import copy
import linecache
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mini_dl.course.checks.compare import Opaque, compare, numbers, snapshot
from mini_dl.course.checks.exercise import Case, Exercise, Objection
from mini_dl.course.checks.sandbox import Tape
from mini_dl.course.checks.show import clean, kind_of


class CheckerFault(Exception):  # noqa: N818
    """The check itself is broken; the reader's answer is not to blame."""


@dataclass
class Outcome:
    """What one call gave: a value, an exception, or an object that cannot be judged."""

    kind: str  # "value", "raised", "objection"
    value: Any = None  # the value, or the name of the exception's class
    text: str = ""  # the exception's message, or the objection
    line: str = ""  # where the exception came from
    changed: tuple[str, ...] = ()  # names of arguments that were changed in place
    printed: str = ""

    @property
    def unfinished(self) -> bool:
        """Whether the function still raises NotImplementedError."""
        return self.kind == "raised" and self.value == "NotImplementedError"

    def same(self, other: Outcome, rtol: float) -> bool:
        """Whether two calls ended in the same way."""
        if self.kind != other.kind:
            return False
        if self.kind == "value":
            return alike(self.value, other.value, rtol)
        return self.value == other.value if self.kind == "raised" else self.text == other.text


def alike(want: Any, got: Any, rtol: float) -> bool:
    """Compare two answers that may both be wrong, and of any kind."""
    if isinstance(want, Opaque) or isinstance(got, Opaque):
        return isinstance(want, Opaque) and isinstance(got, Opaque) and want.kind == got.kind
    if isinstance(want, dict) and isinstance(got, dict):
        return want.keys() == got.keys() and all(alike(v, got[k], rtol) for k, v in want.items())
    if isinstance(want, (list, tuple)) and type(want) is type(got) and numbers(want) is None:
        return len(want) == len(got) and all(alike(w, g, rtol) for w, g in zip(want, got, strict=True))
    return compare(want, got, rtol) is None


def call(exercise: Exercise, function: Callable[..., Any], case: Case, tape: Tape | None = None) -> Outcome:
    """Call `function` on copies of the case's arguments and tell what came of it."""
    args = copy.deepcopy(case.args)
    outcome = _outcome(exercise, function, case, args)
    outcome.printed = tape.take() if tape is not None else ""
    outcome.changed = tuple(
        name
        for name, before, after in zip(exercise.parameters, case.args, args, strict=False)
        if name not in exercise.may_change and not unchanged(before, after)
    )
    return outcome


def answer(exercise: Exercise, function: Callable[..., Any], case: Case) -> Outcome:
    """Call one of the exercise's own functions, of which nobody asks what it printed or changed."""
    return _outcome(exercise, function, case, copy.deepcopy(case.args))


def _outcome(exercise: Exercise, function: Callable[..., Any], case: Case, args: tuple[Any, ...]) -> Outcome:
    try:
        result = function(*args)
        if not exercise.observed:
            return Outcome("value", snapshot(result))
    except SystemExit:
        return Outcome("raised", "SystemExit", "", "")
    except Exception as error:
        return Outcome("raised", type(error).__name__, clean(str(error)), source_line(error, function))
    if result is None:
        return Outcome("value", None)
    try:
        return Outcome("value", exercise.look(result, case))
    except Objection as objection:
        return Outcome("objection", None, str(objection))
    except Exception as error:
        if function is exercise.reference:
            raise CheckerFault(f"observing the answer of the reference raised {error!r}") from error
        found = f"{type(error).__name__}: {clean(str(error))}"
        return Outcome("objection", None, f"Your answer, {kind_of(result)}, cannot be read ({found}).")


def unchanged(before: Any, after: Any) -> bool:
    """Whether an argument is still what it was."""
    if type(before) is not type(after):
        return False
    if isinstance(before, np.ndarray):
        if before.shape != after.shape or before.dtype != after.dtype:
            return False
        if before.dtype.kind in "biufc" and before.tobytes() == after.tobytes():
            return True
        return bool(np.array_equal(before, after, equal_nan=before.dtype.kind in "fc"))
    if isinstance(before, (list, tuple)):
        return len(before) == len(after) and all(map(unchanged, before, after))
    if isinstance(before, dict):
        return list(before) == list(after) and all(unchanged(before[k], after[k]) for k in before)
    if type(before).__module__.split(".")[0] == "torch":
        return bool(compare(snapshot(before), snapshot(after), 0.0) is None)
    if isinstance(before, (bool, int, float, complex, str, bytes, type(None), np.generic)):
        return bool(before == after or before != before)
    return True  # an object of a class of its own: its exercise has to look at it itself


def source_line(error: BaseException, function: Callable[..., Any]) -> str:
    """Return "line 3: `total += x[i]`", the deepest line of the reader's own code that led to `error`."""
    home = getattr(getattr(function, "__code__", None), "co_filename", None)
    found = ""
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file == home:
            text = linecache.getline(file, trace.tb_lineno).strip()
            found = f"line {trace.tb_lineno}: {text}" if text else f"line {trace.tb_lineno}"
        trace = trace.tb_next
    return found

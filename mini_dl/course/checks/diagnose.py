"""Hints that need no declaration: what is wrong in all answers in the same, recognisable way."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from mini_dl.course.checks.compare import close, numbers
from mini_dl.course.checks.exercise import Case, Exercise
from mini_dl.course.checks.run import Outcome
from mini_dl.course.checks.show import show

Pair = tuple[np.ndarray, np.ndarray]


def diagnose(
    exercise: Exercise,
    function: Callable[..., Any],
    cases: list[Case],
    want: list[Outcome],
    got: list[Outcome],
) -> str:
    """Return a hint for a pattern that holds in all answers, or an empty string."""
    order = _parameter_order(exercise, function)
    if order:
        return order
    constant = _constant(want, got)
    if constant:
        return constant
    pairs = _pairs(want, got)
    if pairs is None:
        return ""
    rtol = exercise.rtol
    for holds, hint in _patterns(pairs, cases, rtol):
        if holds:
            return hint
    return ""


def _constant(want: list[Outcome], got: list[Outcome]) -> str:
    answers = [numbers(g.value) for g in got]
    first = answers[0]
    if first is None or len(got) < 2 or all(w.same(want[0], 1e-9) for w in want):
        return ""
    if all(a is not None and a.shape == first.shape and np.array_equal(a, first) for a in answers):
        shown = show(first if first.ndim else first.item()).replace("\n", "")
        return f"Your function answers {shown} whatever it is given: it has to depend on the arguments."
    return ""


def _pairs(want: list[Outcome], got: list[Outcome]) -> list[Pair] | None:
    """Return expected and given numbers of all cases, or None if some case gave no comparable numbers."""
    pairs = []
    for w, g in zip(want, got, strict=True):
        expected, given = numbers(w.value), numbers(g.value)
        if w.kind != "value" or g.kind != "value" or expected is None or given is None:
            return None
        if expected.size != given.size or (expected.size > 1 and expected.shape != given.shape):
            return None
        given = given.reshape(expected.shape)
        if expected.dtype.kind == "b":  # NumPy has no −x for booleans
            expected = expected.astype(int)
        if not (np.all(np.isfinite(expected)) and np.all(np.isfinite(given))):
            return None
        pairs.append((expected, given))
    return pairs


def _patterns(pairs: list[Pair], cases: list[Case], rtol: float) -> Iterator[tuple[bool, str]]:
    def always(change: Callable[[np.ndarray], np.ndarray]) -> bool:
        return all(bool(np.all(close(np.asarray(change(w)), g, rtol))) for w, g in pairs)

    want = np.concatenate([w.ravel().astype(float) for w, _ in pairs])
    got = np.concatenate([g.ravel().astype(float) for _, g in pairs])
    binary = bool(np.isin(want, (0, 1)).all() and np.isin(got, (0, 1)).all())
    yield binary and always(lambda w: 1 - w), "All your answers are the opposite: 0 where 1 is expected."
    yield always(lambda w: -w), "All your answers have the wrong sign."
    if not binary:
        big = int(np.argmax(np.abs(want)))
        factor = got[big] / want[big] if want[big] else 0.0
        yield (
            abs(factor) > 1e-9 and always(lambda w: factor * w),
            f"All your answers are {show(float(factor))} times what is expected: look for a factor.",
        )
        yield (
            _count(pairs, cases, rtol, 1),
            "Your answers are sums where a mean is expected: divide by the number.",
        )
        yield _count(pairs, cases, rtol, -1), "Your answers are means where a sum is expected."
        whole = all(g.dtype.kind in "iu" for _, g in pairs)
        yield (
            always(np.trunc),
            "Your numbers lost everything behind the decimal point"
            + (": the array you fill has an integer dtype." if whole else "."),
        )
        rounded = any(always(_rounding(k)) for k in range(5))
        yield rounded, "Your numbers are rounded: return them as they are."
        yield (
            always(lambda w: w + (got[0] - want[0])),
            f"All your answers are off by the same amount, {show(float(got[0] - want[0]))}.",
        )


def _count(pairs: list[Pair], cases: list[Case], rtol: float, power: int) -> bool:
    """Whether each answer is the expected one times (or divided by) the length of the same argument."""
    for position in range(len(cases[0].args)):
        lengths = [_length(c.args[position]) if position < len(c.args) else 0 for c in cases]
        if all(lengths) and len(set(lengths)) > 1:
            scaled = [(w * float(n) ** power, g) for (w, g), n in zip(pairs, lengths, strict=True)]
            if all(bool(np.all(close(w, g, rtol))) for w, g in scaled):
                return True
    return False


def _rounding(digits: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda numbers: np.asarray(np.round(numbers, digits))


def _length(argument: Any) -> int:
    return len(argument) if isinstance(argument, (list, tuple)) or np.ndim(argument) else 0


def _parameter_order(exercise: Exercise, function: Callable[..., Any]) -> str:
    try:
        given = tuple(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return ""
    expected = exercise.parameters
    if given != expected and sorted(given) == sorted(expected):
        return f"Your parameters stand in another order, ({', '.join(given)}), than ({', '.join(expected)})."
    return ""

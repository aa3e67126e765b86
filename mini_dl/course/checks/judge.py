"""From a reader's function to a report: run it, compare, and find the words."""

from __future__ import annotations

import dis
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from mini_dl.course.checks.compare import Difference, compare, without_dust
from mini_dl.course.checks.diagnose import diagnose
from mini_dl.course.checks.exercise import Case, Exercise
from mini_dl.course.checks.limits import Stopped, Watch, limited
from mini_dl.course.checks.report import ORDINARY, Report
from mini_dl.course.checks.run import CheckerFault, Outcome, answer, call
from mini_dl.course.checks.sandbox import sandbox
from mini_dl.course.checks.show import clean, kind_of, show, show_call, show_call_briefly

REPEATS = 3  # so many calls are made twice, to see whether the answers stay the same
OTHERS_SHOWN = 3
_IDLE = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "POP_TOP", "CACHE"}


def judge(exercise: Exercise, student: Any, seed: int = 0, seconds: float | None = None) -> Report:
    """Check `student` against `exercise`. Only Ctrl-C (the stop button) is let through."""
    try:
        return _judge(exercise, student, seed, exercise.seconds if seconds is None else seconds)
    except Exception as error:
        cause = f"{type(error).__name__}: {clean(str(error))}"
        summary = "Not your answer is at fault. Please report this line to the course's authors."
        return Report(exercise.id, "broken check", summary, rows=[("Cause", cause)])


def _judge(exercise: Exercise, student: Any, seed: int, seconds: float) -> Report:
    cases = exercise.draw(seed)
    if not callable(student) or _is_network(student):
        return _not_a_function(exercise, student)
    if _does_nothing(student):
        return _not_attempted(exercise)
    problem = _signature_problem(exercise, student, cases)
    if problem:
        return Report(exercise.id, "error", "The call does not fit your parameters.", hint=problem)
    want = [answer(exercise, exercise.reference, c) for c in cases]
    for case, outcome in zip(cases, want, strict=True):
        if outcome.kind != "value":
            raise CheckerFault(f"the reference fails on {case.args!r}: {outcome.value} {outcome.text}")

    got: list[Outcome] = []
    again: list[Outcome] = []

    def work(watch: Watch) -> None:
        tape.overflow = lambda: watch.break_off("print")
        for case in cases:
            got.append(call(exercise, student, case, tape))
            if got[-1].unfinished:
                return
        for case in cases[:REPEATS]:
            again.append(call(exercise, student, case, tape))

    try:
        # Left when the limits are lifted: an `Escape` while it cleans up would leave half of it behind.
        with sandbox(student) as tape:
            limited(work, seconds, exercise.megabytes)
    except Stopped as stopped:
        return _stopped(exercise, cases[min(len(got), len(cases) - 1)], stopped.reason, seconds)
    if len(got) == 1 and got[0].unfinished:
        return _not_attempted(exercise)
    cases, want = cases[: len(got)], want[: len(got)]
    steady = all(a.same(b, exercise.rtol) for a, b in zip(got, again, strict=False))
    differences = [_difference(exercise, w, g) for w, g in zip(want, got, strict=True)]
    if not any(differences) and steady:
        return _passed(exercise, cases)
    if not steady:
        summary = "The same call, made twice, gave two different answers."
        hint = "Random numbers? Or does it remember something from call to call: a global, a list as default?"
        first = show_call(exercise.id, exercise.parameters, cases[0].args)
        return Report(exercise.id, "failed", summary, rows=[("Call", first)], hint=hint, args=cases[0].args)
    return _failed(exercise, student, cases, want, got, differences)


def _difference(exercise: Exercise, want: Outcome, got: Outcome) -> Difference | None:
    """Return None if the call was answered rightly."""
    if got.kind == "raised":
        return Difference()
    if got.kind == "objection":
        return Difference(hint=got.text)
    if got.value is None and want.value is not None:
        printed = got.printed.strip()
        if printed:
            text = "Your function prints its answer and returns None. Hand it back with `return`."
        else:
            text = "Your function returns None: is there a `return` on every path through it?"
        return Difference(hint=text)
    difference = compare(want.value, got.value, exercise.rtol)
    if difference is None and got.changed:
        names = " and ".join(f"`{name}`" for name in got.changed)
        return Difference(
            hint=f"The answer is right, but your function changes its argument {names} in place."
            " Work on a copy: the caller may still need the old values."
        )
    return difference


def _failed(
    exercise: Exercise,
    student: Callable[..., Any],
    cases: list[Case],
    want: list[Outcome],
    got: list[Outcome],
    differences: list[Difference | None],
) -> Report:
    wrong = [i for i, d in enumerate(differences) if d is not None]
    first = wrong[0]
    case, outcome, difference = cases[first], got[first], differences[first]
    assert difference is not None
    rows = [("Call", show_call(exercise.id, exercise.parameters, case.args))]
    if case.name:
        rows.append(("Case", case.name))
    rows += _expected_and_got(want[first], outcome, difference)
    if outcome.printed.strip():
        lines = clean(outcome.printed.strip(), 300).splitlines()
        rows.append(("It printed", "\n".join(lines[:6] + ["…"] * (len(lines) > 6))))
    mistake = _mistake(exercise, cases, got)
    if mistake is not None:
        hint = mistake.hint
    elif outcome.kind == "raised":
        hint = _hint_for_error(outcome)
    else:
        hint = difference.hint or diagnose(exercise, student, cases, want, got)
    if len(wrong) > 1:
        rows.append(("Also wrong", _others(exercise, cases, wrong[1:])))
    core = [not d for c, d in zip(cases, differences, strict=True) if not c.edge]
    edges = [not d for c, d in zip(cases, differences, strict=True) if c.edge]
    score = ORDINARY + (1 - ORDINARY) * sum(edges) / len(edges) if all(core) and edges else 0.0
    if score:
        summary = (
            f"All ordinary cases are right; of the {len(edges)} edge cases {len(edges) - sum(edges)} are not."
        )
    else:
        summary = _count(cases, wrong, want[first].value, outcome.value)
    state = "error" if outcome.kind == "raised" else "failed"
    return Report(
        exercise.id, state, summary, score, rows, hint, "" if mistake is None else mistake.name, case.args
    )


def _expected_and_got(want: Outcome, got: Outcome, difference: Difference) -> list[tuple[str, str]]:
    if got.kind == "raised":
        if got.value == "SystemExit":
            return [("Got", "your function ends the program: exit(), quit() or sys.exit()")]
        rows = [("Got", f"{got.value}: {got.text}" if got.text else got.value)]
        return rows + ([("In", got.line)] if got.line else [])
    if got.kind == "objection" or (got.value is None and isinstance(want.value, dict)):
        return []
    if isinstance(want.value, dict) and isinstance(got.value, dict) and set(want.value) == set(got.value):
        key = next((k for k in want.value if compare(want.value[k], got.value[k]) is not None), None)
        if key is not None:
            w, g = want.value[key], got.value[key]
            return [("Got", f"for {key} yours gives {_plain(g)}; expected {_plain(w)}")]
    expected = show(without_dust(want.value))
    given = "None" if got.value is None else show(without_dust(got.value))
    if expected == given and not got.changed:
        given = show(got.value, 12) if show(got.value, 12) != show(want.value, 12) else kind_of(got.value)
        expected = show(want.value, 12)
    rows = [("Expected", expected), ("Got", given)]
    return rows + ([("Where", difference.where)] if difference.where else [])


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else show(value)


def _mistake(exercise: Exercise, cases: list[Case], got: list[Outcome]) -> Any:
    """Return the declared mistake that reproduces all answers, if there is one."""
    with sandbox(exercise.reference):
        for mistake in exercise.mistakes:
            answers = (answer(exercise, mistake.reference, case) for case in cases)
            if all(a.same(g, exercise.rtol) for a, g in zip(answers, got, strict=True)):
                return mistake
    return None


def _count(cases: list[Case], wrong: list[int], want: Any, got: Any) -> str:
    if len(cases) > 1:
        return f"{len(cases) - len(wrong)} of {len(cases)} cases are right."
    if isinstance(want, dict) and isinstance(got, dict) and set(want) == set(got):
        right = sum(compare(want[k], got[k]) is None for k in want)
        return f"{right} of {len(want)} situations are right."
    return "The answer is not right."


def _others(exercise: Exercise, cases: list[Case], wrong: list[int]) -> str:
    """Name up to three further failing cases: those that a name or a short call describes come first."""
    lines: list[str] = []
    long: list[Case] = []
    for i in wrong:
        table = any(isinstance(a, np.ndarray) and a.ndim > 1 and len(a) > 1 for a in cases[i].args)
        text = cases[i].name or (
            "\n" if table else show_call(exercise.id, exercise.parameters, cases[i].args)
        )
        if "\n" in text:
            long.append(cases[i])
        elif text not in lines:
            lines.append(text)
        if len(lines) == OTHERS_SHOWN:
            break
    while long and len(lines) < OTHERS_SHOWN:
        text = show_call_briefly(exercise.id, exercise.parameters, long.pop(0).args)
        if text not in lines:
            lines.append(text)
    if len(wrong) > len(lines):
        lines.append(f"and {len(wrong) - len(lines)} more")
    return "\n".join(lines)


_HINTS_FOR_ERRORS = {
    "SystemExit": "A function gives its answer back with `return`; it never needs to end the program.",
    "RecursionError": "Your function calls itself without end: it needs a case that does not.",
    "NotImplementedError": "The line `raise NotImplementedError` is still reached: take it out.",
    "UnboundLocalError": "A variable is read before it has a value, or has one on some paths only.",
    "NameError": "A name is used that nothing defines: a typing error, or a cell that was not run?",
    "ZeroDivisionError": "What should the answer be when there is nothing to divide by?",
    "MemoryError": "The array asked for is far too large: look at its shape.",
    "is ambiguous": "`if` and `and` ask for one answer, and a comparison of arrays gives one per entry."
    " Was a dot product `@` meant, or `.any()`, or `.all()`?",
    "Cannot cast ufunc": "The array that is added to holds integers: make it a float array first.",
    "could not be broadcast": "The two shapes do not fit: print both just before this line.",
    "mismatch in its core dimension": "The two shapes do not fit: print both just before this line.",
    "values to unpack": "There are not as many values on the right of `=` as names on the left. Where a shape"
    " is taken apart: is there an axis too many, so that you have to take one of its channels or rows first?",
    "not aligned": "The two shapes do not fit: print both just before this line.",
    "from checkpoint but received": "PyTorch's `load_state_dict` takes tensors of PyTorch only: make each"
    " value one, with `torch.tensor(np.array(value))`.",
    "must have the same dtype": "Two number types meet. NumPy's arrays are float64, new layers float32:"
    " bring both to one type, for instance with `.to(…)`.",
    "'NoneType'": "Something is None there: a function without `return`, a method that works in place, or the"
    " `.grad` of a tensor that is no leaf, as `w` after `w = w - lr * w.grad`?",
}


def _hint_for_error(outcome: Outcome) -> str:
    found = [h for key, h in _HINTS_FOR_ERRORS.items() if key == outcome.value or key in outcome.text]
    return found[0] if found else ""


def _is_network(thing: Any) -> bool:
    """Whether it is a network of mini_dl or PyTorch: it can be called, but is a result, not a function."""
    return not isinstance(thing, type) and all(hasattr(thing, n) for n in ("state_dict", "named_parameters"))


def _does_nothing(function: Any) -> bool:
    """Whether the body is only a docstring, `pass`, `...` or `return None`."""
    code = getattr(function, "__code__", None)
    if code is None:
        return False
    steps = list(dis.get_instructions(code))
    constants = {s.argval for s in steps if s.opname in ("LOAD_CONST", "RETURN_CONST")}
    return all(s.opname in _IDLE for s in steps) and constants <= {None, Ellipsis}


def _signature_problem(exercise: Exercise, student: Callable[..., Any], cases: list[Case]) -> str:
    try:
        signature = inspect.signature(student)
    except (TypeError, ValueError):
        return ""
    for case in cases:
        try:
            signature.bind(*case.args)
        except TypeError as error:
            names = ", ".join(exercise.parameters[: len(case.args)])
            theirs = ", ".join(map(str, signature.parameters.values())) or "none"
            return f"It is called as {exercise.id}({names}); your parameters are: {theirs} ({error})."
    return ""


def _not_a_function(exercise: Exercise, student: Any) -> Report:
    hint = (
        f"Write check.{exercise.id}(your_function), with the function's name alone. If brackets follow it,"
        " Python calls it first and passes its result on."
    )
    summary = f"The check needs the function itself; it was given {kind_of(student)}."
    return Report(exercise.id, "error", summary, hint=hint)


def _not_attempted(exercise: Exercise) -> Report:
    return Report(
        exercise.id, "not attempted", "Write the function above, run its cell, then this one again."
    )


def _passed(exercise: Exercise, cases: list[Case]) -> Report:
    edges = sum(c.edge for c in cases)
    count = {1: "the only case is right", 2: "both cases are right"}.get(
        len(cases), f"all {len(cases)} cases are right"
    )
    summary = count + (f", {edges} edge cases among them." if edges > 1 else ".")
    return Report(exercise.id, "passed", summary, score=1.0)


def _stopped(exercise: Exercise, case: Case, reason: str, seconds: float) -> Report:
    rows = [("Call", show_call(exercise.id, exercise.parameters, case.args))]
    if reason == "time":
        summary = f"All calls together may take {seconds:g} s; in this one your function was stopped."
        hint = "Does a loop never end? Check that its condition can become false."
        return Report(exercise.id, "timeout", summary, rows=rows, hint=hint, args=case.args)
    if reason == "memory":
        summary = f"Your function was stopped when it had taken {exercise.megabytes:g} MB of memory."
        hint = "Does a list grow in a loop that never ends? Or is an array far larger than meant?"
    else:
        summary = "Your function was stopped because it did not stop printing."
        hint = "Does a loop with a print in it never end?"
    return Report(exercise.id, "error", summary, rows=rows, hint=hint, args=case.args)

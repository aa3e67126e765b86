"""Faults and harmless variations that fit any exercise: made from its reference, applied to all."""

from __future__ import annotations

import decimal
import fractions
import functools
import itertools
import math
import os
import random
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from mini_dl.course.checks import Exercise
from mini_dl.course.checks.compare import numbers

Function = Callable[..., Any]


def numeric(exercise: Exercise) -> bool:
    """Whether the exercise asks for one number or array (and not for a network or several arrays)."""
    answer = first_answer(exercise)
    return not exercise.observed and not isinstance(answer, tuple) and numbers(answer) is not None


def first_answer(exercise: Exercise) -> Any:
    return exercise.reference(*exercise.draw()[0].args)


def not_attempted(exercise: Exercise) -> Iterator[tuple[str, Function]]:
    def raises(*args: Any) -> Any:
        """Return the answer."""
        raise NotImplementedError

    def raises_with_text(*args: Any) -> Any:
        raise NotImplementedError("write me")

    def passes(*args: Any) -> Any:
        """Return the answer."""
        pass

    def dots(*args: Any) -> Any: ...

    def returns_none(*args: Any) -> Any:
        return None

    yield from ((f.__name__, f) for f in (raises, raises_with_text, passes, dots, returns_none))


def faults(exercise: Exercise) -> Iterator[tuple[str, Any, str, str]]:
    """Yield (name, function, state, what the report has to say)."""
    right = exercise.reference
    n = len(exercise.parameters)

    def prints(*args: Any) -> None:
        print(right(*args))

    def forgets_return(*args: Any) -> None:
        answer = right(*args)
        del answer

    def one_too_many(*args: Any) -> Any:
        return right(*args)

    one_too_many.__signature__ = _signature(n + 1)  # type: ignore[attr-defined]

    def system_exit(*args: Any) -> None:
        sys.exit(3)

    def hard_exit(*args: Any) -> None:
        os._exit(3)

    def plain_exit(*args: Any) -> None:
        exit()

    def endless_recursion(*args: Any) -> Any:
        return endless_recursion(*args)

    def raises(*args: Any) -> None:
        raise ValueError("something in here")

    def raises_from_answer(*args: Any) -> Any:
        return {}["missing"]

    def generates(*args: Any) -> Iterator[Any]:
        yield right(*args)

    async def waits(*args: Any) -> Any:
        return right(*args)

    def gives_function(*args: Any) -> Any:
        return right

    def gives_type(*args: Any) -> Any:
        return int

    def gives_text(*args: Any) -> Any:
        return "the answer"

    def gives_dict(*args: Any) -> Any:
        return {"answer": right(*args)}

    def gives_object(*args: Any) -> Any:
        return object()

    def gives_not_implemented(*args: Any) -> Any:
        return NotImplemented

    def asks(*args: Any) -> Any:
        return input("what is it? ")

    def in_place(*args: Any) -> Any:
        answer = right(*args)
        for i in guarded(exercise):
            a = args[i]
            if isinstance(a, list):
                a.append(0)
            elif _can_change(a):
                first = (0,) * a.ndim
                (a if isinstance(a, np.ndarray) else a.data)[first] += 1
        return answer

    count = itertools.count()

    def sometimes(*args: Any) -> Any:
        return right(*args) if next(count) % 2 == 0 else None

    def half_done(*args: Any) -> Any:
        if next(count) > 10**6:
            return None
        raise KeyError("first")

    yield "prints", prints, "failed", "`return`"
    yield "forgets return", forgets_return, "failed", "None"
    yield "one parameter too many", one_too_many, "error", "missing a required argument"
    result = first_answer(exercise)
    if not isinstance(result, types.FunctionType):  # a function as the answer is judged like any other one
        yield "result passed", result, "error", "needs the function itself"
    yield "None passed", None, "error", "needs the function itself"
    yield "sys.exit", system_exit, "error", "ends the program"
    yield "os._exit", hard_exit, "error", "ends the program"
    yield "exit()", plain_exit, "error", "ends the program"
    yield "recursion", endless_recursion, "error", "calls itself without end"
    yield "raises", raises, "error", "ValueError: something in here"
    yield "raises KeyError", raises_from_answer, "error", "KeyError: 'missing'"
    yield "generator", generates, "failed", "generator"
    yield "coroutine", waits, "failed", "coroutine"
    yield "function", gives_function, "failed", "function"
    yield "type", gives_type, "failed", ""
    yield "text", gives_text, "failed", "the text 'the answer'"
    yield "dict", gives_dict, "failed", "dict"
    yield "object", gives_object, "failed", ""
    yield "NotImplemented", gives_not_implemented, "failed", ""
    yield "input", asks, "error", "input()"
    yield "every other call", sometimes, "failed", ""
    yield "error at first", half_done, "error", "KeyError"
    if n:
        yield "no parameters", lambda: 0, "error", "your parameters are: none"
    if guarded(exercise):
        # an `observe` hook may see the change before the guard does, and say what follows from it
        yield "in place", in_place, "failed", "" if exercise.observed else "in place"
    if numeric(exercise):
        yield from numeric_faults(exercise)


def endless(exercise: Exercise) -> Iterator[tuple[str, Function, str]]:
    """Yield (name, function, what the report has to say) for answers that fill screen or memory."""
    right = exercise.reference

    def prints_for_ever(*args: Any) -> Any:
        while True:
            print("still here")

    def grows(*args: Any) -> Any:
        kept = []
        while True:
            kept.append(np.ones(100_000))

    def asks_for_too_much(*args: Any) -> Any:
        return right(*args), np.ones((10**7, 10**7))

    yield "endless printing", prints_for_ever, "did not stop printing"
    yield "a list that grows", grows, "of memory"
    yield "an enormous array", asks_for_too_much, "MemoryError"


def guarded(exercise: Exercise) -> list[int]:
    """Positions of the arguments that a function could change in place, and may not."""
    positions = range(len(exercise.parameters))
    return [
        i
        for i in positions
        if exercise.parameters[i] not in exercise.may_change
        and any(len(case.args) > i and _can_change(case.args[i]) for case in exercise.draw())
    ]


def _can_change(argument: Any) -> bool:
    torch = sys.modules.get("torch")
    if isinstance(argument, np.ndarray) or (torch is not None and isinstance(argument, torch.Tensor)):
        return argument.size != 0 if isinstance(argument, np.ndarray) else argument.numel() != 0
    return isinstance(argument, list)


def numeric_faults(exercise: Exercise) -> Iterator[tuple[str, Function, str, str]]:
    right = exercise.reference
    constant = first_answer(exercise)
    whole = np.asarray(constant).dtype.kind in "biu"
    random_numbers = np.random.default_rng(5)

    def changed(change: Callable[[np.ndarray], Any]) -> Function:
        return lambda *args: change(np.array(right(*args), dtype=float))

    def stateful(*args: Any, memory: list[int] = []) -> Any:  # noqa: B006
        memory.append(1)
        return np.asarray(right(*args)) + (len(memory) > 1)

    yield "NaN", changed(lambda a: a * np.nan), "failed", "nan"
    yield "inf", changed(lambda a: a + np.inf), "failed", "inf"
    yield "constant", lambda *args: constant, "failed", "whatever it is given"
    yield "zeros", changed(lambda a: 0 * a), "failed", ""
    yield "random", lambda *args: random_numbers.random(np.shape(constant)), "failed", ""
    yield "random global", lambda *args: np.random.random(np.shape(constant)), "failed", ""  # noqa: NPY002
    yield "noise", changed(lambda a: a + 0.1 * random.random()), "failed", ""
    yield "stateful", stateful, "failed", "two different answers"
    yield "sign", changed(lambda a: -a), "failed", "" if whole else "sign"
    yield "factor", changed(lambda a: 3 * a), "failed", "" if whole else "3.0 times"
    yield "offset", changed(lambda a: a + 0.5), "failed", "" if whole else "off by the same amount"
    yield "complex", changed(lambda a: a + 1j), "failed", "complex"
    yield "axis too many", changed(lambda a: np.stack([a, a])), "failed", "shape"
    yield "as text", changed(str), "failed", "text"
    yield "first number too many", changed(lambda a: [*a.ravel(), 0.0]), "failed", "shape"
    if not whole:
        yield "truncated", changed(lambda a: a.astype(int)), "failed", "integer dtype"
        yield "rounded", changed(lambda a: np.round(a, 1)), "failed", "rounded"
    if np.ndim(constant) == 2:
        yield "transposed", changed(lambda a: a.T), "failed", "transposed"
    if np.ndim(constant) == 1:
        yield "broadcast", changed(lambda a: a + 0 * a[:, None]), "failed", "accidental broadcast"


def variations(exercise: Exercise) -> Iterator[tuple[str, Function]]:
    """Yield (name, function): the right answer in another form, or surrounded by something harmless."""
    right = exercise.reference

    class WithCall:
        def __call__(self, *args: Any) -> Any:
            return right(*args)

        def method(self, *args: Any) -> Any:
            return right(*args)

    def with_print(*args: Any) -> Any:
        print("called with", args)
        return right(*args)

    def with_warning(*args: Any) -> Any:
        warnings.warn("careful", stacklevel=1)
        np.log(np.zeros(1))
        return right(*args)

    def with_random_draws(*args: Any) -> Any:
        np.random.random(3)  # noqa: NPY002
        random.random()
        return right(*args)

    def with_own_copies(*args: Any) -> Any:
        copies = [np.array(a) if isinstance(a, np.ndarray) else a for a in args]
        answer = right(*copies)
        for c in copies:
            if isinstance(c, np.ndarray):
                c += 1
        return answer

    def with_stderr(*args: Any) -> Any:
        sys.stderr.write("thinking…\n")
        return right(*args)

    @functools.wraps(right)
    def wrapped(*args: Any) -> Any:
        return right(*args)

    yield "reference", right
    yield "lambda", lambda *args: right(*args)
    yield "partial", functools.partial(right)
    yield "object", WithCall()
    yield "method", WithCall().method
    yield "wrapped", wrapped
    yield "prints too", with_print
    yield "warns", with_warning
    yield "draws random numbers", with_random_draws
    yield "works on copies", with_own_copies
    yield "writes to stderr", with_stderr
    if numeric(exercise):
        yield from numeric_variations(exercise)
    else:
        yield "tuple", lambda *args: tuple(right(*args))


def numeric_variations(exercise: Exercise) -> Iterator[tuple[str, Function]]:
    right = exercise.reference
    scalar = np.ndim(first_answer(exercise)) == 0

    def form(change: Callable[[Any], Any]) -> Function:
        return lambda *args: change(np.array(right(*args)))

    yield "float64", form(lambda a: a.astype(np.float64))
    yield "float32", form(lambda a: a.astype(np.float32))
    yield "a little rounding", form(lambda a: a * (1 + 1e-12) + 1e-14)
    yield "Fortran order", form(np.asfortranarray)
    yield "not contiguous", form(lambda a: np.repeat(a[..., None], 2, axis=-1)[..., 0])
    yield "read-only", form(_read_only)
    yield "plain Python", form(lambda a: a.tolist())
    if scalar:
        yield "array([x])", form(lambda a: a.reshape(1))
        yield "[x]", form(lambda a: [a.item()])
        yield "NumPy scalar", form(lambda a: a[()])
    else:
        yield "list of arrays", form(list)
        yield "tuple", form(tuple)
        yield "matrix of lists", form(lambda a: a.tolist())
    torch = sys.modules.get("torch")
    if torch is not None:
        yield "torch tensor", form(torch.tensor)
        yield (
            "torch tensor that needs a gradient",
            form(lambda a: torch.tensor(a, dtype=torch.float32, requires_grad=True)),
        )


def _read_only(a: np.ndarray) -> np.ndarray:
    a.flags.writeable = False
    return a


def _signature(n: int) -> Any:
    import inspect

    return inspect.Signature(
        [inspect.Parameter(f"p{i}", inspect.Parameter.POSITIONAL_OR_KEYWORD) for i in range(n)]
    )


class Hostile:
    """An object none of whose methods works."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"no {name}")

    def __repr__(self) -> str:
        raise RuntimeError("no repr")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no comparison")

    def __len__(self) -> int:
        raise RuntimeError("no length")

    def __array__(self, *args: Any, **kwargs: Any) -> np.ndarray:
        raise RuntimeError("no array")

    __hash__ = None  # type: ignore[assignment]


def garbage() -> Iterator[tuple[str, Any]]:
    """Things that are no answer to anything, and that a comparison may stumble over."""
    endless: list[Any] = []
    endless.append(endless)
    yield "NaN", float("nan")
    yield "huge integer", 10**400
    yield "negative infinity", -math.inf
    yield "bytes", b"1"
    yield "set", {1, 2}
    yield "empty list", []
    yield "empty array", np.zeros((0, 3))
    yield "ragged", [[1], [2, 3]]
    yield "array of objects", np.array([None, "a", 3], dtype=object)
    yield "array of text", np.array(["a", "b"])
    yield "dates", np.array(["2020-01-01"], dtype="datetime64[D]")
    yield "records", np.zeros(2, dtype=[("a", float), ("b", int)])
    yield "masked", np.ma.masked_array([1.0, 2.0], mask=[True, False])
    yield "masked number", np.ma.masked
    yield "list within itself", endless
    yield "list of None", [None, None]
    yield "dict of arrays", {0: np.zeros(2), "a": [1]}
    yield "fraction", fractions.Fraction(1, 3)
    yield "decimal", decimal.Decimal("0.1")
    yield "half precision overflow", np.array([np.inf, 1], dtype=np.float16)
    yield "complex NaN", complex(math.nan, math.nan)
    yield "NotImplemented", NotImplemented
    yield "ellipsis", ...
    yield "exception", ValueError("returned, not raised")
    yield "hostile", Hostile()
    yield "list of hostile", [Hostile(), Hostile()]
    yield "slice", slice(1, 2)
    yield "memory", memoryview(b"abc")
    yield "zip", zip([1], [2], strict=True)
    yield "endless iterator", itertools.count()
    yield "a network with nonsense", [("a", None, 3, math.nan)]
    yield "a unit with NaN", [("u", [], [], math.nan)]
    yield "a unit with infinity", [("u", [], [], math.inf)]
    yield "a unit with a complex threshold", [("u", [], [], 1j)]
    yield "a unit with an array", [("u", np.zeros((2, 2)), [], np.ones(3))]
    yield "a hostile unit", [("u", [Hostile()], [], Hostile())]
    yield "units of hostile", [Hostile()]
    yield "sixty-five nested lists", functools.reduce(lambda inner, _: [inner], range(65), 1)

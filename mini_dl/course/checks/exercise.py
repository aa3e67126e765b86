"""How an exercise is declared: a reference, the cases it is tried on, and the usual mistakes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from mini_dl.course.checks.report import Report

Function = Callable[..., Any]


@dataclass(frozen=True)
class Case:
    """One call of the reader's function. Edge cases count less in the points; see `Report.score`."""

    args: tuple[Any, ...]
    name: str = ""
    edge: bool = False


@dataclass(frozen=True)
class Mistake:
    """A usual wrong answer: what to tell a reader whose answers are all those of `reference`."""

    name: str
    hint: str
    reference: Function


class Objection(Exception):  # noqa: N818
    """Raised by `observe` when the reader's object cannot be judged; the text is shown to the reader."""


def case(*args: Any, name: str = "") -> Case:
    """Return an ordinary case: the reader's function is called with `args`."""
    return Case(args, name)


def edge(name: str, *args: Any) -> Case:
    """Return an edge case; `name` says in a few words what is special about it."""
    return Case(args, name, edge=True)


class Exercise:
    """One exercise. Calling it with the reader's function checks that function.

    Parameters
    ----------
    reference
        The right answer; its name is the exercise's id and its parameters are the reader's.
    seconds, megabytes
        How long all calls together may take, and how much memory they may add.
    rtol
        How far floats may differ from the reference, relatively.
    may_change
        Names of parameters that the reader's function may change in place; all others it may not.
    """

    def __init__(
        self,
        reference: Function,
        *,
        seconds: float = 2.0,
        megabytes: float = 1000.0,
        rtol: float = 1e-5,
        may_change: tuple[str, ...] = (),
    ) -> None:
        self.reference = reference
        self.id = reference.__name__
        self.__doc__ = reference.__doc__
        self.signature = inspect.signature(reference)
        self.parameters = tuple(self.signature.parameters)
        self.seconds = seconds
        self.megabytes = megabytes
        self.rtol = rtol
        self.may_change = may_change
        self.mistakes: list[Mistake] = []
        self._cases: Callable[[np.random.Generator], Iterable[Case]] | None = None
        self._observe: Callable[[Any, Case], Any] | None = None

    def cases(self, make: Callable[[np.random.Generator], Iterable[Case]]) -> Callable[..., Iterable[Case]]:
        """Decorate the generator of cases: small readable ones first, then random, then edge cases."""
        self._cases = make
        return make

    def mistake(self, hint: str) -> Callable[[Function], Function]:
        """Decorate a wrong reference; `hint` is shown when a reader's answers are all the same as its."""

        def remember(wrong: Function) -> Function:
            self.mistakes.append(Mistake(wrong.__name__, hint, wrong))
            return wrong

        return remember

    def observe(self, look: Callable[[Any, Case], Any]) -> Callable[[Any, Case], Any]:
        """Decorate a function that turns the returned object into what is compared.

        It may raise `Objection`. If it returns a dict ``{situation: outcome}``, the report reads
        "for <situation> yours gives <outcome>; expected <outcome>".
        """
        self._observe = look
        return look

    def draw(self, seed: int = 0) -> list[Case]:
        """Return the cases of `seed`; another seed changes the random ones only in their numbers."""
        if self._cases is None:
            raise ValueError(f"exercise {self.id} has no cases: decorate a generator with @{self.id}.cases")
        return list(self._cases(np.random.default_rng(seed)))

    def look(self, result: Any, case: Case) -> Any:
        """Return what is compared for `result`."""
        return result if self._observe is None else self._observe(result, case)

    @property
    def observed(self) -> bool:
        """Whether an `observe` hook stands between the result and the comparison."""
        return self._observe is not None

    def __call__(self, student: Function, *, seed: int = 0, seconds: float | None = None) -> Report:
        """Check `student` and return the report; it never raises on a wrong answer."""
        from mini_dl.course.checks.judge import judge

        return judge(self, student, seed=seed, seconds=seconds)

    def __repr__(self) -> str:
        defaults = {n: p.default for n, p in self.signature.parameters.items() if p.default is not p.empty}
        shown = [f"{n}={defaults[n]!r}" if n in defaults else n for n in self.parameters]
        return f"check.{self.id}(your_function): calls your_function({', '.join(shown)})"


def exercise(reference: Function | None = None, **options: Any) -> Any:
    """Declare an exercise: decorates its reference, with or without options of `Exercise`.

    Examples
    --------
    >>> @exercise
    ... def double(x):
    ...     return 2 * x
    >>> @double.cases
    ... def double_cases(rng):
    ...     yield case(1)
    ...     yield case(int(rng.integers(10)))
    ...     yield edge("zero", 0)
    >>> @double.mistake("Twice x is not x squared.")
    ... def squares(x):
    ...     return x * x
    >>> print(double(lambda x: x + x))
    ✓ Passed · double · all 3 cases are right.
    """
    if reference is None:
        return lambda function: Exercise(function, **options)
    return Exercise(reference, **options)

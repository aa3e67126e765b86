"""Graded problems: the same skills as in a notebook, in a form that a seed of the teacher's draws.

Each module `chNN` has a list `MAKERS` of functions that take a random generator and return a `Problem`,
and a list `QUESTIONS` of functions that return a `Question`. The numbers, shapes, conventions and data are
drawn, and with them the text, the hidden tests and the solution; so the published solutions do not answer
them, nor do those of another seed. A person marks the answers to questions, by their rubric.

This folder is no part of the package that students install. It is in the repository all the same: who reads
it finds the general form of each solution, though not the seed.
"""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mini_dl.course.checks.exercise import Case, Exercise

Array = np.ndarray
Function = Callable[..., Any]


@dataclass(frozen=True)
class Problem:
    """One graded problem.

    Attributes
    ----------
    exercise : Exercise
        Its reference and the hidden cases; its id is the name of the student's function.
    title, task : str
        Heading and text (Markdown), which says everything that the hidden cases ask.
    stub, solution : str
        Source of the function as the student gets it, and solved.
    points, minutes : int
        What it is worth, and how long it takes about.
    example : tuple, optional
        Arguments of the call whose answer the text shows; None where the answer would give it away.
    """

    exercise: Exercise
    title: str
    task: str
    stub: str
    solution: str
    points: int
    minutes: int
    example: tuple[Any, ...] | None

    @property
    def id(self) -> str:
        """Name of the student's function."""
        return self.exercise.id


@dataclass(frozen=True)
class Question:
    """One open question: answered in words, marked by a person.

    Attributes
    ----------
    id, title, task : str
        Name in the table of grades, heading, and text (Markdown).
    answer : str
        A model answer (Markdown), for who marks.
    rubric : tuple of (int, str)
        Points, and what an answer has to contain for them. After "Not enough:", what earns them not.
    minutes : int
        How long an answer takes about.
    """

    id: str
    title: str
    task: str
    answer: str
    rubric: tuple[tuple[int, str], ...]
    minutes: int

    @property
    def points(self) -> int:
        """What a full answer is worth."""
        return sum(points for points, _ in self.rubric)

    def rubric_rows(self) -> list[tuple[str, str, str]]:
        """Return the rubric's rows: points, what the answer has to contain, what is not enough.

        >>> Question("why", "", "", "", ((2, "Names the sign. Not enough: a number."),), 5).rubric_rows()
        [('2', 'Names the sign.', 'a number.')]
        """
        rows = []
        for points, text in self.rubric:
            wanted, _, lacking = text.partition(LACKING)
            rows.append((str(points), wanted.strip(), lacking.strip()))
        return rows


LACKING = "Not enough:"
Maker = Callable[[np.random.Generator], Problem]
Asker = Callable[[np.random.Generator], Question]


def hidden(reference: Function, cases: Callable[[np.random.Generator], Iterable[Case]]) -> Exercise:
    """Return the exercise of a reference that was made for one seed."""
    made = Exercise(reference)
    made.cases(cases)
    return made


def numbers() -> list[str]:
    """Return the numbers of the notebooks that have a graded set.

    >>> {"02", "05", "08"} <= set(numbers())
    True
    """
    return sorted(
        m.name.removeprefix("ch") for m in pkgutil.iter_modules(__path__) if m.name.startswith("ch")
    )


def draw(number: str, seed: str) -> list[Problem]:
    """Return the problems of a notebook's graded set for a seed, which may be any text.

    Raises
    ------
    ValueError
        If the notebook has no set, or the seed is empty.
    """
    makers: list[Maker] = _module(number, seed).MAKERS
    return [make(_generator(f"{number}:{place}:{seed}")) for place, make in enumerate(makers)]


def draw_questions(number: str, seed: str) -> list[Question]:
    """Return the open questions of a notebook's graded set for a seed.

    Raises
    ------
    ValueError
        If the notebook has no set, or the seed is empty.
    """
    askers: list[Asker] = getattr(_module(number, seed), "QUESTIONS", [])
    return [ask(_generator(f"{number}:question {place}:{seed}")) for place, ask in enumerate(askers)]


def _module(number: str, seed: str) -> Any:
    if number not in numbers():
        raise ValueError(f"notebook {number} has no graded set; there are sets for {', '.join(numbers())}")
    if not seed.strip():
        raise ValueError("a graded set needs a seed that only you know: SEED='our class, spring, 7291'")
    return importlib.import_module(f"{__name__}.ch{number}")


def _generator(text: str) -> np.random.Generator:
    digest = hashlib.sha256(text.encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


def pick(rng: np.random.Generator, *choices: Any) -> Any:
    """Return one of the choices."""
    return choices[int(rng.integers(len(choices)))]


def quarters(rng: np.random.Generator, *shape: int) -> Array:
    """Return random multiples of 1/4 between −3 and 3."""
    return rng.integers(-12, 13, size=shape) / 4

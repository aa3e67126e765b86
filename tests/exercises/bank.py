"""Banks: for each exercise, answers as readers write them, right ones and wrong ones.

A bank lives in `bank_chNN.py` beside this file and is found by itself. In `wrong`, `names` is the declared
mistake that has to be recognised; `says` is a piece of the hint where no declared mistake fits.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

Function = Callable[..., Any]


@dataclass(frozen=True)
class Wrong:
    """A wrong answer, and what the report has to say about it."""

    function: Function
    names: str = ""
    says: str = ""


@dataclass
class Bank:
    """The answers to one exercise."""

    id: str
    right_answers: list[Function] = field(default_factory=list)
    wrong_answers: list[Wrong] = field(default_factory=list)

    def right(self, function: Function) -> Function:
        self.right_answers.append(function)
        return function

    def wrong(self, names: str = "", says: str = "") -> Callable[[Function], Function]:
        def remember(function: Function) -> Function:
            self.wrong_answers.append(Wrong(function, names, says))
            return function

        return remember


def bank_modules(folder: Path | None = None) -> list[ModuleType]:
    """Import every `bank_chNN.py`."""
    modules = []
    for path in sorted((folder or Path(__file__).parent).glob("bank_ch*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        modules.append(module)
    return modules


def banks(folder: Path | None = None) -> dict[str, Bank]:
    """Return all banks by the id of their exercise."""
    found = [b for m in bank_modules(folder) for b in vars(m).values() if isinstance(b, Bank)]
    return {b.id: b for b in found}

"""What surrounds the reader's code while it is checked, so that nothing it does outlives the check.

This keeps accidents in (endless printing, `exit()`, changed random seeds). It does not keep attacks in.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import os
import random
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np

LONGEST_PRINT = 100_000  # characters
_KERNELS = ("IPython", "ipykernel")


class Tape(io.TextIOBase):
    """Keeps what one thread prints; the other threads of the kernel print on as before."""

    def __init__(self, original: Any, overflow: Callable[[], None]) -> None:
        self.original = original
        self.overflow = overflow
        self.thread = threading.get_ident()
        self.parts: list[str] = []
        self.length = 0

    def writable(self) -> bool:
        """Say that one can write to it."""
        return True

    def write(self, text: str) -> int:
        """Keep `text`, or pass it on if another thread printed it."""
        if threading.get_ident() != self.thread:
            return int(self.original.write(text) or 0)
        self.length += len(text)
        if self.length > LONGEST_PRINT:
            self.overflow()
        self.parts.append(text)
        return len(text)

    def take(self) -> str:
        """Return what was printed since the last call."""
        text = "".join(self.parts)
        self.parts.clear()
        return text


def nothing() -> None:
    """Do nothing: for a sandbox around no function, and for a tape on which much may be printed."""


def _refuse_exit(*_: object) -> NoReturn:
    raise SystemExit


def _refuse_input(*_: object) -> NoReturn:
    raise RuntimeError("input() waits for somebody to type; take everything from the arguments instead")


@contextlib.contextmanager
def sandbox(function: Callable[..., Any], overflow: Callable[[], None] = nothing) -> Iterator[Tape]:
    """Catch what is printed, make `exit()` harmless, and give every check the same random numbers."""
    numpy_state, python_state = np.random.get_state(), random.getstate()  # noqa: NPY002
    error_state = np.geterr()
    old_out, old_err = sys.stdout, sys.stderr
    # In a notebook `exit` is IPython's own, stands among the reader's names, and ends the kernel.
    names = getattr(function, "__globals__", {})
    exits = {n: names[n] for n in ("exit", "quit") if type(names.get(n)).__module__.startswith(_KERNELS)}
    patched = [
        (builtins, "exit", _refuse_exit),
        (builtins, "quit", _refuse_exit),
        (os, "_exit", _refuse_exit),
    ]
    patched += [(builtins, "input", _refuse_input)]
    saved = [(where, name, getattr(where, name)) for where, name, _ in patched if hasattr(where, name)]
    tape = Tape(old_out, overflow)
    try:
        np.random.seed(0)  # noqa: NPY002
        random.seed(0)
        for where, name, replacement in patched:
            setattr(where, name, replacement)
        names.update(dict.fromkeys(exits, _refuse_exit))
        sys.stdout = sys.stderr = tape
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield tape
    finally:
        sys.stdout, sys.stderr = old_out, old_err
        for where, name, original in saved:
            setattr(where, name, original)
        names.update(exits)
        np.seterr(**error_state)
        np.random.set_state(numpy_state)  # noqa: NPY002
        random.setstate(python_state)

"""Values, calls and errors written for a reader: short, and the same text in every run."""

from __future__ import annotations

import html
import re
from typing import Any

import numpy as np

WIDTH = 68
BRIEF = 24  # characters of one argument in a call written briefly
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{4,}\b")


def show(value: Any, digits: int = 6) -> str:
    """Write `value` as a reader would: six digits, long things shortened, no memory addresses.

    Examples
    --------
    >>> show([1.0, np.float64(0.1) + 0.2, np.arange(3)])
    '[1.0, 0.3, [0, 1, 2]]'
    """
    if isinstance(value, np.ndarray):
        if value.size == 0:
            return f"an empty array of shape {value.shape}"
        if value.ndim < 2 and value.size <= 12:
            return show(value.tolist(), digits)
        return np.array2string(
            value, precision=digits, separator=", ", threshold=40, edgeitems=3, max_line_width=WIDTH
        )
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        text = f"{value:.{digits}g}"
        return text if any(c in text for c in ".en") else text + ".0"
    if isinstance(value, (list, tuple)):
        parts = [show(v, digits) for v in value[:12]]
        if len(value) > 12:
            parts.append(f"… {len(value)} items")
        if isinstance(value, list):
            return "[" + ", ".join(parts) + "]"
        return "(" + ", ".join(parts) + ("," if len(parts) == 1 else "") + ")"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k!r}: {show(v, digits)}" for k, v in list(value.items())[:8]) + "}"
    return clean(repr(value), 200)


def clean(text: str, longest: int = 400) -> str:
    """Take memory addresses out of `text` and shorten it."""
    text = _ADDRESS.sub("0x…", text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def inline(text: str, code: str = "<code>") -> str:
    """Write `text` as HTML; what stands in backquotes becomes code.

    Examples
    --------
    >>> inline("`w @ x` < 0")
    '<code>w @ x</code> &lt; 0'
    """
    return re.sub(r"`([^`]+)`", code + r"\1</code>", html.escape(text, quote=False))


def show_call(name: str, parameters: tuple[str, ...], args: tuple[Any, ...]) -> str:
    """Write the call of `name`: on one line where it fits, else one line per argument.

    Examples
    --------
    >>> show_call("mp_neuron", ("excitatory", "inhibitory", "threshold"), ([1, 0], [], 1))
    'mp_neuron([1, 0], [], 1)'
    """
    shown = [show(a) for a in args]
    line = f"{name}({', '.join(shown)})"
    if len(line) <= WIDTH and "\n" not in line:
        return line
    names = [*parameters, *(f"argument {i + 1}" for i in range(len(parameters), len(args)))]
    lines = [f"{name}({', '.join(names[: len(args)])})   where"]
    for parameter, text in zip(names, shown, strict=False):
        head = f"  {parameter} = "
        lines.append(head + text.replace("\n", "\n" + " " * len(head)))
    return "\n".join(lines)


def show_call_briefly(name: str, parameters: tuple[str, ...], args: tuple[Any, ...]) -> str:
    """Write the call of `name` on one line: of what is long, only what it is.

    Examples
    --------
    >>> show_call_briefly("margin", ("w", "X", "y"), (np.ones(2), np.zeros((40, 2)), np.ones(40)))
    'margin([1.0, 1.0], X of shape (40, 2), y of shape (40,))'
    """
    names = [*parameters, *(f"argument {i + 1}" for i in range(len(parameters), len(args)))]
    parts = []
    for parameter, value in zip(names, args, strict=False):
        large = isinstance(value, np.ndarray) and (value.ndim > 1 or value.size > 12)
        text = "" if large else show(value)
        if large or len(text) > BRIEF or "\n" in text:
            kind = f"shape {value.shape}" if isinstance(value, np.ndarray) else kind_of(value)
            text = f"{parameter} of {kind}" if isinstance(value, np.ndarray) else f"{parameter}: {kind}"
        parts.append(text)
    return f"{name}({', '.join(parts)})"


def kind_of(value: Any) -> str:
    """Say what sort of thing `value` is, with its article.

    Examples
    --------
    >>> kind_of("1"), kind_of([1, 2]), kind_of(np.zeros((2, 3)))
    ("the text '1'", 'a list of 2', 'an array of shape (2, 3)')
    """
    if value is None:
        return "None"
    if isinstance(value, str):
        return f"the text {clean(repr(value), 60)}"
    if isinstance(value, (bool, np.bool_, int, float, complex, np.generic)):
        return f"the number {show(value)}" if not isinstance(value, (bool, np.bool_)) else show(value)
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, (list, tuple, dict, set)):
        return f"a {type(value).__name__} of {len(value)}"
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"

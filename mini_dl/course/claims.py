"""Claims: sentences about a result that are executed, so that they cannot go stale.

`claim("sentence", condition)` prints a tick and the sentence when the condition holds and raises
`ClaimError` when it does not. `collect(notebook)` lists the claims of a notebook without running it.
"""

from __future__ import annotations

import ast
import hashlib
import html
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


class ClaimError(AssertionError):
    """A sentence of the course does not hold; the message gives it and the values that broke it."""


def _anchor(sentence: str) -> str:
    """Return the id of a claim in the page: it depends on the sentence alone."""
    return "claim-" + hashlib.sha256(sentence.encode()).hexdigest()[:10]


@dataclass(frozen=True)
class Claim:
    """A claim that held: what the notebook shows.

    Attributes
    ----------
    sentence : str
        The statement.
    anchor : str
        The id of the claim in the page.
    """

    sentence: str

    @property
    def anchor(self) -> str:
        """The id of the claim in the page."""
        return _anchor(self.sentence)

    def __repr__(self) -> str:
        return f"✓ {self.sentence}"

    def _repr_html_(self) -> str:
        style = "border-left: 0.25em solid #009e73; padding: 0.2em 0.7em; margin: 0.2em 0"
        look = 'style="color: #009e73; font-weight: bold"'
        tick = f'<span role="img" {look} aria-label="Claim that holds:">✓</span>'
        return (
            f'<div class="course-claim" id="{self.anchor}" style="{style}">'
            f"{tick} {html.escape(self.sentence)}</div>"
        )


def _as_bool(condition: Any, sentence: str) -> bool:
    """Return the condition as a bool; refuse what is true or false only by accident."""
    kind = type(condition).__name__
    if hasattr(condition, "item"):  # NumPy and PyTorch scalars, mini_dl tensors
        size = int(np.prod(getattr(condition, "shape", ())))
        if size != 1:
            raise TypeError(
                f"claim({sentence!r}): the condition is {kind} of {size} values; "
                "say which is meant with np.all(...) or np.any(...)"
            )
        condition = condition.item()
    if not isinstance(condition, bool):
        raise TypeError(
            f"claim({sentence!r}): the condition is {condition!r} ({kind}), not True or False; "
            "write the comparison out, for instance accuracy > 0.9"
        )
    return condition


def _describe(value: Any) -> str:
    """Return a value in at most a few lines: large arrays by shape, range and first entries."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if not isinstance(value, np.ndarray) and not hasattr(value, "detach"):
        text = repr(value)
        return text if len(text) <= 300 else text[:297] + "..."
    array = np.asarray(value.detach() if hasattr(value, "detach") else value)
    if array.size <= 12:
        return np.array2string(array, precision=5, separator=", ")
    first = np.array2string(array.ravel()[:4], precision=4, separator=", ")[1:-1]
    if array.dtype.kind not in "biuf":
        return f"array of shape {array.shape}: {first}, ..."
    numbers = array[~np.isnan(array)] if array.dtype.kind == "f" else array
    nan = f", {array.size - numbers.size} NaN" if numbers.size < array.size else ""
    low, high = (numbers.min(), numbers.max()) if numbers.size else (np.nan, np.nan)
    return f"array of shape {array.shape}, from {low:.5g} to {high:.5g}{nan}: {first}, ..."


def claim(sentence: str, condition: Any, **values: Any) -> None:
    """State something about a result and prove it on the spot.

    Parameters
    ----------
    sentence : str
        What is claimed, as a literal string without measured numbers in it, so that it reads the
        same on every machine.
    condition : bool
        Whether it is so; also a NumPy or PyTorch scalar of type bool.
    **values
        What the condition was computed from; shown, with their names, if it fails.

    Raises
    ------
    ClaimError
        If the condition is false; the message has the sentence and the values.
    TypeError
        If the condition is not one truth value: a number or an array is true by accident.

    Examples
    --------
    >>> claim("Two and two make four", 2 + 2 == 4)
    ✓ Two and two make four
    >>> claim("Every square is positive", bool(0 > 0), x=0, square=0)
    Traceback (most recent call last):
    mini_dl.course.claims.ClaimError: this claim does not hold:
        Every square is positive
    where
        x = 0
        square = 0
    """
    __tracebackhide__ = True  # the reader's own line is what matters in a traceback
    if not isinstance(sentence, str) or not sentence.strip():
        raise TypeError(f"claim(): the first argument is {sentence!r}; it must be the sentence claimed")
    if not _as_bool(condition, sentence):
        lines = ["this claim does not hold:", f"    {sentence}"]
        if values:
            lines.append("where")
            lines += [f"    {name} = {_describe(value)}" for name, value in values.items()]
        raise ClaimError("\n".join(lines))
    shown = Claim(sentence)
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None:
        sys.modules["IPython"].display.display(shown)
    else:
        print(shown)


@dataclass(frozen=True)
class FoundClaim:
    """A claim found in a notebook's source.

    Attributes
    ----------
    sentence : str
        What is claimed.
    cell_id : str
        The id of the cell that proves it.
    cell : int
        The index of that cell, from 0.
    section : str
        The last title or section heading before it; an exercise is no section.
    """

    sentence: str
    cell_id: str
    cell: int
    section: str

    @property
    def anchor(self) -> str:
        """The id of the claim in the notebook's page of the book."""
        return _anchor(self.sentence)


def collect(notebook: str | Path) -> list[FoundClaim]:
    """List the claims of a notebook, in order, without running it.

    Parameters
    ----------
    notebook : str or Path
        An ``.ipynb`` file.

    Returns
    -------
    list of FoundClaim

    Raises
    ------
    ValueError
        If a claim's sentence is not a literal string, or a code cell cannot be parsed; names the
        notebook and the cell.
    """
    path = Path(notebook)
    found, section = [], ""
    for i, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            headings = [line.lstrip("# ") for line in source.splitlines() if line.startswith(("# ", "## "))]
            section = headings[-1] if headings else section
        if cell["cell_type"] != "code" or "claim(" not in source:
            continue
        lines = ["pass" if line.startswith(("%", "!")) else line for line in source.splitlines()]
        try:
            tree = ast.parse("\n".join(lines))
        except SyntaxError as error:
            raise ValueError(f"{path.name}, cell {i} ({cell.get('id')}): not Python: {error}") from error
        calls = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "claim"
        ]
        for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
            literal = call.args[0] if call.args else None
            if not (isinstance(literal, ast.Constant) and isinstance(literal.value, str)):
                raise ValueError(
                    f"{path.name}, cell {i} ({cell.get('id')}): the sentence of a claim must be a literal "
                    f"string, found {ast.unparse(call.args[0]) if call.args else 'nothing'}"
                )
            found.append(FoundClaim(literal.value, cell.get("id", ""), i, section))
    return found

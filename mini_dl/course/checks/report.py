"""The report of a check: the same words as plain text and as HTML, on light and on dark pages."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import Any

from mini_dl.course.checks.show import inline

# state: symbol, words, colour of the bar on the left. The text itself keeps the page's own colour.
STATES = {
    "passed": ("✓", "Passed", "#2e9e4f"),
    "failed": ("✗", "Not yet right", "#d9822b"),
    "error": ("✗", "Stopped by an error", "#d64545"),
    "timeout": ("✗", "Stopped: it takes too long", "#d64545"),
    "not attempted": ("○", "Not attempted yet", "#7a869a"),
    "broken check": ("!", "The check itself is broken", "#9b59d0"),
}
ORDINARY = 0.7  # of a task's points, once all ordinary cases are right
RULE = (
    f"A function earns nothing before all its ordinary cases are right; then it has {ORDINARY:.0%} of its"
    f" points, and of the other {1 - ORDINARY:.0%} the share of its edge cases that are right."
).replace("%", " %")
_BOX = "border-left:4px solid {};padding:.45em .9em;margin:.3em 0;background:rgba(127,127,127,.09)"
_ROW = "display:flex;gap:.5em;margin-top:.3em"
_LABEL = "flex:none;width:6.8em;white-space:nowrap;font-weight:600"
_TEXT = "min-width:0"
_CODE = '<code style="color:inherit;background:none;border:0;padding:0">'
_MONO = (
    "min-width:0;font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.93em;"
    "white-space:pre-wrap;overflow-wrap:anywhere"
)


class CheckError(AssertionError):
    """Raised by `Report.require` when a check did not pass."""


@dataclass(eq=False)
class Report:
    """What a check found. A notebook shows it as a box, `print` as text.

    Attributes
    ----------
    id : str
        The exercise.
    state : str
        "passed", "failed", "error", "timeout", "not attempted" or "broken check".
    score : float
        0 unless all ordinary cases are right; then 0.7 + 0.3 × the share of edge cases that are (`RULE`).
    summary : str
        One sentence.
    rows : list of (label, text)
        The first failing call, what was expected, what came.
    hint : str
        What to look at, or an empty string.
    mistake : str
        Name of the declared mistake that gives exactly the same answers, or an empty string.
    args : tuple
        Arguments of the first failing call, to try by hand: ``my_function(*report.args)``.
    """

    id: str
    state: str
    summary: str
    score: float = 0.0
    rows: list[tuple[str, str]] = field(default_factory=list)
    hint: str = ""
    mistake: str = ""
    args: tuple[Any, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every case is right."""
        return self.state == "passed"

    def require(self) -> Report:
        """Return the report if the check passed, and raise `CheckError` if not."""
        if not self.passed:
            raise CheckError(str(self))
        return self

    def __str__(self) -> str:
        symbol, words, _ = STATES[self.state]
        lines = [f"{symbol} {words} · {self.id} · {self.summary}"]
        rows = [*self.rows, ("Hint", self.hint)] if self.hint else self.rows
        width = max((len(label) for label, _ in rows), default=0) + 2
        for label, text in rows:
            lines.append("  " + f"{label}:".ljust(width) + text.replace("\n", "\n  " + " " * width))
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        symbol, words, colour = STATES[self.state]
        parts = [
            f'<div class="mini-dl-check" role="status" style="{_BOX.format(colour)}">',
            f"<div><strong>{symbol} {words}</strong> · {self.id} · {html.escape(self.summary)}</div>",
        ]
        rows = [(label, html.escape(text), _MONO) for label, text in self.rows]
        if self.hint:
            rows.append(("Hint", inline(self.hint, _CODE), _TEXT))
        for label, text, style in rows:
            parts.append(
                f'<div style="{_ROW}"><span style="{_LABEL}">{label}:</span> '
                f'<span style="{style}">{text}</span></div>'
            )
        return "\n".join([*parts, "</div>"])

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": self._repr_html_()}


@dataclass(eq=False)
class Progress:
    """How far the reader is: state by exercise, chapter by chapter."""

    states: dict[str, str]

    def __str__(self) -> str:
        done = sum(s == "passed" for s in self.states.values())
        width = max((len(name) for name in self.states), default=0)
        lines = [f"{done} of {len(self.states)} exercises passed"]
        lines += [f"  {STATES[s][0]} {name.ljust(width)}  {STATES[s][1]}" for name, s in self.states.items()]
        return "\n".join(lines)

    __repr__ = __str__

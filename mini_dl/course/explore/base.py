"""What all explorables share."""

from __future__ import annotations

from pathlib import Path

import anywidget

FOLDER = Path(__file__).parent
STYLE = (FOLDER / "explore.css").read_text(encoding="utf-8")


class Explorable(anywidget.AnyWidget):
    """A widget that lives in its JavaScript and describes itself in one line.

    Without JavaScript, and to the tests, its text stands for it: no memory address, no model id.
    """

    _css = STYLE
    text = "An interactive figure: it needs JavaScript."

    def __repr__(self) -> str:
        return f"[{self.text}]"


def source(name: str) -> str:
    """Return the JavaScript of an explorable: the helpers all share, then its own."""
    return "\n".join((FOLDER / file).read_text(encoding="utf-8") for file in ("shared.js", name))

"""The seeds of the graded sets in an nbgrader course folder, by the name of the assignment."""

from __future__ import annotations

import json
from pathlib import Path


def path(folder: Path) -> Path:
    """Return where a course folder keeps them."""
    return folder / "graded_seeds.json"


def read(folder: Path) -> dict[str, str]:
    """Return a course folder's seeds; none before the first graded set."""
    file = path(folder)
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}

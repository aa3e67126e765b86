"""The timeline, written from ``book/timeline.yml`` while the book is built: a drawing and the entries."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import yaml
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

DATA, MARK = "book/timeline.yml", "<!-- here: the timeline, from timeline.yml -->"
KINDS = {
    "idea": "a way to compute or to learn",
    "machine": "hardware or software",
    "data": "data",
    "result": "what a system did",
}
WIDTH, LEFT, RIGHT, BASE, STEP = 360, 14, 14, 108, 9.5  # the drawing's units: pixels on a phone


def read(path: Path) -> list[dict[str, Any]]:
    """Return the eras with their entries.

    Raises
    ------
    ExtensionError
        If something is missing or in the wrong order; the entry is named.
    """
    eras = yaml.safe_load(path.read_text(encoding="utf-8"))
    last = 0
    for era in eras:
        for entry in era["entries"]:
            where = f"{path.name}: {entry.get('name', entry)!r}"
            missing = {"year", "kind", "name", "text", "cite"} - set(entry)
            if missing:
                raise ExtensionError(f"{where} has no {', '.join(sorted(missing))}")
            if entry["kind"] not in KINDS:
                raise ExtensionError(f"{where} is of kind {entry['kind']!r}; there are {', '.join(KINDS)}")
            if entry["year"] < last:
                raise ExtensionError(f"{where} of {entry['year']} stands after {last}: put it in order")
            last = entry["year"]
    return eras


def notebooks(root: Path) -> dict[int, tuple[str, str]]:
    """Return the path and the title of every notebook by its number."""
    import json

    found = {}
    for path in sorted((root / "notebooks").rglob("[0-9][0-9]_*.ipynb")):
        if ".ipynb_checkpoints" not in path.parts:
            course = json.loads(path.read_text(encoding="utf-8"))["metadata"].get("course", {})
            name = path.relative_to(root).as_posix()
            found[int(path.name[:2])] = (name, course.get("title", path.stem))
    return found


def authors(root: Path) -> dict[str, str]:
    """Return for each key of references.bib what stands in a citation: names and year."""
    from pybtex.database import parse_file

    cited = {}
    for key, entry in parse_file(str(root / "book/references.bib")).entries.items():
        people = [" ".join(p.prelast_names + p.last_names) for p in entry.persons.get("author", [])]
        names = (
            people[0]
            if len(people) == 1
            else f"{people[0]} and {people[1] if len(people) == 2 else 'others'}"
        )
        cited[key] = f"{re.sub('[{}]', '', names)}, {entry.fields.get('year', 'no date')}"
    return cited


def drawing(eras: list[dict[str, Any]]) -> str:
    """Return the drawing: a dot for each entry over its year, the eras shaded in turn."""
    years = [entry["year"] for era in eras for entry in era["entries"]]
    first, until = min(years) // 10 * 10, (max(years) // 10 + 1) * 10

    def x(year: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (year - first) / (until - first)

    parts, heights = [], dict[int, int]()
    starts = [era["entries"][0]["year"] for era in eras]
    for i, start in enumerate(starts):
        end = starts[i + 1] if i + 1 < len(starts) else until
        if i % 2 == 0:
            parts.append(
                f'<rect x="{x(start):.1f}" y="8" width="{x(end) - x(start):.1f}" height="{BASE - 4}" '
                'fill="currentColor" fill-opacity="0.08"/>'
            )
    for year in range(first, until + 1, 20):
        parts.append(
            f'<path d="M{x(year):.1f},{BASE + 4}v5" stroke="currentColor"/>'
            f'<text x="{x(year):.1f}" y="{BASE + 22}" text-anchor="middle" font-size="11">{year}</text>'
        )
    parts.append(
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{BASE + 4}" y2="{BASE + 4}" stroke="currentColor"/>'
    )
    for era in eras:
        for entry in era["entries"]:
            column = round(x(entry["year"]) / STEP)
            level = heights[column] = heights.get(column, -1) + 1
            cx, cy = column * STEP, BASE - 4 - level * STEP
            parts.append(_mark(entry["kind"], cx, cy, f"{entry['year']}: {entry['name']}"))
    count = len(years)
    label = (
        f"{count} entries of the timeline as marks over the years {first} to {until}: few before 1980, "
        "most after 2005."
    )
    return (
        f'<svg class="course-timeline" role="img" aria-label="{label}" viewBox="0 0 {WIDTH} {BASE + 28}" '
        f'fill="currentColor">{"".join(parts)}</svg>'
    )


def _mark(kind: str, x: float, y: float, title: str) -> str:
    inner = f"<title>{html.escape(title)}</title>"
    r = 3.6
    if kind == "idea":
        return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{r}">{inner}</circle>'
    corners = {
        "result": [(-r, r), (r, r), (0, -r)],
        "machine": [(-r, -r), (r, -r), (r, r), (-r, r)],
        "data": [(0, -r * 1.2), (r * 1.2, 0), (0, r * 1.2), (-r * 1.2, 0)],
    }[kind]
    points = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)
    return f'<polygon class="{kind}" points="{points}">{inner}</polygon>'


def timeline(root: Path) -> str:
    """Return drawing, legend and entries as Markdown."""
    eras, there, cited = read(root / DATA), notebooks(root), authors(root)
    signs = {"idea": "●", "result": "▲", "machine": "■", "data": "◆"}
    legend = " · ".join(f"{signs[kind]} {meaning}" for kind, meaning in KINDS.items())
    parts = [f'<div class="course-timeline-box">{drawing(eras)}</div>', f"*{legend}*"]
    for era in eras:
        parts.append(f"## {era['era']}\n\n{era['about'].strip()}")
        for entry in era["entries"]:
            unknown = [key for key in entry["cite"] if key not in cited]
            if unknown:
                raise ExtensionError(
                    f"{DATA}: {entry['name']!r} cites {', '.join(unknown)}, not in references.bib"
                )
            sources = "; ".join(f"[{cited[key]}](bibliography.md#ref-{key})" for key in entry["cite"])
            run = ""
            if entry.get("notebook") in there:
                path, title = there[entry["notebook"]]
                run = f" → [{entry['notebook']} · {title}](../{path})"
            line = f"**{entry['year']} {signs[entry['kind']]} {entry['name']}.** {entry['text']}"
            parts.append(f"{line} ({sources}){run}")
    return "\n\n".join(parts)


def fill(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the timeline in place of its mark."""
    if MARK in source[0]:
        root = Path(app.srcdir)
        app.env.note_dependency(str(root / DATA))
        app.env.note_dependency(str(root / "book/references.bib"))
        source[0] = source[0].replace(MARK, timeline(root))


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect everything."""
    app.connect("source-read", fill)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

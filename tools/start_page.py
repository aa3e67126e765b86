"""Write the map of the course into its start page, notebooks/README.md, from the notebooks themselves.

python tools/start_page.py             # after adding a notebook, or changing its title or times
python tools/start_page.py --check     # exit 1 when the page is not what this would write
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "notebooks" / "README.md"
BEGIN, END = "<!-- map: written by tools/start_page.py -->\n", "<!-- end of the map -->"
ROMAN = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"]


def part_title(folder: str) -> tuple[int, str]:
    """Return number and title of a part.

    >>> part_title("1_one_neuron")
    (1, 'One neuron')
    """
    number, _, slug = folder.partition("_")
    return int(number), slug.replace("_", " ").capitalize()


def course_map(folder: Path = PAGE.parent) -> str:
    """Return the map: a table for each part, a line for each notebook, in order."""
    lines: list[str] = []
    part = None
    for path in sorted(p for p in folder.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts):
        if path.parent.name != part:
            part = path.parent.name
            number, title = part_title(part)
            heading = f"Part {ROMAN[number]} · {title}" if number else title
            lines += ["", f"### {heading}", ""]
            lines += ["| Notebook | To read | Exercises | To run |", "|:--|--:|--:|--:|"]
        lines.append(_line(path, folder))
    return "\n".join([*lines[1:], ""])


def _line(path: Path, folder: Path) -> str:
    notebook = json.loads(path.read_bytes())
    course = notebook["metadata"]["course"]
    glance = next(
        ("".join(c["source"]) for c in notebook["cells"] if "at-a-glance" in c["metadata"].get("tags", [])),
        "",
    )
    reading = re.search(r"\*\*Time\*\*.*?(\d+)\s*min", glance, re.DOTALL)
    if reading is None:
        raise SystemExit(f"{path.name}: the at-a-glance box does not say how many minutes it takes to read")
    exercises = [c["metadata"]["exercise"] for c in notebook["cells"] if "exercise" in c["metadata"]]
    minutes = sum(e["minutes"] for e in exercises if e["kind"] == "checked")
    link = f"[{int(course['number'])} · {course['title']}]({path.relative_to(folder).as_posix()})"
    return f"| {link} | {reading.group(1)} min | {minutes} min | under {course['run_seconds']:g} s |"


def with_map(page: str, table: str) -> str:
    """Return the page with the map in its place."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{PAGE.name}: the lines {BEGIN.strip()!r} and {END!r} must enclose the map")
    return f"{before}{begin}\n{table}\n{end}{after}"


def main(arguments: list[str] | None = None) -> int:
    """Write the page, or check that it is up to date."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing, fail if the page is out of date")
    options = parser.parse_args(arguments)
    old = PAGE.read_text(encoding="utf-8")
    new = with_map(old, course_map())
    if options.check and new != old:
        print("notebooks/README.md is out of date: python tools/start_page.py", file=sys.stderr)
        return 1
    if new != old:
        PAGE.write_bytes(new.encode("utf-8"))
        print("written: notebooks/README.md")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

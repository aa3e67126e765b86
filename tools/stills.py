"""Take still pictures of the interactive figures, which readers without JavaScript see in the book.

    make book
    python tools/stills.py                 from book/_build/html
    python tools/stills.py --book FOLDER   from another build

Needs Chromium. Written are pictures and their list into book/_static/stills, all anew; commit them. They
are wanted whenever a figure or its values in a notebook change: a test of the book says so.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "book" / "_ext"))

import course_stills
import pdf
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
WIDTH = 760  # of the window: the figure's text and the book's column on a laptop
COLORS = 128
# what the figure says at first, without the names of its buttons and sliders
SAYS = """(figure) => [...figure.querySelectorAll("p, [role=status], output")]
  .filter((e) => !e.closest("label")).map((e) => e.innerText.trim()).filter(Boolean).join(" ")"""


def picture(shot: bytes) -> bytes:
    """Return a PNG with few colours, a third of the size."""
    out = io.BytesIO()
    Image.open(io.BytesIO(shot)).convert("RGB").quantize(COLORS, dither=Image.Dither.NONE).save(
        out, "PNG", optimize=True
    )
    return out.getvalue()


def take(html: Path, target: Path) -> dict[str, dict[str, Any]]:
    """Take the pictures of all notebooks' figures into a folder and return their list."""
    stills: dict[str, dict[str, Any]] = {}
    with pdf.browser() as browser:
        page = browser.new_page(viewport={"width": WIDTH, "height": 900}, reduced_motion="reduce")
        page.add_init_script("localStorage.setItem('mode', 'light'); localStorage.setItem('theme', 'light')")
        for path in sorted((ROOT / "notebooks").glob("*/[0-9]*.ipynb")):
            models = course_stills.models(json.loads(path.read_text(encoding="utf-8")))
            if not models:
                continue
            page.goto((html / path.relative_to(ROOT).with_suffix(".html")).as_uri())
            page.wait_for_function(
                "n => document.querySelectorAll('.course-widget .explore').length === n", arg=len(models)
            )
            figures = page.locator(".course-widget .explore")
            for place, (name, of) in enumerate(models.items()):
                figure = figures.nth(place)
                key = course_stills.key(path, name)
                says = " ".join(figure.evaluate(SAYS).split())
                alt = f"The interactive figure as it stands at first. {says}".strip()
                (target / f"{key}.png").write_bytes(picture(figure.screenshot()))
                width = round(figure.bounding_box()["width"])
                stills[key] = {"of": of, "width": width, "alt": alt[:400]}
                print(f"{key}.png", flush=True)
    return stills


def main(arguments: list[str] | None = None) -> int:
    """Take all pictures; the old ones go when the new ones are there."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--book", type=Path, default=ROOT / "book" / "_build" / "html")
    html = parser.parse_args(arguments).book.resolve()
    if not (html / "index.html").is_file():
        print(f"no book in {html}: run `make book` first, or say --book FOLDER", file=sys.stderr)
        return 1
    folder = course_stills.STILLS
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as drafts:
        try:
            stills = take(html, Path(drafts))
        except pdf.PdfError as error:
            print(error, file=sys.stderr)
            return 1
        for old in folder.glob("*.png"):
            old.unlink()
        for draft in Path(drafts).glob("*.png"):
            (folder / draft.name).write_bytes(draft.read_bytes())
    text = json.dumps(stills, indent=1, ensure_ascii=False, sort_keys=True)
    (folder / course_stills.LIST).write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

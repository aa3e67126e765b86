"""Print the built book as one PDF.

    make pdf                        build/book.pdf, from the book as `make book` built it
    make pdf ARGS="--to talk.pdf"   into another file

Without make: `python tools/pdf.py`. Each page of the book is printed by Chromium as a reader would print it,
with what is folded opened; hints, solutions and the answers of quizzes stand at the end of their notebook,
and where they were is written on which page they are. pypdf joins the pages: title page, contents with page
numbers, page numbers on each page, an outline, links that stay within the file, and the tags that a screen
reader reads by. It needs Chromium: that of the system, the program that the environment variable CHROMIUM
names, or `python -m playwright install chromium`.
"""

from __future__ import annotations

import argparse
import html
import io
import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag

sys.path.insert(0, str(Path(__file__).resolve().parent))

from pdf_tags import Tags

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "book" / "_build" / "html"
PDF = ROOT / "build" / "book.pdf"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OUTLINE_DEPTH = 2  # below a chapter: its sections and theirs

# A4 less the margins is 170 mm: 643 CSS pixels, the width that `fit` in PREPARE reckons with.
WIDTH = 643
SHEET = """
@page {{ size: A4; margin: 21mm 20mm 20mm;
  @top-left {{ content: {part}; font: 8pt/1 var(--course-sans); color: #4c5d6e; }}
  @top-right {{ content: {title}; font: 8pt/1 var(--course-sans); color: #4c5d6e; }}
  @bottom-center {{ content: counter(page{style}); font: 9pt/1 var(--course-sans); }} }}
@page :first {{ @top-left {{ content: none; }} @top-right {{ content: none; }} }}
html {{ counter-reset: page {before}; }}
"""
READY = """() => (!window.MathJax || (MathJax.startup && MathJax.startup.promise.then(() => true)))
  && [...document.querySelectorAll(".course-widget")].every((w) => w.childElementCount)
  && [...document.images].every((i) => i.complete)"""
CONTENTS = """() => ({
  title: document.querySelector(".navbar-brand .title")?.textContent.trim() ?? document.title,
  picture: document.querySelector("article img")?.src ?? "",
  styles: [...document.querySelectorAll("link[rel=stylesheet]")].map((l) => l.href),
  lines: [...document.querySelectorAll(".bd-sidebar-primary nav.bd-links :is(.caption-text, li > a)")].map(
    (e) => ({ part: e.matches(".caption-text"), text: e.textContent.trim(), address: e.href ?? "" })),
})"""
# Keeps what the author wrote of each formula, before MathJax draws it.
KEEP_TEX = r"""addEventListener("DOMContentLoaded", () => {
  for (const formula of document.querySelectorAll(".math")) {
    const tex = formula.textContent.trim().replace(/^\\[([]|\\[)\]]$/g, "").trim();
    formula.dataset.tex = tex.replace(/\s+/g, " ");
  }
});"""
# Moves hints, solutions and the explanations of quizzes to the end of a notebook, the hints before the rest,
# and says at both ends on which page the other is. The pages' numbers are known later: see NUMBERS.
ANSWERS = r"""() => {
  const article = document.querySelector("article.bd-article");
  const make = (tag, name, ...held) => {
    const made = Object.assign(document.createElement(tag), { className: name });
    made.append(...held);
    return made;
  };
  const page = (id) => {
    const link = make("a", "course-page", "page 0000");
    link.href = "#" + id;
    return link;
  };
  const ends = { hints: make("section", ""), answers: make("section", "") };
  for (const [id, title] of [["hints", "Hints"], ["answers", "Answers"]]) {
    ends[id].id = "at-the-end-" + id;
    ends[id].append(make("h2", "course-end", title));
  }
  const moved = (kind, from, title, parts) => {
    const section = make("section", "", make("h3", "", title, " ", make("small", "", "(", page(from), ")")));
    section.id = `at-the-end-${kind}-${from}`;
    section.append(...parts);
    ends[kind].append(section);
    return page(section.id);
  };
  for (const exercise of article.querySelectorAll("section.course-exercise")) {
    const parts = [...exercise.children];
    const isHint = (e) => e.matches("details") && /^\s*Hint\b/.test(e.querySelector("summary").textContent);
    const hints = parts.filter(isHint);
    const solution = parts.filter((e) => e.matches(".cell.tag_solution"));
    const first = [...hints, ...solution][0];
    if (!first) continue;
    const title = exercise.querySelector("h3").firstChild.textContent.trim();
    const told = make("p", "course-elsewhere");
    first.before(told);
    for (const [words, end, some] of [["Hints: ", "hints", hints], ["Solution: ", "answers", solution]]) {
      if (some.length) told.append(words, moved(end, exercise.id, title, some), ". ");
    }
  }
  let number = 0;
  for (const quiz of article.querySelectorAll(".mini-dl-quiz")) {
    const holder = quiz.closest("section");
    const found = [];
    for (const question of quiz.querySelectorAll("fieldset")) {
      const list = make("ol", "course-options");
      const why = make("ol", "course-options");
      for (const option of question.querySelectorAll(".yes, .no")) {
        list.append(make("li", "", ...option.querySelector("label > span").childNodes));
        why.append(make("li", "", ...option.querySelector("p").childNodes));
      }
      const words = question.querySelector("legend").childNodes;
      const shown = make("div", "course-quiz", make("p", "course-question", `${++number}. `, ...words), list);
      found.push(make("p", "course-question", `Question ${number}`), why);
      shown.id = question.id;
      question.replaceWith(shown);
    }
    const title = holder.querySelector("h1, h2, h3").firstChild.textContent.trim();
    const link = moved("answers", holder.id, title, found);
    quiz.append(make("p", "course-elsewhere", "Answers: ", link, "."));
  }
  for (const end of Object.values(ends)) if (end.childElementCount > 1) article.append(end);
}"""
NUMBERS = """(numbers) => {
  for (const link of document.querySelectorAll("a.course-page")) {
    const number = numbers[decodeURIComponent(link.hash.slice(1))];
    link.textContent = number === undefined ? "below" : `page ${number}`;
  }
}"""
# Opens what is folded, leaves only the article, makes what is too wide smaller, and links every anchor once,
# unseen: Chromium notes the place of an anchor in the PDF when the page itself links to it.
PREPARE = r"""() => {
  for (const fold of document.querySelectorAll("details")) {
    fold.open = true;
    const words = fold.querySelector(":scope > summary > .expanded");
    if (words) words.textContent = words.textContent.replace(/^\s*Hide the (.)/, (_, c) => c.toUpperCase());
  }
  for (const image of document.images) image.loading = "eager";
  const article = document.querySelector("article.bd-article");
  document.body.replaceChildren(article);
  document.body.classList.add("course-pdf");
  for (const formula of document.querySelectorAll("mjx-container")) { // what a screen reader says of it
    const tex = formula.closest("[data-tex]")?.dataset.tex;
    if (!tex) continue;
    formula.querySelector("mjx-assistive-mml")?.remove();
    for (const hidden of formula.querySelectorAll("[aria-hidden]")) hidden.removeAttribute("aria-hidden");
    formula.setAttribute("role", "img");
    formula.style.background = "rgba(0, 0, 0, 0.004)"; // unseen; its letters alone get no tag
    formula.setAttribute("aria-label", "Formula: " + tex);
  }
  const fit = (element, width, room) => { if (width > room + 1) element.style.zoom = room / width; };
  for (const formula of article.querySelectorAll("mjx-container")) {
    const box = formula.closest("div.math, p, li, td, th, dd") ?? article;
    fit(formula, formula.scrollWidth, box.clientWidth);
  }
  for (const table of article.querySelectorAll("table")) {
    fit(table, table.scrollWidth, table.parentElement.clientWidth);
  }
  const anchors = document.createElement("nav");
  anchors.hidden = true;
  for (const { id } of article.querySelectorAll("[id]")) {
    const link = document.createElement("a");
    link.href = "#" + encodeURIComponent(id);
    anchors.append(link);
  }
  document.body.append(anchors);
}"""


class PdfError(Exception):
    """Something is missing; the message says what, and what to do."""


@dataclass
class Chapter:
    """A page of the book: its part, its title, its address, and once printed, what it needs in the whole."""

    part: str
    title: str
    address: str
    content: bytes = b""
    pages: int = 0
    first: int = 0  # its first page's number
    sections: list[tuple[str, int]] = field(default_factory=list)  # (title, page's number)


@contextmanager
def browser() -> Iterator[Any]:
    """Start Chromium and close it afterwards.

    Raises
    ------
    PdfError
        If Playwright or a Chromium is missing.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        raise PdfError('install what the PDF needs: python -m pip install -e ".[dev]"') from error
    program = os.environ.get("CHROMIUM") or next((p for n in BROWSERS if (p := shutil.which(n))), None)
    flags = ["--disable-gpu", "--disable-background-networking", "--disable-sync"]
    flags += ["--no-sandbox"] if getattr(os, "getuid", lambda: 1)() == 0 else []
    with sync_playwright() as driver:
        try:
            started = driver.chromium.launch(executable_path=program, args=flags)
        except Error as error:
            raise PdfError(
                "no Chromium starts here: install it (Debian: apt install chromium), name its program file "
                f"in CHROMIUM, or run `python -m playwright install chromium`\n{error.message}"
            ) from error
        yield started
        started.close()


def sheet(chapter: Chapter, before: int, style: str = "") -> str:
    """Return the style of a chapter's pages: margins, running heads, the number of its first page."""
    part, title = (json.dumps(text, ensure_ascii=False) for text in (chapter.part, chapter.title))
    return SHEET.format(part=part, title=title, before=before, style=style)


def printed(page: Any) -> bytes:
    """Return what is open in the browser as a PDF with an outline."""
    return page.pdf(prefer_css_page_size=True, print_background=True, outline=True, tagged=True)


def print_chapter(page: Any, chapter: Chapter, first: int) -> None:
    """Print one page of the book; its first page has the number `first`."""
    from pypdf import PdfReader

    page.goto(chapter.address)
    page.wait_for_function(READY)
    page.evaluate(ANSWERS)
    page.evaluate(PREPARE)
    page.add_style_tag(content=sheet(chapter, first - 1))
    chapter.content, chapter.first = printed(page), first
    reader = PdfReader(io.BytesIO(chapter.content))
    if page.locator("a.course-page").count():
        page.evaluate(NUMBERS, {name: first + number for name, number, _ in anchors(reader)})
        chapter.content = printed(page)
        reader = PdfReader(io.BytesIO(chapter.content))
    chapter.pages = len(reader.pages)
    for entry in _below_chapter(reader.outline):
        if not isinstance(entry, list):
            chapter.sections.append((_title(entry), first + reader.get_destination_page_number(entry)))


def anchors(reader: Any) -> Iterator[tuple[str, int, float | None]]:
    """Yield for each anchor of a printed page its name, the number of its sheet, and its height there."""
    for name, place in reader.named_destinations.items():
        number = reader.get_destination_page_number(place)
        if number is not None:
            yield unquote(name.removeprefix("/")), number, place.top


def _below_chapter(outline: list[Any]) -> list[Any]:
    """Return what stands below a page's title in its outline: an entry, and after it the list of its own."""
    return outline[1] if len(outline) > 1 and isinstance(outline[1], list) else []


def _title(entry: Any) -> str:
    return str(entry.title).rstrip("#").strip()


def front_matter(found: dict[str, Any], chapters: list[Chapter], version: str) -> str:
    """Return title page and contents as HTML."""
    styles = "".join(f'<link rel="stylesheet" href="{html.escape(s)}">' for s in found["styles"])
    picture = f'<img alt="" src="{html.escape(found["picture"])}">' if found["picture"] else ""
    lines, part = [], ""
    # what several notebooks have, such as a summary, is easily found in each
    often = Counter(title for chapter in chapters for title in {title for title, _ in chapter.sections})
    for chapter in chapters:
        if chapter.part and chapter.part != part:
            lines.append(f"<h2>{html.escape(chapter.part)}</h2>")
        part = chapter.part
        lines.append(_line("chapter", chapter.title, chapter.first, chapter.address))
        if "/notebooks/" in chapter.address:
            own = [(title, number) for title, number in chapter.sections if often[title] == 1]
            lines += [_line("section", title, number, "") for title, number in own]
    return (
        f'<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8">{styles}'
        f'<body class="course-pdf"><article class="bd-article course-front"><header>'
        f"<h1>{html.escape(found['title'])}</h1>{picture}<p>The course authors</p>"
        f"<p>Version {html.escape(version)}. Prose and figures CC BY 4.0, code BSD-3-Clause.</p></header>"
        f"<nav><h1>Contents</h1>{''.join(lines)}</nav></article></body></html>"
    )


def _line(kind: str, title: str, number: int, address: str) -> str:
    words = f'<span class="words">{html.escape(title)}</span><span class="number">{number}</span>'
    tag = f'a href="{html.escape(address)}"' if address else "div"
    return f'<{tag} class="line {kind}">{words}</{tag.split()[0]}>'


def join(front: bytes, chapters: list[Chapter], title: str) -> Any:
    """Return the whole: pages, numbers, outline, and links that stay within the file."""
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import (
        ArrayObject,
        BooleanObject,
        DictionaryObject,
        NameObject,
        NumberObject,
        TextStringObject,
    )

    writer = PdfWriter()
    readers = [PdfReader(io.BytesIO(content)) for content in (front, *(c.content for c in chapters))]
    starts: list[int] = []
    for reader in readers:
        starts.append(len(writer.pages))
        for source in reader.pages:
            writer.add_page(source)
    places: dict[str, tuple[int, float | None]] = {}  # address -> page and height
    for chapter, reader, start in zip(chapters, readers[1:], starts[1:], strict=True):
        places[chapter.address] = (start, None)
        for name, number, height in anchors(reader):
            places[f"{chapter.address}#{name}"] = (start + number, height)

    def destination(address: str) -> ArrayObject | None:
        base, anchor = urldefrag(address)
        found = places.get(f"{base}#{unquote(anchor)}" if anchor else base) or places.get(base)
        if found is None:
            return None
        number, height = found
        page = writer.pages[number].indirect_reference
        if height is None:
            return ArrayObject([page, NameObject("/Fit")])
        place = (NumberObject(0), NumberObject(round(height)), NumberObject(0))  # left, top, zoom as it is
        return ArrayObject([page, NameObject("/XYZ"), *place])

    tags = Tags(writer)
    kept_links: list[dict[int, int]] = [{} for _ in readers]  # of each file: a link's id there -> its key
    addresses = ["", *(chapter.address for chapter in chapters)]
    for index, page in enumerate(writer.pages):
        chapter_number = max(i for i, start in enumerate(starts) if start <= index)
        own = addresses[chapter_number]
        page.pop("/StructParents", None)
        kept = ArrayObject()
        source = readers[chapter_number].pages[index - starts[chapter_number]]
        for reference, known in zip(page.get("/Annots", []), source.get("/Annots", []), strict=True):
            link = reference.get_object()
            key = tags.new_link()
            link[NameObject("/StructParent")] = NumberObject(key)
            address = str(link.get("/A", {}).get("/URI", ""))
            if "/Dest" in link:
                address = f"{own}#{str(link['/Dest']).removeprefix('/')}"
            if address.startswith("file:"):
                target = destination(address)
                if target is None:
                    continue
                link.pop("/A", None)
                link[NameObject("/Dest")] = target
            kept.append(reference)
            kept_links[chapter_number][known.idnum] = key
        if kept:
            page[NameObject("/Annots")] = kept
        else:
            page.pop("/Annots", None)

    part, holder = "", None
    writer.add_outline_item(title="Contents", page_number=min(1, starts[1] - 1))
    for chapter, reader, start in zip(chapters, readers[1:], starts[1:], strict=True):
        if chapter.part != part:
            part, holder = (
                chapter.part,
                writer.add_outline_item(title=chapter.part, page_number=start, is_open=False),
            )
        item = writer.add_outline_item(title=chapter.title, page_number=start, parent=holder, is_open=False)
        _copy_outline(writer, reader, _below_chapter(reader.outline), item, start, OUTLINE_DEPTH)
    writer.set_page_label(0, starts[1] - 1, style="/r")
    writer.set_page_label(starts[1], len(writer.pages) - 1, style="/D")
    writer.add_metadata({"/Title": title, "/Author": "The course authors"})
    writer.page_mode = "/UseOutlines"
    writer.root_object[NameObject("/Lang")] = TextStringObject("en")
    writer.root_object[NameObject("/ViewerPreferences")] = DictionaryObject(
        {NameObject("/DisplayDocTitle"): BooleanObject(True)}
    )
    writer.compress_identical_objects()
    titles = ["Title page and contents", *(chapter.title for chapter in chapters)]
    for reader, start, links, name in zip(readers, starts, kept_links, titles, strict=True):
        tags.add(reader, start, links, name)
    tags.write()
    return writer


def _copy_outline(writer: Any, reader: Any, entries: list[Any], parent: Any, start: int, depth: int) -> None:
    """Add the entries of one chapter's outline, with what is below them, under `parent`."""
    item = parent
    for entry in entries:
        if isinstance(entry, list):
            if depth > 1:
                _copy_outline(writer, reader, entry, item, start, depth - 1)
            continue
        number = reader.get_destination_page_number(entry)
        at = start + (number or 0)
        item = writer.add_outline_item(title=_title(entry), page_number=at, parent=parent, is_open=False)


def make_pdf(book: Path, to: Path, version: str) -> tuple[int, int]:
    """Print the book into the file `to`; return the number of its chapters and of its pages.

    Raises
    ------
    PdfError
        If the book is not built, or no browser is here.
    """
    if not (book / "index.html").is_file():
        raise PdfError(f"the book is not built: {book} has no index.html; run `make book`")
    with browser() as started:
        page = started.new_page(viewport={"width": WIDTH, "height": 900}, color_scheme="light")
        page.goto((book / "index.html").as_uri())
        page.wait_for_selector("article.bd-article")
        found = page.evaluate(CONTENTS)
        page.emulate_media(media="print", color_scheme="light")
        page.add_init_script(KEEP_TEX)
        chapters, part, number = [], "", 1
        for line in found["lines"]:
            if line["part"]:
                part = line["text"]
                continue
            chapter = Chapter(part, line["text"], urldefrag(line["address"])[0])
            print_chapter(page, chapter, number)
            number += chapter.pages
            chapters.append(chapter)
        scratch = book / ".contents.html"  # beside the pages: only there may it load their style
        try:
            scratch.write_text(front_matter(found, chapters, version), encoding="utf-8")
            page.goto(scratch.as_uri())
            page.add_style_tag(content=sheet(Chapter("", "Contents", ""), 0, ", lower-roman"))
            front = printed(page)
        finally:
            scratch.unlink(missing_ok=True)
    writer = join(front, chapters, found["title"])
    to.parent.mkdir(parents=True, exist_ok=True)
    unfinished = to.with_name(f".{to.name}.tmp")
    try:
        writer.write(unfinished)
        os.replace(unfinished, to)
    finally:
        unfinished.unlink(missing_ok=True)
    return len(chapters), len(writer.pages)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 1 when something is missing."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, prog="pdf.py"
    )
    parser.add_argument("--to", type=Path, default=PDF, help="the file to write")
    parser.add_argument("--book", type=Path, default=BOOK, help="the folder of the built book")
    options = parser.parse_args(arguments)
    sys.path.insert(0, str(ROOT))
    from mini_dl import __version__

    try:
        chapters, pages = make_pdf(options.book.resolve(), options.to, __version__)
    except PdfError as error:
        print(error, file=sys.stderr)
        return 1
    size = options.to.stat().st_size / 1e6
    print(f"{options.to}: {chapters} chapters, {pages} pages, {size:.0f} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

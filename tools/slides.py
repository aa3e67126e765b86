"""Make slides for the classroom from the decks in book/slides and the figures of the notebooks.

    make slides                       every deck, into build/slides
    make slides N=05                  one
    make slides N=05 ARGS=--pictures  and each slide as a picture, looked at in Chromium

Without make: `python tools/slides.py 05`. Written are, for each deck, a page NN_slug.html for any browser
(reveal.js and MathJax lie beside it in `assets`, nothing comes from a network) and a notebook NN_slug.ipynb
with slideshow metadata, to be edited in Jupyter and made into slides by `nbconvert --to slides`.

A deck is Markdown. A line `---` begins the next slide, `. . .` what appears at the next key, `Note:` what
only the speaker sees. A blockquote is a question to the class. What a notebook holds is named, not copied:

    ![](c-52a34f80)       the figure of this cell, with its alternative text
    code: c-8f1e 2,5-9    lines 2 and 5 to 9 of this cell; without numbers all of it
    output: c-8f1e 1-2    lines of what this cell printed
    claim: c-8f1e 2       the sentence of its second claim; without a number the first
    exercises:            the notebook's exercises with their minutes
"""

from __future__ import annotations

import argparse
import base64
import html
import importlib.util
import os
import re
import shutil
import struct
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag

sys.path.insert(0, str(Path(__file__).resolve().parent))

try:
    import nbformat
    import pdf
    import run_notebooks
    import yaml
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_by_name
except ModuleNotFoundError as missing:
    raise SystemExit(
        f"slides.py needs {missing.name}: run `make slides`, which installs it,\n"
        "or `python -m pip install -c constraints.txt -e .[dev]`"
    ) from None

ROOT = Path(__file__).resolve().parents[1]
DECKS = ROOT / "book" / "slides"
SLIDES = ROOT / "build" / "slides"
BOOK = ROOT / "book" / "_build" / "html"

WIDTH, HEIGHT = 1280, 720  # CSS pixels of a slide
ROOM = 1168  # its width less the margins
SMALLEST, SMALLEST_CODE, LARGEST_CODE = 28, 24, 34  # letters, pixels
LETTER = 0.62  # width of a letter of code for each pixel of its size, in the widest of the usual fonts
REVEAL = ("dist/reset.css", "dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js", "LICENSE")
MATHJAX = ("tex-chtml.js", "output/chtml/fonts/woff-v2", "input/tex/extensions")
PYGMENTS = "github-light-colorblind"  # as in the book

DIRECTIVE = re.compile(r"(code|output|claim):\s+([\w-]+)(?:\s+(\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*))?\s*")
IMAGE = re.compile(r'!\[\]\(([\w-]+)(?:\s+"(beside|below)")?\)\s*')
LINK = re.compile(r"(?<!!)\]\((\.\.?/[^)\s]+)\)")
FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$]+\$", re.DOTALL)
PAUSE = ". . ."
TALL = 1.25  # a figure with less width for its height is tall
PERCENT = re.compile(r"(?<=\d) %")  # never at the beginning of a line

PAGE = """<!doctype html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="assets/reveal/dist/reset.css">
<link rel="stylesheet" href="assets/reveal/dist/reveal.css">
<link rel="stylesheet" href="assets/slides.css">
</head>
<body>
<div class="reveal"><div class="slides">
{slides}
</div></div>
<script src="assets/reveal/dist/reveal.js"></script>
<script src="assets/reveal/plugin/notes/notes.js"></script>
<script>
window.MathJax = {{
  startup: {{ typeset: false }},
  options: {{ enableMenu: false }},
  tex: {{ packages: {{ "[-]": ["noundefined"] }} }}, // an unknown command is an error
  chtml: {{ matchFontHeight: false, displayAlign: "left" }},
}};
</script>
<script src="assets/mathjax/tex-chtml.js"></script>
<script>
const deck = Reveal.initialize({{
  width: {width}, height: {height}, margin: 0, center: false, hash: true, transition: "none",
  controlsTutorial: false, pdfSeparateFragments: false, plugins: [RevealNotes],
}});
const maths = MathJax.startup.promise.then(() => MathJax.typesetPromise());
Promise.all([deck, maths]).then(() => document.documentElement.classList.add("ready"));
</script>
</body>
</html>
"""
READY = "() => document.documentElement.classList.contains('ready')"

# What does not fit on the slide that is shown, as a list of sentences. The foot is small on purpose.
FAULTS = """() => {
  const faults = [], frame = document.querySelector("section.present .frame");
  const page = frame.getBoundingClientRect(), scale = page.width / frame.offsetWidth;
  const name = (e) => `<${e.localName}> ${JSON.stringify(e.textContent.trim().slice(0, 40))}`;
  for (const e of frame.querySelectorAll("*")) {
    if (e.closest(".foot, mjx-assistive-mml") || e.parentElement.closest("mjx-container")) continue;
    const box = e.getBoundingClientRect();
    const [left, top] = [(box.left - page.left) / scale, (box.top - page.top) / scale];
    const [right, bottom] = [left + box.width / scale, top + box.height / scale];
    if (left < 0 || top < 0 || right > frame.offsetWidth || bottom > frame.offsetHeight - 40) {
      faults.push(`${name(e)} does not fit: it ends at ${Math.round(right)}, ${Math.round(bottom)}`);
    }
    if (e.clientWidth && e.scrollWidth > e.clientWidth + 1) faults.push(`${name(e)} is too wide`);
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    const size = parseFloat(getComputedStyle(e).fontSize);
    const smallest = e.closest("pre") ? SMALLEST_CODE : SMALLEST;
    if (own && size < smallest) faults.push(`${name(e)} has letters of ${size} px`);
    if (e.matches("mjx-container:has(mjx-merror)")) faults.push(`${name(e)} is no formula`);
    if (e.localName === "img") {
      const [w, h] = [e.naturalWidth, e.naturalHeight];
      const shown = Math.min(e.clientWidth / w, e.clientHeight / h); // 1: as large as in the notebook
      if (!w) faults.push("the figure is not there");
      else if (!e.closest(".cover") && e.clientHeight < 560 && shown < 1.1) {
        faults.push(`the figure is only ${Math.round(w * shown)} px wide: give it a slide with fewer words`);
      }
    }
  }
  return faults;
}""".replace("SMALLEST_CODE", str(SMALLEST_CODE)).replace("SMALLEST", str(SMALLEST))


def shown_path(path: Path) -> str:
    """Return a path as a message shows it: from the course's folder, if it lies there."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


class SlidesError(Exception):
    """A deck cannot be made; the message says why, and what to do."""


@dataclass
class Slide:
    """One slide: its Markdown in the parts that appear one after another, and what the speaker sees."""

    line: int  # of the deck, where it begins
    parts: list[str]
    note: str = ""
    figure: str = ""  # the cell whose figure it shows
    place: str = ""  # of the figure, where the author wants it: beside or below

    @property
    def heading(self) -> str:
        """The text of the first heading, or nothing."""
        found = re.search(r"^#{1,2} (.+)$", self.parts[0], re.MULTILINE)
        return found[1].strip() if found else ""

    @property
    def words(self) -> int:
        """How many words a reader meets: a formula is one; code, printed output and tables are none."""
        text = re.sub(r"^```.*?^```$", "", "\n".join(self.parts), flags=re.MULTILINE | re.DOTALL)
        text = re.sub(r"^\|.*$|!\[.*?\]\(.*?\)|(?<=\])\(.*?\)", "", text, flags=re.MULTILINE)
        text = FORMULA.sub(" formula ", text)
        return len([word for word in text.split() if re.search(r"\w", word)])


@dataclass
class Deck:
    """A deck with all that it takes from its notebook."""

    path: Path
    title: str
    slides: list[Slide] = field(default_factory=list)
    figures: dict[str, bytes] = field(default_factory=dict)  # cell -> PNG


# --- reading a deck -----------------------------------------------------------------------------


class Source:
    """The notebook of a deck: its cells by name, and what they show."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.nb = nbformat.read(path, as_version=4)
        self.cells = {cell.id: cell for cell in self.nb.cells}

    @property
    def title(self) -> str:
        """The notebook's title, as it stands above its first cell."""
        return str(self.nb.cells[0].source.splitlines()[0].removeprefix("# "))

    def cell(self, name: str) -> Any:
        """Return the cell of this name, or say that there is none."""
        if name not in self.cells:
            raise SlidesError(
                f"{self.path.name} has no cell {name}; `python tools/slides.py --cells` lists them"
            )
        return self.cells[name]

    def figure(self, name: str) -> tuple[bytes, str]:
        """Return the stored picture of a cell, as PNG, and its alternative text."""
        cell = self.cell(name)
        pictures = [o.data["image/png"] for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]
        if not pictures:
            raise SlidesError(f"cell {name} of {self.path.name} shows no figure")
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        if not alt:
            raise SlidesError(f"the figure of cell {name} of {self.path.name} has no alternative text")
        return base64.b64decode(pictures[0]), " ".join(alt.split())

    def printed(self, name: str) -> str:
        """Return what a cell printed, and its last value; claims are left out."""
        texts = [
            str(output.get("text") or output.get("data", {}).get("text/plain", ""))
            for output in self.cell(name).get("outputs", [])
            if "text/html" not in output.get("data", {}) and output.get("name") != "stderr"
        ]
        return "".join(texts)

    def claims(self, name: str) -> list[str]:
        """Return the sentences that a cell claims."""
        texts = [str(o.get("data", {}).get("text/plain", "")) for o in self.cell(name).get("outputs", [])]
        return [text.splitlines()[0].removeprefix("✓ ") for text in texts if text.startswith("✓ ")]

    def exercises(self) -> str:
        """Return a table of the exercises."""
        rows = []
        for cell in self.nb.cells:
            if known := cell.metadata.get("exercise"):
                name = re.sub(r"^#+ Exercise |\(open\)", "", cell.source.splitlines()[0]).strip()
                open_ended = ", open" if known.get("kind") == "open" else ""
                rows.append(f"| {name} | {known['minutes']} min | {known['importance']}{open_ended} |")
        return "\n".join(["| Exercise | Time | Importance |", "|:--|--:|:--|", *rows])


def lines_of(text: str, numbers: str, what: str) -> str:
    r"""Return lines, such as "2,5-9" counted from 1, without their common indentation.

    >>> lines_of("def f():\n    a\n    b\n    c", "2,4", "this text")
    'a\nc'
    """
    lines = text.rstrip("\n").splitlines()
    taken = []
    for part in (numbers or f"1-{len(lines)}").split(","):
        first, _, last = part.partition("-")
        begin, end = int(first), int(last or first)
        if not 1 <= begin <= end <= len(lines):
            raise SlidesError(f"lines {part} of {what}: it has lines 1-{len(lines)}")
        taken += lines[begin - 1 : end]
    return textwrap.dedent("\n".join(taken))


def included(line: str, source: Source, slide: Slide, deck: Deck) -> str:
    """Return a line of a deck as Markdown: what it takes from the notebook, put in."""
    line = PERCENT.sub("\u00a0%", line)
    if image := IMAGE.fullmatch(line):
        if slide.figure:
            raise SlidesError("a second figure on one slide: give it a slide of its own")
        slide.figure, slide.place = image[1], image[2] or ""
        deck.figures[image[1]], alt = source.figure(image[1])
        return f"![{alt.replace('[', '(').replace(']', ')')}](attachment:{image[1]}.png)"
    if line.strip() == "exercises:":
        return source.exercises()
    if not (named := DIRECTIVE.fullmatch(line)):
        return LINK.sub(lambda link: f"]({checked(link[1], deck.path)})", line)
    kind, name, numbers = named.groups()
    if "solution" in source.cell(name).metadata.get("tags", []):
        raise SlidesError(f"cell {name} of {source.path.name} is a solution, which slides must not show")
    if kind == "claim":
        claims, number = source.claims(name), numbers or "1"
        if number not in map(str, range(1, len(claims) + 1)):
            raise SlidesError(f"cell {name} of {source.path.name} has no claim {number}, only {len(claims)}")
        return PERCENT.sub("\u00a0%", f"✓ {claims[int(number) - 1]}")
    text = str(source.cell(name).source) if kind == "code" else source.printed(name)
    taken = lines_of(text, numbers, f"the {kind} of cell {name} of {source.path.name}")
    return f"```{'python' if kind == 'code' else 'text'}\n{taken}\n```"


def slug(heading: str) -> str:
    """Return the anchor that the book and GitHub give a heading.

    >>> slug("What one neuron can compute?")
    'what-one-neuron-can-compute'
    """
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def checked(link: str, deck: Path) -> str:
    """Return a link to a file of the course as `book:` and its page, if file and anchor exist."""
    address, anchor = urldefrag(link)
    target = (deck.parent / unquote(address)).resolve()
    if not target.is_file() or not target.is_relative_to(ROOT):
        raise SlidesError(f"the link {link} leads to no file")
    text = target.read_text(encoding="utf-8")
    if target.suffix == ".ipynb":
        text = "\n".join(cell.source for cell in nbformat.reads(text, as_version=4).cells)
    anchors = {slug(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    if anchor and anchor not in anchors and f'id="{anchor}"' not in text:
        raise SlidesError(f"the link {link} leads to no heading")
    page = target.relative_to(ROOT).with_suffix(".html").as_posix()
    return f"book:{page}#{anchor}" if anchor else f"book:{page}"


def read(path: Path, notebook: Path | None = None) -> Deck:
    """Read a deck and what it takes from its notebook.

    Raises
    ------
    SlidesError
        Names the line and what is wrong with it.
    """
    source = Source(notebook or run_notebooks.find(path.name[:2]))
    deck = Deck(path, source.title)
    slide, noted, fenced = Slide(1, [""]), False, False
    for number, line in enumerate([*path.read_text(encoding="utf-8").splitlines(), "---"], start=1):
        try:
            fenced ^= line.startswith("```")
            if line == "---" and not fenced:
                finish(slide, deck)
                slide, noted = Slide(number + 1, [""]), False
            elif line.startswith("Note:") and not fenced:
                noted, slide.note = True, line.removeprefix("Note:").strip()
            elif noted:
                slide.note += f"\n{line}"
            elif line == PAUSE and not fenced:
                slide.parts.append("")
            else:
                slide.parts[-1] += (line if fenced else included(line, source, slide, deck)) + "\n"
        except SlidesError as error:
            raise SlidesError(f"{shown_path(path)}, line {number}: {error}") from None
    return deck


def finish(slide: Slide, deck: Deck) -> None:
    """Add a slide that has been read to the deck, unless something is missing."""
    slide.parts = [part.strip() for part in slide.parts]
    slide.note = slide.note.strip()
    level = "#" if deck.slides else ""
    if not slide.heading or not slide.parts[0].startswith(f"{level}# "):
        raise SlidesError(f"the slide above does not begin with a heading, `{level}# …`")
    if not deck.slides and slide.heading != deck.title:
        raise SlidesError(f"the first slide's heading is {slide.heading!r}, the notebook's {deck.title!r}")
    deck.slides.append(slide)


# --- the page -----------------------------------------------------------------------------------


def markdown() -> MarkdownIt:
    """Return the converter: Markdown with tables and formulas, without raw HTML."""
    converter = MarkdownIt("commonmark", {"html": False, "typographer": True}).enable(
        ["table", "smartquotes"]
    )
    converter.use(dollarmath_plugin, double_inline=True, renderer=formula)
    converter.add_render_rule("fence", program)
    converter.add_render_rule("image", figure)
    return converter


def formula(text: str, options: dict[str, Any]) -> str:
    """Return a formula as MathJax looks for it."""
    opened, closed = (r"\[", r"\]") if options["display_mode"] else (r"\(", r"\)")
    return f"{opened}{html.escape(text)}{closed}"


def program(self: Any, tokens: Any, index: int, options: Any, env: dict[str, Any]) -> str:
    """Return code in colours, in letters that are as large as its longest line allows."""
    token = tokens[index]
    longest = max(map(len, token.content.splitlines()), default=1)
    size = min(LARGEST_CODE, int((env.get("room", ROOM) - 48) / LETTER / longest))
    if size < SMALLEST_CODE:
        raise SlidesError(f"a line of {longest} characters is too long for a slide: {token.content!r}")
    lexer = get_lexer_by_name(token.info.strip() or "text", stripnl=False)
    coloured = highlight(token.content, lexer, HtmlFormatter(nowrap=True)).rstrip("\n")
    kind = "code" if token.info.strip() == "python" else "printed"
    return f'<pre class="{kind}" style="font-size: {size}px"><code>{coloured}</code></pre>\n'


def figure(self: Any, tokens: Any, index: int, options: Any, env: dict[str, Any]) -> str:
    """Return an image with the picture itself in it."""
    token = tokens[index]
    name = token.attrs["src"].removeprefix("attachment:").removesuffix(".png")
    data = base64.b64encode(env["figures"][name]).decode()
    return f'<img alt="{html.escape(token.content)}" src="data:image/png;base64,{data}">'


def blocks(slide: Slide, converter: MarkdownIt, env: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield kind and HTML of each block of a slide: heading, figure, ask, claim or words."""
    for later, part in enumerate(slide.parts):
        tokens = converter.parse(part, env)
        start = 0
        for end, token in enumerate(tokens, start=1):
            if token.level or token.nesting > 0:
                continue
            block, start = tokens[start:end], end
            text = converter.renderer.render(block, converter.options, env).strip()
            kind = "heading" if block[0].type == "heading_open" and not later else "words"
            if block[0].type == "blockquote_open":
                kind, text = "ask", f'<div class="ask">{text.replace("blockquote>", "div>")}</div>'
            elif text.startswith("<p><img"):
                kind, text = "figure", f'<div class="picture">{text[3:-4]}</div>'
            elif text.startswith("<p>✓"):
                text = f'<p class="claim"><span class="tick">✓</span><span>{text[4:-4].strip()}</span></p>'
            yield kind, f'<div class="fragment {kind}">{text}</div>' if later and kind != "figure" else text


def shape(picture: bytes) -> float:
    """Return the width of a PNG by its height."""
    width, height = struct.unpack(">II", picture[16:24])
    return width / height


def beside(slide: Slide, ratio: float) -> int:
    """Return how wide a figure stands beside the words, or 0 when it is larger above or below them."""
    # a tall one has the whole height; the slide's heading then stands among the words
    column = int(min(0.66 * ROOM, (616 if ratio < TALL else 530) * ratio))
    letters = 14 * 6 * max(0, slide.words - len(slide.heading.split()))  # pixels of all words in one line
    below = min(ROOM, (530 - 60 * -(-letters // ROOM)) * ratio)
    wanted = 0.85 * column > below if slide.place == "" else slide.place == "beside"
    return column if wanted else 0


def section(deck: Deck, number: int, converter: MarkdownIt) -> str:
    """Return one slide as HTML."""
    slide = deck.slides[number - 1]
    ratio = shape(deck.figures[slide.figure]) if slide.figure else 1.0
    cover = number == 1
    column = int(min(520, 480 * ratio)) if cover and slide.figure else 0
    if slide.figure and not cover:
        column = beside(slide, ratio)
    env: dict[str, Any] = {"figures": deck.figures, "room": ROOM - column - 48 if column else ROOM}
    try:
        parts = list(blocks(slide, converter, env))
    except SlidesError as error:
        raise SlidesError(f"{shown_path(deck.path)}, line {slide.line}: {error}") from None
    kinds = [kind for kind, _ in parts]
    heading = parts[0][1]
    rest = "\n".join(text for kind, text in parts[1:] if not (column and kind == "figure"))
    look = "cover" if cover else "question" if set(kinds[1:]) == {"ask"} else "plain"
    if column:
        picture = next(text for kind, text in parts if kind == "figure")
        heading, own = ("", f"{heading}\n{rest}") if cover or ratio < TALL else (heading, rest)
        rest = (
            f'<div class="both" style="grid-template-columns: minmax(0, 1fr) {column}px">'
            f'<div class="side">{own}</div>{picture}</div>'
        )
    elif slide.figure:
        look += " below"
    note = f'\n<aside class="notes">{converter.render(slide.note, env)}</aside>' if slide.note else ""
    place = f"{number} / {len(deck.slides)}"
    foot = f'<div class="foot"><span>{html.escape(deck.title)}</span><span>{place}</span></div>'
    above = eyebrow() if cover else ""
    return f'<section><div class="frame {look}">\n{above}{heading}\n{rest}\n{foot}</div>{note}</section>'


def eyebrow() -> str:
    """Return the course's name, which stands above the first slide's title."""
    settings = yaml.safe_load((ROOT / "book" / "_config.yml").read_text(encoding="utf-8"))
    return f'<p class="course">{html.escape(settings["title"])}</p>\n'


def page(deck: Deck, book: str) -> str:
    """Return a deck as an HTML page; links to the course's pages lead below the address `book`."""
    converter = markdown()
    converter.validateLink = lambda url: True  # all addresses are the course's own
    slides = "\n".join(section(deck, n, converter) for n in range(1, len(deck.slides) + 1))
    return PAGE.format(
        title=html.escape(f"{deck.title} (slides)"),
        slides=slides.replace('href="book:', f'target="_blank" rel="noopener" href="{html.escape(book)}/'),
        width=WIDTH,
        height=HEIGHT,
    )


def notebook(deck: Deck, book: str) -> nbformat.NotebookNode:
    """Return a deck as a notebook with slideshow metadata."""
    cells = []
    for slide in deck.slides:
        texts = [("slide" if i == 0 else "fragment", part) for i, part in enumerate(slide.parts)]
        texts += [("notes", slide.note)] if slide.note else []
        for kind, text in texts:
            cell = nbformat.v4.new_markdown_cell(
                text.replace("](book:", f"]({book}/"), id=f"s{len(cells):03}"
            )
            cell.metadata["slideshow"] = {"slide_type": kind}
            for name in re.findall(r"\(attachment:([\w-]+)\.png\)", text):
                data = base64.b64encode(deck.figures[name]).decode()
                cell.setdefault("attachments", {})[f"{name}.png"] = {"image/png": data}
            cells.append(cell)
    metadata = {"kernelspec": run_notebooks.KERNELSPEC, "language_info": {"name": "python"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


# --- the files beside it ------------------------------------------------------------------------


def package_folder(module: str, package: str) -> Path:
    """Return where an installed package lies, without importing it."""
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise SlidesError(f"the slides need {package}: python -m pip install -c constraints.txt -e .[book]")
    return Path(next(iter(spec.submodule_search_locations)))


def style() -> str:
    """Return the slides' style sheet: the book's colours and letters, those of code, and the layout."""
    book = (ROOT / "book" / "_static" / "course.css").read_text(encoding="utf-8")
    palette = re.findall(r'^(?::root|html\[data-theme="light"\]) \{.*?^\}', book, re.MULTILINE | re.DOTALL)
    if len(palette) < 2:
        raise SlidesError("book/_static/course.css has no palette (:root and the light theme) any more")
    colours = HtmlFormatter(style=PYGMENTS).get_style_defs(".reveal pre.code")
    own = (DECKS / "slides.css").read_text(encoding="utf-8")
    return "\n\n".join([*palette, colours, own])


def write_assets(to: Path) -> None:
    """Write what all decks share into the folder `to`: reveal.js, MathJax and the style."""
    reveal = package_folder("sphinx_revealjs", "sphinx-revealjs") / "_static" / "revealjs"
    mathjax = package_folder("sphinx-mathjax-offline", "sphinx-mathjax-offline") / "static" / "mathjax"
    for source, names, target in ((reveal, REVEAL, to / "reveal"), (mathjax, MATHJAX, to / "mathjax")):
        for name in names:
            if not (source / name).exists():
                raise SlidesError(
                    f"{source} has no {name} any more: install the version that constraints.txt pins"
                )
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            if (source / name).is_dir():
                shutil.copytree(source / name, target / name, dirs_exist_ok=True)
            else:
                shutil.copyfile(source / name, target / name)
    run_notebooks.replace_file(to / "slides.css", style().encode())


def all_decks(folder: Path = DECKS) -> list[Path]:
    """Return every deck, in order."""
    return sorted(folder.glob("[0-9][0-9]_*.md"))


def find(name: str) -> Path:
    """Return the deck with a number such as `05` or `5`."""
    found = [p for p in all_decks() if name.isdigit() and p.name.startswith(f"{int(name):02d}_")]
    if not found:
        known = ", ".join(p.name[:2] for p in all_decks())
        raise SlidesError(f"no deck fits {name!r}: there are {known}")
    return found[0]


def make(paths: list[Path], to: Path = SLIDES, book: str | None = None) -> list[Path]:
    """Write decks with all that they need under `to` and return the pages."""
    decks = [read(path) for path in paths]
    address = (book or Path(os.path.relpath(BOOK, to)).as_posix()).rstrip("/")
    pages = {to / f"{deck.path.stem}.html": page(deck, address).encode() for deck in decks}
    others = {to / f"{d.path.stem}.ipynb": run_notebooks.serialise(notebook(d, address)) for d in decks}
    to.mkdir(parents=True, exist_ok=True)
    write_assets(to / "assets")
    for path, content in (pages | others).items():
        run_notebooks.replace_file(path, content)
    return list(pages)


def faults(shown: Any) -> Iterator[tuple[int, str]]:
    """Yield number and sentence for all that does not fit in a deck that is open in a browser.

    Each slide is on view, with all its parts, when it is looked at, and stays so until the next one.
    """
    shown.wait_for_function(READY)
    for number in range(1, shown.evaluate("Reveal.getTotalSlides()") + 1):
        shown.evaluate("(n) => Reveal.slide(n - 1, 0, 99)", number)
        for fault in shown.evaluate(FAULTS):
            yield number, fault
        yield number, ""


def photograph(pages: list[Path], to: Path) -> list[str]:
    """Write each slide as a PNG below `to` and return what does not fit."""
    found = []
    with pdf.browser() as started:
        shown = started.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        for address in pages:
            folder = to / address.stem
            folder.mkdir(parents=True, exist_ok=True)
            shown.goto(address.as_uri())
            for number, fault in faults(shown):
                if fault:
                    found.append(f"{address.stem}, slide {number}: {fault}")
                else:
                    shown.screenshot(path=folder / f"{number:02}.png")
    return found


def cells(path: Path) -> Iterator[str]:
    """Yield a line for each cell that a deck may show something of."""
    source = Source(path)
    for name, cell in source.cells.items():
        if cell.cell_type != "code" or {"solution", "exercise-stub", "exercise-check"} & set(
            cell.metadata.get("tags", [])
        ):
            continue
        kinds = []
        if any("image/png" in o.get("data", {}) for o in cell.outputs):
            picture, alt = source.figure(name)
            kinds.append(f"figure, {shape(picture):.1f} times as wide as high: {alt}")
        kinds += [f"claim {i}: {text}" for i, text in enumerate(source.claims(name), start=1)]
        if not kinds:
            kinds.append(f"code, {len(cell.source.splitlines())} lines: {cell.source.splitlines()[0]}")
        if printed := source.printed(name).strip():
            kinds.append(f"output: {printed.splitlines()[0]}")
        yield from (f"{name}  {kind}" for kind in kinds)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 1 when a deck cannot be made or does not fit."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, prog="slides.py"
    )
    parser.add_argument("decks", nargs="*", help="numbers (05); without any, all")
    parser.add_argument("--to", type=Path, default=SLIDES, help="folder to write into")
    parser.add_argument("--book", help="the address of the book that links lead to; without it the built one")
    parser.add_argument("--pictures", action="store_true", help="each slide as PNG, and what does not fit")
    parser.add_argument("--cells", action="store_true", help="only list the cells of these notebooks")
    options = parser.parse_args(arguments)
    if options.cells:
        for name in options.decks:
            print(*cells(run_notebooks.find(name)), sep="\n")
        return 0
    try:
        pages = make([find(name) for name in options.decks] or all_decks(), options.to, options.book)
        unfit = photograph(pages, options.to / "pictures") if options.pictures else []
    except (SlidesError, pdf.PdfError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"cannot write into {options.to}: {error.strerror or error}", file=sys.stderr)
        return 1
    print(*unfit, sep="\n", file=sys.stderr, end="\n" if unfit else "")
    print(
        f"{len(pages)} deck{'s' * (len(pages) > 1)} in {options.to}: open {pages[0].name} in a browser;"
        " S shows the notes"
    )
    return 1 if unfit else 0


if __name__ == "__main__":
    raise SystemExit(main())

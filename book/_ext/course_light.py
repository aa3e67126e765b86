"""Make the finished pages light: one style sheet of the rules in use, no script before the text.

The theme, Sphinx and the extensions bring a dozen style sheets (half a megabyte, nearly all of it rules for
things that no page has), and scripts that a browser must fetch before it may show a word. When all pages are
written, `lighten` goes through them:

- the style sheets become one, `_static/book-….css`, without the rules whose classes and ids appear in
  no page and no script (the course's own sheet is taken whole);
- icons come from Font Awesome's fonts, which keep those that this sheet names (0.3 MB become 0.01), and not
  from its script, which draws the same ones again (1.5 MB);
- scripts wait until the page is read (`defer`), in their order;
- the search's index stays on the search page: the box on the other pages only leads there.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import tinycss2
from fontTools import subset, ttLib
from sphinx.application import Sphinx

STYLE = re.compile(r'[ \t]*<link\b(?=[^>]*\brel="stylesheet")[^>]*\bhref="(?P<href>[^"]+)"[^>]*>\n?')
MADE_OF = re.compile(r'data-made-of="([^"]+)"')  # a page of an earlier build: what its sheet was made of
OUR_OWN = "course.css"
SCRIPT = re.compile(r'<script\b(?P<before>[^>]*)\bsrc="(?P<src>[^"]+)"(?P<after>[^>]*)></script>')
OPTION = re.compile(r"<script>(DOCUMENTATION_OPTIONS\.)")
SEARCH = ("searchtools.js", "language_data.js", "searchindex.js")
ICONS = "fontawesome.js"
WORD = re.compile(r"[A-Za-z_][\w-]*")
NAME = re.compile(r"[.#]((?:[\w-]|\\.)+)")
CALL = re.compile(r":[\w-]+\([^()]*(?:\([^()]*\)[^()]*)*\)")
IMPORT = re.compile(r"""@import\s+(?:url\()?["']?(?P<address>[^"')]+)["']?\)?\s*;""")
URL = re.compile(r"""url\(\s*["']?(?P<address>[^"')]+)["']?\s*\)""")
# a font of Font Awesome, which has its icons where Unicode leaves room for private use
ICON_FONT = re.compile(
    r'url\("(?P<font>[^"]+/fa-[\w-]+)\.woff2"\) format\("woff2"\),\s*url\("[^"]+\.ttf"\)[^;}]*'
)
ICON = re.compile("[\ue000-\uf8ff]")


def words(files: Iterable[Path]) -> set[str]:
    """Return every word of the files that may name a class or an id."""
    return {word for file in files for word in WORD.findall(file.read_text(encoding="utf-8"))}


def gathered(sheet: Path, static: Path) -> str:
    """Return a style sheet with those it imports, its addresses seen from the folder `static`."""
    text = sheet.read_text(encoding="utf-8")

    def imported(match: re.Match[str]) -> str:
        return gathered(sheet.parent / match["address"], static)

    def moved(match: re.Match[str]) -> str:
        address = match["address"]
        if re.match(r"[a-z]+:|#|/", address):
            return match[0]
        return f'url("{Path(os.path.relpath(sheet.parent / address, static)).as_posix()}")'

    return IMPORT.sub(imported, URL.sub(moved, text))


def _needed(selector: str, used: set[str]) -> bool:
    """Whether a page may have what a selector names; what stands in :not(…) or :is(…) counts as there."""
    return all(name.replace("\\", "") in used for name in NAME.findall(CALL.sub("", selector)))


def needed_rules(css: str, used: set[str]) -> str:
    """Return the style sheet without the rules for classes and ids that are not in use.

    >>> needed_rules("a, .gone, .seen:not(.gone) { color: red } @media print { .gone { top: 0 } }", {"seen"})
    'a,.seen:not(.gone){color: red}'
    """
    return "".join(
        _rule(r, used) for r in tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    )


def _rule(rule: Any, used: set[str]) -> str:
    if rule.type == "error":
        raise ValueError(f"line {rule.source_line} of the style sheets: {rule.message}")
    if rule.type == "qualified-rule":
        kept = [s for s in _selectors(tinycss2.serialize(rule.prelude)) if _needed(s, used)]
        return f"{','.join(kept)}{{{_body(rule.content)}}}" if kept else ""
    if rule.lower_at_keyword in {"media", "supports"}:
        inner = needed_rules(tinycss2.serialize(rule.content), used)
        return f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inner}}}" if inner else ""
    return "" if rule.lower_at_keyword == "charset" else rule.serialize()


def _selectors(prelude: str) -> list[str]:
    """Split a list of selectors at the commas that stand in no bracket."""
    parts, depth = [""], 0
    for sign in prelude:
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return [" ".join(part.split()) for part in parts]


def _body(content: list[Any]) -> str:
    text = tinycss2.serialize([token for token in content if token.type != "comment"])
    return re.sub(r"\s*\n\s*", " ", text).strip()


def lighten(app: Sphinx, exception: Exception | None) -> None:
    """Put the light style sheet and the waiting scripts into every page."""
    if exception is None and app.builder.format == "html":
        lighten_folder(Path(app.outdir))


def lighten_folder(folder: Path) -> None:
    """Go through all pages below a folder."""
    static = folder / "_static"
    pages = sorted(p for p in folder.rglob("*.html") if static not in p.parents)
    scripts = [p for p in static.rglob("*.js") if "mathjax" not in p.parts]
    used = words([*pages, *scripts])
    for name in (ICONS, f"{ICONS}.map"):
        (static / "scripts" / name).unlink(missing_ok=True)
    for old in static.glob("book-*.css"):
        old.unlink()
    sheets: dict[tuple[Path, ...], str] = {}
    for page in pages:
        text = page.read_text(encoding="utf-8")
        head, end, body = text.partition("</head>")
        links = [m for m in STYLE.finditer(head) if not re.match(r"[a-z]+:|//", m["href"])]
        if not links:
            continue
        made_of = [a for m in links for a in (MADE_OF.findall(m[0]) or [m["href"]])]
        addresses = [a.split("?")[0] for several in made_of for a in several.split()]
        files = tuple((page.parent / address).resolve() for address in addresses)
        if files not in sheets:
            sheets[files] = _write(files, static.resolve(), used)
        address = Path(os.path.relpath(static / sheets[files], page.parent)).as_posix()
        for match in reversed(links):
            head = head[: match.start()] + head[match.end() :]
        link = f'  <link rel="stylesheet" href="{address}" data-made-of="{" ".join(addresses)}" />\n'
        head = head[: links[0].start()] + link + head[links[0].start() :]
        searches = page.name == "search.html"

        def script(match: re.Match[str], searches: bool = searches) -> str:
            name = match["src"].split("?")[0].rsplit("/", 1)[-1]
            if name == ICONS or (name in SEARCH and not searches):
                return ""
            waits = re.search(r"\b(defer|async)\b|module", match["before"] + match["after"])
            return match[0] if waits else match[0].replace("<script", "<script defer", 1)

        head = OPTION.sub(r'<script type="module">\1', SCRIPT.sub(script, head))
        page.write_text(head + end + body, encoding="utf-8")


def _write(files: tuple[Path, ...], static: Path, used: set[str]) -> str:
    """Write the style sheet made of some, and return its name."""
    css = ""
    for file in files:
        text = gathered(file, static)
        css += text if file.name == OUR_OWN else needed_rules(text, used)
    css = '@charset "UTF-8";\n' + with_small_fonts(css, static)
    name = f"book-{hashlib.sha256(css.encode()).hexdigest()[:12]}.css"
    (static / name).write_text(css, encoding="utf-8")
    return name


def with_small_fonts(css: str, folder: Path) -> str:
    """Return the style sheet with fonts that have only the icons it names; write these into the folder."""
    icons = sorted(set(ICON.findall(css)))

    def small(match: re.Match[str]) -> str:
        font = ttLib.TTFont(folder / f"{match['font']}.ttf")
        chooser = subset.Subsetter()
        chooser.populate(text="".join(icons))
        chooser.subset(font)
        font.flavor = "woff"
        name = f"{match['font']}-{hashlib.sha256(''.join(icons).encode()).hexdigest()[:8]}.woff"
        font.save(folder / name)
        return f'url("{name}") format("woff")'

    return ICON_FONT.sub(small, css)

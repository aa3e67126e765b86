"""Link each term of the glossary where a notebook first uses it.

Authors link a term where they explain it. Here every other notebook gets the link as well, at the first
place in its running text: not in the box at its beginning, in headings, code, formulas or in other links.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

GLOSSARY = "book/glossary"
ENTRY = re.compile(r'^### <a id="(term-[^"]+)"></a>(.+)$', re.MULTILINE)
# what text is left alone in, besides the parts of a notebook that PARTS names
LEFT_ALONE = (
    nodes.reference,
    nodes.title,
    nodes.literal,
    nodes.literal_block,
    nodes.math,
    nodes.math_block,
    nodes.raw,
    nodes.comment,
    nodes.image,
)
SECTIONS = {"further-reading"}
NOT_THE_TERM = re.compile(r"Adam [A-Z]\w+|by a wide margin")  # a first name, a figure of speech
PARTS = {"course-glance", "cell_output"}


def terms(page: Path) -> dict[str, str]:
    """Return the anchor of each term, in the order of the page."""
    return {term: anchor for anchor, term in ENTRY.findall(page.read_text(encoding="utf-8"))}


def pattern(term: str) -> str:
    """Return the regular expression of a term: its plural too, and a capital where a sentence begins.

    >>> [bool(re.fullmatch(pattern("decision boundary"), t)) for t in ("Decision boundaries", "a decision")]
    [True, False]
    >>> bool(re.fullmatch(pattern("RAG"), "rag"))
    False
    """
    first = f"[{term[0].lower()}{term[0].upper()}]" if term[1:].islower() or " " in term else term[0]
    words = re.escape(term[1:]).replace(r"\ ", r"\s+")
    ending = f"(?:{words}|{words[:-1]}ies)" if term.endswith("y") else f"{words}s?"
    return first + ending


def finder(names: list[str]) -> re.Pattern[str]:
    """Return what finds any of the terms as whole words, the longest first; group `g3` is the third term."""
    order = sorted(range(len(names)), key=lambda i: -len(names[i]))
    return re.compile(
        r"(?<![\w–-])(?:" + "|".join(f"(?P<g{i}>{pattern(names[i])})" for i in order) + r")(?![\w–-])"
    )


def _texts(doctree: nodes.document) -> Iterator[tuple[nodes.Text, nodes.reference | None]]:
    """Yield the pieces of running text, and the links with the link."""
    for text in list(doctree.findall(nodes.Text)):
        holders = []
        holder = text.parent
        while holder is not None:
            holders.append(holder)
            holder = holder.parent
        if any(PARTS & set(h.get("classes", ())) for h in holders if isinstance(h, nodes.Element)):
            continue
        if any(SECTIONS & set(h.get("ids", ())) for h in holders if isinstance(h, nodes.section)):
            continue
        link = next((h for h in holders if isinstance(h, nodes.reference)), None)
        if link is not None:
            yield text, link
        elif not any(isinstance(h, LEFT_ALONE) for h in holders):
            yield text, None


def link_terms(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Link the first use of each term in a notebook, unless its author did."""
    if not docname.startswith("notebooks/") or app.builder.format != "html":
        return
    page = Path(app.env.doc2path(GLOSSARY))
    anchors = terms(page)
    names = list(anchors)
    address = app.builder.get_relative_uri(docname, GLOSSARY)
    find = finder(names)
    seen: set[str] = set()
    for text, link in _texts(doctree):
        if link is not None:
            seen |= {name for name in names if link.get("refuri", "").endswith(f"{address}#{anchors[name]}")}
            continue
        said = text.astext()
        others = [other.span() for other in NOT_THE_TERM.finditer(said)]
        pieces: list[nodes.Node] = []
        end = 0
        for match in find.finditer(said):
            name = names[int(str(match.lastgroup)[1:])]
            if name in seen or any(start <= match.start() < stop for start, stop in others):
                continue
            seen.add(name)
            target = f"{address}#{anchors[name]}"
            word = nodes.reference("", match[0], internal=True, refuri=target, classes=["course-term"])
            pieces += [nodes.Text(said[end : match.start()]), word]
            end = match.end()
        if pieces:
            text.parent.replace(text, [*pieces, nodes.Text(said[end:])])

"""Join the tags of several PDF files, for those who read with a screen reader.

A tagged PDF has beside its pages a tree: headings, paragraphs, lists, tables, figures with their alternative
texts, each leading to its marks in the pages, in the order of reading. Chromium writes such a tree for each
page of the book; pypdf joins pages, but not trees. `Tags` writes one tree of many:

- what has no meaning of its own is left out (Chromium notes every coloured word of a program): nine parts in
  ten of the tree, and the file stays small;
- lines of code and of output become paragraphs, and what was labelled `FORMULA` a formula;
- every mark in a page, and every link, leads back to its part of the tree.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, TypeGuard

FORMULA = "Formula: "  # how the alternative text of a formula begins
# parts of the tree that hold text themselves; text outside of them is put into a paragraph
INLINE = {"/Link", "/Code", "/Strong", "/Em", "/Span", "/Quote", "/Figure", "/Formula", "/Lbl"}
CELLS = {"/TD", "/TH", "/LI", "/LBody"}
TEXT = {"/P", *(f"/H{i}" for i in range(1, 7)), "/Caption", "/Note", *CELLS, *INLINE}
ALONE = {"/Figure", "/Formula", "/Lbl"}
EMPTY_TOO = {"/TD", "/TH"}  # an empty cell keeps its row in shape
KEPT = ("/Alt", "/ActualText", "/Lang", "/T")
# of attributes, those that need no list of names: how a list counts, what a table's heading heads, spans
ATTRIBUTES = ("/ListNumbering", "/Scope", "/RowSpan", "/ColSpan")
OWN_NAMES = {"/Strong": "/Span", "/Em": "/Span"}  # names from PDF 2.0, said in those of PDF 1.7


@dataclass
class Mark:
    """A place in the pages: a mark in the content of a page, or a link on it."""

    page: int  # number in the whole file
    number: int | None  # the mark's number in its page
    link: int | None = None  # the link's key in the tree of parents


@dataclass
class Part:
    """A part of the document: its kind, what it is called, what it holds."""

    kind: str
    extra: dict[str, Any] = field(default_factory=dict)
    held: list[Part | Mark] = field(default_factory=list)


def parts(root: Any, pages: dict[int, int], links: dict[int, int]) -> list[Part | Mark]:
    """Return what a file's tree holds.

    Parameters
    ----------
    root
        The file's structure tree.
    pages
        The number in the whole of each page, by the id of its object in the file.
    links
        The key of each link that is kept, by the id of its object in the file.
    """

    def held(entry: Any, page: int) -> Iterator[Part | Mark]:
        for kid in entry if isinstance(entry, list) else [entry]:
            yield from one(kid.get_object(), page)

    def one(kid: Any, page: int) -> Iterator[Part | Mark]:
        if isinstance(kid, int):
            yield Mark(page, int(kid))
            return
        page = pages.get(kid.raw_get("/Pg").idnum, page) if "/Pg" in kid else page
        if kid.get("/Type") == "/MCR":
            yield Mark(page, int(kid["/MCID"]))
        elif kid.get("/Type") == "/OBJR":
            link = links.get(kid.raw_get("/Obj").idnum)
            if link is not None:
                yield Mark(page, None, link)
        elif "/S" in kid:
            part = Part(str(kid["/S"]), _extra(kid), list(held(kid["/K"], page)) if "/K" in kid else [])
            yield from _simple(part)

    return list(held(root["/K"], 0))


def _extra(element: Any) -> dict[str, Any]:
    """Return what is kept of an element's entries."""
    extra = {key: element[key] for key in KEPT if key in element}
    attributes = element.get("/A", [])
    listed = attributes if isinstance(attributes, list) else [attributes]
    kept = []
    for attribute in (a.get_object() for a in listed):
        own = {key: attribute[key] for key in ATTRIBUTES if key in attribute and attribute[key] != 1}
        if own:
            kept.append({"/O": attribute["/O"], **own})
    return extra | ({"/A": kept} if kept else {})


def _simple(part: Part) -> Iterator[Part | Mark]:
    """Leave out a part that says nothing: what it holds takes its place."""
    if part.kind in {"/NonStruct", "/Form"}:  # on paper no form can be filled in
        words = sum(isinstance(each, Mark) for each in part.held)
        if any(_is_block(each) for each in part.held):
            yield from _in_paragraphs(part.held)
        elif words > 1:  # several words side by side: a line of code, a label in a drawing
            yield Part("/P", {}, part.held)
        else:
            yield from part.held
        return
    if part.kind == "/Figure" and str(part.extra.get("/Alt", "")).startswith(FORMULA):
        part.kind, part.extra["/Alt"] = "/Formula", str(part.extra["/Alt"]).removeprefix(FORMULA)
    if not part.held and part.kind not in EMPTY_TOO:
        return
    if part.kind not in TEXT:
        part.held = list(_in_paragraphs(part.held))
    elif part.kind not in CELLS:  # no paragraph within a paragraph
        part.held = [e for each in part.held for e in (each.held if _is_paragraph(each) else [each])]
    yield part


def _is_paragraph(each: Part | Mark) -> TypeGuard[Part]:
    return isinstance(each, Part) and each.kind == "/P"


def _is_block(each: Part | Mark) -> bool:
    return isinstance(each, Part) and each.kind not in INLINE


def _in_paragraphs(held: list[Part | Mark]) -> Iterator[Part | Mark]:
    """Put what stands in a line of text, beside parts that stand for themselves, into paragraphs."""
    for block, some in groupby(held, key=_is_block):
        listed = list(some)
        if block or all(isinstance(each, Part) and each.kind in ALONE for each in listed):
            yield from listed
        else:
            yield Part("/P", {}, listed)


class Tags:
    """The tree of the whole file, written chapter by chapter."""

    def __init__(self, writer: Any) -> None:
        self.writer = writer
        self.document = Part("/Document")
        self.links = len(writer.pages)  # keys of the tree of parents: first the pages, then the links

    def new_link(self) -> int:
        """Return a key for a link."""
        self.links += 1
        return self.links - 1

    def add(self, reader: Any, start: int, links: dict[int, int], title: str) -> None:
        """Take over the tree of a file whose pages begin at page `start` of the whole."""
        root = reader.trailer["/Root"].get("/StructTreeRoot")
        if root is None:
            raise ValueError(f"the pages of {title!r} have no tags")
        pages = {page.indirect_reference.idnum: start + i for i, page in enumerate(reader.pages)}
        deep = sys.getrecursionlimit()
        sys.setrecursionlimit(max(deep, 5000))
        try:
            for each in parts(root, pages, links):
                if isinstance(each, Part) and each.kind == "/Document":
                    each.kind, each.extra["/T"] = "/Part", title
                self.document.held.append(each)
        finally:
            sys.setrecursionlimit(deep)

    def write(self) -> None:
        """Put the tree into the file."""
        from pypdf.generic import (
            ArrayObject,
            BooleanObject,
            DictionaryObject,
            NameObject,
            NullObject,
            NumberObject,
            TextStringObject,
        )

        writer = self.writer
        owners: dict[int, dict[int, Any]] = {}  # page -> mark -> the part that holds it
        of_links: dict[int, Any] = {}
        pages = [page.indirect_reference for page in writer.pages]
        links = {
            int(link["/StructParent"]): reference
            for page in writer.pages
            for reference in page.get("/Annots", [])
            if "/StructParent" in (link := reference.get_object())
        }

        def value(of: Any) -> Any:
            if isinstance(of, dict):
                return DictionaryObject({NameObject(k): value(v) for k, v in of.items()})
            if isinstance(of, list):
                return ArrayObject(value(each) for each in of)
            if isinstance(of, NameObject | NumberObject):
                return of
            return NumberObject(of) if isinstance(of, int) else TextStringObject(of)

        def written(part: Part, parent: Any) -> Any:
            own = DictionaryObject({NameObject("/S"): NameObject(part.kind), NameObject("/P"): parent})
            reference = writer._add_object(own)
            own.update({NameObject(key): value(of) for key, of in part.extra.items()})
            # the page that most of its marks are on is said once
            here = next((each.page for each in part.held if isinstance(each, Mark)), None)
            if here is not None:
                own[NameObject("/Pg")] = pages[here]
            kids = ArrayObject()
            for each in part.held:
                if isinstance(each, Part):
                    kids.append(written(each, reference))
                elif each.number is None:
                    of_links[each.link or 0] = reference
                    kids.append(entry("/OBJR", each.page, NameObject("/Obj"), links[each.link or 0]))
                else:
                    owners.setdefault(each.page, {})[each.number] = reference
                    mark = NumberObject(each.number)
                    same = each.page == here
                    kids.append(mark if same else entry("/MCR", each.page, NameObject("/MCID"), mark))
            if kids:
                own[NameObject("/K")] = kids[0] if len(kids) == 1 else kids
            return reference

        def entry(kind: str, page: int, key: NameObject, of: Any) -> DictionaryObject:
            known = {NameObject("/Type"): NameObject(kind), NameObject("/Pg"): pages[page]}
            return DictionaryObject(known | {key: of})

        root = DictionaryObject({NameObject("/Type"): NameObject("/StructTreeRoot")})
        at = writer._add_object(root)
        root[NameObject("/K")] = written(self.document, at)
        numbers = ArrayObject()
        for page, marks in sorted(owners.items()):
            of_page = ArrayObject(marks.get(i, NullObject()) for i in range(max(marks) + 1))
            numbers += [NumberObject(page), writer._add_object(of_page)]
            writer.pages[page][NameObject("/StructParents")] = NumberObject(page)
            writer.pages[page][NameObject("/Tabs")] = NameObject("/S")  # the tab key goes in this order
        for key, part in sorted(of_links.items()):
            numbers += [NumberObject(key), part]
        root[NameObject("/ParentTree")] = writer._add_object(DictionaryObject({NameObject("/Nums"): numbers}))
        root[NameObject("/ParentTreeNextKey")] = NumberObject(self.links)
        root[NameObject("/RoleMap")] = value({key: NameObject(of) for key, of in OWN_NAMES.items()})
        writer.root_object[NameObject("/StructTreeRoot")] = at
        writer.root_object[NameObject("/MarkInfo")] = DictionaryObject(
            {NameObject("/Marked"): BooleanObject(True)}
        )

"""The bibliography page: ``references.bib`` written as Markdown that is read on GitHub, too.

The book always shows what ``references.bib`` holds when it is built. The same text is kept in
``bibliography.md`` so that a citation followed on GitHub leads somewhere. After a change of
``references.bib`` bring it up to date with::

    python book/_ext/course_bibliography.py
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pybtex.database import Entry

BEGIN, END = "<!-- begin: written from references.bib -->", "<!-- end: written from references.bib -->"
MOST_AUTHORS = 6  # of more, the first is named with "and others"
KEY = re.compile(r"[a-z0-9]+")


class BibliographyError(ValueError):
    """An entry of ``references.bib`` cannot be shown; the message names it and what is missing."""


def _plain(text: str) -> str:
    """Return a field as Markdown: without BibTeX's braces, dashes as dashes, nothing that is markup."""
    text = re.sub(r"[{}]", "", text).replace("---", "—").replace("--", "–").replace("\\&", "&")
    return re.sub(r"([*_\[\]$<>`])", r"\\\1", " ".join(text.split()))


def _people(entry: Entry, role: str) -> str:
    people = entry.persons.get(role, [])
    names = [
        " ".join([*p.first_names, *p.middle_names, *p.prelast_names, *p.last_names, *p.lineage_names])
        for p in people
    ]
    names = [_plain(name) for name in names]
    if names and names[-1] == "others":
        return f"{', '.join(names[:-1])} and others"
    if len(names) > MOST_AUTHORS:
        return f"{names[0]} and {len(names) - 1} others"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _where(entry: Entry) -> str:
    """Return journal, book or report with volume and pages."""
    f = {name: _plain(value) for name, value in entry.fields.items() if name not in ("doi", "url")}
    parts = []
    if "journal" in f:
        number = f"({f['number']})" if "number" in f else ""
        volume = f" {f['volume']}{number}" if "volume" in f else ""
        parts.append(f"*{f['journal']}*{volume}")
    elif "booktitle" in f:
        editors = _people(entry, "editor")
        volume = f", vol. {f['volume']}" if "volume" in f else ""
        parts.append(f"In{' ' + editors + ' (eds),' if editors else ''} *{f['booktitle']}*{volume}")
    elif "number" in f:
        parts.append(f"{f.get('type', 'Report')} {f['number']}")
    elif "type" in f:
        parts.append(f["type"])
    if "pages" in f:
        parts.append(f"{'pages ' if 'journal' not in f else ''}{f['pages']}")
    parts += [
        f[name] for name in ("howpublished", "school", "institution", "publisher", "address") if name in f
    ]
    return ", ".join(parts)


def _link(entry: Entry) -> str:
    doi, url = entry.fields.get("doi"), entry.fields.get("url")
    if doi:
        return f" [doi:{_plain(doi)}](https://doi.org/{doi})"
    if url:
        return f" [{_plain(re.sub(r'^https?://(www[.])?', '', url)).rstrip('/')}]({url})"
    return ""


def entry_markdown(entry: Entry) -> str:
    """Return one entry as a list item of Markdown that carries the anchor ``ref-<key>``.

    Raises
    ------
    BibliographyError
        If the key is not lower-case letters and digits, or title or authors are missing.
    """
    key = entry.key
    if not KEY.fullmatch(key):
        raise BibliographyError(f"references.bib: key {key!r}: use lower-case letters and digits only")
    who = _people(entry, "author") or _people(entry, "editor")
    if not who or "title" not in entry.fields:
        raise BibliographyError(f"references.bib: {key}: author and title are needed")
    year = f" ({entry.fields['year']})" if "year" in entry.fields else ""
    title = _plain(entry.fields["title"]).rstrip(".")
    if "journal" not in entry.fields and "booktitle" not in entry.fields:
        title = f"*{title}*"
    end = "" if title.endswith("?") else "."
    note = f" {_plain(entry.fields['note'])}." if "note" in entry.fields else ""
    where = _where(entry)
    where = f" {where}." if where else ""
    return f'- <a id="ref-{key}"></a>{who}{year}. {title}{end}{where}{_link(entry)}{note}'


def bibliography_markdown(bib: Path) -> str:
    """Return the whole file as Markdown, one heading a year, the undated works last."""
    from pybtex.database import parse_file

    entries = parse_file(str(bib), bib_format="bibtex").entries.values()
    years = sorted({entry.fields.get("year", "") for entry in entries}, key=lambda y: (y == "", y))
    blocks = []
    for year in years:
        of_year = [e for e in entries if e.fields.get("year", "") == year]
        of_year.sort(key=lambda e: e.key)
        blocks.append(f"## {year or 'Without a year'}\n\n" + "\n".join(map(entry_markdown, of_year)))
    return "\n\n".join(blocks)


def fill(page: str, bib: Path) -> str:
    """Return the page with the text between its two marks written anew from ``bib``.

    Raises
    ------
    BibliographyError
        If a mark is missing.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise BibliographyError(f"bibliography.md must hold the two lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{bibliography_markdown(bib)}\n\n{END}{after}"


def main() -> None:
    """Write ``bibliography.md`` anew."""
    book = Path(__file__).resolve().parent.parent
    page = book / "bibliography.md"
    old = page.read_text(encoding="utf-8")
    new = fill(old, book / "references.bib")
    page.write_text(new, encoding="utf-8", newline="\n")
    print(f"{page.name}: {'unchanged' if new == old else 'written'}", file=sys.stderr)


if __name__ == "__main__":
    main()

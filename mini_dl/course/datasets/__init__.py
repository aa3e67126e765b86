"""The data sets of the course: `load("mnist")` and its like.

The first time, a data set is downloaded from its official address; after that it is on this machine.
Its content is compared with a known sha256 every time: what the course says about the data holds for yours.

- `load(name)` gives a record: its arrays, texts or lists, and its licence, citation and source.
- `names()` lists the data sets, `describe(name)` says what one is.
- `where()` is the folder the files are in. Set the environment variable `MINI_DL_DATA` to use a folder of
  your own, such as one that a whole class reads; what is missing there and cannot be kept there goes to the
  ordinary cache folder.
- `available(name)` says whether `load` needs no network.
- `fetch(name)` downloads ahead. In a terminal, `python -m mini_dl.course.datasets` shows a table, and
  `python -m mini_dl.course.datasets fetch mnist names` fetches.

With neither network nor files, `mnist` and `fashion_mnist` become enlarged digits from scikit-learn and
`tiny_shakespeare` a text from Python's own library. One printed line says so; `load(name, fallback=False)`
forbids it.
"""

import difflib
from pathlib import Path
from typing import Literal, overload

from . import store
from .catalogue import CATALOGUE, Entry
from .contents import Download
from .records import (
    Dataset,
    Images,
    LabelledTexts,
    Pairs,
    Question,
    Questions,
    Series,
    Sounds,
    Table,
    Text,
    Words,
)

__all__ = [
    "Dataset",
    "DatasetError",
    "Images",
    "LabelledTexts",
    "Pairs",
    "Question",
    "Questions",
    "Series",
    "Sounds",
    "Table",
    "Text",
    "UnknownDatasetError",
    "Words",
    "available",
    "describe",
    "fetch",
    "load",
    "names",
    "where",
]


class DatasetError(RuntimeError):
    """A data set could not be had; the message says why, and how to supply it by hand."""


class UnknownDatasetError(ValueError):
    """There is no data set of this name, or not in this language."""


def names() -> tuple[str, ...]:
    """Return the names of all data sets.

    Examples
    --------
    >>> names()[:3]
    ('digits', 'mnist', 'fashion_mnist')
    """
    return tuple(CATALOGUE)


def where() -> Path:
    """Return the folder where files are looked for first, and where downloads are kept.

    It is `MINI_DL_DATA`, if that is set, else the platform's usual place for caches.
    """
    return next(store.folders())


def _entry(name: str) -> Entry:
    if name in CATALOGUE:
        return CATALOGUE[name]
    near = difflib.get_close_matches(str(name).lower().replace("-", "_"), CATALOGUE, n=1, cutoff=0.4)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    raise UnknownDatasetError(f"There is no data set {name!r}.{meant} There are: {', '.join(CATALOGUE)}.")


def _megabytes(size: int) -> str:
    """Say a number of bytes as a person would.

    Examples
    --------
    >>> _megabytes(9912422), _megabytes(1746)
    ('9.9 MB', '2 kB')
    """
    return f"{size / 1e6:.1f} MB" if size >= 500_000 else f"{max(1, round(size / 1e3))} kB"


def _downloads(entry: Entry, language: str | None) -> tuple[Download, ...]:
    """Return what has to be on this machine, the first language where none is chosen."""
    if not entry.languages:
        if language is not None:
            raise UnknownDatasetError(
                f"{entry.name} has no choice of language; leave out language={language!r}."
            )
        return entry.downloads
    language = language or entry.languages[0]
    if language not in entry.languages:
        raise UnknownDatasetError(
            f"{entry.name} has no language {language!r}; it has {', '.join(entry.languages)}."
        )
    return tuple(download for download in entry.downloads if download.language == language)


def _not_obtained(entry: Entry, downloads: tuple[Download, ...], error: store.DownloadError) -> str:
    """Write the message for a learner who has to get the files in another way."""
    kept = where()
    lines = [f"{entry.name} ({entry.title}) is not on this machine and could not be downloaded."]
    lines.append(f"Looked in: {', '.join(map(str, store.folders()))}")
    lines += [f"Found, but not usable: {sentence}" for sentence in error.damaged]
    lines += ["Tried:", *(f"  {reason}" for reason in error.reasons)]
    lines += [
        "To supply it by hand, download with a browser, on any machine, and put each file in its place:"
    ]
    for download in downloads:
        if store.find(download)[0] is not None:
            continue
        lines.append(f"  {download.urls[0]}")
        lines.append(f"    as {kept / download.path}")
        published = download.sha256 or f"of its `sha256sum recordings/*.wav`: {download.files[0].sha256}"
        lines.append(f"    ({_megabytes(download.size)}, sha256 {published})")
    lines.append("Or set MINI_DL_DATA to a folder that has them under the same names.")
    return "\n".join(lines)


@overload
def load(name: Literal["digits", "mnist", "fashion_mnist"], *, fallback: bool = True) -> Images: ...
@overload
def load(name: Literal["tiny_shakespeare", "time_machine"], *, fallback: bool = True) -> Text: ...
@overload
def load(name: Literal["names"], *, fallback: bool = True) -> Words: ...
@overload
def load(name: Literal["tatoeba_fra_eng"], *, fallback: bool = True) -> Pairs: ...
@overload
def load(name: Literal["sentiment_sentences", "sms_spam"], *, fallback: bool = True) -> LabelledTexts: ...
@overload
def load(name: Literal["penguins"], *, fallback: bool = True) -> Table: ...
@overload
def load(name: Literal["xquad"], *, language: str | None = None, fallback: bool = True) -> Questions: ...
@overload
def load(
    name: Literal["air_passengers", "sunspots", "co2", "seattle_weather"], *, fallback: bool = True
) -> Series: ...
@overload
def load(name: Literal["spoken_digits"], *, fallback: bool = True) -> Sounds: ...
@overload
def load(name: str, *, language: str | None = None, fallback: bool = True) -> Dataset: ...


def load(name: str, *, language: str | None = None, fallback: bool = True) -> Dataset:
    """Load a data set, downloading it if it is not on this machine.

    Parameters
    ----------
    name : str
        One of `names()`.
    language : str, optional
        For `xquad`: "en" (the default), "es" or "de".
    fallback : bool, default True
        Whether a stand-in may be used where the data can be had neither here nor from the network. Its `real`
        is False, and one printed line says what will differ.

    Returns
    -------
    Dataset
        A record of the kind that suits the data; `describe(name)` says what is in it. Each call gives new
        arrays.

    Raises
    ------
    UnknownDatasetError
        If there is no such name or language.
    DatasetError
        If the data cannot be had; the message says what was tried and how to supply the files by hand.

    Examples
    --------
    >>> load("digits")
    digits: 1,797 handwritten digits, 8 × 8, that come with scikit-learn
      x_train      uint8 (1437, 8, 8)
      y_train      int64 (1437,)
      x_test       uint8 (360, 8, 8)
      y_test       int64 (360,)
      class_names  0, 1, 2, 3, 4, 5, 6, 7, 8, 9
      max_value    16
      licence      CC BY 4.0
      source       https://archive.ics.uci.edu/dataset/80
    """
    entry = _entry(name)
    downloads = _downloads(entry, language)
    contents: dict[str, bytes] = {}
    try:
        for download in downloads:
            contents |= store.obtain(download)
    except store.DownloadError as error:
        if not fallback or entry.stand_in is None:
            raise DatasetError(_not_obtained(entry, downloads, error)) from None
        store.say(
            f"{name.upper()} IS NOT ON THIS MACHINE AND CANNOT BE DOWNLOADED! "
            f"In its place: {entry.stand_in_note}. (fallback=False makes this an error.)"
        )
        return entry.stand_in(entry.about)
    return entry.read(contents, entry.about)


def available(name: str, *, language: str | None = None) -> bool:
    """Say whether `load` would give the real data without the network: all files here, their content checked.

    Examples
    --------
    >>> available("digits")
    True
    """
    return all(store.find(download)[0] is not None for download in _downloads(_entry(name), language))


def fetch(name: str) -> None:
    """Make sure that all files of a data set, in all languages, are on this machine.

    Raises
    ------
    DatasetError
        If they cannot be had, or cannot be kept in any folder.
    """
    entry = _entry(name)
    for download in entry.downloads:
        try:
            store.obtain(download)
        except store.DownloadError as error:
            raise DatasetError(_not_obtained(entry, entry.downloads, error)) from None
        if store.in_memory_only(download):
            raise DatasetError(
                f"{name} was downloaded, but could not be kept; see the line above for the remedy."
            )


def size(name: str) -> str:
    """Return how much is downloaded for a data set, all languages together.

    Examples
    --------
    >>> size("mnist"), size("digits")
    ('11.6 MB', 'none')
    """
    downloads = _entry(name).downloads
    return _megabytes(sum(download.size for download in downloads)) if downloads else "none"


def describe(name: str) -> str:
    """Return what a data set is: title, shapes and units, licence, citation, size, addresses.

    Examples
    --------
    >>> print(describe("names"))
    names: 32,033 given names of children in the United States
    words: list of str, lower case a to z, 2 to 15 letters, 29,494 different ones. No split.
    Licence: MIT
    Cite: Karpathy (2022), makemore
    Home: https://github.com/karpathy/makemore
    Download: 228 kB from https://raw.githubusercontent.com/karpathy/makemore/master/names.txt
    """
    entry = _entry(name)
    lines = [f"{entry.name}: {entry.title}", entry.description, f"Licence: {entry.licence}"]
    lines += [f"Cite: {entry.citation}", f"Home: {entry.source}"]
    if not entry.downloads:
        lines.append("Download: none, it is part of scikit-learn")
    for download in entry.downloads:
        lines.append(f"Download: {_megabytes(download.size)} from {download.urls[0]}")
    return "\n".join(lines)

"""What `load` returns: records of arrays and strings that say where they come from and print briefly."""

from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_ABOUT = ("name", "title", "description", "licence", "citation", "source", "real")


def _brief(value: Any) -> str:
    """Say in a few words what a field holds.

    Examples
    --------
    >>> _brief(np.zeros((3, 2))), _brief(["a", "b"]), _brief(("a", "b")), _brief("one line")
    ('float64 (3, 2)', "2 of str, the first 'a'", 'a, b', 'one line')
    """
    if isinstance(value, np.ndarray):
        kind = "str" if value.dtype.kind == "U" else str(value.dtype)
        return f"{kind} {value.shape}"
    if isinstance(value, str):
        return f"str of {len(value):,} characters" if "\n" in value else value
    if isinstance(value, dict):
        return "".join(f"\n    {key:<18} {_brief(item)}" for key, item in value.items())
    if isinstance(value, list):
        first = value[0]
        if isinstance(first, np.ndarray):
            return f"{len(value):,} arrays, the first {_brief(first)}"
        said = repr(first.question if isinstance(first, Question) else first)
        said = said if len(said) <= 70 else said[:68] + "…"
        return f"{len(value):,} of {type(first).__name__}, the first {said}"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Dataset:
    """What every data set says about itself.

    Attributes
    ----------
    name, title, description : str
        Name for `load`, one line, and the details: shapes, dtypes, units, split.
    licence, citation, source : str
        Under what terms, whom to cite, the home page. Name them where you use the data.
    real : bool
        False for a stand-in that was loaded because the real data could not be had.
    """

    name: str
    title: str
    description: str
    licence: str
    citation: str
    source: str
    real: bool = True

    def __repr__(self) -> str:
        lines = [f"{self.name}: {self.title}" if self.real else f"STAND-IN for {self.name}: {self.title}"]
        rows = [(f.name, getattr(self, f.name)) for f in fields(self) if f.name not in _ABOUT]
        rows += [("licence", self.licence), ("source", self.source)]
        width = max(len(key) for key, _ in rows)
        lines += [f"  {key:<{width}}  {_brief(value)}" for key, value in rows if value is not None]
        return "\n".join(line.rstrip() for line in "\n".join(lines).split("\n"))


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Images(Dataset):
    """Grey images with labels, split into a training and a test part.

    Attributes
    ----------
    x_train, x_test : uint8 array, shape (n, height, width)
        0 is background, `max_value` full ink. `x / max_value` lies between 0 and 1.
    y_train, y_test : int64 array, shape (n,)
        The class of each image, an index into `class_names`.
    class_names : tuple of str
    max_value : int
        255, or 16 for `digits`.
    """

    x_train: NDArray[np.uint8]
    y_train: NDArray[np.int64]
    x_test: NDArray[np.uint8]
    y_test: NDArray[np.int64]
    class_names: tuple[str, ...]
    max_value: int


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Text(Dataset):
    """One long text, in `text`."""

    text: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Words(Dataset):
    """A list of words, in `words`, in the order of the file."""

    words: list[str]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Pairs(Dataset):
    """Sentences with their translations, in `pairs`: a list of tuples (source sentence, translation).

    `languages` names the two.
    """

    pairs: list[tuple[str, str]]
    languages: tuple[str, str]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class LabelledTexts(Dataset):
    """Short texts, each with a class.

    Attributes
    ----------
    texts : list of str, n of them
    labels : int64 array, shape (n,)
        Indices into `class_names`.
    class_names : tuple of str
    origin : str array, shape (n,), or None
        Which collection each text comes from.
    """

    texts: list[str]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    origin: NDArray[np.str_] | None = None


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Table(Dataset):
    """Named columns of equal length, in `columns`; `table["year"]` is short for `table.columns["year"]`.

    Numbers that are missing are NaN, words that are missing are "".
    """

    columns: dict[str, NDArray[Any]]

    def __getitem__(self, column: str) -> NDArray[Any]:
        """Give one column by its name."""
        if column not in self.columns:
            raise KeyError(f"{self.name} has no column {column!r}; it has {', '.join(self.columns)}")
        return self.columns[column]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Series(Dataset):
    """Measurements in order of time.

    Attributes
    ----------
    dates : datetime64 array, shape (time,)
        Unit month or day, as the data are.
    values : float64 array, shape (time,) or (time, variables)
        NaN where nothing was measured.
    variables, units : tuple of str
        What each column of `values` is, and in what unit.
    labels : str array, shape (time,), or None
        A word for each date, where there is one.
    """

    dates: NDArray[np.datetime64]
    values: NDArray[np.float64]
    variables: tuple[str, ...]
    units: tuple[str, ...]
    labels: NDArray[np.str_] | None = None


class Question(NamedTuple):
    """A question whose answer is a piece of the context: `context[start:start + len(answer)] == answer`."""

    id: str
    context: str
    question: str
    answer: str
    start: int


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Questions(Dataset):
    """Questions on paragraphs, in `questions`: a list of `Question`, with one answer each."""

    questions: list[Question]
    language: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Sounds(Dataset):
    """Recordings of different lengths with labels and speakers, split into a training and a test part.

    Attributes
    ----------
    x_train, x_test : list of int16 arrays, each of shape (samples,)
        Air pressure, −32768 to 32767, `rate` samples a second.
    y_train, y_test : int64 array, shape (n,)
        Indices into `class_names`.
    speaker_train, speaker_test : str array, shape (n,)
    class_names : tuple of str
    rate : int
        Samples per second.
    """

    x_train: list[NDArray[np.int16]]
    y_train: NDArray[np.int64]
    speaker_train: NDArray[np.str_]
    x_test: list[NDArray[np.int16]]
    y_test: NDArray[np.int64]
    speaker_test: NDArray[np.str_]
    class_names: tuple[str, ...]
    rate: int

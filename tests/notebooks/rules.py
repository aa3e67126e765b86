"""The rules for a notebook, read from its file without running it.

Each rule is a function marked with `@rule`; it yields problems. `problems(path)` runs them all. To add
a rule, write such a function, and in test_guards.py the broken notebook that it catches: a test there
fails while a rule has none.

CONTRIBUTING.md says the same in prose.
"""

from __future__ import annotations

import ast
import importlib
import io
import json
import re
import tokenize
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import nbformat
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[2]

# ---------------------------------------------------------------------------------------------- bars

MAX_CELL_LINES = 40
MAX_SETUP_LINES = 12
MAX_BYTES = 1_500_000
MAX_SECONDS = 90
MIN_CHECKED_EXERCISES = 4
MIN_ALT_CHARACTERS = 20
ROOM = 0.10  # by how much the bars below may be missed


@dataclass(frozen=True)
class Bars:
    """The size of a notebook: what a reader can take in at one sitting."""

    cells: tuple[int, int] = (40, 80)
    words: tuple[int, int] = (1500, 2500)
    visible_code_lines: tuple[int, int] = (0, 250)
    figures: tuple[int, int] = (3, 8)


DEFAULT_BARS = Bars()
PART_BARS: dict[str, Bars] = {  # folder under notebooks/ -> its own bars, if other
    "0_before_you_start": Bars((30, 55), (500, 1500), (0, 100), (0, 2)),  # a test of half an hour
}

TAGS = {
    "at-a-glance",
    "setup",
    "history",
    "exercise",
    "exercise-stub",
    "exercise-check",
    "hint",
    "solution",
    "summary",
    "quiz",
    "references",
    "hide-cell",
    "hide-input",
    "hide-output",
    "remove-input",
    "nbval-ignore-output",
}
CELL_METADATA = {"tags", "exercise", "mystnb", "jupyter"}
NOTEBOOK_METADATA = {"course", "kernelspec", "language_info", "widgets"}
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

# --------------------------------------------------------------------------------- notebook and cells


@dataclass(frozen=True)
class Problem:
    """What is wrong, where, and what to do about it."""

    rule: str
    notebook: str
    cell: Cell | None
    text: str

    def __str__(self) -> str:
        where = self.notebook if self.cell is None else f"{self.notebook}, {self.cell.where}"
        return f"{where}: {self.text} [{self.rule}]"


@dataclass(frozen=True)
class Cell:
    """A cell and its place."""

    index: int
    raw: dict[str, Any]

    @property
    def id(self) -> str:
        return self.raw.get("id", "no id")

    @property
    def where(self) -> str:
        return f"cell {self.index} (id {self.id})"

    @property
    def source(self) -> str:
        return "".join(self.raw["source"])

    @property
    def is_code(self) -> bool:
        return self.raw["cell_type"] == "code"

    @property
    def is_markdown(self) -> bool:
        return self.raw["cell_type"] == "markdown"

    @property
    def metadata(self) -> dict[str, Any]:
        return self.raw["metadata"]

    @property
    def tags(self) -> list[str]:
        return self.metadata.get("tags", [])

    @property
    def outputs(self) -> list[dict[str, Any]]:
        return self.raw.get("outputs", [])

    def data(self, start: str) -> list[str]:
        """The outputs of the MIME types that begin so."""
        return [
            "".join(value) if isinstance(value, list) else value
            for output in self.outputs
            for mime, value in output.get("data", {}).items()
            if mime.startswith(start) and not isinstance(value, dict)
        ]

    @property
    def hidden(self) -> bool:
        return self.metadata.get("jupyter", {}).get("source_hidden", False) or bool(
            {"hide-cell", "hide-input"} & set(self.tags)
        )

    @cached_property
    def tree(self) -> ast.Module | None:
        """The syntax tree of a code cell, its %magics left out; None when it is not Python."""
        lines = (re.sub(r"^(\s*)[%!].*", r"\1pass", line) for line in self.source.splitlines())
        try:
            return ast.parse("\n".join(lines))
        except SyntaxError:
            return None

    @cached_property
    def tokens(self) -> list[Token]:
        """Markdown tokens, the inline ones lifted out of their blocks."""
        return markdown_tokens(self.source)


class Notebook:
    """A notebook's file, parsed."""

    def __init__(self, path: Path, root: Path = ROOT) -> None:
        self.path, self.root = path, root
        self.bytes = path.read_bytes()
        self.raw = json.loads(self.bytes)
        self.cells = [Cell(i, raw) for i, raw in enumerate(self.raw["cells"])]
        self.metadata = self.raw["metadata"]

    @property
    def name(self) -> str:
        return (
            self.path.relative_to(self.root).as_posix()
            if self.path.is_relative_to(self.root)
            else self.path.name
        )

    @property
    def course(self) -> dict[str, Any]:
        return self.metadata.get("course", {})

    @property
    def number(self) -> int:
        found = re.match(r"\d+", self.path.name)
        return int(found.group()) if found else -1

    @property
    def code(self) -> list[Cell]:
        return [c for c in self.cells if c.is_code]

    @property
    def markdown(self) -> list[Cell]:
        return [c for c in self.cells if c.is_markdown]

    def tagged(self, tag: str) -> list[Cell]:
        return [c for c in self.cells if tag in c.tags]

    @cached_property
    def exercises(self) -> list[Exercise]:
        return [Exercise(cell, _following(self.cells, cell.index)) for cell in self.tagged("exercise")]


@dataclass(frozen=True)
class Exercise:
    """The task's cell and the cells that belong to it."""

    task: Cell
    parts: list[Cell]

    @property
    def info(self) -> dict[str, Any]:
        return self.task.metadata.get("exercise", {})

    @property
    def id(self) -> str:
        return self.info.get("id", "")

    @property
    def checked(self) -> bool:
        return self.info.get("kind") == "checked"


def _following(cells: list[Cell], index: int) -> list[Cell]:
    parts = []
    for cell in cells[index + 1 :]:
        if not {"exercise-stub", "exercise-check", "hint", "solution"} & set(cell.tags):
            break
        parts.append(cell)
    return parts


# ------------------------------------------------------------------------------------------ Markdown

_MARKDOWN = MarkdownIt("commonmark").enable("table")
_ID = re.compile(r"""\bid=["']([^"']+)["']""")
_HREF = re.compile(r"""\b(?:href|src)=["']([^"']+)["']""")


def markdown_tokens(text: str) -> list[Token]:
    """Parse Markdown; inline tokens come right after the block that holds them."""
    tokens = []
    for token in _MARKDOWN.parse(text):
        tokens.append(token)
        tokens.extend(token.children or ())
    return tokens


def links(tokens: list[Token]) -> Iterator[str]:
    """The targets of links and images, Markdown's and HTML's."""
    for token in tokens:
        if token.type == "link_open":
            yield str(token.attrs["href"])
        elif token.type == "image":
            yield str(token.attrs["src"])
        elif token.type in ("html_block", "html_inline"):
            yield from _HREF.findall(token.content)


def heading_slug(title: str) -> str:
    """The anchor that MyST (`myst_heading_anchors`) and GitHub give a heading."""
    return re.sub(r"[^\w\u4e00-\u9fff\- ]", "", title.lower().replace(" ", "-"))


def glossary_id(term: str) -> str:
    """The anchor that Sphinx gives a term of its glossary directive."""
    text = unicodedata.normalize("NFKD", f"term-{term}").encode("ascii", "ignore").decode()
    return re.sub(r"^[-0-9._]+|-+$", "", re.sub(r"[^a-zA-Z0-9._]+", "-", " ".join(text.split())))


def anchors_in(texts: list[str]) -> set[str]:
    """Every anchor of a page: headings, `id="..."` in HTML, MyST labels and glossary terms."""
    found: set[str] = set()
    seen: Counter[str] = Counter()
    for text in texts:
        tokens = markdown_tokens(text)
        for i, token in enumerate(tokens):
            if token.type == "heading_open":
                inline = tokens[i + 1]
                title = "".join(t.content for t in inline.children or () if t.type in ("text", "code_inline"))
                slug = heading_slug(title.strip())
                found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
                seen[slug] += 1
            elif token.type in ("html_block", "html_inline"):
                found.update(_ID.findall(token.content))
            elif token.type == "fence" and token.info.strip().startswith("{glossary}"):
                terms = (line for line in token.content.splitlines() if re.match(r"[^\s:]", line))
                found.update(glossary_id(term.split(" : ")[0]) for term in terms)
        found.update(re.findall(r"^\(([\w-]+)\)=$", text, re.MULTILINE))
    return found


@cache
def _anchors_of(path: Path, modified: int) -> set[str]:
    if path.suffix == ".ipynb":
        cells = json.loads(path.read_bytes())["cells"]
        return anchors_in(["".join(c["source"]) for c in cells if c["cell_type"] == "markdown"])
    return anchors_in([path.read_text(encoding="utf-8")])


def anchors_of(path: Path) -> set[str]:
    """The anchors of a Markdown file or a notebook."""
    return _anchors_of(path, path.stat().st_mtime_ns)


@cache
def bibliography(path: Path) -> set[str]:
    """The keys of a BibTeX file."""
    return set(re.findall(r"^\s*@\w+\{\s*([^,\s]+)\s*,", path.read_text(encoding="utf-8"), re.MULTILINE))


def words(text: str) -> int:
    """Count the words a reader reads: no code, mathematics, addresses or HTML tags."""
    prose = []
    for token in markdown_tokens(re.sub(r"\$\$.*?\$\$|\$[^$\n]+\$", " x ", text, flags=re.DOTALL)):
        if token.type in ("text", "code_inline"):
            prose.append(token.content)
        elif token.type == "html_block":
            prose.append(re.sub(r"<[^>]+>", " ", token.content))
    return len(re.findall(r"[^\W_]+(?:[-'’][^\W_]+)*", " ".join(prose)))


# --------------------------------------------------------------------------------------------- rules

Found = Iterator[tuple[Cell | None, str]]
RULES: dict[str, Callable[[Notebook], Found]] = {}


def rule(function: Callable[[Notebook], Found]) -> Callable[[Notebook], Found]:
    """Make a function that yields (cell or None, message) a rule of this name."""
    RULES[function.__name__] = function
    return function


def problems(path: Path, root: Path = ROOT, only: str | None = None) -> list[Problem]:
    """Every problem of a notebook, or those that one rule finds."""
    notebook = Notebook(path, root)
    chosen = {only: RULES[only]} if only else RULES
    return [
        Problem(name, notebook.name, cell, text)
        for name, check in chosen.items()
        for cell, text in check(notebook)
    ]


# The file ------------------------------------------------------------------------------------------


@rule
def valid_file(nb: Notebook) -> Found:
    """A notebook of format 4.5 or later, valid, of bearable size."""
    if (nb.raw["nbformat"], nb.raw["nbformat_minor"]) < (4, 5):
        yield None, f"format {nb.raw['nbformat']}.{nb.raw['nbformat_minor']}: save it as 4.5 or later"
    try:
        nbformat.validate(nbformat.from_dict(nb.raw))
    except nbformat.ValidationError as error:
        yield None, f"not a valid notebook: {str(error).splitlines()[0]}"
    if len(nb.bytes) > MAX_BYTES:
        yield (
            None,
            (
                f"{len(nb.bytes) / 1e6:.2f} MB, over {MAX_BYTES / 1e6:.1f}: draw fewer or smaller figures "
                "(lower dpi, fewer points), print less"
            ),
        )


@rule
def kernel(nb: Notebook) -> Found:
    """Runs on kernel `python3` of any version."""
    name = nb.metadata.get("kernelspec", {}).get("name")
    if name != "python3":
        yield None, f"kernel is {name!r}, not 'python3': set metadata.kernelspec.name"
    language = nb.metadata.get("language_info")
    if language != {"name": "python"}:
        yield (
            None,
            f"language_info is {language}, not {{'name': 'python'}}: run it with tools/run_notebooks.py",
        )


@rule
def course_metadata(nb: Notebook) -> Found:
    """Metadata `course`: number, title, run_seconds, data."""
    course = nb.course
    if not re.match(r"\d\d_[a-z0-9_]+\.ipynb$", nb.path.name):
        yield None, "the file's name is not of the form 02_perceptron.ipynb"
    if course.get("number") != f"{nb.number:02d}":
        yield (
            None,
            f"metadata course.number is {course.get('number')!r}, the file's name says {nb.number:02d}",
        )
    if not course.get("title"):
        yield None, "metadata course.title is missing"
    seconds = course.get("run_seconds")
    if not isinstance(seconds, int | float) or not 0 < seconds <= MAX_SECONDS:
        yield (
            None,
            f"metadata course.run_seconds is {seconds!r}: state a number of seconds up to {MAX_SECONDS}",
        )
    if not isinstance(course.get("data"), list):
        yield (
            None,
            "metadata course.data is missing: list the data sets to be downloaded, [] if there are none",
        )
    for other in set(nb.metadata) - NOTEBOOK_METADATA:
        yield None, f"metadata has {other!r}: run it with tools/run_notebooks.py, which takes such things out"


@rule
def cell_metadata(nb: Notebook) -> Found:
    """No times, no editor's leftovers, no unknown tag; unique ids."""
    counts = Counter(c.raw.get("id") for c in nb.cells)
    for cell in nb.cells:
        if counts[cell.raw.get("id")] > 1:
            yield cell, "another cell has the same id: give it one of its own"
        for key in set(cell.metadata) - CELL_METADATA:
            yield cell, f"metadata has {key!r}: run the notebook with tools/run_notebooks.py, or delete it"
        for tag in set(cell.tags) - TAGS:
            yield cell, f"unknown tag {tag!r}; the tags are {', '.join(sorted(TAGS))}"


@rule
def executed(nb: Notebook) -> Found:
    """Run top to bottom, 1 to n, and stored so."""
    expected = 0
    for cell in nb.code:
        if not cell.source.strip():
            yield cell, "empty code cell: delete it"
            continue
        expected += 1
        count = cell.raw.get("execution_count")
        if count != expected:
            yield (
                cell,
                f"execution count is {count}, not {expected}: run the notebook with tools/run_notebooks.py",
            )
            return


@rule
def cell_length(nb: Notebook) -> Found:
    """No cell is longer than a screen."""
    for cell in nb.cells:
        lines = len(cell.source.splitlines())
        if lines > MAX_CELL_LINES:
            yield cell, f"{lines} lines, over {MAX_CELL_LINES}: split it"


@rule
def size(nb: Notebook) -> Found:
    """Cells, words, lines of code and figures within the bars of its part."""
    bars = PART_BARS.get(nb.path.parent.name, DEFAULT_BARS)
    prose = sum(words(c.source) for c in nb.markdown if "hint" not in c.tags)
    apart = {"solution", "exercise-check", "quiz"}
    code = sum(
        bool(line.strip())
        for c in nb.code
        if not c.hidden and not apart & set(c.tags)
        for line in c.source.splitlines()
    )
    figures = sum(len(c.data("image/")) for c in nb.code)
    for what, number, (low, high) in (
        ("cells", len(nb.cells), bars.cells),
        ("words of prose (hints not counted)", prose, bars.words),
        ("visible lines of code (solutions, checks and quiz not counted)", code, bars.visible_code_lines),
        ("figures", figures, bars.figures),
    ):
        if not low * (1 - ROOM) <= number <= high * (1 + ROOM):
            yield None, f"{number} {what}; the bars are {low} to {high}"


# What a reader meets ---------------------------------------------------------------------------------


@rule
def promise(nb: Notebook) -> Found:
    """Begins with its title and its promise."""
    first = nb.cells[0]
    title = re.match(r"# (\d+) · \S.*", first.source)
    if not first.is_markdown or not title:
        yield first, f"does not begin with the title `# {nb.number} · ...`"
    elif int(title.group(1)) != nb.number:
        yield first, f"the title's number is {title.group(1)}, the file's {nb.number}"
    elif nb.course.get("title") and not title.group().endswith(nb.course["title"]):
        yield first, f"the title is not that of metadata course.title, {nb.course['title']!r}"
    if not any(line.startswith("**The promise.**") for line in first.source.splitlines()):
        yield first, "no line begins with `**The promise.**`"


@rule
def at_a_glance(nb: Notebook) -> Found:
    """The box that says what one learns, needs and how long it takes."""
    found = nb.tagged("at-a-glance")
    if len(found) != 1:
        yield None, f"{len(found)} cells are tagged at-a-glance; there must be one"
        return
    (cell,) = found
    if cell.index > 3:
        yield cell, "the at-a-glance box comes too late: put it right after the promise"
    for words_ in ("You will be able to", "You need", "Time", "Data", "Hardware"):
        if words_ not in cell.source:
            yield cell, f"the at-a-glance box does not say {words_!r}"
    objectives = sum(t.type == "list_item_open" for t in _after(cell.tokens, "You will be able to"))
    if not 3 <= objectives <= 5:
        yield cell, f"{objectives} objectives (list items after 'You will be able to'); give 3 to 5"
    times = re.findall(r"\d+\s*(?:min|s\b|sec)", cell.source)
    if len(times) < 2:
        yield cell, "give two times: minutes to read, seconds to run"


def _after(tokens: list[Token], words_: str) -> list[Token]:
    """The tokens of the first list after some words, or all rows after them if they stand in a list."""
    for i, token in enumerate(tokens):
        if token.type == "text" and words_ in token.content:
            rest = tokens[i:]
            starts = [k for k, t in enumerate(rest) if t.type.endswith("list_open")]
            if not starts:
                return []
            depth = rest[starts[0]].level
            close = next(k for k, t in enumerate(rest) if t.type.endswith("list_close") and t.level == depth)
            return [t for t in rest[starts[0] : close] if t.level == depth + 1]
    return []


@rule
def setup(nb: Notebook) -> Found:
    """The first code cell imports the course, installs it where it is missing, and calls setup(seed=...)."""
    found = nb.tagged("setup")
    if len(found) != 1 or found[0] is not nb.code[0]:
        yield None, "the first code cell, and it alone, must be tagged setup"
        return
    (cell,) = found
    for needed, why in (
        (r"\bsetup\(seed=\d+", "does not call setup(seed=...)"),
        (r"MINI_DL_SOURCE", "does not install the course where it is missing (copy another notebook's cell)"),
    ):
        if not re.search(needed, cell.source):
            yield cell, f"the setup cell {why}"
    lines = len(cell.source.splitlines())
    if lines > MAX_SETUP_LINES:
        yield cell, f"the setup cell has {lines} lines, over {MAX_SETUP_LINES}"


@rule
def history(nb: Notebook) -> Found:
    """At least one box of history, with its year and its source."""
    found = nb.tagged("history")
    if not found:
        yield None, "no history box (markdown cell tagged history)"
    for cell in found:
        if not cell.source.startswith("> **History.**"):
            yield cell, "a history box begins with `> **History.**`"
        shown = " ".join(t.content for t in cell.tokens if t.type == "text")
        if not re.search(r"\b1[0-9]{3}\b|\b20[0-9]{2}\b", shown):
            yield cell, "the history box names no year"
        if not any("bibliography.md#ref-" in link for link in links(cell.tokens)):
            yield cell, "the history box cites nothing: link to ../../book/bibliography.md#ref-..."


@rule
def claims(nb: Notebook) -> Found:
    """What it asserts it proves: at least one claim, each with its sentence as a literal."""
    count = 0
    for cell in nb.code:
        for call in ast.walk(cell.tree) if cell.tree else ():
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "claim":
                count += 1
                first = call.args[0] if call.args else None
                if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
                    yield cell, "claim(...): the first argument must be the sentence, a literal string"
    if not count:
        yield None, 'no claim: prove what the prose asserts with claim("sentence", condition)'


@rule
def ending(nb: Notebook) -> Found:
    """Summary, quiz, further reading with citations, and the way on, in this order."""
    places = []
    for tag, start in (("summary", "## Summary"), ("quiz", None), ("references", "## Further reading")):
        found = nb.tagged(tag)
        if len(found) != 1:
            yield None, f"{len(found)} cells are tagged {tag}; there must be one"
            continue
        (cell,) = found
        places.append(cell.index)
        if start and not cell.source.startswith(start):
            yield cell, f"does not begin with `{start}`"
        if tag == "quiz" and "quiz(" not in cell.source:
            yield cell, "the quiz cell does not call quiz(...)"
        if tag == "references" and not any("bibliography.md#ref-" in link for link in links(cell.tokens)):
            yield cell, "further reading without a citation: link to ../../book/bibliography.md#ref-..."
    if places != sorted(places):
        yield None, "summary, quiz and further reading must come in this order"
    last = nb.cells[-1]
    onward = (
        [link for link in links(last.tokens) if re.search(r"\.(ipynb|md)\b", link)]
        if last.is_markdown
        else []
    )
    if all("bibliography.md" in link for link in onward):
        yield last, "the last cell does not link to the next notebook"
    elif places and last.index < max(places):
        yield last, "the link to the next notebook must be at the very end"


# Exercises -------------------------------------------------------------------------------------------

ORDER = ["exercise-stub", "exercise-check", "hint", "hint", "solution"]


@rule
def exercise_parts(nb: Notebook) -> Found:
    """Each checked exercise has all its parts in order; there are four or more, and an open one."""
    checked = [e for e in nb.exercises if e.checked]
    if len(checked) < MIN_CHECKED_EXERCISES:
        yield None, f"{len(checked)} checked exercises; there must be at least {MIN_CHECKED_EXERCISES}"
    if not any(e.info.get("kind") == "open" for e in nb.exercises):
        yield None, "no open exercise (metadata exercise.kind 'open')"
    belonging = {c.index for e in nb.exercises for c in e.parts}
    for cell in nb.cells:
        if set(ORDER) & set(cell.tags) and cell.index not in belonging:
            yield cell, f"tagged {', '.join(cell.tags)} but follows no cell tagged exercise"
    for exercise in nb.exercises:
        parts = [next(t for t in c.tags if t in ORDER) for c in exercise.parts]
        expected = ORDER if exercise.checked else []
        if parts != expected:
            yield (
                exercise.task,
                f"exercise {exercise.id!r} has {', '.join(parts) or 'no parts'}; "
                f"{'expected ' + ', '.join(expected) if expected else 'an open one has its task alone'}",
            )


@rule
def exercise_task(nb: Notebook) -> Found:
    """Number, stars, minutes and importance are shown as the metadata say."""
    ids = Counter(e.id for e in nb.exercises)
    for number, exercise in enumerate(nb.exercises, 1):
        cell, info = exercise.task, exercise.info
        if not cell.is_markdown or not re.match(rf"### Exercise {nb.number}\.{number} · \S", cell.source):
            yield cell, f"the task does not begin with `### Exercise {nb.number}.{number} · ...`"
        if not re.fullmatch(r"[a-z][a-z0-9_]*", exercise.id) or ids[exercise.id] > 1:
            yield cell, f"exercise id {exercise.id!r} is not a Python name of its own"
        level, minutes, points = (info.get(key) for key in ("level", "minutes", "points"))
        if level not in (1, 2, 3):
            yield cell, f"exercise level is {level!r}, not 1, 2 or 3"
        elif "★" * level + "☆" * (3 - level) not in cell.source:
            yield cell, f"the task does not show its level, {'★' * level + '☆' * (3 - level)}"
        if not isinstance(minutes, int) or minutes < 1:
            yield cell, f"exercise minutes is {minutes!r}: a whole number, at least 1"
        elif not re.search(rf"\b{minutes}\s*min", cell.source):
            yield cell, f"the task does not show its {minutes} minutes"
        if exercise.checked and (not isinstance(points, int) or points < 1):
            yield cell, f"exercise points is {points!r}: a whole number, at least 1"
        if info.get("importance") not in ("essential", "useful", "extra"):
            yield cell, f"exercise importance is {info.get('importance')!r}, not essential, useful or extra"
        elif info["importance"] not in cell.source:
            yield cell, f"the task does not show that it is {info['importance']}"
        if info.get("kind") not in ("checked", "open"):
            yield cell, f"exercise kind is {info.get('kind')!r}, not checked or open"


def _function(cell: Cell, name: str) -> ast.FunctionDef | None:
    body = cell.tree.body if cell.tree else []
    return next((node for node in body if isinstance(node, ast.FunctionDef) and node.name == name), None)


@rule
def exercise_stub(nb: Notebook) -> Found:
    """The stub is typed, documented and raises NotImplementedError; the check follows it."""
    for exercise in (e for e in nb.exercises if e.checked):
        for cell in exercise.parts:
            if "exercise-check" in cell.tags and cell.source.strip() != f"check.{exercise.id}({exercise.id})":
                yield cell, f"the check cell must be `check.{exercise.id}({exercise.id})` and nothing else"
            if "exercise-stub" not in cell.tags:
                continue
            function = _function(cell, exercise.id)
            if function is None:
                yield cell, f"the stub does not define {exercise.id}"
                continue
            arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
            untyped = [a.arg for a in arguments if a.annotation is None]
            untyped += ["the result"] if function.returns is None else []
            if untyped:
                yield (
                    cell,
                    f"the stub does not say the type of {', '.join(untyped)}",
                )
            if not ast.get_docstring(function):
                yield cell, "the stub has no docstring"
            last = function.body[-1]
            if not (isinstance(last, ast.Raise) and "NotImplementedError" in ast.unparse(last)):
                yield cell, "the stub does not end with `raise NotImplementedError`"


@rule
def exercise_hints(nb: Notebook) -> Found:
    """Two folded hints."""
    for exercise in (e for e in nb.exercises if e.checked):
        for number, cell in enumerate((c for c in exercise.parts if "hint" in c.tags), 1):
            start = f"<details><summary>Hint {number}"
            if not cell.is_markdown or not cell.source.startswith(start):
                yield cell, f"the hint does not begin with `{start}</summary>`"
            elif not cell.source.rstrip().endswith("</details>") or words(cell.source) < 5:
                yield cell, "the hint must say something and end with `</details>`"


@rule
def exercise_solution(nb: Notebook) -> Found:
    """A folded solution with the stub's arguments, which passes the very check."""
    for exercise in (e for e in nb.exercises if e.checked):
        stub = next((c for c in exercise.parts if "exercise-stub" in c.tags), None)
        for cell in (c for c in exercise.parts if "solution" in c.tags):
            name = f"{exercise.id}_solution"
            if "hide-cell" not in cell.tags or not cell.metadata.get("jupyter", {}).get("source_hidden"):
                yield cell, "the solution is not folded: tag hide-cell, metadata jupyter.source_hidden true"
            lines = cell.source.rstrip().splitlines() or [""]
            first, last = lines[0].rstrip(), lines[-1]
            if first != '# @title Solution { display-mode: "form" }':
                yield cell, 'the first line must be `# @title Solution { display-mode: "form" }`'
            if last != f"check.{exercise.id}({name}).require()":
                yield cell, f"the last line must be `check.{exercise.id}({name}).require()`"
            function, task = _function(cell, name), stub and _function(stub, exercise.id)
            if function is None:
                yield cell, f"the solution does not define {name}"
            elif task and [a.arg for a in function.args.args] != [a.arg for a in task.args.args]:
                yield cell, f"{name} has other arguments than the stub"


@rule
def answers_not_needed(nb: Notebook) -> Found:
    """The rest of the notebook never depends on a reader's answer, nor on a solution's cell."""
    names = {e.id for e in nb.exercises if e.checked} | {
        f"{e.id}_solution" for e in nb.exercises if e.checked
    }
    own = {c.index for e in nb.exercises for c in e.parts}
    for cell in nb.code:
        if cell.index in own or not cell.tree:
            continue
        used = {n.id for n in ast.walk(cell.tree) if isinstance(n, ast.Name)} & names
        if used:
            yield cell, f"uses {', '.join(sorted(used))}, a reader's answer: nothing outside an exercise may"


# Links -----------------------------------------------------------------------------------------------


@rule
def links_resolve(nb: Notebook) -> Found:
    """Links lead somewhere: files of the course exist, with their anchors."""
    for cell in nb.markdown:
        for link in links(cell.tokens):
            if re.match(r"(https?|mailto):", link):
                continue
            target, _, anchor = unquote(link).partition("#")
            if re.match(r"[a-z]+:|/", target):
                yield cell, f"link to {link}: use a path relative to the notebook"
                continue
            path = (nb.path.parent / target).resolve() if target else nb.path
            if not path.exists():
                yield cell, f"dead link to {link}: no file {target}"
            elif anchor and path.suffix in (".md", ".ipynb") and anchor not in anchors_of(path):
                close = [a for a in sorted(anchors_of(path)) if anchor[:8] in a][:4]
                hint = f"; near it: {', '.join(close)}" if close else ""
                yield cell, f"dead link to {link}: no anchor #{anchor} in {path.name}{hint}"


@rule
def citations(nb: Notebook) -> Found:
    """Every cited work is in the bibliography."""
    keys = bibliography(nb.root / "book" / "references.bib")
    for cell in nb.markdown:
        for key in re.findall(r"bibliography\.md#ref-([\w:.+/-]+)", cell.source):
            if key not in keys:
                yield cell, f"cites {key!r}, which is not in book/references.bib: add it there"


@rule
def portable_markdown(nb: Notebook) -> Found:
    """Markdown that shows the same in the book, in JupyterLab, on Colab and on GitHub."""
    for cell in nb.markdown:
        tokens = cell.tokens
        for token, after in zip(tokens, [*tokens[1:], None], strict=True):
            if token.type == "fence" and token.info.strip().startswith("{"):
                yield cell, f"a MyST directive, {token.info.strip()}: it shows raw outside the book"
            role = (
                after is not None
                and after.type == "code_inline"
                and re.search(r"\{[a-z:]+\}$", token.content)
            )
            if token.type == "text" and (role or token.content.startswith(":::")):
                yield cell, f"a MyST role or directive in {token.content!r}: it shows raw outside the book"
            if token.type == "image" and not token.content.strip():
                yield cell, f"image {token.attrs['src']} without alternative text: ![what it shows](...)"
            if token.type in ("html_block", "html_inline") and re.search(
                r"<img(?![^>]*\balt=[\"'][^\"']+)", token.content
            ):
                yield cell, 'an <img> without alternative text: give it alt="what it shows"'


# Code and outputs ------------------------------------------------------------------------------------


@rule
def figures(nb: Notebook) -> Found:
    """One figure a cell, ended by plt.show(), with alternative text."""
    for cell in nb.code:
        count = len(cell.data("image/"))
        if count > 1:
            yield cell, f"{count} figures in one cell: one each, since the alternative text is the cell's"
        if not count:
            continue
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        if len(alt.strip()) < MIN_ALT_CHARACTERS:
            yield (
                cell,
                (
                    f"the figure has no alternative text (it is {alt!r}): say in metadata mystnb.image.alt "
                    f"what it shows, in {MIN_ALT_CHARACTERS} characters or more"
                ),
            )
        if cell.source.rstrip().splitlines()[-1].strip() != "plt.show()":
            yield cell, "a cell with a figure must end with plt.show()"


@rule
def code_is_plain(nb: Notebook) -> Found:
    """Code that parses, without trailing semicolon and without nbval's comments."""
    for cell in nb.code:
        if cell.tree is None:
            yield cell, "not valid Python"
            continue
        try:
            tokens = list(tokenize.generate_tokens(io.StringIO(cell.source + "\n").readline))
        except (tokenize.TokenError, IndentationError):  # a %magic
            tokens = []
        apart = {tokenize.NEWLINE, tokenize.NL, tokenize.COMMENT, tokenize.ENDMARKER}
        code = [t for t in tokens if t.type not in apart]
        if code and code[-1].string == ";":
            yield cell, "ends with a semicolon: end with plt.show(), or assign the value to _"
        if re.search(r"#\s*(NBVAL_|PYTEST_VALIDATE)", cell.source):
            yield cell, "an nbval comment: use the tag nbval-ignore-output, which is counted"


ABSOLUTE = re.compile(
    r"(?<![\w.:/~-])/(?:home|Users|root|tmp|work|var|opt|mnt|content|private|usr|srv|data)/[\w.-]+"
    r"|\b[A-Z]:\\\w+|file://"
)


@rule
def no_absolute_path(nb: Notebook) -> Found:
    """No path of somebody's machine, in source or output."""
    for cell in nb.cells:
        texts = [cell.source, *cell.data("text/"), *("".join(o.get("text", "")) for o in cell.outputs)]
        for text in texts:
            found = ABSOLUTE.search(text)
            if found:
                yield cell, f"an absolute path, {found.group()}: use one relative to the notebook"
                break


@rule
def clean_outputs(nb: Notebook) -> Found:
    """No error, no warning, nothing fetched from the network, nothing that differs from run to run."""
    for cell in nb.code:
        for output in cell.outputs:
            if output["output_type"] == "error":
                yield cell, f"a stored error, {output['ename']}: a notebook runs without errors"
            if output.get("name") == "stderr":
                text = "".join(output["text"]).strip().splitlines()
                yield cell, f"output on stderr: {text[-1][:80] if text else ''!r}: cure what it warns of"
        for text in cell.data("text/html"):
            found = re.search(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//[^"'\s>]+""", text)
            if found and not re.search(r"<a\s[^>]*" + re.escape(found.group()), text):
                yield cell, f"an output that needs the network, {found.group()}: keep everything in the page"
        for text in [*cell.data("text/"), *("".join(o.get("text", "")) for o in cell.outputs)]:
            if re.search(r"\bat 0x[0-9a-f]{6,}", text):
                yield cell, "a memory address in the output: print something a reader can use"
                break


@rule
def widgets(nb: Notebook) -> Found:
    """Every interactive figure has its model in the stored state, and it is the present one."""
    models = nb.metadata.get("widgets", {}).get(WIDGET_STATE, {}).get("state", {})
    for cell in nb.code:
        for output in cell.outputs:
            view = output.get("data", {}).get(WIDGET_VIEW)
            if view is None:
                continue
            if view["model_id"] not in models:
                yield cell, "its interactive figure is dead, the state lacks it: run tools/run_notebooks.py"
                continue
            state = models[view["model_id"]].get("state", {})
            present = _explorables().get(state.get("_anywidget_id", ""))
            if present and present != (state.get("_esm"), state.get("_css")):
                yield cell, "its interactive figure holds old JavaScript or style: run tools/run_notebooks.py"


@cache
def _explorables() -> dict[str, tuple[str, str]]:
    """JavaScript and style that the package's explorables hold now, by the id that the state gives them."""
    import traitlets

    from mini_dl.course.explore.base import Explorable

    importlib.import_module("mini_dl.course.explore")
    found, todo = {}, [Explorable]
    while todo:
        kind = todo.pop()
        todo += kind.__subclasses__()
        # a widget that was made in this process has a class of its own, where the text is a trait
        if hasattr(kind, "_esm") and not isinstance(kind._esm, traitlets.TraitType):
            found[f"{kind.__module__}.{kind.__qualname__}"] = (str(kind._esm), str(kind._css))
    return found

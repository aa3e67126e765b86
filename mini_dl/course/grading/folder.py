"""A folder of notebooks in; a table of grades and a page of feedback for each out."""

from __future__ import annotations

import csv
import html
import io
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mini_dl.course.checks import check
from mini_dl.course.checks.exercise import Exercise
from mini_dl.course.checks.report import STATES, Report
from mini_dl.course.grading.remote import Limits, StartError, grade_one
from mini_dl.course.grading.submission import Submission, UnreadableError, read


class GradingError(Exception):
    """Nothing was graded; the message says why, and what to do."""


@dataclass(frozen=True)
class Task:
    """An exercise with what it is worth in this notebook; `exercise` is None where a person marks it."""

    id: str
    title: str
    points: float
    exercise: Exercise | None


@dataclass
class Graded:
    """One submission's outcome."""

    student: str
    path: Path
    reports: dict[str, Report]
    problems: list[str]

    def points(self, task: Task) -> float:
        """Return the points of one task, to two decimals."""
        return round(self.reports[task.id].score * task.points, 2)

    def total(self, tasks: list[Task]) -> float:
        """Return the points of all checked tasks."""
        return round(sum(self.points(t) for t in tasks if t.exercise is not None), 2)


def tasks_of(notebook: Path) -> list[Task]:
    """Return the exercises of one of the course's own notebooks."""
    tasks = []
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        info = cell["metadata"].get("exercise")
        if info:
            title = "".join(cell["source"]).splitlines()[0].lstrip("# ")
            exercise = getattr(check, info["id"]).exercise if info["kind"] == "checked" else None
            tasks.append(Task(info["id"], title, float(info["points"]), exercise))
    return tasks


def find_submissions(folder: Path, pattern: str = "") -> dict[str, Path]:
    """Return the notebooks of a folder by student.

    A student's id is the name of the folder directly below `folder` that the notebook lies in, or without
    one the file's name. With `pattern`, it is the group `id` (or the first group) of this regular expression
    in the path below `folder`.

    Raises
    ------
    GradingError
        If there is no notebook, two have one id, or the pattern does not fit.
    """
    if not folder.is_dir():
        raise GradingError(f"{folder} is no folder; name the one that holds the submitted notebooks")
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*.ipynb")):
        place = path.relative_to(folder)
        if any(part.startswith((".", "__MACOSX")) for part in place.parts):
            continue
        student = place.parts[0] if len(place.parts) > 1 else place.stem
        if pattern:
            match = re.search(pattern, place.as_posix())
            if match is None or not match.re.groups:
                raise GradingError(
                    f"the pattern {pattern!r} finds no id in {place}; an example that takes the digits"
                    r" before the last underscore: '(?P<id>\d+)_[^_]*\.ipynb'"
                )
            student = match["id"] if "id" in match.re.groupindex else match[1]
        if student in found:
            raise GradingError(
                f"two notebooks of {student}: {found[student].relative_to(folder)} and {place};"
                " leave the one that counts, or tell them apart with --id"
            )
        found[student] = path
    if not found:
        raise GradingError(f"there is no notebook (*.ipynb) in {folder}")
    return found


def guess_notebook(submissions: list[Path], masters: list[Path]) -> Path:
    """Return the notebook of the course whose exercises the submissions answer."""
    sources = []
    for path in submissions[:20]:
        try:
            sources.append(read(path))
        except UnreadableError:
            continue
    ids = {m: [t.id for t in tasks_of(m) if t.exercise is not None] for m in masters}
    found = {m: sum(s.defines(i) for s in sources for i in ids[m]) for m in masters}
    best = max(masters, key=lambda m: found[m])
    if found[best] == 0 or sum(n == found[best] for n in found.values()) > 1:
        raise GradingError("which notebook is it? The functions in the submissions do not tell; give N=05")
    return best


def grade(
    submissions: dict[str, Path],
    tasks: list[Task],
    *,
    seed: int,
    limits: Limits | None = None,
    say: Callable[[str], None] = print,
) -> list[Graded]:
    """Grade every submission; whatever is in one of them, the others are graded, too."""
    graded = []
    for student, path in submissions.items():
        reports: dict[str, Report] = {}
        problems: list[str] = []
        try:
            submission = read(path)
            problems = submission.problems
        except UnreadableError as error:
            submission = Submission(path)
            problems = [f"Nothing could be graded: {error}."]
        for task in tasks:
            if task.exercise is not None:
                reports[task.id] = _report(submission, task.exercise, seed, limits)
        graded.append(Graded(student, path, reports, problems))
        possible = sum(t.points for t in tasks if t.exercise is not None)
        say(f"{student}: {graded[-1].total(tasks):g} of {possible:g}")
    return graded


def _report(submission: Submission, exercise: Exercise, seed: int, limits: Limits | None) -> Report:
    try:
        return grade_one(submission, exercise, seed=seed, limits=limits)
    except StartError as error:
        raise GradingError(f"nothing can be graded: {error}") from None


# ------------------------------------------------------------------------------------------- the table


def table(graded: list[Graded], tasks: list[Task]) -> str:
    """Return the grades as CSV with a heading, one line a student, for any gradebook.

    Examples
    --------
    >>> print(table([], [Task("margin", "2.2", 2.0, None)]), end="")
    Student ID,File,Total,Maximum,Percent,To mark by hand
    """
    checked = [t for t in tasks if t.exercise is not None]
    by_hand = "; ".join(t.id for t in tasks if t.exercise is None)
    possible = sum(t.points for t in checked)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = [f"{t.id} ({t.points:g})" for t in checked]
    writer.writerow(["Student ID", "File", *names, "Total", "Maximum", "Percent", "To mark by hand"])
    for one in graded:
        total = one.total(tasks)
        percent = round(100 * total / possible, 1) if possible else 0.0
        points = [f"{one.points(t):g}" for t in checked]
        row = [harmless(one.student), harmless(one.path.name), *points]
        writer.writerow([*row, f"{total:g}", f"{possible:g}", f"{percent:g}", by_hand])
    return out.getvalue()


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    >>> harmless("=1+1"), harmless("anna-7")
    ("'=1+1", 'anna-7')
    """
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text


# ---------------------------------------------------------------------------------------- the feedback

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem;
  color: #1a1a1a; background: #fff; }}
table {{ border-collapse: collapse; margin: 1rem 0; }}
th, td {{ border: 1px solid #767676; padding: .3rem .7rem; text-align: left; }}
td.points {{ text-align: right; }}
h2 {{ margin-top: 2rem; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{summary}</p>
{body}
</main>
</body>
</html>
"""


def page(one: Graded, tasks: list[Task], heading: str) -> str:
    """Return a submission's page of feedback: it needs nothing from outside, and no colour to be read."""
    checked = [t for t in tasks if t.exercise is not None]
    possible = sum(t.points for t in checked)
    parts = [_html_table(one, tasks)]
    if one.problems:
        items = "\n".join(f"<li>{html.escape(problem)}</li>" for problem in one.problems)
        parts.append(f"<h2>In the file</h2>\n<ul>\n{items}\n</ul>")
    for task in checked:
        report = one.reports[task.id]
        points = f"<p>{one.points(task):g} of {task.points:g} points</p>"
        body = report._repr_html_().replace(' role="status"', "")  # nothing changes on this page
        parts.append(f"<h2>{html.escape(task.title)}</h2>\n{points}\n{body}")
    summary = f"{one.total(tasks):g} of {possible:g} points in the checked exercises."
    title = f"{heading}: {one.student}"
    return PAGE.format(title=html.escape(title), summary=summary, body="\n".join(parts))


def _html_table(one: Graded, tasks: list[Task]) -> str:
    rows = []
    for task in tasks:
        words, points = "marked by a person", f"– of {task.points:g}"
        if task.exercise is not None:
            words = STATES[one.reports[task.id].state][1]
            points = f"{one.points(task):g} of {task.points:g}"
        rows.append(
            f'<tr><th scope="row">{html.escape(task.title)}</th><td>{words}</td>'
            f'<td class="points">{points}</td></tr>'
        )
    head = '<tr><th scope="col">Exercise</th><th scope="col">Outcome</th><th scope="col">Points</th></tr>'
    lines = "\n".join(rows)
    return f"<table>\n<caption>Points</caption>\n<thead>{head}</thead>\n<tbody>\n{lines}\n</tbody>\n</table>"


def file_name(student: str, used: set[str]) -> str:
    """Return a file name for a student's page that every system takes, different from those used.

    >>> file_name("Ann Lee/7", {"Ann_Lee_7.html"})
    'Ann_Lee_7-2.html'
    """
    stem = re.sub(r"[^\w.-]+", "_", student).strip("._")[:80] or "student"
    names: Iterator[str] = (f"{stem}{'' if i == 1 else f'-{i}'}.html" for i in range(1, len(used) + 2))
    return next(name for name in names if name.lower() not in {u.lower() for u in used})


def write(graded: list[Graded], tasks: list[Task], to: Path, heading: str) -> Path:
    """Write `grades.csv` and the pages below `to`, each file at once, and return the table's path."""
    used: set[str] = set()
    files: dict[Path, str] = {}
    for one in graded:
        name = file_name(one.student, used)
        used.add(name)
        files[to / "feedback" / name] = page(one, tasks, heading)
    files[to / "grades.csv"] = table(graded, tasks)
    for target, text in files.items():
        _write(target, text)
    return to / "grades.csv"


def _write(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise

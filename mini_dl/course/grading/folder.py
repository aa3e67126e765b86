"""A folder of notebooks in; a table of grades and a page of feedback for each out."""

from __future__ import annotations

import csv
import html
import io
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mini_dl.course.checks import check
from mini_dl.course.checks.exercise import Exercise
from mini_dl.course.checks.report import RULE, STATES, Report
from mini_dl.course.grading.answers import Question, answer_to
from mini_dl.course.grading.gradebook import fill
from mini_dl.course.grading.marks import Marks, MarksError, read_marks, read_rows
from mini_dl.course.grading.prose import html_of
from mini_dl.course.grading.remote import Limits, StartError, grade_one
from mini_dl.course.grading.submission import Submission, UnreadableError, read


class GradingError(Exception):
    """Nothing was graded; the message says why, and what to do."""


@dataclass(frozen=True)
class Task:
    """An exercise with what it is worth in this notebook; `exercise` is None where a person marks it.

    `question` is there if the answer is shown with a rubric.
    """

    id: str
    title: str
    points: float
    exercise: Exercise | None
    question: Question | None = None

    @property
    def column(self) -> str:
        """Its heading in the table of grades, with the most that it can bring."""
        return f"{self.id} ({self.points:g})"


@dataclass
class Graded:
    """One submission's outcome; `marks` are those that a person gave."""

    student: str
    path: Path
    reports: dict[str, Report]
    problems: list[str]
    answers: dict[str, str] = field(default_factory=dict)
    marks: dict[str, float] = field(default_factory=dict)

    def points(self, task: Task) -> float | None:
        """Return the points of one task, to two decimals; None if a person still has to mark it."""
        if task.exercise is None:
            return self.marks.get(task.id)
        return round(self.reports[task.id].score * task.points, 2)

    def checked(self, tasks: list[Task]) -> float:
        """Return the points of all checked tasks."""
        return round(sum(self.points(t) or 0.0 for t in tasks if t.exercise is not None), 2)

    def unmarked(self, tasks: list[Task]) -> list[Task]:
        """Return the tasks that are worth points and wait for a person's mark."""
        return [t for t in by_hand(tasks) if self.points(t) is None]

    def total(self, tasks: list[Task]) -> float | None:
        """Return all points; None as long as a mark is missing."""
        if self.unmarked(tasks):
            return None
        return round(self.checked(tasks) + sum(self.marks.get(t.id, 0.0) for t in by_hand(tasks)), 2)


def by_hand(tasks: list[Task]) -> list[Task]:
    """Return the tasks that are worth points and are marked by a person."""
    return [t for t in tasks if t.exercise is None and t.points > 0]


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
    marks: Marks | None = None,
    say: Callable[[str], None] = print,
) -> list[Graded]:
    """Grade every submission; whatever is in one of them, the others are graded, too."""
    graded = []
    possible = sum(t.points for t in tasks if t.exercise is not None)
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
        answers = {t.id: answer_to(t.question, submission) for t in tasks if t.question is not None}
        one = Graded(student, path, reports, problems, answers, (marks or {}).get(student, {}))
        graded.append(one)
        waiting = len(one.unmarked(tasks))
        rest = f", and {waiting} answer{'s' * (waiting > 1)} to mark" if waiting else ""
        say(f"{student}: {one.checked(tasks):g} of {possible:g}{rest}")
    return graded


def marks_of(path: Path, tasks: list[Task], students: Iterable[str]) -> Marks:
    """Return the marks that a person entered into a table of grades, by student and task.

    Raises
    ------
    GradingError
        If the table cannot be used.
    """
    names = {harmless(student): student for student in students}
    columns = {t.id: (t.column, t.points) for t in by_hand(tasks)}
    try:
        return {names[key]: marks for key, marks in read_marks(path, columns, names).items()}
    except MarksError as error:
        raise GradingError(str(error)) from None


def keep_marks(table: Path, tasks: list[Task], marks: Marks) -> None:
    """Refuse to write over marks that a person entered into a table of grades.

    Raises
    ------
    GradingError
        If the table has marks that are not among `marks`.
    """
    if not by_hand(tasks) or not table.is_file():
        return
    rows, _ = read_rows(table)
    given = {harmless(student): of_one for student, of_one in marks.items()}
    for cells in rows[1:]:
        row = dict(zip(rows[0], cells, strict=False))
        kept = given.get(row.get("Student ID", ""), {})
        lost = [t for t in by_hand(tasks) if row.get(t.column, "").strip() and t.id not in kept]
        if lost:
            raise GradingError(
                f"{table} has marks entered by hand, for instance {row['Student ID']}'s of {lost[0].id}, and"
                f" would be written over; keep them with --marks {table} (make: MARKS={table}), or write"
                " into another folder with --to"
            )


def _report(submission: Submission, exercise: Exercise, seed: int, limits: Limits | None) -> Report:
    try:
        return grade_one(submission, exercise, seed=seed, limits=limits)
    except StartError as error:
        raise GradingError(f"nothing can be graded: {error}") from None


def fill_gradebook(
    export: Path, name: str, graded: list[Graded], tasks: list[Task], to: Path
) -> tuple[Path, list[str]]:
    """Write a platform's own table with the totals to `to`; return its path and whom it does not know.

    Raises
    ------
    GradingError
        If the table cannot be used.
    """
    most = sum(t.points for t in tasks)
    try:
        text, unknown = fill(export, name, {one.student: one.total(tasks) for one in graded}, most)
    except MarksError as error:
        raise GradingError(str(error)) from None
    _write(to / "gradebook.csv", text)
    return to / "gradebook.csv", unknown


# ------------------------------------------------------------------------------------------- the table


def table(graded: list[Graded], tasks: list[Task]) -> str:
    """Return the grades as CSV with a heading, one line a student, for any gradebook.

    What a person marks has an empty cell until then, and so have the student's total and per cent.

    Examples
    --------
    >>> print(table([], [Task("margin", "2.2", 2.0, None)]), end="")
    Student ID,File,margin (2),Checked,Total,Maximum,Percent,To mark by hand
    >>> print(table([], [Task("pocket", "2.5", 0.0, None)]), end="")
    Student ID,File,Total,Maximum,Percent,To mark by hand
    """
    columns = [t for t in tasks if t.exercise is not None or t.points > 0]
    unpaid = [t for t in tasks if t not in columns]
    possible = sum(t.points for t in columns)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    checked = ["Checked"] if by_hand(tasks) else []
    names = [t.column for t in columns]
    writer.writerow(
        ["Student ID", "File", *names, *checked, "Total", "Maximum", "Percent", "To mark by hand"]
    )
    for one in graded:
        total = one.total(tasks)
        percent = round(100 * (total or 0.0) / possible, 1) if possible else 0.0
        row = [harmless(one.student), harmless(one.path.name), *(_number(one.points(t)) for t in columns)]
        row += [_number(one.checked(tasks)) for _ in checked]
        row += [_number(total), f"{possible:g}", "" if total is None else f"{percent:g}"]
        writer.writerow([*row, "; ".join(t.id for t in [*one.unmarked(tasks), *unpaid])])
    return out.getvalue()


def _number(points: float | None) -> str:
    return "" if points is None else f"{points:g}"


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
.answer {{ white-space: pre-wrap; overflow-wrap: anywhere; border-left: .3rem solid #767676;
  margin: 1rem 0; padding: .2rem 1rem; }}
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
    parts = [_html_table(one, tasks)]
    if one.problems:
        items = "\n".join(f"<li>{html.escape(problem)}</li>" for problem in one.problems)
        parts.append(f"<h2>In the file</h2>\n<ul>\n{items}\n</ul>")
    for task in tasks:
        if task.exercise is not None:
            report = one.reports[task.id]
            body = report._repr_html_().replace(' role="status"', "")  # nothing changes on this page
        elif task.question is not None:
            body = _html_answer(one.answers[task.id], task.question)
        else:
            continue
        points = f"<p>{_outcome(one, task)[1]} points</p>"
        parts.append(f"<h2>{html.escape(task.title)}</h2>\n{points}\n{body}")
    if one.reports:
        parts[0] += f"\n<p>{RULE}</p>"
    title = f"{heading}: {one.student}"
    return PAGE.format(title=html.escape(title), summary=_summary(one, tasks), body="\n".join(parts))


def _summary(one: Graded, tasks: list[Task]) -> str:
    total = one.total(tasks)
    checked = sum(t.points for t in tasks if t.exercise is not None)
    waiting = sum(t.points for t in one.unmarked(tasks))
    if total is None:
        return (
            f"{one.checked(tasks):g} of {checked:g} points in the checked exercises."
            f" Answers worth {waiting:g} points are not marked yet, so there is no sum."
        )
    if by_hand(tasks):
        return f"{total:g} of {sum(t.points for t in tasks):g} points."
    return f"{total:g} of {checked:g} points in the checked exercises."


def _outcome(one: Graded, task: Task) -> tuple[str, str]:
    """Return in words what came of a task, and its points."""
    points = one.points(task)
    if task.exercise is not None:
        words = STATES[one.reports[task.id].state][1]
    elif points is None:
        words = "to be marked by a person"
    else:
        words = "marked by a person"
    return words, f"{'–' if points is None else format(points, 'g')} of {task.points:g}"


def _html_answer(answer: str, question: Question) -> str:
    """Return a student's text, as it was typed, and the rubric below it."""
    shown = f'<div class="answer">{html.escape(answer)}</div>' if answer else "<p>No answer was found.</p>"
    rows = "\n".join(
        f'<tr><td class="points">{html.escape(points)}</td><td>{html_of(wanted)}</td>'
        f"<td>{html_of(lacking)}</td></tr>"
        for points, wanted, lacking in question.rubric
    )
    names = ("Points", "The answer has to contain", "Not enough")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    table = f"<table>\n<caption>How it is marked</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}"
    return f"<h3>Your answer</h3>\n{shown}\n{table}\n</tbody>\n</table>"


def _html_table(one: Graded, tasks: list[Task]) -> str:
    rows = []
    for task in tasks:
        words, points = _outcome(one, task)
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

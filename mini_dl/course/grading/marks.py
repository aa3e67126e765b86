"""Marks that a person entered into the table of grades, read back from whatever a spreadsheet made of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

Marks = dict[str, dict[str, float]]


class MarksError(Exception):
    """The table of marks cannot be used; the message says where and why."""


def read_marks(path: Path, questions: Mapping[str, tuple[str, float]], students: Iterable[str]) -> Marks:
    """Return the marks of each student by question; an empty cell is no mark.

    Commas, semicolons or tabs may separate the columns, and numbers may have a decimal comma.

    Parameters
    ----------
    path
        A CSV file with a column `Student ID` and one for each question; `grades.csv` is one.
    questions
        By id: the column's heading, and the most that can be given.
    students
        The ids, as they stand in the column.

    Raises
    ------
    MarksError
        If the file, a column, a student or a number is not as it has to be.
    """
    rows, _ = read_rows(path)
    header = [name.strip() for name in rows[0]] if rows else []
    if "Student ID" not in header:
        raise MarksError(f"{path} has no column 'Student ID'; begin with the grades.csv that was written")
    missing = [name for name, _ in questions.values() if name not in header]
    if missing:
        raise MarksError(f"{path} has no column '{missing[0]}'; its columns are {', '.join(header)}")
    known, marks = set(students), Marks()
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        student = row["Student ID"]
        if student not in known:
            raise MarksError(
                f"{path}, line {number}: no submission of {student!r}. If a spreadsheet changed the ids"
                " (007 became 7), open the file again with this column as text"
            )
        if student in marks:
            raise MarksError(f"{path}, line {number}: a second line for {student!r}; leave one")
        marks[student] = {
            question: _mark(row[name], most, f"{path}, line {number}, column '{name}'")
            for question, (name, most) in questions.items()
            if row.get(name)
        }
    return marks


def read_rows(path: Path) -> tuple[list[list[str]], str]:
    """Return the rows of a table that a spreadsheet or a platform wrote, and what separates its columns.

    Raises
    ------
    MarksError
        If it cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise MarksError(f"{path} cannot be read ({error.strerror or error})") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")  # what Excel writes as "CSV"
    separator = max(",;\t", key=text.partition("\n")[0].count)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator)), separator


def _mark(text: str, most: float, where: str) -> float:
    try:
        mark = float(text.replace(",", "."))
    except ValueError:
        raise MarksError(
            f"{where}: {text!r} is no number; leave it empty as long as there is no mark"
        ) from None
    if not 0 <= mark <= most:
        raise MarksError(f"{where}: {text} is not between 0 and {most:g}")
    return mark

"""Points written into the table that a learning platform exported, so that it takes them back as its own."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path

from mini_dl.course.grading.marks import MarksError, read_rows


def fill(export: Path, name: str, points: Mapping[str, float | None], most: float) -> tuple[str, list[str]]:
    """Return the exported table with the points in the column `name`, and the students it does not know.

    A student's line is found in the column that holds most of the ids, whatever the platform calls it. The
    grade's column has the heading `name`, behind which Canvas sets a number; if there is none, it is added.
    All other cells stay as they are, and so does the cell of a student who has no points yet.

    Parameters
    ----------
    export
        CSV as Canvas, Moodle and others export their gradebook.
    name
        Of the assignment there.
    points
        By student's id; None as long as a mark is missing.
    most
        What can be reached; Canvas wants it for a new column, in its line "Points Possible".

    Raises
    ------
    MarksError
        If no column holds the ids, or two columns could be meant.
    """
    rows, separator = read_rows(export)
    header, body = (rows[0], rows[1:]) if rows else ([], [])
    known = {_same(student): student for student in points}
    hits = [sum(_same(row[i]) in known for row in body if i < len(row)) for i in range(len(header))]
    if not any(hits):
        shown = ", ".join(sorted(points)[:3])
        raise MarksError(
            f"no column of {export} holds the ids of the submissions ({shown} …): with --id, take out of the"
            " files' names what the platform calls a student"
        )
    place = hits.index(max(hits))
    heading = re.compile(rf"{re.escape(_same(name))}( \(\d+\))?")
    columns = [i for i, title in enumerate(header) if heading.fullmatch(_same(title))]
    if len(columns) > 1:
        meant = ", ".join(repr(header[i]) for i in columns)
        raise MarksError(f"several columns of {export} could be meant: {meant}; give the whole heading")
    column = columns[0] if columns else len(header)
    if not columns:
        header.append(name)
    found = set()
    for row in body:
        row += [""] * (len(header) - len(row))
        student = known.get(_same(row[place]))
        if student is not None:
            found.add(student)
            if points[student] is not None:
                row[column] = f"{points[student]:g}"
        elif not columns and row[0].strip() == "Points Possible":
            row[column] = f"{most:g}"
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows([header, *body])
    return out.getvalue(), sorted(set(points) - found)


def _same(text: str) -> str:
    return text.strip().casefold()

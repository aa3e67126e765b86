"""Two steps for nbgrader's autograding, named in the configuration that `tools/assignment.py` writes.

nbgrader runs a submission in one kernel, and believes what its grade cells say there; a notebook that changes
the checks has full marks. Here the grade cells get their points from `mini_dl.course.grading`, which judges
outside. Nothing else of the notebook is run, and the outputs that the student saw stay for marking by hand.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    DeduplicateIds,
    LimitOutput,
    NbGraderPreprocessor,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)
from traitlets import Integer

from mini_dl.course.checks import check
from mini_dl.course.grading.remote import grade_one
from mini_dl.course.grading.submission import read

PREFIX = "check-"


class RestoreCells(NbGraderPreprocessor):
    """Append the grade cells that a submission lacks, for instance because its metadata was stripped."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Return the notebook with all grade cells of its assignment."""
        names = resources["nbgrader"]
        there = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in nb.cells}
        with Gradebook(names["db_url"]) as gradebook:
            source = gradebook.find_notebook(names["notebook"], names["assignment"])
            cells = {cell.name: cell for cell in source.source_cells}
            for grade in source.grade_cells:
                if grade.name not in there:
                    self.log.warning("The grade cell %s is missing; it is added at the end", grade.name)
                    lost = OverwriteCells().missing_cell_transform(cells[grade.name], grade.max_score)
                    nb.cells.append(nbformat.from_dict(lost))
        return nb, resources


class JudgeOutside(NbGraderPreprocessor):
    """Give each grade cell the points that the folder grader finds."""

    seed = Integer(1, help="of the random cases").tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Return the notebook with a report and points as output of each grade cell."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "submission.ipynb"
            nbformat.write(nb, path)
            submission = read(path)
        for cell in nb.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            if cell.cell_type != "code" or not name.startswith(PREFIX):
                continue
            exercise = getattr(check, name.removeprefix(PREFIX)).exercise
            report = grade_one(submission, exercise, seed=self.seed)
            points = round(report.score * cell.metadata["nbgrader"]["points"], 2)
            shown = {"text/plain": str(report), "text/html": report._repr_html_()}
            cell.execution_count = 1
            cell.outputs = [
                nbformat.v4.new_output("display_data", shown),
                nbformat.v4.new_output("execute_result", {"text/plain": repr(points)}, execution_count=1),
            ]
        return nb, resources


SANITIZE = [DeduplicateIds, OverwriteKernelspec, RestoreCells, OverwriteCells, CheckCellMetadata]
AUTOGRADE = [JudgeOutside, LimitOutput, SaveAutoGrades, AssignLatePenalties, CheckCellMetadata]

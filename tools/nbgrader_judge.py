"""Two steps for nbgrader's autograding, named in the configuration that `tools/assignment.py` writes.

nbgrader runs a submission in one kernel, and believes what its grade cells say there; a notebook that changes
the checks has full marks. Here the grade cells get their points from `mini_dl.course.grading`, which judges
outside. Nothing else of the notebook is run, and the outputs that the student saw stay for marking by hand.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import graded
import nbformat
import nbgrader_seeds
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
from mini_dl.course.checks.exercise import Exercise
from mini_dl.course.grading.answers import first_line
from mini_dl.course.grading.remote import grade_one
from mini_dl.course.grading.submission import read

PREFIX = "check-"


class RestoreCells(NbGraderPreprocessor):
    """Add the cells with points that a submission lacks, for instance because its metadata was stripped.

    A question's cell goes where its heading stands, above what was answered, and any other to the end.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Return the notebook with all cells of its assignment that have points."""
        names = resources["nbgrader"]
        there = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in nb.cells}
        with Gradebook(names["db_url"]) as gradebook:
            source = gradebook.find_notebook(names["notebook"], names["assignment"])
            cells = {cell.name: cell for cell in source.source_cells}
            tasks = {cell.name for cell in source.task_cells}
            for grade in [*source.grade_cells, *source.task_cells]:
                if grade.name not in there:
                    self.log.warning("The cell %s is missing; it is added", grade.name)
                    lost = OverwriteCells().missing_cell_transform(
                        cells[grade.name], grade.max_score, is_task=grade.name in tasks
                    )
                    heading = first_line(cells[grade.name].source)
                    places = [i for i, cell in enumerate(nb.cells) if first_line(cell.source) == heading]
                    nb.cells.insert(places[0] if places else len(nb.cells), nbformat.from_dict(lost))
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
        tests = self._tests(resources["nbgrader"]["assignment"])
        for cell in nb.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            if cell.cell_type != "code" or not name.startswith(PREFIX):
                continue
            function = name.removeprefix(PREFIX)
            exercise = tests[function] if function in tests else getattr(check, function).exercise
            report = grade_one(submission, exercise, seed=self.seed)
            points = round(report.score * cell.metadata["nbgrader"]["points"], 2)
            shown = {"text/plain": str(report), "text/html": report._repr_html_()}
            cell.execution_count = 1
            cell.outputs = [
                nbformat.v4.new_output("display_data", shown),
                nbformat.v4.new_output("execute_result", {"text/plain": repr(points)}, execution_count=1),
            ]
        return nb, resources

    def _tests(self, assignment: str) -> dict[str, Exercise]:
        """Return the hidden tests of a graded set by function; none if the assignment is a notebook."""
        seeds = nbgrader_seeds.read(Path(self.config.CourseDirectory.root))
        if assignment not in seeds:
            return {}
        return {p.id: p.exercise for p in graded.draw(assignment[:2], seeds[assignment])}


SANITIZE = [DeduplicateIds, OverwriteKernelspec, RestoreCells, OverwriteCells, CheckCellMetadata]
AUTOGRADE = [JudgeOutside, LimitOutput, SaveAutoGrades, AssignLatePenalties, CheckCellMetadata]

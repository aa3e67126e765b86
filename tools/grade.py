r"""Grade a folder of submitted notebooks: a table of grades, and a page of feedback for each.

    make grade FOLDER=submissions            which notebook it is, is found from the functions in it
    make grade FOLDER=submissions N=05       said
    make grade FOLDER=submissions N=05 ARGS="--seed 2026 --id '_(\d+)_'"
    make grade FOLDER=submissions N=05 GRADED="the seed of the graded set"

Without make: `python tools/grade.py submissions 05`, with the same options. Written are `grades.csv` and
`feedback/…html`, in the folder `grades` beside the submissions (another: `--to FOLDER`).

Open questions of a graded set are marked by a person. Their answers stand on the pages with the rubric;
`grades.csv` has an empty column for each, and no total. Enter the marks there and run the command again,

    make grade FOLDER=submissions N=05 GRADED="the seed" MARKS=grades/grades.csv

which writes table and pages anew, now with marks and totals. Marks that you entered are never written over.

`grades.csv` can be mapped by hand where a platform asks which column is what (Moodle). Canvas and others take
their own table only: export it, name it and the assignment,

    make grade FOLDER=submissions N=05 ARGS="--gradebook export.csv --column 'Homework 5'"

and upload `gradebook.csv`. It has the totals in this column, which is added if it is not there.

Each function is taken from its notebook by name, with only what it needs, and runs in a process of its own
with limits of time and memory. What comes back is judged here, by the checks of this installation. It is not
a sandbox: the code in a submission runs with your rights. Grade what strangers send in a container without
network (README, "Teaching with it").
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import graded
import graded_set
import run_notebooks

from mini_dl.course.grading import answers
from mini_dl.course.grading import folder as grading


def graded_tasks(number: str | None, seed: str) -> tuple[str, list[grading.Task]]:
    """Return name and tasks of a graded set."""
    if number is None or not number.isdigit():
        raise grading.GradingError(f"which graded set? Give N, one of {', '.join(graded.numbers())}")
    try:
        problems = graded.draw(number.zfill(2), seed)
        questions = graded.draw_questions(number.zfill(2), seed)
    except ValueError as error:
        raise grading.GradingError(str(error)) from None
    tasks = [grading.Task(p.id, p.title, float(p.points), p.exercise) for p in problems]
    nb = graded_set.notebook(number, problems, questions, solutions=False)
    handed_out = tuple(cell.source for cell in nb.cells)
    for place, question in enumerate(questions, start=1):
        rows = tuple(question.rubric_rows())
        asked = answers.Question(graded_set.heading(place, question), rows, handed_out)
        tasks.append(grading.Task(question.id, question.title, float(question.points), None, asked))
    return f"{number.zfill(2)}_graded", tasks


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 1 when nothing could be graded."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, prog="grade.py"
    )
    parser.add_argument("folder", type=Path, help="the folder of submitted notebooks")
    parser.add_argument("notebook", nargs="?", help="number of the course's notebook (05), or its path")
    parser.add_argument("--to", type=Path, help="folder to write into")
    parser.add_argument("--seed", type=int, default=1, help="of the random cases (the reader's checks use 0)")
    parser.add_argument("--graded", metavar="SEED", help="they answer the graded set of this seed")
    parser.add_argument("--marks", type=Path, metavar="CSV", help="grades.csv with marks entered by hand")
    parser.add_argument("--gradebook", type=Path, metavar="CSV", help="table exported by a learning platform")
    parser.add_argument("--column", default="", help="the assignment's name there")
    parser.add_argument("--id", default="", metavar="PATTERN", help="regular expression of the student's id")
    options = parser.parse_args(arguments)
    to = options.to or options.folder.absolute().parent / "grades"
    try:
        submissions = grading.find_submissions(options.folder, options.id)
        if options.graded is not None:
            name, tasks = graded_tasks(options.notebook, options.graded)
        else:
            if options.notebook:
                master = run_notebooks.find(options.notebook)
            else:
                master = grading.guess_notebook(list(submissions.values()), run_notebooks.all_notebooks())
            name, tasks = master.stem, grading.tasks_of(master)
        marks = grading.marks_of(options.marks, tasks, submissions) if options.marks else {}
        grading.keep_marks(to / "grades.csv", tasks, marks)
        print(f"{len(submissions)} submissions of {name}")
        outcome = grading.grade(submissions, tasks, seed=options.seed, marks=marks)
        written = grading.write(outcome, tasks, to, name)
        if options.gradebook:
            column = options.column or name
            filled, unknown = grading.fill_gradebook(options.gradebook, column, outcome, tasks, to)
            rest = f"; it does not know {', '.join(unknown)}" if unknown else ""
            print(f"{filled}: the totals in the column {column!r}{rest}")
    except grading.GradingError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"cannot write into {to}: {error.strerror or error}", file=sys.stderr)
        return 1
    print(f"{written}; a page for each student in {written.parent / 'feedback'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

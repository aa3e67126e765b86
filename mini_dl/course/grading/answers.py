"""What a notebook answers to an open question, found whatever became of its metadata."""

from __future__ import annotations

from dataclasses import dataclass

from mini_dl.course.grading.submission import Submission

LONGEST = 20_000  # characters that are shown of an answer


@dataclass(frozen=True)
class Question:
    """A question that a person marks.

    Attributes
    ----------
    heading : str
        First line of its cell; the answer is what stands between it and the next heading handed out.
    rubric : tuple of (str, str, str)
        Points, what an answer has to contain for them, and what is not enough.
    handed_out : tuple of str
        The sources of all cells of the notebook as students got it.
    """

    heading: str
    rubric: tuple[tuple[str, str, str], ...]
    handed_out: tuple[str, ...]


def first_line(source: str) -> str:
    """Return the first line with something in it, without the blanks around it."""
    return source.strip().partition("\n")[0].strip()


def answer_to(question: Question, submission: Submission) -> str:
    """Return what was written below a question's heading, or without the heading all text that was added.

    Examples
    --------
    >>> from pathlib import Path
    >>> given = ("## Question 1", "*Write here.*", "## Question 2")
    >>> cells = [("markdown", s) for s in ("## Question 1", "Since *w* grows.", "## Question 2", "No.")]
    >>> answer_to(Question("## Question 1", (), given), Submission(Path(), cells))
    'Since *w* grows.'
    """
    given = [source.strip() for source in question.handed_out]
    headings = {first_line(source) for source in given if source.startswith("#")}
    below: dict[str, list[str]] = {}
    current, added = "", []
    for kind, source in submission.cells:
        if first_line(source) in headings:
            current = first_line(source)
        text = _added(source.strip(), given)
        if text:
            below.setdefault(current, []).append(text)
            if kind != "code" and not current.startswith("## Question"):
                added.append(text)
    found = any(first_line(source) == question.heading for _, source in submission.cells)
    text = "\n\n".join(below.get(question.heading, []) if found else added)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n[… {len(text) - LONGEST} more characters]"


def _added(source: str, given: list[str]) -> str:
    """Return what stands in a cell besides what was handed out in it."""
    for text in given:
        if text and source.startswith(text):
            return source[len(text) :].strip()
    return source

"""The teaching guide: its plans agree with the notebooks, its links and commands hold."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mini_dl.course import datasets
from tests.book.builds import BOOK, ROOT

GUIDE = (BOOK / "teaching.md").read_text(encoding="utf-8")
LONGEST = 180  # minutes of talk and exercises in one session
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(#[^)\s]+)?\)")


@dataclass(frozen=True)
class Session:
    """A row of a plan: its name, its notebooks, and its minutes."""

    name: str
    notebooks: tuple[Path, ...]
    present: int
    exercises: int
    essential: int


@cache
def notebook(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def tagged(path: Path, tag: str) -> list[dict[str, Any]]:
    return [cell for cell in notebook(path)["cells"] if tag in cell["metadata"].get("tags", [])]


def checked_minutes(path: Path, *kinds: str) -> int:
    """Minutes of a notebook's checked exercises, of these kinds of importance or of all."""
    exercises = [cell["metadata"]["exercise"] for cell in tagged(path, "exercise")]
    checked = [e for e in exercises if e["kind"] == "checked" and (not kinds or e["importance"] in kinds)]
    return sum(e["minutes"] for e in checked)


def reading_minutes(path: Path) -> int:
    (box,) = tagged(path, "at-a-glance")
    said = re.search(r"about (\d+) minutes to read", "".join(box["source"]))
    assert said, f"{path.name}: its first box does not say 'about … minutes to read'"
    return int(said[1])


def plans(text: str) -> dict[str, list[Session]]:
    """Read the tables below `## Three plans`; the last row of each is its sum."""
    found: dict[str, list[Session]] = {}
    section = re.split(r"(?m)^## ", text.split("\n## Three plans\n")[1])[0]
    for part in re.split(r"(?m)^### ", section)[1:]:
        rows = [
            [cell.strip(" *") for cell in line.strip("|").split("|")]
            for line in part.splitlines()
            if line.startswith("|")
        ]
        found[part.splitlines()[0]] = [
            Session(
                row[0],
                tuple((BOOK / link).resolve() for link, _ in LINK.findall(row[1])),
                *(int(minutes) for minutes in row[2:]),
            )
            for row in rows[2:]
        ]
    return found


PLANS = plans(GUIDE)
SESSIONS = [
    pytest.param(session, id=f"{plan}: {session.name}")
    for plan, sessions in PLANS.items()
    for session in sessions[:-1]
]


def test_there_are_three_plans_with_the_sessions_that_they_promise() -> None:
    assert [len(sessions) - 1 for sessions in PLANS.values()] == [12, 10, 3]


@pytest.mark.parametrize("session", SESSIONS)
def test_a_session_has_time_for_what_its_notebooks_call_essential(session: Session) -> None:
    assert session.notebooks
    missing = [path.name for path in session.notebooks if not path.is_file()]
    assert not missing, f"no such notebook: {missing}"
    essential = sum(checked_minutes(path, "essential") for path in session.notebooks)
    assert session.essential == essential, f"the notebooks' metadata say {essential} minutes"
    assert session.essential <= session.exercises
    assert session.exercises <= sum(checked_minutes(path) for path in session.notebooks) + 4, (
        "more minutes than there are exercises for (rounded up to five)"
    )
    assert session.present <= sum(reading_minutes(path) for path in session.notebooks)
    assert session.present + session.exercises <= LONGEST


@pytest.mark.parametrize("plan", PLANS)
def test_the_last_row_is_the_sum(plan: str) -> None:
    *sessions, total = PLANS[plan]
    assert total.name == "Sum"
    for column in ("present", "exercises", "essential"):
        assert getattr(total, column) == sum(getattr(s, column) for s in sessions), column


@pytest.mark.parametrize("plan", PLANS)
def test_no_plan_repeats_a_notebook_or_goes_backward(plan: str) -> None:
    numbers = [path.name[:2] for session in PLANS[plan] for path in session.notebooks]
    assert numbers == sorted(set(numbers))


def slide_minutes(session: Session) -> int:
    """Minutes that the notes of a session's slides state; 0 where a deck does not state them."""
    total = 0
    for path in session.notebooks:
        deck = (BOOK / "slides" / f"{path.stem}.md").read_text(encoding="utf-8")
        for note in re.findall(r"(?m)^Note: (.*)$", deck)[:-1]:  # the last slide has the exercises
            stated = re.match(r"(\d+) minutes?\b", note)
            if not stated:
                return 0
            follower = re.search(r"Leave this slide out if notebook (\d+) follows\.", note)
            if not follower or all(int(other.name[:2]) != int(follower[1]) for other in session.notebooks):
                total += int(stated[1])
    return total


def test_the_slides_fit_the_semester() -> None:
    known = {s.name: (slide_minutes(s), s.present) for s in PLANS["A semester of 12 weeks"][:-1]}
    assert sum(minutes > 0 for minutes, _ in known.values()) >= 7
    assert {week: both for week, both in known.items() if both[0] > both[1]} == {}


def test_a_slide_that_is_left_out_takes_no_minutes() -> None:
    (week,) = (s for s in PLANS["A semester of 12 weeks"][:-1] if len(s.notebooks) == 2 and "12_" in str(s))
    alone = [slide_minutes(Session("", (path,), 0, 0, 0)) for path in week.notebooks]
    assert sum(alone) - 6 == slide_minutes(week) > 90


def test_each_notebook_of_a_plan_has_its_notes() -> None:
    notes = dict(re.findall(r"(?ms)^### (\d+ · [^\n]+)\n(.*?)(?=^##|\Z)", GUIDE))
    for path in {path for sessions in PLANS.values() for s in sessions for path in s.notebooks}:
        title = "".join(notebook(path)["cells"][0]["source"]).splitlines()[0].removeprefix("# ")
        assert title in notes, f"no notes on '{title}'"
        for part in ("Goes wrong", "Cut", "Discuss"):
            assert re.search(rf"- \*\*{part}\.\*\* \S", notes[title]), f"'{title}' lacks: {part}"


def test_exercises_that_the_notes_name_exist() -> None:
    there = {
        match[1]
        for path in ROOT.glob("notebooks/*/*.ipynb")
        for cell in tagged(path, "exercise")
        if (match := re.match(r"### Exercise (\d+\.\d+)", "".join(cell["source"])))
    }
    named = set(re.findall(r"[Ee]xercise (\d+\.\d+)", GUIDE))
    assert len(named) >= 10
    assert named <= there


def test_sections_that_the_notes_cut_exist() -> None:
    for title, notes in re.findall(r"(?ms)^### (\d+) · [^\n]+\n(.*?)(?=^##|\Z)", GUIDE):
        (path,) = ROOT.glob(f"notebooks/*/{int(title):02}_*.ipynb")
        headings = re.findall(
            r"(?m)^##+ (.+)$", "\n".join("".join(c["source"]) for c in notebook(path)["cells"])
        )
        for section in re.findall(r"(?<![*\w])\*([A-Z][^*]+)\*(?!\*)", notes):
            assert any(heading.startswith(section) for heading in headings), f"{path.name}: {section}"


def test_links_lead_somewhere() -> None:
    broken = [target for target, _ in LINK.findall(GUIDE) if not (BOOK / target).is_file()]
    assert not broken


def test_commands_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"\bmake ([a-z]+)(?: [A-Z]+=|[`\n])", GUIDE)):
        assert re.search(rf"(?m)^{target}:", makefile), f"make {target} is not in the Makefile"
    tools = "".join((ROOT / "tools" / name).read_text("utf-8") for name in ("classroom.py", "grade.py"))
    for option in set(re.findall(r"(?<=[\s\"`])--[a-z-]+", GUIDE)):
        assert f'"{option}"' in tools, option


def test_data_sets_of_the_projects_are_the_course_s_own() -> None:
    section = GUIDE.split("\n## Projects\n")[1].split("\n## ")[0]
    projects = re.findall(r"(?m)^\d+\. \*\*.*?\*\* Data: (.*?)\. ", section)
    assert len(projects) == len(re.findall(r"(?m)^\d+\. ", section)) >= 8
    for data in projects:
        named = re.findall(r"`(\w+)`", data)
        assert named
        assert set(named) <= set(datasets.names())


def test_a_class_without_internet_fetches_all_that_the_notebooks_need() -> None:
    fetched = set(re.findall(r"datasets fetch (\w+)", GUIDE))
    needed = {
        name for p in ROOT.glob("notebooks/*/*.ipynb") for name in notebook(p)["metadata"]["course"]["data"]
    }
    assert needed <= fetched


def test_the_self_test_is_what_the_guide_says() -> None:
    section = GUIDE.split("\n## What a class has to know\n")[1].split("\n## ")[0]
    ((link, _),) = LINK.findall(section)
    path = (BOOK / link).resolve()
    assert path.name.startswith("00_")
    exercises = [cell["metadata"]["exercise"] for cell in tagged(path, "exercise")]
    assert sum(e["kind"] == "checked" for e in exercises) == 5
    (questions,) = ("".join(cell["source"]) for cell in tagged(path, "quiz"))
    assert questions.count('": [') == 5
    assert 25 <= reading_minutes(path) + checked_minutes(path) <= 35
    assert "five short functions" in section
    assert "five questions" in section
    assert "half an hour" in section


def test_the_self_test_says_what_to_read_for_everything_that_can_be_missed() -> None:
    (path,) = ROOT.glob("notebooks/*/00_*.ipynb")
    text = "\n\n".join("".join(cell["source"]) for cell in notebook(path)["cells"])
    rows = text.split("| If you missed |")[1].split("\n\n")[0].splitlines()[2:]
    asked = [row for row in rows if not row.startswith("| (not asked)")]
    assert [row.split()[1].strip(",") for row in asked] == re.findall(r"### Exercise (\d+\.\d+) ", text)
    assert sum("question" in row for row in rows) == 5
    numbers = [int(row.split("|")[-2].strip()[1:].split("]")[0]) for row in rows]
    assert numbers == sorted(numbers)


def test_the_preface_and_the_readme_lead_to_it() -> None:
    assert "(teaching.md)" in (BOOK / "preface.md").read_text(encoding="utf-8")
    assert "(book/teaching.md" in (ROOT / "README.md").read_text(encoding="utf-8")

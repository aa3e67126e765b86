"""The timeline: its data is sound, and everything in it is drawn and linked."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml

from tests.book.builds import BOOK, ROOT

sys.path.insert(0, str(BOOK / "_ext"))
import course_timeline
from sphinx.errors import ExtensionError

ERAS = course_timeline.read(BOOK / "timeline.yml")
ENTRIES = [entry for era in ERAS for entry in era["entries"]]


def test_every_entry_is_drawn_cited_and_linked() -> None:
    text = course_timeline.timeline(ROOT)
    there = course_timeline.notebooks(ROOT)
    assert text.count("<title>") == len(ENTRIES)
    for entry in ENTRIES:
        assert f"{entry['name']}.**" in text
        for key in entry["cite"]:
            assert f"bibliography.md#ref-{key})" in text
        if entry.get("notebook") in there:
            assert there[entry["notebook"]][0] in text


def test_it_tells_the_story_that_the_course_rests_on() -> None:
    told = {entry["year"] for entry in ENTRIES}
    assert {1943, 1958, 1969, 1970, 1974, 1986, 1991, 1997, 1998, 2006, 2012, 2017, 2021} <= told
    assert "15.3 %" in next(entry["text"] for entry in ENTRIES if entry["name"] == "AlexNet")


def test_every_notebook_of_the_first_parts_has_a_place_in_history() -> None:
    assert {1, 2, 3, 4, 5} <= {entry.get("notebook") for entry in ENTRIES}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cite": None}, "has no cite"),
        ({"kind": "rumour"}, "is of kind 'rumour'; there are idea"),
        ({"year": 1900}, "of 1900 stands after 1949: put it in order"),
    ],
)
def test_a_bad_entry_is_named(tmp_path: Path, change: dict[str, object], message: str) -> None:
    eras = yaml.safe_load((BOOK / "timeline.yml").read_text(encoding="utf-8"))
    entry = eras[0]["entries"][2]
    for key, value in change.items():
        if value is None:
            del entry[key]
        else:
            entry[key] = value
    (tmp_path / "timeline.yml").write_text(yaml.safe_dump(eras), encoding="utf-8")
    with pytest.raises(ExtensionError, match=message):
        course_timeline.read(tmp_path / "timeline.yml")

"""One address of the repository, everywhere: tools/stamp.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools import stamp

ROOT = Path(__file__).resolve().parents[2]


def test_the_address_is_the_same_everywhere():
    """If this fails: python tools/stamp.py OWNER/REPOSITORY, with what pyproject.toml says."""
    assert stamp.disagreements() == []


def test_an_unset_address_belongs_to_nobody():
    assert not stamp.OWNER.fullmatch(stamp.UNSET_OWNER)
    with pytest.raises(stamp.AddressError):
        stamp.parse(f"{stamp.UNSET_OWNER}/deep-learning-course")


def test_an_unset_address_is_told_to_the_owners():
    if stamp.is_set(stamp.current()):
        return
    for name in ("README.md", "book/intro.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert stamp.NOTE.search(text), (
            f"{name} does not tell the owners to set the address: a paragraph that begins "
            "> **The repository's address is not set yet.** and names tools/stamp.py"
        )


@pytest.mark.parametrize(
    "text",
    [
        "ada/course",
        "Ada-Lovelace/deep.learning_course",
        "https://github.com/ada/course",
        "https://github.com/ada/course.git",
        "https://github.com/ada/course/",
        "git@github.com:ada/course.git",
        "ada_acme/course",
    ],
)
def test_good_addresses(text: str):
    assert stamp.parse(text).count("/") == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("course", "not of the form OWNER/REPOSITORY"),
        ("ada/", "not of the form OWNER/REPOSITORY"),
        ("ada/course/blob", "not of the form OWNER/REPOSITORY"),
        ("https://gitlab.com/ada/course", "not of the form OWNER/REPOSITORY"),
        ("-ada/course", "no owner's name"),
        ("ada--l/course", "no owner's name"),
        ("a b/course", "no owner's name"),
        ("a" * 40 + "/course", "no owner's name"),
        ("ada/cour se", "no repository's name"),
        ("ada/..", "no repository's name"),
    ],
)
def test_bad_addresses(text: str, said: str, capsys: pytest.CaptureFixture[str]):
    assert stamp.main(["--", text]) == 2
    assert said in capsys.readouterr().err


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A small course whose address is not set."""
    old = "owner_not_set/deep-learning-course"
    (tmp_path / "book").mkdir()
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "pyproject.toml").write_text(f'[tool.course]\nrepository = "{old}"\n')
    (tmp_path / "CITATION.cff").write_text(f'repository-code: "https://github.com/{old}"\n')
    (tmp_path / "book" / "_config.yml").write_text(f"repository:\n  url: https://github.com/{old}\n")
    (tmp_path / "README.md").write_text(
        f"[![tests](https://github.com/{old}/actions/workflows/tests.yml/badge.svg)](x)\n"
        f"[Colab](https://colab.research.google.com/github/{old}/blob/main/notebooks/01.ipynb)\n"
        f"[Binder](https://mybinder.org/v2/gh/{old}/main)\n"
        f"git clone https://github.com/{old}\nThe code is at https://github.com/{old}.\n"
        "PyTorch is at https://github.com/pytorch/pytorch.\n"
    )
    cell = {"cell_type": "code", "source": [f"%pip install 'mini_dl @ git+https://github.com/{old}'"]}
    (tmp_path / "notebooks" / "01.ipynb").write_text(json.dumps({"cells": [cell]}))
    return tmp_path


def test_stamping_takes_the_note_to_the_owners_away(course: Path):
    page = course / "book" / "intro.md"
    page.write_text(
        "One.\n\n> **The repository's address is not set yet.** `owner_not_set/deep-learning-course`\n"
        "> belongs to nobody: run tools/stamp.py.\n\nTwo.\n"
    )
    stamp.stamp("ada/course", course)
    assert page.read_text() == "One.\n\nTwo.\n"


def test_stamping_reaches_every_place(course: Path):
    assert stamp.disagreements(course) == []
    changed = stamp.stamp("ada/course", course)
    assert len(changed) == 5
    assert stamp.current(course) == "ada/course"
    assert stamp.disagreements(course) == []
    everything = "".join(p.read_text() for p in course.rglob("*") if p.is_file())
    assert "owner_not_set" not in everything
    assert everything.count("ada/course") == 9
    assert "https://github.com/pytorch/pytorch." in everything, "other people's addresses stay"
    assert stamp.stamp("ada/course", course) == [], "a second time changes nothing"
    stamp.stamp("grace/other.name", course)
    assert stamp.disagreements(course) == []
    assert "ada/course" not in (course / "README.md").read_text()


@pytest.mark.parametrize("name", ["README.md", "CITATION.cff", "book/_config.yml", "notebooks/01.ipynb"])
def test_a_place_that_disagrees_is_named(course: Path, name: str):
    stamp.stamp("ada/course", course)
    path = course / name
    path.write_text(path.read_text().replace("ada/course", "eve/course", 1))
    said = "eve/course, but pyproject.toml says ada/course"
    assert next(
        line.startswith(f"{name}, line ") and line.endswith(said) for line in stamp.disagreements(course)
    )


def test_a_place_that_is_gone_is_named(course: Path):
    (course / "CITATION.cff").write_text("cff-version: 1.2.0\n")
    assert stamp.disagreements(course) == ["CITATION.cff: does not name owner_not_set/deep-learning-course"]

"""tools/classroom.py packs everything, or says what is missing and packs nothing."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import zipfile
from pathlib import Path

import pytest

from mini_dl.course import datasets
from mini_dl.course.datasets import catalogue, store
from tools import classroom
from tools.run_notebooks import all_notebooks

CONTENT = b"word\n" * 10


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with one tiny data set, the only one that the notebooks need."""
    file = catalogue.File("words/all.txt.gz", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    download = catalogue.Download(file.path, 0, "", (), (file,))
    entry = dataclasses.replace(catalogue.CATALOGUE["names"], name="words", downloads=(download,))
    folder = tmp_path / "my data"
    (folder / "words").mkdir(parents=True)
    (folder / "words" / "all.txt.gz").write_bytes(gzip.compress(CONTENT))
    monkeypatch.setenv("MINI_DL_DATA", str(folder))
    monkeypatch.setattr(store, "cache_folder", lambda: tmp_path / "no cache")
    monkeypatch.setitem(catalogue.CATALOGUE, "words", entry)
    monkeypatch.setattr(classroom, "needed_data", lambda notebooks: ["words"])
    return folder


@pytest.fixture
def wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    """No real build, which would ask a package index; tests/notebooks/test_colab.py builds the wheel."""

    def build_wheel(to: Path) -> Path:
        (to / "mini_dl-1-py3-none-any.whl").write_bytes(b"a wheel")
        return to / "mini_dl-1-py3-none-any.whl"

    monkeypatch.setattr(classroom, "build_wheel", build_wheel)


@pytest.mark.usefixtures("wheel")
def test_everything_is_in_the_archive(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    book = tmp_path / "book"
    (book / "sub").mkdir(parents=True)
    (book / "index.html").write_text("the book")
    (book / "sub" / "page.html").write_text("a page")
    archive = tmp_path / "out" / "class.zip"
    names = classroom.pack(archive, book=book)
    with zipfile.ZipFile(archive) as zipped:
        assert zipped.testzip() is None
        assert {f"{classroom.TOP}/{n}" for n in names} == set(zipped.namelist())
        zipped.extractall(tmp_path / "class room")
    top = tmp_path / "class room" / classroom.TOP
    assert (top / "book" / "html" / "sub" / "page.html").read_text() == "a page"
    assert (top / "book" / "glossary.md").is_file(), "a page that notebooks link to"
    deck = (top / "slides" / "02_perceptron.html").read_text(encoding="utf-8")
    assert 'href="../book/html/notebooks/1_one_neuron/02_perceptron.html#' in deck
    assert (top / "slides" / "assets" / "reveal" / "dist" / "reveal.js").is_file()
    for path in all_notebooks():
        assert (top / path.relative_to(classroom.ROOT)).read_bytes() == path.read_bytes()
    text = (top / "START_HERE.md").read_text(encoding="utf-8")
    assert '"wheels/mini_dl-1-py3-none-any.whl[lab]"' in text
    assert "packed without packages" in text
    assert "{" not in text
    monkeypatch.setenv("MINI_DL_DATA", str(top / "data"))
    assert datasets.available("words"), "the packed data are what a notebook finds"
    assert [p.name for p in archive.parent.iterdir()] == ["class.zip"]


@pytest.mark.usefixtures("data", "wheel")
def test_an_archive_without_solutions_has_none(tmp_path: Path):
    archive = tmp_path / "class.zip"
    names = classroom.pack(archive, solutions=False, book=tmp_path / "no book")
    assert not [n for n in names if n.startswith("book/html")], "the book shows the solutions"
    assert not [n for n in names if n.startswith("slides")], "the notes say the answers"
    with zipfile.ZipFile(archive) as zipped:
        notebooks = [zipped.read(n).decode() for n in zipped.namelist() if n.endswith(".ipynb")]
    assert len(notebooks) == len(all_notebooks())
    assert not any('"solution"' in text for text in notebooks)


def test_missing_data_are_said_with_the_remedy(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (data / "words" / "all.txt.gz").unlink()
    archive = tmp_path / "class.zip"
    assert classroom.main(["--to", str(archive), "--without-solutions"]) == 1
    assert "python -m mini_dl.course.datasets fetch words" in capsys.readouterr().err
    assert not archive.exists()


@pytest.mark.usefixtures("data", "wheel")
def test_an_unbuilt_book_is_said_with_the_remedy(tmp_path: Path):
    with pytest.raises(classroom.ClassroomError, match="make book"):
        classroom.pack(tmp_path / "class.zip", book=tmp_path / "no book")


@pytest.mark.usefixtures("data", "wheel")
def test_an_interrupted_archive_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    archive = tmp_path / "class.zip"
    archive.write_bytes(b"the old one")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(classroom.zipfile.ZipFile, "write", full)
    assert classroom.main(["--to", str(archive), "--without-solutions"]) == 1
    assert archive.read_bytes() == b"the old one"
    assert [p.name for p in tmp_path.iterdir() if p.suffix in (".zip", ".tmp")] == ["class.zip"]

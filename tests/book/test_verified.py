"""The line at a notebook's foot says what the test run recorded, and nothing when it does not know."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.book.builds import BOOK, finish, markdown, small_tree, start_build, write_notebook

pytestmark = pytest.mark.slow_file

sys.path.insert(0, str(BOOK / "_ext"))
import course_verified  # noqa: E402

NAMES = [f"notebooks/1_one_neuron/0{i}_{word}.ipynb" for i, word in enumerate(("one", "two", "three"), 1)]


def record(root: Path, **changed: Any) -> dict[str, Any]:
    """A record of the first two notebooks; the second is another than the one that ran."""
    runs = {NAMES[0]: {"seconds": 12.4, "sha256": course_verified.source_hash(root / NAMES[0])}}
    runs[NAMES[1]] = {"seconds": 3.0, "sha256": "0" * 64}
    versions = {"python": "3.11.7", "numpy": "2.4.6", "torch": "2.13.0"}
    return {"date": "2026-03-04", **versions, "cores": 2, "notebooks": runs} | changed


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = small_tree(tmp_path / "tree")
    for number, name in enumerate(NAMES, start=1):
        write_notebook(root / name, markdown(f"# {number} · Title\n\nText of it.", "a"))
    return root


def feet(root: Path) -> list[str]:
    built = finish(start_build(root, root / "out"), root / "out")
    assert built.code == 0, built.output[-3000:]
    found = []
    for name in NAMES:
        text = (built.html / name).with_suffix(".html").read_text(encoding="utf-8")
        _, mark, rest = text.partition('<p class="course-verified">')
        found.append(rest.split("</p>")[0] if mark else "")
    return found


def test_each_page_shows_its_own_line_and_follows_the_record(tree: Path):
    assert feet(tree) == ["", "", ""], "without a record the pages say nothing"
    (tree / course_verified.RECORD).write_text(json.dumps(record(tree)), encoding="utf-8")
    versions = "Python 3.11.7, NumPy 2.4.6 and PyTorch 2.13.0"
    good = f"Last verified on 4 March 2026 with {versions}: 12 s on 2 CPU cores."
    assert feet(tree) == [good, "Changed since it was last verified, on 4 March 2026.", ""]


def test_outputs_do_not_change_what_was_verified_but_words_do(tree: Path):
    path = tree / NAMES[0]
    before = course_verified.source_hash(path)
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["metadata"]["more"] = 1
    path.write_text(json.dumps(notebook, indent=2), encoding="utf-8")
    assert course_verified.source_hash(path) == before
    notebook["cells"][0]["source"] = ["# 1 · Title\n", "\n", "Text of it!"]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert course_verified.source_hash(path) != before


@pytest.mark.parametrize(
    ("change", "said"),
    [({"date": "yesterday"}, "is no record of a test run"), ({"cores": None}, "lacks cores")],
)
def test_a_broken_record_is_refused_with_the_remedy(tree: Path, change: dict[str, Any], said: str):
    content = {key: value for key, value in record(tree, **change).items() if value is not None}
    (tree / course_verified.RECORD).write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ValueError, match=rf"{said}.* make verify"):
        course_verified.read(tree)

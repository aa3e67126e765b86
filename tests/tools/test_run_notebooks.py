"""tools/run_notebooks.py gives the same bytes each time and never leaves a half-written notebook."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tools import run_notebooks

WIDGETS = """import anywidget, ipywidgets as w

class Figure(anywidget.AnyWidget):
    _esm = "export default {render() {}}"
    def __repr__(self):
        return "[figure]"

a, b = w.IntSlider(), w.IntSlider()
unseen = w.IntSlider(description="shown nowhere")
w.jslink((a, "value"), (b, "value"))
w.HBox([a, b, Figure()])"""


def write(folder: Path, *sources: str, name: str = "02_small.ipynb") -> Path:
    path = folder / name
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in sources]), path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a space and a letter that is not ASCII in its name."""
    made = tmp_path / "part é"
    made.mkdir()
    return made


def test_a_second_run_gives_the_same_bytes(folder: Path, capsys: pytest.CaptureFixture[str]):
    draw = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    path = write(folder, "print('a', flush=True)\nprint('b')", draw, WIDGETS)
    assert run_notebooks.main([str(path)]) == 0
    first = path.read_bytes()
    assert run_notebooks.main([str(path)]) == 0
    assert path.read_bytes() == first
    assert "same bytes as before" in capsys.readouterr().out
    assert run_notebooks.main(["--check", str(path)]) == 0

    notebook = json.loads(first)
    assert [c["execution_count"] for c in notebook["cells"]] == [1, 2, 3]
    assert notebook["cells"][0]["outputs"][0]["text"] == ["a\n", "b\n"], "one stream, however it arrived"
    assert notebook["metadata"]["language_info"] == {"name": "python"}
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert "execution" not in notebook["cells"][0]["metadata"]
    state = notebook["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    (view,) = [o["data"]["application/vnd.jupyter.widget-view+json"] for o in notebook["cells"][2]["outputs"]]
    assert view["model_id"] in state
    assert "shown nowhere" not in json.dumps(state), "models that are shown nowhere are dropped"
    assert any(model["model_name"] == "LinkModel" for model in state.values()), "a link is kept"
    for model in run_notebooks.REFERENCE.findall(json.dumps(state)):
        assert model in state


def test_check_names_the_cells_that_would_change(folder: Path, capsys: pytest.CaptureFixture[str]):
    path = write(folder, "print(1)")
    before = path.read_bytes()
    assert run_notebooks.main(["--check", str(path)]) == 1
    said = capsys.readouterr().err
    assert "02_small.ipynb: a run gives other bytes" in said
    assert "cell 0 (id" in said
    assert path.read_bytes() == before


def test_a_failing_cell_is_shown_and_the_file_left(folder: Path, capsys: pytest.CaptureFixture[str]):
    path = write(folder, "x = 1", "print('half')\n1 / (x - 1)")
    before = path.read_bytes()
    assert run_notebooks.main([str(path)]) == 1
    said = capsys.readouterr().err
    assert "02_small.ipynb, cell 1 (id" in said
    assert "the file is left as it was" in said
    assert "1 / (x - 1)" in said
    assert "ZeroDivisionError: division by zero" in said
    assert path.read_bytes() == before
    assert [p.name for p in folder.iterdir()] == ["02_small.ipynb"], "no temporary file stays"


def test_a_cell_that_never_ends_is_shown(folder: Path, capsys: pytest.CaptureFixture[str]):
    path = write(folder, "import time\ntime.sleep(60)")
    assert run_notebooks.main([str(path), "--timeout", "1"]) == 1
    assert "cell 0 (id" in (said := capsys.readouterr().err)
    assert "ran longer than 1 s" in said


def test_runs_in_the_notebooks_folder_with_this_python(folder: Path):
    path = write(folder, "import os, sys\nprint(os.path.basename(os.getcwd()), sys.prefix)")
    notebook = run_notebooks.execute(path)
    assert notebook.cells[0].outputs[0].text.split(" /")[0].startswith("part é")
    assert sys.prefix in notebook.cells[0].outputs[0].text


def test_an_interrupted_write_leaves_the_old_file(folder: Path, monkeypatch: pytest.MonkeyPatch):
    path = write(folder, "print(1)")
    before = path.read_bytes()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run_notebooks.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_notebooks.replace_file(path, b"new")
    assert path.read_bytes() == before
    assert [p.name for p in folder.iterdir()] == ["02_small.ipynb"]


def test_numbers_find_notebooks(tmp_path: Path):
    part = tmp_path / "1_part"
    part.mkdir()
    for name in ("01_a.ipynb", "02_b.ipynb", "12_c.ipynb"):
        write(part, "1", name=name)
    assert run_notebooks.find("02", tmp_path).name == "02_b.ipynb"
    assert run_notebooks.find("2", tmp_path).name == "02_b.ipynb"
    assert run_notebooks.find("12", tmp_path).name == "12_c.ipynb"
    with pytest.raises(SystemExit, match=r"(?s)no notebook fits '7'.*01_a"):
        run_notebooks.find("7", tmp_path)
    with pytest.raises(SystemExit, match=r"no notebook fits 'nosuch\.ipynb'"):
        run_notebooks.find("nosuch.ipynb", tmp_path)

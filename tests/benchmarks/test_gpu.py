"""benchmarks/gpu.py on a machine without GPU: a tiny notebook stands in for the real ones."""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path
from types import ModuleType

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).resolve().parents[2]
RECORD = """from mini_dl.course import results
import os
_ = results.record("tiny", loss=[2.0, 1.0], scale=os.environ["MINI_DL_SCALE"])"""


@pytest.fixture(scope="module")
def gpu() -> ModuleType:
    pytest.importorskip("torch")
    spec = importlib.util.spec_from_file_location("gpu", ROOT / "benchmarks" / "gpu.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def notebook(folder: Path, name: str, source: str) -> Path:
    path = folder / name
    nbformat.write(new_notebook(cells=[new_code_cell(source)]), path)
    return path


@pytest.fixture
def on_cpu(gpu: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "find_device", lambda: "cpu")
    monkeypatch.setenv("MINI_DL_SCALE", "full")  # the reader's own setting comes back afterwards


@pytest.mark.usefixtures("on_cpu")
def test_what_a_notebook_records_is_completed_and_written(gpu: ModuleType, tmp_path: Path):
    path = notebook(tmp_path, "97_tiny.ipynb", RECORD)
    notebook(tmp_path, "98_other.ipynb", "1 + 1")  # records nothing, so it is not run
    before = path.read_bytes()
    into = tmp_path / "results"
    wish = ["--without-gpu", "--scale", "small", "--into", str(into), "--only", "97"]
    assert gpu.main(wish, folder=tmp_path) == 0
    (file,) = into.iterdir()
    assert file.name.startswith("gpu-tiny-")
    assert file.suffix == ".json"
    result = json.loads(file.read_text(encoding="utf-8"))
    assert (result["task"], result["loss"], result["scale"]) == ("tiny", [2.0, 1.0], "small")
    assert result["device"]
    assert result["versions"]["torch"]
    assert len(result["date"]) == 10
    assert path.read_bytes() == before, "the notebook itself is not written"
    assert os.environ["MINI_DL_SCALE"] == "full"
    assert "MINI_DL_RECORD" not in os.environ
    assert list(gpu.recording(tmp_path)) == ["97"]


@pytest.mark.usefixtures("on_cpu")
def test_a_notebook_that_fails_writes_nothing(
    gpu: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    notebook(tmp_path, "97_tiny.ipynb", RECORD + "\nraise ValueError('too warm')")
    into = tmp_path / "results"
    assert gpu.main(["--without-gpu", "--into", str(into), "--only", "97"], folder=tmp_path) == 1
    assert not into.exists()
    assert "97: failed, nothing written" in (said := capsys.readouterr().err)
    assert "too warm" in said


@pytest.mark.usefixtures("on_cpu")
@pytest.mark.parametrize(
    ("wish", "answer"), [([], "sees no GPU"), (["--without-gpu"], "name a folder by --into")]
)
def test_results_of_a_cpu_do_not_get_among_those_of_gpus(gpu: ModuleType, wish: list[str], answer: str):
    with pytest.raises(SystemExit, match=answer):
        gpu.main(wish)


def test_what_cannot_be_written_leaves_nothing(gpu: ModuleType, tmp_path: Path):
    with pytest.raises(TypeError):
        gpu.write({"task": "t", "device": "d", "what": object()}, tmp_path)
    assert not list(tmp_path.iterdir())


def test_every_notebook_that_records_is_known(gpu: ModuleType):
    known = gpu.recording(gpu.NOTEBOOKS)
    assert {"13", "22"} <= set(known)


def test_utilisation_counts_the_work_of_notebook_22s_model(gpu: ModuleType):
    (path,) = gpu.NOTEBOOKS.glob("22_*.ipynb")
    sizes = {"layers": 2, "heads": 2, "width": 16, "context": 8}
    found = gpu.utilisation(path, "cpu", sizes, vocabulary=32, batches=(2,), steps=1)
    matrices = 2 * 12 * 16**2 + 32 * 16  # two blocks, and the output layer
    norms = 2 * 2 * 16
    assert found["weights_counted"] == matrices + norms
    assert found["flops_per_token"] == 6 * (matrices + norms) + 12 * 2 * 16 * 8
    assert found["flops_per_second"] == found["flops_per_token"] * found["tokens_per_second"] > 0
    assert found["mfu"] is None, "no peak is known for a CPU"


def test_gpt2_small_has_124_million_weights(gpu: ModuleType):
    import torch

    (path,) = gpu.NOTEBOOKS.glob("22_*.ipynb")
    names = gpu.gpt_of_notebook(path, gpu.VOCABULARY)
    with torch.device("meta"):
        model = names["GPT"](names["Recipe"](batch=1, **gpu.GPT2_SMALL))
    assert 123e6 < sum(p.numel() for p in model.parameters()) < 126e6

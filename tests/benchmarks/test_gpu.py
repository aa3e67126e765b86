"""benchmarks/gpu.py on a machine without GPU: a tiny notebook stands in for the real ones."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
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
    sys.modules[spec.name] = module  # where dataclasses look for it
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


def test_two_trainings_side_by_side(gpu: ModuleType):
    theirs = {"seconds": [0.0, 10.0, 20.0, 40.0], "validation": [4.0, 2.0, 1.6, 1.47]}
    ours = {"seconds": [0.0, 5.0, 10.0, 12.0], "validation": [4.0, 1.7, 1.45, 1.5]}
    result = {"runs": {"nanoGPT": {"curve": theirs}, "ours": {"curve": ours}, "other": {}}}
    found = gpu.side_by_side(result)
    assert found["equal_time"][0] == {"seconds": 10.0, "nanoGPT": 2.0, "ours": 1.45}
    assert found["equal_time"][-1] == {"seconds": 40.0, "nanoGPT": 1.47, "ours": 1.45}, "the best so far"
    assert found["seconds_to_goal"] == {"nanoGPT": 40.0, "ours": 10.0}
    assert found["share_of_nanogpts_time"] == 0.25
    never = gpu.side_by_side(result, goal=1.0)
    assert never["seconds_to_goal"] == {"nanoGPT": None, "ours": None}
    assert never["share_of_nanogpts_time"] is None


def test_a_varied_image_is_a_shift_of_it(gpu: ModuleType):
    import torch

    torch.manual_seed(1)
    x = torch.zeros(200, 1, 9, 9)
    x[:, 0, 4, 3:6] = torch.tensor([1.0, 2.0, 3.0])
    y = gpu.varied(x, flip=True)
    assert y.shape == x.shape
    assert torch.equal(y.sum(dim=(1, 2, 3)), torch.full((200,), 6.0)), "no pixel is lost by two steps"
    middles = {tuple(place[1:]) for place in torch.nonzero(y[:, 0] == 2).tolist()}
    assert middles == {(r, c) for r in range(2, 7) for c in range(2, 7)}, "all 25 shifts occur"
    rows = y[:, 0].amax(dim=1)  # (n, 9): the three pixels, in either order
    mirrored = rows.argmax(dim=1) < torch.nonzero(rows == 2)[:, 1]
    assert 60 < mirrored.sum() < 140
    assert torch.equal(
        gpu.varied(x, flip=False)[:, 0].amax(dim=1).diff(dim=1).clamp(min=0).sum(dim=1),
        torch.full((200,), 3.0),
    )


def test_the_races_are_run_and_timed(gpu: ModuleType):
    from mini_dl.course import datasets

    for name in ("mnist", "fashion_mnist"):
        if not datasets.available(name):
            pytest.skip(f"{name} is not on this machine")
    found = gpu.vision("cpu", gpu.TINY_RACES)
    lenet, resnet = found["runs"]
    assert (lenet["network"], lenet["parameters"]) == ("LeNet-5", 61_706)
    assert lenet["seconds_to_bar"] == lenet["seconds"][-1] > 0
    assert lenet["accuracy"][-1] >= lenet["bar"]
    assert resnet["seconds_to_bar"] is None, "one epoch of 256 images is not enough"
    assert len(resnet["accuracy"]) == resnet["epochs"]
    assert {(race.network, race.data, race.bar) for race in gpu.RACES} == {
        (network, data, bar)
        for network in ("LeNet-5", "ResNet")
        for data, bar in (("mnist", 0.99), ("fashion_mnist", 0.94))
    }


@pytest.mark.usefixtures("on_cpu")
def test_the_command_tries_both_measurements_at_a_tiny_size(gpu: ModuleType, tmp_path: Path):
    wish = ["--without-gpu", "--scale", "small", "--into", str(tmp_path), "--only", "utilisation"]
    assert gpu.main(wish) == 0
    (file,) = tmp_path.iterdir()
    assert json.loads(file.read_text(encoding="utf-8"))["sizes"]["width"] == gpu.TINY["width"]


def test_a_batch_that_does_not_fit_is_halved(
    gpu: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    import torch

    (path,) = gpu.NOTEBOOKS.glob("22_*.ipynb")
    tried = []

    def speed(model, batch, *_):
        tried.append(batch)
        if batch > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return 1.0

    monkeypatch.setattr(gpu, "train_speed", speed)
    found = gpu.utilisation(path, "cpu", gpu.TINY, vocabulary=32, batches=(8, 4, 2, 1))
    assert (tried, found["sizes"]["batch"]) == ([8, 4, 2], 2)
    assert "a batch of 8 does not fit" in capsys.readouterr().out
    with pytest.raises(RuntimeError, match="not even a batch of one fits"):
        gpu.utilisation(path, "cpu", gpu.TINY, vocabulary=32, batches=(8, 4))


def test_a_name_that_a_notebook_lost_is_named(gpu: ModuleType):
    (path,) = gpu.NOTEBOOKS.glob("14_*.ipynb")
    with pytest.raises(ValueError, match=r"14_.*does not define gone, lost; mend its list"):
        gpu.from_notebook(path, ("lenet", "lost", "gone"), "from torch import nn")

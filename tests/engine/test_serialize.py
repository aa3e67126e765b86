"""Weights to a file and back; damaged and foreign files."""

import json

import numpy as np
import pytest
import torch

import mini_dl
from mini_dl import nn
from tests.engine.against_torch import assert_close

TYPES = [
    "float16",
    "float32",
    "float64",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "bool",
]


@pytest.mark.parametrize("kind", ["safetensors", "npz"])
def test_every_type_and_shape_comes_back(tmp_path, kind):
    state = {t: mini_dl.tensor(np.arange(6).reshape(2, 3).astype(t)) for t in TYPES}
    state |= {
        "number": mini_dl.tensor(3.5),
        "empty": mini_dl.zeros(0, 2),
        "turned": mini_dl.arange(6).reshape(2, 3).T,
    }
    state["längere.Namen·1"] = mini_dl.ones(1)
    mini_dl.save(state, tmp_path / f"weights.{kind}")
    back = mini_dl.load(tmp_path / f"weights.{kind}")
    assert list(back) == list(state)
    for name, value in state.items():
        assert_close(back[name], value, name)


def test_a_trained_network_comes_back(tmp_path):
    model, other = (nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2)) for _ in range(2))
    model(mini_dl.randn(5, 3))
    mini_dl.save(model.state_dict(), str(tmp_path / "model.safetensors"))
    other.load_state_dict(mini_dl.load(str(tmp_path / "model.safetensors")))
    x = mini_dl.randn(5, 3)
    assert_close(other.eval()(x), model.eval()(x), "output")


def test_the_format_is_the_published_one(tmp_path):
    """Read byte by byte, as its description says."""
    path = tmp_path / "w.safetensors"
    mini_dl.save({"a": mini_dl.tensor([1.0, 2.0]), "b": mini_dl.tensor([[7]])}, path)
    content = path.read_bytes()
    size = int.from_bytes(content[:8], "little")
    assert size % 8 == 0
    header = json.loads(content[8 : 8 + size])
    assert header == {
        "a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
        "b": {"dtype": "I64", "shape": [1, 1], "data_offsets": [8, 16]},
    }
    assert content[8 + size :] == np.float32([1, 2]).tobytes() + np.int64([7]).tobytes()


def test_pytorchs_tensors_can_be_saved(tmp_path):
    model = torch.nn.Linear(2, 3)
    state = {name: mini_dl.tensor(p.detach().numpy()) for name, p in model.named_parameters()}
    mini_dl.save(state, tmp_path / "w.npz")
    ours = nn.Linear(2, 3)
    ours.load_state_dict(mini_dl.load(tmp_path / "w.npz"))
    assert_close(ours.weight.detach(), model.weight.detach(), "weight")


def test_metadata_is_passed_over(tmp_path):
    header = json.dumps(
        {"__metadata__": {"made by": "hand"}, "a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}}
    ).encode()
    (tmp_path / "m.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + b"\x05")
    assert mini_dl.load(tmp_path / "m.safetensors")["a"].tolist() == [5]


def test_damaged_files(tmp_path):
    path = tmp_path / "w.safetensors"
    mini_dl.save({"a": mini_dl.ones(100)}, path)
    whole = path.read_bytes()
    for content, message in [
        (whole[:-10], "a lies beyond its end; it is cut short"),
        (whole[:20], "not a whole safetensors file"),
        (b"", "not a whole safetensors file"),
        (whole.replace(b"F32", b"BF1"), "'BF1' is not a type that NumPy has"),
        (whole.replace(b"[100]", b"[999]"), "not a whole safetensors file"),
    ]:
        path.write_bytes(content)
        with pytest.raises(ValueError, match="w.safetensors: .*" + message):
            mini_dl.load(path)


def test_pickles_are_never_read(tmp_path):
    for function in (lambda: mini_dl.save({}, "w.pt"), lambda: mini_dl.load("w.pt")):
        with pytest.raises(
            ValueError, match=r"w\.pt: only \.safetensors and \.npz are supported; PyTorch's \.pt is pickle"
        ):
            function()
    np.savez(tmp_path / "evil.npz", a=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        mini_dl.load(tmp_path / "evil.npz")

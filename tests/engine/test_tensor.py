"""The tensor itself: making, showing, converting."""

import pickle
import re

import numpy as np
import pytest
import torch

import mini_dl
from mini_dl import Tensor
from tests.engine.against_torch import assert_close

REPRS = {
    "tensor([1., 2.])": lambda: mini_dl.tensor([1.0, 2.0]),
    "tensor([1., 2.], dtype=float64)": lambda: mini_dl.tensor(np.array([1.0, 2.0])),
    "tensor([1., 2.], requires_grad=True)": lambda: mini_dl.tensor([1.0, 2.0], requires_grad=True),
    "tensor([2., 4.], grad_fn=<mul>)": lambda: mini_dl.tensor([1.0, 2.0], requires_grad=True) * 2,
    "tensor([[1, 2],\n        [3, 4]])": lambda: mini_dl.tensor([[1, 2], [3, 4]]),
    "tensor([ True, False])": lambda: mini_dl.tensor([True, False]),
    "tensor(3.)": lambda: mini_dl.tensor(3.0),
    "tensor([], shape=(0, 2))": lambda: mini_dl.zeros(0, 2),
}


@pytest.mark.parametrize("text", REPRS)
def test_repr(text):
    assert repr(REPRS[text]()) == text


def test_repr_of_large_tensors_is_short_and_names_the_shape():
    text = repr(mini_dl.zeros(300, 400))
    assert len(text) < 400
    assert text.endswith("shape=(300, 400))")


TYPES = [
    (1.5, np.float32),
    ([1.0, 2], np.float32),
    (1, np.int64),
    ([[1], [2]], np.int64),
    (True, np.bool_),
    ([], np.float32),
    (np.array([1.0]), np.float64),
    (np.float64(1), np.float64),
    (np.array([1], np.int8), np.int8),
    (np.array([1.0], np.float16), np.float16),
]


@pytest.mark.parametrize(("data", "dtype"), TYPES)
def test_types_are_pytorchs(data, dtype):
    assert mini_dl.tensor(data).dtype == dtype
    assert str(torch.tensor(data).dtype).removeprefix("torch.") == np.dtype(dtype).name
    assert mini_dl.tensor(data, dtype=np.float64).dtype == np.float64


def test_making_tensors():
    pairs = [
        (mini_dl.zeros(2, 3), torch.zeros(2, 3)),
        (mini_dl.zeros((2, 3)), torch.zeros(2, 3)),
        (mini_dl.ones(2), torch.ones(2)),
        (mini_dl.full((2, 2), 7.0), torch.full((2, 2), 7.0)),
        (mini_dl.eye(3), torch.eye(3)),
        (mini_dl.eye(2, 3), torch.eye(2, 3)),
        (mini_dl.arange(5), torch.arange(5)),
        (mini_dl.arange(1, 7, 2), torch.arange(1, 7, 2)),
        (mini_dl.arange(0), torch.arange(0)),
        (mini_dl.arange(0, 1, 0.25), torch.arange(0, 1, 0.25)),
        (mini_dl.arange(3, dtype=np.float64), torch.arange(3, dtype=torch.float64)),
        (mini_dl.zeros(2, dtype=np.int64), torch.zeros(2, dtype=torch.int64)),
        (mini_dl.zeros_like(mini_dl.eye(2)), torch.zeros(2, 2)),
        (mini_dl.ones_like(mini_dl.arange(2)), torch.ones(2, dtype=torch.int64)),
        (mini_dl.ones_like(mini_dl.arange(2), dtype=np.float32), torch.ones(2)),
    ]
    for ours, theirs in pairs:
        assert_close(ours, theirs, str(ours))
    assert mini_dl.zeros(2, requires_grad=True).requires_grad


def test_random_numbers():
    mini_dl.manual_seed(1)
    a, b = mini_dl.randn(1000, 10), mini_dl.rand(1000, 10)
    mini_dl.manual_seed(1)
    assert (mini_dl.randn(1000, 10) == a).all()
    assert a.dtype == b.dtype == np.float32
    assert abs(float(a.mean())) < 0.05
    assert abs(float(a.var()) - 1) < 0.05
    assert abs(float(b.mean()) - 0.5) < 0.02
    assert b.numpy().min() >= 0
    assert b.numpy().max() < 1
    assert mini_dl.randn(2, dtype=np.float64, requires_grad=True).dtype == np.float64


def test_memory():
    array = np.zeros(3)
    assert mini_dl.from_numpy(array).data is array
    assert mini_dl.tensor(array).data is not array
    x = mini_dl.ones(3, requires_grad=True)
    with pytest.raises(ValueError, match="read-only"):
        x.numpy()[0] = 5
    plain = mini_dl.ones(3)
    plain.numpy()[0] = 5
    assert plain.tolist() == [5, 1, 1]
    x.data = mini_dl.zeros(2)
    assert x.shape == (2,)
    x.grad = mini_dl.ones(2)
    assert x.grad.tolist() == [1, 1]
    x.grad = None
    assert x.grad is None


def test_as_a_python_object():
    x = mini_dl.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert len(x) == 2
    assert [row.tolist() for row in x] == [[1, 2], [3, 4]]
    assert float(x[0, 1]) == 2.0
    assert int(x[1, 1]) == 4
    assert [10, 20, 30][mini_dl.tensor(1)] == 20
    assert f"{x[0, 0]:.2f}" == "1.00"
    assert f"{x[0]}" == "tensor([1., 2.])"
    assert x.size() == (2, 2)
    assert x.size(0) == 2
    assert x.numel() == 4
    assert x.ndim == 2
    assert x.T.tolist() == [[1, 3], [2, 4]]
    assert {x: 1}[x] == 1
    assert np.asarray(x).sum() == 10
    assert np.asarray(x, dtype=np.int64).dtype == np.int64
    assert isinstance(np.ones(2) * x, Tensor)
    assert (np.float32(2) - x)[0, 0].item() == 1
    assert x.item.__doc__
    with pytest.raises(ValueError, match=re.escape("shape (2, 2) is not one number")):
        float(x)


def test_tensors_can_be_copied():
    x = mini_dl.tensor([1.0, 2.0])
    assert pickle.loads(pickle.dumps(x.numpy())).tolist() == [1, 2]
    assert Tensor(x).data is not x.data


def test_graph():
    x, w = mini_dl.ones(2, 3), mini_dl.ones(3, 1, requires_grad=True)
    y = ((x @ w) ** 2 + 1).sum()
    drawing = y.graph()
    assert str(drawing).splitlines() == [
        "1 leaf (3, 1)",
        "2 matmul (2, 1) <- 1",
        "3 pow (2, 1) <- 2",
        "4 add (2, 1) <- 3",
        "5 sum () <- 4",
    ]
    svg = drawing._repr_svg_()
    import xml.etree.ElementTree as ET

    root = ET.fromstring(svg)
    boxes = [e for e in root if e.tag.endswith("rect")]
    assert len(boxes) == 5
    assert len([e for e in root if e.tag.endswith("line")]) == 4
    places = {(b.get("x"), b.get("y")) for b in boxes}
    assert len(places) == 5
    assert "5 nodes" in root.get("aria-label")


def test_graph_of_a_wide_computation():
    x = mini_dl.ones(1, requires_grad=True)
    drawing = (x * x + (x + x) * mini_dl.ones(1, requires_grad=True)).graph()
    assert "mul (1,) <- 1, 1" in drawing
    assert drawing.svg.count("<rect") == len(drawing.splitlines()) == 6

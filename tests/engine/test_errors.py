"""Bad input: each message names the operation, the shapes and what to try."""
# ruff: noqa: E501, N812

import re

import numpy as np
import pytest
import torch

import mini_dl
from mini_dl import nn
from mini_dl.nn import functional as F

ones = mini_dl.ones
ERRORS = {
    "wrong inner sizes": (
        lambda: ones(32, 784) @ ones(10, 784),
        ValueError,
        "matmul: (32, 784) @ (10, 784): inner sizes 784 and 10 differ; did you mean w.T on the right?",
    ),
    "inner sizes, no hint": (
        lambda: ones(2, 3) @ ones(4, 5),
        ValueError,
        "inner sizes 3 and 4 differ; check the shapes",
    ),
    "inner sizes, vector": (
        lambda: ones(2, 3) @ ones(4),
        ValueError,
        "(2, 3) @ (4,): inner sizes 3 and 4 differ",
    ),
    "matmul of a number": (
        lambda: ones(2) @ mini_dl.tensor(1.0),
        ValueError,
        "a tensor without axes has no matrix product; use *",
    ),
    "matmul, batches": (lambda: ones(2, 3, 4) @ ones(3, 4, 5), ValueError, "matmul: (2, 3, 4) and (3, 4, 5)"),
    "broadcasting": (
        lambda: ones(2, 3) + ones(2),
        ValueError,
        "add: (2, 3) and (2,): sizes 3 and 2 in axis -1 differ and neither is 1; shapes are matched from the last axis "
        "backwards, so try .unsqueeze(dim)",
    ),
    "broadcasting, deeper": (
        lambda: ones(2, 3, 4) * ones(5, 4)[:, :4],
        ValueError,
        "mul: (2, 3, 4) and (5, 4): sizes 3 and 5 in axis -2",
    ),
    "axis": (
        lambda: ones(2, 3).sum(dim=2),
        IndexError,
        "sum: axis 2 does not exist in shape (2, 3); it has axes -2 to 1",
    ),
    "axis of softmax": (
        lambda: ones(2).softmax(dim=1),
        IndexError,
        "softmax: axis 1 does not exist in shape (2,)",
    ),
    "index": (
        lambda: ones(2, 3)[2],
        IndexError,
        "getitem: (2, 3): index 2 is out of bounds for axis 0 with size 2",
    ),
    "reshape": (
        lambda: ones(2, 3).reshape(4),
        ValueError,
        "reshape: (2, 3): cannot reshape array of size 6 into shape (4,)",
    ),
    "expand": (lambda: ones(2, 3).expand(2, 4), ValueError, "expand: (2, 3)"),
    "cat": (lambda: mini_dl.cat([ones(2, 3), ones(2, 4)]), ValueError, "cat: (2, 3) and (2, 4)"),
    "split": (
        lambda: ones(5).split([2, 2]),
        ValueError,
        "split: sizes [2, 2] add up to 4, but axis 0 has length 5",
    ),
    "einsum": (
        lambda: mini_dl.einsum("ij,jk->ik", ones(2, 3)),
        ValueError,
        "einsum: 'ij,jk->ik' names 2 tensors, but 1 were given",
    ),
    "einsum, sizes": (
        lambda: mini_dl.einsum("ij,jk->ik", ones(2, 3), ones(2, 3)),
        ValueError,
        "einsum: (2, 3) and (2, 3): ",
    ),
    "class out of range": (
        lambda: F.cross_entropy(ones(2, 3), mini_dl.tensor([0, 3])),
        ValueError,
        "cross_entropy: class index 3 is out of range: there are 3, numbered 0 to 2",
    ),
    "negative class": (
        lambda: F.cross_entropy(ones(2, 3), mini_dl.tensor([0, -1])),
        ValueError,
        "class index -1 is out of range",
    ),
    "float labels": (
        lambda: F.cross_entropy(ones(2, 3), mini_dl.tensor([0.0, 1.0])),
        ValueError,
        "cross_entropy: class index must be integers, not float32; use .to(mini_dl.int64), or argmax for one-hot rows",
    ),
    "number of labels": (
        lambda: F.cross_entropy(ones(4, 3), mini_dl.tensor([0, 1])),
        ValueError,
        "cross_entropy: logits (4, 3) need one class number each, of shape (4,), but target has shape (2,)",
    ),
    "one-hot labels": (
        lambda: F.cross_entropy(ones(4, 3), ones(4, 3)),
        ValueError,
        "but target has shape (4, 3)",
    ),
    "one_hot": (
        lambda: mini_dl.one_hot(mini_dl.tensor([5]), 3),
        ValueError,
        "one_hot: class index 5 is out of range",
    ),
    "embedding": (
        lambda: F.embedding(mini_dl.tensor([4]), ones(4, 2)),
        ValueError,
        "embedding: index 4 is out of range: there are 4",
    ),
    "loss shapes": (
        lambda: F.mse_loss(ones(4, 1), ones(4)),
        ValueError,
        "mse_loss: input (4, 1) and target (4,) have different shapes, which would broadcast into a wrong loss",
    ),
    "reduction": (
        lambda: F.mse_loss(ones(4), ones(4), reduction="avg"),
        ValueError,
        "reduction 'avg' is not one of 'mean', 'sum', 'none'",
    ),
    "linear": (
        lambda: nn.Linear(784, 10)(ones(5, 28, 28)),
        ValueError,
        "linear: input (5, 28, 28) needs 784 features in its last axis, as the weight (10, 784) has; reshape or flatten",
    ),
    "layer norm": (
        lambda: nn.LayerNorm(3)(ones(2, 4)),
        ValueError,
        "layer_norm: input (2, 4) does not end in the normalised shape (3,)",
    ),
    "channels": (
        lambda: nn.Conv2d(3, 8, 5)(ones(4, 1, 28, 28)),
        ValueError,
        "conv2d: input (4, 1, 28, 28) must be (batch, channels, height, width) with 3 channels",
    ),
    "one image": (lambda: nn.Conv2d(1, 8, 5)(ones(1, 28, 28)), ValueError, "for one image use .unsqueeze(0)"),
    "window": (
        lambda: nn.Conv2d(1, 8, 5)(ones(1, 1, 4, 4)),
        ValueError,
        "a window of 5 does not fit in a padded length of 4",
    ),
    "pool": (
        lambda: nn.MaxPool2d(2)(ones(3, 4)),
        ValueError,
        "max_pool2d: input (3, 4) must be (batch, channels, height, width)",
    ),
    "attention": (
        lambda: F.scaled_dot_product_attention(ones(2, 3), ones(4, 5), ones(4, 5)),
        ValueError,
        "query (2, 3), key (4, 5), value (4, 5): query and key must agree in the last axis",
    ),
    "two masks": (
        lambda: F.scaled_dot_product_attention(
            ones(2, 3), ones(2, 3), ones(2, 3), ones(2, 2), is_causal=True
        ),
        ValueError,
        "give attn_mask or is_causal, not both",
    ),
    "heads": (
        lambda: nn.MultiheadAttention(10, 3),
        ValueError,
        "embed_dim 10 cannot be cut into 3 equal heads",
    ),
    "recurrent": (
        lambda: nn.LSTM(3, 4)(ones(5, 2, 6)),
        ValueError,
        "lstm: input (5, 2, 6) must be (time, batch, 3 features)",
    ),
    "no scalar": (
        lambda: mini_dl.ones(2, requires_grad=True).exp().backward(),
        RuntimeError,
        "backward: shape (2,) is not one number; call .sum() or .mean() first, or pass the weight of each element",
    ),
    "no gradient": (
        lambda: ones(2).sum().backward(),
        RuntimeError,
        "backward: nothing here requires a gradient",
    ),
    "shape of gradient": (
        lambda: mini_dl.ones(2, requires_grad=True).exp().backward(np.ones(3)),
        RuntimeError,
        "backward: gradient has shape (3,), but the tensor has (2,)",
    ),
    "integers have no gradient": (
        lambda: mini_dl.tensor([1, 2], requires_grad=True),
        TypeError,
        "only float tensors have gradients, not int64; pass dtype=mini_dl.float32",
    ),
    "words": (lambda: mini_dl.tensor(["a"]), TypeError, "data of type <U1 are not real numbers"),
    "item": (lambda: ones(2).item(), ValueError, "a tensor of shape (2,) is not one number; use .numpy()"),
    "truth": (lambda: bool(ones(2) == 1), ValueError, ".all(), .any()"),
    "length of a number": (lambda: len(mini_dl.tensor(1.0)), TypeError, "unsized"),
    "PyTorch on the right": (
        lambda: ones(2) + torch.ones(2),
        TypeError,
        "cannot mix a mini_dl tensor with a torch Tensor: gradients do not cross from one library to the other; convert it "
        "with mini_dl.tensor(x.detach().numpy())",
    ),
    "PyTorch on the left": (
        lambda: torch.ones(2) * ones(2),
        TypeError,
        "cannot mix a mini_dl tensor with a torch Tensor",
    ),
    "PyTorch labels": (lambda: F.cross_entropy(ones(2, 3), torch.tensor([0, 1])), TypeError, "cannot mix"),
    "PyTorch input": (lambda: nn.Linear(2, 3)(torch.ones(1, 2)), TypeError, "cannot mix"),
    "PyTorch in cat": (lambda: mini_dl.cat([ones(2), torch.ones(2)]), TypeError, "cannot mix"),
    "tensor of PyTorch": (lambda: mini_dl.tensor(torch.ones(2)), TypeError, "cannot mix"),
    "NumPy's functions": (lambda: np.exp(ones(2)), TypeError, "does not support ufuncs"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_message(name):
    call, kind, text = ERRORS[name]
    with pytest.raises(kind, match=re.escape(text)):
        call()


def test_the_original_error_is_kept():
    with pytest.raises(ValueError, match="broadcast") as error:
        np.ones(2) + np.ones(3)
    with pytest.raises(ValueError, match="add") as ours:
        ones(2) + ones(3)
    assert str(ours.value.__cause__) == str(error.value)

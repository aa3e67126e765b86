"""What layers compute: activations, losses, normalisation, embedding; and the large ops beside it.

Long chains of element-wise NumPy calls run at the speed of memory, not of arithmetic. Two remedies
are used below: *fusing* (one op for a chain, so that fewer arrays are kept for the way back) and
*blocks* (the chain is done for a piece that fits in the processor's cache, then for the next one).
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from mini_dl.autograd import Array, Into
from mini_dl.creation import random
from mini_dl.errors import Explained
from mini_dl.nn.attention import scaled_dot_product_attention
from mini_dl.nn.blocks import blocks, sum_last, sum_rows
from mini_dl.nn.conv import avg_pool2d, conv2d, max_pool2d
from mini_dl.nn.recurrent import gru, lstm, rnn
from mini_dl.ops import (
    add_rows,
    as_matrix,
    check_classes,
    log_softmax,
    logsumexp,
    one_hot,
    pad,
    relu,
    sigmoid,
    softmax,
    tanh,
)
from mini_dl.tensor import Result, Tensor, fused, op

__all__ = ["avg_pool2d", "batch_norm", "binary_cross_entropy_with_logits", "conv2d", "cross_entropy"]
__all__ += ["dropout", "embedding", "gelu", "gru", "layer_norm", "leaky_relu", "linear", "log_softmax"]
__all__ += ["logsumexp", "lstm", "max_pool2d", "mse_loss", "one_hot", "pad", "relu", "rnn"]
__all__ += ["scaled_dot_product_attention", "sigmoid", "softmax", "tanh"]


@op
def linear(x: Array, weight: Array, bias: Array | None = None) -> Result:
    """Return x @ weight.T + bias.

    Parameters
    ----------
    x
        (..., in_features)
    weight
        (out_features, in_features): one row a unit.
    bias
        (out_features,) or None.

    Raises
    ------
    ValueError
        If x has another number of features than weight.

    >>> linear(tensor([[1.0, 2.0]]), tensor([[3.0, 4.0]]), tensor([0.5]))
    tensor([[11.5]])
    """
    features, shape = weight.shape[1], x.shape
    if shape[-1:] != (features,):
        raise Explained(
            f"input {shape} needs {features} features in its last axis, as the weight {weight.shape} has; "
            "reshape or flatten the input, or change in_features"
        )
    rows = as_matrix(x)
    out = rows.dot(weight.T)  # dot and not @: the same for matrices, with half the overhead
    if bias is not None:
        out += bias
    if x.ndim == 2:
        return out, lambda g: g.dot(weight), lambda g: g.T.dot(x), sum_rows
    return (
        out.reshape(*shape[:-1], len(weight)),
        lambda g: as_matrix(g).dot(weight).reshape(shape),
        lambda g: as_matrix(g).T.dot(rows),
        lambda g: sum_rows(as_matrix(g)),
    )


# ---- activations -----------------------------------------------------------------------------------


@op
def leaky_relu(x: Array, negative_slope: float = 0.01) -> Result:
    """Return each element of x where it is positive, else negative_slope · x (Maas et al. 2013).

    >>> leaky_relu(tensor([-1.0, 2.0]), 0.1)
    tensor([-0.1,  2. ])
    """
    slope = np.where(x > 0, 1, negative_slope).astype(x.dtype)
    return x * slope, lambda g: g * slope


_PER_UNIT, _END = 128, 9  # a table from -9 to 9: beyond, Φ is 0 or 1 to the last digit


@functools.cache
def _taylor() -> list[Array]:
    """Return the coefficients of Taylor's series of Φ around each point of the table, the constant first."""
    x = np.arange(-_END * _PER_UNIT, _END * _PER_UNIT + 1) / _PER_UNIT
    series = [
        np.array([0.5 + 0.5 * math.erf(v * 0.5**0.5) for v in x]),
        np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi),
    ]
    for n in range(1, 5):  # from φ' = -x φ: the derivative of order n + 1 is -x Φ⁽ⁿ⁾ - (n - 1) Φ⁽ⁿ⁻¹⁾
        series.append(-(x * series[n] + (n - 1) / n * series[n - 1]) / (n + 1))
    return series


def _normal(x: Array) -> Array:
    """Return Φ(x) of a flat array, to the last digit of float64; NumPy has no error function.

    Nothing is more than 1/256 away from a point of the table, so that six terms of the series do.
    """
    out = np.empty_like(x)
    with np.errstate(invalid="ignore"):  # NaN has no nearest point; it comes out as NaN
        for s in blocks(x.size):
            inside = np.clip(x[s], -_END, _END)
            nearest = np.rint(inside * _PER_UNIT)
            off, at = inside - nearest / _PER_UNIT, nearest.astype(np.intp) + _END * _PER_UNIT
            total = np.zeros(off.shape)
            for coefficients in _taylor()[::-1]:
                total *= off
                total += coefficients.take(at, mode="clip")
            out[s] = total
    return out


@op
def gelu(x: Array, approximate: str = "none") -> Result:
    """Return x · Φ(x) for each element, Φ the normal distribution function (Hendrycks & Gimpel 2016).

    `approximate="tanh"`, the form that GPT-2 uses, is off by less than 0.0005 and several times faster.

    >>> gelu(tensor([-1.0, 0.0, 1.0]), approximate="tanh")
    tensor([-0.1588,  0.    ,  0.8412])
    """
    if approximate == "none":
        normal = _normal(np.ascontiguousarray(x).reshape(-1)).reshape(x.shape)
        density = x.dtype.type((2 * math.pi) ** -0.5)
        return x * normal, lambda g: g * (normal + x * np.exp(-0.5 * x * x) * density)
    # y = x p with p = (1 + tanh u) / 2 and u = a (x + b x³); its slope is p + 2 y (1 - p) · a (1 + 3 b x²).
    # In blocks: a dozen passes over memory become one. The slope is made while x and p are in the cache.
    a, b = 0.7978845608028654, 0.044715  # a = √(2/π)
    flat = np.ascontiguousarray(x).reshape(-1)
    slope, out = np.empty_like(flat), np.empty_like(flat)
    for s in blocks(flat.size):
        d, y = slope[s], out[s]
        np.multiply(flat[s], flat[s], out=d)
        p = (a * b) * d
        p += a
        p *= flat[s]
        np.tanh(p, out=p)
        p *= 0.5
        p += 0.5
        np.multiply(flat[s], p, out=y)
        d *= 6 * a * b
        d += 2 * a
        d *= y
        d *= 1 - p
        d += p
    return out.reshape(x.shape), lambda g: g * slope.reshape(g.shape)


@op
def _dropped(x: Array, keep: Array) -> Result:
    return x * keep, lambda g: g * keep


def dropout(x: Tensor, p: float = 0.5, training: bool = True) -> Tensor:
    """Return x with each element 0 with probability p, else divided by 1 - p (Srivastava et al. 2014).

    Dividing keeps the expected value, so that nothing changes when `training` is False.

    Raises
    ------
    ValueError
        If p is not between 0 and 1.

    >>> dropout(ones(4), p=0.5, training=False)
    tensor([1., 1., 1., 1.])
    """
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: p is a probability, between 0 and 1, not {p}")
    if not training or p == 0:
        return x
    keep = random.generator.random(x.shape, np.float32) >= p
    return _dropped(x, keep.astype(x.dtype) / x.dtype.type(1 - p if p < 1 else 1))


@op
def embedding(index: Array, weight: Array) -> Result:
    """Return rows of `weight`, one for each index.

    Parameters
    ----------
    index
        Integers of any shape (...).
    weight
        (count, size); the result has shape (..., size).

    Raises
    ------
    ValueError
        For an index that is not an integer from 0 to count - 1.

    >>> embedding(tensor([1, 0]), tensor([[1.0, 2.0], [3.0, 4.0]]))
    tensor([[3., 4.],
            [1., 2.]])
    """
    check_classes(index, weight.shape[0], "index")
    return weight[index], None, lambda g: Into(index, g, add_rows)


# ---- normalisation ---------------------------------------------------------------------------------


@fused
def layer_norm(
    x: Array, normalized_shape: tuple[int, ...], weight: Array, bias: Array, eps: float = 1e-5
) -> Result:
    """Return x with mean 0 and variance 1 over its last axes; then weight · x + bias.

    Parameters
    ----------
    x
        `(..., *normalized_shape)`
    normalized_shape, weight, bias
        The lengths of the last axes; two tensors of that shape.
    eps
        Added to the variance, so that nothing is divided by 0.

    Raises
    ------
    ValueError
        If x does not end in that shape.

    Ba, Kiros & Hinton (2016), *Layer normalization*.

    >>> layer_norm(tensor([[1.0, 3.0]]), (2,), ones(2), zeros(2))
    tensor([[-1.,  1.]])
    """
    n = weight.size
    if x.shape[-weight.ndim :] != weight.shape:
        raise Explained(f"input {x.shape} does not end in the normalised shape {weight.shape}")
    shape, inner = x.shape, weight.shape
    rows, w, b = np.ascontiguousarray(x).reshape(-1, n), weight.reshape(n), bias.reshape(n)
    average = np.full(n, 1 / n, x.dtype)  # rows @ average: NumPy's fastest mean of short rows
    normal, out = np.empty_like(rows), np.empty_like(rows)
    scale = np.empty((len(rows), 1), x.dtype)
    for s in blocks(len(rows), n):
        ns = normal[s]
        np.subtract(rows[s], (rows[s] @ average)[:, None], out=ns)
        scale[s, 0] = 1 / np.sqrt(np.einsum("ij,ij->i", ns, ns) / n + eps)
        ns *= scale[s]
        np.multiply(ns, w, out=out[s])
        out[s] += b

    def vjp(g: Array) -> tuple[Any, ...]:
        g = np.ascontiguousarray(g).reshape(-1, n)
        gx, gw = np.empty_like(normal), np.zeros_like(w)
        for s in blocks(len(normal), n):
            gs, ns, xs = g[s], normal[s], gx[s]
            # The gradient may change neither the mean of a row nor its variance: both parts are taken out.
            gn = gs * ns
            gw += sum_rows(gn)
            along_variance, along_mean = gn @ (w * average), gs @ (w * average)
            np.multiply(gs, w, out=xs)
            np.multiply(ns, along_variance[:, None], out=gn)
            gn += along_mean[:, None]
            xs -= gn
            xs *= scale[s]
        return gx.reshape(shape), None, gw.reshape(inner), sum_rows(g).reshape(inner)

    return out.reshape(shape), vjp


@fused
def _batch_norm(
    x: Array, weight: Array, bias: Array, mean: Array, var: Array, eps: float, training: bool
) -> Result:
    axes = (0, *range(2, x.ndim))
    per_channel = (slice(None), *(None,) * (x.ndim - 2))
    scale = (1 / np.sqrt(var + eps)).astype(x.dtype)
    normal = x - mean.astype(x.dtype)[per_channel]
    normal *= scale[per_channel]
    n = x.size // max(1, x.shape[1])

    def vjp(g: Array) -> tuple[Any, ...]:
        gb, gw = g.sum(axis=axes), (g * normal).sum(axis=axes)
        gx = g
        if training:  # mean and variance depend on x as well
            gx = g - (gb / n)[per_channel] - normal * (gw / n)[per_channel]
        return gx * (scale * weight)[per_channel], gw, gb

    return normal * weight[per_channel] + bias[per_channel], vjp


def batch_norm(
    x: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    weight: Tensor,
    bias: Tensor,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Return x with mean 0 and variance 1 over the batch in each channel; then weight · x + bias.

    In training the batch's own mean and variance are used, and the running ones move towards them
    by `momentum`, in place; else the running ones are used.

    Parameters
    ----------
    x
        (batch, channels) or (batch, channels, height, width)
    running_mean, running_var, weight, bias
        (channels,)
    training, momentum, eps
        See above; eps is added to the variance, so that nothing is divided by 0.

    Raises
    ------
    ValueError
        If the channels differ, or when training with one value a channel: it has no variance.

    Ioffe & Szegedy (2015), *Batch normalization*.

    >>> x = tensor([[1.0], [3.0]])
    >>> batch_norm(x, zeros(1), ones(1), ones(1), zeros(1), training=True)
    tensor([[-1.],
            [ 1.]])
    """
    if x.ndim < 2 or x.shape[1] != weight.shape[0]:
        raise ValueError(f"batch_norm: input {x.shape} must have {weight.shape[0]} channels in axis 1")
    mean, var = running_mean._data, running_var._data
    if training:
        axes, n = (0, *range(2, x.ndim)), x._data.size // x.shape[1]
        if n < 2:
            raise ValueError(
                f"batch_norm: input {x.shape} has one value a channel; use a larger batch, or .eval()"
            )
        mean, var = x._data.mean(axis=axes), x._data.var(axis=axes)
        running_mean._data += momentum * (mean - running_mean._data)
        running_var._data += momentum * (var * (n / (n - 1)) - running_var._data)
    return _batch_norm(x, weight, bias, mean, var, eps, training)


# ---- losses ----------------------------------------------------------------------------------------


def _reduce(losses: Array, reduction: str, n: int | None = None) -> tuple[Any, Any]:
    """Return the mean (over n), the sum or all losses, and what spreads a gradient over them."""
    if reduction == "mean":
        n = losses.size if n is None else n
        return losses.sum() / losses.dtype.type(n), lambda g: g / g.dtype.type(n)
    if reduction not in ("sum", "none"):
        raise Explained(f"reduction {reduction!r} is not one of 'mean', 'sum', 'none'")
    return (losses.sum() if reduction == "sum" else losses), lambda g: g


def _same_shape(x: Array, y: Array) -> None:
    if x.shape != y.shape:
        raise Explained(
            f"input {x.shape} and target {y.shape} have different shapes, which would broadcast "
            "into a wrong loss; "
            "use .reshape or .squeeze"
        )


@op
def mse_loss(x: Array, target: Array, reduction: str = "mean") -> Result:
    """Return the mean of the squared differences between x and target, of one shape.

    `reduction` is "mean", "sum" or "none": one loss for each element.

    Raises
    ------
    ValueError
        If the shapes differ, or for another reduction.

    >>> mse_loss(tensor([1.0, 2.0]), tensor([1.0, 4.0]))
    tensor(2.)
    """
    _same_shape(x, target)
    off = x - target
    out, spread = _reduce(off * off, reduction)
    return out, lambda g: (2 * spread(g)) * off, lambda g: (-2 * spread(g)) * off


@op
def binary_cross_entropy_with_logits(x: Array, target: Array, reduction: str = "mean") -> Result:
    """Return -log of the probability that sigmoid(x) gives to targets between 0 and 1, of the same shape.

    Computed from x itself, so that a confident mistake gives a large loss and not infinity. The mean over
    `target`, or as `reduction` says: see `mse_loss`.

    Raises
    ------
    ValueError
        If the shapes differ, or for another reduction.

    >>> binary_cross_entropy_with_logits(tensor([0.0, 100.0]), tensor([1.0, 0.0]), reduction="none")
    tensor([  0.6931, 100.    ])
    """
    _same_shape(x, target)
    losses = np.log1p(np.exp(-np.abs(x)))  # the exponential is at most 1
    losses += np.maximum(x, 0)
    losses -= x * target
    out, spread = _reduce(losses, reduction)
    return out, lambda g: (0.5 * np.tanh(0.5 * x) + (0.5 - target)) * spread(g), lambda g: -x * spread(g)


@op
def cross_entropy(
    x: Array, target: Array, ignore_index: int = -100, label_smoothing: float = 0.0, reduction: str = "mean"
) -> Result:
    """Return the mean of -log softmax(x)[target], softmax and logarithm fused.

    Fused, its gradient is softmax(x) - one_hot(target): nothing overflows, and no logarithm of a
    small probability is taken.

    Parameters
    ----------
    x
        Logits, (batch, classes), (classes,) or (batch, classes, ...).
    target
        Class numbers, integers, of shape (batch,), () or (batch, ...).
    ignore_index
        Targets of this value count for nothing.
    label_smoothing
        This share of the target's probability is spread over all classes (Szegedy et al. 2016).
    reduction
        "mean", "sum" or "none": one loss for each target.

    Raises
    ------
    ValueError
        For labels that are not integers, out of range, or not one for each example.

    >>> cross_entropy(tensor([[2.0, 0.0], [0.0, 2.0]]), tensor([0, 0]))
    tensor(1.1269)
    """
    axis = 1 if x.ndim > 1 else 0
    if target.shape != x.shape[:axis] + x.shape[axis + 1 :]:
        raise Explained(
            f"logits {x.shape} need one class number each, of shape {x.shape[:axis] + x.shape[axis + 1 :]}, "
            f"but target has shape {target.shape}; for (batch, time, classes) reshape logits to "
            "(-1, classes) "
            "and target to (-1)"
        )
    classes, labels = x.shape[axis], target.reshape(-1)
    last = np.moveaxis(x, axis, -1) if x.ndim > 2 else x  # the classes in the last axis
    shape, rows = last.shape, last.reshape(-1, classes)
    used = labels != ignore_index
    labels = np.where(used, labels, 0)
    check_classes(labels, classes)
    each = np.arange(len(rows))
    p = rows - rows.max(axis=1, keepdims=True)
    losses = -p[each, labels]
    if label_smoothing:
        losses = (1 - label_smoothing) * losses - label_smoothing * p.mean(axis=1)
    np.exp(p, out=p)
    total = sum_last(p)[:, 0]
    losses = (losses + np.log(total)) * used
    p /= total[:, None]
    out, spread = _reduce(losses.reshape(target.shape), reduction, int(used.sum()))

    def vjp(g: Array) -> Array:
        weight = np.broadcast_to(spread(g), target.shape).reshape(-1) * used
        gx = p * weight[:, None]
        gx[each, labels] -= (1 - label_smoothing) * weight
        if label_smoothing:
            gx -= (label_smoothing / classes) * weight[:, None]
        return np.moveaxis(gx.reshape(shape), -1, axis) if len(shape) > 2 else gx.reshape(shape)

    return out, vjp

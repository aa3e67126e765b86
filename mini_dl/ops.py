"""The operations: each one's forward pass and its vjps, side by side.

Inside a function marked `@op`, `x` and `y` are NumPy arrays; outside, the same name takes and gives
tensors. `g` is always the gradient of the loss with respect to the op's output. All are also methods:
`x.exp()`. Names, arguments and edge cases (ties, zeros, infinities) are PyTorch's.

Element-wise ops broadcast as NumPy does; the vjps need not undo it, `autograd` does.
"""

from __future__ import annotations

import builtins
import math
import operator
import string
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from mini_dl import debug
from mini_dl.autograd import Array, Into, mode
from mini_dl.changes import changed
from mini_dl.errors import Explained
from mini_dl.tensor import Result, Tensor, op, unwrap, wrap

__all__ = ["abs", "add", "argmax", "cat", "clamp", "cos", "div", "einsum", "exp", "expand", "flip"]
__all__ += ["gather", "log", "log_softmax", "logsumexp", "matmul", "max", "maximum", "mean", "min"]
__all__ += ["minimum", "mul", "neg", "one_hot", "pad", "permute", "pow", "relu", "reshape", "sigmoid"]
__all__ += ["sin", "softmax", "split", "sqrt", "squeeze", "stack", "sub", "sum", "tanh", "to", "transpose"]
__all__ += ["tril", "triu", "unsqueeze", "var", "where"]

Dim = int | tuple[int, ...] | None

# ---- arithmetic ------------------------------------------------------------------------------------


@op
def add(x: Array, y: Array) -> Result:
    """Return x + y, element by element.

    >>> tensor([1.0, 2.0]) + 1
    tensor([2., 3.])
    """
    return x + y, lambda g: g, lambda g: g


@op
def sub(x: Array, y: Array) -> Result:
    """Return x - y, element by element.

    >>> 1 - tensor([1.0, 2.0])
    tensor([ 0., -1.])
    """
    return x - y, lambda g: g, lambda g: -g


@op
def mul(x: Array, y: Array) -> Result:
    """Return x * y, element by element.

    >>> tensor([1.0, 2.0]) * tensor([[3.0], [4.0]])
    tensor([[3., 6.],
            [4., 8.]])
    """
    return x * y, lambda g: g * y, lambda g: g * x


@op
def div(x: Array, y: Array) -> Result:
    """Return x / y, element by element; integers are divided to float32.

    >>> tensor([1, 2]) / 2
    tensor([0.5, 1. ])
    """
    out = np.true_divide(x, y)
    return out, lambda g: g / y, lambda g: -g * out / y


@op
def pow(x: Array, y: Array) -> Result:
    """Return x to the power y, element by element. The gradient for y where x = 0 is 0.

    >>> tensor([2.0, 3.0]) ** 2
    tensor([4., 9.])
    """
    out = np.power(x, y)

    def vjp_x(g: Array) -> Array:
        return g * np.where(np.equal(y, 0), 0, y * np.power(x, np.where(np.equal(y, 0), 1, y) - 1))

    return out, vjp_x, lambda g: g * np.where(np.equal(x, 0), 0, out * np.log(np.where(np.equal(x, 0), 1, x)))


@op
def neg(x: Array) -> Result:
    """Return the negative of each element of x.

    >>> -tensor([1.0, -2.0])
    tensor([-1.,  2.])
    """
    return -x, lambda g: -g


@op
def abs(x: Array) -> Result:
    """Return the absolute value of each element of x; its gradient at 0 is 0.

    >>> tensor([1.0, -2.0]).abs()
    tensor([1., 2.])
    """
    return np.abs(x), lambda g: g * np.sign(x)


@op
def maximum(x: Array, y: Array) -> Result:
    """Return the larger of x and y, element by element; equal ones get half the gradient each.

    >>> maximum(tensor([1.0, 5.0]), tensor([3.0, 2.0]))
    tensor([3., 5.])
    """
    return np.maximum(x, y), lambda g: g * _share(x, y), lambda g: g * _share(y, x)


@op
def minimum(x: Array, y: Array) -> Result:
    """Return the smaller of x and y, element by element; equal ones get half the gradient each.

    >>> minimum(tensor([1.0, 5.0]), tensor([3.0, 2.0]))
    tensor([1., 2.])
    """
    return np.minimum(x, y), lambda g: g * _share(y, x), lambda g: g * _share(x, y)


def _share(x: Array, y: Array) -> Array:
    """1 where x > y, a half where x = y."""
    return np.greater(x, y) + 0.5 * np.equal(x, y)


@op
def where(condition: Array, x: Array, y: Array) -> Result:
    """Return the elements of x where the condition holds, else those of y; all three broadcast.

    >>> where(tensor([True, False]), tensor([1.0, 2.0]), 0.0)
    tensor([1., 0.])
    """
    return (
        np.where(condition, x, y),
        None,
        lambda g: np.where(condition, g, 0),
        lambda g: np.where(condition, 0, g),
    )


@op
def clamp(x: Array, min: float | None = None, max: float | None = None) -> Result:
    """Return x with each element limited to [min, max]; where it is cut off the gradient is 0.

    >>> tensor([-2.0, 0.5, 2.0]).clamp(-1, 1)
    tensor([-1. ,  0.5,  1. ])
    """
    low, high = -np.inf if min is None else min, np.inf if max is None else max
    return np.clip(x, min, max), lambda g: g * ((x >= low) & (x <= high))


# ---- functions of one number -----------------------------------------------------------------------


@op
def exp(x: Array) -> Result:
    """Return e to the power of each element of x.

    >>> tensor([0.0, 1.0]).exp()
    tensor([1.    , 2.7183])
    """
    out = np.exp(x)
    return out, lambda g: g * out


@op
def log(x: Array) -> Result:
    """Return the natural logarithm of each element of x: -inf at 0, NaN below.

    >>> tensor([1.0, 10.0]).log()
    tensor([0.    , 2.3026])
    """
    return np.log(x), lambda g: g / x


@op
def sqrt(x: Array) -> Result:
    """Return the square root of each element of x.

    >>> tensor([4.0, 9.0]).sqrt()
    tensor([2., 3.])
    """
    out = np.sqrt(x)
    return out, lambda g: 0.5 * g / out


@op
def sin(x: Array) -> Result:
    """Return the sine of each element of x, in radians.

    >>> tensor([0.0]).sin()
    tensor([0.])
    """
    return np.sin(x), lambda g: g * np.cos(x)


@op
def cos(x: Array) -> Result:
    """Return the cosine of each element of x, in radians.

    >>> tensor([0.0]).cos()
    tensor([1.])
    """
    return np.cos(x), lambda g: -g * np.sin(x)


@op
def tanh(x: Array) -> Result:
    """Return the hyperbolic tangent of each element of x.

    >>> tensor([0.0, 1.0]).tanh()
    tensor([0.    , 0.7616])
    """
    out = np.tanh(x)
    return out, lambda g: g * (1 - out * out)


@op
def sigmoid(x: Array) -> Result:
    """Return 1 / (1 + e⁻ˣ) for each element, without overflow for any x.

    >>> tensor([0.0, -1000.0]).sigmoid()
    tensor([0.5, 0. ])
    """
    out = 0.5 * np.tanh(0.5 * x) + 0.5 if x.dtype.itemsize < 8 else np.exp(-np.logaddexp(0, -x))
    return out, lambda g: g * (out * (1 - out))


@op
def relu(x: Array) -> Result:
    """Return max(x, 0) for each element; the gradient at 0 is 0 (Nair & Hinton 2010).

    >>> tensor([-1.0, 2.0]).relu()
    tensor([0., 2.])
    """
    # With an array of zeros, laid out as x is, NumPy is up to five times as fast as with the number 0.
    out = np.maximum(x, np.zeros(x.shape, x.dtype) if x.flags.c_contiguous else np.zeros_like(x))
    return out, lambda g: g * (out > 0).astype(g.dtype)  # twice as fast as g times truth values


# ---- over axes -------------------------------------------------------------------------------------


def _restore(g: Array, dim: Dim, keepdim: bool) -> Array:
    """Give a reduced gradient its lost axes back, with length 1."""
    return g if keepdim or dim is None else np.expand_dims(g, dim)


def _spread(g: Array, shape: tuple[int, ...]) -> Array:
    """Repeat g to `shape`, in memory of its own: products of broadcast views miss NumPy's fast routine."""
    out = np.empty(shape, g.dtype)
    out[...] = g
    return out


@op
def sum(x: Array, dim: Dim = None, keepdim: bool = False) -> Result:
    """Return the sum of x over an axis `dim`, several, or all; with keepdim they stay, with length 1.

    >>> ones(2, 3).sum(dim=0)
    tensor([2., 2., 2.])
    """
    # A real array, not a broadcast view: matrix products of such views do not reach the fast routine.
    shape, total = x.shape, np.int64 if x.dtype.kind == "u" else None  # of unsigned integers, as PyTorch
    out = x.sum(axis=dim, dtype=total, keepdims=keepdim)
    return out, lambda g: _spread(_restore(g, dim, keepdim), shape)


@op
def mean(x: Array, dim: Dim = None, keepdim: bool = False) -> Result:
    """Return the mean of x over an axis `dim`, several, or all; with keepdim they stay, with length 1.

    >>> tensor([[1.0, 3.0], [5.0, 7.0]]).mean(dim=1)
    tensor([2., 6.])
    """
    shape, n = x.shape, _count(x, dim)
    out = x.sum(axis=dim, keepdims=keepdim) / n
    return out, lambda g: _spread(_restore(g / n, dim, keepdim), shape)


def _count(x: Array, dim: Dim) -> int:
    """Return how many elements of x go into one element of a reduction over dim."""
    if dim is None:
        return x.size
    axes = (dim,) if isinstance(dim, int) else dim
    return int(np.prod([x.shape[d] for d in axes], dtype=int))


@op
def var(x: Array, dim: Dim = None, correction: int = 1, keepdim: bool = False) -> Result:
    """Return the variance: squared distances from the mean, summed and divided by n - correction.

    Parameters
    ----------
    x
        (...)
    dim, keepdim
        The axis or axes, all if None; whether they stay, with length 1.
    correction
        1 corrects for the mean that comes from the same numbers; 0 does not.

    >>> tensor([1.0, 3.0]).var()
    tensor(2.)
    """
    off = x - x.mean(axis=dim, keepdims=True)
    n = np.array(builtins.max(_count(x, dim) - correction, 0), x.dtype)
    return (off * off).sum(
        axis=dim, keepdims=keepdim
    ) / n, lambda g: off * (_restore(g, dim, keepdim) * (2 / n))


class Extremes(NamedTuple):
    """Result of `max` and `min` along an axis."""

    values: Tensor
    indices: Tensor


@op
def _largest(x: Array) -> Result:
    out = x.max()

    def vjp(g: Array) -> Array:
        at = x == out
        return g * at / at.sum()

    return out, vjp


def max(x: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """Return the largest element, or (values, indices) of the largest along an axis.

    The axis is `dim`; with keepdim it stays, with length 1. Equal elements of x share the gradient of
    `max()`; along an axis the first of them gets it all.

    >>> tensor([[1.0, 5.0], [7.0, 2.0]]).max(dim=1).indices
    tensor([1, 0])
    """
    if dim is None:
        return _largest(x)
    indices = argmax(x, dim, keepdim=True)
    values = gather(x, dim, indices)
    return Extremes(values, indices) if keepdim else Extremes(squeeze(values, dim), squeeze(indices, dim))


def min(x: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """Return the smallest element of x, or (values, indices) along an axis; dim and keepdim as in `max`.

    >>> tensor([3.0, 1.0]).min()
    tensor(1.)
    """
    largest = max(-x, dim, keepdim)
    return -largest if dim is None else Extremes(-largest.values, largest.indices)


@op
def argmax(x: Array, dim: int | None = None, keepdim: bool = False) -> Result:
    """Return the index of the largest element of x (the first, if several); no gradient.

    Along an axis `dim`, or in the flattened tensor; with keepdim the axis stays, with length 1.

    >>> tensor([1.0, 5.0, 2.0]).argmax()
    tensor(1)
    """
    return (np.argmax(x, axis=dim, keepdims=keepdim),)


@op
def logsumexp(x: Array, dim: int, keepdim: bool = False) -> Result:
    """Return log Σ exp(x) along the axis `dim`, without overflow; with keepdim it stays, with length 1.

    >>> tensor([1000.0, 1000.0]).logsumexp(dim=0)
    tensor(1000.6932)
    """
    p, total, top = _exp_shifted(x, dim)
    with np.errstate(divide="ignore"):
        out = np.log(total) + top
    return out if keepdim else np.squeeze(out, dim), lambda g: _restore(g, dim, keepdim) * (p / total)


def _exp_shifted(x: Array, dim: int) -> tuple[Array, Array, Array]:
    """Return exp(x - max), its sum, and max. Subtracting the largest first keeps exp from overflowing."""
    top = x.max(axis=dim, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0)  # a row of -inf: all its exponentials are 0
    p = np.exp(x - top)
    return p, p.sum(axis=dim, keepdims=True), top


@op
def softmax(x: Array, dim: int) -> Result:
    """Return exp(x) / Σ exp(x) along the axis `dim`: positive numbers with sum 1.

    >>> tensor([0.0, 0.0]).softmax(dim=0)
    tensor([0.5, 0.5])
    """
    p, total, _ = _exp_shifted(x, dim)
    p /= total
    return p, lambda g: p * (g - (g * p).sum(axis=dim, keepdims=True))


@op
def log_softmax(x: Array, dim: int) -> Result:
    """Return the logarithm of softmax of x along the axis `dim`, computed so that it does not underflow.

    >>> tensor([0.0, 1000.0]).log_softmax(dim=0)
    tensor([-1000.,     0.])
    """
    p, total, top = _exp_shifted(x, dim)
    return x - top - np.log(total), lambda g: g - (p / total) * g.sum(axis=dim, keepdims=True)


# ---- shape -----------------------------------------------------------------------------------------


def _sizes(sizes: tuple[Any, ...]) -> tuple[int, ...]:
    """Let f(2, 3) and f((2, 3)) mean the same."""
    return tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], tuple | list) else sizes


@op
def reshape(x: Array, *shape: int) -> Result:
    """Return the elements of x in another shape; one length may be -1, which is then worked out.

    >>> arange(6).reshape(2, -1)
    tensor([[0, 1, 2],
            [3, 4, 5]])
    """
    before = x.shape
    return x.reshape(_sizes(shape)), lambda g: g.reshape(before)


@op
def permute(x: Array, *dims: int) -> Result:
    """Return x with its axes in the order `dims`.

    >>> ones(2, 3, 4).permute(2, 0, 1).shape
    (4, 2, 3)
    """
    dims = _sizes(dims)
    return x.transpose(dims), lambda g: g.transpose(np.argsort([d % g.ndim for d in dims]))


@op
def transpose(x: Array, dim0: int, dim1: int) -> Result:
    """Return x with the axes dim0 and dim1 exchanged.

    >>> ones(2, 3, 4).transpose(1, 2).shape
    (2, 4, 3)
    """
    return x.swapaxes(dim0, dim1), lambda g: g.swapaxes(dim0, dim1)


@op
def expand(x: Array, *sizes: int) -> Result:
    """Return x repeated along axes of length 1 to `sizes`, without a copy; -1 keeps a length.

    >>> tensor([[1.0], [2.0]]).expand(2, 3)
    tensor([[1., 1., 1.],
            [2., 2., 2.]])
    """
    sizes = _sizes(sizes)
    new = len(sizes) - x.ndim
    return np.broadcast_to(x, [x.shape[i - new] if n == -1 else n for i, n in enumerate(sizes)]), lambda g: g


@op
def squeeze(x: Array, dim: int | None = None) -> Result:
    """Return x without its axes of length 1, or without the axis `dim` if its length is 1.

    >>> ones(2, 1, 3).squeeze(1).shape
    (2, 3)
    """
    before = x.shape
    return x if dim is not None and x.shape[dim] != 1 else np.squeeze(x, dim), lambda g: g.reshape(before)


@op
def unsqueeze(x: Array, dim: int) -> Result:
    """Return x with a new axis of length 1 at `dim`.

    >>> ones(2, 3).unsqueeze(1).shape
    (2, 1, 3)
    """
    return np.expand_dims(x, dim), lambda g: np.squeeze(g, dim)


@op
def flip(x: Array, *dims: int) -> Result:
    """Return x with the order along the axes `dims` reversed.

    >>> tensor([1, 2, 3]).flip(0)
    tensor([3, 2, 1])
    """
    dims = _sizes(dims)
    return np.flip(x, dims), lambda g: np.flip(g, dims)


@op
def pad(x: Array, pad: Sequence[int], value: float = 0.0) -> Result:
    """Return x with `value` around it: pad = (before, after) of the last axis, of the last but one, ….

    >>> tensor([1.0, 2.0]).pad((1, 2))
    tensor([0., 1., 2., 0., 0.])
    """
    widths = [(0, 0)] * (x.ndim - len(pad) // 2) + list(zip(pad[::2], pad[1::2], strict=True))[::-1]
    inner = tuple(slice(before, before + n) for (before, _), n in zip(widths, x.shape, strict=True))
    return np.pad(x, widths, constant_values=value), lambda g: g[inner]


@op
def tril(x: Array, diagonal: int = 0) -> Result:
    """Return the lower triangle of the last two axes of x, up to and with a diagonal; 0 elsewhere.

    >>> ones(2, 2).tril()
    tensor([[1., 0.],
            [1., 1.]])
    """
    return np.tril(x, diagonal), lambda g: np.tril(g, diagonal)


@op
def triu(x: Array, diagonal: int = 0) -> Result:
    """Return the upper triangle of the last two axes of x, from a diagonal on; 0 elsewhere.

    >>> ones(2, 2).triu(1)
    tensor([[0., 1.],
            [0., 0.]])
    """
    return np.triu(x, diagonal), lambda g: np.triu(g, diagonal)


@op
def _cat(*arrays: Array, dim: int) -> Result:
    ends = np.cumsum([a.shape[dim] for a in arrays]).tolist()
    pieces = [slice(end - a.shape[dim], end) for a, end in zip(arrays, ends, strict=True)]
    where = (slice(None),) * (dim % arrays[0].ndim)
    return np.concatenate(arrays, axis=dim), *(
        (lambda g, piece=piece: g[(*where, piece)]) for piece in pieces
    )


def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Return tensors joined along an axis `dim` that they have; all other lengths must agree.

    >>> cat([ones(1, 2), zeros(2, 2)]).shape
    (3, 2)
    """
    return _cat(*tensors, dim=dim)


def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Return tensors of one shape joined along a new axis `dim`.

    >>> stack([ones(2), zeros(2)])
    tensor([[1., 1.],
            [0., 0.]])
    """
    return cat([unsqueeze(x, dim) for x in tensors], dim)


def split(x: Tensor, size: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Return x cut along the axis `dim` into pieces of one size (the last may be shorter) or of those listed.

    Raises
    ------
    ValueError
        If the sizes listed do not add up to the axis.

    >>> [piece.shape for piece in ones(5, 2).split(2)]
    [(2, 2), (2, 2), (1, 2)]
    """
    n, before = x.shape[dim], (slice(None),) * (dim % x.ndim)
    sizes = [builtins.min(size, n - i) for i in range(0, n, size)] if isinstance(size, int) else list(size)
    if builtins.sum(sizes) != n:
        raise ValueError(
            f"split: sizes {sizes} add up to {builtins.sum(sizes)}, but axis {dim} has length {n}"
        )
    ends = np.cumsum(sizes).tolist()
    return tuple(x[(*before, slice(end - m, end))] for m, end in zip(sizes, ends, strict=True))


# ---- picking elements ------------------------------------------------------------------------------


def _add_slice(slot: Array, index: Any, g: Array) -> None:
    slot[index] += g


@op
def _getitem(x: Array, index: Any) -> Result:
    parts = index if isinstance(index, tuple) else (index,)
    # Only an integer array can name an element twice; then every use must be added.
    twice = any(isinstance(i, np.ndarray | list) and np.asarray(i).dtype != bool for i in parts)
    return x[index], lambda g: Into(index, g, np.add.at if twice else _add_slice)


def add_rows(slot: Array, rows: Array, g: Array) -> None:
    """Do slot[rows] += g where rows may repeat: sorted, so that equal rows are summed at one go.

    `np.add.at` says the same in one line and takes ten times as long.
    """
    order = np.argsort(rows, axis=None, kind="stable")
    sorted_rows, g = rows.reshape(-1)[order], g.reshape(rows.size, *slot.shape[1:])[order]
    starts = np.flatnonzero(np.diff(sorted_rows, prepend=-1))
    if starts.size:
        slot[sorted_rows[starts]] += np.add.reduceat(g, starts)


@op
def gather(x: Array, dim: int, index: Array) -> Result:
    """Return, for dim = 1, out[i, j] = x[i, index[i, j]]: from each row its own columns.

    >>> gather(tensor([[1.0, 2.0], [3.0, 4.0]]), 1, tensor([[1], [0]]))
    tensor([[2.],
            [3.]])
    """
    at: list[Any] = list(np.indices(index.shape, sparse=True))
    at[dim] = index
    return x[tuple(at)], lambda g: Into(tuple(at), g, np.add.at)


@op
def one_hot(index: Array, num_classes: int) -> Result:
    """Return `index` with a new last axis that is 1 at the index and 0 elsewhere, as int64; no gradient.

    Raises
    ------
    ValueError
        For an index that is not an integer from 0 to num_classes - 1.

    >>> one_hot(tensor([0, 2]), 3)
    tensor([[1, 0, 0],
            [0, 0, 1]])
    """
    check_classes(index, num_classes)
    return ((index[..., None] == np.arange(num_classes)).astype(np.int64),)


def check_classes(index: Array, count: int, what: str = "class index") -> None:
    """Raise unless `index` holds integers from 0 to count - 1."""
    if index.dtype.kind not in "iu":
        raise Explained(
            f"{what} must be integers, not {index.dtype}; use .to(mini_dl.int64), or argmax for one-hot rows"
        )
    if index.size and not 0 <= index.min() <= index.max() < count:
        wrong = index[(index < 0) | (index >= count)].flat[0]
        raise Explained(f"{what} {wrong} is out of range: there are {count}, numbered 0 to {count - 1}")


def to(x: Tensor, dtype: Any) -> Tensor:
    """Return the elements of x as another NumPy type, `dtype`.

    >>> tensor([1.9, -1.9]).to(int64)
    tensor([ 1, -1])
    """
    array = x._data.astype(dtype)
    if x.requires_grad and mode.recording and array.dtype.kind == "f":
        return wrap(array, "to", [x], [lambda g: g])
    return wrap(array)


# ---- products --------------------------------------------------------------------------------------


@op
def matmul(x: Array, y: Array) -> Result:
    """Return the matrix product x @ y, for all ranks as in NumPy.

    Parameters
    ----------
    x, y
        Shapes (..., n, k) and (..., k, m) give (..., n, m), with the axes in front broadcast; an
        operand of one axis is a row on the left, a column on the right.

    Raises
    ------
    ValueError
        If the inner sizes k differ, or an operand has no axes.

    >>> tensor([[1.0, 2.0]]) @ tensor([3.0, 4.0])
    tensor([11.])
    """
    if not (x.ndim and y.ndim) or x.shape[-1] != y.shape[y.ndim > 1 and -2]:
        raise Explained(_inner_sizes(x.shape, y.shape))
    out = np.matmul(x, y)
    # As matrices: a vector on the left becomes one row, on the right one column.
    rows, cols = (x[None] if x.ndim == 1 else x), (y[:, None] if y.ndim == 1 else y)

    def grown(g: Array) -> Array:
        g = g[..., None] if y.ndim == 1 else g
        return g[..., None, :] if x.ndim == 1 else g

    def vjp_x(g: Array) -> Array:
        gx = grown(g) @ cols.swapaxes(-1, -2)
        return gx[..., 0, :] if x.ndim == 1 else gx

    def vjp_y(g: Array) -> Array:
        # One matrix for all: a single product over all rows, not one for each and then a sum.
        g, one = grown(g), cols.ndim == 2
        gy = as_matrix(rows).T @ as_matrix(g) if one else rows.swapaxes(-1, -2) @ g
        return gy[..., 0] if y.ndim == 1 else gy

    return out, vjp_x, vjp_y


def as_matrix(x: Array) -> Array:
    """Return x with all axes but the last in one."""
    return x if x.ndim == 2 else x.reshape(math.prod(x.shape[:-1]), x.shape[-1])


def _inner_sizes(x: tuple[int, ...], y: tuple[int, ...]) -> str:
    if not (x and y):
        return f"{x} @ {y}: a tensor without axes has no matrix product; use *"
    inner = y[-2] if len(y) > 1 else y[0]
    hint = "did you mean w.T on the right?" if y[-1] == x[-1] else "check the shapes; .reshape or .T may help"
    return f"{x} @ {y}: inner sizes {x[-1]} and {inner} differ; {hint}"


@op
def _einsum(*arrays: Array, subscripts: str) -> Result:
    left, _, result = subscripts.replace(" ", "").partition("->")
    if "->" not in subscripts:  # NumPy's rule: the letters that occur once, in alphabetical order
        once = sorted(c for c in set(left) - {",", "."} if left.count(c) == 1)
        result = "".join(["..."[: left.count(".")], *once])
    # The axes of "..." get letters, too; as in broadcasting, the last letter is that of the last such axis.
    terms, spare = left.split(","), "".join(c for c in string.ascii_letters if c not in left)
    if len(terms) != len(arrays):
        raise Explained(f"{subscripts!r} names {len(terms)} tensors, but {len(arrays)} were given")
    unnamed = [a.ndim - len(term.replace("...", "")) for term, a in zip(terms, arrays, strict=True)]
    most = builtins.max(0, *unnamed)
    terms = [term.replace("...", spare[most - n : most]) for term, n in zip(terms, unnamed, strict=True)]
    result = result.replace("...", spare[:most])
    out = np.einsum(",".join(terms) + "->" + result, *arrays, optimize=len(arrays) > 1)
    sizes: dict[str, int] = {}
    for term, a in zip(terms, arrays, strict=True):
        sizes |= {c: n for c, n in zip(term, a.shape, strict=True) if sizes.get(c, 1) == 1}

    def vjp(i: int) -> Callable[[Array], Array]:
        mine = "".join(dict.fromkeys(terms[i]))  # each letter once
        others = [(t, a) for j, (t, a) in enumerate(zip(terms, arrays, strict=True)) if j != i]
        lost = set(mine) - set(result).union(
            *(t for t, _ in others)
        )  # letters summed over in this term alone
        others += [(c, np.ones(sizes[c], arrays[i].dtype)) for c in lost]
        rule = ",".join([result, *(t for t, _ in others)]) + "->" + mine

        def vjp(g: Array) -> Array:
            gradient = np.zeros([sizes[c] for c in terms[i]], g.dtype)
            # einsum gives a view: writing to it reaches the diagonal of a term such as "ii".
            np.einsum(f"{terms[i]}->{mine}", gradient)[...] = np.einsum(
                rule, g, *(a for _, a in others), optimize=True
            )
            return gradient

        return vjp

    return out, *(vjp(i) for i in range(len(arrays)))


def einsum(subscripts: str, *tensors: Tensor) -> Tensor:
    """Return products of tensors summed over named axes: all that the result, after ->, does not name.

    In `subscripts`, "..." stands for any further axes, which broadcast.

    Raises
    ------
    ValueError
        If the subscripts do not fit the tensors' number or shapes.

    >>> einsum("ij,j->i", ones(2, 3), ones(3))
    tensor([3., 3.])
    """
    return _einsum(*tensors, subscripts=subscripts)


# ---- methods and operators of Tensor ---------------------------------------------------------------


def _without_gradient(name: str, function: Callable[..., Any], doc: str = "") -> Callable[..., Tensor]:
    """Make an op that gives truth values, so has no gradient."""

    def comparison(*arrays: Any) -> Result:
        return (function(*arrays),)

    comparison.__name__, comparison.__doc__ = name, doc
    return op(comparison)


for _name in set(__all__) - {"cat", "stack", "einsum", "one_hot", "where"}:
    setattr(Tensor, _name, globals()[_name])
for _name, _f in {"add": add, "sub": sub, "mul": mul, "truediv": div, "pow": pow, "matmul": matmul}.items():
    setattr(Tensor, f"__{_name}__", _f)
    setattr(Tensor, f"__r{_name}__", lambda x, y, f=_f: f(y, x))
for _name in ("eq", "ne", "lt", "le", "gt", "ge", "and_", "or_", "invert"):
    setattr(Tensor, f"__{_name.strip('_')}__", _without_gradient(_name, getattr(operator, _name)))
for _name, _doc in {
    "all": "Return whether all elements are true.",
    "any": "Return whether any element is true.",
    "isnan": "Return for each element whether it is NaN.",
    "floor": "Return for each element the largest whole number that is not above it.",
}.items():
    setattr(Tensor, _name, _without_gradient(_name, getattr(np, _name), _doc))
setattr(Tensor, "graph", debug.graph)  # noqa: B010
for _name, _f in {"neg": neg, "abs": abs, "getitem": _getitem}.items():
    setattr(Tensor, f"__{_name}__", _f)


def _write(x: Tensor, write: Callable[[], Any], value: Any) -> None:
    """Change x in place; not while a gradient is being recorded through it."""
    if mode.recording and any(isinstance(t, Tensor) and t.requires_grad for t in (x, value)):
        raise RuntimeError(
            "in-place change of a tensor while its gradient is recorded: do it inside `with no_grad():`, "
            "or build a new tensor with where(), cat() or x = x + y"
        )
    write()
    changed(x._data)


def _setitem(x: Tensor, index: Any, value: Any) -> None:
    at = unwrap(index)
    _write(x, lambda: x._data.__setitem__(at, unwrap(value)), value)


def _in_place(function: Callable[..., Tensor], ufunc: np.ufunc) -> Callable[..., Tensor]:
    def change(x: Tensor, y: Any) -> Tensor:
        if mode.recording and x._vjps is not None:  # made by an operation: x += y means x = x + y
            return function(x, y)
        _write(x, lambda: ufunc(x._data, unwrap(y), out=x._data, casting="same_kind"), y)
        return x

    return change


setattr(Tensor, "__setitem__", _setitem)  # noqa: B010
for _name, _f, _ufunc in (
    ("add", add, np.add),
    ("sub", sub, np.subtract),
    ("mul", mul, np.multiply),
    ("truediv", div, np.true_divide),
):
    setattr(Tensor, f"__i{_name}__", _in_place(_f, _ufunc))

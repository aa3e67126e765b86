"""Making tensors, and the random numbers behind them."""

from __future__ import annotations

from typing import Any

import numpy as np

from mini_dl.tensor import Tensor, unwrap, wrap

__all__ = ["arange", "bool_", "eye", "float32", "float64", "from_numpy", "full", "int64", "manual_seed"]
__all__ += ["ones", "ones_like", "rand", "randn", "tensor", "zeros", "zeros_like"]

float32, float64, int64, bool_ = np.float32, np.float64, np.int64, np.bool_


class _Random:
    generator = np.random.default_rng()


random = _Random()


def manual_seed(seed: int) -> None:
    """Start the engine's random numbers (initial weights, dropout, shuffling) at a place named by seed.

    >>> _ = manual_seed(0)
    >>> a = randn(2); manual_seed(0); (randn(2) == a).all()
    tensor(True)
    """
    random.generator = np.random.default_rng(seed)


def tensor(data: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a tensor with a copy of data: numbers, nested lists or an array; see `Tensor`.

    >>> tensor([[1, 2], [3, 4]])
    tensor([[1, 2],
            [3, 4]])
    """
    return Tensor(data, dtype, requires_grad)


def from_numpy(array: np.ndarray) -> Tensor:
    """Return a tensor on the memory of `array`, without a copy.

    >>> from_numpy(np.zeros(2))
    tensor([0., 0.], dtype=float64)
    """
    return wrap(array)


def _made(array: Any, dtype: Any, requires_grad: bool) -> Tensor:
    made = wrap(np.asarray(array, dtype))
    made.requires_grad = requires_grad
    return made


def _shape(sizes: tuple[Any, ...]) -> tuple[int, ...]:
    return tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], tuple | list) else sizes


def full(size: Any, value: float, dtype: Any = float32, requires_grad: bool = False) -> Tensor:
    """Return a tensor of shape `size` with one value everywhere.

    >>> full((2, 2), 7.0)
    tensor([[7., 7.],
            [7., 7.]])
    """
    return _made(np.full(size, value, dtype), dtype, requires_grad)


def zeros(*size: Any, dtype: Any = float32, requires_grad: bool = False) -> Tensor:
    """Return zeros of shape `size`, given as `zeros(2, 3)` or `zeros((2, 3))`.

    >>> zeros(2)
    tensor([0., 0.])
    """
    return full(_shape(size), 0, dtype, requires_grad)


def ones(*size: Any, dtype: Any = float32, requires_grad: bool = False) -> Tensor:
    """Return ones of shape `size`.

    >>> ones(2)
    tensor([1., 1.])
    """
    return full(_shape(size), 1, dtype, requires_grad)


def zeros_like(x: Tensor, dtype: Any = None) -> Tensor:
    """Return zeros of the shape and type of x.

    >>> zeros_like(tensor([1, 2]))
    tensor([0, 0])
    """
    return wrap(np.zeros_like(unwrap(x), dtype))


def ones_like(x: Tensor, dtype: Any = None) -> Tensor:
    """Return ones of the shape and type of x.

    >>> ones_like(tensor([3.0, 4.0]))
    tensor([1., 1.])
    """
    return wrap(np.ones_like(unwrap(x), dtype))


def randn(*size: Any, dtype: Any = float32, requires_grad: bool = False) -> Tensor:
    """Return random numbers, normal with mean 0 and variance 1, in shape `size`.

    >>> randn(2, 3).shape
    (2, 3)
    """
    return _made(random.generator.standard_normal(_shape(size)), dtype, requires_grad)


def rand(*size: Any, dtype: Any = float32, requires_grad: bool = False) -> Tensor:
    """Return random numbers, uniform from 0 to 1, in shape `size`.

    >>> bool((rand(100) < 1).all())
    True
    """
    return _made(random.generator.random(_shape(size), float32), dtype, requires_grad)


def arange(*start_stop_step: float, dtype: Any = None) -> Tensor:
    """Return numbers from start (0) to before stop in steps (1): start_stop_step; int64 if all are whole.

    >>> arange(1, 4)
    tensor([1, 2, 3])
    """
    return Tensor(np.arange(*start_stop_step).tolist() or np.arange(0), dtype)


def eye(n: int, m: int | None = None, dtype: Any = float32) -> Tensor:
    """Return a matrix of n rows and m columns (as many) with ones on the diagonal.

    >>> eye(2)
    tensor([[1., 0.],
            [0., 1.]])
    """
    return wrap(np.eye(n, m, dtype=dtype))

"""Long chains of element-wise work, done in pieces that stay in the processor's cache."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np

BLOCK = 1 << 15  # elements: 128 kB of float32, a part of the second-level cache


def blocks(rows: int, row_size: int = 1) -> Iterator[slice]:
    """Return slices that cut `rows` rows of `row_size` elements into pieces of about BLOCK elements.

    >>> [(s.start, s.stop) for s in blocks(70000)]
    [(0, 32768), (32768, 65536), (65536, 70000)]
    """
    step = max(1, BLOCK // max(1, row_size))
    return (slice(i, min(i + step, rows)) for i in range(0, rows, step))


def in_blocks(*arrays: np.ndarray) -> Iterable[tuple[np.ndarray, ...]]:
    """Return pieces, at the same places, of arrays of one shape; views, so that they can be changed in place.

    >>> for x, y in in_blocks(np.zeros(70000), np.ones(70000)):
    ...     print(x.shape, y.shape)
    (32768,) (32768,)
    (32768,) (32768,)
    (4464,) (4464,)
    """
    if arrays[0].size <= BLOCK or not all(a.flags.c_contiguous for a in arrays):
        return (arrays,)
    flat = [a.reshape(-1) for a in arrays]
    return (tuple(a[s] for a in flat) for s in blocks(arrays[0].size))


@lru_cache(maxsize=16)
def ones_row(n: int, dtype: np.dtype) -> np.ndarray:
    """Return n ones; made once and kept, because making them costs more than the sum does."""
    return np.ones(n, dtype)


def sum_rows(x: np.ndarray) -> np.ndarray:
    """Return the sum over axis 0 of a matrix x, as a product with ones: for few columns NumPy's fastest way.

    >>> sum_rows(np.ones((4, 2)))
    array([4., 4.])
    """
    return ones_row(len(x), x.dtype).dot(x)


def sum_last(x: np.ndarray) -> np.ndarray:
    """Return the sum over the last axis of x, kept with length 1, as a product with ones: many times faster.

    >>> sum_last(np.ones((2, 3, 4))).shape
    (2, 3, 1)
    """
    return (x @ ones_row(x.shape[-1], x.dtype))[..., None]

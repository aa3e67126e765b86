"""Types of numbers, as PyTorch chooses them: float32 unless float64 is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def numbers(data: Any, dtype: Any, requires_grad: bool) -> np.ndarray:
    """Copy data into an array; TypeError unless these are numbers, and floats if they need a gradient."""
    array = np.array(data, dtype=dtype)
    if dtype is None and array.dtype == np.float64 and not isinstance(data, np.ndarray | np.generic):
        array = array.astype(np.float32)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"tensor: data of type {array.dtype} are not real numbers; convert them first")
    if requires_grad and array.dtype.kind != "f":
        raise TypeError(
            f"tensor: only float tensors have gradients, not {array.dtype}; pass dtype=mini_dl.float32"
        )
    return array


def as_pytorch(result: np.ndarray, inputs: list[Any], again: Callable[..., np.ndarray]) -> np.ndarray:
    """Make a float result float32 unless an input has its type: NumPy widens float32 with integers."""
    arrays = [a for a in inputs if isinstance(a, np.ndarray)]
    if any(a.dtype == result.dtype for a in arrays):
        return result
    if result.dtype == np.float16:  # NumPy's choice for a function of 8-bit integers: too coarse
        result = again(*(a.astype(np.float32) if isinstance(a, np.ndarray) else a for a in inputs))
    return np.asarray(result, np.float32)

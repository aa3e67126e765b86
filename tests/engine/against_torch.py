"""One operation in mini_dl and in PyTorch on the same input: forward and all gradients must agree."""
# ruff: noqa: E501

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

import mini_dl
from mini_dl import Tensor
from tests.engine.cases import counts

Array = np.ndarray
LAYOUTS = ("plain", "transposed", "strided", "reversed")


def lay_out(array: Array, layout: str) -> Array:
    """Return an equal array that lies differently in memory."""
    if layout == "transposed":
        return array.T.copy(order="C").T
    if layout == "strided" and array.ndim:
        return np.repeat(array, 2, axis=-1)[..., ::2]
    if layout == "reversed" and array.ndim:
        return array[::-1].copy()[::-1]
    return array


def tolerance(dtype: Any) -> float:
    return 1e-9 if np.dtype(dtype) == np.float64 else 3e-5


def assert_close(ours: Any, theirs: Any, what: str, tol: float | None = None) -> None:
    a, b = np.asarray(ours), np.asarray(theirs)
    assert a.shape == b.shape, f"{what}: shape {a.shape}, PyTorch {b.shape}"
    assert a.dtype == b.dtype, f"{what}: type {a.dtype}, PyTorch {b.dtype}"
    if a.dtype.kind != "f":
        np.testing.assert_array_equal(a, b, err_msg=what)
        return
    tol = tolerance(a.dtype) if tol is None else tol
    scale = max(1.0, float(np.max(np.abs(b[np.isfinite(b)]), initial=0)))
    np.testing.assert_allclose(a, b, rtol=tol, atol=tol * scale, err_msg=what)


def results(out: Any) -> list[Any]:
    return list(out) if isinstance(out, tuple | list) else [out]


def compare(
    ours: Callable[..., Any],
    theirs: Callable[..., Any],
    arrays: Sequence[Any],
    *,
    layout: str = "plain",
    check_gradients: bool = True,
    tol: float | None = None,
) -> None:
    """Give both the same arrays (floats get gradients); compare outputs, types and gradients."""
    counts["PyTorch"] += 1
    mine, other = [], []
    for a in arrays:
        if not isinstance(a, np.ndarray):
            mine.append(a)
            other.append(a)
            continue
        wanted = check_gradients and a.dtype.kind == "f"
        x = mini_dl.from_numpy(lay_out(a.copy(), layout))
        x.requires_grad = wanted
        mine.append(x)
        other.append(torch.tensor(a, requires_grad=wanted))
    outs, refs = results(ours(*mine)), results(theirs(*other))
    assert len(outs) == len(refs)
    rng = np.random.default_rng(len(arrays))
    loss, ref_loss = None, None
    for i, (out, ref) in enumerate(zip(outs, refs, strict=True)):
        assert_close(out, ref.detach(), f"output {i}", tol)
        if ref.requires_grad:
            assert out.requires_grad, f"output {i} has lost its gradient"
            weights = rng.standard_normal(out.shape).astype(out.dtype)
            with np.errstate(all="ignore"):
                part, ref_part = (out * mini_dl.tensor(weights)).sum(), (ref * torch.tensor(weights)).sum()
            loss, ref_loss = (part, ref_part) if loss is None else (loss + part, ref_loss + ref_part)
    if loss is None:
        return
    loss.backward()
    ref_loss.backward()
    for i, (x, ref) in enumerate(zip(mine, other, strict=True)):
        if isinstance(x, Tensor) and x.requires_grad:
            expected = torch.zeros_like(ref) if ref.grad is None else ref.grad
            got = np.zeros_like(x.data) if x.grad is None else x.grad
            assert_close(got, expected, f"gradient of input {i}", tol)


def differences(ours: Callable[..., Any], arrays: Sequence[Any]) -> None:
    """Compare our gradients with finite differences, in float64."""
    counts["finite differences"] += 1
    inputs = []
    for a in arrays:
        if isinstance(a, np.ndarray):
            floats = a.dtype.kind == "f"
            a = mini_dl.tensor(a.astype(np.float64) if floats else a, requires_grad=floats)
        inputs.append(a)
    assert mini_dl.autograd.gradcheck(lambda *x: results(ours(*x))[0], inputs, atol=1e-6, rtol=1e-4)


# ---- what hypothesis draws -------------------------------------------------------------------------

dtypes = st.sampled_from([np.float32, np.float64])
layouts = st.sampled_from(LAYOUTS)
seeds = st.integers(0, 2**32 - 1)


def shapes(min_dims: int = 0, max_dims: int = 4, min_side: int = 0, max_side: int = 4) -> Any:
    side = st.integers(min_side, max_side)
    return (
        st.lists(side, min_size=min_dims, max_size=max_dims).map(tuple).filter(lambda s: math.prod(s) <= 96)
    )


def values(seed: int, shape: Sequence[int], dtype: Any, kind: str = "normal") -> Array:
    """Draw an array: `normal`, `positive`, `unit` (inside ±0.9), `ties` (few different values), `wild` (±inf, 0)."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(shape)
    if kind == "positive":
        x = np.abs(x) + 0.1
    elif kind == "unit":
        x = 0.9 * np.tanh(x)
    elif kind == "ties":
        x = np.round(x)
    elif kind == "large":
        x = 30 * x
    elif kind == "wild":
        x = np.where(rng.random(shape) < 0.3, rng.choice([np.inf, -np.inf, 0.0], shape), x)
    return np.asarray(x, dtype)


def stretched(draw: Any, shape: Sequence[int]) -> tuple[int, ...]:
    """Draw a shape that broadcasts to `shape`: some axes of length 1, some left out in front."""
    kept = [draw(st.booleans()) for _ in shape]
    sizes = [n if keep else 1 for n, keep in zip(shape, kept, strict=True)]
    return tuple(sizes[draw(st.integers(0, len(sizes))) :]) if sizes else ()

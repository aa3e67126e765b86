"""Scaled dot-product attention as one operation."""

from __future__ import annotations

from typing import Any

import numpy as np

from mini_dl.autograd import Array
from mini_dl.errors import Explained
from mini_dl.nn.blocks import sum_last
from mini_dl.tensor import Result, fused


@fused
def scaled_dot_product_attention(
    query: Array, key: Array, value: Array, attn_mask: Array | None = None, is_causal: bool = False
) -> Result:
    """Return softmax(query @ keyᵀ / √d) @ value: each query's mixture of the values it attends to.

    Fused, only the attention weights are kept for the way back, and scores are worked on in place.

    Parameters
    ----------
    query
        (..., T, d)
    key
        (..., S, d)
    value
        (..., S, e); the result has shape (..., T, e).
    attn_mask
        Broadcasts to (..., T, S): True where a query may look; or floats that are added to the scores.
    is_causal
        Query t sees keys 0 to t only.

    Raises
    ------
    ValueError
        If the shapes do not fit, or both attn_mask and is_causal are given.

    Vaswani et al. (2017), *Attention is all you need*.

    >>> x = ones(1, 3, 2)
    >>> scaled_dot_product_attention(x, x, x, is_causal=True).shape
    (1, 3, 2)
    """
    (t, d), s = query.shape[-2:], key.shape[-2]
    if key.shape[-1] != d or value.shape[-2] != s:
        raise Explained(
            f"query {query.shape}, key {key.shape}, value {value.shape}: query and key must agree "
            "in the last axis, "
            "key and value in the last but one"
        )
    if attn_mask is not None and is_causal:
        raise Explained("give attn_mask or is_causal, not both")
    scale = d**-0.5
    p = (query * scale) @ key.swapaxes(-1, -2)
    if is_causal:
        p += _as_scores(np.tri(t, s, dtype=bool), p.dtype)
    if attn_mask is not None:
        p = p + _as_scores(attn_mask, p.dtype)
    top = p.max(axis=-1, keepdims=True, initial=-np.inf)
    p -= np.where(np.isfinite(top), top, 0)
    np.exp(p, out=p)
    total = sum_last(p)
    p /= np.where(total == 0, 1, total)  # a query that may look nowhere gets zeros
    additive = attn_mask is not None and attn_mask.dtype != bool

    def vjp(g: Array) -> tuple[Any, ...]:
        gv = _product(p.swapaxes(-1, -2), g)
        gs = g @ value.swapaxes(-1, -2)
        gs *= p
        gs -= p * sum_last(gs)
        gq, gk = _product(gs, key), _product(gs.swapaxes(-1, -2), query)
        gq *= scale
        gk *= scale
        return gq, gk, gv, gs if additive else None

    return _product(p, value), vjp


def _as_scores(mask: Array, dtype: np.dtype) -> Array:
    """Return what is added to the scores: -inf where a mask of truth values says no."""
    return np.where(mask, 0, -np.inf).astype(dtype) if mask.dtype == bool else mask


def _product(x: Array, y: Array) -> Array:
    """Return x @ y for (…, heads, time, width), in memory as (…, time, heads, width).

    So lie the vectors that the heads are cut from: joining them again needs no copy.
    """
    *front, t, width = *np.broadcast_shapes(x.shape[:-2], y.shape[:-2]), x.shape[-2], y.shape[-1]
    if not front:
        return x @ y
    out = np.empty((*front[:-1], t, front[-1], width), x.dtype).swapaxes(-2, -3)
    return np.matmul(x, y, out=out)

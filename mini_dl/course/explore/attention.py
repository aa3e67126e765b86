"""Recorded queries and keys of attention heads; the weights are computed in the browser."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import traitlets

from mini_dl.course.explore.base import Explorable, source

Layer = tuple[str, str, np.ndarray, np.ndarray]


class Attention(Explorable):
    """A table of attention weights for one text, layer and head, with scaling and temperature to choose."""

    _esm = source("attention.js")
    text = "Interactive figure: where each attention head looks, with its scaling and temperature to choose"

    # of {"name", "layers"}: layers of {"name", "rows", "columns", "queries", "keys", "causal"},
    # queries and keys as lists (heads, places, width)
    texts: traitlets.List = traitlets.List().tag(sync=True)
    chosen = traitlets.Int(0).tag(sync=True)
    layer = traitlets.Int(0).tag(sync=True)
    head = traitlets.Int(0).tag(sync=True)
    row = traitlets.Int(0).tag(sync=True)
    scaled = traitlets.Bool(True).tag(sync=True)
    temperature = traitlets.Float(1.0).tag(sync=True)


def attention(texts: Mapping[str, Mapping[str, Layer]], causal: Collection[str] = ()) -> Attention:
    """Return the explorable of attention heads.

    Parameters
    ----------
    texts : mapping
        Name of a text to its layers. Each layer's name leads to four things: the characters that ask (one for
        each query), the characters that are asked (one for each key), the queries (heads, T, d) and the keys
        (heads, S, d). All texts have the same layers, and all layers the same number of heads.
    causal : collection of str
        Names of the layers in which a query sees its own place and those before it only.

    Raises
    ------
    ValueError
        If there is nothing to show, or shapes, characters or names do not fit; names the text and layer.

    Examples
    --------
    >>> eye = np.eye(2)[None]
    >>> attention({"ab": {"first": ("ab", "ab", eye, eye)}}).texts[0]["layers"][0]["rows"]
    ['a', 'b']
    """
    shown: list[dict[str, Any]] = []
    for name, layers in texts.items():
        shown.append({"name": name, "layers": [_layer(name, at, *layers[at], causal) for at in layers]})
    kinds = {tuple((one["name"], len(one["queries"])) for one in text["layers"]) for text in shown}
    if not shown or not shown[0]["layers"]:
        raise ValueError("attention: nothing to show; pass {text: {layer: (rows, columns, queries, keys)}}")
    if len(kinds) > 1 or len({heads for _, heads in next(iter(kinds))}) > 1:
        raise ValueError(f"attention: texts or layers differ in layers or heads: {sorted(kinds)}")
    missing = set(causal) - {at for at, _ in next(iter(kinds))}
    if missing:
        raise ValueError(f"attention: causal names {sorted(missing)}, which is no layer")
    return Attention(texts=shown)


def _layer(
    text: str, name: str, rows: str, columns: str, queries: Any, keys: Any, causal: Collection[str]
) -> dict[str, Any]:
    """Return one layer as the browser takes it."""
    q, k = np.asarray(queries, dtype=float), np.asarray(keys, dtype=float)
    heads, d = (q.shape[0], q.shape[-1]) if q.ndim == 3 else (0, 0)
    if q.shape != (heads, len(rows), d) or k.shape != (heads, len(columns), d):
        raise ValueError(
            f"attention: {text!r}, {name!r}: queries {q.shape} and keys {k.shape} do not fit {len(rows)} and"
            f" {len(columns)} characters; give (heads, T, d) and (heads, S, d)"
        )
    if not (np.isfinite(q).all() and np.isfinite(k).all()):
        raise ValueError(f"attention: {text!r}, {name!r}: queries or keys hold NaN or infinity")
    if name in causal and len(rows) != len(columns):
        raise ValueError(f"attention: {text!r}, {name!r} is causal, but has other rows than columns")
    return {
        "name": name,
        "rows": list(rows),
        "columns": list(columns),
        "queries": q.round(2).tolist(),
        "keys": k.round(2).tolist(),
        "causal": name in causal,
    }

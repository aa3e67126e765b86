"""Data that changes under a gradient's feet, noticed.

A vjp keeps arrays from the forward pass. If one of them is changed in place before the walk back, the
gradient would be silently wrong. So changes are noted with their time, and a node that is older than the
last change looks whether an array that its vjps keep was changed after the node was made. In the usual
training loop no node is, so this costs one comparison of two integers for each node.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

Array = np.ndarray
clock = itertools.count()  # numbers nodes and in-place changes in the order in which they happen


class _LastChange:
    time = -1


last_change = _LastChange()
_changes: dict[int, int] = {}  # id of the array that owns the memory -> time of its last change


def changed(*arrays: Array) -> None:
    """Note that these arrays have been written to: by `+=`, `x[i] = …` or an optimiser."""
    last_change.time = now = next(clock)
    for array in arrays:
        # Once an array is gone, a later one may get its id. Nodes that keep that one are newer than `now`.
        _changes[id(array if array.base is None else _owner(array))] = now


def _owner(array: Array) -> Array:
    while isinstance(array.base, np.ndarray):  # a view: its memory belongs to another array
        array = array.base
    return array


def check_unchanged(vjps: Any, inputs: Sequence[Any], op: str, order: int) -> None:
    """Raise RuntimeError if an array that the vjps of a node keep was changed since the node was made."""
    if type(vjps) is list:  # only those that will be used
        vjps = [vjp for x, vjp in zip(inputs, vjps, strict=False) if x is not None]
    for array in _kept(vjps):
        if _changes.get(id(_owner(array)), -1) > order:
            raise RuntimeError(
                f"backward: '{op}' needs an array of shape {array.shape} as it was in the forward pass, but "
                "it was changed in place since (by +=, x[...] = or optimizer.step()). Change it after "
                "backward(), or change a copy: x = x + 1 instead of x += 1"
            )


def _kept(thing: Any) -> Iterator[Array]:
    """Yield the arrays that a vjp keeps from the forward pass: the variables it closes over."""
    if isinstance(thing, np.ndarray):
        yield thing
    elif isinstance(thing, list | tuple):
        for part in thing:
            yield from _kept(part)
    else:
        for cell in getattr(thing, "__closure__", None) or ():
            yield from _kept(cell.cell_contents)

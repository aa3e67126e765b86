"""How gradients find their way back: the walk through a recorded computation.

Every operation on tensors leaves a *node* behind. It holds the result, the nodes it was made
from, and for each of those a function that turns "gradient of the loss with respect to my result"
into "gradient of the loss with respect to this input": the vector-Jacobian product, or vjp. It is
one factor of the chain rule. `backward` starts at the loss and applies these functions from the
newest node to the oldest. Nothing else happens in this file.

Three things make it both short and fast:

* Nodes are numbered as they are made. A node's gradient can only come from nodes made after it, so
  taking the newest first is a right order, with no search through the graph and no recursion.
* A node is let go as soon as it has passed its gradient on, and with it the arrays that its vjp
  kept. Nothing is left for the garbage collector, and memory stays flat in a training loop.
* The first gradient that reaches a node is written into its slot; only further ones are added.

Gradients are plain NumPy arrays and the vjps are plain NumPy code, so a gradient is not itself
recorded: there are no second derivatives. Recording them would ask every vjp to be written in
tensor operations, which is slower for every first derivative and harder to read.

Source: S. Linnainmaa, *The representation of the cumulative rounding error of an algorithm* (1970);
D. Rumelhart, G. Hinton, R. Williams, *Learning representations by back-propagating errors* (1986).
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

Array = np.ndarray
clock = itertools.count()  # numbers nodes and in-place changes in the order in which they happen


class Node:
    """One array in a computation, and how it was made."""

    __slots__ = ("_data", "_grad", "_inputs", "_op", "_order", "_owns_grad", "_vjps", "requires_grad")
    _data: Array
    _grad: Array | None  # the slot: gradient of the loss with respect to _data
    _owns_grad: bool  # is the slot's array ours alone, so that adding in place is safe?
    _inputs: Sequence[Node | None]  # what it was made from; None for an input that needs no gradient
    _vjps: Any  # one vjp per input, or one function for all; None in a leaf, FREED after the walk
    _op: str
    _order: int
    requires_grad: bool


class Into:
    """A gradient that is zero everywhere but at `index`.

    Slicing gives one of these back. Adding it at its place, rather than a whole array of zeros with a
    few numbers in it, keeps a loop over the T slices of a sequence linear in T.
    """

    def __init__(self, index: Any, gradient: Array, add: Callable[[Array, Any, Array], None]) -> None:
        self.index, self.gradient, self.add = index, gradient, add


class _Mode:
    recording = True
    check: Callable[[Any, str, Sequence[Any]], None] | None = None  # set by detect_anomaly


mode = _Mode()
FREED = ()


def backward(root: Node, gradient: Array) -> None:
    """Add to every leaf's slot the gradient of `root`, weighted by `gradient`, and free the graph.

    Parameters
    ----------
    root
        Where to start, usually the loss.
    gradient
        An array of the shape of `root`; all ones for "the sum of its elements".

    Raises
    ------
    RuntimeError
        If a part of the graph was walked before, or an array that it needs was changed since.
    """
    _deliver(root, gradient, gradient)
    newest_first = [(-root._order, root)] if root._vjps is not None else []
    while newest_first:
        _, node = heapq.heappop(newest_first)
        vjps, inputs, g = node._vjps, node._inputs, node._grad
        if vjps is FREED:
            raise RuntimeError(
                f"backward: the graph behind '{node._op}' was walked before and freed. Compute the loss again "
                "before each backward(); for two losses, call (loss1 + loss2).backward() once"
            )
        if node._order < last_change.time:
            _check_unchanged(node)
        node._vjps, node._inputs, node._grad = FREED, (), None
        if callable(vjps):  # a fused op: one function gives the gradients of all inputs
            gradients = vjps(g)
        else:
            gradients = [None if x is None else vjp(g) for x, vjp in zip(inputs, vjps, strict=False)]
        for x, gx in zip(inputs, gradients, strict=False):
            if x is not None and gx is not None:
                if mode.check is not None:
                    mode.check(gx, f"the gradient of '{node._op}'", [g])
                if x._grad is None and x._vjps is not None:
                    heapq.heappush(newest_first, (-x._order, x))
                _deliver(x, gx, g)


def _deliver(node: Node, g: Any, source: Any) -> None:
    """Write gradient g into the node's slot, or add it to what is there. g was made from `source`."""
    data = node._data
    if isinstance(g, Into):
        if node._grad is None:
            node._grad, node._owns_grad = np.zeros_like(data), True
        elif not node._owns_grad:
            node._grad, node._owns_grad = node._grad.copy(), True
        g.add(node._grad, g.index, g.gradient)
        return
    # A vjp gives back a new array, `source` itself, or a view; only a new one is ours to write to.
    fresh = g is not source and g.base is None
    if g.shape != data.shape:
        g = unbroadcast(g, data.shape)
    if g.dtype != data.dtype:
        g, fresh = g.astype(data.dtype), True
    if node._grad is None:
        if not fresh and node._vjps is None:  # a leaf keeps its gradient, so nobody else may hold it
            g, fresh = g.copy(), True
        node._grad, node._owns_grad = np.asarray(g), fresh
    elif node._owns_grad:
        node._grad += g
    else:
        node._grad, node._owns_grad = np.asarray(node._grad + g), True


def unbroadcast(g: Array, shape: tuple[int, ...]) -> Array:
    """Sum g over the axes along which an array of `shape` was stretched by broadcasting.

    Where one number was used many times, its gradient is the sum over all the uses.

    >>> unbroadcast(np.ones((4, 3)), (3,))
    array([4., 4., 4.])
    """
    new = g.ndim - len(shape)
    axes = *range(new), *(new + i for i, n in enumerate(shape) if n == 1)
    return g.sum(axis=axes).reshape(shape)


@contextmanager
def no_grad() -> Iterator[None]:
    """Record nothing inside: for evaluation and for changing parameters by hand.

    >>> w = mini_dl.ones(2, requires_grad=True)
    >>> with mini_dl.no_grad():
    ...     w -= 0.5
    >>> w
    tensor([0.5, 0.5], requires_grad=True)
    """
    before, mode.recording = mode.recording, False
    try:
        yield
    finally:
        mode.recording = before


# ---- data that changes under a gradient's feet -----------------------------------------------------
#
# A vjp keeps arrays from the forward pass. If one is changed in place before the walk back, the
# gradient would be silently wrong. So every in-place change is noted with its time; a node older than
# the last change looks whether one of the arrays that its vjp keeps was changed after it was made.


class _LastChange:
    time = -1


last_change = _LastChange()
_changes: dict[int, int] = {}  # id of the array that owns the memory -> time of its last change


def changed(*arrays: Array) -> None:
    """Note that these arrays have been written to (by `+=`, by `x[i] = …`, by an optimiser)."""
    last_change.time = now = next(clock)
    for array in arrays:
        # An id may be used again by a later array. That does no harm: nodes that keep the later one
        # are themselves made after the time noted here.
        _changes[id(_owner(array))] = now


def _owner(array: Array) -> Array:
    while isinstance(array.base, np.ndarray):  # a view: its memory belongs to another array
        array = array.base
    return array


def _kept(thing: Any) -> Iterator[Array]:
    """Yield all arrays that a vjp keeps from the forward pass: the variables it closes over."""
    if isinstance(thing, np.ndarray):
        yield thing
    elif isinstance(thing, list | tuple):
        for part in thing:
            yield from _kept(part)
    else:
        for cell in getattr(thing, "__closure__", None) or ():
            yield from _kept(cell.cell_contents)


def _check_unchanged(node: Node) -> None:
    vjps = node._vjps
    if not callable(vjps):  # only the vjps that will be used
        vjps = [vjp for x, vjp in zip(node._inputs, vjps, strict=False) if x is not None]
    for array in _kept(vjps):
        if _changes.get(id(_owner(array)), -1) > node._order:
            raise RuntimeError(
                f"backward: '{node._op}' needs an array of shape {array.shape} as it was in the forward pass, but it "
                "was changed in place since (by +=, x[...] = or optimizer.step()). Change it after backward(), "
                "or change a copy: x = x + 1 instead of x += 1"
            )


from mini_dl.debug import detect_anomaly, gradcheck  # noqa: E402, F401  (kept apart: a reader can do without)

"""How gradients find their way back: the walk through a recorded computation.

Every operation leaves a *node*: its result, the nodes it was made from, and for each of those a function
that turns the gradient of the loss with respect to the result into that with respect to this input: a
vector-Jacobian product, vjp, one factor of the chain rule. `backward` applies them, newest node first.

* Nodes are numbered as they are made. A node's gradient can only come from later nodes, so newest
  first is a right order: no sorting of the graph beforehand and no recursion.
* A node lets go of its inputs and vjps once it has passed its gradient on: memory is freed as we walk.
* The first gradient to reach a node is written into its slot; only further ones are added.

Gradients are plain arrays and not themselves recorded: there are no second derivatives. They would need
every vjp written in tensor operations, which is slower and harder to read.

Source: Linnainmaa (1970); Rumelhart, Hinton & Williams (1986), *Learning representations by
back-propagating errors*.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from mini_dl.changes import check_unchanged, last_change

Array = np.ndarray
FREED = ()  # stands for the vjps of a node that has been walked


class Node:
    """One array in a computation, and how it was made."""

    __slots__ = ("_data", "_grad", "_inputs", "_op", "_order", "_owns_grad", "_vjps", "requires_grad")
    _data: Array
    _grad: Array | None  # the slot: gradient of the loss with respect to _data
    _owns_grad: bool  # is the slot's array nobody else's, so that adding in place is safe?
    _inputs: Sequence[Node | None]  # what it was made from; None for what needs no gradient
    _vjps: Any  # one vjp per input, or one function for all of them; None in a leaf
    _op: str
    _order: int
    requires_grad: bool


class Into:
    """A gradient that is zero except at `index`: given back by slicing.

    It is added where it belongs, by `add(slot, index, gradient)`, without an array of zeros around it:
    a loop over the T steps of a sequence stays linear in T.
    """

    __slots__ = ("add", "gradient", "index")

    def __init__(self, index: Any, gradient: Array, add: Callable[[Array, Any, Array], None]) -> None:
        self.index, self.gradient, self.add = index, gradient, add


class _Mode:
    recording = True
    check: Callable[[Any, str, Sequence[Any]], None] | None = None  # set by detect_anomaly


mode = _Mode()


def backward(root: Node, gradient: Array) -> None:
    """Add to every leaf's slot the gradient of `root` weighted by `gradient`; free the graph."""
    reached: list[tuple[int, Node]] = []  # a heap: the newest node, with the smallest -order, comes first
    _deliver(root, gradient, gradient, reached)
    while reached:
        node = heapq.heappop(reached)[1]
        inputs, vjps, g = node._inputs, node._vjps, node._grad
        if vjps is FREED:
            raise RuntimeError(
                f"backward: the graph behind '{node._op}' was walked before and is freed. Compute the loss "
                "again before each backward(); for two losses, call (loss1 + loss2).backward() once"
            )
        if node._order < last_change.time:
            check_unchanged(node._vjps, node._inputs, node._op, node._order)
        node._inputs, node._vjps, node._grad = (), FREED, None
        if type(vjps) is list:
            for x, vjp in zip(inputs, vjps, strict=False):
                if x is not None:
                    _deliver(x, vjp(g), g, reached, node._op)
        else:  # a fused op: one function gives the gradients of all inputs
            for x, gx in zip(inputs, vjps(g), strict=False):
                if x is not None:
                    _deliver(x, gx, g, reached, node._op)


def _deliver(node: Node, g: Any, source: Any, reached: list[tuple[int, Node]], maker: str = "") -> None:
    """Write gradient g into the node's slot or add it to what is there. g was made from `source`."""
    if mode.check is not None:
        mode.check(g, f"the vjp of '{maker}'", [source])
    data, slot = node._data, node._grad
    if slot is None and node._vjps is not None:
        heapq.heappush(reached, (-node._order, node))
    if type(g) is Into:
        if slot is None:
            slot = np.zeros_like(data)
        elif not node._owns_grad:
            slot = slot.copy()
        g.add(slot, g.index, g.gradient)
        node._grad, node._owns_grad = slot, True
        return
    if type(g) is not np.ndarray:  # NumPy gives its own scalars back where an array has no axes
        g = np.asarray(g)
    # A vjp gives back a new array, or `source` itself, or a view. Only a new one is ours to write to.
    fresh = g is not source and g.base is None
    if g.shape != data.shape:
        g = unbroadcast(g, data.shape)
    if g.dtype is not data.dtype:
        g, fresh = g.astype(data.dtype), True
    if slot is None:
        if not fresh and node._vjps is None:  # a leaf keeps its gradient, so nobody else may hold it
            g, fresh = g.copy(), True
        node._grad, node._owns_grad = g, fresh
    elif node._owns_grad:
        slot += g
    else:
        node._grad, node._owns_grad = slot + g, True


def unbroadcast(g: Array, shape: tuple[int, ...]) -> Array:
    """Return g summed over the axes along which an array of `shape` was stretched: each use adds its part.

    >>> unbroadcast(np.ones((4, 3)), (3,))
    array([4., 4., 4.])
    """
    new = g.ndim - len(shape)
    axes = *range(new), *(new + i for i, n in enumerate(shape) if n == 1)
    return g.sum(axis=axes).reshape(shape)


@contextmanager
def no_grad() -> Iterator[None]:
    """Record nothing inside: for evaluation, and for changing parameters by hand.

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


from mini_dl.debug import detect_anomaly, gradcheck  # noqa: E402, F401 (a reader of the core can do without)

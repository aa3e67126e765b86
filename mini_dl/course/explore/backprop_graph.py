"""Step through one small network: numbers forward, gradients backward, all on the edges of the graph."""

from __future__ import annotations

import math

import traitlets

from mini_dl.course.explore.base import Explorable, source

LARGEST = 3.0


class BackpropGraph(Explorable):
    """Two ReLU units, a sum and a squared error, drawn as a graph that the reader steps through."""

    _esm = source("backprop_graph.js")
    text = "Interactive figure: a small network as a graph, to step through forward and backward"

    x = traitlets.Float(2.0).tag(sync=True)
    w1 = traitlets.Float(1.5).tag(sync=True)
    w2 = traitlets.Float(0.5).tag(sync=True)
    v1 = traitlets.Float(1.0).tag(sync=True)
    v2 = traitlets.Float(-2.0).tag(sync=True)
    y = traitlets.Float(-2.0).tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)


def backprop_graph(
    x: float = 2.0,
    w1: float = 1.5,
    w2: float = 0.5,
    v1: float = 1.0,
    v2: float = -2.0,
    y: float = -2.0,
) -> BackpropGraph:
    """Return the explorable for the loss  (v1·ReLU(w1·x) + v2·ReLU(w2·x) − y)².

    Parameters
    ----------
    x, w1, w2, v1, v2, y : float
        What the sliders show at first, each from −3 to 3 in steps of a half.

    Raises
    ------
    ValueError
        If a number is outside that range, or not a multiple of a half; names it.

    Examples
    --------
    >>> backprop_graph(w2=-0.5).w2
    -0.5
    """
    given = {"x": x, "w1": w1, "w2": w2, "v1": v1, "v2": v2, "y": y}
    for name, value in given.items():
        if not (math.isfinite(value) and abs(value) <= LARGEST and float(2 * value).is_integer()):
            raise ValueError(
                f"backprop_graph: {name} is {value}; give a number from -3 to 3, in steps of one half"
            )
    return BackpropGraph(**{name: float(value) for name, value in given.items()})

"""Points in the plane of the inputs and in hidden space, while a small network learns in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import traitlets

from mini_dl import creation, nn
from mini_dl.course.explore.base import Explorable, source


class HiddenSpace(Explorable):
    """Two pictures of the same points: before the hidden layers, and behind them, where one line must do."""

    _esm = source("hidden_space.js")
    text = "Interactive figure: points in the plane of the inputs and in hidden space, to train step by step"

    points: traitlets.List = traitlets.List().tag(sync=True)
    labels: traitlets.List = traitlets.List().tag(sync=True)
    # networks to begin with: a list of layers, each a list of units, each [bias, weight, weight, …]
    starts: traitlets.List = traitlets.List().tag(sync=True)
    bent = traitlets.Int(1).tag(sync=True)  # so many layers, from the first, end in tanh
    rate = traitlets.Float(0.02).tag(sync=True)
    steps = traitlets.Int(400).tag(sync=True)


def _start(sizes: Sequence[int], seed: int) -> list[list[list[float]]]:
    """Return the weights that `manual_seed(seed)` and one `nn.Linear` after the other give."""
    before = creation.random.generator
    creation.manual_seed(seed)
    layers = [list(nn.Linear(a, b).parameters()) for a, b in pairwise(sizes)]
    creation.random.generator = before
    rows = [np.column_stack([bias.numpy(), weight.numpy()]) for weight, bias in layers]
    return [row.astype(float).round(4).tolist() for row in rows]


def hidden_space(
    X: np.ndarray,
    y: np.ndarray,
    hidden: Sequence[int] = (2,),
    *,
    lr: float = 0.02,
    steps: int = 400,
    starts: int = 10,
) -> HiddenSpace:
    """Return the explorable for one data set of two classes in the plane.

    The network has the layers of `hidden`, each followed by tanh, and one output unit. Where the last of
    them has not two units, two linear units follow it, so that there is a plane to draw. With two hidden
    units alone, each of the nine weights and biases has a slider.

    Parameters
    ----------
    X : ndarray, shape (n, 2)
        Points, at most 400.
    y : ndarray, shape (n,)
        Their classes, 0 or 1.
    hidden : sequence of int
        Units of one to three hidden layers, 2 to 64 each.
    lr : float
        The learning rate of Adam.
    steps : int
        How many steps the button "Train" takes: 80 to 2000, rounded up to a multiple of the steps between
        two pictures.
    starts : int
        How many sets of random weights to offer, 1 to 20: those of the seeds 0, 1, 2, ...

    Raises
    ------
    ValueError
        If an argument is of another form; names it.

    Examples
    --------
    >>> square = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> widget = hidden_space(square, np.array([0, 1, 1, 0]))
    >>> widget.labels, len(widget.starts)
    ([0, 1, 1, 0], 10)
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y)
    if X.ndim != 2 or X.shape[1] != 2 or y.shape != X.shape[:1]:
        raise ValueError(
            f"hidden_space: X has shape {X.shape} and y has shape {y.shape}; they must be (n, 2) and (n,)"
        )
    if len(X) > 400:
        raise ValueError(f"hidden_space: {len(X)} points; give at most 400, or a step takes too long")
    if not np.isfinite(X).all():
        raise ValueError("hidden_space: X holds NaN or infinity; leave such points out")
    if set(y.tolist()) != {0, 1}:
        raise ValueError(f"hidden_space: y has labels {np.unique(y).tolist()}; use 0 and 1, both of them")
    if not 1 <= len(hidden) <= 3 or not all(2 <= units <= 64 for units in hidden):
        raise ValueError(f"hidden_space: hidden is {list(hidden)}; give one to three layers of 2 to 64 units")
    if not 0 < lr <= 1:
        raise ValueError(f"hidden_space: lr is {lr}; give a learning rate above 0, at most 1")
    if not 80 <= steps <= 2000:
        raise ValueError(f"hidden_space: steps is {steps}; give 80 to 2000")
    if not 1 <= starts <= 20:
        raise ValueError(f"hidden_space: starts is {starts}; give 1 to 20")
    window = () if hidden[-1] == 2 else (2,)
    return HiddenSpace(
        points=X.round(3).tolist(),
        labels=[int(label) for label in y],
        starts=[_start([2, *hidden, *window, 1], seed) for seed in range(starts)],
        bent=len(hidden),
        rate=float(lr),
        steps=int(steps),
    )

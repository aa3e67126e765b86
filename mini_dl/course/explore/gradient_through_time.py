"""One recurrent unit over fifty steps: its state, and the gradient that comes back to each step."""

from __future__ import annotations

import traitlets

from mini_dl.course.explore.base import Explorable, source


class GradientThroughTime(Explorable):
    """A unit h_t = f(w h_{t-1}) that is pushed once, at the first step, and then left alone."""

    _esm = source("gradient_through_time.js")
    text = (
        "Interactive figure: a recurrent unit's state and gradient over 50 steps, with its weight to choose"
    )

    weight = traitlets.Float(0.9).tag(sync=True)
    push = traitlets.Float(0.5).tag(sync=True)
    linear = traitlets.Bool(False).tag(sync=True)


def gradient_through_time(
    weight: float = 0.9, push: float = 0.5, linear: bool = False
) -> GradientThroughTime:
    """Return the explorable of the gradient through time against the recurrent weight.

    Parameters
    ----------
    weight : float
        The weight with which the unit hears itself, from −2 to 2.
    push : float
        The state that the first step leaves, from 0.01 to 1.
    linear : bool
        Whether the unit has no tanh.

    Raises
    ------
    ValueError
        If a number is outside its range.

    Examples
    --------
    >>> gradient_through_time(weight=1.2).weight
    1.2
    """
    for name, value, low, high in (("weight", weight, -2, 2), ("push", push, 0.01, 1)):
        if not low <= value <= high:
            raise ValueError(f"gradient_through_time: {name} is {value}; give a number from {low} to {high}")
    return GradientThroughTime(weight=float(weight), push=float(push), linear=linear)

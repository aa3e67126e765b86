"""Step through the perceptron rule, one example at a time."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import traitlets

from mini_dl.course.explore.base import Explorable, source


class PerceptronSteps(Explorable):
    """Points in the plane, a line that the reader moves by applying the rule step by step."""

    _esm = source("perceptron_steps.js")
    text = "Interactive figure: the perceptron rule, to step through one example at a time"

    # a list: a notebook file would sort the keys of a dict
    sets: traitlets.List = traitlets.List().tag(sync=True)


def perceptron_steps(sets: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> PerceptronSteps:
    """Return the explorable for one or several small data sets in the plane.

    Parameters
    ----------
    sets : mapping
        Name to ``(X, y)``: `X` of shape (n, 2) with values from −2 to 2, `y` of shape (n,) with
        −1 or +1.

    Raises
    ------
    ValueError
        If a set has another shape, other labels, or points outside the picture; names the set.
    """
    plain = []
    for name, (X, y) in sets.items():
        X, y = np.asarray(X, dtype=float), np.asarray(y)
        if X.ndim != 2 or X.shape[1] != 2 or y.shape != X.shape[:1]:
            raise ValueError(
                f"perceptron_steps: set {name!r} has X of shape {X.shape} and y of shape {y.shape}; "
                "they must be (n, 2) and (n,)"
            )
        if not np.isin(y, (-1, 1)).all():
            raise ValueError(
                f"perceptron_steps: set {name!r} has labels {np.unique(y).tolist()}; use -1 and +1"
            )
        if not (np.abs(X) <= 2).all():  # also refuses NaN
            raise ValueError(f"perceptron_steps: set {name!r} has points outside -2 to 2; scale them first")
        points, labels = X.round(3).tolist(), [int(label) for label in y]
        plain.append({"name": name, "points": points, "labels": labels})
    if not plain:
        raise ValueError("perceptron_steps: no data set given; pass {'name': (X, y)}")
    return PerceptronSteps(sets=plain)

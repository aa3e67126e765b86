"""Walk down a quadratic bowl; turn up the step size until the walk flies out."""

from __future__ import annotations

import numpy as np
import traitlets

from mini_dl.course.explore.base import Explorable, source


class DescentBowl(Explorable):
    """Contours of a quadratic loss of two parameters and the path of gradient descent on it."""

    _esm = source("descent_bowl.js")
    text = "Interactive figure: gradient descent on a bowl, with a learning rate to turn up until it diverges"

    hessian: traitlets.List = traitlets.List().tag(sync=True)
    minimum: traitlets.List = traitlets.List().tag(sync=True)
    start: traitlets.List = traitlets.List().tag(sync=True)
    lowest = traitlets.Float().tag(sync=True)
    names: traitlets.List = traitlets.List().tag(sync=True)
    rate = traitlets.Float().tag(sync=True)
    steps = traitlets.Int(12).tag(sync=True)


def descent_bowl(
    hessian: np.ndarray,
    minimum: np.ndarray,
    start: np.ndarray,
    lowest: float = 0.0,
    names: tuple[str, str] = ("w₁", "w₂"),
) -> DescentBowl:
    """Return the explorable for the loss  lowest + ½ (w − minimum)ᵀ H (w − minimum).

    Parameters
    ----------
    hessian : ndarray, shape (2, 2)
        Second derivatives of the loss: symmetric, with positive eigenvalues.
    minimum, start : ndarray, shape (2,)
        Where the bowl is lowest, and where the walk begins.
    lowest : float
        The loss at the minimum.
    names : pair of str
        What the two parameters are called.

    Raises
    ------
    ValueError
        If the matrix is not such a bowl, or the start is the minimum.
    """
    H, at, begin = (np.asarray(v, dtype=float) for v in (hessian, minimum, start))
    if H.shape != (2, 2) or not np.allclose(H, H.T) or not (np.linalg.eigvalsh(H) > 0).all():
        raise ValueError(
            f"descent_bowl: hessian is {H.tolist()}; "
            "it must be a symmetric 2 × 2 matrix with positive eigenvalues"
        )
    if at.shape != (2,) or begin.shape != (2,) or np.allclose(at, begin):
        raise ValueError(
            f"descent_bowl: minimum {at.tolist()} and start {begin.tolist()} must be two different points"
        )
    limit = 2 / np.linalg.eigvalsh(H)[-1]
    return DescentBowl(
        hessian=H.round(6).tolist(),
        minimum=at.round(6).tolist(),
        start=begin.round(6).tolist(),
        lowest=round(float(lowest), 6),
        names=list(names),
        rate=max(0.01, round(float(0.2 * limit), 2)),
    )

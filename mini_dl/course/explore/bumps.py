"""Build a curve bump by bump, each from two sigmoid units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import traitlets

from mini_dl.course.explore.base import Explorable, source


class Bumps(Explorable):
    """A curve over the interval from 0 to 1 and the sum of bumps that follows it."""

    _esm = source("bumps.js")
    text = "Interactive figure: a curve built bump by bump, with their number and steepness to choose"

    # of {"name", "values"}: values at equal steps from 0 to 1
    curves: traitlets.List = traitlets.List().tag(sync=True)
    chosen = traitlets.Int(0).tag(sync=True)
    bumps = traitlets.Int(10).tag(sync=True)
    added = traitlets.Int(1).tag(sync=True)
    steepness = traitlets.Int(150).tag(sync=True)


def bumps(curves: Mapping[str, Sequence[float] | np.ndarray]) -> Bumps:
    """Return the explorable for one or several curves over the interval from 0 to 1.

    Parameters
    ----------
    curves : mapping
        Name to the curve's values at equal steps from 0 to 1, both ends included: at least 2, at most 1000.

    Raises
    ------
    ValueError
        If there is no curve, or one is not such a row of finite numbers; names the curve.

    Examples
    --------
    >>> bumps({"line": [0.0, 0.5, 1.0]}).curves
    [{'name': 'line', 'values': [0.0, 0.5, 1.0]}]
    """
    plain = []
    for name, values in curves.items():
        row = np.asarray(values, dtype=float)
        if row.ndim != 1 or not 2 <= row.size <= 1000:
            raise ValueError(f"bumps: curve {name!r} has shape {row.shape}; give one row of 2 to 1000 values")
        if not np.isfinite(row).all():
            raise ValueError(f"bumps: curve {name!r} holds NaN or infinity; leave such points out")
        plain.append({"name": name, "values": row.round(4).tolist()})
    if not plain:
        raise ValueError("bumps: no curve given; pass {'name': values}")
    return Bumps(curves=plain)

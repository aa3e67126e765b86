"""Move two weights and a threshold; see which Boolean function the unit computes."""

from __future__ import annotations

import traitlets

from mini_dl.course.explore.base import FOLDER, STYLE, Explorable, source


class ThresholdUnit(Explorable):
    """A unit with two binary inputs, two weights and a threshold, all moved by the reader."""

    _esm = source("threshold_unit.js")
    _css = STYLE + (FOLDER / "threshold_unit.css").read_text(encoding="utf-8")
    text = (
        "Interactive figure: a unit with two weights and a threshold, to move until it computes each function"
    )

    w1 = traitlets.Float(1.0).tag(sync=True)
    w2 = traitlets.Float(1.0).tag(sync=True)
    threshold = traitlets.Float(0.5).tag(sync=True)


def threshold_unit(w1: float = 1.0, w2: float = 1.0, threshold: float = 0.5) -> ThresholdUnit:
    """Return the explorable: a unit that fires when w1·a + w2·b reaches the threshold.

    Parameters
    ----------
    w1, w2 : float
        Weights to begin with, from −3 to 3.
    threshold : float
        Threshold to begin with, from −3 to 3.

    Raises
    ------
    ValueError
        If one of them lies outside its range.
    """
    for name, value in (("w1", w1), ("w2", w2), ("threshold", threshold)):
        if not -3 <= value <= 3:
            raise ValueError(f"threshold_unit: {name} is {value!r}; give a number from -3 to 3")
    return ThresholdUnit(w1=w1, w2=w2, threshold=threshold)

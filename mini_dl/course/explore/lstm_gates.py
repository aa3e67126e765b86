"""One LSTM cell over a sequence: its gates, its content and its output at each step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import traitlets

from mini_dl.course.explore.base import Explorable, source


class LSTMGates(Explorable):
    """A cell that reads values, some of them marked, and shall hold the sum of the marked ones."""

    _esm = source("lstm_gates.js")
    text = "Interactive figure: an LSTM cell's gates and content over a sequence, with marks to choose"

    values: traitlets.List = traitlets.List().tag(sync=True)
    marks: traitlets.List = traitlets.List().tag(sync=True)
    forget = traitlets.Float(5.0).tag(sync=True)  # bias of the forget gate
    mark = traitlets.Float(10.0).tag(sync=True)  # weight from the mark to the input gate
    output = traitlets.Float(3.0).tag(sync=True)  # bias of the output gate


def lstm_gates(values: Sequence[float] | np.ndarray, marks: Sequence[int] = ()) -> LSTMGates:
    """Return the explorable of the LSTM's gates for a sequence of values.

    Parameters
    ----------
    values : sequence of float
        2 to 14 numbers from −1 to 1.
    marks : sequence of int
        The steps that are marked at first, counted from 0.

    Raises
    ------
    ValueError
        If the values are not such numbers, or a mark is no step.

    Examples
    --------
    >>> lstm_gates([0.5, 0.25, 0.75], marks=[1]).marks
    [0, 1, 0]
    """
    row = np.asarray(values, dtype=float)
    if row.ndim != 1 or not 2 <= row.size <= 14:
        raise ValueError(f"lstm_gates: values have shape {row.shape}; give one row of 2 to 14 numbers")
    if not (np.abs(row) <= 1).all():
        raise ValueError(f"lstm_gates: values are {row.tolist()}; each must lie between -1 and 1")
    for step in marks:
        if step not in range(row.size):
            raise ValueError(f"lstm_gates: mark {step} is no step; give numbers from 0 to {row.size - 1}")
    return LSTMGates(values=row.round(3).tolist(), marks=[int(t in marks) for t in range(row.size)])

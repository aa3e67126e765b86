"""The Python side of the explorable of bumps; what it does on a page is tested in a browser."""

import numpy as np
import pytest

from mini_dl.course import explore

WAVE = np.sin(np.linspace(0, 7, 201))


def test_it_says_what_it_is_without_an_address():
    first, second = explore.bumps({"wave": WAVE}), explore.bumps({"wave": WAVE})
    assert repr(first) == repr(second)
    assert repr(first).startswith("[Interactive figure: a curve built bump by bump")
    assert "export default { render }" in first._esm
    assert "function slider" in first._esm


def test_it_takes_the_curves_in_their_order():
    widget = explore.bumps({"wave": WAVE, "line": [0, 1]})
    assert [curve["name"] for curve in widget.curves] == ["wave", "line"]
    assert widget.curves[1]["values"] == [0.0, 1.0]
    assert np.allclose(widget.curves[0]["values"], WAVE, atol=1e-4)
    assert widget.added <= widget.bumps


@pytest.mark.parametrize(
    ("curves", "message"),
    [
        ({}, "no curve given"),
        ({"a": [1.0]}, r"'a' has shape \(1,\)"),
        ({"a": np.zeros((2, 3))}, r"'a' has shape \(2, 3\)"),
        ({"a": np.zeros(1001)}, r"'a' has shape \(1001,\)"),
        ({"ok": [0, 1], "b": [0.0, np.nan]}, "'b' holds NaN or infinity"),
    ],
)
def test_it_names_what_is_no_curve(curves, message):
    with pytest.raises(ValueError, match=message):
        explore.bumps(curves)

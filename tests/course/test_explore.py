"""The Python side of the explorables; what they do on a page is tested in a browser (tests/book)."""

import numpy as np
import pytest

from mini_dl.course import explore
from mini_dl.course.explore.base import FOLDER

SQUARE = np.array([[-1.0, -1.0], [1.0, 1.0]])


@pytest.mark.parametrize(
    "make",
    [
        explore.threshold_unit,
        lambda: explore.perceptron_steps({"two": (SQUARE, np.array([-1, 1]))}),
        lambda: explore.descent_bowl(np.diag([2.0, 0.5]), np.zeros(2), np.ones(2)),
    ],
)
def test_a_widget_says_what_it_is_without_an_address(make):
    first, second = make(), make()
    assert repr(first) == repr(second)
    assert repr(first).startswith("[Interactive figure: ")
    assert "export default { render }" in first._esm
    assert ".explore" in first._css


def test_threshold_unit_names_a_value_outside_its_range():
    with pytest.raises(ValueError, match="w2 is 4; give a number from -3 to 3"):
        explore.threshold_unit(w2=4)
    with pytest.raises(ValueError, match="threshold is nan"):
        explore.threshold_unit(threshold=float("nan"))


def test_perceptron_steps_takes_the_data():
    widget = explore.perceptron_steps({"two": (SQUARE, np.array([-1, 1]))})
    assert widget.sets == [{"name": "two", "points": [[-1.0, -1.0], [1.0, 1.0]], "labels": [-1, 1]}]


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        ({}, "no data set given"),
        ({"a": (np.zeros((2, 3)), np.ones(2))}, r"'a' has X of shape \(2, 3\)"),
        ({"a": (SQUARE, np.ones(3))}, r"y of shape \(3,\)"),
        ({"a": (SQUARE, np.array([0, 1]))}, r"labels \[0, 1\]; use -1 and \+1"),
        ({"a": (SQUARE * 5, np.array([-1, 1]))}, "outside -2 to 2"),
        ({"a": (SQUARE * np.nan, np.array([-1, 1]))}, "outside -2 to 2"),
    ],
)
def test_perceptron_steps_names_bad_data(sets, message):
    with pytest.raises(ValueError, match=message):
        explore.perceptron_steps(sets)


def test_descent_bowl_begins_well_below_the_limit():
    widget = explore.descent_bowl(np.diag([2.0, 0.5]), np.zeros(2), np.ones(2))
    assert 0 < widget.rate < 2 / 2.0


@pytest.mark.parametrize(
    ("hessian", "start", "message"),
    [
        (np.eye(3), [1, 1], "symmetric 2 × 2"),
        ([[1, 2], [0, 1]], [1, 1], "symmetric 2 × 2"),
        ([[1, 0], [0, -1]], [1, 1], "positive eigenvalues"),
        (np.eye(2), [0, 0], "two different points"),
    ],
)
def test_descent_bowl_names_what_is_no_bowl(hessian, start, message):
    with pytest.raises(ValueError, match=message):
        explore.descent_bowl(hessian, np.zeros(2), start)


def test_in_every_explorable_keys_are_the_readers():
    """The frame keeps JupyterLab from taking them; see shared.js."""
    own = sorted(file for file in FOLDER.glob("*.js") if file.name != "shared.js")
    assert len(own) == len(explore.__all__)
    for file in own:
        text = file.read_text(encoding="utf-8")
        assert "explorable(" in text, file.name
        assert 'class: "explore"' not in text, file.name

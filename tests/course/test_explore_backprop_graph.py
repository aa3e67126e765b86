"""The Python side of the explorable of notebook 05; its JavaScript is tested in a browser (tests/book)."""

import pytest

from mini_dl.course import explore


def test_it_says_what_it_is_without_an_address():
    assert repr(explore.backprop_graph()) == repr(explore.backprop_graph(x=1.0))
    assert repr(explore.backprop_graph()).startswith("[Interactive figure: ")
    assert "export default { render }" in explore.backprop_graph()._esm


def test_it_begins_before_the_first_step_with_the_numbers_given():
    widget = explore.backprop_graph(x=1, w1=-0.5, v2=3)
    assert (widget.x, widget.w1, widget.w2, widget.v1, widget.v2, widget.y) == (
        1.0,
        -0.5,
        0.5,
        1.0,
        3.0,
        -2.0,
    )
    assert widget.step == 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"w1": 3.5}, "w1 is 3.5; give a number from -3 to 3"),
        ({"v2": 0.3}, "v2 is 0.3; give a number from -3 to 3, in steps of one half"),
        ({"y": float("nan")}, "y is nan"),
        ({"x": float("-inf")}, "x is -inf"),
    ],
)
def test_it_names_a_number_that_no_slider_has(given, message):
    with pytest.raises(ValueError, match=message):
        explore.backprop_graph(**given)

"""The Python side of the race of the optimisers."""

import pytest

from mini_dl.course import explore
from mini_dl.course.explore.optimizer_race import OPTIMISERS, SURFACES


def test_it_takes_rates_and_steps():
    widget = explore.optimizer_race({"ravine": {"SGD": 0.03, "Adam": 1}}, {"ravine": 50, "saddle": 9})
    assert widget.rates == {"ravine": {"SGD": 0.03, "Adam": 1.0}}
    assert widget.steps == {"ravine": 50}
    assert repr(widget).startswith("[Interactive figure: ")
    assert "export default { render }" in widget._esm


def test_the_script_knows_every_surface_and_optimiser():
    script = explore.optimizer_race({"ravine": {"SGD": 0.03}}, {"ravine": 50})._esm
    for name in SURFACES:
        assert f"  {name}: {{" in script
    for name in OPTIMISERS:
        assert f"  {name}: (w, g, s, lr" in script
        assert f'{name}: ["#' in script


@pytest.mark.parametrize(
    ("rates", "steps", "message"),
    [
        ({}, {}, "no rates given"),
        (
            {"bowl": {"SGD": 1}},
            {"bowl": 5},
            "surface 'bowl' is unknown; there are ravine, saddle, Rosenbrock",
        ),
        ({"ravine": {}}, {"ravine": 5}, "choose from SGD, momentum"),
        ({"ravine": {"Lion": 1}}, {"ravine": 5}, r"ravine has the optimisers \['Lion'\]"),
        ({"ravine": {"SGD": 0}}, {"ravine": 5}, "rate of SGD on ravine is 0; it must be above 0"),
        ({"ravine": {"SGD": float("nan")}}, {"ravine": 5}, "rate of SGD on ravine is nan"),
        ({"ravine": {"SGD": 1}}, {}, "ravine has None steps; give 1 to 1000"),
        ({"ravine": {"SGD": 1}}, {"ravine": 2000}, "ravine has 2000 steps"),
    ],
)
def test_it_names_what_is_wrong(rates, steps, message):
    with pytest.raises(ValueError, match=message):
        explore.optimizer_race(rates, steps)

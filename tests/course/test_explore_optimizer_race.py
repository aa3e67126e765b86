"""The race of the optimisers: its Python side, and what it does on a page when it is moved."""

import datetime

import numpy as np
import pytest

import mini_dl
from mini_dl import optim
from mini_dl.course import explore
from mini_dl.course.explore.optimizer_race import OPTIMISERS, SURFACES
from tests.browser import explorable


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
        assert f'{name}: ["var(--' in script


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


# What it does on a page: the numbers shown are those of mini_dl's own optimisers on the same surfaces.

RATES = {
    "ravine": {"SGD": 0.03, "momentum": 0.006, "Nesterov": 0.006, "AdaGrad": 1.0, "RMSProp": 0.1,
               "Adam": 0.5, "AdamW": 0.5},
    "saddle": {"SGD": 0.3, "Adam": 0.5},
    "Rosenbrock": {"momentum": 0.001, "RMSProp": 0.02},
}  # fmt: skip
STEPS = {"ravine": 40, "saddle": 30, "Rosenbrock": 50}
STARTS = {"saddle": [1.8, 0.001], "Rosenbrock": [-1.2, 1.0]}
MAKERS = {
    "SGD": optim.SGD,
    "momentum": lambda p, lr: optim.SGD(p, lr=lr, momentum=0.9),
    "Nesterov": lambda p, lr: optim.SGD(p, lr=lr, momentum=0.9, nesterov=True),
    "AdaGrad": optim.Adagrad,
    "RMSProp": optim.RMSprop,
    "Adam": optim.Adam,
    "AdamW": optim.AdamW,
}
C, S = np.cos(np.pi / 6), np.sin(np.pi / 6)


def height(surface, x, y):
    """Height above the lowest place; x and y are numbers or tensors."""
    if surface == "ravine":
        along, across = C * x + S * y, C * y - S * x
        return 0.5 * along * along + 25 * across * across
    if surface == "saddle":
        return 0.5 * x * x - 0.5 * y * y + 0.25 * y * y * y * y + 0.25
    return (1 - x) * (1 - x) + 100 * (y - x * x) * (y - x * x)


def heights(surface, steps):
    """What the explorable has to show behind each name after some steps."""
    found = {}
    for name, rate in RATES[surface].items():
        start = STARTS.get(surface, [-3 * C - 0.8 * S, -3 * S + 0.8 * C])
        w = mini_dl.tensor(np.array(start), requires_grad=True)  # float64, as in the browser
        opt = MAKERS[name]([w], lr=rate)
        for _ in range(steps):
            opt.zero_grad()
            height(surface, w[0], w[1]).backward()
            opt.step()
        found[name] = height(surface, *w.numpy())
    return found


@pytest.fixture
def page():
    """The explorable on an empty page, with the three surfaces."""
    with explorable(explore.optimizer_race(RATES, STEPS), ("rates", "steps")) as page:
        yield page


def says(page) -> str:
    return page.locator("[role=status]").inner_text()


def agrees(page, surface, steps):
    """Say whether the slider, the heights and the sentence are those after so many steps."""
    expected = heights(surface, steps)
    assert page.get_by_role("slider").input_value() == str(steps)
    for name, z in expected.items():
        line = page.get_by_role("group").locator("label", has_text=f"{name}, rate ")
        shown = float(line.locator("output").inner_text().replace("−", "-"))
        unit = 10.0 ** (np.floor(np.log10(z)) - (z >= 0.01))  # of the last digit that is shown
        assert abs(shown - z) <= 0.51 * unit, (surface, steps, name, shown, z)
    first, second = sorted(expected, key=expected.__getitem__)[:2]
    assert says(page) == f"After {steps} steps on the {surface} surface {first} is lowest, then {second}."
    return True


def hold_the_clock(page):
    """From now on the page's time stands still but for `page.clock.run_for`."""
    page.clock.install(time=datetime.datetime(2024, 1, 1, 0))
    page.clock.pause_at(datetime.datetime(2024, 1, 1, 1))


def test_nothing_moves_before_it_is_asked_to(page):
    assert says(page) == "All stand at the start of the ravine surface."
    assert page.get_by_role("slider").input_value() == "0"
    assert page.get_by_role("button", name="ravine").get_attribute("aria-pressed") == "true"


def test_stepped_by_mouse_it_shows_what_mini_dl_computes(page):
    for _ in range(3):
        page.get_by_role("button", name="Step", exact=True).click()
    assert agrees(page, "ravine", 3)
    page.get_by_role("button", name="Start again").click()
    assert says(page) == "All stand at the start of the ravine surface."


@pytest.mark.parametrize("surface", SURFACES)
def test_moved_by_keyboard_it_shows_what_mini_dl_computes(page, surface):
    chooser = page.get_by_role("button", name=surface)
    chooser.focus()
    chooser.press("Enter")
    assert chooser.get_attribute("aria-pressed") == "true"
    assert page.get_by_role("button", pressed=True).count() == 1
    slider = page.get_by_role("slider")
    for _ in range(12):
        slider.press("ArrowRight")
    slider.press("ArrowLeft")
    assert agrees(page, surface, 11)
    slider.press("End")
    assert agrees(page, surface, STEPS[surface])


def test_played_it_pauses_runs_to_the_end_and_begins_again(page):
    hold_the_clock(page)
    page.get_by_role("button", name="saddle").click()
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(10 * 60 + 30)
    page.get_by_role("button", name="Pause").click()
    assert agrees(page, "saddle", 10)
    page.clock.run_for(1000)
    assert page.get_by_role("slider").input_value() == "10"
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(30 * 60)
    assert agrees(page, "saddle", STEPS["saddle"])
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(5 * 60 + 30)
    page.get_by_role("button", name="Pause").click()
    assert agrees(page, "saddle", 5)


def test_an_optimiser_is_hidden_by_keyboard_and_shown_again(page):
    page.get_by_role("button", name="Step", exact=True).click()
    markers = page.locator(".picture polygon")
    box = page.get_by_role("checkbox", name="AdaGrad")
    assert markers.count() == 7
    box.press("Space")
    assert markers.count() == 6
    assert "the paths of 6 optimisers after 1 steps" in page.locator(".picture svg").get_attribute(
        "aria-label"
    )
    box.press("Space")
    assert markers.count() == 7


def test_a_marker_stands_where_the_weights_are(page):
    page.get_by_role("button", name="Rosenbrock").click()
    page.get_by_role("button", name="Step", exact=True).click()
    x, y = -1.2, 1.0
    slope = np.array([2 * (x - 1) - 400 * x * (y - x * x), 200 * (y - x * x)])
    x, y = np.array([x, y]) - 0.001 * slope  # momentum's first step is plain
    points = page.locator(".picture polygon").first.get_attribute("points")
    centre = np.mean([[float(c) for c in p.split(",")] for p in points.split()], axis=0)
    assert np.allclose(centre, [(x + 2) / 4 * 340, 340 - (y + 1) / 4 * 340], atol=0.1)


def test_it_stops_its_clock_when_it_is_taken_away(page):
    hold_the_clock(page)
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(3 * 60 + 30)
    page.evaluate("stop_it()")
    page.clock.run_for(1000)
    assert page.get_by_role("slider").input_value() == "3"

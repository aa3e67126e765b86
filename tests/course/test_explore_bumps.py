"""The explorable of bumps: its Python side, and what it does on a page when it is moved."""

import numpy as np
import pytest

from mini_dl.course import explore
from tests.browser import explorable

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


# What it does on a page.


@pytest.fixture(scope="module")
def page():
    """The explorable on an empty page, with two curves."""
    widget = explore.bumps({"wave": WAVE, "line": [0, 1]})
    with explorable(widget, ("curves", "chosen", "bumps", "added", "steepness")) as page:
        yield page


def says(page) -> str:
    return page.locator("[role=status]").inner_text()


def mean_distance(values, n: int, steepness: float) -> float:
    """What the figure has to say when all n bumps stand: computed here in another way."""
    x = np.linspace(0, 1, 421)
    at = np.linspace(0, 1, len(values))
    edges = np.arange(n + 1) / n
    steps = 0.5 * (1 + np.tanh(0.5 * steepness * (x[:, None] - edges)))
    heights = np.interp((edges[:-1] + edges[1:]) / 2, at, values)
    return float(np.mean(np.abs((steps[:, :-1] - steps[:, 1:]) @ heights - np.interp(x, at, values))))


def test_bumps_are_added_and_taken_away(page):
    page.get_by_role("button", name="Take all away").click()
    assert says(page).startswith("0 of 10 bumps: 0 hidden units.")
    assert page.get_by_role("button", name="Take all away").is_disabled()
    page.get_by_role("button", name="Add a bump").press("Enter")
    page.get_by_role("button", name="Add a bump").click()
    assert says(page).startswith("2 of 10 bumps: 4 hidden units.")
    page.get_by_role("button", name="All bumps").click()
    assert page.get_by_role("button", name="Add a bump").is_disabled()
    assert says(page).endswith(f"{mean_distance(WAVE, 10, 150):.3f}.")


def test_sliders_and_curves_change_the_sum(page):
    page.get_by_label("pieces").fill("10")
    if page.get_by_role("button", name="All bumps").is_enabled():
        page.get_by_role("button", name="All bumps").click()
    pieces, steepness = page.get_by_label("pieces"), page.get_by_label("steepness")
    pieces.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    assert says(page).startswith("20 of 20 bumps: 40 hidden units.")  # all were there: all are there again
    steepness.press("End")
    assert float(says(page).split()[-1].rstrip(".")) == pytest.approx(mean_distance(WAVE, 20, 400), abs=6e-4)
    page.get_by_role("button", name="line").click()
    assert page.get_by_role("button", name="line").get_attribute("aria-pressed") == "true"
    assert float(says(page).split()[-1].rstrip(".")) == pytest.approx(
        mean_distance([0, 1], 20, 400), abs=6e-4
    )
    assert "line" in page.locator("svg").get_attribute("aria-label")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_it_stops_listening_when_it_is_taken_off(page):
    before = page.evaluate("window.listeners()")
    page.evaluate("window.stop_it()")
    assert page.evaluate("window.listeners()") == before - 5  # the two sliders keep theirs

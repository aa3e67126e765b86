"""The explorable of notebook 05: its Python side, and what it does on a page when it is moved."""

import numpy as np
import pytest

import mini_dl
from mini_dl.course import explore
from tests.browser import explorable


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


# What it does on a page: its numbers are those of mini_dl's own graph.

NAMES = ("x", "w1", "w2", "v1", "v2", "y")
WRITTEN = {"x": "x", "w1": "w₁", "w2": "w₂", "v1": "v₁", "v2": "v₂", "y": "y"}
LAST = 19  # nine steps forward, the loss itself, nine back


@pytest.fixture
def page():
    """The explorable on an empty narrow page, before its first step."""
    with explorable(explore.backprop_graph(), (*NAMES, "step")) as page:
        yield page


def says(page) -> str:
    return page.locator("[role=status]").inner_text()


def described(page) -> str:
    return page.locator("svg").get_attribute("aria-label")


def shown(value: float) -> str:
    """A number as the explorable writes it."""
    return f"{round(value, 3) + 0:g}".replace("-", "−")


def loss_and_gradients(**given):
    """What mini_dl computes for the same numbers."""
    start = {"x": 2.0, "w1": 1.5, "w2": 0.5, "v1": 1.0, "v2": -2.0, "y": -2.0} | given
    t = {name: mini_dl.tensor(np.array(start[name]), requires_grad=True) for name in NAMES}
    error = t["v1"] * (t["w1"] * t["x"]).relu() + t["v2"] * (t["w2"] * t["x"]).relu() - t["y"]
    loss = error * error
    loss.backward()
    return loss.item(), {name: t[name].grad.item() for name in NAMES}


def to_the_end(page):
    pass_button = page.get_by_role("button", name="To the end of the pass")
    pass_button.click()
    assert says(page).startswith("Step 9 of 19. Forward: L = ")
    pass_button.click()
    assert says(page).startswith("Step 19 of 19.")


def agrees(page, **given) -> bool:
    """Say whether the loss and all six gradients at the end are those of mini_dl."""
    loss, grads = loss_and_gradients(**given)
    gradients = ", ".join(f"{WRITTEN[k]} {shown(grads[k])}" for k in ("x", "w1", "w2", "v1", "v2", "y"))
    assert f" The loss is {shown(loss)}." in described(page)
    assert described(page).endswith(f" Gradients: {gradients}.")
    return True


def test_stepped_by_mouse_it_tells_every_step_and_ends_with_mini_dls_gradients(page):
    assert says(page) == "Step 0 of 19. Only the given numbers are known. Step forward."
    assert page.get_by_role("button", name="Step back").is_disabled()
    told = []
    for _ in range(LAST):
        page.get_by_role("button", name="Next step").click()
        told.append(says(page))
    assert told[0] == "Step 1 of 19. Forward: a₁ = w₁ · x = 1.5 · 2 = 3."
    assert told[8].endswith("Forward: L = 3² = 9. That is the loss.")
    assert "Backward begins at the loss" in told[9]
    assert told[10].endswith("The square's slope is 2e: e gets 1 · 2 · 3 = 6.")
    assert "Two gradients have met at x, and they add up" in told[18]
    assert len(set(told)) == LAST
    assert page.get_by_role("button", name="Next step").is_disabled()
    assert agrees(page)


def test_stepped_by_keyboard_it_goes_back_and_begins_again(page):
    following = page.get_by_role("button", name="Next step")
    following.focus()
    for key in ("Enter", "Space", "Enter"):
        following.press(key)
    assert says(page).startswith("Step 3 of 19.")
    page.get_by_role("button", name="Step back").press("Enter")
    assert says(page).startswith("Step 2 of 19.")
    page.get_by_role("button", name="Start again").press("Enter")
    assert says(page).startswith("Step 0 of 19.")


def test_a_number_moved_by_keyboard_changes_loss_and_gradients(page):
    to_the_end(page)
    sliders = dict(zip(("w1", "w2", "v1", "v2", "x", "y"), page.get_by_role("slider").all(), strict=True))
    sliders["w1"].press("ArrowRight")
    assert agrees(page, w1=2.0)
    sliders["y"].press("End")
    assert agrees(page, w1=2.0, y=3.0)
    sliders["v2"].press("ArrowLeft")
    assert agrees(page, w1=2.0, y=3.0, v2=-2.5)


def test_a_number_moved_by_mouse_shuts_a_unit(page):
    slider = page.locator("label", has_text="w₂").get_by_role("slider")
    box = slider.bounding_box()
    slider.click(position={"x": 1, "y": box["height"] / 2})  # the left end: −3
    to_the_end(page)
    assert agrees(page, w2=-3.0)
    for _ in range(LAST):
        if "ReLU was shut" in says(page):
            break
        page.get_by_role("button", name="Step back").click()
    assert "ReLU was shut (its input −6 is not above 0): 0 passes" in says(page)


def test_the_graph_stands_on_a_narrow_page_and_lies_on_a_wide_one(page):
    page.wait_for_selector("svg[viewBox='-12 0 324 590']")
    to_the_end(page)
    page.set_viewport_size({"width": 1000, "height": 800})
    page.wait_for_selector("svg[viewBox='0 0 760 300']")
    assert agrees(page)
    assert "in all" in page.locator("svg").text_content()


def test_it_stops_listening_when_it_is_taken_away(page):
    before = page.evaluate("listeners()")
    page.evaluate("stop_it()")
    assert page.evaluate("listeners()") == before - len((*NAMES, "step"))

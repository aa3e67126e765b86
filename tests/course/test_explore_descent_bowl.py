"""The explorable of gradient descent on a bowl: what it says on a page when it is moved."""

import numpy as np
import pytest

from mini_dl.course import explore
from tests.browser import explorable


@pytest.fixture
def page():
    """The explorable on an empty page: curvatures 2 and 0.5, so the limit is 1."""
    widget = explore.descent_bowl(np.diag([2.0, 0.5]), np.zeros(2), np.ones(2), lowest=0.25)
    with explorable(widget, ("hessian", "minimum", "start", "lowest", "names", "rate", "steps")) as page:
        yield page


def says(page) -> str:
    return page.locator("[role=status]").inner_text()


def test_the_limit_is_named_only_after_it_has_been_crossed(page):
    rate = page.get_by_label("learning rate")
    assert says(page).startswith("Learning rate 0.2: it arrives without overshooting.")
    rate.fill("0.99")
    assert says(page).startswith(
        "Learning rate 0.99: it overshoots along the steep direction, and still arrives."
    )
    assert "limit" not in says(page)
    rate.press("ArrowRight")
    rate.press("ArrowRight")
    assert says(page).startswith("Learning rate 1.01 is 1.01 of the limit 1: it diverges.")
    rate.fill("0.5")
    assert says(page).startswith("Learning rate 0.5 is 0.5 of the limit 1: it arrives without overshooting.")


def test_label_and_text_show_the_same_rate_and_the_loss_is_right(page):
    page.get_by_label("learning rate").fill("0.29")
    assert page.locator("label", has_text="learning rate").locator("output").inner_text() == "0.29"
    assert says(page).startswith("Learning rate 0.29:")
    at = np.array([(1 - 0.29 * 2.0) ** 12, (1 - 0.29 * 0.5) ** 12])
    loss = 0.25 + 0.5 * (2.0 * at[0] ** 2 + 0.5 * at[1] ** 2)
    assert says(page).endswith(f"Loss after 12 steps: {round(loss, 4):g}.")

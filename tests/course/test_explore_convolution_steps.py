"""The explorable of a kernel stepped over an image: its Python side, and what it does on a page."""

import numpy as np
import pytest

from mini_dl.course import explore
from mini_dl.course.explore.convolution_steps import KERNELS
from tests.browser import explorable

IMAGES = {
    "cross": np.array([[0, 0, 4, 0, 0], [0, 0, 4, 0, 0], [4, 4, 9, 4, 4], [0, 0, 4, 0, 0], [0, 0, 4, 0, 0]]),
    "wide": np.arange(24).reshape(4, 6),
}


def test_it_says_what_it_is_without_an_address():
    first, second = explore.convolution_steps(IMAGES), explore.convolution_steps(IMAGES)
    assert repr(first) == repr(second)
    assert repr(first).startswith("[Interactive figure: a kernel stepped over an image")
    assert "export default { render }" in first._esm


def test_it_takes_the_images_in_their_order():
    widget = explore.convolution_steps(IMAGES)
    assert [image["name"] for image in widget.images] == ["cross", "wide"]
    assert widget.images[1]["rows"] == IMAGES["wide"].tolist()
    assert widget.weights == np.ravel(KERNELS["upright edge"]).tolist()


@pytest.mark.parametrize(
    ("images", "message"),
    [
        ({}, "no image given"),
        ({"a": np.zeros(9)}, r"'a' has shape \(9,\)"),
        ({"a": np.zeros((2, 5))}, r"'a' has shape \(2, 5\)"),
        ({"a": np.zeros((5, 13))}, r"'a' has shape \(5, 13\)"),
        ({"ok": np.zeros((3, 3)), "b": np.full((3, 3), np.nan)}, "'b' holds NaN"),
        ({"a": -np.ones((3, 3))}, "'a' holds NaN, infinity or a number below 0"),
    ],
)
def test_it_names_what_is_no_image(images, message):
    with pytest.raises(ValueError, match=message):
        explore.convolution_steps(images)


# What it does on a page.


@pytest.fixture
def page():
    """The explorable on an empty page."""
    widget = explore.convolution_steps(IMAGES)
    keys = ("images", "kernels", "chosen", "weights", "stride", "padding", "at", "seen")
    with explorable(widget, keys) as page:
        yield page


def says(page) -> str:
    return page.locator("[role=status]").inner_text()


def shown(page) -> np.ndarray:
    """The output's numbers, NaN where it is still empty."""
    texts = page.locator("svg").nth(1).locator("text").all_text_contents()
    return np.array([float(text.replace("−", "-")) if text else np.nan for text in texts])


def expected(image: np.ndarray, weights: object, stride: int = 1, padding: int = 0) -> np.ndarray:
    """The output, computed here in another way: as a sum of nine shifted images."""
    image, weights = np.pad(image.astype(float), padding), np.reshape(weights, (3, 3))
    down, across = image.shape[0] - 2, image.shape[1] - 2
    total = sum(weights[a, b] * image[a : a + down, b : b + across] for a in range(3) for b in range(3))
    return total[::stride, ::stride].round(1).ravel()


def test_it_goes_from_place_to_place(page):
    right = expected(IMAGES["cross"], KERNELS["upright edge"])
    assert says(page).startswith("Row 1, column 1 of 3 × 3: 0·(−1) + 0·0 + 4·1 + 0·(−1)")
    assert says(page).endswith(f"= {right[0]:g}")
    assert page.get_by_role("button", name="Back").is_disabled()
    page.get_by_role("button", name="Next place").press("Enter")
    page.get_by_role("button", name="Next place").click()
    assert np.array_equal(shown(page)[:3], right[:3])
    assert np.isnan(shown(page)[3:]).all()
    page.get_by_role("button", name="Back").click()
    assert says(page).startswith("Row 1, column 2")
    assert not np.isnan(shown(page)[2])  # what was computed stays
    page.get_by_role("button", name="All places").click()
    assert np.array_equal(shown(page), right)
    page.get_by_role("button", name="Start again").click()
    assert np.isnan(shown(page)[1:]).all()


def test_a_click_on_the_output_goes_there(page):
    output = page.locator("svg").nth(1)
    box = output.bounding_box()
    output.click(position={"x": box["width"] * 0.5, "y": box["height"] * 0.9})
    assert says(page).startswith("Row 3, column 2 of 3 × 3")
    assert "place 8 of 9" in output.get_attribute("aria-label")


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("padding", [0, 1])
def test_every_kernel_gives_what_python_gives(page, stride, padding):
    page.get_by_role("group", name="image").get_by_role("button", name="wide").click()
    page.get_by_role("group", name="stride").get_by_role("button", name=str(stride)).click()
    page.get_by_role("group", name="padding").get_by_role("button", name=str(padding)).click()
    page.get_by_role("button", name="All places").click()
    for name, kernel in KERNELS.items():
        chooser = page.get_by_role("group", name="kernel", exact=True).get_by_role("button", name=name)
        chooser.click()
        assert chooser.get_attribute("aria-pressed") == "true"
        assert np.array_equal(shown(page), expected(IMAGES["wide"], kernel, stride, padding)), name


def test_the_weights_can_be_typed(page):
    page.get_by_role("button", name="All places").click()
    page.get_by_label("weight in row 1, column 1").fill("3")
    page.get_by_label("weight in row 3, column 2").fill("-0.5")
    weights = [3, 0, 1, -1, 0, 1, -1, -0.5, 1]
    assert np.array_equal(shown(page), expected(IMAGES["cross"], weights))
    page.get_by_label("weight in row 2, column 2").fill("")  # half typed: nothing changes
    assert np.array_equal(shown(page), expected(IMAGES["cross"], weights))
    page.get_by_label("weight in row 2, column 2").fill("100")  # beyond what fits: the nearest that does
    page.get_by_label("weight in row 2, column 2").blur()
    weights[4] = 9
    assert np.array_equal(shown(page), expected(IMAGES["cross"], weights))
    assert page.get_by_label("weight in row 2, column 2").input_value() == "9"


def test_it_fits_on_a_phone_and_stops_listening(page):
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("window.listeners()") == 6
    page.evaluate("window.stop_it()")
    assert page.evaluate("window.listeners()") == 0

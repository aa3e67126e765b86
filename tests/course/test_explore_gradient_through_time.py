"""The explorable of the gradient through time: its Python side, its numbers, and what it does on a page."""

import json
import shutil
import subprocess

import numpy as np
import pytest

from mini_dl.course import explore
from tests.browser import explorable


def test_it_says_what_it_is_without_an_address():
    first, second = explore.gradient_through_time(), explore.gradient_through_time()
    assert repr(first) == repr(second)
    assert repr(first).startswith("[Interactive figure: a recurrent unit's state and gradient")
    assert "export default { render }" in first._esm


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"weight": 2.5}, "weight is 2.5; give a number from -2 to 2"),
        ({"weight": float("nan")}, "weight is nan"),
        ({"push": 0}, "push is 0; give a number from 0.01 to 1"),
    ],
)
def test_it_names_what_is_out_of_range(settings, message):
    with pytest.raises(ValueError, match=message):
        explore.gradient_through_time(**settings)


def unit(weight: float, push: float, linear: bool) -> tuple[np.ndarray, np.ndarray]:
    """States and gradients, computed here in another way: by central differences in the complex plane."""
    states = [push]
    for _ in range(50):
        states.append(weight * states[-1] if linear else np.tanh(weight * states[-1]))
    gradients = []
    for t, start in enumerate(states):
        h = complex(start, 1e-200)
        for _ in range(50 - t):
            h = weight * h if linear else np.tanh(weight * h)
        gradients.append(h.imag / 1e-200)
    return np.array(states), np.array(gradients)


SETTINGS = [(0.9, 0.5, False), (1.5, 0.5, False), (-1.2, 0.02, False), (0.5, 1.0, True), (1.3, 0.5, True)]


@pytest.mark.parametrize(("weight", "push", "linear"), SETTINGS)
def test_its_numbers_are_right(tmp_path, weight, push, linear):
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node on the path: it computes the numbers of an explorable outside a browser")
    module = tmp_path / "widget.mjs"
    module.write_text(explore.gradient_through_time()._esm, encoding="utf-8")
    call = f"unit({weight}, {push}, {str(linear).lower()})"
    program = f"import {{ unit }} from {json.dumps(module.as_uri())}; console.log(JSON.stringify({call}));"
    done = subprocess.run(
        [node, "--input-type=module", "-e", program], capture_output=True, text=True, check=True, timeout=300
    )
    found = json.loads(done.stdout)
    states, gradients = unit(weight, push, linear)
    assert np.allclose(found["states"], states, rtol=1e-9)
    assert np.allclose(found["gradients"], gradients, rtol=1e-9, atol=0)


# What it does on a page.


@pytest.fixture
def page():
    """The explorable on an empty page."""
    with explorable(explore.gradient_through_time(), ("weight", "push", "linear")) as page:
        yield page


def says(page) -> str:
    return page.locator("[role=status]").inner_text()


def test_the_weight_and_the_tanh_change_what_comes_back(page):
    assert says(page).startswith("Weight 0.9: after 50 steps the state is")
    weight = page.get_by_label("weight w")
    weight.fill("1.1")
    page.get_by_role("button", name="without tanh").click()
    assert says(page).endswith(f"step 0 is {1.1**50:.1f}.")
    assert page.get_by_role("button", name="without tanh").get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="with tanh", exact=True).press("Enter")
    weight.focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    states, gradients = unit(1.5, 0.5, False)
    assert f"the state is {states[-1]:.3f}." in says(page)
    power = int(np.floor(np.log10(gradients[0])))
    mantissa = f"{gradients[0] / 10.0**power:.1f}".removesuffix(".0")
    raised = "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(-power))
    assert says(page).endswith(f"{mantissa}\u00a0·\u00a010⁻{raised}.")
    assert says(page) in page.locator("svg").get_attribute("aria-label")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_it_stops_listening_when_it_is_taken_off(page):
    before = page.evaluate("window.listeners()")
    page.evaluate("window.stop_it()")
    assert page.evaluate("window.listeners()") == before - 3  # the two sliders keep theirs

"""The explorable of attention: its Python side, and the weights that it computes on a page."""

import re

import numpy as np
import pytest

from mini_dl.course import explore
from tests.browser import explorable

RNG = np.random.default_rng(21)


def layer(rows: str, columns: str, heads: int = 2, d: int = 4):
    """Characters, and random queries and keys of two decimals."""
    q, k = RNG.normal(size=(heads, len(rows), d)), RNG.normal(size=(heads, len(columns), d))
    return rows, columns, q.round(2), k.round(2)


TEXTS = {
    "abc d": {"own": layer("abc d", "abc d"), "cross": layer("xyz", "abc d")},
    "ef": {"own": layer("ef", "ef"), "cross": layer("xy", "ef")},
}


def weights(q, k, causal=False, divisor=1.0):
    """Softmax of the products, in another way than the browser's."""
    z = np.einsum("td,sd->ts", q, k) / divisor
    if causal:
        z = np.where(np.tri(len(q), dtype=bool), z, -np.inf)
    return np.exp(z - np.logaddexp.reduce(z, axis=1)[:, None])


def test_it_says_what_it_is_without_an_address():
    first, second = explore.attention(TEXTS), explore.attention(TEXTS)
    assert repr(first) == repr(second)
    assert repr(first).startswith("[Interactive figure: where each attention head looks")
    assert "export default { render }" in first._esm


def test_it_keeps_texts_layers_and_numbers():
    widget = explore.attention(TEXTS, causal=["own"])
    assert [text["name"] for text in widget.texts] == list(TEXTS)
    own, cross = widget.texts[0]["layers"]
    assert (own["causal"], cross["causal"]) == (True, False)
    assert cross["rows"] == ["x", "y", "z"]
    assert np.array_equal(cross["keys"], TEXTS["abc d"]["cross"][3])


@pytest.mark.parametrize(
    ("texts", "causal", "message"),
    [
        ({}, (), "nothing to show"),
        ({"a": {}}, (), "nothing to show"),
        (
            {"a": {"own": ("ab", "ab", np.zeros((1, 3, 2)), np.zeros((1, 2, 2)))}},
            (),
            "'a', 'own'.*do not fit",
        ),
        ({"a": {"own": ("ab", "ab", np.zeros((2, 2)), np.zeros((2, 2)))}}, (), "'a', 'own'.*do not fit"),
        ({"a": {"own": ("a", "a", np.full((1, 1, 2), np.nan), np.zeros((1, 1, 2)))}}, (), "NaN"),
        ({"a": {"one": layer("a", "a")}, "b": {"two": layer("b", "b")}}, (), "differ in layers or heads"),
        ({"a": {"one": layer("a", "a"), "two": layer("a", "a", heads=3)}}, (), "differ in layers or heads"),
        (TEXTS, ["encoder"], r"causal names \['encoder'\]"),
        (TEXTS, ["cross"], "is causal, but has other rows than columns"),
    ],
)
def test_it_names_what_does_not_fit(texts, causal, message):
    with pytest.raises(ValueError, match=message):
        explore.attention(texts, causal)


# What it computes on a page.


@pytest.fixture(scope="module")
def page():
    """The explorable on an empty page, the first layer causal."""
    widget = explore.attention(TEXTS, causal=["own"])
    keys = ("texts", "chosen", "layer", "head", "row", "scaled", "temperature")
    with explorable(widget, keys) as page:
        yield page


def says(page) -> str:
    return page.locator("[role=status]").inner_text()


def shown(page) -> np.ndarray:
    """The weights drawn, row after row."""
    cells = page.locator("svg rect[fill-opacity]")
    return np.array(cells.evaluate_all("all => all.map(r => Number(r.getAttribute('fill-opacity')))"))


def press(page, group: str, name: str) -> None:
    page.get_by_role("group", name=group).get_by_role("button", name=name, exact=True).click()


def test_the_browser_computes_the_weights(page):
    for text, layers in TEXTS.items():
        for at, (_, _, queries, keys) in layers.items():
            for head in range(2):
                press(page, "text", text), press(page, "layer", at), press(page, "head", str(head + 1))
                for divide in (True, False):
                    page.get_by_label("divide by √d").set_checked(divide)
                    divisor = np.sqrt(queries.shape[-1]) if divide else 1.0
                    want = weights(queries[head], keys[head], at == "own", divisor)
                    assert shown(page) == pytest.approx(want.ravel(), abs=6e-4)
                    said = float(says(page).split()[-1].rstrip("."))
                    assert said == pytest.approx(want.max(axis=1).mean(), abs=6e-3)


def test_temperature_rows_and_keys(page):
    press(page, "text", "abc d"), press(page, "layer", "cross"), press(page, "head", "1")
    page.get_by_label("divide by √d").set_checked(True)
    page.get_by_label("temperature").fill("0.2")
    _, _, queries, keys = TEXTS["abc d"]["cross"]
    want = weights(queries[0], keys[0], divisor=2 * 0.2)
    assert shown(page) == pytest.approx(want.ravel(), abs=6e-4)
    page.locator("svg").focus()
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    assert says(page).startswith("“z” (row 3) looks at")
    best = int(want[2].argmax())
    assert re.search(rf"place {best + 1}\) {want[2].max() * 100:.0f}\s%", says(page))
    page.keyboard.press("ArrowUp")
    assert "“y” (row 2)" in page.locator("svg").get_attribute("aria-label")
    box = page.locator("svg").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.2)
    assert says(page).startswith("“x” (row 1)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_it_stops_listening_when_it_is_taken_off(page):
    before = page.evaluate("window.listeners()")
    page.evaluate("window.stop_it()")
    assert page.evaluate("window.listeners()") == before - 6  # the slider keeps its own

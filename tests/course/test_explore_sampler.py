"""The explorable of the sampler: its Python side, and what it does on a page when it is moved."""

import re

import numpy as np
import pytest

from mini_dl.course import explore
from tests.browser import explorable

TOKENS = [*"abcdefghijklmnopqrst", "␣"]
RNG = np.random.default_rng(22)
CONTEXTS = {"To b": (3 * RNG.standard_normal(21)).round(3), "And th": RNG.standard_normal(21).round(3)}


def test_it_says_what_it_is_without_an_address():
    first, second = explore.sampler(CONTEXTS, TOKENS), explore.sampler(CONTEXTS, TOKENS)
    assert repr(first) == repr(second)
    assert repr(first).startswith("[Interactive figure: the probabilities of the next token")
    assert "export default { render }" in first._esm
    assert "function slider" in first._esm


def test_it_begins_with_the_model_as_it_is():
    widget = explore.sampler(CONTEXTS, TOKENS)
    assert (widget.temperature, widget.top_k, widget.top_p) == (1.0, 21, 1.0)
    assert [context["text"] for context in widget.contexts] == list(CONTEXTS)
    assert np.allclose(widget.contexts[1]["logits"], CONTEXTS["And th"])
    assert widget.tokens == TOKENS


@pytest.mark.parametrize(
    ("contexts", "tokens", "message"),
    [
        ({}, "ab", "no text given"),
        ({"x": [0.0]}, "a", "1 tokens; give 2 to 500"),
        ({"x": [0.0] * 501}, [str(i) for i in range(501)], "501 tokens"),
        ({"x": [0.0, 1.0, 2.0]}, "aba", "the token 'a' is given twice"),
        ({"x": [0.0, 1.0, 2.0]}, "ab", r"after 'x' have shape \(3,\); give one a token: \(2,\)"),
        ({"ok": [0.0, 1.0], "y": [0.0, -np.inf]}, "ab", "after 'y' hold NaN or infinity"),
    ],
)
def test_it_names_what_it_cannot_show(contexts, tokens, message):
    with pytest.raises(ValueError, match=message):
        explore.sampler(contexts, tokens)


# What it does on a page.


@pytest.fixture(scope="module")
def page():
    """The explorable on an empty page, with two texts."""
    keys = ("contexts", "tokens", "chosen", "temperature", "top_k", "top_p")
    with explorable(explore.sampler(CONTEXTS, TOKENS), keys) as page:
        yield page


def says(page) -> str:
    return page.locator("[role=status]").inner_text()


def sampled_from(logits, temperature, top_k, top_p):
    """The probabilities after temperature, top-k and top-p: computed here in another way."""
    p = np.exp(logits / temperature - np.max(logits / temperature))
    p[p < np.sort(p)[-top_k]] = 0
    p /= p.sum()
    heavier = np.array([p[p > q].sum() for q in p])
    p[heavier >= top_p - 1e-9] = 0
    return p / p.sum()


def expect(page, text, temperature=1.0, top_k=21, top_p=1.0):
    """Compare all that the figure says with the distribution."""
    p = sampled_from(CONTEXTS[text], temperature, top_k, top_p)
    kept, bits = int((p > 0).sum()), float(-(p[p > 0] * np.log2(p[p > 0])).sum())
    said = re.fullmatch(
        r"(\d+) of 21 tokens can be drawn; the most likely, (.), has ([\d.]+) %\. Entropy: ([\d.]+) bits\.",
        says(page),
    )
    assert said, says(page)
    assert int(said[1]) == kept
    assert said[2] == TOKENS[p.argmax()]
    assert float(said[3]) == pytest.approx(100 * p.max(), abs=0.51)
    assert float(said[4]) == pytest.approx(bits, abs=6e-3)
    label = page.locator("svg").get_attribute("aria-label")
    for token, share in re.findall(r"(\S) (cut|[\d.]+ %)", label.split(": ")[1]):
        expected = p[TOKENS.index(token)]
        assert (share == "cut") == (expected == 0)
        if expected:
            assert float(share[:-2]) == pytest.approx(100 * expected, abs=0.51)
    return p


def move(page, name, presses, key="ArrowLeft"):
    page.get_by_label(name).focus()
    for _ in range(presses):
        page.keyboard.press(key)


def test_the_sliders_change_the_distribution(page):
    expect(page, "To b")
    move(page, "temperature", 10)
    expect(page, "To b", temperature=0.5)
    move(page, "top-k", 13)
    expect(page, "To b", temperature=0.5, top_k=8)
    move(page, "top-p", 2)
    expect(page, "To b", temperature=0.5, top_k=8, top_p=0.9)
    page.get_by_role("button", name="text 2").click()
    assert "And th" in page.locator(".explore").inner_text()
    move(page, "temperature", 1, "End")
    move(page, "top-k", 1, "End")
    expect(page, "And th", temperature=2.0, top_p=0.9)
    assert page.get_by_role("button", name="text 2").get_attribute("aria-pressed") == "true"


def test_it_draws_only_what_is_kept(page):
    move(page, "top-k", 1, "End")
    move(page, "temperature", 1, "End")
    p = expect(page, "And th", temperature=2.0, top_p=0.9)
    counts = np.zeros(len(TOKENS))
    for _ in range(40):
        page.get_by_role("button", name="Draw 20 times").press("Enter")
        drawn = page.locator("[aria-live=polite]").inner_text().removeprefix("Drawn: ").split(" ")
        assert len(drawn) == 20
        for token in drawn:
            counts[TOKENS.index(token)] += 1
    assert counts[p == 0].sum() == 0
    assert np.abs(counts / counts.sum() - p).max() < 0.05
    move(page, "top-k", 1, "Home")
    assert page.locator("[aria-live=polite]").inner_text().startswith("Nothing drawn yet")
    page.get_by_role("button", name="Draw 20 times").click()
    assert set(page.locator("[aria-live=polite]").inner_text().removeprefix("Drawn: ").split(" ")) == {
        TOKENS[p.argmax()]
    }
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_it_stops_listening_when_it_is_taken_off(page):
    before = page.evaluate("window.listeners()")
    page.evaluate("window.stop_it()")
    assert page.evaluate("window.listeners()") == before - 4  # the three sliders keep theirs

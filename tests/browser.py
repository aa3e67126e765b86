"""Debian's Chromium for the tests, driven by Playwright, and an explorable alone on a page of it."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = os.environ.get("CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)
# no sandbox (CI runs as root); nothing that makes the browser itself look for the network
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


PATIENCE = 120_000  # milliseconds for what has to come; on a busy machine the usual 5 s may not be enough

# whether all formulas of a page of the book are set
FORMULAS_ARE_SET = "!window.MathJax || (MathJax.startup && MathJax.startup.promise.then(() => true))"


@contextmanager
def launched() -> Iterator[Any]:
    """Start the browser and close it afterwards; skip the test, with the reason, where there is none."""
    if CHROMIUM is None:
        pytest.skip("no chromium on the path; set CHROMIUM to its program file")
    sync_api = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
    sync_api.expect.set_options(timeout=PATIENCE)
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=PATIENCE)
        yield browser
        browser.close()


# The model is a few lines of JavaScript, as in the static book.
PAGE = """<!doctype html><meta charset="utf-8"><title>explorable</title><div id="here"></div>
<script>SCRIPT</script>
<script type="module">
const state = STATE, heard = {};
const model = {
  get: (key) => state[key],
  set: (key, value) => {
    if (state[key] === value) return;
    state[key] = value;
    (heard[`change:${key}`] ?? []).forEach((act) => act());
  },
  save_changes: () => {},
  on: (event, act) => { heard[event] = [...(heard[event] ?? []), act]; },
  off: (event, act) => { heard[event] = (heard[event] ?? []).filter((a) => a !== act); },
};
const module = await import(URL.createObjectURL(new Blob([SOURCE], { type: "text/javascript" })));
window.stop_it = module.default.render({ model, el: document.getElementById("here") });
window.listeners = () => Object.values(heard).flat().length;
</script>"""


@contextmanager
def explorable(widget: Any, keys: Sequence[str]) -> Iterator[Any]:
    """Open a widget, with the values of its traits `keys`, on an empty page that may not complain."""
    with launched() as browser, explorable_in(browser, widget, keys) as page:
        yield page


@contextmanager
def explorable_in(browser: Any, widget: Any, keys: Sequence[str], script: str = "") -> Iterator[Any]:
    """Do the same in a browser that runs; `script` is what the page does before it draws the widget."""
    state = json.dumps({key: getattr(widget, key) for key in keys})
    source = json.dumps(widget._esm).replace("</", "<\\/")
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.set_default_timeout(PATIENCE)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.set_content(PAGE.replace("STATE", state).replace("SOURCE", source).replace("SCRIPT", script))
    page.add_style_tag(content=widget._css)
    page.wait_for_selector(".explore")
    yield page
    assert complaints == []
    page.close()


# Every text of an explorable with its contrast, as the Web Content Accessibility Guidelines 2.2 define it, to
# what lies behind it: the grounds of the card and its parts, and shapes that an SVG paints before it.
CONTRASTS = """(card) => {
  const channels = (text) => text.match(/[\\d.]+/g).map(Number);
  const over = (below, [r, g, b, alpha = 1]) => [r, g, b].map((c, i) => alpha * c + (1 - alpha) * below[i]);
  const luminance = (rgb) => rgb.map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  function ground(node) {
    const layers = [];
    for (let at = node; at; at = at.parentElement) {
      layers.unshift(channels(getComputedStyle(at).backgroundColor));
    }
    if (node instanceof SVGElement) {
      node.scrollIntoView({ block: "center" });
      const { x, y, width, height } = node.getBoundingClientRect();
      for (const shape of document.elementsFromPoint(x + width / 2, y + height / 2).reverse()) {
        const { fill, fillOpacity } = getComputedStyle(shape);
        const before = shape.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING;
        if (!(shape instanceof SVGGeometryElement) || fill === "none" || !before) continue;
        const [r, g, b, alpha = 1] = channels(fill);
        layers.push([r, g, b, alpha * fillOpacity]);
      }
    }
    return layers.reduce(over, [255, 255, 255]);
  }
  const found = [];
  const measure = (node, text) => {
    if (!node.getClientRects().length) return;
    const below = ground(node);
    const style = getComputedStyle(node);
    const ink = over(below, channels(node instanceof SVGElement ? style.fill : style.color));
    const [high, low] = [luminance(ink), luminance(below)].sort((a, b) => b - a);
    found.push([text, (high + 0.05) / (low + 0.05)]);
  };
  const texts = document.createTreeWalker(card, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode.data.trim();
    if (text) measure(texts.currentNode.parentElement, text);
  }
  for (const field of card.querySelectorAll("input[type=number]")) measure(field, field.value);
  return found;
}"""


def faint(card: Any, least: float = 4.5) -> list[str]:
    """Return the texts of an explorable whose contrast is below `least`."""
    measured = card.evaluate(CONTRASTS)
    assert measured, "the explorable shows no text"
    return [f"{text!r}: {ratio:.2f}" for text, ratio in measured if ratio < least]


def is_dark(card: Any) -> bool:
    """Say whether the ground of an element is dark: each of its channels below a quarter."""
    ground = card.evaluate("card => getComputedStyle(card).backgroundColor")
    return all(float(channel) < 64 for channel in re.findall(r"[\d.]+", ground)[:3])

"""Debian's Chromium for the tests, driven by Playwright, and an explorable alone on a page of it."""

from __future__ import annotations

import json
import os
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


@contextmanager
def launched() -> Iterator[Any]:
    """Start the browser and close it afterwards; skip the test, with the reason, where there is none."""
    if CHROMIUM is None:
        pytest.skip("no chromium on the path; set CHROMIUM to its program file")
    sync_api = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


# The model is a few lines of JavaScript, as in the static book.
PAGE = """<!doctype html><meta charset="utf-8"><title>explorable</title><div id="here"></div>
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
    state = json.dumps({key: getattr(widget, key) for key in keys})
    source = json.dumps(widget._esm).replace("</", "<\\/")
    with launched() as browser:
        page = browser.new_page(viewport={"width": 390, "height": 800})
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.set_content(PAGE.replace("STATE", state).replace("SOURCE", source))
        page.wait_for_selector(".explore")
        yield page
        assert complaints == []

"""The colours of the explorables, light and dark, and their weight: one set for all, no colour of an own."""

import re

import numpy as np
import pytest

from mini_dl.course import explore
from mini_dl.course.explore.base import FOLDER, STYLE
from tests.browser import explorable_in, faint, is_dark, launched
from tests.notebooks.test_jupyterlab import MADE

TEXT = ("ink", "soft", "blue", "green", "vermilion", "purple")
MARKS = (*TEXT, "line", "sky", "orange")
APART = ("ink", "blue", "sky", "orange", "green", "vermilion", "purple")  # told apart in one picture


def read(block: str) -> dict[str, np.ndarray]:
    """The colours of a block of the style sheet as linear RGB."""
    found = {}
    for name, code in re.findall(r"--([\w-]+): #(\w+)", block):
        digits = code if len(code) == 6 else "".join(2 * c for c in code)
        c = np.array([int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)])
        found[name] = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return found


BLOCKS = re.findall(r"\{([^{}]*--paper:[^{}]*)", STYLE)
PALETTES = dict(zip(("light", "dark"), map(read, BLOCKS), strict=True))
both = pytest.mark.parametrize("colors", PALETTES.values(), ids=PALETTES.keys())


def contrast(a: np.ndarray, b: np.ndarray) -> float:
    """The ratio of the Web Content Accessibility Guidelines."""
    low, high = sorted(float(np.dot([0.2126, 0.7152, 0.0722], c)) for c in (a, b))
    return (high + 0.05) / (low + 0.05)


@both
def test_the_colours_keep_what_the_style_sheet_promises(colors):
    for ground in ("paper", "ground"):
        for name in MARKS:
            assert contrast(colors[name], colors[ground]) >= (4.5 if name in TEXT else 3), (name, ground)
    for name in colors:
        if name.endswith(("-ground", "-fill")):
            assert contrast(colors["ink"], colors[name]) >= 4.5, name
    assert contrast(colors["paper"], colors["blue"]) >= 4.5  # a button that is pressed


# How colours look without one kind of cones: Machado, Oliveira and Fernandes (2009), severity 1.
BLIND = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
OKABE_ITO = read("--black: #000000; --orange: #e69f00; --sky: #56b4e9; --green: #009e73; --blue: #0072b2;"
                 "--vermilion: #d55e00; --purple: #cc79a7")  # fmt: skip


def lab(color: np.ndarray) -> np.ndarray:
    """Linear RGB in CIELAB, where distances are roughly those that the eye sees."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(color, 0, 1) / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def closest(colors: list[np.ndarray], eye: np.ndarray) -> float:
    """The smallest distance between two of the colours, as an eye sees them."""
    seen = [lab(eye @ color) for color in colors]
    return min(float(np.linalg.norm(a - b)) for i, a in enumerate(seen) for b in seen[:i])


@both
def test_colour_blind_readers_tell_the_colours_apart_as_well_as_okabe_and_itos(colors):
    bar = min(closest(list(OKABE_ITO.values()), np.array(eye)) for eye in BLIND.values())
    for kind, eye in BLIND.items():
        assert closest([colors[name] for name in APART], np.array(eye)) > 0.9 * bar, kind


def test_no_script_has_a_colour_of_its_own():
    assert set(PALETTES["light"]) == set(PALETTES["dark"])
    used: set[str] = set()
    for file in sorted(FOLDER.glob("*.[cj]s*")):
        text = file.read_text(encoding="utf-8")
        used |= set(re.findall(r"var\(--([a-z-]+)\)", text))
        if file.suffix == ".js":
            own = re.findall(r"#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?)\(|[\"' ](?:white|black)[\"';]", text)
            assert own == [], file.name
    assert used <= set(PALETTES["light"])


# Each on a page.


def made(name):
    """The explorable as JupyterLab's test makes it, with the names of the values that its script reads."""
    widget = eval(MADE[name][0], {"explore": explore, "np": np})
    inherited = {"comm", "layout", "tabbable", "tooltip"}
    return widget, [k for k in widget.keys if not k.startswith("_") and k not in inherited]


@pytest.fixture(scope="module")
def chromium():
    with launched() as browser:
        yield browser


@pytest.mark.parametrize("name", explore.__all__)
def test_its_script_and_style_are_small(name):
    widget, _ = made(name)
    assert len(widget._esm.encode()) + len(widget._css.encode()) < 15_000


@pytest.mark.parametrize(
    ("light", "dark"),
    [
        (
            "document.documentElement.dataset.theme = 'light'",
            "document.documentElement.dataset.theme = 'dark'",
        ),
        ("document.body.dataset.jpThemeLight = 'true'", "document.body.dataset.jpThemeLight = 'false'"),
        (
            "document.documentElement.setAttribute('theme', 'light')",
            "document.documentElement.setAttribute('theme', 'dark')",
        ),
    ],
    ids=["book", "JupyterLab", "Colab"],
)
def test_it_follows_the_page_at_once_and_is_light_on_paper(chromium, light, dark):
    with explorable_in(chromium, *made("threshold_unit"), light) as page:
        card = page.locator(".explore")
        assert not is_dark(card)
        page.evaluate(dark)
        assert is_dark(card)
        page.emulate_media(media="print")
        assert not is_dark(card)
        page.emulate_media(media="screen")
        page.evaluate(light)
        assert not is_dark(card)


@pytest.mark.parametrize("name", explore.__all__)
def test_dark_it_is_legible_and_says_what_it_says_in_light(chromium, name):
    said = {}
    for theme in ("light", "dark"):
        with explorable_in(
            chromium, *made(name), f"document.documentElement.dataset.theme = '{theme}'"
        ) as page:
            card = page.locator(".explore")
            assert is_dark(card) == (theme == "dark")
            said[theme] = []
            for _ in range(4):
                assert faint(card) == [], theme
                pictures = card.locator("svg[aria-label], canvas[aria-label]")
                labels = pictures.evaluate_all("all => all.map((p) => p.getAttribute('aria-label'))")
                said[theme].append([card.inner_text(), *labels])
                control = card.locator(MADE[name][1]).first
                if control.is_enabled():
                    control.press("Enter" if "button" in MADE[name][1] else "ArrowRight")
    assert said["dark"] == said["light"]
    assert said["light"][0] != said["light"][-1]

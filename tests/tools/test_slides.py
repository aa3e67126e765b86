"""The decks: their form, and each slide in a browser. tools/slides.py says what is wrong with a deck."""

from __future__ import annotations

import html
import importlib.util
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat
import pytest
from nbconvert import SlidesExporter
from pypdf import PdfReader

from tests.browser import launched
from tools import slides

MOST_WORDS = 45
DECKS = slides.all_decks()
# what other systems would use for the course's letters, wider than any of theirs
WIDE = ":root { --course-serif: 'DejaVu Serif'; --course-sans: 'DejaVu Sans'; }"

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "1_one_neuron" / "02_perceptron.ipynb"
FIGURE = "c-52a34f80"
PRINTED = "c-dd47c1de"
SOLUTION = next(
    c.id for c in nbformat.read(NOTEBOOK, as_version=4).cells if "solution" in c.metadata.get("tags", [])
)
LINK = "../../notebooks/1_one_neuron/02_perceptron.ipynb"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the decks, whose name has a space and a letter with an accent."""
    return tmp_path_factory.mktemp("slides") / "my slidés"


# --- the form -----------------------------------------------------------------------------------


def test_every_notebook_has_a_deck():
    """But for the self-test, number 0, which is not taught."""
    stems = [p.stem for p in slides.run_notebooks.all_notebooks()]
    assert [p.stem for p in DECKS] == [stem for stem in stems if not stem.startswith("00_")]


@pytest.mark.parametrize("path", DECKS, ids=lambda p: p.stem)
def test_a_deck_is_short_and_asks_the_class(path: Path):
    deck = slides.read(path)
    assert 10 <= len(deck.slides) <= 15
    long = {slide.heading: slide.words for slide in deck.slides if slide.words > MOST_WORDS}
    assert not long, f"{path.name}: slides of more than {MOST_WORDS} words: {long}"
    asked = [
        i for i, slide in enumerate(deck.slides) if re.search(r"^>", "\n".join(slide.parts), re.MULTILINE)
    ]
    gaps = [b - a for a, b in zip([0, *asked], [*asked, len(deck.slides)], strict=True)]
    assert max(gaps) <= 5, f"{path.name}: no question to the class for {max(gaps)} slides"
    assert all(slide.note for slide in deck.slides), f"{path.name}: a slide has no note for the speaker"
    assert "| Exercise |" in deck.slides[-1].parts[0], f"{path.name}: the last slide is for `exercises:`"
    assert len(deck.figures) >= 3, f"{path.name} shows few of the notebook's figures"


def test_words_are_counted_as_a_reader_does():
    text = "## Two words\n\n$$a = b$$ and [a link](https://example.org) $x$\n\n"
    shown = "```python\nno word = 1\n```\n\n| no | no |"
    assert slides.Slide(1, [text + shown, "three words later"]).words == 2 + 1 + 3 + 1 + 3


# --- in the browser -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with launched() as browser:
        yield browser


@pytest.mark.slow_file
@pytest.mark.parametrize("path", DECKS, ids=lambda p: p.stem)
def test_every_slide_fits_and_nothing_comes_from_outside(path: Path, folder: Path, chromium: Any):
    slides.make([path], folder)
    page = chromium.new_page(viewport={"width": slides.WIDTH, "height": slides.HEIGHT})
    complaints, requests = [], []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("requestfailed", lambda request: complaints.append(f"not found: {request.url}"))
    page.on("request", lambda request: requests.append(request.url))
    page.goto((folder / f"{path.stem}.html").as_uri())
    found = [f"slide {number}: {fault}" for number, fault in slides.faults(page) if fault]
    parts = [part for slide in slides.read(path).slides for part in slide.parts]
    formulas = sum(len(slides.FORMULA.findall(part)) for part in parts)
    assert page.locator(".frame mjx-container").count() == formulas
    page.add_style_tag(content=WIDE)
    wide = [f"slide {number}, wide letters: {fault}" for number, fault in slides.faults(page) if fault]
    found += [fault for fault in wide if "the figure is only" not in fault]  # it gives way to the words
    page.close()
    assert not found
    assert not complaints
    assert not [url for url in requests if not url.startswith(("file:", "data:", "blob:"))]


# --- a deck of the test's own -------------------------------------------------------------------

GOOD = f"""# 2 · The perceptron

Can it learn?

---

## A figure, 75 % of it

![]({FIGURE})

output: {PRINTED}

> What do you see?

Note: *Wait* for three answers.

---

## Code and a claim

code: {PRINTED} 6-9

. . .

claim: {PRINTED}

[Step through it](../../notebooks/1_one_neuron/02_perceptron.ipynb#the-rule), $x < y$

---

## Try it

exercises:
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "decks" / "02_perceptron.md"
    path.parent.mkdir()
    link = quote(Path(os.path.relpath(NOTEBOOK, path.parent)).as_posix())  # the clone's path may have spaces
    path.write_text(GOOD.replace(LINK, link), encoding="utf-8")
    return path


def test_what_the_notebook_holds_is_put_in(own: Path, tmp_path: Path):
    (page,) = slides.make([own], tmp_path / "out", book="../the book/")
    text = page.read_text(encoding="utf-8")
    cells = {cell.id: cell for cell in nbformat.read(NOTEBOOK, as_version=4).cells}
    (png,) = [o.data["image/png"] for o in cells[FIGURE].outputs if "image/png" in o.get("data", {})]
    alt = html.escape(" ".join(cells[FIGURE].metadata.mystnb.image.alt.split()))
    assert f'<img alt="{alt}" src="data:image/png;base64,{png.replace(chr(10), "")}">' in text
    assert "75\u00a0%" in text
    assert 'href="../the book/notebooks/1_one_neuron/02_perceptron.html#the-rule"' in text
    assert r"\(x &lt; y\)" in text
    assert "The perceptron separates the zeros from the ones" in text
    assert re.search(r"<p>.*Wait.*for three answers", text)
    exercises = [c.metadata.exercise for c in cells.values() if "exercise" in c.metadata]
    assert len(re.findall(r"<td[^>]*>\d+ min</td>", text)) == len(exercises)


def test_the_notebook_of_slides_becomes_slides_with_nbconvert(own: Path, tmp_path: Path):
    slides.make([own], tmp_path / "out")
    nb = nbformat.read(tmp_path / "out" / "02_perceptron.ipynb", as_version=4)
    nbformat.validate(nb)
    kinds = [cell.metadata.slideshow.slide_type for cell in nb.cells]
    assert kinds == ["slide", "slide", "notes", "slide", "fragment", "slide"]
    text, _ = SlidesExporter().from_notebook_node(nb)
    assert len(re.findall(r'<img alt="Ten handwritten[^>]*data:image/png;base64,', text)) == 1
    assert len(re.findall(r"<section><section>", re.sub(r"\s+", "", text))) == 4


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (f"({FIGURE})", "(c-00000000)", "line 9: 02_perceptron.ipynb has no cell c-00000000"),
        (f"({FIGURE})", f"({PRINTED})", f"line 9: cell {PRINTED} of 02_perceptron.ipynb shows no figure"),
        (f"output: {PRINTED}", f"![]({FIGURE})", "line 11: a second figure on one slide"),
        (f"code: {PRINTED} 6-9", f"code: {PRINTED} 6-900", "line 21: lines 6-900 of the code of cell"),
        (
            f"claim: {PRINTED}",
            f"claim: {PRINTED} 7",
            "line 25: cell c-dd47c1de of 02_perceptron.ipynb has no claim 7",
        ),
        (
            f"code: {PRINTED} 6-9",
            f"code: {SOLUTION}",
            f"line 21: cell {SOLUTION} of 02_perceptron.ipynb is a sol",
        ),
        ("## Code", "Code", "line 29: the slide above does not begin with a heading, `## …`"),
        (
            "# 2 · The perceptron",
            "# Perceptrons",
            "the first slide's heading is 'Perceptrons', the notebook's",
        ),
        ("#the-rule", "#the-law", "leads to no heading"),
        ("02_perceptron.ipynb", "02_perceptrons.ipynb", "leads to no file"),
        ("Can it learn?", f"```\n{'long ' * 30}\n```", "line 1: a line of 150 characters is too long"),
    ],
)
def test_a_mistake_is_said_with_its_place(
    old: str, new: str, said: str, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
):
    text = own.read_text(encoding="utf-8")
    assert old in text
    own.write_text(text.replace(old, new), encoding="utf-8")
    monkeypatch.setattr(slides, "find", lambda name: own)
    assert slides.main(["02", "--to", str(tmp_path / "out")]) == 1
    error = capsys.readouterr().err
    assert f"{own}, line " in error
    assert said in error
    assert not (tmp_path / "out").exists()


def test_an_unknown_deck_is_said_with_those_there_are(capsys: pytest.CaptureFixture[str]):
    assert slides.main(["77"]) == 1
    assert "no deck fits '77': there are" in capsys.readouterr().err


def test_a_missing_package_is_said_with_the_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(slides.SlidesError, match=r"slides need sphinx-revealjs: python -m pip install"):
        slides.write_assets(tmp_path)


def test_what_does_not_fit_is_seen(own: Path, tmp_path: Path, chromium: Any):
    text = own.read_text(encoding="utf-8")
    text = text.replace("> What do you see?", "- a line\n" * 9)
    text = text.replace("Can it learn?", r"Can it learn $\notacommand{x}$?")
    text = text.replace("[Step", f"{'endless' * 14} [Step")
    own.write_text(text, encoding="utf-8")
    (address,) = slides.make([own], tmp_path / "out")
    page = chromium.new_page(viewport={"width": 900, "height": 700})
    page.goto(address.as_uri())
    found = "\n".join(f"{number} {fault}" for number, fault in slides.faults(page) if fault)
    page.close()
    assert re.search(r"^1 .* is no formula", found, re.MULTILINE)
    assert re.search(r"^2 (<.*> .* does not fit|the figure is only)", found, re.MULTILINE)
    assert re.search(r"^3 .*endless.* is too wide", found, re.MULTILINE)
    assert not re.search(r"^4", found, re.MULTILINE)


def test_a_deck_is_printed_and_has_a_speaker_view(own: Path, tmp_path: Path, chromium: Any):
    (address,) = slides.make([own], tmp_path / "out")
    page = chromium.new_page()
    page.goto(f"{address.as_uri()}?print-pdf")
    page.wait_for_function(slides.READY)
    page.wait_for_selector(".pdf-page")
    sheets = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    texts = [" ".join(sheet.extract_text().split()) for sheet in sheets]
    assert len(texts) == 4
    assert "2 / 4" in texts[1]
    assert "2050 mistakes" in texts[1]
    assert "three answers" not in "".join(texts), "notes are the speaker's"
    page.goto(f"{address.as_uri()}#/1")
    page.reload()
    page.wait_for_function(slides.READY)
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    speaker = opened.value
    speaker.wait_for_selector(".speaker-controls-notes .value em")
    assert "Wait for three answers" in speaker.inner_text(".speaker-controls-notes .value")
    speaker.close()
    page.close()

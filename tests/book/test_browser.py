"""The book as a reader's browser sees it: Debian's Chromium, driven by Playwright, without a network."""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag

import pytest

from mini_dl.course import explore
from tests.book.builds import (
    STATE,
    VIEW,
    Built,
    code,
    finish,
    markdown,
    small_tree,
    start_build,
    write_notebook,
)
from tests.book.test_light import course_light
from tests.browser import CHROMIUM, FORMULAS_ARE_SET, PATIENCE, faint, is_dark, launched
from tests.notebooks.test_jupyterlab import MADE

playwright = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")

pytestmark = [
    pytest.mark.slow_file,
    pytest.mark.skipif(not CHROMIUM, reason="no chromium on the path; set CHROMIUM to its program file"),
]
# A widget of the smallest useful kind: a slider, a point that can be dragged, and two lines that show
# what the model says.
DEMO = """
function render({ model, el }) {
  el.innerHTML = `<label>weight <input type="range" min="0" max="10"></label>
    <svg viewBox="0 0 200 40" width="200" height="40"><circle cx="20" cy="20" r="8"></circle></svg>
    <output></output><p class="heard"></p>`;
  const slider = el.querySelector("input"), dot = el.querySelector("circle");
  const show = () => {
    slider.value = model.get("weight");
    el.querySelector("output").textContent = `${model.get("name")} = ${model.get("weight")}`;
  };
  let heard = 0;
  model.on("change:weight", show);
  model.on("change", () => { el.querySelector(".heard").textContent = `heard ${++heard}`; });
  const forgotten = () => { throw new Error("taken off, and called all the same"); };
  model.on("change:weight", forgotten);
  model.off("change:weight", forgotten);
  slider.addEventListener("input", () => {
    model.set("weight", Number(slider.value));
    model.save_changes();
  });
  dot.addEventListener("pointerdown", (e) => dot.setPointerCapture(e.pointerId));
  dot.addEventListener("pointermove", (e) => {
    if (!e.buttons) return;
    const x = Math.round(e.clientX - el.querySelector("svg").getBoundingClientRect().left);
    dot.setAttribute("cx", x);
    model.set("weight", Math.round(x / 20));
  });
  el.dataset.bytes = model.get("bytes").getUint8(1);
  show();
}
"""
NAMED = "export " + DEMO  # how anywidget's earlier versions had it
FACTORY = f"""{DEMO}
export default async () => ({{
  initialize({{ model }}) {{ model.set("weight", 7); model.send({{}}); }},
  render,
}});
"""


@dataclass
class Seen:
    """A page together with what it asked for and what it complained of."""

    page: Any
    origin: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> Any:
        """Open a page of the book and wait until its mathematics is set."""
        self.page.goto(self.origin + path)
        self.page.wait_for_function(FORMULAS_ARE_SET)
        return self.page

    @property
    def outside(self) -> list[str]:
        """The addresses asked for that are not the book's own."""
        own = (self.origin, "blob:", "data:")
        return [address for address in self.requests if not address.startswith(own)]

    def is_clean(self) -> None:
        """Assert that nothing went wrong and nothing left the house."""
        assert self.outside == []
        assert self.complaints == []


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with launched() as browser:
        yield browser


@contextmanager
def opened(chromium: Any, origin: str, **options: Any) -> Iterator[Seen]:
    context = chromium.new_context(**options)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    seen = Seen(page, origin)
    page.on("request", lambda r: seen.requests.append(r.url))
    page.on("console", lambda m: seen.complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: seen.complaints.append(str(e)))
    page.on("requestfailed", lambda r: seen.complaints.append(f"failed: {r.url}"))
    yield seen
    context.close()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def site(book: Built, pages: list[Path]) -> Iterator[str]:
    with served(book.html) as origin:
        yield origin


@pytest.fixture(scope="module")
def names(book: Built, pages: list[Path]) -> list[str]:
    return [path.relative_to(book.html).as_posix() for path in pages]


# ------------------------------------------------------------------------------------- the real book


def test_every_page_is_whole_and_fits_a_wide_screen(chromium: Any, site: str, names: list[str]) -> None:
    widgets = 0
    with opened(chromium, site, viewport={"width": 1280, "height": 900}) as seen:
        for name in names:
            page = seen.go(name)
            assert page.evaluate("document.documentElement.scrollWidth") <= 1280, name
            formulas = page.locator("article .math").count()
            assert page.locator("article .math mjx-container").count() >= formulas, name
            assert page.locator("mjx-merror, .merror").count() == 0, name
            assert page.locator("article img").evaluate_all(
                "images => images.every(i => i.naturalWidth > 0)"
            ), name
            tags = page.locator(f'script[type="{VIEW}"]').count()
            if tags:  # the interactive figures are alive
                playwright.expect(page.locator(".course-widget")).to_have_count(tags)
                playwright.expect(page.locator(".course-widget:empty")).to_have_count(0)
                assert page.locator(".course-widget-message").count() == 0, name
            widgets += tags
            seen.is_clean()
        assert any("mathjax" in address for address in seen.requests)
    assert widgets, "no notebook has an interactive figure"


def test_no_page_scrolls_sideways_on_a_phone(chromium: Any, site: str, names: list[str]) -> None:
    with opened(chromium, site, viewport={"width": 390, "height": 800}, color_scheme="dark") as seen:
        for name in [*names, "genindex.html", "search.html"]:
            page = seen.go(name)
            assert page.evaluate("document.documentElement.dataset.theme") == "dark"
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
        seen.is_clean()


def test_a_link_to_a_term_and_to_a_work_shows_it(chromium: Any, site: str) -> None:
    with opened(chromium, site) as seen:
        for address in ("book/glossary.html#term-perceptron", "book/bibliography.html#ref-rosenblatt1958"):
            page = seen.go(address)
            target = page.locator("#" + address.split("#")[1])
            playwright.expect(target).to_be_in_viewport()
            assert "erceptron" in target.inner_text()
        seen.is_clean()


@pytest.mark.parametrize(
    ("words", "hit", "address"),
    [
        ("vanishing gradient", "Glossary > vanishing gradient", "**/book/glossary.html*"),
        ("softmax", "Glossary > softmax", "**/book/glossary.html*"),
        ("Rosenblatt", "2 · The perceptron", "**/notebooks/1_one_neuron/02_perceptron.html*"),
    ],
)
def test_search_finds_and_opens_the_page(
    chromium: Any, site: str, words: str, hit: str, address: str
) -> None:
    with opened(chromium, site) as seen:
        page = seen.go("book/intro.html")
        page.keyboard.press("Control+k")
        page.keyboard.type(words)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/search.html?q={words.split()[0]}*")
        page.wait_for_load_state("networkidle")  # the excerpts under the hits have come
        page.locator("#search-results a", has_text=hit).first.click()
        page.wait_for_url(address)
        playwright.expect(page.locator("article").get_by_text(words).first).to_be_visible()
        seen.is_clean()


def test_no_page_transfers_2_megabytes(chromium: Any, site: str, book: Built, names: list[str]) -> None:
    """What a first visit fetches, with text compressed as GitHub Pages and every other host does."""
    sizes = {}
    for name in ["book/intro.html", *(name for name in names if name.startswith("notebooks/"))]:
        with opened(chromium, site) as seen:  # nothing kept from another page
            seen.go(name).wait_for_load_state("networkidle")
            addresses = {unquote(urldefrag(a)[0].split("?")[0]) for a in seen.requests}
        files = [book.html / a.removeprefix(site) for a in addresses if a.startswith(site)]
        sizes[name] = sum(transferred(file) for file in files)
        assert len(files) > 5, name
    heaviest = max(sizes, key=lambda name: sizes[name])
    assert sizes[heaviest] < 2_000_000, f"{heaviest}: {sizes[heaviest] / 1e6:.2f} MB"


@functools.cache
def transferred(file: Path) -> int:
    content = file.read_bytes()
    return len(gzip.compress(content, 6)) if file.suffix in (".html", ".js", ".css", ".svg") else len(content)


def test_every_icon_is_drawn(chromium: Any, site: str, names: list[str]) -> None:
    """Each is a letter of a font that has come; that the fonts have these letters, test_light.py holds."""
    icons = """() => document.fonts.ready.then(() =>
      [...document.querySelectorAll("i[class*='fa-']")].map((i) => {
        const style = getComputedStyle(i, "::before");
        const letter = style.content.replaceAll('"', "");
        const font = `${style.fontWeight} 16px ${style.fontFamily}`;
        return [i.className, letter, style.fontFamily, document.fonts.check(font, letter)];
      }))"""
    drawn = set()
    with opened(chromium, site) as seen:
        for name in (names[0], names[-1], "search.html"):
            found = seen.go(name).evaluate(icons)
            assert len(found) > 5, name
            for icon, letter, font, there in found:
                assert course_light.ICON.fullmatch(letter), f"{name}: {icon} is {letter!r}"
                assert "Font Awesome" in font, f"{name}: {icon} is set in {font}"
                assert there, f"{name}: the font of {icon} has not come"
                drawn.add(letter)
        assert not [address for address in seen.requests if "fontawesome.js" in address]
        seen.is_clean()
    assert len(drawn) > 10


def test_dark_mode_is_switched_and_stays(chromium: Any, site: str) -> None:
    with opened(chromium, site, color_scheme="light") as seen:
        page = seen.go("book/intro.html")
        theme = "document.documentElement.dataset.theme"
        ground = "getComputedStyle(document.body).backgroundColor"
        assert page.evaluate(theme) == "light"
        light = page.evaluate(ground)
        for _ in range(3):  # auto, light, dark, in turn
            page.locator("button.theme-switch-button:visible").first.click()
            if page.evaluate(theme) == "dark":
                break
        assert page.evaluate(theme) == "dark"
        assert page.evaluate(ground) != light
        page = seen.go("book/glossary.html")
        assert page.evaluate(theme) == "dark"
        seen.is_clean()


def test_each_explorable_follows_dark_mode(chromium: Any, site: str, book: Built, names: list[str]) -> None:
    """Its card is dark, its texts are legible, and the keyboard moves its numbers as it does in light."""
    on_page = {name: kinds for name in names if (kinds := explorables(book.html / name))}
    assert {kind for kinds in on_page.values() for kind in kinds} == set(explore.__all__)
    said: dict[str, list[list[str]]] = {"light": [], "dark": []}
    for scheme, states in said.items():
        with opened(chromium, site, color_scheme=scheme) as seen:
            for name, kinds in on_page.items():
                cards = seen.go(name).locator(".explore")
                playwright.expect(cards).to_have_count(len(kinds))
                for card, kind in zip(cards.all(), kinds, strict=True):
                    assert is_dark(card) == (scheme == "dark"), kind
                    control = card.locator(MADE[kind][1]).first
                    before = all_said(card)
                    for _ in range(2):
                        assert faint(card) == [], (kind, scheme)
                        control.press("Enter" if "button" in MADE[kind][1] else "ArrowRight")
                    assert faint(card) == [], (kind, scheme)
                    states.append([kind, before, all_said(card)])
                    assert states[-1][1] != states[-1][2], kind
            seen.is_clean()
    assert said["dark"] == said["light"]


def explorables(page: Path) -> list[str]:
    """The names of the explorables of a page, in their order."""
    text = page.read_text(encoding="utf-8")
    stored, views = (
        [
            json.loads(found)
            for found in re.findall(f'<script type="{re.escape(kind)}">(.*?)</script>', text, re.S)
        ]
        for kind in (STATE, VIEW)
    )
    models = {id_: model["state"] for each in stored for id_, model in each["state"].items()}
    ids = [models[each["model_id"]].get("_anywidget_id", "") for each in views]
    return [id_.split(".")[-2] for id_ in ids if id_.startswith("mini_dl.course.explore.")]


def all_said(card: Any) -> str:
    """The texts of an explorable, seen or told to a screen reader."""
    labels = (
        "card => [...card.querySelectorAll('[aria-label]')].map((e) => e.getAttribute('aria-label')).join()"
    )
    return str(card.inner_text() + card.evaluate(labels))


def test_axe_finds_nothing(chromium: Any, site: str, names: list[str]) -> None:
    """All rules on every page; contrast, which is the style sheet's and slow, on one page of each kind."""
    axe = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    script = (Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    meaning = {
        "runOnly": {"type": "tag", "values": tags},
        "rules": {"color-contrast": {"enabled": False}},
    }
    contrast = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
    kinds = ["book/intro.html", "book/claims.html", "book/setup.html", "book/api/functional.html"]
    kinds += [next(name for name in names if name.startswith("notebooks/"))]
    found = []
    for scheme, pages, options in [
        ("light", names, meaning),
        ("light", kinds, contrast),
        ("dark", kinds, contrast),
    ]:
        with opened(chromium, site, color_scheme=scheme) as seen:
            for name in pages:
                page = seen.go(name)
                page.evaluate(script)
                # MathJax's own elements are hidden from screen readers, which get its MathML
                found_here = page.evaluate(
                    "o => axe.run({ exclude: ['mjx-container'] }, o).then((r) => r.violations)",
                    options | {"resultTypes": ["violations"], "preload": False},
                )
                for violation in found_here:
                    nodes = [node["html"][:120] for node in violation["nodes"][:3]]
                    found.append(f"{scheme}: {name}: {violation['id']}: {nodes}")
    assert found == []


def test_formulas_are_set_a_few_at_a_time(chromium: Any, site: str) -> None:
    """A long page goes on answering to its reader while its formulas are set."""
    watch = """addEventListener("DOMContentLoaded", () => {
      window.sets = []
      const wait = setInterval(() => {
        if (!window.MathJax?.typesetPromise) return;
        clearInterval(wait);
        const set = MathJax.typesetPromise;
        MathJax.typesetPromise = (formulas) => { sets.push(formulas.length); return set(formulas); };
      }, 1);
    });"""
    with opened(chromium, site) as seen:
        seen.page.add_init_script(watch)
        page = seen.go("notebooks/2_backpropagation/05_backpropagation.html")
        formulas = page.locator(".math").count()
        assert formulas > 60
        assert page.locator(".math mjx-container").count() >= formulas
        sets = page.evaluate("sets")
        assert len(sets) > 5
        assert max(sets) <= 6


def test_the_book_works_from_the_disk(chromium: Any, book: Built, names: list[str]) -> None:
    with opened(chromium, book.html.as_uri() + "/") as seen:
        notebooks = [name for name in names if name.startswith("notebooks/")]
        for name in ["book/notation.html", *notebooks]:
            page = seen.go(name)
            formulas = page.locator("article .math").count()
            assert page.locator("article .math mjx-container").count() >= formulas, name
            tags = page.locator(f'script[type="{VIEW}"]').count()
            playwright.expect(page.locator(".course-widget")).to_have_count(tags)
            playwright.expect(page.locator(".course-widget:empty")).to_have_count(0)
            assert page.locator(".course-widget-message").count() == 0, name
        seen.is_clean()
        page.goto(seen.origin + "search.html?q=softmax")
        playwright.expect(page.locator("#search-results a", has_text="softmax").first).to_be_visible()
        assert seen.outside == []  # the excerpts under the hits do need a server


def test_without_javascript_all_is_there_to_read(chromium: Any, site: str, names: list[str]) -> None:
    with opened(chromium, site, java_script_enabled=False) as seen:
        name = next(name for name in names if name.startswith("notebooks/1_"))
        page = seen.page
        page.goto(site + name)
        assert page.locator("article h1").inner_text().strip()
        assert page.locator("article img:visible").count() > 0
        assert page.locator("article .highlight:visible").count() > 5
        hint = page.locator("article details").first
        hint.locator("summary").click()
        assert hint.evaluate("d => d.open")
        still = page.locator("img.course-still").first
        still.scroll_into_view_if_needed()
        playwright.expect(still).to_be_visible()
        playwright.expect(still).to_have_js_property("complete", True)
        assert still.evaluate("i => i.naturalWidth >= i.width && i.width > 300")


# ------------------------------------------------------------------------- the loader of the widgets


def state(source: str, **values: Any) -> dict[str, Any]:
    """What a notebook keeps of an anywidget (ipywidgets' state, version 2)."""
    base = {"_model_module": "anywidget", "_model_name": "AnyModel", "_view_module": "anywidget"}
    return {
        "model_module": "anywidget",
        "model_module_version": "~0.11.*",
        "model_name": "AnyModel",
        "state": base | {"_esm": source, "_css": ".course-widget { outline: 1px solid blue; }"} | values,
        "buffers": [{"encoding": "base64", "path": ["bytes"], "data": "AQID"}],  # 1, 2, 3
    }


def view(model: str) -> dict[str, Any]:
    return {VIEW: {"model_id": model, "version_major": 2, "version_minor": 0}, "text/plain": "[a figure]"}


@pytest.fixture(scope="module")
def small_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small book: a widget shown twice, one in the old form, and one that cannot start."""
    tree = small_tree(tmp_path_factory.mktemp("widgets"))
    text = "A page of widgets for the tests of the loader."
    write_notebook(
        tree / "notebooks/1_one_neuron/01_one.ipynb",
        markdown(f"# 1 · One\n\n{text}", "a"),
        code("demo()", "b", view("demo")),
        code("demo()", "c", view("demo")),
        code("old()", "d", view("old")),
        widgets={
            "demo": state(FACTORY, name="w</script>", weight=3),
            "old": state(NAMED, name="old", weight=2),
        },
    )
    write_notebook(
        tree / "notebooks/1_one_neuron/02_two.ipynb",
        markdown(f"# 2 · Two\n\n{text}", "a"),
        code("lost()", "b", view("lost")),
        code("broken()", "c", view("broken")),
        widgets={"broken": state("export default { render() { throw new Error('broken on purpose'); } };")},
    )
    built = finish(start_build(tree, tree / "out"), tree / "out")
    assert built.code == 0, built.output[-3000:]
    return built.html


@pytest.fixture(scope="module", params=["server", "disk"])
def small_origin(small_site: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "disk":
        yield small_site.as_uri() + "/"
    else:
        with served(small_site) as origin:
            yield origin


def test_a_widget_lives_moved_by_keyboard_and_mouse(chromium: Any, small_origin: str) -> None:
    with opened(chromium, small_origin) as seen:
        page = seen.go("notebooks/1_one_neuron/01_one.html")
        widgets = page.locator(".course-widget")
        playwright.expect(page.locator(".course-widget output")).to_have_count(3)
        first, second, old = (widgets.nth(i).locator("output") for i in range(3))
        playwright.expect(first).to_have_text("w</script> = 7")  # initialize ran, once for both views
        playwright.expect(old).to_have_text("old = 2")
        assert widgets.nth(0).get_attribute("data-bytes") == "2"  # the second of the bytes 1, 2, 3
        assert "blue" in page.evaluate("document.head.innerHTML").split("course-widget {")[1][:40]

        widgets.nth(0).locator("input").focus()
        page.keyboard.press("ArrowRight")
        playwright.expect(first).to_have_text("w</script> = 8")
        playwright.expect(second).to_have_text("w</script> = 8")  # two views, one model
        playwright.expect(widgets.nth(0).locator(".heard")).to_have_text("heard 1")

        box = widgets.nth(2).locator("svg").bounding_box()
        page.mouse.move(box["x"] + 20, box["y"] + 20)
        page.mouse.down()
        page.mouse.move(box["x"] + 100, box["y"] + 20, steps=4)
        page.mouse.up()
        playwright.expect(old).to_have_text("old = 5")
        playwright.expect(first).to_have_text("w</script> = 8")  # another model
        seen.is_clean()


def test_a_widget_that_cannot_live_says_so(chromium: Any, small_origin: str) -> None:
    with opened(chromium, small_origin) as seen:
        page = seen.go("notebooks/1_one_neuron/02_two.html")
        messages = page.locator(".course-widget-message")
        playwright.expect(messages).to_have_count(2)
        playwright.expect(messages.nth(0)).to_contain_text("open the notebook and run it")
        playwright.expect(messages.nth(1)).to_contain_text("could not be started in your browser")
        assert seen.outside == []
        assert len(seen.complaints) == 1
        assert "broken on purpose" in seen.complaints[0]


def test_the_loader_comes_only_with_widgets(small_site: Path) -> None:
    with_widgets = (small_site / "notebooks/1_one_neuron/01_one.html").read_text(encoding="utf-8")
    without = (small_site / "book/intro.html").read_text(encoding="utf-8")
    assert "anywidget_static.js" in with_widgets
    assert "anywidget_static.js" not in without
    assert "require.js" not in with_widgets + without

"""The light pages look as the heavy ones would, and nothing stands between a reader and the text."""

from __future__ import annotations

import gzip
import re
import sys
from pathlib import Path

import pytest

from tests.book.builds import BOOK, Built
from tests.browser import CHROMIUM, FORMULAS_ARE_SET, PATIENCE, launched

sys.path.insert(0, str(BOOK / "_ext"))
import course_light

SHEET = re.compile(r'<link[^>]*rel="stylesheet"[^>]*>')
# every element's place and colours, as the reader sees them
LOOK = """() => [...document.body.querySelectorAll("*:not(svg *, mjx-container *)")].map((e) => {
  const s = getComputedStyle(e), r = e.getBoundingClientRect();
  return [e.tagName, e.className, s.display, s.color, s.backgroundColor, s.fontSize, s.fontWeight,
    s.borderTopWidth, ...[r.x, r.y + scrollY, r.width, r.height].map(Math.round)].join("|");
})"""
HEAVY = """() => new Promise((done) => {
  const link = document.querySelector("link[data-made-of]");
  const sheets = link.dataset.madeOf.split(" ");
  let missing = sheets.length;
  for (const href of sheets) {
    const one = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
    one.onload = one.onerror = () => { if (--missing === 0) { link.remove(); requestAnimationFrame(done); } };
    link.before(one);
  }
})"""
# all is there that comes after the text: letters, pictures, interactive figures; nothing moves any more
SETTLED = """() => document.fonts.ready.then(() => document.fonts.status === "loaded"
  && [...document.images].every((i) => i.complete || i.loading === "lazy")
  && [...document.querySelectorAll('script[type$="widget-view+json"]')]
    .every((tag) => tag.nextElementSibling?.matches(".course-widget:not(:empty)"))
  && document.getAnimations().every((a) => a.playState !== "running")
  && new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true)))))"""
LOOKED_AT = [
    "book/intro.html",
    "book/timeline.html",
    "book/api/tensor.html",
    "book/claims.html",
    "search.html",
    "genindex.html",
    "notebooks/1_one_neuron/02_perceptron.html",
    "notebooks/3_architectures/21_transformer.html",
]


def test_rules_for_what_no_page_has_are_left_out() -> None:
    css = """/* a remark */ .seen > a:hover, .gone b { color: red; /* why */ top: 0 }
    #there:not(.gone) { left: 0 } .a\\:b { right: 0 } #missing { top: 1px }
    @media print { .gone { top: 0 } .seen { top: 2px } } @media screen { .gone { top: 0 } }
    @font-face { font-family: "Own" } @keyframes turn { to { top: 3px } } html[data-x=","] { top: 4px }"""
    light = course_light.needed_rules(css, {"seen", "there", "a:b"})
    assert "gone b" not in light
    assert "missing" not in light
    assert "remark" not in light
    assert ".seen > a:hover{" in light
    assert "#there:not(.gone){" in light
    assert ".a\\:b{" in light
    assert "@media print {.seen{top: 2px}}" in light
    assert "screen" not in light
    assert "@font-face" in light
    assert "@keyframes turn" in light
    assert 'html[data-x=","]{' in light


def test_a_broken_style_sheet_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="line 2 of the style sheets"):
        course_light.needed_rules("a { top: 0 }\nb", set())


def test_sheets_that_import_others_are_gathered(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "base.css").write_text("a { background: url(fonts/a.png) }", encoding="utf-8")
    sheet = tmp_path / "deep" / "sheet.css"
    sheet.write_text('@import "../base.css";\nb { background: url("b.png"), url(data:x) }', encoding="utf-8")
    css = course_light.gathered(sheet, tmp_path)
    assert css == 'a { background: url("fonts/a.png") }\nb { background: url("deep/b.png"), url(data:x) }'


def test_a_second_build_finds_the_sheets_again(tmp_path: Path) -> None:
    static = tmp_path / "_static"
    static.mkdir()
    (static / "theme.css").write_text(".x { top: 0 } .y { top: 1px }", encoding="utf-8")
    (static / "course.css").write_text(".ours { top: 2px }", encoding="utf-8")
    head = """<head><link rel="stylesheet" href="_static/theme.css?v=1" />
    <link rel="stylesheet" href="_static/course.css" />
    <script src="_static/a.js"></script><script src="searchindex.js"></script>
    <script>DOCUMENTATION_OPTIONS.pagename = 'a';</script></head>"""
    page = tmp_path / "a.html"
    page.write_text(f'<html>{head}<body class="x"></body></html>', encoding="utf-8")
    course_light.lighten_folder(tmp_path)
    first = page.read_text(encoding="utf-8")
    assert '<script defer src="_static/a.js">' in first
    assert '<script type="module">DOCUMENTATION_OPTIONS' in first
    assert "searchindex" not in first
    (sheet,) = static.glob("book-*.css")
    assert sheet.read_text(encoding="utf-8") == '@charset "UTF-8";\n.x{top: 0}.ours { top: 2px }'
    course_light.lighten_folder(tmp_path)
    assert page.read_text(encoding="utf-8") == first
    page.write_text(first.replace('class="x"', 'class="x y"'), encoding="utf-8")
    course_light.lighten_folder(tmp_path)
    (sheet,) = static.glob("book-*.css")
    assert ".y{top: 1px}" in sheet.read_text(encoding="utf-8")
    assert sheet.name in page.read_text(encoding="utf-8")


def test_the_icons_fonts_have_the_icons_of_the_sheet(book: Built) -> None:
    static = book.html / "_static"
    (sheet,) = static.glob("book-*.css")
    css = sheet.read_text(encoding="utf-8")
    icons = set(course_light.ICON.findall(css))
    assert len(icons) > 10
    fonts = [static / name for name in re.findall(r'url\("([^"]+/fa-[^"]+)"\)', css)]
    assert {font.suffix for font in fonts} == {".woff"}
    assert sum(font.stat().st_size for font in fonts) < 20_000
    there = {chr(code) for font in fonts for code in course_light.ttLib.TTFont(font).getBestCmap()}
    assert icons <= there


def test_a_page_has_one_small_sheet_and_no_script_before_its_text(pages: list[Path], book: Built) -> None:
    for path in [*pages, book.html / "search.html", book.html / "genindex.html"]:
        head = path.read_text(encoding="utf-8").partition("</head>")[0]
        assert len(SHEET.findall(head)) == 1, path.name
        scripts = re.findall(r"<script\b([^>]*)\bsrc=([^>]*)>", head)
        assert scripts
        assert [s for s in scripts if not re.search(r"\b(defer|async)\b", " ".join(s))] == [], path.name
        assert ("searchindex.js" in head) == (path.name == "search.html"), path.name
    sheets = list((book.html / "_static").glob("book-*.css"))
    assert sheets
    assert all(len(gzip.compress(s.read_bytes(), 6)) < 45_000 for s in sheets)


@pytest.mark.slow_file
@pytest.mark.skipif(not CHROMIUM, reason="no chromium on the path; set CHROMIUM to its program file")
def test_light_pages_look_as_with_all_rules(book: Built) -> None:
    with launched() as browser:
        for theme, width in [("light", 1280), ("dark", 390)]:
            page = browser.new_page(viewport={"width": width, "height": 900}, reduced_motion="reduce")
            page.set_default_timeout(PATIENCE)
            page.add_init_script(
                f"localStorage.setItem('mode', '{theme}'); localStorage.setItem('theme', '{theme}')"
            )
            for name in LOOKED_AT:
                page.goto((book.html / name).as_uri())
                page.wait_for_function(FORMULAS_ARE_SET)
                page.wait_for_function(SETTLED)
                light = page.evaluate(LOOK)
                page.evaluate(HEAVY)
                page.wait_for_function(SETTLED)
                heavy = page.evaluate(LOOK)
                assert len(light) > 30, name
                assert light == heavy, (
                    f"{name}, {theme}, {width} px: "
                    + "; ".join(f"{a} instead of {b}" for a, b in zip(light, heavy, strict=True) if a != b)[
                        :600
                    ]
                )

"""Quizzes: what is refused, how they read as text, and how they behave in a browser without scripts."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from mini_dl.course import quiz
from tests.browser import launched

ONE = [
    ("14", True, "All but XOR and XNOR."),
    ("16", False, "XOR needs two layers."),
    ("8", False, "Only half."),
]
SEVERAL = [
    ("It forbids firing", True, "Inhibition is absolute."),
    ("It lowers the sum", False, "That is relative inhibition."),
    ("Two do no more than one", True, "One already forbids."),
]
QUESTIONS = {"How many functions can `one` unit compute?": ONE, "What is true of $x < 1$?": SEVERAL}


def test_text():
    assert str(quiz("How many?", ONE)) == (
        "How many?\n"
        "  a) 14\n"
        "  b) 16\n"
        "  c) 8\n"
        "Answers\n"
        "  a) ✓ Right. All but XOR and XNOR.\n"
        "  b) ✗ No. XOR needs two layers.\n"
        "  c) ✗ No. Only half."
    )


def test_text_of_several_questions():
    text = str(quiz(QUESTIONS))
    assert "What is true of $x < 1$? (more than one may be right)" in text
    assert "1a) ✓ Right." in text
    assert "2b) ✗ No. That is relative inhibition." in text


class Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str | None]]] = []
        self.stack: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.all.append((tag, dict(attrs)))
        if tag != "input":
            self.stack.append(tag)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    def named(self, tag):
        return [attributes for t, attributes in self.all if t == tag]


def test_html_is_sound_accessible_and_the_same_every_time():
    html = quiz(QUESTIONS)._repr_html_()
    assert html == quiz(QUESTIONS)._repr_html_()
    elements = Elements(html)
    assert elements.stack == []
    assert len(elements.named("fieldset")) == len(elements.named("legend")) == 2
    inputs = elements.named("input")
    assert [i["type"] for i in inputs] == ["radio"] * 3 + ["checkbox"] * 3
    ids = [i["id"] for i in inputs]
    assert len(set(ids)) == 6
    assert [label["for"] for label in elements.named("label")] == ids
    assert sum(a.get("role") == "status" for _, a in elements.all) == 7
    assert not re.search(r"<script|https?:|src=|onclick", html)
    assert "<code>one</code>" in html
    assert "$x &lt; 1$" in html
    assert len(html) < 6000
    assert quiz("a?", ONE)._repr_mimebundle_()["text/plain"] == str(quiz("a?", ONE))


def test_ids_are_the_questions_own():
    def ids(html):
        return re.findall(r' id="([^"]+)"', html)

    alone, together = quiz("What is true of $x < 1$?", SEVERAL), quiz(QUESTIONS)
    assert set(ids(alone._repr_html_())) < set(ids(together._repr_html_()))
    assert not set(ids(quiz("Another?", SEVERAL)._repr_html_())) & set(ids(alone._repr_html_()))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([("a", True, "why")], "at least two"),
        ([("a", True, "why"), ("b", False, " ")], "option 'b' has no explanation"),
        ([("a", True, "why"), ("b", False)], "is no option; write"),
        ([("a", True, "why"), ("b", 0, "why")], "is no option; write"),
        ([("a", False, "why"), ("b", False, "why")], "no option is right"),
        ([("a", True, "why"), ("a", False, "why")], "the same text"),
    ],
)
def test_bad_questions_are_refused(options, says):
    with pytest.raises(ValueError, match=says):
        quiz("Well?", options)


def test_wrong_calls():
    with pytest.raises(TypeError, match="has no options"):
        quiz("Well?")
    with pytest.raises(TypeError, match="stand in the dict"):
        quiz({"Well?": ONE}, ONE)


# --- in a browser, with JavaScript switched off ------------------------------------------------------


@pytest.fixture(scope="module")
def page():
    with launched() as browser:
        yield browser.new_context(java_script_enabled=False).new_page()


def show(page, questions=QUESTIONS):
    page.emulate_media(media="screen")
    page.set_content(f"<!doctype html><title>quiz</title>{quiz(questions)._repr_html_()}")


def shown(page):
    return [p.inner_text() for p in page.locator(".mini-dl-quiz p").all() if p.is_visible()]


def test_nothing_is_told_before_a_choice(page):
    show(page)
    assert shown(page) == []


def test_a_choice_shows_its_explanation_only(page):
    show(page)
    page.get_by_label("16").check()
    assert shown(page) == ["✗ No. XOR needs two layers."]
    page.get_by_label("14").check()
    assert shown(page) == ["✓ Right. All but XOR and XNOR."]


def test_all_that_apply(page):
    show(page)
    page.get_by_label("It forbids firing").check()
    assert shown(page) == ["✓ Right. Inhibition is absolute."]
    page.get_by_label("Two do no more").check()
    assert shown(page)[-1] == "✓ That is all of them."
    page.get_by_label("It lowers the sum").check()
    assert "✓ That is all of them." not in shown(page)
    page.get_by_label("It lowers the sum").uncheck()
    assert shown(page)[-1] == "✓ That is all of them."


def test_keyboard(page):
    show(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert shown(page) == ["✓ Right. All but XOR and XNOR."]
    page.keyboard.press("ArrowDown")
    assert shown(page) == ["✗ No. XOR needs two layers."]
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert shown(page)[-1] == "✓ Right. Inhibition is absolute."


def test_targets_are_large_enough(page):
    show(page)
    for label in page.locator("label").all():
        box = label.bounding_box()
        assert box["height"] >= 24
        assert box["width"] >= 24


def test_print_shows_every_explanation(page):
    show(page)
    page.emulate_media(media="print")
    texts = shown(page)
    assert len(texts) == 7
    assert "✗ No. Only half." in texts


def test_without_a_style_sheet_nothing_is_told_and_without_any_style_everything(page):
    html = quiz(QUESTIONS)._repr_html_()
    no_sheet = re.sub(r"(?s)<style>.*?</style>", "", html)
    page.emulate_media(media="screen")
    page.set_content(no_sheet)
    assert shown(page) == []
    page.set_content(re.sub(r' style="[^"]*"', "", no_sheet))
    assert len(shown(page)) == 7

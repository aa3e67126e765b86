"""tools/pdf.py prints a book whole: every page and number, an outline, links that stay inside."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import Any

import pytest

from mini_dl.course import quiz
from tests.book.builds import code, finish, markdown, png, small_tree, start_build, write_notebook
from tests.browser import CHROMIUM
from tools import pdf

pypdf = pytest.importorskip("pypdf", reason="the package pypdf is not installed")
needs_chromium = pytest.mark.skipif(
    not CHROMIUM, reason="no chromium on the path; set CHROMIUM to its program file"
)
pytestmark = pytest.mark.slow_file

LONG = "\n\n".join(f"Paragraph {i} of many. " + "It says little, at length. " * 12 for i in range(30))
FOLDED = "<details><summary>A proof</summary>\n\nIt is plain to see.\n\n</details>"
HINT = "<details><summary>Hint {}</summary>\n\n{}\n\n</details>"
QUESTIONS = {
    "What is 2 + 2?": [("four", True, "Two pairs."), ("five, or $f(x)$", False, "One too many.")],
    "Which are even?": [
        ("2, surely", True, "Half of it is 1."),
        ("3, perhaps", False, "It is odd."),
        ("4, too", True, "Half of it is 2."),
    ],
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of a small book with a long chapter, a figure, a formula and something folded."""
    tree = small_tree(tmp_path_factory.mktemp("a small book é"))
    write_notebook(
        tree / "notebooks/1_one_neuron/01_one.ipynb",
        markdown(f"# 1 · One\n\nThe [perceptron](../../book/glossary.md#term-perceptron).\n\n{LONG}", "a"),
        markdown("## A formula\n\n$$\\int_0^1 x^2 dx = \\tfrac13$$\n\nSee [2](02_two.ipynb).", "b"),
        code(
            "plt.show()",
            "c",
            {"image/png": png(), "text/plain": "<Figure>"},
            mystnb={"image": {"alt": "A blue rectangle."}},
        ),
        markdown(f"### Below it\n\n{FOLDED}", "d"),
        markdown("### Exercise 1.1 · Look\n\nWhere is it?\n\n| a | b |\n|:--|--:|\n| 1 | |", "e"),
        markdown(HINT.format(1, "Look under the stone."), "f"),
        markdown(HINT.format(2, "The other stone."), "g"),
        code("# @title Solution\nanswer_to_all = 42", "h", tags=["solution", "hide-cell"]),
        markdown("### Exercise 1.2 · Look again\n\nAnd what did you *find*?", "i"),
        markdown("## Check yourself", "j"),
        code("quiz(...)", "k", {"text/html": quiz(QUESTIONS)._repr_html_()}, tags=["quiz", "remove-input"]),
        markdown("## Summary\n\nDone.", "l"),
    )
    write_notebook(
        tree / "notebooks/1_one_neuron/02_two.ipynb", markdown("# 2 · Two\n\nShort.\n\n## Summary\n\nD.", "a")
    )
    result = finish(start_build(tree, tree / "out"), tree / "out")
    assert result.code == 0, result.output[-3000:]
    return result.html


@pytest.fixture(scope="module")
def printed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    file = tmp_path_factory.mktemp("printed") / "new folder" / "book.pdf"
    assert pdf.main(["--book", str(built), "--to", str(file)]) == 0
    assert [p.name for p in file.parent.iterdir()] == ["book.pdf"], "nothing unfinished is left"
    assert not list(built.glob(".contents*"))
    return pypdf.PdfReader(file)


def number_of(printed: Any, label: str) -> int:
    return printed.page_labels.index(label)


@needs_chromium
def test_every_page_of_the_book_is_there_and_numbered(printed: Any):
    assert printed.metadata.title == "Deep learning, from the first neuron"
    assert printed.page_mode == "/UseOutlines"
    texts = [page.extract_text() for page in printed.pages]
    for title in ("A small book", "Preface", "1 · One", "2 · Two", "Glossary", "Bibliography", "Claims"):
        assert any(title in text for text in texts), title
    labels = printed.page_labels
    front = labels.index("1")
    assert labels[:front] == ["i", "ii", "iii"][:front]
    assert labels[front:] == [str(i) for i in range(1, len(labels) - front + 1)]
    for label, text in list(zip(labels, texts, strict=True))[1:]:
        assert label in re.findall(r"\b[ivx]+\b|\d+", text), f"page {label} does not show its number"


@needs_chromium
def test_contents_and_outline_name_the_right_pages(printed: Any):
    texts = [page.extract_text() for page in printed.pages]
    contents = texts[1]
    for title in ("Preface", "1 · One", "2 · Two", "A formula", "Glossary"):
        number = re.search(rf"{re.escape(title)}\s+(\d+)", contents).group(1)
        assert title in texts[number_of(printed, number)], f"{title} is not on page {number}"
    assert "Summary" not in contents, "what each notebook has is not in the contents"

    def flat(entries: list[Any], depth: int = 0) -> list[tuple[int, str, int]]:
        found = []
        for entry in entries:
            if isinstance(entry, list):
                found += flat(entry, depth + 1)
            else:
                found.append((depth, entry.title, printed.get_destination_page_number(entry)))
        return found

    outline = flat(printed.outline)
    for wanted in (
        (0, "Contents"),
        (0, "Part I · One neuron"),
        (1, "1 · One"),
        (2, "A formula"),
        (3, "Below it"),
        (1, "Glossary"),
    ):
        assert wanted in [entry[:2] for entry in outline], wanted
    for depth, title, page in outline:
        if depth:  # a part has no page of its own
            assert title in texts[page], f"the outline leads {title} to page {page}"


@needs_chromium
def test_folded_parts_figure_and_formula_are_printed(printed: Any):
    text = "\n".join(page.extract_text() for page in printed.pages)
    assert "It is plain to see." in text
    assert "Hide the" not in text, "on paper nothing can be hidden"
    assert "\\int" not in text, "the formula stands as TeX"
    figure = base64.b64decode(png())
    sizes = [image.image.size for page in printed.pages for image in page.images]
    from PIL import Image

    assert Image.open(io.BytesIO(figure)).size in sizes
    assert "Search the book" not in text


@needs_chromium
def test_hints_and_answers_stand_at_the_end_of_their_notebook(printed: Any):
    texts = [" ".join(page.extract_text().split()) for page in printed.pages]

    def on(words: str) -> int:
        (page,) = (i for i, text in enumerate(texts) if words in text)
        return page

    task, summary = on("Where is it?"), on("Done.")
    assert task <= on("1. What is 2 + 2?") <= summary < on("Look under the stone.") == on("The other stone.")
    assert on("The other stone.") < on("answer_to_all") == on("Two pairs.") == on("It is odd.") < on("Short.")
    for words in ("four", "five, or", "2, surely", "3, perhaps", "4, too", "(choose all that apply)"):
        assert task <= on(words) <= summary, words
    # each end names the page of the other
    there = [printed.page_labels[on(words)] for words in ("The other stone.", "answer_to_all", "Two pairs.")]
    assert task <= on(f"Hints: page {there[0]}. Solution: page {there[1]}.") <= summary
    assert f"Answers: page {there[2]}." in texts[on("1. What is 2 + 2?")]
    back = f"Exercise 1.1 · Look (page {printed.page_labels[task]})"
    assert back in texts[on("The other stone.")]
    assert back in texts[on("answer_to_all")]
    assert "page 0000" not in " ".join(texts)
    assert " ".join(texts).count("Exercise 1.2") == 1, "nothing is said at the end of an open exercise"
    answers = texts[on("Two pairs.")]
    assert re.search(r"Question 1 a\. ✓ Right\. Two pairs\. b\. ✗ No\. One too many\.", answers), answers
    assert re.search(r"Question 2 a\. ✓ Right\..* b\. ✗ No\. It is odd\. c\. ✓ Right\.", answers), answers


def elements(node: Any, kind: str = "") -> list[Any]:
    """The elements of a structure tree, of one kind or all, in their order."""
    held = node.get("/K", [])
    kids = [kid.get_object() for kid in (held if isinstance(held, list) else [held])]
    found = [node] if "/S" in node and kind in ("", node["/S"]) else []
    return found + [e for kid in kids if isinstance(kid, dict) for e in elements(kid, kind)]


@needs_chromium
def test_the_file_is_tagged_for_screen_readers(printed: Any):
    root = printed.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    tree = root["/StructTreeRoot"]
    (document,) = elements(tree, "/Document")
    parts = [part["/T"] for part in elements(document, "/Part")]
    assert parts[:2] == ["Title page and contents", "A small book"]
    assert parts.index("1 · One") < parts.index("2 · Two") < parts.index("Glossary")
    kinds = {element["/S"] for element in elements(tree)} - {"/Strong", "/Em"}
    assert {"/H1", "/H2", "/H3", "/P", "/L", "/LI", "/Table", "/TR", "/TH", "/TD", "/Link"} <= kinds
    assert not {"/NonStruct", "/Form"} & kinds
    assert tree["/RoleMap"] == {"/Strong": "/Span", "/Em": "/Span"}
    assert "A blue rectangle." in [figure["/Alt"] for figure in elements(tree, "/Figure")]
    formulas = [formula["/Alt"] for formula in elements(tree, "/Formula")]
    assert formulas == [r"\int_0^1 x^2 dx = \tfrac13"]
    (one,) = (part for part in elements(tree, "/Part") if part["/T"] == "1 · One")
    (table,) = elements(one, "/Table")
    assert [len(elements(row, "/TD")) for row in elements(table, "/TR")] == [0, 2], "an empty cell is a cell"
    assert [heading["/A"][0]["/Scope"] for heading in elements(table, "/TH")] == ["/Column"] * 2


@needs_chromium
def test_every_mark_and_link_has_its_place_in_the_tree(printed: Any):
    tree = printed.trailer["/Root"]["/StructTreeRoot"]
    numbers = tree["/ParentTree"]["/Nums"]
    parents = {int(numbers[i]): numbers[i + 1].get_object() for i in range(0, len(numbers), 2)}
    assert list(parents) == sorted(parents)
    assert max(parents) < tree["/ParentTreeNextKey"]
    links = 0
    for page in printed.pages:
        owners = parents[page["/StructParents"]]
        marks = [int(n) for n in re.findall(rb"/MCID (\d+)", page.get_contents().get_data())]
        for mark in marks:
            owner = owners[mark].get_object()
            held = owner["/K"] if isinstance(owner["/K"], list) else [owner["/K"]]
            own = [k if isinstance(k, int) else k.get_object().get("/MCID") for k in held]
            assert mark in own, f"mark {mark} is not what its part holds"
        for reference in page.get("/Annots", []):
            links += 1
            owner = parents[reference.get_object()["/StructParent"]]
            assert owner["/S"] == "/Link"
            held = [k.get_object() for k in owner["/K"] if not isinstance(k, int)]
            assert reference in [k.raw_get("/Obj") for k in held if k.get("/Type") == "/OBJR"]
    assert links > 10
    seen = [element.indirect_reference.idnum for element in elements(tree) if "/P" in element]
    assert len(seen) == len(set(seen)), "a part is in the tree once"


def test_a_file_without_tags_is_named():
    writer, plain = pypdf.PdfWriter(), pypdf.PdfWriter()
    plain.add_blank_page(100, 100)
    content = io.BytesIO()
    plain.write(content)
    with pytest.raises(ValueError, match="'Preface' have no tags"):
        pdf.Tags(writer).add(pypdf.PdfReader(content), 0, {}, "Preface")


@needs_chromium
def test_links_stay_in_the_file(printed: Any):
    inside, outside = [], []
    for page in printed.pages:
        for reference in page.get("/Annots", []):
            link = reference.get_object()
            if "/Dest" in link:
                inside.append(printed.pages[printed.get_page_number(link["/Dest"][0].get_object())])
            else:
                outside.append(link["/A"]["/URI"])
    assert not [address for address in outside if not address.startswith("https://")]
    assert "https://doi.org/10.1037/h0042519" in outside
    texts = [page.extract_text() for page in inside]
    for target in ("A neuron that learns.", "2 · Two", "Rosenblatt"):
        assert any(target in text for text in texts), f"no link leads to {target}"


def test_an_unbuilt_book_is_said_with_the_remedy(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert pdf.main(["--book", str(tmp_path), "--to", str(tmp_path / "book.pdf")]) == 1
    assert "run `make book`" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@needs_chromium
def test_a_browser_that_does_not_start_is_said_with_the_remedy(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "no browser"))
    assert pdf.main(["--book", str(built), "--to", str(tmp_path / "book.pdf")]) == 1
    assert "in CHROMIUM" in capsys.readouterr().err

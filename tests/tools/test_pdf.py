"""tools/pdf.py prints a book whole: every page and number, an outline, links that stay inside."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import Any

import pytest

from tests.book.builds import code, finish, markdown, png, small_tree, start_build, write_notebook
from tests.browser import CHROMIUM
from tools import pdf

pypdf = pytest.importorskip("pypdf", reason="the package pypdf is not installed")
needs_chromium = pytest.mark.skipif(
    not CHROMIUM, reason="no chromium on the path; set CHROMIUM to its program file"
)
pytestmark = pytest.mark.slow_file

LONG = "\n\n".join(f"Paragraph {i} of many. " + "It says little, at length. " * 12 for i in range(30))
FOLDED = "<details><summary>Hint 1</summary>\n\nLook under the stone.\n\n</details>"


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
        markdown(f"### Below it\n\n{FOLDED}\n\n## Summary\n\nDone.", "d"),
        code("# @title Solution\nanswer_to_all = 42", "e", tags=["solution", "hide-cell"]),
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
    assert "Look under the stone." in text
    assert "answer_to_all" in text
    assert "Hide the" not in text, "on paper nothing can be hidden"
    assert "\\int" not in text, "the formula stands as TeX"
    figure = base64.b64decode(png())
    sizes = [image.image.size for page in printed.pages for image in page.images]
    from PIL import Image

    assert Image.open(io.BytesIO(figure)).size in sizes
    assert "Search the book" not in text


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

"""The book builds without a warning, and each of its guards stops a book that is wrong."""

from __future__ import annotations

import html
import json
import re
import sys
import time
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlparse

import pytest

from tests.book.builds import (
    BOOK,
    ROOT,
    Built,
    claim_output,
    code,
    finish,
    markdown,
    png,
    small_tree,
    start_build,
    write_notebook,
)

pytestmark = pytest.mark.slow_file

sys.path.insert(0, str(BOOK / "_ext"))
import course_bibliography  # noqa: E402
import course_stills  # noqa: E402
from course_book import slug  # noqa: E402
from course_glossary import NOT_THE_TERM, finder  # noqa: E402


class Page(HTMLParser):
    """What a page loads, links to and can be linked by."""

    LOADERS = ("script", "img", "iframe", "source", "audio", "video")

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.inline = ""
        self._style = False
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.ids.append(values["id"])
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if tag == "link" and values.get("rel") not in (
            "canonical",
            "next",
            "prev",
            "index",
            "search",
            "author",
        ):
            self.loads.append(values.get("href", ""))
        if tag in self.LOADERS and "src" in values:
            self.loads.append(values["src"])
        if "srcset" in values:
            self.loads += [part.split()[0] for part in values["srcset"].split(",") if part.strip()]
        self.inline += values.get("style", "")
        self._style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._style = False

    def handle_data(self, data: str) -> None:
        if self._style:
            self.inline += data


def outside(address: str) -> bool:
    """Whether an address leads to another host."""
    return bool(re.match(r"(https?:)?//", address.strip()))


# ------------------------------------------------------------------------------------- the real book


def test_the_book_builds_without_a_warning(book: Built) -> None:
    assert book.code == 0, book.output[-4000:]
    assert not book.warnings
    assert (book.html / "index.html").is_file()


def slowness() -> float:
    """How many times slower this core is than one on which a fixed sum takes 40 ms; at least 1."""

    def seconds() -> float:
        begun = time.process_time()
        sum(i * i for i in range(1_000_000))
        return time.process_time() - begun

    return max(1.0, min(seconds() for _ in range(5)) / 0.04)


def test_the_book_is_built_within_a_minute(book: Built) -> None:
    """On an ordinary core of its own; the clock would count what else runs on the machine."""
    assert book.seconds < 60 * slowness()


def test_every_notebook_is_in_the_book(pages: list[Path], book: Built) -> None:
    built = {page.relative_to(book.html).with_suffix("").as_posix() for page in pages}
    notebooks = {
        path.relative_to(ROOT).with_suffix("").as_posix()
        for path in (ROOT / "notebooks").rglob("*.ipynb")
        if ".ipynb_checkpoints" not in path.parts
    }
    assert notebooks
    assert notebooks <= built
    contents = (book.html / "book" / "intro.html").read_text(encoding="utf-8")
    assert [n for n in sorted(notebooks) if f'href="../{n}.html"' not in contents] == []


def test_no_page_loads_anything_from_another_host(pages: list[Path], book: Built) -> None:
    for path in [*pages, book.html / "search.html", book.html / "genindex.html"]:
        page = Page(path)
        assert [a for a in page.loads if outside(a)] == [], path.name
        assert not re.search(r"url\(\s*['\"]?(https?:)?//|@import", page.inline), path.name
        scripts = re.findall(r"<script[^>]*>(.*?)</script>", page.text, flags=re.DOTALL)
        assert not [s for s in scripts if "unpkg.com" in s or "cdn." in s], path.name
    for style in (book.html / "_static").rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert not re.search(r"(url\(\s*|@import\s+)['\"]?(https?:)?//", text), style.name


def test_every_link_inside_the_book_leads_somewhere(pages: list[Path], book: Built) -> None:
    read = {path.resolve(): Page(path) for path in book.html.rglob("*.html")}
    dead = []
    for path in pages:
        page = read[path.resolve()]
        doubled = {i for i in page.ids if page.ids.count(i) > 1}
        assert not doubled, f"{path.name}: ids that are there twice: {sorted(doubled)}"
        for link in page.links:
            address, anchor = urldefrag(link)
            if urlparse(link).scheme or outside(link):
                continue
            target = (path.parent / unquote(address)).resolve() if address else path.resolve()
            if not target.exists() or (anchor and target in read and unquote(anchor) not in read[target].ids):
                dead.append(f"{path.name}: {link}")
    assert dead == []


def test_every_interactive_figure_has_a_still_picture_of_now(book: Built) -> None:
    stills = json.loads((course_stills.STILLS / course_stills.LIST).read_text(encoding="utf-8"))
    wanted = {
        course_stills.key(path, name): (path, of)
        for path in (ROOT / "notebooks").glob("*/[0-9]*.ipynb")
        for name, of in course_stills.models(json.loads(path.read_text(encoding="utf-8"))).items()
    }
    assert len(wanted) >= 12
    old = [key for key, (_, of) in wanted.items() if stills.get(key, {}).get("of") != of]
    assert not old, f"make book, then python tools/stills.py: {old}"
    assert set(stills) == set(wanted) == {p.stem for p in course_stills.STILLS.glob("*.png")}
    for key, (path, _) in wanted.items():
        page = book.html / path.relative_to(ROOT).with_suffix(".html")
        tag = re.search(rf'<noscript><img [^>]*stills/{key}\.png[^>]*alt="([^"]+)"', page.read_text("utf-8"))
        assert tag, key
        assert len(tag[1]) > 60, key


def test_the_page_of_claims_has_every_claim(pages: list[Path], book: Built) -> None:
    from mini_dl.course.claims import collect

    links = Page(book.html / "book" / "claims.html").links
    for path in (ROOT / "notebooks").rglob("*.ipynb"):
        if ".ipynb_checkpoints" in path.parts:
            continue
        page = path.relative_to(ROOT).with_suffix(".html").as_posix()
        for claim in collect(path):
            assert f"../{page}#{claim.anchor}" in links, claim.sentence


def test_the_licence_page_has_every_data_set(pages: list[Path], book: Built) -> None:
    from mini_dl.course.datasets.catalogue import CATALOGUE

    page = Page(book.html / "book" / "licence.html")
    text = html.unescape(re.sub(r"<[^>]+>", "", page.text))
    for entry in CATALOGUE.values():
        assert entry.source in page.links, entry.name
        assert entry.title in text
        assert entry.licence in text


def test_each_page_describes_itself_and_names_its_repository(pages: list[Path]) -> None:
    config = (BOOK / "_config.yml").read_text(encoding="utf-8")
    url = re.search(r"url: (https://github\.com/\S+)", config).group(1)
    slug_ = url.removeprefix("https://github.com/")
    for path in pages:
        page = Page(path)
        assert '<meta name="description" content="' in page.text, path.name
        assert url in page.links, path.name
        if "notebooks" in path.parts:
            colab = f"https://colab.research.google.com/github/{slug_}/blob/main/notebooks/"
            assert [a for a in page.links if a.startswith(colab)], path.name
            assert [a for a in page.links if a.startswith(f"https://mybinder.org/v2/gh/{slug_}/main")]
            assert [a for a in page.links if re.search(r"_sources/.*\.ipynb$", a)], path.name


def test_mathjax_is_in_the_book_and_nothing_more_than_needed(pages: list[Path], book: Built) -> None:
    folder = book.html / "_static" / "mathjax"
    assert (folder / "tex-mml-chtml.js").is_file()
    assert len(list((folder / "output/chtml/fonts/woff-v2").glob("*.woff"))) > 10
    assert sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) < 4_000_000


# ---------------------------------------------------------------------- glossary and bibliography

REQUIRED_TERMS = """activation function, Adam, artificial neuron, attention, autoencoder, backpropagation,
batch normalisation, convolution, data augmentation, deep belief network, deep learning, diffusion model,
dropout, embedding, fine-tuning, forward pass, foundation model, GAN, gated recurrent unit, gradient clipping,
gradient descent, hidden layer, hierarchical representation, initialisation, large language model,
learning-rate schedule, LoRA, loss function, LSTM, McCulloch–Pitts neuron, mixed precision, multimodal model,
optimiser, overfitting, parameter, perceptron, pre-training, prompt, RAG, receptive field, recurrent network,
regularisation, residual connection, self-attention, softmax, stochastic gradient descent,
supervised learning, tokenizer, transfer learning, Transformer, U-Net, vanishing gradient,
variational autoencoder, vision transformer, weight decay"""


def glossary() -> dict[str, tuple[str, str]]:
    """Each term with its anchor and its definition, in the order of the page."""
    text = (BOOK / "glossary.md").read_text(encoding="utf-8")
    entries = re.findall(r'^### <a id="([^"]+)"></a>(.+)\n\n((?:.+\n)+)', text, flags=re.MULTILINE)
    assert len(entries) == text.count("\n### "), "a term without anchor or definition"
    return {term: (anchor, definition) for anchor, term, definition in entries}


def test_the_glossary_has_the_required_terms_in_order() -> None:
    terms = glossary()
    required = [term.strip() for term in REQUIRED_TERMS.replace("\n", " ").split(",")]
    assert [term for term in required if term not in terms] == []
    assert list(terms) == sorted(terms, key=slug)
    for term, (anchor, definition) in terms.items():
        assert anchor == f"term-{slug(term)}"
        assert 30 < len(re.sub(r"\]\([^)]*\)", "]", definition)) < 600, term


GLANCE = re.compile(r'(?s)<blockquote class="course-glance".*?</blockquote>')
AUTO = re.compile(r'<a class="course-term[^"]*" href="[^"]*#(term-[^"]+)">([^<]+)</a>')


def test_each_term_of_the_glossary_is_linked_where_a_notebook_first_uses_it(book: Built) -> None:
    terms = glossary()
    notebooks = sorted((book.html / "notebooks").rglob("[0-9]*.html"))
    assert notebooks
    for path in notebooks:
        page = GLANCE.sub("", path.read_text(encoding="utf-8"))
        found = [(m.start(), m[1], m[2]) for m in AUTO.finditer(page)]
        anchors = [anchor for _, anchor, _ in found]
        assert anchors, path.name
        assert len(set(anchors)) == len(anchors), path.name
        for start, anchor, _ in found:
            before = page[page.index("<article") : start]
            assert f'glossary.html#{anchor}"' not in before, (
                f"{path.name}: {anchor} is linked before its first use"
            )
        assert all(re.match(finder(list(terms)), word) for _, _, word in found)
        # what is used in running text at all has a link, by the author or by the book
        paragraphs = re.findall(r"(?s)<p>(.*?)</p>", page[: page.index('id="further-reading"')])
        plain = " ".join(re.sub(r"<(a|code|span)\b.*?</\1>|<[^>]+>", "", text) for text in paragraphs)
        for match in re.finditer(finder(list(terms)), NOT_THE_TERM.sub("", html.unescape(plain))):
            term = list(terms)[int(str(match.lastgroup)[1:])]
            assert f'glossary.html#{terms[term][0]}"' in page, f"{path.name}: {match[0]} has no link"


def test_what_counts_as_the_use_of_a_term() -> None:
    names = ["gate", "decision boundary", "RAG", "loss function", "logits", "Adam"]
    found = {
        m[0]
        for m in finder(names).finditer("Gates, a rag; RAG, decision boundaries, loss-function, investigate.")
    }
    assert found == {"Gates", "RAG", "decision boundaries"}
    assert NOT_THE_TERM.search("In 2016 Adam Paszke began")
    assert not NOT_THE_TERM.search("Adam and its successors")


def test_bibliography_page_says_what_the_bib_file_says() -> None:
    page = (BOOK / "bibliography.md").read_text(encoding="utf-8")
    fresh = course_bibliography.fill(page, BOOK / "references.bib")
    assert page == fresh, "run: python book/_ext/course_bibliography.py"


def test_every_reference_can_be_found_by_a_reader() -> None:
    from pybtex.database import parse_file

    entries = parse_file(str(BOOK / "references.bib"), bib_format="bibtex").entries
    assert len(entries) > 50
    for key, entry in entries.items():
        found = {"doi", "url", "publisher", "school", "institution"} & set(entry.fields)
        assert found, f"{key}: neither doi nor url nor publisher"
        assert re.fullmatch(r"10\.\d{4,9}/\S+", entry.fields.get("doi", "10.1234/x")), key
        assert entry.fields.get("url", "https://").startswith("https://"), key
        if "year" in entry.fields:
            family = entry.persons["author"][0].last_names[-1].lower()
            assert re.sub(r"[^a-z]", "", key.split(entry.fields["year"])[0])[-4:] in _ascii(family), key
            assert entry.fields["year"] in key


def _ascii(name: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().replace("-", "")


@pytest.mark.parametrize(
    ("bib", "message"),
    [
        ("@book{Rosenblatt1962,\n author={Rosenblatt, F.}, title={P}}", "use lower-case letters"),
        ("@book{rosenblatt1962,\n title={P}}", "author and title are needed"),
    ],
)
def test_a_bad_entry_is_refused_by_name(tmp_path: Path, bib: str, message: str) -> None:
    path = tmp_path / "references.bib"
    path.write_text(bib, encoding="utf-8")
    with pytest.raises(course_bibliography.BibliographyError, match=message):
        course_bibliography.bibliography_markdown(path)


# -------------------------------------------------------------------------------------- the guards

GOOD = "1_one_neuron/01_one.ipynb"
SENTENCE = "Two and two make four"


def good_cells() -> list[dict]:
    return [
        markdown(
            "# 1 · One\n\n**The promise.** You will have read one notebook, from its start to its end.", "a"
        ),
        markdown("> **History.** In [1958](../../book/bibliography.md#ref-rosenblatt1958).", "b"),
        markdown("The [perceptron](../../book/glossary.md#term-perceptron) and [2](02_two.ipynb).", "c"),
        code(
            "plt.show()",
            "d",
            {"image/png": png(), "text/plain": "<Figure>"},
            mystnb={"image": {"alt": "A blue rectangle."}},
        ),
        code(f'claim("{SENTENCE}", 2 + 2 == 4)', "e", claim_output(SENTENCE)),
        code("%pip install git+https://github.com/owner/repo", "f"),
        markdown("## Try\n\n### Exercise 1.1 · Try\n\n★☆☆ · 5 minutes · useful", "g"),
        code('#@title Solution { display-mode: "form" }\nx = 1', "h", tags=["solution", "hide-cell"]),
    ]


@pytest.fixture(scope="module")
def good_and_bad(tmp_path_factory: pytest.TempPathFactory) -> tuple[Built, Built]:
    """A small book without a fault, and the same with one fault of each kind; built side by side."""
    good = small_tree(tmp_path_factory.mktemp("good"))
    bad = small_tree(tmp_path_factory.mktemp("bad"))
    for tree in (good, bad):
        write_notebook(tree / "notebooks" / GOOD, *good_cells())
        write_notebook(tree / "notebooks/1_one_neuron/02_two.ipynb", markdown("# 2 · Two\n\nText.", "a"))
    write_notebook(
        bad / "notebooks/1_one_neuron/03_faults.ipynb",
        markdown("# 3 · Faults\n\nSee [9](09_nothing.ipynb) and [1](01_one.ipynb#no-such-section).", "a"),
        markdown("A [perzeptron](../../book/glossary.md#term-perzeptron).", "b"),
        markdown("By [Rosenblat](../../book/bibliography.md#ref-rosenblat1958).", "c"),
        code("plt.show()", "d", {"image/png": png(), "text/plain": "<Figure>"}),
        code(
            "show()", "e", {"text/html": '<p><img src="data:image/png;base64,AA=="></p>', "text/plain": "<p>"}
        ),
        code('claim("Never run", True)', "f"),
    )
    write_notebook(bad / "notebooks/6_elsewhere/99_lost.ipynb", markdown("# 99 · Lost\n\nText.", "a"))
    glossary_page = bad / "book" / "glossary.md"
    wrong = '\n### <a id="term-neurone"></a>neuron\n\nA unit.\n'
    glossary_page.write_text(glossary_page.read_text(encoding="utf-8") + wrong, encoding="utf-8")
    env = {"COURSE_REPOSITORY_URL": "https://github.com/acme/dl/", "COURSE_REPOSITORY_BRANCH": "next"}
    running = [(start_build(good, good / "out", env), good), (start_build(bad, bad / "out"), bad)]
    built = [finish(process, tree / "out") for process, tree in running]
    return built[0], built[1]


@pytest.fixture(scope="module")
def good(good_and_bad: tuple[Built, Built]) -> Built:
    return good_and_bad[0]


@pytest.fixture(scope="module")
def bad(good_and_bad: tuple[Built, Built]) -> Built:
    return good_and_bad[1]


def test_a_book_without_faults_passes(good: Built) -> None:
    assert good.code == 0, good.output[-3000:]
    assert not good.warnings


def test_a_book_with_faults_fails(bad: Built) -> None:
    assert bad.code != 0
    assert len(bad.warnings) == 9, "\n".join(bad.warnings)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("a dead link between notebooks", ["03_faults", "09_nothing.ipynb"]),
        ("a dead link to a section", ["03_faults", "no-such-section"]),
        ("a misspelt term", ["03_faults", "term-perzeptron"]),
        ("a misspelt citation", ["03_faults", "ref-rosenblat1958"]),
        ("a figure without alternative text", ["03_faults.ipynb, cell 3", "no alternative text"]),
        ("an image in HTML without alternative text", ["03_faults.ipynb, cell 4", "no alternative text"]),
        ("a claim that was never run", ["claims.md", "claim-"]),
        ("a notebook in no part of the book", ["notebooks/6_elsewhere/99_lost.ipynb", "in no part"]),
        ("an anchor that is not its term's", ["term-neuron", "term-neurone"]),
    ],
)
def test_each_fault_is_named(bad: Built, fault: str, words: list[str]) -> None:
    hits = [line for line in bad.warnings if all(word in line for word in words)]
    assert len(hits) == 1, f"{fault}: no warning has {words}:\n" + "\n".join(bad.warnings)


def test_the_environment_overrides_the_address_everywhere(good: Built) -> None:
    page = Page(good.html / "notebooks/1_one_neuron/01_one.html")
    assert not [a for a in page.links if "owner/repo" in a]
    for address in (
        "https://github.com/acme/dl",
        "https://colab.research.google.com/github/acme/dl/blob/next/notebooks/1_one_neuron/01_one.ipynb",
        "https://mybinder.org/v2/gh/acme/dl/next?urlpath=lab/tree/notebooks/1_one_neuron/01_one.ipynb",
    ):
        assert address in page.links
    assert "github.com/acme/dl" in re.sub(r"<[^>]+>", "", page.text)  # the set-up cell as it is shown
    assert "lies at https://github.com/acme/dl" in Page(good.html / "book/intro.html").text.replace(
        '<a class="reference external" href="https://github.com/acme/dl">', ""
    )


def test_parts_without_notebooks_are_left_out(good: Built) -> None:
    text = Page(good.html / "book/intro.html").text
    assert "Part I · One neuron" in text
    assert "Part II ·" not in text


def test_parts_of_a_chapter_get_their_classes(good: Built) -> None:
    text = (good.html / "notebooks/1_one_neuron/01_one.html").read_text(encoding="utf-8")
    for name in ("course-promise", "course-history", "course-exercise", "course-stars", "course-claim"):
        assert re.search(rf'class="[^"]*{name}', text), name
    assert "Show the solution" in text
    assert "@title" not in text
    assert 'alt="A blue rectangle."' in text


def test_slugs() -> None:
    assert slug("McCulloch–Pitts neuron") == "mcculloch-pitts-neuron"
    assert slug("U-Net") == "u-net"

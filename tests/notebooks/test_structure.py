"""Every notebook keeps every rule of rules.py; it is read, not run."""

from pathlib import Path

import pytest

from tests.notebooks import rules

NOTEBOOKS = sorted(
    p for p in (rules.ROOT / "notebooks").rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts
)


def test_notebooks_are_found():
    assert NOTEBOOKS, "no notebook under notebooks/: what is there to test?"


@pytest.mark.parametrize("name", rules.RULES)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_rule(path: Path, name: str):
    found = rules.problems(path, only=name)
    if found:
        pytest.fail("\n".join(map(str, found)), pytrace=False)


def test_numbers_are_given_once():
    numbers = [p.name.split("_")[0] for p in NOTEBOOKS]
    assert len(numbers) == len(set(numbers)), f"two notebooks have one number: {sorted(numbers)}"


def test_exercise_ids_are_given_once_in_the_course():
    seen: dict[str, str] = {}
    for path in NOTEBOOKS:
        for exercise in rules.Notebook(path).exercises:
            where = f"{path.name}, {exercise.task.where}"
            assert exercise.id not in seen, f"exercise {exercise.id}: in {seen[exercise.id]} and in {where}"
            seen[exercise.id] = where


# The anchors that the rules compute are those of the tools which build the book.


@pytest.mark.parametrize(
    "title", ["Exercises", "1.2 · The perceptron's rule", "XOR & co. (again)", "a_b – c"]
)
def test_heading_anchors_are_mysts(title: str):
    from mdit_py_plugins.anchors.index import slugify

    assert rules.heading_slug(title) == slugify(title)


@pytest.mark.parametrize(
    "term", ["perceptron", "XOR", "McCulloch–Pitts neuron", "softmax (function)", "k-NN"]
)
def test_glossary_anchors_are_sphinxs(term: str):
    from sphinx.util.nodes import _make_id

    assert rules.glossary_id(term) == _make_id(f"term-{term}")


def test_repeated_headings_are_numbered():
    assert rules.anchors_in(["# One\n\n# Two", "# One"]) == {"one", "two", "one-1"}


def test_words_are_what_a_reader_reads():
    text = (
        "One *two* [three](http://a.b/c) $x + y$\n\n```python\nnot = counted\n```\n<b>four</b>\n\nfive's-six"
    )
    assert rules.words(text) == 6  # the formula counts as one word

"""The built books that the tests look at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.book.builds import Built, real_book


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The real book, built once for the whole run, outside the tree."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    return real_book(shared / "real-book")


@pytest.fixture(scope="session")
def pages(book: Built) -> list[Path]:
    """The pages of the real book."""
    assert book.code == 0, "the book does not build; tests/book/test_build.py shows why"
    found = book.pages()
    assert found, "the book has no pages"
    return found

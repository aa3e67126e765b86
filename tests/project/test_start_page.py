"""The page that `make lab` opens names every notebook and leads to it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.notebooks import rules
from tools import start_page

PAGE = rules.ROOT / "notebooks" / "README.md"
TEXT = PAGE.read_text(encoding="utf-8")
NOTEBOOKS = [p for p in sorted(PAGE.parent.rglob("*.ipynb")) if ".ipynb_checkpoints" not in p.parts]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_every_notebook_is_on_the_map(path: Path):
    title = json.loads(path.read_bytes())["metadata"]["course"]["title"]
    entry = f"[{rules.Notebook(path).number} · {title}]({path.relative_to(PAGE.parent).as_posix()})"
    assert entry in TEXT, f"{entry} is not on the map: python tools/start_page.py"


def test_the_map_is_what_the_tool_writes():
    assert start_page.with_map(TEXT, start_page.course_map()) == TEXT, "python tools/start_page.py"


def test_links_resolve():
    targets = [link for link in rules.links(rules.markdown_tokens(TEXT)) if "://" not in link]
    assert targets
    for target in targets:
        assert (PAGE.parent / target).exists(), f"notebooks/README.md: dead link to {target}"


def test_the_commands_open_this_page():
    text = (rules.ROOT / "Makefile").read_text(encoding="utf-8")
    (page,) = re.findall(r"LabApp\.default_url=/lab/tree/(\S+)", text)
    assert rules.ROOT / page == PAGE

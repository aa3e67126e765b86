"""The reference of the engine: complete, with links to the source, and right about PyTorch's names."""

from __future__ import annotations

import functools
import importlib
import inspect
import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.book.builds import BOOK, ROOT, Built

sys.path.insert(0, str(BOOK / "_ext"))
import course_api
import course_speed

TEXT = "\n".join(path.read_text(encoding="utf-8") for path in sorted((BOOK / "api").glob("*.md")))
ENTRIES = {f"{module}.{name}": members.split() for module, name, members in course_api.entries(TEXT)}


def public() -> dict[str, object]:
    """All public names of the engine with what they stand for; modules left out."""
    found = {}
    for module_name in course_api.PYTORCH:
        module = importlib.import_module(module_name)
        for name in course_api.names_of(module):
            if not inspect.ismodule(getattr(module, name)):
                found[f"{module_name}.{name}"] = getattr(module, name)
    return found


def test_every_public_name_has_an_entry() -> None:
    shown = {id(thing) for name, thing in public().items() if name in ENTRIES}
    assert len(public()) > 150
    # a function that two modules offer needs one entry
    assert [name for name, thing in public().items() if name not in ENTRIES and id(thing) not in shown] == []


def test_what_is_shared_by_the_notebooks_has_an_entry() -> None:
    import mini_dl.course

    for name in mini_dl.course.__all__:
        known = any(entry.startswith(f"mini_dl.course.{name}") for entry in ENTRIES)
        assert known or name in ("check", "explore"), name
    assert "mini_dl.course.checks.Check" in ENTRIES


def test_every_method_of_a_tensor_is_told() -> None:
    import mini_dl

    told = {*ENTRIES["mini_dl.Tensor"], *re.findall(r"`x\.(\w+)\(\)`", TEXT)}
    told |= {name.removeprefix("mini_dl.") for name in ENTRIES}
    methods = [n for n in vars(mini_dl.Tensor) if not n.startswith("_")]
    assert len(methods) > 50
    assert [name for name in methods if name not in told] == []


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_pytorch_has_the_name(name: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    there = course_api.pytorch_name(name)
    if there is None:
        assert name in course_api.NOT_IN_PYTORCH or name.startswith(("mini_dl.course", "mini_dl.debug"))
        return
    importlib.import_module("torch.optim.lr_scheduler")
    functools.reduce(getattr, there.split(".")[1:], torch)


def test_entries_and_links_to_the_source(book: Built) -> None:
    assert book.code == 0, book.output[-2000:]
    pages = {path.stem: path.read_text(encoding="utf-8") for path in (book.html / "book/api").glob("*.html")}
    together = "\n".join(pages.values())
    for name, members in ENTRIES.items():
        for full in [name, *(f"{name}.{member}" for member in members)]:
            assert f'id="{full}"' in together, full
    for name, thing in public().items():
        if name in ENTRIES and callable(thing) and name not in ("mini_dl.float32", "mini_dl.float64"):
            source = re.search(rf'<dt [^>]*id="{re.escape(name)}">.*?</dt>', together, flags=re.DOTALL)
            assert source, name
            if thing.__module__.startswith("mini_dl"):
                assert 'class="viewcode-link"' in source.group(), name
    assert "<!-- api:" not in together
    tensor = pages["functional"]
    assert "In PyTorch:" in tensor
    assert (
        "ndarray" not in re.search(r'id="mini_dl.nn.functional.conv2d">.*?</dt>', tensor, re.DOTALL).group()
    )


def test_an_example_after_a_section_gets_its_headline() -> None:
    lines = "Do.\n\nParameters\n----------\nx\n    (n,)\n\nSmith (2000).\n\n>>> 1\n1".splitlines()
    course_api.headlines(None, "function", "mini_dl.course.f", None, None, lines)
    assert lines[6:] == ["", "Notes", "-----", "Smith (2000).", "", ">>> 1", "1"]
    lines = "Do.\n\nReturns\n-------\nint\n    One.\n\n>>> 1\n1".splitlines()
    course_api.headlines(None, "function", "mini_dl.course.f", None, None, lines)
    assert lines[6:] == ["", "Examples", "--------", ">>> 1", "1"]


def test_the_page_on_speed_is_the_recorded_measurement(book: Built) -> None:
    text = (book.html / "book/speed.html").read_text(encoding="utf-8")
    results = json.loads((ROOT / course_speed.RESULTS).read_text(encoding="utf-8"))
    for name, row in results["threads"]["1"].items():
        shown = re.search(rf"<p>{name}: .*?<strong>([\d.]+)</strong>", text, flags=re.DOTALL)
        assert shown, name
        assert shown.group(1) == f"{row['ratio']:.2f}"
    assert results["machine"]["processor"] in text
    assert course_speed.SPEED_MARK not in text
    assert re.search(
        r"The whole engine\s+has 1,\d\d\d statements", (book.html / "book/api/index.html").read_text()
    )


def test_the_page_on_speed_says_what_is_missed(tmp_path: Path) -> None:
    for name in ("engine.py", "workloads.py"):
        (tmp_path / "benchmarks").mkdir(exist_ok=True)
        shutil.copy(ROOT / "benchmarks" / name, tmp_path / "benchmarks" / name)
    (tmp_path / "benchmarks/results").mkdir()
    machine = {
        "processor": "P",
        "cores": 2,
        "system": "S",
        "python": "3",
        "versions": {},
        "date": "2030-01-02",
    }

    def told(**ratios: float) -> str:
        one = {n: {"ratio": r, "mini_dl_ms": r, "torch_ms": 1.0} for n, r in ratios.items()}
        results = {"machine": machine, "threads": {"1": one}}
        (tmp_path / course_speed.RESULTS).write_text(json.dumps(results), encoding="utf-8")
        return course_speed.speed(tmp_path)

    assert "Measured on 2030-01-02 on P" in told(W1=0.5)
    assert "1 of 1 networks are within their bar on one thread." in told(W1=0.5)
    text = told(W1=0.75, W2=5.0, W3=5.0)
    assert "1 of 3 networks are within their bar on one thread; W2 and W3 not." in text
    assert [re.search(rf"{n}:.* \| (\w+) \| – \|", text).group(1) for n in ("W1", "W2")] == [
        "reached",
        "missed",
    ]

"""The mutant runner: it makes the mutants it promises, and reports survivors."""

from __future__ import annotations

import importlib.util
import json
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from bank import banks

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("mutants", ROOT / "tools" / "mutants.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setitem(sys.modules, "mutants", module)  # dataclasses look their module up there
    spec.loader.exec_module(module)
    yield module
    monkeypatch.undo()


def sample(X, n=1):
    """A bit of everything."""
    total = np.mean(X.T, axis=0, keepdims=True)
    if n < 2:
        total -= 1
    return -total[1:] if np.argmax(total) == 0 else total


def test_mutations_know_numpy(tool):
    changes = [m.change for m in tool.mutants(sample)]
    after = " ".join(c.split(" → ")[1] for c in changes)
    for text in (
        "np.sum(X.T, axis=0, keepdims=True)",
        "np.mean(X, axis=0, keepdims=True)",
        "np.mean(X.T, axis=1, keepdims=True)",
        "np.mean(X.T, axis=None, keepdims=True)",
        "np.mean(X.T, keepdims=True)",
        "np.mean(X.T, axis=0)",
        "if n <= 2:",
        "if n < 3:",
        "if True:",
        "total += 1",
        "np.argmin(total) == 0",
        "np.argmax(total) != 0",
        "-total if",
        "return total[1:] if",
        "pass",
    ):
        assert text in after, text
    assert len(set(changes)) > 20


def test_survivors_are_reported_unless_a_reason_is_given(tool):
    def generous(excitatory, inhibitory, threshold):
        return int(not any(inhibitory) and sum(excitatory) >= threshold)

    total, caught, survivors, used = tool.run("mp_neuron", [generous], {})
    assert total == caught + len(survivors)
    assert len(survivors) == 1
    assert used == set()
    assert tool.run("mp_neuron", [generous], {survivors[0]: "a bool is a number"})[2:] == ([], {survivors[0]})


def test_the_command_takes_exercises_and_notebooks(tool, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(tool, "RESULTS", tmp_path / "build" / "mutants.json")

    def no_mutants(name, answers, known):
        return 3, 3 - len(known), [], set(known)

    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setattr(tool, "run", no_mutants)
    monkeypatch.setattr(sys, "argv", ["mutants.py", "margin", "01"])
    assert tool.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "margin", "mp_neuron", "xor_network", "majority", "full_adder", "all",
    ]  # fmt: skip
    assert "100.0 % of those that are not equivalent are caught" in lines[-1]
    assert list(json.loads(tool.RESULTS.read_text())) == [line.split(":")[0] for line in lines[:-1]]
    monkeypatch.setattr(tool, "run", lambda *_: (3, 2, ["x → y"], set()))
    assert tool.main() == 1
    said = capsys.readouterr().out
    assert "SURVIVES  x → y" in said
    assert "CAUGHT OR GONE" in said
    monkeypatch.setattr(sys, "argv", ["mutants.py", "marjin"])
    with pytest.raises(SystemExit):
        tool.main()
    assert "no bank for marjin" in capsys.readouterr().err


def test_every_listed_equivalent_has_a_reason_and_an_exercise():
    text = (ROOT / "tests" / "exercises" / "equivalent_mutants.toml").read_text(encoding="utf-8")
    listed = tomllib.loads(text)
    assert set(listed) <= set(banks())
    assert all(len(reason) >= 15 for reasons in listed.values() for reason in reasons.values())

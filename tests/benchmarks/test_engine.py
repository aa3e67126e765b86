"""benchmarks/engine.py: what a measuring process is given, and what the table says; nothing is measured."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))  # engine.py imports its neighbour
    spec = importlib.util.spec_from_file_location("engine_benchmark", BENCHMARKS / "engine.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_numpy_may_choose_its_kernel_as_pytorch_may(
    engine: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Prescott")
    monkeypatch.setenv("OPENBLAS_L2_SIZE", "512")
    monkeypatch.setenv("OTHER", "kept")
    given = engine.environment(1)
    assert not [name for name in given if name in engine.KERNEL_VARIABLES]
    assert given["OTHER"] == "kept"
    assert given["OPENBLAS_NUM_THREADS"] == "1"
    assert engine.environment(2, "Haswell")["OPENBLAS_CORETYPE"] == "Haswell"


def test_the_kernel_is_that_of_the_measuring_process(
    engine: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not that of the process that starts them, which has loaded NumPy under the shell's variables."""
    if "openblas" not in (engine.blas() or "") or not sys.platform.startswith("linux"):
        assert engine.measure("blas", "", 0, 1)["blas"] == engine.blas()
        return
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Prescott")
    assert "Prescott" not in engine.measure("blas", "", 0, 1)["blas"]


def row(ratio: float) -> dict[str, Any]:
    return {"ratio": ratio, "mini_dl_ms": ratio, "torch_ms": 1.0}


def test_the_old_kernel_has_a_column_where_it_was_measured(engine: ModuleType) -> None:
    machine = {"processor": "P", "cores": 2, "system": "S", "python": "3", "versions": {}}
    results: dict[str, Any] = {"machine": machine, "threads": {"1": {"W1": row(0.5), "W2": row(0.4)}}}
    assert "kernel" not in engine.table(results)
    results["old_kernel"] = {"W1": row(0.87)}
    told = engine.table(results)
    assert "1 of 2 networks are within their bar" in told  # judged by the library's own choice
    assert "| beyond | – | 0.87 |" in told
    assert "| missed | – | – |" in told
    assert "kernel Haswell, the code for processors without AVX-512" in told

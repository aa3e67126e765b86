"""Hardly a line of the engine is never run by the tests of this folder."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BAR = 98  # per cent of the lines
# They take half of the time, and run no line that the others leave out.
LONG = ("50_steps", "ten_thousand", "memory_stays_flat")


def test_lines_run_by_the_tests(tmp_path):
    """With two examples instead of fifteen for each property: fewer values, the same lines."""
    pytest.importorskip("pytest_cov")
    settings, report = tmp_path / "coveragerc", tmp_path / "coverage.json"
    settings.write_text(
        f"[run]\nsource = mini_dl\nomit = mini_dl/course/*\ndata_file = {tmp_path / 'data'}\n",
        encoding="utf-8",
    )
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n0", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0",
         "tests/engine", f"--ignore={Path(__file__)}", "-k", " and ".join(f"not {name}" for name in LONG),
         "--cov", f"--cov-config={settings}", f"--cov-report=json:{report}"],
        cwd=ROOT, env=mine | {"MINI_DL_EXAMPLES": "2"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    found = json.loads(report.read_text(encoding="utf-8"))
    assert len(found["files"]) > 20
    missed = {name: part["missing_lines"] for name, part in found["files"].items() if part["missing_lines"]}
    assert found["totals"]["percent_covered"] >= BAR, f"lines that no test runs: {missed}"

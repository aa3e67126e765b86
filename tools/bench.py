"""Measure what a reader waits for: imports, and each notebook from start to end.

    python tools/bench.py                # all of it, written to build/bench.json as well
    python tools/bench.py --no-notebooks

Each import is timed in fresh processes, the fastest of five: what is left is the code's own doing. A
notebook is run once, its stored outputs untouched.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

IMPORTS = {
    "python alone": "pass",
    "numpy": "import numpy",
    "mini_dl": "import mini_dl",
    "mini_dl.course": "import mini_dl.course",
    "a notebook's first cell": (
        "from mini_dl.course import check, claim, explore, plots, quiz, setup; setup(seed=0)"
    ),
}


def import_seconds(statement: str, repeats: int = 5) -> float:
    """Return the fastest of some runs of a fresh Python that executes `statement` and ends."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", statement], check=True, capture_output=True, cwd=ROOT)
        times.append(time.perf_counter() - start)
    return min(times)


def notebook_seconds() -> dict[str, dict[str, float]]:
    """Run each notebook once; return its seconds and its stated bar."""
    from tools import run_notebooks

    found = {}
    for path in run_notebooks.all_notebooks():
        start = time.perf_counter()
        notebook = run_notebooks.execute(path)
        seconds = time.perf_counter() - start
        found[path.stem] = {"seconds": round(seconds, 2), "bar": notebook.metadata["course"]["run_seconds"]}
    return found


def main(arguments: list[str] | None = None) -> int:
    """Measure, print a table and write build/bench.json."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--no-notebooks", action="store_true", help="imports only")
    options = parser.parse_args(arguments)
    result: dict[str, Any] = {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "imports": {},
    }
    print(f"{result['machine']}, Python {result['python']}")
    for name, statement in IMPORTS.items():
        seconds = import_seconds(statement)
        result["imports"][name] = round(seconds, 3)
        print(f"  {name:<26}{1000 * seconds:8.0f} ms")
    if not options.no_notebooks:
        result["notebooks"] = notebook_seconds()
        for name, run in result["notebooks"].items():
            print(f"  {name:<26}{run['seconds']:8.1f} s  (states {run['bar']:g} s)")
        if result["notebooks"]:
            median = statistics.median(run["seconds"] for run in result["notebooks"].values())
            print(f"  {'median notebook':<26}{median:8.1f} s")
    out = ROOT / "build" / "bench.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(f"written to {out.relative_to(ROOT).as_posix()}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

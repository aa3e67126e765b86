"""Recorded measurements: benchmarks/results/*.json, read from a clone or from the installed package.

The notebooks draw what was measured elsewhere beside their own run: the engine's benchmark and the runs on
a GPU. The files are written by benchmarks/engine.py and benchmarks/gpu.py, never by hand.
"""

from __future__ import annotations

import json
import os
import re
from importlib.resources import files
from pathlib import Path
from typing import Any


def _folder() -> Any:
    clone = Path(__file__).resolve().parents[2] / "benchmarks" / "results"
    return clone if clone.is_dir() else files("mini_dl.course") / "recorded"


def recorded(name: str) -> dict[str, Any] | None:
    """Return a recorded result, or None where there is none.

    Parameters
    ----------
    name : str
        The file's name without ``.json``, for instance ``"engine"``.

    Raises
    ------
    ValueError
        If the name is not such a name, or the file is not JSON.

    Examples
    --------
    >>> recorded("nobody-measured-this") is None
    True
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise ValueError(f"recorded: {name!r} is no result's name; for instance 'engine'")
    file = _folder() / f"{name}.json"
    if not file.is_file():
        return None
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"recorded: {file} is damaged ({error}); measure again or restore it") from error


def recorded_runs(task: str) -> list[dict[str, Any]]:
    """Return every recorded GPU run of a task: files ``gpu-….json`` whose ``"task"`` it is.

    Examples
    --------
    >>> recorded_runs("nobody-ran-this")
    []
    """
    folder = _folder()
    names = sorted(f.name for f in folder.iterdir()) if folder.is_dir() else []
    found = [recorded(name.removesuffix(".json")) for name in names if name.startswith("gpu-")]
    return [result for result in found if result is not None and result.get("task") == task]


def record(task: str, **values: Any) -> Path | None:
    """Write a run's figures as JSON where ``MINI_DL_RECORD`` names a folder, as benchmarks/gpu.py does.

    Without it nothing is written. The file is complete or not there: it is written beside its place and
    then moved.

    Parameters
    ----------
    task : str
        What was run, for instance ``"gpt"``.
    **values
        Anything JSON can hold.

    Returns
    -------
    Path or None
        The file that was written.
    """
    where = os.environ.get("MINI_DL_RECORD")
    if not where:
        return None
    target = Path(where) / f"{task}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    part.write_text(json.dumps({"task": task, **values}, indent=1) + "\n", encoding="utf-8")
    part.replace(target)
    return target

"""Execute notebooks in place so that a second run gives the same bytes.

    python tools/run_notebooks.py 02                     # by number
    python tools/run_notebooks.py notebooks/1_one_neuron/02_perceptron.ipynb
    python tools/run_notebooks.py --all
    python tools/run_notebooks.py --check 02             # write nothing; fail if a run gives other bytes

The committed notebooks hold their outputs, so that what is read on GitHub and in the book is what the
tests compare. This is the one way to refresh them: `jupyter nbconvert --execute` would store running
times, random widget ids and Python's patch version, and each run would change the file.

A notebook is written only when every cell ran: it goes to a temporary file first, which then takes
the old one's place. When a cell fails the old file stays and the cell is shown.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

try:
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
except ModuleNotFoundError as missing:
    raise SystemExit(
        f"run_notebooks.py needs {missing.name}: run `make notebook N=02`, which installs it,\n"
        "or `python -m pip install -c constraints.txt -e .[dev]`"
    ) from None

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
REFERENCE = re.compile(r"IPY_MODEL_([0-9a-f]{32})")
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
NOTEBOOK_METADATA = {"course", "kernelspec", "language_info", "widgets", "title", "authors"}
CELL_NOISE = {
    "execution",
    "collapsed",
    "scrolled",
    "ExecuteTime",
    "colab",
    "id",
    "outputId",
    "vscode",
    "trusted",
}
CELL_TIMEOUT = 600  # seconds; a notebook's stated bar is at most 90


def all_notebooks(folder: Path = NOTEBOOKS) -> list[Path]:
    """Every notebook under `folder`, in order, without JupyterLab's checkpoint copies."""
    return sorted(p for p in folder.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)


def find(name: str, folder: Path = NOTEBOOKS) -> Path:
    """Find the notebook that `name` means: a path, or a number such as `02` or `2`.

    Raises
    ------
    SystemExit
        With the notebooks that exist, when none or several fit.
    """
    path = Path(name)
    if path.suffix == ".ipynb" and path.is_file():
        return path.resolve()
    found = []
    if name.isdigit():
        found = [p for p in all_notebooks(folder) if p.name.startswith(f"{int(name):02d}_")]
    if len(found) == 1:
        return found[0]
    known = "\n  ".join(_shown(p) for p in all_notebooks(folder)) or f"(none under {_shown(folder)})"
    problem = "no notebook fits" if not found else f"{len(found)} notebooks fit"
    raise SystemExit(f"{problem} {name!r}: give a number such as 02, or one of\n  {known}")


def _shown(path: Path) -> str:
    path = Path(path).resolve()
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


def stable_widget_ids(nb: nbformat.NotebookNode, name: str) -> None:
    """Give the widget models ids that depend on the notebook and their order, not on chance.

    Models shown nowhere and referred to by nothing shown are dropped.
    """
    state = nb.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    views = [
        output.data[VIEW]
        for cell in nb.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if VIEW in output.get("data", {})
    ]
    if not state or not views:
        nb.metadata.pop("widgets", None)
        return
    kept: list[str] = []

    def references(model: str) -> list[str]:
        return REFERENCE.findall(json.dumps(state[model], sort_keys=True))

    def keep(model: str) -> None:
        if model in state and model not in kept:
            kept.append(model)
            for other in references(model):
                keep(other)

    for view in views:
        keep(view["model_id"])
    # A link between two widgets is in no view itself, but points at models that are.
    anonymous = {m: REFERENCE.sub("IPY_MODEL_", json.dumps(s, sort_keys=True)) for m, s in state.items()}

    def order(model: str) -> tuple[str, list[int]]:
        return anonymous[model], [kept.index(r) if r in kept else -1 for r in references(model)]

    for model in sorted(set(state) - set(kept), key=order):
        if any(r in kept for r in references(model)):
            keep(model)
    new = {m: hashlib.sha256(f"{name}:{i}".encode()).hexdigest()[:32] for i, m in enumerate(kept)}
    text = json.dumps({new[m]: state[m] for m in kept})
    for old_id, new_id in new.items():
        text = text.replace(old_id, new_id)
    nb.metadata["widgets"][STATE]["state"] = nbformat.from_dict(json.loads(text))
    for view in views:
        view["model_id"] = new[view["model_id"]]


def clean(nb: nbformat.NotebookNode, name: str) -> None:
    """Drop what differs from run to run or from machine to machine."""
    for key in set(nb.metadata) - NOTEBOOK_METADATA:
        del nb.metadata[key]
    nb.metadata["kernelspec"] = dict(KERNELSPEC)
    nb.metadata["language_info"] = {"name": "python"}  # no patch version of Python
    nb.nbformat, nb.nbformat_minor = 4, 5
    for index, cell in enumerate(nb.cells):
        cell.setdefault("id", hashlib.sha256(f"{name}:{index}".encode()).hexdigest()[:8])
        for key in CELL_NOISE & set(cell.metadata):
            del cell.metadata[key]
        if "jupyter" in cell.metadata:
            cell.metadata["jupyter"].pop("outputs_hidden", None)
            if not cell.metadata["jupyter"]:
                del cell.metadata["jupyter"]
    stable_widget_ids(nb, name)


def serialise(nb: nbformat.NotebookNode) -> bytes:
    """Return the notebook's bytes: UTF-8, the same line ends on every system."""
    nbformat.validate(nb)
    return (nbformat.writes(nb, version=4).rstrip("\n") + "\n").encode()


def replace_file(path: Path, content: bytes) -> None:
    """Write `content` beside `path`, then let it take its place: never a half-written file."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, path.stat().st_mode & 0o777 if path.exists() else 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def kernel_environment() -> None:
    """Make the kernel this Python's own and figures inline, whatever the shell has set."""
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # a `python3` kernel of the user's does not win
    os.environ.pop("MPLBACKEND", None)
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"


class CellFailedError(Exception):
    """A cell raised, ran too long or took the kernel down; the message names it."""


def execute(path: Path, *, timeout: int = CELL_TIMEOUT, cwd: Path | None = None) -> nbformat.NotebookNode:
    """Run a notebook from empty, in its own folder (or `cwd`), and return it executed and cleaned.

    Raises
    ------
    CellFailedError
        Names notebook and cell (index and id), shows its source and the error.
    """
    kernel_environment()
    nb = nbformat.read(path, as_version=4)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nb.metadata.pop("widgets", None)
    client = NotebookClient(
        nb,
        timeout=timeout,
        iopub_timeout=60,  # what comes later is lost; the usual 4 s are few on a busy machine
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=40"],  # no word about TCP from each kernel on the terminal
        resources={"metadata": {"path": str(cwd or path.parent)}},
    )
    current: dict[str, Any] = {}
    client.on_cell_start = lambda cell, cell_index: current.update(cell=cell, index=cell_index)
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        cell, index = current.get("cell"), current.get("index")
        where = f"{_shown(path)}, cell {index} (id {cell.get('id')})" if cell else _shown(path)
        reason = (
            f"{error.ename}: {error.evalue}\n\n{_plain(error.traceback)}"
            if isinstance(error, CellExecutionError)
            else f"ran longer than {timeout} s"
            if isinstance(error, CellTimeoutError)
            else "the kernel died (out of memory?)"
        )
        source = _indented(cell.source.splitlines()) if cell else ""
        raise CellFailedError(
            f"{where} failed; the file is left as it was.\n\n{source}\n\n{reason}"
        ) from error
    clean(nb, path.stem)
    return nb


def _plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def _indented(lines: Iterable[str]) -> str:
    return "\n".join(f"    {line}" for line in lines)


def differing_cells(old: bytes, new: bytes) -> Iterator[str]:
    """Name the cells in which two forms of a notebook differ."""
    before, after = (json.loads(b)["cells"] for b in (old, new))
    for index, (a, b) in enumerate(zip(before, after, strict=False)):
        if a != b:
            keys = sorted(k for k in set(a) | set(b) if a.get(k) != b.get(k))
            yield f"cell {index} (id {b.get('id')}): {', '.join(keys)}"


def main(arguments: list[str] | None = None) -> int:
    """Run the notebooks named on the command line; 0 when all went well."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, prog="run_notebooks.py"
    )
    parser.add_argument("notebooks", nargs="*", help="numbers (02) or paths")
    parser.add_argument("--all", action="store_true", help="every notebook under notebooks/")
    parser.add_argument("--check", action="store_true", help="write nothing, fail if a run gives other bytes")
    parser.add_argument("--timeout", type=int, default=CELL_TIMEOUT, help="seconds a cell may take")
    options = parser.parse_args(arguments)
    paths = all_notebooks() if options.all else [find(name) for name in options.notebooks]
    if not paths:
        parser.error("name a notebook (02) or give --all")
    bad = 0
    for path in paths:
        start = time.perf_counter()
        try:
            new = serialise(execute(path, timeout=options.timeout))
        except CellFailedError as error:
            print(error, file=sys.stderr)
            bad += 1
            continue
        seconds = time.perf_counter() - start
        old = path.read_bytes()
        if old == new:
            print(f"executed {_shown(path)} in {seconds:.1f} s: same bytes as before")
        elif options.check:
            bad += 1
            print(f"{_shown(path)}: a run gives other bytes", file=sys.stderr)
            for line in differing_cells(old, new):
                print(f"  {line}", file=sys.stderr)
        else:
            replace_file(path, new)
            print(f"executed {_shown(path)} in {seconds:.1f} s: written ({len(new) / 1024:.0f} kB)")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""The notebooks of Part III at their full size, recorded on a GPU: `python benchmarks/gpu.py`.

No GPU has run this file yet: it was tried on a CPU, at the small setting and with a tiny model.

It runs each notebook that calls `results.record`, the very cells that a reader runs, with MINI_DL_SCALE=full.
The tracked notebooks stay as they are. What a notebook records (losses over time, seconds, throughput,
memory) is completed with the machine, the versions and the date, and goes into
benchmarks/results/gpu-<task>-<device>.json, which the notebooks then draw beside their own run. A file is
written whole or not at all, and a notebook that fails writes nothing.

    python benchmarks/gpu.py                           everything
    python benchmarks/gpu.py --only 22 13 utilisation  two notebooks and the measurement below
    python benchmarks/gpu.py --without-gpu --scale small --only 13 --into FOLDER    try it on a CPU

Besides, `utilisation` measures what no notebook does: a model of GPT-2 small's size (12 layers of width 768,
context 1024, 124 million weights), trained in bfloat16 and compiled where the device has both. The classes
are notebook 22's own, read from its cells. Model FLOP/s utilisation is

    mfu = (6 N + 12 L W T) · tokens per second / peak

with N weights in matrix products (the blocks and the output layer), L layers of width W, T tokens of context,
and the bfloat16 peak of the device's data sheet (Chowdhery and others, 2023, appendix B). The factor 6 is two
operations per weight forward and four back; the second term is attention's products, not halved for the mask.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
NOTEBOOKS = ROOT / "notebooks" / "3_architectures"
CELL_TIMEOUT = 3600  # seconds
NEEDED = ("Recipe", "rotate", "norm", "CausalSelfAttention", "Block", "GPT", "first_weights")
GPT2_SMALL = {"layers": 12, "heads": 12, "width": 768, "context": 1024}
VOCABULARY = 50304  # GPT-2's 50257, rounded up to a multiple of 64


# ---- the machine -----------------------------------------------------------------------------------


def find_device() -> str:
    """Return ``"cuda"``, ``"mps"`` or ``"cpu"``, as `setup` in a notebook does."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def machine(device: str) -> dict[str, Any]:
    """Return what every result says about where and when it was measured."""
    import torch

    from mini_dl.course import hardware

    return {
        "device": hardware.describe(device),
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {
            "python": platform.python_version(),
            "torch": version("torch"),
            "cuda": torch.version.cuda,
        },
        "driver": driver() if device == "cuda" else None,
        "system": platform.system(),
    }


def driver() -> str | None:
    """Return the version of NVIDIA's driver, None where nvidia-smi does not tell."""
    if shutil.which("nvidia-smi") is None:
        return None
    ask = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    done = subprocess.run(ask, capture_output=True, text=True, check=False)
    lines = done.stdout.split()
    return lines[0] if done.returncode == 0 and lines else None


def write(result: dict[str, Any], into: Path) -> Path:
    """Write a result as gpu-<task>-<device>.json, beside its place first: whole or not at all."""
    name = re.sub(r"[^a-z0-9]+", "-", f"gpu-{result['task']}-{result['device']}".lower()).strip("-")
    text = json.dumps(result, indent=1) + "\n"
    into.mkdir(parents=True, exist_ok=True)
    target, part = into / f"{name}.json", into / f"{name}.part"
    part.write_text(text, encoding="utf-8")
    part.replace(target)
    return target


# ---- the notebooks ---------------------------------------------------------------------------------


def recording(folder: Path) -> dict[str, Path]:
    """Return number → notebook of those that call `results.record`."""
    found = {}
    for path in sorted(folder.glob("[0-9][0-9]_*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        if any("results.record(" in "".join(c["source"]) for c in cells if c["cell_type"] == "code"):
            found[path.name[:2]] = path
    return found


def run_notebook(path: Path, scale: str) -> list[dict[str, Any]]:
    """Run a notebook, leaving its file alone, and return what it recorded."""
    sys.path.insert(0, str(ROOT))
    from tools.run_notebooks import execute

    with tempfile.TemporaryDirectory() as folder:
        before = {key: os.environ.get(key) for key in ("MINI_DL_SCALE", "MINI_DL_RECORD")}
        os.environ.update(MINI_DL_SCALE=scale, MINI_DL_RECORD=folder)
        try:
            execute(path, timeout=CELL_TIMEOUT)
        finally:
            for key, value in before.items():
                os.environ.pop(key, None)
                if value is not None:
                    os.environ[key] = value
        return [json.loads(file.read_text(encoding="utf-8")) for file in sorted(Path(folder).glob("*.json"))]


# ---- utilisation -----------------------------------------------------------------------------------


def gpt_of_notebook(path: Path, vocabulary: int) -> dict[str, Any]:
    """Return the names of NEEDED as notebook 22 defines them, for a vocabulary of this size."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    definitions: dict[str, ast.stmt] = {}
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and not re.search(r"^\s*%", source, re.MULTILINE):
            for node in ast.parse(source).body:
                if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name in NEEDED:
                    definitions[node.name] = node
    missing = set(NEEDED) - set(definitions)
    if missing:
        raise ValueError(f"{path.name} does not define {', '.join(sorted(missing))}; mend NEEDED in gpu.py")
    start = "import math, torch\nfrom dataclasses import dataclass\nfrom torch import nn\nF = nn.functional\n"
    names: dict[str, Any] = {"__name__": "notebook_22", "characters": range(vocabulary)}
    sys.modules.setdefault("notebook_22", type(sys)("notebook_22"))  # dataclass looks its module up
    exec(start, names)
    module = ast.Module(body=[definitions[name] for name in NEEDED], type_ignores=[])
    exec(compile(module, str(path), "exec"), names)
    return names


def flops_a_token(weights: int, layers: int, width: int, context: int) -> int:
    """Return the operations of training on one token: 6 N + 12 L W T."""
    return 6 * weights + 12 * layers * width * context


def train_speed(model: Any, batch: int, context: int, vocabulary: int, device: str, steps: int) -> float:
    """Train on random tokens and return the tokens per second, the median of five rounds."""
    import torch

    from mini_dl.course import hardware

    fast = hardware.compiled(model, device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    tokens = torch.randint(vocabulary, (batch, context + 1), device=device)

    def step() -> None:
        with hardware.autocast(device):
            logits = fast(tokens[:, :-1])
            loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    for _ in range(3):  # compiling, choosing kernels
        step()
    seconds = []
    for _ in range(5):
        hardware.synchronize(device)
        start = time.perf_counter()
        for _ in range(steps):
            step()
        hardware.synchronize(device)
        seconds.append(time.perf_counter() - start)
    return batch * context * steps / median(seconds)


def utilisation(
    notebook: Path,
    device: str,
    sizes: dict[str, int] | None = None,
    vocabulary: int = VOCABULARY,
    batches: tuple[int, ...] = (64, 32, 16, 8, 4, 2, 1),
    steps: int = 10,
) -> dict[str, Any]:
    """Train a GPT of these sizes with the largest of `batches` that fits; return speed and utilisation."""
    import torch

    from mini_dl.course import hardware

    sizes = sizes or GPT2_SMALL
    names = gpt_of_notebook(notebook, vocabulary)
    for batch in batches:
        model = names["GPT"](names["Recipe"](batch=batch, **sizes)).to(device)
        try:
            speed = train_speed(model, batch, sizes["context"], vocabulary, device, steps)
            break
        except torch.OutOfMemoryError:
            print(f"utilisation: a batch of {batch} does not fit")
            del model
            if device == "cuda":
                torch.cuda.empty_cache()
    else:
        raise RuntimeError("utilisation: not even a batch of one fits into this device's memory")
    counted = sum(p.numel() for p in [*model.blocks.parameters(), model.head.weight])
    a_token = flops_a_token(counted, sizes["layers"], sizes["width"], sizes["context"])
    peak = hardware.peak_flops(device)
    return {
        "task": "utilisation",
        "sizes": sizes | {"vocabulary": vocabulary, "batch": batch},
        "weights": sum(p.numel() for p in model.parameters()),
        "weights_counted": counted,
        "tokens_per_second": speed,
        "flops_per_token": a_token,
        "flops_per_second": a_token * speed,
        "peak": peak,
        "mfu": a_token * speed / peak if peak else None,
        "peak_memory": hardware.peak_memory(device),
    }


# ---- the command -----------------------------------------------------------------------------------


def main(arguments: list[str] | None = None, folder: Path = NOTEBOOKS) -> int:
    """Measure what the command line names; 0 when everything went well."""
    known = recording(folder)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, prog="gpu.py"
    )
    parser.add_argument("--only", nargs="+", choices=[*known, "utilisation"], help="these alone")
    parser.add_argument("--scale", choices=("small", "full"), default="full", help="the notebooks' setting")
    parser.add_argument("--without-gpu", action="store_true", help="try it on a CPU; needs --into")
    parser.add_argument("--into", type=Path, default=RESULTS, help="another folder for the results")
    options = parser.parse_args(arguments)
    device = find_device()
    if device == "cpu" and not options.without_gpu:
        raise SystemExit(
            "gpu.py: PyTorch sees no GPU on this machine, and results of a CPU are not wanted here. "
            "To try the command itself: --without-gpu --scale small --into FOLDER"
        )
    if options.without_gpu and options.into.resolve() == RESULTS:
        raise SystemExit("gpu.py: with --without-gpu name a folder by --into; benchmarks/results is for GPUs")
    where, failed = machine(device), []
    for what in options.only or [*known, "utilisation"]:
        try:
            if what == "utilisation":
                (gpt,) = NOTEBOOKS.glob("22_*.ipynb")
                found = [utilisation(gpt, device)]
            else:
                found = run_notebook(known[what], options.scale)
        except Exception as error:  # one notebook's failure must not cost the others' hours
            failed.append(what)
            print(f"{what}: failed, nothing written\n{error}", file=sys.stderr)
            continue
        for result in found:
            print(f"{what}: {write(result | where, options.into)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

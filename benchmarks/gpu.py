"""The notebooks of Part III at their full size, recorded on a GPU: `python benchmarks/gpu.py`.

No GPU has run this file yet: it was tried on a CPU, at the small setting and with a tiny model.

It runs each notebook that calls `results.record`, the very cells that a reader runs, with MINI_DL_SCALE=full.
The tracked notebooks stay as they are. What a notebook records (losses over time, seconds, throughput,
memory) is completed with the machine, the versions and the date, and goes into
benchmarks/results/gpu-<task>-<device>.json, which the notebooks then draw beside their own run. A file is
written whole or not at all, and a notebook that fails writes nothing.

    python benchmarks/gpu.py                           everything
    python benchmarks/gpu.py --only 22 13 utilisation  two notebooks and one of the measurements below
    python benchmarks/gpu.py --without-gpu --scale small --only 13 --into FOLDER    try it on a CPU

`--scale small` takes the notebooks' small setting, and of the two measurements below a tiny one.

Notebook 22 trains nanoGPT's recipe and ours side by side, by turns on one machine. Its result is completed
with the best validation loss of each in the same seconds, and with how long each took to 1.47 nats.
Notebook 13's result says what pinned loading, data on the device, autocast, compiling and a larger batch
gain.

Besides, two measurements do what no notebook does. `vision` trains LeNet-5 (notebook 14's) and a small
residual network on MNIST and Fashion-MNIST and takes the seconds of training until 99 % and 94 % of the test
images are right. The test set is looked at after each epoch and the clock stops at the first pass, as is
usual when speed is compared; such an accuracy is no fair estimate of the network's.

`utilisation` trains a model of GPT-2 small's size (12 layers of width 768, context 1024, 124 million weights)
in bfloat16, compiled where the device has both. The classes are notebook 22's own, read from its cells. Model
FLOP/s utilisation is

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
from dataclasses import asdict, dataclass
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
TINY = {"layers": 2, "heads": 2, "width": 32, "context": 16}  # to try it
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


def side_by_side(result: dict[str, Any], goal: float = 1.47) -> dict[str, Any]:
    """Return what notebook 22's two trainings say beside each other, from their losses over time.

    At each quarter of nanoGPT's time: the best validation loss of both so far. And the seconds that each took
    until its loss was at most `goal`, None where it never was.
    """
    curves = {name: result["runs"][name]["curve"] for name in ("nanoGPT", "ours")}

    def best(name: str, until: float) -> float:
        pairs = zip(curves[name]["seconds"], curves[name]["validation"], strict=True)
        return min(loss for second, loss in pairs if second <= until)

    def reached(name: str) -> float | None:
        pairs = zip(curves[name]["seconds"], curves[name]["validation"], strict=True)
        return next((second for second, loss in pairs if loss <= goal), None)

    whole = curves["nanoGPT"]["seconds"][-1]
    quarters = [whole * part / 4 for part in (1, 2, 3, 4)]
    times = {name: reached(name) for name in curves}
    theirs, ours = times["nanoGPT"], times["ours"]
    return {
        "equal_time": [{"seconds": at} | {name: best(name, at) for name in curves} for at in quarters],
        "goal": goal,
        "seconds_to_goal": times,
        "share_of_nanogpts_time": ours / theirs if ours and theirs else None,
    }


def from_notebook(path: Path, needed: tuple[str, ...], start: str, **known: Any) -> dict[str, Any]:
    """Return the functions and classes of these names as a notebook's cells define them.

    `start` is run before them: their imports. `known` are names that the notebook computes elsewhere.
    """
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    definitions: dict[str, ast.stmt] = {}
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and not re.search(r"^\s*%", source, re.MULTILINE):
            for node in ast.parse(source).body:
                if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name in needed:
                    definitions[node.name] = node
    missing = set(needed) - set(definitions)
    if missing:
        raise ValueError(f"{path.name} does not define {', '.join(sorted(missing))}; mend its list in gpu.py")
    module = f"notebook_{path.name[:2]}"
    names: dict[str, Any] = {"__name__": module, **known}
    sys.modules.setdefault(module, type(sys)(module))  # dataclass looks its module up
    exec(start, names)
    body = ast.Module(body=[definitions[name] for name in needed], type_ignores=[])
    exec(compile(body, str(path), "exec"), names)
    return names


# ---- seconds to an accuracy ------------------------------------------------------------------------


@dataclass(frozen=True)
class Race:
    """One network on one data set, until `bar` of the test images are right."""

    network: str  # "LeNet-5" or "ResNet"
    data: str
    bar: float
    epochs: int  # at most
    batch: int
    lr: float
    flip: bool = False  # whether a mirrored image is one of the same kind
    width: int = 64  # of the ResNet's first stage
    images: int | None = None  # only so many, to try it


RACES = (
    Race("LeNet-5", "mnist", 0.99, epochs=8, batch=256, lr=6e-3),
    Race("ResNet", "mnist", 0.99, epochs=4, batch=512, lr=4e-3),
    Race("LeNet-5", "fashion_mnist", 0.94, epochs=20, batch=256, lr=6e-3, flip=True),
    Race("ResNet", "fashion_mnist", 0.94, epochs=30, batch=512, lr=4e-3, flip=True),
)
TINY_RACES = (
    Race("LeNet-5", "mnist", 0.3, epochs=2, batch=64, lr=6e-3, images=1024),
    Race("ResNet", "fashion_mnist", 0.99, epochs=1, batch=64, lr=4e-3, flip=True, width=4, images=256),
)


def resnet(width: int, classes: int = 10) -> Any:
    """Return a residual network of three stages, each of two blocks: (n, 1, 28, 28) -> (n, classes)."""
    from torch import nn

    class Residual(nn.Module):
        def __init__(self, before: int, after: int, stride: int) -> None:
            super().__init__()
            self.way = nn.Sequential(
                nn.Conv2d(before, after, 3, stride, padding=1, bias=False),
                nn.BatchNorm2d(after),
                nn.ReLU(),
                nn.Conv2d(after, after, 3, padding=1, bias=False),
                nn.BatchNorm2d(after),
            )
            same = before == after and stride == 1
            self.bypass = nn.Identity() if same else nn.Conv2d(before, after, 1, stride, bias=False)

        def forward(self, x: Any) -> Any:
            return nn.functional.relu(self.bypass(x) + self.way(x))

    layers = [nn.Conv2d(1, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
    before = width
    for after, stride in ((width, 1), (2 * width, 2), (4 * width, 2)):
        layers += [Residual(before, after, stride), Residual(after, after, 1)]
        before = after
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, classes))


def varied(x: Any, flip: bool, most: int = 2) -> Any:
    """Return images (n, 1, h, w), each shifted by up to `most` pixels and, if wished, mirrored by chance."""
    import torch

    n, _, h, w = x.shape
    padded = torch.nn.functional.pad(x, (most,) * 4)
    down, right = torch.randint(2 * most + 1, (2, n, 1), device=x.device)
    rows, columns = (start + torch.arange(size, device=x.device) for start, size in ((down, h), (right, w)))
    if flip:
        turned = torch.rand(n, 1, device=x.device) < 0.5
        columns = torch.where(turned, columns.flip(1), columns)
    return padded[torch.arange(n, device=x.device)[:, None, None], 0, rows[:, :, None], columns[:, None]][
        :, None
    ]


def run_race(race: Race, device: str) -> dict[str, Any]:
    """Train until the bar is passed or the epochs are over; return the accuracies over time."""
    import torch

    from mini_dl.course import Training, datasets, hardware

    torch.manual_seed(1998)
    found: Any = datasets.load(race.data, fallback=False)  # a stand-in's seconds would mean nothing
    sets = []
    for x, y in ((found.x_train, found.y_train), (found.x_test, found.y_test)):
        images = torch.tensor(x[: race.images], dtype=torch.float32)[:, None] / found.max_value
        labels = torch.tensor(y[: race.images], dtype=torch.int64)
        sets.append((images.to(device), labels.to(device)))
    (x_train, y_train), (x_test, y_test) = sets
    (notebook,) = NOTEBOOKS.glob("14_*.ipynb")
    lenet = from_notebook(notebook, ("lenet",), "from torch import nn")["lenet"]
    model = (lenet() if race.network == "LeNet-5" else resnet(race.width)).to(device)
    if device == "cuda":
        model = model.to(memory_format=torch.channels_last)
    fast, batches = hardware.compiled(model, device), len(x_train) // race.batch
    optimizer = torch.optim.AdamW(model.parameters(), lr=race.lr, weight_decay=0.02)
    steps = race.epochs * batches
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, race.lr, steps, pct_start=0.2)

    def loss_of(rows: Any) -> Any:
        with hardware.autocast(device):
            logits = fast(varied(x_train[rows], race.flip))
            return torch.nn.functional.cross_entropy(logits, y_train[rows], label_smoothing=0.1)

    @torch.no_grad()
    def accuracy() -> float:
        model.eval()
        with hardware.autocast(device):
            parts = zip(x_test.split(2000), y_test.split(2000), strict=True)
            right = sum((model(x).argmax(dim=1) == y).sum().item() for x, y in parts)
        model.train()
        return right / len(x_test)

    loss_of(torch.arange(race.batch, device=device)).backward()  # compiling is not on the clock
    optimizer.zero_grad()
    with Training(model, steps, device=device, bar=False) as run:
        for step in run:
            if step % batches == 0:
                order = torch.randperm(len(x_train), device=device)
            loss = loss_of(order[step % batches * race.batch :][: race.batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            if (step + 1) % batches == 0:
                with run.paused():
                    run.log(accuracy=accuracy())
                if run.history[-1]["accuracy"] >= race.bar:
                    break
    _, seconds, accuracies = run.column("accuracy")
    return asdict(race) | {
        "parameters": sum(p.numel() for p in model.parameters()),
        "seconds": seconds,
        "accuracy": accuracies,
        "seconds_to_bar": seconds[-1] if accuracies[-1] >= race.bar else None,
        "images_per_second": (run.history[-1]["step"] + 1) * race.batch / seconds[-1],
    }


def vision(device: str, races: tuple[Race, ...] = RACES) -> dict[str, Any]:
    """Return the races' seconds."""
    from mini_dl.course import hardware

    runs = [run_race(race, device) for race in races]
    return {"task": "vision", "runs": runs, "peak_memory": hardware.peak_memory(device)}


# ---- utilisation -----------------------------------------------------------------------------------


def gpt_of_notebook(path: Path, vocabulary: int) -> dict[str, Any]:
    """Return the names of NEEDED as notebook 22 defines them, for a vocabulary of this size."""
    start = "import math, torch\nfrom dataclasses import dataclass\nfrom torch import nn\nF = nn.functional\n"
    return from_notebook(path, NEEDED, start, characters=range(vocabulary))


def flops_a_token(weights: int, layers: int, width: int, context: int) -> int:
    """Return the operations of training on one token: 6 N + 12 L W T."""
    return 6 * weights + 12 * layers * width * context


def train_speed(model: Any, batch: int, context: int, vocabulary: int, device: str, steps: int) -> float:
    """Train on random tokens and return the tokens per second, the median of five rounds."""
    import torch

    from mini_dl.course import hardware

    fast = hardware.compiled(model, device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
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
    others = ("vision", "utilisation")
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, prog="gpu.py"
    )
    parser.add_argument("--only", nargs="+", choices=[*known, *others], help="these alone")
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
    where, failed, tiny = machine(device), [], options.scale == "small"
    for what in options.only or [*known, *others]:
        try:
            if what == "vision":
                found = [vision(device, TINY_RACES if tiny else RACES)]
            elif what == "utilisation":
                (gpt,) = NOTEBOOKS.glob("22_*.ipynb")
                found = [utilisation(gpt, device, TINY if tiny else GPT2_SMALL)]
            else:
                found = run_notebook(known[what], options.scale)
                found = [r | side_by_side(r) if r["task"] == "gpt" else r for r in found]
        except Exception as error:  # one notebook's failure must not cost the others' hours
            failed.append(what)
            print(f"{what}: failed, nothing written\n{error}", file=sys.stderr)
            continue
        for result in found:
            print(f"{what}: {write(result | where, options.into)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Speed and memory of mini_dl against PyTorch and others: `python benchmarks/engine.py` (about 12 minutes).

One training step (forward, loss, backward, update; float32) of the networks in workloads.py, from the same
weights. First the losses of five steps must agree to 1e-4; then both libraries take steps in turn, so that
whatever else the machine does meets both alike. Reported is the ratio of the medians. Each workload and
number of threads has a process of its own: libraries read the number of threads when they are loaded.
NumPy's matrix library chooses its kernel for the processor, whatever the shell says: if OPENBLAS_CORETYPE is
set there, it is not passed on. `--kernel Haswell` forces one.

    python benchmarks/engine.py                        everything, results into benchmarks/results/engine.json
    python benchmarks/engine.py --only W1 W3 --seconds 5 --threads 1
    python benchmarks/engine.py --table                print the recorded results, measuring nothing

The step in other libraries (HIPS autograd, MyGrad, DeZero, tinygrad, JAX; micrograd), see peers.py, is
measured where they are installed, in an environment of its own so that they change no other:

    python -m venv bench && bench/bin/pip install -c constraints.txt -e '.[bench]'
    bench/bin/python benchmarks/engine.py --peers-only     adds them to the recorded results
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "engine.json"
TARGETS = {"W1": (0.80, 0.70), "W2": (0.27, 0.20), "W3": (0.90, 0.75), "W4": (1.15, 1.00), "W5": (1.40, 1.20)}
PEERS = ("autograd", "mygrad", "dezero", "tinygrad", "micrograd", "jax")
# These force upon OpenBLAS, NumPy's matrix library, another kernel than it would choose for this processor.
KERNEL, KERNEL_VARIABLES = "OPENBLAS_CORETYPE", ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
OLD_KERNEL, WITH_AVX512 = "Haswell", ("SkylakeX", "Cooperlake", "SapphireRapids")
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


# ---- what runs in a process of its own -------------------------------------------------------------


def in_turn(steps: dict[str, Callable[[], Any]], seconds: float) -> dict[str, list[float]]:
    """Take steps in turn, a few of each at a time, and return their times in seconds."""
    times: dict[str, list[float]] = {name: [] for name in steps}
    few = {}
    for name, step in steps.items():
        start = time.perf_counter()
        step()
        few[name] = max(1, int(0.05 / (time.perf_counter() - start)))
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for name, step in steps.items():
            for _ in range(few[name]):
                start = time.perf_counter()
                step()
                times[name].append(time.perf_counter() - start)
    return times


def summary(times: dict[str, list[float]]) -> dict[str, Any]:
    result: dict[str, Any] = {f"{name}_ms": 1e3 * median(t) for name, t in times.items()}
    ours, theirs = sorted(times["mini_dl"]), sorted(times["torch"])
    result["ratio"] = median(ours) / median(theirs)
    result["ratio_of_fastest_tenths"] = ours[len(ours) // 10] / theirs[len(theirs) // 10]
    result["steps"] = {name: len(t) for name, t in times.items()}
    return result


def pair(name: str, **sizes: int) -> dict[str, Callable[[], Any]]:
    """Build a workload in both libraries with the same weights, and check that their losses agree."""
    import torch
    from workloads import WORKLOADS

    import mini_dl

    torch.manual_seed(0)
    theirs, their_step = WORKLOADS[name](torch, **sizes)
    ours, our_step = WORKLOADS[name](mini_dl, **sizes)
    ours.load_state_dict(theirs.state_dict())
    for i in range(5):
        a, b = our_step().item(), their_step().item()
        if not abs(a - b) < 1e-4:
            raise SystemExit(f"{name}: losses differ at step {i}: mini_dl {a}, PyTorch {b}")
    return {"mini_dl": our_step, "torch": their_step}


def child(what: str, argument: str, seconds: float, threads: int) -> dict[str, Any]:
    import torch

    import mini_dl

    torch.set_num_threads(threads)
    kept = mini_dl.keep_freed_memory()
    if what == "workload":
        return {"memory_kept": kept, **summary(in_turn(pair(argument), seconds))}
    if what == "growth":  # step times for growing batch and depth: (value, ms of mini_dl, ms of PyTorch)
        name, size = argument.split()
        values = {"batch": [64, 128, 256, 512], "depth": [2, 4, 8, 16]}[size]
        rows = []
        for value in values:
            times = in_turn(pair(name, **{size: value}), seconds / len(values))
            rows.append({size: value, **{lib: 1e3 * median(t) for lib, t in times.items()}})
        return {"rows": rows}
    if what == "peers":
        from peers import steps

        times = in_turn(steps(argument), seconds)
        base = median(times["torch"])
        return {name: {"ms": 1e3 * median(t), "ratio": median(t) / base} for name, t in times.items()}
    if what == "blas":
        return {"blas": blas()}
    raise SystemExit(f"unknown measurement {what}")


MEMORY = """
import resource, sys, threading
sys.path.insert(0, {here!r})
import {lib} as lib
import mini_dl
mini_dl.keep_freed_memory()
from workloads import gpt
model, step = gpt(lib)
def peak():
    return next(int(l.split()[1]) for l in open('/proc/self/status') if l.startswith('VmHWM')) / 1024
def now():
    return next(int(l.split()[1]) for l in open('/proc/self/status') if l.startswith('VmRSS')) / 1024
before = now()
for _ in range(10):
    step()
print(peak() - before)
"""


# ---- the parent ------------------------------------------------------------------------------------


def environment(threads: int, kernel: str = "") -> dict[str, str]:
    """Return the variables of a measuring process. The shell's own choice of a kernel is not passed on.

    NumPy's matrix library chooses for the processor, unless `kernel` names one: PyTorch, too, chooses freely.
    """
    kept = {name: value for name, value in os.environ.items() if name not in KERNEL_VARIABLES}
    return kept | dict.fromkeys(THREAD_VARIABLES, str(threads)) | ({KERNEL: kernel} if kernel else {})


def measure(what: str, argument: str, seconds: float, threads: int, kernel: str = "") -> Any:
    command = [
        sys.executable,
        __file__,
        "--child",
        what,
        argument,
        "--seconds",
        str(seconds),
        "--threads",
        str(threads),
    ]
    done = subprocess.run(
        command, env=environment(threads, kernel), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{what} {argument} failed:\n{done.stderr[-2000:]}")
    print(
        *[line for line in done.stderr.splitlines() if line.startswith("peers: ")], sep="\n", file=sys.stderr
    )
    return json.loads(done.stdout.splitlines()[-1])


def run_code(code: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(1), capture_output=True, text=True, check=True
    )
    return float(done.stdout.splitlines()[-1])


def import_time() -> dict[str, float]:
    """Milliseconds of `import mini_dl` after `import numpy`, and of that one: medians of nine processes."""
    clock = "time.perf_counter()"
    code = f"import time; a = {clock}; import numpy; b = {clock}; import mini_dl; print({{}})"
    over = median(run_code(code.format(f"1e3 * ({clock} - b)")) for _ in range(9))
    first = median(run_code(code.format("1e3 * (b - a)")) for _ in range(9))
    return {"mini_dl_over_numpy_ms": over, "numpy_ms": first}


def peak_memory() -> dict[str, Any]:
    """Megabytes that ten steps of W4 need beyond the loaded library and model (Linux only)."""
    if not Path("/proc/self/status").exists():
        return {"why_not": "needs Linux's /proc"}
    grown = {lib: run_code(MEMORY.format(here=str(HERE), lib=lib)) for lib in ("mini_dl", "torch")}
    return {**{f"{lib}_MB": mb for lib, mb in grown.items()}, "ratio": grown["mini_dl"] / grown["torch"]}


def peers(seconds: float) -> dict[str, Any]:
    """Return the times of other libraries on W1 and W2, with PyTorch's and ours from the same run."""
    return {network: measure("peers", network, seconds, 1) for network in ("W1", "W2")}


def blas() -> str | None:
    """Return NumPy's matrix library and its kernel in this process; None where it cannot be told.

    The kernel decides much: the same processor computes twice as fast with AVX-512 as with the code of 2013.
    """
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return None
    import numpy as np

    np.ones((2, 2)) @ np.ones((2, 2))
    for library in threadpool_info():
        if library["user_api"] == "blas" and "numpy" in library["filepath"]:
            return f"{library['internal_api']} {library['version']}, kernel {library.get('architecture')}"
    return None


def machine() -> dict[str, Any]:
    found = {}
    for package in ("numpy", "torch", *PEERS):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    names = {platform.processor() or platform.machine()}
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = {line.split(":")[1].strip() for line in lines if line.startswith("model name")} or names
    return {
        "processor": ", ".join(sorted(names)),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": found,
        "blas": measure("blas", "", 0, 1)["blas"],
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "load_before": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def write(results: dict[str, Any]) -> None:
    """Write the results, all or nothing."""
    RESULTS.parent.mkdir(exist_ok=True)
    part = RESULTS.with_suffix(".part")
    part.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    part.replace(RESULTS)


def table(results: dict[str, Any]) -> str:
    """Return the recorded results as Markdown, for the book's page on speed and for people."""
    return "\n\n".join(
        part for write in (_where, _networks, _beside, _growth, _peers) for part in write(results)
    )


def _rows(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, [":--", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _where(results: dict[str, Any]) -> list[str]:
    m = results["machine"]
    versions = ", ".join(f"{name} {v}" for name, v in m["versions"].items())
    date = f" on {m['date']}" if "date" in m else ""
    load = "" if m.get("load_before") is None else f" The machine's load before was {m['load_before']:.1f}."
    return [
        f"Measured{date} on {m['processor']} ({m['cores']} cores, {m['system']}), Python {m['python']}, "
        f"{versions}{_blas(m)}.{load}"
    ]


def _blas(m: dict[str, Any]) -> str:
    return f"; NumPy's matrix products by {m['blas']}" if m.get("blas") else ""


def _networks(results: dict[str, Any]) -> list[str]:
    from workloads import WORKLOADS

    one, two = results["threads"].get("1", {}), results["threads"].get("2", {})
    old = results.get("old_kernel", {})
    rows = []
    for name in TARGETS.keys() & one.keys():
        text = (WORKLOADS[name].__doc__ or "").split(": ", 1)[1].split(".")[0].splitlines()[0]
        reach, beyond = TARGETS[name]
        ratio, other = one[name]["ratio"], f"{two[name]['ratio']:.2f}" if name in two else "–"
        times = [f"{one[name][f'{lib}_ms']:.2f}" for lib in ("mini_dl", "torch")]
        mark = "beyond" if ratio <= beyond else "reached" if ratio <= reach else "missed"
        bars = f"{reach:.2f} ({beyond:.2f})"
        rows.append([f"{name}: {text}", *times, f"**{ratio:.2f}**", bars, mark, other])
        rows[-1] += [f"{old[name]['ratio']:.2f}" if name in old else "–"] * bool(old)
    head = ["Network", "mini_dl, ms", "PyTorch, ms", "ratio", "bar (beyond)", "is", "ratio, 2 threads"]
    head += ["ratio, old kernel"] * bool(old)
    missed = sorted(row[0].split(":")[0] for row in rows if row[5] == "missed")
    told = f"{len(rows) - len(missed)} of {len(rows)} networks are within their bar on one thread"
    told += (
        f"; {' and '.join([', '.join(missed[:-1])] * (len(missed) > 1) + missed[-1:])} not."
        if missed
        else "."
    )
    kernel = (
        f"The last column: one thread, with OpenBLAS's kernel {OLD_KERNEL}, the code for processors without "
        "AVX-512, forced upon NumPy, while PyTorch still uses all that the processor has. So much depends on "
        "the library below; the other columns are with the kernel that it chooses by itself."
    )
    return [told, _rows(head, sorted(rows)), *[kernel] * bool(old)]


def _beside(results: dict[str, Any]) -> list[str]:
    told = []
    if "import" in results:
        over = results["import"]["mini_dl_over_numpy_ms"]
        told += [f"`import mini_dl` takes {over:.0f} ms on top of `import numpy` (bar: 50 ms)."]
    if "ratio" in results.get("memory", {}):
        ratio = results["memory"]["ratio"]
        told += [f"Ten steps of W4 need {ratio:.2f} times the memory that PyTorch needs (bar: 1.5)."]
    return ["## Import and memory", " ".join(told)] if told else []


def _growth(results: dict[str, Any]) -> list[str]:
    parts = ["## Growth", "A step should take twice as long for twice the batch or depth, no more."]
    for name, growth in results.get("growth", {}).items():
        first, last = growth["rows"][0], growth["rows"][-1]
        size = next(iter(first))
        times, longer = last[size] / first[size], last["mini_dl"] / first["mini_dl"]
        rows = [[str(r[size]), f"{r['mini_dl']:.2f}", f"{r['torch']:.2f}"] for r in growth["rows"]]
        parts += [
            f"{name.split()[0]}: for {times:.0f} times the {size}, a step of mini_dl takes {longer:.1f} "
            f"times as long, of PyTorch {last['torch'] / first['torch']:.1f} times.",
            _rows([f"{size} of {name.split()[0]}", "mini_dl, ms", "PyTorch, ms"], rows),
        ]
    return parts if "growth" in results else []


def _peers(results: dict[str, Any]) -> list[str]:
    parts = []
    for network, found in results.get("peers", {}).items():
        ordered = sorted(found.items(), key=lambda item: item[1]["ms"])
        rows = [[name, f"{row['ms']:.2f}", f"{row['ratio']:.2f}"] for name, row in ordered]
        parts += [_rows([f"{network} in", "ms a step", "PyTorch's time ×"], rows)]
    told = "The same step in other libraries, from the same weights, one thread."
    return ["## Other libraries", told, *parts] if parts else []


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=TARGETS, help="these workloads, and nothing recorded")
    parser.add_argument("--seconds", type=float, default=20.0, help="for each workload")
    parser.add_argument("--threads", type=int, help="this number only (usually 1, then 2)")
    parser.add_argument("--kernel", default="", help="force this kernel upon OpenBLAS, and record nothing")
    parser.add_argument("--table", action="store_true", help="print the recorded results")
    parser.add_argument("--peers-only", action="store_true", help="the other libraries, added to the results")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    sys.path.insert(0, str(HERE))
    if options.child:
        print(json.dumps(child(*options.child, options.seconds, options.threads)))
        return
    if options.table:
        print(table(json.loads(RESULTS.read_text(encoding="utf-8"))))
        return
    if options.peers_only:
        found = json.loads(RESULTS.read_text(encoding="utf-8")) | {"peers": peers(options.seconds)}
        found["machine"]["versions"] |= machine()["versions"]
        write(found)
        print(table(found))
        return
    results: dict[str, Any] = {"machine": machine(), "threads": {}}
    for threads in [options.threads] if options.threads else [1, 2]:
        row = results["threads"][str(threads)] = {}
        for name in options.only or TARGETS:
            row[name] = one = measure("workload", name, options.seconds, threads, options.kernel)
            print(
                f"{name}, {threads} thread(s): mini_dl {one['mini_dl_ms']:.3f} ms, "
                f"PyTorch {one['torch_ms']:.3f} ms, "
                f"ratio {one['ratio']:.3f} (of the fastest tenths {one['ratio_of_fastest_tenths']:.3f}; "
                f"to reach {TARGETS[name][0]:.2f}, beyond {TARGETS[name][1]:.2f})",
                flush=True,
            )
    if options.only or options.threads or options.kernel:
        return
    if str(results["machine"]["blas"]).endswith(WITH_AVX512):
        results["old_kernel"] = {
            name: measure("workload", name, options.seconds, 1, OLD_KERNEL) for name in TARGETS
        }
    results["import"], results["memory"] = import_time(), peak_memory()
    results["growth"] = {
        name: measure("growth", name, options.seconds, 1) for name in ("W1 batch", "W1 depth", "W4 depth")
    }
    results["peers"] = peers(options.seconds)
    write(results)
    print(table(results))


if __name__ == "__main__":
    main()

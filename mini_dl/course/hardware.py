"""One notebook, two sizes: what a notebook of Part III asks about the machine that it runs on.

The device itself comes from `setup`. Here are the few decisions that depend on it: which number type to
compute in, whether to compile, when to wait, how much memory was used. None of them fails on a CPU.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

SCALES = ("small", "full")


def scale(device: str) -> str:
    """Return which setting to take: ``"full"`` on a GPU, else ``"small"``.

    The environment variable ``MINI_DL_SCALE`` overrides it.

    Parameters
    ----------
    device : str
        ``"cuda"``, ``"mps"`` or ``"cpu"``.

    Returns
    -------
    str
        ``"small"`` or ``"full"``.

    Raises
    ------
    ValueError
        If ``MINI_DL_SCALE`` is set to anything else.

    Examples
    --------
    >>> scale("cpu") if "MINI_DL_SCALE" not in os.environ else "small"
    'small'
    """
    wish = os.environ.get("MINI_DL_SCALE", "").strip().lower()
    if not wish:
        return "small" if device == "cpu" else "full"
    if wish not in SCALES:
        raise ValueError(
            f"MINI_DL_SCALE is {os.environ['MINI_DL_SCALE']!r}; set it to 'small' or 'full', "
            "or unset it to let the device decide"
        )
    return wish


def describe(device: str) -> str:
    """Return the name of the processor or GPU, as its maker gives it.

    Examples
    --------
    >>> describe("cpu").endswith("cores") or describe("cpu").endswith("core")
    True
    """
    if device == "cuda":
        import torch

        return torch.cuda.get_device_name()
    if device == "mps":
        return f"Apple GPU ({platform.processor() or platform.machine()})"
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return f"{_processor()}, {count} core{'s' if count != 1 else ''}"


def _processor() -> str:
    if sys.platform == "linux":
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    return platform.processor() or platform.machine() or "CPU"


def autocast(device: str) -> AbstractContextManager[Any]:
    """Compute in bfloat16 where the device gains from it: a context for the forward pass and the loss.

    On a CUDA device that has bfloat16 it is `torch.autocast`; elsewhere it changes nothing.

    Examples
    --------
    >>> with autocast("cpu"):
    ...     pass
    """
    if device == "cuda":
        import torch

        if torch.cuda.is_bf16_supported(including_emulation=False):
            return torch.autocast("cuda", dtype=torch.bfloat16)
    return nullcontext()


def compiled(model: torch.nn.Module, device: str) -> torch.nn.Module:
    """Return the model compiled where that pays, else the model itself; say which, and why, in one line.

    Compiling takes half a minute and needs a C compiler, so it is done on a CUDA device only, and after a
    trial with one small function. What fails later, for a part of the model, runs uncompiled:
    `torch.compile` works at the first call, so that is left to PyTorch itself
    (``torch._dynamo.config.suppress_errors``).

    Parameters
    ----------
    model : torch.nn.Module
    device : str

    Returns
    -------
    torch.nn.Module
        It shares its weights with `model`; its ``state_dict`` names are prefixed with ``_orig_mod.``, so
        save `model`.
    """
    import torch

    reason = None
    if device != "cuda":
        reason = "it would take longer than this training"
    elif shutil.which(os.environ.get("CC", "")) is None and not (shutil.which("cc") or shutil.which("gcc")):
        reason = "there is no C compiler; install gcc to try it"
    elif torch.cuda.get_device_capability() < (7, 0):
        reason = f"{torch.cuda.get_device_name()} is too old for it"
    else:
        reason = _trial(device)
    if reason is not None:
        print(f"Not compiled: {reason}.")
        return model
    torch._dynamo.config.suppress_errors = True
    print("Compiled at the first step, which takes a while.")
    return torch.compile(model)  # type: ignore[return-value, unused-ignore]


@cache
def _trial(device: str) -> str | None:
    """Compile one small function and run it; return None, or why that failed."""
    import torch

    def line(x: torch.Tensor) -> torch.Tensor:
        return torch.sin(x) * 2 + 1

    try:
        torch.compile(line)(torch.ones(64, device=device))
    except Exception as error:  # whatever is missing, the model itself runs without it
        said = next((text.strip() for text in str(error).splitlines() if text.strip()), "")
        return (
            f"a trial failed ({type(error).__name__}: {said[:200]}). It runs all the same, only slower; "
            "for the gain, see whether gcc works and whether CC and CXX name a compiler"
        )
    return None


def synchronize(device: str) -> None:
    """Wait until the device has done all it was asked to: before every reading of a clock.

    Examples
    --------
    >>> synchronize("cpu")
    """
    if device == "cuda":
        import torch

        torch.cuda.synchronize()
    elif device == "mps":
        import torch

        torch.mps.synchronize()


def peak_memory(device: str) -> int:
    """Return the largest memory used so far, in bytes: the device's, on a CPU the whole process's.

    Examples
    --------
    >>> peak_memory("cpu") > 1e6 or sys.platform == "win32"
    True
    """
    if device == "cuda":
        import torch

        return torch.cuda.max_memory_allocated()
    if device == "mps":
        import torch

        return torch.mps.driver_allocated_memory()
    if sys.platform == "win32":
        return 0  # Windows has no such counter in Python's library
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


# Dense bfloat16 matrix products with float32 sums, in FLOP/s, from NVIDIA's data sheets. The first name
# that the device's name contains counts.
PEAK_BF16 = {
    "H200": 989e12,
    "H100 PCIe": 756e12,
    "H100 NVL": 835e12,
    "H100": 989e12,
    "A100": 312e12,
    "L40S": 362e12,
    "L4": 121e12,
    "A10": 125e12,
    "RTX 4090": 165e12,
    "RTX 3090": 71e12,
}


def peak_flops(device: str) -> float | None:
    """Return the device's bfloat16 matrix peak in FLOP/s by its data sheet, None where we know none.

    Examples
    --------
    >>> peak_flops("cpu") is None
    True
    """
    if device != "cuda":
        return None
    name = describe(device)
    return next((peak for known, peak in PEAK_BF16.items() if known in name), None)

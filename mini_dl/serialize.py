"""Weights to a file and back, as safetensors or npz; never pickle, which can run a stranger's code.

A safetensors file is the length of a header (8 bytes, little-endian), the header (JSON: for each
name its type, shape and the range of its bytes), and the bytes of all arrays. See
https://github.com/huggingface/safetensors.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from mini_dl.tensor import Tensor, wrap

_TYPES = {"F16": "<f2", "F32": "<f4", "F64": "<f8", "I8": "<i1", "I16": "<i2", "I32": "<i4", "I64": "<i8"}
_TYPES |= {"U8": "<u1", "U16": "<u2", "U32": "<u4", "U64": "<u8", "BOOL": "|b1"}
_NAMES = {np.dtype(t): name for name, t in _TYPES.items()}


def save(state: dict[str, Any], path: str | Path) -> None:
    """Write the named tensors of a state dict `state` to a file, `.safetensors` or `.npz` by the end of path.

    Raises
    ------
    ValueError
        For another ending.

    >>> import tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "weights.safetensors")
    >>> save({"w": tensor([1.0, 2.0])}, path)
    >>> load(path)
    {'w': tensor([1., 2.])}
    """
    arrays = {name: np.ascontiguousarray(value).reshape(np.shape(value)) for name, value in state.items()}
    if _kind(path) == ".npz":
        with open(path, "wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        return
    header, start = {}, 0
    for name, a in arrays.items():
        header[name] = {
            "dtype": _NAMES[a.dtype.newbyteorder("<")],
            "shape": a.shape,
            "data_offsets": [start, start + a.nbytes],
        }
        start += a.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # arrays start at a multiple of 8 bytes
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for a in arrays.values():
            file.write(a.astype(a.dtype.newbyteorder("<"), copy=False).tobytes())


def load(path: str | Path) -> dict[str, Tensor]:
    """Return the named tensors in the `.safetensors` or `.npz` file at path.

    Raises
    ------
    ValueError
        For another ending, a damaged file, or a type of number that NumPy lacks.

    >>> load("weights.pt")
    Traceback (most recent call last):
    ValueError: weights.pt: only .safetensors and .npz are supported; ...
    """
    if _kind(path) == ".npz":
        with np.load(path, allow_pickle=False) as file:
            return {name: wrap(file[name]) for name in file.files}
    content = Path(path).read_bytes()
    try:
        size = int.from_bytes(content[:8], "little")
        header = json.loads(content[8 : 8 + size])
        header.pop("__metadata__", None)
        body = content[8 + size :]
        tensors = {}
        for name, entry in header.items():
            begin, end = entry["data_offsets"]
            if not 0 <= begin <= end <= len(body):
                raise ValueError(f"{name} lies beyond its end; it is cut short")
            array = np.frombuffer(body[begin:end], _TYPES[entry["dtype"]]).reshape(entry["shape"])
            tensors[name] = wrap(array.astype(array.dtype.newbyteorder("=")))
    except KeyError as error:
        raise ValueError(
            f"{path}: {error} is not a type that NumPy has, or a part of the header is missing"
        ) from error
    except (ValueError, AttributeError, TypeError) as error:
        raise ValueError(f"{path}: not a whole safetensors file: {error}") from error
    return tensors


def _kind(path: str | Path) -> str:
    kind = Path(path).suffix
    if kind not in (".safetensors", ".npz"):
        raise ValueError(
            f"{path}: only .safetensors and .npz are supported; PyTorch's .pt is pickle, which can run code"
        )
    return kind

"""Plain data as JSON, between the grader and a process that it does not trust: no pickles."""

from __future__ import annotations

import base64
import json
import sys
from typing import Any

import numpy as np

from mini_dl.course.checks.compare import Opaque
from mini_dl.course.checks.show import kind_of

LARGEST = 200_000_000  # bytes of one message
_KINDS = "biufcSUmM"  # of NumPy's dtypes: numbers, text, times; no objects
_DEEPEST = 20


class NotPlainError(TypeError):
    """The value holds something that is no plain data: a function, a model, an open file."""


class DamagedError(ValueError):
    """A message is not of the form that `encode` writes."""


def encode(value: Any, *, opaque: bool = False, depth: int = 0) -> list[Any]:
    """Return `value` in JSON's types.

    Anything but plain data raises `NotPlainError`, or with `opaque` becomes an `Opaque` of its kind.

    Examples
    --------
    >>> decode(encode([1, (2.5, None), {"a": np.arange(3)}]))
    [1, (2.5, None), {'a': array([0, 1, 2])}]
    """
    if value is None or type(value) in (bool, str):
        return ["=", value]
    if type(value) is int and abs(value) < 10**4000:
        return ["i", str(value)]
    if type(value) is float:
        return ["f", value.hex()]
    if type(value) is complex:
        return ["c", value.real.hex(), value.imag.hex()]
    if isinstance(value, Opaque):
        return ["o", value.kind]
    if isinstance(value, np.generic) and value.dtype.kind in _KINDS:
        return ["g", *_array(np.asarray(value))]
    if type(value) is np.ndarray and value.dtype.kind in _KINDS:
        return ["a", *_array(value)]
    torch = sys.modules.get("torch")
    if torch is not None and type(value) is torch.Tensor and not value.requires_grad and not opaque:
        return ["T", *_array(value.cpu().numpy())]
    if depth < _DEEPEST:
        if type(value) in (list, tuple):
            items = [encode(v, opaque=opaque, depth=depth + 1) for v in value]
            return ["l" if type(value) is list else "t", items]
        if type(value) is dict:
            pairs = [
                [encode(k, opaque=opaque, depth=depth + 1), encode(v, opaque=opaque, depth=depth + 1)]
                for k, v in value.items()
            ]
            return ["d", pairs]
    if opaque:
        return ["o", kind_of(value)]
    raise NotPlainError(f"{type(value).__name__} is no plain data")


def _array(array: np.ndarray) -> list[Any]:
    content = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
    return [array.dtype.str, list(array.shape), content]


def decode(message: Any) -> Any:
    """Return what was encoded; the sender is not trusted.

    Raises
    ------
    DamagedError
        If the message has another form.
    """
    try:
        kind, *rest = message
        if kind == "=" and (rest[0] is None or isinstance(rest[0], (bool, str))):
            return rest[0]
        if kind == "i":
            return int(rest[0])
        if kind == "f":
            return float.fromhex(rest[0])
        if kind == "c":
            return complex(float.fromhex(rest[0]), float.fromhex(rest[1]))
        if kind == "o":
            return Opaque(str(rest[0]))
        if kind in ("a", "g", "T"):
            dtype = np.dtype(rest[0])
            if dtype.kind not in _KINDS:
                raise DamagedError(f"an array of {dtype}")
            array = np.frombuffer(base64.b64decode(rest[2]), dtype).reshape(rest[1]).copy()
            if kind == "T":
                import torch

                return torch.from_numpy(array)
            return array[()] if kind == "g" else array
        if kind in ("l", "t"):
            items = [decode(item) for item in rest[0]]
            return items if kind == "l" else tuple(items)
        if kind == "d":
            return {decode(key): decode(value) for key, value in rest[0]}
    except DamagedError:
        raise
    except Exception as error:
        raise DamagedError(f"{type(error).__name__}: {error}") from None
    raise DamagedError(f"unknown kind {kind!r}")


def pack(message: dict[str, Any]) -> bytes:
    """Return a message's bytes: eight for its length, then JSON."""
    content = json.dumps(message).encode()
    return len(content).to_bytes(8, "big") + content


def receive(stream: Any) -> dict[str, Any] | None:
    """Read the next message; None at the end of the stream.

    Raises
    ------
    DamagedError
        If what comes is no message.
    """
    head = stream.read(8)
    if len(head) < 8:
        return None
    length = int.from_bytes(head, "big")
    if length > LARGEST:
        raise DamagedError(f"a message of {length} bytes")
    content = stream.read(length)
    if len(content) < length:
        return None
    try:
        message = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DamagedError(str(error)) from None
    if not isinstance(message, dict):
        raise DamagedError("no object")
    return message

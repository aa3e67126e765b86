"""Error messages that name the operation, the shapes and the remedy."""

from __future__ import annotations

from typing import Any

import numpy as np


class Explained(ValueError):  # noqa: N818
    """A ValueError whose message is already meant for the reader."""


def check_backward(x: Any, gradient: Any) -> None:
    """Raise RuntimeError if there is nothing to walk back through from x, or no weight for its elements."""
    if not x.requires_grad:
        raise RuntimeError(
            "backward: nothing here requires a gradient; make the parameters with requires_grad=True "
            "and compute the loss outside no_grad()"
        )
    if gradient is None and x._data.size != 1:
        raise RuntimeError(
            f"backward: shape {x.shape} is not one number; call .sum() or .mean() first, "
            "or pass the weight of each element: backward(gradient)"
        )
    if gradient is not None and np.shape(gradient) != x.shape:
        raise RuntimeError(f"backward: gradient has shape {np.shape(gradient)}, but the tensor has {x.shape}")


def check_not_foreign(x: Any) -> None:
    """Raise TypeError for another library's tensor: its gradients would silently be lost."""
    library = type(x).__module__.partition(".")[0]
    if library in ("torch", "jax", "jaxlib", "tensorflow", "tinygrad"):
        raise TypeError(
            f"cannot mix a mini_dl tensor with a {library} {type(x).__name__}: gradients do not "
            "cross from one "
            "library to the other; convert it with mini_dl.tensor(x.detach().numpy())"
        )


def explain(name: str, inputs: list[Any], error: Exception) -> Exception:
    """Return NumPy's error again, in the words of someone who wrote `name(inputs)`."""
    if isinstance(error, Explained):
        return ValueError(f"{name}: {error}")
    shapes = [x.shape for x in inputs if isinstance(x, np.ndarray)]
    given = " and ".join(map(str, shapes)) or "what was given"
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    if isinstance(error, np.exceptions.AxisError):
        n = error.ndim or 0
        return IndexError(
            f"{name}: axis {error.axis} does not exist in shape {given}; it has axes {-n} to {n - 1}"
        )
    if "broadcast" in text and len(shapes) > 1:
        x, y = shapes[0], shapes[-1]
        for i in range(1, 1 + min(len(x), len(y))):
            if x[-i] != y[-i] and 1 not in (x[-i], y[-i]):
                text = (
                    f"sizes {x[-i]} and {y[-i]} in axis {-i} differ and neither is 1; shapes are matched "
                    "from the "
                    "last axis backwards, so try .unsqueeze(dim), .reshape(...) or .T on one of them"
                )
                break
    return type(error)(f"{name}: {given}: {text}")

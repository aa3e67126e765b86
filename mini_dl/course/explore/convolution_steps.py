"""Step a kernel over a small image, place by place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import traitlets

from mini_dl.course.explore.base import Explorable, source

LARGEST = 12  # pixels a side: more would be too small to read

KERNELS = {
    "upright edge": ((-1, 0, 1), (-1, 0, 1), (-1, 0, 1)),
    "level edge": ((-1, -1, -1), (0, 0, 0), (1, 1, 1)),
    "spot": ((-1, -1, -1), (-1, 8, -1), (-1, -1, -1)),
    "sum": ((1, 1, 1), (1, 1, 1), (1, 1, 1)),
    "copy": ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
}


class ConvolutionSteps(Explorable):
    """A small image, a 3 × 3 kernel that the reader edits, and the output as it comes into being."""

    _esm = source("convolution_steps.js")
    text = "Interactive figure: a kernel stepped over an image, with its weights, stride and border to choose"

    images: traitlets.List = traitlets.List().tag(sync=True)  # of {"name", "rows"}
    kernels: traitlets.List = traitlets.List().tag(sync=True)  # of {"name", "values"}: nine numbers
    chosen = traitlets.Int(0).tag(sync=True)
    weights: traitlets.List = traitlets.List().tag(sync=True)
    stride = traitlets.Int(1).tag(sync=True)
    padding = traitlets.Int(0).tag(sync=True)
    at = traitlets.Int(0).tag(sync=True)
    seen = traitlets.Int(0).tag(sync=True)


def convolution_steps(images: Mapping[str, np.ndarray | Sequence[Sequence[float]]]) -> ConvolutionSteps:
    """Return the explorable for one or several small images.

    Parameters
    ----------
    images : mapping
        Name to pixels (height, width), 0 for paper and more for ink: at least 3, at most 12 a side.

    Raises
    ------
    ValueError
        If there is no image, or one is not such a table of finite numbers; names the image.

    Examples
    --------
    >>> widget = convolution_steps({"corner": [[0, 0, 0], [0, 5, 5], [0, 5, 0]]})
    >>> widget.images[0]["rows"][1], widget.weights
    ([0.0, 5.0, 5.0], [-1.0, 0.0, 1.0, -1.0, 0.0, 1.0, -1.0, 0.0, 1.0])
    """
    plain = []
    for name, pixels in images.items():
        table = np.asarray(pixels, dtype=float)
        if table.ndim != 2 or min(table.shape) < 3 or max(table.shape) > LARGEST:
            raise ValueError(
                f"convolution_steps: image {name!r} has shape {table.shape}; give (height, width), "
                f"3 to {LARGEST} each"
            )
        if not (np.isfinite(table).all() and (table >= 0).all()):
            raise ValueError(f"convolution_steps: image {name!r} holds NaN, infinity or a number below 0")
        plain.append({"name": name, "rows": table.round(2).tolist()})
    if not plain:
        raise ValueError("convolution_steps: no image given; pass {'name': pixels}")
    kernels = [
        {"name": name, "values": np.ravel(rows).astype(float).tolist()} for name, rows in KERNELS.items()
    ]
    return ConvolutionSteps(images=plain, kernels=kernels, weights=kernels[0]["values"])

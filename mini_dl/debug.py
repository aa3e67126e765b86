"""For finding mistakes: gradients checked against differences, the first NaN, the graph drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any

import numpy as np

from mini_dl.autograd import Into, Node, mode, no_grad


@contextmanager
def detect_anomaly() -> Iterator[None]:
    """Stop at the operation that makes the first NaN or infinity, forward or backward, and name it.

    It looks at every number, so it is slow: for finding a mistake, not for training.

    Raises
    ------
    FloatingPointError
        Naming the operation and the shapes of what went in.

    >>> with mini_dl.autograd.detect_anomaly():
    ...     mini_dl.tensor([0.0, 1.0]).log()
    Traceback (most recent call last):
    FloatingPointError: 'log' made 1 value of 2 that is not finite (first: -inf at (0,)) from finite ... (2,)
    """
    before, mode.check = mode.check, _check_finite
    try:
        with np.errstate(all="ignore"):
            yield
    finally:
        mode.check = before


def _check_finite(result: Any, maker: str, inputs: Sequence[Any]) -> None:
    """Raise FloatingPointError if `result` holds NaN or infinity: it was made by `maker` from `inputs`."""
    array = np.asarray(result.gradient if isinstance(result, Into) else result)
    if array.dtype.kind != "f" or np.isfinite(array).all():
        return
    bad = np.argwhere(~np.isfinite(array))
    given = [a for a in inputs if isinstance(a, np.ndarray)]
    finite = "finite" if all(np.isfinite(a).all() for a in given) else "not finite"
    many = (
        f"{len(bad)} values of {array.size} that are" if len(bad) > 1 else f"1 value of {array.size} that is"
    )
    first = tuple(bad[0].tolist())
    raise FloatingPointError(
        f"{maker} made {many} not finite (first: {array[first]} at {first}) from {finite} input of shape "
        + ", ".join(str(a.shape) for a in given)
    )


def gradcheck(
    function: Callable[..., Any],
    inputs: Sequence[Any],
    eps: float = 1e-6,
    atol: float = 1e-7,
    rtol: float = 1e-5,
) -> bool:
    """Compare the gradients of `function` with finite differences; True if they agree.

    Each element of each input that requires a gradient is moved by ±eps, and the change of a fixed
    random weighting of the output is compared with what `backward` says.

    Parameters
    ----------
    function
        Takes the inputs, returns one tensor of any shape.
    inputs
        Tensors; those with `requires_grad` must be float64: float32 is too coarse for differences.
    eps, atol, rtol
        The step, and how far both numbers may differ: atol + rtol times the size of the second.

    Raises
    ------
    TypeError
        For an input that is not float64.
    AssertionError
        Naming the input, the element and both numbers where they disagree most.

    >>> x = mini_dl.tensor(np.array([1.0, 2.0]), requires_grad=True)
    >>> mini_dl.autograd.gradcheck(lambda x: x * x, [x])
    True
    """
    checked = [(i, x) for i, x in enumerate(inputs) if isinstance(x, Node) and x.requires_grad]
    before = [x._grad for _, x in checked]
    for i, x in checked:
        if x._data.dtype != np.float64:
            raise TypeError(f"gradcheck: input {i} is {x._data.dtype}; finite differences need float64")
    out = function(*inputs)
    weights = np.random.default_rng(0).standard_normal(out._data.shape)
    for _, x in checked:
        x._grad = None
    out.backward(weights)
    found = [np.zeros_like(x._data) if x._grad is None else x._grad for _, x in checked]
    for (_, x), grad in zip(checked, before, strict=True):
        x._grad, x._owns_grad = grad, False
    for (i, x), analytic in zip(checked, found, strict=True):
        numeric = np.zeros_like(x._data)
        for at in np.ndindex(x._data.shape):
            value = x._data[at]
            with no_grad():
                x._data[at] = value + eps
                up = np.sum(weights * function(*inputs)._data)
                x._data[at] = value - eps
                down = np.sum(weights * function(*inputs)._data)
            x._data[at] = value
            numeric[at] = (up - down) / (2 * eps)
        wrong = np.abs(analytic - numeric) - (atol + rtol * np.abs(numeric))
        if wrong.size and not wrong.max() <= 0:
            at = np.unravel_index(np.argmax(wrong), wrong.shape)
            where = tuple(int(k) for k in at)
            raise AssertionError(
                f"gradcheck: input {i} at {where}: backward says {analytic[at]:.8g}, differences say "
                f"{numeric[at]:.8g}"
            )
    return True


class Drawing(str):
    """A computation as text; a notebook shows it as the picture in `svg`."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg


def graph(root: Node) -> Drawing:
    """Draw the computation that led to `root`, before `backward` frees it.

    Returns
    -------
    Drawing
        A string with one line a node, inputs before what is made from them; in a notebook, or from
        its `svg`, a picture with boxes for arrays that are given and rounded boxes for operations.

    >>> x = mini_dl.tensor([1.0, 2.0], requires_grad=True)
    >>> print((x * x).sum().graph())
    1 leaf (2,)
    2 mul (2,) <- 1, 1
    3 sum () <- 2
    """
    found, todo = {id(root): root}, [root]
    while todo:
        for x in todo.pop()._inputs:
            if x is not None and id(x) not in found:
                found[id(x)] = x
                todo.append(x)
    nodes = sorted(found.values(), key=lambda node: node._order)
    number = {id(node): i for i, node in enumerate(nodes)}
    inputs = [[number[id(x)] for x in node._inputs if x is not None] for node in nodes]
    labels = [f"{node._op} {node._data.shape}" for node in nodes]
    lines = [
        f"{i + 1} {label}" + (" <- " + ", ".join(str(j + 1) for j in made_from) if made_from else "")
        for i, (label, made_from) in enumerate(zip(labels, inputs, strict=True))
    ]
    drawing = Drawing("\n".join(lines))
    drawing.svg = _svg(labels, inputs)
    return drawing


def _svg(labels: list[str], inputs: list[list[int]]) -> str:
    """Boxes in rows: a node stands one row below the lowest of its inputs."""
    rows: list[int] = []
    for made_from in inputs:
        rows.append(1 + max((rows[j] for j in made_from), default=-1))
    for j, made_from in enumerate(inputs):  # a leaf stands just above its first use
        if not made_from:
            rows[j] = max(0, min((rows[i] for i, m in enumerate(inputs) if j in m), default=1) - 1)
    width = 16 + 7 * max(len(label) for label in labels)
    columns: dict[int, int] = {}
    at = []
    for row in rows:
        at.append((columns.setdefault(row, 0) * (width + 16) + 8, row * 56 + 8))
        columns[row] += 1
    w, h = max(columns.values()) * (width + 16), max(rows) * 56 + 48
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" '
        f'aria-label="computation graph of {len(labels)} nodes" font-family="monospace" font-size="11">'
    ]
    for i, made_from in enumerate(inputs):
        for j in made_from:
            ends = at[j][0] + width // 2, at[j][1] + 32, at[i][0] + width // 2, at[i][1]
            parts.append('<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="#888"/>'.format(*ends))
    for (x, y), label, made_from in zip(at, labels, inputs, strict=True):
        look = 'rx="16" fill="#dbe9f6"' if made_from else 'fill="#fde9c9"'
        parts.append(f'<rect x="{x}" y="{y}" width="{width}" height="32" stroke="#555" {look}/>')
        parts.append(f'<text x="{x + width // 2}" y="{y + 20}" text-anchor="middle">{escape(label)}</text>')
    return "".join(parts) + "</svg>"

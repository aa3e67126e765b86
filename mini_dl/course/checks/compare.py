"""Whether an answer equals the expected one, whatever form it has, and if not, how it differs."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np

from mini_dl.course.checks.show import kind_of, show

MOST_ORDERED = 4  # results of which all orders are tried
DUST = 1e-12  # of the largest entry; `close` takes it for 0
FLOAT32_LOOSER = 100.0  # by how much the tolerance grows for an answer in single precision


@dataclass
class Opaque:
    """Stands for an object that no answer should be: a generator, a function, a model."""

    kind: str

    def __repr__(self) -> str:
        return self.kind


@dataclass
class Difference:
    """How an answer differs: `where` completes the report, `hint` teaches if nothing knows better."""

    where: str = ""
    hint: str = ""


def snapshot(value: Any, depth: int = 0) -> Any:
    """Copy an answer into plain Python and NumPy, so that what happens later cannot change it."""
    if value is None or isinstance(value, (bool, int, float, complex, str, np.generic, Opaque)):
        return value
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        value = value.detach().cpu()
        return np.array(value.float() if value.dtype == torch.bfloat16 else value)
    if isinstance(value, np.ndarray):
        return np.array(value)
    if depth < 6 and isinstance(value, (list, tuple, range)):
        items = [snapshot(v, depth + 1) for v in value]
        return items if isinstance(value, list) else tuple(items)
    if depth < 6 and isinstance(value, dict):
        return {k: snapshot(v, depth + 1) for k, v in value.items()}
    try:
        if hasattr(value, "__array__"):
            return np.array(value)
        if hasattr(value, "__float__"):  # Fraction, Decimal
            return float(value)
    except Exception:  # whatever it is, it is no number
        return Opaque(kind_of(value))
    return Opaque(kind_of(value))


def numbers(value: Any) -> np.ndarray | None:
    """Return `value` as an array of numbers, or None if it is not one."""
    if value is None or isinstance(value, (str, dict, Opaque)):
        return None
    try:
        array = np.asarray(float(value) if isinstance(value, int) and abs(value) >= 2**63 else value)
    except (ValueError, TypeError, OverflowError):
        return None
    return array if array.dtype.kind in "biufc" else None


def compare(want: Any, got: Any, rtol: float = 1e-5) -> Difference | None:
    """Return None if `got` is the expected answer in any form, else how it differs.

    A list, a tuple and an array of the same numbers are the same answer; so are `x` and `array([x])`.
    A tuple as the expected answer stands for several results, as in ``return dW, db``.
    Floats may differ by `rtol` (looser in single precision); everything else has to be equal.

    Examples
    --------
    >>> compare(np.array([1.0, 2.0]), [1, 2]) is None
    True
    >>> compare(1, np.array([True])) is None
    True
    >>> compare(np.zeros((2, 3)), np.zeros((3, 2))).where
    'shape: expected (2, 3), got (3, 2)'
    """
    if isinstance(want, dict):
        return _compare_dict(want, got, rtol)
    if want is None or isinstance(want, str):
        return None if type(got) is type(want) and got == want else Difference()
    array = None if isinstance(want, tuple) else numbers(want)
    if array is None:
        if not isinstance(want, (list, tuple)):
            return Difference()
        return _compare_items(want, got, rtol)
    return _compare_numbers(array, got, rtol)


def _compare_dict(want: dict[Any, Any], got: Any, rtol: float) -> Difference | None:
    if not isinstance(got, dict):
        return Difference(hint=f"Return a dict; yours is {kind_of(got)}.")
    if set(want) != set(got):
        missing = [show(k) for k in want if k not in got]
        extra = [show(k) for k in got if k not in want]
        return Difference(
            "; ".join(
                text
                for text in (
                    missing and f"missing: {', '.join(missing[:5])}",
                    extra and f"not expected: {', '.join(extra[:5])}",
                )
                if text
            )
        )
    for key, value in want.items():
        difference = compare(value, got[key], rtol)
        if difference is not None:
            inner = f": {difference.where}" if difference.where else ""
            return Difference(f"under {show(key)}{inner}", difference.hint)
    return None


def _compare_items(want: Any, got: Any, rtol: float) -> Difference | None:
    """Compare several results, as in `return dW, db`."""
    wrong_number = Difference(hint=f"Return {len(want)} things, in this order; yours is {kind_of(got)}.")
    if not isinstance(got, (list, tuple, np.ndarray)) or (isinstance(got, np.ndarray) and got.ndim == 0):
        return wrong_number
    one_array = isinstance(got, np.ndarray)  # stands for several results only if its rows are these
    if len(got) != len(want):
        wrong_number.where = f"number of results: expected {len(want)}, got {1 if one_array else len(got)}"
        return wrong_number
    for i, (w, g) in enumerate(zip(want, got, strict=True)):
        difference = compare(w, g, rtol)
        if difference is not None:
            if one_array and _shape(g) != _shape(w):
                return wrong_number
            inner = f": {difference.where}" if difference.where else ""
            if not inner and not difference.hint and show(w) != show(g):
                inner = f": expected {show(w)}, got {show(g)}"
            order = None if one_array else _order_that_fits(want, got, rtol)
            hint = (
                difference.hint
                if order is None
                else f"Are your results in the wrong order? In the order {order} they would be right."
            )
            return Difference(f"result {i + 1} of {len(want)}{inner}", hint)
    return None


def _order_that_fits(want: Any, got: Any, rtol: float) -> str | None:
    """Return the order in which the results would be right, counted from 1, or None if there is none."""
    if not isinstance(want, tuple) or not 2 <= len(want) <= MOST_ORDERED:
        return None
    for order in permutations(range(len(want))):
        if all(compare(w, got[k], rtol) is None for w, k in zip(want, order, strict=True)):
            return ", ".join(str(k + 1) for k in order)
    return None


def _shape(value: Any) -> tuple[int, ...] | None:
    array = numbers(value)
    return None if array is None else array.shape


def _compare_numbers(want: np.ndarray, got: Any, rtol: float) -> Difference | None:
    array = numbers(got)
    if array is None:
        return Difference(hint=_not_numbers(want, got))
    if array.shape != want.shape:
        if array.size == want.size == 1:
            array = array.reshape(want.shape)
        else:
            return _wrong_shape(want.shape, array.shape)
    if array.dtype.kind in "c" and want.dtype.kind not in "c":
        if np.any(array.imag != 0):
            return Difference(hint="Your answer is a complex number: a root or a power of a negative number?")
        array = array.real
    right = close(want, array, rtol)
    if right.all():
        return None
    if np.any(~np.isfinite(array) & np.isfinite(want)):
        bad = array[~np.isfinite(array) & np.isfinite(want)].flat[0]
        hint = f"Your answer holds {bad}: look for a division by zero, the log of 0 or an overflow."
        return Difference(_where(want, array, right), hint)
    return Difference(_where(want, array, right))


def close(want: np.ndarray, got: np.ndarray, rtol: float) -> np.ndarray:
    """Tell for each entry whether it is right."""
    if got.dtype.kind == "f" and got.dtype.itemsize < 8:
        rtol *= FLOAT32_LOOSER if got.dtype.itemsize == 4 else 100 * FLOAT32_LOOSER
    w, g = (a.astype(complex if a.dtype.kind == "c" else float) for a in (want, got))
    finite = np.abs(w[np.isfinite(w)])
    scale = float(finite.max()) if finite.size else 0.0
    return np.asarray(np.isclose(g, w, rtol=rtol, atol=rtol * 1e-3 * scale + 1e-12, equal_nan=True))


def without_dust(value: Any) -> Any:
    """Return an answer with 0 for what is far too small to be told from 0 beside its largest entry.

    Examples
    --------
    >>> without_dust((np.array([1.0, 1e-218]), np.array([1e-20, 1e-21])))
    (array([1., 0.]), array([1.e-20, 1.e-21]))
    """
    if isinstance(value, tuple):
        return tuple(without_dust(v) for v in value)
    if type(value) is not np.ndarray or value.dtype.kind != "f":  # no masked array
        return value
    finite = np.abs(value[np.isfinite(value)])
    return np.where(np.abs(value) < DUST * finite.max(), 0, value) if finite.size else value


def _where(want: np.ndarray, got: np.ndarray, right: np.ndarray) -> str:
    if want.size == 1:
        return ""
    first = tuple(int(i) for i in np.argwhere(~right)[0])
    index = first[0] if len(first) == 1 else first
    w, g = want[first], got[first]
    digits = next((d for d in (6, 9, 12, 17) if show(w, d) != show(g, d)), 17)
    wrong = int(right.size - right.sum())
    return (
        f"at [{str(index).strip('()')}] expected {show(w, digits)}, got {show(g, digits)}"
        f" ({wrong} of {right.size} entries differ)"
    )


def _not_numbers(want: np.ndarray, got: Any) -> str:
    expected = "a number" if want.ndim == 0 else f"an array of shape {want.shape}"
    if isinstance(got, Opaque) and any(word in got.kind for word in ("generator", "map", "zip", "filter")):
        return (
            f"You return {got.kind}, which computes nothing yet; wrap it in list(…) (or `yield` → `return`)."
        )
    if isinstance(got, Opaque) and any(word in got.kind for word in ("function", "method")):
        return f"You return {got.kind} instead of its result: a pair of brackets () is missing."
    if isinstance(got, list) and np.ndim(want) > 0 and all(numbers(g) is not None for g in got):
        return "The rows of your list have different lengths."
    return f"Return {expected}; yours is {got.kind if isinstance(got, Opaque) else kind_of(got)}."


def _wrong_shape(want: tuple[int, ...], got: tuple[int, ...]) -> Difference:
    where = f"shape: expected {want or 'a single number'}, got {got or 'a single number'}"
    if want == ():
        many = f"{np.prod(got)} numbers" if np.prod(got) else "no number"
        return Difference(
            where, f"You return {many}, and one is expected: is a sum, a mean or a minimum over them missing?"
        )
    if len(want) > 1 and got == want[::-1]:
        return Difference(where, "Your answer is transposed: rows and columns are swapped.")
    if len(want) == 1 and len(got) == 2 and got[0] == got[1] == want[0] > 1:
        return Difference(
            where,
            f"An accidental broadcast: NumPy combined shapes ({want[0]},) and ({want[0]}, 1) to a whole"
            " table. Give both the same shape, for instance with .ravel().",
        )
    if tuple(n for n in got if n != 1) == tuple(n for n in want if n != 1):
        return Difference(
            where, "The numbers may be right, but there is an axis of length 1 too many or too few."
        )
    if len(got) < len(want):
        return Difference(where, "An axis too few: was it summed, averaged or indexed away? Check `axis=`.")
    if len(got) > len(want):
        return Difference(where, "An axis too many: is a sum, a mean or a minimum over it missing?")
    return Difference(where)

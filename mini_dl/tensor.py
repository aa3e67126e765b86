"""`Tensor`, an array that remembers how it was made; and `op`, which makes the memory.

An operation is a plain NumPy function that returns its result and one vjp per input. Forward and backward
stand side by side and hold nothing but mathematics:

    @op
    def mul(x, y):
        return x * y, lambda g: g * y, lambda g: g * x

The decorator does the rest for all of them: it takes the arrays out of the tensors, wraps the result,
leaves a node behind if a gradient is wanted, and says helpfully what is wrong.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from mini_dl import autograd, errors, types
from mini_dl.autograd import Array, Node, mode
from mini_dl.changes import changed, clock

Result = tuple[Any, ...]  # what an op's function returns: the output, then one vjp per input


class Tensor(Node):
    """A NumPy array with a gradient: the one data type of the engine.

    Parameters
    ----------
    data, dtype
        Numbers, nested lists or an array; copied. Without a dtype, Python's floats become float32 and its
        integers int64. TypeError if these are not numbers.
    requires_grad
        Should `backward` compute `grad`, the gradient of the loss with respect to this? Floats only.

    >>> w = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> w.grad
    tensor([[2., 4.],
            [6., 8.]])
    """

    __slots__ = ()
    __array_ufunc__ = None  # NumPy, meeting a tensor in `array + tensor`, leaves the work to us
    __hash__ = object.__hash__
    if TYPE_CHECKING:  # the operations become methods in ops.py

        def __getattr__(self, name: str) -> Callable[..., Any]: ...

        def __neg__(self) -> Tensor: ...
        def __add__(self, other: Any) -> Tensor: ...

        __radd__ = __sub__ = __mul__ = __matmul__ = __getitem__ = __add__

    def __init__(self, data: Any, dtype: Any = None, requires_grad: bool = False) -> None:
        errors.check_not_foreign(data)
        data = data._data if isinstance(data, Tensor) else data
        self._become(types.numbers(data, dtype, requires_grad))
        self.requires_grad = requires_grad

    def _become(self, array: Array, op: str = "leaf", inputs: Any = (), vjps: Any = None) -> Tensor:
        """Hold `array`, without a copy, and how it was made."""
        self._data, self._grad, self._owns_grad = array, None, False
        self._op, self._inputs, self._vjps, self._order = op, inputs, vjps, next(clock)
        self.requires_grad = vjps is not None
        return self

    @property
    def data(self) -> Array:
        """The NumPy array itself. Assigning (`w.data -= lr * g`) is noted as an in-place change."""
        return self._data

    @data.setter
    def data(self, value: Any) -> None:
        self._data = np.asarray(unwrap(value))
        changed(self._data)

    @property
    def grad(self) -> Tensor | None:
        """Gradient of what `backward` was called on, or None; on the memory of the slot."""
        return None if self._grad is None else wrap(self._grad)

    @grad.setter
    def grad(self, value: Any) -> None:
        self._grad, self._owns_grad = unwrap(value), False

    shape = property(lambda self: self._data.shape, doc="Length of each axis, a tuple.")
    ndim = property(lambda self: self._data.ndim, doc="Number of axes.")
    dtype = property(lambda self: self._data.dtype, doc="NumPy type of the elements.")
    T = property(lambda self: self.permute(*range(self.ndim)[::-1]), doc="The axes in reverse order.")

    def size(self, dim: int | None = None) -> Any:
        """Return the shape, or the length of one axis."""
        return self.shape if dim is None else self.shape[dim]

    def numel(self) -> int:
        """Return the number of elements."""
        return self._data.size

    def tolist(self) -> Any:
        """Return the elements as nested lists of Python's numbers."""
        return self._data.tolist()

    def item(self) -> Any:
        """Return the only element as a Python number; ValueError if there are several."""
        if self._data.size != 1:
            raise ValueError(
                f"a tensor of shape {self.shape} is not one number; use .numpy(), [i], .all(), .any()"
            )
        return self._data.item()

    def numpy(self) -> Array:
        """Return the array; where a gradient is recorded, a view that cannot be written to."""
        view = self._data.view()
        view.flags.writeable = view.flags.writeable and not self.requires_grad
        return view

    def detach(self) -> Tensor:
        """Return a tensor on the same memory that no gradient flows through."""
        return wrap(self._data)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(self._data, dtype=dtype, copy=copy)

    def __len__(self) -> int:
        return len(self._data)

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self.item())

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    __index__ = __int__

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else repr(self)

    def __repr__(self) -> str:
        text = np.array2string(self._data, precision=4, separator=", ", prefix="tensor(")
        if not 0 < self._data.size <= 1000:
            text += f", shape={self.shape}"
        if self.dtype not in (np.float32, np.int64, np.bool_):
            text += f", dtype={self.dtype}"
        if self.requires_grad:
            text += ", requires_grad=True" if self._op == "leaf" else f", grad_fn=<{self._op}>"
        return f"tensor({text})"

    def backward(self, gradient: Any = None) -> None:
        """Add d(self)/d(leaf) to the `grad` of every leaf that requires it.

        `gradient` weighs the elements of self; for a single number it may be left out. RuntimeError if
        nothing here requires a gradient, if `gradient` is missing or of another shape, if the graph is
        freed already, or if an array that it needs was changed in place.
        """
        data = self._data
        errors.check_backward(self, gradient)
        g = np.ones(data.shape, data.dtype) if gradient is None else np.asarray(unwrap(gradient), data.dtype)
        autograd.backward(self, g)

    def zero_grad(self) -> None:
        """Forget the gradient: set `grad` to None."""
        self._grad = None


def wrap(array: Array, op: str = "leaf", inputs: Any = (), vjps: Any = None) -> Tensor:
    """Return a tensor on the memory of `array`, without a copy."""
    return _new(Tensor)._become(array, op, inputs, vjps)


def unwrap(x: Any) -> Any:
    """Return the array in a tensor; leave numbers, arrays and indices as they are; refuse strangers."""
    if isinstance(x, Tensor):
        return x._data
    if isinstance(x, np.generic):  # NumPy's own scalars would turn float32 into float64
        return x.item()
    if type(x) in (tuple, list):
        return type(x)(unwrap(part) for part in x)
    errors.check_not_foreign(x)
    return x


def op(function: Callable[..., Result], fused: bool = False) -> Callable[..., Tensor]:
    """Make an operation on tensors from a function on arrays that also returns its vjps.

    Parameters
    ----------
    function
        Takes arrays and settings, returns `(output, vjp, vjp, …)`: one vjp for each positional input
        that can have a gradient, in order. A vjp takes g, the gradient with respect to the output,
        and returns that with respect to its input; sums over broadcast axes are taken care of.
    fused
        The function returns one vjp, which returns a tuple: the gradients of all inputs.

    >>> @op
    ... def double(x):
    ...     return 2 * x, lambda g: 2 * g
    >>> double(Tensor([1.0, 2.0]))
    tensor([2., 4.])
    """
    name = function.__name__.lstrip("_")

    @functools.wraps(function)
    def operation(*inputs: Any, **settings: Any) -> Tensor:
        arrays, needed, wanted = [], [], False
        for x in inputs:
            if isinstance(x, Tensor):
                arrays.append(x._data)
                needed.append(x if x.requires_grad else None)
                wanted = wanted or x.requires_grad
            else:
                arrays.append(x if type(x) in _PLAIN else unwrap(x))
                needed.append(None)
        try:
            array, *vjps = function(*arrays, **settings)
        except (ValueError, IndexError, TypeError) as error:
            raise errors.explain(name, arrays, error) from error
        if type(array) is not np.ndarray:  # NumPy gives its own scalars back where an array has no axes
            array = np.asarray(array)
        if array.dtype is not _FLOAT32 and array.dtype.kind == "f":
            array = types.as_pytorch(array, arrays, lambda *wide: function(*wide, **settings)[0])
        if mode.check is not None:
            mode.check(array, f"'{name}'", arrays)
        if wanted and mode.recording and vjps:
            return _new(Tensor)._become(array, name, needed, vjps[0] if fused else vjps)
        return wrap(array)

    return operation


fused = functools.partial(op, fused=True)
_PLAIN = frozenset({np.ndarray, float, int, bool, type(None), slice, str})
_FLOAT32 = np.dtype(np.float32)
_new = object.__new__

"""Where weights start, filled in place. `fan_in` is the number of inputs of one unit.

A sum of fan_in terms keeps the variance of its terms if the weights have variance 1 / fan_in; the
schemes differ in which direction, forward or backward, and which activation they keep it for.
"""

from __future__ import annotations

import math

from mini_dl.autograd import Array
from mini_dl.changes import changed
from mini_dl.creation import random
from mini_dl.tensor import Tensor


def _fill(x: Tensor, values: Array | float) -> Tensor:
    x._data[...] = values
    changed(x._data)
    return x


def constant_(x: Tensor, value: float) -> Tensor:
    """Return x with all elements set to one value.

    >>> constant_(zeros(2), 3.0)
    tensor([3., 3.])
    """
    return _fill(x, value)


def uniform_(x: Tensor, a: float = 0.0, b: float = 1.0) -> Tensor:
    """Return x filled from the uniform distribution between a and b.

    >>> bool((uniform_(zeros(9), -1, 1).abs() <= 1).all())
    True
    """
    return _fill(x, random.generator.uniform(a, b, x.shape))


def normal_(x: Tensor, mean: float = 0.0, std: float = 1.0) -> Tensor:
    """Return x filled from the normal distribution of this mean and standard deviation `std`.

    >>> normal_(zeros(2), mean=5.0, std=0.0)
    tensor([5., 5.])
    """
    return _fill(x, random.generator.normal(mean, std, x.shape))


def fans(x: Tensor) -> tuple[int, int]:
    """Return the numbers of inputs and outputs of a unit: of x (out, in, …) the rest counts for both.

    Raises
    ------
    ValueError
        If x has fewer than two axes, here and in all that follow.

    >>> fans(zeros(8, 3, 5, 5))
    (75, 200)
    """
    if x.ndim < 2:
        raise ValueError(f"init: shape {x.shape} has no inputs and outputs; weights need two axes or more")
    window = math.prod(x.shape[2:])
    return x.shape[1] * window, x.shape[0] * window


def lecun_normal_(x: Tensor) -> Tensor:
    """Return x filled with variance 1 / fan_in: for tanh near 0 and linear units (LeCun et al. 1998).

    >>> lecun_normal_(zeros(2, 3)).shape
    (2, 3)
    """
    return normal_(x, std=fans(x)[0] ** -0.5)


def xavier_uniform_(x: Tensor, gain: float = 1.0) -> Tensor:
    """Return x filled uniformly with variance gain² · 2 / (fan_in + fan_out) (Glorot & Bengio 2010).

    >>> bool((xavier_uniform_(zeros(2, 4)).abs() <= 1).all())
    True
    """
    bound = gain * math.sqrt(6 / sum(fans(x)))
    return uniform_(x, -bound, bound)


def xavier_normal_(x: Tensor, gain: float = 1.0) -> Tensor:
    """Return x filled with variance gain² · 2 / (fan_in + fan_out) (Glorot & Bengio 2010).

    >>> xavier_normal_(zeros(2, 4)).shape
    (2, 4)
    """
    return normal_(x, std=gain * math.sqrt(2 / sum(fans(x))))


def _kaiming_std(x: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    gains = {"relu": 2.0, "leaky_relu": 2 / (1 + a * a), "linear": 1.0, "tanh": (5 / 3) ** 2}
    if nonlinearity not in gains or mode not in ("fan_in", "fan_out"):
        raise ValueError(
            f"init: no {mode!r} with {nonlinearity!r}; use fan_in or fan_out, and {', '.join(gains)}"
        )
    return math.sqrt(gains[nonlinearity] / fans(x)[mode == "fan_out"])


def kaiming_uniform_(
    x: Tensor, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu"
) -> Tensor:
    """Return x filled uniformly with variance 2 / fan: right for ReLU, which halves it (He et al. 2015).

    Parameters
    ----------
    x
        (out, in, …)
    mode
        Which fan: "fan_in" keeps the variance forward, "fan_out" backward.
    nonlinearity, a
        "relu", "leaky_relu" of negative slope a, "linear" or "tanh"; the 2 is changed to what each needs.

    Raises
    ------
    ValueError
        For another mode or nonlinearity.

    >>> bool((kaiming_uniform_(zeros(2, 6)).abs() <= 1).all())
    True
    """
    bound = math.sqrt(3) * _kaiming_std(x, a, mode, nonlinearity)
    return uniform_(x, -bound, bound)


def kaiming_normal_(
    x: Tensor, a: float = 0.0, mode: str = "fan_in", nonlinearity: str = "leaky_relu"
) -> Tensor:
    """Return x filled with variance 2 / fan: right for ReLU, which halves it (He et al. 2015).

    Parameters
    ----------
    x, a, mode, nonlinearity
        As in `kaiming_uniform_`.

    Raises
    ------
    ValueError
        For another mode or nonlinearity.

    >>> kaiming_normal_(zeros(2, 6)).shape
    (2, 6)
    """
    return normal_(x, std=_kaiming_std(x, a, mode, nonlinearity))

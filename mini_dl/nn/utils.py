"""Limits on gradients, between `backward()` and `step()`."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mini_dl.tensor import Tensor


def clip_grad_norm_(parameters: Iterable[Tensor], max_norm: float) -> float:
    """Scale the gradients of all parameters by one factor so that their joint length is at most max_norm.

    Returns
    -------
    float
        The length before (Pascanu et al. 2013).

    >>> w = tensor([3.0, 4.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> clip_grad_norm_([w], 1.0), w.grad
    (10.0, tensor([0.6, 0.8]))
    """
    grads = [p._grad for p in parameters if p._grad is not None]
    norm = float(np.sqrt(sum(float(np.vdot(g, g)) for g in grads)))
    if norm > max_norm:
        for g in grads:
            g *= max_norm / (norm + 1e-6)
    return norm


def clip_grad_value_(parameters: Iterable[Tensor], clip_value: float) -> None:
    """Limit every element of the gradients of all parameters to ±clip_value.

    >>> w = tensor([3.0, 4.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> clip_grad_value_([w], 1.0)
    >>> w.grad
    tensor([1., 1.])
    """
    for p in parameters:
        if p._grad is not None:
            np.clip(p._grad, -clip_value, clip_value, out=p._grad)

"""Optimisers: how parameters follow their gradients; and how the learning rate changes over time.

Each optimiser is one `update` of plain NumPy, written for arrays p (a parameter), g (its gradient)
and the state that it keeps. All work in place, so that no new arrays are made, and in blocks: an
update of ten passes over a large parameter reads it from memory once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import numpy as np

from mini_dl.autograd import Array
from mini_dl.changes import changed
from mini_dl.nn.blocks import BLOCK, in_blocks
from mini_dl.nn.utils import clip_grad_norm_, clip_grad_value_

__all__ = ["SGD", "Adagrad", "Adam", "AdamW", "CosineAnnealingLR", "LambdaLR", "LinearLR", "OneCycleLR"]
__all__ += ["Optimizer", "RMSprop", "StepLR", "clip_grad_norm_", "clip_grad_value_"]


class Optimizer:
    """What all optimisers share: parameters in groups, their state, and the walk over both.

    Parameters
    ----------
    params
        Parameters, or groups: dictionaries with "params" and settings of their own.
    lr
        The learning rate.
    settings
        Further settings by name; `defaults` lists them with their usual values.

    Raises
    ------
    ValueError
        If there are no parameters, for instance because a generator was used up.
    TypeError
        For a setting that this optimiser does not have.
    """

    defaults: ClassVar[dict[str, Any]] = {"lr": 1e-3, "weight_decay": 0.0}
    states = 0  # arrays that are kept for each parameter, zeros at the start

    def __init__(self, params: Iterable[Any], lr: float | None = None, **settings: Any) -> None:
        groups, name = list(params), type(self).__name__
        if not groups:
            raise ValueError(f"{name}: no parameters given; pass model.parameters()")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        given = {**settings, **({} if lr is None else {"lr": lr})}
        for unknown in given.keys() - self.defaults.keys():
            raise TypeError(f"{name}: no setting {unknown!r}; there are {', '.join(self.defaults)}")
        self.param_groups = [{**self.defaults, **given, **g, "params": list(g["params"])} for g in groups]
        self.state: dict[Any, tuple[Array, ...]] = {}
        self.steps = 0

    def zero_grad(self) -> None:
        """Forget the gradients; call it before or after each step, or they add up."""
        for group in self.param_groups:
            for p in group["params"]:
                p._grad = None

    def step(self) -> None:
        """Update every parameter that has a gradient."""
        self.steps += 1
        arrays = []
        for group in self.param_groups:
            for p in group["params"]:
                if p._grad is None:
                    continue
                state = self.state.get(p)
                if state is None:
                    state = self.state[p] = tuple(np.zeros_like(p._data) for _ in range(self.states))
                arrays.append(p._data)
                if p._data.size <= BLOCK:
                    self.update(group, p._data, p._grad, *state)
                else:
                    for piece in in_blocks(p._data, p._grad, *state):
                        self.update(group, *piece)
        changed(*arrays)

    def update(self, group: dict[str, Any], p: Array, g: Array, *state: Array) -> None:
        """Change p and the state in place: written by each optimiser."""
        raise NotImplementedError


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum (Polyak 1964), Nesterov's if wanted (1983).

    v ← momentum · v + g;  p ← p - lr · v   (Nesterov: lr · (g + momentum · v))

    >>> w = tensor([1.0], requires_grad=True)
    >>> opt = SGD([w], lr=0.1)
    >>> (w * w).sum().backward(); opt.step()
    >>> w
    tensor([0.8], requires_grad=True)
    """

    defaults: ClassVar = {"lr": 1e-3, "momentum": 0.0, "weight_decay": 0.0, "nesterov": False}
    states = 1

    def update(self, group: dict[str, Any], p: Array, g: Array, *state: Array) -> None:
        """Take one step."""
        mu = group["momentum"]
        if group["weight_decay"]:
            g = g + group["weight_decay"] * p
        if mu:
            v = state[0]
            v *= mu
            v += g
            g = g + mu * v if group["nesterov"] else v
        p -= group["lr"] * g


class Adagrad(Optimizer):
    """A rate for each weight that falls as its gradients add up (Duchi et al. 2011).

    s ← s + g²;  p ← p - lr · g / (√s + eps)

    >>> w = tensor([1.0], requires_grad=True)
    >>> opt = Adagrad([w], lr=0.1)
    >>> (w * w).sum().backward(); opt.step()
    >>> w
    tensor([0.9], requires_grad=True)
    """

    states = 1
    defaults: ClassVar = {"lr": 1e-2, "weight_decay": 0.0, "eps": 1e-10}

    def update(self, group: dict[str, Any], p: Array, g: Array, *state: Array) -> None:
        """Take one step."""
        (s,) = state
        if group["weight_decay"]:
            g = g + group["weight_decay"] * p
        s += g * g
        p -= group["lr"] * g / (np.sqrt(s) + group["eps"])


class RMSprop(Optimizer):
    """Gradients divided by a running average of their size (Tieleman & Hinton 2012).

    s ← alpha · s + (1 - alpha) · g²;  p ← p - lr · g / (√s + eps)

    >>> w = tensor([1.0], requires_grad=True)
    >>> opt = RMSprop([w], lr=0.01)
    >>> (w * w).sum().backward(); opt.step()
    >>> w
    tensor([0.9], requires_grad=True)
    """

    states = 1
    defaults: ClassVar = {"lr": 1e-2, "alpha": 0.99, "eps": 1e-8, "weight_decay": 0.0}

    def update(self, group: dict[str, Any], p: Array, g: Array, *state: Array) -> None:
        """Take one step."""
        (s,) = state
        if group["weight_decay"]:
            g = g + group["weight_decay"] * p
        s *= group["alpha"]
        s += (1 - group["alpha"]) * (g * g)
        p -= group["lr"] * g / (np.sqrt(s) + group["eps"])


class Adam(Optimizer):
    """Momentum and RMSprop together, both corrected for their start at zero (Kingma & Ba 2015).

    m ← β₁ m + (1 - β₁) g;  v ← β₂ v + (1 - β₂) g²;  p ← p - lr · m̂ / (√v̂ + eps)
    with m̂ = m / (1 - β₁ᵗ) and v̂ = v / (1 - β₂ᵗ) at step t.

    >>> w = tensor([1.0], requires_grad=True)
    >>> opt = Adam([w], lr=0.1)
    >>> (w * w).sum().backward(); opt.step()
    >>> w
    tensor([0.9], requires_grad=True)
    """

    states = 2
    decoupled = False
    defaults: ClassVar = {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0}

    def update(self, group: dict[str, Any], p: Array, g: Array, *state: Array) -> None:
        """Take one step."""
        m, v = state
        lr, (b1, b2), decay = group["lr"], group["betas"], group["weight_decay"]
        if decay and self.decoupled:
            p *= 1 - lr * decay
        elif decay:
            g = g + decay * p
        m *= b1
        m += (1 - b1) * g
        v *= b2
        work = g * g
        work *= 1 - b2
        v += work
        np.sqrt(v, out=work)
        work *= 1 / math.sqrt(1 - b2**self.steps)
        work += group["eps"]
        np.divide(m, work, out=work)
        work *= lr / (1 - b1**self.steps)
        p -= work


class AdamW(Adam):
    """Adam whose weight decay acts on the weights directly, not through g (Loshchilov & Hutter 2019).

    >>> w = tensor([1.0], requires_grad=True)
    >>> opt = AdamW([w], lr=0.1, weight_decay=0.5)
    >>> (w * 0).sum().backward(); opt.step()
    >>> w
    tensor([0.95], requires_grad=True)
    """

    decoupled = True
    defaults: ClassVar = {**Adam.defaults, "weight_decay": 1e-2}


# ---- schedules -------------------------------------------------------------------------------------


class LambdaLR:
    """Multiply the learning rate of each group of an optimizer by `factor(t)` after t calls of `step()`.

    The other schedules are this one with a formula for the factor.

    >>> opt = SGD([tensor([1.0], requires_grad=True)], lr=1.0)
    >>> schedule = LambdaLR(opt, lambda t: 1 / (1 + t))
    >>> schedule.step(); schedule.get_last_lr()
    [0.5]
    """

    def __init__(self, optimizer: Optimizer, factor: Callable[[int], float]) -> None:
        self.optimizer, self.factor, self.t = optimizer, factor, -1
        self.base = [group["lr"] for group in optimizer.param_groups]
        self.step()

    def step(self) -> None:
        """Go to the next rate; call it after the optimiser's step."""
        self.t += 1
        for group, lr in zip(self.optimizer.param_groups, self.base, strict=True):
            group["lr"] = lr * self.factor(self.t)

    def get_last_lr(self) -> list[float]:
        """Return the rate of each group now."""
        return [group["lr"] for group in self.optimizer.param_groups]


class StepLR(LambdaLR):
    """Multiply the rate of an optimizer by gamma every step_size steps.

    >>> schedule = StepLR(SGD([ones(1)], lr=1.0), step_size=1)
    >>> schedule.step(); schedule.get_last_lr()
    [0.1]
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        super().__init__(optimizer, lambda t: gamma ** (t // step_size))


class LinearLR(LambdaLR):
    """Warm up: the optimizer's rate times start_factor to end_factor, straight over total_iters steps.

    >>> schedule = LinearLR(SGD([ones(1)], lr=1.0), start_factor=0.5, total_iters=2)
    >>> schedule.step(); schedule.get_last_lr()
    [0.75]
    """

    def __init__(
        self, optimizer: Optimizer, start_factor: float = 1 / 3, end_factor: float = 1.0, total_iters: int = 5
    ) -> None:
        rise = end_factor - start_factor
        super().__init__(optimizer, lambda t: start_factor + rise * min(t, total_iters) / total_iters)


class CosineAnnealingLR(LambdaLR):
    """Fall along half a cosine from optimizer's rate to eta_min in T_max steps (Loshchilov & Hutter 2017).

    >>> schedule = CosineAnnealingLR(SGD([ones(1)], lr=1.0), T_max=2)
    >>> schedule.step(); [round(lr, 3) for lr in schedule.get_last_lr()]
    [0.5]
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        low = eta_min / optimizer.param_groups[0]["lr"]
        super().__init__(optimizer, lambda t: _cosine(1, low, t / T_max))


class OneCycleLR(LambdaLR):
    """Rise from max_lr / 25 to max_lr in the first 30 % of the steps, then fall to almost 0 (Smith 2018).

    Both along half a cosine. Momentum stays as it is (PyTorch: `cycle_momentum=False`).

    Parameters
    ----------
    optimizer, max_lr, total_steps
        Whose rate; the highest; the number of steps in all.
    pct_start, div_factor, final_div_factor
        The share of steps that rise; max_lr over the first rate; the first rate over the last.

    >>> opt = SGD([ones(1)], lr=1.0)
    >>> schedule = OneCycleLR(opt, max_lr=1.0, total_steps=10)
    >>> [round(lr, 3) for lr in schedule.get_last_lr()]
    [0.04]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float,
        total_steps: int,
        pct_start: float = 0.3,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
    ) -> None:
        top, first = pct_start * total_steps - 1, 1 / div_factor
        for group in optimizer.param_groups:
            group["lr"] = max_lr

        def factor(t: int) -> float:
            if t <= top:
                return _cosine(first, 1, t / top)
            return _cosine(1, first / final_div_factor, (t - top) / (total_steps - 1 - top))

        super().__init__(optimizer, factor)


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2

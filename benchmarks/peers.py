"""W1 (784-256-128-10, cross-entropy, batch 128, SGD with momentum) in other libraries, where installed.

Each function returns a step that computes the loss, its gradients and the update, from the same weights.
The first loss of each must agree with PyTorch's to 1e-4.
"""

import sys
from collections.abc import Callable
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import numpy as np

SIZES = (784, 256, 128, 10)
LR, MOMENTUM = 0.01, 0.9


def data() -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((128, 784)).astype(np.float32), rng.integers(0, 10, 128)
    weights: list[np.ndarray] = []
    for n, m in pairwise(SIZES):
        weights += [(rng.standard_normal((n, m)) / n**0.5).astype(np.float32), np.zeros(m, np.float32)]
    return x, y, weights


def momentum_update(weights: list[Any], velocities: list[Any], grads: list[Any]) -> None:
    for w, v, g in zip(weights, velocities, grads, strict=True):
        v *= MOMENTUM
        v += g
        w -= LR * v


def like_pytorch(lib: Any) -> Callable[[], float]:
    x, y, weights = data()
    nn = lib.nn
    model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))
    names = [f"{i}.{part}" for i in (0, 2, 4) for part in ("weight", "bias")]
    model.load_state_dict(
        {n: lib.tensor(np.ascontiguousarray(w.T)) for n, w in zip(names, weights, strict=True)}
    )
    opt = lib.optim.SGD(model.parameters(), lr=LR, momentum=MOMENTUM)
    inputs, labels = lib.tensor(x), lib.tensor(y)

    def step() -> float:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(inputs), labels)
        loss.backward()
        opt.step()
        return loss.item()

    return step


def torch_eager() -> Callable[[], float]:
    import torch

    return like_pytorch(torch)


def mini_dl_() -> Callable[[], float]:
    import mini_dl

    return like_pytorch(mini_dl)


def hips_autograd() -> Callable[[], float]:
    import autograd.numpy as anp
    from autograd import value_and_grad

    x, y, weights = data()
    velocities = [np.zeros_like(w) for w in weights]
    rows = np.arange(len(y))

    def loss(weights: list[Any]) -> Any:
        w1, b1, w2, b2, w3, b3 = weights
        h = anp.maximum(x @ w1 + b1, 0)
        z = anp.maximum(h @ w2 + b2, 0) @ w3 + b3
        top = anp.max(z, axis=1, keepdims=True)
        z = z - top
        return anp.mean(anp.log(anp.sum(anp.exp(z), axis=1)) - z[rows, y])

    both = value_and_grad(loss)

    def step() -> float:
        value, grads = both(weights)
        momentum_update(weights, velocities, grads)
        return float(value)

    return step


def mygrad_() -> Callable[[], float]:
    import mygrad as mg
    from mygrad.nnet.losses import softmax_crossentropy

    x, y, weights = data()
    tensors = [mg.tensor(w) for w in weights]
    velocities = [np.zeros_like(w) for w in weights]

    def step() -> float:
        w1, b1, w2, b2, w3, b3 = tensors
        h = mg.maximum(mg.matmul(x, w1) + b1, 0)
        h = mg.maximum(mg.matmul(h, w2) + b2, 0)
        loss = softmax_crossentropy(mg.matmul(h, w3) + b3, y)
        loss.backward()
        momentum_update([t.data for t in tensors], velocities, [t.grad for t in tensors])
        return float(loss.item())

    return step


def tinygrad_() -> Callable[[], float]:
    from tinygrad import Tensor
    from tinygrad.nn.optim import SGD

    x, y, weights = data()
    tensors = [Tensor(w, requires_grad=True) for w in weights]
    inputs, labels = Tensor(x), Tensor(y.astype(np.int32))
    opt = SGD(tensors, lr=LR, momentum=MOMENTUM)

    def step() -> float:
        with Tensor.train():
            w1, b1, w2, b2, w3, b3 = tensors
            opt.zero_grad()
            h = ((inputs @ w1 + b1).relu() @ w2 + b2).relu()
            loss = (h @ w3 + b3).sparse_categorical_crossentropy(labels)
            loss.backward()
            opt.step()
            return float(loss.item())

    return step


def jax_jit() -> Callable[[], float]:
    import jax
    import jax.numpy as jnp

    x, y, weights = data()
    rows = np.arange(len(y))

    def loss(weights: list[Any]) -> Any:
        w1, b1, w2, b2, w3, b3 = weights
        z = jax.nn.relu(jax.nn.relu(x @ w1 + b1) @ w2 + b2) @ w3 + b3
        return jnp.mean(jax.nn.logsumexp(z, axis=1) - z[rows, y])

    @jax.jit
    def update(weights: list[Any], velocities: list[Any]) -> Any:
        value, grads = jax.value_and_grad(loss)(weights)
        velocities = [MOMENTUM * v + g for v, g in zip(velocities, grads, strict=True)]
        return value, [w - LR * v for w, v in zip(weights, velocities, strict=True)], velocities

    state = [[jnp.asarray(w) for w in weights], [jnp.zeros_like(w) for w in weights]]

    def step() -> float:
        value, *state[:] = update(*state)
        return float(value)

    return step


def dezero_() -> Callable[[], float]:
    import dezero.functions as F  # noqa: N812
    from dezero import Parameter

    x, y, weights = data()
    tensors = [Parameter(w) for w in weights]
    velocities = [np.zeros_like(w) for w in weights]

    def step() -> float:
        w1, b1, w2, b2, w3, b3 = tensors
        for t in tensors:
            t.cleargrad()
        h = F.relu(F.linear(F.relu(F.linear(x, w1, b1)), w2, b2))
        loss = F.softmax_cross_entropy(F.linear(h, w3, b3), y)
        loss.backward()
        momentum_update([t.data for t in tensors], velocities, [t.grad.data for t in tensors])
        return float(loss.data)

    return step


LIBRARIES = {
    "torch": ("torch", torch_eager),
    "mini_dl": ("mini_dl", mini_dl_),
    "HIPS autograd": ("autograd", hips_autograd),
    "MyGrad": ("mygrad", mygrad_),
    "DeZero": ("dezero", dezero_),
    "tinygrad": ("tinygrad", tinygrad_),
    "JAX, jit": ("jax", jax_jit),
}


def steps() -> dict[str, Callable[[], float]]:
    """Return the steps of the libraries that are installed; their first losses agree."""
    found: dict[str, Callable[[], float]] = {}
    expected = torch_eager()()
    for name, (module, make) in LIBRARIES.items():
        if not find_spec(module):
            continue
        try:
            step = make()
            first = step()
        except (
            AttributeError,
            ImportError,
            TypeError,
        ) as error:  # does not run with these versions of the others
            print(f"peers: {name} is left out: {str(error).splitlines()[0]}", file=sys.stderr)
            continue
        if not abs(first - expected) < 1e-4:
            raise SystemExit(f"peers: the first loss of {name}, {first}, differs from PyTorch's, {expected}")
        found[name] = step
    return found

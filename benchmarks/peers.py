"""The same training step in other libraries, where installed: `pip install -c constraints.txt -e '.[bench]'`.

W1 (784-256-128-10, cross-entropy, batch 128, SGD with momentum) in all that work on arrays, W2 (2-16-16-1,
hinge loss, 100 points, SGD) in micrograd, which works on single numbers: a step of W1 would take it hours.
Each function returns a step that computes the loss, its gradients and the update, from the same weights.
The losses of five steps must agree with PyTorch's to 1e-4.
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


def tinygrad_jit() -> Callable[[], float]:
    """On the processor it needs the compiler clang (another program: CC=…); without one it is left out."""
    from tinygrad import Context, Tensor, TinyJit
    from tinygrad.nn.optim import SGD

    x, y, weights = data()
    tensors = [Tensor(w) for w in weights]
    w1, b1, w2, b2, w3, b3 = tensors
    inputs, labels = Tensor(x), Tensor(y.astype(np.int32))
    opt = SGD(tensors, lr=LR, momentum=MOMENTUM)

    @TinyJit
    def update() -> Any:
        opt.zero_grad()
        h = ((inputs @ w1 + b1).relu() @ w2 + b2).relu()
        loss = (h @ w3 + b3).sparse_categorical_crossentropy(labels)
        loss.backward()
        return loss.realize(*opt.schedule_step())

    def step() -> float:
        with Context(TRAINING=1):
            return float(update().item())

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
    vars(np).setdefault("int", int)  # NumPy had it when DeZero was written
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


def tiny_weights() -> dict[str, np.ndarray]:
    """Return starting weights of W2, by PyTorch's names."""
    rng = np.random.default_rng(1)
    found = {}
    for i, (n, m) in zip((0, 2, 4), pairwise((2, 16, 16, 1)), strict=True):
        found[f"{i}.weight"] = (rng.standard_normal((m, n)) / n**0.5).astype(np.float32)
        found[f"{i}.bias"] = np.zeros(m, np.float32)
    return found


def tiny_like_pytorch(lib: Any) -> Callable[[], float]:
    from workloads import tiny

    model, step = tiny(lib)
    model.load_state_dict({name: lib.tensor(w) for name, w in tiny_weights().items()})
    return lambda: step().item()


def tiny_torch() -> Callable[[], float]:
    import torch

    return tiny_like_pytorch(torch)


def tiny_mini_dl() -> Callable[[], float]:
    import mini_dl

    return tiny_like_pytorch(mini_dl)


def tiny_micrograd() -> Callable[[], float]:
    from micrograd.nn import MLP
    from workloads import tiny_points

    model = MLP(2, [16, 16, 1])
    for layer, i in zip(model.layers, (0, 2, 4), strict=True):
        for j, neuron in enumerate(layer.neurons):
            for value, number in zip(neuron.w, tiny_weights()[f"{i}.weight"][j], strict=True):
                value.data = float(number)
    points, signs = (a.tolist() for a in tiny_points())

    def step() -> float:
        model.zero_grad()
        losses = [(1 - sign * model(point)).relu() for point, (sign,) in zip(points, signs, strict=True)]
        loss = sum(losses) * (1 / len(losses))
        loss.backward()
        for p in model.parameters():
            p.data -= 0.1 * p.grad
        return float(loss.data)

    return step


LIBRARIES = {
    "W1": {
        "torch": ("torch", torch_eager),
        "mini_dl": ("mini_dl", mini_dl_),
        "HIPS autograd": ("autograd", hips_autograd),
        "MyGrad": ("mygrad", mygrad_),
        "DeZero": ("dezero", dezero_),
        "tinygrad, jit": ("tinygrad", tinygrad_jit),
        "JAX, jit": ("jax", jax_jit),
    },
    "W2": {
        "torch": ("torch", tiny_torch),
        "mini_dl": ("mini_dl", tiny_mini_dl),
        "micrograd": ("micrograd", tiny_micrograd),
    },
}


def steps(network: str) -> dict[str, Callable[[], float]]:
    """Return the steps of the libraries that are installed; their first five losses agree with PyTorch's."""
    found: dict[str, Callable[[], float]] = {}
    expected: list[float] = []
    for name, (module, make) in LIBRARIES[network].items():
        if not find_spec(module):
            continue
        try:
            step = make()
            losses = [step() for _ in range(5)]
        except (AttributeError, ImportError, RuntimeError, TypeError) as error:  # not with these versions
            print(f"peers: {name} is left out: {str(error).splitlines()[0]}", file=sys.stderr)
            continue
        expected = expected or losses
        worst = max(abs(a - b) for a, b in zip(losses, expected, strict=True))
        if not worst < 1e-4:
            raise SystemExit(f"peers: losses of {name} on {network} differ from PyTorch's by {worst}")
        print(f"peers: {name} on {network}: losses agree to {worst:.1e}", file=sys.stderr)
        found[name] = step
    return found

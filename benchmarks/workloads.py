"""The five networks of the benchmark, each written once: `lib` is mini_dl or torch, the names are the same.

A workload is a function of `lib` that returns `(model, step)`. `step()` is one training step (forward, loss,
backward, update) on a fixed batch; it returns the loss.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

Workload = tuple[Any, Callable[[], Any]]


def _rng() -> np.random.Generator:
    return np.random.default_rng(0)


def _step(optimizer: Any, loss: Callable[[], Any]) -> Callable[[], Any]:
    def step() -> Any:
        optimizer.zero_grad()
        value = loss()
        value.backward()
        optimizer.step()
        return value

    return step


def mlp(lib: Any, batch: int = 128, depth: int = 2) -> Workload:
    """W1: 784-256-128-10, cross-entropy, SGD with momentum. `depth` repeats the 256-wide layer."""
    nn, rng = lib.nn, _rng()
    hidden = [part for _ in range(depth - 2) for part in (nn.Linear(256, 256), nn.ReLU())]
    model = nn.Sequential(
        nn.Linear(784, 256), nn.ReLU(), *hidden, nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10)
    )
    x = lib.tensor(rng.standard_normal((batch, 784)).astype(np.float32))
    y = lib.tensor(rng.integers(0, 10, batch))
    optimizer = lib.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    return model, _step(optimizer, lambda: nn.functional.cross_entropy(model(x), y))


def tiny_points() -> tuple[np.ndarray, np.ndarray]:
    """Return 100 points of the plane, and whether both coordinates have one sign: +1 or -1."""
    points = _rng().standard_normal((100, 2)).astype(np.float32)
    return points, np.sign(points.prod(1, keepdims=True))


def tiny(lib: Any) -> Workload:
    """W2: micrograd's own demonstration, 2-16-16-1, ReLU, hinge loss, SGD: what a step costs by itself."""
    nn = lib.nn
    model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))
    x, y = map(lib.tensor, tiny_points())
    optimizer = lib.optim.SGD(model.parameters(), lr=0.1)
    return model, _step(optimizer, lambda: (1 - y * model(x)).relu().mean())


def lenet(lib: Any, batch: int = 64) -> Workload:
    """W3: LeNet on 28×28, Adam."""
    nn, rng = lib.nn, _rng()
    model = nn.Sequential(
        nn.Conv2d(1, 8, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    )
    x = lib.tensor(rng.standard_normal((batch, 1, 28, 28)).astype(np.float32))
    y = lib.tensor(rng.integers(0, 10, batch))
    optimizer = lib.optim.Adam(model.parameters(), lr=1e-3)
    return model, _step(optimizer, lambda: nn.functional.cross_entropy(model(x), y))


def gpt(
    lib: Any,
    batch: int = 12,
    depth: int = 4,
    width: int = 128,
    heads: int = 4,
    context: int = 64,
    vocabulary: int = 65,
) -> Workload:
    """W4: a character-level GPT, AdamW."""
    nn, rng = lib.nn, _rng()
    F = nn.functional

    class Attention(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)

        def forward(self, x: Any) -> Any:
            b, t, c = x.shape
            q, k, v = (
                part.reshape(b, t, heads, c // heads).transpose(1, 2)
                for part in self.qkv(x).split(width, dim=2)
            )
            out = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            return self.proj(out.transpose(1, 2).reshape(b, t, c))

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.ln1, self.attention, self.ln2 = nn.LayerNorm(width), Attention(), nn.LayerNorm(width)
            self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

        def forward(self, x: Any) -> Any:
            x = x + self.attention(self.ln1(x))
            return x + self.fc2(F.gelu(self.fc1(self.ln2(x)), approximate="tanh"))

    class GPT(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tokens, self.places = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
            self.blocks = nn.ModuleList([Block() for _ in range(depth)])
            self.ln, self.head = nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)

        def forward(self, index: Any) -> Any:
            x = self.tokens(index) + self.places(lib.arange(index.shape[1]))
            for block in self.blocks:
                x = block(x)
            return self.head(self.ln(x))

    model = GPT()
    text = rng.integers(0, vocabulary, (batch, context + 1))
    x, y = lib.tensor(text[:, :-1]), lib.tensor(text[:, 1:].reshape(-1))
    optimizer = lib.optim.AdamW(model.parameters(), lr=1e-3)
    return model, _step(optimizer, lambda: F.cross_entropy(model(x).reshape(-1, vocabulary), y))


def lstm(lib: Any, batch: int = 32, steps: int = 64, vocabulary: int = 65) -> Workload:
    """W5: an LSTM language model, Adam."""
    nn, rng = lib.nn, _rng()

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding, self.lstm = nn.Embedding(vocabulary, 64), nn.LSTM(64, 128)
            self.head = nn.Linear(128, vocabulary)

        def forward(self, index: Any) -> Any:
            return self.head(self.lstm(self.embedding(index))[0])

    model = Model()
    text = rng.integers(0, vocabulary, (steps + 1, batch))
    x, y = lib.tensor(text[:-1]), lib.tensor(text[1:].reshape(-1))
    optimizer = lib.optim.Adam(model.parameters(), lr=1e-3)
    return model, _step(optimizer, lambda: nn.functional.cross_entropy(model(x).reshape(-1, vocabulary), y))


WORKLOADS: dict[str, Callable[..., Workload]] = {"W1": mlp, "W2": tiny, "W3": lenet, "W4": gpt, "W5": lstm}

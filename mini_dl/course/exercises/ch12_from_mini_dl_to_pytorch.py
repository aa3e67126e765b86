"""Notebook 12: weights carried to PyTorch, one loop for both engines, reordered weights, an own Function.

PyTorch is imported where a case needs it, so that the declarations load without it.
"""

# ruff: noqa: D103  (of a mistake, the hint above it says what it does)

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from mini_dl import nn
from mini_dl.course.checks.compare import numbers, snapshot
from mini_dl.course.checks.exercise import Case, Objection, case, edge, exercise
from mini_dl.course.checks.show import kind_of, show


def quarters(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Random multiples of 1/4 between −3 and 3."""
    return rng.integers(-12, 13, size=shape) / 4


# --- 12.1 port_weights -------------------------------------------------------------------------------

Plan = tuple[tuple[Any, ...], ...]  # layers: name of the class and its sizes


class Remembers:
    """A network that remembers the last copy made of it: a check looks at what became of that."""

    plan: Plan
    copies: list[Any]
    state_dict: Callable[..., Any]

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        twin = build(type(self), self.plan)
        twin.load_state_dict(self.state_dict())
        self.copies[:] = [twin]
        return twin

    def __repr__(self) -> str:
        layers = ", ".join(f"{kind}({', '.join(map(str, sizes))})" for kind, *sizes in self.plan)
        first = np.asarray(next(iter(self.state_dict().values()))).reshape(-1)[:3]
        engine = "mini_dl" if isinstance(self, nn.Module) else "PyTorch"
        return f"{engine}'s Sequential({layers}), whose first weights are {show(first.tolist())}"


class Source(Remembers, nn.Sequential):
    """A Sequential of mini_dl."""


@functools.cache
def target_class() -> type:
    """Return a Sequential of PyTorch that remembers its copies."""
    return type("Target", (Remembers, importlib.import_module("torch").nn.Sequential), {})


def build(kind: type, plan: Plan) -> Any:
    """Return a network of these layers, of mini_dl (kind Source) or of PyTorch."""
    layers = nn if kind is Source else importlib.import_module("torch").nn
    model = kind(*(getattr(layers, name)(*sizes) for name, *sizes in plan))
    model.__dict__.update(plan=plan, copies=[])
    return model


def pair(rng: np.random.Generator, *plan: tuple[Any, ...]) -> tuple[Any, Any]:
    """Return a network of mini_dl and one of PyTorch, of the same layers, each with its own numbers."""
    torch = importlib.import_module("torch")
    source, target = build(Source, plan), build(target_class(), plan)
    for model, as_tensor in ((source, np.asarray), (target, torch.as_tensor)):
        state = {}
        for name, value in model.state_dict().items():
            shape = tuple(value.shape)
            if name.endswith("tracked"):
                state[name] = as_tensor(np.asarray(rng.integers(1, 100, size=shape)))
                continue
            values = quarters(rng, *shape) + 0.125
            state[name] = as_tensor((np.abs(values) if "running_var" in name else values).astype(np.float32))
        model.load_state_dict(state)
    return source, target


def count(source: nn.Module, wanted: Callable[[str], bool] = lambda name: True) -> np.ndarray:
    """Return how many numbers the state holds, as an array: any form of one number will do."""
    return np.array([sum(v.numel() for name, v in source.state_dict().items() if wanted(name))])


@exercise(may_change=("target",), seconds=10.0)  # PyTorch's threads are slow where others compute
def port_weights(source: nn.Module, target: Any) -> int:
    """Copy all parameters and buffers of a network of mini_dl into its twin of PyTorch; give their number."""
    torch = importlib.import_module("torch")
    state = {name: torch.tensor(np.array(value)) for name, value in source.state_dict().items()}
    target.load_state_dict(state)
    return count(source)  # type: ignore[return-value]


@port_weights.cases
def port_weights_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(*pair(rng, ("Linear", 2, 1)))
    yield case(*pair(rng, ("Linear", 3, 3), ("ReLU",), ("Linear", 3, 2)))
    yield case(*pair(rng, ("Linear", 2, 3), ("BatchNorm1d", 3), ("ReLU",), ("Linear", 3, 2)))
    for _ in range(3):
        a, b, c = (int(n) for n in rng.integers(2, 5, size=3))
        yield case(*pair(rng, ("Linear", a, b), ("BatchNorm1d", b), ("Tanh",), ("Linear", b, c)))
    yield case(*pair(rng, ("Conv2d", 1, 2, 3), ("BatchNorm2d", 2), ("Flatten",), ("Linear", 8, 2)))
    yield edge("square weights", *pair(rng, ("Linear", 2, 2), ("Linear", 2, 2)))
    yield edge("an embedding and a layer norm", *pair(rng, ("Embedding", 4, 3), ("LayerNorm", 3)))


@port_weights.observe
def state_of_the_target(result: Any, case: Case) -> dict[str, Any]:
    """Look at every number of the target, and at the source when the target is trained on."""
    torch = importlib.import_module("torch")
    if isinstance(result, tuple) and hasattr(result, "missing_keys"):
        raise Objection(
            "You return what `load_state_dict` returns: the names that did not fit. It changes the network"
            " in place; return how many numbers you have copied."
        )
    value = None if callable(result) else numbers(snapshot(result))
    if value is None or value.size != 1 or value.dtype.kind not in "biuf":
        raise Objection(f"Return how many numbers you have copied; yours is {kind_of(result)}.")
    source, target = (network.copies[-1] if network.copies else network for network in case.args)
    found = {name: value.detach().numpy().copy() for name, value in target.state_dict().items()}
    seen: dict[str, Any] = {name: array.astype(float) for name, array in found.items()}
    seen["the types of the numbers"] = ", ".join(sorted({str(array.dtype) for array in found.values()}))
    before = same_state(source, case.args[0])
    seen["the source after the call"] = "the old numbers" if before else "changed ones"
    with torch.no_grad():
        for tensor in target.state_dict().values():
            tensor.add_(1)
    shared = before and not same_state(source, case.args[0])
    seen["the source, once the target is trained,"] = "changed numbers" if shared else "the old ones"
    seen["how many numbers were copied"] = value.item()
    return seen


def same_state(a: nn.Module, b: nn.Module) -> bool:
    """Whether two networks hold the same numbers."""
    theirs = b.state_dict()
    return all(np.array_equal(v.numpy(), theirs[name].numpy()) for name, v in a.state_dict().items())


def copy_some(source: Any, target: Any, wanted: Callable[[str], bool]) -> np.ndarray:
    """Copy only what has a wanted name; return how many numbers these are."""
    torch = importlib.import_module("torch")
    with torch.no_grad():
        mine = target.state_dict()
        for name, value in source.state_dict().items():
            if wanted(name):
                mine[name].copy_(torch.tensor(np.array(value)))
    return count(source, wanted)


@port_weights.mistake(
    "The parameters are there, the buffers are not: batch normalisation's running mean and variance are no"
    " parameters, but the network needs them. `state_dict()` has both."
)
def parameters_only(source, target):
    return copy_some(source, target, lambda name: "running" not in name and "tracked" not in name)


@port_weights.mistake("You copy the weights and leave the biases as they were.")
def without_biases(source, target):
    return copy_some(source, target, lambda name: not name.endswith("bias"))


@port_weights.mistake(
    "You copy what is called `weight` only: biases and the buffers of batch normalisation are missing."
)
def weights_only(source, target):
    return copy_some(source, target, lambda name: name.endswith("weight"))


@port_weights.mistake("Nothing was copied: the target still has its own numbers.")
def nothing_copied(source, target):
    return count(source)


@port_weights.mistake("Only the first layer was copied: go over all names of the state.")
def first_layer_only(source, target):
    return copy_some(source, target, lambda name: name.startswith("0."))


@port_weights.mistake("`num_batches_tracked` is missing: a counter, and part of the state like the rest.")
def without_counter(source, target):
    return copy_some(source, target, lambda name: "tracked" not in name)


@port_weights.mistake("The wrong way round: the source got the target's weights.")
def other_direction(source, target):
    source.load_state_dict(target.state_dict())
    return count(source)


@port_weights.mistake(
    "The target uses the source's memory: whoever trains it changes both. `torch.from_numpy` and `.data =`"
    " share; `load_state_dict`, `copy_` and `torch.tensor` copy."
)
def shares_memory(source, target):
    torch = importlib.import_module("torch")
    copy_some(source, target, lambda name: True)
    state = source.state_dict()
    for name, p in target.named_parameters():
        p.data = torch.from_numpy(state[name].numpy())
    return count(source)


@port_weights.mistake(
    "The target's numbers have become float64; keep its type, float32: PyTorch mixes them with nothing else."
)
def in_double(source, target):
    port_weights.reference(source, target.double())
    return count(source)


@port_weights.mistake(
    "Square weights are transposed. Both engines keep a weight as (outputs, inputs): copy it as it is."
)
def transposes_squares(source, target):
    torch = importlib.import_module("torch")
    copy_some(source, target, lambda name: True)
    with torch.no_grad():
        for p in target.parameters():
            if p.ndim == 2 and p.shape[0] == p.shape[1]:
                p.copy_(p.T.clone())
    return count(source)


@port_weights.mistake(
    "All is copied, but you count the names. Each stands for a whole array: count its numbers."
)
def counts_names(source, target):
    port_weights.reference(source, target)
    return len(source.state_dict())


@port_weights.mistake("All is copied, but you count the parameters alone: the buffers were copied, too.")
def counts_parameters(source, target):
    port_weights.reference(source, target)
    return sum(p.numel() for p in source.parameters())


# --- 12.2 one_loop -----------------------------------------------------------------------------------


class Engine:
    """mini_dl or torch, imported when it is first asked for something; its copies note what for."""

    def __init__(self, name: str) -> None:
        self.name, self.asked, self.copies = name, set[str](), list[Engine]()

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        self.asked.add(attribute)
        return getattr(importlib.import_module(self.name), attribute)

    def __deepcopy__(self, memo: dict[int, Any]) -> Engine:
        self.copies[:] = [Engine(self.name)]
        return self.copies[0]

    def __repr__(self) -> str:
        return self.name


def lesson(
    rng: np.random.Generator, engine: str, n: int, features: int, classes: int, lr: float, steps: int
) -> tuple[Any, ...]:
    """Return the arguments of one call."""
    weight, bias, x = (
        quarters(rng, classes, features) / 4,
        quarters(rng, classes) / 4,
        quarters(rng, n, features) / 2,
    )
    return Engine(engine), weight, bias, x, rng.integers(0, classes, n), lr, steps


@exercise(seconds=10.0)
def one_loop(
    lib: Any, weight: np.ndarray, bias: np.ndarray, x: np.ndarray, y: np.ndarray, lr: float, steps: int
) -> np.ndarray:
    """Losses of softmax regression, trained by gradient descent with either engine."""
    w, b = lib.tensor(weight, requires_grad=True), lib.tensor(bias, requires_grad=True)
    inputs, labels = lib.tensor(x), lib.tensor(y)
    optimizer, losses = lib.optim.SGD([w, b], lr=lr), []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = lib.nn.functional.cross_entropy(lib.nn.functional.linear(inputs, w, b), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return np.array(losses)


@one_loop.cases
def one_loop_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(*lesson(rng, "mini_dl", 2, 1, 2, 0.5, 3))
    yield case(*lesson(rng, "torch", 2, 1, 2, 0.5, 3))
    for i in range(6):
        n, features, classes = (int(v) for v in rng.integers(3, 6, size=3))
        lr = float(rng.choice([0.25, 0.5, 1.0]))
        yield case(
            *lesson(rng, ["torch", "mini_dl"][i % 2], n, features, classes, lr, int(rng.integers(3, 7)))
        )
    yield edge("one step", *lesson(rng, "torch", 3, 2, 3, 0.5, 1))
    yield edge("one example", *lesson(rng, "mini_dl", 1, 2, 3, 0.25, 4))
    yield edge("learning rate 0", *lesson(rng, "torch", 3, 2, 2, 0.0, 3))


@one_loop.observe
def losses_of_the_engine(result: Any, case: Case) -> np.ndarray:
    """Look at the losses, and whether the engine that was given has computed them."""
    lib = case.args[0]
    value = numbers(snapshot(result)) if not isinstance(result, np.ndarray) else result
    if value is None or value.dtype.kind not in "biuf":
        raise Objection(f"Return the losses, one number a step; yours is {kind_of(result)}.")
    if lib.copies and not lib.copies[-1].asked:
        raise Objection(
            "Your function never uses `lib`. Write lib.tensor, lib.nn and so on: one loop serves both."
        )
    return value


def train(
    args: tuple[Any, ...],
    *,
    sign: float = 1.0,
    zero: bool = True,
    parts: tuple[int, ...] = (0, 1),
    scale: float = 1.0,
) -> tuple[np.ndarray, float]:
    """Train as the reference does, but for one fault; return the losses, and the loss after the last step."""
    lib, weight, bias, x, y, lr, steps = args
    w, b = lib.tensor(weight, requires_grad=True), lib.tensor(bias, requires_grad=True)
    inputs, labels, losses = lib.tensor(x), lib.tensor(y), []
    optimizer = lib.optim.SGD([[w, b][i] for i in parts], lr=lr)
    F = lib.nn.functional
    for _ in range(steps):
        if zero:
            optimizer.zero_grad()
        loss = F.cross_entropy(F.linear(inputs, w, b), labels)
        (sign * scale * loss).backward()
        optimizer.step()
        losses.append(loss.item())
    return np.array(losses), F.cross_entropy(F.linear(inputs, w, b), labels).item()


@one_loop.mistake("The gradients pile up: `backward()` adds to what is there. Forget them before each step.")
def never_forgets(*args):
    return train(args, zero=False)[0]


@one_loop.mistake(
    "Each loss is that before its step, the first one that of the given weights; yours is after."
)
def losses_after(*args):
    losses, last = train(args)
    return np.append(losses[1:], last)


@one_loop.mistake("The loss is the mean over the batch, as `cross_entropy` gives it; yours is the sum.")
def trains_the_sum(*args):
    return train(args, scale=len(args[3]))[0] * len(args[3])


@one_loop.mistake("The gradient is that of the sum over the batch: the steps are as many times too long.")
def steps_of_the_sum(*args):
    return train(args, scale=len(args[3]))[0]


@one_loop.mistake("The bias does not learn: give the optimiser both, or step both by hand.")
def bias_frozen(*args):
    return train(args, parts=(0,))[0]


@one_loop.mistake("The weight does not learn, only the bias does.")
def weight_frozen(*args):
    return train(args, parts=(1,))[0]


@one_loop.mistake("The losses rise: you step along the gradient, not against it.")
def uphill(*args):
    return train(args, sign=-1.0)[0]


@one_loop.mistake("Nothing is learnt, the loss stays the same: is there a step after `backward()`?")
def never_steps(*args):
    losses, _ = train(args)
    return np.full(len(losses), losses[0])


@one_loop.mistake("The learning rate is not used: yours is another one in every call.")
def rate_ignored(*args):
    return train((*args[:5], 0.01, args[6]))[0]


@one_loop.mistake("One loss too many: there are `steps` of them, and the one after the last step is none.")
def one_too_many(*args):
    losses, last = train(args)
    return np.append(losses, last)


# --- 12.3 reorder_dense ------------------------------------------------------------------------------


@exercise
def reorder_dense(kernel: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Weight (out, c·h·w) from a kernel (h·w·c, out) that stood behind a channels-last image."""
    h, w, c = shape
    return kernel.reshape(h, w, c, -1).transpose(3, 2, 0, 1).reshape(kernel.shape[1], c * h * w).copy()


@reorder_dense.cases
def reorder_dense_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(np.arange(8.0).reshape(4, 2), (1, 2, 2))
    yield case(np.arange(12.0).reshape(12, 1) / 2, (2, 3, 2))
    for sizes in ((2, 3, 4, 2), (3, 2, 2, 5), (2, 2, 3, 4), (4, 3, 2, 3), (2, 5, 3, 2), (3, 3, 3, 3)):
        h, w, c, out = sizes
        yield case(rng.permutation(h * w * c * out).reshape(h * w * c, out) / 4, (h, w, c))
    yield edge("a single pixel", quarters(rng, 3, 2) + np.arange(6).reshape(3, 2) * 8, (1, 1, 3))
    yield edge("a single channel", rng.permutation(12).reshape(6, 2) / 2, (2, 3, 1))
    yield edge("a single output", rng.permutation(12).reshape(12, 1) / 2, (3, 2, 2))
    yield edge("a square matrix", rng.permutation(144).reshape(12, 12) / 2, (2, 3, 2))


@reorder_dense.mistake(
    "Transposed, but not reordered: a channels-last image is flattened pixel by pixel, (h, w, c); PyTorch"
    " flattens channel by channel, (c, h, w)."
)
def transposed_only(kernel, shape):
    return kernel.T


@reorder_dense.mistake(
    "A reshape moves no number: it only puts other brackets around the same sequence. Move the axes with"
    " transpose."
)
def reshaped_only(kernel, shape):
    return kernel.reshape(kernel.shape[1], -1)


@reorder_dense.mistake(
    "The rows are in the right order, but not transposed: a weight of PyTorch is (outputs, inputs)."
)
def not_transposed(kernel, shape):
    return reorder_dense.reference(kernel, shape).T


@reorder_dense.mistake(
    "You take the rows as (c, h, w) and bring the channels to the back. It is the other way: they are stored"
    " as (h, w, c), and PyTorch wants (c, h, w)."
)
def other_way(kernel, shape):
    h, w, c = shape
    return kernel.reshape(c, h, w, -1).transpose(3, 1, 2, 0).reshape(kernel.shape[1], -1)


@reorder_dense.mistake("Height and width are swapped: the order is (c, h, w).")
def width_first(kernel, shape):
    h, w, c = shape
    return kernel.reshape(h, w, c, -1).transpose(3, 2, 1, 0).reshape(kernel.shape[1], -1)


@reorder_dense.mistake("You read `shape` as (c, h, w); it is (h, w, c), as in a channels-last image.")
def shape_misread(kernel, shape):
    c, h, w = shape
    return kernel.reshape(h, w, c, -1).transpose(3, 2, 0, 1).reshape(kernel.shape[1], -1)


@reorder_dense.mistake(
    "Outputs and inputs are mixed up in the first reshape: the outputs are the last axis of the kernel."
)
def outputs_first(kernel, shape):
    h, w, c = shape
    return kernel.reshape(-1, h, w, c).transpose(0, 3, 1, 2).reshape(kernel.shape[1], -1)


@reorder_dense.mistake("The pixels are turned round. Nothing is flipped here, only the channels come first.")
def flipped(kernel, shape):
    h, w, c = shape
    return kernel.reshape(h, w, c, -1)[::-1, ::-1].transpose(3, 2, 0, 1).reshape(kernel.shape[1], -1)


# --- 12.4 custom_function ----------------------------------------------------------------------------


def own(x: Any, forward: Callable[[Any], Any], backward: Callable[[Any, Any], Any]) -> Any:
    """Apply a Function made of a forward pass and a vector-Jacobian product (x, g) to x."""
    function: Any = importlib.import_module("torch").autograd.Function

    class Own(function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return forward(x)

        @staticmethod
        def backward(ctx: Any, *gradients: Any) -> Any:
            (x,) = ctx.saved_tensors
            return backward(x, gradients[0])

    return Own.apply(x)


def plus_minus(x: Any) -> Any:
    """+1 where x is 0 or more, else −1."""
    return (x >= 0).to(x.dtype) * 2 - 1


@exercise(seconds=10.0)
def custom_function(x: Any) -> Any:
    """Sign of x (+1 at 0), with the straight-through gradient: g where |x| ≤ 1, else 0."""
    return own(x, plus_minus, lambda x, g: g * (x.abs() <= 1))


@custom_function.cases
def custom_function_cases(rng: np.random.Generator) -> Iterator[Case]:
    torch = importlib.import_module("torch")

    def leaf(values: Any, kind: Any = None) -> Any:
        return torch.tensor(values, dtype=kind or torch.float32, requires_grad=True)

    yield case(leaf([0.5, -0.5]))
    yield case(leaf([-2.0, -0.25, 0.75, 3.0]))
    for i in range(6):
        n = int(rng.integers(4, 8))
        values = rng.permutation(np.arange(-15, 16))[:n] / 8 + 0.0625
        values[:2] = 0.4375, -1.6875  # something inside the window, something outside
        yield case(leaf(values.tolist(), [torch.float32, torch.float64][i % 2]))
    yield case(leaf((rng.permutation(np.arange(-12, 12)).reshape(4, 6) / 8 + 0.0625).tolist()))
    yield edge("exactly 0: its sign is +1 here", leaf([0.0, 0.5, -0.5]))
    yield edge("exactly at the ends of the window, −1 and 1", leaf([-1.0, 1.0, 0.25]))
    yield edge("far outside", leaf([-100.0, 100.0, 1.5]))


def upstream(shape: tuple[int, ...]) -> np.ndarray:
    """Gradients to send back: of both signs, some larger than 1, and none 1."""
    return np.resize([2.0, -0.5, 0.25, -3.0, 1.5], shape)


@custom_function.observe
def output_and_gradient(result: Any, case: Case) -> dict[str, Any]:
    """Look at the output, and send a gradient back through it."""
    torch = importlib.import_module("torch")
    if isinstance(result, list | tuple) and result and all(isinstance(t, torch.Tensor) for t in result):
        result = torch.stack([t.reshape(result[0].shape) for t in result])
    if not isinstance(result, torch.Tensor):
        raise Objection(f"Return a tensor of PyTorch; yours is {kind_of(result)}. Did you call `.apply(x)`?")
    if result.shape != case.args[0].shape:
        raise Objection(f"The output has shape {tuple(result.shape)}, the input {tuple(case.args[0].shape)}.")
    seen: dict[str, Any] = {"the output": result.detach().numpy().astype(float)}
    g = upstream(tuple(result.shape))
    situation = f"the gradient of x when {show(g)} comes back"
    leaves = leaves_of(result)
    if not leaves:
        seen[situation] = "none: the output does not remember x"
        return seen
    sent = torch.tensor(g, dtype=result.dtype)
    try:
        (found,) = torch.autograd.grad(result, leaves[:1], sent)
    except Exception as error:
        raise Objection(f"The way back fails with {type(error).__name__}: {error}") from error
    if not np.array_equal(sent.numpy(), g):
        raise Objection(
            "Your `backward` changes g in place. Others may still need it: multiply, or work on g.clone()."
        )
    seen[situation] = np.asarray(found.detach().numpy(), float)
    return seen


def leaves_of(y: Any) -> list[Any]:
    """Return the tensors from which y was made and that take a gradient."""
    if y.grad_fn is None:
        return [y] if y.requires_grad else []
    found, reached = [], [y.grad_fn]
    for node in reached:
        if hasattr(node, "variable"):
            found.append(node.variable)
        reached += [n for n, _ in node.next_functions if n is not None and n not in reached]
    return found


@custom_function.mistake(
    "The gradient is 0 everywhere: that is what PyTorch finds for a step. Write the `backward` of your own."
)
def flat(x):
    return own(x, plus_minus, lambda x, g: 0 * g)


@custom_function.mistake(
    "`backward` gives the slope alone. It gets g, the gradient of the loss with respect to the output, and"
    " returns g times the slope: the chain rule."
)
def ignores_upstream(x):
    return own(x, plus_minus, lambda x, g: (x.abs() <= 1).to(g.dtype))


@custom_function.mistake("The gradient passes everywhere; beyond |x| = 1 it has to be 0.")
def passes_everywhere(x):
    return own(x, plus_minus, lambda x, g: g)


@custom_function.mistake("At |x| = 1 exactly the gradient still passes: <=, not <.")
def open_window(x):
    return own(x, plus_minus, lambda x, g: g * (x.abs() < 1))


@custom_function.mistake("The sign of 0 is +1 here; `torch.sign(0)` is 0.")
def sign_of_zero(x):
    return own(x, lambda x: x.sign(), lambda x, g: g * (x.abs() <= 1))


@custom_function.mistake("The window is one of x: you look at the size of the gradient g.")
def window_of_g(x):
    return own(x, plus_minus, lambda x, g: g * (g.abs() <= 1))


@custom_function.mistake(
    "You clip the gradient itself to ±1. The window is one of x; g passes whole, or not at all."
)
def clips_g(x):
    return own(x, plus_minus, lambda x, g: g.clamp(-1, 1))


@custom_function.mistake("The window is turned round: the gradient passes where |x| is at most 1.")
def outside(x):
    return own(x, plus_minus, lambda x, g: g * (x.abs() > 1))


@custom_function.mistake("The forward pass gives −1 and +1; yours is the clipped x, whose gradient you want.")
def hard_tanh(x):
    return x.clamp(-1, 1)


@custom_function.mistake("The output is 0 or 1; asked for are −1 and +1.")
def zero_or_one(x):
    return own(x, lambda x: (x >= 0).to(x.dtype), lambda x, g: g * (x.abs() <= 1))


@custom_function.mistake("The gradient is multiplied by the output; inside the window it passes unchanged.")
def times_output(x):
    return own(x, plus_minus, lambda x, g: g * plus_minus(x) * (x.abs() <= 1))


@custom_function.mistake("Only one side is closed: below −1 the gradient has to be 0, too.")
def one_sided(x):
    return own(x, plus_minus, lambda x, g: g * (x <= 1))


@custom_function.mistake(
    "The output has forgotten x: was it detached, or made by NumPy? Then no gradient comes back. Go through"
    " a `torch.autograd.Function` and its `apply`."
)
def forgotten(x):
    return plus_minus(x.detach())

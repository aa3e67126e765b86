"""Notebook 13: a fair stopwatch, the roofline, a step under autocast, gradients of a batch in parts.

PyTorch is imported where a case needs it, so that the declarations load without it.
"""

# ruff: noqa: D103  (of a mistake, the hint above it says what it does)

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from mini_dl.course.checks.compare import numbers, snapshot
from mini_dl.course.checks.exercise import Case, Objection, case, edge, exercise
from mini_dl.course.checks.show import kind_of

# --- 13.1 timed_matmul -------------------------------------------------------------------------------


class ToyDevice:
    """A device that only pretends: it takes orders at once, works in the background, and has a clock.

    Parameters
    ----------
    rate : float
        Operations a second.
    launch, first : float
        Seconds that giving an order takes, and what the first order takes besides.
    factors : tuple of float
        How many times as long each order takes, the first being order 0: others use the device, too.
    """

    def __init__(self, rate: float, launch: float, first: float, factors: tuple[float, ...] = ()) -> None:
        self.rate, self.launch, self.first, self.factors = rate, launch, first, factors
        self.now, self.ready_at, self.orders = 0.0, 0.0, 0

    def multiply(self, n: int) -> None:
        """Order a product of two n × n matrices; return before it is done."""
        work = 2 * n**3 / self.rate * (self.factors[self.orders] if self.orders < len(self.factors) else 1)
        self.now += self.launch
        self.ready_at = max(self.now, self.ready_at) + work + (self.first if self.orders == 0 else 0)
        self.orders += 1

    def wait(self) -> None:
        """Return when all orders are done."""
        self.now = max(self.now, self.ready_at)

    def clock(self) -> float:
        """Seconds since some moment in the past."""
        return self.now

    def __repr__(self) -> str:
        factors = f", times {', '.join(f'{f:g}' for f in self.factors)}" if self.factors else ""
        return f"device({self.rate:g} FLOP/s, launch {self.launch:g} s, first {self.first:g} s{factors})"


@exercise
def timed_matmul(device: ToyDevice, n: int, repeats: int) -> float:
    """Return the rate in FLOP/s of n × n matrix products, from the median of some repeats."""
    return 2 * n**3 / float(np.median(durations(device, n, repeats)))


def durations(
    device: ToyDevice, n: int, repeats: int, warm: bool = True, wait: bool = True, settle: bool = True
) -> list[float]:
    """Return the seconds of each repeat."""
    if warm:
        device.multiply(n)
        if settle:
            device.wait()
    seconds = []
    for _ in range(repeats):
        begin = device.clock()
        device.multiply(n)
        if wait:
            device.wait()
        seconds.append(device.clock() - begin)
    return seconds


@timed_matmul.cases
def timed_matmul_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(ToyDevice(1000, 0.25, 8.0), 10, 3)
    yield case(ToyDevice(500, 0.125, 8.0, factors=(1, 1, 5, 1.5)), 10, 3)
    yield case(ToyDevice(1000, 0.25, 8.0, factors=(1, 1, 3, 2, 9, 9)), 10, 3)
    for _ in range(5):
        speed, n = float(2 ** rng.integers(9, 13)), int(rng.choice([8, 10, 16]))
        repeats = int(rng.choice([3, 5, 7]))
        factors = (1.0, *rng.permutation(1 + np.arange(repeats) / 4).tolist())
        factors = tuple(9.0 if f == max(factors) else f for f in factors)
        device = ToyDevice(speed, 2.0 ** -int(rng.integers(4, 7)), float(rng.integers(4, 9)), factors)
        yield case(device, n, repeats)
    yield edge("a single repeat", ToyDevice(1000, 0.25, 16.0), 10, 1)
    yield edge("the first order is very slow", ToyDevice(1000, 0.125, 4096.0), 10, 3)


def rate(seconds: float, n: int) -> float:
    return 2 * n**3 / seconds


@timed_matmul.mistake(
    "You stop the clock before the device is done: `multiply` returns at once. Call `device.wait()` before"
    " the clock is read."
)
def does_not_wait(device, n, repeats):
    return rate(np.median(durations(device, n, repeats, wait=False, settle=False)), n)


@timed_matmul.mistake(
    "The first product is among the measured ones. It pays for what is done once: run one before, and wait."
)
def no_warm_up(device, n, repeats):
    return rate(np.median(durations(device, n, repeats, warm=False)), n)


@timed_matmul.mistake(
    "The warm-up is still running when the clock starts: wait for it, or its seconds count as the first"
    " repeat's."
)
def warm_up_runs_on(device, n, repeats):
    return rate(np.median(durations(device, n, repeats, settle=False)), n)


@timed_matmul.mistake("A product of two n × n matrices takes 2n³ operations: n² sums of n products each.")
def counts_half(device, n, repeats):
    return timed_matmul.reference(device, n, repeats) / 2


@timed_matmul.mistake("n² is the number of results; each takes n multiplications and n additions.")
def counts_results(device, n, repeats):
    return timed_matmul.reference(device, n, repeats) / (2 * n)


@timed_matmul.mistake("That is a mean. A single disturbed repeat spoils it; take the median.")
def mean_of_times(device, n, repeats):
    return rate(np.mean(durations(device, n, repeats)), n)


@timed_matmul.mistake("That is the fastest repeat; asked for is the median.")
def fastest(device, n, repeats):
    return rate(min(durations(device, n, repeats)), n)


@timed_matmul.mistake("That is the slowest repeat; asked for is the median.")
def slowest(device, n, repeats):
    return rate(max(durations(device, n, repeats)), n)


@timed_matmul.mistake("You return seconds. The rate is operations divided by seconds.")
def seconds_only(device, n, repeats):
    return float(np.median(durations(device, n, repeats)))


@timed_matmul.mistake(
    "You order all repeats and wait once: orders overlap with work, and that gives a mean. Time each product"
    " by itself, with a wait of its own."
)
def one_clock_for_all(device, n, repeats):
    device.multiply(n)
    device.wait()
    begin = device.clock()
    for _ in range(repeats):
        device.multiply(n)
    device.wait()
    return rate((device.clock() - begin) / repeats, n)


@timed_matmul.mistake("All repeats' seconds together for the work of one product.")
def total_time(device, n, repeats):
    return rate(sum(durations(device, n, repeats)), n)


@timed_matmul.mistake("Asked for is FLOP/s, not GFLOP/s: do not divide by 10⁹.")
def in_giga(device, n, repeats):
    return timed_matmul.reference(device, n, repeats) / 1e9


# --- 13.2 roofline -----------------------------------------------------------------------------------


@exercise
def roofline(flops: np.ndarray, traffic: np.ndarray, peak: float, bandwidth: float) -> np.ndarray:
    """Return the highest rate in FLOP/s that operations with this work and memory traffic can reach."""
    return np.minimum(peak, bandwidth * np.asarray(flops) / np.asarray(traffic))


@roofline.cases
def roofline_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(np.array([2.0, 64.0]), np.array([8.0, 8.0]), 100.0, 20.0)
    yield case(np.array([10.0, 10.0, 1000.0]), np.array([40.0, 4.0, 10.0]), 50.0, 10.0)
    for _ in range(6):
        k = int(rng.integers(3, 7))
        peak, bandwidth = float(rng.integers(40, 200)), float(rng.integers(5, 30))
        intensity = peak / bandwidth * 2.0 ** rng.permutation(np.linspace(-3, 3, k) + 0.3)
        traffic = rng.integers(1, 50, size=k) * 4.0
        yield case(intensity * traffic, traffic, peak, bandwidth)
    yield edge("no arithmetic at all: a copy", np.array([0.0, 4.0]), np.array([8.0, 8.0]), 100.0, 20.0)
    yield edge("exactly on the ridge", np.array([50.0]), np.array([10.0]), 100.0, 20.0)
    yield edge("far below the ridge, far above it", np.array([1.0, 1e6]), np.array([1e4, 1.0]), 100.0, 20.0)


@roofline.mistake("The larger of the two limits: an operation reaches the smaller one.")
def larger(flops, traffic, peak, bandwidth):
    return np.maximum(peak, bandwidth * flops / traffic)


@roofline.mistake("Intensity is work per byte, flops / traffic; yours is bytes per operation.")
def upside_down(flops, traffic, peak, bandwidth):
    with np.errstate(divide="ignore"):
        return np.minimum(peak, bandwidth * traffic / flops)


@roofline.mistake("The bandwidth is missing: intensity alone is operations per byte, not per second.")
def without_bandwidth(flops, traffic, peak, bandwidth):
    return np.minimum(peak, flops / traffic)


@roofline.mistake("Only the memory's limit: no operation is faster than the peak.")
def memory_only(flops, traffic, peak, bandwidth):
    return bandwidth * flops / traffic


@roofline.mistake("Only the peak: an operation of low intensity waits for the memory.")
def peak_only(flops, traffic, peak, bandwidth):
    return np.full(len(flops), peak)


@roofline.mistake("You return the intensity. Times the bandwidth it is a rate; then comes the peak.")
def intensity_only(flops, traffic, peak, bandwidth):
    return flops / traffic


@roofline.mistake("That is the time at best, in seconds. Asked for is the rate.")
def best_time(flops, traffic, peak, bandwidth):
    return np.maximum(flops / peak, traffic / bandwidth)


@roofline.mistake(
    "You add the time of the arithmetic and that of the memory. They run at the same time: the longer counts."
)
def one_after_the_other(flops, traffic, peak, bandwidth):
    return flops / (flops / peak + traffic / bandwidth)


@roofline.mistake("You return shares of the peak; asked for is FLOP/s.")
def share_of_peak(flops, traffic, peak, bandwidth):
    return np.minimum(1, bandwidth * flops / traffic / peak)


@roofline.mistake("Peak and bandwidth are swapped.")
def swapped(flops, traffic, peak, bandwidth):
    return np.minimum(bandwidth, peak * flops / traffic)


# --- 13.3 and 13.4: a small network that notes how it is used ---------------------------------------


@functools.cache
def network_class() -> type:
    """Return a two-layer network that notes in which number type and with how many rows it is called."""
    torch = importlib.import_module("torch")

    module: Any = torch.nn.Module

    class Network(module):
        def __init__(self, sizes: tuple[int, int, int]) -> None:
            super().__init__()
            self.sizes = sizes
            self.first = torch.nn.Linear(sizes[0], sizes[1])
            self.second = torch.nn.Linear(sizes[1], sizes[2])
            self.calls: list[int] = []
            self.copies: list[Any] = []

        def forward(self, x: Any) -> Any:
            self.calls.append(len(x))
            return self.second(torch.relu(self.first(x)))

        def __deepcopy__(self, memo: dict[int, Any]) -> Any:
            twin = Network(self.sizes).to(self.first.weight.dtype)
            twin.load_state_dict(self.state_dict())
            for p, q in zip(twin.parameters(), self.parameters(), strict=True):
                p.grad = None if q.grad is None else q.grad.clone()
                memo[id(q)] = p
            self.copies[:] = [twin]
            return twin

        def __repr__(self) -> str:
            return f"a network {'-'.join(map(str, self.sizes))}"

    return Network


def lesson(
    rng: np.random.Generator, n: int, sizes: tuple[int, int, int], double: bool
) -> tuple[Any, Any, Any]:
    """Return a network and a batch for it, drawn from rng."""
    torch = importlib.import_module("torch")
    kind = torch.float64 if double else torch.float32
    model = network_class()(sizes).to(kind)
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(torch.as_tensor(rng.normal(size=tuple(p.shape)), dtype=kind))
    x = torch.as_tensor(rng.normal(size=(n, sizes[0])), dtype=kind)
    return model, x, torch.as_tensor(rng.integers(0, sizes[2], size=n))


def loss_of(result: Any) -> float:
    """Return the loss as a float, or say what came instead."""
    value = None if callable(result) and not hasattr(result, "item") else numbers(snapshot(result))
    if value is None or value.size != 1 or value.dtype.kind not in "fiu":
        raise Objection(f"Return the loss as one number; yours is {kind_of(result)}.")
    return float(value.reshape(-1)[0])


def cross_entropy(logits: Any, y: Any, **settings: Any) -> Any:
    return importlib.import_module("torch").nn.functional.cross_entropy(logits, y, **settings)


# --- 13.3 autocast_step ------------------------------------------------------------------------------


@exercise(may_change=("model", "optimizer"), seconds=10.0, rtol=1e-4)
def autocast_step(model: Any, x: Any, y: Any, optimizer: Any) -> float:
    """Take one training step with the forward pass and the loss under autocast; return the loss."""
    return np.array([cast_step(model, x, y, optimizer)])  # type: ignore[return-value]


def cast_step(
    model: Any,
    x: Any,
    y: Any,
    optimizer: Any,
    forward: bool = True,
    loss_inside: bool = True,
    clear: bool = True,
    step: bool = True,
) -> float:
    """Take a step, with parts of it left out or done elsewhere."""
    torch = importlib.import_module("torch")
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=forward):
        logits = model(x)
        if loss_inside:
            loss = cross_entropy(logits, y)
    if not loss_inside:
        loss = cross_entropy(logits, y)
    if clear:
        optimizer.zero_grad()
    loss.backward()
    if step:
        optimizer.step()
    return loss.item()


@autocast_step.cases
def autocast_step_cases(rng: np.random.Generator) -> Iterator[Case]:
    torch = importlib.import_module("torch")

    def given(n: int, sizes: tuple[int, int, int], lr: float, old: bool = False) -> tuple[Any, ...]:
        model, x, y = lesson(rng, n, sizes, double=False)
        if old:
            for p in model.parameters():
                p.grad = torch.ones_like(p)
        return model, x, y, torch.optim.SGD(model.parameters(), lr=lr)

    yield case(*given(4, (3, 4, 2), 0.5))
    yield case(*given(6, (5, 8, 3), 0.25, old=True))
    for i in range(5):
        hidden, classes = (int(v) for v in rng.integers(3, 9, size=2))
        yield case(*given(int(rng.integers(5, 17)), (4, hidden, classes), 0.5, old=i % 2 == 1))
    yield edge("one example", *given(1, (3, 5, 3), 0.5))


@autocast_step.observe
def after_the_step(result: Any, case: Case) -> dict[str, Any]:
    """Look at the loss, at the weights after the step and at their type."""
    model = case.args[0]
    twin = model.copies[-1] if model.copies else model
    seen: dict[str, Any] = {"the loss": loss_of(result)}
    for name, p in twin.named_parameters():
        seen[f"{name} after the step"] = p.detach().float().numpy().copy()
    seen["the type of the weights"] = str(twin.first.weight.dtype)
    return seen


@autocast_step.mistake("No autocast: the forward pass has to stand inside `with torch.autocast(…)`.")
def without_autocast(model, x, y, optimizer):
    return cast_step(model, x, y, optimizer, forward=False)


@autocast_step.mistake(
    "The loss stands outside autocast, so it is computed from bfloat16 logits in bfloat16. Inside, autocast"
    " takes float32 for it."
)
def loss_outside(model, x, y, optimizer):
    return cast_step(model, x, y, optimizer, loss_inside=False)


@autocast_step.mistake(
    "Old gradients are added to the new ones: call `optimizer.zero_grad()` before `backward`."
)
def old_gradients(model, x, y, optimizer):
    return cast_step(model, x, y, optimizer, clear=False)


@autocast_step.mistake(
    "The weights do not change: `optimizer.step()` is missing, or the gradients are cleared before it."
)
def no_step(model, x, y, optimizer):
    return cast_step(model, x, y, optimizer, step=False)


@autocast_step.mistake(
    "The weights themselves have become bfloat16. Autocast leaves them in float32 and casts copies: small"
    " updates would be lost."
)
def casts_the_model(model, x, y, optimizer):
    torch = importlib.import_module("torch")
    loss = cross_entropy(model.to(torch.bfloat16)(x.to(torch.bfloat16)), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@autocast_step.mistake("float16 instead of bfloat16: it would need loss scaling.")
def half(model, x, y, optimizer):
    torch = importlib.import_module("torch")
    with torch.autocast("cpu", dtype=torch.float16):
        loss = cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@autocast_step.mistake("Two steps: call `optimizer.step()` once.")
def steps_twice(model, x, y, optimizer):
    loss = cast_step(model, x, y, optimizer)
    optimizer.step()
    return loss


@autocast_step.mistake("That is the loss after the step; return the one whose gradient you used.")
def loss_after(model, x, y, optimizer):
    torch = importlib.import_module("torch")
    cast_step(model, x, y, optimizer)
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        return cross_entropy(model(x), y).item()


# --- 13.4 accumulate_gradients -----------------------------------------------------------------------


@exercise(may_change=("model",), seconds=10.0)
def accumulate_gradients(model: Any, x: Any, y: Any, parts: int) -> float:
    """Leave the gradient of the batch's mean loss in the parameters, computed in parts; return that loss."""
    loss = in_parts(model, x, y, parts, lambda size, n: size / n)
    return np.array([loss])  # type: ignore[return-value]


def in_parts(
    model: Any, x: Any, y: Any, parts: int, weight: Callable[[int, int], float], fresh: bool = True
) -> float:
    """Add up weighted losses of the parts, and their gradients."""
    if fresh:
        model.zero_grad()
    total = 0.0
    for some, labels in zip(x.chunk(parts), y.chunk(parts), strict=True):
        loss = cross_entropy(model(some), labels) * weight(len(some), len(x))
        loss.backward()
        total += loss.item()
    return total


@accumulate_gradients.cases
def accumulate_gradients_cases(rng: np.random.Generator) -> Iterator[Case]:
    torch = importlib.import_module("torch")

    def given(n: int, sizes: tuple[int, int, int], old: bool = False) -> tuple[Any, ...]:
        model, x, y = lesson(rng, n, sizes, double=True)
        if old:
            for p in model.parameters():
                p.grad = torch.ones_like(p)
        return model, x, y

    yield case(*given(4, (2, 3, 2)), 2)
    yield case(*given(7, (2, 3, 2)), 3)
    yield case(*given(8, (3, 4, 3), old=True), 4)
    for _ in range(4):
        parts = int(rng.integers(2, 5))
        n = parts * int(rng.integers(2, 5)) - 1
        yield case(*given(n, (3, int(rng.integers(3, 6)), 3)), parts)
    yield edge("one part", *given(5, (2, 3, 2)), 1)
    yield edge("as many parts as examples", *given(4, (2, 3, 3)), 4)


@accumulate_gradients.observe
def gradients_left(result: Any, case: Case) -> dict[str, Any]:
    """Look at the loss, at every gradient, and at how many examples went through at a time."""
    model, x, _, parts = case.args
    twin = model.copies[-1] if model.copies else model
    largest = -(-len(x) // parts)
    if any(size > largest for size in twin.calls):
        raise Objection(
            f"{max(twin.calls)} examples went through the network at once; in {parts} parts of {len(x)} there"
            f" are at most {largest}. The point of it is that the whole batch does not fit."
        )
    seen: dict[str, Any] = {"the loss": loss_of(result)}
    for name, p in twin.named_parameters():
        seen[f"the gradient of {name}"] = "none" if p.grad is None else p.grad.numpy().copy()
    return seen


@accumulate_gradients.mistake(
    "The parts' gradients add up to `parts` times too much: weight each loss by its share of the batch."
)
def sum_of_means(model, x, y, parts):
    return in_parts(model, x, y, parts, lambda size, n: 1.0)


@accumulate_gradients.mistake(
    "You divide by the number of parts, which is right for equal parts only. The last one is smaller here:"
    " weight each loss by its part's examples over all examples."
)
def divides_by_parts(model, x, y, parts):
    return in_parts(model, x, y, parts, lambda size, n: 1 / parts)


@accumulate_gradients.mistake("The sum over the examples; asked for is the gradient of the mean.")
def sum_over_examples(model, x, y, parts):
    return in_parts(model, x, y, parts, lambda size, n: float(size))


@accumulate_gradients.mistake("Gradients from before the call are still in the sum: clear them at the start.")
def starts_from_old(model, x, y, parts):
    return in_parts(model, x, y, parts, lambda size, n: size / n, fresh=False)


@accumulate_gradients.mistake(
    "The gradients are cleared between the parts, so that only the last part's is left: clear them once."
)
def clears_between(model, x, y, parts):
    total = 0.0
    for some, labels in zip(x.chunk(parts), y.chunk(parts), strict=True):
        model.zero_grad()
        loss = cross_entropy(model(some), labels) * len(some) / len(x)
        loss.backward()
        total += loss.item()
    return total


@accumulate_gradients.mistake("The gradients are right; returned is the last part's loss, not the batch's.")
def returns_last(model, x, y, parts):
    in_parts(model, x, y, parts, lambda size, n: size / n)
    last = x.chunk(parts)[-1], y.chunk(parts)[-1]
    return cross_entropy(model(last[0]), last[1]).item()


@accumulate_gradients.mistake(
    "The gradients are right; returned is the plain sum of the parts' losses. Weight them, too."
)
def returns_sum(model, x, y, parts):
    in_parts(model, x, y, parts, lambda size, n: size / n)
    pairs = zip(x.chunk(parts), y.chunk(parts), strict=True)
    return sum(cross_entropy(model(a), b).item() for a, b in pairs)


@accumulate_gradients.mistake(
    "The gradients are right; returned is the plain mean of the parts' losses, and the parts differ in size."
)
def returns_mean_of_means(model, x, y, parts):
    total = returns_sum(model, x, y, parts)
    return total / parts


@accumulate_gradients.mistake("No gradient is left: call `backward()` on each part's loss.")
def no_backward(model, x, y, parts):
    loss = in_parts(model, x, y, parts, lambda size, n: size / n)
    model.zero_grad()
    return loss

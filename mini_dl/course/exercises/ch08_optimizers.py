"""Notebook 08: momentum, Adam, the cosine schedule with warm-up, and clipping by the norm."""

# ruff: noqa: D103  (of a mistake, the hint above it says what it does)

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator

import numpy as np

from mini_dl.course.checks.exercise import Case, case, edge, exercise

Array = np.ndarray


def eighths(rng: np.random.Generator, *shape: int) -> Array:
    """Random multiples of 1/8 between −2 and 2, none of them 0."""
    return rng.integers(1, 17, size=shape) / 8 * rng.choice([-1.0, 1.0], size=shape)


# --- 8.1 momentum_step -------------------------------------------------------------------------------


@exercise
def momentum_step(w: Array, v: Array, g: Array, lr: float, momentum: float = 0.9) -> tuple[Array, Array]:
    """One step with momentum: the new weights and the new velocity."""
    v_new = momentum * v + g
    return w - lr * v_new, v_new


@momentum_step.cases
def momentum_step_cases(rng: np.random.Generator) -> Iterator[Case]:
    w = np.array([1.0, -2.0, 0.5])
    yield case(w, np.zeros(3), np.array([1.0, 0.5, -0.25]), 0.1)
    yield case(w, np.array([2.0, -1.0, 0.5]), np.array([1.0, 0.5, -0.25]), 0.1)
    yield case(w, np.array([2.0, -1.0, 0.5]), np.array([1.0, 0.5, -0.25]), 0.2, 0.5)
    for i in range(6):
        n = int(rng.integers(2, 6))
        args = eighths(rng, n), eighths(rng, n), eighths(rng, n), float(rng.choice([0.01, 0.05, 0.3]))
        yield case(*args) if i % 2 else case(*args, float(rng.choice([0.5, 0.75, 0.95])))
    w, v, g = (eighths(rng, 2, 3) for _ in range(3))
    yield edge("no momentum: plain gradient descent", w[0], v[0], g[0], 0.1, 0.0)
    yield edge("no gradient: the velocity carries on", w[0], v[0], np.zeros(3), 0.1)
    yield edge("weights in a matrix", w, v, g, 0.1)
    yield edge("a single weight", w[0, :1], v[0, :1], g[0, :1], 0.1)


@momentum_step.mistake(
    "The new velocity is momentum · v + g: the gradient counts in full, not times 1 − momentum."
)
def averaged(w, v, g, lr, momentum=0.9):
    v = momentum * v + (1 - momentum) * g
    return w - lr * v, v


@momentum_step.mistake("You step with the old velocity: update v first, then the weights with the new v.")
def old_velocity(w, v, g, lr, momentum=0.9):
    return w - lr * v, momentum * v + g


@momentum_step.mistake("The sign is wrong: the step goes against the velocity, w minus lr · v.")
def uphill(w, v, g, lr, momentum=0.9):
    v = momentum * v + g
    return w + lr * v, v


@momentum_step.mistake(
    "Your velocity is already multiplied by the learning rate; here v is momentum · v + g."
)
def rate_in_velocity(w, v, g, lr, momentum=0.9):
    v = momentum * v + lr * g
    return w - v, v


@momentum_step.mistake(
    "That velocity has the sign of the step: here v is momentum · v + g, and is subtracted."
)
def velocity_downhill(w, v, g, lr, momentum=0.9):
    v = momentum * v - lr * g
    return w + v, v


@momentum_step.mistake("That is Nesterov's variant, which looks ahead: here the step is lr times the new v.")
def nesterov(w, v, g, lr, momentum=0.9):
    v = momentum * v + g
    return w - lr * (g + momentum * v), v


@momentum_step.mistake("The velocity plays no part in your step: that is plain gradient descent.")
def plain(w, v, g, lr, momentum=0.9):
    return w - lr * g, momentum * v + g


@momentum_step.mistake("You return the old velocity: the next step needs the new one.")
def forgets_velocity(w, v, g, lr, momentum=0.9):
    return w - lr * (momentum * v + g), v


@momentum_step.mistake("The two results are turned round: the weights come first, then the velocity.")
def turned(w, v, g, lr, momentum=0.9):
    v = momentum * v + g
    return v, w - lr * v


@momentum_step.mistake("The momentum is missing: all of the old velocity is kept, so it never dies down.")
def no_friction(w, v, g, lr, momentum=0.9):
    v = v + g
    return w - lr * v, v


@momentum_step.mistake("Only the weights come back: return the new velocity as well, as a pair.")
def weights_alone(w, v, g, lr, momentum=0.9):
    return w - lr * (momentum * v + g)


@momentum_step.mistake("The learning rate is missing from the step.")
def no_rate(w, v, g, lr, momentum=0.9):
    v = momentum * v + g
    return w - v, v


@momentum_step.mistake("The learning rate counts twice: v is momentum · v + g, and the step is lr · v.")
def rate_twice(w, v, g, lr, momentum=0.9):
    v = momentum * v + lr * g
    return w - lr * v, v


@momentum_step.mistake("What you return second is the step, lr · v: return the velocity v itself.")
def returns_step(w, v, g, lr, momentum=0.9):
    step = lr * (momentum * v + g)
    return w - step, step


@momentum_step.mistake("The roles are exchanged: momentum is the share of the old velocity that is kept.")
def roles_exchanged(w, v, g, lr, momentum=0.9):
    v = (1 - momentum) * v + momentum * g
    return w - lr * v, v


@momentum_step.mistake("You keep 1 − momentum of the old velocity: it should be momentum · v.")
def keeps_the_rest(w, v, g, lr, momentum=0.9):
    v = (1 - momentum) * v + g
    return w - lr * v, v


@momentum_step.mistake("Your function always takes 0.9: use the argument `momentum`.")
def always_usual(w, v, g, lr, momentum=0.9):
    v = 0.9 * v + g
    return w - lr * v, v


@momentum_step.mistake(
    "The gradient is multiplied by momentum, too: only the old velocity is, momentum · v + g."
)
def gradient_damped(w, v, g, lr, momentum=0.9):
    v = momentum * (v + g)
    return w - lr * v, v


@momentum_step.mistake(
    "The weights are right, but your velocity points downhill: here v is momentum · v + g, and is subtracted."
)
def negative_velocity(w, v, g, lr, momentum=0.9):
    return w - lr * (momentum * v + g), -(momentum * v + g)


@momentum_step.mistake("Two signs differ: add g to the velocity and subtract lr · v from the weights.")
def gradient_subtracted(w, v, g, lr, momentum=0.9):
    v = momentum * v - g
    return w + lr * v, v


# --- 8.2 adam_step -----------------------------------------------------------------------------------

Adam = tuple[Array, Array, Array]


@exercise
def adam_step(
    w: Array,
    m: Array,
    v: Array,
    g: Array,
    t: int,
    lr: float = 0.001,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> Adam:
    """One step of Adam: new weights, new mean of the gradient, new mean of its square."""
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return w - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@adam_step.cases
def adam_step_cases(rng: np.random.Generator) -> Iterator[Case]:
    w, g = np.array([1.0, -2.0, 0.5]), np.array([1.0, 0.5, -0.25])
    yield case(w, np.zeros(3), np.zeros(3), g, 1, 0.1)
    yield case(w, np.array([0.1, 0.2, -0.3]), np.array([0.5, 0.125, 0.25]), g, 2, 0.1)
    yield case(w, np.array([0.1, 0.2, -0.3]), np.array([0.5, 0.125, 0.25]), g, 5, 0.5, 0.5, 0.75, 0.25)
    for i in range(6):
        n = int(rng.integers(2, 6))
        args = (
            eighths(rng, n),
            eighths(rng, n),
            eighths(rng, n) ** 2,
            eighths(rng, n),
            int(rng.integers(2, 9)),
        )
        extra = (0.1, 0.5, 0.75, 0.125) if i % 2 else (0.25, 0.8)
        yield case(*args, *extra)
    w, m, g = (eighths(rng, 2, 3) for _ in range(3))
    yield edge("with all defaults", w[0], m[0], m[0] ** 2, g[0], 3)
    yield edge("no gradient ever: nothing moves", w[0], np.zeros(3), np.zeros(3), np.zeros(3), 1, 0.1)
    yield edge("late, when the corrections are done", w[0], m[0], m[0] ** 2, g[0], 100_000, 0.1)
    yield edge("weights in a matrix", w, m, m**2, g, 2, 0.1)


def _averages(m, v, g, beta1, beta2):
    return beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2


def _adam(w, m, v, g, t, lr, beta1, beta2, eps, *, change):
    """Adam with one fault."""
    if change == "first":
        m_new = beta1 * m + g
    else:
        m_new = beta1 * m + (1 - beta1) * g if change != "betas" else beta2 * m + (1 - beta2) * g
    square = g if change == "square" else g**2
    v_new = beta2 * v + (1 - beta2) * square if change != "betas" else beta1 * v + (1 - beta1) * square
    c1, c2 = (1, 1) if change == "uncorrected" else (1 - beta1**t, 1 - beta2**t)
    if change == "from zero":
        c1, c2 = 1 - beta1 ** (t + 1), 1 - beta2 ** (t + 1)
    if change == "linear in t":
        c1, c2 = 1 - beta1 * t, 1 - beta2 * t
    m_hat, v_hat = m_new / c1, v_new / c2
    below = {"no root": v_hat + eps, "eps inside": np.sqrt(v_hat + eps), "no eps": np.sqrt(v_hat)}.get(
        change, np.sqrt(v_hat) + eps
    )
    step = lr * m_hat / below
    w_new = w + step if change == "uphill" else w - step
    if change == "corrected kept":
        return w_new, m_hat, v_hat
    return w_new, m_new, v_new


@adam_step.mistake("The corrections are missing: divide m by 1 − beta1ᵗ and v by 1 − beta2ᵗ for the step.")
def no_correction(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    return _adam(w, m, v, g, t, lr, beta1, beta2, eps, change="uncorrected")


@adam_step.mistake("You return the corrected averages: the next step needs m and v as they are.")
def corrected_kept(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    return _adam(w, m, v, g, t, lr, beta1, beta2, eps, change="corrected kept")


@adam_step.mistake("The square root is missing: the step is divided by the root of v, not by v.")
def no_root(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    return _adam(w, m, v, g, t, lr, beta1, beta2, eps, change="no root")


@adam_step.mistake("eps stands outside the root: √v̂ + eps, not √(v̂ + eps).")
def eps_inside(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    return _adam(w, m, v, g, t, lr, beta1, beta2, eps, change="eps inside")


@adam_step.mistake("eps is missing below: without it a weight that never has a gradient becomes 0/0.")
def no_eps(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    return _adam(w, m, v, g, t, lr, beta1, beta2, eps, change="no eps")


@adam_step.mistake("v averages the *square* of the gradient.")
def not_squared(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    return _adam(w, m, v, g, t, lr, beta1, beta2, eps, change="square")


@adam_step.mistake("The two betas are exchanged: beta1 belongs to m and beta2 to v.")
def betas_exchanged(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    return _adam(w, m, v, g, t, lr, beta1, beta2, eps, change="betas")


@adam_step.mistake("Here t counts from 1: the power is t, and not t + 1.")
def counts_from_zero(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    return _adam(w, m, v, g, t, lr, beta1, beta2, eps, change="from zero")


@adam_step.mistake("The correction has a power, 1 − beta ** t; yours has a product.")
def product_for_power(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    return _adam(w, m, v, g, t, lr, beta1, beta2, eps, change="linear in t")


@adam_step.mistake("The gradient enters m with the weight 1 − beta1: m is an average, not a sum.")
def momentum_sum(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    return _adam(w, m, v, g, t, lr, beta1, beta2, eps, change="first")


@adam_step.mistake("The sign is wrong: the step is subtracted from the weights.")
def adam_uphill(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    return _adam(w, m, v, g, t, lr, beta1, beta2, eps, change="uphill")


@adam_step.mistake(
    "The correction has a power: divide by 1 − beta ** t. Yours is 1 − beta, which fits the first step only."
)
def no_power(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = _averages(m, v, g, beta1, beta2)
    return w - lr * (m / (1 - beta1)) / (np.sqrt(v / (1 - beta2)) + eps), m, v


@adam_step.mistake("v needs its correction as well: divide it by 1 − beta2 ** t before the root.")
def only_m_corrected(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = _averages(m, v, g, beta1, beta2)
    return w - lr * (m / (1 - beta1**t)) / (np.sqrt(v) + eps), m, v


@adam_step.mistake("m needs its correction as well: divide it by 1 − beta1 ** t.")
def only_v_corrected(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = _averages(m, v, g, beta1, beta2)
    return w - lr * m / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@adam_step.mistake("The corrections divide: m and v are too small at first, and 1 − beta ** t is below 1.")
def corrections_multiplied(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = _averages(m, v, g, beta1, beta2)
    return w - lr * (m * (1 - beta1**t)) / (np.sqrt(v * (1 - beta2**t)) + eps), m, v


@adam_step.mistake(
    "Brackets are missing: `m / 1 - beta1**t` divides by 1 and then subtracts; write `m / (1 - beta1**t)`."
)
def brackets_missing(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = _averages(m, v, g, beta1, beta2)
    return w - lr * (m / 1 - beta1**t) / (np.sqrt(v / 1 - beta2**t) + eps), m, v


@adam_step.mistake("You step with the old averages: update m and v first, then step with the new ones.")
def old_averages(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    below = np.sqrt(v / (1 - beta2**t)) + eps
    return w - lr * (m / (1 - beta1**t)) / below, *_averages(m, v, g, beta1, beta2)


@adam_step.mistake(
    "The shares are exchanged: beta1 and beta2 belong to the old averages, 1 − beta to the new gradient."
)
def shares_exchanged(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = _averages(m, v, g, 1 - beta1, 1 - beta2)
    return w - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@adam_step.mistake("v averages the square of the gradient g, not of its average m.")
def square_of_average(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * m**2
    return w - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@adam_step.mistake("You step along g itself: Adam steps along the corrected average m / (1 − beta1 ** t).")
def gradient_itself(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = _averages(m, v, g, beta1, beta2)
    return w - lr * g / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@adam_step.mistake("eps is added to the weights: it belongs below, beside the root. Are the brackets right?")
def eps_to_weights(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = _averages(m, v, g, beta1, beta2)
    return w - lr * (m / (1 - beta1**t)) / np.sqrt(v / (1 - beta2**t)) + eps, m, v


@adam_step.mistake("The results are in another order: the weights come first, then m, then v.")
def weights_last(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = _averages(m, v, g, beta1, beta2)
    return m, v, w - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)


@adam_step.mistake("Only the weights come back: return m and v as well, three things in all.")
def adam_weights_alone(w, m, v, g, t, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = _averages(m, v, g, beta1, beta2)
    return w - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)


# --- 8.3 cosine_schedule -----------------------------------------------------------------------------


@exercise
def cosine_schedule(steps: Array, total: int, lr_max: float, lr_min: float = 0.0, warmup: int = 0) -> Array:
    """Learning rates at some steps: up in a straight line, then down along half a cosine."""
    share = np.clip((steps - warmup) / (total - warmup), 0, 1)
    fall = lr_min + (lr_max - lr_min) * (1 + np.cos(np.pi * share)) / 2
    return np.where(steps < warmup, lr_max * (steps + 1) / max(warmup, 1), fall)


@cosine_schedule.cases
def cosine_schedule_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(np.array([1, 25, 50, 70]), 100, 0.4)
    yield case(np.array([10, 25, 50, 70]), 100, 0.4, 0.03)
    yield case(np.array([1, 2, 5, 20, 40, 80]), 100, 0.4, 0.03, 10)
    for i in range(6):
        total, warmup = int(rng.integers(50, 200)), int(rng.integers(5, 20))
        steps = np.concatenate([[1, warmup - 2], rng.integers(warmup + 2, total - 5, size=3)])
        yield case(steps, total, float(rng.integers(2, 30)) / 7, 0.01, warmup if i % 3 else 0)
    lr = float(rng.integers(2, 30)) / 7
    yield edge("the first step of the warm-up", np.array([0, 1]), 100, lr, 0.01, 8)
    yield edge("where the warm-up ends", np.array([6, 7, 8, 9]), 100, lr, 0.01, 8)
    yield edge("no warm-up, and lr_min is a whole number", np.array([0, 1, 60]), 100, lr, 0)
    yield edge("a warm-up of a single step", np.array([0, 1, 2]), 100, lr, 0.01, 1)
    yield edge(
        "at the end and beyond, the rate stays at its lowest", np.array([99, 100, 130]), 100, lr, 0.01, 8
    )


def each(rule: Callable[..., float]) -> Callable[..., Array]:
    """Make a rule for one step one for an array of steps."""

    @functools.wraps(rule)
    def over(steps, *settings):
        return np.array([rule(int(step), *settings) for step in steps])

    return over


def _cosine(step, total, lr_max, lr_min, warmup, *, begin=None, share=None, ramp=None):
    begin = warmup if begin is None else begin
    if step < warmup:
        return ramp if ramp is not None else lr_max * (step + 1) / warmup
    share = min(1.0, (step - begin) / (total - begin)) if share is None else share
    return lr_min + (lr_max - lr_min) * (1 + math.cos(math.pi * share)) / 2


@cosine_schedule.mistake("After the warm-up the cosine begins anew: count steps and length from `warmup`.")
@each
def cosine_from_zero(step, total, lr_max, lr_min=0.0, warmup=0):
    return _cosine(step, total, lr_max, lr_min, warmup, begin=0)


@cosine_schedule.mistake("The length of the fall is total − warmup: yours reaches the end too late.")
@each
def length_is_total(step, total, lr_max, lr_min=0.0, warmup=0):
    return _cosine(step, total, lr_max, lr_min, warmup, share=min(1.0, (step - warmup) / total))


@cosine_schedule.mistake("The warm-up gives (step + 1) / warmup of the rate: at step 0 it is not 0.")
@each
def ramp_from_zero(step, total, lr_max, lr_min=0.0, warmup=0):
    return _cosine(step, total, lr_max, lr_min, warmup, ramp=lr_max * step / max(warmup, 1))


@cosine_schedule.mistake("The warm-up is missing: below `warmup` the rate rises in a straight line.")
@each
def without_warmup(step, total, lr_max, lr_min=0.0, warmup=0):
    share = max(0.0, min(1.0, (step - warmup) / (total - warmup)))
    return _cosine(step, total, lr_max, lr_min, 0, share=share)


@cosine_schedule.mistake("That is a whole turn, down and up again: the angle goes from 0 to π, not to 2π.")
@each
def whole_turn(step, total, lr_max, lr_min=0.0, warmup=0):
    share = min(1.0, (step - warmup) / (total - warmup))
    return _cosine(step, total, lr_max, lr_min, warmup, share=2 * share)


@cosine_schedule.mistake("lr_min is missing: the rate falls to lr_min, not to 0.")
@each
def no_lowest(step, total, lr_max, lr_min=0.0, warmup=0):
    return _cosine(step, total, lr_max, 0.0, warmup)


@cosine_schedule.mistake("lr_min is added on top: the height of the fall is lr_max − lr_min.")
@each
def too_high(step, total, lr_max, lr_min=0.0, warmup=0):
    return _cosine(step, total, lr_max + lr_min, lr_min, warmup, ramp=lr_max * (step + 1) / max(warmup, 1))


@cosine_schedule.mistake("Beyond the end the cosine would rise again: keep the rate at lr_min.")
@each
def rises_again(step, total, lr_max, lr_min=0.0, warmup=0):
    return _cosine(step, total, lr_max, lr_min, warmup, share=(step - warmup) / (total - warmup))


@cosine_schedule.mistake("That falls in a straight line; asked for is half a cosine: (1 + cos(π·share)) / 2.")
@each
def straight(step, total, lr_max, lr_min=0.0, warmup=0):
    share = max(0.0, min(1.0, (step - warmup) / (total - warmup)))
    return _cosine(step, total, lr_max, lr_min, warmup, share=math.acos(1 - 2 * share) / math.pi)


@cosine_schedule.mistake("Yours rises from lr_min to lr_max: the cosine is 1 at the beginning.")
@each
def upside_down(step, total, lr_max, lr_min=0.0, warmup=0):
    share = min(1.0, (step - warmup) / (total - warmup))
    return _cosine(step, total, lr_max, lr_min, warmup, share=1 - share)


@cosine_schedule.mistake(
    "Your warm-up rises from lr_min; here it is lr_max · (step + 1) / warmup, whatever lr_min is."
)
@each
def ramp_from_lowest(step, total, lr_max, lr_min=0.0, warmup=0):
    ramp = lr_min + (lr_max - lr_min) * (step + 1) / max(warmup, 1)
    return _cosine(step, total, lr_max, lr_min, warmup, ramp=ramp)


@cosine_schedule.mistake(
    "That is a quarter of a turn, cos from 1 to 0. Half a cosine goes from 1 to −1: (1 + cos(π·share)) / 2."
)
@each
def quarter_turn(step, total, lr_max, lr_min=0.0, warmup=0):
    if step < warmup:
        return lr_max * (step + 1) / warmup
    share = min(1.0, (step - warmup) / (total - warmup))
    return lr_min + (lr_max - lr_min) * math.cos(math.pi / 2 * share)


@cosine_schedule.mistake("1 + cos goes from 2 to 0: halve it, or the rate begins at twice lr_max.")
@each
def not_halved(step, total, lr_max, lr_min=0.0, warmup=0):
    if step < warmup:
        return lr_max * (step + 1) / warmup
    share = min(1.0, (step - warmup) / (total - warmup))
    return lr_min + (lr_max - lr_min) * (1 + math.cos(math.pi * share))


@cosine_schedule.mistake(
    "The cosine itself goes from 1 to −1: the rate would become negative. Take (1 + cos(π·share)) / 2."
)
@each
def below_zero(step, total, lr_max, lr_min=0.0, warmup=0):
    if step < warmup:
        return lr_max * (step + 1) / warmup
    share = min(1.0, (step - warmup) / (total - warmup))
    return lr_min + (lr_max - lr_min) * math.cos(math.pi * share)


@cosine_schedule.mistake("`cos` takes the angle in radians: half a turn is π, not 180.")
@each
def degrees(step, total, lr_max, lr_min=0.0, warmup=0):
    if step < warmup:
        return lr_max * (step + 1) / warmup
    share = min(1.0, (step - warmup) / (total - warmup))
    return lr_min + (lr_max - lr_min) * (1 + math.cos(180 * share)) / 2


@cosine_schedule.mistake(
    "Yours arrives one step too early: lr_min is reached at step `total`, so divide by total − warmup."
)
@each
def one_too_early(step, total, lr_max, lr_min=0.0, warmup=0):
    return _cosine(
        step, total, lr_max, lr_min, warmup, share=min(1.0, (step - warmup) / (total - warmup - 1))
    )


@cosine_schedule.mistake(
    "You cut off at lr_min what falls towards 0: the whole cosine should lie between lr_max and lr_min."
)
@each
def cut_off(step, total, lr_max, lr_min=0.0, warmup=0):
    return max(lr_min, _cosine(step, total, lr_max, 0.0, warmup))


@cosine_schedule.mistake("After step `total` the rate stays at lr_min; yours becomes 0.")
@each
def zero_beyond(step, total, lr_max, lr_min=0.0, warmup=0):
    return 0.0 if step > total else _cosine(step, total, lr_max, lr_min, warmup)


@cosine_schedule.mistake(
    "The warm-up divides by `warmup`, not by warmup + 1: its last step has the full rate."
)
@each
def ramp_divided_by_more(step, total, lr_max, lr_min=0.0, warmup=0):
    return _cosine(step, total, lr_max, lr_min, warmup, ramp=lr_max * (step + 1) / (warmup + 1))


@cosine_schedule.mistake(
    "The warm-up is for steps *below* `warmup`: at step `warmup` the cosine begins, with lr_max."
)
@each
def one_step_more(step, total, lr_max, lr_min=0.0, warmup=0):
    return (
        lr_max * (step + 1) / max(warmup, 1)
        if step <= warmup
        else _cosine(step, total, lr_max, lr_min, warmup)
    )


@cosine_schedule.mistake(
    "You return the rate of every step from 0 on: return it at the numbers in `steps` alone."
)
def all_steps(steps, total, lr_max, lr_min=0.0, warmup=0):
    return np.array([_cosine(step, total, lr_max, lr_min, warmup) for step in range(total)])


# --- 8.4 clip_by_norm --------------------------------------------------------------------------------


@exercise
def clip_by_norm(gradients: list[Array], max_norm: float) -> list[Array]:
    """Scale all gradients by the same factor so that together they are at most max_norm long."""
    norm = math.sqrt(sum(float(np.sum(g**2)) for g in gradients))
    scale = max_norm / norm if norm > max_norm else 1.0
    return [scale * g for g in gradients]


@clip_by_norm.cases
def clip_by_norm_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case([np.array([3.0, 0.0]), np.array([[4.0, 0.0, 0.0]])], 1.0)
    yield case([np.array([3.0, 0.0]), np.array([[4.0, 0.0, 0.0]])], 2.5)
    yield case([np.array([0.75, -0.5]), np.array([[0.25, 0.5, -0.25]])], 2.0)
    for i in range(6):
        gradients = [eighths(rng, int(n)) for n in rng.integers(2, 6, size=2)] + [eighths(rng, 2, 3)]
        norm = math.sqrt(sum(float(np.sum(g**2)) for g in gradients))
        yield case(gradients, round(norm * float(rng.choice([0.25, 0.5, 0.75] if i % 3 else [1.5, 2.0])), 2))
    yield edge("all zero", [np.zeros(2), np.zeros((2, 3))], 1.0)
    yield edge("exactly as long as allowed", [np.array([3.0, 0.0]), np.array([0.0, -4.0, 0.0])], 5.0)
    yield edge("a single array, its norm and the limit below 1", [eighths(rng, 4) / 8], 0.015625)
    yield edge("one array far longer than the other", [1000 * eighths(rng, 2), eighths(rng, 3)], 1.0)


def _norm(gradients):
    return math.sqrt(sum(float(np.sum(g**2)) for g in gradients))


@clip_by_norm.mistake(
    "Each array is clipped by itself: that turns the direction. Take one norm over all of them."
)
def each_by_itself(gradients, max_norm):
    return [g * min(1.0, max_norm / max(np.sqrt(np.sum(g**2)), 1e-300)) for g in gradients]


@clip_by_norm.mistake(
    "That limits each entry (clipping by value) and turns the direction. Scale all by one factor."
)
def by_value(gradients, max_norm):
    return [np.clip(g, -max_norm, max_norm) for g in gradients]


@clip_by_norm.mistake("Short gradients are made longer: scale only when the norm is above max_norm.")
def always_scaled(gradients, max_norm):
    norm = _norm(gradients)
    return [g * (max_norm / norm) if norm else g for g in gradients]


@clip_by_norm.mistake("You divide by the squared norm: a square root is missing.")
def squared(gradients, max_norm):
    norm = _norm(gradients) ** 2
    return [g * max_norm / norm if norm > max_norm else g for g in gradients]


@clip_by_norm.mistake("The sum of the arrays' norms is not the norm of all together: add the squares.")
def sum_of_norms(gradients, max_norm):
    norm = sum(float(np.sqrt(np.sum(g**2))) for g in gradients)
    return [g * max_norm / norm if norm > max_norm else g for g in gradients]


@clip_by_norm.mistake("The clipped length is 1 in your answer, and not max_norm.")
def to_length_one(gradients, max_norm):
    norm = _norm(gradients)
    return [g / norm if norm > max_norm else g for g in gradients]


@clip_by_norm.mistake("Your condition is turned round: long gradients are scaled, short ones stay.")
def turned_round(gradients, max_norm):
    norm = _norm(gradients)
    return [g * max_norm / norm if 0 < norm < max_norm else g for g in gradients]


@clip_by_norm.mistake("Too long a gradient becomes 0 in your answer: it should be shortened, not lost.")
def thrown_away(gradients, max_norm):
    return [g if _norm(gradients) <= max_norm else 0 * g for g in gradients]


@clip_by_norm.mistake("The norm is the root of the sum of squares, not the sum of absolute values.")
def absolute_values(gradients, max_norm):
    norm = sum(float(np.sum(np.abs(g))) for g in gradients)
    return [g * max_norm / norm if norm > max_norm else g for g in gradients]


@clip_by_norm.mistake("You divide by the largest entry; the norm is the root of the sum of all squares.")
def largest_entry(gradients, max_norm):
    norm = max(float(np.max(np.abs(g))) for g in gradients)
    return [g * max_norm / norm if norm > max_norm else g for g in gradients]


@clip_by_norm.mistake("The gradients are scaled twice: multiplying once by max_norm / norm is enough.")
def twice(gradients, max_norm):
    scale = min(1.0, max_norm / max(_norm(gradients), 1e-300))
    return [g * scale * scale for g in gradients]


@clip_by_norm.mistake("The gradients come back as they were: nothing is clipped.")
def nothing_clipped(gradients, max_norm):
    return [g.copy() for g in gradients]


@clip_by_norm.mistake("Your factor is upside down, and makes long gradients longer: it is max_norm / norm.")
def upside_down_factor(gradients, max_norm):
    norm = _norm(gradients)
    return [g * norm / max_norm if norm > max_norm else g for g in gradients]


@clip_by_norm.mistake("You divide by the longest array's norm: take one norm over the entries of all arrays.")
def longest_array(gradients, max_norm):
    norm = max(float(np.sqrt(np.sum(g**2))) for g in gradients)
    return [g * max_norm / norm if norm > max_norm else g for g in gradients]


@clip_by_norm.mistake(
    "That is a mean of the arrays' norms: the norm of all together is the root of all squares' sum."
)
def mean_of_norms(gradients, max_norm):
    norm = sum(float(np.sqrt(np.sum(g**2))) for g in gradients) / len(gradients)
    return [g * max_norm / norm if norm > max_norm else g for g in gradients]


@clip_by_norm.mistake("A norm adds up the squares; yours takes their mean in each array.")
def mean_for_sum(gradients, max_norm):
    norm = math.sqrt(sum(float(np.mean(g**2)) for g in gradients))
    return [g * max_norm / norm if norm > max_norm else g for g in gradients]


@clip_by_norm.mistake("The squares are missing: positive and negative entries cancel in your sum.")
def plain_sum(gradients, max_norm):
    norm = sum(float(np.sum(g)) for g in gradients)
    return [g * max_norm / norm if norm > max_norm else g for g in gradients]


@clip_by_norm.mistake("You compare the squared norm with max_norm: take the root before comparing.")
def compares_squares(gradients, max_norm):
    norm = _norm(gradients)
    return [g * max_norm / norm if norm**2 > max_norm else g for g in gradients]


@clip_by_norm.mistake("Subtracting a number turns the direction: multiply all entries by one factor.")
def subtracts(gradients, max_norm):
    norm = _norm(gradients)
    return [g - max_norm if norm > max_norm else g for g in gradients]


@clip_by_norm.mistake("Short gradients get lost: if the norm is not above max_norm, return them as they are.")
def short_lost(gradients, max_norm):
    norm = _norm(gradients)
    return [g * max_norm / norm for g in gradients if norm > max_norm]


@clip_by_norm.mistake("You return one long vector: return a list of arrays, each in its old shape.")
def one_vector(gradients, max_norm):
    norm = _norm(gradients)
    return np.concatenate([g.ravel() for g in gradients]) * (max_norm / norm if norm > max_norm else 1.0)

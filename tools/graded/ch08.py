"""Graded problems of notebook 08: a step of a drawn optimiser, and a drawn schedule."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mini_dl.course.checks.exercise import Case, case, edge

from . import Array, Asker, Maker, Problem, Question, hidden, pick, quarters


def optimizer_step(rng: np.random.Generator) -> Problem:
    """One step with momentum; its form, the decay and the numbers are drawn."""
    beta = float(pick(rng, 0.5, 0.75, 0.8, 0.95))
    lr = float(pick(rng, 0.05, 0.2, 0.25))
    decay = float(pick(rng, 0.01, 0.02, 0.1))
    coupled = bool(pick(rng, False, True))
    average = bool(pick(rng, False, True))
    ahead = bool(pick(rng, False, True))
    share = 1 - beta if average else 1.0

    def optimizer_step(w: Array, v: Array, g: Array) -> tuple[Array, Array]:
        full = g + decay * w if coupled else g
        v_new = beta * v + share * full
        step = beta * v_new + share * full if ahead else v_new
        start = w if coupled else (1 - lr * decay) * w
        return start - lr * step, v_new

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        for _ in range(10):
            n = int(rng.integers(2, 6))
            yield case(quarters(rng, n), quarters(rng, n), quarters(rng, n))
        w, v, g = (quarters(rng, 2, 3) + 0.125 for _ in range(3))
        yield edge("weights in a matrix", w, v, g)
        yield edge("the first step: no velocity yet", w[0], np.zeros(3), g[0])
        yield edge("no gradient", w[0], v[0], np.zeros(3))
        yield edge("weights of zero", np.zeros(3), v[0], g[0])
        yield edge("a single weight", w[0, :1], v[0, :1], g[0, :1])

    gradient = "g'" if coupled else "g"
    lines = [
        f"- Weight decay is *coupled*: it is part of the gradient, $g' = g + {decay:g}\\,w$."
        if coupled
        else f"- Weight decay is *decoupled*: before the step the old weights are multiplied by"
        f" $1 - {lr:g} \\cdot {decay:g}$.",
        f"- The velocity is an average: $v' = {beta:g}\\,v + {1 - beta:g}\\,{gradient}$."
        if average
        else f"- The velocity is a sum: $v' = {beta:g}\\,v + {gradient}$.",
    ]
    factor = f"{1 - beta:g}\\,{gradient}" if average else gradient
    if ahead:
        lines.append(
            f"- The step looks ahead: from the weights ${lr:g}\\,({beta:g}\\,v' + {factor})$ is subtracted."
        )
    else:
        lines.append(f"- From the weights ${lr:g}\\,v'$ is subtracted.")
    text = "\n".join(lines)
    task = f"""Write `optimizer_step(w, v, g)`: one step from the weights `w`, the velocity `v` and
the gradient `g`, arrays
of one shape. The learning rate is {lr:g} and the momentum {beta:g}.

{text}

Return the pair `(w_new, v_new)` and leave the arguments unchanged."""
    stub = '''def optimizer_step(w: np.ndarray, v: np.ndarray, g: np.ndarray) -> tuple[np.ndarray,
np.ndarray]:
    """Return the new weights and the new velocity, each of the shape of w."""
    raise NotImplementedError'''
    times = f"{1 - beta:g} * " if average else ""
    body = [
        *([f"    g = g + {decay:g} * w"] if coupled else []),
        f"    v_new = {beta:g} * v + {times}g",
        f"    step = {beta:g} * v_new + {times}g" if ahead else "    step = v_new",
        f"    return {'w' if coupled else f'(1 - {lr:g} * {decay:g}) * w'} - {lr:g} * step, v_new",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    example = (np.array([1.0, -2.0]), np.array([2.0, 0.0]), np.array([1.0, 4.0]))
    title = "A step of an optimiser you have not seen"
    return Problem(hidden(optimizer_step, cases), title, task, stub, solution, 5, 8, example)


def rate_schedule(rng: np.random.Generator) -> Problem:
    """Warm up, then take a drawn way down."""
    kind = str(pick(rng, "steps", "root", "line"))
    warmup = int(pick(rng, 4, 5, 8))
    top = float(pick(rng, 0.3, 0.6, 0.8))
    every, factor = int(pick(rng, 3, 6, 7)), float(pick(rng, 0.25, 0.4, 0.5))
    length, low = int(pick(rng, 10, 20, 25)), float(pick(rng, 0.01, 0.05))
    from_zero = bool(pick(rng, False, True))

    def rate_schedule(steps: Array) -> Array:
        s = np.asarray(steps, dtype=float)
        up = top * (s if from_zero else s + 1) / warmup
        if kind == "steps":
            down = top * factor ** np.floor((s - warmup) / every)
        elif kind == "root":
            down = top * np.sqrt(warmup / np.maximum(s, warmup))
        else:
            down = top + (low - top) * np.clip((s - warmup) / length, 0, 1)
        return np.where(s < warmup, up, down)

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        yield case(np.arange(warmup + 12))
        for _ in range(8):
            yield case(rng.integers(0, warmup + 30, size=int(rng.integers(3, 9))))
        yield edge("the very first step", np.array([0]))
        yield edge("around the end of the warm-up", np.array([warmup - 1, warmup, warmup + 1]))
        changes = [
            warmup + every - 1,
            warmup + every,
            warmup + length - 1,
            warmup + length,
            warmup + length + 1,
        ]
        yield edge("where it changes", np.array(changes))
        yield edge("long after", np.array([200, 1000]))
        yield edge("steps in a matrix", rng.integers(0, 40, size=(2, 4)))

    begin = "\\text{step}" if from_zero else "(\\text{step} + 1)"
    after = {
        "steps": f"From step {warmup} on the rate is {top:g}, and it is"
        f" multiplied by {factor:g} each time {every} more steps are"
        f" complete: for the first time at step {warmup + every}.",
        "root": f"From step {warmup} on it is ${top:g}\\,\\sqrt{{{warmup} / \\text{{step}}}}$.",
        "line": f"From step {warmup} on it falls on a straight line, from"
        f" {top:g} at step {warmup} to {low:g} at step"
        f" {warmup + length}, and stays at {low:g}.",
    }
    task = f"""Write `rate_schedule(steps)`: `steps` is an array of step numbers from 0, of any
shape; return the learning
rate at each of them, an array of the same shape.

For a step below {warmup} the rate is ${top:g} \\cdot {begin} / {warmup}$. {after[kind]}"""
    stub = '''def rate_schedule(steps: np.ndarray) -> np.ndarray:
    """Return the learning rate at each step of `steps`, an array of the same shape."""
    raise NotImplementedError'''
    ways = {
        "steps": f"{top:g} * {factor:g} ** np.floor((steps - {warmup}) / {every})",
        "root": f"{top:g} * np.sqrt({warmup} / np.maximum(steps, {warmup}))",
        "line": f"{top:g} + ({low:g} - {top:g}) * np.clip((steps - {warmup}) / {length}, 0, 1)",
    }
    body = [
        f"    up = {top:g} * {'steps' if from_zero else '(steps + 1)'} / {warmup}",
        f"    down = {ways[kind]}",
        f"    return np.where(steps < {warmup}, up, down)",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    example = (np.array([0, 2, warmup, warmup + every, 60]),)
    return Problem(hidden(rate_schedule, cases), "Up, then down", task, stub, solution, 4, 8, example)


def tune_by_thought(rng: np.random.Generator) -> Question:
    """Say what a rate does on a bowl, and what a changed scale asks of each optimiser."""
    steep, flat = int(pick(rng, 20, 40, 50, 80, 100)), float(pick(rng, 0.5, 1.0, 2.0))
    scale = int(pick(rng, 8, 50, 100, 1000))
    near = bool(pick(rng, False, True))
    kappa = steep / flat
    rate = float(f"{1.6 / steep:.2g}")
    limit, best = 2 / steep, 2 / (steep + flat)
    fast, slow = abs(1 - rate * steep), 1 - rate * flat
    steps = int(np.ceil(np.log(1000) / -np.log(slow)))
    seen = (
        "Adam with a constant rate of 0.01 comes close to a minimum quickly, and then jumps about it at a"
        " distance of about 0.01, for as long as you wait."
        if near
        else "Gradient descent falls quickly for a few steps and then creeps. With a rate 30 % higher it"
        " explodes."
    )
    why = (
        "Adam divides by the size of the gradient, so its steps stay about as long as the rate even where the"
        " gradient is small or only noise; the rate has to fall for the steps to fall"
        if near
        else "the steep directions are done after a few steps and limit the rate, the flat ones creep at it:"
        " the surface has a large condition number"
    )
    cure = (
        "a schedule that lets the rate fall, as half a cosine"
        if near
        else "momentum, or a rate for each weight (Adam), or data and layers scaled so that the condition"
        " number falls"
    )
    worse = "a longer run at the same rate" if near else "a higher rate, or only a longer run"
    task = f"""The loss is $L = \\tfrac12\\,({steep}\\,w_1^2 + {flat:g}\\,w_2^2)$, and gradient descent
   starts at $(1, 1)$.

1. By which factor does each of the two weights change in a step with the learning rate {rate:g}? About how
   many steps until both are below 1/1000? From which rate on does it not converge?
2. Which rate makes the slower of the two as fast as possible, and why can no rate do away with the trouble?
   Say what momentum, well tuned, changes in the number of steps.
3. The loss is multiplied by {scale}. How must the rate be changed so that the weights go the same way: for
   gradient descent, for momentum, for Adam? Give the reason for each.
4. Seen in an experiment: {seen} Explain it, and name a means."""
    answer = f"""(1) Each weight is multiplied by $1 - \\eta\\lambda$: $w_1$ by {1 - rate * steep:.3g} and
$w_2$ by {slow:.4g}. $w_2$ decides: $\\ln 1000 / -\\ln {slow:.4g}$, about {steps} steps. At $\\eta =
2/{steep} = {limit:.3g}$ the steep weight jumps from side to side without shrinking; from there on it does
not converge.

(2) $\\eta = 2 / ({steep} + {flat:g}) = {best:.3g}$ makes both factors equal in size,
$(\\kappa - 1)/(\\kappa + 1)$ with $\\kappa = {kappa:g}$. One rate serves both: what the steep
direction allows is small for the flat one, so the number of steps grows with $\\kappa$. Well-tuned momentum
needs a number in proportion to $\\sqrt\\kappa \\approx {np.sqrt(kappa):.2g}$.

(3) Gradient descent and momentum: divide the rate by {scale}, since gradients and velocity are {scale} times
as large. Adam: leave it, since both averages grow alike and the factor cancels (but for $\\varepsilon$).

(4) Here {why}. It helps: {cure}."""
    rubric = (
        (
            2,
            f"The factors {1 - rate * steep:.3g} and {slow:.4g}, about {steps} steps (within a fifth), the"
            f" limit {limit:.3g} (1 point for two of the three). Not enough: factors without the limit or"
            " the steps.",
        ),
        (
            2,
            f"The rate {best:.3g}, from equal sizes of the factors (1); one rate for both directions, so"
            " steps in proportion to $\\kappa$, and to $\\sqrt\\kappa$ with momentum (1). Not enough: that"
            " momentum is faster.",
        ),
        (
            2,
            f"Divided by {scale} for gradient descent and momentum (1); unchanged for Adam, because the"
            " factor cancels in the quotient (1). Not enough: that Adam adapts itself.",
        ),
        (2, f"The explanation: {why} (1); a means that fits: {cure} (1). Not enough: {worse}."),
    )
    assert fast < 1 > slow
    return Question("tune_by_thought", "Tuning by thought", task, answer, rubric, 18)


MAKERS: list[Maker] = [optimizer_step, rate_schedule]
QUESTIONS: list[Asker] = [tune_by_thought]

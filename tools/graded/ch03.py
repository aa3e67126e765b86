"""Graded problems of notebook 03: a step on a loss with dear mistakes, and how long a descent takes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mini_dl.course.checks.exercise import Case, case, edge

from . import Array, Asker, Maker, Problem, Question, hidden, pick, quarters


def lopsided_step(rng: np.random.Generator) -> Problem:
    """One step of logistic regression; labels, costs, mean, penalty and the bias's place are drawn."""
    low, high = pick(rng, (0, 1), (1, 0), (-1, 1), (1, 2), (2, 1))
    dear = int(pick(rng, low, high))
    cost = float(pick(rng, 2.0, 3.0, 4.0, 5.0))
    weighted = bool(pick(rng, False, True))
    penalty = float(pick(rng, 0.05, 0.1, 0.2, 0.4))
    last = bool(pick(rng, False, True))
    lr = float(pick(rng, 0.25, 0.5, 2.0))
    place = -1 if last else 0

    def lopsided_step(w: Array, X: Array, labels: Array) -> Array:
        p = np.exp(-np.logaddexp(0, -(X @ w)))
        factors = np.where(labels == dear, cost, 1.0)
        slope = X.T @ (factors * (p - (labels == high)))
        slope = slope / (factors.sum() if weighted else len(X))
        pulled = penalty * w
        pulled[place] = 0.0
        return w - lr * (slope + pulled)

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        def data(n: int, d: int) -> tuple[Array, Array, Array]:
            X = quarters(rng, n, d)
            X[:, place] = 1.0
            return quarters(rng, d) + 0.125, X, rng.permutation(np.resize([low, high], n))

        yield case(*data(2, 2))
        for _ in range(9):
            yield case(*data(int(rng.integers(3, 8)), int(rng.integers(2, 5))))
        w, X, labels = data(5, 3)
        yield edge("w = 0", np.zeros(3), X, labels)
        yield edge(f"all of class {high}", w, X, np.full(5, high))
        yield edge(f"all of class {low}", w, X, np.full(5, low))
        yield edge("one example", w, X[:1], labels[:1])
        yield edge("the bias alone", w[:1], np.ones((5, 1)), labels)
        X[0], X[1] = 1.0, -1.0
        X[1, place] = 1.0
        yield edge("scores in the thousands", np.full(3, 1000.0), X, labels)

    where, classes = "last" if last else "first", sorted([low, high])
    by = (
        f"divided by the sum of the factors ({cost:g} for each example of class {dear}, 1 for each other)"
        if weighted
        else "divided by $n$, the number of examples"
    )
    task = f"""A neuron gives the probability $\\sigma(w \\cdot x)$ to class {high} and the rest to class
{low}. Write `lopsided_step(w, X, labels)`: the weights after one step of gradient descent with the learning
rate {lr:g}. The rows of `X`, of shape $(n, d)$, are examples; its *{where}* column is the constant 1, so the
{where} weight is the bias. `labels` holds the class of each example, {classes[0]} or {classes[1]}.

- An example costs minus the logarithm of the probability that its true class got, times a factor:
  {cost:g} for examples of class {dear}, on which mistakes are dear, and 1 for all others.
- The costs of the batch are added and {by}.
- To this, $\\tfrac12 \\cdot {penalty:g}$ times the sum of the squared weights is added; the bias is left out
  of this sum.

All this together is the loss; its gradient is taken at the old weights. Return a new array and leave the
arguments unchanged. The result must be right for scores in the thousands, too."""
    stub = f'''def lopsided_step(w: np.ndarray, X: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the weights after one step: w (d,), X (n, d), labels (n,) of {classes[0]} and {classes[1]}."""
    raise NotImplementedError'''
    body = [
        "    p = np.exp(-np.logaddexp(0, -(X @ w)))  # the sigmoid, without overflow",
        f"    factors = np.where(labels == {dear}, {cost:g}, 1.0)",
        f"    slope = X.T @ (factors * (p - (labels == {high})))",
        f"    slope = slope / {'factors.sum()' if weighted else 'len(X)'}",
        f"    pulled = {penalty:g} * w",
        f"    pulled[{place}] = 0.0",
        f"    return w - {lr:g} * (slope + pulled)",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    X = np.array([[2.0, 1.0], [-1.0, 1.0]] if last else [[1.0, 2.0], [1.0, -1.0]])
    w = np.array([0.5, 1.0] if last else [1.0, 0.5])
    example = (w, X, np.array([low, high]))
    title = "A step where some mistakes are dear"
    return Problem(hidden(lopsided_step, cases), title, task, stub, solution, 6, 20, example)


def steps_needed(rng: np.random.Generator) -> Problem:
    """Count the steps until every direction has arrived; the loss, its penalty and the goal are drawn."""
    kind = str(pick(rng, "mean", "half", "sum"))
    penalty = float(pick(rng, 0.25, 0.5, 1.0))
    goal, part = pick(rng, (0.1, "a tenth"), (0.01, "a hundredth"), (0.001, "a thousandth"))
    never = int(pick(rng, -1, 0))

    def hessian(X: Array) -> Array:
        scale, pull = {"mean": (2 / len(X), 2 * penalty), "half": (1 / len(X), penalty), "sum": (1, penalty)}[
            kind
        ]
        return np.asarray(scale * X.T @ X + pull * np.eye(X.shape[1]))

    def steps_needed(X: Array, lr: float) -> int:
        factor = np.max(np.abs(1 - lr * np.linalg.eigvalsh(hessian(X))))
        if factor >= 1:
            return never
        steps, left = 0, 1.0
        while left > goal:
            steps, left = steps + 1, left * float(factor)
        return steps

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        def data(n: int, d: int, low: float, high: float) -> tuple[Array, float]:
            """Return X and a rate whose product with the largest curvature is in a range."""
            while True:
                X = quarters(rng, n, d)
                X[:, 0] = 1.0
                curvatures = np.linalg.eigvalsh(hessian(X))
                lr = float(f"{rng.uniform(low, high) / curvatures[-1]:.2g}")
                factor = np.max(np.abs(1 - lr * curvatures))
                steps = np.log(goal) / np.log(factor) if 0 < factor < 1 else 0.5
                if abs(factor - 1) > 1e-3 and abs(steps - np.round(steps)) > 1e-3:  # not on an edge
                    return X, lr

        yield case(*data(3, 2, 0.5, 1.0))
        yield case(*data(3, 2, 2.2, 3.0))
        for _ in range(6):
            yield case(*data(int(rng.integers(4, 9)), int(rng.integers(2, 4)), 0.2, 1.2))
        for _ in range(2):
            yield case(*data(2, 4, 0.2, 0.8))  # more weights than examples
        yield case(*data(6, 3, 1.85, 1.97))
        yield case(*data(6, 3, 2.05, 2.2))
        one = 2 * np.eye(2)
        yield edge("a round bowl and the best rate", one, float(1 / hessian(one)[0, 0]))
        yield edge("one weight", *data(5, 1, 0.2, 0.8))
        yield edge("one example", *data(1, 3, 0.3, 0.9))
        yield edge("a very small rate", *data(5, 2, 0.004, 0.01))
        yield edge("a very large rate", *data(5, 2, 50, 90))

    losses = {
        "mean": f"$$L(w) = \\frac1n \\sum_i (w \\cdot x_i - y_i)^2 + {penalty:g}\\,\\lVert w \\rVert^2 .$$",
        "half": f"$$L(w) = \\frac1{{2n}} \\sum_i (w \\cdot x_i - y_i)^2"
        f" + \\frac{{{penalty:g}}}{{2}}\\,\\lVert w \\rVert^2 .$$",
        "sum": f"$$L(w) = \\frac12 \\sum_i (w \\cdot x_i - y_i)^2"
        f" + \\frac{{{penalty:g}}}{{2}}\\,\\lVert w \\rVert^2 .$$",
    }
    text = losses[kind].replace("1\\,\\lVert", "\\lVert") if kind == "mean" and penalty == 1 else losses[kind]
    task = f"""A neuron $\\hat y = w \\cdot x$ is trained by gradient descent, with the learning rate $\\eta$,
on all $n$ examples at once. The loss is

{text}

The last term pulls *all* weights towards 0. Write `steps_needed(X, lr)`: `X`, of shape $(n, d)$, holds the
examples as rows, and `lr` is $\\eta > 0$. Return the smallest number of steps after which, *wherever the
descent starts*, the distance $\\lVert w - w^* \\rVert$ from the minimum is at most {part} of what it was at
the start. Return `{never}` if there is no such number, since from some starting points the descent does not
come closer and closer.

The answers $y_i$ are not given, and they are not needed. (The hidden inputs are not so near to a border that
rounding decides.)"""
    stub = '''def steps_needed(X: np.ndarray, lr: float) -> int:
    """Return how many steps of gradient descent with rate lr are needed for examples X (n, d)."""
    raise NotImplementedError'''
    bowl = {"mean": "2 * X.T @ X / len(X)", "half": "X.T @ X / len(X)", "sum": "X.T @ X"}[kind]
    pull = 2 * penalty if kind == "mean" else penalty
    body = [
        f"    H = {bowl} + {f'{pull:g} * ' if pull != 1 else ''}np.eye(X.shape[1])  # the second derivatives",
        "    factor = np.max(np.abs(1 - lr * np.linalg.eigvalsh(H)))  # of the slowest direction",
        "    if factor >= 1:",
        f"        return {never}",
        "    steps, left = 0, 1.0",
        f"    while left > {goal:g}:",
        "        steps, left = steps + 1, left * factor",
        "    return steps",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    example = (np.array([[1.0, 2.0], [1.0, -2.0]]), 0.1)
    title = "How long is the way down?"
    return Problem(hidden(steps_needed, cases), title, task, stub, solution, 5, 18, example)


def which_rate(rng: np.random.Generator) -> Question:
    """Match learning rates and logs of a drawn bowl, and judge a change of the loss."""
    steep = float(pick(rng, 5, 10, 20, 25, 50))
    flat = steep * float(pick(rng, 0.02, 0.04))
    away = float(pick(rng, 4, 5, 6))
    times = {
        "slow": float(pick(rng, 0.1, 0.15)),
        "middle": 1.0,
        "near": float(pick(rng, 1.9, 1.95)),
        "over": float(pick(rng, 2.05, 2.1)),
    }
    change, amount = pick(
        rng, ("sum", 20), ("sum", 50), ("sum", 200), ("scale", 2), ("scale", 3), ("scale", 10)
    )
    names = [str(name) for name in rng.permutation(list(times))]
    letters = dict(zip(names, "ABCD", strict=True))
    rates = {name: t / steep for name, t in times.items()}
    steps = (0, 1, 2, 10, 50)

    def loss(rate: float, step: int) -> float:
        parts = [
            c * (d * (1 - rate * c) ** step) ** 2 / 2 for c, d in ((steep, 1.0), (flat, away))
        ]  # along both directions
        return sum(parts)

    rows = "\n".join(
        f"| {letters[name]} | " + " | ".join(f"{loss(rates[name], k):,.3f}" for k in steps) + " |"
        for name in sorted(names, key=lambda name: letters[name])
    )
    head = "| run | " + " | ".join(f"step {k}" for k in steps) + " |"
    listed = ", ".join(f"{rate:g}" for rate in sorted(rates.values()))
    limit = 2 / steep
    if change == "sum":
        new = f"but the sum of the squared errors of the {amount} examples in place of their mean"
        stretched = amount
        why = f"The sum is {amount} times the mean, so each curvature is {amount} times as large."
    else:
        new = f"but inputs that are {amount} times as large, every one of them, the constant too"
        stretched = amount**2
        why = (
            f"The curvatures are made of products of two inputs ($H = \\frac2n X^\\top X$), so each is"
            f" ${amount}^2 = {stretched}$ times as large."
        )
    task = f"""The squared error of a neuron is a bowl with two curvatures (eigenvalues of $H$): {steep:g} in
the steep direction and {flat:g} in the flat one. Four descents A, B, C, D started from the same point, 1 away
from the minimum in the steep direction and {away:g} away in the flat one. Their learning rates were {listed},
but nobody noted which was which. This is the loss above the minimum:

{head}
|:--|{"--:|" * len(steps)}
{rows}

Which rate belongs to which run? Explain in your own words, in 5 to 10 sentences: by which factor does one
step multiply the distance in each of the two directions, and how does each run show it? Where is the border
between arriving and flying off, and why does it depend on only one of the two curvatures? Why does no rate
make the flat direction fast? Then a colleague takes the rate {rates["middle"]:g}, {new}.
What happens, and which rate would do what {rates["middle"]:g} did before?"""

    def factors(name: str) -> str:
        both = [f"{1 - rates[name] * c:.3g}".replace("-", "−") for c in (steep, flat)]
        return f"{both[0]} (steep) and {both[1]} (flat)"

    why_small = why[0].lower() + why[1:]
    a, b, c, d = (letters[name] for name in times)
    answer = f"""One step multiplies the distance in a direction of curvature $\\lambda$ by
$1 - \\eta\\lambda$. {a} is {rates["slow"]:g}: factors {factors("slow")}; both directions shrink from the
first step on, and the flat one hardly. {b} is {rates["middle"]:g}: factors {factors("middle")};
the steep part is gone after one step, and what is left is the flat one. {c} is {rates["near"]:g}: factors
{factors("near")}; in the steep direction it jumps from side to side and comes closer only a little each
time, while the flat one shrinks faster than before. {d} is {rates["over"]:g}: factors {factors("over")};
each jump lands further out, so the loss grows in the end. The border is $2 / {steep:g} = {limit:g}$: a factor
below $-1$ appears first where the curvature is largest, and one growing direction is enough to diverge. Up to
that border the flat factor stays above $1 - {limit:g} \\cdot {flat:g} = {1 - limit * flat:.3g}$. As for the
colleague: {why_small} The border falls to {limit / stretched:.3g}, and {rates["middle"]:g} is above it,
so the descent flies off. A rate of ${rates["middle"]:g} / {stretched} = {rates["middle"] / stretched:.3g}$
does what {rates["middle"]:g} did."""
    rubric = (
        (
            2,
            f"The runs: {a} is {rates['slow']:g}, {b} is {rates['middle']:g}, {c} is {rates['near']:g}, {d}"
            f" is {rates['over']:g}, with the sign that shows it in the table. One point for two right. Not"
            " enough: the list without reasons.",
        ),
        (
            2,
            "The factor of one step is $1 - \\eta\\lambda$ in each direction, used with the numbers of at"
            " least two runs. Not enough: that large rates overshoot.",
        ),
        (
            1,
            f"The border is 2/{steep:g} = {limit:g}: the steepest direction is the first whose factor leaves"
            " the range from −1 to 1. Not enough: a border read off the table.",
        ),
        (
            1,
            f"The flat direction: below the border its factor cannot fall under {1 - limit * flat:.3g}. Not"
            " enough: that it is slow.",
        ),
        (
            1,
            f"The change: curvatures times {stretched}, so {rates['middle']:g} diverges and"
            f" {rates['middle'] / stretched:.3g} replaces it. Not enough: that the rate must be smaller.",
        ),
    )
    return Question("which_rate", "Four descents without names", task, answer, rubric, 20)


MAKERS: list[Maker] = [lopsided_step, steps_needed]
QUESTIONS: list[Asker] = [which_rate]

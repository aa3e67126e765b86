"""Graded problems of notebook 05: back through a layer with a drawn gate, and the slope of a drawn loss."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mini_dl.course.checks.exercise import Case, case, edge

from . import Array, Asker, Maker, Problem, Question, hidden, pick, quarters
from .wording import times


def backward_block(rng: np.random.Generator) -> Problem:
    """Back through Z = XW + b and a gate; layout, gate and the order of the results are drawn."""
    columns = bool(pick(rng, False, True))
    slope = float(pick(rng, 0.125, 0.25, 0.5))
    bound = float(pick(rng, 1.5, 2.5, 3.5))
    gate = str(pick(rng, "leaky", "clip", "square"))
    order = [int(i) for i in rng.permutation(3)]

    def local(Z: Array) -> Array:
        if gate == "leaky":
            return np.where(Z > 0, 1.0, slope)
        if gate == "clip":
            return np.where(np.abs(Z) < bound, 1.0, 0.0)
        return np.where(Z > 0, 2 * slope * Z, 0.0)

    def backward_block(g: Array, X: Array, W: Array, b: Array) -> tuple[Array, Array, Array]:
        if columns:
            d = g * local(W @ X + b[:, None])
            results = (W.T @ d, d @ X.T, d.sum(axis=1))
        else:
            d = g * local(X @ W + b)
            results = (d @ W.T, X.T @ d, d.sum(axis=0))
        return results[order[0]], results[order[1]], results[order[2]]

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        def data(n: int, d: int, k: int) -> tuple[Array, Array, Array, Array]:
            g, X, W = quarters(rng, n, k), quarters(rng, n, d), quarters(rng, d, k)
            b = quarters(rng, k) + 0.03125  # no sum lies on an edge of the gate
            return (g.T.copy(), X.T.copy(), W.T.copy(), b) if columns else (g, X, W, b)

        yield case(*data(2, 2, 3))
        for _ in range(7):
            yield case(*data(*(int(i) for i in rng.integers(2, 6, size=3))))
        yield edge("one example", *data(1, 3, 2))
        yield edge("one unit", *data(4, 3, 1))
        yield edge("as many examples as inputs and units", *data(3, 3, 3))
        g, X, W, b = data(3, 2, 2)
        yield edge("no gradient comes in", 0 * g, X, W, b)

    formulas = {
        "leaky": f"$H = Z$ where $Z > 0$, and $H = {slope:g}\\,Z$ elsewhere",
        "clip": f"$H = Z$ where $-{bound:g} < Z < {bound:g}$; beyond, $H$"
        f" stays at $-{bound:g}$ or ${bound:g}$",
        "square": f"$H = {slope:g}\\,Z^2$ where $Z > 0$, and $H = 0$ elsewhere",
    }
    names = ["X", "W", "b"]
    wanted = ", ".join(f"`{names[i]}`" for i in order)
    if columns:
        layout = (
            "Here an example is a *column*: `X` has shape $(d, n)$, `W`"
            " has shape $(k, d)$, and $Z = WX + b$, where `b`,"
            " of shape $(k,)$, is added to every column"
        )
        shapes = "g (k, n), X (d, n), W (k, d), b (k,)"
    else:
        layout = (
            "An example is a row: `X` has shape $(n, d)$, `W` has shape"
            " $(d, k)$, and $Z = XW + b$, where `b`, of"
            " shape $(k,)$, is added to every row"
        )
        shapes = "g (n, k), X (n, d), W (d, k), b (k,)"
    task = f"""Write `backward_block(g, X, W, b)` for a layer and its gate. {layout}. The gate
works on each number:
{formulas[gate]}.

`g` is the gradient of the loss with respect to $H$, of the shape of $H$. Return the gradients with
respect to
{wanted}, in this order, as three arrays of the shapes of these. Compute $Z$ again from the
arguments."""
    stub = f'''def backward_block(g: np.ndarray, X: np.ndarray, W: np.ndarray, b: np.ndarray) -> tuple:
    """Return three gradients, in the order of the task, from {shapes}."""
    raise NotImplementedError'''
    slopes = {
        "leaky": f"np.where(Z > 0, 1.0, {slope:g})",
        "clip": f"(np.abs(Z) < {bound:g})",
        "square": f"np.where(Z > 0, {times(2 * slope, 'Z')}, 0.0)",
    }
    results = ["W.T @ d", "d @ X.T", "d.sum(axis=1)"] if columns else ["d @ W.T", "X.T @ d", "d.sum(axis=0)"]
    body = [
        "    Z = W @ X + b[:, None]" if columns else "    Z = X @ W + b",
        f"    d = g * {slopes[gate]}",
        f"    return {', '.join(results[i] for i in order)}",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    X, W, g = np.array([[1.0, -2.0]]), np.array([[1.0, 0.5], [0.25, 1.0]]), np.array([[1.0, 3.0]])
    args = (g.T, X.T, W.T) if columns else (g, X, W)
    example = (*(a.copy() for a in args), np.array([0.125, 0.0]))
    title = "Back through a layer and its gate"
    return Problem(hidden(backward_block, cases), title, task, stub, solution, 6, 20, example)


def loss_slope(rng: np.random.Generator) -> Problem:
    """Return the gradient of a drawn loss with respect to the predictions."""
    kind = str(pick(rng, "huber", "lopsided", "insensitive"))
    a = float(pick(rng, 0.5, 1.5, 2.5))
    weight = float(pick(rng, 3.0, 4.0, 5.0))
    mean = bool(pick(rng, False, True))

    def loss_slope(p: Array, t: Array) -> Array:
        e = p - t
        if kind == "huber":
            slope = np.clip(e, -a, a)
        elif kind == "lopsided":
            slope = np.where(e < 0, 2 * weight * e, 2 * a * e)
        else:
            slope = np.where(np.abs(e) > a, 2 * (e - a * np.sign(e)), 0.0)
        return slope / p.size if mean else slope

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        for _ in range(10):
            n = int(rng.integers(2, 8))
            yield case(2 * quarters(rng, n), quarters(rng, n))
        t = quarters(rng, 2, 3)
        yield edge("a matrix of predictions", t + 2 * quarters(rng, 2, 3), t)
        yield edge("perfect predictions", t[0], t[0].copy())
        yield edge("all far too large", t[0] + 20, t[0])
        yield edge("all far too small", t[0] - 20, t[0])
        yield edge("one prediction", np.array([3.25]), np.array([0.0]))

    losses = {
        "huber": f"$\\tfrac12 e^2$ where $|e| \\le {a:g}$, and ${a:g}\\,(|e| - {a / 2:g})$ beyond",
        "lopsided": f"${weight:g}\\,e^2$ where the prediction is too small, and"
        f" ${a:g}\\,e^2$ where it is too large",
        "insensitive": f"$0$ where $|e| \\le {a:g}$, and $(|e| - {a:g})^2$ beyond",
    }
    how = "mean" if mean else "sum"
    task = f"""A regression uses a loss of its own. With the error $e = p - t$ of a prediction $p$
against its target $t$,
each prediction costs {losses[kind]}. The loss is the *{how}* over all predictions.

Write `loss_slope(p, t)`: the gradient of the loss with respect to `p`, an array of the shape of
`p`. `p` and `t`
are arrays of one shape, with one or more axes; leave them unchanged."""
    stub = '''def loss_slope(p: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Return the gradient of the loss with respect to the predictions p; t, p of one shape."""
    raise NotImplementedError'''
    slopes = {
        "huber": f"np.clip(e, -{a:g}, {a:g})",
        "lopsided": f"np.where(e < 0, {2 * weight:g} * e, {times(2 * a, 'e')})",
        "insensitive": f"2 * np.sign(e) * np.maximum(np.abs(e) - {a:g}, 0.0)",
    }
    body = ["    e = p - t", f"    return {slopes[kind]}{' / p.size' if mean else ''}"]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    example = (np.array([1.0, -4.0, 5.0, 0.25]), np.array([0.0, 0.0, 1.0, 0.0]))
    title = "The slope of a loss of one's own"
    return Problem(hidden(loss_slope, cases), title, task, stub, solution, 4, 8, example)


def read_the_checker(rng: np.random.Generator) -> Question:
    """Find a fault in a backward pass from what a gradient check reports."""
    n = int(pick(rng, 9, 19, 24, 39, 49))
    fault = str(pick(rng, "mean twice", "no gate", "bias mean", "new weights"))
    large_h = bool(pick(rng, False, True))
    off = (n - 1) / (n + 1)
    right = [f"{float(rng.integers(11, 99)) / 10:g}e-{int(rng.integers(9, 11))}" for _ in range(4)]
    wrong = {
        "mean twice": [f"{off:.3f}"] * 4,
        "no gate": [f"{rng.uniform(0.35, 0.6):.3f}", f"{rng.uniform(0.35, 0.6):.3f}", *right[2:]],
        "bias mean": [right[0], f"{off:.3f}", right[2], f"{off:.3f}"],
        "new weights": [f"{rng.uniform(0.01, 0.04):.3f}", f"{rng.uniform(0.01, 0.04):.3f}", *right[2:]],
    }[fault]
    cells = " | ".join(wrong)
    extra = {
        "mean twice": f"Every entry of the four gradients is {n} times too small.",
        "no gate": "In `W1` and `b1` the columns of hidden units that are positive for all examples are"
        " right.",
        "bias mean": f"Both biases' gradients are {n} times too small.",
        "new weights": "With a learning rate ten times as small, the two errors are about ten times as"
        " small.",
    }[fault]
    h = "10^{-1}" if large_h else "10^{-13}"
    cause = {
        "mean twice": "the factor $1/n$ of the mean enters twice: once in the gradient of the logits"
        " $(P - Y)/n$, and again later, for instance in the products or at the end",
        "no gate": "the gate of the ReLU is missing on the way back (or opened by the wrong thing): the"
        " gradient has to be set to 0 where the hidden sum is not positive",
        "bias mean": "the biases take the mean over the examples where the sum belongs; the $1/n$ is"
        " already in the gradient of the logits",
        "new weights": "the step is taken too early: `W2` is updated before the gradient goes through it,"
        " so the hidden layer gets blame by the new `W2` and not by the one of the forward pass",
    }[fault]
    clue = {
        "mean twice": "all four are off by one factor, so the fault is before the ways part or in all of"
        f" them; and the factor is the number of examples, $(1 - 1/{n}) / (1 + 1/{n}) = {off:.3f}$",
        "no gate": "`W2` and `b2` are right, so the logits' gradient is; what is wrong lies between, and"
        " units whose gate is always open are right",
        "bias mean": "both weights are right and use the same gradients $G$; only the step from $G$ to the"
        f" bias is wrong, by the number of examples, $(1 - 1/{n}) / (1 + 1/{n}) = {off:.3f}$",
        "new weights": "`W2` and `b2` are right, so the logits' gradient is; the error behind it is small and"
        " proportional to the learning rate, so something that a step changes is used",
    }[fault]
    effect = (
        "grow, most of all in `W1` and `b1`: the difference quotient is no slope any more (its error grows"
        " with $h^2$), and steps of this size carry hidden sums over the kink of the ReLU"
        if large_h
        else "grow, to a thousandth or more: the two losses agree in nearly all digits, and their"
        " difference is rounding, divided by a tiny $h$"
    )
    task = f"""A network computes $Z = XW_1 + b_1$, $H = \\max(0, Z)$, logits $HW_2 + b_2$; the loss is the
mean cross-entropy over {n} examples. A gradient check with central differences ($h = 10^{{-5}}$) reports the
relative errors $\\lVert g - d \\rVert / (\\lVert g \\rVert + \\lVert d \\rVert)$:

| `W1` | `b1` | `W2` | `b2` |
|--:|--:|--:|--:|
| {cells} |

{extra}

1. Which one mistake in the backward pass explains all of this? Say how each of your clues points to it, also
   those gradients that are right.
2. The mistake is mended. The check is run again with $h = {h}$. What happens to the errors, and why?
3. With the right program and $h = 10^{{-5}}$ a few entries of one column of `W1` have errors of up to 0.3,
   all others are below $10^{{-7}}$. Name a reason that is no mistake, and a way to find out whether it is
   that."""
    answer = f"""(1) Here {cause}. The clues: {clue}.

(2) The errors {effect}.

(3) The hidden sum of that unit is nearly 0 for some example. Moving a weight by $\\pm h$ carries it over the
kink of the ReLU, and the difference quotient mixes the two slopes. Look for hidden sums smaller than about
$h$ times the input; or repeat with other data, other weights or a smaller $h$, with which it has to go
away."""
    rubric = (
        (2, f"The mistake: {cause} (1 point for the place without what is wrong there)."),
        (
            2,
            f"The clues: {clue} (1 point if only the wrong gradients are used). Not enough: a list of"
            " possible mistakes.",
        ),
        (2, f"The errors {effect}. (1 point for the direction alone.) Not enough: that $h$ is badly chosen."),
        (
            2,
            "A hidden sum within $h$ of the kink (1), and a test that could refute it: another $h$, other"
            " data, a look at the hidden sums (1). Not enough: rounding, which would hit all entries.",
        ),
    )
    return Question("read_the_checker", "What the checker found", task, answer, rubric, 18)


MAKERS: list[Maker] = [backward_block, loss_slope]
QUESTIONS: list[Asker] = [read_the_checker]

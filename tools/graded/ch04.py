"""Graded problems of notebook 04: a forward pass with drawn conventions, and a curve from hinges."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from mini_dl.course.checks.exercise import Case, case, edge

from . import Array, Asker, Maker, Problem, Question, hidden, pick, quarters

Layers = list[tuple[Array, Array]]


def skip_forward(rng: np.random.Generator) -> Problem:
    """Run a network with skips; layout, bend, the place of the skip and the output's bend are drawn."""
    columns = bool(pick(rng, False, True))
    kind = str(pick(rng, "leaky", "clip", "late"))
    slope, bound, start = (float(pick(rng, *values)) for values in ((0.125, 0.25), (1.5, 2.5), (0.5, 1.5)))
    inside = bool(pick(rng, False, True))
    share = float(pick(rng, 0.5, 1.0, 2.0))

    def bend(Z: Array) -> Array:
        if kind == "leaky":
            return np.where(Z > 0, Z, slope * Z)
        if kind == "clip":
            return np.clip(Z, -bound, bound)
        return np.maximum(Z - start, 0.0)

    def skip_forward(X: Array, layers: Layers) -> Array:
        H = X
        for W, b in layers[:-1]:
            Z = W @ H + b[:, None] if columns else H @ W + b
            skip = share * H if Z.shape == H.shape else 0.0
            H = bend(Z + skip) if inside else bend(Z) + skip
        W, b = layers[-1]
        return W @ H + b[:, None] if columns else H @ W + b

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        def data(n: int, *sizes: int) -> tuple[Array, Layers]:
            layers = []
            for inputs, units in pairwise(sizes):
                W = quarters(rng, units, inputs) if columns else quarters(rng, inputs, units)
                layers.append((W, quarters(rng, units)))
            return quarters(rng, sizes[0], n) if columns else quarters(rng, n, sizes[0]), layers

        yield case(*data(3, 2, 2, 1))
        yield case(*data(4, 3, 2, 2))
        yield case(*data(3, 2, 3, 3, 1))
        for _ in range(6):
            width = int(rng.integers(2, 5))
            n, first, last = (int(i) for i in rng.integers(1, 5, size=3))
            yield case(*data(n, first, width, width, width, last))
        yield edge("a single layer", *data(4, 3, 2))
        yield edge("a single layer with as many outputs as inputs", *data(4, 3, 3))
        yield edge("one example", *data(1, 2, 2, 2))
        yield edge("as many examples as units", *data(3, 3, 3, 3))
        yield edge("as many examples as units in a layer of another size", *data(2, 4, 2, 3))
        yield edge("one unit in each layer", *data(5, 1, 1, 1, 1))

    layout = (
        "An example is a *column*: `X` has shape $(d, n)$. A layer is a pair `(W, b)` with `W` of shape"
        " (units, inputs) and `b` of shape (units,); its sums are $Z = WH + b$, where $H$ comes from the"
        " layer before and `b` is added to every column"
        if columns
        else "An example is a row: `X` has shape $(n, d)$. A layer is a pair `(W, b)` with `W` of shape"
        " (inputs, units) and `b` of shape (units,); its sums are $Z = HW + b$, where $H$ comes from the"
        " layer before and `b` is added to every row"
    )
    formula = {
        "leaky": f"$\\varphi(z) = z$ where $z > 0$, and ${slope:g}\\,z$ elsewhere",
        "clip": f"$\\varphi(z) = z$ from $-{bound:g}$ to ${bound:g}$; beyond, it stays at $-{bound:g}$ or"
        f" ${bound:g}$",
        "late": f"$\\varphi(z) = z - {start:g}$ where $z > {start:g}$, and 0 elsewhere",
    }[kind]
    times = "" if share == 1 else f"{share:g}\\,"
    skipped = (
        f"the skip goes *into* the bend, $\\varphi(Z + {times}H)$"
        if inside
        else f"the skip goes *around* the bend, $\\varphi(Z) + {times}H$"
    )
    task = f"""Write `skip_forward(X, layers)`, the forward pass of a network of any number of layers.
{layout}. (For the first layer $H$ is `X`.)

Every layer *except the last* hands on $\\varphi(Z)$, with the bend {formula}. And it has a skip if, and only
if, it has as many units as inputs: then {skipped}.

The last layer has neither a bend nor a skip: its $Z$ is the result. Leave the arguments unchanged."""
    shapes = "(d, n) -> (outputs, n)" if columns else "(n, d) -> (n, outputs)"
    stub = f'''def skip_forward(X: np.ndarray, layers: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Return the outputs of the network for X, {shapes}."""
    raise NotImplementedError'''
    sums = "W @ H + b[:, None]" if columns else "H @ W + b"

    def bent(z: str) -> str:
        return {
            "leaky": f"np.where({z} > 0, {z}, {slope:g} * {z if z == 'Z' else f'({z})'})",
            "clip": f"np.clip({z}, -{bound:g}, {bound:g})",
            "late": f"np.maximum({z} - {start:g}, 0.0)",
        }[kind]

    body = [
        "    H = X",
        "    for W, b in layers[:-1]:",
        f"        Z = {sums}",
        f"        skip = {'' if share == 1 else f'{share:g} * '}H if W.shape[0] == W.shape[1] else 0.0",
        f"        H = {bent('Z + skip')}" if inside else f"        H = {bent('Z')} + skip",
        "    W, b = layers[-1]",
        f"    return {sums}",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    X = np.array([[3.0], [-1.0]])
    layers = [(np.array([[w]]), np.array([b])) for w, b in ((-2.0, 1.0), (0.5, 2.0), (2.0, 0.25))]
    example = (X.T.copy() if columns else X, layers)
    title = "Forward, with skips"
    return Problem(hidden(skip_forward, cases), title, task, stub, solution, 5, 18, example)


def hinge_weights(rng: np.random.Generator) -> Problem:
    """Write down a ReLU network that follows given points; its hinges and its ends are drawn."""
    left = bool(pick(rng, False, True))
    flat = bool(pick(rng, False, True))
    sharp = float(pick(rng, 0.5, 2.0, 4.0, 5.0, 10.0))

    def hinge_weights(knots: Array, heights: Array) -> tuple[float, Array]:
        slopes = np.diff(heights) / np.diff(knots)
        first = np.zeros(int(flat or not left))  # a slope of 0 on each side that is level
        last = np.zeros(int(flat or left))
        bends = np.diff(np.concatenate([first, slopes, last]))
        return float(heights[-1 if left else 0]), bends / sharp

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        def data(pieces: int) -> tuple[Array, Array]:
            widths = pick(rng, 0.25, 0.5, 1.0, 2.0) * rng.integers(1, 4, size=pieces)
            return np.cumsum(np.r_[rng.integers(-4, 3), widths]), quarters(rng, pieces + 1)

        yield case(np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 0.0]))
        yield case(np.array([-1.0, 1.0, 2.0, 4.0]), np.array([1.0, 3.0, 2.0, 2.5]))
        for _ in range(8):
            yield case(*data(int(rng.integers(2, 7))))
        knots, heights = data(4)
        yield edge("two points", knots[:2], np.array([1.0, -0.5]))
        yield edge("all of one height", knots, np.full(5, 1.5))
        yield edge("all on one line", knots, 2.0 - 0.5 * knots)
        yield edge("very near to each other", knots / 1024, heights)
        yield edge("far from 0", knots + 100, heights)

    hinge = f"{sharp:g}\\,(e_j - x)" if left else f"{sharp:g}\\,(x - e_j)"
    own, other, far, near = ("right", "left", "first", "last") if left else ("left", "right", "last", "first")
    if flat:
        end = (
            f"{other} of the {far} knot it is level as well, so that every knot has a unit"
            " ($m + 1$ units in all)"
        )
        count = "m + 1"
    else:
        end = (
            f"{other} of the {far} knot it goes on with the slope of the {far} piece, so that every knot but"
            f" the {far} has a unit ($m$ units in all)"
        )
        count = "m"
    task = f"""A network with one input $x$, one hidden layer of ReLU units and one output is

$$f(x) = c + \\sum_j v_j \\, \\max\\bigl(0,\\; {hinge}\\bigr) .$$

It shall follow a curve without any training. `knots` are the places $x_0 < x_1 < \\dots < x_m$, and `heights`
are the values of the curve there; $m$ is at least 1, and the knots are *not* evenly spaced. The network
passes through all these points and is straight between neighbours. {own.capitalize()} of the {near} knot it
is level by itself, since all units are off there; {end}. The edges $e_j$ of the units are these knots.

Write `hinge_weights(knots, heights)`. Return the pair `(c, v)`: a number, and an array of shape $({count},)$
with the output weights of the units in the order of their knots."""
    stub = f'''def hinge_weights(knots: np.ndarray, heights: np.ndarray) -> tuple[float, np.ndarray]:
    """Return c and the output weights v ({count},) from knots (m + 1,) and heights (m + 1,)."""
    raise NotImplementedError'''
    body = ["    slopes = np.diff(heights) / np.diff(knots)"]
    if left:
        body += [f"    padded = np.concatenate([{'[0.0], ' if flat else ''}slopes, [0.0]])"]
    else:
        body += [f"    padded = np.concatenate([[0.0], slopes{', [0.0]' if flat else ''}])"]
    body += [
        f"    return float(heights[{-1 if left else 0}]), np.diff(padded) / {sharp:g}  # changes of slope",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    example = (np.array([0.0, 1.0, 3.0]), np.array([1.0, 2.0, 0.0]))
    title = "A curve from hinges"
    return Problem(hidden(hinge_weights, cases), title, task, stub, solution, 5, 18, example)


def a_bend_is_missing(rng: np.random.Generator) -> Question:
    """Judge a drawn network that lacks one of its bends, and a drawn saying about networks."""
    place = int(pick(rng, 1, 2, 3))
    narrow = bool(pick(rng, False, True))
    sizes = [int(pick(rng, 20, 30, 40)), *(int(pick(rng, 16, 24, 32)) for _ in range(3))]
    sizes += [int(pick(rng, 8, 10, 12))]
    sizes[place] = int(pick(rng, 2, 3, 4) if narrow else pick(rng, 60, 80, 120))
    saying = str(pick(rng, "found", "depth", "small"))

    def count(sizes: list[int]) -> int:
        return sum(a * b + b for a, b in pairwise(sizes))

    merged = sizes[:place] + sizes[place + 1 :]
    before, middle, after = sizes[place - 1 : place + 2]
    names = ["X", "H1", "H2", "H3", "Y"]
    lines = []
    for i, (a, b) in enumerate(pairwise(sizes), start=1):
        sums = f"{names[i - 1]} @ W{i} + b{i}"
        value = sums if i in (place, 4) else f"np.maximum(0, {sums})"
        lines.append(f"{f'{names[i]} = {value}':<35} # W{i}: ({a}, {b}), b{i}: ({b},)")
    listing = "\n".join(lines)
    one, two, enters = place, place + 1, "X" if place == 1 else f"H_{place - 1}"
    said = {
        "found": "Universal approximation guarantees that gradient descent finds good weights, if we only"
        " train long enough.",
        "depth": "By universal approximation one hidden layer can do everything, so depth is a waste.",
        "small": "By universal approximation a handful of hidden units is enough for any continuous"
        " function.",
    }[saying]
    judged = {
        "found": "the theorem says that good weights *exist*; it says nothing about finding them, and"
        " descents do get stuck (two units on XOR did, from many starts)",
        "depth": "the theorem says that one hidden layer comes as close as wanted if it is wide *enough*;"
        " that can be absurdly wide, while a few layers that fold can make the same number of pieces with"
        " few units",
        "small": "the theorem does not say how many units are needed; the wanted closeness decides, and in"
        " many dimensions the number can be astronomical",
    }[saying]
    if narrow:
        rank = (
            "It can compute more, if its weights are free; the same, if its weights are this product. For in"
            f" the network as it stands everything passes through {middle} numbers, so $W_{one} W_{two}$ has"
            f" rank {middle} at most, and not every matrix of shape ({before}, {after}) is such a product."
        )
        rubric_rank = (
            "More, with free weights (1): through"
            f" {middle} numbers no more than {middle} directions pass, so the product has rank {middle} at"
            " most and is no arbitrary matrix (1). The same, if the product is meant as the weights: full"
            " points with the reason. Not enough: that the number of parameters changes."
        )
    else:
        rank = (
            f"It can compute the same, no more and no less: with {middle} units in between, every matrix of"
            f" shape ({before}, {after}) is such a product. So the merged network computes exactly the same"
            " functions, with fewer numbers."
        )
        rubric_rank = (
            f"The same functions (1), since {middle} units in between are no bottleneck: every matrix is such"
            " a product (1). Not enough: that it is smaller."
        )
    task = f"""A colleague shows you a network for {sizes[0]} inputs and {sizes[-1]} answers:

```python
{listing}
```

The colleague says: "Four layers of weights, so it can do more than three. {said}"

Answer in your own words, in 5 to 10 sentences. How many numbers does this network learn? Which two of its
layers are really one, and why? Write down the weights and the bias of that one layer, with their shapes. How
many numbers does the network have with this one layer in place of the two, and can it then compute more,
less or the same? What changes if the missing bend is put in? And what do you say to the colleague's second
sentence?"""
    terms = " + ".join(f"{a + 1} · {b}" for a, b in pairwise(sizes))
    answer = f"""It learns {terms} = {count(sizes):,} numbers.
Layers {one} and {two} are one, since there is no bend after layer {one}: $({enters} W_{one} + b_{one})
W_{two} + b_{two} = {enters} (W_{one} W_{two}) + (b_{one} W_{two} + b_{two})$, a matrix of shape ({before},
{after}) and a bias of shape ({after},). With it the network has {count(merged):,} numbers. {rank} With a
bend after layer {one} the two cannot be merged any more: each of its {middle} units can be off or on, so
space is folded at one place more, and the network can have more flat pieces. On the second sentence:
{judged}."""
    rubric = (
        (
            1,
            f"{count(sizes):,} numbers before and {count(merged):,} after merging. One slip in arithmetic is"
            " forgiven if the way is shown. Not enough: weights without biases.",
        ),
        (
            2,
            f"Layers {one} and {two} are one: $W_{one} W_{two}$ of shape ({before}, {after}) and"
            f" $b_{one} W_{two} + b_{two}$ of shape ({after},). One point without the bias. Not enough: that"
            " two linear layers are linear.",
        ),
        (2, rubric_rank),
        (
            1,
            "The bend: units can switch off, or space is folded, or the two layers cannot be merged any more,"
            " since the map is no longer one matrix there; one of these. Not enough: that the network becomes"
            " nonlinear.",
        ),
        (1, f"The second sentence is wrong: {judged}. Not enough: that theory is not practice."),
    )
    return Question("a_bend_is_missing", "Four layers?", task, answer, rubric, 20)


MAKERS: list[Maker] = [skip_forward, hinge_weights]
QUESTIONS: list[Asker] = [a_bend_is_missing]

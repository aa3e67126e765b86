"""Graded problems of notebook 12: a layer from another world, coarse units, and logs that part."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

import numpy as np

from mini_dl.course.checks.exercise import Case, case, edge

from . import Array, Asker, Maker, Problem, Question, hidden, pick, quarters
from .wording import scientific, times

AXES = {"h": "height", "w": "width", "c": "channels"}


def port_dense(rng: np.random.Generator) -> Problem:
    """Carry a dense layer to a library with another order of axes, another layout and scaled images."""
    orders = ["".join(p) for p in permutations("hwc")]
    ours = str(pick(rng, *orders))
    theirs = str(pick(rng, *[o for o in orders if o != ours]))
    rows_in, rows_out = bool(pick(rng, False, True)), bool(pick(rng, False, True))
    shift, scale = (float(v) for v in pick(rng, (0, 255), (0.5, 0.25), (128, 64), (-1, 2), (0.25, 0.5)))
    axes = [ours.index(letter) for letter in theirs]

    def port_dense(weight: Array, bias: Array, shape: tuple[int, int, int]) -> tuple[Array, Array]:
        kernel = weight if rows_in else weight.T  # (pixels, outputs)
        stored = [shape["hwc".index(letter)] for letter in ours]
        moved = kernel.reshape(*stored, -1).transpose(*axes, 3).reshape(kernel.shape)
        return scale * (moved if rows_out else moved.T), bias + shift * kernel.sum(axis=0)

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        def data(shape: tuple[int, int, int], outputs: int) -> tuple[Array, Array, tuple[int, int, int]]:
            pixels = int(np.prod(shape))
            weight = quarters(rng, pixels, outputs) if rows_in else quarters(rng, outputs, pixels)
            return weight, quarters(rng, outputs) + 0.125, shape

        yield case(*data((2, 3, 2), 1))
        yield case(*data((3, 2, 2), 2))
        yield case(*data((4, 2, 3), 2))
        for _ in range(8):
            a, b, c, outputs = (int(n) for n in rng.integers(2, 5, size=4))
            yield case(*data((a, b, c), outputs))
        yield edge("all axes of one length", *data((3, 3, 3), 2))
        yield edge("as many outputs as inputs", *data((2, 2, 2), 8))
        yield edge("a single pixel with one channel", *data((1, 1, 1), 3))
        yield edge("one long axis", *data((1, 5, 1), 2))
        yield edge("one output", *data((2, 4, 3), 1))

    def names(order: str) -> str:
        return f"({', '.join(AXES[letter] for letter in order)})"

    def layout(rows: bool) -> str:
        return "(inputs, outputs)" if rows else "(outputs, inputs)"

    def letters(order: str) -> str:
        return f"({', '.join(order)})"

    if shift == 0:
        relation = f"each pixel was divided by {scale:g}"
    else:
        moved = (
            f"from each pixel {shift:g} was subtracted"
            if shift > 0
            else f"to each pixel {-shift:g} was added"
        )
        relation = f"{moved}, then it was divided by {scale:g}"
    task = f"""A trained network begins with a dense layer on a flattened image. It shall move to another
library, and give the same outputs there.

- The *old* library keeps an image as {names(ours)} and flattens it in this order (the last axis
  runs fastest). `weight` has shape {layout(rows_in)} and `bias` has shape (outputs,). An output is the sum of
  weight times pixel over all pixels, plus its bias.
- The *new* library keeps the same image as {names(theirs)} and flattens it in that order. Its
  weight has shape {layout(rows_out)}. And its images are scaled: {relation}.

Write `port_dense(weight, bias, shape)`. Whatever the order of storage, `shape` is always $(h, w, c)$: height,
width and number of channels. Return the pair of the new library's weight and bias, with which every image
gives the same outputs as before. Leave the arguments unchanged."""
    stub = f'''def port_dense(weight: np.ndarray, bias: np.ndarray, shape: tuple[int, int, int]) -> tuple:
    """Return weight {layout(rows_out)} and bias (outputs,) from weight {layout(rows_in)}."""
    raise NotImplementedError'''
    added = f" {'-' if shift < 0 else '+'} {times(abs(shift), 'kernel.sum(axis=0)')}" if shift else ""
    body = [
        "    h, w, c = shape",
        f"    kernel = weight{'' if rows_in else '.T'}  # (inputs, outputs)",
        f"    axes = kernel.reshape{letters(ours)[:-1]}, -1).transpose({', '.join(map(str, axes))}, 3)",
        "    moved = axes.reshape(kernel.shape)",
        f"    new_bias = bias{added or '.copy()'}",
        f"    return {scale:g} * moved{'' if rows_out else '.T'}, new_bias",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    weight = np.array([[1.0], [2.0], [3.0], [4.0]])
    weight = weight if rows_in else weight.T.copy()
    small = [(weight, np.array([0.5]), shape) for shape in ((1, 2, 2), (2, 1, 2), (2, 2, 1))]
    example = next(e for e in small if np.any(np.diff(port_dense(*e)[0].ravel()) < 0))  # it shows a new order
    title = "A layer moves house"
    return Problem(hidden(port_dense, cases), title, task, stub, solution, 6, 20, example)


def coarse_units(rng: np.random.Generator) -> Problem:
    """Round on the way forward, pretend on the way back; steps, halves and the window are drawn."""
    step = float(pick(rng, 0.5, 1.0, 2.0))
    bound = step * int(pick(rng, 2, 3, 4))
    halves = str(pick(rng, "up", "down", "away"))
    wide = bool(pick(rng, False, True))
    outside = str(pick(rng, "nothing", "share", "back"))
    share = float(pick(rng, 0.1, 0.25, 0.5))
    window = bound + step / 2 if wide else bound

    def coarse_units(x: Array, g: Array) -> tuple[Array, Array]:
        z = x / step
        if halves == "up":
            whole = np.floor(z + 0.5)
        elif halves == "down":
            whole = np.ceil(z - 0.5)
        else:
            whole = np.sign(z) * np.floor(np.abs(z) + 0.5)
        beyond = {"nothing": 0.0 * g, "share": share * g, "back": np.where(g * x > 0, g, 0.0)}[outside]
        return np.clip(step * whole, -bound, bound), np.where(np.abs(x) <= window, g, beyond)

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        def inputs(*shape: int) -> Array:
            """Return multiples of a quarter of a step, some of them outside, with halves among them."""
            reach = int(4 * bound / step) + 6
            return rng.integers(-reach, reach + 1, size=shape) * step / 4

        def gradients(*shape: int) -> Array:
            return quarters(rng, *shape) + 0.125  # none is 0

        yield case(step * np.array([0.25, 0.75, 1.25]), np.array([1.0, 2.0, 3.0]))
        yield case(step * np.array([0.5, 1.5, -0.5, -1.5]), np.array([1.0, -1.0, 2.0, 3.0]))
        far = bound + 2 * step
        yield case(np.array([far, far, -far, -far]), np.array([1.0, -2.0, 3.0, -4.0]))
        yield case((bound + step / 4) * np.array([1.0, 1.0, -1.0, -1.0]), np.array([1.0, -2.0, 3.0, -4.0]))
        for _ in range(8):
            n = int(rng.integers(4, 9))
            yield case(inputs(n), gradients(n))
        yield edge("a matrix", inputs(3, 4), gradients(3, 4))
        yield edge("exactly at the bounds", np.array([bound, -bound]), np.array([1.5, 2.5]))
        border = np.array([1.0, -1.0, 1.0, -1.0]) * window
        yield edge("exactly at the ends of the window", border, np.array([1.0, 1.0, -1.0, -1.0]))
        yield edge("no gradient", inputs(5), np.zeros(5))
        yield edge("zeros", np.zeros(3), gradients(3))
        yield edge(
            "very far outside", 1e6 * np.array([1.0, -1.0, 1.0, -1.0]), np.array([1.0, 1.0, -1.0, -1.0])
        )

    goes = {
        "up": f"goes to the larger one, so ${-1.5 * step:g}$ goes to ${-step:g}$",
        "down": f"goes to the smaller one, so ${-1.5 * step:g}$ goes to ${-2 * step:g}$",
        "away": "goes to the one that is farther from 0",
    }[halves]
    rest = {
        "nothing": "Elsewhere it is 0.",
        "share": f"Elsewhere it is ${share:g}\\,g$.",
        "back": "Elsewhere it is $g$ if a descent step, $x$ minus a positive rate times $g$, leads back"
        " towards 0, and 0 if it leads further away.",
    }[outside]
    where = f"wherever $|x| \\le {window:g}$"
    task = f"""A unit can take only a few values: the multiples of {step:g} from $-{bound:g}$ to ${bound:g}$.
Forward, each number $x$ goes to the nearest of them. A number halfway between two of them {goes}; what lies
beyond an end goes to that end.

This has the slope 0 nearly everywhere, so on the way back the gradient is made up. If $g$ comes back to the
unit's output, its input gets $g$ {where}. {rest}

Write `coarse_units(x, g)` for arrays of one shape, with one or more axes. Return the pair `(out, dx)`: the
unit's outputs, and what the inputs get. Mind that `np.round` treats halves in its own way. Leave the
arguments unchanged."""
    stub = '''def coarse_units(x: np.ndarray, g: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the outputs and the gradient that the inputs get, each of the shape of x."""
    raise NotImplementedError'''
    z = "x" if step == 1 else f"x / {step:g}"
    whole = {
        "up": f"np.floor({z} + 0.5)",
        "down": f"np.ceil({z} - 0.5)",
        "away": f"np.sign(x) * np.floor(np.abs({z}) + 0.5)",
    }[halves]
    beyond = {"nothing": "0.0", "share": f"{share:g} * g", "back": "np.where(g * x > 0, g, 0.0)"}[outside]
    body = [
        f"    nearest = {'' if step == 1 else f'{step:g} * '}{whole}",
        f"    dx = np.where(np.abs(x) <= {window:g}, g, {beyond})",
        f"    return np.clip(nearest, -{bound:g}, {bound:g}), dx",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    example = (step * np.array([0.75, 1.5, -1.5, 6.0, -6.0]), np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
    title = "Coarse units, and a gradient that is made up"
    return Problem(hidden(coarse_units, cases), title, task, stub, solution, 5, 15, example)


CAUSES = {
    "forward": {
        "the exact GELU in place of its tanh form": 2e-6,
        "a batch normalisation with `eps` of $10^{-3}$ in place of $10^{-5}$": 4e-4,
        "a square weight that was copied transposed": 0.01,
        "kernels that were flipped": 0.02,
    },
    "update": {
        "AdamW in place of Adam": 3e-5,
        "a learning rate of 0.0031 in place of 0.003": 9e-4,
        "an `eps` of $10^{-4}$ in place of $10^{-8}$ in Adam": 2e-3,
    },
    "rounding": {"the examples of each batch in reverse order": 2e-16, "two threads in place of one": 2e-16},
    "use": {
        "a `momentum` of 0.9 in place of 0.1 in the batch normalisation": 0.04,
        "a `momentum` of 0.01 in place of 0.1 in the batch normalisation": 0.2,
    },
}


def where_they_part(rng: np.random.Generator) -> Question:
    """Tell drawn causes from drawn gaps between two engines, and judge a drawn saying."""
    drawn = {kind: pick(rng, *causes.items()) for kind, causes in CAUSES.items()}
    kinds = [str(k) for k in rng.permutation(list(drawn))]
    *present, absent = kinds
    saying = str(pick(rng, "seed", "float32", "shapes"))

    def gaps(kind: str) -> list[float]:
        """Return the gaps of the losses at steps 1, 2, 20 and 300, and that of the outputs in use."""
        size = float(drawn[kind][1])
        tiny = [c * 1e-16 for c in (2.0, 4.0, 300.0, 4e5)]
        start, after = {"forward": (size, 1.3 * size), "update": (2e-16, size)}.get(kind, (tiny[0], tiny[1]))
        grown = [min(7 * after, 0.4), min(30 * after, 0.7)] if kind in ("forward", "update") else tiny[2:]
        use = size if kind == "use" else 1.5 * grown[1]
        return [value * rng.uniform(0.8, 1.2) for value in (start, after, *grown, use)]

    letters = dict(zip(present, "PQR", strict=True))
    rows = "\n".join(
        f"| {letters[kind]} | " + " | ".join(f"${scientific(value)}$" for value in gaps(kind)) + " |"
        for kind in present
    )
    listed = "\n".join(f"- {name}" for name in sorted(drawn[kind][0] for kind in drawn))
    said = {
        "seed": "I gave both engines the same seed. Then they start from the same weights, and nothing has"
        " to be copied.",
        "float32": "Let us compare in float32 and call everything below $10^{-5}$ equal. That is simpler.",
        "shapes": "`load_state_dict` has accepted all weights without a complaint, so the weights are right.",
    }[saying]
    judged = {
        "seed": "each engine has a random generator of its own, so the same seed gives other weights, and"
        " the very first losses differ; weights have to be copied",
        "float32": "in float32 rounding alone makes gaps of $10^{-7}$ that grow, so a small difference of"
        " meaning (as that of the two forms of GELU) cannot be told from it; in float64 there are ten orders"
        " of magnitude between the two",
        "shapes": "it compares names and shapes only; a square weight fits transposed as well, and flipped"
        " kernels fit, too",
    }[saying]
    reasons = {
        "forward": "the gap is far above rounding in the very first loss, before any update, so the forward"
        " pass means something else",
        "update": "the first loss is equal up to rounding, so weights and forward pass agree; the gap comes"
        " with the first update, so it is the gradients or the optimiser",
        "rounding": "the gap begins at the last digit and stays far below any change of meaning, in training"
        " as in use: the same mathematics with the sums in another order",
        "use": "all training losses agree up to rounding, but the outputs in use do not: what differs is"
        " written during the training and read only in use, the running averages",
    }
    told = "; ".join(f"{letters[kind]} is {drawn[kind][0]}: {reasons[kind]}" for kind in present)
    missing = {
        "forward": "it would show in the first loss",
        "update": "it would leave the first loss equal and show in the second",
        "rounding": "it would leave all gaps tiny, in use as well",
        "use": "it would leave all training losses equal and show only in use",
    }[absent]
    follow = {
        "forward": "compare the outputs layer by layer on one batch; the first layer that differs has the"
        " fault",
        "update": "compare the gradients after the first backward pass, then one update, and read the"
        " defaults of the optimiser",
        "use": "compare the buffers after the training, and test both modes",
        "rounding": "nothing is to be repaired; compare first steps exactly and ends by averages over seeds",
    }
    target = next(kind for kind in present if kind != "rounding")
    task = f"""A network with convolutions, batch normalisation and dense layers with GELU is trained with
Adam in two engines, in float64, from copied weights and on the same batches. Three times *one* thing was
different on the one side. These are the gaps between the losses of both engines, and between the outputs of
the trained networks in use (in evaluation mode):

| run | step 1 | step 2 | step 20 | step 300 | in use |
|:--|--:|--:|--:|--:|--:|
{rows}

The three causes are among these four:

{listed}

Which cause belongs to which run, and which of the four did not occur? Explain it in your own words, in 5 to
10 sentences: for each run, what the *moment* and the *size* of its gap tell. What would the fourth cause
have looked like? What would you compare next to find the place in run {letters[target]}, if you had no list
of causes? And a colleague says: "{said}" What do you answer?"""
    answer = f"""{told}. The cause that did not occur is {drawn[absent][0]}: {missing}. Without a list, in run
{letters[target]} I would {follow[target]}. To the colleague: {judged}."""
    rubric = (
        (
            2,
            f"The causes: {', '.join(f'{letters[kind]} is {drawn[kind][0]}' for kind in present)}. One point"
            " for two right. Not enough: the list without reasons.",
        ),
        (
            2,
            f"What moment and size tell:"
            f" {'; '.join(f'{letters[kind]}, {reasons[kind]}' for kind in present)}. One point for two of"
            " them. Not enough: that one gap is larger than another.",
        ),
        (1, f"The fourth, {drawn[absent][0]}: {missing}. Not enough: that it is left over."),
        (1, f"Next in run {letters[target]}: {follow[target]}. Not enough: to read the code again."),
        (1, f"To the colleague: {judged}. Not enough: that one should be careful."),
    )
    return Question("where_they_part", "Where they part", task, answer, rubric, 18)


MAKERS: list[Maker] = [port_dense, coarse_units]
QUESTIONS: list[Asker] = [where_they_part]

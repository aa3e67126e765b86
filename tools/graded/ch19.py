"""Graded problems of notebook 19: a GRU and a coupled LSTM, each with drawn conventions."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from mini_dl.course.checks.exercise import Case, case, edge

from . import Array, Asker, Maker, Problem, Question, hidden, pick, quarters
from .wording import dotted, scientific


def sigmoid(z: Array) -> Array:
    """Return 1 / (1 + exp(−z)) without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * z))


def stacked_parts(order: list[str], *, side_by_side: bool) -> str:
    """Say where the weights of each of three parts stand in `W`, `U` and `b`."""
    first, second, third = (f"${name}$" for name in order)
    how, line = ("stand side by side", "columns") if side_by_side else ("are stacked", "rows")
    shapes = ("(inputs, 3 · units)", "(units, 3 · units)")
    if not side_by_side:
        shapes = ("(3 · units, inputs)", "(3 · units, units)")
    return (
        f"The weights of its three parts {how}: `W` has shape {shapes[0]}, `U` {shapes[1]}, `b` (3 ·"
        f" units,). The first third of the {line} of `W` belongs to {first}, the next third to {second}, the"
        f" last third to {third}; likewise in `U` and `b`."
    )


def gated_step(rng: np.random.Generator) -> Problem:
    """One step of a GRU; the order of its parts, the sense of its gates and the reset are drawn."""
    order = [("r", "z", "n")[int(i)] for i in rng.permutation(3)]
    side_by_side = bool(pick(rng, False, True))
    before = bool(pick(rng, False, True))
    keeps = bool(pick(rng, False, True))
    silences = bool(pick(rng, False, True))

    def gated_step(x: Array, h: Array, W: Array, U: Array, b: Array) -> Array:
        if not side_by_side:
            W, U = W.T, U.T
        w, u, bias = (dict(zip(order, np.split(part, 3, axis=-1), strict=True)) for part in (W, U, b))
        r, z = (sigmoid(x @ w[gate] + h @ u[gate] + bias[gate]) for gate in "rz")
        heard = 1 - r if silences else r
        old = (heard * h) @ u["n"] if before else heard * (h @ u["n"])
        n = np.tanh(x @ w["n"] + old + bias["n"])
        return z * h + (1 - z) * n if keeps else (1 - z) * h + z * n

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        def data(batch: int, inputs: int, units: int) -> tuple[Array, ...]:
            W, U = quarters(rng, inputs, 3 * units) / 2, quarters(rng, units, 3 * units) / 2
            b = quarters(rng, 3 * units) / 2
            x, h = quarters(rng, batch, inputs), quarters(rng, batch, units) / 4
            return (x, h, W, U, b) if side_by_side else (x, h, W.T.copy(), U.T.copy(), b)

        yield case(*data(1, 1, 1))
        yield case(*data(1, 1, 2))
        for sizes in ((2, 3, 2), (3, 2, 4), (2, 2, 3), (4, 3, 3), (3, 5, 2), (2, 4, 3)):
            yield case(*data(*sizes))
        x, h, W, U, b = data(3, 2, 4)
        yield edge("the state is 0", x, 0 * h, W, U, b)
        yield edge("no input", 0 * x, h, W, U, b)
        yield edge("a single sequence", *data(1, 3, 2))
        yield edge("one unit", *data(3, 2, 1))

    def sums(name: str) -> str:
        if side_by_side:
            return f"x\\,W_{name} + h\\,U_{name} + b_{name}"
        return f"W_{name}\\, x + U_{name}\\, h + b_{name}"

    gate = "(1 - r)" if silences else "r"
    if side_by_side:
        old = f"({gate} \\odot h)\\, U_n" if before else f"{gate} \\odot (h\\, U_n)"
        candidate = f"x\\,W_n + {old} + b_n"
    else:
        old = f"U_n ({gate} \\odot h)" if before else f"{gate} \\odot (U_n\\, h)"
        candidate = f"W_n\\, x + {old} + b_n"
    mixed = "z \\odot h + (1 - z) \\odot n" if keeps else "(1 - z) \\odot h + z \\odot n"
    lines = "" if side_by_side else " (The formulas are for one sequence; $x$ and $h$ are then columns.)"
    task = f"""Write `gated_step(x, h, W, U, b)`: one step of a gated unit with its own conventions, for a
batch of sequences: `x` has shape (batch, inputs), `h` (batch, units).
{stacked_parts(order, side_by_side=side_by_side)}

$$r = \\sigma({sums("r")}), \\qquad z = \\sigma({sums("z")}),$$

$$n = \\tanh\\big({candidate}\\big), \\qquad h' = {mixed} .$$

$\\sigma$ is the sigmoid, $\\odot$ multiplies entry by entry.{lines} Return the new states $h'$, (batch,
units), and leave the arguments unchanged."""
    parameters = ", ".join(f"{name}: np.ndarray" for name in "xhWUb")
    stub = f'''def gated_step({parameters}) -> np.ndarray:
    """Return the new states, (batch, units)."""
    raise NotImplementedError'''
    heard = "(1 - r)" if silences else "r"
    cut, turn = (", axis=1", "") if side_by_side else ("", ".T")
    names = {letter: ", ".join(f"{letter}_{gate}" for gate in order) for letter in "WUb"}
    old = f"({heard} * h) @ U_n{turn}" if before else f"{heard} * (h @ U_n{turn})"
    body = [
        f"    {names['W']} = np.split(W, 3{cut})",
        f"    {names['U']} = np.split(U, 3{cut})",
        f"    {names['b']} = np.split(b, 3)",
        *(f"    {g} = 1 / (1 + np.exp(-(x @ W_{g}{turn} + h @ U_{g}{turn} + b_{g})))" for g in "rz"),
        f"    n = np.tanh(x @ W_n{turn} + {old} + b_n)",
        "    return z * h + (1 - z) * n" if keeps else "    return (1 - z) * h + z * n",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    W = np.array([[1.0, 0.5, -1.0]])
    U = np.array([[2.0, -1.0, 0.5]])
    b = np.array([0.0, 1.0, 0.25])
    x, h = np.array([[1.0], [-2.0]]), np.array([[0.5], [1.0]])
    example = (x, h, W, U, b) if side_by_side else (x, h, W.T.copy(), U.T.copy(), b)
    title = "A gated unit by its own conventions"
    return Problem(hidden(gated_step, cases), title, task, stub, solution, 5, 18, example)


def one_gate_less(rng: np.random.Generator) -> Problem:
    """Run an LSTM whose input and forget gate are one; order, offset, output and result are drawn."""
    gate = str(pick(rng, "f", "i"))
    order = [(gate, "g", "o")[int(i)] for i in rng.permutation(3)]
    offset = float(pick(rng, 0.5, 1.0, 1.5, 2.0))
    late = bool(pick(rng, False, True))
    bent = bool(pick(rng, False, True))
    wanted = str(pick(rng, "states", "cells", "last"))

    def one_gate_less(x: Array, W: Array, U: Array, b: Array) -> Array | tuple[Array, Array]:
        h = c = np.zeros(U.shape[1])
        states, cells = [], []
        for x_t in x:
            part = dict(zip(order, np.split(W @ x_t + U @ h + b, 3), strict=True))
            share = sigmoid(part[gate] + offset)
            kept, let_in = (share, 1 - share) if gate == "f" else (1 - share, share)
            new = kept * c + let_in * np.tanh(part["g"])
            shown = c if late else new
            c, h = new, sigmoid(part["o"]) * (np.tanh(shown) if bent else shown)
            states.append(h)
            cells.append(c)
        return (h, c) if wanted == "last" else np.array(states if wanted == "states" else cells)

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        def data(time: int, inputs: int, units: int) -> tuple[Array, ...]:
            W, U = quarters(rng, 3 * units, inputs) / 2, quarters(rng, 3 * units, units)
            return quarters(rng, time, inputs), W, U, quarters(rng, 3 * units) / 2

        yield case(*data(2, 1, 1))
        yield case(*data(3, 2, 1))
        for sizes in ((4, 3, 2), (5, 2, 4), (4, 2, 3), (6, 3, 3), (5, 4, 2), (7, 2, 2)):
            yield case(*data(*sizes))
        x, W, U, b = data(5, 2, 3)
        yield edge("a single step", x[:1], W, U, b)
        yield edge("two steps", x[:2], W, U, b)
        yield edge("an input of zeros", 0 * x, W, U, b)
        yield edge("no weights on the state", x, W, 0 * U, b)
        yield edge("thirty steps", *data(30, 2, 2))

    plus = f"{offset:g}"
    if gate == "f":
        gates = f"f = \\sigma(a_f + {plus}), \\qquad i = 1 - f"
        which = "no input gate of its own: what is not kept is replaced"
    else:
        gates = f"i = \\sigma(a_i + {plus}), \\qquad f = 1 - i"
        which = "no forget gate of its own: it forgets as much as it lets in"
    cell = "c_{t-1}" if late else "c_t"
    shown = f"\\tanh({cell})" if bent else cell
    result = {
        "states": "the states of all steps, (time, units)",
        "cells": "the cells of all steps, (time, units)",
        "last": "the pair (h, c): the state and the cell after the last step, each (units,)",
    }[wanted]
    note = " Mind that $h_t$ shows the cell as it was *before* the step." if late else ""
    task = f"""Write `one_gate_less(x, W, U, b)`: an LSTM with {which}. It reads one sequence `x`, of shape
(time, inputs). State and cell are 0 before the first step.

{stacked_parts(order, side_by_side=False)} With $a = W x_t + U h_{{t-1}} + b$, whose parts are
{dotted([f"$a_{name}$" for name in order])}, one step is

$${gates}, \\qquad g = \\tanh(a_g), \\qquad o = \\sigma(a_o),$$

$$c_t = f \\odot c_{{t-1}} + i \\odot g, \\qquad h_t = o \\odot {shown} .$$

$\\sigma$ is the sigmoid, $\\odot$ multiplies entry by entry.{note} Return {result}. Leave the arguments
unchanged."""
    kind = "tuple[np.ndarray, np.ndarray]" if wanted == "last" else "np.ndarray"
    stub = f'''def one_gate_less(x: np.ndarray, W: np.ndarray, U: np.ndarray, b: np.ndarray) -> {kind}:
    """Return {result}."""
    raise NotImplementedError'''
    show = f"np.tanh({'c' if late else 'new'})" if bent else ("c" if late else "new")
    body = [
        "    h = c = np.zeros(U.shape[1])",
        *([] if wanted == "last" else ["    found = []"]),
        "    for x_t in x:",
        f"        {', '.join(order)} = np.split(W @ x_t + U @ h + b, 3)",
        f"        {gate} = 1 / (1 + np.exp(-({gate} + {plus})))",
        f"        {'i = 1 - f' if gate == 'f' else 'f = 1 - i'}",
        "        new = f * c + i * np.tanh(g)",
        f"        h = {show} / (1 + np.exp(-o))",
        "        c = new",
        *([] if wanted == "last" else [f"        found.append({'h' if wanted == 'states' else 'c'})"]),
        f"    return {'h, c' if wanted == 'last' else 'np.array(found)'}",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    W, U = np.array([[1.0], [0.5], [-1.0]]), np.array([[2.0], [-1.0], [0.5]])
    example = (np.array([[1.0], [-2.0], [0.5]]), W, U, np.array([0.0, 1.0, 0.25]))
    title = "An LSTM with one gate less"
    return Problem(hidden(one_gate_less, cases), title, task, stub, solution, 5, 18, example)


def why_the_bias(rng: np.random.Generator) -> Question:
    """Ask what is left in a cell, and which bias keeps it: distance and bias are drawn."""
    distance = int(pick(rng, 50, 60, 80, 100, 150, 200, 400))
    bias = float(pick(rng, 0, 0.5, 1, 2))
    gate = 1 / (1 + math.exp(-bias))
    proposal = str(pick(rng, "units", "clip", "longer"))

    left = gate**distance
    wanted = math.log(distance - 1)
    kept = (1 - 1 / distance) ** distance
    near = [((1 + math.exp(-b)) ** -distance, b) for b in (wanted - 1, wanted + 1)]
    around = " and ".join(f"{b:.1f} (which leaves {share:.2g})" for share, b in near)
    said = {
        "units": "An LSTM cannot forget, that is what it was made for. It is too small; take four times as"
        " many units.",
        "clip": "An LSTM cannot forget, that is what it was made for. The gradient must be exploding; clip"
        " it.",
        "longer": "An LSTM cannot forget, that is what it was made for. Just let it train ten times as long.",
    }[proposal]
    judged = {
        "units": f"More units do not help while each of them forgets as fast: {bias:g} is the bias of all of"
        " them.",
        "clip": "Clipping shortens gradients that are too long. These are far too short, so it does nothing.",
        "longer": "Longer training helps little: next to no gradient arrives at the marked step, so there"
        " is next to nothing to learn from in each of the many steps.",
    }[proposal]
    share = f"${gate:.3g}^{{{distance}}} \\approx {scientific(left)}$"
    title = f"It was made to remember {distance} steps"
    task = f"""An LSTM shall say, at the end of a sequence, which value was marked {distance} steps before.
At the start of training the weights are small, so that the gates hardly depend on the input. The bias of
the forget gates is {bias:g}, all other biases are 0. The loss does not fall below guessing. A colleague
says: "{said}"

Answer the colleague in your own words, in 5 to 10 sentences. How large are the forget gates, and which
share of the content of a cell is left after {distance} steps? What has this to do with the gradient? What
does the colleague's proposal do? Which bias would you set instead, and what does it leave after {distance}
steps? What should become of the input gates' biases, and why? In what sense is the colleague right about
what the LSTM was made for?"""
    answer = f"""With small weights a forget gate is about the sigmoid of its bias, $\\sigma({bias:g})
\\approx {gate:.3g}$. Each step keeps this share of the content of a cell, so after {distance} steps {share}
is left. Along the cell the gradient is multiplied by the same forget gates and fades in the same way: what
is forgotten cannot be learned. {judged} A gate that loses one part in {distance} a step has the value $1 -
1/{distance}$; for that its bias is $\\log({distance} - 1) \\approx {wanted:.1f}$, and about {kept:.2g} of
the content is left at the end. The input gates' biases get the negative, about $-{wanted:.1f}$: a cell that
keeps nearly everything would otherwise be filled by what comes in at every step. The colleague is right
that the LSTM was made to keep: it adds to its cell instead of replacing it, and with a forget gate of 1
nothing fades. But a gate only allows this; where it starts decides whether training finds out."""
    rubric = (
        (
            2,
            f"The gate is about {gate:.3g} and the share left {share} (the power of ten is enough), since"
            " each step multiplies by it. Not enough: that the memory fades, without a number.",
        ),
        (
            2,
            "The gradient along the cell is multiplied by the same forget gates, so what is forgotten is not"
            " learned. Not enough: that gradients vanish, without the link to the gates.",
        ),
        (
            1,
            f"Judges the proposal rightly. Model: {judged} Not enough: that it will not help, without the"
            " reason.",
        ),
        (
            2,
            f"Proposes a bias of about $\\log({distance} - 1) \\approx {wanted:.1f}$ (or a spread of biases"
            " up to it) for the forget gates and a negative one for the input gates, each with its reason;"
            f" about {kept:.2g} is left (1 point for the forget gates alone). Any bias between {around} will"
            " do, with the share that it leaves. Not enough: a larger bias,"
            " without how large.",
        ),
        (
            1,
            "The cell is added to, not replaced: with open forget gates nothing fades, but the gates have to"
            " start there or be learned. Not enough: that the LSTM has gates.",
        ),
    )
    return Question("why_the_bias", title, task, answer, rubric, 15)


MAKERS: list[Maker] = [gated_step, one_gate_less]
QUESTIONS: list[Asker] = [why_the_bias]

"""Graded problems of notebook 18: a recurrent layer with a drawn update, and its gradient through time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mini_dl.course.checks.exercise import Case, case, edge

from . import Array, Asker, Maker, Problem, Question, hidden, pick, quarters
from .wording import scientific


def slow_states(rng: np.random.Generator) -> Problem:
    """Run a recurrent layer over a sequence; update, layout and direction are drawn."""
    columns = bool(pick(rng, False, True))
    backwards = bool(pick(rng, False, True))
    lag = int(pick(rng, 1, 2, 3))
    kept = float(pick(rng, 0.25, 0.5, 0.75))
    mixes = bool(pick(rng, False, True))
    shape = str(pick(rng, "tanh", "clip", "relu"))
    bound = float(pick(rng, 1.25, 1.5, 2.0))

    def f(z: Array) -> Array:
        if shape == "tanh":
            return np.tanh(z)
        return np.clip(z, -bound if shape == "clip" else 0.0, bound)

    def slow_states(x: Array, W: Array, U: Array, b: Array) -> Array:
        if columns:
            x, W, U = x.T, W.T, U.T
        states = [np.zeros(len(b))] * lag
        for x_t in x[::-1] if backwards else x:
            new = f(x_t @ W + states[-lag] @ U + b)
            states.append(kept * states[-1] + (1 - kept) * new if mixes else states[-1] + kept * new)
        found = np.array(states[lag:][::-1] if backwards else states[lag:])
        return found.T.copy() if columns else found

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        def data(time: int, inputs: int, units: int) -> tuple[Array, ...]:
            x, W = quarters(rng, time, inputs), quarters(rng, inputs, units) / 2
            U, b = quarters(rng, units, units) / 2, quarters(rng, units) / 2
            return (x.T.copy(), W.T.copy(), U.T.copy(), b) if columns else (x, W, U, b)

        one = np.array([[0.5]])
        x = np.array([[1.0], [0.0], [-2.0], [4.0], [0.5]])
        yield case(x.T.copy() if columns else x, one, 2 * one, np.array([0.25]))
        for _ in range(7):
            time, inputs, units = (int(rng.integers(low, high)) for low, high in ((5, 9), (2, 5), (2, 5)))
            yield case(*data(time, inputs, units + (units == inputs)))
        yield edge("a single step", *data(1, 3, 2))
        yield edge("two steps", *data(2, 2, 3))
        yield edge("one unit, one input", *data(6, 1, 1))
        yield edge("all sizes equal", *data(4, 4, 4))
        x, W, U, b = data(6, 2, 3)
        yield edge("an input of zeros", 0 * x, W, U, b)

    back = "t-1" if lag == 1 else f"t-{lag}"
    if columns:
        layout = (
            "`x` has shape (inputs, time): one column for each step. `W` has shape (units, inputs), `U`"
            " (units, units), `b` (units,). Return all states, (units, time)."
        )
        z = f"W x_t + U h_{{{back}}} + b"
    else:
        layout = (
            "`x` has shape (time, inputs): one row for each step. `W` has shape (inputs, units), `U` (units,"
            " units), `b` (units,). Return all states, (time, units)."
        )
        z = f"x_t W + h_{{{back}}}\\, U + b"
    line = "column" if columns else "row"
    way = (
        f"The sequence is read from its end: $t = 1$ is the last {line} of `x`, $t = 2$ the one before it."
        f" In the result the state of each step stands in the same {line} as its input."
        if backwards
        else f"The sequence is read from its beginning: $t = 1$ is the first {line} of `x`, and the first"
        f" {line} of the result."
    )
    update = f"{kept:g}\\, h_{{t-1}} + {1 - kept:g}\\, f(z_t)" if mixes else f"h_{{t-1}} + {kept:g}\\, f(z_t)"
    bend = {
        "tanh": "$f$ is the hyperbolic tangent.",
        "clip": f"$f$ leaves numbers between $-{bound:g}$ and ${bound:g}$ as they are; smaller ones become"
        f" $-{bound:g}$, larger ones ${bound:g}$.",
        "relu": f"$f$ leaves numbers between $0$ and ${bound:g}$ as they are; smaller ones become $0$,"
        f" larger ones ${bound:g}$.",
    }[shape]
    far = "" if lag == 1 else f" Mind that $z_t$ hears the state of {lag} steps before."
    task = f"""Write `slow_states(x, W, U, b)`: a recurrent layer reads one sequence. {layout} One step is

$$z_t = {z}, \\qquad h_t = {update} .$$

{bend}{far} All states before the first step are 0.

{way} Leave the arguments unchanged."""
    result = "(units, time)" if columns else "(time, units)"
    stub = f'''def slow_states(x: np.ndarray, W: np.ndarray, U: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the states of all steps, {result}."""
    raise NotImplementedError'''
    bent = {
        "tanh": "np.tanh(z)",
        "clip": f"np.clip(z, -{bound:g}, {bound:g})",
        "relu": f"np.clip(z, 0, {bound:g})",
    }[shape]
    times = "range(n - 1, -1, -1)" if backwards else "range(n)"
    take = "[:, t]" if columns else "[t]"
    product = f"W @ x[:, t] + U @ states[-{lag}] + b" if columns else f"x[t] @ W + states[-{lag}] @ U + b"
    new = f"{kept:g} * states[-1] + {1 - kept:g} * {bent}" if mixes else f"states[-1] + {kept:g} * {bent}"
    body = [
        f"    n = {'x.shape[1]' if columns else 'len(x)'}",
        f"    y = np.zeros({'(len(b), n)' if columns else '(n, len(b))'})",
        f"    states = [np.zeros(len(b))]{f' * {lag}' if lag > 1 else ''}",
        f"    for t in {times}:",
        f"        z = {product}",
        f"        states.append({new})",
        f"        y{take} = states[-1]",
        "    return y",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    x = np.array([[1.0], [3.0], [0.0], [-2.0]])
    example = (x.T.copy() if columns else x, np.array([[0.5]]), np.array([[1.0]]), np.array([0.0]))
    title = "A layer that changes slowly"
    return Problem(hidden(slow_states, cases), title, task, stub, solution, 5, 18, example)


def back_through(rng: np.random.Generator) -> Problem:
    """Send gradients back through time; activation, layout, cuts and what is wanted are drawn."""
    columns = bool(pick(rng, False, True))
    shape = str(pick(rng, "tanh", "sigmoid", "relu"))
    chunk = int(pick(rng, 2, 3, 4))
    wanted = [("U", "b", "h0")[int(i)] for i in rng.permutation(3)[:2]]

    def slope(h: Array) -> Array:
        if shape == "tanh":
            return 1 - h**2
        return h * (1 - h) if shape == "sigmoid" else (h > 0).astype(float)

    def back_through(h: Array, U: Array, g: Array) -> tuple[Array, Array]:
        steps = len(g)
        back = np.zeros(len(U))
        deltas = np.zeros((steps, len(U)))
        for t in range(steps, 0, -1):
            deltas[t - 1] = (g[t - 1] + (back if t % chunk else 0)) * slope(h[t])
            back = U.T @ deltas[t - 1] if columns else U @ deltas[t - 1]
        uses = deltas.T @ h[:-1] if columns else h[:-1].T @ deltas
        found = {"U": uses, "b": deltas.sum(axis=0), "h0": back}
        return found[wanted[0]], found[wanted[1]]

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        def data(steps: int, units: int) -> tuple[Array, Array, Array]:
            h = rng.integers(-7, 8, size=(steps + 1, units)) / 8
            if shape == "sigmoid":
                h = (h + 1) / 2
            elif shape == "relu":
                h = np.maximum(4 * h + 0.5, 0)
            return h, quarters(rng, units, units) / 2, quarters(rng, steps, units)

        yield case(*data(chunk + 1, 1))
        for steps in (5, 6, 7, 8, 9, 5, 7):
            yield case(*data(steps, int(rng.integers(2, 5))))
        yield edge("a single step", *data(1, 3))
        yield edge("exactly one chunk", *data(chunk, 2))
        h, U, g = data(6, 3)
        yield edge("the loss looks at the last step only", h, U, np.r_[0 * g[:-1], g[-1:]])
        yield edge("the loss looks at the first step only", h, U, np.r_[g[:1], 0 * g[1:]])
        yield edge("no gradient comes in", h, U, 0 * g)

    if columns:
        step = "h_t = f(U h_{t-1} + a_t)"
        reads = "row $i$ of `U` holds the weights *into* unit $i$ of the new state"
    else:
        step = "h_t = f(h_{t-1}\\, U + a_t)"
        reads = "column $j$ of `U` holds the weights *into* unit $j$ of the new state"
    bend = {
        "tanh": "$f$ is the hyperbolic tangent",
        "sigmoid": "$f$ is the sigmoid, $1 / (1 + e^{-z})$",
        "relu": "$f(z) = z$ where $z > 0$ and 0 elsewhere; its slope is 1 where a state is above 0, and 0"
        " where it is 0",
    }[shape]
    meanings = {
        "U": "`U`",
        "b": "the bias $b$, which is a part of every $a_t$",
        "h0": "the first state, $h_0$",
    }
    last = f"${chunk}$ and ${chunk + 1}$, between ${2 * chunk}$ and ${2 * chunk + 1}$"
    kept_text = (
        " The gradient with respect to `U` is the sum over all steps; in each of them $h_{t-1}$ is what was"
        " in fact there, also across a cut."
        if "U" in wanted
        else ""
    )
    start_text = " $h_0$ gets what comes back through the first chunk." if "h0" in wanted else ""
    task = f"""A recurrent layer has run for $T$ steps over one sequence: ${step}$, where $a_t$ holds what
comes from the input, with the bias; {reads}. {bend}.

Write `back_through(h, U, g)`. `h`, of shape ($T + 1$, units), holds $h_0$ to $h_T$ as the forward pass left
them. `g`, of shape ($T$, units), holds what the loss sends *directly* into the states: its first row
belongs to $h_1$, its last to $h_T$. What reaches a state through later states is not in it: compute it.

The gradient is *truncated* into chunks of {chunk} steps: between steps {last}, and so on, it is cut. There
nothing goes back from the later step to the state before it, as if that state were a
constant.{start_text}{kept_text}

Return two arrays: the gradients of the loss with respect to {meanings[wanted[0]]}, and to
{meanings[wanted[1]]}, in this order, of their shapes. Leave the arguments unchanged."""
    stub = '''def back_through(h: np.ndarray, U: np.ndarray, g: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return two gradients, in the order of the task: h (T + 1, units), U (units, units), g (T, units)."""
    raise NotImplementedError'''
    slopes = {"tanh": "(1 - h[t] ** 2)", "sigmoid": "h[t] * (1 - h[t])", "relu": "(h[t] > 0)"}
    names = {"U": "dU", "b": "db", "h0": "back"}
    body = [
        *(["    dU = np.zeros(U.shape)"] if "U" in wanted else []),
        *(["    db = np.zeros(len(U))"] if "b" in wanted else []),
        "    back = np.zeros(len(U))",
        "    for t in range(len(g), 0, -1):",
        f"        if t % {chunk} == 0:",
        "            back = np.zeros(len(U))",
        f"        d = (g[t - 1] + back) * {slopes[shape]}",
        *(
            [f"        dU += np.outer({'d, h[t - 1]' if columns else 'h[t - 1], d'})"]
            if "U" in wanted
            else []
        ),
        *(["        db += d"] if "b" in wanted else []),
        f"        back = {'U.T @ d' if columns else 'U @ d'}",
        f"    return {names[wanted[0]]}, {names[wanted[1]]}",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    U = np.array([[1.0, 0.5], [0.0, -2.0]])
    h = np.array([[0.25, 0.5], [0.5, 0.75], [0.5, 0.0 if shape == "relu" else 0.25], *[[0.75, 0.5]] * 3])
    g = np.array([[0.0, 1.0], *[[0.0, 0.0]] * (chunk - 1), [1.0, 0.0]])  # the last step is behind a cut
    example = (h[: chunk + 2], U, g)
    title = "Back through time, in chunks"
    return Problem(hidden(back_through, cases), title, task, stub, solution, 6, 25, example)


def why_it_forgets(rng: np.random.Generator) -> Question:
    """Ask what is left of a gradient, and what a remedy does: radius, distance and chunk are drawn."""
    grows = bool(pick(rng, False, True))
    radius = float(pick(rng, 1.1, 1.15, 1.2) if grows else pick(rng, 0.8, 0.85, 0.9))
    distance = int(pick(rng, 30, 40, 60, 80))
    chunk = int(pick(rng, 100, 128) if grows else pick(rng, 16, 20, 100, 128))
    remedy = str(pick(rng, "rate", "clipping"))

    factor = radius**distance
    left = f"${radius:g}^{{{distance}}} \\approx {scientific(factor)}$"
    seen = (
        "the loss jumps to absurd values every few steps"
        if grows
        else "the loss does not fall below guessing"
    )
    said = {
        (True, "rate"): "Take a learning rate ten times smaller, then it will learn.",
        (True, "clipping"): "Clip the gradient; then it will learn, and remember as far back as we like.",
        (False, "rate"): "The gradient has only become small. Take a learning rate that makes up for it.",
        (
            False,
            "clipping",
        ): "Clip the gradient; that is what one does about gradients in recurrent networks.",
    }[grows, remedy]
    judged = {
        (
            True,
            "rate",
        ): "A smaller rate scales every gradient alike: the usual ones, too, which then teach next to"
        " nothing, while the rare huge ones are still far too large. The cure is clipping: a gradient that is"
        " longer than a limit is shortened to it and keeps its direction.",
        (True, "clipping"): "Clipping is right against the jumps: a gradient that is longer than a limit is"
        " shortened to it and keeps its direction. But it only shortens. It gives no memory: what is too"
        " faint, or cut off, stays so.",
        (
            False,
            "rate",
        ): "A larger rate does not help: it scales the faint share from far back and the strong one"
        " from the last steps alike. The strong one would break the training long before the faint one"
        " counts.",
        (
            False,
            "clipping",
        ): "Clipping does not help: it shortens gradients that are too long. Ours is too short,"
        " so it is never touched; clipping is the cure for explosions.",
    }[grows, remedy]
    wrong = {
        (True, "rate"): "Not enough: that smaller steps are slower.",
        (True, "clipping"): "Not enough: that clipping is good, without what it cannot do.",
        (False, "rate"): "Not enough: that a large rate is dangerous.",
        (False, "clipping"): "Not enough: that clipping is useless in general.",
    }[grows, remedy]
    if chunk < distance:
        border = (
            f"Besides, {chunk} steps are fewer than {distance}: the gradient is cut before it ever reaches"
            " the symbol. The state may still carry it, but the network is not taught to keep it."
        )
        cut = f"Sees that {chunk} < {distance}: whatever the radius, no gradient reaches the symbol."
    else:
        border = (
            f"The chunks are not to blame, where the symbol lies in the same one: {chunk} steps are more than"
            f" {distance}, so nothing is cut. Only where a border falls in between, none comes back."
        )
        cut = f"Sees that {chunk} > {distance}: the cut is not the reason, unless a border falls in between."
    better = (
        "I would start with an orthogonal matrix, all of whose eigenvalues have the absolute value 1, so"
        " that at first the gradient neither grows nor dies, or take a cell with gates, whose content is"
        " added to and not replaced."
    )
    title = f"{distance} steps back"
    task = f"""A recurrent network with tanh shall name, at the end, a symbol that it read {distance} steps
before. Its recurrent matrix starts with a spectral radius of {radius:g}. At first inputs and states are
small, so that tanh is nearly a straight line. It is trained with truncated backpropagation through time, in
chunks of {chunk} steps, and {seen}. A colleague says: "{said}"

Answer the colleague in your own words, in 5 to 10 sentences. By about which factor does a gradient change
over {distance} steps back, and why is it a power? What does the colleague's remedy do, and what does it not
do? What does the length of the chunks mean here? What changes when the states become large? What would you
try, and why?"""
    verb = "grows" if grows else "shrinks"
    answer = f"""At each step back the gradient is multiplied by the same matrix (transposed) and by slopes
of tanh, which are nearly 1 here. Multiplying {distance} times by the same matrix changes nearly every
vector by the spectral radius each time, so the gradient {verb} by a factor of about {left}. {judged}
{border} When the states become large, tanh bends and its slopes fall below 1, so that gradients are smaller
than the radius says; what a unit then holds safely it can hardly learn. {better}"""
    rubric = (
        (
            2,
            f"The factor is about {left}, and the reason: the same matrix at every step, so its radius to"
            " the power of the number of steps. Not enough: that the gradient vanishes or explodes, without"
            " the estimate.",
        ),
        (2, f"Judges the remedy rightly. Model: {judged} {wrong}"),
        (1, f"{cut} Not enough: that chunks save memory."),
        (
            1,
            "Large states: the slopes of tanh are below 1 and shrink the gradient further. Not enough: that"
            " tanh limits the state.",
        ),
        (
            1,
            "Proposes something that acts on the cause, with its reason: a radius near 1 or an orthogonal"
            " start, gates, and, where they are too short, longer chunks. Not enough: more data, more"
            " training.",
        ),
    )
    return Question("why_it_forgets", title, task, answer, rubric, 15)


MAKERS: list[Maker] = [slow_states, back_through]
QUESTIONS: list[Asker] = [why_it_forgets]

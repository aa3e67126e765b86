"""Notebook 18: the Elman cell, its gradient through time, streams of text, sampling."""

# ruff: noqa: D103  (of a mistake, the hint above it says what it does)

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from mini_dl.course.checks.exercise import Case, case, edge, exercise
from mini_dl.course.checks.show import show

Array = np.ndarray


def quarters(rng: np.random.Generator, *shape: int) -> Array:
    """Random multiples of 1/4 between −1.5 and 1.5, none of them 0."""
    return rng.choice([-1, 1], size=shape) * rng.integers(1, 7, size=shape) / 4


# --- 18.1 rnn_cell -----------------------------------------------------------------------------------


@exercise
def rnn_cell(x: Array, h: Array, w_ih: Array, w_hh: Array, b: Array) -> Array:
    """One step of Elman's cell: tanh(x W_ihᵀ + h W_hhᵀ + b), shape (batch, hidden)."""
    return np.tanh(x @ w_ih.T + h @ w_hh.T + b)


def step_arguments(rng: np.random.Generator, batch: int, inputs: int, hidden: int) -> tuple[Array, ...]:
    """Return random arguments of one step, small enough that tanh does not saturate."""
    return (
        quarters(rng, batch, inputs),
        quarters(rng, batch, hidden) / 2,
        quarters(rng, hidden, inputs) / 2,
        quarters(rng, hidden, hidden) / 2,
        quarters(rng, hidden),
    )


@rnn_cell.cases
def rnn_cell_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(np.array([[1.0]]), np.array([[0.5]]), np.array([[0.5]]), np.array([[-1.0]]), np.array([0.25]))
    yield case(
        np.array([[1.0, -1.0]]),
        np.array([[0.5, 0.0]]),
        np.array([[0.5, 0.0], [1.0, 0.25]]),
        np.array([[0.0, 1.0], [-1.0, 0.5]]),
        np.array([0.0, 0.5]),
    )
    for sizes in ((3, 2, 4), (2, 4, 3), (4, 3, 3), (2, 3, 5), (5, 2, 2), (3, 3, 3)):
        yield case(*step_arguments(rng, *sizes))
    x, h, w_ih, w_hh, b = step_arguments(rng, 3, 2, 4)
    yield edge("the first step: the state is 0", x, 0 * h, w_ih, w_hh, b)
    yield edge("no input", 0 * x, h, w_ih, w_hh, b)
    yield edge("a single sequence", *step_arguments(rng, 1, 2, 3))
    yield edge("a state far from 0", x, 40 * h, w_ih, w_hh, b)


@rnn_cell.mistake(
    "Two tanh and a bias outside: add input, old state and bias first, then take ONE tanh of the sum."
)
def bias_after_two_tanh(x, h, w_ih, w_hh, b):
    return np.tanh(x @ w_ih.T) + np.tanh(h @ w_hh.T) + b


@rnn_cell.mistake("The tanh is missing: without it the state could grow without limit.")
def no_tanh(x, h, w_ih, w_hh, b):
    return x @ w_ih.T + h @ w_hh.T + b


@rnn_cell.mistake("The old state is missing: without W_hh h the cell has no memory.")
def no_memory(x, h, w_ih, w_hh, b):
    return np.tanh(x @ w_ih.T + b)


@rnn_cell.mistake("The input is missing: W_ih x belongs into the sum.")
def no_input(x, h, w_ih, w_hh, b):
    return np.tanh(h @ w_hh.T + b)


@rnn_cell.mistake("The bias is missing: it is added before the tanh.")
def no_bias(x, h, w_ih, w_hh, b):
    return np.tanh(x @ w_ih.T + h @ w_hh.T)


@rnn_cell.mistake("The bias stands outside the tanh: add all three parts first.")
def bias_outside(x, h, w_ih, w_hh, b):
    return np.tanh(x @ w_ih.T + h @ w_hh.T) + b


@rnn_cell.mistake("The old state stands outside the tanh: add all three parts first.")
def state_outside(x, h, w_ih, w_hh, b):
    return np.tanh(x @ w_ih.T + b) + h @ w_hh.T


@rnn_cell.mistake("Two tanh, one for each part: there is one, of the whole sum.")
def two_tanh(x, h, w_ih, w_hh, b):
    return np.tanh(x @ w_ih.T + b) + np.tanh(h @ w_hh.T)


@rnn_cell.mistake("W_hh stands the wrong way round: row i holds the weights INTO unit i, so use w_hh.T.")
def w_hh_not_transposed(x, h, w_ih, w_hh, b):
    return np.tanh(x @ w_ih.T + h @ w_hh + b)


@rnn_cell.mistake(
    "Both matrices stand the wrong way round: row i holds the weights INTO unit i, so use w_ih.T and w_hh.T."
    " Where hidden and inputs differ, NumPy would have complained."
)
def neither_transposed(x, h, w_ih, w_hh, b):
    return np.tanh(x @ w_ih + h @ w_hh + b)


@rnn_cell.mistake("The old state goes in unweighted: it is multiplied by W_hh first.")
def state_unweighted(x, h, w_ih, w_hh, b):
    return np.tanh(x @ w_ih.T + h + b)


@rnn_cell.mistake("That is the sigmoid; Elman's cell as PyTorch has it takes tanh.")
def sigmoid_cell(x, h, w_ih, w_hh, b):
    return 1 / (1 + np.exp(-(x @ w_ih.T + h @ w_hh.T + b)))


@rnn_cell.mistake("That is ReLU; asked for is tanh.")
def relu_cell(x, h, w_ih, w_hh, b):
    return np.maximum(x @ w_ih.T + h @ w_hh.T + b, 0)


@rnn_cell.mistake("The old state is added to the new one: tanh of the sum is the new state, and all of it.")
def adds_old_state(x, h, w_ih, w_hh, b):
    return h + np.tanh(x @ w_ih.T + h @ w_hh.T + b)


# --- 18.2 bptt_gradient ------------------------------------------------------------------------------


def through_time(
    states: Array,
    w_hh: Array,
    g: Array,
    *,
    slope: Callable[[Array, int], Array] = lambda h, t: 1 - h[t] ** 2,
    back: Callable[[Array, Array], Array] = lambda delta, w: delta @ w,
    source: int = -1,
    last: int = 0,
) -> Array:
    """Walk back from the last step to step `last` + 1, with one part exchanged."""
    total, gh = np.zeros_like(w_hh), np.asarray(g, dtype=float)
    for t in range(len(states) - 1, last, -1):
        delta = gh * slope(states, t)
        total = total + np.outer(delta, states[t + source])
        gh = back(delta, w_hh)
    return total


@exercise
def bptt_gradient(states: Array, w_hh: Array, g: Array) -> Array:
    """Gradient of the loss with respect to W_hh (hidden, hidden), from g = d loss / d last state."""
    return through_time(states, w_hh, g)


def walk(rng: np.random.Generator, steps: int, hidden: int, scale: float = 0.5) -> tuple[Array, ...]:
    """Return the states of a run of an Elman cell, its recurrent weights and a gradient."""
    w_hh = quarters(rng, hidden, hidden) * scale
    states = [np.tanh(quarters(rng, hidden) / 2)]
    for _ in range(steps):
        states.append(np.tanh(w_hh @ states[-1] + quarters(rng, hidden) / 4))
    return np.array(states), w_hh, quarters(rng, hidden)


@bptt_gradient.cases
def bptt_gradient_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(np.array([[0.5], [0.25], [-0.5]]), np.array([[2.0]]), np.array([1.0]))
    yield case(
        np.array([[0.5, -0.5], [0.25, 0.0], [0.5, 0.75]]),
        np.array([[0.5, 1.0], [-1.0, 0.0]]),
        np.array([1.0, -2.0]),
    )
    for steps, hidden in ((3, 2), (4, 3), (5, 4), (2, 5), (6, 3), (8, 2)):
        yield case(*walk(rng, steps, hidden))
    yield edge("a single step", *walk(rng, 1, 3))
    states, w_hh, g = walk(rng, 5, 3)
    states[0] = 0
    yield edge("the first state is 0", states, w_hh, g)
    yield edge("no gradient arrives", states, w_hh, 0 * g)
    yield edge("thirty steps", *walk(rng, 30, 4, scale=0.4))


@bptt_gradient.mistake(
    "Only the last step counts in your answer. W_hh was used at every step, so walk on to the first state"
    " and add up what each step gives."
)
def last_step_only(states, w_hh, g):
    return through_time(states, w_hh, g, last=len(states) - 2)


@bptt_gradient.mistake(
    "The slope of tanh is missing: each step multiplies the gradient by 1 − h², before anything else."
)
def without_slope(states, w_hh, g):
    return through_time(states, w_hh, g, slope=lambda h, t: np.ones_like(h[t]))


@bptt_gradient.mistake(
    "The slope of tanh is taken at the state before the step. It belongs to the step's result: 1 − h[t]²."
)
def slope_one_early(states, w_hh, g):
    return through_time(states, w_hh, g, slope=lambda h, t: 1 - h[t - 1] ** 2)


@bptt_gradient.mistake("The slope of tanh is 1 − h², where h is the state itself; yours is 1 − tanh(h)².")
def tanh_twice(states, w_hh, g):
    return through_time(states, w_hh, g, slope=lambda h, t: 1 - np.tanh(h[t]) ** 2)


@bptt_gradient.mistake("That is the slope of the sigmoid, h (1 − h); the state is a tanh: 1 − h².")
def sigmoid_slope(states, w_hh, g):
    return through_time(states, w_hh, g, slope=lambda h, t: h[t] * (1 - h[t]))


@bptt_gradient.mistake(
    "On the way back the gradient meets W_hh transposed: forward it was w_hh @ h, back it is w_hh.T @ delta."
)
def back_not_transposed(states, w_hh, g):
    return through_time(states, w_hh, g, back=lambda delta, w: w @ delta)


@bptt_gradient.mistake(
    "The gradient goes back without W_hh: each earlier state reached the later ones only through it."
)
def back_without_weights(states, w_hh, g):
    return through_time(states, w_hh, g, back=lambda delta, w: delta)


@bptt_gradient.mistake(
    "You multiply by the state after the step. W_hh was multiplied with the state before it, h[t − 1]."
)
def state_after(states, w_hh, g):
    return through_time(states, w_hh, g, source=0)


@bptt_gradient.mistake(
    "Your result is transposed: entry (i, j) belongs to the weight from unit j into unit i."
)
def result_transposed(states, w_hh, g):
    return through_time(states, w_hh, g).T


@bptt_gradient.mistake("The steps' shares add up: the weights are the same at each, so no mean is taken.")
def mean_of_steps(states, w_hh, g):
    return through_time(states, w_hh, g) / (len(states) - 1)


@bptt_gradient.mistake(
    "g arrives at the last state alone: the loss does not look at the earlier ones. Do not add it again."
)
def g_at_every_step(states, w_hh, g):
    return through_time(states, w_hh, g, back=lambda delta, w: delta @ w + g)


@bptt_gradient.mistake("The walk stops one step too early: the state before the first step is states[0].")
def first_step_left_out(states, w_hh, g):
    return through_time(states, w_hh, g, last=1)


@bptt_gradient.mistake(
    "Each step sends the gradient on without the slope of tanh: what goes back is w_hh.T @ delta, where delta"
    " has the slope in it."
)
def slope_not_sent_on(states, w_hh, g):
    total, gh = np.zeros_like(w_hh), g
    for t in range(len(states) - 1, 0, -1):
        total = total + np.outer(gh * (1 - states[t] ** 2), states[t - 1])
        gh = gh @ w_hh
    return total


@bptt_gradient.mistake(
    "Your loop walks one step too far: at t = 0 the state before is states[-1], which Python reads as the"
    " LAST one. The first step ends in states[1]."
)
def past_the_first_state(states, w_hh, g):
    return through_time(states, w_hh, g, last=-1)


@bptt_gradient.mistake(
    "Only the share of the first step is left: each step overwrites the one before it. Begin with zeros"
    " and add."
)
def overwritten(states, w_hh, g):
    total, gh = np.zeros_like(w_hh), g
    for t in range(len(states) - 1, 0, -1):
        delta = gh * (1 - states[t] ** 2)
        total, gh = np.outer(delta, states[t - 1]), w_hh.T @ delta
    return total


@bptt_gradient.mistake(
    "A step's share is made before the gradient passes the matrix: use delta = g * (1 − h²) itself, and send"
    " w_hh.T @ delta on to the state before."
)
def share_after_matrix(states, w_hh, g):
    total, gh = np.zeros_like(w_hh), g
    for t in range(len(states) - 1, 0, -1):
        gh = w_hh.T @ (gh * (1 - states[t] ** 2))
        total = total + np.outer(gh, states[t - 1])
    return total


@bptt_gradient.mistake(
    "The matrix comes too early. g belongs to the state itself, so at each step the slope of tanh comes"
    " first and the matrix second."
)
def matrix_before_slope(states, w_hh, g):
    total, gh = np.zeros_like(w_hh), g
    for t in range(len(states) - 1, 0, -1):
        gh = (w_hh.T @ gh) * (1 - states[t] ** 2)
        total = total + np.outer(gh, states[t - 1])
    return total


# --- 18.3 text_streams -------------------------------------------------------------------------------

Two = tuple[Array, Array]


def cut(ids: Array, batch: int, length: int) -> tuple[Array, int, int]:
    """Return the stretches (batch, n + 1), each with the symbol that follows it, the chunks and n."""
    chunks = (len(ids) - 1) // (batch * length)
    n = chunks * length
    return np.array([ids[j * n : (j + 1) * n + 1] for j in range(batch)]), chunks, n


def chunked(rows: Array, chunks: int) -> Array:
    """Cut rows (batch, n) into chunks: (chunks, length, batch)."""
    return rows.reshape(len(rows), chunks, -1).transpose(1, 2, 0)


@exercise
def text_streams(ids: Array, batch: int, length: int) -> Two:
    """Return inputs and targets, each (chunks, length, batch): streams that go on from chunk to chunk."""
    rows, chunks, _ = cut(ids, batch, length)
    return chunked(rows[:, :-1], chunks), chunked(rows[:, 1:], chunks)


@text_streams.cases
def text_streams_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(np.arange(13), 2, 3)
    yield case(np.arange(10, 30), 3, 2)
    for n, batch, length in ((30, 2, 4), (41, 4, 3), (52, 3, 5), (37, 2, 2), (60, 5, 2), (64, 3, 3)):
        yield case(rng.permutation(n) + 100, batch, length)
    yield edge("one stream", rng.permutation(17), 1, 4)
    yield edge("chunks of one symbol", rng.permutation(11), 2, 1)
    yield edge("a single chunk", rng.permutation(9), 2, 4)
    yield edge("one symbol too few for another chunk", rng.permutation(24), 2, 4)


@text_streams.mistake(
    "The axes are (chunks, batch, length) in your answer; asked for is (chunks, length, batch), as nn.RNN"
    " reads it."
)
def batch_before_time(ids, batch, length):
    rows, chunks, _ = cut(ids, batch, length)
    return tuple(
        part.reshape(batch, chunks, length).swapaxes(0, 1).copy() for part in (rows[:, :-1], rows[:, 1:])
    )


@text_streams.mistake("The targets are the inputs: each target is the symbol that FOLLOWS its input.")
def targets_not_shifted(ids, batch, length):
    rows, chunks, _ = cut(ids, batch, length)
    return chunked(rows[:, :-1], chunks), chunked(rows[:, :-1], chunks)


@text_streams.mistake("The two are swapped: first the inputs, then the symbols that follow them.")
def swapped(ids, batch, length):
    x, y = text_streams.reference(ids, batch, length)
    return y, x


@text_streams.mistake(
    "Your streams do not go on from chunk to chunk: in column j, chunk 2 must begin where chunk 1 of the same"
    " column ended, or the state that is carried over belongs to another text."
)
def chunk_by_chunk(ids, batch, length):
    _, chunks, n = cut(ids, batch, length)
    return tuple(ids[s : s + batch * n].reshape(chunks, batch, length).transpose(0, 2, 1) for s in (0, 1))


@text_streams.mistake(
    "Neighbours in the text stand side by side in your batch. They must stand below each other: each column"
    " is a piece of running text."
)
def dealt_like_cards(ids, batch, length):
    _, chunks, n = cut(ids, batch, length)
    return tuple(ids[s : s + batch * n].reshape(chunks, length, batch) for s in (0, 1))


@text_streams.mistake(
    "The last target of each stream is wrong: it is the symbol that follows in the text, not the first one."
)
def rolled(ids, batch, length):
    rows, chunks, _ = cut(ids, batch, length)
    return chunked(rows[:, :-1], chunks), chunked(np.roll(rows[:, :-1], -1, axis=1), chunks)


@text_streams.mistake("Your targets are shifted the wrong way: they come before their inputs.")
def shifted_back(ids, batch, length):
    rows, chunks, _ = cut(ids, batch, length)
    return chunked(rows[:, :-1], chunks), chunked(np.roll(rows[:, :-1], 1, axis=1), chunks)


@text_streams.mistake("Only inputs: return two arrays, the inputs and the symbols that follow them.")
def inputs_only(ids, batch, length):
    return text_streams.reference(ids, batch, length)[0]


@text_streams.mistake("All is one long chunk in your answer: cut the streams into pieces of `length` steps.")
def not_cut(ids, batch, length):
    rows, _, _ = cut(ids, batch, length)
    return rows[:, :-1].T[None], rows[:, 1:].T[None]


@text_streams.mistake(
    "Your targets are the last symbols of the text. They are the inputs one symbol later: begin at ids[1],"
    " and take as many."
)
def targets_from_the_end(ids, batch, length):
    rows, chunks, n = cut(ids, batch, length)
    return chunked(rows[:, :-1], chunks), chunked(ids[len(ids) - batch * n :].reshape(batch, n), chunks)


@text_streams.mistake(
    "The axes are (batch, chunks, length) in your answer: the streams are right, but chunks come first, then"
    " steps, then streams."
)
def streams_first(ids, batch, length):
    rows, chunks, _ = cut(ids, batch, length)
    return tuple(part.reshape(batch, chunks, length).copy() for part in (rows[:, :-1], rows[:, 1:]))


# --- 18.4 sample_text --------------------------------------------------------------------------------


class Step:
    """A small recurrent network as a function: step(token, state) -> (logits, new state)."""

    def __init__(self, inputs: Array, back: Array, out: Array) -> None:
        self.inputs, self.back, self.out = inputs, back, out

    def __call__(self, token: Any, state: Any) -> tuple[Array, Array]:
        """Read one symbol. The state None is the beginning."""
        before = np.zeros(len(self.back)) if state is None else state
        after = np.tanh(self.inputs[int(token)] + self.back @ before)
        return self.out @ after, after

    def __repr__(self) -> str:
        first = show(self.out[0, :3])
        return f"step, with {len(self.out)} symbols, {len(self.back)} units and first weights {first}"


def a_step(rng: np.random.Generator, symbols: int, hidden: int = 4) -> Step:
    """Return a network whose logits depend on the symbol read and, as much, on the state."""
    inputs = quarters(rng, symbols, hidden)
    return Step(inputs, quarters(rng, hidden, hidden), quarters(rng, symbols, hidden) * 2)


def write(
    step: Callable[[Any, Any], tuple[Array, Any]],
    first: int,
    u: Array,
    logits_of: Callable[[Array], Array],
    *,
    carry: bool = True,
    feed: bool = True,
    pick: Callable[[Array, float], Any] = lambda p, x: np.searchsorted(np.cumsum(p), x, side="right"),
) -> list[int]:
    """Write len(u) symbols, with one part exchanged."""
    written, token, state = [], first, None
    for x in u:
        logits, new = step(token, state)
        z = logits_of(logits)
        p = np.exp(z - np.max(z))
        k = min(int(pick(p / p.sum(), x)), len(p) - 1)
        written.append(k)
        token, state = (k if feed else first), (new if carry else None)
    return written


@exercise
def sample_text(
    step: Callable[[Any, Any], tuple[Array, Any]], first: int, u: Array, temperature: float
) -> list[int]:
    """Symbols written after `first`: the i-th is drawn with u[i] from softmax(logits / temperature)."""
    return write(step, first, u, lambda z: z / temperature)


@sample_text.cases
def sample_text_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(a_step(rng, 3), 0, np.array([0.1, 0.5, 0.9, 0.4, 0.7, 0.2]), 1.0)
    yield case(a_step(rng, 4), 2, rng.uniform(0.05, 0.95, 8).round(3), 2.0)
    yield case(a_step(rng, 4), 1, rng.uniform(0.05, 0.95, 8).round(3), 0.5)
    for _ in range(6):
        symbols = int(rng.integers(4, 8))
        temperature = float(rng.choice([0.5, 0.75, 1.5, 2.0]))
        first = int(rng.integers(symbols))
        yield case(a_step(rng, symbols), first, rng.uniform(0, 1, 12).round(4), temperature)
    yield edge("nothing to write", a_step(rng, 3), 1, np.zeros(0), 1.0)
    yield edge("one symbol", a_step(rng, 3), 1, np.array([0.6]), 1.0)
    yield edge("very hot: nearly every symbol alike", a_step(rng, 4), 0, rng.uniform(0, 1, 8).round(3), 50.0)
    up = np.abs(quarters(rng, 1, 4))  # logits -s, s and 2s: with exp alone, the first sum is 0, the rest NaN
    cold = Step(np.abs(quarters(rng, 3, 4)), np.abs(quarters(rng, 4, 4)), np.concatenate([-up, up, 2 * up]))
    yield edge("very cold: always the likeliest", cold, 0, rng.uniform(0, 1, 8).round(3), 0.001)


@sample_text.mistake(
    "The logits are multiplied by the temperature: divide. A high temperature makes the choice more even."
)
def multiplied(step, first, u, temperature):
    return write(step, first, u, lambda z: z * temperature)


@sample_text.mistake("The temperature is not used: divide the logits by it before the softmax.")
def temperature_ignored(step, first, u, temperature):
    return write(step, first, u, lambda z: z)


@sample_text.mistake(
    "You always take the likeliest symbol. Draw: the first k at which p[0] + … + p[k] is above u."
)
def greedy(step, first, u, temperature):
    return write(step, first, u, lambda z: z / temperature, pick=lambda p, x: p.argmax())


@sample_text.mistake(
    "The state is not carried on: hand the one that `step` returned to the next call, or all is forgotten."
)
def forgetful(step, first, u, temperature):
    return write(step, first, u, lambda z: z / temperature, carry=False)


@sample_text.mistake("Each call reads `first` in your answer: from the second on, it reads what was written.")
def always_first(step, first, u, temperature):
    return write(step, first, u, lambda z: z / temperature, feed=False)


@sample_text.mistake("`first` is given, not written: leave it out of the result.")
def first_included(step, first, u, temperature):
    return [first, *write(step, first, u, lambda z: z / temperature)]


@sample_text.mistake("`first` is given, not written, and one symbol is missing at the end: there are len(u).")
def first_in_place_of_last(step, first, u, temperature):
    return [first, *write(step, first, u, lambda z: z / temperature)][: len(u)]


@sample_text.mistake("Your symbols are one too low: count how many of the partial sums are at or below u.")
def one_too_low(step, first, u, temperature):
    return write(
        step,
        first,
        u,
        lambda z: z / temperature,
        pick=lambda p, x: max(0, np.searchsorted(np.cumsum(p), x, side="right") - 1),
    )


@sample_text.mistake("You sum the probabilities from the end: begin with symbol 0.")
def from_the_end(step, first, u, temperature):
    return write(
        step,
        first,
        u,
        lambda z: z / temperature,
        pick=lambda p, x: len(p) - 1 - np.searchsorted(np.cumsum(p[::-1]), x, side="right"),
    )


@sample_text.mistake(
    "The temperature divides the probabilities. It belongs inside the softmax, at the logits."
)
def divides_probabilities(step, first, u, temperature):
    return write(
        step,
        first,
        u,
        lambda z: z,
        pick=lambda p, x: np.searchsorted(np.cumsum(p / temperature), x, side="right"),
    )


@sample_text.mistake(
    "Your partial sums do not end at 1: divide the exponentials by their sum, or multiply u by it."
)
def not_normalised(step, first, u, temperature):
    return write(
        step,
        first,
        u,
        lambda z: z / temperature,
        pick=lambda p, x: np.searchsorted(np.cumsum(p / p.max()), x, side="right"),
    )


COLD = (
    "At a low temperature your exponentials overflow, and what is drawn after that means nothing: subtract"
    " the largest logit before exp."
)


def write_overflowing(
    step: Callable[[Any, Any], tuple[Array, Any]],
    first: int,
    u: Array,
    temperature: float,
    pick: Callable[[Array, float], Any],
) -> list[int]:
    """Write len(u) symbols with exponentials that overflow."""
    written, token, state = [], first, None
    for x in u:
        logits, state = step(token, state)
        with np.errstate(all="ignore"):
            p = np.exp(logits / temperature)
            token = min(int(pick(np.cumsum(p / p.sum()), x)), len(p) - 1)
        written.append(token)
    return written


@sample_text.mistake(COLD)
def overflows(step, first, u, temperature):
    return write_overflowing(step, first, u, temperature, lambda sums, x: np.argmax(sums > x))


@sample_text.mistake(COLD)
def overflows_when_counted(step, first, u, temperature):
    return write_overflowing(step, first, u, temperature, lambda sums, x: (sums <= x).sum())


@sample_text.mistake(
    "`first` is read twice: `step` is called once for each symbol that is written, len(u) times in all."
)
def first_read_twice(step, first, u, temperature):
    _, state = step(first, None)
    return write(lambda token, s: step(token, state if s is None else s), first, u, lambda z: z / temperature)


@sample_text.mistake(
    "You take the symbol whose partial sum is NEAREST to u. Take the first whose partial sum is above it."
)
def nearest_sum(step, first, u, temperature):
    return write(
        step, first, u, lambda z: z / temperature, pick=lambda p, x: np.abs(np.cumsum(p) - x).argmin()
    )

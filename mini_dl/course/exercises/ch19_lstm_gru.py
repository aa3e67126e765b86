"""Notebook 19: the LSTM's and the GRU's cell, what the forget gate keeps, biases for a long memory."""

# ruff: noqa: D103  (of a mistake, the hint above it says what it does)

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mini_dl.course.checks.exercise import Case, case, edge, exercise

Array = np.ndarray
Two = tuple[Array, Array]


def quarters(rng: np.random.Generator, *shape: int) -> Array:
    """Random multiples of 1/4 between −1.5 and 1.5, none of them 0."""
    return rng.choice([-1, 1], size=shape) * rng.integers(1, 7, size=shape) / 4


def sigmoid(z: Array) -> Array:
    """Return the logistic function of z."""
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(z)))


# --- 19.2 memory_kept --------------------------------------------------------------------------------


@exercise
def memory_kept(forget: Array) -> Array:
    """Share of the cell's content after each step that is still there at the end: (time, units)."""
    later = np.vstack([forget[1:], np.ones((1, forget.shape[1]))])
    return np.cumprod(later[::-1], axis=0)[::-1]


@memory_kept.cases
def memory_kept_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(np.array([[0.25], [0.5], [0.5]]))
    yield case(np.array([[1.0, 0.5], [0.5, 1.0], [0.75, 0.25], [0.5, 0.5]]))
    for _ in range(6):
        steps, units = int(rng.integers(3, 7)), int(rng.integers(2, 5))
        yield case(rng.integers(2, 20, size=(steps, units)) / 20)
    yield edge("a single step", rng.integers(2, 20, size=(1, 3)) / 20)
    gates = rng.integers(2, 20, size=(5, 2)) / 20
    gates[2, 0], gates[3, 1] = 0.0, 0.0
    yield edge("a gate that shuts completely", gates)
    yield edge("gates that are always open", np.ones((4, 2)))
    yield edge("two hundred steps", 1 - rng.integers(1, 20, size=(200, 2)) / 1000)


@memory_kept.mistake(
    "The gate of the same step is in your product. It acts on what was there before: what step t wrote"
    " meets the gates of the later steps only."
)
def own_gate_too(forget):
    return np.cumprod(forget[::-1], axis=0)[::-1]


@memory_kept.mistake(
    "You multiply from the beginning: that is what is left of the start. Asked is what is left at the end."
)
def from_the_start(forget):
    return np.cumprod(forget, axis=0)


@memory_kept.mistake(
    "You multiply the gates of the earlier steps. What step t wrote meets those of the later ones."
)
def earlier_gates(forget):
    return np.cumprod(np.vstack([np.ones((1, forget.shape[1])), forget[:-1]]), axis=0)


@memory_kept.mistake(
    "Your result is in reverse order: its last row belongs to the last step, all of which is kept."
)
def reversed_order(forget):
    return memory_kept.reference(forget)[::-1]


@memory_kept.mistake("Gates multiply: half of a half is a quarter. You add them up.")
def sums(forget):
    later = np.vstack([forget[1:], np.zeros((1, forget.shape[1]))])
    return np.cumsum(later[::-1], axis=0)[::-1]


@memory_kept.mistake("Only the next step counts in your answer; every later gate takes its part.")
def next_gate_only(forget):
    return np.vstack([forget[1:], np.ones((1, forget.shape[1]))])


@memory_kept.mistake("You run along the units. Time is the first axis: each unit has a memory of its own.")
def along_the_units(forget):
    later = np.hstack([forget[:, 1:], np.ones((len(forget), 1))])
    return np.cumprod(later[:, ::-1], axis=1)[:, ::-1]


@memory_kept.mistake("That is the share that was forgotten: the share kept is the product itself.")
def forgotten(forget):
    return 1 - memory_kept.reference(forget)


@memory_kept.mistake("A forget gate of 1 keeps everything: multiply by the gate, not by 1 minus it.")
def gate_turned(forget):
    return memory_kept.reference(1 - np.asarray(forget))


@memory_kept.mistake(
    "You walk backwards, but the result is still in that order, and each step has its own gate in it. Begin"
    " with a row of ones, leave out each step's own gate, and turn the rows round again."
)
def not_turned_back(forget):
    return np.cumprod(forget[::-1], axis=0)


@memory_kept.mistake(
    "The last row is 0 in your answer: after the last step everything is still there, so it is 1."
)
def nothing_at_the_end(forget):
    kept = np.array(memory_kept.reference(forget), dtype=float)
    kept[-1:] = 0
    return kept


@memory_kept.mistake("The units are mixed: each has gates of its own, so multiply along the time axis alone.")
def units_mixed(forget):
    return np.array([np.full(forget.shape[1], np.prod(forget[t + 1 :])) for t in range(len(forget))])


# --- 19.1 lstm_cell ----------------------------------------------------------------------------------


def lstm_step(
    args: tuple[Array, ...],
    *,
    order: str = "ifgo",
    candidate=np.tanh,
    squash=np.tanh,
    old=lambda f, i, c: f * c,
    new=lambda f, i, g: i * g,
    out=lambda o, c, before, squash: o * squash(c),
    turned: bool = False,
    bias: bool = True,
) -> Two:
    """One step of the LSTM, with one part exchanged."""
    x, h, c, w_ih, w_hh, b = args
    z = x @ w_ih.T + h @ w_hh.T + (b if bias else 0)
    part = dict(zip(order, np.split(z, 4, axis=1), strict=True))
    i, f, o = (sigmoid(part[name]) for name in "ifo")
    after = old(f, i, c) + new(f, i, candidate(part["g"]))
    h_new = out(o, after, c, squash)
    return (after, h_new) if turned else (h_new, after)


@exercise
def lstm_cell(x: Array, h: Array, c: Array, w_ih: Array, w_hh: Array, b: Array) -> Two:
    """One step of the LSTM: new state and new cell, each (batch, hidden); gates in the order i, f, g, o."""
    return lstm_step((x, h, c, w_ih, w_hh, b))


def lstm_arguments(rng: np.random.Generator, batch: int, inputs: int, hidden: int) -> tuple[Array, ...]:
    """Return random arguments of one step of the LSTM."""
    return (
        quarters(rng, batch, inputs),
        quarters(rng, batch, hidden) / 2,
        quarters(rng, batch, hidden),
        quarters(rng, 4 * hidden, inputs),
        quarters(rng, 4 * hidden, hidden),
        quarters(rng, 4 * hidden),
    )


@lstm_cell.cases
def lstm_cell_cases(rng: np.random.Generator) -> Iterator[Case]:
    w = np.array([[0.5], [-1.0], [1.5], [0.25]])
    yield case(np.ones((1, 1)), np.zeros((1, 1)), 2 * np.ones((1, 1)), w, w, np.array([0.0, 1.0, 0.5, -0.5]))
    for sizes in ((2, 3, 2), (3, 2, 3), (2, 2, 4), (4, 3, 3), (3, 5, 2), (2, 4, 4), (3, 3, 1)):
        yield case(*lstm_arguments(rng, *sizes))
    x, h, c, w_ih, w_hh, b = lstm_arguments(rng, 3, 2, 3)
    yield edge("an empty cell", x, h, 0 * c, w_ih, w_hh, b)
    yield edge("the first step: state and cell are 0", x, 0 * h, 0 * c, w_ih, w_hh, b)
    yield edge("a full cell", x, h, 8 * c, w_ih, w_hh, b)
    yield edge("a single sequence", *lstm_arguments(rng, 1, 2, 3))


@lstm_cell.mistake("State and cell are swapped: return the new state h first, then the new cell c.")
def lstm_swapped(*args):
    return lstm_step(args, turned=True)


@lstm_cell.mistake("The gates stand in another order: PyTorch's is i, f, g, o, the candidate third.")
def lstm_order_ifog(*args):
    return lstm_step(args, order="ifog")


@lstm_cell.mistake("Input and forget gate are swapped: the first quarter is i, the second f.")
def lstm_order_figo(*args):
    return lstm_step(args, order="figo")


@lstm_cell.mistake("The candidate g goes through tanh: it is content, which may be negative, and no gate.")
def lstm_sigmoid_candidate(*args):
    return lstm_step(args, candidate=sigmoid)


@lstm_cell.mistake("The output is o · tanh(c): the tanh of the cell is missing.")
def lstm_no_output_tanh(*args):
    return lstm_step(args, squash=lambda c: c)


@lstm_cell.mistake("The output shows the OLD cell: it is made from the new one.")
def lstm_old_cell_out(*args):
    return lstm_step(args, out=lambda o, c, before, squash: o * squash(before))


@lstm_cell.mistake("The forget gate is missing: the old cell is multiplied by f. (So it was in 1997!)")
def lstm_no_forget(*args):
    return lstm_step(args, old=lambda f, i, c: c)


@lstm_cell.mistake("The old cell is lost: c' = f · c + i · g adds to what was there.")
def lstm_no_old_cell(*args):
    return lstm_step(args, old=lambda f, i, c: 0 * c)


@lstm_cell.mistake("The input gate is missing: the candidate is multiplied by i before it is added.")
def lstm_no_input_gate(*args):
    return lstm_step(args, new=lambda f, i, g: g)


@lstm_cell.mistake("A forget gate of 1 KEEPS the cell: c' = f · c + i · g, not (1 − f) · c.")
def lstm_forget_turned(*args):
    return lstm_step(args, old=lambda f, i, c: (1 - f) * c)


@lstm_cell.mistake("i is a gate of its own here: 1 − f in its place is a GRU's idea.")
def lstm_coupled(*args):
    return lstm_step(args, new=lambda f, i, g: (1 - f) * g)


@lstm_cell.mistake("The output gate is missing: h' = o · tanh(c').")
def lstm_no_output_gate(*args):
    return lstm_step(args, out=lambda o, c, before, squash: squash(c))


@lstm_cell.mistake("The bias is missing: all four parts have one.")
def lstm_no_bias(*args):
    return lstm_step(args, bias=False)


@lstm_cell.mistake("The candidate's tanh is missing: g = tanh(…), so that one step adds at most 1.")
def lstm_no_candidate_tanh(*args):
    return lstm_step(args, candidate=lambda z: z)


@lstm_cell.mistake("The forget gate multiplies the old state h in your answer: it is for the old CELL, c.")
def lstm_keeps_the_state(*args):
    return lstm_step(args, old=lambda f, i, c: f * args[1])


@lstm_cell.mistake(
    "The cell itself goes through a tanh: only what is shown does. The cell stays as it is, or it would be"
    " squeezed at every step."
)
def lstm_squeezed_cell(*args):
    h_new, after = lstm_step(args)
    return h_new, np.tanh(after)


@lstm_cell.mistake("The sigmoid is missing: the gates i, f and o are numbers from 0 to 1.")
def lstm_no_sigmoid(x, h, c, w_ih, w_hh, b):
    i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
    after = f * c + i * np.tanh(g)
    return o * np.tanh(after), after


@lstm_cell.mistake("The gates listen to the cell in your answer: W_hh is multiplied with the state h.")
def lstm_gates_hear_the_cell(x, h, c, w_ih, w_hh, b):
    return lstm_step((x, c, c, w_ih, w_hh, b))


@lstm_cell.mistake(
    "The four parts are taken unit by unit: first come all units' i, then all f, all g, all o, each a quarter"
    " of the columns."
)
def lstm_unit_by_unit(x, h, c, w_ih, w_hh, b):
    rows = np.arange(len(b)).reshape(-1, 4).T.reshape(-1)
    return lstm_step((x, h, c, w_ih[rows], w_hh[rows], b[rows]))


# --- 19.4 forget_gate_bias ---------------------------------------------------------------------------


def biases(hidden: int, f: Array, i: Array, *, order: str = "ifgo") -> Array:
    """Put the biases of f and i into their quarters; the others are 0."""
    b = np.zeros((4, hidden))
    b[order.index("f")], b[order.index("i")] = f, i
    return b.reshape(-1)


@exercise
def forget_gate_bias(hidden: int, T: int, u: Array) -> Array:
    """Biases (4 · hidden,) of an LSTM whose units remember 2 to T steps, spread by u from 0 to 1."""
    b = np.log(1 + np.asarray(u) * (T - 2))
    return biases(hidden, b, -b)


@forget_gate_bias.cases
def forget_gate_bias_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(1, 50, np.array([0.5]))
    yield case(2, 102, np.array([0.0, 0.99]))
    for _ in range(6):
        hidden = int(rng.integers(2, 6))
        yield case(hidden, int(rng.integers(10, 400)), rng.uniform(0, 1, hidden).round(3))
    yield edge("T = 2: all biases 0", 3, 2, rng.uniform(0, 1, 3).round(3))
    yield edge("ten thousand steps", 4, 10_000, rng.uniform(0, 1, 4).round(3))
    yield edge("u = 0 everywhere", 3, 50, np.zeros(3))


@forget_gate_bias.mistake(
    "Your biases stand in the wrong quarters: the order of an LSTM in PyTorch is i, f, g, o."
)
def bias_order(hidden, T, u):
    b = np.log(1 + u * (T - 2))
    return biases(hidden, b, -b, order="igfo")


@forget_gate_bias.mistake(
    "The input gate's biases are missing: they are those of the forget gate, turned negative."
)
def bias_without_input(hidden, T, u):
    return biases(hidden, np.log(1 + u * (T - 2)), np.zeros(hidden))


@forget_gate_bias.mistake(
    "The signs are turned round, or the quarters: the order is i, f, g, o, and a forget gate that is to stay"
    " open needs a positive bias."
)
def bias_signs(hidden, T, u):
    b = np.log(1 + u * (T - 2))
    return biases(hidden, -b, b)


@forget_gate_bias.mistake("Both gates have a positive bias in your answer: the input gate's is negative.")
def bias_both_open(hidden, T, u):
    b = np.log(1 + u * (T - 2))
    return biases(hidden, b, b)


@forget_gate_bias.mistake("The logarithm is missing: sigmoid(b) = 1 − 1/t gives b = log(t − 1).")
def bias_no_log(hidden, T, u):
    b = 1 + u * (T - 2)
    return biases(hidden, b, -b)


@forget_gate_bias.mistake(
    "You spread the biases evenly. The times are what is spread evenly: first t − 1 = 1 + u (T − 2), then the"
    " logarithm."
)
def bias_even(hidden, T, u):
    b = u * np.log(max(T - 1, 1))
    return biases(hidden, b, -b)


@forget_gate_bias.mistake("The memory times run from 2 to T, so t − 1 = 1 + u (T − 2); yours runs to T.")
def bias_to_t(hidden, T, u):
    b = np.log(1 + u * (T - 1))
    return biases(hidden, b, -b)


@forget_gate_bias.mistake("That is log t; the bias of a gate that keeps 1 − 1/t is log(t − 1).")
def bias_log_t(hidden, T, u):
    b = np.log(2 + u * (T - 2))
    return biases(hidden, b, -b)


@forget_gate_bias.mistake("You return the forget gate's part alone; all four parts are wanted, the rest 0.")
def bias_forget_only(hidden, T, u):
    return np.log(1 + u * (T - 2))


@forget_gate_bias.mistake(
    "1 is subtracted twice: 1 + u (T − 2) is t − 1 already, and the bias is its logarithm."
)
def bias_one_less(hidden, T, u):
    t = 1 + np.asarray(u) * (T - 2)
    with np.errstate(divide="ignore"):
        b = np.log(t - 1)
    return biases(hidden, b, -b)


@forget_gate_bias.mistake(
    "The four parts are dealt out unit by unit: first come all units' i, then all f, all g, all o."
)
def bias_unit_by_unit(hidden, T, u):
    return forget_gate_bias.reference(hidden, T, u).reshape(4, hidden).T.reshape(-1)


# --- 19.3 gru_cell -----------------------------------------------------------------------------------


def gru_step(
    args: tuple[Array, ...],
    *,
    order: str = "rzn",
    candidate=np.tanh,
    inner=lambda r, x, h, bx, bh, w: x + bx + r * (h @ w.T + bh),
    mix=lambda z, n, h: (1 - z) * n + z * h,
    bias: bool = True,
) -> Array:
    """One step of the GRU, with one part exchanged."""
    x, h, w_ih, w_hh, b_ih, b_hh = args
    if not bias:
        b_ih, b_hh = 0 * b_ih, 0 * b_hh
    names = {name: slice(k * h.shape[1], (k + 1) * h.shape[1]) for k, name in enumerate(order)}
    xs = {name: x @ w_ih[s].T for name, s in names.items()}
    r, z = (sigmoid(xs[k] + h @ w_hh[names[k]].T + b_ih[names[k]] + b_hh[names[k]]) for k in ("r", "z"))
    s = names["n"]
    return mix(z, candidate(inner(r, xs["n"], h, b_ih[s], b_hh[s], w_hh[s])), h)


@exercise
def gru_cell(x: Array, h: Array, w_ih: Array, w_hh: Array, b_ih: Array, b_hh: Array) -> Array:
    """One step of the GRU as PyTorch has it, (batch, hidden); rows of the weights in the order r, z, n."""
    return gru_step((x, h, w_ih, w_hh, b_ih, b_hh))


def gru_arguments(rng: np.random.Generator, batch: int, inputs: int, hidden: int) -> tuple[Array, ...]:
    """Return random arguments of one step of the GRU."""
    return (
        quarters(rng, batch, inputs),
        quarters(rng, batch, hidden) / 2,
        quarters(rng, 3 * hidden, inputs),
        quarters(rng, 3 * hidden, hidden),
        quarters(rng, 3 * hidden),
        quarters(rng, 3 * hidden),
    )


@gru_cell.cases
def gru_cell_cases(rng: np.random.Generator) -> Iterator[Case]:
    w = np.array([[0.5], [-1.0], [1.5]])
    b = np.array([0.25, -0.5, 0.5])
    yield case(np.ones((1, 1)), np.array([[0.5]]), w, w, b, -2 * b)
    for sizes in ((2, 3, 3), (3, 2, 4), (2, 2, 4), (4, 3, 3), (3, 5, 2), (2, 4, 2), (3, 3, 1)):
        yield case(*gru_arguments(rng, *sizes))
    x, h, w_ih, w_hh, b_ih, b_hh = gru_arguments(rng, 3, 2, 3)
    yield edge("the first step: the state is 0", x, 0 * h, w_ih, w_hh, b_ih, b_hh)
    yield edge("no input", 0 * x, h, w_ih, w_hh, b_ih, b_hh)
    yield edge("a single sequence", *gru_arguments(rng, 1, 2, 3))


@gru_cell.mistake(
    "z is turned round: in PyTorch a gate z of 1 KEEPS the old state, h' = (1 − z) n + z h. (In the paper of"
    " 2014, too.)"
)
def gru_z_turned(*args):
    return gru_step(args, mix=lambda z, n, h: z * n + (1 - z) * h)


@gru_cell.mistake("The two gates are swapped: the rows are those of r, z, n.")
def gru_order_zrn(*args):
    return gru_step(args, order="zrn")


@gru_cell.mistake(
    "The reset gate acts on the state before the matrix. In PyTorch it comes after it: r · (W_hn h + b_hn)."
)
def gru_reset_before(*args):
    return gru_step(args, inner=lambda r, x, h, bx, bh, w: x + bx + (r * h) @ w.T + bh)


@gru_cell.mistake("b_hn stands inside the bracket: r · (W_hn h + b_hn).")
def gru_bias_outside(*args):
    return gru_step(args, inner=lambda r, x, h, bx, bh, w: x + bx + bh + r * (h @ w.T))


@gru_cell.mistake("The reset gate is not used: it multiplies what the old state sends to the candidate.")
def gru_no_reset(*args):
    return gru_step(args, inner=lambda r, x, h, bx, bh, w: x + bx + h @ w.T + bh)


@gru_cell.mistake("The reset gate multiplies the input's part, too: it is for the old state's part alone.")
def gru_reset_all(*args):
    return gru_step(args, inner=lambda r, x, h, bx, bh, w: r * (x + bx + h @ w.T + bh))


@gru_cell.mistake("The candidate n goes through tanh: it is content, and no gate.")
def gru_sigmoid_candidate(*args):
    return gru_step(args, candidate=sigmoid)


@gru_cell.mistake("The old state is lost: h' = (1 − z) n + z h.")
def gru_no_old_state(*args):
    return gru_step(args, mix=lambda z, n, h: (1 - z) * n)


@gru_cell.mistake("The candidate comes in whole: it is weighted by 1 − z.")
def gru_candidate_whole(*args):
    return gru_step(args, mix=lambda z, n, h: n + z * h)


@gru_cell.mistake("You return the candidate alone: the update gate z mixes it with the old state.")
def gru_candidate_only(*args):
    return gru_step(args, mix=lambda z, n, h: n)


@gru_cell.mistake("The biases are missing: there are two, b_ih and b_hh.")
def gru_no_bias(*args):
    return gru_step(args, bias=False)


@gru_cell.mistake("The candidate's tanh is missing: n = tanh(…), or the state could grow without limit.")
def gru_no_candidate_tanh(*args):
    return gru_step(args, candidate=lambda z: z)


@gru_cell.mistake("The candidate's share is 1 − z: what is kept and what is new add up to one whole.")
def gru_mixes_with_reset(x, h, w_ih, w_hh, b_ih, b_hh):
    hidden = h.shape[1]
    r = sigmoid((x @ w_ih.T + h @ w_hh.T + b_ih + b_hh)[:, :hidden])
    return gru_step((x, h, w_ih, w_hh, b_ih, b_hh), mix=lambda z, n, h: (1 - r) * n + z * h)

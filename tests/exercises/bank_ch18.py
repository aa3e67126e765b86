"""Bank of notebook 18: answers as readers write them."""

from __future__ import annotations

import itertools
import math

import numpy as np
from bank import Bank

# --- rnn_cell ----------------------------------------------------------------------------------------

cell = Bank("rnn_cell")


@cell.right
def cell_transposes(x, h, w_ih, w_hh, b):
    return np.tanh((w_ih @ x.T + w_hh @ h.T).T + b)


@cell.right
def cell_side_by_side(x, h, w_ih, w_hh, b):
    xh = np.concatenate([x, h], axis=1)
    w = np.concatenate([w_ih, w_hh], axis=1)
    return np.tanh(xh @ w.T + b)


@cell.right
def cell_einsum(x, h, w_ih, w_hh, b):
    return np.tanh(np.einsum("bi,hi->bh", x, w_ih) + np.einsum("bj,hj->bh", h, w_hh) + b)


@cell.right
def cell_loops(x, h, w_ih, w_hh, b):
    return [[math.tanh(w_ih[i] @ x[n] + w_hh[i] @ h[n] + b[i]) for i in range(len(b))] for n in range(len(x))]


@cell.right
def cell_by_exponentials(x, h, w_ih, w_hh, b):
    z = x @ w_ih.T + h @ w_hh.T + b[None, :]
    return 2 / (1 + np.exp(-2 * z)) - 1


@cell.right
def cell_torch(x, h, w_ih, w_hh, b):
    import torch

    x, h, w_ih, w_hh, b = map(torch.tensor, (x, h, w_ih, w_hh, b))
    functional = torch.nn.functional
    return torch.tanh(functional.linear(x, w_ih, b) + functional.linear(h, w_hh))


@cell.wrong(names="no_tanh")
def cell_linear(x, h, w_ih, w_hh, b):
    return x @ w_ih.T + b + h @ w_hh.T


@cell.wrong(names="no_memory")
def cell_feedforward(x, h, w_ih, w_hh, b):
    return np.tanh(b + x @ w_ih.T)


@cell.wrong(names="no_input")
def cell_deaf(x, h, w_ih, w_hh, b):
    return np.tanh(b + h @ w_hh.T)


@cell.wrong(names="no_bias")
def cell_without_bias(x, h, w_ih, w_hh, b):
    return np.tanh(h @ w_hh.T + x @ w_ih.T)


@cell.wrong(names="bias_outside")
def cell_bias_late(x, h, w_ih, w_hh, b):
    new = np.tanh(x @ w_ih.T + h @ w_hh.T)
    new += b
    return new


@cell.wrong(names="state_outside")
def cell_memory_late(x, h, w_ih, w_hh, b):
    return h @ w_hh.T + np.tanh(x @ w_ih.T + b)


@cell.wrong(names="two_tanh")
def cell_twice(x, h, w_ih, w_hh, b):
    return np.tanh(h @ w_hh.T) + np.tanh(b + x @ w_ih.T)


@cell.wrong(names="w_hh_not_transposed")
def cell_forgot_transpose(x, h, w_ih, w_hh, b):
    return np.tanh(x @ w_ih.T + np.dot(h, w_hh) + b)


@cell.wrong(names="sigmoid_cell")
def cell_logistic(x, h, w_ih, w_hh, b):
    z = x @ w_ih.T + h @ w_hh.T + b
    return np.exp(z) / (1 + np.exp(z))


@cell.wrong(names="relu_cell")
def cell_rectified(x, h, w_ih, w_hh, b):
    z = x @ w_ih.T + h @ w_hh.T + b
    return z * (z > 0)


@cell.wrong(names="adds_old_state")
def cell_residual(x, h, w_ih, w_hh, b):
    new = np.tanh(x @ w_ih.T + h @ w_hh.T + b)
    return new + h


@cell.wrong(names="state_unweighted")
def cell_plain_state(x, h, w_ih, w_hh, b):
    return np.tanh(h + x @ w_ih.T + b)


@cell.wrong(says="sign")
def cell_negative(x, h, w_ih, w_hh, b):
    return np.tanh(-(x @ w_ih.T + h @ w_hh.T + b))


@cell.wrong(says="in place")
def cell_in_place(x, h, w_ih, w_hh, b):
    h[:] = np.tanh(x @ w_ih.T + h @ w_hh.T + b)
    return h


@cell.wrong(says="shape")
def cell_features_first(x, h, w_ih, w_hh, b):
    return np.tanh(w_ih @ x.T + w_hh @ h.T + b[:, None])


@cell.wrong()
def cell_untransposed_input(x, h, w_ih, w_hh, b):
    return np.tanh(x @ w_ih + h @ w_hh.T + b)


@cell.wrong(says="shape")
def cell_first_sequence(x, h, w_ih, w_hh, b):
    return np.tanh(w_ih @ x[0] + w_hh @ h[0] + b)


@cell.wrong()
def cell_bias_twice(x, h, w_ih, w_hh, b):
    return np.tanh((x @ w_ih.T + b) + (h @ w_hh.T + b))


@cell.wrong(names="neither_transposed")
def cell_no_transposes(x, h, w_ih, w_hh, b):
    return np.tanh(x.dot(w_ih) + h.dot(w_hh) + b)


@cell.wrong(names="bias_after_two_tanh")
def cell_squeezed_apart(x, h, w_ih, w_hh, b):
    heard, remembered = np.tanh(x @ w_ih.T), np.tanh(h @ w_hh.T)
    return heard + remembered + b


# --- bptt_gradient -----------------------------------------------------------------------------------

bptt = Bank("bptt_gradient")


@bptt.right
def bptt_columns(states, w_hh, g):
    total, back = np.zeros(w_hh.shape), g
    for before, after in zip(states[-2::-1], states[:0:-1], strict=True):
        delta = back * (1 - after**2)
        total += delta[:, None] * before[None, :]
        back = w_hh.T @ delta
    return total


@bptt.right
def bptt_deltas_then_product(states, w_hh, g):
    deltas = [g * (1 - states[-1] ** 2)]
    for after in states[-2:0:-1]:
        deltas.append((w_hh.T @ deltas[-1]) * (1 - after**2))
    return np.array(deltas[::-1]).T @ states[:-1]


@bptt.right
def bptt_recursive(states, w_hh, g):
    if len(states) == 1:
        return np.zeros_like(w_hh)
    delta = g * (1 - states[-1] * states[-1])
    return np.outer(delta, states[-2]) + bptt_recursive(states[:-1], w_hh, delta @ w_hh)


@bptt.right
def bptt_jacobians(states, w_hh, g):
    total, product = np.zeros_like(w_hh), np.eye(len(g))
    for t in range(len(states) - 1, 0, -1):
        product = product @ np.diag(1 - states[t] ** 2)
        total += np.outer(g @ product, states[t - 1])
        product = product @ w_hh
    return total


@bptt.right
def bptt_loops(states, w_hh, g):
    n, back = len(g), list(g)
    total = [[0.0] * n for _ in range(n)]
    for t in range(len(states) - 1, 0, -1):
        delta = [back[i] * (1 - states[t][i] ** 2) for i in range(n)]
        for i in range(n):
            for j in range(n):
                total[i][j] += delta[i] * states[t - 1][j]
        back = [sum(w_hh[i][j] * delta[i] for i in range(n)) for j in range(n)]
    return total


@bptt.wrong(names="last_step_only")
def bptt_one_step(states, w_hh, g):
    return np.outer(g * (1 - states[-1] ** 2), states[-2])


@bptt.wrong(names="without_slope")
def bptt_linear(states, w_hh, g):
    total, back = np.zeros_like(w_hh), g
    for before in states[-2::-1]:
        total += np.outer(back, before)
        back = w_hh.T @ back
    return total


@bptt.wrong(names="slope_one_early")
def bptt_early(states, w_hh, g):
    total, back = np.zeros_like(w_hh), g
    for before in states[-2::-1]:
        delta = back * (1 - before**2)
        total += np.outer(delta, before)
        back = w_hh.T @ delta
    return total


@bptt.wrong(names="tanh_twice")
def bptt_tanh_of_state(states, w_hh, g):
    total, back = np.zeros_like(w_hh), g
    for before, after in zip(states[-2::-1], states[:0:-1], strict=True):
        delta = back / np.cosh(after) ** 2
        total += np.outer(delta, before)
        back = w_hh.T @ delta
    return total


@bptt.wrong(names="sigmoid_slope")
def bptt_logistic(states, w_hh, g):
    total, back = np.zeros_like(w_hh), g
    for before, after in zip(states[-2::-1], states[:0:-1], strict=True):
        delta = back * (after - after**2)
        total += np.outer(delta, before)
        back = w_hh.T @ delta
    return total


@bptt.wrong(names="back_not_transposed")
def bptt_forward_weights(states, w_hh, g):
    total, back = np.zeros_like(w_hh), g
    for before, after in zip(states[-2::-1], states[:0:-1], strict=True):
        delta = back * (1 - after**2)
        total += np.outer(delta, before)
        back = w_hh @ delta
    return total


@bptt.wrong(names="back_without_weights")
def bptt_no_weights(states, w_hh, g):
    total, back = np.zeros_like(w_hh), np.array(g)
    for before, after in zip(states[-2::-1], states[:0:-1], strict=True):
        back = back * (1 - after**2)
        total += np.outer(back, before)
    return total


@bptt.wrong(names="state_after")
def bptt_own_state(states, w_hh, g):
    total, back = np.zeros_like(w_hh), g
    for after in states[:0:-1]:
        delta = back * (1 - after**2)
        total += np.outer(delta, after)
        back = w_hh.T @ delta
    return total


@bptt.wrong(names="result_transposed")
def bptt_outer_swapped(states, w_hh, g):
    total, back = np.zeros_like(w_hh), g
    for before, after in zip(states[-2::-1], states[:0:-1], strict=True):
        delta = back * (1 - after**2)
        total += np.outer(before, delta)
        back = w_hh.T @ delta
    return total


@bptt.wrong(names="mean_of_steps")
def bptt_mean(states, w_hh, g):
    shares, back = [], g
    for before, after in zip(states[-2::-1], states[:0:-1], strict=True):
        delta = back * (1 - after**2)
        shares.append(np.outer(delta, before))
        back = w_hh.T @ delta
    return np.mean(shares, axis=0)


@bptt.wrong(names="g_at_every_step")
def bptt_g_again(states, w_hh, g):
    total, back = np.zeros_like(w_hh), np.zeros_like(g)
    for before, after in zip(states[-2::-1], states[:0:-1], strict=True):
        delta = (back + g) * (1 - after**2)
        total += np.outer(delta, before)
        back = w_hh.T @ delta
    return total


@bptt.wrong(names="first_step_left_out")
def bptt_stops_early(states, w_hh, g):
    total, back = np.zeros_like(w_hh), g
    for t in range(len(states) - 1, 1, -1):
        delta = back * (1 - states[t] ** 2)
        total += np.outer(delta, states[t - 1])
        back = w_hh.T @ delta
    return total


@bptt.wrong(says="in place")
def bptt_g_in_place(states, w_hh, g):
    total = np.zeros_like(w_hh)
    for before, after in zip(states[-2::-1], states[:0:-1], strict=True):
        g *= 1 - after**2
        total += np.outer(g, before)
        g[:] = w_hh.T @ g
    return total


@bptt.wrong(says="sign")
def bptt_negative(states, w_hh, g):
    return -bptt_recursive(states, w_hh, g)


@bptt.wrong()
def bptt_bias(states, w_hh, g):
    total, back = np.zeros_like(g), g
    for after in states[:0:-1]:
        delta = back * (1 - after**2)
        total = total + delta
        back = w_hh.T @ delta
    return total


@bptt.wrong()
def bptt_forwards(states, w_hh, g):
    total, back = np.zeros_like(w_hh), g
    for before, after in itertools.pairwise(states):
        delta = back * (1 - after**2)
        total += np.outer(delta, before)
        back = w_hh.T @ delta
    return total


@bptt.wrong(names="past_the_first_state")
def bptt_wraps_round(states, w_hh, g):
    total, back = np.zeros_like(w_hh), g
    for t in reversed(range(len(states))):
        delta = back * (1 - states[t] ** 2)
        total += np.outer(delta, states[t - 1])
        back = w_hh.T @ delta
    return total


@bptt.wrong(names="overwritten")
def bptt_keeps_last_share(states, w_hh, g):
    back = g
    for before, after in zip(states[-2::-1], states[:0:-1], strict=True):
        delta = back * (1 - after**2)
        total = np.outer(delta, before)
        back = delta @ w_hh
    return total


@bptt.wrong(names="share_after_matrix")
def bptt_late_share(states, w_hh, g):
    total, back = np.zeros_like(w_hh), g
    for before, after in zip(states[-2::-1], states[:0:-1], strict=True):
        back = (back * (1 - after**2)) @ w_hh
        total += np.outer(back, before)
    return total


@bptt.wrong(names="matrix_before_slope")
def bptt_early_matrix(states, w_hh, g):
    total, delta = np.zeros_like(w_hh), g
    for before, after in zip(states[-2::-1], states[:0:-1], strict=True):
        delta = (delta @ w_hh) * (1 - after**2)
        total += np.outer(delta, before)
    return total


# --- text_streams ------------------------------------------------------------------------------------

streams = Bank("text_streams")


@streams.right
def streams_reshape(ids, batch, length):
    chunks = (len(ids) - 1) // (batch * length)
    n = batch * chunks * length
    x, y = ids[:n], ids[1 : n + 1]
    return tuple(a.reshape(batch, chunks, length).transpose(1, 2, 0) for a in (x, y))


@streams.right
def streams_loops(ids, batch, length):
    chunks = (len(ids) - 1) // (batch * length)
    x, y = np.zeros((2, chunks, length, batch), dtype=int)
    for c in range(chunks):
        for t in range(length):
            for j in range(batch):
                place = (j * chunks + c) * length + t
                x[c, t, j], y[c, t, j] = ids[place], ids[place + 1]
    return x, y


@streams.right
def streams_index(ids, batch, length):
    chunks = (len(ids) - 1) // (batch * length)
    c, t, j = np.indices((chunks, length, batch))
    place = j * chunks * length + c * length + t
    return ids[place], ids[place + 1]


@streams.right
def streams_lists(ids, batch, length):
    stretch = (len(ids) - 1) // (batch * length) * length
    columns = [ids[j * stretch : (j + 1) * stretch + 1].tolist() for j in range(batch)]
    rows = list(zip(*columns, strict=True))
    starts = range(0, stretch, length)
    return [rows[s : s + length] for s in starts], [rows[s + 1 : s + length + 1] for s in starts]


@streams.right
def streams_torch(ids, batch, length):
    import torch

    chunks = (len(ids) - 1) // (batch * length)
    n = batch * chunks * length
    parts = [torch.tensor(ids[s : s + n]).view(batch, chunks, length) for s in (0, 1)]
    return tuple(part.permute(1, 2, 0) for part in parts)


@streams.wrong(names="targets_not_shifted")
def streams_same(ids, batch, length):
    x = streams_reshape(ids, batch, length)[0]
    return x, x.copy()


@streams.wrong(names="batch_before_time")
def streams_batch_first(ids, batch, length):
    return tuple(a.transpose(0, 2, 1) for a in streams_reshape(ids, batch, length))


@streams.wrong(names="chunk_by_chunk")
def streams_broken(ids, batch, length):
    chunks = (len(ids) - 1) // (batch * length)
    n = batch * chunks * length
    return tuple(a.reshape(chunks, batch, length).swapaxes(1, 2) for a in (ids[:n], ids[1 : n + 1]))


@streams.wrong(names="dealt_like_cards")
def streams_cards(ids, batch, length):
    chunks = (len(ids) - 1) // (batch * length)
    n = batch * chunks * length
    return tuple(a.reshape(chunks, length, batch) for a in (ids[:n], ids[1 : n + 1]))


@streams.wrong(names="swapped")
def streams_swapped(ids, batch, length):
    return streams_index(ids, batch, length)[::-1]


@streams.wrong(names="rolled")
def streams_rolled(ids, batch, length):
    stretch = (len(ids) - 1) // (batch * length) * length
    x = ids[: batch * stretch].reshape(batch, stretch)
    y = np.concatenate([x[:, 1:], x[:, :1]], axis=1)
    return tuple(a.reshape(batch, -1, length).transpose(1, 2, 0) for a in (x, y))


@streams.wrong(names="shifted_back")
def streams_backwards(ids, batch, length):
    stretch = (len(ids) - 1) // (batch * length) * length
    x = ids[: batch * stretch].reshape(batch, stretch)
    y = np.concatenate([x[:, -1:], x[:, :-1]], axis=1)
    return tuple(a.reshape(batch, -1, length).transpose(1, 2, 0) for a in (x, y))


@streams.wrong(names="inputs_only")
def streams_x(ids, batch, length):
    return streams_reshape(ids, batch, length)[0]


@streams.wrong(names="not_cut")
def streams_whole(ids, batch, length):
    n = (len(ids) - 1) // (batch * length) * batch * length
    return tuple(a.reshape(batch, -1).T[None] for a in (ids[:n], ids[1 : n + 1]))


@streams.wrong(says="shape")
def streams_one_chunk_less(ids, batch, length):
    return tuple(a[:-1] for a in streams_reshape(ids, batch, length))


@streams.wrong(says="shape")
def streams_time_first(ids, batch, length):
    return tuple(a.transpose(1, 0, 2) for a in streams_reshape(ids, batch, length))


@streams.wrong(says="ValueError")
def streams_no_remainder(ids, batch, length):
    return tuple(a.reshape(batch, -1, length).transpose(1, 2, 0) for a in (ids[:-1], ids[1:]))


@streams.wrong()
def streams_targets_two_on(ids, batch, length):
    padded = np.append(ids, ids[:1])
    return streams_reshape(ids, batch, length)[0], streams_reshape(padded[1:], batch, length)[1]


@streams.wrong(says="shape")
def streams_one_more_time_step(ids, batch, length):
    return streams_reshape(ids, batch, length + 1)


@streams.wrong(names="targets_from_the_end")
def streams_last_symbols(ids, batch, length):
    n = (len(ids) - 1) // (batch * length) * batch * length
    return tuple(a.reshape(batch, -1, length).transpose(1, 2, 0) for a in (ids[:n], ids[-n:]))


@streams.wrong(names="streams_first")
def streams_not_moved(ids, batch, length):
    n = (len(ids) - 1) // (batch * length) * batch * length
    return tuple(a.reshape(batch, -1, length) for a in (ids[:n], ids[1 : n + 1]))


@streams.wrong()
def streams_steps_first(ids, batch, length):
    n = (len(ids) - 1) // (batch * length) * batch * length
    return tuple(a.reshape(length, -1, batch).transpose(1, 0, 2) for a in (ids[:n], ids[1 : n + 1]))


# --- sample_text -------------------------------------------------------------------------------------

sample = Bank("sample_text")


def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()


@sample.right
def sample_searchsorted(step, first, u, temperature):
    token, state, written = first, None, []
    for x in u:
        logits, state = step(token, state)
        token = int(np.searchsorted(np.cumsum(softmax(logits / temperature)), x, side="right"))
        token = min(token, len(logits) - 1)
        written.append(token)
    return written


@sample.right
def sample_counts(step, first, u, temperature):
    text = [first]
    state = None
    for x in u:
        logits, state = step(text[-1], state)
        sums = np.cumsum(softmax(logits / temperature))[:-1]
        text.append(int((sums <= x).sum()))
    return np.array(text[1:], dtype=int)


@sample.right
def sample_by_hand(step, first, u, temperature):
    token, state, written = first, None, []
    for x in u:
        logits, state = step(token, state)
        left = x
        for k, p in enumerate(softmax(logits / temperature)):
            token = k
            left -= p
            if left < 0:
                break
        written.append(token)
    return written


@sample.right
def sample_argmax_of_mask(step, first, u, temperature):
    written = np.zeros(len(u), dtype=int)
    token, state = first, None
    for i, x in enumerate(u):
        logits, state = step(token, state)
        weights = np.exp((logits - logits.max()) / temperature)
        token = written[i] = np.argmax(np.cumsum(weights) > x * weights.sum())
    return written


@sample.right
def sample_torch(step, first, u, temperature):
    import torch

    token, state, written = first, None, []
    for x in u:
        logits, state = step(token, state)
        p = torch.softmax(torch.tensor(logits) / temperature, dim=0)
        token = int((p.cumsum(0)[:-1] <= x).sum())
        written.append(token)
    return written


def sample_with(choose, step, first, u, temperature):
    token, state, written = first, None, []
    for x in u:
        logits, state = step(token, state)
        token = int(choose(logits, x, temperature))
        written.append(token)
    return written


def draw(p, x):
    return (np.cumsum(p)[:-1] <= x).sum()


@sample.wrong(names="multiplied")
def sample_hot_and_cold(step, first, u, temperature):
    return sample_with(lambda z, x, t: draw(softmax(z * t), x), step, first, u, temperature)


@sample.wrong(names="temperature_ignored")
def sample_lukewarm(step, first, u, temperature):
    return sample_with(lambda z, x, t: draw(softmax(z), x), step, first, u, temperature)


@sample.wrong(names="greedy")
def sample_argmax(step, first, u, temperature):
    return sample_with(lambda z, x, t: z.argmax(), step, first, u, temperature)


@sample.wrong(names="forgetful")
def sample_without_state(step, first, u, temperature):
    token, written = first, []
    for x in u:
        logits, _ = step(token, None)
        token = int(draw(softmax(logits / temperature), x))
        written.append(token)
    return written


@sample.wrong(names="always_first")
def sample_deaf(step, first, u, temperature):
    state, written = None, []
    for x in u:
        logits, state = step(first, state)
        written.append(int(draw(softmax(logits / temperature), x)))
    return written


@sample.wrong(names="first_included")
def sample_with_first(step, first, u, temperature):
    text, state = [first], None
    for x in u:
        logits, state = step(text[-1], state)
        text.append(int(draw(softmax(logits / temperature), x)))
    return text


@sample.wrong(names="first_in_place_of_last")
def sample_appends_early(step, first, u, temperature):
    token, state, written = first, None, []
    for x in u:
        written.append(token)
        logits, state = step(token, state)
        token = int(draw(softmax(logits / temperature), x))
    return written


@sample.wrong(names="one_too_low")
def sample_off_by_one(step, first, u, temperature):
    return sample_with(
        lambda z, x, t: max(draw(softmax(z / t), x) - 1, 0),
        step,
        first,
        u,
        temperature,
    )


@sample.wrong(names="from_the_end")
def sample_backwards(step, first, u, temperature):
    return sample_with(
        lambda z, x, t: len(z) - 1 - draw(softmax(z / t)[::-1], x),
        step,
        first,
        u,
        temperature,
    )


@sample.wrong(names="divides_probabilities")
def sample_divides_late(step, first, u, temperature):
    return sample_with(lambda z, x, t: draw(softmax(z) / t, x), step, first, u, temperature)


@sample.wrong()
def sample_own_dice(step, first, u, temperature):
    rng = np.random.default_rng(0)
    return sample_with(lambda z, x, t: rng.choice(len(z), p=softmax(z / t)), step, first, u, temperature)


def with_plain_exp(pick):
    """Give what `sample_with` wants: a choice from exponentials that overflow."""

    def choose(z, x, t):
        with np.errstate(all="ignore"):
            e = np.exp(z / t)
            return pick(e / e.sum(), x)

    return choose


@sample.wrong(names="overflows_when_counted")
def sample_overflows(step, first, u, temperature):
    return sample_with(with_plain_exp(draw), step, first, u, temperature)


@sample.wrong(names="overflows")
def sample_overflows_by_argmax(step, first, u, temperature):
    pick = with_plain_exp(lambda p, x: np.argmax(np.cumsum(p) > x))
    return sample_with(pick, step, first, u, temperature)


@sample.wrong(names="overflows_when_counted")
def sample_overflows_by_search(step, first, u, temperature):
    pick = with_plain_exp(lambda p, x: np.searchsorted(np.cumsum(p), x, side="right"))
    return sample_with(pick, step, first, u, temperature)


@sample.wrong(says="shape")
def sample_last_only(step, first, u, temperature):
    written = sample_searchsorted(step, first, u, temperature)
    return written[-1] if written else 0


@sample.wrong()
def sample_logits_as_probabilities(step, first, u, temperature):
    return sample_with(lambda z, x, t: draw(z / t / np.sum(z / t), x), step, first, u, temperature)


@sample.wrong(says="shape")
def sample_one_short(step, first, u, temperature):
    return sample_searchsorted(step, first, u[1:], temperature)


@sample.wrong(names="not_normalised")
def sample_unscaled(step, first, u, temperature):
    def choose(z, x, t):
        sums = np.cumsum(np.exp((z - z.max()) / t))
        return min(np.searchsorted(sums, x, side="right"), len(z) - 1)

    return sample_with(choose, step, first, u, temperature)


@sample.wrong(names="first_read_twice")
def sample_warms_up(step, first, u, temperature):
    written, token = [], first
    _, state = step(first, None)
    for x in u:
        logits, state = step(token, state)
        token = int(draw(softmax(logits / temperature), x))
        written.append(token)
    return written


@sample.wrong(names="nearest_sum")
def sample_nearest(step, first, u, temperature):
    return sample_with(
        lambda z, x, t: np.argmin(np.abs(np.cumsum(softmax(z / t)) - x)), step, first, u, temperature
    )

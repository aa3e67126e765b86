"""Bank of notebook 19: answers as readers write them."""

from __future__ import annotations

import numpy as np
from bank import Bank

# --- memory_kept -------------------------------------------------------------------------------------

kept = Bank("memory_kept")


@kept.right
def kept_backwards(forget):
    left = np.ones(forget.shape)
    for t in range(len(forget) - 2, -1, -1):
        left[t] = left[t + 1] * forget[t + 1]
    return left


@kept.right
def kept_products(forget):
    return np.array([np.prod(forget[t + 1 :], axis=0) for t in range(len(forget))])


@kept.right
def kept_lists(forget):
    rows, left = [], [1.0] * forget.shape[1]
    for gates in forget[::-1]:
        rows.insert(0, left)
        left = [a * b for a, b in zip(left, gates, strict=True)]
    return rows


@kept.right
def kept_by_running_a_cell(forget):
    steps, units = forget.shape
    cells = np.zeros((steps, units))  # row t: what step t wrote
    for t in range(steps):
        cells *= forget[t]
        cells[t] = 1
    return cells


@kept.right
def kept_torch(forget):
    import torch

    f = torch.tensor(forget)
    later = torch.cat([f[1:], torch.ones_like(f[:1])])
    return later.flip(0).cumprod(0).flip(0)


@kept.wrong(names="own_gate_too")
def kept_with_own(forget):
    return np.array([np.prod(forget[t:], axis=0) for t in range(len(forget))])


@kept.wrong(names="from_the_start")
def kept_forwards(forget):
    return np.array([np.prod(forget[: t + 1], axis=0) for t in range(len(forget))])


@kept.wrong(names="earlier_gates")
def kept_earlier(forget):
    return np.array([np.prod(forget[:t], axis=0) for t in range(len(forget))])


@kept.wrong(names="reversed_order")
def kept_turned_round(forget):
    return kept_products(forget)[::-1]


@kept.wrong(names="next_gate_only")
def kept_one_gate(forget):
    left = np.ones(forget.shape)
    left[:-1] = forget[1:]
    return left


@kept.wrong(names="sums")
def kept_sum(forget):
    return np.array([np.sum(forget[t + 1 :], axis=0) for t in range(len(forget))])


@kept.wrong(names="along_the_units")
def kept_axis(forget):
    return np.array([np.prod(forget[:, t + 1 :], axis=1) for t in range(forget.shape[1])]).T


@kept.wrong(names="forgotten")
def kept_lost(forget):
    return 1 - kept_products(forget)


@kept.wrong(names="gate_turned")
def kept_one_minus(forget):
    return np.array([np.prod(1 - forget[t + 1 :], axis=0) for t in range(len(forget))])


@kept.wrong(says="shape")
def kept_first_only(forget):
    return np.prod(forget[1:], axis=0)


@kept.wrong(says="in place")
def kept_in_place(forget):
    forget[:-1] = forget[1:]
    forget[-1] = 1
    for t in range(len(forget) - 2, -1, -1):
        forget[t] *= forget[t + 1]
    return forget


@kept.wrong(says="shape")
def kept_one_row_short(forget):
    return kept_products(forget)[:-1]


@kept.wrong()
def kept_mean_gate(forget):
    steps = len(forget)
    return np.array([forget.mean(axis=0) ** (steps - 1 - t) for t in range(steps)])


@kept.wrong(names="units_mixed")
def kept_no_units(forget):
    return np.array([np.full(forget.shape[1], np.prod(forget[t + 1 :])) for t in range(len(forget))])


@kept.wrong(names="not_turned_back")
def kept_left_reversed(forget):
    share, rows = 1.0, []
    for gates in forget[::-1]:
        share = share * gates
        rows.append(share)
    return np.array(rows)


@kept.wrong(names="nothing_at_the_end")
def kept_padded_with_zeros(forget):
    products = np.cumprod(forget[::-1], axis=0)[::-1]
    return np.concatenate([products[1:], np.zeros_like(products[:1])])


# --- lstm_cell ---------------------------------------------------------------------------------------

lstm = Bank("lstm_cell")


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@lstm.right
def lstm_split(x, h, c, w_ih, w_hh, b):
    i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


@lstm.right
def lstm_slices(x, h, c, w_ih, w_hh, b):
    n = h.shape[1]
    z = np.hstack([x, h]) @ np.hstack([w_ih, w_hh]).T + b
    gates = sigmoid(z)
    new = gates[:, n : 2 * n] * c + gates[:, :n] * np.tanh(z[:, 2 * n : 3 * n])
    return gates[:, 3 * n :] * np.tanh(new), new


@lstm.right
def lstm_four_products(x, h, c, w_ih, w_hh, b):
    n = h.shape[1]

    def part(k):
        rows = slice(k * n, (k + 1) * n)
        return x @ w_ih[rows].T + h @ w_hh[rows].T + b[rows]

    keep, write, show = sigmoid(part(1)), sigmoid(part(0)), sigmoid(part(3))
    content = keep * c + write * np.tanh(part(2))
    return [show * np.tanh(content), content]


@lstm.right
def lstm_reshape(x, h, c, w_ih, w_hh, b):
    z = (x @ w_ih.T + h @ w_hh.T + b).reshape(len(x), 4, -1)
    half = 0.5 * (1 + np.tanh(z / 2))
    c = half[:, 1] * c + half[:, 0] * np.tanh(z[:, 2])
    return half[:, 3] * np.tanh(c), c


@lstm.right
def lstm_torch(x, h, c, w_ih, w_hh, b):
    import torch

    cell = torch.nn.LSTMCell(x.shape[1], h.shape[1], dtype=torch.float64)
    zeros = torch.zeros_like(cell.bias_hh)
    parts = {"weight_ih": w_ih, "weight_hh": w_hh, "bias_ih": b}
    cell.load_state_dict({k: torch.tensor(v) for k, v in parts.items()} | {"bias_hh": zeros})
    return cell(torch.tensor(x), (torch.tensor(h), torch.tensor(c)))


def lstm_parts(x, h, w_ih, w_hh, b):
    i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
    return sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)


@lstm.wrong(names="lstm_swapped")
def lstm_cell_first(x, h, c, w_ih, w_hh, b):
    i, f, g, o = lstm_parts(x, h, w_ih, w_hh, b)
    c = f * c + i * g
    return c, o * np.tanh(c)


@lstm.wrong(names="lstm_order_ifog")
def lstm_candidate_last(x, h, c, w_ih, w_hh, b):
    i, f, o, g = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


@lstm.wrong(names="lstm_order_figo")
def lstm_forget_first(x, h, c, w_ih, w_hh, b):
    f, i, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


@lstm.wrong(names="lstm_sigmoid_candidate")
def lstm_all_sigmoid(x, h, c, w_ih, w_hh, b):
    i, f, g, o = np.split(sigmoid(x @ w_ih.T + h @ w_hh.T + b), 4, axis=1)
    c = f * c + i * g
    return o * np.tanh(c), c


@lstm.wrong(names="lstm_no_output_tanh")
def lstm_plain_output(x, h, c, w_ih, w_hh, b):
    i, f, g, o = lstm_parts(x, h, w_ih, w_hh, b)
    c = f * c + i * g
    return o * c, c


@lstm.wrong(names="lstm_old_cell_out")
def lstm_late(x, h, c, w_ih, w_hh, b):
    i, f, g, o = lstm_parts(x, h, w_ih, w_hh, b)
    return o * np.tanh(c), f * c + i * g


@lstm.wrong(names="lstm_no_forget")
def lstm_of_1997(x, h, c, w_ih, w_hh, b):
    i, _, g, o = lstm_parts(x, h, w_ih, w_hh, b)
    c = c + i * g
    return o * np.tanh(c), c


@lstm.wrong(names="lstm_no_old_cell")
def lstm_amnesia(x, h, c, w_ih, w_hh, b):
    i, _, g, o = lstm_parts(x, h, w_ih, w_hh, b)
    return o * np.tanh(i * g), i * g


@lstm.wrong(names="lstm_no_input_gate")
def lstm_always_writes(x, h, c, w_ih, w_hh, b):
    _, f, g, o = lstm_parts(x, h, w_ih, w_hh, b)
    c = f * c + g
    return o * np.tanh(c), c


@lstm.wrong(names="lstm_forget_turned")
def lstm_forgets_at_one(x, h, c, w_ih, w_hh, b):
    i, f, g, o = lstm_parts(x, h, w_ih, w_hh, b)
    c = c - f * c + i * g
    return o * np.tanh(c), c


@lstm.wrong(names="lstm_coupled")
def lstm_like_gru(x, h, c, w_ih, w_hh, b):
    _, f, g, o = lstm_parts(x, h, w_ih, w_hh, b)
    c = f * c + (1 - f) * g
    return o * np.tanh(c), c


@lstm.wrong(names="lstm_no_output_gate")
def lstm_shows_all(x, h, c, w_ih, w_hh, b):
    i, f, g, _ = lstm_parts(x, h, w_ih, w_hh, b)
    c = f * c + i * g
    return np.tanh(c), c


@lstm.wrong(names="lstm_no_bias")
def lstm_without_bias(x, h, c, w_ih, w_hh, b):
    return lstm_split(x, h, c, w_ih, w_hh, 0 * b)


@lstm.wrong(says="Return 2 things")
def lstm_state_only(x, h, c, w_ih, w_hh, b):
    return lstm_split(x, h, c, w_ih, w_hh, b)[0]


@lstm.wrong(says="in place")
def lstm_in_place(x, h, c, w_ih, w_hh, b):
    i, f, g, o = lstm_parts(x, h, w_ih, w_hh, b)
    c *= f
    c += i * g
    return o * np.tanh(c), c


@lstm.wrong(names="lstm_unit_by_unit")
def lstm_interleaved(x, h, c, w_ih, w_hh, b):
    z = x @ w_ih.T + h @ w_hh.T + b
    i, f, g, o = (z[:, k::4] for k in range(4))
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


@lstm.wrong(names="lstm_no_candidate_tanh")
def lstm_raw_candidate(x, h, c, w_ih, w_hh, b):
    i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * g
    return sigmoid(o) * np.tanh(c), c


@lstm.wrong(names="lstm_keeps_the_state")
def lstm_state_for_cell(x, h, c, w_ih, w_hh, b):
    i, f, g, o = lstm_parts(x, h, w_ih, w_hh, b)
    c = f * h + i * g
    return o * np.tanh(c), c


@lstm.wrong(names="lstm_squeezed_cell")
def lstm_tanh_in_the_belt(x, h, c, w_ih, w_hh, b):
    i, f, g, o = lstm_parts(x, h, w_ih, w_hh, b)
    c = np.tanh(f * c + i * g)
    return o * c, c


@lstm.wrong(names="lstm_no_sigmoid")
def lstm_raw_gates(x, h, c, w_ih, w_hh, b):
    i, f, g, o = np.split(x @ w_ih.T + b + h @ w_hh.T, 4, axis=1)
    c = f * c + i * np.tanh(g)
    return o * np.tanh(c), c


@lstm.wrong(names="lstm_gates_hear_the_cell")
def lstm_recurrent_cell(x, h, c, w_ih, w_hh, b):
    i, f, g, o = lstm_parts(x, c, w_ih, w_hh, b)
    c = f * c + i * g
    return o * np.tanh(c), c


@lstm.wrong(says="ValueError")
def lstm_splits_the_batch(x, h, c, w_ih, w_hh, b):
    i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


# --- forget_gate_bias --------------------------------------------------------------------------------

bias = Bank("forget_gate_bias")


@bias.right
def bias_concatenate(hidden, T, u):
    b = np.log(1 + u * (T - 2))
    zeros = np.zeros(hidden)
    return np.concatenate([-b, b, zeros, zeros])


@bias.right
def bias_slices(hidden, T, u):
    out = np.zeros(4 * hidden)
    out[hidden : 2 * hidden] = np.log((1 - u) + u * (T - 1))
    out[:hidden] = -out[hidden : 2 * hidden]
    return out


@bias.right
def bias_logit(hidden, T, u):
    share = 1 - 1 / (2 + u * (T - 2))  # how much a gate keeps a step
    b = np.log(share / (1 - share))
    return np.r_[-b, b, np.zeros(2 * hidden)]


@bias.right
def bias_lists(hidden, T, u):
    import math

    b = [math.log1p(v * (T - 2)) for v in u]
    return [-v for v in b] + b + [0.0] * (2 * hidden)


@bias.right
def bias_torch(hidden, T, u):
    import torch

    b = torch.log1p(torch.tensor(u) * (T - 2))
    return torch.cat([-b, b, torch.zeros(2 * hidden)])


@bias.wrong(names="bias_signs")
def bias_forget_first(hidden, T, u):
    b = np.log(1 + u * (T - 2))
    return np.concatenate([b, -b, np.zeros(2 * hidden)])


@bias.wrong(names="bias_order")
def bias_third_quarter(hidden, T, u):
    b = np.log(1 + u * (T - 2))
    return np.concatenate([-b, np.zeros(hidden), b, np.zeros(hidden)])


@bias.wrong(names="bias_without_input")
def bias_one_gate(hidden, T, u):
    b = np.log(1 + u * (T - 2))
    return np.concatenate([np.zeros(hidden), b, np.zeros(2 * hidden)])


@bias.wrong(names="bias_signs")
def bias_shut(hidden, T, u):
    return -bias_concatenate(hidden, T, u) + 0 * np.arange(4 * hidden)


@bias.wrong(names="bias_both_open")
def bias_same(hidden, T, u):
    b = np.log(1 + u * (T - 2))
    return np.concatenate([b, b, np.zeros(2 * hidden)])


@bias.wrong(names="bias_no_log")
def bias_times(hidden, T, u):
    b = 1 + u * (T - 2)
    return np.concatenate([-b, b, np.zeros(2 * hidden)])


@bias.wrong(names="bias_even")
def bias_spread_log(hidden, T, u):
    b = np.log(T - 1) * u
    return np.concatenate([-b, b, np.zeros(2 * hidden)])


@bias.wrong(names="bias_to_t")
def bias_one_too_far(hidden, T, u):
    b = np.log1p(u * (T - 1))
    return np.concatenate([-b, b, np.zeros(2 * hidden)])


@bias.wrong(names="bias_log_t")
def bias_of_time(hidden, T, u):
    time = 2 + u * (T - 2)
    return np.concatenate([-np.log(time), np.log(time), np.zeros(2 * hidden)])


@bias.wrong(names="bias_forget_only")
def bias_quarter(hidden, T, u):
    return np.log1p(u * (T - 2))


@bias.wrong()
def bias_ones(hidden, T, u):
    return np.concatenate([np.zeros(hidden), np.ones(hidden), np.zeros(2 * hidden)])


@bias.wrong()
def bias_own_dice(hidden, T, u):
    b = np.log(np.random.default_rng(0).uniform(1, T, hidden))
    return np.concatenate([-b, b, np.zeros(2 * hidden)])


@bias.wrong(says="shape")
def bias_table(hidden, T, u):
    return bias_concatenate(hidden, T, u).reshape(4, hidden)


@bias.wrong()
def bias_output_gate_too(hidden, T, u):
    b = np.log1p(u * (T - 2))
    return np.concatenate([-b, b, np.zeros(hidden), b])


@bias.wrong()
def bias_log10(hidden, T, u):
    b = np.log10(1 + u * (T - 2))
    return np.concatenate([-b, b, np.zeros(2 * hidden)])


@bias.wrong(names="bias_one_less")
def bias_minus_one_again(hidden, T, u):
    t = 1 + np.asarray(u) * (T - 2)
    with np.errstate(divide="ignore"):
        b = np.log(t - 1)
    return np.concatenate([-b, b, np.zeros(2 * hidden)])


@bias.wrong(names="bias_unit_by_unit")
def bias_stacked_sideways(hidden, T, u):
    b = np.log(1 + np.asarray(u) * (T - 2))
    return np.stack([-b, b, 0 * b, 0 * b], axis=1).ravel()


@bias.wrong()
def bias_one_minus(hidden, T, u):
    b = np.log(1 + np.asarray(u) * (T - 2))
    return np.concatenate([1 - b, b, np.zeros(2 * hidden)])


# --- gru_cell ----------------------------------------------------------------------------------------

gru = Bank("gru_cell")


def gru_parts(x, h, w_ih, w_hh, b_ih, b_hh):
    xr, xz, xn = np.split(x @ w_ih.T + b_ih, 3, axis=1)
    hr, hz, hn = np.split(h @ w_hh.T + b_hh, 3, axis=1)
    return sigmoid(xr + hr), sigmoid(xz + hz), xn, hn


@gru.right
def gru_split(x, h, w_ih, w_hh, b_ih, b_hh):
    r, z, xn, hn = gru_parts(x, h, w_ih, w_hh, b_ih, b_hh)
    n = np.tanh(xn + r * hn)
    return (1 - z) * n + z * h


@gru.right
def gru_step_towards(x, h, w_ih, w_hh, b_ih, b_hh):
    k = h.shape[1]
    a, b = x @ w_ih.T + b_ih, h @ w_hh.T + b_hh
    gates = sigmoid(a[:, : 2 * k] + b[:, : 2 * k])
    new = np.tanh(a[:, 2 * k :] + gates[:, :k] * b[:, 2 * k :])
    return new + gates[:, k:] * (h - new)


@gru.right
def gru_three_products(x, h, w_ih, w_hh, b_ih, b_hh):
    k = h.shape[1]

    def both(part):
        rows = slice(part * k, (part + 1) * k)
        return x @ w_ih[rows].T + b_ih[rows], h @ w_hh[rows].T + b_hh[rows]

    reset, update = sigmoid(sum(both(0))), sigmoid(sum(both(1)))
    outer, inner = both(2)
    return update * h + (1 - update) * np.tanh(outer + reset * inner)


@gru.right
def gru_reshape(x, h, w_ih, w_hh, b_ih, b_hh):
    a = (x @ w_ih.T + b_ih).reshape(len(x), 3, -1)
    b = (h @ w_hh.T + b_hh).reshape(len(x), 3, -1)
    z = 0.5 * (1 + np.tanh((a[:, 1] + b[:, 1]) / 2))
    r = 0.5 * (1 + np.tanh((a[:, 0] + b[:, 0]) / 2))
    return z * h + (1 - z) * np.tanh(a[:, 2] + r * b[:, 2])


@gru.right
def gru_torch(x, h, w_ih, w_hh, b_ih, b_hh):
    import torch

    cell = torch.nn.GRUCell(x.shape[1], h.shape[1], dtype=torch.float64)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    parts = zip(names, (w_ih, w_hh, b_ih, b_hh), strict=True)
    cell.load_state_dict({name: torch.tensor(part) for name, part in parts})
    return cell(torch.tensor(x), torch.tensor(h))


@gru.wrong(names="gru_z_turned")
def gru_chung(x, h, w_ih, w_hh, b_ih, b_hh):
    r, z, xn, hn = gru_parts(x, h, w_ih, w_hh, b_ih, b_hh)
    return h + z * (np.tanh(xn + r * hn) - h)


@gru.wrong(names="gru_order_zrn")
def gru_update_first(x, h, w_ih, w_hh, b_ih, b_hh):
    z, r, xn, hn = gru_parts(x, h, w_ih, w_hh, b_ih, b_hh)
    return (1 - z) * np.tanh(xn + r * hn) + z * h


@gru.wrong(names="gru_reset_before")
def gru_of_the_paper(x, h, w_ih, w_hh, b_ih, b_hh):
    k = h.shape[1]
    r, z, xn, _ = gru_parts(x, h, w_ih, w_hh, b_ih, b_hh)
    n = np.tanh(xn + (r * h) @ w_hh[2 * k :].T + b_hh[2 * k :])
    return (1 - z) * n + z * h


@gru.wrong(names="gru_bias_outside")
def gru_one_bias(x, h, w_ih, w_hh, b_ih, b_hh):
    k = h.shape[1]
    r, z, xn, hn = gru_parts(x, h, w_ih, w_hh, b_ih, b_hh)
    n = np.tanh(xn + b_hh[2 * k :] + r * (hn - b_hh[2 * k :]))
    return (1 - z) * n + z * h


@gru.wrong(names="gru_no_reset")
def gru_minimal(x, h, w_ih, w_hh, b_ih, b_hh):
    _, z, xn, hn = gru_parts(x, h, w_ih, w_hh, b_ih, b_hh)
    return (1 - z) * np.tanh(xn + hn) + z * h


@gru.wrong(names="gru_reset_all")
def gru_reset_everything(x, h, w_ih, w_hh, b_ih, b_hh):
    r, z, xn, hn = gru_parts(x, h, w_ih, w_hh, b_ih, b_hh)
    return (1 - z) * np.tanh(r * (xn + hn)) + z * h


@gru.wrong(names="gru_sigmoid_candidate")
def gru_all_sigmoid(x, h, w_ih, w_hh, b_ih, b_hh):
    r, z, xn, hn = gru_parts(x, h, w_ih, w_hh, b_ih, b_hh)
    return (1 - z) * sigmoid(xn + r * hn) + z * h


@gru.wrong(names="gru_no_old_state")
def gru_amnesia(x, h, w_ih, w_hh, b_ih, b_hh):
    r, z, xn, hn = gru_parts(x, h, w_ih, w_hh, b_ih, b_hh)
    return np.tanh(xn + r * hn) * (1 - z)


@gru.wrong(names="gru_candidate_whole")
def gru_adds(x, h, w_ih, w_hh, b_ih, b_hh):
    r, z, xn, hn = gru_parts(x, h, w_ih, w_hh, b_ih, b_hh)
    return z * h + np.tanh(xn + r * hn)


@gru.wrong(names="gru_candidate_only")
def gru_no_update(x, h, w_ih, w_hh, b_ih, b_hh):
    r, _, xn, hn = gru_parts(x, h, w_ih, w_hh, b_ih, b_hh)
    return np.tanh(xn + r * hn)


@gru.wrong(names="gru_no_bias")
def gru_without_bias(x, h, w_ih, w_hh, b_ih, b_hh):
    return gru_split(x, h, w_ih, w_hh, 0 * b_ih, 0 * b_hh)


@gru.wrong(says="in place")
def gru_in_place(x, h, w_ih, w_hh, b_ih, b_hh):
    h[:] = gru_split(x, h, w_ih, w_hh, b_ih, b_hh)
    return h


@gru.wrong()
def gru_one_product(x, h, w_ih, w_hh, b_ih, b_hh):
    r, z, n = np.split(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh, 3, axis=1)
    return (1 - sigmoid(z)) * np.tanh(sigmoid(r) * n) + sigmoid(z) * h


@gru.wrong()
def gru_one_of_two_biases(x, h, w_ih, w_hh, b_ih, b_hh):
    return gru_split(x, h, w_ih, w_hh, b_ih, 0 * b_hh)


@gru.wrong(names="gru_no_candidate_tanh")
def gru_raw_candidate(x, h, w_ih, w_hh, b_ih, b_hh):
    r, z, xn, hn = gru_parts(x, h, w_ih, w_hh, b_ih, b_hh)
    return (1 - z) * (xn + r * hn) + z * h


@gru.wrong(names="gru_mixes_with_reset")
def gru_wrong_share(x, h, w_ih, w_hh, b_ih, b_hh):
    r, z, xn, hn = gru_parts(x, h, w_ih, w_hh, b_ih, b_hh)
    return (1 - r) * np.tanh(xn + r * hn) + z * h

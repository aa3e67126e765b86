"""Answers to the exercises of notebook 21, as readers write them."""

import math

import numpy as np
from bank import Bank

# --- scaled_dot_product_attention --------------------------------------------------------------------

attend = Bank("scaled_dot_product_attention")


@attend.right
def attend_steps(q, k, v):
    scores = q @ np.swapaxes(k, -1, -2) / math.sqrt(q.shape[-1])
    scores = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return weights @ v


@attend.right
def attend_einsum(q, k, v):
    scores = np.einsum("...td,...sd->...ts", q, k) * q.shape[-1] ** -0.5
    e = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    return np.einsum("...ts,...se->...te", e, v) / np.sum(e, axis=-1)[..., None]


@attend.right
def attend_log_sum(q, k, v):
    scores = (q / np.sqrt(k.shape[-1])) @ np.moveaxis(k, -1, -2)
    return np.exp(scores - np.logaddexp.reduce(scores, axis=-1)[..., None]) @ v


@attend.right
def attend_recursive(q, k, v):
    if q.ndim > 2:
        return np.stack([attend_recursive(a, b, c) for a, b, c in zip(q, k, v, strict=True)])
    rows = []
    for one in q:
        scores = [float(one @ key) / math.sqrt(len(one)) for key in k]
        shares = [math.exp(s - max(scores)) for s in scores]
        rows.append(sum(w * value for w, value in zip(shares, v, strict=True)) / sum(shares))
    return np.array(rows)


@attend.right
def attend_torch(q, k, v):
    import torch

    return torch.nn.functional.scaled_dot_product_attention(*(torch.tensor(a) for a in (q, k, v))).numpy()


def soft(scores, axis=-1):
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@attend.wrong(names="unscaled")
def attend_unscaled(q, k, v):
    return soft(q @ k.swapaxes(-1, -2)) @ v


@attend.wrong(names="divides_by_d")
def attend_by_d(q, k, v):
    return soft(q @ k.swapaxes(-1, -2) / k.shape[-1]) @ v


@attend.wrong(names="multiplies")
def attend_times(q, k, v):
    return soft(q @ k.swapaxes(-1, -2) * math.sqrt(k.shape[-1])) @ v


@attend.wrong(names="width_of_values")
def attend_root_of_values(q, k, v):
    return soft(q @ k.swapaxes(-1, -2) / v.shape[-1] ** 0.5) @ v


@attend.wrong(names="number_of_keys")
def attend_root_of_keys(q, k, v):
    scores = q @ k.swapaxes(-1, -2)
    return soft(scores / np.sqrt(scores.shape[-1])) @ v


@attend.wrong(names="second_axis")
def attend_root_of_second_axis(q, k, v):
    return soft(q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[1])) @ v


@attend.wrong()
def attend_root_of_second_axis_of_keys(q, k, v):
    return soft(q @ k.swapaxes(-1, -2) / np.sqrt(k.shape[1])) @ v


@attend.wrong(names="first_axis")
def attend_root_of_len(q, k, v):
    return soft(q @ k.swapaxes(-1, -2) / math.sqrt(len(k))) @ v


@attend.wrong(names="one_maximum")
def attend_one_maximum(q, k, v):
    scores = q @ k.swapaxes(-1, -2) / math.sqrt(q.shape[-1])
    e = np.exp(scores - np.max(scores))
    return (e / np.sum(e, axis=-1, keepdims=True)) @ v


@attend.wrong(names="over_queries")
def attend_axis(q, k, v):
    return soft(q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1]), axis=-2) @ v


@attend.wrong(names="over_everything")
def attend_no_axis(q, k, v):
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    e = np.exp(scores - scores.max(axis=(-1, -2), keepdims=True))
    return e / e.sum(axis=(-1, -2), keepdims=True) @ v


@attend.wrong()
def attend_whole_sum(q, k, v):
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    return np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum() @ v


@attend.wrong(names="without_softmax")
def attend_linear(q, k, v):
    return (q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])) @ v


@attend.wrong(names="returns_weights")
def attend_weights(q, k, v):
    return soft(q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1]))


@attend.wrong(names="returns_both")
def attend_both(q, k, v):
    weights = soft(q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1]))
    return weights @ v, weights


@attend.wrong(names="scales_late")
def attend_late(q, k, v):
    return soft(q @ k.swapaxes(-1, -2)) @ v / np.sqrt(q.shape[-1])


@attend.wrong(names="hardest")
def attend_hard(q, k, v):
    return np.take_along_axis(v, (q @ k.swapaxes(-1, -2)).argmax(axis=-1)[..., None], axis=-2)


@attend.wrong(names="overflows")
def attend_overflows(q, k, v):
    e = np.exp(q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1]))
    return (e / e.sum(-1, keepdims=True)) @ v


@attend.wrong()
def attend_transposes_all(q, k, v):
    return soft(q @ k.T / np.sqrt(q.shape[-1])) @ v


@attend.wrong()
def attend_no_transpose(q, k, v):
    return soft(q @ k / np.sqrt(q.shape[-1])) @ v


@attend.wrong()
def attend_changes_q(q, k, v):
    q /= np.sqrt(q.shape[-1])
    return soft(q @ k.swapaxes(-1, -2)) @ v


@attend.wrong(names="unscaled")
def attend_root_of_one(q, k, v):
    return soft(q @ k.swapaxes(-1, -2) / np.sqrt(1)) @ v


# --- causal_mask -------------------------------------------------------------------------------------

mask = Bank("causal_mask")


@mask.right
def mask_tri(queries, keys):
    return np.tri(queries, keys, keys - queries, dtype=bool)


@mask.right
def mask_loops(queries, keys):
    return [[place <= row + keys - queries for place in range(keys)] for row in range(queries)]


@mask.right
def mask_last_rows(queries, keys):
    return np.tril(np.ones((keys, keys)))[-queries:] == 1


@mask.right
def mask_not_upper(queries, keys):
    return ~np.triu(np.ones((queries, keys), dtype=bool), 1 + keys - queries)


@mask.right
def mask_zeros_and_ones(queries, keys):
    return np.tril(np.ones((queries, keys)), k=keys - queries)


@mask.right
def mask_fills(queries, keys):
    allowed = np.zeros((queries, keys), dtype=bool)
    for row in range(queries):
        allowed[row, : keys - queries + row + 1] = True
    return allowed


@mask.wrong(names="shows_the_future")
def mask_future(queries, keys):
    return np.triu(np.ones((queries, keys), dtype=bool), 1 + keys - queries)


@mask.wrong(names="upper_triangle")
def mask_upper(queries, keys):
    return np.triu(np.ones((queries, keys), dtype=bool), keys - queries)


@mask.wrong(names="without_itself")
def mask_strict(queries, keys):
    return np.tri(queries, keys, keys - queries - 1, dtype=bool)


@mask.wrong(names="at_the_beginning")
def mask_tril(queries, keys):
    return np.tril(np.ones((queries, keys), dtype=bool))


@mask.wrong(names="one_too_far")
def mask_far(queries, keys):
    return np.tri(queries, keys, keys - queries + 1, dtype=bool)


@mask.wrong(names="transposed")
def mask_columns(queries, keys):
    return np.tri(queries, keys, keys - queries, dtype=bool).T


@mask.wrong(names="everything")
def mask_open(queries, keys):
    return np.full((queries, keys), True)


@mask.wrong(names="only_itself")
def mask_diagonal(queries, keys):
    return np.eye(queries, keys, keys - queries, dtype=bool)


@mask.wrong(names="added_form")
def mask_added(queries, keys):
    return np.where(np.tri(queries, keys, keys - queries, dtype=bool), 0, -np.inf)


@mask.wrong(names="added_at_the_beginning")
def mask_added_square(queries, keys):
    return np.triu(np.full((queries, keys), -np.inf), 1)


@mask.wrong()
def mask_large_negative(queries, keys):
    return np.where(np.tri(queries, keys, keys - queries, dtype=bool), 0, -1e9)


@mask.wrong(names="square_of_keys")
def mask_keys(queries, keys):
    return np.tri(keys, dtype=bool)


@mask.wrong(names="square_of_queries")
def mask_queries(queries, keys):
    return np.tri(queries, dtype=bool)


@mask.wrong()
def mask_nothing(queries, keys):
    return np.zeros((queries, keys), dtype=bool)


@mask.wrong()
def mask_wrong_offset(queries, keys):
    return np.tri(queries, keys, queries - keys, dtype=bool)


# --- multi_head --------------------------------------------------------------------------------------

several = Bank("multi_head")


@several.right
def several_swaps(x, w_q, w_k, w_v, w_o, heads):
    def cut(y):
        return y.reshape(x.shape[0], heads, x.shape[1] // heads).transpose(1, 0, 2)

    q, k, v = cut(x @ w_q), cut(x @ w_k), cut(x @ w_v)
    read = soft(q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1])) @ v
    return read.transpose(1, 0, 2).reshape(x.shape[0], x.shape[1]) @ w_o


@several.right
def several_loop(x, w_q, w_k, w_v, w_o, heads):
    d = x.shape[1] // heads
    parts = []
    for h in range(heads):
        columns = slice(h * d, (h + 1) * d)
        q, k, v = x @ w_q[:, columns], x @ w_k[:, columns], x @ w_v[:, columns]
        parts.append(soft(q @ k.T / math.sqrt(d)) @ v)
    return np.concatenate(parts, axis=1) @ w_o


@several.right
def several_sums(x, w_q, w_k, w_v, w_o, heads):
    total = np.zeros(x.shape)
    cut = [np.split(w, heads, axis=1) for w in (w_q, w_k, w_v)]
    for a, b, c, d in zip(*cut, np.split(w_o, heads, axis=0), strict=True):
        total += soft((x @ a) @ (x @ b).T / a.shape[1] ** 0.5) @ (x @ c) @ d
    return total


@several.right
def several_einsum(x, w_q, w_k, w_v, w_o, heads):
    width = x.shape[1]
    q, k, v = (np.einsum("tw,whd->htd", x, w.reshape(width, heads, -1)) for w in (w_q, w_k, w_v))
    weights = soft(np.einsum("htd,hsd->hts", q, k) / np.sqrt(width / heads))
    return np.einsum("hts,hsd,hdw->tw", weights, v, w_o.reshape(heads, -1, width))


@several.right
def several_single_precision(x, w_q, w_k, w_v, w_o, heads):
    return several_swaps(*(a.astype(np.float32) for a in (x, w_q, w_k, w_v, w_o)), heads)


def cut_width(y, heads):
    return y.reshape(len(y), heads, -1).transpose(1, 0, 2)


def look(q, k, v, root=None):
    return soft(q @ k.swapaxes(-1, -2) / np.sqrt(root or q.shape[-1])) @ v


def together(read):
    return read.transpose(1, 0, 2).reshape(read.shape[1], -1)


@several.wrong(names="one_head")
def several_single(x, w_q, w_k, w_v, w_o, heads):
    return look(x @ w_q, x @ w_k, x @ w_v) @ w_o


@several.wrong(names="reshapes_time")
def several_cuts_time(x, w_q, w_k, w_v, w_o, heads):
    d = x.shape[1] // heads
    q, k, v = ((x @ w).reshape(heads, len(x), d) for w in (w_q, w_k, w_v))
    return together(look(q, k, v)) @ w_o


@several.wrong(names="between_heads")
def several_between_heads(x, w_q, w_k, w_v, w_o, heads):
    q, k, v = ((x @ w).reshape(len(x), heads, x.shape[1] // heads) for w in (w_q, w_k, w_v))
    return look(q, k, v).reshape(x.shape) @ w_o


@several.wrong(names="cuts_x")
def several_cuts_input(x, w_q, w_k, w_v, w_o, heads):
    d = x.shape[1] // heads
    parts = []
    for a in range(0, x.shape[1], d):
        part = slice(a, a + d)
        parts.append(look(*(x[:, part] @ w[part, part] for w in (w_q, w_k, w_v))))
    return np.hstack(parts) @ w_o


@several.wrong()
def several_adds_heads(x, w_q, w_k, w_v, w_o, heads):
    q, k, v = (cut_width(x @ w, heads) for w in (w_q, w_k, w_v))
    return look(q, k, v).sum(axis=0) @ w_o


@several.wrong()
def several_under_each_other(x, w_q, w_k, w_v, w_o, heads):
    q, k, v = (cut_width(x @ w, heads) for w in (w_q, w_k, w_v))
    return np.vstack(list(look(q, k, v))) @ w_o


@several.wrong(names="merges_without_swap")
def several_merges(x, w_q, w_k, w_v, w_o, heads):
    q, k, v = (cut_width(x @ w, heads) for w in (w_q, w_k, w_v))
    return look(q, k, v).reshape(len(x), -1) @ w_o


@several.wrong(names="never_swaps")
def several_views(x, w_q, w_k, w_v, w_o, heads):
    d = x.shape[1] // heads
    q, k, v = ((x @ w).reshape(heads, -1, d) for w in (w_q, w_k, w_v))
    return look(q, k, v).reshape(x.shape) @ w_o


@several.wrong(names="root_of_width")
def several_root(x, w_q, w_k, w_v, w_o, heads):
    q, k, v = (cut_width(x @ w, heads) for w in (w_q, w_k, w_v))
    return together(look(q, k, v, root=x.shape[-1])) @ w_o


@several.wrong(names="no_root")
def several_no_root(x, w_q, w_k, w_v, w_o, heads):
    q, k, v = (cut_width(x @ w, heads) for w in (w_q, w_k, w_v))
    return together(look(q, k, v, root=1)) @ w_o


@several.wrong()
def several_root_of_heads(x, w_q, w_k, w_v, w_o, heads):
    q, k, v = (cut_width(x @ w, heads) for w in (w_q, w_k, w_v))
    return together(look(q, k, v, root=heads)) @ w_o


@several.wrong(names="without_output")
def several_no_output(x, w_q, w_k, w_v, w_o, heads):
    q, k, v = (cut_width(x @ w, heads) for w in (w_q, w_k, w_v))
    return together(look(q, k, v))


@several.wrong(names="transposed_weights")
def several_transposed(x, w_q, w_k, w_v, w_o, heads):
    q, k, v = (cut_width(x @ w.T, heads) for w in (w_q, w_k, w_v))
    return together(look(q, k, v)) @ w_o.T


@several.wrong()
def several_output_transposed(x, w_q, w_k, w_v, w_o, heads):
    q, k, v = (cut_width(x @ w, heads) for w in (w_q, w_k, w_v))
    return together(look(q, k, v)) @ w_o.T


@several.wrong(names="every_other_column")
def several_strided(x, w_q, w_k, w_v, w_o, heads):
    out = np.zeros(x.shape)
    for h in range(heads):
        q, k, v = ((x @ w)[:, h::heads] for w in (w_q, w_k, w_v))
        out[:, h::heads] = look(q, k, v)
    return out @ w_o


@several.wrong(names="interleaves")
def several_interleaved(x, w_q, w_k, w_v, w_o, heads):
    q, k, v = (cut_width(x @ w, heads) for w in (w_q, w_k, w_v))
    return np.moveaxis(look(q, k, v), 0, -1).reshape(len(x), -1) @ w_o


@several.wrong(names="shared_weights")
def several_shared(x, w_q, w_k, w_v, w_o, heads):
    root = x.shape[1] / heads
    return look(x @ w_q, x @ w_k, x @ w_v, root=root) @ w_o


@several.wrong(names="no_projections")
def several_raw(x, w_q, w_k, w_v, w_o, heads):
    q = cut_width(x, heads)
    return together(look(q, q, q)) @ w_o


@several.wrong(names="raw_values")
def several_raw_values(x, w_q, w_k, w_v, w_o, heads):
    q, k = (cut_width(x @ w, heads) for w in (w_q, w_k))
    return together(look(q, k, cut_width(x, heads))) @ w_o


@several.wrong(names="swaps_q_and_k")
def several_swapped(x, w_q, w_k, w_v, w_o, heads):
    q, k, v = (cut_width(x @ w, heads) for w in (w_q, w_k, w_v))
    return together(look(k, q, v)) @ w_o


@several.wrong(names="softmax_over_queries")
def several_axis(x, w_q, w_k, w_v, w_o, heads):
    q, k, v = (cut_width(x @ w, heads) for w in (w_q, w_k, w_v))
    weights = soft(q @ k.swapaxes(1, 2) / np.sqrt(q.shape[-1]), axis=1)
    return together(weights @ v) @ w_o


@several.wrong()
def several_mean(x, w_q, w_k, w_v, w_o, heads):
    q, k, v = (cut_width(x @ w, heads) for w in (w_q, w_k, w_v))
    return np.tile(look(q, k, v).mean(axis=0), heads) @ w_o


# --- positional_encoding -----------------------------------------------------------------------------

places = Bank("positional_encoding")


@places.right
def places_slices(length, width):
    p = np.zeros((length, width))
    angles = np.arange(length)[:, None] / 10000 ** (np.arange(0, width, 2) / width)
    p[:, 0::2] = np.sin(angles)
    p[:, 1::2] = np.cos(angles)
    return p


@places.right
def places_loops(length, width):
    return [
        [(math.cos if j % 2 else math.sin)(t / 10000 ** (2 * (j // 2) / width)) for j in range(width)]
        for t in range(length)
    ]


@places.right
def places_exponential(length, width):
    speed = np.exp(-math.log(10000.0) * np.arange(0, width, 2) / width)
    angles = np.outer(np.arange(length), speed)
    return np.dstack([np.sin(angles), np.cos(angles)]).reshape(length, width)


@places.right
def places_phase(length, width):
    pair, odd = np.divmod(np.arange(width), 2)
    return np.sin(np.arange(length)[:, None] * 10000.0 ** (-2 * pair / width) + odd * np.pi / 2)


@places.right
def places_complex(length, width):
    z = np.exp(1j * np.arange(length)[:, None] * 10000.0 ** (-np.arange(width // 2) * 2 / width))
    out = np.empty((length, width))
    out[:, ::2], out[:, 1::2] = z.imag, z.real
    return out


def angle(length, width, base=10000.0, step=2.0):
    return np.arange(length)[:, None] / base ** (step * np.arange(width // 2) / width)


def pairs(a, b):
    return np.stack([a, b], axis=2).reshape(len(a), -1)


@places.wrong(names="cosine_first")
def places_swapped(length, width):
    a = angle(length, width)
    return pairs(np.cos(a), np.sin(a))


@places.wrong(names="halves")
def places_concatenated(length, width):
    a = angle(length, width)
    return np.concatenate([np.sin(a), np.cos(a)], axis=1)


@places.wrong(names="half_exponent")
def places_half_exponent(length, width):
    a = angle(length, width, step=1)
    return pairs(np.sin(a), np.cos(a))


@places.wrong(names="double_exponent")
def places_double_exponent(length, width):
    p = np.zeros((length, width))
    for i in range(0, width, 2):
        p[:, i] = np.sin(np.arange(length) / 10000 ** (2 * i / width))
        p[:, i + 1] = np.cos(np.arange(length) / 10000 ** (2 * i / width))
    return p


@places.wrong(names="column_for_pair")
def places_column_for_pair(length, width):
    p = np.zeros((length, width))
    for t in range(length):
        for i in range(width):
            p[t, i] = (math.cos if i % 2 else math.sin)(t / 10000 ** (2 * i / width))
    return p


@places.wrong(names="no_power")
def places_times(length, width):
    a = np.arange(length)[:, None] / 10000 * np.arange(0, width, 2) / width
    return pairs(np.sin(a), np.cos(a))


@places.wrong(names="one_speed")
def places_whole_exponent(length, width):
    a = np.arange(length)[:, None] / 10000 ** (np.arange(0, width, 2) // width)
    return pairs(np.sin(a), np.cos(a))


@places.wrong()
def places_whole_numbers(length, width):
    p = np.zeros((length, width), dtype=int)
    a = angle(length, width)
    p[:, ::2], p[:, 1::2] = np.sin(a), np.cos(a)
    return p


@places.wrong(names="own_speeds")
def places_column_speed(length, width):
    p = np.arange(length)[:, None] / np.power(10000, np.arange(width) / width)
    p[:, 0::2], p[:, 1::2] = np.sin(p[:, 0::2]), np.cos(p[:, 1::2])
    return p


@places.wrong(names="from_one")
def places_from_one(length, width):
    return places_slices(length + 1, width)[1:]


@places.wrong(names="multiplies_speed")
def places_multiplied(length, width):
    a = np.arange(length)[:, None] * 10000 ** (2 * np.arange(width // 2) / width)
    return pairs(np.sin(a), np.cos(a))


@places.wrong(names="transposed_waves")
def places_columns(length, width):
    return places_slices(length, width).T


@places.wrong(names="sines_only")
def places_sines(length, width):
    a = angle(length, width)
    return pairs(np.sin(a), np.sin(a))


@places.wrong()
def places_left_empty(length, width):
    p = np.zeros((length, width))
    p[:, ::2] = np.sin(angle(length, width))
    return p


@places.wrong(names="base_1000")
def places_other_base(length, width):
    a = angle(length, width, base=1e3)
    return pairs(np.sin(a), np.cos(a))


@places.wrong(names="half_exponent")
def places_small_base(length, width):
    a = angle(length, width, base=1e2)
    return pairs(np.sin(a), np.cos(a))


@places.wrong(names="angles_only")
def places_angles(length, width):
    return np.repeat(angle(length, width), 2, axis=1)


@places.wrong(names="one_speed")
def places_same(length, width):
    t = np.arange(length)[:, None] * np.ones(width // 2)
    return pairs(np.sin(t), np.cos(t))


@places.wrong()
def places_degrees(length, width):
    a = np.radians(angle(length, width))
    return pairs(np.sin(a), np.cos(a))


@places.wrong()
def places_integer_division(length, width):
    a = np.arange(length)[:, None] // 10000 ** (2 * np.arange(width // 2) / width)
    return pairs(np.sin(a), np.cos(a))

"""Bank of notebook 22: answers as readers write them."""

from __future__ import annotations

import itertools
import math

import numpy as np
from bank import Bank

# --- bpe_merge ---------------------------------------------------------------------------------------

merge = Bank("bpe_merge")


@merge.right
def merge_while(ids, pair, new):
    out, i = [], 0
    while i < len(ids):
        if i + 1 < len(ids) and ids[i] == pair[0] and ids[i + 1] == pair[1]:
            out.append(new)
            i = i + 2
        else:
            out.append(ids[i])
            i = i + 1
    return out


@merge.right
def merge_skip_flag(ids, pair, new):
    out, skip = [], False
    for i, a in enumerate(ids):
        if skip:
            skip = False
        elif (a, ids[i + 1] if i + 1 < len(ids) else None) == tuple(pair):
            out.append(new)
            skip = True
        else:
            out.append(a)
    return out


@merge.right
def merge_iterator(ids, pair, new):
    rest, out = list(ids)[::-1], []
    while rest:
        first = rest.pop()
        if rest and first == pair[0] and rest[-1] == pair[1]:
            rest.pop()
            first = new
        out.append(first)
    return out


@merge.right
def merge_array(ids, pair, new):
    ids = np.array(ids, dtype=int)
    out, i = [], 0
    while i < ids.size:
        hit = i < ids.size - 1 and tuple(ids[i : i + 2].tolist()) == tuple(pair)
        out.append(new if hit else ids[i])
        i += 2 if hit else 1
    return np.array(out, dtype=int)


@merge.right
def merge_recursive(ids, pair, new):
    if len(ids) < 2:
        return list(ids)
    if ids[0] == pair[0] and ids[1] == pair[1]:
        return [new, *merge_recursive(ids[2:], pair, new)]
    return [ids[0], *merge_recursive(ids[1:], pair, new)]


@merge.right
def merge_text(ids, pair, new):
    text = "".join(chr(i + 200) for i in ids)
    both = "".join(chr(i + 200) for i in pair)
    return [ord(c) - 200 for c in text.replace(both, chr(new + 200))]


@merge.wrong(names="first_only")
def merge_once(ids, pair, new):
    out = list(ids)
    for i in range(len(out) - 1):
        if (out[i], out[i + 1]) == tuple(pair):
            out[i : i + 2] = [new]
            break
    return out


@merge.wrong(names="goes_on_by_one")
def merge_by_one(ids, pair, new):
    out = []
    for i in range(len(ids)):
        if i + 1 < len(ids) and (ids[i], ids[i + 1]) == pair:
            out.append(new)
        else:
            out.append(ids[i])
    return out


@merge.wrong(names="either_order")
def merge_as_set(ids, pair, new):
    out, i = [], 0
    while i < len(ids):
        if i + 1 < len(ids) and (pair in ((ids[i], ids[i + 1]), (ids[i + 1], ids[i]))):
            out.append(new)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


@merge.wrong(names="loses_the_last")
def merge_short_loop(ids, pair, new):
    out, i = [], 0
    while i < len(ids) - 1:
        hit = (ids[i], ids[i + 1]) == pair
        out.append(new if hit else ids[i])
        i += 1 + hit
    return out


@merge.wrong(names="replaces_singles")
def merge_members(ids, pair, new):
    return [new if i == pair[0] or i == pair[1] else i for i in ids]


@merge.wrong(names="from_the_right")
def merge_backwards(ids, pair, new):
    out, i = [], len(ids) - 1
    while i >= 0:
        if i > 0 and (ids[i - 1], ids[i]) == pair:
            out.insert(0, new)
            i -= 2
        else:
            out.insert(0, ids[i])
            i -= 1
    return out


@merge.wrong(names="drops")
def merge_removes(ids, pair, new):
    out, i = [], 0
    while i < len(ids):
        if tuple(ids[i : i + 2]) == pair:
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


@merge.wrong(names="keeps_the_pair")
def merge_inserts(ids, pair, new):
    out, i = [], 0
    while i < len(ids):
        if tuple(ids[i : i + 2]) == pair:
            out += [new, pair[0], pair[1]]
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


@merge.wrong(names="merges_again")
def merge_stack(ids, pair, new):
    out = []
    for i in ids:
        out.append(i)
        while len(out) > 1 and (out[-2], out[-1]) == pair:
            out[-2:] = [new]
    return out


@merge.wrong(says="in place")
def merge_in_place(ids, pair, new):
    i = 0
    while i < len(ids) - 1:
        if (ids[i], ids[i + 1]) == pair:
            ids[i : i + 2] = [new]
        i += 1
    return ids


@merge.wrong()
def merge_digits(ids, pair, new):
    text = ",".join(map(str, ids)).replace(",".join(map(str, pair)), str(new))
    return [int(n) for n in text.split(",") if n]


@merge.wrong()
def merge_every_second(ids, pair, new):
    out = []
    for i in range(0, len(ids), 2):
        out += [new] if tuple(ids[i : i + 2]) == pair else ids[i : i + 2]
    return out


@merge.wrong(says="IndexError")
def merge_beyond_the_end(ids, pair, new):
    out, i = [], 0
    while i < len(ids):
        if ids[i] == pair[0] and ids[i + 1] == pair[1]:
            out.append(new)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


@merge.wrong()
def merge_gives_count(ids, pair, new):
    return sum((a, b) == pair for a, b in itertools.pairwise(ids))


@merge.wrong()
def merge_gives_pair(ids, pair, new):
    out, i = [], 0
    while i < len(ids):
        hit = tuple(ids[i : i + 2]) == pair
        out.append(pair if hit else ids[i])
        i += 1 + hit
    return out


@merge.wrong()
def merge_sums(ids, pair, new):
    out, i = [], 0
    while i < len(ids):
        hit = tuple(ids[i : i + 2]) == pair
        out.append(sum(pair) if hit else ids[i])
        i += 1 + hit
    return out


# --- causal_lm_loss ----------------------------------------------------------------------------------

causal = Bank("causal_lm_loss")


@causal.right
def causal_torch(logits, tokens):
    import torch

    logits, tokens = torch.tensor(logits), torch.tensor(tokens)
    pairs = logits[:, :-1].reshape(-1, logits.shape[-1]), tokens[:, 1:].reshape(-1)
    return torch.nn.functional.cross_entropy(*pairs)


@causal.right
def causal_loops(logits, tokens):
    losses = []
    for row, text in zip(logits, tokens, strict=True):
        for t in range(len(text) - 1):
            top = max(row[t])
            log_sum = top + math.log(sum(math.exp(z - top) for z in row[t]))
            losses.append(log_sum - row[t][text[t + 1]])
    return sum(losses) / len(losses)


@causal.right
def causal_logsumexp(logits, tokens):
    from scipy.special import logsumexp

    z, y = logits[:, :-1], tokens[:, 1:]
    chosen = z[np.arange(len(z))[:, None], np.arange(z.shape[1]), y]
    return np.mean(logsumexp(z, axis=2) - chosen)


@causal.right
def causal_one_hot(logits, tokens):
    z = logits - logits.max(axis=2, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=2, keepdims=True))
    hot = np.eye(logits.shape[2])[tokens[:, 1:]]
    return [-(hot * log_p[:, :-1]).sum() / hot.sum()]


@causal.right
def causal_single(logits, tokens):
    return np.float32(causal_logsumexp(logits.astype(np.float32), tokens))


def loss_matrix(logits, tokens):
    top = logits.max(-1, keepdims=True)
    log_p = logits - top - np.log(np.exp(logits - top).sum(-1, keepdims=True))
    return -np.take_along_axis(log_p, tokens[:, :, None], 2)[:, :, 0]


@causal.wrong(names="not_shifted")
def causal_same_place(logits, tokens):
    return np.mean(loss_matrix(logits, tokens))


@causal.wrong(names="shifted_back")
def causal_backwards(logits, tokens):
    return np.mean(loss_matrix(logits[:, 1:], tokens[:, :-1]))


@causal.wrong(names="wraps")
def causal_roll(logits, tokens):
    y = np.concatenate([tokens[:, 1:], tokens[:, :1]], axis=1)
    return np.mean(loss_matrix(logits, y))


@causal.wrong(names="summed")
def causal_sum(logits, tokens):
    return np.sum(loss_matrix(logits[:, :-1], tokens[:, 1:]))


@causal.wrong(names="divides_by_all")
def causal_over_size(logits, tokens):
    b, t = tokens.shape
    return np.sum(loss_matrix(logits[:, :-1], tokens[:, 1:])) / (b * t)


@causal.wrong(names="mean_over_texts_only")
def causal_mean_of_sums(logits, tokens):
    return sum(losses.sum() for losses in loss_matrix(logits[:, :-1], tokens[:, 1:])) / len(tokens)


@causal.wrong(names="in_bits")
def causal_bits(logits, tokens):
    return np.mean(loss_matrix(logits[:, :-1], tokens[:, 1:])) / np.log(2)


@causal.wrong(names="perplexity")
def causal_perplexity(logits, tokens):
    with np.errstate(over="ignore"):
        return np.exp(np.mean(loss_matrix(logits[:, :-1], tokens[:, 1:])))


@causal.wrong(names="last_only")
def causal_last(logits, tokens):
    return np.mean(loss_matrix(logits[:, -2:-1], tokens[:, -1:]))


@causal.wrong(names="log_likelihood")
def causal_positive(logits, tokens):
    return -np.mean(loss_matrix(logits[:, :-1], tokens[:, 1:]))


@causal.wrong(names="log_of_mean")
def causal_log_last(logits, tokens):
    p = np.exp(-loss_matrix(logits[:, :-1], tokens[:, 1:]))
    return -np.log(p.mean())


@causal.wrong(names="without_softmax")
def causal_raw(logits, tokens):
    return -np.mean(np.take_along_axis(logits[:, :-1], tokens[:, 1:, None], 2))


@causal.wrong(names="softmax_over_time")
def causal_axis(logits, tokens):
    z = logits[:, :-1] - logits[:, :-1].max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -np.mean(np.take_along_axis(log_p, tokens[:, 1:, None], 2))


@causal.wrong(names="overflows")
def causal_naive(logits, tokens):
    with np.errstate(all="ignore"):
        p = np.exp(logits[:, :-1]) / np.exp(logits[:, :-1]).sum(axis=2, keepdims=True)
        return -np.mean(np.log(np.take_along_axis(p, tokens[:, 1:, None], 2)))


@causal.wrong(names="log_of_zero")
def causal_log_of_softmax(logits, tokens):
    shifted = logits[:, :-1] - logits[:, :-1].max(axis=2, keepdims=True)
    p = np.exp(shifted) / np.exp(shifted).sum(axis=2, keepdims=True)
    with np.errstate(divide="ignore"):
        return -np.mean(np.log(np.take_along_axis(p, tokens[:, 1:, None], 2)))


@causal.wrong(says="shape")
def causal_per_sequence(logits, tokens):
    return loss_matrix(logits[:, :-1], tokens[:, 1:]).mean(axis=1)


@causal.wrong(says="shape")
def causal_no_mean(logits, tokens):
    return loss_matrix(logits[:, :-1], tokens[:, 1:])


@causal.wrong()
def causal_first_place(logits, tokens):
    return np.mean(loss_matrix(logits[:, :1], tokens[:, 1:2]))


@causal.wrong()
def causal_two_ahead(logits, tokens):
    return np.mean(loss_matrix(logits[:, :-1], np.roll(tokens, -2, 1)[:, :-1]))


@causal.wrong()
def causal_squares(logits, tokens):
    p = np.exp(-loss_matrix(logits[:, :-1], tokens[:, 1:]))
    return np.mean((1 - p) ** 2)


@causal.wrong()
def causal_clipped(logits, tokens):
    p = np.exp(-loss_matrix(logits[:, :-1], tokens[:, 1:]))
    return -np.mean(np.log(p + 1e-3))


# --- top_p_filter ------------------------------------------------------------------------------------

top_p = Bank("top_p_filter")


@top_p.right
def top_loop(probabilities, p):
    kept, total = np.zeros(len(probabilities)), 0.0
    for i in sorted(range(len(probabilities)), key=lambda i: -probabilities[i]):
        kept[i] = probabilities[i]
        total += probabilities[i]
        if total >= p - 1e-9:
            break
    return kept / total


@top_p.right
def top_searchsorted(probabilities, p):
    order = np.argsort(probabilities)[::-1]
    n = int(np.searchsorted(np.cumsum(probabilities[order]), p - 1e-9)) + 1
    out = np.zeros_like(probabilities)
    out[order[:n]] = probabilities[order[:n]] / probabilities[order[:n]].sum()
    return out


@top_p.right
def top_larger_mass(probabilities, p):
    out = []
    for q in probabilities:
        before = sum(other for other in probabilities if other > q)
        out.append(q if before < p - 1e-9 else 0.0)
    return [q / sum(out) for q in out]


@top_p.right
def top_torch(probabilities, p):
    import torch

    probs = torch.tensor(probabilities)
    values, index = probs.sort(descending=True, stable=True)
    values[values.cumsum(0) - values >= p - 1e-9] = 0
    return torch.zeros_like(probs).scatter(0, index, values / values.sum())


@top_p.right
def top_cut_off(probabilities, p):
    ranked = np.sort(probabilities)[::-1]
    n = np.argmax(np.cumsum(ranked) >= p - 1e-9)
    kept = probabilities >= ranked[n]
    return probabilities * kept / np.sum(probabilities * kept)


@top_p.right
def top_exact_sums(probabilities, p):
    """Without a tolerance: for these numbers the sums are exact, or far from p."""
    order = np.argsort(-probabilities)
    sums = np.cumsum(probabilities[order])
    n = min(1 + np.sum(sums < p), len(sums))
    out = np.zeros(len(order))
    out[order[:n]] = probabilities[order[:n]] / sums[n - 1]
    return out


def kept_by(probabilities, chosen):
    out = np.where(chosen, probabilities, 0)
    return out / out.sum()


@top_p.wrong(names="stops_before")
def top_strict(probabilities, p):
    order = np.argsort(-probabilities)
    chosen = np.zeros(len(order), bool)
    chosen[order[np.cumsum(probabilities[order]) <= p + 1e-9]] = True
    with np.errstate(invalid="ignore"):
        return kept_by(probabilities, chosen)


@top_p.wrong(names="stops_before_but_for_one")
def top_at_least_one(probabilities, p):
    order = np.argsort(-probabilities)
    n = max(1, int(np.sum(np.cumsum(probabilities[order]) <= p + 1e-9)))
    chosen = np.isin(np.arange(len(order)), order[:n])
    return kept_by(probabilities, chosen)


@top_p.wrong(names="not_normalised")
def top_raw(probabilities, p):
    return np.where(top_loop(probabilities, p) > 0, probabilities, 0)


@top_p.wrong(names="unsorted")
def top_as_they_stand(probabilities, p):
    before = np.concatenate([[0], np.cumsum(probabilities)[:-1]])
    return kept_by(probabilities, before < p - 1e-9)


@top_p.wrong(names="least_likely")
def top_ascending(probabilities, p):
    order = np.argsort(probabilities)
    sums = np.cumsum(probabilities[order])
    n = int(np.searchsorted(sums, p - 1e-9)) + 1
    return kept_by(probabilities, np.isin(np.arange(len(order)), order[:n]))


@top_p.wrong(names="left_sorted")
def top_sorted_result(probabilities, p):
    ranked = np.sort(probabilities)[::-1]
    before = np.cumsum(ranked) - ranked
    return kept_by(ranked, before < p - 1e-9)


@top_p.wrong(names="threshold")
def top_above_p(probabilities, p):
    out = probabilities * (probabilities >= p)
    return out / out.sum() if out.sum() else out


@top_p.wrong(names="min_p")
def top_relative(probabilities, p):
    return kept_by(probabilities, probabilities >= probabilities.max() * p)


@top_p.wrong(names="one_too_many")
def top_before_at_most(probabilities, p):
    order = np.argsort(-probabilities)
    before = np.cumsum(probabilities[order]) - probabilities[order]
    return kept_by(probabilities, np.isin(np.arange(len(order)), order[before <= p + 1e-9]))


@top_p.wrong(names="one_more")
def top_and_next(probabilities, p):
    order = np.argsort(-probabilities)
    n = int(np.searchsorted(np.cumsum(probabilities[order]), p - 1e-9)) + 2
    return kept_by(probabilities, np.isin(np.arange(len(order)), order[:n]))


@top_p.wrong(names="mask")
def top_mask(probabilities, p):
    return (top_loop(probabilities, p) > 0).astype(int)


@top_p.wrong(names="uniform")
def top_equal(probabilities, p):
    chosen = top_loop(probabilities, p) > 0
    return chosen / np.sum(chosen)


@top_p.wrong(names="softmax_again")
def top_softmax(probabilities, p):
    chosen = top_loop(probabilities, p) > 0
    return np.where(chosen, np.exp(probabilities), 0) / np.exp(probabilities)[chosen].sum()


@top_p.wrong(names="greedy")
def top_one(probabilities, p):
    return kept_by(probabilities, probabilities == probabilities.max())


@top_p.wrong(names="argmax_of_false")
def top_first_that_reaches(probabilities, p):
    order = np.argsort(probabilities)[::-1]
    n = np.argmax(np.cumsum(probabilities[order]) >= p) + 1
    out = np.zeros_like(probabilities)
    out[order[:n]] = probabilities[order[:n]]
    return out / out.sum()


@top_p.wrong(names="argmax_above")
def top_first_above(probabilities, p):
    order = np.argsort(probabilities)[::-1]
    n = np.argmax(np.cumsum(probabilities[order]) > p) + 1
    out = np.zeros_like(probabilities)
    out[order[:n]] = probabilities[order[:n]]
    return out / out.sum()


@top_p.wrong()
def top_number(probabilities, p):
    """Takes p as a share of the tokens."""
    n = max(1, math.ceil(p * len(probabilities)))
    return kept_by(probabilities, np.isin(np.arange(len(probabilities)), np.argsort(-probabilities)[:n]))


@top_p.wrong(says="in place")
def top_in_place(probabilities, p):
    result = top_loop(probabilities, p)
    probabilities[:] = result
    return probabilities


@top_p.wrong(says="shape")
def top_shorter(probabilities, p):
    result = top_loop(probabilities, p)
    return result[result > 0]


@top_p.wrong()
def top_unchanged(probabilities, p):
    return probabilities


@top_p.wrong()
def top_complement(probabilities, p):
    return top_loop(probabilities, 1 - p)


# --- kv_cache_step -----------------------------------------------------------------------------------

step = Bank("kv_cache_step")


@step.right
def step_vstack(x, w_q, w_k, w_v, keys, values):
    q, k, v = x @ w_q, x @ w_k, x @ w_v
    keys, values = np.vstack([keys, k]), np.vstack([values, v])
    s = keys @ q / math.sqrt(len(k))
    s = np.exp(s - s.max())
    return (s / s.sum()) @ values, keys, values


@step.right
def step_append(x, w_q, w_k, w_v, keys, values):
    keys = np.append(keys, [w_k.T @ x], axis=0)
    values = np.append(values, [w_v.T @ x], axis=0)
    from scipy.special import softmax

    return softmax((w_q.T @ x) @ keys.T / keys.shape[1] ** 0.5) @ values, keys, values


@step.right
def step_loops(x, w_q, w_k, w_v, keys, values):
    q = x @ w_q
    keys, values = [*keys, x @ w_k], [*values, x @ w_v]
    scores = [sum(a * b for a, b in zip(q, k, strict=True)) / math.sqrt(len(q)) for k in keys]
    top = max(scores)
    shares = [math.exp(s - top) for s in scores]
    output = sum(s * v for s, v in zip(shares, values, strict=True)) / sum(shares)
    return [output, keys, values]


@step.right
def step_torch(x, w_q, w_k, w_v, keys, values):
    import torch

    x, w_q, w_k, w_v, keys, values = (torch.tensor(a) for a in (x, w_q, w_k, w_v, keys, values))
    keys, values = torch.cat([keys, (x @ w_k)[None]]), torch.cat([values, (x @ w_v)[None]])
    out = torch.nn.functional.scaled_dot_product_attention((x @ w_q)[None], keys, values)
    return out[0], keys, values


@step.right
def step_single(x, w_q, w_k, w_v, keys, values):
    small = [a.astype(np.float32) for a in (x, w_q, w_k, w_v, keys, values)]
    return step_vstack(*small)


@step.right
def step_copied_rows(x, w_q, w_k, w_v, keys, values):
    t = len(keys)
    longer_keys, longer_values = np.empty((t + 1, w_k.shape[1])), np.empty((t + 1, w_v.shape[1]))
    longer_keys[:t], longer_values[:t] = keys, values
    longer_keys[t], longer_values[t] = x @ w_k, x @ w_v
    s = longer_keys @ (x @ w_q) / np.sqrt(w_q.shape[1])
    a = np.exp(s - s.max()) / np.exp(s - s.max()).sum()
    return a @ longer_values, longer_keys, longer_values


def longer(x, w_k, w_v, keys, values):
    return np.vstack([keys, x @ w_k]), np.vstack([values, x @ w_v])


def mixture(scores, values):
    a = np.exp(scores - scores.max())
    return a / a.sum() @ values


@step.wrong(names="blind_to_itself")
def step_past_only(x, w_q, w_k, w_v, keys, values):
    new = longer(x, w_k, w_v, keys, values)
    if len(keys) == 0:
        return np.full(len(new[1][0]), np.nan), *new
    return mixture(keys @ (x @ w_q) / np.sqrt(w_k.shape[1]), values), *new


@step.wrong(names="blind_and_stopped")
def step_attends_first(x, w_q, w_k, w_v, keys, values):
    scores = keys @ (x @ w_q) / np.sqrt(w_k.shape[1])
    a = np.exp(scores - scores.max())
    return a / a.sum() @ values, *longer(x, w_k, w_v, keys, values)


@step.wrong(names="forgets")
def step_old_caches(x, w_q, w_k, w_v, keys, values):
    return step_vstack(x, w_q, w_k, w_v, keys, values)[0], keys, values


@step.wrong(names="in_front")
def step_first(x, w_q, w_k, w_v, keys, values):
    keys, values = np.vstack([x @ w_k, keys]), np.vstack([x @ w_v, values])
    return mixture(keys @ (x @ w_q) / np.sqrt(w_k.shape[1]), values), keys, values


@step.wrong(names="unscaled")
def step_no_root(x, w_q, w_k, w_v, keys, values):
    keys, values = longer(x, w_k, w_v, keys, values)
    return mixture(keys @ (x @ w_q), values), keys, values


@step.wrong(names="scaled_by_size")
def step_no_square_root(x, w_q, w_k, w_v, keys, values):
    keys, values = longer(x, w_k, w_v, keys, values)
    return mixture(keys @ (x @ w_q) / keys.shape[1], values), keys, values


@step.wrong(names="scaled_by_input")
def step_root_of_input(x, w_q, w_k, w_v, keys, values):
    keys, values = longer(x, w_k, w_v, keys, values)
    return mixture(keys @ (x @ w_q) / len(x) ** 0.5, values), keys, values


@step.wrong(names="exchanged")
def step_exchanged(x, w_q, w_k, w_v, keys, values):
    return step_vstack(x, w_k, w_q, w_v, keys, values)


@step.wrong(names="caches_queries")
def step_query_cached(x, w_q, w_k, w_v, keys, values):
    keys, values = longer(x, w_q, w_v, keys, values)
    return mixture(keys @ (x @ w_q) / np.sqrt(w_k.shape[1]), values), keys, values


@step.wrong(names="no_softmax")
def step_linear(x, w_q, w_k, w_v, keys, values):
    keys, values = longer(x, w_k, w_v, keys, values)
    return keys @ (x @ w_q) / np.sqrt(w_k.shape[1]) @ values, keys, values


@step.wrong(names="turned")
def step_turned(x, w_q, w_k, w_v, keys, values):
    output, keys, values = step_vstack(x, w_q, w_k, w_v, keys, values)
    return keys, values, output


@step.wrong(names="output_alone")
def step_output(x, w_q, w_k, w_v, keys, values):
    return step_vstack(x, w_q, w_k, w_v, keys, values)[0]


@step.wrong(names="overflows_here")
def step_naive(x, w_q, w_k, w_v, keys, values):
    keys, values = longer(x, w_k, w_v, keys, values)
    with np.errstate(all="ignore"):
        a = np.exp(keys @ (x @ w_q) / np.sqrt(w_k.shape[1]))
        return a @ values / a.sum(), keys, values


@step.wrong()
def step_root_of_time(x, w_q, w_k, w_v, keys, values):
    keys, values = longer(x, w_k, w_v, keys, values)
    return mixture(keys @ (x @ w_q) / np.sqrt(len(keys)), values), keys, values


@step.wrong()
def step_all_rows(x, w_q, w_k, w_v, keys, values):
    """Lets every token ask with its key."""
    keys, values = longer(x, w_k, w_v, keys, values)
    scores = keys @ keys.T / np.sqrt(keys.shape[1])
    a = np.exp(scores - scores.max(axis=1, keepdims=True))
    return a / a.sum(axis=1, keepdims=True) @ values, keys, values


@step.wrong()
def step_raw_input(x, w_q, w_k, w_v, keys, values):
    keys, values = longer(x, w_k, w_v, keys, values)
    return mixture(keys @ (x @ w_q) / np.sqrt(w_k.shape[1]), values) + x.sum(), keys, values


@step.wrong()
def step_keys_as_values(x, w_q, w_k, w_v, keys, values):
    keys, values = longer(x, w_k, w_v, keys, values)
    return mixture(keys @ (x @ w_q) / np.sqrt(w_k.shape[1]), keys), keys, values

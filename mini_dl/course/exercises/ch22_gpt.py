"""Notebook 22: merging a pair of tokens, the language model's loss, top-p, one step with a cache."""

# ruff: noqa: D103  (of a mistake, the hint above it says what it does)

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mini_dl.course.checks.exercise import Case, case, edge, exercise

Array = np.ndarray


def eighths(rng: np.random.Generator, *shape: int) -> Array:
    """Random multiples of 1/8 between −2 and 2."""
    return rng.integers(-16, 17, size=shape) / 8


# --- 22.1 bpe_merge ----------------------------------------------------------------------------------

Ids = list[int]


@exercise
def bpe_merge(ids: Ids, pair: tuple[int, int], new: int) -> Ids:
    """Replace each occurrence of a pair of neighbours by one new number, from left to right."""
    merged, i = [], 0
    while i < len(ids):
        if tuple(ids[i : i + 2]) == tuple(pair):
            merged.append(new)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged


@bpe_merge.cases
def bpe_merge_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case([5, 6, 7, 5, 6], (5, 6), 9)
    yield case([6, 5, 6, 5, 5], (5, 6), 9)
    yield case([1, 1, 1, 2], (1, 1), 3)
    yield case([13, 4, 4, 3, 3, 4], (3, 4), 5)
    for i in range(5):
        ids = [int(v) for v in rng.integers(0, 3, size=int(rng.integers(8, 14)))]
        at = int(rng.integers(0, len(ids) - 1))
        yield case(ids, (ids[at], ids[at + 1]), 3 + 10 * i)
    yield edge("four of a kind", [7, 7, 7, 7], (7, 7), 8)
    yield edge("the pair is not there", [1, 2, 3], (3, 1), 4)
    yield edge("the pair in the wrong order", [2, 1, 2], (1, 1), 3)
    yield edge("one number", [4], (4, 4), 5)
    yield edge("nothing", [], (1, 2), 3)
    yield edge("a result that could be merged again", [1, 2, 2, 1, 2], (1, 2), 1)


@bpe_merge.mistake("Only the first occurrence is merged: go on to the end of the list.")
def first_only(ids, pair, new):
    for i in range(len(ids) - 1):
        if (ids[i], ids[i + 1]) == pair:
            return [*ids[:i], new, *ids[i + 2 :]]
    return list(ids)


@bpe_merge.mistake(
    "After a merge you go on by one place: the pair's second number is used twice. Go on by two."
)
def goes_on_by_one(ids, pair, new):
    merged = []
    for i in range(len(ids)):
        merged.append(new if tuple(ids[i : i + 2]) == pair else ids[i])
    return merged


@bpe_merge.mistake(
    "You merge where the pair's numbers stand in either order: (a, b) is another pair than (b, a)."
)
def either_order(ids, pair, new):
    merged, i = [], 0
    while i < len(ids):
        if i + 1 < len(ids) and sorted(ids[i : i + 2]) == sorted(pair):
            merged.append(new)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged


@bpe_merge.mistake("The last number is lost when it belongs to no pair.")
def loses_the_last(ids, pair, new):
    merged, i = [], 0
    while i < len(ids) - 1:
        if (ids[i], ids[i + 1]) == pair:
            merged.append(new)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged


@bpe_merge.mistake(
    "You replace every number of the pair, also where it stands alone: both must stand side by side."
)
def replaces_singles(ids, pair, new):
    return [new if i in pair else i for i in ids]


@bpe_merge.mistake("You merge from the right; of three equal numbers the first two become one token.")
def from_the_right(ids, pair, new):
    return bpe_merge.reference(ids[::-1], (pair[1], pair[0]), new)[::-1]


@bpe_merge.mistake("The pair is dropped, but the new number does not take its place.")
def drops(ids, pair, new):
    return [i for i in bpe_merge.reference(ids, pair, -1) if i != -1]


@bpe_merge.mistake("The new number is put in, and the pair is still there: it must go.")
def keeps_the_pair(ids, pair, new):
    merged = []
    for i in bpe_merge.reference(ids, pair, -1):
        merged += [new, *pair] if i == -1 else [i]
    return merged


@bpe_merge.mistake(
    "A token that was just made is merged again. One call makes one pass over the given list: start"
    " from it alone."
)
def merges_again(ids, pair, new):
    merged = list(ids)
    i = 0
    while i < len(merged) - 1:
        if (merged[i], merged[i + 1]) == pair:
            merged[i : i + 2] = [new]
        else:
            i += 1
    return merged


# --- 22.2 causal_lm_loss -----------------------------------------------------------------------------


def log_softmax(logits: Array) -> Array:
    """Logarithms of the softmax over the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def loss_of(logits: Array, tokens: Array) -> Array:
    """Return −log p of each token under the logits of its own place: (batch, time)."""
    return -np.take_along_axis(log_softmax(logits), tokens[..., None], axis=-1)[..., 0]


@exercise
def causal_lm_loss(logits: Array, tokens: Array) -> float:
    """Mean cross-entropy in nats of predicting each token from the logits of the place before it."""
    return float(loss_of(logits[:, :-1], tokens[:, 1:]).mean())


@causal_lm_loss.cases
def causal_lm_loss_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(np.array([[[0.0, 1.0], [2.0, 0.0], [0.0, 3.0]]]), np.array([[0, 1, 1]]))
    yield case(
        np.array([[[0.0, 0.0, 2.0], [1.0, 0.0, 0.0]], [[0.0, 1.0, 0.0], [0.0, 0.5, 0.0]]]),
        np.array([[1, 2], [0, 0]]),
    )
    for _ in range(6):
        batch, time, words = (int(n) for n in rng.integers(2, 6, size=3))
        time += batch == time  # so that the axes cannot be exchanged
        yield case(eighths(rng, batch, time, words), rng.integers(0, words, size=(batch, time)))
    yield edge("one sequence of two tokens", eighths(rng, 1, 2, 3), np.array([[2, 0]]))
    yield edge("all logits equal", np.zeros((2, 3, 4)), rng.integers(0, 4, size=(2, 3)))
    yield edge("logits in the thousands", 1000 * eighths(rng, 2, 3, 3), rng.integers(0, 3, size=(2, 3)))


@causal_lm_loss.mistake(
    "You score each place on the token that stands there, which it has read. Shift by one: place t"
    " predicts token t + 1."
)
def not_shifted(logits, tokens):
    return float(loss_of(logits, tokens).mean())


@causal_lm_loss.mistake(
    "You shift the wrong way: the logits of place t belong to the token after it, not before."
)
def shifted_back(logits, tokens):
    return float(loss_of(logits[:, 1:], tokens[:, :-1]).mean())


@causal_lm_loss.mistake(
    "You wrap around: the last place of each sequence is scored on its first token. It has no next"
    " token; leave it out."
)
def wraps(logits, tokens):
    return float(loss_of(logits, np.roll(tokens, -1, axis=1)).mean())


@causal_lm_loss.mistake("That is the sum; the loss is the mean over all predicted tokens.")
def summed(logits, tokens):
    return float(loss_of(logits[:, :-1], tokens[:, 1:]).sum())


@causal_lm_loss.mistake(
    "You add up along each text and take the mean over the texts only: take it over all predictions."
)
def mean_over_texts_only(logits, tokens):
    return float(loss_of(logits[:, :-1], tokens[:, 1:]).sum(axis=1).mean())


@causal_lm_loss.mistake(
    "You divide by the number of tokens; one in each sequence is not predicted. Count the predictions."
)
def divides_by_all(logits, tokens):
    return float(loss_of(logits[:, :-1], tokens[:, 1:]).sum() / tokens.size)


@causal_lm_loss.mistake("That is in bits; the loss is in nats, with the natural logarithm.")
def in_bits(logits, tokens):
    return float(loss_of(logits[:, :-1], tokens[:, 1:]).mean() / np.log(2))


@causal_lm_loss.mistake("That is the perplexity, the exponential of the loss.")
def perplexity(logits, tokens):
    return float(np.exp(loss_of(logits[:, :-1], tokens[:, 1:]).mean()))


@causal_lm_loss.mistake(
    "Only the last token is scored. Every place but the last predicts one: a text of T tokens gives T −"
    " 1 lessons."
)
def last_only(logits, tokens):
    return float(loss_of(logits[:, -2], tokens[:, -1]).mean())


@causal_lm_loss.mistake("The sign is wrong: a loss is minus the mean log-probability.")
def log_likelihood(logits, tokens):
    return -float(loss_of(logits[:, :-1], tokens[:, 1:]).mean())


@causal_lm_loss.mistake("You take the logarithm of the mean probability; take the mean of the logarithms.")
def log_of_mean(logits, tokens):
    with np.errstate(divide="ignore"):
        return -float(np.log(np.exp(-loss_of(logits[:, :-1], tokens[:, 1:])).mean()))


@causal_lm_loss.mistake("You use the logits as if they were log-probabilities: the softmax is missing.")
def without_softmax(logits, tokens):
    return -float(np.take_along_axis(logits[:, :-1], tokens[:, 1:, None], axis=-1).mean())


@causal_lm_loss.mistake("You take the softmax over the places; it belongs to the tokens, the last axis.")
def softmax_over_time(logits, tokens):
    turned = np.swapaxes(log_softmax(np.swapaxes(logits[:, :-1], 1, 2)), 1, 2)
    return -float(np.take_along_axis(turned, tokens[:, 1:, None], axis=-1).mean())


@causal_lm_loss.mistake(
    "With large logits your softmax overflows: subtract the largest logit of each place first, as in"
    " notebook 3."
)
def overflows(logits, tokens):
    with np.errstate(all="ignore"):
        p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
        return -float(np.log(np.take_along_axis(p[:, :-1], tokens[:, 1:, None], axis=-1)).mean())


@causal_lm_loss.mistake(
    "The largest logit is subtracted, and still a probability becomes so small that it is 0, whose logarithm"
    " is −∞. Never form it: log p is the shifted logit minus the logarithm of the summed exponentials."
)
def log_of_zero(logits, tokens):
    with np.errstate(divide="ignore"):
        return float(-np.log(np.exp(-loss_of(logits[:, :-1], tokens[:, 1:]))).mean())


# --- 22.3 top_p_filter -------------------------------------------------------------------------------


def keep(probabilities: Array, kept: Array) -> Array:
    """Return the probabilities of the kept tokens, made to sum to 1; the others are 0."""
    cut = np.where(kept, probabilities, 0.0)
    return cut / cut.sum()


def nucleus(probabilities: Array, p: float, spare: int = 0) -> Array:
    """Return which tokens are kept: one more than needed with spare = 1."""
    order = np.argsort(-probabilities, kind="stable")
    before = np.cumsum(probabilities[order]) - probabilities[order]
    kept = np.zeros(len(probabilities), bool)
    kept[order] = before < p - 1e-9
    kept[order[: kept.sum() + spare]] = True
    return kept


@exercise
def top_p_filter(probabilities: Array, p: float) -> Array:
    """Keep the fewest most likely tokens whose probabilities sum to p or more; make them sum to 1."""
    return keep(probabilities, nucleus(probabilities, p))


@top_p_filter.cases
def top_p_filter_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(np.array([0.5, 0.3, 0.2]), 0.6)
    yield case(np.array([0.1, 0.15, 0.45, 0.3]), 0.7)
    yield case(np.array([0.1, 0.15, 0.45, 0.3]), 0.8)
    for _ in range(6):
        n = int(rng.integers(5, 9))
        weights = 1.6 ** rng.permutation(n)  # no two alike: the order is clear
        yield case(weights / weights.sum(), float(rng.choice([0.25, 0.5, 0.65, 0.8, 0.93])))
    yield edge("p = 1 keeps all", np.array([0.2, 0.1, 0.4, 0.3]), 1.0)
    yield edge("p below the most likely token: it stays", np.array([0.1, 0.6, 0.3]), 0.05)
    yield edge("p reached exactly", np.array([0.25, 0.5, 0.125, 0.125]), 0.75)
    yield edge("one token", np.array([1.0]), 0.5)


@top_p_filter.mistake(
    "The token with which the sum reaches p is missing. The nucleus is the smallest set that reaches p:"
    " keep that token too."
)
def stops_before(probabilities, p):
    order = np.argsort(-probabilities, kind="stable")
    kept = np.zeros(len(probabilities), bool)
    kept[order[np.cumsum(probabilities[order]) <= p + 1e-9]] = True
    if not kept.any():
        return np.full(len(probabilities), np.nan)
    return keep(probabilities, kept)


@top_p_filter.mistake(
    "The token with which the sum reaches p is missing: you keep the most likely one always, and then"
    " only what stays below p."
)
def stops_before_but_for_one(probabilities, p):
    order = np.argsort(-probabilities, kind="stable")
    kept = np.zeros(len(probabilities), bool)
    kept[order[np.cumsum(probabilities[order]) <= p + 1e-9]] = True
    kept[order[0]] = True
    return keep(probabilities, kept)


@top_p_filter.mistake("What is kept must sum to 1 again: divide by its sum.")
def not_normalised(probabilities, p):
    return np.where(nucleus(probabilities, p), probabilities, 0.0)


@top_p_filter.mistake("You add up the tokens as they stand; sort them first, the most likely in front.")
def unsorted(probabilities, p):
    return keep(probabilities, np.cumsum(probabilities) - probabilities < p - 1e-9)


@top_p_filter.mistake("You begin with the least likely tokens: sort the other way round.")
def least_likely(probabilities, p):
    order = np.argsort(probabilities, kind="stable")
    kept = np.zeros(len(probabilities), bool)
    kept[order] = np.cumsum(probabilities[order]) - probabilities[order] < p - 1e-9
    return keep(probabilities, kept)


@top_p_filter.mistake(
    "The result is still sorted. Each probability must stand at its token's own place: the index is the"
    " token."
)
def left_sorted(probabilities, p):
    order = np.argsort(-probabilities, kind="stable")
    return top_p_filter.reference(probabilities, p)[order]


@top_p_filter.mistake("That keeps each token whose own probability is p or more; top-p looks at their sum.")
def threshold(probabilities, p):
    cut = np.where(probabilities >= p, probabilities, 0.0)
    return cut / cut.sum() if cut.any() else cut


@top_p_filter.mistake(
    "That keeps what is likely compared with the most likely token (min-p); top-p looks at the sum of"
    " the probabilities."
)
def min_p(probabilities, p):
    return keep(probabilities, probabilities >= p * probabilities.max())


@top_p_filter.mistake("One token too many: when the sum has reached p exactly, stop.")
def one_too_many(probabilities, p):
    order = np.argsort(-probabilities, kind="stable")
    kept = np.zeros(len(probabilities), bool)
    kept[order] = np.cumsum(probabilities[order]) - probabilities[order] <= p + 1e-9
    return keep(probabilities, kept)


@top_p_filter.mistake("One token too many: the token that reaches p is the last.")
def one_more(probabilities, p):
    return keep(probabilities, nucleus(probabilities, p, spare=1))


@top_p_filter.mistake("You return which tokens are kept; return their probabilities, and 0 for the others.")
def mask(probabilities, p):
    return nucleus(probabilities, p).astype(float)


@top_p_filter.mistake("What is kept is equally likely in your result; keep the proportions.")
def uniform(probabilities, p):
    kept = nucleus(probabilities, p)
    return kept / kept.sum()


@top_p_filter.mistake("You apply a softmax to the probabilities; they only need dividing by their sum.")
def softmax_again(probabilities, p):
    kept = nucleus(probabilities, p)
    return keep(np.exp(probabilities), kept)


@top_p_filter.mistake("Only the most likely token is left: that is greedy decoding, p = 0.")
def greedy(probabilities, p):
    return (np.arange(len(probabilities)) == probabilities.argmax()).astype(float)


def keep_up_to(probabilities: Array, reached: Array) -> Array:
    """Keep the most likely tokens up to the first place where `reached`, in their order, is true."""
    kept = np.zeros(len(probabilities), bool)
    kept[np.argsort(-probabilities, kind="stable")[: np.argmax(reached) + 1]] = True
    return keep(probabilities, kept)


@top_p_filter.mistake(
    "At p = 1 rounding leaves the sum of all just below 1: nowhere is p reached, and argmax of nothing but"
    " False is 0. Compare with p - 1e-9."
)
def argmax_of_false(probabilities, p):
    return keep_up_to(probabilities, np.cumsum(np.sort(probabilities)[::-1]) >= p)


@top_p_filter.mistake(
    "You look for the first sum ABOVE p. The sum need only reach p; and at p = 1 none is above it, where"
    " argmax of nothing but False is 0. Use >= p - 1e-9."
)
def argmax_above(probabilities, p):
    return keep_up_to(probabilities, np.cumsum(np.sort(probabilities)[::-1]) > p)


# --- 22.4 kv_cache_step ------------------------------------------------------------------------------

Step = tuple[Array, Array, Array]


def attend(query: Array, keys: Array, values: Array, scale: float | None = None) -> Array:
    """Return one query's mixture of the values."""
    scores = keys @ query / (np.sqrt(len(query)) if scale is None else scale)
    weights = np.exp(scores - scores.max())
    return weights @ values / weights.sum()


@exercise
def kv_cache_step(x: Array, w_q: Array, w_k: Array, w_v: Array, keys: Array, values: Array) -> Step:
    """Attention for one new token; return its output and both caches, longer by one."""
    keys = np.concatenate([keys, (x @ w_k)[None]])
    values = np.concatenate([values, (x @ w_v)[None]])
    return attend(x @ w_q, keys, values), keys, values


def cache(rng: np.random.Generator, t: int, d: int, d_k: int, d_v: int) -> tuple[Array, ...]:
    """Return the arguments of one call."""
    weights = eighths(rng, d, d_k), eighths(rng, d, d_k), eighths(rng, d, d_v)
    return eighths(rng, d), *weights, eighths(rng, t, d_k), eighths(rng, t, d_v)


@kv_cache_step.cases
def kv_cache_step_cases(rng: np.random.Generator) -> Iterator[Case]:
    one = np.array([[1.0]])
    yield case(np.array([1.0]), one, 2 * one, 3 * one, np.array([[2.0], [0.0]]), np.array([[1.0], [5.0]]))
    yield case(*cache(rng, 2, 2, 3, 1))
    for _ in range(6):
        d, d_k = (int(n) for n in rng.integers(2, 5, size=2))
        yield case(*cache(rng, int(rng.integers(2, 6)), d, d_k, d_k + int(rng.integers(1, 3))))
    yield edge("the first token: empty caches", *cache(rng, 0, 2, 3, 2))
    yield edge("all sizes equal", *cache(rng, 3, 3, 3, 3))
    x, w_q, *rest = cache(rng, 3, 2, 2, 3)
    yield edge("large scores", 400 * x, 400 * w_q, *rest)


@kv_cache_step.mistake(
    "The new token does not see itself: put its own key and value into the caches first, then attend."
)
def blind_to_itself(x, w_q, w_k, w_v, keys, values):
    _, longer_keys, longer_values = kv_cache_step.reference(x, w_q, w_k, w_v, keys, values)
    if not len(keys):
        return np.full(w_v.shape[1], np.nan), longer_keys, longer_values
    return attend(x @ w_q, keys, values), longer_keys, longer_values


@kv_cache_step.mistake(
    "The new token does not see itself, and the first token sees nothing at all, which stops the program: put"
    " its own key and value into the caches first, then attend."
)
def blind_and_stopped(x, w_q, w_k, w_v, keys, values):
    _, longer_keys, longer_values = kv_cache_step.reference(x, w_q, w_k, w_v, keys, values)
    return attend(x @ w_q, keys, values), longer_keys, longer_values


@kv_cache_step.mistake("You return the caches as they were: the next step needs them with the new token in.")
def forgets(x, w_q, w_k, w_v, keys, values):
    return kv_cache_step.reference(x, w_q, w_k, w_v, keys, values)[0], keys, values


@kv_cache_step.mistake("The new key and value stand in front; the newest token comes last.")
def in_front(x, w_q, w_k, w_v, keys, values):
    keys, values = np.concatenate([(x @ w_k)[None], keys]), np.concatenate([(x @ w_v)[None], values])
    return attend(x @ w_q, keys, values), keys, values


@kv_cache_step.mistake("The scores are not divided by the square root of the number of features of a key.")
def unscaled(x, w_q, w_k, w_v, keys, values):
    _, keys, values = kv_cache_step.reference(x, w_q, w_k, w_v, keys, values)
    return attend(x @ w_q, keys, values, 1.0), keys, values


@kv_cache_step.mistake("You divide the scores by the number of features of a key; divide by its square root.")
def scaled_by_size(x, w_q, w_k, w_v, keys, values):
    _, keys, values = kv_cache_step.reference(x, w_q, w_k, w_v, keys, values)
    return attend(x @ w_q, keys, values, w_q.shape[1]), keys, values


@kv_cache_step.mistake(
    "The root is of the wrong size: d_k, the features of a key, and not those of x or of a value."
)
def scaled_by_input(x, w_q, w_k, w_v, keys, values):
    _, keys, values = kv_cache_step.reference(x, w_q, w_k, w_v, keys, values)
    return attend(x @ w_q, keys, values, np.sqrt(len(x))), keys, values


@kv_cache_step.mistake("Key and query are exchanged: x @ w_q asks, x @ w_k goes into the cache.")
def exchanged(x, w_q, w_k, w_v, keys, values):
    return kv_cache_step.reference(x, w_k, w_q, w_v, keys, values)


@kv_cache_step.mistake("The cache holds keys, x @ w_k; you put x @ w_q into it.")
def caches_queries(x, w_q, w_k, w_v, keys, values):
    keys = np.concatenate([keys, (x @ w_q)[None]])
    values = np.concatenate([values, (x @ w_v)[None]])
    return attend(x @ w_q, keys, values), keys, values


@kv_cache_step.mistake("The softmax is missing: the scores must become shares that sum to 1.")
def no_softmax(x, w_q, w_k, w_v, keys, values):
    _, keys, values = kv_cache_step.reference(x, w_q, w_k, w_v, keys, values)
    return keys @ (x @ w_q) / np.sqrt(len(x @ w_q)) @ values, keys, values


@kv_cache_step.mistake("The results are turned round: output, then keys, then values.")
def turned(x, w_q, w_k, w_v, keys, values):
    output, keys, values = kv_cache_step.reference(x, w_q, w_k, w_v, keys, values)
    return keys, values, output


@kv_cache_step.mistake("Only the output comes back: return the longer caches as well.")
def output_alone(x, w_q, w_k, w_v, keys, values):
    return kv_cache_step.reference(x, w_q, w_k, w_v, keys, values)[0]


@kv_cache_step.mistake("With large scores your softmax overflows: subtract the largest score first.")
def overflows_here(x, w_q, w_k, w_v, keys, values):
    _, keys, values = kv_cache_step.reference(x, w_q, w_k, w_v, keys, values)
    with np.errstate(all="ignore"):
        weights = np.exp(keys @ (x @ w_q) / np.sqrt(w_q.shape[1]))
        return weights / weights.sum() @ values, keys, values

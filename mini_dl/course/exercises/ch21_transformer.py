"""Notebook 21: scaled dot-product attention, the causal mask, several heads, sinusoidal positions."""

# ruff: noqa: D103  (of a mistake, the hint above it says what it does)

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mini_dl.course.checks.exercise import Case, case, edge, exercise


def quarters(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Random multiples of 1/4 between −2 and 2."""
    return rng.integers(-8, 9, size=shape) / 4


def softmax(scores: np.ndarray, axis: int | tuple[int, ...] = -1) -> np.ndarray:
    """Exponentials of the scores, divided by their sum, without overflow."""
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def products(q: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Every query with every key."""
    return q @ np.swapaxes(k, -1, -2)


# --- 21.1 scaled_dot_product_attention ---------------------------------------------------------------


@exercise
def scaled_dot_product_attention(q: np.ndarray, k: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return softmax(q kᵀ / √d) v for queries (..., T, d), keys (..., S, d) and values (..., S, e)."""
    return softmax(products(q, k) / np.sqrt(q.shape[-1])) @ v


@scaled_dot_product_attention.cases
def attention_cases(rng: np.random.Generator) -> Iterator[Case]:
    q = np.array([[2.0, 0.0], [0.0, 2.0], [0.0, 0.0]])
    k = np.array([[1.0, 0.0], [0.0, 1.0]])
    yield case(q, k, np.array([[1.0, 0.0], [0.0, 2.0]]))
    yield case(q[:1], np.vstack([k, -k]), np.array([[1.0], [2.0], [3.0], [4.0]]))
    for _ in range(4):
        t, s, d, e = (int(n) for n in rng.permutation([2, 3, 4, 5]))
        yield case(quarters(rng, t, d), quarters(rng, s, d), quarters(rng, s, e))
    for _ in range(2):
        t, s, d, e = (int(n) for n in rng.permutation([2, 3, 4, 5]))
        yield case(quarters(rng, 3, t, d), quarters(rng, 3, s, d), quarters(rng, 3, s, e))
    yield edge(
        "two leading axes", quarters(rng, 2, 3, 4, 2), quarters(rng, 2, 3, 5, 2), quarters(rng, 2, 3, 5, 3)
    )
    yield edge("a single key", quarters(rng, 3, 2), quarters(rng, 1, 2), quarters(rng, 1, 4))
    yield edge("large scores", 40 * quarters(rng, 3, 4), 40 * quarters(rng, 5, 4), quarters(rng, 5, 2))
    yield edge("very negative scores", np.full((2, 4), -40.0), np.full((3, 4), 40.0), quarters(rng, 3, 2))
    yield edge("all sizes equal", quarters(rng, 3, 3), quarters(rng, 3, 3), quarters(rng, 3, 3))


@scaled_dot_product_attention.mistake(
    "The scores are not divided: $\\sqrt d$ is missing, and the softmax is too sharp."
)
def unscaled(q, k, v):
    return softmax(products(q, k)) @ v


@scaled_dot_product_attention.mistake("You divide by d; it is the square root of d.")
def divides_by_d(q, k, v):
    return softmax(products(q, k) / q.shape[-1]) @ v


@scaled_dot_product_attention.mistake("You multiply by √d; divide by it.")
def multiplies(q, k, v):
    return softmax(products(q, k) * np.sqrt(q.shape[-1])) @ v


@scaled_dot_product_attention.mistake(
    "The d under the root is the width of the keys, not that of the values."
)
def width_of_values(q, k, v):
    return softmax(products(q, k) / np.sqrt(v.shape[-1])) @ v


@scaled_dot_product_attention.mistake("The d under the root is the width of a key, not the number of keys.")
def number_of_keys(q, k, v):
    return softmax(products(q, k) / np.sqrt(k.shape[-2])) @ v


@scaled_dot_product_attention.mistake(
    "The d under the root is counted along a fixed axis: with batches or heads in front it is another one."
    " The width is always the *last* axis, shape[-1]."
)
def second_axis(q, k, v):
    return softmax(products(q, k) / np.sqrt(q.shape[1])) @ v


@scaled_dot_product_attention.mistake(
    "The d under the root is the width of a key, its last axis. `len(k)` counts the first axis."
)
def first_axis(q, k, v):
    return softmax(products(q, k) / np.sqrt(len(k))) @ v


@scaled_dot_product_attention.mistake(
    "The softmax runs over the queries. Each query shares its attention among the *keys*: the last axis."
)
def over_queries(q, k, v):
    return softmax(products(q, k) / np.sqrt(q.shape[-1]), axis=-2) @ v


@scaled_dot_product_attention.mistake(
    "The softmax runs over the whole table at once: every query, each row, has weights that add up to 1."
)
def over_everything(q, k, v):
    return softmax(products(q, k) / np.sqrt(q.shape[-1]), axis=(-2, -1)) @ v


@scaled_dot_product_attention.mistake("There is no softmax: scores are turned into weights that add up to 1.")
def without_softmax(q, k, v):
    return products(q, k) / np.sqrt(q.shape[-1]) @ v


@scaled_dot_product_attention.mistake("You return the weights; one product with v is still to come.")
def returns_weights(q, k, v):
    return softmax(products(q, k) / np.sqrt(q.shape[-1]))


@scaled_dot_product_attention.mistake(
    "You return two things; only what the queries read is asked for, not the weights."
)
def returns_both(q, k, v):
    weights = softmax(products(q, k) / np.sqrt(q.shape[-1]))
    return weights @ v, weights


@scaled_dot_product_attention.mistake("The exponentials are not divided by their sum: weights add up to 1.")
def without_sum(q, k, v):
    scores = products(q, k) / np.sqrt(q.shape[-1])
    return np.exp(scores - scores.max(axis=-1, keepdims=True)) @ v


@scaled_dot_product_attention.mistake(
    "You divide after the softmax: then the weights no longer add up to 1. Scale the scores before it."
)
def scales_late(q, k, v):
    return softmax(products(q, k)) / np.sqrt(q.shape[-1]) @ v


@scaled_dot_product_attention.mistake(
    "Only the largest score counts in your answer. The softmax gives every key a share."
)
def hardest(q, k, v):
    return np.take_along_axis(v, products(q, k).argmax(axis=-1)[..., None], axis=-2)


@scaled_dot_product_attention.mistake(
    "You take away one maximum of the whole table. Far below it a row's exponentials all become 0: take away"
    " each row's own, `max(axis=-1, keepdims=True)`."
)
def one_maximum(q, k, v):
    scores = products(q, k) / np.sqrt(q.shape[-1])
    with np.errstate(all="ignore"):
        e = np.exp(scores - scores.max())
        return e / e.sum(axis=-1, keepdims=True) @ v


@scaled_dot_product_attention.mistake(
    "Large scores overflow: take each row's maximum away before the exponential, as in notebook 3."
)
def overflows(q, k, v):
    with np.errstate(all="ignore"):
        e = np.exp(products(q, k) / np.sqrt(q.shape[-1]))
        return e / e.sum(axis=-1, keepdims=True) @ v


# --- 21.2 causal_mask --------------------------------------------------------------------------------


def seen(queries: int, keys: int, ahead: int = 0) -> np.ndarray:
    """Booleans, True at each place up to the query's own and `ahead` more; the queries come last."""
    return np.tri(queries, keys, keys - queries + ahead, dtype=bool)


@exercise
def causal_mask(queries: int, keys: int) -> np.ndarray:
    """Return (queries, keys), True where a query may look; the queries are the last places."""
    return seen(queries, keys)


@causal_mask.cases
def causal_mask_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(3, 3)
    yield case(2, 4)
    yield case(1, 3)
    yield case(4, 4)
    for _ in range(4):
        queries = int(rng.integers(2, 6))
        yield case(queries, queries + int(rng.integers(1, 5)))
    yield edge("a single place", 1, 1)
    yield edge("one query at the end of many places", 1, 9)
    yield edge("many places", 40, 40)


@causal_mask.mistake("Turned round: yours shows the future and hides the past.")
def shows_the_future(queries, keys):
    return ~seen(queries, keys)


@causal_mask.mistake("The upper triangle: a query then sees itself and the future, not the past.")
def upper_triangle(queries, keys):
    return ~seen(queries, keys, -1)


@causal_mask.mistake("A query may look at its own place, too: the diagonal is True.")
def without_itself(queries, keys):
    return seen(queries, keys, -1)


@causal_mask.mistake(
    "With more keys than queries, yours takes the queries for the *first* places. They are the last ones: the"
    " last query sees every key."
)
def at_the_beginning(queries, keys):
    return np.tri(queries, keys, dtype=bool)


@causal_mask.mistake("One place too far: each query also sees the one after it.")
def one_too_far(queries, keys):
    return seen(queries, keys, 1)


@causal_mask.mistake("The mask is transposed: one row a query, one column a key.")
def transposed(queries, keys):
    return seen(queries, keys).T


@causal_mask.mistake("Everything may be seen in yours: nothing is hidden.")
def everything(queries, keys):
    return np.ones((queries, keys), dtype=bool)


@causal_mask.mistake("Only its own place is seen: the past is open, too.")
def only_itself(queries, keys):
    return np.eye(queries, keys, keys - queries, dtype=bool)


@causal_mask.mistake(
    "That is what is *added* to the scores, 0 and −∞. Asked for is True where a query may look, else False."
)
def added_form(queries, keys):
    return np.where(seen(queries, keys), 0.0, -np.inf)


@causal_mask.mistake(
    "That is what is *added* to the scores, 0 and −∞. Asked for is True where a query may look, else False."
    " And the queries are the last places, not the first ones."
)
def added_at_the_beginning(queries, keys):
    return np.where(np.tri(queries, keys, dtype=bool), 0.0, -np.inf)


@causal_mask.mistake("Your mask is square; it needs one row a query and one column a key.")
def square_of_keys(queries, keys):
    return np.tri(keys, dtype=bool)


@causal_mask.mistake("Your mask is square; it needs one row a query and one column a key.")
def square_of_queries(queries, keys):
    return np.tri(queries, dtype=bool)


# --- 21.3 multi_head ---------------------------------------------------------------------------------


def per_head(y: np.ndarray, heads: int) -> np.ndarray:
    """(T, width) to (heads, T, width / heads): neighbouring columns belong together."""
    return y.reshape(len(y), heads, -1).swapaxes(0, 1)


@exercise
def multi_head(
    x: np.ndarray, w_q: np.ndarray, w_k: np.ndarray, w_v: np.ndarray, w_o: np.ndarray, heads: int
) -> np.ndarray:
    """Self-attention of x (T, width) in `heads` equal parts of the width; every w is used as x @ w."""
    q, k, v = (per_head(x @ w, heads) for w in (w_q, w_k, w_v))
    read = scaled_dot_product_attention.reference(q, k, v)  # (heads, T, width / heads)
    return read.swapaxes(0, 1).reshape(x.shape) @ w_o


def sequence(rng: np.random.Generator, length: int, width: int, heads: int) -> tuple:
    """Return the arguments of one call."""
    return (quarters(rng, length, width), *(quarters(rng, width, width) for _ in range(4)), heads)


@multi_head.cases
def multi_head_cases(rng: np.random.Generator) -> Iterator[Case]:
    one = np.eye(4)
    x = np.array([[1.0, 0.0, 0.0, 2.0], [0.0, 1.0, 2.0, 0.0]])
    yield case(x, one, one, one, one, 2)
    yield case(x[:, ::-1] * [1, 2, 1, 0.5], one, one, one, one[::-1], 2)
    yield case(*sequence(rng, 3, 4, 2))
    for _ in range(5):
        heads, d = int(rng.integers(2, 4)), int(rng.integers(2, 4))
        yield case(*sequence(rng, int(rng.integers(3, 6)), heads * d, heads))
    yield edge("one head: plain attention", *sequence(rng, 4, 3, 1))
    yield edge("heads of width 1", *sequence(rng, 3, 4, 4))
    yield edge("a single place", *sequence(rng, 1, 6, 3))
    yield edge("as many places as heads", *sequence(rng, 2, 6, 2))


@multi_head.mistake("Where are the heads? Yours is one attention over the whole width.")
def one_head(x, w_q, w_k, w_v, w_o, heads):
    return multi_head.reference(x, w_q, w_k, w_v, w_o, 1)


@multi_head.mistake(
    "A plain reshape to (heads, T, d) cuts up the *time*. First reshape to (T, heads, d), then swap the axes."
)
def reshapes_time(x, w_q, w_k, w_v, w_o, heads):
    q, k, v = ((x @ w).reshape(heads, len(x), -1) for w in (w_q, w_k, w_v))
    return scaled_dot_product_attention.reference(q, k, v).swapaxes(0, 1).reshape(x.shape) @ w_o


@multi_head.mistake(
    "After your reshape to (T, heads, d) the attention runs between the *heads* of one place. Swap the first"
    " two axes, so that it runs between the places of one head."
)
def between_heads(x, w_q, w_k, w_v, w_o, heads):
    q, k, v = ((x @ w).reshape(len(x), heads, -1) for w in (w_q, w_k, w_v))
    return scaled_dot_product_attention.reference(q, k, v).reshape(x.shape) @ w_o


@multi_head.mistake(
    "You cut x before the products, so that each head sees only its part of x. Cut x @ w: each head reads the"
    " whole of x through its own columns of w."
)
def cuts_x(x, w_q, w_k, w_v, w_o, heads):
    d = x.shape[1] // heads
    own = np.kron(np.eye(heads), np.ones((d, d)))  # 1 in the square blocks on the diagonal
    return multi_head.reference(x, w_q * own, w_k * own, w_v * own, w_o, heads)


@multi_head.mistake(
    "At the end a plain reshape mixes up the places. Swap the axes back to (T, heads, d), then reshape."
)
def merges_without_swap(x, w_q, w_k, w_v, w_o, heads):
    q, k, v = (per_head(x @ w, heads) for w in (w_q, w_k, w_v))
    return scaled_dot_product_attention.reference(q, k, v).reshape(x.shape) @ w_o


@multi_head.mistake(
    "Both reshapes go without a swap of axes: the time is cut up. The width is to be cut, (T, heads, d)."
)
def never_swaps(x, w_q, w_k, w_v, w_o, heads):
    q, k, v = ((x @ w).reshape(heads, len(x), -1) for w in (w_q, w_k, w_v))
    return scaled_dot_product_attention.reference(q, k, v).reshape(x.shape) @ w_o


@multi_head.mistake(
    "You divide by the root of the whole width. Each head has its own products, of width / heads terms."
)
def root_of_width(x, w_q, w_k, w_v, w_o, heads):
    return multi_head.reference(x, w_q / np.sqrt(heads), w_k, w_v, w_o, heads)


@multi_head.mistake("The scores are not divided by the root of a head's width.")
def no_root(x, w_q, w_k, w_v, w_o, heads):
    return multi_head.reference(x, w_q * np.sqrt(x.shape[1] / heads), w_k, w_v, w_o, heads)


@multi_head.mistake("The last product is missing: w_o mixes what the heads have read.")
def without_output(x, w_q, w_k, w_v, w_o, heads):
    return multi_head.reference(x, w_q, w_k, w_v, np.eye(x.shape[1]), heads)


@multi_head.mistake("The weights are transposed: here every w is used as x @ w.")
def transposed_weights(x, w_q, w_k, w_v, w_o, heads):
    return multi_head.reference(x, w_q.T, w_k.T, w_v.T, w_o.T, heads)


@multi_head.mistake(
    "Your heads take every h-th column. A head takes neighbouring columns: reshape to (T, heads, d), not to"
    " (T, d, heads)."
)
def every_other_column(x, w_q, w_k, w_v, w_o, heads):
    q, k, v = ((x @ w).reshape(len(x), -1, heads).transpose(2, 0, 1) for w in (w_q, w_k, w_v))
    read = scaled_dot_product_attention.reference(q, k, v)
    return read.transpose(1, 2, 0).reshape(x.shape) @ w_o


@multi_head.mistake("At the end the heads' columns are interleaved; put one head after another.")
def interleaves(x, w_q, w_k, w_v, w_o, heads):
    q, k, v = (per_head(x @ w, heads) for w in (w_q, w_k, w_v))
    return scaled_dot_product_attention.reference(q, k, v).transpose(1, 2, 0).reshape(x.shape) @ w_o


@multi_head.mistake(
    "All heads use the same weights: their scores are summed before the softmax. Each head has its own."
)
def shared_weights(x, w_q, w_k, w_v, w_o, heads):
    q, k = (per_head(x @ w, heads) for w in (w_q, w_k))
    scores = products(q, k).sum(axis=0) / np.sqrt(q.shape[-1])
    return softmax(scores) @ (x @ w_v) @ w_o


@multi_head.mistake("The attention runs on x itself: products with w_q, w_k and w_v come first.")
def no_projections(x, w_q, w_k, w_v, w_o, heads):
    one = np.eye(x.shape[1])
    return multi_head.reference(x, one, one, one, w_o, heads)


@multi_head.mistake("The values are x itself; they, too, come from x by a product, with w_v.")
def raw_values(x, w_q, w_k, w_v, w_o, heads):
    return multi_head.reference(x, w_q, w_k, np.eye(x.shape[1]), w_o, heads)


@multi_head.mistake("Queries and keys are swapped: the rows of the table are the queries.")
def swaps_q_and_k(x, w_q, w_k, w_v, w_o, heads):
    return multi_head.reference(x, w_k, w_q, w_v, w_o, heads)


@multi_head.mistake("The softmax runs over the queries; each query's weights add up to 1 over the keys.")
def softmax_over_queries(x, w_q, w_k, w_v, w_o, heads):
    q, k, v = (per_head(x @ w, heads) for w in (w_q, w_k, w_v))
    read = softmax(products(q, k) / np.sqrt(q.shape[-1]), axis=-2) @ v
    return read.swapaxes(0, 1).reshape(x.shape) @ w_o


# --- 21.4 positional_encoding ------------------------------------------------------------------------


def waves(length: int, width: int, *, base: float = 10000.0, step: float = 2.0, start: int = 0) -> np.ndarray:
    """Angles (length, width / 2): the place divided by base^(step · i / width)."""
    i = np.arange(width // 2)
    return np.arange(start, start + length)[:, None] / base ** (step * i / width)


def woven(even: np.ndarray, odd: np.ndarray) -> np.ndarray:
    """Columns of both in turn."""
    return np.stack([even, odd], axis=-1).reshape(len(even), -1)


@exercise
def positional_encoding(length: int, width: int) -> np.ndarray:
    """Return (length, width): sines in the even columns, cosines in the odd ones, slower to the right."""
    angles = waves(length, width)
    return woven(np.sin(angles), np.cos(angles))


@positional_encoding.cases
def positional_encoding_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(3, 2)
    yield case(2, 4)
    yield case(4, 6)
    for _ in range(5):
        yield case(int(rng.integers(3, 9)), 2 * int(rng.integers(2, 7)))
    yield edge("a single place", 1, 6)
    yield edge("far places", 300, 8)
    yield edge("as many places as columns", 6, 6)


@positional_encoding.mistake("Sine and cosine are swapped: place 0 is 0, 1, 0, 1 and so on.")
def cosine_first(length, width):
    return woven(np.cos(waves(length, width)), np.sin(waves(length, width)))


@positional_encoding.mistake(
    "All sines stand on the left and all cosines on the right. That works as well, but asked for are pairs: a"
    " sine and its cosine side by side."
)
def halves(length, width):
    return np.hstack([np.sin(waves(length, width)), np.cos(waves(length, width))])


@positional_encoding.mistake(
    "The waves slow down only half as fast as they should: the exponent of pair i is 2i / width."
)
def half_exponent(length, width):
    return woven(np.sin(waves(length, width, step=1)), np.cos(waves(length, width, step=1)))


@positional_encoding.mistake(
    "The exponent grows twice too fast. Is your i the number of the *column*,"
    " 0, 2, 4, …? Then it is i / width."
)
def double_exponent(length, width):
    return woven(np.sin(waves(length, width, step=4)), np.cos(waves(length, width, step=4)))


@positional_encoding.mistake(
    "Your i is the number of the *column*. In the formula it is the number of the pair, column // 2: a sine"
    " and the cosine beside it share one i."
)
def column_for_pair(length, width):
    column = np.arange(width)
    angles = np.arange(length)[:, None] / 10000 ** (2 * column / width)
    return np.where(column % 2 == 0, np.sin(angles), np.cos(angles))


@positional_encoding.mistake(
    "Your 10000 is multiplied where it should be raised to a power: 10000 ** (2 * i / width), with two stars"
    " and brackets."
)
def no_power(length, width):
    angles = np.arange(length)[:, None] / 10000 * np.arange(0, width, 2) / width
    return woven(np.sin(angles), np.cos(angles))


@positional_encoding.mistake(
    "Each column has its own speed in yours. A sine and the cosine beside it share one: that of their pair."
)
def own_speeds(length, width):
    angles = np.arange(length)[:, None] / 10000 ** (np.arange(width) / width)
    return np.where(np.arange(width) % 2 == 0, np.sin(angles), np.cos(angles))


@positional_encoding.mistake("The places begin with 1 in yours; the first one is place 0.")
def from_one(length, width):
    angles = waves(length, width, start=1)
    return woven(np.sin(angles), np.cos(angles))


@positional_encoding.mistake("The place is multiplied by 10000^(2i / width); divide by it: waves get slower.")
def multiplies_speed(length, width):
    angles = waves(length, width, base=1e-4)
    return woven(np.sin(angles), np.cos(angles))


@positional_encoding.mistake("The table is transposed: one row a place, one column a wave.")
def transposed_waves(length, width):
    return positional_encoding.reference(length, width).T


@positional_encoding.mistake("The cosines are missing: your odd columns are sines, too.")
def sines_only(length, width):
    return woven(np.sin(waves(length, width)), np.sin(waves(length, width)))


@positional_encoding.mistake("The base is 10000, four zeros; yours is 1000.")
def base_1000(length, width):
    angles = waves(length, width, base=1000.0)
    return woven(np.sin(angles), np.cos(angles))


@positional_encoding.mistake("These are the angles; their sine and cosine are still to be taken.")
def angles_only(length, width):
    return woven(waves(length, width), waves(length, width))


@positional_encoding.mistake(
    "The angle is the same in every pair: divide the place by 10000^(2i / width). Is there a `//` in your"
    " exponent? It throws away what is behind the decimal point."
)
def one_speed(length, width):
    angles = waves(length, width, step=0)
    return woven(np.sin(angles), np.cos(angles))

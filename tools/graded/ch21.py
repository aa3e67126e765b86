"""Graded problems of notebook 21: attention with a drawn view, and weights that depend on the distance."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from mini_dl.course.checks.exercise import Case, case, edge

from . import Array, Asker, Maker, Problem, Question, hidden, pick, quarters
from .wording import plural, scientific


def look_around(rng: np.random.Generator) -> Problem:
    """Attend within a drawn window and among real places only; layout and scale are drawn."""
    layout = str(pick(rng, "place", "head", "column"))
    back = bool(pick(rng, False, True))
    reach = int(pick(rng, 1, 2, 3))
    anchor = bool(pick(rng, False, True))
    front = bool(pick(rng, False, True))
    factor = float(pick(rng, 0.0, 0.25, 0.5))  # 0 stands for the root of d

    def arranged(a: Array) -> Array:
        """Bring (heads, T, d) into the drawn layout, or back."""
        axes = {"place": (1, 0, 2), "head": (0, 1, 2), "column": (0, 2, 1)}[layout]
        return a.transpose(axes).copy()

    def look_around(q: Array, k: Array, v: Array, real: int) -> Array:
        q, k, v = (arranged(np.asarray(a, dtype=float)) for a in (q, k, v))
        places = q.shape[1]
        y = np.zeros((len(q), places, v.shape[2]))
        first = places - real if front else 0
        for t in range(first, first + real):
            seen = [
                s
                for s in range(first, first + real)
                if (0 <= t - s <= reach if back else abs(t - s) <= reach) or (anchor and s == first)
            ]
            scores = np.einsum("hd,hsd->hs", q[:, t], k[:, seen])
            scores = scores * factor if factor else scores / np.sqrt(q.shape[2])
            weights = np.exp(scores - scores.max(axis=1, keepdims=True))
            weights /= weights.sum(axis=1, keepdims=True)
            y[:, t] = np.einsum("hs,hse->he", weights, v[:, seen])
        return arranged(y)

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        def data(heads: int, places: int, d: int, e: int) -> tuple[Array, Array, Array]:
            q, k, v = (quarters(rng, heads, places, n) / 2 for n in (d, d, e))
            return arranged(q), arranged(k), arranged(v)

        yield case(*data(1, 5, 1, 1), 4)
        yield case(*data(1, 6, 2, 1), 6)
        for missing in (0, 1, 2, 3, 1, 2):
            places = 6 + int(rng.integers(0, 3))
            yield case(*data(2, places, 3, 4), places - missing)
        yield edge("a single place", *data(2, 1, 3, 2), 1)
        yield edge("a single real place", *data(2, 5, 3, 2), 1)
        yield edge("nothing but filling", *data(1, 4, 2, 3), 0)
        q, k, v = data(3, 6, 2, 2)
        yield edge("large scores", 400 * q, 400 * k, v, 5)
        yield edge("all sizes equal", *data(5, 5, 5, 5), 4)

    shapes = {
        "place": ("(T, heads, d)", "(T, heads, e)"),
        "head": ("(heads, T, d)", "(heads, T, e)"),
        "column": ("(heads, d, T)", "(heads, e, T)"),
    }[layout]
    some = "place" if reach == 1 else f"{reach} places"
    window = (
        f"A place sees itself and the {some} before it, not what comes later."
        if back
        else f"A place sees itself, the {some} before it and the {some} after it, no others."
    )
    also = " Besides, every real place sees the first real place, however far back it is." if anchor else ""
    scale = f"multiplied by {factor:g}" if factor else "divided by $\\sqrt d$"
    task = f"""Write `look_around(q, k, v, real)`: self-attention of one sequence of $T$ places in several
heads, each of which works for itself. `q` and `k` have shape {shapes[0]}, `v` has {shapes[1]}. Return what
each place reads, {shapes[1]}.

- *Filling.* Only the {"last" if front else "first"} `real` of the $T$ places hold something; all places
  {"before" if front else "after"} them are filling. No place sees them, whatever numbers they hold, and
  they see nothing: what they read is 0. `real` may be anything from 0 to $T$.
- *View.* {window}{also}
- *Weights.* The product of a query and a key is {scale}; the softmax runs over the keys that the place
  sees, and over no others.

There may be large scores; they must not overflow. Leave the arguments unchanged."""
    stub = f'''def look_around(q: np.ndarray, k: np.ndarray, v: np.ndarray, real: int) -> np.ndarray:
    """Return what each place reads, {shapes[1]}."""
    raise NotImplementedError'''
    swap = {"place": "swapaxes(0, 1)", "column": "swapaxes(1, 2)"}.get(layout)
    view = f"(s <= t) & (t - s <= {reach})" if back else f"abs(t - s) <= {reach}"
    start = "T - real" if front else "0"
    body = [
        *([f"    q, k, v = (a.{swap} for a in (q, k, v))  # (heads, T, …)"] if swap else []),
        "    T, d = q.shape[1:]" if not factor else "    T = q.shape[1]",
        "    t, s = np.arange(T)[:, None], np.arange(T)",
        f"    seen = ({view}) | (s == {start})" if anchor else f"    seen = {view}",
        f"    seen = seen & (t >= {start}) & (s >= {start})"
        if front
        else "    seen = seen & (t < real) & (s < real)",
        f"    scores = q @ k.swapaxes(1, 2) {f'* {factor:g}' if factor else '/ np.sqrt(d)'}",
        "    scores = np.where(seen, scores, -1e300)",
        "    e = np.where(seen, np.exp(scores - scores.max(axis=2, keepdims=True)), 0)",
        "    sums = e.sum(axis=2, keepdims=True)",
        "    y = e / np.where(sums == 0, 1, sums) @ v",
        f"    return y.{swap}" if swap else "    return y",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    v = np.array([[[1.0], [2.0], [4.0], [8.0], [16.0], [32.0]]])
    zeros = np.zeros((1, 6, 1))
    example = (arranged(zeros), arranged(zeros), arranged(v), 5)
    title = "Who looks where"
    return Problem(hidden(look_around, cases), title, task, stub, solution, 6, 25, example)


def distance_weights(rng: np.random.Generator) -> Problem:
    """Add a bias for the distance before the softmax; how distances meet the table is drawn."""
    past = bool(pick(rng, False, True))
    heads_first = bool(pick(rng, False, True))
    late = bool(pick(rng, False, True))
    share = int(pick(rng, 1, 2, 3))
    turned = bool(pick(rng, False, True))
    far = str(pick(rng, "last", "none", "hidden"))

    def distance_weights(scores: Array, table: Array) -> Array:
        if not heads_first:
            table = table.T
        _, queries, keys = scores.shape
        z = np.full(scores.shape, -np.inf)
        entries = table.shape[1]
        for i, s in np.ndindex(queries, keys):
            distance = i + (keys - queries if late else 0) - s  # positive: the key is in the past
            if past:
                hide = distance < 0
                entry = -(-distance // share)
                beyond = entry >= entries
            else:
                hide = False
                entry = entries // 2 + (distance if turned else -distance)
                beyond = not 0 <= entry < entries
            if hide or (beyond and far == "hidden"):
                continue
            bias = table[:, int(np.clip(entry, 0, entries - 1))]
            z[:, i, s] = scores[:, i, s] + (0 if beyond and far == "none" else bias)
        weights = np.exp(z - z.max(axis=2, keepdims=True))
        return weights / weights.sum(axis=2, keepdims=True)

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        def data(heads: int, queries: int, keys: int, radius: int) -> tuple[Array, Array]:
            table = quarters(rng, heads, radius + 1 if past else 2 * radius + 1)
            return quarters(rng, heads, queries, keys), table if heads_first else table.T.copy()

        yield case(*data(1, 4, 4, 1))
        yield case(*data(1, 3, 5, 2))
        for i in range(6):
            queries = int(rng.integers(6, 9))
            yield case(*data(2 + i // 3, queries, queries + int(rng.integers(1, 4)), 1 + i % 2))
        yield edge("as many queries as keys", *data(2, 6, 6, 2))
        yield edge("one query", *data(2, 1, 7, 2))
        yield edge("a table for distance 0 only", *data(2, 3, 5, 0))
        yield edge("a table longer than the text", *data(2, 3, 4, 9))
        scores, table = data(3, 4, 6, 2)
        yield edge("large scores", 400 * scores, table)

    where = "last" if late else "first"
    shape = "(heads, $n$)" if heads_first else "($n$, heads)"
    order = "column" if heads_first else "row"
    beyond = {
        "last": "takes the last {order} of that side" if not past else "takes the last {order}",
        "none": "gets no bias",
        "hidden": "is hidden: its weight is 0",
    }[far].format(order=order)
    if past:
        some = {1: "the place", 2: "the two places", 3: "the three places"}[share]
        rule = (
            f"A key at a later place than the query is hidden: its weight is 0. {order.capitalize()} 0 of"
            f" the table is for a key at the query's own place, {order} 1 for {some} before it, {order} 2"
            f" for {some} before {'that' if share == 1 else 'these'}, and so on. A key that is so far back"
            f" that the table has no {order} for it {beyond}."
        )
    else:
        left, right = ("later", "earlier") if turned else ("earlier", "later")
        rule = (
            f"$n$ is odd, perhaps 1. The middle {order} of the table is for a key at the query's own place;"
            f" the next {order} is for the place just {right} than the query's, the one after it for two"
            f" places {right}, and so on; before the middle {order} stands the one for the place just"
            f" {left}, and so on to the front. A key that is so far away that the table has no {order} for"
            f" it {beyond}."
        )
    task = f"""In some Transformers attention knows the places by a learned *bias*: a number for each
distance and head, which is added to a score before the softmax. Write `distance_weights(scores, table)`.
`scores` has shape (heads, $T$, $S$): in each head one row for each query and one column for each key; the
scores are scaled already. `table` has shape {shape} with $n \\ge 1$. The keys stand at places 0 to $S - 1$.
The queries are the *{where}* $T$ of these places, in order, with $T \\le S$.

{rule}

Return the attention weights, (heads, $T$, $S$): the softmax over the keys, of scores with their bias. There
may be large scores; they must not overflow. Leave the arguments unchanged."""
    stub = '''def distance_weights(scores: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Return the attention weights, (heads, T, S)."""
    raise NotImplementedError'''
    axis = 1 if heads_first else 0
    offset = " + S - T" if late else ""
    if past:
        steps = "back" if share == 1 else f"(back + {share - 1}) // {share}"
        rows = [f"    entry = {steps}", f"    n = table.shape[{axis}]"]
        out = "entry >= n"
    else:
        sign = "back" if turned else "-back"
        rows = [
            f"    n = table.shape[{axis}]",
            f"    entry = n // 2 {'+' if turned else '-'} {sign.lstrip('-')}",
        ]
        out = "(entry < 0) | (entry >= n)"
    inside = "np.clip(entry, 0, n - 1)"
    bias = f"table[:, {inside}]" if heads_first else f"np.moveaxis(table[{inside}], 2, 0)"
    hidden_where = " | ".join(
        [
            *(["(back < 0)"] if past else []),
            *([out if out[0] == "(" else f"({out})"] if far == "hidden" else []),
        ]
    )
    body = [
        "    _, T, S = scores.shape",
        f"    back = np.arange(T)[:, None]{offset} - np.arange(S)  # how far back each key is",
        *rows,
        f"    bias = {bias}",
        *([f"    bias = np.where({out}, 0, bias)"] if far == "none" else []),
        f"    z = np.where({hidden_where}, -np.inf, scores + bias)"
        if hidden_where
        else "    z = scores + bias",
        "    e = np.exp(z - z.max(axis=2, keepdims=True))",
        "    return e / e.sum(axis=2, keepdims=True)",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    table = np.array([[1.0, -1.0, 2.0]])
    example = (np.zeros((1, 2, 5)), table if heads_first else table.T.copy())
    title = "Weights that know the distance"
    return Problem(hidden(distance_weights, cases), title, task, stub, solution, 5, 20, example)


def why_the_root(rng: np.random.Generator) -> Question:
    """Ask about scores of a wrong size and a late mask: width, division and lengths are drawn."""
    d = int(pick(rng, 36, 64, 100, 144))
    divides = bool(pick(rng, False, True))
    length = int(pick(rng, 6, 8, 12, 20))
    place = int(rng.integers(2, length))
    heads = int(pick(rng, 4, 6, 8))

    root = math.isqrt(d)
    spread = 1 / root if divides else float(root)
    ratio = math.exp(spread)
    way = (
        f'divides the products by ${d}$, "since there are {d} terms"'
        if divides
        else "does not divide the products by anything"
    )
    size = f"$\\sqrt{{{d}}} / {d} = 1/{root}$" if divides else f"$\\sqrt{{{d}}} = {root}$"
    power = (
        f"$e^{{1/{root}}} \\approx {ratio:.3g}$"
        if divides
        else f"$e^{{{root}}} \\approx {scientific(ratio)}$"
    )
    effect = (
        "The weights are nearly equal, so at the start every place reads about the mean of all values and"
        " hardly tells them apart; the scores have to grow far before attention chooses anything."
        if divides
        else "One key gets nearly everything. A weight near 0 or 1 has the slope $p(1 - p) \\approx 0$, so"
        " the softmax hardly passes a gradient on, and training can hardly move what happened to be chosen"
        " by chance."
    )
    wrong = "that the scores become small" if divides else "that the scores become large"
    hidden_keys = length - place
    title = "Two small changes"
    task = f"""A colleague writes a decoder with causal self-attention in {heads} heads; queries and keys
have {d} entries each, which at the start behave like independent numbers with mean 0 and variance 1. Two
things differ from the usual program. It {way}. And the mask comes late: the weights of the later places are
set to 0 *after* the softmax. The colleague says: "The forbidden weights are exactly 0, so nothing can leak.
And the loss in training is remarkably good."

Answer the colleague in your own words, in 5 to 10 sentences. How large is a usual score in this program,
and how large should it be? Take two keys whose scores differ by this usual size: how many times as large is
one weight as the other, here and in the usual program? What does that do to training? In a text of {length}
places, what does place number {place} (counted from 1) know of the {plural(hidden_keys, "later place")},
and how does it know it? When will the colleague notice? How could it be shown beforehand? And how many
scores does a layer compute for {length} places, and for twice as many?"""
    answer = f"""A product of a query and a key has {d} terms, each with variance 1, so its usual size is
$\\sqrt{{{d}}} = {root}$; divided by that it would be 1, and in this program it is {size}. Two keys whose
scores differ by that much get weights in the ratio {power}; with the root it would be $e \\approx 2.72$.
{effect} The mask is the graver fault: the softmax has divided by the sum of the exponentials of *all*
{length} keys, the {plural(hidden_keys, "forbidden one")} included. So the weights of place {place} do not
add up to 1, and by how much they fall short tells it something about the later places. In training that
makes the loss too good; it is noticed when the model writes alone, where there is no later text. To show it
beforehand, change a later input, or take the gradient with respect to it: the output of place {place} must
not change at all. A layer computes ${heads} \\cdot {length}^2$ scores, {heads * length**2:,}, and for twice
as many places four times as many, {heads * 4 * length**2:,}."""
    rubric = (
        (
            2,
            f"The usual size is {size} instead of 1, because variances of {d} terms add up, and the ratio of"
            f" the weights is {power} instead of $e$ (1 point for one of them). Not enough: {wrong}, without"
            " numbers.",
        ),
        (1, f"What it does to training. Model: {effect} Not enough: that it trains worse."),
        (
            2,
            "The divisor of the softmax contains the later places, so the weights that are left do not add"
            " up to 1 and carry knowledge of the future. Not enough: that the mask has to come before the"
            " softmax.",
        ),
        (
            1,
            "It shows when the model writes alone, and a test shows it before: a changed later input, or a"
            " gradient that is not 0. Not enough: that the test loss is worse (there the later text is"
            " present, too).",
        ),
        (
            1,
            f"{heads * length**2:,} scores and {heads * 4 * length**2:,}, with the square as the reason. Not"
            " enough: that it becomes slower.",
        ),
    )
    return Question("why_the_root", title, task, answer, rubric, 20)


MAKERS: list[Maker] = [look_around, distance_weights]
QUESTIONS: list[Asker] = [why_the_root]

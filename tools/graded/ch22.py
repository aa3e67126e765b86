"""Graded problems of notebook 22: a sampler with drawn rules, and byte-pair merges with a drawn choice."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from mini_dl.course.checks.exercise import Case, case, edge

from . import Array, Asker, Maker, Problem, Question, hidden, pick

Pairs = list[tuple[int, int]]


def next_probabilities(rng: np.random.Generator) -> Problem:
    """Penalise what was written lately, apply a temperature, cut: all three and their order are drawn."""
    penalty = str(pick(rng, "divide", "once", "each"))
    amount = float(pick(rng, 1.25, 1.5, 2.0) if penalty == "divide" else pick(rng, 0.5, 0.75, 1.0))
    memory = int(pick(rng, 3, 4, 5))
    temperature = float(pick(rng, 0.5, 0.8, 1.25, 2.0))
    rule = str(pick(rng, "top-k", "top-p", "min-p"))
    cut = {
        "top-k": pick(rng, 2, 3, 4),
        "top-p": pick(rng, 0.6, 0.7, 0.85),
        "min-p": pick(rng, 0.1, 0.2, 0.3),
    }[rule]
    early = rule != "top-k" and bool(
        pick(rng, False, True)
    )  # where the order makes no difference, none is said

    def softmax(z: Array) -> Array:
        e = np.exp(z - z.max())
        return e / e.sum()

    def next_probabilities(logits: Array, written: list[int]) -> Array:
        z = np.array(logits, dtype=float)
        times = np.bincount(np.array(written[-memory:], dtype=int), minlength=len(z))
        if penalty == "divide":
            z = np.where(times > 0, np.where(z > 0, z / amount, z * amount), z)
        else:
            z = z - amount * (times if penalty == "each" else times > 0)
        p = softmax(z if early else z / temperature)
        order = np.argsort(-p)
        if rule == "top-k":
            kept = order[:cut]
        elif rule == "top-p":
            kept = order[np.cumsum(p[order]) - p[order] < cut]
        else:
            kept = np.flatnonzero(p >= cut * p.max())
        found = np.zeros(len(z))
        found[kept] = softmax(z[kept] / temperature)
        return found

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        def data(size: int, count: int) -> tuple[Array, list[int]]:
            return rng.uniform(-3, 3, size), [int(i) for i in rng.integers(0, size, size=count)]

        yield case(np.array([2.0, 0.9, -0.6, 0.2, -1.3]), [0, 2])
        for gap in (0.03, 0.35):
            yield case(gap * rng.permutation(20), [])
        for i in range(8):
            logits, written = data(int(rng.integers(6, 10)), 7)
            written[-1] = written[-2] = int(logits.argmax())  # twice of late, and it counts
            if i % 2:
                written[-memory - 1] = int(np.argsort(logits)[-2])  # just too long ago
            yield case(logits - (i > 3) * 2, written)  # in some, most are negative
        logits, _ = data(6, 0)
        yield edge("nothing written yet", logits, [])
        yield edge("one token written", logits, [3])
        yield edge("one token again and again", logits, [int(logits.argmax())] * 9)
        yield edge("all that is likely was written too long ago", logits, [4, 4, 4, *[5] * memory])
        yield edge("two tokens", np.array([0.5, -0.25]), [1])
        large = 1000 * data(7, 0)[0]
        large[4] = 2900.0
        yield edge("logits in the thousands", large, [2, 3])

    last = f"the last {memory} entries of `written`, or in all of it where it is shorter,"
    first_step = {
        "divide": f"For each token that occurs in {last} the logit is divided by {amount:g} if it is"
        f" positive, and multiplied by {amount:g} if it is not. How often the token occurs there makes no"
        " difference.",
        "once": f"For each token that occurs in {last} {amount:g} is subtracted from its logit. How often"
        " the token occurs there makes no difference.",
        "each": f"For each token that occurs in {last} {amount:g} is subtracted from its logit *as many"
        " times as it occurs there*.",
    }[penalty]
    keeps = {
        "top-k": f"Keep the {cut} most likely tokens; if there are fewer tokens, keep them all.",
        "top-p": f"Keep the fewest most likely tokens whose probabilities sum to {cut:g} or more.",
        "min-p": f"Keep the tokens whose probability is at least {cut:g} times that of the most likely"
        " token.",
    }[rule]
    if early:
        steps = (
            f"2. *Cut.* Take the softmax of these logits, without a temperature. {keeps}\n3. *Temperature.*"
            f" Divide the logits of the kept tokens by {temperature:g} and take the softmax over the kept"
            " tokens alone."
        )
    else:
        steps = (
            f"2. *Temperature.* Divide all logits by {temperature:g} and take the softmax.\n"
            f"3. *Cut.* {keeps} Divide the probabilities of the kept tokens by their sum."
        )
    task = f"""Write `next_probabilities(logits, written)`: the probabilities from which a program draws its
next token. `logits`, of shape (vocabulary,), has one number for each token; the index is the token.
`written` is the list of the tokens so far, the newest last; it may be empty.

1. *Penalty.* {first_step}
{steps}

Return an array (vocabulary,): the probability of each kept token at the token's own place, and 0 for all
others. Logits may be in the thousands. No two tokens are equally likely after the penalty. Leave the
arguments unchanged."""
    stub = '''def next_probabilities(logits: np.ndarray, written: list[int]) -> np.ndarray:
    """Return the probabilities of the next token, (vocabulary,)."""
    raise NotImplementedError'''
    recent = f"written[-{memory}:]"
    punish = {
        "divide": [
            f"    for token in set({recent}):",
            f"        z[token] = z[token] / {amount:g} if z[token] > 0 else z[token] * {amount:g}",
        ],
        "once": [f"    for token in set({recent}):", f"        z[token] -= {amount:g}"],
        "each": [f"    for token in {recent}:", f"        z[token] -= {amount:g}"],
    }[penalty]
    choose = {
        "top-k": [f"    kept = np.argsort(-p)[:{cut}]"],
        "top-p": [
            "    order = np.argsort(-p)",
            "    before = np.cumsum(p[order]) - p[order]",
            f"    kept = order[before < {cut:g}]",
        ],
        "min-p": [f"    kept = np.flatnonzero(p >= {cut:g} * p.max())"],
    }[rule]
    body = [
        "    z = np.array(logits, dtype=float)",
        *punish,
        *([f"    heat = {temperature:g}"] if early else [f"    z = z / {temperature:g}"]),
        "    p = np.exp(z - z.max())",
        "    p = p / p.sum()",
        *choose,
        "    found = np.zeros(len(z))",
        "    e = np.exp((z[kept] - z.max()) / heat)" if early else "    e = p[kept]",
        "    found[kept] = e / e.sum()",
        "    return found",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    example = (np.array([1.5, 1.0, 0.75, -0.5, -1.0]), [4, 0, 1, 1, 4, 1])
    title = "What to draw from"
    return Problem(hidden(next_probabilities, cases), title, task, stub, solution, 5, 18, example)


def learn_pairs(rng: np.random.Generator) -> Problem:
    """Learn byte-pair merges; how pairs are counted, chosen and replaced is drawn."""
    tie = str(pick(rng, "smallest", "largest", "first", "last"))
    apart = bool(pick(rng, False, True))
    from_end = bool(pick(rng, False, True))
    least = int(pick(rng, 2, 3))
    pairs_first = bool(pick(rng, False, True))

    def count(ids: list[int], pair: tuple[int, int]) -> int:
        if apart:
            return len(ids) - len(merge(ids, pair, -1))
        return sum((a, b) == pair for a, b in pairwise(ids))

    def merge(ids: list[int], pair: tuple[int, int], new: int) -> list[int]:
        if from_end:
            ids, pair = ids[::-1], (pair[1], pair[0])
        found: list[int] = []
        used = False
        for token in ids:
            if found and not used and (found[-1], token) == pair:
                found[-1], used = new, True
            else:
                found.append(token)
                used = False
        return found[::-1] if from_end else found

    def learn_pairs(ids: list[int], n: int, first: int) -> tuple[list[int], Pairs] | tuple[Pairs, list[int]]:
        learned: Pairs = []
        while len(learned) < n:
            places = list(pairwise(ids))
            counts = {pair: count(ids, pair) for pair in places}
            most = max(counts.values(), default=0)
            if most < least:
                break
            best = [pair for pair in places if counts[pair] == most]
            pair = {"smallest": min(best), "largest": max(best), "first": best[0], "last": best[-1]}[tie]
            ids = merge(ids, pair, first + len(learned))
            learned.append(pair)
        return (learned, list(ids)) if pairs_first else (list(ids), learned)

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        def text(letters: int, length: int) -> list[int]:
            return [int(i) for i in rng.integers(1, letters + 1, size=length)]

        yield case([1, 2, 3, 1, 2, 3, 1, 2], 1, 10)
        yield case([2, 1, 1, 1, 2, 1, 1, 1, 2, 3, 2, 3, 3], 2, 10)
        yield case([5, 4, 5, 4, 1, 2, 1, 2, 4, 4, 4, 4, 4, 2, 2, 2, 2, 2], 3, 20)
        for letters, length in ((2, 14), (3, 16), (2, 20), (4, 30)):
            yield case(text(letters, length), int(rng.integers(2, 9)), letters + 1 + int(rng.integers(0, 20)))
        for letters in (3, 4, 5, 4, 5, 6):  # a few words again and again: many pairs are equally frequent
            words = [text(letters, int(rng.integers(3, 6))) for _ in range(3)]
            ids = [i for which in rng.permutation(np.arange(12) % 3) for i in words[which]]
            yield case(ids, int(rng.integers(4, 9)), letters + 1)
        yield edge("no merges wanted", text(2, 9), 0, 50)
        yield edge("no pair occurs twice", [1, 2, 3, 4, 5], 4, 50)
        yield edge("an empty list", [], 3, 50)
        yield edge("one token", [7], 3, 50)
        yield edge("one token again and again", [1] * 11, 9, 50)
        yield edge("many more merges than there are pairs", text(3, 20), 100, 50)

    counted = (
        "Occurrences must not overlap: in 1, 1, 1 the pair (1, 1) is counted once, in 1, 1, 1, 1 twice."
        if apart
        else "Occurrences may overlap: in 1, 1, 1 the pair (1, 1) is counted twice."
    )
    chosen = {
        "smallest": "the one with the smallest first number, among these the one with the smallest second"
        " number",
        "largest": "the one with the largest first number, among these the one with the largest second"
        " number",
        "first": "the one that occurs first in the list, read from its beginning",
        "last": "the one whose last occurrence is nearest to the end of the list",
    }[tie]
    replaced = (
        "from the end of the list to its beginning, so that 1, 1, 1 becomes 1, *new*"
        if from_end
        else "from the beginning of the list to its end, so that 1, 1, 1 becomes *new*, 1"
    )
    result = "(pairs, ids)" if pairs_first else "(ids, pairs)"
    task = f"""Write `learn_pairs(ids, n, first)`, which learns at most `n` merges of byte-pair encoding
from the token numbers in the list `ids`. For each merge:

- Count all pairs of neighbours in the list as it is now. {counted}
- Choose the pair that was counted most often. If several were, choose {chosen}.
- If it was counted fewer than {least} times, or there is no pair at all, stop.
- Replace it by a new number, {replaced} for the pair (1, 1). A token that was used is used up.

The first new number is `first`, the next `first + 1`, and so on; none of them occurs in `ids`. New numbers
may become parts of later pairs. Return {result}: `ids` is the list after the last merge, `pairs` the pairs
as tuples, in the order in which they were learned. `ids` may be empty and `n` may be 0. Leave the given
list unchanged."""
    stub = f'''def learn_pairs(ids: list[int], n: int, first: int) -> tuple[list, list]:
    """Return {result}, with the merged list in the place of ids."""
    raise NotImplementedError'''
    counting = (
        [
            "            if i >= free.get(pair, 0):",
            "                counts[pair] = counts.get(pair, 0) + 1",
            "                free[pair] = i + 2",
        ]
        if apart
        else ["            counts[pair] = counts.get(pair, 0) + 1"]
    )
    key = {
        "smallest": "min(counts, key=lambda pair: (-counts[pair], pair))",
        "largest": "max(counts, key=lambda pair: (counts[pair], pair))",
        "first": "max(counts, key=lambda pair: counts[pair])  # of equal ones the first that was met",
        "last": "max(counts, key=lambda pair: (counts[pair], last[pair]))",
    }[tie]
    if from_end:
        merging = [
            "        i, merged = len(ids) - 1, []",
            "        while i >= 0:",
            "            hit = i > 0 and (ids[i - 1], ids[i]) == best",
            "            merged.append(new if hit else ids[i])",
            "            i -= 2 if hit else 1",
            "        ids = merged[::-1]",
        ]
    else:
        merging = [
            "        i, merged = 0, []",
            "        while i < len(ids):",
            "            hit = tuple(ids[i : i + 2]) == best",
            "            merged.append(new if hit else ids[i])",
            "            i += 2 if hit else 1",
            "        ids = merged",
        ]
    tables = ["counts", *(["free"] if apart else []), *(["last"] if tie == "last" else [])]
    body = [
        "    pairs = []",
        "    for new in range(first, first + n):",
        f"        {', '.join(tables)} = {', '.join(['{}'] * len(tables))}",
        "        for i, pair in enumerate(zip(ids, ids[1:])):",
        *counting,
        *(["            last[pair] = i"] if tie == "last" else []),
        f"        if max(counts.values(), default=0) < {least}:",
        "            break",
        f"        best = {key}",
        *merging,
        "        pairs.append(best)",
        f"    return {'pairs, list(ids)' if pairs_first else 'list(ids), pairs'}",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    example = ([1, 1, 1, 2, 1, 1, 1, 2, 1, 1, 1, 2], 2, 10)
    title = "Merges, with a choice"
    return Problem(hidden(learn_pairs, cases), title, task, stub, solution, 6, 25, example)


def which_model(rng: np.random.Generator) -> Question:
    """Compare models with different tokens, and counts: the losses and lengths are drawn."""
    nats_a = int(rng.integers(150, 171)) / 100
    better = bool(pick(rng, False, True))  # whether the model on tokens is the better one
    length = int(rng.integers(21, 36)) / 10  # characters in a token
    gap = int(rng.integers(8, 16)) / 100
    nats_b = round((nats_a - gap if better else nats_a + gap) * length, 2)
    per_character = nats_b / length
    low, high = sorted((nats_a, per_character))
    between = bool(pick(rng, False, True))
    table = round((low + high) / 2 if between else low - 0.06, 2)
    heat = float(pick(rng, 0.2, 0.3))

    ln2 = math.log(2)
    bits_a, bits_b, bits_table = nats_a / ln2, per_character / ln2, table / ln2
    first, second = ("B", "A") if better else ("A", "B")
    perplexities = f"{math.exp(nats_a):.1f} against {math.exp(nats_b):.0f}"
    verdict = (
        "So B is the better model, and the colleague is wrong."
        if better
        else "So A is the better model; the colleague is right, but for a wrong reason."
    )
    beaten = f"The counts reach {table:.2f} nats, which is {bits_table:.2f} bits a character: " + (
        f"{first} beats them, {second} does not."
        if between
        else "neither model beats them, so neither has shown yet what it is good for."
    )
    title = "Which model is better?"
    task = f"""Two language models were trained on the same book and tested on the same chapter that was
held back. Model A reads characters; its loss is {nats_a:.2f} nats a character. Model B reads tokens of a
byte-pair encoding, which are {length:g} characters long on average; its loss is {nats_b:.2f} nats a token.
Smoothed counts of runs of up to eight characters reach {table:.2f} nats a character on the same chapter.

A colleague says: "A is much better: its loss is smaller, and its perplexity is far smaller, {perplexities}.
Both are better than counting, of course. And what A writes at temperature {heat:g} has hardly a misspelt
word; that settles it."

Answer the colleague in your own words, in 5 to 10 sentences. Compare the two models in bits per character,
and say why that is the unit to use. Why does B's perplexity say so little beside A's? What do the counts
tell you about A and B? What does a sample at temperature {heat:g} show, and what does it not show? What
would you have to know about the chapter, and about the way in which the settings were chosen, before you
believed the comparison?"""
    answer = f"""The losses have different units: a token of B is {length:g} characters long, so each guess
of B decides more and is harder. What can be compared is all the surprise in the chapter, divided by its
characters: for A {nats_a:.2f} / ln 2 = {bits_a:.2f} bits, for B {nats_b:.2f} / {length:g} =
{per_character:.2f} nats, which is {bits_b:.2f} bits a character. {verdict} The perplexity is the
exponential of the loss for *one unit*: it says among how many equally likely units the model seems to
choose, for A characters, for B long tokens. {beaten} A low temperature makes likely tokens likelier still,
so a sample at {heat:g} shows what the model thinks most likely, often common words again and again. It
hides what the loss measures: how much probability goes to what a real text does next, rare turns included;
and one sample is no measurement. Before I believed the comparison I would want to know that nothing,
neither the models nor the merges nor the counts, was fitted or chosen on this chapter, and that both models
had the same time and care."""
    rubric = (
        (
            2,
            f"Bits per character: {bits_a:.2f} for A and {bits_b:.2f} for B, so {first} is better; a right"
            " comparison in nats per character counts as well (1 point for the division by the length"
            " alone). Not enough: that the two cannot be compared.",
        ),
        (
            1,
            "Loss and perplexity belong to a unit: a longer token is harder to guess. Not enough: that B has"
            " a larger vocabulary.",
        ),
        (1, f"{beaten} Not enough: that counting is old."),
        (
            2,
            "Two of these (1 point for one): a low temperature sharpens, so the sample shows the likeliest"
            " turns only; it says little about the probabilities that a real text gets; one sample is no"
            " measurement. Not enough: that temperature makes the text less random.",
        ),
        (
            1,
            "Asks whether the chapter was held back from everything, merges and settings included, or"
            " whether both had the same means. Not enough: that more data are needed.",
        ),
    )
    return Question("which_model", title, task, answer, rubric, 20)


MAKERS: list[Maker] = [next_probabilities, learn_pairs]
QUESTIONS: list[Asker] = [which_model]

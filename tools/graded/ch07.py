"""Graded problems of notebook 07: a table with refused answers, a split by writers, and a report to judge."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from mini_dl.course.checks.exercise import Case, case, edge

from . import Array, Asker, Maker, Problem, Question, hidden, pick, quarters

PARTS = {0.125: "an eighth", 0.25: "a quarter", 0.375: "three eighths"}


def careful_table(rng: np.random.Generator) -> Problem:
    """Count answers by class, doubtful ones apart; the rule, the layout and the unit are drawn."""
    gap = bool(pick(rng, False, True))
    border = float(pick(rng, 0.5, 0.75, 1.0, 1.5) if gap else pick(rng, 0.55, 0.6, 0.7, 0.8))
    columns = bool(pick(rng, False, True))
    first = bool(pick(rng, False, True))
    shares = bool(pick(rng, False, True))

    def careful_table(logits: Array, labels: Array) -> Array:
        classes = logits.shape[1]
        ordered = np.sort(logits, axis=1)
        if gap:
            sure = ordered[:, -1] - ordered[:, -2] >= border
        else:
            sure = 1 / np.exp(ordered - ordered[:, -1:]).sum(axis=1) >= border
        said = np.argmax(logits, axis=1) + first
        said[~sure] = 0 if first else classes
        table = np.zeros((classes, classes + 1))
        np.add.at(table, (labels, said), 1)
        if shares:
            table /= np.maximum(table.sum(axis=1, keepdims=True), 1)
        return table.T if columns else table

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        def data(n: int, classes: int) -> tuple[Array, Array]:
            logits = quarters(rng, n, classes) / 2 + np.arange(classes) / 64  # no two are equal
            labels = np.where(rng.random(n) < 0.6, logits.argmax(axis=1), rng.integers(0, classes, n))
            return logits, labels

        yield case(np.array([[2.0, 0.0, -1.0], [0.0, 0.25, -1.0], [-3.0, 0.5, 3.0]]), np.array([0, 1, 1]))
        for _ in range(9):
            yield case(*data(int(rng.integers(6, 13)), int(rng.integers(2, 5))))
        logits, labels = data(8, 3)
        yield edge("a class without examples", logits, np.where(labels == 1, 2, labels))
        yield edge("one example", logits[:1], labels[:1])
        yield edge("as many examples as classes", logits[:3], np.array([2, 0, 1]))
        yield edge("all answers sure", 20 * logits, labels)
        yield edge("all answers in doubt", logits / 100, labels)
        yield edge("logits in the thousands", 1000 * logits, labels)
        if gap:
            yield edge(
                "exactly at the border", np.array([[0.0, border], [-1.0, -1 - border]]), np.array([1, 1])
            )

    rule = (
        f"this logit is at least {border:g} above the second highest"
        if gap
        else f"the probability of this class, after the softmax, is at least {border:g}"
    )
    line, cross = ("column", "row") if columns else ("row", "column")
    place, others = ("first", "after it") if first else ("last", "before it")
    shape = "(K + 1, K)" if columns else "(K, K + 1)"
    unit = (
        f"Divide each {line} by its sum, so that it holds the *shares* of its class; the {line} of a class"
        " without examples stays 0"
        if shares
        else f"The entries are *counts*; the {line} of a class without examples is 0"
    )
    task = f"""A careful reader of digits answers only when it is sure. Write `careful_table(logits, labels)`:
`logits` has shape $(n, K)$ with $K \\ge 2$, and `labels` holds the $n$ true classes from 0 to $K - 1$.

For each example the network answers with the class of the highest logit, if {rule}. Otherwise the example is
refused.

Return a table of shape ${shape}$ with one *{line}* for each true class. The {place} {cross} counts the
refused examples; the $K$ {cross}s {others} stand for the answers 0 to $K - 1$, in this order. {unit}.

No two logits of an example are equal. Logits may be in the thousands."""
    stub = f'''def careful_table(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return a table {shape} for logits (n, K) and true classes (n,)."""
    raise NotImplementedError'''
    body = [
        "    classes = logits.shape[1]",
        "    ordered = np.sort(logits, axis=1)",
        f"    sure = ordered[:, -1] - ordered[:, -2] >= {border:g}"
        if gap
        else f"    sure = 1 / np.exp(ordered - ordered[:, -1:]).sum(axis=1) >= {border:g}",
        "    table = np.zeros((classes, classes + 1))",
        "    for true, said, certain in zip(labels, np.argmax(logits, axis=1), sure):",
        f"        table[true, {'1 + said if certain else 0' if first else 'said if certain else classes'}]"
        " += 1",
        *(["    table /= np.maximum(table.sum(axis=1, keepdims=True), 1)"] if shares else []),
        f"    return table{'.T' if columns else ''}",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    example = (np.array([[2.0, -1.0], [0.25, 0.0], [-3.0, 0.5], [-2.0, 1.5]]), np.array([0, 0, 0, 1]))
    title = "A reader that may refuse"
    return Problem(hidden(careful_table, cases), title, task, stub, solution, 5, 15, example)


def split_by_writer(rng: np.random.Generator) -> Problem:
    """Split examples so that no writer is in two parts; the shares, the rule and the order are drawn."""
    rule = str(pick(rng, "enough", "room", "skip"))
    of_test, of_validation = float(pick(rng, *PARTS)), float(pick(rng, *PARTS))
    test_first = bool(pick(rng, False, True))

    def split_by_writer(writers: Array, order: Array) -> tuple[Array, Array, Array]:
        waiting, found = [int(w) for w in order], []
        for share in (of_test, of_validation):
            taken: list[int] = []
            size, limit = 0, share * len(writers)
            for writer in list(waiting):
                count = int(np.sum(writers == writer))
                if size >= limit if rule == "enough" else size + count > limit:
                    if rule == "skip":
                        continue
                    break
                taken.append(writer)
                waiting.remove(writer)
                size += count
            found.append(np.flatnonzero(np.isin(writers, taken)))
        found.append(np.flatnonzero(np.isin(writers, waiting)))
        test, validation, training = found
        return (test, validation, training) if test_first else (training, validation, test)

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        def data(counts: list[int]) -> tuple[Array, Array]:
            names = rng.choice(np.arange(1, 40), size=len(counts), replace=False)
            return rng.permutation(np.repeat(names, counts)), rng.permutation(names)

        yield case(np.array([3, 3, 1, 1, 2, 2, 4, 4]), np.array([2, 4, 1, 3]))
        yield case(*data([2, 2, 2, 2, 2, 2, 2, 2]))
        yield case(*data([1, 2, 3, 4, 1, 2, 3]))
        for n in (11, 13):  # shares that are no whole numbers, to both sides
            yield case(*data([1] * n))
        for _ in range(8):
            yield case(*data([int(c) for c in rng.integers(1, 6, size=int(rng.integers(5, 11)))]))
        yield edge("one example for each writer", *data([1] * 8))
        yield edge("one writer", *data([5]))
        yield edge("two writers", *data([3, 4]))
        writers, order = data([20, 1, 2, 1, 2])
        large = np.sort(np.bincount(writers).argsort()[-1:])
        yield edge("the first writer has nearly everything", writers, np.r_[large, order[order != large[0]]])
        yield edge("the last writer has nearly everything", writers, np.r_[order[order != large[0]], large])

    how = {
        "enough": "A part takes the next writer of `order`, and the next, until it holds *at least* its"
        " share of the examples. Then the writers that are left, in their order, are for the next part.",
        "room": "A part takes the next writer of `order`, and the next, as long as it then holds *at most*"
        " its share of the examples. The first writer with too many examples for the part closes it, and the"
        " writers that are left, this one first, are for the next part.",
        "skip": "A part goes through all writers that are left, in the order of `order`, and takes each with"
        " whom it then holds *at most* its share of the examples; a writer with too many is passed over and"
        " left for the next part.",
    }[rule]
    returned = "test, validation, training" if test_first else "training, validation, test"
    task = f"""Handwriting is split by writers, so that nobody is in two parts. Write
`split_by_writer(writers, order)`: `writers` tells for each of the $n$ examples who wrote it (a whole
number), and `order` holds every writer once, shuffled.

First the test part is filled: its share is {PARTS[of_test]} of the $n$ examples. Then the validation part:
its share is {PARTS[of_validation]} of the $n$ examples (again of all $n$). {how} All examples of the writers
who are left at the end are for training.

Return three arrays of row numbers, ({returned}), each in increasing order. A part may be empty."""
    stub = '''def split_by_writer(writers: np.ndarray, order: np.ndarray) -> tuple:
    """Return the row numbers of three parts, in the order of the task; writers (n,)."""
    raise NotImplementedError'''
    test = "size >= limit" if rule == "enough" else "size + count > limit"
    body = [
        "    left, parts = [int(w) for w in order], []",
        f"    for share in ({of_test:g}, {of_validation:g}):",
        "        size, limit, taken = 0, share * len(writers), []",
        "        for writer in list(left):",
        "            count = int(np.sum(writers == writer))",
        f"            if {test}:",
        f"                {'continue' if rule == 'skip' else 'break'}",
        "            taken.append(writer)",
        "            left.remove(writer)",
        "            size += count",
        "        parts.append(np.flatnonzero(np.isin(writers, taken)))",
        "    parts.append(np.flatnonzero(np.isin(writers, left)))",
        f"    return tuple({'parts' if test_first else 'parts[::-1]'})",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    example = (np.array([7, 7, 3, 7, 5, 2, 2, 9]), np.array([9, 5, 2, 3, 7]))
    title = "No writer in two parts"
    return Problem(hidden(split_by_writer, cases), title, task, stub, solution, 5, 18, example)


def what_the_log_says(rng: np.random.Generator) -> Question:
    """Judge a drawn report on a training: its first loss, its curves, its split and what is said of it."""
    classes = int(pick(rng, 5, 8, 12, 20, 26))
    people, each = int(pick(rng, 15, 20, 30)), int(pick(rng, 60, 100, 150))
    topics = [
        ("letters", "writers"),
        ("spoken words", "speakers"),
        ("plants", "gardens"),
        ("signs", "signers"),
    ]
    what, who = pick(rng, *topics)
    fits = bool(pick(rng, False, True))
    leaks = bool(pick(rng, False, True))
    saying = str(pick(rng, "test", "longer", "above"))
    best = int(pick(rng, 3, 4, 5))
    epochs = range(1, 9)

    chance, expected = 100 / classes, math.log(classes)
    first = expected * (rng.uniform(1.0, 1.03) if fits else rng.uniform(2.6, 3.4))
    lowest, top = expected * rng.uniform(0.1, 0.16), rng.uniform(88, 94)
    rises = [0.3 * max(best - e, 0) ** 1.3 + 0.08 * max(e - best, 0) ** 1.3 for e in epochs]
    validation = [lowest * (1 + r) for r in rises]
    training = [validation[0] * 1.25 * 0.62 ** (e - 1) * rng.uniform(0.97, 1.03) for e in epochs]
    held_out = people * each // 5

    def percent(share: float) -> float:
        """Return the nearest accuracy that a whole number of the examples set aside can have."""
        return 100 * round(share / 100 * held_out) / held_out

    right = [
        percent(top - 2.2 * max(best - e, 0) - 0.2 * max(e - best, 0) + rng.uniform(-0.3, 0.3))
        for e in epochs
    ]
    shuffled = percent(rng.uniform(45, 65) if leaks else chance * rng.uniform(0.9, 1.1))
    tested = percent(max(right) + rng.uniform(0.6, 1.2))
    rows = "\n".join(
        f"| {e} | {t:.3f} | {v:.3f} | {r:.1f} % |"
        for e, t, v, r in zip(epochs, training, validation, right, strict=True)
    )
    said = {
        "test": f"I looked at the test accuracy after every epoch and kept the best weights: {tested:.1f} %."
        " That is what the users will see.",
        "longer": "The training loss still falls, so twenty more epochs will bring more.",
        "above": "In the first epoch the training loss is *above* the validation loss. That cannot be, so the"
        " evaluation must be wrong.",
    }[saying]
    judged = {
        "test": "choosing the epoch by the test set makes it one more validation set, so its number is too"
        " good; choose by the validation set and use the test set once",
        "longer": f"the training loss says only how well the examples are learned by heart; the validation"
        f" loss has been rising since epoch {best + 1}, so more epochs do more harm",
        "above": "it can be: the training loss is a mean over the epoch, most of it from before the network"
        " had improved, while the validation loss is measured at the epoch's end",
    }[saying]
    start_judged = (
        f"{first:.2f} fits: the network gives all classes about the same probability, as one that knows"
        " nothing should"
        if fits
        else f"{first:.2f} is far above it: the network is sure of wrong answers before it has learned"
        " anything, so the start is wrong (for instance far too large weights or inputs), or the loss is not"
        " a mean"
    )
    shuffled_judged = (
        f"{shuffled:.1f} % is far above chance, {chance:.1f} %. With shuffled labels nothing can be learned,"
        " so something is wrong: a step of the preparation uses the labels, or the evaluation is faulty."
        " Until this is found, none of the accuracies means anything. The run does not tell which step it"
        f" is, and nothing about {who} that are in two parts: to know them again does not help with shuffled"
        " labels"
        if leaks
        else f"{shuffled:.1f} % is chance ({chance:.1f} %), as it has to be. So no step of the program leaks"
        " the labels; but the shuffling would hide a trace in the examples themselves, so this is no proof"
        f" that there is none. Nor does it say anything about {who} that are in two parts: to know them"
        " again does not help with shuffled labels"
    )
    task = f"""A colleague trains a network to tell {classes} {what} apart, from {people * each:,} examples,
about equally many of each class: {people} {who}, {each} examples each. A random fifth of
the examples is set aside for validation, another for the test. Before the training the mean loss on the
training examples was {first:.2f}. Then this was logged (the training loss is the mean over the epoch, the
rest is measured at its end):

| epoch | training loss | validation loss | validation accuracy |
|--:|--:|--:|--:|
{rows}

"I also ran the whole program with the labels shuffled before all other steps; that gave {shuffled:.1f} % on
the validation examples. {said}"

Answer in your own words, in 5 to 10 sentences. Which first loss do you expect, and what do you make of this
one? What do the two curves show, and the weights of which epoch would you keep? What does the run with
shuffled labels tell, and what does it not tell? Is the split right, if the network shall serve new {who}?
And what do you answer to the colleague's last remark?"""
    answer = f"""A network that knows nothing gives each of {classes} classes the probability 1/{classes},
which costs $\\log {classes} \\approx {expected:.2f}$; {start_judged}. Up to epoch {best} both losses fall,
so what is learned holds for unseen examples too; after it only the training loss falls and the validation
loss rises: overfitting. Keep the weights of epoch {best}. {shuffled_judged}. The split is not right for new
{who}: examples of the same {who} are in all three parts, and the network may know them again, so the numbers
flatter. Whole {who} should be set aside, for validation and for the test. On the last remark: {judged}."""
    rubric = (
        (
            2,
            f"Expects $\\log {classes} \\approx {expected:.2f}$, with the reason, and judges the first loss:"
            f" {start_judged}. One point for each. Not enough: that a first loss is always large.",
        ),
        (
            1,
            f"Overfitting from epoch {best + 1} on, read from the rising validation loss; keeps epoch"
            f" {best}. Not enough: that the two losses differ.",
        ),
        (
            2,
            f"Shuffled labels: {shuffled_judged}. One point for the comparison with chance, one for what"
            " follows and one thing that does not. Not enough: that shuffled labels are noise.",
        ),
        (
            1,
            f"The split: whole {who} have to be set aside, since the same {who} are in all parts and a"
            " random split flatters. Not enough: a larger test set.",
        ),
        (1, f"The last remark: {judged}. Not enough: agreeing or disagreeing without the reason."),
    )
    return Question("what_the_log_says", "What the log says", task, answer, rubric, 20)


MAKERS: list[Maker] = [careful_table, split_by_writer]
QUESTIONS: list[Asker] = [what_the_log_says]

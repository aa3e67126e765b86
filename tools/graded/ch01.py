"""Graded problems of notebook 01: a network of neurons to a drawn plan, and a net with loops in time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from mini_dl.course.checks.exercise import Case, case, edge
from mini_dl.course.exercises.ch01_mcculloch_pitts import all_inputs, last_neuron, situation

from . import Array, Asker, Maker, Problem, Question, hidden, pick


def lamp_network(rng: np.random.Generator) -> Problem:
    """Build a network that lights a lamp for drawn numbers of switches, with a key that overrules."""
    letter, key = str(pick(rng, "s", "p", "u")), str(pick(rng, "key", "guard", "master"))
    low, gap = int(pick(rng, 1, 2)), int(pick(rng, 1, 2))
    mode = str(pick(rng, "off", "needs", "on"))
    none = bool(pick(rng, False, True))
    plan = "plan" if none else "some"  # the neuron that says what the switches ask for

    def lamp_network(n: int) -> list[tuple[str, list[str], list[str], int]]:
        names = [f"{letter}{i}" for i in range(1, n + 1)]
        network: list[tuple[str, list[str], list[str], int]] = [
            ("many", names, [], n - gap + 1),
            ("some", names, ["many"], low),
        ]
        if none:
            network += [("none", [], names, 0), ("plan", ["some", "none"], [], 1)]
        last = {
            "off": ("lamp", [plan], [key], 1),
            "needs": ("lamp", [plan, key], [], 2),
            "on": ("lamp", [plan, key], [], 1),
        }
        return [*network, last[mode]]

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        for n in (3, 4, 5, 6, *(int(i) for i in rng.choice(np.arange(7, 13), size=4, replace=False))):
            yield case(n)
        yield edge("a single switch", 1)
        yield edge("two switches", 2)
        yield edge("an even number of many", int(rng.choice([18, 20, 22])))
        yield edge("an odd number of many", int(rng.choice([19, 21, 23])))

    def table(network: Any, case: Case) -> dict[str, int]:
        (n,) = case.args
        names = [f"{letter}{i}" for i in range(1, n + 1)]
        if n <= 6:
            tried = list(all_inputs([key, *names]))
        else:
            tried = [
                {key: on, **{name: int((i + shift) % n < ones) for i, name in enumerate(names)}}
                for ones in range(n + 1)
                for shift in (0, n // 3, n // 2)
                for on in (0, 1)
            ]
        return {situation(inputs): last_neuron(network, inputs) for inputs in tried}

    gone = {1: "at least one switch is off", 2: "at least two switches are off"}[gap]
    more = {1: "at least one switch is on", 2: "at least two switches are on"}[low]
    also = ", or if no switch at all is on" if none else ""
    overrule = {
        "off": f"While `{key}` is 1, however, the lamp is off, whatever the switches say.",
        "needs": f"All this holds only while `{key}` is 1; while it is 0, the lamp is off.",
        "on": f"While `{key}` is 1, however, the lamp is on, whatever the switches say.",
    }
    task = f"""A neuron of McCulloch and Pitts is written `(name, excitatory, inhibitory, threshold)`. The two
in the middle are lists of names of inputs or of earlier neurons, and either may be empty. If any inhibitory
input is 1, the neuron gives 0. Otherwise it gives 1 if at least `threshold` of its excitatory inputs are 1,
and 0 if fewer are. A threshold may be 0. A network is a list of neurons; the last is its output.

Write `lamp_network(n)`. It returns a network over the inputs `"{letter}1"`, `"{letter}2"`, … up to `n`, the
switches, and `"{key}"`. Its output is a lamp. The lamp is on if {more} and {gone}{also}.
{overrule[mode]}

`n` may be any number from 1 up: think of `n` = 1 and 2, too. Names of neurons are free, but differ from those
of the inputs and from each other."""
    stub = '''def lamp_network(n: int) -> list:
    """Return a network, a list of (name, excitatory, inhibitory, threshold), for n switches."""
    raise NotImplementedError'''
    last = {
        "off": f'("lamp", ["{plan}"], ["{key}"], 1)',
        "needs": f'("lamp", ["{plan}", "{key}"], [], 2)',
        "on": f'("lamp", ["{plan}", "{key}"], [], 1)',
    }[mode]
    least = "n" if gap == 1 else f"n - {gap - 1}"
    body = [
        f'    names = [f"{letter}{{i}}" for i in range(1, n + 1)]',
        f'    network = [("many", names, [], {least}), ("some", names, ["many"], {low})]',
        *(['    network += [("none", [], names, 0), ("plan", ["some", "none"], [], 1)]'] if none else []),
        f"    return [*network, {last}]",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    exercise = hidden(lamp_network, cases)
    exercise.observe(table)
    return Problem(exercise, "A lamp and its switches", task, stub, solution, 5, 15, None)


def net_in_time(rng: np.random.Generator) -> Problem:
    """Run a net with loops step by step; what a neuron does is drawn."""
    inputs_first = bool(pick(rng, False, True))
    strict = bool(pick(rng, False, True))
    vetoes = int(pick(rng, 1, 2, 3))
    tired = bool(pick(rng, False, True))
    with_start = bool(pick(rng, False, True))

    def net_in_time(E: Array, V: Array, theta: Array, start: Array, X: Array) -> Array:
        state, rows = start, [start] if with_start else []
        for x in X:
            seen = np.concatenate([x, state] if inputs_first else [state, x])
            enough = E @ seen > theta if strict else E @ seen >= theta
            fires = enough & (V @ seen < vetoes)
            state = (fires & (state == 0) if tired else fires).astype(int)
            rows.append(state)
        return np.array(rows, dtype=int).reshape(-1, len(start))

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        def data(n: int, m: int, steps: int) -> tuple[Array, Array, Array, Array, Array]:
            E, V = rng.integers(0, 3, size=(n, n + m)), rng.integers(0, 4, size=(n, n + m)) // 2
            theta = rng.integers(0, 3, size=n)
            return E, V, theta, rng.integers(0, 2, size=n), rng.integers(0, 2, size=(steps, m))

        for _ in range(12):
            yield case(*data(int(rng.integers(2, 5)), int(rng.integers(1, 4)), int(rng.integers(4, 8))))
        E, V, theta, start, X = data(3, 2, 5)
        yield edge("no step at all", E, V, theta, start, X[:0])
        yield edge("no inputs from outside", *data(3, 0, 5))
        yield edge("nothing inhibits", E, 0 * V, theta, start, X)
        yield edge("thresholds below 0", E, V, theta - 3, start, X)
        yield edge(
            "one neuron that excites itself", *(np.array(a) for a in ([[1, 1]], [[0, 0]], [1], [1])), X[:, :1]
        )

    order = "outer inputs, then the neurons" if inputs_first else "neurons, then the outer inputs"
    silent = {1: "one", 2: "two", 3: "three"}[vetoes]
    rest = " A neuron that fired in the step before is tired, and stays silent in this one." if tired else ""
    comparison = "more than" if strict else "at least"
    result = (
        "The result has `start` as its first row, and then a row for each step: shape $(T + 1, n)$"
        if with_start
        else "The result has a row for each step, without `start`: shape $(T, n)$"
    )
    task = f"""A net of $n$ neurons has loops, so it runs in steps of time. All neurons take a step at
once: each looks at the outer inputs of this step and at what all neurons gave in the step *before*.

Write `net_in_time(E, V, theta, start, X)`. `E` and `V` have shape $(n, n + m)$. Row $i$ says what neuron
$i$ hears: first the {order}. An entry of `E` is a number of excitatory synapses, an entry of `V` a number of
inhibitory ones. `start`, of shape $(n,)$, holds what the neurons gave before the first step, `X`, of shape
$(T, m)$, the outer inputs of each of $T$ steps; both hold 0 and 1. $T$ and $m$ may be 0.

A neuron fires (1) when {comparison} `theta[i]` of its excitatory synapses have an active source, unless
{silent} or more of its inhibitory synapses have one; otherwise it gives 0.{rest}

{result}, integers 0 and 1."""
    stub = '''def net_in_time(
    E: np.ndarray, V: np.ndarray, theta: np.ndarray, start: np.ndarray, X: np.ndarray
) -> np.ndarray:
    """Return what the n neurons give, a row for each time: E, V (n, n + m), theta, start (n,), X (T, m)."""
    raise NotImplementedError'''
    seen = "[x, state]" if inputs_first else "[state, x]"
    body = [
        f"    state, rows = start, {'[start]' if with_start else '[]'}",
        "    for x in X:",
        f"        seen = np.concatenate({seen})",
        f"        fires = (E @ seen {'>' if strict else '>='} theta) & (V @ seen < {vetoes})",
        f"        state = {'(fires & (state == 0))' if tired else 'fires'}.astype(int)",
        "        rows.append(state)",
        "    return np.array(rows, dtype=int).reshape(-1, len(start))",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    E, V = np.array([[2, 0, 1], [0, 2, 2]]), np.array([[0, 2, 1], [0, 0, 0]])
    example = (E, V, np.array([1, 1]), np.array([1, 0]), np.array([[1], [0], [1], [1]]))
    return Problem(hidden(net_in_time, cases), "A net with loops", task, stub, solution, 5, 18, example)


def more_than_one(rng: np.random.Generator) -> Question:
    """Prove that one unit cannot compute a drawn function, and build what can."""
    a, b, c = pick(rng, ("a", "b", "c"), ("p", "q", "r"), ("u", "v", "w"))
    kind = str(pick(rng, "one", "two", "equal", "chosen"))
    weight = str(pick(rng, "fractions as weights", "a weight of −1000"))
    says = {
        "one": f"exactly one of {a}, {b} and {c} is 1",
        "two": f"exactly two of {a}, {b} and {c} are 1",
        "equal": f"{a} and {b} are equal ({c} plays no part)",
        "chosen": f"{b} is 1, in case {a} is 1; and if {c} is 1, in case {a} is 0",
    }[kind]
    ones, zeros = {
        "one": (("100", "010"), ("000", "110")),
        "two": (("110", "011"), ("111", "010")),
        "equal": (("000", "110"), ("100", "010")),
        "chosen": (("110", "001"), ("101", "010")),
    }[kind]
    built = {
        "one": f"`two` fires at two or more of {a}, {b}, {c}; the output fires at one or more, unless"
        " `two` does",
        "two": f"`all` fires at three of {a}, {b}, {c}; the output fires at two or more, unless `all` does",
        "equal": f"`both` fires at two of {a}, {b}; `neither` has the threshold 0 and {a}, {b} as"
        " inhibitory inputs; the output fires at one or more of the two",
        "chosen": f"`yes` fires at two of {a}, {b}; `no` fires at {c}, unless {a} is 1; the output fires"
        " at one or more of the two",
    }[kind]
    neurons = {"one": 2, "two": 2, "equal": 3, "chosen": 3}[kind]
    sums = [sum(int(pattern[i]) for pattern in ones) for i in range(3)]
    total = f"({', '.join(str(s) for s in sums)})"
    task = f"""The function $f$ of three inputs is 1 if {says}, and 0 in all other cases.

1. Prove that no single threshold unit computes $f$: no weights $w_1, w_2, w_3$ (any real numbers) and no
   threshold $\\theta$ with "1 exactly when $w_1 {a} + w_2 {b} + w_3 {c} \\ge \\theta$".
2. Build $f$ from McCulloch and Pitts' neurons with the absolute veto. Give the excitatory inputs, the
   inhibitory inputs and the threshold of each, and show by a few cases that it is right. {neurons + 1}
   neurons at most.
3. A classmate says: "{weight.capitalize()}, or a neuron with a veto, would do it alone." Is one of the two
   right? Say why."""
    answer = f"""(1) Take the patterns ({a}{b}{c}) {ones[0]} and {ones[1]}, where $f = 1$, and {zeros[0]} and
{zeros[1]}, where $f = 0$. Added up entry by entry, both pairs give {total}. So the weighted sums of the first
two are together as large as those of the other two. But the first two are at least $2\\theta$ together,
and the other two less than $2\\theta$: a contradiction.

(2) For instance: {built}.

(3) Neither. The proof holds for any real weights. And a veto is no more than a weight: give each
inhibitory input a weight below minus the sum of all that could speak against it (the positive weights,
less the threshold); then one of them is always enough to stay below the threshold. So whatever one neuron
with a veto computes, one threshold unit computes, and $f$ is not among it."""
    rubric = (
        (
            3,
            "A proof for all weights: from a contradiction as with these four patterns, or from"
            " inequalities that cannot all hold (1 point for a right set of inequalities without the"
            " contradiction). Not enough: a picture without an argument, or that some tried weights fail.",
        ),
        (
            3,
            f"A network of at most {neurons + 1} neurons that computes $f$ in all 8 cases, with a check of"
            " at least one case of each outcome (2 points without the check; 1 point if one case is"
            f" wrong). For instance: {built}. Not enough: words like AND and OR without thresholds.",
        ),
        (
            1,
            "The weights do not help, since the proof holds for any. Not enough: that weights are whole.",
        ),
        (
            1,
            "A veto is a large negative weight, so the proof covers it. Or: no input can have a veto, since"
            " $f$ is 1 somewhere with each of them on; so a threshold unit remains. Not enough: that a"
            " neuron can only count.",
        ),
    )
    return Question("more_than_one", "More than one neuron", task, answer, rubric, 20)


MAKERS: list[Maker] = [lamp_network, net_in_time]
QUESTIONS: list[Asker] = [more_than_one]

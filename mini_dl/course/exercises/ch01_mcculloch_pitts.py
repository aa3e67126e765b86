"""Notebook 01: one neuron, XOR, majority, and a full adder built from neurons.

A network is a list of neurons in order of evaluation; a neuron is ``(name, excitatory, inhibitory,
threshold)``, where both lists name inputs or earlier neurons, and a name may be repeated (two synapses).
"""

# ruff: noqa: D103  (of a mistake, the hint above it says what it does)

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

import numpy as np

from mini_dl.course.checks.exercise import Case, Objection, case, edge, exercise
from mini_dl.course.checks.show import kind_of

Neuron = tuple[str, list[str], list[str], int]
Network = list[Neuron]


# --- 1.1 mp_neuron -----------------------------------------------------------------------------------


@exercise
def mp_neuron(excitatory: list[int], inhibitory: list[int], threshold: int) -> int:
    """McCulloch and Pitts' neuron: 1 if no inhibitory input is active and enough excitatory ones are."""
    return int(not any(inhibitory) and sum(excitatory) >= threshold)


@mp_neuron.cases
def mp_neuron_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case([1, 1], [], 2)
    yield case([1, 0], [], 2)
    yield case([1, 0], [], 1)
    yield case([0, 0], [], 1)
    yield case([1, 1, 1], [], 2)
    yield case([1, 1], [0], 2)
    yield case([1, 1], [1], 1)
    yield case([1, 1, 1], [1], 2)
    yield case([0, 0], [1], 1)
    yield case([1, 1, 1], [0, 1], 1)
    yield case([1, 0, 1, 1], [0, 0], 3)
    yield case([1, 1, 1], [1, 1], 1)
    yield case([1, 1, 1], [1, 1, 1, 1], 2)
    yield case([1, 1], [0, 0, 0, 0, 1], 2)
    for _ in range(12):
        excitatory = rng.integers(0, 2, size=rng.integers(1, 7)).tolist()
        inhibitory = (rng.random(rng.integers(0, 6)) < 0.3).astype(int).tolist()
        yield case(excitatory, inhibitory, int(sum(excitatory) + rng.integers(-1, 2)))
    yield edge("a dozen excitatory inputs against one inhibitory", [1] * 12, [0, 1], 1)
    yield edge("no excitatory input", [], [], 1)
    yield edge("no input at all, threshold 0", [], [], 0)
    yield edge("threshold 0: fires without any active input", [0, 0], [0], 0)
    yield edge("threshold 0, but inhibited", [0, 0], [1], 0)
    yield edge("negative threshold", [0], [0], -1)
    yield edge("negative threshold, but inhibited", [1, 1], [1, 0], -2)
    yield edge("a threshold far below 0, but inhibited", [1], [1], -1_000_000)
    yield edge("threshold larger than the number of inputs", [1, 1], [], 3)


@mp_neuron.mistake("The neuron fires when the sum reaches the threshold: at least, not more than.")
def more_than(excitatory: list[int], inhibitory: list[int], threshold: int) -> int:
    return int(not any(inhibitory) and sum(excitatory) > threshold)


@mp_neuron.mistake("The inhibitory inputs play no part in your answer yet. One active one forbids firing.")
def no_inhibition(excitatory: list[int], inhibitory: list[int], threshold: int) -> int:
    return int(sum(excitatory) >= threshold)


@mp_neuron.mistake(
    "You subtract inhibition from excitation. Here inhibition is absolute: one active inhibitory input gives"
    " 0, however many excitatory inputs are active."
)
def subtracts(excitatory: list[int], inhibitory: list[int], threshold: int) -> int:
    return int(sum(excitatory) - sum(inhibitory) >= threshold)


@mp_neuron.mistake(
    "A single active inhibitory input is enough; your neuron waits until all of them are active."
)
def all_inhibit(excitatory: list[int], inhibitory: list[int], threshold: int) -> int:
    return int(not (inhibitory and all(inhibitory)) and sum(excitatory) >= threshold)


@mp_neuron.mistake("`all([])` is True, and a veto needs only one active input: `any` asks for that.")
def all_of_empty(excitatory: list[int], inhibitory: list[int], threshold: int) -> int:
    return int(not all(inhibitory) and sum(excitatory) >= threshold)


@mp_neuron.mistake(
    "Two vetoes silence the neuron as well as one: at least one active input, not exactly one."
)
def exactly_one_veto(excitatory: list[int], inhibitory: list[int], threshold: int) -> int:
    return int(sum(inhibitory) != 1 and sum(excitatory) >= threshold)


@mp_neuron.mistake(
    "A veto is no minus in the sum, however large: nothing outweighs it, and a threshold far below 0 does not"
    " help the neuron either."
)
def large_minus(excitatory: list[int], inhibitory: list[int], threshold: int) -> int:
    return int(sum(excitatory) - 1000 * sum(inhibitory) >= threshold)


@mp_neuron.mistake(
    "Your neuron overlooks a veto among many inhibitory inputs: it has to look at all of them, however many."
)
def short_lists_only(excitatory: list[int], inhibitory: list[int], threshold: int) -> int:
    return int(not (1 in inhibitory and len(inhibitory) < 4) and sum(excitatory) >= threshold)


@mp_neuron.mistake("The sum may exceed the threshold: compare with >=, not with ==.")
def exactly(excitatory: list[int], inhibitory: list[int], threshold: int) -> int:
    return int(not any(inhibitory) and sum(excitatory) == threshold)


@mp_neuron.mistake("The answer is 0 or 1, not the number of active inputs.")
def gives_sum(excitatory: list[int], inhibitory: list[int], threshold: int) -> int:
    return sum(excitatory) if not any(inhibitory) and sum(excitatory) >= threshold else 0


@mp_neuron.mistake("Count the inputs that are 1; you count all inputs.")
def counts_all(excitatory: list[int], inhibitory: list[int], threshold: int) -> int:
    return int(not any(inhibitory) and len(excitatory) >= threshold)


@mp_neuron.mistake("That is AND: you ask for all excitatory inputs. The threshold says how many are needed.")
def wants_all(excitatory: list[int], inhibitory: list[int], threshold: int) -> int:
    return int(not any(inhibitory) and all(excitatory))


@mp_neuron.mistake(
    "That is OR: one active excitatory input is enough for yours. The threshold says how many."
)
def wants_any(excitatory: list[int], inhibitory: list[int], threshold: int) -> int:
    return int(not any(inhibitory) and any(excitatory))


@mp_neuron.mistake("You swapped the two lists: the excitatory inputs are the first argument.")
def swapped_lists(excitatory: list[int], inhibitory: list[int], threshold: int) -> int:
    return int(not any(excitatory) and sum(inhibitory) >= threshold)


@mp_neuron.mistake("A list of inhibitory inputs being there does not inhibit; one of them has to be 1.")
def inhibitors_exist(excitatory: list[int], inhibitory: list[int], threshold: int) -> int:
    return int(not inhibitory and sum(excitatory) >= threshold)


@mp_neuron.mistake("An inhibited neuron gives 0 whatever its threshold, also for a threshold of 0 or below.")
def zero_always_fires(excitatory: list[int], inhibitory: list[int], threshold: int) -> int:
    return int(threshold <= 0 or (not any(inhibitory) and sum(excitatory) >= threshold))


@mp_neuron.mistake(
    "A threshold of 0 is reached by a sum of 0: without any active input the neuron still fires."
)
def silent_without_input(excitatory: list[int], inhibitory: list[int], threshold: int) -> int:
    return int(not any(inhibitory) and any(excitatory) and sum(excitatory) >= threshold)


@mp_neuron.mistake("The threshold is a number of active inputs: compare their sum with it, not their mean.")
def mean_of_inputs(excitatory: list[int], inhibitory: list[int], threshold: int) -> int:
    return int(not any(inhibitory) and sum(excitatory) / max(1, len(excitatory)) >= threshold)


@mp_neuron.mistake(
    "Only your first inhibitory input counts; any may forbid firing. (Is a `return` in the loop?)"
)
def first_inhibits(excitatory: list[int], inhibitory: list[int], threshold: int) -> int:
    return int(not any(inhibitory[:1]) and sum(excitatory) >= threshold)


_FIRST_OF_EMPTY = "The list of inhibitory inputs may be empty, and any of its entries may be the veto."


@mp_neuron.mistake(_FIRST_OF_EMPTY)
def first_of_empty(excitatory: list[int], inhibitory: list[int], threshold: int) -> int:
    return int(inhibitory[0] == 0 and sum(excitatory) >= threshold)


@mp_neuron.mistake(_FIRST_OF_EMPTY)
def first_of_empty_later(excitatory: list[int], inhibitory: list[int], threshold: int) -> int:
    return int(sum(excitatory) >= threshold and inhibitory[0] == 0)


@mp_neuron.mistake(
    "`max` of an empty list is an error: a neuron may have no inhibitory inputs. `any` has no such trouble."
)
def max_of_empty(excitatory: list[int], inhibitory: list[int], threshold: int) -> int:
    return int(max(inhibitory) == 0 and sum(excitatory) >= threshold)


# --- networks: what a list of neurons computes ---------------------------------------------------------


def run_network(network: Any, inputs: dict[str, int]) -> dict[str, int]:
    """Return the value of every input and neuron; `Objection` says what is wrong with a network."""
    sized = isinstance(network, (list, tuple)) or (isinstance(network, np.ndarray) and network.ndim > 0)
    if not sized:
        raise Objection(
            f"Return a list of neurons (name, excitatory, inhibitory, threshold), not {kind_of(network)}."
        )
    if len(network) == 0:
        raise Objection("Your network has no neuron: its last neuron is the output.")
    if len(network) == 4 and isinstance(network[0], str):
        raise Objection(
            "You return a single neuron; a network is a list of neurons: put it in square brackets."
        )
    values = dict(inputs)
    for position, neuron in enumerate(network, start=1):
        name, excitatory, inhibitory, threshold = _neuron(neuron, position)
        if name in inputs:
            raise Objection(f'Neuron {position} has the name of an input, "{name}": give it another.')
        if name in values:
            raise Objection(f'Two neurons are named "{name}": give each its own name.')
        for source in (*excitatory, *inhibitory):
            if source not in values:
                raise Objection(_unknown_source(name, source, network, inputs))
        inhibited = any(values[s] for s in inhibitory)
        values[name] = int(not inhibited and sum(values[s] for s in excitatory) >= threshold)
    return values


def _neuron(neuron: Any, position: int) -> Neuron:
    if not isinstance(neuron, (list, tuple)) or len(neuron) != 4:
        raise Objection(
            f"Neuron {position} is {kind_of(neuron)}: write (name, excitatory, inhibitory, threshold)."
        )
    name, excitatory, inhibitory, threshold = neuron
    if not isinstance(name, str):
        raise Objection(f"The name of neuron {position} is {kind_of(name)}: the first entry is a text.")
    for role, sources in (("excitatory", excitatory), ("inhibitory", inhibitory)):
        if isinstance(sources, str):
            raise Objection(f'Neuron "{name}": write the {role} inputs as a list, ["{sources}"].')
        if not isinstance(sources, (list, tuple, set, frozenset, np.ndarray)):
            raise Objection(
                f'Neuron "{name}": its {role} inputs are {kind_of(sources)}: write a list of names.'
            )
        for source in sources:
            if not isinstance(source, str):
                raise Objection(
                    f'Neuron "{name}": its {role} inputs hold {kind_of(source)}: write names, in quotes.'
                )
    if not isinstance(threshold, (int, float, np.number)) or not float(threshold).is_integer():
        raise Objection(
            f'Neuron "{name}": its threshold is {kind_of(threshold)}; a threshold is a whole number.'
        )
    return name, list(excitatory), list(inhibitory), int(threshold)


def _unknown_source(name: str, source: str, network: Iterable[Any], inputs: dict[str, int]) -> str:
    text = f'Neuron "{name}" reads "{source}", which is neither an input nor an earlier neuron'
    if source == name:
        return text + ": a neuron cannot read itself here."
    if any(isinstance(u, (list, tuple)) and len(u) == 4 and u[0] == source for u in network):
        return text + ": it comes later in your list; neurons are evaluated from first to last."
    names = list(inputs)
    shown = ", ".join(names) if len(names) <= 4 else f"{names[0]} … {names[-1]}"
    return text + f" (inputs: {shown})."


def all_inputs(names: list[str]) -> Iterator[dict[str, int]]:
    """Every way to set the inputs."""
    for bits in product((0, 1), repeat=len(names)):
        yield dict(zip(names, bits, strict=True))


def situation(inputs: dict[str, int]) -> str:
    """Write the inputs as "a = 1, b = 0", or shorter where they are many."""
    if len(inputs) <= 6:
        return ", ".join(f"{name} = {bit}" for name, bit in inputs.items())
    on = [name for name, bit in inputs.items() if bit]
    return f"{len(on)} of {len(inputs)} inputs at 1" + (f" ({on[0]} … {on[-1]})" if len(on) > 1 else "")


def last_neuron(network: Any, inputs: dict[str, int]) -> int:
    """Return the output of `network`."""
    values = run_network(network, inputs)
    return values[str(network[-1][0])]


# --- 1.2 xor_network ---------------------------------------------------------------------------------


@exercise
def xor_network() -> Network:
    """Exclusive or of `a` and `b`."""
    return [("a_only", ["a"], ["b"], 1), ("b_only", ["b"], ["a"], 1), ("out", ["a_only", "b_only"], [], 1)]


@xor_network.cases
def xor_network_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case()


@xor_network.observe
def xor_network_table(network: Any, case: Case) -> dict[str, int]:
    return {situation(inputs): last_neuron(network, inputs) for inputs in all_inputs(["a", "b"])}


@xor_network.mistake(
    "Your network computes OR. The output has to fall silent when both are 1: let a AND b inhibit it."
)
def gives_or() -> Network:
    return [("out", ["a", "b"], [], 1)]


@xor_network.mistake(
    "Your last neuron computes AND. It helps inside an XOR network; but the list's last neuron is the output."
)
def gives_and() -> Network:
    return [("out", ["a", "b"], [], 2)]


@xor_network.mistake(
    "Your last neuron computes NAND, which is half of the work: the output is a OR b, but only while NAND is"
    " 1."
)
def gives_nand() -> Network:
    return [("and", ["a", "b"], [], 2), ("out", [], ["and"], 0)]


@xor_network.mistake("Your network computes XNOR, the opposite of XOR: it gives 1 where a and b are equal.")
def gives_xnor() -> Network:
    return [("and", ["a", "b"], [], 2), ("nor", [], ["a", "b"], 0), ("out", ["and", "nor"], [], 1)]


@xor_network.mistake(
    "Your network computes NOR: inhibition and a threshold of 0 turn OR round. Which case is missing?"
)
def gives_nor() -> Network:
    return [("out", [], ["a", "b"], 0)]


@xor_network.mistake(
    'You have "a and not b". XOR also needs "b and not a", and a last neuron that joins the two.'
)
def gives_a_only() -> Network:
    return [("out", ["a"], ["b"], 1)]


@xor_network.mistake(
    'You have "b and not a". XOR also needs "a and not b", and a last neuron that joins the two.'
)
def gives_b_only() -> Network:
    return [("out", ["b"], ["a"], 1)]


@xor_network.mistake(
    "Your output is always 0. Look at each neuron: is its threshold higher than its sum can become, or does"
    " what excites it also veto it?"
)
def never_fires() -> Network:
    return [("out", ["a", "b"], [], 3)]


@xor_network.mistake(
    "Your output is always 1: either a sum of 0 reaches its threshold, or in each case some input of it is 1."
)
def always_fires() -> Network:
    return [("out", ["a", "b"], [], 0)]


# --- 1.3 majority ------------------------------------------------------------------------------------


@exercise
def majority(n: int) -> Network:
    """1 when strictly more than half of the inputs `x1` … `xn` are 1."""
    return [("majority", [f"x{i}" for i in range(1, n + 1)], [], n // 2 + 1)]


@majority.cases
def majority_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(3)
    yield case(5)
    yield case(2)
    yield case(4)
    for n in rng.choice([6, 7, 8, 9], size=2, replace=False).tolist():
        yield case(n)
    yield edge("a single voter", 1)
    yield edge("an even number of many", int(rng.choice([20, 22, 24])))
    yield edge("an odd number of many", int(rng.choice([21, 23, 25])))


@majority.observe
def majority_table(network: Any, case: Case) -> dict[str, int]:
    n = case.args[0]
    names = [f"x{i}" for i in range(1, n + 1)]
    if n <= 6:
        tried = list(all_inputs(names))
    else:  # for every number of ones: the first, the last and some in the middle of the inputs
        shifts = (0, n // 3, n // 2)
        tried = [
            {name: int((i + shift) % n < ones) for i, name in enumerate(names)}
            for ones in range(n + 1)
            for shift in shifts
        ]
    return {situation(inputs): last_neuron(network, inputs) for inputs in tried}


def _vote(n: int, threshold: int) -> Network:
    return [("out", [f"x{i}" for i in range(1, n + 1)], [], threshold)]


@majority.mistake(
    "For odd n that is right. For even n a tie, exactly half, is no majority: strictly more than half."
)
def tie_wins(n: int) -> Network:
    return _vote(n, (n + 1) // 2)


@majority.mistake("Half of the votes is not more than half: which is the smallest whole number above n / 2?")
def half_wins(n: int) -> Network:
    return _vote(n, n // 2)


@majority.mistake("Your threshold is one too high: which is the smallest whole number above n / 2?")
def one_too_many(n: int) -> Network:
    return _vote(n, n // 2 + 2)


@majority.mistake("For even n that is right. For odd n your threshold is one too high: try n = 3 on paper.")
def too_high_if_odd(n: int) -> Network:
    return _vote(n, (n + 1) // 2 + 1)


@majority.mistake("That is AND: every input has to be 1. More than half of them is enough.")
def unanimous(n: int) -> Network:
    return _vote(n, n)


@majority.mistake("That is OR: a single 1 is enough for yours.")
def any_vote(n: int) -> Network:
    return _vote(n, 1)


@majority.mistake("A threshold of 2 is right for n = 3 only: it has to depend on n.")
def only_for_three(n: int) -> Network:
    return _vote(n, 2)


@majority.mistake("You read x1, x2 and x3 only: build the list of names from n.")
def three_inputs(n: int) -> Network:
    return [("out", ["x1", "x2", "x3"], [], 2)]


@majority.mistake("That is the opposite, a minority: 1 where 0 is expected and the other way round.")
def minority(n: int) -> Network:
    return [*_vote(n, n // 2 + 1), ("not", [], ["out"], 0)]


@majority.mistake("One input is never read: the names run from x1 to xn, and range(1, n) stops before n.")
def forgets_last(n: int) -> Network:
    return [("out", [f"x{i}" for i in range(1, n)], [], n // 2 + 1)]


# --- 1.4 full_adder ----------------------------------------------------------------------------------


@exercise
def full_adder() -> Network:
    """Sum and carry of three bits: a + b + c = 2·carry + sum."""
    return [
        ("at least 1", ["a", "b", "c"], [], 1),
        ("carry", ["a", "b", "c"], [], 2),
        ("all", ["a", "b", "c"], [], 3),
        ("exactly 1", ["at least 1"], ["carry"], 1),
        ("sum", ["exactly 1", "all"], [], 1),
    ]


@full_adder.cases
def full_adder_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case()


@full_adder.observe
def full_adder_table(network: Any, case: Case) -> dict[str, str]:
    table = {}
    for inputs in all_inputs(["a", "b", "c"]):
        values = run_network(network, inputs)
        for name in ("sum", "carry"):
            if name not in values:
                raise Objection(
                    f'No neuron is named "{name}": the network needs neurons named "sum" and "carry".'
                )
        table[situation(inputs)] = f"sum {values['sum']}, carry {values['carry']}"
    return table


_CARRY: Neuron = ("carry", ["a", "b", "c"], [], 2)
_ALL: Neuron = ("all", ["a", "b", "c"], [], 3)
_SOME: Neuron = ("some", ["a", "b", "c"], [], 1)
_HALF_SUM: Network = [("and", ["a", "b"], [], 2), ("half", ["a", "b"], ["and"], 1)]
_RIGHT_SUM: Network = [
    _SOME,
    ("two", ["a", "b", "c"], [], 2),
    _ALL,
    ("one", ["some"], ["two"], 1),
    ("sum", ["one", "all"], [], 1),
]


@full_adder.mistake(
    "That is a half adder: it adds a and b, and c plays no part. A full adder takes the carry in, too."
)
def half_adder() -> Network:
    return [("carry", ["a", "b"], [], 2), ("sum", ["a", "b"], ["carry"], 1)]


@full_adder.mistake(
    "Only 1 + 1 + 1 is wrong: it is 3 = 2·1 + 1, so the sum is 1, too. Add a neuron for all three."
)
def exactly_one() -> Network:
    return [_CARRY, ("sum", ["a", "b", "c"], ["carry"], 1)]


@full_adder.mistake('You swapped the names: "sum" is the last binary digit, "carry" the one before it.')
def swapped_names() -> Network:
    renamed = {"carry": "sum", "sum": "carry"}
    return [
        (renamed.get(n, n), [renamed.get(s, s) for s in e], [renamed.get(s, s) for s in i], t)
        for n, e, i, t in full_adder.reference()
    ]


@full_adder.mistake(
    "The sum is right. The carry is 1 as soon as two of the three are 1, not only when all are."
)
def carry_of_all() -> Network:
    return [*_RIGHT_SUM, ("carry", ["all"], [], 1)]


@full_adder.mistake("The sum is right. Your carry is 1 already for a single 1: it needs two of the three.")
def carry_of_any() -> Network:
    return [*_RIGHT_SUM, ("carry", ["some"], [], 1)]


@full_adder.mistake(
    "The sum is right. Your carry looks at a and b only: 0 + 1 + 1 and 1 + 0 + 1 carry as well."
)
def carry_without_c() -> Network:
    return [*_RIGHT_SUM, ("carry", ["a", "b"], [], 2)]


@full_adder.mistake(
    "The sum is right. Your carry misses 1 + 1: a carry can come from either half adder, so combine the two"
    " with OR."
)
def first_carry_lost() -> Network:
    return [*_RIGHT_SUM, *_HALF_SUM, ("carry", ["half", "c"], [], 2)]


@full_adder.mistake(
    "The sum is right. Your carry is never 1: a carry can come from either half adder, but never from both at"
    " once. Combine the two with OR."
)
def carry_never() -> Network:
    return [*_RIGHT_SUM, ("carry", ["a"], ["a"], 1)]


@full_adder.mistake("The carry is right. Your sum is a XOR b; it has to be turned round when c is 1.")
def sum_without_c() -> Network:
    return [_CARRY, *_HALF_SUM, ("sum", ["half"], [], 1)]


@full_adder.mistake("The carry is right. Your sum is OR: it has to be 0 again when exactly two are 1.")
def sum_is_or() -> Network:
    return [_CARRY, ("sum", ["a", "b", "c"], [], 1)]


@full_adder.mistake("The carry is right. Your sum is AND: it is also 1 when exactly one of the three is 1.")
def sum_is_and() -> Network:
    return [_CARRY, ("sum", ["a", "b", "c"], [], 3)]


@full_adder.mistake("The carry is right. Your sum is the opposite of what it should be.")
def sum_inverted() -> Network:
    return [
        _SOME,
        _CARRY,
        _ALL,
        ("one", ["some"], ["carry"], 1),
        ("odd", ["one", "all"], [], 1),
        ("sum", [], ["odd"], 0),
    ]

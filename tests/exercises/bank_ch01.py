"""Answers to the exercises of notebook 01, as readers write them."""

import functools
import math

import numpy as np
from bank import Bank

# --- mp_neuron ---------------------------------------------------------------------------------------

neuron = Bank("mp_neuron")


@neuron.right
def neuron_loop(excitatory, inhibitory, threshold):
    for bit in inhibitory:
        if bit == 1:
            return 0
    total = 0
    for bit in excitatory:
        total += bit
    return 1 if total >= threshold else 0


@neuron.right
def neuron_bool(e, i, t):
    return sum(e) >= t and 1 not in i


@neuron.right
def neuron_numpy(excitatory, inhibitory, threshold):
    fires = np.sum(excitatory) >= threshold
    return np.where(np.any(inhibitory), 0, fires).astype(int)


@neuron.right
def neuron_product(excitatory, inhibitory, threshold):
    free = math.prod(1 - i for i in inhibitory)
    return free * int(excitatory.count(1) >= threshold)


@neuron.right
def neuron_as_array(excitatory, inhibitory, threshold):
    return np.array([float(max(inhibitory, default=0) == 0 and np.count_nonzero(excitatory) >= threshold)])


@neuron.right
def neuron_infinite_weight(excitatory, inhibitory, threshold):
    inhibition = math.inf if 1 in inhibitory else 0
    return int(sum(excitatory) - inhibition >= threshold)


@neuron.wrong(names="more_than")
def neuron_greater(excitatory, inhibitory, threshold):
    if any(inhibitory):
        return 0
    if sum(excitatory) > threshold:
        return 1
    return 0


@neuron.wrong(names="no_inhibition")
def neuron_ignores(excitatory, inhibitory, threshold):
    return 1 if sum(excitatory) >= threshold else 0


@neuron.wrong(names="subtracts")
def neuron_relative(excitatory, inhibitory, threshold):
    activity = np.sum(excitatory) - np.sum(inhibitory)
    return int(activity >= threshold)


@neuron.wrong()
def neuron_strong_but_relative(excitatory, inhibitory, threshold):
    return int(sum(excitatory) - 10 * sum(inhibitory) >= threshold)


@neuron.wrong(names="large_minus")
def neuron_hundred_times(excitatory, inhibitory, threshold):
    total = sum(excitatory)
    for bit in inhibitory:
        total -= 100 * bit
    return 1 if total >= threshold else 0


@neuron.wrong(names="exactly_one_veto")
def neuron_one_veto(excitatory, inhibitory, threshold):
    if sum(inhibitory) == 1:
        return 0
    return int(sum(excitatory) >= threshold)


@neuron.wrong(names="short_lists_only")
def neuron_short_lists(excitatory, inhibitory, threshold):
    if 1 in inhibitory and len(inhibitory) < 4:
        return 0
    return int(sum(excitatory) >= threshold)


@neuron.wrong()
def neuron_up_to_three_vetoes(excitatory, inhibitory, threshold):
    if sum(inhibitory) in (1, 2, 3):
        return 0
    return int(sum(excitatory) >= threshold)


@neuron.wrong(names="all_of_empty")
def neuron_all_inhibitory(excitatory, inhibitory, threshold):
    if all(inhibitory):
        return 0
    return int(sum(excitatory) >= threshold)


@neuron.wrong(names="first_of_empty")
def neuron_first_entry(excitatory, inhibitory, threshold):
    if inhibitory[0] == 1:
        return 0
    return int(sum(excitatory) >= threshold)


@neuron.wrong(names="first_of_empty_later")
def neuron_first_entry_later(excitatory, inhibitory, threshold):
    return int(sum(excitatory) >= threshold and not inhibitory[0])


@neuron.wrong(names="all_inhibit")
def neuron_all(excitatory, inhibitory, threshold):
    if len(inhibitory) > 0 and sum(inhibitory) == len(inhibitory):
        return 0
    return int(sum(excitatory) >= threshold)


@neuron.wrong(names="exactly")
def neuron_equal(excitatory, inhibitory, threshold):
    return 1 if 1 not in inhibitory and sum(excitatory) == threshold else 0


@neuron.wrong(names="gives_sum")
def neuron_sum(excitatory, inhibitory, threshold):
    s = sum(excitatory)
    if any(inhibitory) or s < threshold:
        return 0
    return s


@neuron.wrong(names="counts_all")
def neuron_len(excitatory, inhibitory, threshold):
    return int(len(excitatory) >= threshold and sum(inhibitory) == 0)


@neuron.wrong(names="wants_all")
def neuron_and(excitatory, inhibitory, threshold):
    if 1 in inhibitory:
        return 0
    return 0 if 0 in excitatory else 1


@neuron.wrong(names="wants_any")
def neuron_or(excitatory, inhibitory, threshold):
    return 1 if 1 in excitatory and 1 not in inhibitory else 0


@neuron.wrong(names="swapped_lists")
def neuron_swapped(inhibitory, excitatory, threshold):
    return 0 if any(inhibitory) else int(sum(excitatory) >= threshold)


@neuron.wrong(names="inhibitors_exist")
def neuron_nonempty(excitatory, inhibitory, threshold):
    if inhibitory:
        return 0
    return int(sum(excitatory) >= threshold)


@neuron.wrong(names="zero_always_fires")
def neuron_zero(excitatory, inhibitory, threshold):
    if threshold <= 0:
        return 1
    return int(sum(excitatory) >= threshold and not any(inhibitory))


@neuron.wrong(names="silent_without_input")
def neuron_needs_input(excitatory, inhibitory, threshold):
    if sum(excitatory) == 0 or sum(inhibitory) > 0:
        return 0
    return int(sum(excitatory) >= threshold)


@neuron.wrong(says="opposite")
def neuron_opposite(excitatory, inhibitory, threshold):
    return 1 if any(inhibitory) or sum(excitatory) < threshold else 0


@neuron.wrong(names="first_inhibits")
def neuron_only_first_inhibitor(excitatory, inhibitory, threshold):
    if len(inhibitory) > 0 and inhibitory[0] == 1:
        return 0
    return int(sum(excitatory) >= threshold)


@neuron.wrong(names="first_inhibits")
def neuron_returns_in_loop(excitatory, inhibitory, threshold):
    for bit in inhibitory:
        if bit:
            return 0
        return int(sum(excitatory) >= threshold)
    return int(sum(excitatory) >= threshold)


@neuron.wrong(names="max_of_empty")
def neuron_max_of_empty(excitatory, inhibitory, threshold):
    return int(max(inhibitory) == 0 and sum(excitatory) >= threshold)


@neuron.wrong(says="None")
def neuron_forgets_else(excitatory, inhibitory, threshold):
    if sum(excitatory) >= threshold and not any(inhibitory):
        return 1


@neuron.wrong(says="`return`")
def neuron_prints(excitatory, inhibitory, threshold):
    print(int(sum(excitatory) >= threshold and not any(inhibitory)))


@neuron.wrong(says="text")
def neuron_text(excitatory, inhibitory, threshold):
    return str(int(sum(excitatory) >= threshold and not any(inhibitory)))


@neuron.wrong(names="mean_of_inputs")
def neuron_mean(excitatory, inhibitory, threshold):
    return int(not any(inhibitory) and sum(excitatory) / max(1, len(excitatory)) >= threshold)


# --- xor_network -------------------------------------------------------------------------------------

xor = Bank("xor_network")


@xor.right
def xor_or_not_and():
    return [("and", ["a", "b"], [], 2), ("out", ["a", "b"], ["and"], 1)]


@xor.right
def xor_with_nand():
    return (
        ("or", ("a", "b"), (), 1),
        ("and", ("a", "b"), (), 2),
        ("nand", (), ("and",), 0),
        ("xor", ("or", "nand"), (), 2),
    )


@xor.right
def xor_from_lists():
    network = []
    for first, second in (("a", "b"), ("b", "a")):
        network.append([f"{first} only", [first], [second], 1])
    network.append(["out", [unit[0] for unit in network], [], np.int64(1)])
    return network


@xor.right
def xor_doubled_synapses():
    return [("both", ["a", "b"], [], 2), ("out", ["a", "a", "b", "b"], ["both"], 2)]


@xor.right
def xor_inhibitory_only():
    return [
        ("nor", [], ["a", "b"], 0),
        ("and", ["a", "b"], [], 2),
        ("out", [], ["nor", "and"], 0),
    ]


@xor.right
def xor_four_nands():
    def nand(name, p, q):
        return [(f"{name}_and", [p, q], [], 2), (name, [], [f"{name}_and"], 0)]

    return nand("n1", "a", "b") + nand("n2", "a", "n1") + nand("n3", "b", "n1") + nand("n4", "n2", "n3")


@xor.wrong(names="gives_or")
def xor_is_or():
    return [("h", ["a"], [], 1), ("out", ["h", "b"], [], 1)]


@xor.wrong(names="gives_and")
def xor_wrong_order():
    return [("or", ["a", "b"], [], 1), ("and", ["a", "b"], [], 2)]


@xor.wrong(names="gives_nand")
def xor_is_nand():
    return [("h", ["a", "b"], [], 2), ("out", ["a"], [], 0), ("last", ["out"], ["h"], 0)]


@xor.wrong(names="gives_xnor")
def xor_is_xnor():
    return [
        ("h1", ["a"], ["b"], 1),
        ("h2", ["b"], ["a"], 1),
        ("out", [], ["h1", "h2"], 0),
    ]


@xor.wrong(names="gives_nor")
def xor_is_nor():
    return [("or", ["a", "b"], [], 1), ("out", [], ["or"], 0)]


@xor.wrong(names="gives_a_only")
def xor_half():
    return [("out", ["a"], ["b"], 1)]


@xor.wrong(names="gives_b_only")
def xor_other_half():
    return [("h", ["a"], ["b"], 1), ("out", ["b"], ["a"], 1)]


@xor.wrong(names="never_fires")
def xor_threshold_too_high():
    return [("h1", ["a"], ["b"], 1), ("h2", ["b"], ["a"], 1), ("out", ["h1", "h2"], [], 2)]


@xor.wrong(names="never_fires", says="also veto it")
def xor_vetoes_itself():
    return [("out", ["a", "b"], ["a", "b"], 1)]


@xor.wrong(names="always_fires", says="some input of it is 1")
def xor_covers_all():
    return [("some", ["a", "b"], [], 1), ("none", [], ["a", "b"], 0), ("out", ["some", "none"], [], 1)]


@xor.wrong(names="always_fires")
def xor_threshold_too_low():
    return [("h1", ["a"], ["b"], 1), ("h2", ["b"], ["a"], 1), ("out", ["h1", "h2"], [], 0)]


@xor.wrong(says='reads "h1", which is neither an input nor an earlier neuron: it comes later')
def xor_order():
    return [("out", ["h1", "h2"], [], 1), ("h1", ["a"], ["b"], 1), ("h2", ["b"], ["a"], 1)]


@xor.wrong(says='reads "x1", which is neither an input nor an earlier neuron (inputs: a, b)')
def xor_other_names():
    return [("h", ["x1", "x2"], [], 2), ("out", ["x1", "x2"], ["h"], 1)]


@xor.wrong(says='write the excitatory inputs as a list, ["a"]')
def xor_string():
    return [("h1", "a", "b", 1), ("h2", "b", "a", 1), ("out", ["h1", "h2"], [], 1)]


@xor.wrong(says="write (name, excitatory, inhibitory, threshold)")
def xor_three_fields():
    return [("h", ["a", "b"], 2), ("out", ["a", "b"], ["h"], 1)]


@xor.wrong(says="put it in square brackets")
def xor_single_unit():
    return ("out", ["a", "b"], [], 1)


@xor.wrong(says='Two neurons are named "h"')
def xor_same_names():
    return [("h", ["a"], ["b"], 1), ("h", ["b"], ["a"], 1), ("out", ["h"], [], 1)]


@xor.wrong(says="has no neuron")
def xor_empty():
    return []


@xor.wrong(says="whole number")
def xor_fraction():
    return [("and", ["a", "b"], [], 1.5), ("out", ["a", "b"], ["and"], 0.5)]


@xor.wrong(says="a neuron cannot read itself")
def xor_loop():
    return [("out", ["a", "b"], ["out"], 1)]


@xor.wrong(says="has the name of an input")
def xor_overwrites():
    return [("a", ["a"], ["b"], 1), ("out", ["a"], [], 1)]


@xor.wrong(says="not a dict")
def xor_dict():
    return {"out": (["a", "b"], [], 1)}


@xor.wrong(says="write a list of names")
def xor_counts():
    return [("and", 2, 0, 2), ("out", ["a", "b"], ["and"], 1)]


@xor.wrong(says="threshold is the text '1'")
def xor_text_threshold():
    return [("and", ["a", "b"], [], 2), ("out", ["a", "b"], ["and"], "1")]


@xor.wrong(says="first entry is a text")
def xor_number_names():
    return [(1, ["a", "b"], [], 2), ("out", ["a", "b"], [1], 1)]


@xor.wrong(says="in quotes")
def xor_numbers_as_sources():
    return [("and", ["a", "b"], [], 2), ("out", [0, 1], ["and"], 1)]


# --- majority ----------------------------------------------------------------------------------------

majority = Bank("majority")


def inputs(n, first=1):
    return [f"x{i}" for i in range(first, n + first)]


@majority.right
def majority_floor(n):
    return [("out", inputs(n), [], math.floor(n / 2) + 1)]


@majority.right
def majority_ceil(n):
    names = []
    for i in range(n):
        names.append("x" + str(i + 1))
    return [["m", names, [], math.ceil((n + 1) / 2)]]


@majority.right
def majority_by_inhibition(n):
    return [
        *[(f"not{i}", [], [f"x{i}"], 0) for i in range(1, n + 1)],
        ("half against", [f"not{i}" for i in range(1, n + 1)], [], (n + 1) // 2),
        ("out", [], ["half against"], 0),
    ]


@majority.right
def majority_doubled(n):
    return [("out", inputs(n) + inputs(n), [], n + 1)]


@majority.right
def majority_float_threshold(n):
    return [("copy", inputs(n), [], float(n // 2 + 1)), ("out", ("copy",), (), 1)]


@majority.right
def majority_integer_steps(n):
    need = 0
    while 2 * need <= n:
        need += 1
    return [("out", np.array(inputs(n)), np.array([]), need)]


@majority.wrong(names="tie_wins")
def majority_rounded_up(n):
    return [("out", inputs(n), [], math.ceil(n / 2))]


@majority.wrong(names="half_wins")
def majority_half(n):
    return [("out", inputs(n), [], n // 2)]


@majority.wrong(names="one_too_many")
def majority_more_than_more(n):
    return [("out", inputs(n), [], n // 2 + 2)]


@majority.wrong(names="too_high_if_odd")
def majority_ceil_plus_one(n):
    return [("out", inputs(n), [], math.ceil(n / 2) + 1)]


@majority.wrong(names="unanimous")
def majority_all(n):
    return [("out", inputs(n), [], len(inputs(n)))]


@majority.wrong(names="any_vote")
def majority_any(n):
    return [("out", inputs(n), [], 1)]


@majority.wrong(names="only_for_three")
def majority_fixed(n):
    return [("m", inputs(n), [], 2)]


@majority.wrong(names="minority")
def majority_inverted(n):
    return [("m", inputs(n), [], n // 2 + 1), ("out", [], ["m"], 0)]


@majority.wrong(says='reads "x0"')
def majority_from_zero(n):
    return [("out", inputs(n, first=0), [], n // 2 + 1)]


@majority.wrong(says="whole number")
def majority_fractional(n):
    return [("out", inputs(n), [], n / 2)]


@majority.wrong(names="forgets_last")
def majority_range(n):
    return [("out", [f"x{i}" for i in range(1, n)], [], n // 2 + 1)]


@majority.wrong(says='reads "x4"')
def majority_one_too_many_inputs(n):
    return [("out", inputs(n + 1), [], n // 2 + 1)]


@majority.wrong(names="three_inputs")
def majority_of_three_only(n):
    return [("out", ["x1", "x2", "x3"], [], 2)]


@majority.wrong(says="square brackets")
def majority_unit(n):
    return ("out", inputs(n), [], n // 2 + 1)


@majority.wrong(says="not the number")
def majority_threshold(n):
    return n // 2 + 1


@majority.wrong()
def majority_of_neighbours(n):
    units = [(f"p{i}", [f"x{i}", f"x{i + 1}"], [], 2) for i in range(1, n)]
    return [*units, ("out", [u[0] for u in units], [], 1)]


@majority.wrong()
def majority_of_pairs(n):
    half = [f"x{i}" for i in range(1, n + 1, 2)]
    return [("out", half, [], len(half) // 2 + 1)]


@majority.wrong(says='reads "x", which')
def majority_plain_name(n):
    return [("out", ["x"] * n, [], n // 2 + 1)]


@majority.wrong()
def majority_recursive(n, depth=0):
    if n <= 3:
        return [("out", inputs(n), [], n // 2 + 1)]
    return majority_recursive(n - 2)


# --- full_adder --------------------------------------------------------------------------------------

adder = Bank("full_adder")


@adder.right
def adder_two_half_adders():
    return [
        ("c1", ["a", "b"], [], 2),
        ("s1", ["a", "b"], ["c1"], 1),
        ("c2", ["s1", "c"], [], 2),
        ("sum", ["s1", "c"], ["c2"], 1),
        ("carry", ["c1", "c2"], [], 1),
    ]


@adder.right
def adder_counting():
    return [
        ("carry", ["a", "b", "c"], [], 2),
        ("three", ["a", "b", "c"], [], 3),
        ("one", ["a", "b", "c"], ["carry"], 1),
        ("sum", ["one", "three"], [], 1),
    ]


@adder.right
def adder_weights():
    return (
        ("carry", ("a", "b", "c"), (), 2),
        ("no carry", (), ("carry",), 0),
        ("sum", ("a", "b", "c", "no carry", "no carry"), (), 3),
    )


@adder.right
def adder_truth_table():
    units = []
    for bits in ((1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)):
        on = [n for n, bit in zip("abc", bits, strict=True) if bit]
        off = [n for n, bit in zip("abc", bits, strict=True) if not bit]
        units.append(("".join(map(str, bits)), on, off, len(on)))
    units.append(("sum", [u[0] for u in units], [], 1))
    units += [("ab", list("ab"), [], 2), ("ac", list("ac"), [], 2), ("bc", list("bc"), [], 2)]
    units.append(("carry", ["ab", "ac", "bc"], [], 1))
    return units


@adder.right
def adder_unused_units():
    return [("unused", [], [], 0), *adder_counting(), ("also unused", ["sum"], ["carry"], 1)]


@adder.right
def adder_by_reduction():
    def xor(name, p, q):
        return [(f"{name} and", [p, q], [], 2), (name, [p, q], [f"{name} and"], 1)]

    network = functools.reduce(list.__add__, [xor("half", "a", "b"), xor("sum", "half", "c")])
    return [*network, ("carry", ["half and", "sum and"], [], 1)]


@adder.wrong(names="half_adder")
def adder_half():
    return [("carry", ["a", "b"], [], 2), ("sum", ["a", "b"], ["carry"], 1)]


@adder.wrong(names="exactly_one")
def adder_forgets_three():
    return [("carry", ["a", "b", "c"], [], 2), ("or", ["a", "b", "c"], [], 1), ("sum", ["or"], ["carry"], 1)]


@adder.wrong(names="swapped_names")
def adder_swapped():
    return [
        ("sum", ["a", "b", "c"], [], 2),
        ("three", ["a", "b", "c"], [], 3),
        ("one", ["a", "b", "c"], ["sum"], 1),
        ("carry", ["one", "three"], [], 1),
    ]


@adder.wrong(names="carry_of_all")
def adder_carry_three():
    return [
        ("c1", ["a", "b"], [], 2),
        ("s1", ["a", "b"], ["c1"], 1),
        ("c2", ["s1", "c"], [], 2),
        ("sum", ["s1", "c"], ["c2"], 1),
        ("carry", ["a", "b", "c"], [], 3),
    ]


@adder.wrong(names="carry_of_any")
def adder_carry_one():
    return [
        ("c1", ["a", "b"], [], 2),
        ("s1", ["a", "b"], ["c1"], 1),
        ("c2", ["s1", "c"], [], 2),
        ("sum", ["s1", "c"], ["c2"], 1),
        ("carry", ["a", "b", "c"], [], 1),
    ]


@adder.wrong(names="carry_without_c")
def adder_loses_carry():
    return [
        ("carry", ["a", "b"], [], 2),
        ("s1", ["a", "b"], ["carry"], 1),
        ("c2", ["s1", "c"], [], 2),
        ("sum", ["s1", "c"], ["c2"], 1),
    ]


@adder.wrong(names="sum_without_c")
def adder_sum_of_two():
    return [
        ("h1", ["a"], ["b"], 1),
        ("h2", ["b"], ["a"], 1),
        ("sum", ["h1", "h2"], [], 1),
        ("carry", ["a", "b", "c"], [], 2),
    ]


@adder.wrong(names="sum_is_or")
def adder_or():
    return [("sum", ["a", "b", "c"], [], 1), ("carry", ["a", "b", "c"], [], 2)]


@adder.wrong(names="sum_is_and")
def adder_and():
    return [("sum", ["a", "b", "c"], [], 3), ("carry", ["a", "b", "c"], [], 2)]


@adder.wrong(names="sum_inverted")
def adder_even():
    return [*adder_counting()[:-1], ("odd", ["one", "three"], [], 1), ("sum", [], ["odd"], 0)]


@adder.wrong(says='No neuron is named "carry"')
def adder_other_name():
    return [("sum", ["a", "b", "c"], [], 1), ("overflow", ["a", "b", "c"], [], 2)]


@adder.wrong(says='No neuron is named "sum"')
def adder_no_sum():
    return [("carry", ["a", "b", "c"], [], 2)]


@adder.wrong()
def adder_carry_is_xor():
    return [
        ("c1", ["a", "b"], [], 2),
        ("s1", ["a", "b"], ["c1"], 1),
        ("c2", ["s1", "c"], [], 2),
        ("sum", ["s1", "c"], ["c2"], 1),
        ("both", ["c1", "c2"], [], 2),
        ("carry", ["c1", "c"], ["both"], 1),
    ]


@adder.wrong(names="first_carry_lost")
def adder_forgets_first_carry():
    return [
        ("c1", ["a", "b"], [], 2),
        ("s1", ["a", "b"], ["c1"], 1),
        ("carry", ["s1", "c"], [], 2),
        ("sum", ["s1", "c"], ["carry"], 1),
    ]


@adder.wrong(names="carry_never")
def adder_carries_meet():
    return [
        ("c1", ["a", "b"], [], 2),
        ("s1", ["a", "b"], ["c1"], 1),
        ("c2", ["s1", "c"], [], 2),
        ("sum", ["s1", "c"], ["c2"], 1),
        ("carry", ["c1", "c2"], [], 2),
    ]


@adder.wrong(says='reads "cin", which is neither an input')
def adder_cin():
    return [("carry", ["a", "b", "cin"], [], 2), ("sum", ["a", "b", "cin"], [], 1)]


@adder.wrong(says='reads "carry", which is neither an input nor an earlier neuron: it comes later')
def adder_order():
    return [("sum", ["a", "b", "c"], ["carry"], 1), ("carry", ["a", "b", "c"], [], 2)]


@adder.wrong(says="write (name, excitatory, inhibitory, threshold)")
def adder_pair():
    return [("sum", "carry")]

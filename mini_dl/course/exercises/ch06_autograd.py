"""Notebook 06: the rule of a product, an order for the walk back, undoing a broadcast, an op of one's own."""

# ruff: noqa: D103  (of a mistake, the hint above it says what it does)

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from mini_dl.course.checks.compare import numbers, snapshot
from mini_dl.course.checks.exercise import Case, Objection, case, edge, exercise
from mini_dl.course.checks.show import kind_of, show

Array = np.ndarray
Graph = dict[str, list[str]]


def quarters(rng: np.random.Generator, *shape: int) -> Array:
    """Random multiples of 1/4 between −2 and 2, none of them 0."""
    return rng.choice([-1, 1], size=shape) * rng.integers(1, 9, size=shape) / 4


# --- 6.1 scalar_mul_backward -------------------------------------------------------------------------


@exercise
def scalar_mul_backward(values: list[float], grads: list[float], i: int, j: int, out: int) -> list[float]:
    """Gradients after going back through values[out] = values[i] · values[j]: both gain a share."""
    after = list(grads)
    after[i] += grads[out] * values[j]
    after[j] += grads[out] * values[i]
    return after


@scalar_mul_backward.cases
def scalar_mul_backward_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case([2.0, 5.0, 10.0], [0.0, 0.0, 1.5], 0, 1, 2)
    yield case([3.0, -2.0, -6.0], [0.25, 4.0, 2.0], 0, 1, 2)
    yield case([3.0, -2.0, 0.5, -1.0], [1.0, 0.5, -2.0, 3.25], 1, 2, 3)
    for _ in range(8):
        n = int(rng.integers(4, 7))
        values, grads = quarters(rng, n).tolist(), quarters(rng, n).tolist()
        i, j, out = rng.permutation(n)[:3].tolist()
        values[out] = values[i] * values[j]
        yield case(values, grads, i, j, out)
    yield edge("a square: both factors are the same node", [3.0, 9.0], [0.0, 1.0], 0, 0, 1)
    values, grads = quarters(rng, 4).tolist(), quarters(rng, 4).tolist()
    values[3] = values[1] ** 2
    yield edge("a square whose factor has a gradient already", values, grads, 1, 1, 3)
    yield edge("a factor of 0", [0.0, 4.0, 0.0], [1.0, 2.0, 0.75], 0, 1, 2)
    yield edge("no gradient arrives", [2.0, 3.0, 6.0], [1.25, -1.0, 0.0], 0, 1, 2)


@scalar_mul_backward.mistake(
    "You overwrite the gradients that the factors had. Each use of a number adds its share: +=, not =."
)
def overwrites(values, grads, i, j, out):
    after = list(grads)
    after[i] = grads[out] * values[j]
    after[j] = grads[out] * values[i]
    return after


@scalar_mul_backward.mistake(
    "You overwrite the gradients that the factors had; for a square the two shares add up, too."
)
def overwrites_but_adds_squares(values, grads, i, j, out):
    after = list(grads)
    after[i], after[j] = 0.0, 0.0
    after[i] += grads[out] * values[j]
    after[j] += grads[out] * values[i]
    return after


@scalar_mul_backward.mistake(
    "For a square i and j are the same node, and it gets two shares: add the second one to the new list, "
    "not to the old one (+= does it)."
)
def square_once(values, grads, i, j, out):
    after = list(grads)
    after[i] = grads[i] + grads[out] * values[j]
    after[j] = grads[j] + grads[out] * values[i]
    return after


@scalar_mul_backward.mistake(
    "Each factor gets the gradient times the *other* factor; you multiply by its own value."
)
def own_value(values, grads, i, j, out):
    after = list(grads)
    after[i] += grads[out] * values[i]
    after[j] += grads[out] * values[j]
    return after


@scalar_mul_backward.mistake("The chain rule is missing: multiply the other factor by the gradient of `out`.")
def without_arriving_gradient(values, grads, i, j, out):
    after = list(grads)
    after[i] += values[j]
    after[j] += values[i]
    return after


@scalar_mul_backward.mistake(
    "You copy the gradient to both factors, as for a sum. A product multiplies it, too."
)
def as_for_a_sum(values, grads, i, j, out):
    after = list(grads)
    after[i] += grads[out]
    after[j] += grads[out]
    return after


@scalar_mul_backward.mistake("Only the first factor gets its share; the second one needs its own.")
def first_factor_only(values, grads, i, j, out):
    after = list(grads)
    after[i] += grads[out] * values[j]
    return after


@scalar_mul_backward.mistake(
    "You multiply by the value of the product. The slope of a product is the value of the other factor."
)
def times_product(values, grads, i, j, out):
    after = list(grads)
    after[i] += grads[out] * values[out]
    after[j] += grads[out] * values[out]
    return after


@scalar_mul_backward.mistake("The gradient of `out` itself stays as it is; yours is set to 0.")
def clears_out(values, grads, i, j, out):
    after = scalar_mul_backward.reference(values, grads, i, j, out)
    after[out] = 0.0
    return after


@scalar_mul_backward.mistake("You return the two shares; asked for is the whole list, with the shares added.")
def shares_only(values, grads, i, j, out):
    return [grads[out] * values[j], grads[out] * values[i]]


@scalar_mul_backward.mistake(
    "The sign is wrong: the shares are added, as gradients, not subtracted as steps."
)
def subtracts(values, grads, i, j, out):
    after = list(grads)
    after[i] -= grads[out] * values[j]
    after[j] -= grads[out] * values[i]
    return after


# --- 6.2 topological_order ---------------------------------------------------------------------------


@exercise
def topological_order(inputs: Graph, root: str) -> list[str]:
    """Every node that `root` depends on, once, after all its inputs; `root` comes last."""
    order: list[str] = []
    todo = [(root, False)]
    while todo:
        node, ready = todo.pop()
        if node in order:
            continue
        if ready:
            order.append(node)
        else:
            todo.append((node, True))
            todo.extend((x, False) for x in reversed(inputs[node]))
    return order


def _random_graph(rng: np.random.Generator, n: int) -> Graph:
    """Return a graph of n nodes, named at random, that all lead to the last one, and two that do not."""
    names = [str(name) for name in rng.permutation(list("abcdefghijklmnopqrstuvwxyz"))[: n + 2]]
    graph: Graph = {}
    for k in range(n):
        earlier = names[:k]
        some = rng.permutation(earlier)[: int(rng.integers(0, 3))].tolist() if k > 1 else []
        graph[names[k]] = [str(x) for x in some]
    used = {x for made_from in graph.values() for x in made_from}
    graph[names[n - 1]] = [x for x in names[: n - 1] if x not in used] or [names[0]]
    graph[names[n]] = [names[0]]
    graph[names[n + 1]] = [names[n], names[n - 1]]
    keys = [str(name) for name in rng.permutation(list(graph))]
    return {name: graph[name] for name in keys}


@topological_order.cases
def topological_order_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case({"x": [], "w": [], "p": ["w", "x"]}, "p")
    yield case({"loss": ["e", "e"], "e": ["p", "y"], "p": ["w", "x"], "w": [], "x": [], "y": []}, "loss")
    yield case({"d": ["a", "c"], "a": [], "b": [], "c": ["a", "b"]}, "d")
    yield case({"e": ["a", "d"], "d": ["c"], "c": ["a", "b"], "a": ["x"], "b": ["x"], "x": []}, "e")
    for n in (5, 7, 9, 11, 12):
        graph = _random_graph(rng, n)
        root = next(name for name in graph if len(_reachable(graph, name)) >= 3)
        yield case(graph, root)
    yield edge("a node alone", {"x": [], "y": ["x"]}, "x")
    yield edge("a square", {"x": [], "s": ["x", "x"]}, "s")
    yield edge("a node that does not lead to the root", {"a": [], "b": ["a"], "c": ["a"]}, "b")
    ladder: Graph = {"n0": []}
    for k in range(1, 9):
        ladder[f"l{k}"], ladder[f"r{k}"] = [f"n{k - 1}"], [f"n{k - 1}"]
        ladder[f"n{k}"] = [f"l{k}", f"r{k}"]
    yield edge("eight diamonds in a row: 256 paths to the first node", ladder, "n8")
    chain = {f"c{k}": [f"c{k - 1}"] if k else [] for k in range(120)}
    yield edge("a long chain", chain, "c119")


def _reachable(inputs: Graph, root: str) -> set[str]:
    found, todo = {root}, [root]
    while todo:
        for x in inputs[todo.pop()]:
            if x not in found:
                found.add(x)
                todo.append(x)
    return found


class Verdict(str):
    """What is to be said about an order. Two orders with the same fault compare as equal."""

    __slots__ = ("order",)
    order: str

    def __new__(cls, text: str, order: str = "") -> Verdict:
        """Keep the order as it is shown, beside the words."""
        verdict = super().__new__(cls, text)
        verdict.order = order
        return verdict

    def __repr__(self) -> str:
        return f"{self.order}: {self}" if self.order else str(self)


@topological_order.observe
def topological_order_verdict(result: Any, case: Case) -> Verdict:
    inputs, root = case.args
    if not isinstance(result, (list, tuple)):
        raise Objection(f"Return a list of names; yours is {kind_of(result)}.")
    for name in result:
        if not isinstance(name, str) or name not in inputs:
            raise Objection(f"Your list holds {kind_of(name)}, which is not a node of the graph.")
    fault = _fault(list(result), inputs, root)
    return Verdict(fault, show(list(result))) if fault else Verdict("every node once, after its inputs")


def _fault(order: list[str], inputs: Graph, root: str) -> str:
    """Return the first thing that is wrong with an order of nodes, or an empty string."""
    needed, place = _reachable(inputs, root), {name: k for k, name in enumerate(order)}
    twice = next((name for k, name in enumerate(order) if name in order[:k]), None)
    if twice is not None:
        return f"'{twice}' stands twice"
    missing = next((name for name in inputs if name in needed and name not in place), None)
    if missing is not None:
        return f"'{missing}' is missing: '{root}' depends on it, directly or through others"
    extra = next((name for name in order if name not in needed), None)
    if extra is not None:
        return f"'{extra}' does not lead to '{root}': leave it out"
    early = next(((n, x) for n in order for x in inputs[n] if place[x] > place[n]), None)
    return f"'{early[0]}' stands before its input '{early[1]}'" if early else ""


@topological_order.mistake(
    "Your order begins at the root, as the walk back does. Asked for is the order of computing: append a "
    "node after all its inputs."
)
def root_first(inputs, root):
    return topological_order.reference(inputs, root)[::-1]


@topological_order.mistake(
    "You go level by level from the root and turn the list round. A node may be used on several levels: it "
    "has to wait for *all* its inputs. Append a node after its inputs have been visited."
)
def levels_turned(inputs, root):
    found, todo = [root], [root]
    while todo:
        for x in inputs[todo.pop(0)]:
            if x not in found:
                found.append(x)
                todo.append(x)
    return found[::-1]


@topological_order.mistake(
    "You list a node when you first meet it and turn the list round. Append it only after all its inputs."
)
def first_met_turned(inputs, root):
    met: list[str] = []

    def visit(node):
        if node not in met:
            met.append(node)
            for x in inputs[node]:
                visit(x)

    visit(root)
    return met[::-1]


@topological_order.mistake(
    "Nodes that are used twice come twice. Remember which nodes you have visited, and skip them."
)
def without_memory(inputs, root):
    order: list[str] = []

    def visit(node):
        for x in inputs[node]:
            visit(x)
        order.append(node)

    visit(root)
    return order


@topological_order.mistake(
    "You return all nodes of the graph as they stand in it; the order there says nothing."
)
def as_given(inputs, root):
    return list(inputs)


@topological_order.mistake("You sort by name. What counts is who is made from whom.")
def by_name(inputs, root):
    return sorted(_reachable(inputs, root))


@topological_order.mistake("The root itself belongs to the order: it is the last node.")
def without_root(inputs, root):
    return topological_order.reference(inputs, root)[:-1]


@topological_order.mistake("The nodes without inputs belong to the order as well: the walk back ends there.")
def without_leaves(inputs, root):
    return [name for name in topological_order.reference(inputs, root) if inputs[name]]


@topological_order.mistake("You follow the first input of each node only; visit all of them.")
def first_input_only(inputs, root):
    order = [root]
    while inputs[order[-1]]:
        order.append(inputs[order[-1]][0])
    return order[::-1]


@topological_order.mistake(
    "You order the whole graph. Nodes that do not lead to the root get no gradient: begin at the root."
)
def whole_graph(inputs, root):
    order: list[str] = []

    def visit(node):
        if node not in order:
            for x in inputs[node]:
                visit(x)
            order.append(node)

    for node in inputs:
        visit(node)
    return order


# --- 6.3 unbroadcast ---------------------------------------------------------------------------------


@exercise
def unbroadcast(g: Array, shape: tuple[int, ...]) -> Array:
    """Sum g over the axes along which an array of this shape was stretched."""
    new = g.ndim - len(shape)
    g = g.sum(axis=tuple(range(new)))
    return g.sum(axis=tuple(k for k, n in enumerate(shape) if n == 1), keepdims=True)


@unbroadcast.cases
def unbroadcast_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(np.array([[1.0, 2.0, 3.25], [10.0, 20.0, 30.0]]), (3,))
    yield case(np.array([[1.0, 2.0, 3.25], [10.0, 20.0, 30.0]]), (2, 1))
    yield case(np.array([[1.0, 2.0, 3.25], [10.0, 20.0, 30.0]]), (1, 3))
    yield case(np.array([[1.0, 2.0, 3.25], [10.0, 20.0, 30.0]]), (2, 3))
    for before, after in [
        ((4, 3), (3,)),
        ((5, 2), (5, 1)),
        ((2, 3, 4), (3, 4)),
        ((2, 3, 4), (3, 1)),
        ((2, 3, 4), (4,)),
        ((2, 3, 4), (2, 1, 4)),
        ((3, 3), (3, 1)),
        ((3, 3), (3,)),
    ]:
        yield case(quarters(rng, *before), after)
    yield edge("a single number was used everywhere", quarters(rng, 3, 2), (1,))
    yield edge("nothing was stretched", quarters(rng, 3, 4), (3, 4))
    yield edge("all axes of length 1", quarters(rng, 2, 3), (1, 1))
    yield edge("an axis of length 1 that stayed 1", quarters(rng, 1, 3), (1, 3))
    yield edge("new axes and axes of length 1", quarters(rng, 2, 3, 4, 2), (1, 4, 1))


@unbroadcast.observe
def unbroadcast_numbers(result: Any, case: Case) -> dict[str, Any]:
    value = snapshot(result)
    if numbers(value) is None:
        raise Objection(f"Return an array of shape {case.args[1]}; yours is {kind_of(result)}.")
    return {"the gradient": value}


@unbroadcast.mistake("You average. Every copy contributes its whole gradient, so the gradients add up: sum.")
def averages(g, shape):
    new = g.ndim - len(shape)
    g = g.mean(axis=tuple(range(new)))
    return g.mean(axis=tuple(k for k, n in enumerate(shape) if n == 1), keepdims=True)


@unbroadcast.mistake(
    "Axes that were added in front are summed, but axes of length 1 were stretched as well: sum them, too."
)
def new_axes_only(g, shape):
    return g.sum(axis=tuple(range(g.ndim - len(shape))))


@unbroadcast.mistake(
    "Axes of length 1 are summed, but NumPy also adds missing axes in front: sum over those, too."
)
def stretched_axes_only(g, shape):
    if g.ndim > len(shape):
        return g
    return g.sum(axis=tuple(k for k, n in enumerate(shape) if n == 1), keepdims=True)


@unbroadcast.mistake(
    "The summed axes of length 1 have to stay in the shape: sum with keepdims=True, or reshape at the end."
)
def axes_lost(g, shape):
    new = g.ndim - len(shape)
    axes = tuple(range(new)) + tuple(new + k for k, n in enumerate(shape) if n == 1)
    return g.sum(axis=axes)


@unbroadcast.mistake(
    "The places of the axes are off: axis k of `shape` is axis k + (number of new axes) of g. Sum the new "
    "axes first, or count them in."
)
def places_off(g, shape):
    axes = tuple(range(g.ndim - len(shape))) + tuple(k for k, n in enumerate(shape) if n == 1)
    return g.sum(axis=tuple(set(axes))).reshape(shape)


@unbroadcast.mistake("You keep the first copy's gradient and drop the others: sum over all copies.")
def first_copy(g, shape):
    new = g.ndim - len(shape)
    g = g[(0,) * new]
    return g[tuple(slice(0, 1) if n == 1 else slice(None) for n in shape)]


@unbroadcast.mistake("Only the first axis is summed, whatever the shape: find the axes from `shape`.")
def first_axis(g, shape):
    return g.sum(axis=0)


@unbroadcast.mistake("You always sum over axis 0; which axis was stretched depends on `shape`.")
def always_axis_0(g, shape):
    return g.sum(axis=0).reshape(shape)


@unbroadcast.mistake("New axes stand in front: sum over axis 0, not the last.")
def new_axes_behind(g, shape):
    while g.ndim > len(shape):
        g = g.sum(axis=-1)
    return g.sum(axis=tuple(k for k, n in enumerate(shape) if n == 1), keepdims=True)


@unbroadcast.mistake(
    "You always sum over the last axis. New axes stand in front: sum over axis 0, not the last. Which axis "
    "was stretched depends on `shape`."
)
def last_axis(g, shape):
    return g.sum(axis=-1)


@unbroadcast.mistake("The gradient comes back unchanged: it has to get the shape of the input.")
def unchanged_gradient(g, shape):
    return g.copy()


@unbroadcast.mistake(
    "A reshape only rearranges numbers. The gradients of all copies of a number have to be added."
)
def reshapes(g, shape):
    return g.reshape(shape)


@unbroadcast.mistake("Cutting off what is too much loses gradients: np.resize does not add.")
def resizes(g, shape):
    return np.resize(g, shape)


@unbroadcast.mistake("You add everything up to one number; only the stretched axes are summed.")
def one_number(g, shape):
    return np.broadcast_to(g.sum(), shape).copy()


# --- 6.4 my_op ---------------------------------------------------------------------------------------


@exercise
def my_op(x: Array) -> tuple[Array, Callable[[Array], Array]]:
    """Return log cosh x and its vjp, g · tanh x, both without overflow."""
    size, slope = np.abs(x), np.tanh(x)
    return size + np.log1p(np.exp(-2 * size)) - np.log(2.0), lambda g: g * slope


@my_op.cases
def my_op_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(np.array([0.0, 1.0, -2.0]))
    yield case(np.array([[0.5, -0.5], [3.0, -0.25]]))
    for shape in [(4,), (2, 3), (5,), (3, 1), (2, 2, 2), (6,)]:
        yield case(quarters(rng, *shape))
    yield edge(
        "large numbers: cosh 1000 overflows, its logarithm does not", np.array([1000.0, -1000.0, 30.0])
    )
    yield edge("a single number", np.array(0.75))
    yield edge("tiny numbers", np.array([1e-3, -1e-4]))
    yield edge("no numbers", np.zeros((0, 2)))


@my_op.observe
def my_op_numbers(result: Any, case: Case) -> dict[str, Any]:
    if not isinstance(result, (list, tuple)):
        raise Objection(f"Return two things, the output and a function of g; yours is {kind_of(result)}.")
    if len(result) != 2:
        raise Objection(f"Return two things, the output and one vjp; yours are {len(result)}.")
    output, vjp = result
    if not callable(vjp):
        raise Objection(
            f"The second thing has to be a function of g, such as `lambda g: ...`; yours is {kind_of(vjp)}."
        )
    (x,) = case.args
    g = 1.5 - 0.25 * np.arange(x.size).reshape(x.shape)
    given = g.copy()
    try:
        gradient = vjp(given)
    except Exception as error:
        raise Objection(
            f"Your vjp, called with g of shape {g.shape}, raised {type(error).__name__}: {error}"
        ) from error
    if not np.array_equal(given, g):
        raise Objection("Your vjp changes g in place. Other nodes may still need it: make a new array.")
    for name, value in (("output", output), ("vjp's result", gradient)):
        try:
            array = np.asarray(value, dtype=float)
        except (TypeError, ValueError):
            raise Objection(f"The {name} has to be an array of numbers; yours is {kind_of(value)}.") from None
        if array.shape != x.shape:
            raise Objection(f"The {name} has shape {array.shape}; it needs the shape of x, {x.shape}.")
    return {"the output": np.asarray(output), "the vjp": np.asarray(gradient)}


@my_op.mistake("cosh overflows beyond 710, and its logarithm is then infinite. Work with |x| and exp(−2|x|).")
def overflows(x):
    return np.log(np.cosh(x)), lambda g: g * np.tanh(x)


@my_op.mistake(
    "The output is right, but your slope overflows: sinh/cosh is inf/inf beyond 710. It has a name: tanh."
)
def slope_overflows(x):
    return my_op.reference(x)[0], lambda g: g * np.sinh(x) / np.cosh(x)


@my_op.mistake(
    "cosh and sinh overflow beyond 710. Write the output with |x| and exp(−2|x|), and the slope as tanh x."
)
def both_overflow(x):
    return np.log(np.cosh(x)), lambda g: g * np.sinh(x) / np.cosh(x)


@my_op.mistake("Your vjp gives the slope alone: multiply it by g, the gradient that arrives.")
def slope_without_g(x):
    return my_op.reference(x)[0], lambda g: np.tanh(x)


@my_op.mistake("Your vjp has the wrong sign: log cosh falls for negative x and rises for positive x.")
def slope_turned(x):
    return my_op.reference(x)[0], lambda g: -g * np.tanh(x)


@my_op.mistake("1 − tanh² is the slope of tanh. The slope of log cosh is tanh itself.")
def slope_of_tanh(x):
    return my_op.reference(x)[0], lambda g: g * (1 - np.tanh(x) ** 2)


@my_op.mistake("The constant log 2 is missing: cosh x is *half* of exp(x) + exp(−x), and log cosh 0 is 0.")
def half_forgotten(x):
    return my_op.reference(x)[0] + np.log(2.0), lambda g: g * np.tanh(x)


@my_op.mistake("Far out, log cosh x is |x| − log 2, not |x|.")
def size_far_out(x):
    size = np.abs(x)
    return np.where(size > 20, size, my_op.reference(x)[0]), lambda g: g * np.tanh(x)


@my_op.mistake("Far out, log cosh x is |x| − log 2, not |x|.")
def size_very_far_out(x):
    size = np.abs(x)
    return np.where(size > 500, size, my_op.reference(x)[0]), lambda g: g * np.tanh(x)


@my_op.mistake("Your slope is that of |x|: between −1 and 1 it is not yet ±1, but tanh x.")
def slope_of_absolute(x):
    return my_op.reference(x)[0], lambda g: g * np.sign(x)


@my_op.mistake("The slope has the sign of x: tanh of x, not of |x|.")
def slope_of_size(x):
    return my_op.reference(x)[0], lambda g: g * np.tanh(np.abs(x))


@my_op.mistake("Your vjp multiplies g by the output; it has to multiply by the slope, tanh x.")
def times_output(x):
    out = my_op.reference(x)[0]
    return out, lambda g: g * out


@my_op.mistake("The logarithm is missing in your output: that is cosh x.")
def cosh_alone(x):
    return np.cosh(x), lambda g: g * np.tanh(x)

"""Graded problems of notebook 06: back along a tape, back through a drawn broadcast, and a faulty engine."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mini_dl.course.checks.exercise import Case, case, edge

from . import Array, Asker, Maker, Problem, Question, hidden, pick, quarters
from .wording import times

Tape = list[tuple[str, int, int]]
Numbers = dict[str, float]


def tape_gradients(rng: np.random.Generator) -> Problem:
    """Walk a tape back; its operations, the end that is differentiated and the result are drawn."""
    a, b = (float(c) for c in pick(rng, (2, -3), (3, -1), (-1, 2), (-2, 5), (0.5, 4), (4, -0.5)))
    least = bool(pick(rng, False, True))
    tie = float(pick(rng, 1.0, 0.0, 0.5))
    loose = bool(pick(rng, False, True))
    everything = bool(pick(rng, False, True))
    name, take = ("min", min) if least else ("max", max)

    def tape_gradients(numbers: list[float], tape: Tape) -> Array:
        values = list(numbers)
        for op, i, j in tape:
            x, y = values[i], values[j]
            values.append(x * y if op == "mul" else a * x + b * y if op == "mix" else take(x, y))
        if loose:
            used = {k for _, i, j in tape for k in (i, j)}
            grads = [0.0 if k in used else 1.0 for k in range(len(values))]
        else:
            grads = [0.0] * (len(values) - 1) + [1.0]
        for k in range(len(values) - 1, len(numbers) - 1, -1):
            op, i, j = tape[k - len(numbers)]
            x, y = values[i], values[j]
            if op == "mul":
                slopes = y, x
            elif op == "mix":
                slopes = a, b
            else:
                first = tie if x == y else float((x < y) == least)
                slopes = first, 1 - first
            grads[i] += grads[k] * slopes[0]
            grads[j] += grads[k] * slopes[1]
        return np.array(grads if everything else grads[: len(numbers)])

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        def data(given: int, entries: int) -> tuple[list[float], Tape]:
            numbers = [float(v) for v in quarters(rng, given)]
            tape = []
            for k in range(given, given + entries):
                i, j = (int(n) for n in rng.integers(max(0, k - 4), k, size=2))
                tape.append((str(rng.choice(["mul", "mix", "mix", name])), i, j))
            return numbers, tape

        yield case([2.0, 5.0], [("mul", 0, 1)])
        yield case([2.0, 5.0], [("mix", 0, 1)])
        yield case([2.0, 5.0, 3.0], [(name, 0, 1), ("mul", 3, 2)])
        yield case([1.0, 3.0, 2.0], [("mix", 0, 1), ("mul", 2, 3), ("mix", 4, 3)])
        yield case([1.5, 1.5, 2.0], [(name, 0, 1), ("mul", 2, 3)])  # a tie
        yield case([3.0, -2.0], [("mul", 0, 0), ("mix", 1, 0)])  # two ends
        for _ in range(8):
            yield case(*data(int(rng.integers(2, 5)), int(rng.integers(4, 9))))
        yield edge("a number times itself", [3.0], [("mul", 0, 0)])
        yield edge(f"the {name} of a number with itself", [3.0, 2.0], [(name, 0, 0), ("mul", 2, 1)])
        yield edge("a number that is not used", [3.0, 2.0, 4.0], [("mul", 0, 2)])
        yield edge("an entry that leads nowhere", [3.0, 2.0], [("mul", 0, 1), ("mix", 0, 0), ("mix", 2, 1)])
        yield edge("a tie of results", [3.0, 2.0], [("mul", 0, 1), ("mul", 1, 0), (name, 2, 3)])
        yield edge("an empty tape", [3.0, 2.0], [])
        yield edge("doubled again and again", [0.5], [("mix", k, k) for k in range(30)])

    def term(c: float, letter: str) -> str:
        return f"{'-' if c < 0 else ''}{'' if abs(c) == 1 else f'{abs(c):g}'}{letter}"

    mixed = f"{term(a, 'x')} {'-' if b < 0 else '+'} {term(abs(b), 'y')}"
    which = "smaller" if least else "larger"
    goes = {1.0: "to $x$ alone", 0.0: "to $y$ alone", 0.5: "to both, half to each"}[tie]
    end = (
        "The result is the *sum of all loose ends*: of all nodes, given or computed, that no entry uses"
        if loose
        else "The result is the *last* node. Other nodes may lead nowhere"
    )
    returned = (
        "every node, given and computed, in the order of their numbers"
        if everything
        else "the given numbers alone, in their order"
    )
    task = f"""A computation is recorded on a tape. The nodes 0, 1, … are first the given `numbers`. Then each
entry `(op, i, j)` of the list `tape` makes the next node, from the nodes $i$ and $j$ before it (which may be
the same). With $x$ for the value of node $i$ and $y$ for that of node $j$, the operations are

- `"mul"`: $x \\cdot y$;
- `"mix"`: ${mixed}$;
- `"{name}"`: the {which} of $x$ and $y$. The gradient goes to the one that was taken; if $x = y$, {goes}.

{end}. Write `tape_gradients(numbers, tape)`: the gradients of the result with respect to {returned}, as an
array. Nodes on which the result does not depend have the gradient 0. There is at least one given number. The
tape may be empty, and it may have far too many paths to walk them one by one. Leave the arguments
unchanged."""
    stub = '''def tape_gradients(numbers: list[float], tape: list[tuple[str, int, int]]) -> np.ndarray:
    """Return the gradients of the result of a tape of (op, i, j)."""
    raise NotImplementedError'''
    tied = {1.0: f"x {'<=' if least else '>='} y", 0.0: f"x {'<' if least else '>'} y"}
    choose = f"float({tied[tie]})" if tie != 0.5 else f"0.5 if x == y else float(x {'<' if least else '>'} y)"
    start = (
        [
            "    used = {k for _, i, j in tape for k in (i, j)}",
            "    grads = [float(k not in used) for k in range(len(values))]",
        ]
        if loose
        else ["    grads = [0.0] * len(values)", "    grads[-1] = 1.0"]
    )
    mixing = f"{times(a, 'x')} {'-' if b < 0 else '+'} {times(abs(b), 'y')}"
    body = [
        "    values = list(numbers)",
        "    for op, i, j in tape:",
        "        x, y = values[i], values[j]",
        f"        values.append(x * y if op == 'mul' else {mixing} if op == 'mix' else {name}(x, y))",
        *start,
        "    for k in reversed(range(len(tape))):  # newest first: then a gradient is complete",
        "        op, i, j = tape[k]",
        "        x, y, g = values[i], values[j], grads[len(numbers) + k]",
        f"        first = {choose}",
        f"        slopes = {{'mul': (y, x), 'mix': ({a:g}, {b:g})}}.get(op, (first, 1 - first))",
        "        grads[i] += g * slopes[0]",
        "        grads[j] += g * slopes[1]",
        f"    return np.array({'grads' if everything else 'grads[: len(numbers)]'})",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    example = ([2.0, 5.0, 3.0], [("mul", 0, 1), ("mix", 3, 0)])
    title = "Back along a tape"
    return Problem(hidden(tape_gradients, cases), title, task, stub, solution, 6, 20, example)


def stretched_backward(rng: np.random.Generator) -> Problem:
    """Back through a formula of x and a stretched s; formula, alignment and order are drawn."""
    kind = str(pick(rng, "product", "square", "distance", "growth"))
    factors = {"product": (2, 3, 0.5), "square": (1,), "distance": (0.5, 2), "growth": (0.5, 0.25)}
    a = float(pick(rng, *factors[kind]))
    front = bool(pick(rng, False, True))
    s_first = bool(pick(rng, False, True))

    def stretched_backward(g: Array, x: Array, s: Array) -> tuple[Array, Array]:
        ones = (1,) * (x.ndim - s.ndim)
        full = s.reshape(s.shape + ones if front else ones + s.shape)
        if kind == "product":
            dx, ds = a * full * g, a * x * g
        elif kind == "square":
            dx, ds = full**2 * g, 2 * x * full * g
        elif kind == "distance":
            dx = 2 * a * (x - full) * g
            ds = -dx
        else:
            dx = np.exp(a * full) * g
            ds = a * x * dx
        axes = tuple(k for k, length in enumerate(full.shape) if length == 1)
        ds = ds.sum(axis=axes).reshape(s.shape)
        return (ds, dx) if s_first else (dx, ds)

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        def data(shape: tuple[int, ...], axes: int, *ones: int) -> tuple[Array, Array, Array]:
            """Return g, x, s; s has the outer `axes` of x, those at `ones` with length 1."""
            own = list(shape[:axes] if front else shape[len(shape) - axes :])
            for k in ones:
                own[k] = 1
            return quarters(rng, *shape), quarters(rng, *shape) + 0.125, quarters(rng, *own)

        yield case(*data((3, 2), 1))
        yield case(*data((3, 3), 1))
        yield case(*data((2, 3), 2, 0))
        yield case(*data((2, 3), 2, 1))
        yield case(*data((2, 2, 2), 1))
        yield case(*data((2, 2, 2), 2))
        for _ in range(6):
            shape = tuple(int(n) for n in rng.integers(2, 5, size=int(rng.integers(2, 5))))
            axes = int(rng.integers(1, len(shape) + 1))
            yield case(*data(shape, axes, *[k for k in range(axes) if rng.random() < 0.3]))
        yield edge("both of one shape", *data((3, 3), 2))
        yield edge("a single number for all", *data((2, 3), 0))
        yield edge("s has one entry, and as many axes as x", *data((3, 2), 2, 0, 1))
        yield edge("x has an axis of length 1 itself", *data((2, 1, 3), 2))
        yield edge("one axis", *data((4,), 1))

    formula = {
        "product": f"y = {a:g}\\,x\\,s",
        "square": "y = x\\,s^2",
        "distance": f"y = {a:g}\\,(x - s)^2",
        "growth": f"y = x\\,e^{{{a:g}\\,s}}",
    }[kind]
    how = (
        "This is *not* done as in NumPy: the axes of `s` belong to the *first* axes of `x`; axes that `s`"
        " lacks are added *behind*, and an axis of length 1 is stretched. So for an `x` of shape (4, 3) an"
        " `s` of shape (4,) or (4, 1) holds one number for each *row*"
        if front
        else "This is done as in NumPy: the axes of `s` belong to the *last* axes of `x`; axes that `s`"
        " lacks are added in front, and an axis of length 1 is stretched. So for an `x` of shape (4, 3) an"
        " `s` of shape (3,) or (1, 3) holds one number for each *column*"
    )
    order = "`s` and `x`, in this order: first that of `s`" if s_first else "`x` and `s`, in this order"
    task = f"""An operation takes arrays `x` and `s` and computes, entry by entry,

$$ {formula} , $$

after `s` was stretched to the shape of `x`. {how}. `s` never has more axes than `x`, and may have
none.

Write `stretched_backward(g, x, s)`: `g` is the gradient of the loss with respect to $y$, of the shape of `x`.
Return the gradients with respect to {order}. Each has the shape of its own array. Leave the arguments
unchanged."""
    stub = '''def stretched_backward(g: np.ndarray, x: np.ndarray, s: np.ndarray) -> tuple:
    """Return two gradients, in the order of the task; g has the shape of x."""
    raise NotImplementedError'''
    shares = {
        "product": [f"    dx, ds = {a:g} * full * g, {a:g} * x * g"],
        "square": ["    dx, ds = full**2 * g, 2 * x * full * g"],
        "distance": [f"    dx = {times(2 * a, '(x - full)')} * g", "    ds = -dx"],
        "growth": [f"    dx = np.exp({a:g} * full) * g", f"    ds = {a:g} * x * dx"],
    }[kind]
    body = [
        "    ones = (1,) * (x.ndim - s.ndim)",
        f"    full = s.reshape({'s.shape + ones' if front else 'ones + s.shape'})",
        *shares,
        "    axes = tuple(k for k, length in enumerate(full.shape) if length == 1)",
        "    ds = ds.sum(axis=axes).reshape(s.shape)  # a stretched entry was used many times",
        f"    return {'ds, dx' if s_first else 'dx, ds'}",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    x, g = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([[1.0, 3.0], [2.0, 1.0]])
    title = "Back through a stretched array"
    exercise = hidden(stretched_backward, cases)
    return Problem(exercise, title, task, stub, solution, 5, 18, (g, x, np.array([2.0, -1.0])))


FAULTS = {
    "replaced": """def backward(end):
    end.grad = 1.0
    for value in reversed(history(end)):  # all nodes behind `end`, newest first
        for x, slope in zip(value.inputs, value.slopes):
            x.grad = value.grad * slope""",
    "early": """def backward(end):
    end.grad = 1.0
    todo, seen = [end], {end}
    while todo:
        value = todo.pop(0)  # the one that waits longest
        for x, slope in zip(value.inputs, value.slopes):
            x.grad += value.grad * slope
            if x not in seen:
                seen.add(x)
                todo.append(x)""",
}
# how d and e are made of c and a; in the first two no node gets the same share twice, so that it shows
# which one of them was kept
OPERATIONS = (("+", "*"), ("-", "*"), ("*", "*"), ("*", "-"))


def signed(number: float) -> str:
    """Return a number with a minus sign for prose."""
    return f"{number:g}".replace("-", "−")


def faulty_engine(rng: np.random.Generator) -> Question:
    """Find out what an engine with a drawn fault makes of a drawn expression."""
    fault = str(pick(rng, *FAULTS))
    middle, last = pick(rng, *(OPERATIONS[:2] if fault == "replaced" else OPERATIONS))

    def run(a: float, b: float, way: str) -> tuple[Numbers, Numbers, list[str]]:
        """Return the values of all nodes, their gradients by the right or a faulty way, and the slopes."""
        value = {"a": a, "b": b}
        inputs: dict[str, tuple[str, str]] = {}
        slopes: dict[str, tuple[float, float]] = {}
        for name, op, x, y in (("c", "*", "a", "b"), ("d", middle, "c", "a"), ("e", last, "c", "d")):
            u, v = value[x], value[y]
            value[name] = {"+": u + v, "-": u - v, "*": u * v}[op]
            inputs[name] = x, y
            slopes[name] = {"+": (1.0, 1.0), "-": (1.0, -1.0), "*": (v, u)}[op]
        grad = dict.fromkeys(value, 0.0) | {"e": 1.0}
        for name in "ecd" if way == "early" else "edc":
            for x, slope in zip(inputs[name], slopes[name], strict=True):
                grad[x] = grad[name] * slope + (0.0 if way == "replaced" else grad[x])
        told = [
            f"{name} by {x} {signed(slope)}"
            for name in inputs
            for x, slope in zip(inputs[name], slopes[name], strict=True)
        ]
        return value, grad, told

    while True:
        a, b = (float(pick(rng, -4, -3, -2, 2, 3, 4, 5)) for _ in range(2))
        (value, right, slopes), (_, wrong, _) = run(a, b, "right"), run(a, b, fault)
        if abs(a) != abs(b) and all(right[n] != wrong[n] for n in "ab") and 0 not in value.values():
            break

    def numbers(grad: Numbers, names: str) -> str:
        return ", ".join(f"{n} {signed(grad[n])}" for n in names)

    if fault == "replaced":
        reason = (
            "The last line puts a share in the place of what has arrived before, so a node that is used twice"
            " keeps only the share that comes last: for c that through d, for a that through c."
        )
        fix = "`x.grad += value.grad * slope`"
        fine = "as long as every node is used only once"
        needed = "uses a node more than once"
        named = "The fault is `=` where `+=` belongs: of the shares of c and of a only the last one is kept"
    else:
        reason = (
            "The walk takes c before d, since c was found first. At that moment c has only its share from e;"
            " it hands that on to a and b. The share through d arrives later and is never handed on."
        )
        fix = (
            "to take the nodes newest first, for instance `for value in reversed(history(end))`, so that a"
            " node speaks when all that was made from it has spoken"
        )
        fine = "as long as all ways from the result back to a node have the same length"
        needed = "uses a node on ways of different length"
        named = "The fault is the order: c hands on its gradient before the share through d has arrived"
    task = f"""A colleague has written an engine like that of the notebook. Each `Value` has `data`, `grad`
(at first 0), `inputs` and `slopes`, and the way back is

```python
{FAULTS[fault]}
```

It is tried on

```python
a, b = Value({a:g}), Value({b:g})
c = a * b
d = c {middle} a
e = c {last} d
backward(e)
```

Go through it by hand. What are the values of c, d and e, the slopes of the edges, and the right gradients of
a, b, c and d? Which numbers will stand in `a.grad` and `b.grad` after the colleague's
`backward`, and why? Explain the fault in your own words, in 5 to 10 sentences, and name the change that
repairs it. For which expressions would nobody have noticed, and which test finds such a fault without
knowing the right gradients?"""
    answer = f"""The values are {numbers(value, "cde")}. The slopes: {"; ".join(slopes)}. The right gradients
are {numbers(right, "abcd")}: c is used in d and in e, a in c and in d, and the shares of all uses add up. The
colleague's engine leaves {numbers(wrong, "ab")}. {reason} The repair is {fix}. Nobody notices {fine}. Finite
differences find it: move `a` a little both ways, see how e changes, and compare with `a.grad`; it needs an
expression that {needed}."""
    rubric = (
        (
            2,
            f"The right gradients {numbers(right, 'abcd')}, with the slopes they come from. One point for two"
            " right. Not enough: numbers without a way to them.",
        ),
        (
            2,
            f"The colleague's {numbers(wrong, 'ab')}, with the steps of the walk that give them. One point"
            " if only the steps are right. Not enough: that the gradients come out wrong.",
        ),
        (1, f"{named}. Not enough: the repair alone."),
        (1, f"The repair: {fix}. Not enough: to call the notebook's function."),
        (
            1,
            f"Unnoticed {fine}; found by finite differences on an expression that {needed}. Not"
            " enough: more tests.",
        ),
    )
    return Question("faulty_engine", "An engine with a fault", task, answer, rubric, 18)


MAKERS: list[Maker] = [tape_gradients, stretched_backward]
QUESTIONS: list[Asker] = [faulty_engine]

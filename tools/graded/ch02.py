"""Graded problems of notebook 02: a step of a changed perceptron rule, and distances from a boundary."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mini_dl.course.checks.exercise import Case, case, edge

from . import Array, Asker, Maker, Problem, Question, hidden, pick, quarters


def cautious_update(rng: np.random.Generator) -> Problem:
    """One step of a rule with a margin, forgetting, and labels of its own."""
    margin = float(pick(rng, 0.25, 0.5, 0.75, 1.0, 1.5))
    lr = float(pick(rng, 0.25, 0.5, 0.75, 2.0))
    kept = float(pick(rng, 0.5, 0.75, 0.875))
    always = bool(pick(rng, False, True))
    low, high = pick(rng, (0, 1), (1, 2), (2, 1), (5, 3))

    def cautious_update(w: Array, x: Array, label: int) -> Array:
        y = 1 if label == high else -1
        learns = y * (w @ x) <= margin
        shrunk = kept * w if always or learns else w
        return shrunk + lr * y * x if learns else shrunk.copy()

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        for i in range(16):
            d = int(rng.integers(2, 6))
            w, x = quarters(rng, d), np.r_[1.0, quarters(rng, d - 1)]
            while abs(w @ x) == margin:  # what is exactly on the margin is an edge case
                w = quarters(rng, d)
            yield case(w, x, (low, high)[i % 2])
        between = np.array([margin * (1 + 1 / kept) / 2, 0.0])  # above the margin, unless it is shrunk first
        yield case(between, np.array([1.0, 2.0]), high)
        yield case(-between, np.array([1.0, -1.5]), low)
        for label in (low, high):
            yield edge("w = 0: the first step", np.zeros(3), np.array([1.0, 2.0, -1.0]), label)
        w, x = np.array([margin, 0.0]), np.array([1.0, 2.0])
        yield edge("y(w·x) is exactly the margin", w, x, high)
        yield edge("y(w·x) is exactly the margin, other label", -w, x, low)
        yield edge("far on the right side", 9 * w, x, high)

    when = "at every example" if always else "only when the rule learns"
    task = f"""Write `cautious_update(w, x, label)`, one step of a changed perceptron rule. The
label is {low} or {high};
{high} stands for $y = +1$ and {low} for $y = -1$. The bias is inside, as in the notebook.

The rule learns when $y\\,(w \\cdot x) \\le {margin:g}$. Then ${lr:g} \\cdot y \\cdot x$ is added
to the weights.
It also forgets: the old weights are multiplied by {kept:g} {when}, before anything is added. The test
$y\\,(w \\cdot x) \\le {margin:g}$
is made with the old weights. Return the new weights and leave `w` unchanged."""
    stub = f'''def cautious_update(w: np.ndarray, x: np.ndarray, label: int) -> np.ndarray:
    """Return the weights after one example: w, x of shape (d,), label {low} or {high} -> (d,)."""
    raise NotImplementedError'''
    body = [
        f"    y = 1 if label == {high} else -1",
        f"    learns = y * (w @ x) <= {margin:g}",
        f"    new = {kept:g} * w" if always else f"    new = {kept:g} * w if learns else w.copy()",
        f"    return new + {lr:g} * y * x if learns else new",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    example = (np.array([0.5, -1.0]), np.array([1.0, 2.0]), high)
    exercise = hidden(cautious_update, cases)
    return Problem(exercise, "A cautious neuron that forgets", task, stub, solution, 4, 12, example)


def close_calls(rng: np.random.Generator) -> Problem:
    """Summarise the smallest signed distances; the place of the bias is drawn."""
    k = int(pick(rng, 2, 3))
    last = bool(pick(rng, False, True))
    mean = bool(pick(rng, False, True))
    only_weights = bool(pick(rng, False, True))
    place = -1 if last else 0

    def close_calls(w: Array, X: Array, y: Array) -> float:
        norm = np.linalg.norm(np.delete(w, place) if only_weights else w)
        smallest = np.sort(y * (X @ w) / norm)[:k]
        return float(smallest.mean() if mean else smallest[k - 1])

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        def data(n: int, d: int) -> tuple[Array, Array, Array]:
            X, w = quarters(rng, n, d), quarters(rng, d)
            X[:, place] = 1.0
            w[place], w[0 if last else -1] = 0.75, 1.25
            return w, X, rng.permutation(np.resize([-1, 1], n))

        for _ in range(10):
            yield case(*data(int(rng.integers(4, 10)), int(rng.integers(2, 6))))
        w, X, y = data(6, 3)
        yield edge("w a hundred times longer", 100 * w, X, y)
        yield edge("everything on the right side", w, X, np.where(X @ w > 0, 1, -1))
        yield edge("everything on the wrong side", w, X, np.where(X @ w > 0, -1, 1))
        yield edge(f"exactly {k} examples", w, X[:k], y[:k])

    which = f"the mean of the {k} smallest" if mean else f"the {'second' if k == 2 else 'third'} smallest"
    where = "last" if last else "first"
    length = (
        f"the length of $w$ *without* its {where} entry, the bias:"
        f" the geometric distance in the space of the features"
        if only_weights
        else "the length of all of $w$, its bias included"
    )
    task = f"""Write `close_calls(w, X, y)`. The rows of `X`, of shape $(n, d)$, are examples, and
the *{where}* column of `X`
is the constant 1; `y` holds −1 and +1. The signed distance of an example is $y_i\\,(w \\cdot x_i)$
divided by
{length}. Return {which} of the $n$ signed distances, as one number. There are at least {k} examples."""
    stub = '''def close_calls(w: np.ndarray, X: np.ndarray, y: np.ndarray) -> float:
    """Return one number for weights w (d,), examples X (n, d) and labels y (n,) of -1 and +1."""
    raise NotImplementedError'''
    without = "w[:-1]" if last else "w[1:]"
    body = [
        f"    distances = y * (X @ w) / np.linalg.norm({without if only_weights else 'w'})",
        f"    smallest = np.sort(distances)[:{k}]",
        f"    return float(smallest.{'mean()' if mean else 'max()'})",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    X = np.array([[2.0, 1.0], [1.0, 1.0], [-3.0, 1.0]] if last else [[1.0, 2.0], [1.0, 1.0], [1.0, -3.0]])
    example = (np.array([3.0, 4.0]), X, np.array([1, 1, -1]))
    return Problem(hidden(close_calls, cases), "Close calls", task, stub, solution, 4, 10, example)


def a_bound_on_mistakes(rng: np.random.Generator) -> Question:
    """Use the bound on mistakes, and see what leaves their number as it is."""
    radius, margin = int(pick(rng, 3, 4, 5, 6, 8)), float(pick(rng, 0.125, 0.25, 0.5))
    factor = int(pick(rng, 3, 5, 10, 20))
    by_rate = bool(pick(rng, False, True))
    bound = (radius / margin) ** 2
    change = (
        f"sets the learning rate to {factor}"
        if by_rate
        else f"multiplies all inputs, the bias input included, by {factor}"
    )
    times = factor if by_rate else factor**2
    grown = f"$w$ is {factor} times as long" if by_rate else f"$w$ and $x$ are {factor} times as long"
    task = f"""All rows of a training set have a length of at most {radius}. Some vector of length 1 separates
the two classes with a margin of {margin:g}; the bias is inside. The perceptron rule adds
$\\eta \\, y \\, x$ to $w$ at each mistake ($y\\,(w \\cdot x) \\le 0$), starts at $w = 0$ and has $\\eta = 1$.

1. How many mistakes can it make at most, until it stops? Name the two quantities that the proof follows, and
   say why they cannot both go on as they do.
2. A classmate {change} and expects {times} times fewer mistakes. Does the number of mistakes rise, fall or
   stay? Give the reason in the rule itself, not only in the bound. Then say what changes in your answer if
   $w$ does not start at 0.
3. One label of the set is now turned round, and no line separates the classes any more. What does the rule
   do, what does the bound say, and which weights would you hand in?"""
    answer = f"""(1) At most $(R/\\gamma)^2 = ({radius} / {margin:g})^2 = {bound:g}$ mistakes. Each mistake
adds at least $\\gamma$ to $w \\cdot w^*$, the share of $w$ along the good direction, so after $k$ mistakes
it is at least $k\\gamma$. Each adds at most $R^2$ to the squared length of $w$, since the middle term
$2y(w \\cdot x)$ is not positive at a mistake, so the length is at most $\\sqrt k R$. A share cannot be
longer than the whole: $k\\gamma \\le \\sqrt k R$.

(2) It stays. Starting from 0, {grown} at every moment; only the sign of $w \\cdot x$ decides what is a
mistake, and a positive factor does not change a sign. So the same examples are mistakes, in the same
order. From other start weights this is not so: the start keeps its size while the steps change theirs, so
its weight in $w$ changes, and with it which examples are mistakes.

(3) It never stops: in each pass at least one example is a mistake, and the weights go on moving (they stay
bounded). The bound says nothing, since it needs a vector that separates. Hand in the mean of the weights
over the steps, or the weights that were best on the data so far (the pocket), measured on other data; not
the last ones."""
    rubric = (
        (1, f"The number {bound:g}, from $(R/\\gamma)^2$. Not enough: the formula without a number."),
        (
            2,
            "The two quantities: $w \\cdot w^*$ grows by at least $\\gamma$, the squared length by at most"
            " $R^2$ at each mistake; and $k$ against $\\sqrt k$ is a contradiction for large $k$ (1 point"
            " for two of the three). Not enough: that the weights get better with each mistake.",
        ),
        (
            2,
            "It stays, because the sign of $w \\cdot x$ is the same at every step (1 point if only the"
            " bound is used, which is the same). Not enough: that the data are easier or harder.",
        ),
        (1, "With another start the sizes of start and steps differ. Not enough: that it may be slower."),
        (
            2,
            "It goes on for ever; the bound needs separable classes; averaged weights or the pocket (1"
            " point for two of the three). Not enough: to stop after some passes and take the last weights.",
        ),
    )
    return Question("a_bound_on_mistakes", "A bound on mistakes", task, answer, rubric, 15)


MAKERS: list[Maker] = [cautious_update, close_calls]
QUESTIONS: list[Asker] = [a_bound_on_mistakes]

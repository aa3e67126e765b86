"""Notebook 04: the forward pass, ReLU and its slope, a bump of two sigmoids, counting parameters."""

# ruff: noqa: D103  (of a mistake, the hint above it says what it does)

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from mini_dl.course.checks.exercise import Case, case, edge, exercise

Layers = list[tuple[np.ndarray, np.ndarray]]


def halves(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Random multiples of 1/2 between −2 and 2."""
    return rng.integers(-4, 5, size=shape) / 2


def stack(rng: np.random.Generator, *sizes: int) -> Layers:
    """Random layers between sizes[0] inputs, sizes[1] units and so on."""
    return [(halves(rng, a, b), halves(rng, b)) for a, b in pairwise(sizes)]


# --- 4.1 mlp_forward ---------------------------------------------------------------------------------


@exercise
def mlp_forward(X: np.ndarray, layers: Layers) -> np.ndarray:
    """Pass X through every layer, X @ W + b, with ReLU after all layers but the last."""
    for W, b in layers[:-1]:
        X = np.maximum(X @ W + b, 0)
    W, b = layers[-1]
    return X @ W + b


@mlp_forward.cases
def mlp_forward_cases(rng: np.random.Generator) -> Iterator[Case]:
    X = np.array([[1.0, -1.0], [0.5, 2.0], [0.0, 0.0]])
    first = (np.array([[1.0, -1.0, 0.5], [2.0, 1.0, -1.0]]), np.array([0.0, 1.0, -0.25]))
    last = (np.array([[1.0, -1.0], [0.5, 1.0], [-2.0, 0.0]]), np.array([0.5, -1.0]))
    yield case(X, [first, last])
    yield case(X, [(np.array([[1.0], [-2.0]]), np.array([-0.5]))])
    yield case(-X, [first, last])
    for i in range(8):
        sizes = [int(n) for n in rng.integers(2, 6, size=3 + i % 3)]
        yield case(halves(rng, int(rng.integers(4, 7)), sizes[0]), stack(rng, *sizes))
    yield edge("a single example", halves(rng, 1, 3), stack(rng, 3, 4, 2))
    yield edge("a single layer: no ReLU at all", halves(rng, 4, 3), stack(rng, 3, 2))
    yield edge("five layers", halves(rng, 5, 2), stack(rng, 2, 4, 4, 4, 4, 3))
    yield edge("all layers square", halves(rng, 3, 3), stack(rng, 3, 3, 3))
    yield edge("a layer of one unit in the middle", halves(rng, 4, 3), stack(rng, 3, 1, 2))


@mlp_forward.mistake("There is a ReLU after the last layer, too: an output has to be able to be negative.")
def relu_at_the_end(X, layers):
    for W, b in layers:
        X = np.maximum(X @ W + b, 0)
    return X


@mlp_forward.mistake("The ReLU is missing: without it all layers together are a single one.")
def without_relu(X, layers):
    for W, b in layers:
        X = X @ W + b
    return X


@mlp_forward.mistake("The biases are missing: each unit adds its own number to the sum.")
def without_bias(X, layers):
    for W, _ in layers[:-1]:
        X = np.maximum(X @ W, 0)
    return X @ layers[-1][0]


@mlp_forward.mistake("The bias belongs inside the ReLU: it shifts where a unit begins to answer.")
def bias_after_relu(X, layers):
    for W, b in layers[:-1]:
        X = np.maximum(X @ W, 0) + b
    return X @ layers[-1][0] + layers[-1][1]


@mlp_forward.mistake("Your ReLU stands before each layer, and so also cuts off the negative inputs.")
def relu_before(X, layers):
    for W, b in layers:
        X = np.maximum(X, 0) @ W + b
    return X


@mlp_forward.mistake("The last bias is missing: the output layer has one, too.")
def without_last_bias(X, layers):
    for W, b in layers[:-1]:
        X = np.maximum(X @ W + b, 0)
    return X @ layers[-1][0]


@mlp_forward.mistake("You stop before the last layer: that is the last hidden layer, not the output.")
def without_last_layer(X, layers):
    for W, b in layers[:-1]:
        X = np.maximum(X @ W + b, 0)
    return X


@mlp_forward.mistake("Only the first layer is applied: its output is the next one's input.")
def first_layer_only(X, layers):
    return np.maximum(X @ layers[0][0] + layers[0][1], 0)


@mlp_forward.mistake("Only the first layer has a ReLU; every layer but the last has one.")
def relu_once(X, layers):
    for i, (W, b) in enumerate(layers):
        X = X @ W + b
        if i == 0 and len(layers) > 1:
            X = np.maximum(X, 0)
    return X


@mlp_forward.mistake("That is tanh between the layers; asked for is ReLU.")
def with_tanh(X, layers):
    for W, b in layers[:-1]:
        X = np.tanh(X @ W + b)
    return X @ layers[-1][0] + layers[-1][1]


@mlp_forward.mistake("That is the sigmoid between the layers; asked for is ReLU.")
def with_sigmoid(X, layers):
    for W, b in layers[:-1]:
        X = 1 / (1 + np.exp(-(X @ W + b)))
    return X @ layers[-1][0] + layers[-1][1]


@mlp_forward.mistake("Absolute values: ReLU makes 0 of a negative number, and does not turn its sign.")
def with_absolute(X, layers):
    for W, b in layers[:-1]:
        X = np.abs(X @ W + b)
    return X @ layers[-1][0] + layers[-1][1]


@mlp_forward.mistake("ReLU keeps the positive numbers: the larger of z and 0, not the smaller.")
def with_minimum(X, layers):
    for W, b in layers[:-1]:
        X = np.minimum(X @ W + b, 0)
    return X @ layers[-1][0] + layers[-1][1]


@mlp_forward.mistake("The bias is subtracted in your layers: a layer is X @ W + b.")
def bias_subtracted(X, layers):
    for W, b in layers[:-1]:
        X = np.maximum(X @ W - b, 0)
    return X @ layers[-1][0] - layers[-1][1]


# --- 4.2 relu_and_grad -------------------------------------------------------------------------------


@exercise
def relu_and_grad(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return max(z, 0) and its slope: 1 where z > 0, else 0."""
    return np.maximum(z, 0), np.where(z > 0, 1.0, 0.0)


@relu_and_grad.cases
def relu_and_grad_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(np.array([-2.0, 0.75, 3.0]))
    yield case(np.array([1.55, -0.25, 0.0, -4.0]))
    yield case(np.array([0.5]))
    for i in range(8):
        shape = (int(rng.integers(3, 7)),) if i % 2 else (int(rng.integers(2, 4)), int(rng.integers(3, 5)))
        yield case(rng.normal(size=shape).round(3))
    yield edge("exactly 0: the slope is 0 by agreement", np.zeros(4))
    yield edge("nothing positive", np.array([-1.0, -0.001, -500.0]))
    yield edge("three axes", rng.normal(size=(2, 2, 3)).round(3))
    yield edge("whole numbers", np.array([-3, 0, 2, 7]))
    yield edge("very large and very small", np.array([1e30, -1e30, 1e-30, -1e-30]))


@relu_and_grad.mistake("At z = 0 the slope is not 0 but 1 in your answer: we agreed on 0, so compare with >.")
def one_at_zero(z):
    return np.maximum(z, 0), np.where(z >= 0, 1.0, 0.0)


@relu_and_grad.mistake("At z = 0 the slope is one half in your answer: we agreed on 0.")
def half_at_zero(z):
    return np.maximum(z, 0), np.where(z > 0, 1.0, np.where(z == 0, 0.5, 0.0))


@relu_and_grad.mistake("The two results are swapped: first the values, then the slopes.")
def swapped(z):
    return np.where(z > 0, 1.0, 0.0), np.maximum(z, 0)


@relu_and_grad.mistake("The slope of the positive part is 1: the graph is the line of z itself, not of z²/2.")
def slope_is_value(z):
    return np.maximum(z, 0), np.maximum(z, 0)


@relu_and_grad.mistake("The slope is −1 on the negative side in your answer: ReLU is flat there.")
def slope_of_absolute(z):
    return np.maximum(z, 0), np.sign(z)


@relu_and_grad.mistake("That is the absolute value and its slope: ReLU makes 0 of a negative number.")
def absolute_value(z):
    return np.abs(z), np.sign(z)


@relu_and_grad.mistake(
    "Your values keep the negative numbers and lose the positive ones: maximum, not minimum."
)
def minimum(z):
    return np.minimum(z, 0), np.where(z > 0, 1.0, 0.0)


@relu_and_grad.mistake(
    "The slope is 1 on the positive side and 0 on the negative one; yours is turned round."
)
def slope_turned(z):
    return np.maximum(z, 0), np.where(z < 0, 1.0, 0.0)


@relu_and_grad.mistake("Only the values: return two arrays, the values and the slopes.")
def values_only(z):
    return np.maximum(z, 0)


@relu_and_grad.mistake("Only the slopes: return two arrays, the values and the slopes.")
def slopes_only(z):
    return np.where(z > 0, 1.0, 0.0)


@relu_and_grad.mistake("The values are z unchanged: ReLU makes 0 of a negative number.")
def values_unchanged(z):
    return z, np.where(z > 0, 1.0, 0.0)


@relu_and_grad.mistake("Slope 1 everywhere is that of the identity: where z is negative, ReLU is flat.")
def slope_one(z):
    return np.maximum(z, 0), np.ones(np.shape(z))


@relu_and_grad.mistake("That is the leaky ReLU, which keeps a hundredth of a negative number.")
def leaky(z):
    return np.where(z > 0, z, 0.01 * z), np.where(z > 0, 1.0, 0.01)


# --- 4.3 bump ----------------------------------------------------------------------------------------


def _sigmoid(z):
    small = np.exp(-np.abs(z))
    return np.where(np.asarray(z) >= 0, 1.0, small) / (1 + small)


@exercise
def bump(x: np.ndarray, left: float, right: float, steepness: float) -> np.ndarray:
    """Return a step up at `left` minus a step up at `right`."""
    return _sigmoid(steepness * (x - left)) - _sigmoid(steepness * (x - right))


@bump.cases
def bump_cases(rng: np.random.Generator) -> Iterator[Case]:
    x = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    yield case(x, 0.25, 0.75, 20.0)
    yield case(x, 0.25, 0.75, 4.0)
    yield case(x, 0.5, 1.0, 10.0)
    yield case(np.array([-1.0, 0.0, 1.0]), -0.5, 0.25, 3.0)
    for _ in range(8):
        left = round(float(rng.uniform(-1, 0.5)), 2)
        right, steepness = left + float(rng.choice([0.25, 0.5, 1.0])), float(rng.integers(2, 30))
        yield case(np.sort(rng.uniform(-1, 2, size=int(rng.integers(4, 9))).round(2)), left, right, steepness)
    yield edge("a bump of width 0 is nothing", x, 0.5, 0.5, 10.0)
    yield edge("very steep: almost a box", x, 0.3, 0.6, 5000.0)
    yield edge("very soft: almost nothing", x, 0.3, 0.6, 0.1)
    yield edge("a table of points", rng.uniform(0, 1, size=(2, 3)).round(2), 0.25, 0.5, 12.0)
    yield edge("a single point", np.array([0.4]), 0.25, 0.5, 12.0)


@bump.mistake("The two steps are added: the second one has to take away what the first one brought.")
def steps_added(x, left, right, steepness):
    return _sigmoid(steepness * (x - left)) + _sigmoid(steepness * (x - right))


@bump.mistake("The sign is turned, your bump hangs downwards: step at `left` minus step at `right`.")
def upside_down(x, left, right, steepness):
    return _sigmoid(steepness * (x - right)) - _sigmoid(steepness * (x - left))


@bump.mistake("The steepness is missing: it multiplies the distance from each edge.")
def without_steepness(x, left, right, steepness):
    return _sigmoid(x - left) - _sigmoid(x - right)


@bump.mistake("The steepness multiplies x alone: then the steps stand elsewhere. Multiply x − left.")
def steepness_on_x(x, left, right, steepness):
    return _sigmoid(steepness * x - left) - _sigmoid(steepness * x - right)


@bump.mistake("Your steps stand at −left and −right: subtract the edge from x.")
def edges_added(x, left, right, steepness):
    return _sigmoid(steepness * (x + left)) - _sigmoid(steepness * (x + right))


@bump.mistake("That is one step only: nothing takes it down again at `right`.")
def one_step(x, left, right, steepness):
    return _sigmoid(steepness * (x - left))


@bump.mistake("Your steps are sudden, and the bump is a box: use the sigmoid with the steepness.")
def box(x, left, right, steepness):
    return np.where((x >= left) & (x < right), 1.0, 0.0)


@bump.mistake("Your steps are sudden, and the bump is a box: use the sigmoid with the steepness.")
def open_box(x, left, right, steepness):
    return np.where((x > left) & (x < right), 1.0, 0.0)


@bump.mistake("Your steps are sudden, and the bump is a box: use the sigmoid with the steepness.")
def closed_box(x, left, right, steepness):
    return np.where((x >= left) & (x <= right), 1.0, 0.0)


@bump.mistake("That is the product of two steps, not their difference: no single output unit can multiply.")
def product(x, left, right, steepness):
    return _sigmoid(steepness * (x - left)) * _sigmoid(steepness * (right - x))


@bump.mistake("tanh runs from −1 to 1, so your bump is twice as high: the sigmoid runs from 0 to 1.")
def with_tanh_steps(x, left, right, steepness):
    return np.tanh(steepness * (x - left)) - np.tanh(steepness * (x - right))


@bump.mistake("That is half a difference of tanh, which is twice as steep as the sigmoid.")
def with_half_tanh_steps(x, left, right, steepness):
    return 0.5 * (np.tanh(steepness * (x - left)) - np.tanh(steepness * (x - right)))


@bump.mistake("The steepness divides the distance; it has to multiply it: a larger one is steeper.")
def steepness_divides(x, left, right, steepness):
    return _sigmoid((x - left) / steepness) - _sigmoid((x - right) / steepness)


@bump.mistake("The bump is multiplied by the steepness: it belongs inside the sigmoids only.")
def as_high_as_steep(x, left, right, steepness):
    return steepness * (_sigmoid(steepness * (x - left)) - _sigmoid(steepness * (x - right)))


# --- 4.4 count_parameters ----------------------------------------------------------------------------


@exercise
def count_parameters(sizes: list[int]) -> int:
    """Return the number of weights and biases between layers of these sizes."""
    return sum((a + 1) * b for a, b in pairwise(sizes))


@count_parameters.cases
def count_parameters_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case([2, 2, 1])
    yield case([2, 3])
    yield case([3, 1])
    yield case([4, 5, 3])
    yield case([784, 100, 10])
    for _ in range(8):
        yield case([int(n) for n in rng.integers(2, 60, size=int(rng.integers(3, 6)))])
    yield edge("a single neuron with one input", [1, 1])
    yield edge("many layers of one unit", [1] * 12)
    yield edge("only an input: nothing to learn", [7])
    yield edge("more parameters than fit into 32 bits", [100_000, 50_000, 10])


def _pairs(sizes):
    return list(pairwise(sizes))


@count_parameters.mistake("The biases are missing: each unit that computes has one.")
def without_biases(sizes):
    return sum(a * b for a, b in _pairs(sizes))


@count_parameters.mistake("The inputs have no biases: only units that compute something do.")
def biased_inputs(sizes):
    return sum(a * b for a, b in _pairs(sizes)) + sum(sizes)


@count_parameters.mistake("A layer has as many biases as it has outputs; you count as many as inputs.")
def biases_of_inputs(sizes):
    return sum(a * (b + 1) for a, b in _pairs(sizes))


@count_parameters.mistake("One bias a layer is not enough: each of its units has its own.")
def one_bias_a_layer(sizes):
    return sum(a * b + 1 for a, b in _pairs(sizes))


@count_parameters.mistake("You add the sizes of two neighbours: every unit meets every unit, so multiply.")
def sizes_added(sizes):
    return sum(a + b for a, b in _pairs(sizes))


@count_parameters.mistake(
    "That is the number of units that compute, or of their biases: the weights are missing."
)
def biases_only(sizes):
    return sum(sizes[1:])


@count_parameters.mistake(
    "That is the number of all units: count the connections between them, and the biases."
)
def units(sizes):
    return sum(sizes)


@count_parameters.mistake("You multiply all sizes: only neighbouring layers are connected.")
def all_multiplied(sizes):
    return int(np.prod(sizes, dtype=float)) if len(sizes) > 1 else 0


@count_parameters.mistake("The last layer has biases, too.")
def last_without_biases(sizes):
    return sum((a + 1) * b for a, b in _pairs(sizes)) - (sizes[-1] if len(sizes) > 1 else 0)


@count_parameters.mistake("Only the first pair of layers is counted: go on through the list.")
def first_pair_only(sizes):
    return sum((a + 1) * b for a, b in _pairs(sizes)[:1])


@count_parameters.mistake("The last pair of layers is left out: stop one step later.")
def last_pair_left_out(sizes):
    return sum((a + 1) * b for a, b in _pairs(sizes)[:-1])


@count_parameters.mistake("That is first times last size; every pair of neighbours has its own matrix.")
def first_times_last(sizes):
    return (sizes[0] + 1) * sizes[-1] if len(sizes) > 1 else 0


@count_parameters.mistake(
    "You add a bias to both sides of a pair: (a + 1)·b is right, (a + 1)·(b + 1) is not."
)
def bias_on_both_sides(sizes):
    return sum((a + 1) * (b + 1) for a, b in _pairs(sizes))

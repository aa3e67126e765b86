"""Notebook 05: the backward rules of a linear layer and of ReLU, a two-layer network, gradient checking.

Inputs are multiples of 1/4 and biases are odd multiples of 1/32, so no ReLU stands within rounding of its
kink by accident: every right answer opens and shuts the same gates, whatever the order in which it adds.
"""

# ruff: noqa: D103  (of a mistake, the hint above it says what it does)

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from mini_dl.course.checks.exercise import Case, case, edge, exercise

Array = np.ndarray
Three = tuple[Array, Array, Array]
Four = tuple[Array, Array, Array, Array]


def quarters(rng: np.random.Generator, *shape: int) -> Array:
    """Random multiples of 1/4 between −2 and 2, none of them 0."""
    return rng.choice([-1, 1], size=shape) * rng.integers(1, 9, size=shape) / 4


def odd_bias(rng: np.random.Generator, n: int) -> Array:
    """Random odd multiples of 1/32: added to multiples of 1/16 they never give 0."""
    return (2 * rng.integers(-16, 16, size=n) + 1) / 32


# --- 5.1 backward_linear -----------------------------------------------------------------------------


@exercise
def backward_linear(g: Array, X: Array, W: Array) -> Three:
    """Gradients of Z = X W + b: dX = g Wᵀ, dW = Xᵀ g, db = the sum of g over the examples."""
    return g @ W.T, X.T @ g, g.sum(axis=0)


@backward_linear.cases
def backward_linear_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(np.array([[1.0, -2.0]]), np.array([[3.0, 0.5, 2.0]]), np.array([[1.0, 0], [2, 1], [0, -1]]))
    yield case(np.array([[1.0], [0.5]]), np.array([[2.0, 1.0], [-1.0, 4.0]]), np.array([[3.0], [-2.0]]))
    for n, d, k in [(3, 2, 4), (4, 3, 2), (2, 5, 3), (6, 4, 1), (5, 2, 2), (4, 4, 4)]:
        yield case(quarters(rng, n, k), quarters(rng, n, d), quarters(rng, d, k))
    yield edge("a single example", quarters(rng, 1, 2), quarters(rng, 1, 3), quarters(rng, 3, 2))
    yield edge("one input, one output", quarters(rng, 3, 1), quarters(rng, 3, 1), quarters(rng, 1, 1))
    yield edge("no gradient arrives", np.zeros((2, 3)), quarters(rng, 2, 2), quarters(rng, 2, 3))


@backward_linear.mistake(
    "The order is dX, dW, db: first what goes on to the layer before, then the parameters."
)
def weights_first(g: Array, X: Array, W: Array) -> Three:
    return X.T @ g, g @ W.T, g.sum(axis=0)


@backward_linear.mistake("The order is dX, dW, db; you return dW, db, dX.")
def input_last(g: Array, X: Array, W: Array) -> Three:
    return X.T @ g, g.sum(axis=0), g @ W.T


@backward_linear.mistake(
    "Your db is a mean over the examples. Each example uses the same b, so its shares add up: sum."
)
def bias_mean(g: Array, X: Array, W: Array) -> Three:
    return g @ W.T, X.T @ g, g.mean(axis=0)


@backward_linear.mistake(
    "The mean over the examples belongs to the loss, and is inside g already: do not divide again."
)
def both_means(g: Array, X: Array, W: Array) -> Three:
    return g @ W.T, X.T @ g / len(X), g.mean(axis=0)


@backward_linear.mistake(
    "The mean over the examples belongs to the loss, and is inside g already: do not divide dW again."
)
def weight_mean(g: Array, X: Array, W: Array) -> Three:
    return g @ W.T, X.T @ g / len(X), g.sum(axis=0)


@backward_linear.mistake(
    "Your db has the wrong axis summed away: b has one number for each output, so sum over the examples."
)
def bias_wrong_axis(g: Array, X: Array, W: Array) -> Three:
    return g @ W.T, X.T @ g, g.sum(axis=1)


@backward_linear.mistake("Your dW is transposed: it needs the shape of W, (d, k), so it is X.T @ g.")
def weights_transposed(g: Array, X: Array, W: Array) -> Three:
    return g @ W.T, g.T @ X, g.sum(axis=0)


@backward_linear.mistake(
    "Your db keeps one row for each example; b is used by all of them, so sum over axis 0."
)
def bias_not_summed(g: Array, X: Array, W: Array) -> Three:
    return g @ W.T, X.T @ g, g


@backward_linear.mistake("Your db is a single number; b has one entry for each output: sum over axis 0 only.")
def bias_all_summed(g: Array, X: Array, W: Array) -> Three:
    return g @ W.T, X.T @ g, g.sum()


@backward_linear.mistake(
    "Your dX does not depend on g: it is W alone. The chain rule multiplies by the gradient that arrives."
)
def local_slopes_only(g: Array, X: Array, W: Array) -> Three:
    return np.ones_like(g) @ W.T, X.T @ np.ones_like(g), np.full(g.shape[1], float(len(g)))


@backward_linear.mistake("The sign is turned: these are gradients, not the steps downhill.")
def steps_downhill(g: Array, X: Array, W: Array) -> Three:
    return -g @ W.T, -X.T @ g, -g.sum(axis=0)


@backward_linear.mistake("Your g @ W does not fit: going back through W takes its transpose, g @ W.T.")
def forward_again(g: Array, X: Array, W: Array) -> Three:
    return g @ W, X.T @ g, g.sum(axis=0)


# --- 5.2 backward_relu -------------------------------------------------------------------------------


@exercise
def backward_relu(g: Array, Z: Array) -> Array:
    """Gradient of H = max(0, Z): g where Z > 0, else 0."""
    return np.where(Z > 0, g, 0.0)


@backward_relu.cases
def backward_relu_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(np.array([[5.0, -7.25, 3.0]]), np.array([[2.0, 0.5, -1.0]]))
    yield case(np.array([[1.5, -2.0], [-0.25, 3.0]]), np.array([[-1.0, -3.0], [4.0, 0.25]]))
    for shape in [(2, 3), (3, 2), (1, 5), (4, 4), (5, 1), (3, 6), (2, 2)]:
        yield case(quarters(rng, *shape), quarters(rng, *shape))
    yield edge(
        "an input of exactly 0 (the slope there counts as 0)", np.array([[2.25, -3.0]]), np.zeros((1, 2))
    )
    yield edge("all gates shut", quarters(rng, 2, 3), -np.abs(quarters(rng, 2, 3)))
    yield edge("all gates open", quarters(rng, 2, 3), np.abs(quarters(rng, 2, 3)))
    yield edge("tiny inputs", np.array([[1.25, 2.5]]), np.array([[1e-9, -1e-9]]))
    yield edge("no gradient arrives", np.zeros((2, 2)), quarters(rng, 2, 2))


@backward_relu.mistake(
    "You apply ReLU to the gradient. What decides is the sign of Z; negative gradients pass as well."
)
def relu_of_g(g: Array, Z: Array) -> Array:
    return np.maximum(g, 0)


@backward_relu.mistake("At an input of exactly 0 the slope counts as 0 here: ask for Z > 0, not Z >= 0.")
def open_at_zero(g: Array, Z: Array) -> Array:
    return g * (Z >= 0)


@backward_relu.mistake("That is the local slope, 0 or 1. The chain rule multiplies it by g.")
def slope_only(g: Array, Z: Array) -> Array:
    return (Z > 0).astype(float)


@backward_relu.mistake(
    "You multiply by the value of ReLU; the rule multiplies by its slope, which is 0 or 1."
)
def times_value(g: Array, Z: Array) -> Array:
    return g * np.maximum(Z, 0)


@backward_relu.mistake("You multiply by Z itself; the rule multiplies by the slope of ReLU, which is 0 or 1.")
def times_input(g: Array, Z: Array) -> Array:
    return g * Z


@backward_relu.mistake("Your gate is the wrong way round: the gradient passes where Z is above 0.")
def gate_turned(g: Array, Z: Array) -> Array:
    return g * (Z <= 0)


@backward_relu.mistake("That is the forward pass, max(0, Z). Asked for is the gradient with respect to Z.")
def forward_pass(g: Array, Z: Array) -> Array:
    return np.maximum(Z, 0)


@backward_relu.mistake("Nothing is held back: where Z is not above 0 the gradient does not pass.")
def always_open(g: Array, Z: Array) -> Array:
    return g.copy()


@backward_relu.mistake("Where the gate is shut the gradient is 0; yours is turned round there.")
def sign_of_input(g: Array, Z: Array) -> Array:
    return g * np.sign(Z)


@backward_relu.mistake("You ask for both Z and g above 0. The sign of g does not matter for the gate.")
def both_positive(g: Array, Z: Array) -> Array:
    return g * (Z > 0) * (g > 0)


# --- 5.3 two_layer_gradients -------------------------------------------------------------------------


def _forward(X: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> tuple[Array, Array, Array]:
    Z = X @ W1 + b1
    H = np.maximum(Z, 0)
    logits = H @ W2 + b2
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return Z, H, powers / powers.sum(axis=1, keepdims=True)


def _backward(g: Array, gate: Array, H: Array, X: Array, W2: Array) -> Four:
    gz = (g @ W2.T) * gate
    return X.T @ gz, gz.sum(axis=0), H.T @ g, g.sum(axis=0)


def _truth(P: Array, labels: Array) -> Array:
    return np.eye(P.shape[1])[labels]


@exercise
def two_layer_gradients(X: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Four:
    """Gradients (dW1, db1, dW2, db2) of the mean cross-entropy of a two-layer ReLU network."""
    Z, H, P = _forward(X, W1, b1, W2, b2)
    return _backward((P - _truth(P, labels)) / len(X), Z > 0, H, X, W2)


@two_layer_gradients.cases
def two_layer_gradients_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(
        np.array([[1.0, 2.0], [-1.0, 0.5]]),
        np.array([0, 1]),
        np.array([[1.0, -0.5], [0.5, 1.0]]),
        np.array([0.25, -0.25]),
        np.array([[1.0, -1.0], [0.5, 2.0]]),
        np.array([0.5, 0.0]),
    )

    def network(n: int, d: int, h: int, k: int) -> tuple[Array, ...]:
        labels = rng.integers(0, k, size=n)
        return (
            quarters(rng, n, d),
            labels,
            quarters(rng, d, h),
            odd_bias(rng, h),
            quarters(rng, h, k),
            quarters(rng, k),
        )

    for sizes in [
        (3, 2, 4, 3),
        (4, 3, 2, 2),
        (5, 3, 5, 4),
        (2, 4, 3, 5),
        (6, 3, 3, 3),
        (4, 2, 6, 2),
        (3, 5, 4, 3),
    ]:
        yield case(*network(*sizes))
    yield edge("a single example", *network(1, 3, 4, 3))
    X, labels, W1, _, W2, b2 = network(3, 2, 3, 2)
    yield edge("all hidden units off", X, labels, W1, np.full(3, -20.0), W2, b2)
    yield edge("all hidden units on", X, labels, W1, np.full(3, 20.0), W2, b2)
    X, labels, W1, b1, W2, b2 = network(3, 2, 3, 3)
    yield edge("logits in the thousands", X, labels, W1, b1, 1000 * W2, b2)
    W1, b1 = W1.copy(), b1.copy()
    W1[:, 0], b1[0] = 0.0, 0.0
    yield edge("a hidden sum of exactly 0 (the slope there counts as 0)", X, labels, W1, b1, W2, b2)
    yield edge("all examples of one class", X, np.full(3, 2), W1, b1, W2, b2)


# The order comes first: what else the shapes of a swapped answer suggest would lead astray.
@two_layer_gradients.mistake(
    "The order is dW1, db1, dW2, db2, as in the arguments; yours begins with the second layer."
)
def second_layer_first(X: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Four:
    dW1, db1, dW2, db2 = two_layer_gradients.reference(X, labels, W1, b1, W2, b2)
    return dW2, db2, dW1, db1


@two_layer_gradients.mistake(
    "The order is dW1, db1, dW2, db2, as in the arguments; you return both weights, then both biases."
)
def weights_then_biases(X: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Four:
    dW1, db1, dW2, db2 = two_layer_gradients.reference(X, labels, W1, b1, W2, b2)
    return dW1, dW2, db1, db2


@two_layer_gradients.mistake(
    "The order is dW1, db1, dW2, db2, as in the arguments; in yours the bias stands before its weights."
)
def biases_first(X: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Four:
    dW1, db1, dW2, db2 = two_layer_gradients.reference(X, labels, W1, b1, W2, b2)
    return db1, dW1, db2, dW2


@two_layer_gradients.mistake(
    "The order is dW1, db1, dW2, db2, as in the arguments; yours is the order in which you came back."
)
def as_computed(X: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Four:
    dW1, db1, dW2, db2 = two_layer_gradients.reference(X, labels, W1, b1, W2, b2)
    return db2, dW2, db1, dW1


@two_layer_gradients.mistake("The loss is a mean over the examples: divide P − Y by their number.")
def without_mean(X: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Four:
    Z, H, P = _forward(X, W1, b1, W2, b2)
    return _backward(P - _truth(P, labels), Z > 0, H, X, W2)


@two_layer_gradients.mistake(
    "The gradient has passed W2 but not the ReLU: it goes on only where the hidden sum Z was above 0."
)
def without_gate(X: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Four:
    Z, H, P = _forward(X, W1, b1, W2, b2)
    return _backward((P - _truth(P, labels)) / len(X), np.ones_like(Z), H, X, W2)


@two_layer_gradients.mistake(
    "Your gate asks for the sign of the gradient. What opens it is the hidden sum Z of the forward pass."
)
def gate_by_gradient(X: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Four:
    _, H, P = _forward(X, W1, b1, W2, b2)
    g = (P - _truth(P, labels)) / len(X)
    return _backward(g, g @ W2.T > 0, H, X, W2)


@two_layer_gradients.mistake(
    "Where a hidden sum is exactly 0 the slope counts as 0: ask for Z > 0, not Z >= 0."
)
def open_at_zero_sum(X: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Four:
    Z, H, P = _forward(X, W1, b1, W2, b2)
    return _backward((P - _truth(P, labels)) / len(X), Z >= 0, H, X, W2)


@two_layer_gradients.mistake("The sign is turned: with respect to the logits the gradient is P − Y.")
def truth_minus_probability(X: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Four:
    Z, H, P = _forward(X, W1, b1, W2, b2)
    return _backward((_truth(P, labels) - P) / len(X), Z > 0, H, X, W2)


@two_layer_gradients.mistake(
    "dW2 needs what the second layer was given: the hidden values after ReLU, not the sums before it."
)
def sums_for_values(X: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Four:
    Z, _, P = _forward(X, W1, b1, W2, b2)
    return _backward((P - _truth(P, labels)) / len(X), Z > 0, Z, X, W2)


@two_layer_gradients.mistake(
    "You multiply by the hidden values instead of by the slope of ReLU, which is 0 or 1."
)
def values_for_gate(X: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Four:
    _, H, P = _forward(X, W1, b1, W2, b2)
    return _backward((P - _truth(P, labels)) / len(X), H, H, X, W2)


@two_layer_gradients.mistake(
    "Your db1 and db2 are means. The 1/n of the loss is inside already; each example's share adds up: sum."
)
def bias_means(X: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Four:
    dW1, db1, dW2, db2 = two_layer_gradients.reference(X, labels, W1, b1, W2, b2)
    return dW1, db1 / len(X), dW2, db2 / len(X)


@two_layer_gradients.mistake(
    "You divide dW1 and dW2 by the number of examples, but the 1/n of the mean is in P − Y already."
)
def weight_means(X: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Four:
    dW1, db1, dW2, db2 = two_layer_gradients.reference(X, labels, W1, b1, W2, b2)
    return dW1 / len(X), db1, dW2 / len(X), db2


@two_layer_gradients.mistake(
    "You divide by the number of examples twice: the 1/n of the mean belongs to the beginning, P − Y, alone."
)
def mean_in_every_layer(X: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Four:
    dW1, db1, dW2, db2 = two_layer_gradients.reference(X, labels, W1, b1, W2, b2)
    return dW1 / len(X), db1 / len(X), dW2 / len(X), db2 / len(X)


@two_layer_gradients.mistake(
    "You start from the probabilities alone: subtract 1 at the true class of each row first (P − Y)."
)
def truth_forgotten(X: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Four:
    Z, H, P = _forward(X, W1, b1, W2, b2)
    return _backward(P / len(X), Z > 0, H, X, W2)


@two_layer_gradients.mistake(
    "You start from logits − Y, the gradient of a squared error. Cross-entropy takes softmax(logits) − Y."
)
def softmax_forgotten(X: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Four:
    Z, H, P = _forward(X, W1, b1, W2, b2)
    return _backward((H @ W2 + b2 - _truth(P, labels)) / len(X), Z > 0, H, X, W2)


@two_layer_gradients.mistake(
    "Your softmax overflows for logits in the thousands: subtract the largest logit of each row first."
)
def naive_softmax(X: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Four:
    Z, H, _ = _forward(X, W1, b1, W2, b2)
    P = np.exp(H @ W2 + b2)
    P = P / P.sum(axis=1, keepdims=True)
    return _backward((P - _truth(P, labels)) / len(X), Z > 0, H, X, W2)


@two_layer_gradients.mistake("Your forward pass has no ReLU: the hidden values are max(0, X W1 + b1).")
def linear_network(X: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Four:
    Z = X @ W1 + b1
    logits = Z @ W2 + b2
    P = np.exp(logits - logits.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    return _backward((P - _truth(P, labels)) / len(X), np.ones_like(Z), Z, X, W2)


@two_layer_gradients.mistake("The bias b1 is missing in your forward pass: the hidden sums are X W1 + b1.")
def bias_forgotten(X: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Four:
    return two_layer_gradients.reference(X, labels, W1, np.zeros_like(b1), W2, b2)


@two_layer_gradients.mistake(
    "dW1 and dW2 are transposed: a gradient has the shape of its weights, so it is (inputs).T @ (gradient)."
)
def transposed_weights(X: Array, labels: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Four:
    dW1, db1, dW2, db2 = two_layer_gradients.reference(X, labels, W1, b1, W2, b2)
    return dW1.T, db1, dW2.T, db2


# --- 5.4 gradient_check ------------------------------------------------------------------------------


class Cubic:
    """A loss to check gradients on: Σ (a w³ + b w² + c w) + ½ (Σ w)². Central differences are a·h² off."""

    def __init__(self, a: float, b: float, c: float) -> None:
        self.a, self.b, self.c = a, b, c

    def __call__(self, w: Array) -> float:
        """Return the loss at w."""
        w = np.asarray(w, dtype=float)
        return float(np.sum(self.a * w**3 + self.b * w**2 + self.c * w) + 0.5 * np.sum(w) ** 2)

    def __repr__(self) -> str:
        return f"Σ ({self.a:g} w³ + {self.b:g} w² + {self.c:g} w) + ½ (Σ w)²"


class Slope:
    """The gradient of a `Cubic`, right or with a slip in it."""

    def __init__(self, of: Cubic, slip: str = "") -> None:
        self.of, self.slip = of, slip

    def __call__(self, w: Array) -> Array:
        """Return the gradient at w, with the slip."""
        w, f = np.asarray(w, dtype=float), self.of
        g = 3 * f.a * w**2 + 2 * f.b * w + f.c + np.sum(w)
        if self.slip == "half of it":
            g = g / 2
        elif self.slip == "twice it":
            g = 2 * g
        elif self.slip == "zeros":
            g = 0 * g
        elif self.slip == "first entry 0":
            g.flat[0] = 0.0
        elif self.slip == "sign of the last entry":
            g.flat[-1] *= -1
        return g

    def __repr__(self) -> str:
        return "the gradient" + (f", but {self.slip}" if self.slip else "")


@exercise
def gradient_check(
    loss: Callable[[Array], float], gradient: Callable[[Array], Array], w: Array, h: float = 1e-5
) -> float:
    """Relative error ‖g − d‖ / (‖g‖ + ‖d‖) of a gradient g against central differences d; 0 if both are 0."""
    return _relative_error(gradient(w), _central(loss, w, h))


def _central(loss: Callable[[Array], float], w: Array, h: float) -> Array:
    w = np.array(w, dtype=float)
    d = np.zeros_like(w)
    for i in np.ndindex(w.shape):
        step = np.zeros_like(w)
        step[i] = h
        d[i] = (loss(w + step) - loss(w - step)) / (2 * h)
    return d


def _relative_error(g: Array, d: Array) -> float:
    size = np.linalg.norm(g) + np.linalg.norm(d)
    return float(np.linalg.norm(g - d) / size) if size else 0.0


@gradient_check.cases
def gradient_check_cases(rng: np.random.Generator) -> Iterator[Case]:
    # Either h is a power of 1/2 and everything is exact, or the gradient is wrong: rounding never decides.
    square = Cubic(0, 1, 0)
    yield case(square, Slope(square, "half of it"), np.array([1.0, 2.0]))
    yield case(square, Slope(square), np.array([1.0, -2.0]), 0.25)
    cube = Cubic(1, 0, 0)
    yield case(cube, Slope(cube), np.array([1.0, 2.0, -1.0]), 0.5)
    yield case(cube, Slope(cube, "zeros"), np.array([2.0, 1.0]), 0.25)
    # "twice it" comes with an exact step: slopes twice too large would agree with it but for rounding.
    slips = ["", "half of it", "twice it", "sign of the last entry", "", "first entry 0", ""]
    for i, slip in enumerate(slips):
        loss = Cubic(*rng.integers(1, 5, size=3).tolist())
        w = np.abs(quarters(rng, *[(3,), (2, 3), (4,)][i % 3]))
        yield case(loss, Slope(loss, slip), w, 0.25) if i % 2 == 0 else case(loss, Slope(loss, slip), w)
    yield edge("weights in a matrix", cube, Slope(cube), np.array([[1.0, 2.0, 0.5], [-1.0, 0.25, 3.0]]), 0.5)
    yield edge("both gradients are 0", Cubic(0, 1, 0), Slope(Cubic(0, 1, 0)), np.zeros(3), 0.5)
    yield edge("whole numbers as weights", cube, Slope(cube), np.array([1, 2, 3]), 0.5)
    yield edge("a single weight", cube, Slope(cube, "half of it"), np.array([2.0]), 0.125)
    yield edge("small gradients", square, Slope(square, "half of it"), np.array([2.0, 1.0]) / 128, 1 / 256)
    flat, steep = Cubic(0, 0, 0), Slope(cube, "first entry 0")
    yield edge("the loss is flat, the gradient is not", flat, steep, np.array([1.0, -1.0]), 0.5)
    yield edge(
        "the gradient is 0, one slope is 0", square, Slope(square, "zeros"), np.array([1.0, -3.0]), 0.5
    )
    many = Cubic(2, 1, 1)
    yield edge("a large step", many, Slope(many), np.array([0.5, 1.0, 0.25]), 4.0)


@gradient_check.mistake(
    "You take a step on one side only. Go h up and h down, and divide by 2h: the error is far smaller."
)
def one_sided(loss, gradient, w, h=1e-5):
    w = np.array(w, dtype=float)
    d = np.zeros_like(w)
    for i in np.ndindex(w.shape):
        step = np.zeros_like(w)
        step[i] = h
        d[i] = (loss(w + step) - loss(w)) / h
    return _relative_error(gradient(w), d)


@gradient_check.mistake("From w − h to w + h is a step of 2h: divide the difference by 2h.")
def divided_by_h(loss, gradient, w, h=1e-5):
    return _relative_error(gradient(w), 2 * _central(loss, w, h))


@gradient_check.mistake(
    "`/ 2 * h` divides by 2 and multiplies by h. With brackets, `/ (2 * h)`, it divides by 2h."
)
def brackets_forgotten(loss, gradient, w, h=1e-5):
    return _relative_error(gradient(w), h**2 * _central(loss, w, h))


@gradient_check.mistake(
    "You move a whole row of weights at once: `w[i]` is a row if w is a matrix. Use `np.ndindex(w.shape)`."
)
def whole_rows(loss, gradient, w, h=1e-5):
    w = np.array(w, dtype=float)
    d = np.zeros_like(w)
    for i in range(len(w)):
        step = np.zeros_like(w)
        step[i] = h
        d[i] = (loss(w + step) - loss(w - step)) / (2 * h)
    return _relative_error(gradient(w), d)


@gradient_check.mistake(
    "That is the absolute error ‖g − d‖. Divide by ‖g‖ + ‖d‖, or its meaning depends on the loss's scale."
)
def absolute_error(loss, gradient, w, h=1e-5):
    return float(np.linalg.norm(gradient(w) - _central(loss, w, h)))


@gradient_check.mistake("That is the largest difference of two entries; asked for is ‖g − d‖ / (‖g‖ + ‖d‖).")
def largest_entry(loss, gradient, w, h=1e-5):
    return float(np.max(np.abs(gradient(w) - _central(loss, w, h))))


@gradient_check.mistake("Divide by the sum ‖g‖ + ‖d‖; yours divides by one of the two norms only.")
def divided_by_numeric(loss, gradient, w, h=1e-5):
    d = _central(loss, w, h)
    size = np.linalg.norm(d)
    return float(np.linalg.norm(gradient(w) - d) / size) if size else 0.0


@gradient_check.mistake("Divide by the sum ‖g‖ + ‖d‖; yours divides by the larger of the two norms.")
def divided_by_larger(loss, gradient, w, h=1e-5):
    d, g = _central(loss, w, h), gradient(w)
    size = max(np.linalg.norm(d), np.linalg.norm(g))
    return float(np.linalg.norm(g - d) / size) if size else 0.0


@gradient_check.mistake(
    "Each weight is moved alone, and stands back in its place before the next one moves; yours stay moved."
)
def steps_stay(loss, gradient, w, h=1e-5):
    w = np.array(w, dtype=float)
    g = gradient(w)
    d = np.zeros_like(w)
    for i in np.ndindex(w.shape):
        w[i] += h
        up = loss(w)
        w[i] -= 2 * h
        d[i] = (up - loss(w)) / (2 * h)
    return _relative_error(g, d)


@gradient_check.mistake(
    "You move all weights at once: that is the slope in one direction, not each weight's own."
)
def all_at_once(loss, gradient, w, h=1e-5):
    w = np.array(w, dtype=float)
    d = np.full_like(w, (loss(w + h) - loss(w - h)) / (2 * h))
    return _relative_error(gradient(w), d)


@gradient_check.mistake(
    "Your central difference is one number for all weights together. Each weight has a slope of its own: move"
    " one weight at a time."
)
def one_number(loss, gradient, w, h=1e-5):
    d, g = (loss(w + h) - loss(w - h)) / (2 * h), gradient(w)
    return np.linalg.norm(g - d) / (np.linalg.norm(g) + np.linalg.norm(d))


@gradient_check.mistake("The argument h is not used: your step is always 1e-5.")
def fixed_step(loss, gradient, w, h=1e-5):
    return _relative_error(gradient(w), _central(loss, w, 1e-5))


@gradient_check.mistake(
    "The length of a gradient is the root of the sum of squares; yours adds absolute values (or squares)."
)
def sum_of_absolutes(loss, gradient, w, h=1e-5):
    d, g = _central(loss, w, h), gradient(w)
    size = np.abs(g).sum() + np.abs(d).sum()
    return float(np.abs(g - d).sum() / size) if size else 0.0


@gradient_check.mistake(
    "The root is missing: ‖v‖ is the root of the sum of squares, as np.linalg.norm gives it."
)
def squares_without_root(loss, gradient, w, h=1e-5):
    d, g = _central(loss, w, h), gradient(w)
    size = np.sum(g**2) + np.sum(d**2)
    return float(np.sum((g - d) ** 2) / size) if size else 0.0


@gradient_check.mistake(
    "If only one of the two gradients is 0, the relative error is 1: nothing could be more wrong."
)
def one_zero_is_enough(loss, gradient, w, h=1e-5):
    d, g = _central(loss, w, h), gradient(w)
    return _relative_error(g, d) if np.any(g) and np.any(d) else 0.0


@gradient_check.mistake("Both gradients may be 0: then g is right, and the relative error is 0, not 0/0.")
def zero_by_zero(loss, gradient, w, h=1e-5):
    d, g = _central(loss, w, h), gradient(w)
    return np.linalg.norm(g - d) / (np.linalg.norm(g) + np.linalg.norm(d))


@gradient_check.mistake(
    "Whole numbers as weights: in an array of integers w + h is cut off. Make a copy with dtype=float first."
)
def cut_off(loss, gradient, w, h=1e-5):
    d = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[i] += up.dtype.type(h)
        down[i] -= down.dtype.type(h)
        d[i] = (loss(up) - loss(down)) / (2 * h)
    return _relative_error(gradient(w), d)


@gradient_check.mistake(
    "You return a verdict. Return the relative error itself: how small is small, the caller decides."
)
def verdict(loss, gradient, w, h=1e-5):
    return np.allclose(gradient(w), _central(loss, w, h))

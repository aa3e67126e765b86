"""Notebook 03: the gradient of the squared error, a safe sigmoid and cross-entropy, and a step of SGD."""

# ruff: noqa: D103  (of a mistake, the hint above it says what it does)

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from mini_dl.course.checks.exercise import Case, Exercise, case, edge, exercise
from mini_dl.course.checks.report import Report


class NoOverflow(Exercise):
    """An exercise in which an overflow is an error, also where NumPy would only warn."""

    def __call__(self, student: Callable[..., Any], *, seed: int = 0, seconds: float | None = None) -> Report:
        """Check `student` and return the report; it never raises on a wrong answer."""
        with np.errstate(over="raise"):
            return super().__call__(student, seed=seed, seconds=seconds)


def eighths(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Random multiples of 1/8 between −3 and 3."""
    return rng.integers(-24, 25, size=shape) / 8


# --- 3.1 mse_gradient --------------------------------------------------------------------------------


@exercise
def mse_gradient(w: np.ndarray, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Gradient of mean((X @ w - y)²) with respect to w."""
    return 2 * X.T @ (X @ w - y) / len(y)


@mse_gradient.cases
def mse_gradient_cases(rng: np.random.Generator) -> Iterator[Case]:
    X = np.array([[1.0, 0.0], [1.0, 2.0], [1.0, 4.0]])
    yield case(np.array([0.0, 1.0]), X, np.array([1.0, 1.0, 1.0]))
    yield case(np.array([0.0]), np.array([[1.0], [2.0]]), np.array([1.0, 1.0]))
    yield case(np.array([0.0, 0.0]), X, np.array([1.0, -1.0, -1.0]))
    yield case(np.array([0.5, -0.25]), X, np.array([1.0, -1.0, 2.0]))
    for _ in range(8):
        n, d = int(rng.integers(4, 9)), int(rng.integers(2, 4))
        yield case(eighths(rng, d), eighths(rng, n, d), eighths(rng, n))
    yield edge("a single example", np.array([1.0, 2.0, 0.5]), np.array([[1.0, -1.0, 2.0]]), np.array([3.0]))
    yield edge("at the minimum: no slope", np.array([1.0, 2.0]), X, X @ np.array([1.0, 2.0]))
    yield edge("as many features as examples", eighths(rng, 3), eighths(rng, 3, 3), eighths(rng, 3))
    yield edge("more features than examples", eighths(rng, 5), eighths(rng, 2, 5), eighths(rng, 2))


@mse_gradient.mistake("The 2 is missing that comes down from the square.")
def without_two(w, X, y):
    return X.T @ (X @ w - y) / len(y)


@mse_gradient.mistake("The loss is a mean: divide the sum over the examples by their number n.")
def without_mean(w, X, y):
    return 2 * X.T @ (X @ w - y)


@mse_gradient.mistake(
    "Two factors are missing: the 2 that comes down from the square and the 1/n of the mean."
)
def without_both(w, X, y):
    return X.T @ (X @ w - y)


@mse_gradient.mistake(
    "The sign is turned: yours points downhill. The gradient points uphill; descent subtracts it later."
)
def downhill(w, X, y):
    return 2 * X.T @ (y - X @ w) / len(y)


@mse_gradient.mistake("That is the gradient without the answers y: the error is X @ w − y.")
def without_answers(w, X, y):
    return 2 * X.T @ (X @ w) / len(y)


@mse_gradient.mistake("You divide by the number of features; the mean runs over the n examples.")
def divided_by_features(w, X, y):
    return 2 * X.T @ (X @ w - y) / X.shape[1]


@mse_gradient.mistake("You divide by the number of entries of X; the mean runs over the n examples only.")
def divided_by_all(w, X, y):
    return 2 * X.T @ (X @ w - y) / X.size


@mse_gradient.mistake("That is the loss itself. Its gradient has one number for each weight.")
def the_loss(w, X, y):
    return np.mean((X @ w - y) ** 2)


@mse_gradient.mistake(
    "That is the derivative with respect to the predictions. The chain rule goes on: times the input x."
)
def of_predictions(w, X, y):
    return 2 * (X @ w - y) / len(y)


@mse_gradient.mistake("One row for each example: take the mean of the rows.")
def of_each_example(w, X, y):
    return 2 * (X @ w - y)[:, None] * X


@mse_gradient.mistake("The errors are still squared: the derivative of the square is 2 times the error.")
def still_squared(w, X, y):
    return 2 * X.T @ (X @ w - y) ** 2 / len(y)


@mse_gradient.mistake("The size of an error counts, and so does its sign: no absolute value.")
def absolute(w, X, y):
    return 2 * X.T @ np.abs(X @ w - y) / len(y)


@mse_gradient.mistake(
    "n errors meet the rows of X, n × d: NumPy matches (n,) with the d columns. Make the errors a column,"
    " (X @ w - y)[:, None], so that each multiplies its own row."
)
def errors_in_a_row(w, X, y):
    return np.mean(2 * (X @ w - y) * X, axis=0)


@mse_gradient.mistake("You average over the weights. The mean runs over the examples, the rows: axis=0.")
def mean_over_weights(w, X, y):
    return np.mean(2 * (X @ w - y)[:, None] * X, axis=1)


@mse_gradient.mistake("Each row of X is an example, and its sum is the row times w: X @ w, not w @ X.")
def weights_first(w, X, y):
    return 2 * X.T @ (w @ X - y) / len(y)


@mse_gradient.mistake("An error belongs to its own example: first multiply it with its input, then average.")
def means_multiplied(w, X, y):
    return 2 * np.mean(X @ w - y) * np.mean(X, axis=0)


# --- 3.2 sigmoid_stable ------------------------------------------------------------------------------


@NoOverflow
def sigmoid_stable(z: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(−z)) by way of exp(−|z|), which is never above 1."""
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, small) / (1 + small)


@sigmoid_stable.cases
def sigmoid_stable_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(np.array([0.0, 1.0, -2.0]))
    yield case(np.array([-1000.0, 0.0, 1000.0]))
    yield case(np.array([0.5, 3.0, 8.0]))
    yield case(np.array([-12.0, -18.0, -25.0]))
    yield case(np.array([-1000.0, -2.0]))
    yield case(np.array([1000.0, 2.0]))
    for i in range(6):
        shape = (int(rng.integers(2, 7)),) if i % 2 else (int(rng.integers(2, 4)), int(rng.integers(2, 4)))
        yield case(rng.normal(size=shape).round(3) * 4)
    yield edge("a table with large scores", np.array([[-800.0, 800.0], [3.0, -4.0], [0.25, 750.0]]))
    yield edge("three axes", rng.normal(size=(2, 3, 2)).round(3))
    yield edge("whole numbers", np.array([-2, 0, 1, 5]))
    yield edge("a single number far out", np.array([-100_000.0]))
    yield edge("no numbers at all", np.zeros(0))


@sigmoid_stable.mistake(
    "exp(−z) overflows for a large negative z. There the other form helps, exp(z) / (1 + exp(z))."
)
def naive(z):
    return 1 / (1 + np.exp(-z))


@sigmoid_stable.mistake(
    "exp(z) overflows for a large positive z. There the first form helps, 1 / (1 + exp(−z))."
)
def naive_turned(z):
    return np.exp(z) / (1 + np.exp(z))


@sigmoid_stable.mistake(
    "np.where computes both of its branches for all entries, so each overflows where the other is wanted."
    " Give both the same harmless power, exp(−|z|)."
)
def both_branches(z):
    return np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))


@sigmoid_stable.mistake("Cut off at ±10, the sigmoid stops there at 0.000045 instead of shrinking on.")
def cut_at_10(z):
    return 1 / (1 + np.exp(-np.clip(z, -10, 10)))


@sigmoid_stable.mistake("Cut off at ±20, the sigmoid stops there at 0.000000002 instead of shrinking on.")
def cut_at_20(z):
    return 1 / (1 + np.exp(-np.clip(z, -20, 20)))


@sigmoid_stable.mistake("Only one half is right: for negative z the sigmoid is exp(−|z|) / (1 + exp(−|z|)).")
def positive_half_only(z):
    return 1 / (1 + np.exp(-np.abs(z)))


@sigmoid_stable.mistake("The two halves are swapped: the sigmoid of a large positive z is near 1.")
def halves_swapped(z):
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, small, 1.0) / (1 + small)


@sigmoid_stable.mistake("That is tanh, which runs from −1 to 1. The sigmoid runs from 0 to 1.")
def tanh(z):
    return np.tanh(z)


@sigmoid_stable.mistake("That is (1 + tanh z) / 2: twice too steep. Which argument does tanh need?")
def too_steep(z):
    return (1 + np.tanh(z)) / 2


@sigmoid_stable.mistake("That is the derivative of the sigmoid, σ(z)(1 − σ(z)).")
def derivative(z):
    small = np.exp(-np.abs(z))
    return small / (1 + small) ** 2


@sigmoid_stable.mistake("That is softmax over all entries. The sigmoid treats each entry by itself.")
def softmax_of_all(z):
    if np.size(z) == 0:
        return z
    powers = np.exp(z - np.max(z))
    return powers / powers.sum()


@sigmoid_stable.mistake(
    "That is the threshold unit, 0 or 1. The sigmoid goes smoothly from one to the other."
)
def threshold(z):
    return np.where(z >= 0, 1.0, 0.0)


@sigmoid_stable.mistake("For z = 0 both forms give 1/2; np.sign is 0 there, and your two halves miss it.")
def zero_missed(z):
    small = np.exp(-np.abs(z))
    return ((z > 0) + (z < 0) * small) / (1 + small)


@sigmoid_stable.mistake(
    "z holds whole numbers here, and an array made like z cuts the fractions off: make the result an array"
    " of floats."
)
def whole_numbers_kept(z):
    small = np.exp(-np.abs(z))
    result = np.zeros_like(z)
    result[...] = np.where(z >= 0, 1.0, small) / (1 + small)
    return result


# --- 3.3 softmax_cross_entropy -----------------------------------------------------------------------


@exercise
def softmax_cross_entropy(logits: np.ndarray, labels: np.ndarray) -> float:
    """Mean over the examples of log-sum-exp minus the true class's logit."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(shifted).sum(axis=1))
    return float(np.mean(log_sum - shifted[np.arange(len(labels)), labels]))


@softmax_cross_entropy.cases
def softmax_cross_entropy_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(np.array([[0.0, 0.0]]), np.array([1]))
    yield case(np.array([[0.0, 2.0], [1.0, 0.0], [3.0, 1.0]]), np.array([1, 0, 1]))
    yield case(np.array([[1.0, 0.0, -1.0], [0.5, 0.5, 2.0]]), np.array([0, 2]))
    yield case(np.array([[1000.0, 1001.0, 999.0], [2.0, 0.0, 1.0]]), np.array([0, 1]))
    yield case(np.array([[10_000.0, -10_000.0], [-10_000.0, 10_000.0], [0.0, 1.0]]), np.array([1, 1, 0]))
    yield case(np.array([[-2000.0, -2001.0, -2003.0], [5.0, 4.0, 7.0], [1.0, 1.0, 1.0]]), np.array([2, 0, 1]))
    for _ in range(8):
        n, classes = int(rng.integers(3, 8)), int(rng.integers(2, 6))
        yield case(eighths(rng, n, classes), rng.integers(0, classes, size=n))
    yield edge("as many examples as classes", eighths(rng, 4, 4), np.array([3, 1, 0, 2]))
    yield edge("a single example", eighths(rng, 1, 5), np.array([4]))
    yield edge("a single class: always certain", eighths(rng, 3, 1), np.zeros(3, dtype=int))
    yield edge("whole numbers", np.array([[2, -1, 0], [0, 3, 1]]), np.array([1, 1]))
    yield edge("surely right", np.array([[800.0, 0.0], [0.0, 900.0]]), np.array([0, 1]))


def _log_softmax(logits):
    z = logits - logits.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def _of_true_class(table, labels):
    return table[np.arange(len(labels)), labels]


@softmax_cross_entropy.mistake(
    "np.exp overflows for large logits. Subtract the largest logit of each row first: it changes no"
    " probability."
)
def overflows(logits, labels):
    powers = np.exp(logits)
    return np.mean(-np.log(_of_true_class(powers / powers.sum(axis=1, keepdims=True), labels)))


@softmax_cross_entropy.mistake(
    "The softmax is stable, but a probability rounds to 0, and its logarithm is −∞. Compute log-sum-exp minus"
    " the true class's logit: then no probability is needed."
)
def log_of_zero(logits, labels):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.mean(-np.log(_of_true_class(powers / powers.sum(axis=1, keepdims=True), labels)))


@softmax_cross_entropy.mistake(
    "Your log-sum-exp overflows: take the largest logit of each row out first, log Σ exp(z) = m + log Σ"
    " exp(z − m)."
)
def log_sum_exp_naive(logits, labels):
    return np.mean(np.log(np.exp(logits).sum(axis=1)) - _of_true_class(logits, labels))


@softmax_cross_entropy.mistake(
    "A small number inside the logarithm avoids −∞, but it is not the loss any more: a sure mistake has to"
    " cost what its logits say."
)
def with_epsilon(logits, labels):
    return np.mean(-np.log(np.exp(_of_true_class(_log_softmax(logits), labels)) + 1e-12))


@softmax_cross_entropy.mistake("That is the sum over the examples: the loss is their mean.")
def summed(logits, labels):
    return -np.sum(_of_true_class(_log_softmax(logits), labels))


@softmax_cross_entropy.mistake("The minus sign is missing: logarithms of probabilities are negative.")
def without_minus(logits, labels):
    return np.mean(_of_true_class(_log_softmax(logits), labels))


@softmax_cross_entropy.mistake("One number for each example: take their mean.")
def of_each_example_loss(logits, labels):
    return -_of_true_class(_log_softmax(logits), labels)


@softmax_cross_entropy.mistake(
    "You average over examples and classes. Each example costs −log p of its true class; the mean is over n."
)
def divided_by_classes(logits, labels):
    return -np.sum(_of_true_class(_log_softmax(logits), labels)) / logits.size


@softmax_cross_entropy.mistake(
    "You average −log p over all classes. Only the true class's probability counts."
)
def all_classes(logits, labels):
    return -np.mean(_log_softmax(logits))


@softmax_cross_entropy.mistake("The softmax runs over the classes of one example: axis=1, not axis=0.")
def over_examples(logits, labels):
    return -np.mean(_of_true_class(_log_softmax(logits.T).T, labels))


@softmax_cross_entropy.mistake("The softmax runs over the classes of one example: axis=1, not axis=0.")
def probabilities_over_examples(logits, labels):
    powers = np.exp(logits - logits.max(axis=0, keepdims=True))
    return np.mean(-np.log(_of_true_class(powers / powers.sum(axis=0, keepdims=True), labels)))


@softmax_cross_entropy.mistake("Log-sum-exp runs over the classes of one example: axis=1, not axis=0.")
def log_sum_exp_over_examples(logits, labels):
    z = logits - logits.max(axis=0, keepdims=True)
    return np.mean(np.log(np.exp(z).sum(axis=0)) - _of_true_class(z, labels))


@softmax_cross_entropy.mistake(
    "The largest logit is taken from each row, but the sum runs over the examples: axis=1 there, too."
)
def sum_over_examples(logits, labels):
    z = logits - logits.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(z).sum(axis=0)) - _of_true_class(z, labels))


@softmax_cross_entropy.mistake(
    "The largest logit is taken from each row, but the sum runs over the examples: axis=1 there, too."
)
def table_sum_over_examples(logits, labels):
    z = logits - logits.max(axis=1, keepdims=True)
    return -np.mean(_of_true_class(z - np.log(np.exp(z).sum(axis=0, keepdims=True)), labels))


@softmax_cross_entropy.mistake(
    "The largest logit is taken from each row, but the sum runs over the examples: axis=1 there, too."
)
def divided_by_column_sums(logits, labels):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.mean(-np.log(_of_true_class(powers / powers.sum(axis=0, keepdims=True), labels)))


@softmax_cross_entropy.mistake(
    "You subtract the largest logit of each column. Only one number for a whole row cancels: axis=1."
)
def largest_of_column(logits, labels):
    z = logits - logits.max(axis=0, keepdims=True)
    return np.mean(np.log(np.exp(z).sum(axis=1)) - _of_true_class(z, labels))


@softmax_cross_entropy.mistake("The probability is there, its logarithm is not: the loss is −log p.")
def without_log(logits, labels):
    return -np.mean(np.exp(_of_true_class(_log_softmax(logits), labels)))


@softmax_cross_entropy.mistake("That is 1 − p. The loss is −log p, which grows without limit.")
def one_minus_p(logits, labels):
    return np.mean(1 - np.exp(_of_true_class(_log_softmax(logits), labels)))


@softmax_cross_entropy.mistake("Logarithms to base 2 measure in bits; here the natural logarithm is meant.")
def in_bits(logits, labels):
    return -np.mean(_of_true_class(_log_softmax(logits), labels)) / np.log(2)


@softmax_cross_entropy.mistake("Logarithms to base 10: np.log is the natural one.")
def base_ten(logits, labels):
    return -np.mean(_of_true_class(_log_softmax(logits), labels)) / np.log(10)


@softmax_cross_entropy.mistake(
    "The largest logit of the whole table is subtracted. In a row far below it all powers round to 0:"
    " subtract the largest of each row."
)
def one_maximum(logits, labels):
    z = logits - logits.max()
    return np.mean(np.log(np.exp(z).sum(axis=1)) - _of_true_class(z, labels))


@softmax_cross_entropy.mistake(
    "The m of log-sum-exp is added back, but the true class's logit has already lost it: use both shifted or"
    " neither."
)
def shifted_once(logits, labels):
    m = logits.max(axis=1, keepdims=True)
    z = logits - m
    return np.mean(m[:, 0] + np.log(np.exp(z).sum(axis=1)) - _of_true_class(z, labels))


@softmax_cross_entropy.mistake(
    "The m of log-sum-exp is lost: log Σ exp(z − m) is smaller than log Σ exp(z) by m. Add m back, or take"
    " the true class's logit from the shifted ones, too."
)
def largest_lost(logits, labels):
    z = logits - logits.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(z).sum(axis=1)) - _of_true_class(logits, labels))


@softmax_cross_entropy.mistake(
    "`logits.max(axis=1)` has shape (n,), and NumPy matches it with the columns. With keepdims=True it is a"
    " column, (n, 1), and each row meets its own largest logit."
)
def largest_without_keepdims(logits, labels):
    z = logits - logits.max(axis=1)
    return np.mean(np.log(np.exp(z).sum(axis=1)) - _of_true_class(z, labels))


@softmax_cross_entropy.mistake("The true class's logit is missing: the loss is log-sum-exp minus this logit.")
def without_true_class(logits, labels):
    m = logits.max(axis=1)
    return np.mean(m + np.log(np.exp(logits - m[:, None]).sum(axis=1)))


@softmax_cross_entropy.mistake("The labels count from 0: class k stands in column k, not in column k − 1.")
def labels_from_one(logits, labels):
    return -np.mean(_of_true_class(_log_softmax(logits), labels - 1))


@softmax_cross_entropy.mistake(
    "`table[:, labels]` takes these columns of every row. One entry of each row:"
    " `table[np.arange(n), labels]`."
)
def all_columns(logits, labels):
    return -np.mean(_log_softmax(logits)[:, labels])


# --- 3.4 sgd_step ------------------------------------------------------------------------------------


@exercise
def sgd_step(W: np.ndarray, X: np.ndarray, labels: np.ndarray, lr: float) -> np.ndarray:
    """Return W − lr · Xᵀ(P − Y) / n."""
    return W - lr * X.T @ (np.exp(_log_softmax(X @ W)) - np.eye(W.shape[1])[labels]) / len(labels)


@sgd_step.cases
def sgd_step_cases(rng: np.random.Generator) -> Iterator[Case]:
    X = np.array([[1.0, 0.0, 2.0], [1.0, 2.0, -1.0]])
    yield case(np.zeros((3, 2)), X, np.array([0, 1]), 1.0)
    yield case(np.zeros((3, 2)), X, np.array([1, 1]), 0.1)
    yield case(np.array([[0.0, 1.0], [0.5, 0.0], [0.0, -1.0]]), X, np.array([0, 1]), 0.5)
    for _ in range(8):
        n, d, classes = int(rng.integers(5, 9)), int(rng.integers(2, 5)), int(rng.integers(3, 5))
        W, X = eighths(rng, d, classes) / 2, np.hstack([np.ones((n, 1)), eighths(rng, n, d - 1)])
        yield case(W, X, rng.integers(0, classes, size=n), float(rng.choice([0.05, 0.2, 0.5])))
    yield edge("a batch of one", eighths(rng, 3, 4), np.array([[1.0, 2.0, -0.5]]), np.array([2]), 0.1)
    yield edge("a learning rate of 0", eighths(rng, 2, 3), eighths(rng, 4, 2), np.array([0, 2, 1, 1]), 0.0)
    yield edge(
        "large scores",
        np.array([[500.0, -500.0], [900.0, 0.0]]),
        np.array([[1.0, 2.0], [1.0, -3.0]]),
        np.array([1, 1]),
        0.5,
    )
    yield edge("all of one class", eighths(rng, 3, 3), eighths(rng, 5, 3), np.zeros(5, dtype=int), 0.3)
    whole = np.array([[1, 0], [0, 2]])
    yield edge("whole numbers in W", whole, np.array([[1, 1], [1, -1]]), np.array([0, 0]), 0.5)


def _step(W, X, labels, error):
    """Return Xᵀ E / n."""
    return X.T @ error / len(labels)


def _probabilities(W, X):
    return np.exp(_log_softmax(X @ W))


def _truth(W, labels):
    return np.eye(W.shape[1])[labels]


@sgd_step.mistake("You climb: the step goes against the gradient, W minus lr times the gradient.")
def climbs(W, X, labels, lr):
    return W + lr * _step(W, X, labels, _probabilities(W, X) - _truth(W, labels))


@sgd_step.mistake("The gradient is a mean over the batch: divide by the number of its examples.")
def sum_over_batch(W, X, labels, lr):
    return W - lr * X.T @ (_probabilities(W, X) - _truth(W, labels))


@sgd_step.mistake("You divide by examples times classes: the mean is over the examples only.")
def mean_over_table(W, X, labels, lr):
    return W - lr * X.T @ (_probabilities(W, X) - _truth(W, labels)) / (len(labels) * W.shape[1])


@sgd_step.mistake("The learning rate is missing from your step.")
def full_step(W, X, labels, lr):
    return W - _step(W, X, labels, _probabilities(W, X) - _truth(W, labels))


@sgd_step.mistake("The truth is missing: the gradient with respect to the logits is P − Y.")
def no_truth(W, X, labels, lr):
    return W - lr * _step(W, X, labels, _probabilities(W, X))


@sgd_step.mistake("The softmax is missing: X @ W are logits; P − Y needs probabilities.")
def no_softmax(W, X, labels, lr):
    return W - lr * _step(W, X, labels, X @ W - _truth(W, labels))


@sgd_step.mistake("That is the gradient. Asked for are the weights after the step.")
def gradient_only(W, X, labels, lr):
    return _step(W, X, labels, _probabilities(W, X) - _truth(W, labels))


@sgd_step.mistake("That is the step alone: add it to W.")
def step_alone(W, X, labels, lr):
    return -lr * _step(W, X, labels, _probabilities(W, X) - _truth(W, labels))


@sgd_step.mistake("No factor 2: it came down from the square. The gradient of the cross-entropy is P − Y.")
def with_two(W, X, labels, lr):
    return W - 2 * lr * _step(W, X, labels, _probabilities(W, X) - _truth(W, labels))


CLASS_NUMBERS = (
    "You subtract the class numbers themselves. Y has a row for each example, with 1 at its true class and 0"
    " elsewhere: np.eye(K)[labels]."
)


@sgd_step.mistake(CLASS_NUMBERS)
def class_numbers_subtracted(W, X, labels, lr):
    return W - lr * _step(W, X, labels, _probabilities(W, X) - labels[:, None])


@sgd_step.mistake(CLASS_NUMBERS)
def class_numbers_in_a_row(W, X, labels, lr):
    return W - lr * _step(W, X, labels, _probabilities(W, X) - labels)


@sgd_step.mistake(
    "Y has as many columns as there are classes, W.shape[1]. The largest label of a batch may be smaller."
)
def classes_of_the_batch(W, X, labels, lr):
    return W - lr * _step(W, X, labels, _probabilities(W, X) - np.eye(labels.max() + 1)[labels])


WRONG_AXIS = (
    "The softmax runs over the classes of one example, so each row of P must sum to 1: axis=1 and"
    " keepdims=True, for the largest logit and for the sum."
)


def _shares(W, X, largest_of, sum_of):
    """Return a softmax that takes its largest logit and its sum over the given axes."""
    Z = X @ W
    powers = np.exp(Z - (0 if largest_of == () else Z.max(axis=largest_of, keepdims=True)))
    return powers / powers.sum(axis=sum_of, keepdims=True)


@sgd_step.mistake(WRONG_AXIS)
def softmax_over_batch(W, X, labels, lr):
    return W - lr * _step(W, X, labels, _shares(W, X, 0, 0) - _truth(W, labels))


@sgd_step.mistake(WRONG_AXIS)
def divided_by_sums_over_batch(W, X, labels, lr):
    return W - lr * _step(W, X, labels, _shares(W, X, 1, 0) - _truth(W, labels))


@sgd_step.mistake(WRONG_AXIS)
def naive_over_batch(W, X, labels, lr):
    return W - lr * _step(W, X, labels, _shares(W, X, (), 0) - _truth(W, labels))


@sgd_step.mistake(WRONG_AXIS)
def one_largest_over_batch(W, X, labels, lr):
    return W - lr * _step(W, X, labels, _shares(W, X, None, 0) - _truth(W, labels))


@sgd_step.mistake(WRONG_AXIS)
def largest_over_batch(W, X, labels, lr):
    return W - lr * _step(W, X, labels, _shares(W, X, 0, 1) - _truth(W, labels))


@sgd_step.mistake(WRONG_AXIS)
def sums_without_keepdims(W, X, labels, lr):
    powers = np.exp(X @ W - (X @ W).max(axis=1, keepdims=True))
    return W - lr * _step(W, X, labels, powers / powers.sum(axis=1) - _truth(W, labels))


WHOLE_TABLE = "The softmax runs over each row by itself; yours divides by the sum of the whole table."


@sgd_step.mistake(WHOLE_TABLE)
def softmax_over_table(W, X, labels, lr):
    return W - lr * _step(W, X, labels, _shares(W, X, None, None) - _truth(W, labels))


@sgd_step.mistake(WHOLE_TABLE)
def divided_by_sum_of_table(W, X, labels, lr):
    return W - lr * _step(W, X, labels, _shares(W, X, 1, None) - _truth(W, labels))


@sgd_step.mistake("Each class with a sigmoid of its own: softmax lets the classes compete for one sum of 1.")
def sigmoids(W, X, labels, lr):
    z = X @ W
    small = np.exp(-np.abs(z))
    return W - lr * _step(W, X, labels, np.where(z >= 0, 1, small) / (1 + small) - _truth(W, labels))


@sgd_step.mistake("That is the multi-class perceptron's step: softmax regression moves by probabilities.")
def perceptron_step(W, X, labels, lr):
    return W - lr * _step(W, X, labels, _truth(W, np.argmax(X @ W, axis=1)) - _truth(W, labels))


@sgd_step.mistake("That is a step for each example, one after the other. The batch makes one step together.")
def one_after_the_other(W, X, labels, lr):
    for i in range(len(labels)):
        one = slice(i, i + 1)
        W = W - lr * _step(W, X[one], labels[one], _probabilities(W, X[one]) - _truth(W, labels[one]))
    return W


@sgd_step.mistake("Only the first example of the batch moves your weights.")
def first_only(W, X, labels, lr):
    return W - lr * _step(W, X[:1], labels[:1], _probabilities(W, X[:1]) - _truth(W, labels[:1]))


@sgd_step.mistake("Large scores overflow: subtract the largest of each row before np.exp.")
def overflowing(W, X, labels, lr):
    powers = np.exp(X @ W)
    return W - lr * _step(W, X, labels, powers / powers.sum(axis=1, keepdims=True) - _truth(W, labels))

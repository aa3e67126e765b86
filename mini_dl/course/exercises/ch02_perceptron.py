"""Notebook 02: the perceptron's update, the margin, the multi-class rule and the averaged perceptron.

All random numbers are multiples of 1/4 with few digits, so that every right answer decides the same,
whatever the order in which it adds: no example lies within rounding of a decision boundary by accident.
"""

# ruff: noqa: D103  (of a mistake, the hint above it says what it does)

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mini_dl.course.checks.exercise import Case, case, edge, exercise


def quarters(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Random multiples of 1/4 between −3 and 3."""
    return rng.integers(-12, 13, size=shape) / 4


def with_bias(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """`n` random examples of `d` features, the first of which is 1."""
    return np.hstack([np.ones((n, 1)), quarters(rng, n, d - 1)])


def signs(rng: np.random.Generator, n: int) -> np.ndarray:
    """Random labels −1 and +1, both of them present if n > 1."""
    y = rng.choice([-1, 1], size=n)
    y[: min(n, 2)] = rng.permutation([-1, 1])[: min(n, 2)]
    return y


# --- 2.1 perceptron_update ---------------------------------------------------------------------------


@exercise
def perceptron_update(w: np.ndarray, x: np.ndarray, y: int, lr: float = 1.0) -> np.ndarray:
    """One step of Rosenblatt's rule: after a mistake, w + lr·y·x."""
    return w + lr * y * x if y * (w @ x) <= 0 else w.copy()


@perceptron_update.cases
def perceptron_update_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(np.array([0.0, 1.0]), np.array([1.0, 2.0]), -1)
    yield case(np.array([0.0, 1.0]), np.array([1.0, 2.0]), 1)
    yield case(np.array([0.0, -1.0]), np.array([1.0, 2.0]), 1)
    yield case(np.array([1.0, 1.0, -2.0]), np.array([1.0, 0.0, 3.0]), 1, 0.5)
    yield case(np.array([1.0, 1.0, -2.0]), np.array([1.0, 0.0, 3.0]), -1, 0.5)
    yield case(np.array([-0.5, 0.25]), np.array([1.0, 1.0]), -1)
    yield case(np.array([-0.5, 0.75]), np.array([1.0, 1.0]), -1, 0.1)
    for i in range(10):
        d = int(rng.integers(2, 7))
        w, x = quarters(rng, d), with_bias(rng, 1, d)[0]
        y = int(rng.choice([-1, 1]))
        yield case(w, x, y) if i % 2 else case(w, x, y, float(rng.choice([0.25, 0.5, 2.0])))
    yield edge("w = 0: the first step, y = 1", np.zeros(3), np.array([1.0, 2.0, -1.0]), 1)
    yield edge("w = 0: the first step, y = −1", np.zeros(3), np.array([1.0, 2.0, -1.0]), -1)
    yield edge("exactly on the boundary, y = 1", np.array([-2.0, 1.0]), np.array([1.0, 2.0]), 1)
    yield edge("exactly on the boundary, y = −1", np.array([-2.0, 1.0]), np.array([1.0, 2.0]), -1, 0.5)
    yield edge("only a bias", np.array([-0.25]), np.array([1.0]), 1)


@perceptron_update.mistake(
    "y·(w·x) = 0, on the boundary, counts as a mistake, too: with < nothing would ever be learned from w = 0."
)
def strictly_negative(w, x, y, lr=1.0):
    return w + lr * y * x if y * (w @ x) < 0 else w


@perceptron_update.mistake("You change w after every example. The perceptron learns from mistakes only.")
def always_updates(w, x, y, lr=1.0):
    return w + lr * y * x


@perceptron_update.mistake(
    "You step away from the example: a mistake is repaired by adding lr·y·x, not subtracting."
)
def steps_away(w, x, y, lr=1.0):
    return w - lr * y * x if y * (w @ x) <= 0 else w


@perceptron_update.mistake(
    "The label is missing from your step: for y = −1 the example has to be subtracted."
)
def step_without_label(w, x, y, lr=1.0):
    return w + lr * x if y * (w @ x) <= 0 else w


@perceptron_update.mistake("The learning rate is missing from your step.")
def step_without_lr(w, x, y, lr=1.0):
    return w + y * x if y * (w @ x) <= 0 else w


@perceptron_update.mistake("Your step is twice as long: y − ŷ is ±2 for labels ±1. Here the step is lr·y·x.")
def error_form(w, x, y, lr=1.0):
    prediction = 1 if w @ x > 0 else -1
    on_boundary = y == -1 and w @ x == 0
    return w + lr * (y - prediction) * x if not on_boundary else w


@perceptron_update.mistake(
    "Your step is twice as long: y − ŷ is ±2 for labels ±1. Here the step is lr·y·x, also on the boundary."
)
def error_form_sign(w, x, y, lr=1.0):
    return w + lr * (y - np.sign(w @ x)) * x


@perceptron_update.mistake(
    "Your step is twice as long: y − ŷ is ±2 for labels ±1. Here the step is lr·y·x, also on the boundary."
)
def error_form_zero_is_one(w, x, y, lr=1.0):
    return w + lr * (y - (1 if w @ x >= 0 else -1)) * x


@perceptron_update.mistake(
    "You learn from the examples that are right, and not from the mistakes: turn the condition."
)
def learns_when_right(w, x, y, lr=1.0):
    return w + lr * y * x if y * (w @ x) > 0 else w


@perceptron_update.mistake(
    "The label is missing from your condition: a mistake is y·(w·x) <= 0, not w·x <= 0."
)
def condition_without_label(w, x, y, lr=1.0):
    return w + lr * y * x if w @ x <= 0 else w


@perceptron_update.mistake("You return the step alone: the new w is the old one plus the step.")
def step_only(w, x, y, lr=1.0):
    return lr * y * x if y * (w @ x) <= 0 else w


@perceptron_update.mistake(
    "On the boundary w·x = 0 is a mistake for both labels; yours counts it as a prediction of +1."
)
def zero_is_plus(w, x, y, lr=1.0):
    return w + lr * y * x if (1 if w @ x >= 0 else -1) != y else w


@perceptron_update.mistake(
    "On the boundary w·x = 0 is a mistake for both labels; yours counts it as a prediction of −1."
)
def zero_is_minus(w, x, y, lr=1.0):
    return w + lr * y * x if (1 if w @ x > 0 else -1) != y else w


@perceptron_update.mistake(
    "You ask for a margin of 1, as a support vector machine does; a mistake is y·(w·x) <= 0."
)
def hinge(w, x, y, lr=1.0):
    return w + lr * y * x if y * (w @ x) < 1 else w


@perceptron_update.mistake(
    "The bias is a weight like the others, x[0] = 1: it learns, too. Yours stays as it is."
)
def bias_frozen(w, x, y, lr=1.0):
    return w + lr * y * np.concatenate([[0.0], x[1:]]) if y * (w @ x) <= 0 else w


@perceptron_update.mistake(
    "The bias belongs into the score, too: w·x runs over all entries, x[0] = 1 included."
)
def score_without_bias(w, x, y, lr=1.0):
    return w + lr * y * x if y * (w[1:] @ x[1:]) <= 0 else w


@perceptron_update.mistake("You repeat the step until the example is right. One call makes one step.")
def repeats(w, x, y, lr=1.0):
    while y * (w @ x) <= 0:
        w = w + lr * y * x
    return w


@perceptron_update.mistake("You divide x by its length; the step is lr·y·x as it is.")
def normalises_x(w, x, y, lr=1.0):
    return w + lr * y * x / np.linalg.norm(x) if y * (w @ x) <= 0 else w


# --- 2.2 margin --------------------------------------------------------------------------------------


@exercise
def margin(w: np.ndarray, X: np.ndarray, y: np.ndarray) -> float:
    """Smallest signed distance to the boundary: min over i of y_i (w·x_i) / ‖w‖."""
    return float(np.min(y * (X @ w)) / np.linalg.norm(w))


@margin.cases
def margin_cases(rng: np.random.Generator) -> Iterator[Case]:
    w = np.array([0.0, 3.0, 4.0])
    yield case(w, np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 2.0]]), np.array([1, 1]), name="both labels +1")
    yield case(w, np.array([[1.0, 1.0, 0.0], [1.0, 0.0, -2.0]]), np.array([1, -1]), name="labels +1 and −1")
    w, y = np.array([0.0, 2.0]), np.array([1, 1, -1])
    yield case(w, np.array([[1.0, 1.0], [1.0, 3.0], [1.0, -2.0]]), y, name="three examples, all right")
    yield case(w, np.array([[1.0, 1.0], [1.0, 3.0], [1.0, 2.0]]), y, name="three examples, one misclassified")
    w, y = np.array([-1.0, 2.0]), np.array([1, -1])
    yield case(w, np.array([[1.0, 3.0], [1.0, -1.0]]), y, name="a bias of −1")
    for i in range(8):
        n, d = int(rng.integers(3, 9)), int(rng.integers(2, 6))
        X, w, y = with_bias(rng, n, d), quarters(rng, d), signs(rng, n)
        w[0] = rng.choice([-0.75, 1.25])
        if i % 2:  # a separable set, where the margin is positive
            keep = np.abs(X @ w) > 0.1
            X = X[keep] if keep.any() else np.array([[1.0] * d])
            y = np.where(X @ w > 0, 1, -1)
        right = "all right" if i % 2 else "labels at random"
        yield case(w, X, y, name=f"{len(X)} examples with {d} entries, {right}")
    X, w = with_bias(rng, 6, 3), np.array([0.5, 3.0, -1.25])
    y = np.where(X @ w > 0, 1, -1)
    yield edge("a single example", np.array([1.0, 2.0]), np.array([[1.0, 4.0]]), np.array([-1]))
    yield edge(
        "an example on the boundary",
        np.array([-2.0, 1.0]),
        np.array([[1.0, 2.0], [1.0, 5.0]]),
        np.array([1, 1]),
    )
    yield edge("w a thousand times longer: the same distance", 1000 * w, X, y)
    yield edge("w a thousand times shorter: the same distance", w / 1000, X, y)
    yield edge("everything misclassified", w, X, -y)


@margin.mistake(
    "That is the functional margin: it grows with the length of w. Divide by ‖w‖ to get a distance."
)
def functional(w, X, y):
    return np.min(y * (X @ w))


@margin.mistake("You return n distances; the margin is one number, the smallest of them.")
def all_distances(w, X, y):
    return y * (X @ w) / np.linalg.norm(w)


@margin.mistake("You take the distance without its sign: a misclassified example has to count as negative.")
def unsigned(w, X, y):
    return np.min(np.abs(X @ w)) / np.linalg.norm(w)


@margin.mistake("The labels are missing: y·(w·x) is positive when the example is on its right side.")
def without_labels(w, X, y):
    return np.min(X @ w) / np.linalg.norm(w)


@margin.mistake(
    "You divide by ‖w‖²; the distance to the boundary is divided by ‖w‖: a square root is missing."
)
def squared_norm(w, X, y):
    return np.min(y * (X @ w)) / (w @ w)


@margin.mistake("The margin is that of the worst example, the smallest one; you average over all.")
def mean_distance(w, X, y):
    return np.mean(y * (X @ w)) / np.linalg.norm(w)


@margin.mistake("The margin is that of the worst example: the smallest value, not the largest.")
def largest(w, X, y):
    return np.max(y * (X @ w)) / np.linalg.norm(w)


@margin.mistake("Here the bias is a weight like the others: ‖w‖ runs over all of w, w[0] as well.")
def norm_without_bias(w, X, y):
    return np.min(y * (X @ w)) / np.linalg.norm(w[1:])


@margin.mistake(
    "You also divide by ‖x‖, which gives the cosine of an angle. A distance is divided by ‖w‖ only."
)
def cosine(w, X, y):
    return np.min(y * (X @ w) / np.linalg.norm(X, axis=1)) / np.linalg.norm(w)


@margin.mistake("‖w‖ is the Euclidean norm: the root of the sum of squares, not the sum of absolute values.")
def l1_norm(w, X, y):
    return np.min(y * (X @ w)) / np.sum(np.abs(w))


@margin.mistake("‖w‖ is the Euclidean norm: the root of the sum of squares, not the largest entry.")
def max_norm(w, X, y):
    return np.min(y * (X @ w)) / np.max(np.abs(w))


@margin.mistake(
    "A negative margin is an answer, too: it says how far the worst example is on the wrong side."
)
def cut_at_zero(w, X, y):
    return max(0.0, np.min(y * (X @ w)) / np.linalg.norm(w))


@margin.mistake("That is the number of the worst example: min gives its margin, argmin its place.")
def place_of_worst(w, X, y):
    return np.argmin(y * (X @ w))


@margin.mistake(
    "The smallest over all pairs of a label and an example: y and X @ w were combined to a table."
)
def all_pairs(w, X, y):
    return np.min(y[:, None] * (X @ w)) / np.linalg.norm(w)


@margin.mistake("The sign is wrong: y·(w·x) is positive when the example is classified rightly.")
def sign_turned(w, X, y):
    return np.min(-y * (X @ w)) / np.linalg.norm(w)


@margin.mistake(
    "That is twice the margin, the width of the whole street; asked for is the distance to its middle."
)
def whole_street(w, X, y):
    return 2 * np.min(y * (X @ w)) / np.linalg.norm(w)


@margin.mistake("You divide by the size of X. A distance to the boundary is divided by the length of w.")
def norm_of_data(w, X, y):
    return np.min(y * (X @ w)) / np.linalg.norm(X)


@margin.mistake("You leave out the misclassified examples; the worst of all counts.")
def right_ones_only(w, X, y):
    scores = y * (X @ w) / np.linalg.norm(w)
    return np.min(scores[scores > 0])


# --- 2.3 multiclass_perceptron -----------------------------------------------------------------------


@exercise
def multiclass_perceptron(W: np.ndarray, x: np.ndarray, y: int) -> np.ndarray:
    """One step: after a mistake the right class's row gains x and the predicted one's loses it."""
    W = W.copy()
    predicted = int(np.argmax(W @ x))
    if predicted != y:
        W[y] += x
        W[predicted] -= x
    return W


@multiclass_perceptron.cases
def multiclass_perceptron_cases(rng: np.random.Generator) -> Iterator[Case]:
    W = np.array([[0.0, 1.0], [0.0, -1.0], [0.5, 0.0]])
    yield case(W, np.array([1.0, 2.0]), 1, name="three classes: 0 is predicted, y = 1")
    yield case(W, np.array([1.0, 2.0]), 0, name="three classes: 0 is predicted, y = 0")
    yield case(W, np.array([1.0, -2.0]), 2, name="three classes: 1 is predicted, y = 2")
    yield case(W, np.array([1.0, 0.25]), 0, name="three classes: 2 is predicted, y = 0")
    for i in range(10):
        classes, features = int(rng.integers(3, 6)), int(rng.integers(2, 5))
        W, x = quarters(rng, classes, features), with_bias(rng, 1, features)[0]
        scores = W @ x
        while np.sum(scores == scores.max()) > 1:  # ties are edge cases
            W = quarters(rng, classes, features)
            scores = W @ x
        order = np.argsort(scores)[::-1].tolist()
        y = int(order[i % 3])
        yield case(W, x, y, name=f"{classes} classes, {features} entries: {order[0]} is predicted, y = {y}")
    yield edge("W = 0: all classes tie, y = 0 is predicted", np.zeros((3, 2)), np.array([1.0, -1.5]), 0)
    yield edge("W = 0: all classes tie, y = 2 is not predicted", np.zeros((3, 2)), np.array([1.0, -1.5]), 2)
    W = np.array([[0.0, 1.0], [3.0, 0.5], [2.0, 1.0], [1.0, 1.5]])
    yield edge("classes 1, 2 and 3 tie at the top, y = 3", W, np.array([1.0, 2.0]), 3)
    yield edge("classes 1, 2 and 3 tie at the top, y = 1", W, np.array([1.0, 2.0]), 1)
    yield edge("two classes", np.array([[1.0, 1.0], [0.0, 0.5]]), np.array([1.0, 1.0]), 1)
    yield edge("whole numbers", np.array([[1, 2, 0], [0, 1, -1], [2, 0, 3]]), np.array([1, 2, 1]), 1)


@multiclass_perceptron.mistake("The predicted class keeps its row: it has to lose x when it was wrong.")
def only_gains(W, x, y):
    W = W.copy()
    if np.argmax(W @ x) != y:
        W[y] += x
    return W


@multiclass_perceptron.mistake("The right class gets nothing: its row has to gain x when it was missed.")
def only_loses(W, x, y):
    W = W.copy()
    predicted = np.argmax(W @ x)
    if predicted != y:
        W[predicted] -= x
    return W


@multiclass_perceptron.mistake(
    "The two signs are swapped: the right class gains x, the predicted one loses it."
)
def signs_swapped(W, x, y):
    W = W.copy()
    predicted = np.argmax(W @ x)
    W[y] -= x
    W[predicted] += x
    return W


@multiclass_perceptron.mistake(
    "You take x from every other class. Only the class that was predicted loses it."
)
def all_others_lose(W, x, y):
    W = W.copy()
    if np.argmax(W @ x) != y:
        W -= x
        W[y] += 2 * x
    return W


@multiclass_perceptron.mistake(
    "You take x from every class that scores higher than the right one. Only the predicted one loses it."
)
def all_higher_lose(W, x, y):
    scores = W @ x
    W = W.copy()
    if np.argmax(scores) != y:
        for k in range(len(W)):
            if k != y and scores[k] >= scores[y]:
                W[k] -= x
        W[y] += x
    return W


_POSITIVE_LOSE = "Only the predicted class loses x, not every class with a positive score."


@multiclass_perceptron.mistake(_POSITIVE_LOSE)
def positive_scores_lose(W, x, y):
    wrong = np.argmax(W @ x) != y
    return _each_by_its_sign(W, x, y, wrong & (W @ x > 0), wrong)


@multiclass_perceptron.mistake(_POSITIVE_LOSE)
def positive_scores_lose_always(W, x, y):
    return _each_by_its_sign(W, x, y, W @ x > 0, True)


@multiclass_perceptron.mistake(_POSITIVE_LOSE)
def each_class_for_itself(W, x, y):
    return _each_by_its_sign(W, x, y, W @ x > 0, W[y] @ x <= 0)


@multiclass_perceptron.mistake(_POSITIVE_LOSE)
def each_class_for_itself_with_zero(W, x, y):
    return _each_by_its_sign(W, x, y, W @ x >= 0, W[y] @ x <= 0)


@multiclass_perceptron.mistake(_POSITIVE_LOSE)
def each_class_for_itself_zero_is_plus(W, x, y):
    return _each_by_its_sign(W, x, y, W @ x >= 0, W[y] @ x < 0)


def _each_by_its_sign(W, x, y, lose, gains):
    """All classes of `lose` but y lose x; y gains it if `gains`."""
    W = W.copy()
    W[lose & (np.arange(len(W)) != y)] -= x
    if gains:
        W[y] += x
    return W


@multiclass_perceptron.mistake(
    "Every example changes your W. When the prediction is right, it stays as it is."
)
def right_class_always_gains(W, x, y):
    W = W.copy()
    predicted = np.argmax(W @ x)
    W[y] += x
    if predicted != y:
        W[predicted] -= x
    return W


@multiclass_perceptron.mistake(
    "Ties go to the lowest class number, as np.argmax does; yours go to the highest."
)
def last_of_ties(W, x, y):
    W = W.copy()
    scores = W @ x
    predicted = len(scores) - 1 - np.argmax(scores[::-1])
    W[y] += x
    W[predicted] -= x
    return W


@multiclass_perceptron.mistake("A tie for the best score is not yet right: the lowest class number wins it.")
def tie_is_right(W, x, y):
    W = W.copy()
    scores = W @ x
    if scores[y] < scores.max():
        W[y] += x
        W[np.argmax(scores)] -= x
    return W


@multiclass_perceptron.mistake("You predict the class with the smallest score: argmax, not argmin.")
def smallest_score(W, x, y):
    W = W.copy()
    W[y] += x
    W[np.argmin(W @ x)] -= x
    return W


@multiclass_perceptron.mistake("You predict the class with the smallest score: argmax, not argmin.")
def smallest_score_first(W, x, y):
    predicted = np.argmin(W @ x)
    W = W.copy()
    W[y] += x
    W[predicted] -= x
    return W


@multiclass_perceptron.mistake(
    "Predict before you change anything: your argmax already sees the new row of the right class."
)
def predicts_too_late(W, x, y):
    W = W.copy()
    W[y] += x
    W[np.argmax(W @ x)] -= x
    return W


@multiclass_perceptron.mistake(
    "That is the step of softmax regression. The perceptron moves two rows, by x itself."
)
def softmax_step(W, x, y):
    scores = W @ x
    p = np.exp(scores - scores.max())
    p /= p.sum()
    return W + np.outer(np.eye(len(W))[y] - p, x)


@multiclass_perceptron.mistake("Your W never changes: is the step made on a copy that is then forgotten?")
def nothing_happens(W, x, y):
    return W


# --- 2.4 averaged_perceptron -------------------------------------------------------------------------


@exercise
def averaged_perceptron(X: np.ndarray, y: np.ndarray, epochs: int = 1) -> np.ndarray:
    """Mean of w after every visited example, of a perceptron that starts from zeros."""
    w = np.zeros(X.shape[1])
    total = np.zeros(X.shape[1])
    for _ in range(epochs):
        for x, label in zip(X, y, strict=True):
            w = perceptron_update.reference(w, x, label)
            total += w
    return total / (epochs * len(X))


@averaged_perceptron.cases
def averaged_perceptron_cases(rng: np.random.Generator) -> Iterator[Case]:
    X = np.array([[1.0, 2.0], [1.0, -1.0], [1.0, 0.5]])
    yield case(X, np.array([1, -1, -1]), name="three examples, once")
    yield case(X, np.array([1, -1, 1]), name="three examples with other labels, once")
    yield case(X, np.array([1, -1, -1]), 2, name="three examples, 2 epochs")
    X = np.array([[1.0, 1.0], [1.0, 2.0], [1.0, 3.0], [1.0, -2.0]])
    yield case(X, np.array([1, 1, 1, -1]), 3, name="four examples, 3 epochs")
    for i in range(6):
        n, d = int(rng.integers(4, 12)), int(rng.integers(2, 5))
        X, y = with_bias(rng, n, d), signs(rng, n)
        epochs = () if i % 3 == 0 else (int(rng.integers(2, 6)),)
        times = f"{epochs[0]} epochs" if epochs else "once"
        yield case(X, y, *epochs, name=f"{n} random examples with {d} entries, {times}")
    yield edge("a single example", np.array([[1.0, -3.0]]), np.array([-1]))
    yield edge("all examples of one class", np.array([[1.0, 2.0], [1.0, 0.5]]), np.array([-1, -1]), 2)
    yield edge(
        "an example on the boundary later",
        np.array([[1.0, 1.0], [1.0, -1.0], [1.0, 2.0]]),
        np.array([1, 1, -1]),
    )
    yield edge(
        "XOR: never separated",
        np.array([[1, 0, 0], [1, 0, 1], [1, 1, 0], [1, 1, 1]]),
        np.array([-1, 1, 1, -1]),
        4,
    )
    yield edge(
        "no mistake after the first epoch", np.array([[1.0, 2.0], [1.0, -0.25]]), np.array([1, -1]), 10
    )


def _visits(X, y, epochs=1):
    """Yield (epoch, changed, w) after every visited example."""
    w = np.zeros(X.shape[1])
    for epoch in range(epochs):
        for x, label in zip(X, y, strict=True):
            wrong = label * (w @ x) <= 0
            if wrong:
                w = w + label * x
            yield epoch, wrong, w


@averaged_perceptron.mistake(
    "That is the last w. Do you change w with `+=` and append it to a list? Then all entries of your list are"
    " the same array: append `w.copy()`."
)
def last_w(X, y, epochs=1):
    return [w for _, _, w in _visits(X, y, epochs)][-1]


@averaged_perceptron.mistake(
    "You count w only when it has changed. A w that survives many examples weighs more: add it after each."
)
def after_mistakes_only(X, y, epochs=1):
    return np.mean([w for _, wrong, w in _visits(X, y, epochs) if wrong], axis=0)


@averaged_perceptron.mistake(
    "You add w only when it has changed, but divide by all visits: add it after every example."
)
def mistakes_over_visits(X, y, epochs=1):
    return np.sum([w for _, wrong, w in _visits(X, y, epochs) if wrong], axis=0) / (len(X) * epochs)


@averaged_perceptron.mistake(
    "The zeros at the start are not among the averaged: n·epochs vectors, not one more."
)
def zeros_counted(X, y, epochs=1):
    ws = [w for _, _, w in _visits(X, y, epochs)]
    return np.sum(ws, axis=0) / (len(ws) + 1)


@averaged_perceptron.mistake("Add w to the total after the update; yours is added before it.")
def added_before(X, y, epochs=1):
    ws = [np.zeros(X.shape[1])] + [w for _, _, w in _visits(X, y, epochs)]
    return np.mean(ws[:-1], axis=0)


@averaged_perceptron.mistake("You average the w at the end of each epoch: every visited example counts.")
def end_of_epochs(X, y, epochs=1):
    return np.mean([w for _, _, w in _visits(X, y, epochs)][len(X) - 1 :: len(X)], axis=0)


@averaged_perceptron.mistake("That is the sum of all w: divide by their number, n·epochs.")
def sum_of_w(X, y, epochs=1):
    return np.sum([w for _, _, w in _visits(X, y, epochs)], axis=0)


@averaged_perceptron.mistake("You divide by n; with several epochs there are n·epochs vectors.")
def divided_by_n(X, y, epochs=1):
    return np.sum([w for _, _, w in _visits(X, y, epochs)], axis=0) / len(X)


@averaged_perceptron.mistake("Divide by the number of visits, n·epochs, and not by the number of epochs.")
def divided_by_epochs(X, y, epochs=1):
    return np.sum([w for _, _, w in _visits(X, y, epochs)], axis=0) / epochs


@averaged_perceptron.mistake(
    "Your answer does not depend on `epochs`. Go through the data `epochs` times, and set w to zero once,"
    " before all epochs."
)
def one_epoch(X, y, epochs=1):
    return np.mean([w for _, _, w in _visits(X, y, 1)], axis=0)


@averaged_perceptron.mistake(
    "You average over the last epoch only: set the total to zero once, before all epochs."
)
def last_epoch_only(X, y, epochs=1):
    return np.mean([w for epoch, _, w in _visits(X, y, epochs) if epoch == epochs - 1], axis=0)


@averaged_perceptron.mistake("Your total begins anew in each epoch: set it to zero once, before all epochs.")
def last_epoch_over_visits(X, y, epochs=1):
    return last_epoch_only(X, y, epochs) / epochs


@averaged_perceptron.mistake(
    "With < instead of <= nothing is ever learned: w = 0 puts every example on the boundary."
)
def never_starts(X, y, epochs=1):
    return np.zeros(X.shape[1])


@averaged_perceptron.mistake("You update after every example. The perceptron changes w after mistakes only.")
def updates_always(X, y, epochs=1):
    steps = np.tile(y[:, None] * X, (epochs, 1))
    return np.cumsum(steps, axis=0).mean(axis=0)


@averaged_perceptron.mistake(
    "You stop when an epoch has no mistake. The w that survives still counts, to the end."
)
def stops_early(X, y, epochs=1):
    kept = []
    visits = list(_visits(X, y, epochs))
    for epoch in range(epochs):
        of_epoch = [(wrong, w) for e, wrong, w in visits if e == epoch]
        kept += [w for _, w in of_epoch]
        if not any(wrong for wrong, _ in of_epoch):
            break
    return np.mean(kept, axis=0)


@averaged_perceptron.mistake("The step has the wrong sign: after a mistake w gains y·x.")
def step_turned(X, y, epochs=1):
    w, total = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    for _ in range(epochs):
        for x, label in zip(X, y, strict=True):
            if label * (w @ x) <= 0:
                w = w - label * x
            total += w
    return total / (epochs * len(X))


@averaged_perceptron.mistake(
    "One epoch is added up and divided by the visits of all. Is a `return` inside the loop over the epochs,"
    " or do w and the total begin anew in each?"
)
def returns_in_loop(X, y, epochs=1):
    return one_epoch(X, y) / epochs


@averaged_perceptron.mistake(
    "You find mistakes with the average. The perceptron learns with w; the average only comes out at the end."
)
def predicts_with_average(X, y, epochs=1):
    w, total = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    for _ in range(epochs):
        for x, label in zip(X, y, strict=True):
            if label * (total @ x) <= 0:
                w = w + label * x
            total += w
    return total / (epochs * len(X))

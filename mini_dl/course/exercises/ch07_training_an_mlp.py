"""Notebook 07: accuracy, batches, one step of training, and the confusion matrix.

The scores are random multiples of 1/8 without ties in a row, so that every right answer picks the same class.
"""

# ruff: noqa: D103  (of a mistake, the hint above it says what it does)

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

import mini_dl
from mini_dl import nn, optim
from mini_dl.course.checks.compare import numbers
from mini_dl.course.checks.exercise import Case, Objection, case, edge, exercise
from mini_dl.course.checks.show import kind_of

Batch = tuple[np.ndarray, np.ndarray]


def scores(rng: np.random.Generator, n: int, classes: int) -> np.ndarray:
    """Random multiples of 1/8, all different within a row."""
    return np.stack([rng.permutation(np.arange(-24, 25))[:classes] for _ in range(n)]) / 8


# --- 7.1 batches -------------------------------------------------------------------------------------


@exercise
def batches(X: np.ndarray, y: np.ndarray, batch_size: int, order: np.ndarray) -> list[Batch]:
    """Examples dealt out in `order`: pairs of inputs and labels, `batch_size` in each but the last."""
    parts = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    return [(X[part], y[part]) for part in parts]


@batches.cases
def batches_cases(rng: np.random.Generator) -> Iterator[Case]:
    X = np.array([[0.0, 0.5], [1.0, 1.5], [2.0, 2.5], [3.0, 3.5], [4.0, 4.5]])
    y = np.array([0, 1, 2, 3, 4])
    yield case(X, y, 2, np.array([4, 0, 3, 1, 2]))
    yield case(X, y, 3, np.array([0, 1, 2, 3, 4]))
    yield case(X[:4], y[:4], 2, np.array([2, 3, 1, 0]))
    for _ in range(6):
        n, d = int(rng.integers(7, 12)), int(rng.integers(2, 5))
        X, y = rng.integers(-12, 13, size=(n, d)) / 4, rng.permutation(n) % 5
        order = np.roll(rng.permutation(n - 1) + 1, 1)  # the first example comes somewhere in the middle
        yield case(X, y, int(rng.integers(2, 6)), np.insert(order, n // 2, 0))
    X, y = rng.integers(-12, 13, size=(6, 3)) / 4, np.arange(6)
    yield edge("the batches come out even", X, y, 3, np.array([5, 3, 1, 0, 2, 4]))
    yield edge("one batch holds everything", X, y, 6, np.array([5, 3, 1, 0, 2, 4]))
    yield edge("batches larger than the data", X, y, 100, np.array([5, 3, 1, 0, 2, 4]))
    yield edge("batches of one example", X[:3], y[:3], 1, np.array([1, 2, 0]))
    yield edge("some of the examples only", X, y, 2, np.array([4, 1, 5]))


@batches.mistake("The last batch is missing: when the sizes do not come out even it is shorter, but a batch.")
def last_left_out(X, y, batch_size, order):
    full = len(order) // batch_size * batch_size
    return batches.reference(X, y, batch_size, order[:full])


@batches.mistake("Your batches come in the order of the arrays. `order` says which example is dealt when.")
def order_ignored(X, y, batch_size, order):
    return batches.reference(X, y, batch_size, np.arange(len(X)))


@batches.mistake("The labels are still in the old order: deal X and y out with the same indices.")
def labels_not_shuffled(X, y, batch_size, order):
    found = batches.reference(X, y, batch_size, order)
    ends = np.cumsum([len(part) for part, _ in found])
    return [(part, y[end - len(part) : end]) for (part, _), end in zip(found, ends, strict=True)]


@batches.mistake("The inputs are still in the old order: deal X and y out with the same indices.")
def inputs_not_shuffled(X, y, batch_size, order):
    found = batches.reference(X, y, batch_size, order)
    ends = np.cumsum([len(part) for part, _ in found])
    return [(X[end - len(part) : end], labels) for (part, labels), end in zip(found, ends, strict=True)]


@batches.mistake("X follows `order`, y does not: use the same numbers for both.")
def labels_sliced(X, y, batch_size, order):
    starts = range(0, len(order), batch_size)
    return [(X[order[i : i + batch_size]], y[i : i + batch_size]) for i in starts]


@batches.mistake("X follows `order`, y does not: use the same numbers for both.")
def labels_sliced_to_the_end(X, y, batch_size, order):
    starts = range(0, len(X), batch_size)
    return [(X[order[i : i + batch_size]], y[i : i + batch_size]) for i in starts]


@batches.mistake("y follows `order`, X does not: use the same numbers for both.")
def inputs_sliced(X, y, batch_size, order):
    starts = range(0, len(order), batch_size)
    return [(X[i : i + batch_size], y[order[i : i + batch_size]]) for i in starts]


@batches.mistake("The last batch is missing: let the range run to len(order), which it does not reach.")
def stops_a_batch_early(X, y, batch_size, order):
    starts = range(0, len(order) - batch_size, batch_size)
    return [(X[order[i : i + batch_size]], y[order[i : i + batch_size]]) for i in starts]


@batches.mistake("There is an empty batch at the end when the sizes come out even.")
def empty_when_even(X, y, batch_size, order):
    starts = range(0, len(order) + 1, batch_size)
    return [(X[order[i : i + batch_size]], y[order[i : i + batch_size]]) for i in starts]


@batches.mistake("There is an empty batch at the end.")
def empty_at_the_end(X, y, batch_size, order):
    return [*batches.reference(X, y, batch_size, order), (X[:0], y[:0])]


@batches.mistake("`batch_size` is how many examples are in a batch; yours is how many batches there are.")
def number_of_batches(X, y, batch_size, order):
    return [(X[part], y[part]) for part in np.array_split(order, batch_size)]


@batches.mistake("Your batches overlap: the next one begins where the last one ended, batch_size further.")
def overlapping(X, y, batch_size, order):
    starts = range(len(order))
    return [(X[order[i : i + batch_size]], y[order[i : i + batch_size]]) for i in starts]


@batches.mistake("The pair is turned round: the inputs come first, then the labels.")
def labels_first(X, y, batch_size, order):
    return [(labels, inputs) for inputs, labels in batches.reference(X, y, batch_size, order)]


@batches.mistake("Each batch is a pair of inputs and labels; yours holds the inputs alone.")
def inputs_alone(X, y, batch_size, order):
    return [inputs for inputs, _ in batches.reference(X, y, batch_size, order)]


@batches.mistake("You return the first batch only: collect them all in a list, and return after the loop.")
def first_batch_only(X, y, batch_size, order):
    return batches.reference(X, y, batch_size, order)[:1]


@batches.mistake("You return the indices of each batch: use them to pick the rows of X and of y.")
def indices_only(X, y, batch_size, order):
    return [order[i : i + batch_size] for i in range(0, len(order), batch_size)]


@batches.mistake("Two results, all inputs and all labels, instead of one list of pairs: turn it inside out.")
def two_lists(X, y, batch_size, order):
    found = batches.reference(X, y, batch_size, order)
    return [inputs for inputs, _ in found], [labels for _, labels in found]


@batches.mistake("The short batch is filled up with examples from the beginning: they would count twice.")
def filled_up(X, y, batch_size, order):
    short = -len(order) % batch_size
    return batches.reference(X, y, batch_size, np.concatenate([order, np.resize(order, short)]))


# --- 7.2 training_step -------------------------------------------------------------------------------


class Line(nn.Module):
    """One linear layer that remembers the last copy made of it: a check looks at what became of that."""

    def __init__(self, weight: np.ndarray, bias: np.ndarray) -> None:
        self.layer = nn.Linear(weight.shape[1], weight.shape[0])
        self.layer.load_state_dict({"weight": weight, "bias": bias})
        self.copies: list[Line] = []
        self.seen: list[bool] = []  # shared with the optimiser, which writes into it

    def forward(self, x: Any) -> Any:
        """Give the layer's output."""
        return self.layer(x)

    def __deepcopy__(self, memo: dict[int, Any]) -> Line:
        twin = Line.__new__(Line)
        memo[id(self)] = twin
        twin.layer, twin.copies = copy.deepcopy(self.layer, memo), []
        twin.seen = copy.deepcopy(self.seen, memo)
        self.copies[:] = [twin]
        return twin

    def __repr__(self) -> str:
        weight, bias = (p.numpy().round(3).tolist() for p in self.parameters())
        stale = "" if self.layer.weight.grad is None else ", with gradients of an earlier batch"
        return f"a linear layer, weight {weight}, bias {bias}{stale}"


def has_gradients(parameters: Iterable[Any]) -> bool:
    """Whether any parameter has a gradient that is not zero everywhere."""
    return any(p.grad is not None and bool(np.any(p.grad.numpy())) for p in parameters)


class Steps(optim.SGD):
    """SGD that describes itself and notes, at each step, whether there were gradients."""

    def __init__(self, model: Line, **settings: float) -> None:
        super().__init__(model.parameters(), **settings)
        self.seen = model.seen

    def step(self) -> None:
        """Note whether there are gradients, and step."""
        self.seen.append(has_gradients(p for group in self.param_groups for p in group["params"]))
        super().step()

    def __repr__(self) -> str:
        return f"SGD with lr={self.param_groups[0]['lr']}, momentum={self.param_groups[0]['momentum']}"


class Loss:
    """A loss function that describes itself."""

    def __init__(self, function: Callable[..., Any], name: str) -> None:
        self.function, self.name = function, name

    def __call__(self, output: Any, y: Any) -> Any:
        """Give the loss of a batch."""
        return self.function(output, y)

    def __repr__(self) -> str:
        return self.name


SQUARES = Loss(nn.functional.mse_loss, "mse_loss")
CROSS_ENTROPY = Loss(nn.functional.cross_entropy, "cross_entropy")


def lesson(
    rng: np.random.Generator,
    loss: Loss,
    n: int,
    inputs: int,
    outputs: int,
    lr: float,
    momentum: float = 0.0,
    stale: bool = False,
) -> tuple[Any, ...]:
    """Return the arguments of one call."""
    model = Line(rng.integers(-4, 5, size=(outputs, inputs)) / 4, rng.integers(-4, 5, size=outputs) / 4)
    x = mini_dl.tensor((rng.integers(-8, 9, size=(n, inputs)) / 4).tolist())
    if loss is CROSS_ENTROPY:
        y = mini_dl.tensor(rng.integers(0, outputs, size=n))
    else:
        y = mini_dl.tensor((rng.integers(-8, 9, size=(n, outputs)) / 4 + 0.125).tolist())
    if stale:
        for p in model.parameters():
            p.grad = mini_dl.tensor((rng.integers(1, 9, size=p.shape) / 2).tolist())
    return model, loss, Steps(model, lr=lr, momentum=momentum), x, y


@exercise(may_change=("model", "optimizer"))
def training_step(model: nn.Module, loss_function: Any, optimizer: Any, x: Any, y: Any) -> float:
    """One step of training on one batch: forward, loss, gradients, update. Gives the loss."""
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    loss.backward()
    optimizer.step()
    return np.array([loss.item()])  # type: ignore[return-value]  # any form of one number will do


@training_step.cases
def training_step_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(*lesson(rng, SQUARES, 2, 1, 1, lr=0.1))
    yield case(*lesson(rng, SQUARES, 2, 2, 1, lr=0.1, stale=True))
    yield case(*lesson(rng, CROSS_ENTROPY, 3, 2, 3, lr=0.5))
    for i in range(6):
        n, inputs, outputs = (int(v) for v in rng.integers(2, 5, size=3))
        yield case(
            *lesson(
                rng, [SQUARES, CROSS_ENTROPY][i % 2], n, inputs, outputs, float(rng.choice([0.1, 0.25, 0.5])),
                momentum=0.9 * (i % 3 == 0), stale=i > 1,
            )
        )  # fmt: skip
    yield edge("a batch of one example", *lesson(rng, SQUARES, 1, 3, 2, lr=0.1, stale=True))
    yield edge("learning rate 0: nothing moves", *lesson(rng, CROSS_ENTROPY, 4, 2, 3, lr=0.0, stale=True))
    yield edge("with momentum", *lesson(rng, SQUARES, 3, 2, 2, lr=0.1, momentum=0.9, stale=True))


@training_step.observe
def loss_and_weights(result: Any, case: Case) -> dict[str, Any]:
    """Look at the number that came back and at the weights of the copy that was trained."""
    if isinstance(result, mini_dl.Tensor) and result.requires_grad:
        raise Objection(
            "You return the loss as a tensor. It still holds on to the whole graph, and a list of such"
            " losses fills the memory. Return the number: loss.item()."
        )
    value = numbers(result) if not isinstance(result, mini_dl.Tensor) else np.asarray(result)
    if value is None or value.size != 1 or value.dtype.kind == "c":
        raise Objection(f"Return the loss as a number; yours is {kind_of(result)}.")
    model = case.args[0].copies[-1] if case.args[0].copies else case.args[0]
    weight, bias = (p.numpy().astype(float).round(5) for p in model.parameters())
    if not model.seen:
        found = "step() was not called"
    elif model.seen[0]:
        found = "gradients"
    else:
        found = "no gradients" + (", they came later" if has_gradients(model.parameters()) else "")
    return {
        "the loss": np.float32(value.item()),
        "what step() found": found,
        "the weight after the step": weight,
        "the bias after the step": bias,
    }


@training_step.mistake(
    "The gradients of an earlier batch are still there and add to the new ones: optimizer.zero_grad() first."
)
def keeps_old_gradients(model, loss_function, optimizer, x, y):
    loss = loss_function(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@training_step.mistake("step() comes before backward(): there are no new gradients to step with.")
def steps_before_backward(model, loss_function, optimizer, x, y):
    loss = loss_function(model(x), y)
    optimizer.zero_grad()
    optimizer.step()
    loss.backward()
    return loss.item()


@training_step.mistake("The optimiser never makes its step: after backward() comes optimizer.step().")
def never_steps(model, loss_function, optimizer, x, y):
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    loss.backward()
    return loss.item()


@training_step.mistake(
    "When step() is called there are no gradients: backward() is missing, or zero_grad() stands between"
    " backward() and step()."
)
def forgets_too_late(model, loss_function, optimizer, x, y):
    loss = loss_function(model(x), y)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


@training_step.mistake(
    "You step before backward(): with the gradients of an earlier batch, and before this one has any."
)
def steps_first(model, loss_function, optimizer, x, y):
    loss = loss_function(model(x), y)
    optimizer.step()
    optimizer.zero_grad()
    loss.backward()
    return loss.item()


@training_step.mistake("The loss is that of the batch before the step; yours is computed anew after it.")
def loss_after_the_step(model, loss_function, optimizer, x, y):
    optimizer.zero_grad()
    loss_function(model(x), y).backward()
    optimizer.step()
    return loss_function(model(x), y).item()


@training_step.mistake("backward() is called twice, so the gradient counts twice.")
def backward_twice(model, loss_function, optimizer, x, y):
    optimizer.zero_grad()
    for _ in range(2):
        loss = loss_function(model(x), y)
        loss.backward()
    optimizer.step()
    return loss.item()


@training_step.mistake("One call is one step: yours makes two.")
def two_steps(model, loss_function, optimizer, x, y):
    first = training_step.reference(model, loss_function, optimizer, x, y)
    training_step.reference(model, loss_function, optimizer, x, y)
    return first


@training_step.mistake("You return the sum over the batch; the loss function has already taken the mean.")
def loss_times_batch(model, loss_function, optimizer, x, y):
    return training_step.reference(model, loss_function, optimizer, x, y) * len(y)


@training_step.mistake("You divide the loss by the batch size; the loss function has already taken the mean.")
def loss_over_batch(model, loss_function, optimizer, x, y):
    return training_step.reference(model, loss_function, optimizer, x, y) / len(y)


@training_step.mistake(
    "Your step goes uphill: the optimiser already subtracts the gradient, so the loss keeps its sign."
)
def uphill(model, loss_function, optimizer, x, y):
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    (-loss).backward()
    optimizer.step()
    return loss.item()


# --- 7.3 accuracy ------------------------------------------------------------------------------------


@exercise
def accuracy(logits: np.ndarray, labels: np.ndarray) -> float:
    """Share of the rows whose highest score is at the right class."""
    return float(np.mean(np.argmax(logits, axis=1) == labels))


@accuracy.cases
def accuracy_cases(rng: np.random.Generator) -> Iterator[Case]:
    logits = np.array([[2.0, -1.0, 0.5], [0.0, 3.0, 1.0], [-1.0, -2.0, -0.5], [1.5, 0.25, 2.5]])
    yield case(logits[:3], np.array([0, 0, 2]))
    yield case(logits[:3], np.array([1, 1, 1]))
    yield case(logits, np.array([0, 1, 2, 0]))
    for _ in range(8):
        n, classes = int(rng.integers(9, 20)), int(rng.integers(3, 6))
        logits = scores(rng, n, classes)
        labels = np.argmax(logits, axis=1)
        wrong = rng.permutation(n)[: int(rng.integers(1, n // 3))]
        labels[wrong] = (labels[wrong] + 1) % classes
        yield case(logits, labels)
    logits = scores(rng, 7, 3)
    best = np.argmax(logits, axis=1)
    yield edge("all right", logits, best)
    yield edge("all wrong", logits, (best + 1) % 3)
    yield edge("a single example", logits[:1], best[:1])
    yield edge("all scores negative", logits - 10, np.where(np.arange(7) == 3, (best + 1) % 3, best))
    yield edge("as many examples as classes", scores(rng, 4, 4), np.array([0, 1, 2, 3]))


@accuracy.mistake(
    "That is how many are right; the accuracy is their share: divide by the number of examples."
)
def how_many(logits, labels):
    return np.sum(np.argmax(logits, axis=1) == labels)


@accuracy.mistake("That is the share of mistakes: 1 minus the accuracy.")
def error_rate(logits, labels):
    return np.mean(np.argmax(logits, axis=1) != labels)


@accuracy.mistake("The accuracy is a share between 0 and 1; yours is in per cent.")
def per_cent(logits, labels):
    return 100 * np.mean(np.argmax(logits, axis=1) == labels)


@accuracy.mistake("You look for the largest score in each column. Each row is an example: axis=1.")
def over_examples(logits, labels):
    return np.mean(np.argmax(logits, axis=0) == labels)


@accuracy.mistake("You take the smallest score: the predicted class is where the score is largest.")
def smallest(logits, labels):
    return np.mean(np.argmin(logits, axis=1) == labels)


@accuracy.mistake("You compare the largest score itself with the label; its place is the class: argmax.")
def score_for_place(logits, labels):
    return np.mean(np.max(logits, axis=1) == labels)


@accuracy.mistake("You divide by the number of classes; a share of the examples is divided by their number.")
def over_classes(logits, labels):
    return np.sum(np.argmax(logits, axis=1) == labels) / logits.shape[1]


@accuracy.mistake("You divide by all entries of the logits; divide by the number of rows.")
def over_entries(logits, labels):
    return np.sum(np.argmax(logits, axis=1) == labels) / logits.size


@accuracy.mistake("That asks whether the score of the right class is positive. The highest one wins.")
def positive_score(logits, labels):
    return np.mean(logits[np.arange(len(labels)), labels] > 0)


@accuracy.mistake("You give one answer for each example; the accuracy is the mean of them.")
def each_example(logits, labels):
    return np.argmax(logits, axis=1) == labels


@accuracy.mistake("argmax without an axis counts through the whole array: give axis=1.")
def no_axis(logits, labels):
    return np.mean(np.argmax(logits) == labels)


@accuracy.mistake(
    "What is behind the decimal point is lost: divide with / and not //, into no integer dtype."
)
def whole_division(logits, labels):
    return np.sum(np.argmax(logits, axis=1) == labels) // len(labels)


# --- 7.4 confusion_matrix ----------------------------------------------------------------------------


@exercise
def confusion_matrix(labels: np.ndarray, predictions: np.ndarray, classes: int) -> np.ndarray:
    """How often class i (row) was read as class j (column)."""
    table = np.zeros((classes, classes), dtype=int)
    np.add.at(table, (labels, predictions), 1)
    return table


@confusion_matrix.cases
def confusion_matrix_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 2, 2]), 3)
    yield case(np.array([1, 1, 0, 1]), np.array([0, 0, 0, 1]), 2)
    yield case(np.array([2, 2, 2, 0, 1]), np.array([2, 0, 2, 0, 0]), 3)
    for _ in range(6):
        n, classes = int(rng.integers(15, 30)), int(rng.integers(3, 6))
        labels = np.concatenate([np.arange(classes), rng.integers(0, classes, size=n - classes)])
        predictions = np.where(rng.random(n) < 0.6, labels, rng.integers(0, classes, size=n))
        predictions[:3] = [1, 1, 0]
        yield case(labels, predictions, classes)
    yield edge("a class that never occurs", np.array([0, 0, 1, 1]), np.array([0, 3, 3, 1]), 5)
    yield edge("the last class is missing", np.array([0, 1, 0]), np.array([1, 1, 0]), 4)
    yield edge("no mistake", np.array([2, 0, 1, 1]), np.array([2, 0, 1, 1]), 3)
    yield edge("a single example", np.array([1]), np.array([0]), 2)


@confusion_matrix.observe
def whole_numbers(result: Any, case: Case) -> Any:
    """Reject right counts that are floats: the task asks for whole numbers."""
    value = numbers(result)
    if value is None:
        raise Objection(f"Return a table of numbers; yours is {kind_of(result)}.")
    if value.dtype.kind == "f" and np.array_equal(value, confusion_matrix.reference(*case.args)):
        raise Objection("The counts are right, but not whole numbers: make the array with dtype=int.")
    return result


def _table(labels, predictions, classes):
    return confusion_matrix.reference(labels, predictions, classes)


@confusion_matrix.mistake(
    "Your table is transposed: the true class is the row, the predicted one the column."
)
def turned(labels, predictions, classes):
    return _table(predictions, labels, classes)


@confusion_matrix.mistake(
    "Each cell is at most 1: `table[labels, predictions] += 1` counts a pair once, however often it occurs."
    " Loop over the examples, or use np.add.at."
)
def counted_once(labels, predictions, classes):
    table = np.zeros((classes, classes), dtype=int)
    table[labels, predictions] += 1
    return table


@confusion_matrix.mistake("Your rows are shares that add up to 1; asked for are the counts.")
def row_shares(labels, predictions, classes):
    table = _table(labels, predictions, classes)
    return table / np.maximum(table.sum(axis=1, keepdims=True), 1)


@confusion_matrix.mistake("Your columns are shares; asked for are the counts.")
def column_shares(labels, predictions, classes):
    table = _table(labels, predictions, classes)
    return table / np.maximum(table.sum(axis=0, keepdims=True), 1)


@confusion_matrix.mistake("Your table holds shares of all examples; asked for are the counts.")
def shares_of_all(labels, predictions, classes):
    return _table(labels, predictions, classes) / len(labels)


@confusion_matrix.mistake("Only the mistakes are counted: the right answers belong on the diagonal.")
def mistakes_only(labels, predictions, classes):
    table = _table(labels, predictions, classes)
    return table - np.diag(np.diag(table))


@confusion_matrix.mistake("Only the right answers are counted: the mistakes belong beside the diagonal.")
def right_only(labels, predictions, classes):
    return np.diag(np.diag(_table(labels, predictions, classes)))


@confusion_matrix.mistake(
    "The size of the table comes from the data: a class that does not occur needs its row and column, too."
)
def classes_seen(labels, predictions, classes):
    size = max(labels.max(), predictions.max()) + 1
    return _table(labels, predictions, size)


@confusion_matrix.mistake(
    "The size of the table comes from the labels that occur: take the number of classes."
)
def labels_seen(labels, predictions, classes):
    size = len(np.unique(labels))
    return _table(labels, predictions, size)


@confusion_matrix.mistake(
    "bincount ends at the largest number that occurs, so the last cells can be missing: give it"
    " minlength=classes**2."
)
def counted_too_short(labels, predictions, classes):
    return np.bincount(labels * classes + predictions).reshape(classes, classes)


@confusion_matrix.mistake("The diagonal alone: how often each class was right is only a part of the table.")
def diagonal(labels, predictions, classes):
    return np.diag(_table(labels, predictions, classes))


@confusion_matrix.mistake("The classes are numbered from 0; your table begins at class 1.")
def numbered_from_one(labels, predictions, classes):
    return np.roll(_table(labels, predictions, classes), (-1, -1), axis=(0, 1))


@confusion_matrix.mistake("You count each example in both places, (i, j) and (j, i).")
def both_places(labels, predictions, classes):
    table = _table(labels, predictions, classes)
    return table + table.T


@confusion_matrix.mistake("The last example is not counted.")
def without_the_last(labels, predictions, classes):
    return _table(labels[:-1], predictions[:-1], classes)

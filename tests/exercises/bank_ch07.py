"""Answers to the exercises of notebook 07, as readers write them."""

import numpy as np
from bank import Bank

# --- batches -----------------------------------------------------------------------------------------

deal = Bank("batches")


@deal.right
def deal_shuffle_first(X, y, batch_size, order):
    X, y = X[order], y[order]
    return [(X[i : i + batch_size], y[i : i + batch_size]) for i in range(0, len(X), batch_size)]


@deal.right
def deal_while(X, y, batch_size, order):
    found = []
    rest = list(order)
    while rest:
        now, rest = rest[:batch_size], rest[batch_size:]
        found.append([X[now], y[now]])
    return found


@deal.right
def deal_split(X, y, batch_size, order):
    cuts = np.arange(batch_size, len(order), batch_size)
    return tuple((X[part], y[part]) for part in np.split(order, cuts))


@deal.right
def deal_rows(X, y, batch_size, order):
    found = []
    for start in range(0, len(order), batch_size):
        end = min(start + batch_size, len(order))
        chosen = order[start:end]
        found.append((np.array([X[i] for i in chosen]), np.array([y[i] for i in chosen])))
    return found


@deal.right
def deal_append(X, y, batch_size, order):
    found = []
    for place, i in enumerate(order):
        if place % batch_size == 0:
            found.append(([], []))
        found[-1][0].append(X[i].tolist())
        found[-1][1].append(int(y[i]))
    return found


@deal.wrong(names="last_left_out")
def deal_full_only(X, y, batch_size, order):
    found = []
    for k in range(len(order) // batch_size):
        part = order[k * batch_size : (k + 1) * batch_size]
        found.append((X[part], y[part]))
    return found


@deal.wrong(names="order_ignored")
def deal_unshuffled(X, y, batch_size, order):
    return [(X[i : i + batch_size], y[i : i + batch_size]) for i in range(0, len(X), batch_size)]


@deal.wrong(names="labels_not_shuffled")
def deal_labels_old(X, y, batch_size, order):
    X = X[order]
    y = y[: len(order)]
    return [(X[i : i + batch_size], y[i : i + batch_size]) for i in range(0, len(X), batch_size)]


@deal.wrong(names="inputs_not_shuffled")
def deal_inputs_old(X, y, batch_size, order):
    y = y[order]
    X = X[: len(order)]
    return [(X[i : i + batch_size], y[i : i + batch_size]) for i in range(0, len(X), batch_size)]


@deal.wrong(names="labels_sliced")
def deal_y_slices(X, y, batch_size, order):
    found = []
    for i in range(0, len(order), batch_size):
        found.append((X[order[i : i + batch_size]], y[i : i + batch_size]))
    return found


@deal.wrong(names="labels_sliced_to_the_end")
def deal_y_slices_all(X, y, batch_size, order):
    X = X[order]
    return [(X[i : i + batch_size], y[i : i + batch_size]) for i in range(0, len(y), batch_size)]


@deal.wrong(names="inputs_sliced")
def deal_x_slices(X, y, batch_size, order):
    found = []
    for i in range(0, len(order), batch_size):
        found.append((X[i : i + batch_size], y[order[i : i + batch_size]]))
    return found


@deal.wrong(names="last_left_out")
def deal_full_range(X, y, batch_size, order):
    found = []
    for i in range(0, len(order) - batch_size + 1, batch_size):
        found.append((X[order[i : i + batch_size]], y[order[i : i + batch_size]]))
    return found


@deal.wrong(names="stops_a_batch_early")
def deal_range_short(X, y, batch_size, order):
    found = []
    for i in range(0, len(order) - batch_size, batch_size):
        found.append((X[order[i : i + batch_size]], y[order[i : i + batch_size]]))
    return found


@deal.wrong(names="empty_when_even")
def deal_one_too_many(X, y, batch_size, order):
    found = []
    for k in range(len(order) // batch_size + 1):
        rows = order[k * batch_size : (k + 1) * batch_size]
        found.append((X[rows], y[rows]))
    return found


@deal.wrong(names="empty_at_the_end")
def deal_empty_last(X, y, batch_size, order):
    found, i = [], 0
    while True:
        rows = order[i : i + batch_size]
        found.append((X[rows], y[rows]))
        if len(rows) == 0:
            return found
        i += batch_size


@deal.wrong(names="number_of_batches")
def deal_sections(X, y, batch_size, order):
    Xs = np.array_split(X[order], batch_size)
    ys = np.array_split(y[order], batch_size)
    return list(zip(Xs, ys, strict=True))


@deal.wrong(names="overlapping")
def deal_step_missing(X, y, batch_size, order):
    found = []
    for i in range(len(order)):
        part = order[i : i + batch_size]
        found.append((X[part], y[part]))
    return found


@deal.wrong(names="labels_first")
def deal_turned(X, y, batch_size, order):
    found = []
    for i in range(0, len(order), batch_size):
        found.append((y[order[i : i + batch_size]], X[order[i : i + batch_size]]))
    return found


@deal.wrong(names="inputs_alone")
def deal_x(X, y, batch_size, order):
    return [X[order[i : i + batch_size]] for i in range(0, len(order), batch_size)]


@deal.wrong(names="first_batch_only")
def deal_return_inside(X, y, batch_size, order):
    found = []
    for i in range(0, len(order), batch_size):
        found.append((X[order[i : i + batch_size]], y[order[i : i + batch_size]]))
        return found


@deal.wrong(names="indices_only")
def deal_indices(X, y, batch_size, order):
    return np.split(order, range(batch_size, len(order), batch_size))


@deal.wrong(names="two_lists")
def deal_two(X, y, batch_size, order):
    parts = [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
    return [X[p] for p in parts], [y[p] for p in parts]


@deal.wrong(says="generator")
def deal_yield(X, y, batch_size, order):
    for i in range(0, len(order), batch_size):
        yield X[order[i : i + batch_size]], y[order[i : i + batch_size]]


@deal.wrong(says="in place")
def deal_in_place(X, y, batch_size, order):
    X[: len(order)], y[: len(order)] = X[order], y[order]
    n = len(order)
    return [(X[i : min(i + batch_size, n)], y[i : min(i + batch_size, n)]) for i in range(0, n, batch_size)]


@deal.wrong()
def deal_off_by_one(X, y, batch_size, order):
    return [
        (X[order[i : i + batch_size - 1]], y[order[i : i + batch_size - 1]])
        for i in range(0, len(order), batch_size)
    ]


# --- training_step -----------------------------------------------------------------------------------

step = Bank("training_step")


@step.right
def step_usual(model, loss_function, optimizer, x, y):
    logits = model(x)
    loss = loss_function(logits, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@step.right
def step_model_forgets(model, loss_function, optimizer, x, y):
    model.zero_grad()
    loss = loss_function(model(x), y)
    loss.backward()
    optimizer.step()
    return float(loss)


@step.right
def step_by_hand(model, loss_function, optimizer, x, y):
    for p in model.parameters():
        p.grad = None
    loss = loss_function(model.forward(x), y)
    loss.backward()
    optimizer.step()
    return loss.numpy()


@step.right
def step_clean_up(model, loss_function, optimizer, x, y):
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.detach()


@step.right
def step_list(model, loss_function, optimizer, x, y):
    optimizer.zero_grad()
    model.train()
    prediction = model(x)
    loss = loss_function(prediction, y)
    loss.backward()
    optimizer.step()
    return [loss.detach().numpy().item()]


@step.wrong(names="keeps_old_gradients")
def step_no_zero(model, loss_function, optimizer, x, y):
    prediction = model(x)
    loss = loss_function(prediction, y)
    loss.backward()
    optimizer.step()
    return float(loss.item())


@step.wrong(names="forgets_too_late")
def step_zero_late(model, loss_function, optimizer, x, y):
    prediction = model(x)
    loss = loss_function(prediction, y)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return float(loss.item())


@step.wrong(names="steps_before_backward")
def step_then_backward(model, loss_function, optimizer, x, y):
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    optimizer.step()
    loss.backward()
    return float(loss.item())


@step.wrong(names="never_steps")
def step_missing(model, loss_function, optimizer, x, y):
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    loss.backward()
    return loss.item()


@step.wrong(names="forgets_too_late")
def step_backward_missing(model, loss_function, optimizer, x, y):
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    optimizer.step()
    return loss.item()


@step.wrong(names="steps_first")
def step_too_early(model, loss_function, optimizer, x, y):
    loss = loss_function(model(x), y)
    optimizer.step()
    optimizer.zero_grad()
    loss.backward()
    return float(loss)


@step.wrong(names="loss_after_the_step")
def step_loss_anew(model, loss_function, optimizer, x, y):
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    loss.backward()
    optimizer.step()
    return loss_function(model(x), y).item()


@step.wrong(names="two_steps")
def step_twice(model, loss_function, optimizer, x, y):
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    loss_function(model(x), y).backward()
    optimizer.step()
    return loss.item()


@step.wrong(names="loss_times_batch")
def step_sum(model, loss_function, optimizer, x, y):
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item() * len(x)


@step.wrong(names="loss_over_batch")
def step_mean_again(model, loss_function, optimizer, x, y):
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item() / len(x)


@step.wrong(names="uphill")
def step_climbs(model, loss_function, optimizer, x, y):
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    (loss * -1).backward()
    optimizer.step()
    return loss.item()


@step.wrong(names="backward_twice")
def step_double_gradient(model, loss_function, optimizer, x, y):
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    (2 * loss).backward()
    optimizer.step()
    return loss.item()


@step.wrong(says="loss.item()")
def step_tensor(model, loss_function, optimizer, x, y):
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    loss.backward()
    optimizer.step()
    return loss


@step.wrong(says="Return the loss as a number; yours is a Line.")
def step_model(model, loss_function, optimizer, x, y):
    optimizer.zero_grad()
    loss_function(model(x), y).backward()
    optimizer.step()
    return model


@step.wrong()
def step_always_squares(model, loss_function, optimizer, x, y):
    optimizer.zero_grad()
    loss = ((model(x) - y) ** 2).mean()
    loss.backward()
    optimizer.step()
    return loss.item()


# --- accuracy ----------------------------------------------------------------------------------------

share = Bank("accuracy")


@share.right
def share_sum(logits, labels):
    return np.sum(logits.argmax(1) == labels) / len(labels)


@share.right
def share_loop(logits, labels):
    right = 0
    for row, label in zip(logits, labels, strict=True):
        if list(row).index(max(row)) == label:
            right += 1
    return right / len(labels)


@share.right
def share_count(logits, labels):
    wrong = np.count_nonzero(np.argmax(logits, axis=-1) - labels)
    return 1 - wrong / labels.size


@share.right
def share_sort(logits, labels):
    return np.float32((np.argsort(logits, axis=1)[:, -1] == labels).astype(np.float32).mean())


@share.right
def share_softmax(logits, labels):
    p = np.exp(logits)
    p = p / p.sum(axis=1, keepdims=True)
    return [np.average(p[range(len(p)), labels] == p.max(axis=1))]


@share.wrong(names="how_many")
def share_number(logits, labels):
    return (logits.argmax(axis=1) == labels).sum()


@share.wrong(names="error_rate")
def share_errors(logits, labels):
    return np.mean(logits.argmax(axis=1) != labels)


@share.wrong(names="per_cent")
def share_hundred(logits, labels):
    return (logits.argmax(axis=1) == labels).mean() * 100


@share.wrong(names="over_examples")
def share_axis(logits, labels):
    return (logits.argmax(axis=0) == labels).mean()


@share.wrong(names="smallest")
def share_min(logits, labels):
    return (logits.argmin(axis=1) == labels).mean()


@share.wrong(names="score_for_place")
def share_max(logits, labels):
    return (logits.max(axis=1) == labels).mean()


@share.wrong(names="over_classes")
def share_classes(logits, labels):
    classes = logits.shape[1]
    return (logits.argmax(axis=1) == labels).sum() / classes


@share.wrong(names="over_entries")
def share_size(logits, labels):
    return (logits.argmax(axis=1) == labels).sum() / logits.size


@share.wrong(names="positive_score")
def share_positive(logits, labels):
    chosen = np.array([row[label] for row, label in zip(logits, labels, strict=True)])
    return np.mean(chosen > 0)


@share.wrong(names="each_example")
def share_each(logits, labels):
    return (logits.argmax(axis=1) == labels).astype(float)


@share.wrong(names="no_axis")
def share_flat(logits, labels):
    return (logits.argmax() == labels).mean()


@share.wrong(names="whole_division")
def share_whole(logits, labels):
    right = int((logits.argmax(axis=1) == labels).sum())
    return right // len(labels)


@share.wrong(says="rounded")
def share_rounded(logits, labels):
    return round(float((logits.argmax(axis=1) == labels).mean()), 2)


# --- confusion_matrix --------------------------------------------------------------------------------

table = Bank("confusion_matrix")


@table.right
def table_loop(labels, predictions, classes):
    counts = np.zeros((classes, classes), dtype=np.int32)
    for i, j in zip(labels, predictions, strict=True):
        counts[i, j] += 1
    return counts


@table.right
def table_lists(labels, predictions, classes):
    counts = [[0] * classes for _ in range(classes)]
    for k in range(len(labels)):
        counts[labels[k]][predictions[k]] += 1
    return counts


@table.right
def table_bincount(labels, predictions, classes):
    return np.bincount(labels * classes + predictions, minlength=classes**2).reshape(classes, classes)


@table.right
def table_one_hot(labels, predictions, classes):
    one = np.eye(classes, dtype=int)
    return one[labels].T @ one[predictions]


@table.right
def table_compare(labels, predictions, classes):
    return [[int(np.sum((labels == i) & (predictions == j))) for j in range(classes)] for i in range(classes)]


@table.wrong(says="dtype=int")
def table_floats(labels, predictions, classes):
    counts = np.zeros((classes, classes))
    for i, j in zip(labels, predictions, strict=True):
        counts[i, j] += 1
    return counts


@table.wrong(names="counted_too_short")
def table_no_minlength(labels, predictions, classes):
    return np.bincount(classes * labels + predictions).reshape((classes, classes))


@table.wrong(names="turned")
def table_turned(labels, predictions, classes):
    counts = np.zeros((classes, classes), int)
    for i, j in zip(labels, predictions, strict=True):
        counts[j, i] += 1
    return counts


@table.wrong(names="counted_once")
def table_fancy(labels, predictions, classes):
    counts = np.zeros((classes, classes), int)
    counts[labels, predictions] = counts[labels, predictions] + 1
    return counts


@table.wrong(names="row_shares")
def table_rows(labels, predictions, classes):
    counts = np.zeros((classes, classes))
    np.add.at(counts, (labels, predictions), 1)
    totals = counts.sum(axis=1, keepdims=True)
    return counts / np.where(totals == 0, 1, totals)


@table.wrong(names="column_shares")
def table_columns(labels, predictions, classes):
    counts = np.zeros((classes, classes))
    np.add.at(counts, (labels, predictions), 1)
    totals = counts.sum(axis=0)
    return counts / np.where(totals == 0, 1, totals)


@table.wrong(names="shares_of_all")
def table_shares(labels, predictions, classes):
    counts = np.zeros((classes, classes))
    np.add.at(counts, (labels, predictions), 1)
    return counts / counts.sum()


@table.wrong(names="mistakes_only")
def table_mistakes(labels, predictions, classes):
    counts = np.zeros((classes, classes), int)
    for i, j in zip(labels, predictions, strict=True):
        if i != j:
            counts[i, j] += 1
    return counts


@table.wrong(names="right_only")
def table_right(labels, predictions, classes):
    counts = np.zeros((classes, classes), int)
    for i, j in zip(labels, predictions, strict=True):
        if i == j:
            counts[i, j] += 1
    return counts


@table.wrong(names="classes_seen")
def table_small(labels, predictions, classes):
    size = 1 + max(np.max(labels), np.max(predictions))
    counts = np.zeros((size, size), int)
    np.add.at(counts, (labels, predictions), 1)
    return counts


@table.wrong(names="diagonal")
def table_diagonal(labels, predictions, classes):
    return [int(np.sum((labels == k) & (predictions == k))) for k in range(classes)]


@table.wrong(names="both_places")
def table_symmetric(labels, predictions, classes):
    counts = np.zeros((classes, classes), int)
    for i, j in zip(labels, predictions, strict=True):
        counts[i, j] += 1
        counts[j, i] += 1
    return counts


@table.wrong(names="without_the_last")
def table_short_loop(labels, predictions, classes):
    counts = np.zeros((classes, classes), int)
    for k in range(len(labels) - 1):
        counts[labels[k], predictions[k]] += 1
    return counts


@table.wrong(says="at [")
def table_overwrites(labels, predictions, classes):
    counts = np.zeros((classes, classes), int)
    for i, j in zip(labels, predictions, strict=True):
        counts[i, j] = np.sum(predictions == j)
    return counts

"""Answers to the exercises of notebook 03, as readers write them."""

import math

import numpy as np
from bank import Bank

# --- mse_gradient ------------------------------------------------------------------------------------

mse = Bank("mse_gradient")


@mse.right
def mse_lines(w, X, y):
    errors = X @ w - y
    return 2 * X.T @ errors / len(y)


@mse.right
def mse_mean_of_rows(w, X, y):
    return np.mean(2 * (X @ w - y)[:, None] * X, axis=0)


@mse.right
def mse_loops(w, X, y):
    gradient = [0.0] * len(w)
    for x, answer in zip(X, y, strict=True):
        error = sum(a * b for a, b in zip(w, x, strict=True)) - answer
        for j in range(len(w)):
            gradient[j] += 2 * error * x[j] / len(y)
    return gradient


@mse.right
def mse_single_precision(w, X, y):
    w, X, y = w.astype(np.float32), X.astype(np.float32), y.astype(np.float32)
    return np.einsum("n,nd->d", X.dot(w) - y, X) * np.float32(2 / len(y))


@mse.right
def mse_expanded(w, X, y):
    return 2 / X.shape[0] * (X.T @ X @ w - X.T @ y)


@mse.right
def mse_columns(w, X, y):
    w, y = w.reshape(-1, 1), y.reshape(-1, 1)
    return ((X @ w - y).T @ X * 2 / len(X)).ravel()


@mse.wrong(names="without_two")
def mse_half(w, X, y):
    return np.mean((X @ w - y)[:, None] * X, axis=0)


@mse.wrong(names="without_mean")
def mse_sum(w, X, y):
    return np.sum(2 * (X @ w - y)[:, None] * X, axis=0)


@mse.wrong(names="without_both")
def mse_bare(w, X, y):
    errors = X @ w - y
    return X.T @ errors


@mse.wrong(names="downhill")
def mse_sign(w, X, y):
    errors = y - X @ w
    return 2 * X.T @ errors / len(y)


@mse.wrong(names="without_answers")
def mse_no_answers(w, X, y):
    predictions = X @ w
    return 2 / len(y) * X.T @ predictions


@mse.wrong(names="divided_by_features")
def mse_features(w, X, y):
    errors = X @ w - y
    return 2 * X.T @ errors / len(w)


@mse.wrong(names="divided_by_all")
def mse_all(w, X, y):
    return 2 * X.T @ (X @ w - y) / np.size(X)


@mse.wrong(names="the_loss")
def mse_loss(w, X, y):
    errors = X @ w - y
    return errors @ errors / len(y)


@mse.wrong(names="of_predictions")
def mse_predictions(w, X, y):
    errors = X @ w - y
    return 2 / len(y) * errors


@mse.wrong(names="of_each_example")
def mse_rows(w, X, y):
    return np.array([2 * (x @ w - answer) * x for x, answer in zip(X, y, strict=True)])


@mse.wrong(names="still_squared")
def mse_squared(w, X, y):
    errors = (X @ w - y) ** 2
    return 2 * X.T @ errors / len(y)


@mse.wrong(names="absolute")
def mse_absolute(w, X, y):
    errors = abs(X @ w - y)
    return 2 * errors @ X / len(y)


@mse.wrong(names="means_multiplied")
def mse_means(w, X, y):
    error = (X @ w - y).mean()
    return 2 * error * X.mean(axis=0)


@mse.wrong(says="matmul")
def mse_transposed(w, X, y):
    errors = X @ w - y
    return 2 * X @ errors / len(y)


@mse.wrong(names="errors_in_a_row")
def mse_row_of_errors(w, X, y):
    errors = X @ w - y
    return 2 * np.mean(errors * X, axis=0)


@mse.wrong(names="errors_in_a_row")
def mse_row_of_errors_summed(w, X, y):
    return (X * (X @ w - y)).sum(axis=0) * 2 / len(y)


@mse.wrong(names="mean_over_weights")
def mse_other_axis(w, X, y):
    rows = (X @ w - y).reshape(-1, 1) * X
    return 2 * rows.mean(axis=1)


@mse.wrong(names="weights_first")
def mse_weights_first(w, X, y):
    errors = np.dot(w, X) - y
    return 2 * X.T @ errors / len(y)


@mse.wrong(says="An axis")
def mse_mean_of_everything(w, X, y):
    return np.mean(2 * (X @ w - y)[:, None] * X)


@mse.wrong(says="in place")
def mse_in_place(w, X, y):
    y -= X @ w
    return -2 * X.T @ y / len(y)


@mse.wrong(says="axis of length 1")
def mse_column(w, X, y):
    return (2 * X.T @ (X @ w - y) / len(y)).reshape(-1, 1)


@mse.wrong(says="integer dtype")
def mse_integers(w, X, y):
    gradient = np.zeros(len(w), dtype=int)
    gradient[:] = 2 * X.T @ (X @ w - y) / len(y)
    return gradient


# --- sigmoid_stable ----------------------------------------------------------------------------------

sigmoid = Bank("sigmoid_stable")


@sigmoid.right
def sigmoid_where(z):
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + small), small / (1 + small))


@sigmoid.right
def sigmoid_masks(z):
    z = np.asarray(z, dtype=float)
    result = np.empty_like(z)
    up = z >= 0
    result[up] = 1 / (1 + np.exp(-z[up]))
    result[~up] = np.exp(z[~up]) / (1 + np.exp(z[~up]))
    return result


@sigmoid.right
def sigmoid_tanh(z):
    return 0.5 * (1 + np.tanh(0.5 * z))


@sigmoid.right
def sigmoid_logarithm(z):
    return np.exp(-np.logaddexp(0, -z))


@sigmoid.right
def sigmoid_loop(z):
    def one(x):
        if x >= 0:
            return 1 / (1 + math.exp(-x))
        return math.exp(x) / (1 + math.exp(x))

    return np.array([one(x) for x in z.ravel()]).reshape(z.shape)


@sigmoid.right
def sigmoid_two_exponents(z):
    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))


@sigmoid.right
def sigmoid_far_clip(z):
    return 1 / (1 + np.exp(-np.clip(z, -500, 500)))


@sigmoid.wrong(names="naive")
def sigmoid_formula(z):
    return 1 / (1 + np.exp(-z))


@sigmoid.wrong(names="naive")
def sigmoid_power(z):
    return (1 + np.exp(-1.0 * z)) ** -1


@sigmoid.wrong(names="naive_turned")
def sigmoid_other_formula(z):
    power = np.exp(z)
    return power / (power + 1)


@sigmoid.wrong(names="both_branches")
def sigmoid_np_where(z):
    return np.where(z < 0, np.exp(z) / (1 + np.exp(z)), 1 / (1 + np.exp(-z)))


@sigmoid.wrong(names="cut_at_10")
def sigmoid_clip_10(z):
    z = np.maximum(-10, np.minimum(10, z))
    return 1 / (1 + np.exp(-z))


@sigmoid.wrong(names="cut_at_20")
def sigmoid_clip_20(z):
    z = np.clip(z, -20, 20)
    return 1 / (1 + np.exp(-z))


@sigmoid.wrong()
def sigmoid_clip_15(z):
    z = np.clip(z, -15, 15)
    return 1 / (1 + np.exp(-z))


@sigmoid.wrong(names="positive_half_only")
def sigmoid_absolute(z):
    return 1 / (np.exp(-abs(z)) + 1)


@sigmoid.wrong(names="halves_swapped")
def sigmoid_swapped(z):
    small = np.exp(-np.abs(z))
    return np.where(z < 0, 1 / (1 + small), small / (1 + small))


@sigmoid.wrong(names="tanh")
def sigmoid_is_tanh(z):
    small = np.exp(-2 * np.abs(z))
    return np.sign(z) * (1 - small) / (1 + small)


@sigmoid.wrong(names="too_steep")
def sigmoid_tanh_of_z(z):
    return 0.5 + 0.5 * np.tanh(z)


@sigmoid.wrong(names="derivative")
def sigmoid_slope(z):
    s = 0.5 * (1 + np.tanh(0.5 * z))
    return s * (1 - s)


@sigmoid.wrong(names="softmax_of_all")
def sigmoid_softmax(z):
    if z.size == 0:
        return z
    e = np.exp(z - z.max())
    return e / e.sum()


@sigmoid.wrong(names="threshold")
def sigmoid_step(z):
    return (z >= 0).astype(float)


@sigmoid.wrong(names="zero_missed")
def sigmoid_zero(z):
    result = np.zeros(z.shape)
    result[z > 0] = 1 / (1 + np.exp(-z[z > 0]))
    result[z < 0] = np.exp(z[z < 0]) / (1 + np.exp(z[z < 0]))
    return result


@sigmoid.wrong(names="whole_numbers_kept")
def sigmoid_empty_like(z):
    result = np.empty_like(z)
    up = z >= 0
    result[up] = 1 / (1 + np.exp(-z[up]))
    result[~up] = np.exp(z[~up]) / (1 + np.exp(z[~up]))
    return result


@sigmoid.wrong(says="in place")
def sigmoid_in_place(z):
    if z.dtype.kind != "f":
        return 0.5 * (1 + np.tanh(0.5 * z))
    z *= 0.5
    return 0.5 * (1 + np.tanh(z))


@sigmoid.wrong(says="integer dtype")
def sigmoid_integers(z):
    return (0.5 * (1 + np.tanh(0.5 * z))).astype(int)


@sigmoid.wrong(says="shape")
def sigmoid_flat(z):
    return np.array([0.5 * (1 + math.tanh(0.5 * x)) for x in z.ravel()])


@sigmoid.wrong(says="OverflowError")
def sigmoid_math(z):
    return np.array([1 / (1 + math.exp(-x)) for x in z.ravel()]).reshape(z.shape)


# --- softmax_cross_entropy ---------------------------------------------------------------------------

loss = Bank("softmax_cross_entropy")


@loss.right
def loss_shifted(logits, labels):
    z = logits - logits.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(labels)), labels])


@loss.right
def loss_m_added_back(logits, labels):
    m = np.max(logits, axis=1)
    log_sum = m + np.log(np.sum(np.exp(logits - m[:, None]), axis=1))
    return (log_sum - logits[range(len(labels)), labels]).sum() / len(labels)


@loss.right
def loss_logaddexp(logits, labels):
    log_sum = np.logaddexp.reduce(logits, axis=1)
    truth = (logits * np.eye(logits.shape[1])[labels]).sum(axis=1)
    return np.mean(log_sum - truth)


@loss.right
def loss_loops(logits, labels):
    total = 0.0
    for row, label in zip(logits.tolist(), labels.tolist(), strict=True):
        m = max(row)
        total += m + math.log(sum(math.exp(a - m) for a in row)) - row[label]
    return total / len(labels)


@loss.right
def loss_one_hot(logits, labels):
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    Y = np.eye(logits.shape[1])[labels]
    return -(Y * log_p).sum(axis=1).mean()


@loss.right
def loss_relative_to_truth(logits, labels):
    z = logits - logits[np.arange(len(labels)), labels][:, None]
    m = z.max(axis=1)
    return [np.mean(m + np.log(np.exp(z - m[:, None]).sum(axis=1)))]


@loss.wrong(names="overflows")
def loss_naive(logits, labels):
    p = np.exp(logits) / np.sum(np.exp(logits), axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(len(labels)), labels]))


@loss.wrong(names="log_of_zero")
def loss_stable_softmax(logits, labels):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(len(labels)), labels]))


@loss.wrong(names="log_sum_exp_naive")
def loss_naive_log_sum(logits, labels):
    log_sum = np.log(np.sum(np.exp(logits), axis=1))
    return np.mean(log_sum - logits[np.arange(len(labels)), labels])


@loss.wrong(names="with_epsilon")
def loss_epsilon(logits, labels):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(len(labels)), labels] + 1e-12))


@loss.wrong()
def loss_clipped(logits, labels):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = np.clip(e / e.sum(axis=1, keepdims=True), 1e-7, 1)
    return -np.mean(np.log(p[np.arange(len(labels)), labels]))


@loss.wrong(names="summed")
def loss_sum(logits, labels):
    z = logits - logits.max(axis=1, keepdims=True)
    return np.sum(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(labels)), labels])


@loss.wrong(names="without_minus")
def loss_sign(logits, labels):
    z = logits - logits.max(axis=1, keepdims=True)
    return np.mean(z[np.arange(len(labels)), labels] - np.log(np.exp(z).sum(axis=1)))


@loss.wrong(names="of_each_example_loss")
def loss_vector(logits, labels):
    z = logits - logits.max(axis=1, keepdims=True)
    return np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(labels)), labels]


@loss.wrong(names="divided_by_classes")
def loss_one_hot_mean(logits, labels):
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -np.mean(np.eye(logits.shape[1])[labels] * log_p)


@loss.wrong(names="all_classes")
def loss_all_classes(logits, labels):
    z = logits - logits.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(z).sum(axis=1, keepdims=True)) - z)


@loss.wrong(names="over_examples")
def loss_axis(logits, labels):
    z = logits - logits.max(axis=0)
    log_p = z - np.log(np.exp(z).sum(axis=0))
    return -np.mean(log_p[np.arange(len(labels)), labels])


@loss.wrong(names="probabilities_over_examples")
def loss_axis_0_probabilities(logits, labels):
    e = np.exp(logits - np.max(logits, axis=0))
    p = e / np.sum(e, axis=0)
    return -np.log(p[range(len(labels)), labels]).mean()


@loss.wrong(names="log_sum_exp_over_examples")
def loss_axis_0(logits, labels):
    z = logits - logits.max(axis=0, keepdims=True)
    true = z[np.arange(len(labels)), labels]
    return float(np.mean(np.log(np.exp(z).sum(axis=0)) - true))


@loss.wrong(names="sum_over_examples")
def loss_axis_0_of_sum(logits, labels):
    z = logits - logits.max(axis=1, keepdims=True)
    true = z[np.arange(len(labels)), labels]
    return float(np.mean(np.log(np.exp(z).sum(axis=0)) - true))


@loss.wrong(names="table_sum_over_examples")
def loss_axis_0_of_table(logits, labels):
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=0))
    return -log_p[np.arange(len(labels)), labels].mean()


@loss.wrong(names="divided_by_column_sums")
def loss_axis_0_of_division(logits, labels):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=0)
    return -np.log(p[np.arange(len(labels)), labels]).mean()


@loss.wrong(names="largest_of_column")
def loss_axis_0_of_maximum(logits, labels):
    z = logits - logits.max(axis=0)
    true = z[np.arange(len(labels)), labels]
    return np.mean(np.log(np.exp(z).sum(axis=1)) - true)


@loss.wrong(names="without_log")
def loss_no_log(logits, labels):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return -p[np.arange(len(labels)), labels].mean()


@loss.wrong(names="one_minus_p")
def loss_miss(logits, labels):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return 1 - p[np.arange(len(labels)), labels].mean()


@loss.wrong(names="in_bits")
def loss_bits(logits, labels):
    z = logits - logits.max(axis=1, keepdims=True)
    nats = np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(labels)), labels]
    return np.mean(nats / np.log(2))


@loss.wrong(names="one_maximum")
def loss_global_maximum(logits, labels):
    z = logits - np.max(logits)
    return np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(labels)), labels])


@loss.wrong(names="shifted_once")
def loss_half_shifted(logits, labels):
    m = logits.max(axis=1)
    z = logits - m[:, None]
    return np.mean(m + np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(labels)), labels])


@loss.wrong(names="largest_lost")
def loss_m_forgotten(logits, labels):
    m = logits.max(axis=1)
    log_sum = np.log(np.exp(logits - m[:, None]).sum(axis=1))
    return np.mean(log_sum - logits[range(len(labels)), labels])


@loss.wrong(names="largest_without_keepdims")
def loss_no_keepdims(logits, labels):
    z = logits - np.max(logits, axis=1)
    log_sum = np.log(np.exp(z).sum(axis=1))
    return np.mean(log_sum - z[np.arange(len(labels)), labels])


@loss.wrong(names="without_true_class")
def loss_log_sum_only(logits, labels):
    return np.logaddexp.reduce(logits, axis=1).mean()


@loss.wrong(names="all_columns")
def loss_columns(logits, labels):
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -log_p[:, labels].mean()


@loss.wrong(names="labels_from_one")
def loss_from_one(logits, labels):
    z = logits - logits.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(labels)), labels - 1])


@loss.wrong(says="in place")
def loss_in_place(logits, labels):
    logits -= logits.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(labels)), labels])


# --- sgd_step ----------------------------------------------------------------------------------------

step = Bank("sgd_step")


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@step.right
def step_lines(W, X, labels, lr):
    P = softmax(X @ W)
    Y = np.eye(W.shape[1])[labels]
    gradient = X.T @ (P - Y) / len(labels)
    return W - lr * gradient


@step.right
def step_subtract_one(W, X, labels, lr):
    errors = softmax(X @ W)
    errors[np.arange(len(labels)), labels] -= 1
    return W - lr / len(X) * (X.T @ errors)


@step.right
def step_outer_products(W, X, labels, lr):
    after = W.astype(float)
    for x, label in zip(X, labels, strict=True):
        error = softmax((x @ W)[None, :])[0]
        error[label] -= 1
        after -= lr * np.outer(x, error) / len(X)
    return after


@step.right
def step_single_precision(W, X, labels, lr):
    W, X = W.astype(np.float32), X.astype(np.float32)
    errors = softmax(X @ W) - np.eye(W.shape[1], dtype=np.float32)[labels]
    return W - np.float32(lr) * np.einsum("nd,nk->dk", X, errors) / np.float32(len(X))


@step.right
def step_lists(W, X, labels, lr):
    errors = np.eye(W.shape[1])[labels] - softmax(X @ W)
    return (W + lr * np.mean(X[:, :, None] * errors[:, None, :], axis=0)).tolist()


@step.wrong(names="climbs")
def step_uphill(W, X, labels, lr):
    P, Y = softmax(X @ W), np.eye(W.shape[1])[labels]
    return W + lr * X.T @ (P - Y) / len(labels)


@step.wrong(names="climbs")
def step_truth_first(W, X, labels, lr):
    P, Y = softmax(X @ W), np.eye(W.shape[1])[labels]
    return W - lr * X.T @ (Y - P) / len(labels)


@step.wrong(names="sum_over_batch")
def step_sum(W, X, labels, lr):
    P, Y = softmax(X @ W), np.eye(W.shape[1])[labels]
    return W - lr * X.T @ (P - Y)


@step.wrong(names="mean_over_table")
def step_mean_of_table(W, X, labels, lr):
    P, Y = softmax(X @ W), np.eye(W.shape[1])[labels]
    return W - lr * X.T @ (P - Y) / P.size


@step.wrong(names="full_step")
def step_no_rate(W, X, labels, lr):
    P, Y = softmax(X @ W), np.eye(W.shape[1])[labels]
    return W - X.T @ (P - Y) / len(labels)


@step.wrong(names="no_truth")
def step_no_truth(W, X, labels, lr):
    return W - lr * X.T @ softmax(X @ W) / len(labels)


@step.wrong(names="no_softmax")
def step_logits(W, X, labels, lr):
    Y = np.eye(W.shape[1])[labels]
    return W - lr * X.T @ (X @ W - Y) / len(labels)


@step.wrong(names="gradient_only")
def step_gradient(W, X, labels, lr):
    P, Y = softmax(X @ W), np.eye(W.shape[1])[labels]
    return X.T @ (P - Y) / len(labels)


@step.wrong(names="step_alone")
def step_only(W, X, labels, lr):
    P, Y = softmax(X @ W), np.eye(W.shape[1])[labels]
    return lr * X.T @ (Y - P) / len(labels)


@step.wrong(names="softmax_over_batch")
def step_axis(W, X, labels, lr):
    P, Y = softmax((X @ W).T).T, np.eye(W.shape[1])[labels]
    return W - lr * X.T @ (P - Y) / len(labels)


@step.wrong(names="divided_by_sums_over_batch")
def step_axis_of_sum(W, X, labels, lr):
    Z = X @ W
    e = np.exp(Z - Z.max(axis=1, keepdims=True))
    P, Y = e / e.sum(axis=0), np.eye(W.shape[1])[labels]
    return W - lr * X.T @ (P - Y) / len(labels)


@step.wrong(names="naive_over_batch")
def step_axis_naive(W, X, labels, lr):
    P, Y = np.exp(X @ W) / np.exp(X @ W).sum(axis=0), np.eye(W.shape[1])[labels]
    return W - lr * X.T @ (P - Y) / len(labels)


@step.wrong(names="one_largest_over_batch")
def step_axis_one_largest(W, X, labels, lr):
    e = np.exp(X @ W - np.max(X @ W))
    P, Y = e / np.sum(e, axis=0), np.eye(W.shape[1])[labels]
    return W - lr * X.T @ (P - Y) / len(labels)


@step.wrong(names="largest_over_batch")
def step_axis_of_largest(W, X, labels, lr):
    Z = X @ W
    e = np.exp(Z - Z.max(axis=0))
    P, Y = e / e.sum(axis=1, keepdims=True), np.eye(W.shape[1])[labels]
    return W - lr * X.T @ (P - Y) / len(labels)


@step.wrong(names="sums_without_keepdims")
def step_no_keepdims(W, X, labels, lr):
    e = np.exp(X @ W - (X @ W).max(axis=1, keepdims=True))
    P, Y = e / e.sum(axis=1), np.eye(W.shape[1])[labels]
    return W - lr * X.T @ (P - Y) / len(labels)


@step.wrong(names="with_two")
def step_two(W, X, labels, lr):
    P, Y = softmax(X @ W), np.eye(W.shape[1])[labels]
    return W - lr * 2 * X.T @ (P - Y) / len(labels)


@step.wrong(names="class_numbers_subtracted")
def step_class_numbers(W, X, labels, lr):
    errors = softmax(X @ W) - labels.reshape(-1, 1)
    return W - lr * X.T @ errors / len(labels)


@step.wrong(names="class_numbers_in_a_row")
def step_labels(W, X, labels, lr):
    return W - lr * X.T @ (softmax(X @ W) - labels) / len(X)


@step.wrong(names="classes_of_the_batch")
def step_largest_label(W, X, labels, lr):
    Y = np.zeros((len(labels), max(labels) + 1))
    Y[np.arange(len(labels)), labels] = 1
    return W - lr * X.T @ (softmax(X @ W) - Y) / len(labels)


@step.wrong(names="softmax_over_table")
def step_table(W, X, labels, lr):
    z = X @ W
    e = np.exp(z - z.max())
    Y = np.eye(W.shape[1])[labels]
    return W - lr * X.T @ (e / np.sum(e) - Y) / len(labels)


@step.wrong(names="divided_by_sum_of_table")
def step_sum_of_table(W, X, labels, lr):
    e = np.exp(X @ W - (X @ W).max(axis=1, keepdims=True))
    P, Y = e / e.sum(), np.eye(W.shape[1])[labels]
    return W - lr * X.T @ (P - Y) / len(labels)


@step.wrong(names="sigmoids")
def step_sigmoids(W, X, labels, lr):
    P, Y = 0.5 * (1 + np.tanh(0.5 * (X @ W))), np.eye(W.shape[1])[labels]
    return W - lr * X.T @ (P - Y) / len(labels)


@step.wrong(names="perceptron_step")
def step_perceptron(W, X, labels, lr):
    classes = np.eye(W.shape[1])
    return W - lr * X.T @ (classes[np.argmax(X @ W, axis=1)] - classes[labels]) / len(labels)


@step.wrong(names="one_after_the_other")
def step_online(W, X, labels, lr):
    for x, label in zip(X, labels, strict=True):
        error = softmax((x @ W)[None, :])[0]
        error[label] -= 1
        W = W - lr * np.outer(x, error)
    return W


@step.wrong(names="first_only")
def step_first(W, X, labels, lr):
    error = softmax(X @ W)[0]
    error[labels[0]] -= 1
    return W - lr * np.outer(X[0], error)


@step.wrong(names="overflowing")
def step_overflow(W, X, labels, lr):
    e = np.exp(X @ W)
    P, Y = e / e.sum(axis=1, keepdims=True), np.eye(W.shape[1])[labels]
    return W - lr * X.T @ (P - Y) / len(labels)


@step.wrong(says="in place")
def step_in_place(W, X, labels, lr):
    change = lr * X.T @ (softmax(X @ W) - np.eye(W.shape[1])[labels]) / len(labels)
    if W.dtype.kind != "f":
        return W - change
    W -= change
    return W


@step.wrong(says="transposed")
def step_transposed(W, X, labels, lr):
    return W.T - lr * (softmax(X @ W) - np.eye(W.shape[1])[labels]).T @ X / len(labels)

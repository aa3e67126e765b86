"""Answers to the exercises of notebook 05, as readers write them."""

import numpy as np
from bank import Bank

# --- backward_linear ---------------------------------------------------------------------------------

linear = Bank("backward_linear")


@linear.right
def linear_loops(g, X, W):
    n, d = X.shape
    k = W.shape[1]
    dX, dW, db = np.zeros((n, d)), np.zeros((d, k)), np.zeros(k)
    for i in range(n):
        for b in range(k):
            db[b] += g[i, b]
            for a in range(d):
                dX[i, a] += g[i, b] * W[a, b]
                dW[a, b] += g[i, b] * X[i, a]
    return dX, dW, db


@linear.right
def linear_einsum(g, X, W):
    return [np.einsum("nk,dk->nd", g, W), np.einsum("nd,nk->dk", X, g), np.einsum("nk->k", g)]


@linear.right
def linear_transposes(g, X, W):
    dX = (W @ g.T).T
    dW = (g.T @ X).T
    db = np.ones(len(g)) @ g
    return dX, dW, db


@linear.right
def linear_outer_products(g, X, W):
    dW = sum(np.outer(x, row) for x, row in zip(X, g, strict=True))
    return np.array([W @ row for row in g]), dW, sum(g)


@linear.right
def linear_single_precision(g, X, W):
    g, X, W = (np.asarray(a, dtype=np.float32) for a in (g, X, W))
    return g.dot(W.T), X.T.dot(g), np.sum(g, 0)


@linear.wrong(names="weights_first")
def linear_dw_first(g, X, W):
    dW = X.T @ g
    dX = g @ W.T
    return dW, dX, np.sum(g, axis=0)


@linear.wrong(names="input_last")
def linear_pytorch_order(g, X, W):
    dW = X.T @ g
    db = g.sum(0)
    return dW, db, g @ W.T


@linear.wrong(names="bias_mean")
def linear_db_mean(g, X, W):
    return g @ W.T, X.T @ g, np.mean(g, axis=0)


@linear.wrong(names="both_means")
def linear_all_means(g, X, W):
    n = X.shape[0]
    return g @ W.T, X.T @ g / n, np.sum(g, axis=0) / n


@linear.wrong(names="weight_mean")
def linear_dw_mean(g, X, W):
    return g @ W.T, np.mean([np.outer(x, r) for x, r in zip(X, g, strict=True)], axis=0), g.sum(axis=0)


@linear.wrong(names="bias_wrong_axis")
def linear_db_rows(g, X, W):
    return np.dot(g, W.T), np.dot(X.T, g), np.sum(g, axis=1)


@linear.wrong(names="weights_transposed")
def linear_dw_transposed(g, X, W):
    return g @ W.T, (X.T @ g).T, g.sum(0)


@linear.wrong(names="bias_not_summed")
def linear_db_is_g(g, X, W):
    db = g.copy()
    return g @ W.T, X.T @ g, db


@linear.wrong(names="bias_all_summed")
def linear_db_number(g, X, W):
    return g @ W.T, X.T @ g, np.sum(g)


@linear.wrong(names="forward_again")
def linear_w_not_transposed(g, X, W):
    dX = np.dot(g, W)
    return dX, X.T @ g, g.sum(axis=0)


@linear.wrong(names="steps_downhill")
def linear_minus(g, X, W):
    return -(g @ W.T), -(X.T @ g), -np.sum(g, axis=0)


@linear.wrong(says="number of results: expected 3, got 2")
def linear_no_bias(g, X, W):
    return g @ W.T, X.T @ g


@linear.wrong(says="ValueError")
def linear_x_not_transposed(g, X, W):
    return g @ W.T, X @ g.reshape(X.shape[1], -1, order="C") + g @ X.T, g.sum(axis=0)


@linear.wrong(says="in place")
def linear_in_place(g, X, W):
    dX, dW = g @ W.T, X.T @ g
    for row in g[1:]:
        g[0] += row
    return dX, dW, g[0]


# --- backward_relu -----------------------------------------------------------------------------------

relu = Bank("backward_relu")


@relu.right
def relu_product(g, Z):
    return g * (Z > 0)


@relu.right
def relu_copy(g, Z):
    back = g.copy()
    back[Z <= 0] = 0
    return back


@relu.right
def relu_from_output(g, Z):
    H = np.maximum(0, Z)
    return np.where(H == 0, 0, g)


@relu.right
def relu_loops(g, Z):
    return [
        [gij if zij > 0 else 0.0 for gij, zij in zip(gi, zi, strict=True)]
        for gi, zi in zip(g, Z, strict=True)
    ]


@relu.right
def relu_heaviside(g, Z):
    return np.heaviside(Z, 0.0) * g


@relu.wrong(names="relu_of_g")
def relu_on_gradient(g, Z):
    return np.where(g > 0, g, 0)


@relu.wrong(names="open_at_zero")
def relu_ge(g, Z):
    return np.where(Z >= 0, g, 0)


@relu.wrong(names="open_at_zero")
def relu_ge_copy(g, Z):
    back = np.array(g)
    back[Z < 0] = 0
    return back


@relu.wrong(names="slope_only")
def relu_mask(g, Z):
    return np.where(Z > 0, 1.0, 0.0)


@relu.wrong(names="times_value")
def relu_value(g, Z):
    H = Z * (Z > 0)
    return g * H


@relu.wrong(names="times_input")
def relu_input(g, Z):
    return np.multiply(Z, g)


@relu.wrong(names="gate_turned")
def relu_turned(g, Z):
    return np.where(Z > 0, 0, g)


@relu.wrong(names="forward_pass")
def relu_forward(g, Z):
    return Z * (Z > 0)


@relu.wrong(names="always_open")
def relu_open(g, Z):
    return np.array(g)


@relu.wrong(names="sign_of_input")
def relu_sign(g, Z):
    return np.sign(Z) * g


@relu.wrong(names="both_positive")
def relu_both(g, Z):
    return np.where((Z > 0) & (g > 0), g, 0)


@relu.wrong(says="in place")
def relu_in_place(g, Z):
    g[Z <= 0] = 0
    return g


@relu.wrong(says="shape")
def relu_flat(g, Z):
    return g[Z > 0]


# --- two_layer_gradients -----------------------------------------------------------------------------

two = Bank("two_layer_gradients")


def softmax(logits):
    powers = np.exp(logits - np.max(logits, axis=1, keepdims=True))
    return powers / np.sum(powers, axis=1, keepdims=True)


@two.right
def two_step_by_step(X, labels, W1, b1, W2, b2):
    n = len(labels)
    Z1 = X @ W1 + b1
    A1 = np.maximum(0, Z1)
    dZ2 = softmax(A1 @ W2 + b2)
    dZ2[np.arange(n), labels] -= 1
    dZ2 /= n
    dZ1 = dZ2 @ W2.T
    dZ1[Z1 <= 0] = 0
    return X.T @ dZ1, dZ1.sum(axis=0), A1.T @ dZ2, dZ2.sum(axis=0)


@two.right
def two_example_by_example(X, labels, W1, b1, W2, b2):
    total = [np.zeros_like(a, dtype=float) for a in (W1, b1, W2, b2)]
    for x, label in zip(X, labels, strict=True):
        z = x @ W1 + b1
        h = z * (z > 0)
        d = softmax((h @ W2 + b2)[None])[0]
        d[label] -= 1
        back = (W2 @ d) * (z > 0)
        for t, share in zip(total, (np.outer(x, back), back, np.outer(h, d), d), strict=True):
            t += share / len(X)
    return total


@two.right
def two_mean_at_the_end(X, labels, W1, b1, W2, b2):
    n, k = len(X), len(b2)
    h = np.clip(X @ W1 + b1, 0, None)
    d = softmax(h @ W2 + b2) - (labels[:, None] == np.arange(k))
    back = np.where(h > 0, d @ W2.T, 0)
    return X.T @ back / n, back.mean(axis=0), h.T @ d / n, d.mean(axis=0)


@two.right
def two_bias_as_weight(X, labels, W1, b1, W2, b2):
    n = len(X)
    X1 = np.column_stack([X, np.ones(n)])
    Z = X1 @ np.vstack([W1, b1])
    H1 = np.column_stack([np.maximum(Z, 0), np.ones(n)])
    d = (softmax(H1 @ np.vstack([W2, b2])) - np.eye(len(b2))[labels]) / n
    V2 = H1.T @ d
    V1 = X1.T @ ((d @ W2.T) * (Z > 0))
    return V1[:-1], V1[-1], V2[:-1], V2[-1]


def pieces(X, labels, W1, b1, W2, b2):
    z = X @ W1 + b1
    h = np.maximum(z, 0)
    return z, h, softmax(h @ W2 + b2), np.eye(W2.shape[1])[labels]


@two.wrong(names="without_mean")
def two_sum_of_losses(X, labels, W1, b1, W2, b2):
    z, h, p, y = pieces(X, labels, W1, b1, W2, b2)
    d = p - y
    back = d @ W2.T * (z > 0)
    return X.T @ back, back.sum(0), h.T @ d, d.sum(0)


@two.wrong(names="without_gate")
def two_no_gate(X, labels, W1, b1, W2, b2):
    _z, h, p, y = pieces(X, labels, W1, b1, W2, b2)
    d = (p - y) / len(X)
    back = d @ W2.T
    return X.T @ back, back.sum(0), h.T @ d, d.sum(0)


@two.wrong(names="open_at_zero_sum")
def two_gate_at_zero(X, labels, W1, b1, W2, b2):
    z, h, p, y = pieces(X, labels, W1, b1, W2, b2)
    d = (p - y) / len(X)
    back = d @ W2.T * (z >= 0)
    return X.T @ back, back.sum(0), h.T @ d, d.sum(0)


@two.wrong(names="truth_minus_probability")
def two_sign(X, labels, W1, b1, W2, b2):
    z, h, p, y = pieces(X, labels, W1, b1, W2, b2)
    d = (y - p) / len(X)
    back = d @ W2.T * (z > 0)
    return X.T @ back, back.sum(0), h.T @ d, d.sum(0)


@two.wrong(names="second_layer_first")
def two_order(X, labels, W1, b1, W2, b2):
    z, h, p, y = pieces(X, labels, W1, b1, W2, b2)
    d = (p - y) / len(X)
    back = d @ W2.T * (z > 0)
    return h.T @ d, d.sum(0), X.T @ back, back.sum(0)


@two.wrong(names="weights_then_biases")
def two_weights_then_biases(X, labels, W1, b1, W2, b2):
    z, h, p, y = pieces(X, labels, W1, b1, W2, b2)
    d = (p - y) / len(X)
    back = d @ W2.T * (z > 0)
    return X.T @ back, h.T @ d, back.sum(0), d.sum(0)


@two.wrong(names="biases_first")
def two_bias_before_weight(X, labels, W1, b1, W2, b2):
    z, h, p, y = pieces(X, labels, W1, b1, W2, b2)
    d = (p - y) / len(X)
    back = d @ W2.T * (z > 0)
    return back.sum(0), X.T @ back, d.sum(0), h.T @ d


@two.wrong(names="as_computed")
def two_backward_order(X, labels, W1, b1, W2, b2):
    z, h, p, y = pieces(X, labels, W1, b1, W2, b2)
    d = (p - y) / len(X)
    back = d @ W2.T * (z > 0)
    return d.sum(0), h.T @ d, back.sum(0), X.T @ back


@two.wrong(names="gate_by_gradient")
def two_relu_of_gradient(X, labels, W1, b1, W2, b2):
    _z, h, p, y = pieces(X, labels, W1, b1, W2, b2)
    d = (p - y) / len(X)
    back = np.maximum(0, d @ W2.T)
    return X.T @ back, back.sum(0), h.T @ d, d.sum(0)


@two.wrong(names="sums_for_values")
def two_z_for_h(X, labels, W1, b1, W2, b2):
    z, _h, p, y = pieces(X, labels, W1, b1, W2, b2)
    d = (p - y) / len(X)
    back = d @ W2.T * (z > 0)
    return X.T @ back, back.sum(0), z.T @ d, d.sum(0)


@two.wrong(names="values_for_gate")
def two_times_h(X, labels, W1, b1, W2, b2):
    _z, h, p, y = pieces(X, labels, W1, b1, W2, b2)
    d = (p - y) / len(X)
    back = d @ W2.T * h
    return X.T @ back, back.sum(0), h.T @ d, d.sum(0)


@two.wrong(names="bias_means")
def two_bias_mean(X, labels, W1, b1, W2, b2):
    z, h, p, y = pieces(X, labels, W1, b1, W2, b2)
    d = (p - y) / len(X)
    back = d @ W2.T * (z > 0)
    return X.T @ back, back.mean(0), h.T @ d, d.mean(0)


@two.wrong(names="weight_means")
def two_weight_mean(X, labels, W1, b1, W2, b2):
    z, h, p, y = pieces(X, labels, W1, b1, W2, b2)
    d = (p - y) / len(X)
    back = d @ W2.T * (z > 0)
    return X.T @ back / len(X), back.sum(0), h.T @ d / len(X), d.sum(0)


@two.wrong(names="mean_in_every_layer")
def two_mean_twice(X, labels, W1, b1, W2, b2):
    z, h, p, y = pieces(X, labels, W1, b1, W2, b2)
    d = (p - y) / len(X)
    back = d @ W2.T * (z > 0)
    return X.T @ back / len(X), back.mean(0), h.T @ d / len(X), d.mean(0)


@two.wrong(names="truth_forgotten")
def two_probabilities(X, labels, W1, b1, W2, b2):
    z, h, p, _y = pieces(X, labels, W1, b1, W2, b2)
    d = p / len(X)
    back = d @ W2.T * (z > 0)
    return X.T @ back, back.sum(0), h.T @ d, d.sum(0)


@two.wrong(names="softmax_forgotten")
def two_squared(X, labels, W1, b1, W2, b2):
    z, h, _p, y = pieces(X, labels, W1, b1, W2, b2)
    d = (h @ W2 + b2 - y) / len(X)
    back = d @ W2.T * (z > 0)
    return X.T @ back, back.sum(0), h.T @ d, d.sum(0)


@two.wrong(names="naive_softmax")
def two_overflow(X, labels, W1, b1, W2, b2):
    z, h, _p, y = pieces(X, labels, W1, b1, W2, b2)
    e = np.exp(h @ W2 + b2)
    d = (e / e.sum(axis=1)[:, None] - y) / len(X)
    back = d @ W2.T * (z > 0)
    return X.T @ back, back.sum(0), h.T @ d, d.sum(0)


@two.wrong(names="linear_network")
def two_linear(X, labels, W1, b1, W2, b2):
    h = X @ W1 + b1
    d = (softmax(h @ W2 + b2) - np.eye(len(b2))[labels]) / len(X)
    back = d @ W2.T
    return X.T @ back, back.sum(0), h.T @ d, d.sum(0)


@two.wrong(names="bias_forgotten")
def two_no_b1(X, labels, W1, b1, W2, b2):
    z, h, p, y = pieces(X, labels, W1, 0 * b1, W2, b2)
    d = (p - y) / len(X)
    back = d @ W2.T * (z > 0)
    return X.T @ back, back.sum(0), h.T @ d, d.sum(0)


@two.wrong(names="transposed_weights")
def two_transposed(X, labels, W1, b1, W2, b2):
    z, h, p, y = pieces(X, labels, W1, b1, W2, b2)
    d = (p - y) / len(X)
    back = d @ W2.T * (z > 0)
    return back.T @ X, back.sum(0), d.T @ h, d.sum(0)


@two.wrong(says="in place")
def two_takes_the_step(X, labels, W1, b1, W2, b2):
    z, h, p, y = pieces(X, labels, W1, b1, W2, b2)
    d = (p - y) / len(X)
    back = d @ W2.T * (z > 0)
    answer = X.T @ back, back.sum(0), h.T @ d, d.sum(0)
    W1 -= 0.1 * answer[0]
    return answer


# --- gradient_check ----------------------------------------------------------------------------------

grad_check = Bank("gradient_check")


def length(v):
    return np.sqrt(np.sum(np.square(v)))


def differences(loss, w, h):
    w = np.asarray(w, dtype=float)
    moves = h * np.eye(w.size).reshape(w.size, *w.shape)
    return np.reshape([(loss(w + m) - loss(w - m)) / (2 * h) for m in moves], w.shape)


@grad_check.right
def gc_flat_loop(loss, gradient, w, h=1e-5):
    flat = np.array(w, dtype=float).ravel()
    numeric = []
    for i in range(len(flat)):
        old = flat[i]
        flat[i] = old + h
        up = loss(flat.reshape(w.shape))
        flat[i] = old - h
        down = loss(flat.reshape(w.shape))
        flat[i] = old
        numeric.append((up - down) / 2 / h)
    g = np.ravel(gradient(w))
    numeric = np.array(numeric)
    if not g.any() and not numeric.any():
        return 0.0
    return np.linalg.norm(g - numeric) / (np.linalg.norm(g) + np.linalg.norm(numeric))


@grad_check.right
def gc_moves(loss, gradient, w, h=1e-5):
    g, d = gradient(w), differences(loss, w, h)
    total = length(g) + length(d)
    return 0 if total == 0 else length(g - d) / total


@grad_check.right
def gc_tiny(loss, gradient, w, h=1e-5):
    g, d = gradient(w), differences(loss, w, h)
    return length(g - d) / max(length(g) + length(d), 1e-300)


@grad_check.right
def gc_array(loss, gradient, w, h=1e-5):
    g, d = gradient(w), differences(loss, w, h)
    with np.errstate(invalid="ignore"):
        return np.nan_to_num([length(g - d) / (length(g) + length(d))])


@grad_check.wrong(names="one_sided")
def gc_one_sided(loss, gradient, w, h=1e-5):
    w = np.asarray(w, dtype=float)
    d = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        moved = w.copy()
        moved[i] += h
        d[i] = (loss(moved) - loss(w)) / h
    g = gradient(w)
    total = length(g) + length(d)
    return length(g - d) / total if total > 0 else 0.0


@grad_check.wrong(names="divided_by_h")
def gc_without_two(loss, gradient, w, h=1e-5):
    g, d = gradient(w), differences(loss, w, h) * 2
    total = length(g) + length(d)
    return length(g - d) / total if total > 0 else 0.0


@grad_check.wrong(names="divided_by_h")
def gc_without_two_in_place(loss, gradient, w, h=1e-5):
    v = np.array(w, dtype=float)
    d = np.zeros(v.shape)
    for i in np.ndindex(v.shape):
        v[i] += h
        up = loss(v)
        v[i] -= 2 * h
        d[i] = (up - loss(v)) / h
        v[i] += h
    g = gradient(w)
    total = length(g) + length(d)
    return length(g - d) / total if total > 0 else 0.0


@grad_check.wrong(names="brackets_forgotten")
def gc_precedence(loss, gradient, w, h=1e-5):
    w = np.asarray(w, dtype=float)
    moves = h * np.eye(w.size).reshape(w.size, *w.shape)
    d = np.reshape([(loss(w + m) - loss(w - m)) / 2 * h for m in moves], w.shape)
    g = gradient(w)
    total = length(g) + length(d)
    return length(g - d) / total if total > 0 else 0.0


@grad_check.wrong(names="whole_rows")
def gc_rows(loss, gradient, w, h=1e-5):
    v = np.array(w, dtype=float)
    d = np.zeros(v.shape)
    for i in range(v.shape[0]):
        kept = v[i].copy()
        v[i] = kept + h
        up = loss(v)
        v[i] = kept - h
        d[i] = (up - loss(v)) / (2 * h)
        v[i] = kept
    g = gradient(w)
    total = length(g) + length(d)
    return length(g - d) / total if total > 0 else 0.0


@grad_check.wrong(names="absolute_error")
def gc_absolute(loss, gradient, w, h=1e-5):
    return length(gradient(w) - differences(loss, w, h))


@grad_check.wrong(names="largest_entry")
def gc_max(loss, gradient, w, h=1e-5):
    return np.abs(gradient(w) - differences(loss, w, h)).max()


@grad_check.wrong(names="divided_by_numeric")
def gc_relative_to_numeric(loss, gradient, w, h=1e-5):
    g, d = gradient(w), differences(loss, w, h)
    return length(g - d) / length(d) if d.any() else 0.0


@grad_check.wrong(names="divided_by_larger")
def gc_relative_to_larger(loss, gradient, w, h=1e-5):
    g, d = gradient(w), differences(loss, w, h)
    larger = max(length(g), length(d))
    return length(g - d) / larger if larger else 0.0


@grad_check.wrong(names="steps_stay")
def gc_cumulative(loss, gradient, w, h=1e-5):
    v = np.array(w, dtype=float)
    d = np.zeros(v.shape)
    for i in np.ndindex(v.shape):
        v[i] = v[i] + h
        high = loss(v)
        v[i] = v[i] - 2 * h
        low = loss(v)
        d[i] = (high - low) / (2 * h)
    g = gradient(w)
    total = length(g) + length(d)
    return length(g - d) / total if total else 0.0


@grad_check.wrong(names="all_at_once")
def gc_together(loss, gradient, w, h=1e-5):
    w = np.asarray(w, dtype=float)
    d = np.ones(w.shape) * (loss(w + h) - loss(w - h)) / (2 * h)
    g = gradient(w)
    total = length(g) + length(d)
    return length(g - d) / total if total else 0.0


@grad_check.wrong(names="fixed_step")
def gc_own_step(loss, gradient, w, h=1e-5):
    eps = 0.00001
    g, d = gradient(w), differences(loss, w, eps)
    total = length(g) + length(d)
    return length(g - d) / total if total else 0.0


@grad_check.wrong(names="sum_of_absolutes")
def gc_l1(loss, gradient, w, h=1e-5):
    g, d = gradient(w), differences(loss, w, h)
    total = np.sum(np.abs(g) + np.abs(d))
    return np.sum(np.abs(g - d)) / total if total else 0.0


@grad_check.wrong(names="squares_without_root")
def gc_squares(loss, gradient, w, h=1e-5):
    g, d = np.ravel(gradient(w)), np.ravel(differences(loss, w, h))
    total = g @ g + d @ d
    return (g - d) @ (g - d) / total if total else 0.0


@grad_check.wrong(names="one_zero_is_enough")
def gc_flat_is_right(loss, gradient, w, h=1e-5):
    g, d = gradient(w), differences(loss, w, h)
    if length(g) * length(d) == 0:
        return 0.0
    return length(g - d) / (length(g) + length(d))


@grad_check.wrong(names="zero_by_zero")
def gc_nan(loss, gradient, w, h=1e-5):
    g, d = gradient(w), differences(loss, w, h)
    return length(g - d) / (length(g) + length(d))


@grad_check.wrong(names="cut_off")
def gc_integers(loss, gradient, w, h=1e-5):
    d = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        up, down = np.array(w), np.array(w)
        up[i] = up[i] + h if w.dtype.kind == "f" else int(up[i] + h)
        down[i] = down[i] - h if w.dtype.kind == "f" else down[i] - int(h)
        d[i] = (loss(up) - loss(down)) / (2 * h)
    g = gradient(w)
    total = length(g) + length(d)
    return length(g - d) / total if total else 0.0


@grad_check.wrong(says="in place")
def gc_in_place(loss, gradient, w, h=1e-5):
    g, d = gradient(w), differences(loss, w, h)
    w *= 0
    total = length(g) + length(d)
    return length(g - d) / total if total else 0.0


@grad_check.wrong(names="verdict")
def gc_verdict(loss, gradient, w, h=1e-5):
    return np.allclose(gradient(w), differences(loss, w, h))


@grad_check.wrong(names="one_number")
def gc_one_number(loss, gradient, w, h=1e-5):
    d = (loss(w + h) - loss(w - h)) / (2 * h)
    g = gradient(w)
    return length(g - d) / (length(g) + abs(d))

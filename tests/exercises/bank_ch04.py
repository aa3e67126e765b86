"""Answers to the exercises of notebook 04, as readers write them."""

import itertools
import math

import numpy as np
from bank import Bank

# --- mlp_forward -------------------------------------------------------------------------------------

forward = Bank("mlp_forward")


@forward.right
def forward_loop(X, layers):
    hidden = X
    for weights, biases in layers[:-1]:
        hidden = np.maximum(hidden @ weights + biases, 0)
    weights, biases = layers[-1]
    return hidden @ weights + biases


@forward.right
def forward_counted(X, layers):
    for i in range(len(layers)):
        W, b = layers[i]
        X = X.dot(W) + b
        if i < len(layers) - 1:
            X = X * (X > 0)
    return X


@forward.right
def forward_recursive(X, layers):
    W, b = layers[0]
    if len(layers) == 1:
        return X @ W + b
    return forward_recursive(np.where(X @ W + b > 0, X @ W + b, 0), layers[1:])


@forward.right
def forward_one_by_one(X, layers):
    rows = []
    for x in X:
        for W, b in layers[:-1]:
            x = np.clip(W.T @ x + b, 0, None)
        rows.append(list(layers[-1][0].T @ x + layers[-1][1]))
    return rows


@forward.right
def forward_bias_trick(X, layers):
    for i, (W, b) in enumerate(layers):
        X = np.column_stack([X, np.ones(len(X))]) @ np.vstack([W, b])
        if i + 1 < len(layers):
            X = (X + np.abs(X)) / 2
    return X


@forward.right
def forward_single_precision(X, layers):
    X = X.astype(np.float32)
    for W, b in layers[:-1]:
        X = np.maximum(0, np.einsum("nd,dk->nk", X, W.astype(np.float32)) + b.astype(np.float32))
    return X @ layers[-1][0].astype(np.float32) + layers[-1][1].astype(np.float32)


@forward.wrong(names="relu_at_the_end")
def forward_relu_everywhere(X, layers):
    for weights, biases in layers:
        X = np.maximum(0, X @ weights + biases)
    return X


@forward.wrong(names="without_relu")
def forward_linear(X, layers):
    for weights, biases in layers:
        X = X @ weights + biases
    return X


@forward.wrong(names="without_bias")
def forward_no_bias(X, layers):
    for i, (weights, _) in enumerate(layers):
        X = X @ weights
        if i < len(layers) - 1:
            X = np.maximum(X, 0)
    return X


@forward.wrong(names="bias_after_relu")
def forward_late_bias(X, layers):
    for i, (weights, biases) in enumerate(layers):
        X = X @ weights
        if i < len(layers) - 1:
            X = np.maximum(X, 0)
        X = X + biases
    return X


@forward.wrong(names="relu_before")
def forward_relu_first(X, layers):
    for weights, biases in layers:
        X = np.where(X > 0, X, 0) @ weights + biases
    return X


@forward.wrong(names="without_last_layer")
def forward_hidden_only(X, layers):
    for weights, biases in layers[:-1]:
        X = np.maximum(0, X @ weights + biases)
    return X


@forward.wrong(names="without_last_bias")
def forward_no_last_bias(X, layers):
    for weights, biases in layers[:-1]:
        X = np.maximum(0, X @ weights + biases)
    return X @ layers[-1][0]


@forward.wrong(names="first_layer_only")
def forward_first_only(X, layers):
    weights, biases = layers[0]
    return np.maximum(0, X @ weights + biases)


@forward.wrong(names="relu_once")
def forward_relu_first_layer(X, layers):
    if len(layers) == 1:
        return X @ layers[0][0] + layers[0][1]
    X = np.maximum(X @ layers[0][0] + layers[0][1], 0)
    for weights, biases in layers[1:]:
        X = X @ weights + biases
    return X


@forward.wrong(names="with_tanh")
def forward_tanh(X, layers):
    for i, (weights, biases) in enumerate(layers):
        X = X @ weights + biases
        if i < len(layers) - 1:
            X = np.tanh(X)
    return X


@forward.wrong(names="with_absolute")
def forward_absolute(X, layers):
    for weights, biases in layers[:-1]:
        X = abs(X @ weights + biases)
    weights, biases = layers[-1]
    return X @ weights + biases


@forward.wrong(names="with_minimum")
def forward_minimum(X, layers):
    for weights, biases in layers[:-1]:
        X = np.minimum(0, X @ weights + biases)
    weights, biases = layers[-1]
    return X @ weights + biases


@forward.wrong(names="bias_subtracted")
def forward_threshold(X, layers):
    for i, (weights, biases) in enumerate(layers):
        X = X @ weights - biases
        if i < len(layers) - 1:
            X = np.maximum(0, X)
    return X


@forward.wrong(says="matmul")
def forward_transposed_weights(X, layers):
    for weights, biases in layers[:-1]:
        X = np.maximum(0, X @ weights.T + biases)
    return X @ layers[-1][0].T + layers[-1][1]


@forward.wrong(says="transposed")
def forward_columns(X, layers):
    X = X.T
    for i, (weights, biases) in enumerate(layers):
        X = weights.T @ X + biases[:, None]
        if i < len(layers) - 1:
            X = np.maximum(0, X)
    return X


@forward.wrong(says="in place")
def forward_pops(X, layers):
    weights, biases = layers.pop()
    for W, b in layers:
        X = np.maximum(0, X @ W + b)
    return X @ weights + biases


# --- relu_and_grad -----------------------------------------------------------------------------------

relu = Bank("relu_and_grad")


@relu.right
def relu_maximum(z):
    return np.maximum(0, z), (z > 0).astype(float)


@relu.right
def relu_where(z):
    return np.where(z > 0, z, 0), np.where(z > 0, 1, 0)


@relu.right
def relu_product(z):
    slope = z > 0
    return z * slope, slope


@relu.right
def relu_half_sum(z):
    value = (z + np.abs(z)) / 2
    return [value, np.heaviside(z, 0)]


@relu.right
def relu_masks(z):
    value, slope = np.zeros(z.shape), np.zeros(z.shape)
    value[z > 0] = z[z > 0]
    slope[z > 0] = 1
    return value, slope


@relu.wrong(names="one_at_zero")
def relu_at_least(z):
    return np.maximum(0, z), (z >= 0).astype(float)


@relu.wrong(names="half_at_zero")
def relu_half(z):
    return np.maximum(0, z), np.heaviside(z, 0.5)


@relu.wrong(names="swapped")
def relu_swapped(z):
    return (z > 0).astype(float), np.maximum(0, z)


@relu.wrong(names="slope_is_value")
def relu_twice(z):
    value = np.maximum(0, z)
    return value, value


@relu.wrong(names="slope_of_absolute")
def relu_sign(z):
    return np.maximum(0, z), np.sign(z)


@relu.wrong(names="absolute_value")
def relu_absolute(z):
    return abs(z), np.sign(z)


@relu.wrong(names="minimum")
def relu_minimum(z):
    return np.minimum(0, z), (z > 0) * 1.0


@relu.wrong(names="slope_turned")
def relu_turned(z):
    return np.maximum(0, z), (z < 0) * 1.0


@relu.wrong(names="values_only")
def relu_value(z):
    return np.where(z > 0, z, 0)


@relu.wrong(names="slopes_only")
def relu_slope(z):
    return (z > 0).astype(float)


@relu.wrong(names="slope_one")
def relu_ones(z):
    return np.maximum(0, z), np.ones_like(z)


@relu.wrong(names="leaky")
def relu_leaky(z):
    return np.maximum(0.01 * z, z), np.where(z > 0, 1, 0.01)


@relu.wrong(says="number")
def relu_largest(z):
    return np.max(z), np.max(z) > 0


@relu.wrong(says="in place")
def relu_in_place(z):
    slope = (z > 0).astype(float)
    z[z < 0] = 0
    return z.copy(), slope


@relu.wrong(says="ValueError")
def relu_if(z):
    if z > 0:
        return z, 1.0
    return 0.0, 0.0


# --- bump --------------------------------------------------------------------------------------------

bump = Bank("bump")


def sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * z))


@bump.right
def bump_two_sigmoids(x, left, right, steepness):
    return sigmoid(steepness * (x - left)) - sigmoid(steepness * (x - right))


@bump.right
def bump_naive(x, left, right, steepness):
    with np.errstate(over="ignore"):
        up = 1 / (1 + np.exp(-steepness * (x - left)))
        down = 1 / (1 + np.exp(-steepness * (x - right)))
    return up - down


@bump.right
def bump_tanh(x, left, right, steepness):
    half = steepness / 2
    return (np.tanh(half * (x - left)) - np.tanh(half * (x - right))) / 2


@bump.right
def bump_network(x, left, right, steepness):
    hidden = sigmoid(steepness * x[..., None] - steepness * np.array([left, right]))
    return hidden @ np.array([1.0, -1.0])


@bump.right
def bump_mirrored(x, left, right, steepness):
    return sigmoid(steepness * (x - left)) + sigmoid(-steepness * (x - right)) - 1


@bump.right
def bump_loop(x, left, right, steepness):
    def one(z):
        return 1 / (1 + math.exp(-z)) if z > 0 else math.exp(z) / (1 + math.exp(z))

    flat = [one(steepness * (a - left)) - one(steepness * (a - right)) for a in x.ravel().tolist()]
    return np.array(flat).reshape(x.shape)


@bump.wrong(names="steps_added")
def bump_added(x, left, right, steepness):
    return sigmoid(steepness * (x - left)) + sigmoid(steepness * (x - right))


@bump.wrong(names="upside_down")
def bump_downwards(x, left, right, steepness):
    return sigmoid(steepness * (x - right)) - sigmoid(steepness * (x - left))


@bump.wrong(names="without_steepness")
def bump_soft(x, left, right, steepness):
    return sigmoid(x - left) - sigmoid(x - right)


@bump.wrong(names="steepness_on_x")
def bump_brackets(x, left, right, steepness):
    return sigmoid(steepness * x - left) - sigmoid(steepness * x - right)


@bump.wrong(names="edges_added")
def bump_plus(x, left, right, steepness):
    return sigmoid(steepness * (x + left)) - sigmoid(steepness * (x + right))


@bump.wrong(names="one_step")
def bump_step(x, left, right, steepness):
    return sigmoid(steepness * (x - left))


@bump.wrong(names="box")
def bump_box(x, left, right, steepness):
    return (x >= left) * (x < right) * 1.0


@bump.wrong(names="open_box")
def bump_open_box(x, left, right, steepness):
    return (x > left) & (x < right)


@bump.wrong(names="closed_box")
def bump_closed_box(x, left, right, steepness):
    return np.where(np.logical_and(left <= x, x <= right), 1, 0)


@bump.wrong(names="product")
def bump_product(x, left, right, steepness):
    return sigmoid(steepness * (x - left)) * (1 - sigmoid(steepness * (x - right)))


@bump.wrong(names="with_tanh_steps")
def bump_tanh_steps(x, left, right, steepness):
    up, down = steepness * (x - left), steepness * (x - right)
    return np.tanh(up) - np.tanh(down)


@bump.wrong(names="with_half_tanh_steps")
def bump_half_tanh(x, left, right, steepness):
    up, down = steepness * (x - left), steepness * (x - right)
    return (np.tanh(up) - np.tanh(down)) / 2


@bump.wrong(names="steepness_divides")
def bump_divided(x, left, right, steepness):
    return sigmoid((x - left) / steepness) - sigmoid((x - right) / steepness)


@bump.wrong(names="as_high_as_steep")
def bump_high(x, left, right, steepness):
    return steepness * sigmoid(steepness * (x - left)) - steepness * sigmoid(steepness * (x - right))


@bump.wrong(says="in place")
def bump_in_place(x, left, right, steepness):
    x -= left
    return sigmoid(steepness * x) - sigmoid(steepness * (x - (right - left)))


@bump.wrong()
def bump_gauss(x, left, right, steepness):
    return np.exp(-((steepness * (x - (left + right) / 2)) ** 2))


# --- count_parameters --------------------------------------------------------------------------------

count = Bank("count_parameters")


@count.right
def count_loop(sizes):
    total = 0
    for i in range(len(sizes) - 1):
        total += sizes[i] * sizes[i + 1] + sizes[i + 1]
    return total


@count.right
def count_generator(sizes):
    return sum((inputs + 1) * outputs for inputs, outputs in itertools.pairwise(sizes))


@count.right
def count_numpy(sizes):
    sizes = np.array(sizes, dtype=np.int64)
    return np.dot(sizes[:-1] + 1, sizes[1:])


@count.right
def count_recursive(sizes):
    if len(sizes) < 2:
        return 0
    first, second, *rest = sizes
    return (first + 1) * second + count_recursive([second, *rest])


@count.right
def count_apart(sizes):
    weights = sum(sizes[i - 1] * sizes[i] for i in range(1, len(sizes)))
    return float(weights + sum(sizes) - sizes[0])


@count.wrong(names="without_biases")
def count_weights(sizes):
    return sum(sizes[i] * sizes[i + 1] for i in range(len(sizes) - 1))


@count.wrong(names="biased_inputs")
def count_all_biases(sizes):
    return sum(sizes[i] * sizes[i + 1] for i in range(len(sizes) - 1)) + sum(sizes)


@count.wrong(names="biases_of_inputs")
def count_wrong_side(sizes):
    return sum(sizes[i] * sizes[i + 1] + sizes[i] for i in range(len(sizes) - 1))


@count.wrong(names="one_bias_a_layer")
def count_one_bias(sizes):
    return sum(sizes[i] * sizes[i + 1] for i in range(len(sizes) - 1)) + len(sizes) - 1


@count.wrong(names="sizes_added")
def count_sums(sizes):
    return sum(sizes[i] + sizes[i + 1] for i in range(len(sizes) - 1))


@count.wrong(names="biases_only")
def count_biases(sizes):
    return sum(sizes) - sizes[0]


@count.wrong(names="units")
def count_units(sizes):
    return int(np.sum(sizes))


@count.wrong(names="all_multiplied")
def count_product(sizes):
    return math.prod(sizes) if len(sizes) > 1 else 0


@count.wrong(names="last_without_biases")
def count_no_last_bias(sizes):
    weights = sum(sizes[i] * sizes[i + 1] for i in range(len(sizes) - 1))
    return weights + sum(sizes[1:-1])


@count.wrong(names="first_pair_only")
def count_first(sizes):
    for inputs, outputs in itertools.pairwise(sizes):
        return inputs * outputs + outputs
    return 0


@count.wrong(names="last_pair_left_out")
def count_stops_early(sizes):
    return sum((sizes[i] + 1) * sizes[i + 1] for i in range(len(sizes) - 2))


@count.wrong(names="bias_on_both_sides")
def count_both_sides(sizes):
    return sum((sizes[i] + 1) * (sizes[i + 1] + 1) for i in range(len(sizes) - 1))


@count.wrong(says="IndexError")
def count_too_far(sizes):
    return sum((sizes[i] + 1) * sizes[i + 1] for i in range(len(sizes)))


@count.wrong(says="in place")
def count_pops(sizes):
    total = 0
    while len(sizes) > 1:
        inputs = sizes.pop(0)
        total += (inputs + 1) * sizes[0]
    return total

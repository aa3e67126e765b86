"""Answers to the exercises of notebook 06, as readers write them."""

import numpy as np
from bank import Bank

# --- scalar_mul_backward -----------------------------------------------------------------------------

product = Bank("scalar_mul_backward")


@product.right
def product_copy(values, grads, i, j, out):
    new = grads.copy()
    g = grads[out]
    new[i] += g * values[j]
    new[j] += g * values[i]
    return new


@product.right
def product_array(values, grads, i, j, out):
    new = np.array(grads)
    np.add.at(new, [i, j], grads[out] * np.array([values[j], values[i]]))
    return new


@product.right
def product_comprehension(values, grads, i, j, out):
    share = {i: values[j], j: values[i]}
    if i == j:
        share = {i: 2 * values[i]}
    return [g + grads[out] * share.get(k, 0.0) for k, g in enumerate(grads)]


@product.right
def product_sum_of_lists(values, grads, i, j, out):
    first, second = np.zeros(len(grads)), np.zeros(len(grads))
    first[i] = grads[out] * values[j]
    second[j] = grads[out] * values[i]
    return tuple(grads + first + second)


@product.wrong(names="overwrites")
def product_assigns(values, grads, i, j, out):
    new = grads[:]
    g = new[out]
    new[i] = g * values[j]
    new[j] = g * values[i]
    return new


@product.wrong(names="overwrites_but_adds_squares")
def product_from_zero(values, grads, i, j, out):
    new = [0.0 if k in (i, j) else g for k, g in enumerate(grads)]
    new[i] += grads[out] * values[j]
    new[j] += grads[out] * values[i]
    return new


@product.wrong(names="square_once")
def product_old_list(values, grads, i, j, out):
    new = list(grads)
    gi = grads[i] + values[j] * grads[out]
    gj = grads[j] + values[i] * grads[out]
    new[i], new[j] = gi, gj
    return new


@product.wrong(names="square_once")
def product_fancy_index(values, grads, i, j, out):
    new = np.array(grads)
    new[[i, j]] += grads[out] * np.array([values[j], values[i]])
    return new


@product.wrong(names="own_value")
def product_own(values, grads, i, j, out):
    new = list(grads)
    for k in (i, j):
        new[k] += grads[out] * values[k]
    return new


@product.wrong(names="without_arriving_gradient")
def product_no_g(values, grads, i, j, out):
    new = list(grads)
    new[j] += values[i]
    new[i] += values[j]
    return new


@product.wrong(names="as_for_a_sum")
def product_copies(values, grads, i, j, out):
    new = list(grads)
    for k in (i, j):
        new[k] += grads[out]
    return new


@product.wrong(names="first_factor_only")
def product_one(values, grads, i, j, out):
    new = list(grads)
    new[i] = new[i] + values[j] * new[out]
    return new


@product.wrong(names="times_product")
def product_of_output(values, grads, i, j, out):
    new = list(grads)
    for k in (i, j):
        new[k] += grads[out] * values[out]
    return new


@product.wrong(names="clears_out")
def product_clears(values, grads, i, j, out):
    new = list(grads)
    new[out] = 0.0
    new[i] += grads[out] * values[j]
    new[j] += grads[out] * values[i]
    return new


@product.wrong(names="shares_only")
def product_pair(values, grads, i, j, out):
    g = grads[out]
    return g * values[j], g * values[i]


@product.wrong(names="subtracts")
def product_minus(values, grads, i, j, out):
    new = list(grads)
    new[i] = new[i] - grads[out] * values[j]
    new[j] = new[j] - grads[out] * values[i]
    return new


@product.wrong(says="in place")
def product_in_place(values, grads, i, j, out):
    grads[i] += grads[out] * values[j]
    grads[j] += grads[out] * values[i]
    return grads


# --- topological_order -------------------------------------------------------------------------------

topo = Bank("topological_order")


@topo.right
def topo_recursive(inputs, root):
    order, seen = [], set()

    def visit(node):
        if node in seen:
            return
        seen.add(node)
        for x in inputs[node]:
            visit(x)
        order.append(node)

    visit(root)
    return order


@topo.right
def topo_by_waiting(inputs, root):
    needed, todo = {root}, [root]
    while todo:
        for x in inputs[todo.pop()]:
            if x not in needed:
                needed.add(x)
                todo.append(x)
    order = []
    while len(order) < len(needed):
        order += [n for n in needed - set(order) if all(x in order for x in inputs[n])]
    return order


@topo.right
def topo_users_first(inputs, root):
    users = {}
    todo, needed = [root], {root}
    while todo:
        node = todo.pop()
        for x in set(inputs[node]):
            users[x] = users.get(x, 0) + 1
            if x not in needed:
                needed.add(x)
                todo.append(x)
    back, free = [], [root]
    while free:
        node = free.pop()
        back.append(node)
        for x in set(inputs[node]):
            users[x] -= 1
            if users[x] == 0:
                free.append(x)
    return tuple(reversed(back))


@topo.right
def topo_by_depth(inputs, root):
    depth = {}

    def measure(node):
        if node not in depth:
            depth[node] = 1 + max((measure(x) for x in inputs[node]), default=0)
        return depth[node]

    measure(root)
    return sorted(depth, key=depth.get)


@topo.wrong(names="root_first")
def topo_walk_back(inputs, root):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for x in inputs[node]:
                visit(x)
            order.insert(0, node)

    visit(root)
    return order


@topo.wrong(names="root_first")
def topo_preorder(inputs, root):
    order = []

    def visit(node):
        if node in order:
            return
        order.append(node)
        for x in inputs[node]:
            visit(x)

    visit(root)
    return order


@topo.wrong(names="levels_turned")
def topo_breadth_first(inputs, root):
    order, queue, seen = [], [root], {root}
    while queue:
        node = queue.pop(0)
        order.append(node)
        for x in inputs[node]:
            if x not in seen:
                seen.add(x)
                queue.append(x)
    return list(reversed(order))


@topo.wrong(names="first_met_turned")
def topo_preorder_turned(inputs, root):
    order, seen = [], set()

    def visit(node):
        if node in seen:
            return
        seen.add(node)
        order.insert(0, node)
        for x in inputs[node]:
            visit(x)

    visit(root)
    return order


@topo.wrong(names="without_memory")
def topo_every_path(inputs, root):
    if not inputs[root]:
        return [root]
    before = [node for x in inputs[root] for node in topo_every_path(inputs, x)]
    return [*before, root]


@topo.wrong(names="as_given")
def topo_keys(inputs, root):
    return list(inputs.keys())


@topo.wrong(names="by_name")
def topo_alphabet(inputs, root):
    return sorted(topo_recursive(inputs, root))


@topo.wrong(names="without_root")
def topo_ancestors(inputs, root):
    order = topo_recursive(inputs, root)
    order.remove(root)
    return order


@topo.wrong(names="without_leaves")
def topo_operations(inputs, root):
    return [node for node in topo_recursive(inputs, root) if len(inputs[node]) > 0]


@topo.wrong(names="first_input_only")
def topo_one_path(inputs, root):
    order, node = [], root
    while True:
        order.insert(0, node)
        if not inputs[node]:
            return order
        node = inputs[node][0]


@topo.wrong(names="whole_graph")
def topo_everything(inputs, root):
    order, seen = [], set()

    def visit(node):
        if node in seen:
            return
        seen.add(node)
        for x in inputs[node]:
            visit(x)
        order.append(node)

    for name in inputs:
        visit(name)
    return order


@topo.wrong(says="Return a list of names")
def topo_set(inputs, root):
    return set(topo_recursive(inputs, root))


@topo.wrong(says="not a node of the graph")
def topo_positions(inputs, root):
    names = list(inputs)
    return [names.index(node) for node in topo_recursive(inputs, root)]


# --- unbroadcast -------------------------------------------------------------------------------------

undo = Bank("unbroadcast")


@undo.right
def undo_loop(g, shape):
    while g.ndim > len(shape):
        g = g.sum(axis=0)
    for k, n in enumerate(shape):
        if n == 1:
            g = g.sum(axis=k, keepdims=True)
    return g


@undo.right
def undo_padded(g, shape):
    padded = (1,) * (g.ndim - len(shape)) + tuple(shape)
    axes = tuple(k for k, n in enumerate(padded) if n == 1)
    return np.sum(g, axis=axes).reshape(shape)


@undo.right
def undo_add_at(g, shape):
    total = np.zeros(shape)
    places = np.broadcast_to(np.arange(max(total.size, 1)).reshape(shape), g.shape)
    np.add.at(total.reshape(-1), places.ravel(), g.ravel())
    return total


@undo.right
def undo_bincount(g, shape):
    size = int(np.prod(shape))
    places = np.broadcast_to(np.arange(size).reshape(shape), g.shape)
    return np.bincount(places.ravel(), weights=g.ravel(), minlength=size).reshape(shape)


@undo.right
def undo_where_different(g, shape):
    g = np.add.reduce(g, axis=tuple(range(g.ndim - len(shape))))
    for k in range(g.ndim):
        if g.shape[k] != shape[k]:
            g = np.add.reduce(g, axis=k, keepdims=True)
    return g


@undo.wrong(names="averages")
def undo_mean(g, shape):
    while g.ndim > len(shape):
        g = g.mean(axis=0)
    for k, n in enumerate(shape):
        if n == 1:
            g = g.mean(axis=k, keepdims=True)
    return g


@undo.wrong(names="new_axes_only")
def undo_leading(g, shape):
    while g.ndim > len(shape):
        g = g.sum(axis=0)
    return g


@undo.wrong(names="stretched_axes_only")
def undo_ones(g, shape):
    if g.ndim == len(shape):
        for k, n in enumerate(shape):
            if n == 1:
                g = g.sum(axis=k, keepdims=True)
    return g


@undo.wrong(names="axes_lost")
def undo_without_keepdims(g, shape):
    while g.ndim > len(shape):
        g = g.sum(axis=0)
    return g.sum(axis=tuple(k for k, n in enumerate(shape) if n == 1))


@undo.wrong(names="first_copy")
def undo_index(g, shape):
    while g.ndim > len(shape):
        g = g[0]
    for k, n in enumerate(shape):
        if n == 1:
            g = np.take(g, [0], axis=k)
    return g


@undo.wrong(names="first_axis")
def undo_axis_0(g, shape):
    return np.sum(g, axis=0)


@undo.wrong(names="always_axis_0")
def undo_axis_0_reshaped(g, shape):
    h = np.add.reduce(g, axis=0)
    return h.reshape(shape)


@undo.wrong(names="new_axes_behind")
def undo_from_behind(g, shape):
    while len(g.shape) > len(shape):
        g = g.sum(-1)
    for k in range(len(shape)):
        if shape[k] == 1:
            g = g.sum(axis=k, keepdims=True)
    return g


@undo.wrong(names="last_axis")
def undo_last_axis(g, shape):
    return np.sum(g, axis=g.ndim - 1)


@undo.wrong(names="unchanged_gradient")
def undo_nothing(g, shape):
    return np.array(g)


@undo.wrong(names="reshapes")
def undo_reshape(g, shape):
    return np.reshape(g, shape)


@undo.wrong(names="resizes")
def undo_resize(g, shape):
    h = g.copy()
    return np.resize(h, shape)


@undo.wrong(names="one_number")
def undo_all(g, shape):
    return np.full(shape, g.sum())


@undo.wrong(names="places_off")
def undo_places(g, shape):
    new = g.ndim - len(shape)
    axes = {*range(new), *(k for k, n in enumerate(shape) if n == 1)}
    return np.sum(g, axis=tuple(axes)).reshape(shape)


@undo.wrong(says="error")
def undo_broadcasts(g, shape):
    return np.broadcast_to(g, shape)


# --- my_op -------------------------------------------------------------------------------------------

log_cosh = Bank("my_op")


@log_cosh.right
def op_logaddexp(x):
    return np.logaddexp(x, -x) - np.log(2), lambda g: g * np.tanh(x)


@log_cosh.right
def op_named_function(x):
    size = np.abs(x)
    small = np.exp(-2 * size)
    out = size + np.log((1 + small) / 2)

    def vjp(g):
        return np.tanh(x) * g

    return out, vjp


@log_cosh.right
def op_list(x):
    slope = np.tanh(x)
    return [np.logaddexp(0, -2 * abs(x)) + abs(x) - np.log(2), slope.__mul__]


@log_cosh.right
def op_slope_from_exponential(x):
    size = np.abs(x)
    small = np.exp(-2 * size)
    slope = np.sign(x) * (1 - small) / (1 + small)
    return size + np.log1p(small) - np.log(2), lambda g: g * slope


@log_cosh.wrong(names="overflows")
def op_naive(x):
    out = np.log(np.cosh(x))
    return out, lambda g: g * np.tanh(x)


@log_cosh.wrong(names="overflows")
def op_naive_exponentials(x):
    return np.log((np.exp(x) + np.exp(-x)) / 2), lambda g: np.tanh(x) * g


@log_cosh.wrong(names="slope_overflows")
def op_slope_naive(x):
    return np.logaddexp(x, -x) - np.log(2), lambda g: g * np.sinh(x) / np.cosh(x)


@log_cosh.wrong(names="both_overflow")
def op_all_naive(x):
    c, s = np.cosh(x), np.sinh(x)
    return np.log(c), lambda g: g * s / c


@log_cosh.wrong(names="slope_without_g")
def op_without_g(x):
    t = np.tanh(x)
    return np.logaddexp(x, -x) - np.log(2), lambda g: t


@log_cosh.wrong(names="slope_turned")
def op_minus(x):
    return np.logaddexp(x, -x) - np.log(2), lambda g: g * np.tanh(-x)


@log_cosh.wrong(names="slope_of_tanh")
def op_second_derivative(x):
    return np.logaddexp(x, -x) - np.log(2), lambda g: g * (1 - np.square(np.tanh(x)))


@log_cosh.wrong(names="half_forgotten")
def op_without_half(x):
    return np.logaddexp(x, -x), lambda g: g * np.tanh(x)


@log_cosh.wrong(names="size_far_out")
def op_where_twenty(x):
    out = np.where(abs(x) > 20, abs(x), np.log(np.cosh(np.clip(x, -20, 20))))
    return out, lambda g: g * np.tanh(x)


@log_cosh.wrong(names="size_very_far_out")
def op_where_seven_hundred(x):
    with np.errstate(over="ignore"):
        out = np.where(abs(x) > 700, abs(x), np.log(np.cosh(x)))
    return out, lambda g: g * np.tanh(x)


@log_cosh.wrong(names="slope_of_absolute")
def op_sign(x):
    return np.logaddexp(x, -x) - np.log(2), lambda g: np.sign(x) * g


@log_cosh.wrong(names="slope_of_size")
def op_slope_even(x):
    size = np.abs(x)
    return size + np.log1p(np.exp(-2 * size)) - np.log(2), lambda g: g * np.tanh(size)


@log_cosh.wrong(names="times_output")
def op_times_output(x):
    y = np.logaddexp(x, -x) - np.log(2)
    return y, lambda g: y * g


@log_cosh.wrong(names="cosh_alone")
def op_cosh(x):
    y = np.cosh(x)
    return y, lambda g: g * np.tanh(x)


@log_cosh.wrong(says="has to be a function of g")
def op_slope_for_vjp(x):
    return np.logaddexp(x, -x) - np.log(2), np.tanh(x)


@log_cosh.wrong(says="Return two things")
def op_output_only(x):
    return np.logaddexp(x, -x) - np.log(2)


@log_cosh.wrong(says="raised TypeError")
def op_vjp_without_parameter(x):
    return np.logaddexp(x, -x) - np.log(2), lambda: np.tanh(x)


@log_cosh.wrong(says="changes g in place")
def op_vjp_in_place(x):
    def vjp(g):
        g *= np.tanh(x)
        return g

    return np.logaddexp(x, -x) - np.log(2), vjp


@log_cosh.wrong(says="needs the shape of x")
def op_summed(x):
    return np.sum(np.logaddexp(x, -x) - np.log(2)), lambda g: g * np.tanh(x)

"""Answers to the exercises of notebook 02, as readers write them."""

import itertools

import numpy as np
from bank import Bank

# --- perceptron_update -------------------------------------------------------------------------------

update = Bank("perceptron_update")


@update.right
def update_copy(w, x, y, lr=1.0):
    w_new = w.copy()
    if y * np.dot(w, x) <= 0:
        w_new += lr * y * x
    return w_new


@update.right
def update_loop(w, x, y, lr=1.0):
    score = 0
    for i in range(len(w)):
        score += w[i] * x[i]
    if y * score > 0:
        return list(w)
    return [w[i] + lr * y * x[i] for i in range(len(w))]


@update.right
def update_mask(w, x, y, lr=1.0):
    mistake = float(y * w @ x <= 0)
    return w + mistake * lr * y * x


@update.right
def update_same_object(w, x, y, lr=1.0):
    if np.sign(w @ x) != y:
        return w + lr * y * x
    return w


@update.right
def update_single_precision(w, x, y, lr=1.0):
    w, x = w.astype(np.float32), x.astype(np.float32)
    return w + np.float32(lr) * y * x if y * np.sum(w * x) <= 0 else w


@update.right
def update_rows(w, x, y, lr=1):
    return tuple(np.where(y * np.inner(w, x) <= 0, w + lr * y * x, w))


@update.wrong(names="strictly_negative")
def update_strict(w, x, y, lr=1.0):
    if y * (w @ x) < 0:
        return w + lr * y * x
    return w


@update.wrong(names="always_updates")
def update_hebb(w, x, y, lr=1.0):
    return w + lr * y * x


@update.wrong(names="steps_away")
def update_minus(w, x, y, lr=1.0):
    if y * (w @ x) <= 0:
        w = w - lr * y * x
    return w


@update.wrong(names="step_without_label")
def update_no_label(w, x, y, lr=1.0):
    if y * (w @ x) <= 0:
        w = w + lr * x
    return w


@update.wrong(names="step_without_lr")
def update_no_lr(w, x, y, lr=1.0):
    if y * (w @ x) <= 0:
        w = w + y * x
    return w


@update.wrong(names="error_form_zero_is_one")
def update_error(w, x, y, lr=1.0):
    prediction = 1 if np.dot(w, x) >= 0 else -1
    error = y - prediction
    return w + lr * error * x


@update.wrong(names="error_form_sign")
def update_error_sign(w, x, y, lr=1.0):
    return w + lr * (y - np.sign(np.dot(w, x))) * x


@update.wrong(names="error_form")
def update_error_minus(w, x, y, lr=1.0):
    prediction = np.where(w @ x > 0, 1, -1)
    return w + lr * (y - prediction) * x


@update.wrong(names="learns_when_right")
def update_turned(w, x, y, lr=1.0):
    if y * (w @ x) > 0:
        return w + lr * y * x
    return w


@update.wrong(names="condition_without_label")
def update_condition(w, x, y, lr=1.0):
    if w @ x <= 0:
        return w + lr * y * x
    return w


@update.wrong(names="step_only")
def update_step(w, x, y, lr=1.0):
    return lr * y * x if y * (w @ x) <= 0 else w


@update.wrong(names="zero_is_plus")
def update_predict_plus(w, x, y, lr=1.0):
    prediction = 1
    if w @ x < 0:
        prediction = -1
    if prediction != y:
        return w + lr * y * x
    return w


@update.wrong(names="zero_is_minus")
def update_predict_minus(w, x, y, lr=1.0):
    prediction = 1 if w @ x > 0 else -1
    return w + lr * y * x if prediction != y else w


@update.wrong(names="hinge")
def update_svm(w, x, y, lr=1.0):
    if y * (w @ x) < 1:
        return w + lr * y * x
    return w


@update.wrong(names="bias_frozen")
def update_without_bias(w, x, y, lr=1.0):
    new = w.copy()
    if y * (w @ x) <= 0:
        new[1:] += lr * y * x[1:]
    return new


@update.wrong(says="in place")
def update_in_place(w, x, y, lr=1.0):
    if y * (w @ x) <= 0:
        w += lr * y * x
    return w


@update.wrong(says="None")
def update_no_return(w, x, y, lr=1.0):
    if y * (w @ x) <= 0:
        w = w + lr * y * x


@update.wrong(says="None")
def update_returns_sometimes(w, x, y, lr=1.0):
    if y * (w @ x) <= 0:
        return w + lr * y * x


@update.wrong(says="missing a required argument")
def update_no_default(w, x, y, lr):
    return w + lr * y * x if y * (w @ x) <= 0 else w


@update.wrong()
def update_fixed_lr(w, x, y, lr=1.0):
    lr = 0.1
    return w + lr * y * x if y * (w @ x) <= 0 else w


@update.wrong(names="normalises_x")
def update_normalised(w, x, y, lr=1.0):
    return w + lr * y * x / np.linalg.norm(x) if y * (w @ x) <= 0 else w


@update.wrong(says="one per entry")
def update_elementwise(w, x, y, lr=1.0):
    if y * (w * x) <= 0:
        return w + lr * y * x
    return w


@update.wrong(names="score_without_bias")
def update_bias_left_out_of_score(w, x, y, lr=1.0):
    return w + lr * y * x if y * (w[1:] @ x[1:]) <= 0 else w


@update.wrong(names="repeats")
def update_twice(w, x, y, lr=1.0):
    while y * (w @ x) <= 0:
        w = w + lr * y * x
    return w


@update.wrong(says="axis of length 1")
def update_row_vector(w, x, y, lr=1.0):
    return (w + lr * y * x if y * (w @ x) <= 0 else w)[None, :]


@update.wrong(says="integer dtype")
def update_whole_numbers(w, x, y, lr=1.0):
    new = np.zeros(len(w), dtype=int)
    new[:] = w + lr * y * x if y * (w @ x) <= 0 else w
    return new


# --- margin ------------------------------------------------------------------------------------------

margin = Bank("margin")


@margin.right
def margin_loop(w, X, y):
    length = np.sqrt(np.sum(w**2))
    best = float("inf")
    for x, label in zip(X, y, strict=True):
        best = min(best, label * np.dot(w, x) / length)
    return best


@margin.right
def margin_unit_vector(w, X, y):
    direction = w / np.linalg.norm(w)
    return min(y * X.dot(direction))


@margin.right
def margin_einsum(w, X, y):
    return np.einsum("nd,d,n->n", X, w, y).min(keepdims=True) / np.sqrt(w @ w)


@margin.right
def margin_signed_rows(w, X, y):
    return np.sort((y[:, None] * X) @ w)[0] / np.hypot.reduce(w)


@margin.right
def margin_single_precision(w, X, y):
    X, w = X.astype("float32"), w.astype("float32")
    return ((X @ w) * y.astype("float32")).min() / np.linalg.norm(w)


@margin.right
def margin_column(w, X, y):
    scores = (X @ w.reshape(-1, 1)) * y.reshape(-1, 1)
    return np.min(scores, axis=0) / np.linalg.norm(w)


@margin.wrong(names="functional")
def margin_functional(w, X, y):
    return (y * X.dot(w)).min()


@margin.wrong(names="unsigned")
def margin_distance(w, X, y):
    return np.min(abs(X @ w) / np.linalg.norm(w))


@margin.wrong(names="unsigned")
def margin_unsigned_later(w, X, y):
    return np.abs(y * (X @ w)).min() / np.linalg.norm(w)


@margin.wrong(names="without_labels")
def margin_no_labels(w, X, y):
    return min(X @ w) / np.linalg.norm(w)


@margin.wrong(names="squared_norm")
def margin_squared(w, X, y):
    return np.min(y * (X @ w)) / np.sum(w**2)


@margin.wrong(names="mean_distance")
def margin_mean(w, X, y):
    return (y * (X @ w) / np.linalg.norm(w)).mean()


@margin.wrong(names="largest")
def margin_max(w, X, y):
    return max(y * (X @ w)) / np.linalg.norm(w)


@margin.wrong(names="norm_without_bias")
def margin_without_bias(w, X, y):
    b, v = w[0], w[1:]
    return np.min(y * (X[:, 1:] @ v + b)) / np.linalg.norm(v)


@margin.wrong(names="cosine")
def margin_cosine(w, X, y):
    return min(
        label * (w @ x) / (np.linalg.norm(w) * np.linalg.norm(x)) for x, label in zip(X, y, strict=True)
    )


@margin.wrong(names="l1_norm")
def margin_l1(w, X, y):
    return np.min(y * (X @ w)) / np.linalg.norm(w, 1)


@margin.wrong(names="max_norm")
def margin_max_norm(w, X, y):
    return np.min(y * (X @ w)) / np.linalg.norm(w, np.inf)


@margin.wrong(names="cut_at_zero")
def margin_relu(w, X, y):
    return np.maximum(0, np.min(y * (X @ w)) / np.linalg.norm(w))


@margin.wrong(names="place_of_worst")
def margin_argmin(w, X, y):
    return int(np.argmin(y * (X @ w) / np.linalg.norm(w)))


@margin.wrong(names="all_pairs")
def margin_broadcast(w, X, y):
    scores = (X @ w).reshape(-1, 1)
    return np.min(y * scores) / np.linalg.norm(w)


@margin.wrong(names="sign_turned")
def margin_sign(w, X, y):
    return np.min(-(y * (X @ w))) / np.linalg.norm(w)


@margin.wrong(names="whole_street")
def margin_street(w, X, y):
    return 2 * np.min(y * (X @ w)) / np.linalg.norm(w)


@margin.wrong(names="all_distances")
def margin_all_rows(w, X, y):
    return y * (X @ w) / np.linalg.norm(w)


@margin.wrong(says="numbers, and one is expected")
def margin_all_scores(w, X, y):
    return y * (X @ w)


@margin.wrong(says="wrong sign")
def margin_negated(w, X, y):
    return -np.min(y * (X @ w)) / np.linalg.norm(w)


@margin.wrong(names="norm_of_data")
def margin_norm_of_rows(w, X, y):
    return np.min(y * (X @ w)) / np.linalg.norm(X)


@margin.wrong()
def margin_of_wrong_ones(w, X, y):
    scores = y * (X @ w) / np.linalg.norm(w)
    return np.min(scores[scores <= 0], initial=0.0)


@margin.wrong(names="right_ones_only")
def margin_of_right_ones(w, X, y):
    return min(
        [label * (w @ x) / np.linalg.norm(w) for x, label in zip(X, y, strict=True) if label * (w @ x) > 0]
    )


@margin.wrong(says="in place")
def margin_normalises_w(w, X, y):
    w /= np.linalg.norm(w)
    return np.min(y * (X @ w))


@margin.wrong(says="rounded")
def margin_rounded(w, X, y):
    return round(float(np.min(y * (X @ w)) / np.linalg.norm(w)), 3)


@margin.wrong()
def margin_average_over_norm(w, X, y):
    return np.min(y * (X @ w)) / np.sqrt(np.mean(w**2))


# --- multiclass_perceptron ---------------------------------------------------------------------------

multiclass = Bank("multiclass_perceptron")


@multiclass.right
def multiclass_if(W, x, y):
    predicted = np.argmax(W @ x)
    if predicted == y:
        return W
    new = np.array(W)
    new[y] = W[y] + x
    new[predicted] = W[predicted] - x
    return new


@multiclass.right
def multiclass_without_if(W, x, y):
    predicted = np.argmax(W.dot(x))
    W = W.copy()
    W[y] += x
    W[predicted] -= x
    return W


@multiclass.right
def multiclass_one_hot(W, x, y):
    classes = np.eye(len(W))
    return W + np.outer(classes[y] - classes[(W @ x).argmax()], x)


@multiclass.right
def multiclass_lists(W, x, y):
    scores = [sum(a * b for a, b in zip(row, x, strict=True)) for row in W]
    predicted = scores.index(max(scores))
    rows = [[float(a) for a in row] for row in W]
    if predicted != y:
        rows[y] = [a + b for a, b in zip(rows[y], x, strict=True)]
        rows[predicted] = [a - b for a, b in zip(rows[predicted], x, strict=True)]
    return rows


@multiclass.right
def multiclass_fortran(W, x, y):
    best, predicted = -np.inf, 0
    for k in range(W.shape[0]):
        if W[k] @ x > best:
            best, predicted = W[k] @ x, k
    step = np.zeros(W.shape[0])
    step[y] += 1
    step[predicted] -= 1
    return np.asfortranarray(W + step[:, None] * x[None, :])


@multiclass.right
def multiclass_transposed_inside(W, x, y):
    scores = np.inner(x, W)
    columns = W.T.astype(float)
    predicted = min(k for k in range(len(scores)) if scores[k] == scores.max())
    if predicted != y:
        columns[:, y] += x
        columns[:, predicted] -= x
    return columns.T


@multiclass.wrong(names="only_gains")
def multiclass_gain(W, x, y):
    predicted = np.argmax(W @ x)
    new = W.copy()
    if predicted != y:
        new[y] += x
    return new


@multiclass.wrong(names="only_loses")
def multiclass_lose(W, x, y):
    predicted = np.argmax(W @ x)
    new = W.copy()
    if predicted != y:
        new[predicted] -= x
    return new


@multiclass.wrong(names="signs_swapped")
def multiclass_swapped(W, x, y):
    predicted = np.argmax(W @ x)
    new = W.copy()
    if predicted != y:
        new[y] -= x
        new[predicted] += x
    return new


@multiclass.wrong(names="all_others_lose")
def multiclass_all_others(W, x, y):
    new = W.copy()
    if np.argmax(W @ x) != y:
        for k in range(len(W)):
            new[k] += x if k == y else -x
    return new


@multiclass.wrong(names="all_higher_lose")
def multiclass_all_higher(W, x, y):
    scores = W @ x
    new = W.copy()
    if scores.argmax() != y:
        new[scores >= scores[y]] -= x
        new[y] += 2 * x
    return new


@multiclass.wrong(names="positive_scores_lose")
def multiclass_all_positive(W, x, y):
    scores = W @ x
    new = W.copy()
    if np.argmax(scores) != y:
        new[y] += x
        for k in range(len(W)):
            if k != y and scores[k] > 0:
                new[k] -= x
    return new


@multiclass.wrong(names="positive_scores_lose_always")
def multiclass_all_positive_always(W, x, y):
    scores = W @ x
    new = W.copy()
    for k in range(len(W)):
        if k == y:
            new[k] += x
        elif scores[k] > 0:
            new[k] -= x
    return new


@multiclass.wrong(names="each_class_for_itself_with_zero")
def multiclass_one_against_rest(W, x, y):
    new = W.copy()
    for k in range(len(W)):
        target = 1 if k == y else -1
        if target * (W[k] @ x) <= 0:
            new[k] += target * x
    return new


@multiclass.wrong(names="each_class_for_itself")
def multiclass_each_predicts(W, x, y):
    new = W.copy()
    for k in range(len(W)):
        answer = int(W[k] @ x > 0)
        new[k] += (int(k == y) - answer) * x
    return new


@multiclass.wrong(names="each_class_for_itself_zero_is_plus")
def multiclass_signs(W, x, y):
    targets = np.where(np.arange(len(W)) == y, 1, -1)
    answers = np.where(W @ x >= 0, 1, -1)
    return W + np.outer((targets - answers) // 2, x)


@multiclass.wrong(names="right_class_always_gains")
def multiclass_always_gain(W, x, y):
    predicted = np.argmax(W @ x)
    new = W.copy()
    new[y] += x
    if predicted != y:
        new[predicted] -= x
    return new


@multiclass.wrong(names="last_of_ties")
def multiclass_last_tie(W, x, y):
    best, predicted = -np.inf, 0
    for k in range(len(W)):
        if W[k] @ x >= best:
            best, predicted = W[k] @ x, k
    new = W.copy()
    if predicted != y:
        new[y] += x
        new[predicted] -= x
    return new


@multiclass.wrong(names="tie_is_right")
def multiclass_tie(W, x, y):
    scores = W @ x
    if scores[y] == np.max(scores):
        return W.copy()
    new = W.copy()
    new[y] += x
    new[np.argmax(scores)] -= x
    return new


@multiclass.wrong(names="smallest_score_first")
def multiclass_argmin(W, x, y):
    predicted = (W @ x).argmin()
    new = W.copy()
    if predicted != y:
        new[y] += x
        new[predicted] -= x
    return new


@multiclass.wrong(names="predicts_too_late")
def multiclass_late(W, x, y):
    new = W.copy()
    new[y] += x
    predicted = np.argmax(new @ x)
    new[predicted] -= x
    return new


@multiclass.wrong(names="nothing_happens")
def multiclass_lost_copy(W, x, y):
    predicted = np.argmax(W @ x)
    if predicted != y:
        new = W.copy()
        new[y] += x
        new[predicted] -= x
    return W


@multiclass.wrong(says="in place")
def multiclass_in_place(W, x, y):
    predicted = np.argmax(W @ x)
    if predicted != y:
        W[y] += x
        W[predicted] -= x
    return W


@multiclass.wrong()
def multiclass_views(W, x, y):
    new = W.copy()
    right = new[y]
    right = right + x
    new[np.argmax(W @ x)] -= x
    return new


@multiclass.wrong(says="None")
def multiclass_no_return(W, x, y):
    predicted = np.argmax(W @ x)
    W = W.copy()
    if predicted != y:
        W[y] += x
        W[predicted] -= x


@multiclass.wrong()
def multiclass_columns(W, x, y):
    predicted = np.argmax(x @ W[:, : len(x)].T)
    new = W.copy()
    new[:, min(y, W.shape[1] - 1)] += 1
    new[predicted] -= x
    return new


@multiclass.wrong(says="transposed")
def multiclass_transposed(W, x, y):
    return multiclass_without_if(W, x, y).T


@multiclass.wrong()
def multiclass_half_step(W, x, y):
    new = W.copy().astype(float)
    predicted = np.argmax(W @ x)
    if predicted != y:
        new[y] += 0.5 * x
        new[predicted] -= 0.5 * x
    return new


@multiclass.wrong(says="array of shape")
def multiclass_gives_prediction(W, x, y):
    return str(np.argmax(W @ x))


@multiclass.wrong(names="softmax_step")
def multiclass_softmax(W, x, y):
    scores = W @ x
    p = np.exp(scores - scores.max())
    p /= p.sum()
    p[y] -= 1
    return W - np.outer(p, x)


@multiclass.wrong()
def multiclass_runner_up(W, x, y):
    scores = W @ x
    predicted = np.argsort(scores, kind="stable")[-2]
    new = W.copy()
    if np.argmax(scores) != y:
        new[y] += x
        new[predicted] -= x
    return new


@multiclass.wrong(says="An axis too few")
def multiclass_returns_row(W, x, y):
    return multiclass_without_if(W, x, y)[y]


# --- averaged_perceptron -----------------------------------------------------------------------------

averaged = Bank("averaged_perceptron")


@averaged.right
def averaged_list(X, y, epochs=1):
    w = np.zeros(X.shape[1])
    history = []
    for _ in range(epochs):
        for i in range(len(X)):
            if y[i] * np.dot(w, X[i]) <= 0:
                w = w + y[i] * X[i]
            history.append(w)
    return np.mean(history, axis=0)


@averaged.right
def averaged_in_place(X, y, epochs=1):
    n, d = X.shape
    w, total = np.zeros(d), np.zeros(d)
    for _epoch in range(epochs):
        for x_i, y_i in zip(X, y, strict=True):
            if y_i * (x_i @ w) <= 0:
                w += y_i * x_i
            total += w
    return total / (n * epochs)


@averaged.right
def averaged_running_mean(X, y, epochs=1):
    w = mean = np.zeros(X.shape[1])
    examples = itertools.islice(itertools.cycle(zip(X, y, strict=True)), epochs * len(X))
    for visits, (x, label) in enumerate(examples, start=1):
        if label * (w @ x) <= 0:
            w = w + label * x
        mean = mean + (w - mean) / visits
    return mean


@averaged.right
def averaged_lazily(X, y, epochs=1):
    """Daumé's trick: keep the steps weighted by when they were made, and correct once at the end."""
    w, u, c = np.zeros(X.shape[1]), np.zeros(X.shape[1]), 0
    for _ in range(epochs):
        for x, label in zip(X, y, strict=True):
            if label * (w @ x) <= 0:
                w = w + label * x
                u = u + c * label * x
            c = c + 1
    return w - u / c


@averaged.right
def averaged_table(X, y, epochs=1):
    table = np.zeros((epochs * len(X) + 1, X.shape[1]))
    for i in range(epochs * len(X)):
        j = i % len(X)
        wrong = y[j] * (table[i] @ X[j]) <= 0
        table[i + 1] = table[i] + wrong * y[j] * X[j]
    return table[1:].mean(0)


@averaged.right
def averaged_plain_python(X, y, epochs=1):
    rows = X.tolist()
    d = len(rows[0])
    w, total = [0.0] * d, [0.0] * d
    for _ in range(epochs):
        for x, label in zip(rows, y.tolist(), strict=True):
            if label * sum(a * b for a, b in zip(w, x, strict=True)) <= 0:
                w = [a + label * b for a, b in zip(w, x, strict=True)]
            total = [t + a for t, a in zip(total, w, strict=True)]
    return [t / (epochs * len(rows)) for t in total]


@averaged.wrong(names="last_w")
def averaged_final(X, y, epochs=1):
    w = np.zeros(X.shape[1])
    for _ in range(epochs):
        for i in range(len(X)):
            if y[i] * (w @ X[i]) <= 0:
                w = w + y[i] * X[i]
    return w


@averaged.wrong(names="last_w", says="append `w.copy()`")
def averaged_aliased(X, y, epochs=1):
    w = np.zeros(X.shape[1])
    history = []
    for _ in range(epochs):
        for i in range(len(X)):
            if y[i] * (w @ X[i]) <= 0:
                w += y[i] * X[i]
            history.append(w)
    return np.mean(history, axis=0)


@averaged.wrong(names="after_mistakes_only")
def averaged_mistakes(X, y, epochs=1):
    w, total, count = np.zeros(X.shape[1]), np.zeros(X.shape[1]), 0
    for _ in range(epochs):
        for i in range(len(X)):
            if y[i] * (w @ X[i]) <= 0:
                w = w + y[i] * X[i]
                total += w
                count += 1
    return total / count


@averaged.wrong(names="mistakes_over_visits")
def averaged_indented_too_far(X, y, epochs=1):
    w, total = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    for _ in range(epochs):
        for i in range(len(X)):
            if y[i] * (w @ X[i]) <= 0:
                w = w + y[i] * X[i]
                total += w
    return total / (epochs * len(X))


@averaged.wrong(names="zeros_counted")
def averaged_with_zeros(X, y, epochs=1):
    w = np.zeros(X.shape[1])
    history = [w]
    for _ in range(epochs):
        for i in range(len(X)):
            if y[i] * (w @ X[i]) <= 0:
                w = w + y[i] * X[i]
            history.append(w)
    return np.mean(history, axis=0)


@averaged.wrong(names="added_before")
def averaged_too_early(X, y, epochs=1):
    w, total = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    for _ in range(epochs):
        for i in range(len(X)):
            total += w
            if y[i] * (w @ X[i]) <= 0:
                w = w + y[i] * X[i]
    return total / (epochs * len(X))


@averaged.wrong(names="end_of_epochs")
def averaged_epochs(X, y, epochs=1):
    w, total = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    for _ in range(epochs):
        for i in range(len(X)):
            if y[i] * (w @ X[i]) <= 0:
                w = w + y[i] * X[i]
        total += w
    return total / epochs


@averaged.wrong(names="sum_of_w")
def averaged_sum(X, y, epochs=1):
    w, total = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    for _ in range(epochs):
        for i in range(len(X)):
            if y[i] * (w @ X[i]) <= 0:
                w = w + y[i] * X[i]
            total += w
    return total


@averaged.wrong(names="divided_by_n")
def averaged_over_n(X, y, epochs=1):
    return averaged_sum(X, y, epochs) / len(X)


@averaged.wrong(names="divided_by_epochs")
def averaged_over_epochs(X, y, epochs=1):
    return averaged_sum(X, y, epochs) / epochs


@averaged.wrong(names="one_epoch")
def averaged_once(X, y, epochs=1):
    w, total = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    for i in range(len(X)):
        if y[i] * (w @ X[i]) <= 0:
            w = w + y[i] * X[i]
        total += w
    return total / len(X)


@averaged.wrong(names="one_epoch", says="set w to zero once")
def averaged_w_restarts(X, y, epochs=1):
    total = np.zeros(X.shape[1])
    for _ in range(epochs):
        w = np.zeros(X.shape[1])
        for i in range(len(X)):
            if y[i] * (w @ X[i]) <= 0:
                w = w + y[i] * X[i]
            total += w
    return total / (epochs * len(X))


@averaged.wrong(names="returns_in_loop", says="begin anew")
def averaged_both_restart(X, y, epochs=1):
    for _ in range(epochs):
        w, total = np.zeros(X.shape[1]), np.zeros(X.shape[1])
        for i in range(len(X)):
            if y[i] * (w @ X[i]) <= 0:
                w = w + y[i] * X[i]
            total += w
    return total / (epochs * len(X))


@averaged.wrong(names="last_epoch_over_visits")
def averaged_total_restarts_and_visits(X, y, epochs=1):
    w = np.zeros(X.shape[1])
    for _ in range(epochs):
        total = np.zeros(X.shape[1])
        for i in range(len(X)):
            if y[i] * (w @ X[i]) <= 0:
                w = w + y[i] * X[i]
            total += w
    return total / (epochs * len(X))


@averaged.wrong(names="last_epoch_only")
def averaged_total_restarts(X, y, epochs=1):
    w = np.zeros(X.shape[1])
    for _ in range(epochs):
        total = np.zeros(X.shape[1])
        for i in range(len(X)):
            if y[i] * (w @ X[i]) <= 0:
                w = w + y[i] * X[i]
            total += w
    return total / len(X)


@averaged.wrong(names="never_starts")
def averaged_strict(X, y, epochs=1):
    w, total = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    for _ in range(epochs):
        for i in range(len(X)):
            if y[i] * (w @ X[i]) < 0:
                w = w + y[i] * X[i]
            total += w
    return total / (epochs * len(X))


@averaged.wrong(names="updates_always")
def averaged_hebb(X, y, epochs=1):
    w, total = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    for _ in range(epochs):
        for i in range(len(X)):
            w = w + y[i] * X[i]
            total += w
    return total / (epochs * len(X))


@averaged.wrong(names="stops_early")
def averaged_stops(X, y, epochs=1):
    w, total, visits = np.zeros(X.shape[1]), np.zeros(X.shape[1]), 0
    for _ in range(epochs):
        mistakes = 0
        for i in range(len(X)):
            if y[i] * (w @ X[i]) <= 0:
                w = w + y[i] * X[i]
                mistakes += 1
            total += w
            visits += 1
        if mistakes == 0:
            break
    return total / visits


@averaged.wrong(names="step_turned")
def averaged_minus(X, y, epochs=1):
    w, total = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    for _ in range(epochs):
        for i in range(len(X)):
            if y[i] * (w @ X[i]) <= 0:
                w -= y[i] * X[i]
            total += w
    return total / (epochs * len(X))


@averaged.wrong(names="predicts_with_average")
def averaged_predicts_with_average(X, y, epochs=1):
    w, total, visits = np.zeros(X.shape[1]), np.zeros(X.shape[1]), 0
    for _ in range(epochs):
        for i in range(len(X)):
            if y[i] * (total @ X[i]) <= 0:
                w = w + y[i] * X[i]
            total += w
            visits += 1
    return total / visits


@averaged.wrong(says="two different answers")
def averaged_shuffled(X, y, epochs=1):
    order = np.random.permutation(len(X))  # noqa: NPY002
    return averaged_list(X[order], y[order], epochs)


@averaged.wrong()
def averaged_restarts(X, y, epochs=1):
    return np.mean([averaged_once(X, y) for _ in range(epochs + 1)], axis=0) * (1 if epochs == 1 else 0.5)


@averaged.wrong(says="axis of length 1")
def averaged_row(X, y, epochs=1):
    return averaged_list(X, y, epochs)[None]


@averaged.wrong(says="An axis too many")
def averaged_history(X, y, epochs=1):
    w = np.zeros(X.shape[1])
    history = []
    for _ in range(epochs):
        for i in range(len(X)):
            if y[i] * (w @ X[i]) <= 0:
                w = w + y[i] * X[i]
            history.append(w)
    return np.array(history)


@averaged.wrong(says="An axis too few")
def averaged_mean_of_everything(X, y, epochs=1):
    w = np.zeros(X.shape[1])
    history = []
    for _ in range(epochs):
        for i in range(len(X)):
            if y[i] * (w @ X[i]) <= 0:
                w = w + y[i] * X[i]
            history.append(w)
    return np.mean(history)


@averaged.wrong(says="in place")
def averaged_changes_data(X, y, epochs=1):
    result = averaged_list(X, y, epochs)
    X *= y[:, None]
    return result


@averaged.wrong(names="returns_in_loop")
def averaged_returns_too_early(X, y, epochs=1):
    w, total = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    for _ in range(epochs):
        for i in range(len(X)):
            if y[i] * (w @ X[i]) <= 0:
                w = w + y[i] * X[i]
            total += w
        return total / (epochs * len(X))

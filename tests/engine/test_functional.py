"""What layers compute, against PyTorch and against finite differences; fast forms against plain ones."""
# ruff: noqa: E731, N812

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as TF
from hypothesis import given
from hypothesis import strategies as st

import mini_dl
from mini_dl.nn import functional as F
from mini_dl.nn.blocks import BLOCK, in_blocks, sum_last, sum_rows
from tests.engine.against_torch import (
    LAYOUTS,
    assert_close,
    compare,
    differences,
    dtypes,
    lay_out,
    layouts,
    seeds,
    shapes,
    values,
)

sides = st.integers(1, 4)


@given(
    shape=shapes(min_dims=1, max_dims=4),
    out=st.integers(0, 4),
    bias=st.booleans(),
    dtype=dtypes,
    layout=layouts,
    seed=seeds,
)
def test_linear(shape, out, bias, dtype, layout, seed):
    arrays = [values(seed, shape, dtype), values(seed + 1, (out, shape[-1]), dtype)]
    arrays += [values(seed + 2, (out,), dtype)] if bias else []
    compare(F.linear, TF.linear, arrays, layout=layout)
    differences(F.linear, arrays)


ACTIVATIONS = {
    "leaky_relu": (lambda x: F.leaky_relu(x, 0.2), lambda x: TF.leaky_relu(x, 0.2)),
    "gelu": (F.gelu, TF.gelu),
    "gelu, tanh": (lambda x: F.gelu(x, "tanh"), lambda x: TF.gelu(x, approximate="tanh")),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
@given(
    shape=shapes(),
    dtype=dtypes,
    layout=layouts,
    seed=seeds,
    kind=st.sampled_from(["normal", "large", "ties"]),
)
def test_activations(name, shape, dtype, layout, seed, kind):
    ours, theirs = ACTIVATIONS[name]
    x = values(seed, shape, dtype, kind)
    compare(ours, theirs, [x], layout=layout)
    if kind == "normal":
        differences(ours, [x])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_relu_with_an_array_of_zeros_equals_the_plain_one(layout):
    x = np.random.default_rng(0).standard_normal((4, 5, 6))
    x[0, 0] = np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0
    x = lay_out(x, layout)
    out = F.relu(mini_dl.from_numpy(x)).data
    np.testing.assert_array_equal(out, np.maximum(x, 0))
    if layout in ("plain", "transposed"):  # it lies as its input does, so the next operation makes no copy
        assert out.strides == x.strides


def test_gelu_in_blocks_equals_the_formula():
    x = mini_dl.randn(3, BLOCK, dtype=np.float64, requires_grad=True)
    plain = mini_dl.tensor(x.data, requires_grad=True)
    formula = 0.5 * plain * (1 + (math.sqrt(2 / math.pi) * (plain + 0.044715 * plain**3)).tanh())
    fast = F.gelu(x, "tanh")
    assert_close(fast, formula, "gelu")
    (fast**2).sum().backward()
    (formula**2).sum().backward()
    assert_close(x.grad, plain.grad, "gradient")


def test_exact_gelu_equals_the_error_function():
    """The table and its series against the C library, at its points, between them and beyond."""
    x = np.concatenate([np.linspace(-10, 10, 12345), np.arange(-1200, 1201) / 128, [np.inf, np.nan]])
    normal = np.array([0.5 + 0.5 * math.erf(v * 0.5**0.5) for v in x])
    assert np.nanmax(np.abs(F._normal(x) - normal)) <= 2**-52
    assert np.isnan(F._normal(x)[-1])


def test_dropout():
    mini_dl.manual_seed(0)
    x = mini_dl.ones(200, 200, requires_grad=True)
    y = F.dropout(x, 0.25)
    assert set(np.unique(y.numpy())) == {0.0, np.float32(1 / 0.75)}
    assert abs(float(y.mean()) - 1) < 0.02
    y.sum().backward()
    assert_close(x.grad, y.detach(), "gradient")  # of ones: the mask itself
    assert F.dropout(x, 0.25, training=False) is x
    assert F.dropout(x, 0.0) is x
    assert float(F.dropout(x, 1.0).sum()) == 0
    with pytest.raises(ValueError, match=r"between 0 and 1, not 1\.5"):
        F.dropout(x, 1.5)


@given(shape=shapes(max_dims=3), count=st.integers(1, 5), width=st.integers(0, 3), dtype=dtypes, seed=seeds)
def test_embedding(shape, count, width, dtype, seed):
    index = np.random.default_rng(seed).integers(0, count, shape)
    arrays = [np.asarray(index), values(seed, (count, width), dtype)]
    compare(F.embedding, TF.embedding, arrays)
    differences(F.embedding, arrays)


# ---- normalisation ---------------------------------------------------------------------------------


@given(
    shape=shapes(min_dims=2, max_dims=4, min_side=1),
    axes=st.integers(1, 2),
    dtype=dtypes,
    layout=layouts,
    seed=seeds,
)
def test_layer_norm(shape, axes, dtype, layout, seed):
    inner = shape[-axes:] if axes < len(shape) else shape[-1:]
    x, w, b = values(seed, shape, dtype), values(seed + 1, inner, dtype), values(seed + 2, inner, dtype)
    tol = None if dtype == np.float64 else 1e-3  # short rows can have a variance near 0
    compare(
        lambda x, w, b: F.layer_norm(x, inner, w, b),
        lambda x, w, b: TF.layer_norm(x, inner, w, b),
        [x, w, b],
        layout=layout,
        tol=tol,
    )
    differences(lambda x, w, b: F.layer_norm(x, inner, w, b, eps=0.1), [x, w, b])


def test_layer_norm_in_blocks_equals_the_formula():
    x = mini_dl.randn(500, 100, dtype=np.float64, requires_grad=True)
    w, b = mini_dl.randn(100, dtype=np.float64), mini_dl.randn(100, dtype=np.float64)
    plain = mini_dl.tensor(x.data, requires_grad=True)
    off = plain - plain.mean(-1, True)
    formula = off / (plain.var(-1, 0, True) + 1e-5).sqrt() * w + b
    fast = F.layer_norm(x, (100,), w, b)
    assert_close(fast, formula, "layer norm")
    (fast**3).sum().backward()
    (formula**3).sum().backward()
    assert_close(x.grad, plain.grad, "gradient")


@given(
    n=st.integers(2, 5),
    c=sides,
    image=st.booleans(),
    dtype=dtypes,
    layout=layouts,
    seed=seeds,
    training=st.booleans(),
)
def test_batch_norm(n, c, image, dtype, layout, seed, training):
    shape = (n, c, 2, 3) if image else (n, c)
    x, w, b = values(seed, shape, dtype), values(seed + 1, (c,), dtype), values(seed + 2, (c,), dtype)
    mean, var = values(seed + 3, (c,), dtype), values(seed + 4, (c,), dtype, "positive")
    ours, theirs = (mini_dl.tensor(mean), mini_dl.tensor(var)), (torch.tensor(mean), torch.tensor(var))
    tol = 1e-8 if dtype == np.float64 else 1e-3
    compare(
        lambda x, w, b: F.batch_norm(x, *ours, w, b, training),
        lambda x, w, b: TF.batch_norm(x, *theirs, w, b, training),
        [x, w, b],
        layout=layout,
        tol=tol,
    )
    for a, r in zip(ours, theirs, strict=True):
        assert_close(a, r, "running statistics")
    differences(lambda x, w, b: F.batch_norm(x, *ours, w, b, training, eps=0.1), [x, w, b])


# ---- convolution and pooling -----------------------------------------------------------------------


@given(
    data=st.data(),
    n=st.integers(0, 3),
    c=sides,
    o=sides,
    bias=st.booleans(),
    dtype=dtypes,
    layout=layouts,
    seed=seeds,
)
def test_conv2d(data, n, c, o, bias, dtype, layout, seed):
    pair = lambda low, high: data.draw(st.tuples(st.integers(low, high), st.integers(low, high)))
    kernel, stride, padding, dilation = pair(1, 3), pair(1, 3), pair(0, 2), pair(1, 2)
    least = [d * (k - 1) + 1 - 2 * p for k, p, d in zip(kernel, padding, dilation, strict=True)]
    h, w = (max(1, m) + data.draw(st.integers(0, 3)) for m in least)
    arrays = [values(seed, (n, c, h, w), dtype), values(seed + 1, (o, c, *kernel), dtype)]
    arrays += [values(seed + 2, (o,), dtype)] if bias else []
    settings = {"stride": stride, "padding": padding, "dilation": dilation}
    if n:
        compare(
            lambda *a: F.conv2d(*a, **settings), lambda *a: TF.conv2d(*a, **settings), arrays, layout=layout
        )
    if arrays[0].size <= 40:
        differences(lambda *a: F.conv2d(*a, **settings), arrays)


def test_convolution_equals_its_loops():
    """The one matrix product is the sum that the definition says."""
    rng = np.random.default_rng(0)
    x, w, b = rng.standard_normal((2, 3, 6, 5)), rng.standard_normal((4, 3, 3, 2)), rng.standard_normal(4)
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    expected = np.zeros((2, 4, 3, 3))
    for n, o, i, j in np.ndindex(expected.shape):
        window = padded[n, :, 2 * i : 2 * i + 3, 2 * j : 2 * j + 2]
        expected[n, o, i, j] = (window * w[o]).sum() + b[o]
    got = F.conv2d(mini_dl.tensor(x), mini_dl.tensor(w), mini_dl.tensor(b), stride=2, padding=1)
    assert_close(got, expected, "convolution")


def test_integer_settings_of_convolution():
    arrays = [values(0, (2, 2, 5, 5), np.float64), values(1, (3, 2, 2, 2), np.float64)]
    compare(lambda *a: F.conv2d(*a, None, 2, 1, 2), lambda *a: TF.conv2d(*a, None, 2, 1, 2), arrays)


POOLS = {
    "max": (F.max_pool2d, TF.max_pool2d),
    "average": (F.avg_pool2d, TF.avg_pool2d),
}


@pytest.mark.parametrize("name", POOLS)
@given(
    data=st.data(),
    n=st.integers(1, 2),
    c=sides,
    dtype=dtypes,
    layout=layouts,
    seed=seeds,
    kind=st.sampled_from(["normal", "ties"]),
)
def test_pooling(name, data, n, c, dtype, layout, seed, kind):
    ours, theirs = POOLS[name]
    kernel, stride = data.draw(st.integers(1, 3)), data.draw(st.one_of(st.none(), st.integers(1, 3)))
    padding = data.draw(st.integers(0, kernel // 2))
    h, w = data.draw(st.integers(kernel, 6)), data.draw(st.integers(kernel, 6))
    x = values(seed, (n, c, h, w), dtype, kind)
    compare(
        lambda x: ours(x, kernel, stride, padding),
        lambda x: theirs(x, kernel, stride, padding),
        [x],
        layout=layout,
    )
    if kind == "normal" and x.size <= 40:
        differences(lambda x: ours(x, kernel, stride, padding), [x])


def test_pooling_with_pairs():
    x = values(0, (2, 2, 6, 7), np.float64)
    compare(lambda x: F.max_pool2d(x, (2, 3), (1, 2)), lambda x: TF.max_pool2d(x, (2, 3), (1, 2)), [x])


# ---- attention -------------------------------------------------------------------------------------


@given(data=st.data(), t=sides, s=sides, d=sides, e=sides, dtype=dtypes, layout=layouts, seed=seeds)
def test_attention(data, t, s, d, e, dtype, layout, seed):
    front = data.draw(st.sampled_from([(), (2,), (2, 3)]))
    q, k, v = (values(seed + i, (*front, *size), dtype) for i, size in enumerate([(t, d), (s, d), (s, e)]))
    ours, theirs = F.scaled_dot_product_attention, TF.scaled_dot_product_attention
    compare(ours, theirs, [q, k, v], layout=layout)
    compare(
        lambda *a: ours(*a, is_causal=True), lambda *a: theirs(*a, is_causal=True), [q, k, v], layout=layout
    )
    mask = np.random.default_rng(seed).random((t, s)) < 0.7
    mask[:, 0] = True
    compare(ours, theirs, [q, k, v, mask], layout=layout)
    compare(ours, theirs, [q, k, v, values(seed + 4, (t, s), dtype)], layout=layout)
    if q.size + k.size + v.size <= 40:
        differences(lambda *a: ours(*a, is_causal=True), [q, k, v])
        differences(ours, [q, k, v, values(seed + 4, (t, s), np.float64)])


def test_attention_to_nothing_gives_zeros():
    x = mini_dl.ones(1, 2, 3, requires_grad=True)
    out = F.scaled_dot_product_attention(x, x, x, mini_dl.tensor([[True, True], [False, False]]))
    assert out[0, 1].tolist() == [0, 0, 0]
    out.sum().backward()
    assert np.isfinite(x.grad.numpy()).all()


def test_the_causal_mask_leaks_nothing():
    x = mini_dl.randn(1, 5, 4, requires_grad=True)
    F.scaled_dot_product_attention(x, x, x, is_causal=True)[0, 2].sum().backward()
    assert not x.grad[0, 3:].numpy().any()
    assert x.grad[0, :3].numpy().all()


# ---- recurrent -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["rnn", "rnn, relu", "gru", "lstm"])
@given(
    steps=st.integers(1, 4),
    batch=sides,
    features=sides,
    hidden=sides,
    dtype=dtypes,
    layout=layouts,
    seed=seeds,
)
def test_recurrent(kind, steps, batch, features, hidden, dtype, layout, seed):
    gates = {"gru": 3, "lstm": 4}.get(kind, 1)
    sizes = [
        (steps, batch, features),
        (batch, hidden),
        (gates * hidden, features),
        (gates * hidden, hidden),
        (gates * hidden,),
        (gates * hidden,),
    ]
    x, h, *weights = (values(seed + i, s, dtype, "unit") for i, s in enumerate(sizes))
    if kind == "lstm":
        arrays = [x, h, values(seed + 9, h.shape, dtype), *weights]

        def ours(*a):
            out = F.lstm(*a)
            return out[0], out[0, -1], out[1, -1]

        def theirs(x, h, c, *w):
            out, hn, cn = torch.lstm(x, (h[None], c[None]), w, True, 1, 0.0, False, False, False)
            return out, hn[0], cn[0]
    else:
        arrays = [x, h, *weights]
        fused = {"gru": F.gru, "rnn": F.rnn, "rnn, relu": lambda *a: F.rnn(*a, nonlinearity="relu")}[kind]
        reference = {"gru": torch.gru, "rnn": torch.rnn_tanh, "rnn, relu": torch.rnn_relu}[kind]

        def ours(*a):
            out = fused(*a)
            return out, out[-1]

        def theirs(x, h, *w):
            out, hn = reference(x, h[None], w, True, 1, 0.0, False, False, False)
            return out, hn[0]

    compare(ours, theirs, arrays, layout=layout)
    if x.size + h.size <= 20 and kind != "rnn, relu":
        differences(ours, arrays)


@pytest.mark.parametrize("steps", [1, 4])
def test_lstm_equals_its_equations(steps):
    """The fused sequence, with one product a step and one tanh for all gates, is the plain definition."""
    rng = np.random.default_rng(0)
    sizes = {"x": (steps, 2, 3), "h": (2, 5), "c": (2, 5), "w_ih": (20, 3), "w_hh": (20, 5), "b": (20,)}
    arrays = {name: rng.standard_normal(size) for name, size in sizes.items()}
    grads = []
    for plain in (False, True):
        leaves = {name: mini_dl.tensor(a, requires_grad=True) for name, a in arrays.items()}
        x, h, c, w_ih, w_hh, b = leaves.values()
        if plain:
            history = []
            for t in range(steps):
                z = x[t] @ w_ih.T + h @ w_hh.T + b
                i, f, g, o = z.split(5, dim=1)
                c = f.sigmoid() * c + i.sigmoid() * g.tanh()
                h = o.sigmoid() * c.tanh()
                history.append(mini_dl.stack([h, c]))
            out = mini_dl.stack(history, dim=1)
        else:
            out = F.lstm(x, h, c, w_ih, w_hh, b, mini_dl.tensor(np.zeros(20)))
        (out * mini_dl.tensor(np.arange(out.numel()).reshape(out.shape) / out.numel())).sum().backward()
        grads.append({"out": out.detach(), **{name: leaf.grad for name, leaf in leaves.items()}})
    for name, value in grads[0].items():
        assert_close(value, grads[1][name], name)


# ---- losses ----------------------------------------------------------------------------------------

reductions = st.sampled_from(["mean", "sum", "none"])


@given(shape=shapes(min_side=1), dtype=dtypes, layout=layouts, seed=seeds, reduction=reductions)
def test_mse_loss(shape, dtype, layout, seed, reduction):
    arrays = [values(seed, shape, dtype), values(seed + 1, shape, dtype)]
    compare(
        lambda *a: F.mse_loss(*a, reduction=reduction),
        lambda *a: TF.mse_loss(*a, reduction=reduction),
        arrays,
        layout=layout,
    )
    differences(lambda *a: F.mse_loss(*a, reduction=reduction), arrays)


@given(
    shape=shapes(min_side=1),
    dtype=dtypes,
    seed=seeds,
    reduction=reductions,
    kind=st.sampled_from(["normal", "large"]),
)
def test_binary_cross_entropy(shape, dtype, seed, reduction, kind):
    ours, theirs = F.binary_cross_entropy_with_logits, TF.binary_cross_entropy_with_logits
    arrays = [values(seed, shape, dtype, kind), np.asarray(np.abs(values(seed + 1, shape, dtype, "unit")))]
    compare(lambda *a: ours(*a, reduction=reduction), lambda *a: theirs(*a, reduction=reduction), arrays)
    if kind == "normal":
        differences(lambda *a: ours(*a, reduction=reduction), arrays)


@given(
    data=st.data(),
    n=st.integers(1, 4),
    classes=st.integers(1, 5),
    dtype=dtypes,
    layout=layouts,
    seed=seeds,
    reduction=reductions,
    smoothing=st.sampled_from([0.0, 0.1]),
    kind=st.sampled_from(["normal", "large", "ties"]),
)
def test_cross_entropy(data, n, classes, dtype, layout, seed, reduction, smoothing, kind):
    rest = data.draw(st.sampled_from([(), (3,), (2, 2)]))
    target = np.random.default_rng(seed).integers(0, classes, (n, *rest))
    target.flat[1:] = np.where(
        np.random.default_rng(seed + 1).random(target.size - 1) < 0.3, -100, target.flat[1:]
    )
    x = values(seed, (n, classes, *rest), dtype, kind)
    settings = {"reduction": reduction, "label_smoothing": smoothing}
    compare(
        lambda *a: F.cross_entropy(*a, **settings),
        lambda *a: TF.cross_entropy(*a, **settings),
        [x, target],
        layout=layout,
    )
    if kind == "normal" and x.size <= 40:
        differences(lambda *a: F.cross_entropy(*a, **settings), [x, target])


def test_cross_entropy_of_one_example_and_another_ignored_value():
    x = values(0, (4,), np.float64)
    compare(F.cross_entropy, TF.cross_entropy, [x, np.array(2)])
    x, y = values(0, (3, 4), np.float64), np.array([0, 3, 1])
    compare(
        lambda x, y: F.cross_entropy(x, y, 3), lambda x, y: TF.cross_entropy(x, y, ignore_index=3), [x, y]
    )


def test_cross_entropy_equals_its_parts():
    x, y = mini_dl.randn(5, 3, dtype=np.float64), mini_dl.tensor([0, 2, 1, 1, 0])
    parts = -(x.log_softmax(1) * mini_dl.one_hot(y, 3)).sum(1).mean()
    assert_close(F.cross_entropy(x, y), parts, "cross-entropy")


def test_cross_entropy_without_overflow():
    loss = F.cross_entropy(mini_dl.tensor([[1e4, -1e4]]), mini_dl.tensor([1]))
    assert float(loss) == 2e4


# ---- the helpers that make things fast -------------------------------------------------------------


def test_sum_rows_is_a_sum():
    x = np.random.default_rng(0).standard_normal((70, 9))
    assert_close(sum_rows(x), x.sum(axis=0), "sum_rows")


@pytest.mark.parametrize("shape", [(4, 3), (2, 5, 7), (0, 3), (2, 0)])
def test_sum_last_is_a_sum(shape):
    x = np.random.default_rng(0).standard_normal(shape)
    assert_close(sum_last(x), x.sum(axis=-1, keepdims=True), "sum_last")


def test_pieces_cover_everything_once():
    x = np.zeros(2 * BLOCK + 7)
    for (piece,) in in_blocks(x):
        assert piece.size <= BLOCK
        piece += 1
    assert (x == 1).all()
    y = np.zeros((300, 300)).T  # not contiguous: changed as a whole, in place
    for (piece,) in in_blocks(y[:, ::2]):
        piece += 1
    assert y.sum() == 300 * 150

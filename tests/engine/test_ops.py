"""Every operation of `mini_dl.ops` against PyTorch and against finite differences."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import mini_dl
from mini_dl import ops
from tests.engine.against_torch import (
    assert_close,
    compare,
    differences,
    dtypes,
    layouts,
    seeds,
    shapes,
    stretched,
    values,
)

UNARY = {
    "neg": (lambda x: -x, lambda x: -x, "normal"),
    "abs": (lambda x: x.abs(), torch.abs, "normal"),
    "exp": (lambda x: x.exp(), torch.exp, "normal"),
    "log": (lambda x: x.log(), torch.log, "positive"),
    "sqrt": (lambda x: x.sqrt(), torch.sqrt, "positive"),
    "sin": (lambda x: x.sin(), torch.sin, "normal"),
    "cos": (lambda x: x.cos(), torch.cos, "normal"),
    "tanh": (lambda x: x.tanh(), torch.tanh, "normal"),
    "sigmoid": (lambda x: x.sigmoid(), torch.sigmoid, "large"),
    "relu": (lambda x: x.relu(), torch.relu, "normal"),
    "square": (lambda x: x**2, lambda x: x**2, "normal"),
    "cube": (lambda x: x**3.0, lambda x: x**3.0, "normal"),
    "to the 0": (lambda x: x**0, lambda x: x**0, "normal"),
    "to the -1": (lambda x: x**-1, lambda x: x**-1, "positive"),
    "2 to the x": (lambda x: 2**x, lambda x: 2**x, "normal"),
    "clamp": (lambda x: x.clamp(-0.5, 0.7), lambda x: x.clamp(-0.5, 0.7), "normal"),
    "clamp below": (lambda x: x.clamp(min=0.1), lambda x: x.clamp(min=0.1), "normal"),
    "clamp above": (lambda x: x.clamp(max=0.1), lambda x: x.clamp(max=0.1), "normal"),
    "3 + x": (lambda x: 3 + x, lambda x: 3 + x, "normal"),
    "3 - x": (lambda x: 3 - x, lambda x: 3 - x, "normal"),
    "x - 3": (lambda x: x - 3, lambda x: x - 3, "normal"),
    "0.5 * x": (lambda x: 0.5 * x, lambda x: 0.5 * x, "normal"),
    "x / 4": (lambda x: x / 4, lambda x: x / 4, "normal"),
    "2 / x": (lambda x: 2 / x, lambda x: 2 / x, "positive"),
    "x * x + x": (lambda x: x * x + x, lambda x: x * x + x, "normal"),
    "sum": (lambda x: x.sum(), torch.sum, "normal"),
    "mean": (
        lambda x: (x * 1).mean() if x.numel() else x.sum(),
        lambda x: x.mean() if x.numel() else x.sum(),
        "normal",
    ),
    "T": (lambda x: x.T, lambda x: x.permute(tuple(range(x.ndim))[::-1]), "normal"),
    "squeeze": (lambda x: x.squeeze(), lambda x: x.squeeze(), "normal"),
    "reshape": (
        lambda x: x.reshape(-1) if x.numel() else x,
        lambda x: x.reshape(-1) if x.numel() else x,
        "normal",
    ),
    "unsqueeze": (lambda x: x.unsqueeze(-1), lambda x: x.unsqueeze(-1), "normal"),
    "to float64": (lambda x: x.to(np.float64), lambda x: x.to(torch.float64), "normal"),
}


@pytest.mark.parametrize("name", UNARY)
@given(shape=shapes(), dtype=dtypes, layout=layouts, seed=seeds)
def test_unary(name, shape, dtype, layout, seed):
    ours, theirs, kind = UNARY[name]
    compare(ours, theirs, [values(seed, shape, dtype, kind)], layout=layout)


@pytest.mark.parametrize("name", UNARY)
@given(shape=shapes(max_dims=3, max_side=3), seed=seeds)
def test_unary_differences(name, shape, seed):
    ours, _, kind = UNARY[name]
    differences(ours, [values(seed, shape, np.float64, kind if kind != "large" else "normal")])


@pytest.mark.parametrize(
    "name", ["abs", "exp", "tanh", "sigmoid", "relu", "clamp", "square", "neg", "to the 0"]
)
@pytest.mark.parametrize("kind", ["ties", "wild"])
@given(shape=shapes(min_dims=1), dtype=dtypes, seed=seeds)
def test_unary_at_ties_and_infinities(name, kind, shape, dtype, seed):
    ours, theirs, _ = UNARY[name]
    with np.errstate(all="ignore"):
        compare(ours, theirs, [values(seed, shape, dtype, kind)])


BINARY = {
    "add": (lambda x, y: x + y, lambda x, y: x + y, "normal"),
    "sub": (lambda x, y: x - y, lambda x, y: x - y, "normal"),
    "mul": (lambda x, y: x * y, lambda x, y: x * y, "normal"),
    "div": (lambda x, y: x / y, lambda x, y: x / y, "positive"),
    "pow": (lambda x, y: x**y, lambda x, y: x**y, "positive"),
    "maximum": (ops.maximum, torch.maximum, "normal"),
    "minimum": (ops.minimum, torch.minimum, "normal"),
}


@pytest.mark.parametrize("name", BINARY)
@given(
    data=st.data(),
    shape=shapes(),
    dtype=dtypes,
    layout=layouts,
    seed=seeds,
    kind=st.sampled_from(["", "ties"]),
)
def test_binary_with_broadcasting(name, data, shape, dtype, layout, seed, kind):
    ours, theirs, usual = BINARY[name]
    kind = usual if usual == "positive" else kind or usual
    x = values(seed, stretched(data.draw, shape), dtype, kind)
    y = values(seed + 1, shape, dtype, kind)
    for pair in ([x, y], [y, x]):
        compare(ours, theirs, pair, layout=layout)


@pytest.mark.parametrize("name", BINARY)
@given(data=st.data(), shape=shapes(max_dims=3, max_side=3), seed=seeds)
def test_binary_differences(name, data, shape, seed):
    ours, _, kind = BINARY[name]
    x = values(seed, stretched(data.draw, shape), np.float64, kind)
    differences(ours, [x, values(seed + 1, shape, np.float64, kind)])


def test_pow_at_zero():
    x, y = np.array([0.0, 0.0, 2.0, 0.0]), np.array([2.0, 0.0, 0.0, 1.0])
    compare(lambda x, y: x**y, lambda x, y: x**y, [x, y])


@given(data=st.data(), shape=shapes(), dtype=dtypes, seed=seeds)
def test_where(data, shape, dtype, seed):
    condition = np.asarray(values(seed + 2, stretched(data.draw, shape), np.float64) > 0)
    x, y = values(seed, shape, dtype), values(seed + 1, stretched(data.draw, shape), dtype)
    compare(ops.where, torch.where, [condition, x, y])
    differences(ops.where, [condition, x, y])


NUMBERS = [np.float32, np.float64, np.int64, np.int32, np.int8, np.uint8, np.bool_]


# Two different kinds of integers follow NumPy's rule, which is PyTorch's but for uint8 with int8.
PAIRS = [(a, b) for a in NUMBERS for b in NUMBERS if a is b or "f" in {np.dtype(a).kind, np.dtype(b).kind}]


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_types_meet_as_in_pytorch(a, b):
    """Types of results as PyTorch's: an integer never turns float32 into float64."""
    x, y = np.array([1, 0, 1]).astype(a), np.array([1, 1, 0]).astype(b)
    compare(lambda x, y: x * y, lambda x, y: x * y, [x, y], check_gradients=False)
    compare(lambda x, y: x + y, lambda x, y: x + y, [x, y], check_gradients=False)
    if b != np.bool_:
        compare(lambda x: x * 2.5, lambda x: x * 2.5, [x], check_gradients=False)
    compare(lambda x: x.exp(), torch.exp, [x], check_gradients=False)
    compare(lambda x: x / 2, lambda x: x / 2, [x], check_gradients=False)
    compare(lambda x: x.sum(), torch.sum, [x], check_gradients=False)


def test_numpy_scalars_do_not_widen():
    x = mini_dl.ones(2)
    assert (x / np.sqrt(4.0)).dtype == np.float32
    assert (np.float64(2) * x).dtype == np.float32
    assert (np.ones(2) * x).dtype == np.float64  # an array keeps its type


COMPARE = {
    "eq": (lambda x, y: x == y, torch.eq),
    "ne": (lambda x, y: x != y, torch.ne),
    "lt": (lambda x, y: x < y, torch.lt),
    "le": (lambda x, y: x <= y, torch.le),
    "gt": (lambda x, y: x > y, torch.gt),
    "ge": (lambda x, y: x >= y, torch.ge),
}


@pytest.mark.parametrize("name", COMPARE)
@given(data=st.data(), shape=shapes(), dtype=dtypes, seed=seeds)
def test_comparisons(name, data, shape, dtype, seed):
    ours, theirs = COMPARE[name]
    x, y = values(seed, shape, dtype, "ties"), values(seed + 1, stretched(data.draw, shape), dtype, "ties")
    compare(ours, theirs, [x, y], check_gradients=False)


def test_truth_values():
    x = mini_dl.tensor([1.0, -1.0, float("nan")])
    assert ((x > 0) | (x < 0)).tolist() == [True, True, False]
    assert ((x > 0) & (x < 5)).tolist() == [True, False, False]
    assert (~(x > 0)).tolist() == [False, True, True]
    assert bool((x == x).any())
    assert not bool((x == x).all())
    assert x.isnan().tolist() == [False, False, True]


# ---- over axes -------------------------------------------------------------------------------------

REDUCE = {
    "sum": (lambda x, d, k: x.sum(d, k), lambda x, d, k: x.sum(d, k)),
    "mean": (lambda x, d, k: x.mean(d, k), lambda x, d, k: x.mean(d, k)),
    "var": (lambda x, d, k: x.var(d, keepdim=k), lambda x, d, k: x.var(d, keepdim=k)),
    "var, biased": (lambda x, d, k: x.var(d, 0, k), lambda x, d, k: x.var(d, correction=0, keepdim=k)),
    "logsumexp": (lambda x, d, k: x.logsumexp(d, k), lambda x, d, k: x.logsumexp(d, k)),
    "max": (lambda x, d, k: x.max(d, k), lambda x, d, k: x.max(d, k)),
    "min": (lambda x, d, k: x.min(d, k), lambda x, d, k: x.min(d, k)),
    "argmax": (lambda x, d, k: x.argmax(d, k), lambda x, d, k: x.argmax(d, k)),
    "softmax": (lambda x, d, k: x.softmax(d), lambda x, d, k: x.softmax(d)),
    "log_softmax": (lambda x, d, k: x.log_softmax(d), lambda x, d, k: x.log_softmax(d)),
}


@pytest.mark.parametrize("name", REDUCE)
@given(data=st.data(), shape=shapes(min_dims=1), dtype=dtypes, layout=layouts, seed=seeds, keep=st.booleans())
def test_reductions(name, data, shape, dtype, layout, seed, keep):
    ours, theirs = REDUCE[name]
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    kind = data.draw(st.sampled_from(["normal", "ties"]))
    least = {"var": 2, "max": 1, "min": 1, "argmax": 1, "mean": 1, "var, biased": 1}.get(name, 0)
    if shape[dim] < least:
        return  # not defined: PyTorch raises, or gives NaN with a warning
    x = values(seed, shape, dtype, kind)
    with np.errstate(divide="ignore"):
        compare(lambda x: ours(x, dim, keep), lambda x: theirs(x, dim, keep), [x], layout=layout)
    if name != "argmax" and kind == "normal" and x.size <= 24 and x.size:
        differences(lambda x: ours(x, dim, keep), [x])


@pytest.mark.parametrize("name", ["sum", "mean", "var"])
@given(data=st.data(), shape=shapes(min_dims=2, min_side=2), seed=seeds, keep=st.booleans())
def test_reductions_over_several_axes(name, data, shape, seed, keep):
    ours, theirs = REDUCE[name]
    dims = data.draw(st.lists(st.integers(0, len(shape) - 1), min_size=1, max_size=3, unique=True).map(tuple))
    compare(lambda x: ours(x, dims, keep), lambda x: theirs(x, dims, keep), [values(seed, shape, np.float64)])


@pytest.mark.parametrize("name", ["max", "min"])
@given(
    shape=shapes(min_dims=1, min_side=1),
    dtype=dtypes,
    seed=seeds,
    kind=st.sampled_from(["normal", "ties", "wild"]),
)
def test_extremes_of_all(name, shape, dtype, seed, kind):
    with np.errstate(invalid="ignore"):
        compare(
            lambda x: getattr(x, name)(), lambda x: getattr(x, name)(), [values(seed, shape, dtype, kind)]
        )


@pytest.mark.parametrize("name", ["logsumexp", "softmax", "log_softmax"])
@pytest.mark.parametrize("kind", ["large", "wild"])
@given(shape=shapes(min_dims=1, min_side=1), dtype=dtypes, seed=seeds)
def test_exponentials_of_extreme_numbers(name, kind, shape, dtype, seed):
    x = values(seed, shape, dtype, kind)
    x = np.where(x == np.inf, 5, x).astype(dtype)
    with np.errstate(all="ignore"):
        compare(lambda x: REDUCE[name][0](x, -1, False), lambda x: REDUCE[name][1](x, -1, False), [x])


def test_variance_of_everything():
    compare(lambda x: x.var(), lambda x: x.var(), [np.arange(6.0).reshape(2, 3)])
    compare(lambda x: x.mean(), lambda x: x.mean(), [np.arange(6.0).reshape(2, 3)])


# ---- shape -----------------------------------------------------------------------------------------


@given(data=st.data(), shape=shapes(min_dims=1), dtype=dtypes, layout=layouts, seed=seeds)
def test_shapes(data, shape, dtype, layout, seed):
    x = values(seed, shape, dtype)
    n = len(shape)
    a, b = data.draw(st.integers(-n, n - 1)), data.draw(st.integers(-n, n - 1))
    order = data.draw(st.permutations(range(n)))
    compare(lambda x: x.transpose(a, b), lambda x: x.transpose(a, b), [x], layout=layout)
    compare(lambda x: x.permute(*order), lambda x: x.permute(*order), [x], layout=layout)
    compare(lambda x: x.permute(order), lambda x: x.permute(order), [x], layout=layout)
    compare(lambda x: x.squeeze(a), lambda x: x.squeeze(a), [x], layout=layout)
    compare(lambda x: x.unsqueeze(a), lambda x: x.unsqueeze(a), [x], layout=layout)
    compare(lambda x: x.flip(a), lambda x: x.flip(a), [x], layout=layout)
    compare(lambda x: x.flip((0, -1) if n > 1 else (0,)), lambda x: x.flip((0, -1) if n > 1 else (0,)), [x])
    compare(lambda x: x.expand(2, *shape), lambda x: x.expand(2, *shape), [x], layout=layout)
    compare(
        lambda x: x[..., :1].expand(*shape[:-1], 3) if shape[-1] else x,
        lambda x: x[..., :1].expand(*shape[:-1], 3) if shape[-1] else x,
        [x],
    )
    compare(lambda x: x.expand(-1, *[-1] * (n - 1)), lambda x: x.expand(-1, *[-1] * (n - 1)), [x])
    compare(lambda x: x.reshape(*shape[::-1]), lambda x: x.reshape(*shape[::-1]), [x], layout=layout)
    differences(lambda x: x.permute(*order).unsqueeze(0).flip(0), [x])


@given(shape=shapes(min_dims=2), dtype=dtypes, seed=seeds, k=st.integers(-3, 3))
def test_triangles(shape, dtype, seed, k):
    x = values(seed, shape, dtype)
    compare(lambda x: x.tril(k), lambda x: x.tril(k), [x])
    compare(lambda x: x.triu(k), lambda x: x.triu(k), [x])
    differences(lambda x: x.tril(k) - 2 * x.triu(k), [x])


@given(data=st.data(), shape=shapes(min_dims=1), dtype=dtypes, seed=seeds)
def test_pad(data, shape, dtype, seed):
    axes = data.draw(st.integers(1, len(shape)))
    widths = [data.draw(st.integers(0, 2)) for _ in range(2 * axes)]
    value = data.draw(st.sampled_from([0.0, -1.5]))
    x = values(seed, shape, dtype)
    compare(lambda x: x.pad(widths, value), lambda x: torch.nn.functional.pad(x, widths, value=value), [x])
    differences(lambda x: x.pad(widths, value), [x])


@given(data=st.data(), shape=shapes(min_dims=1, max_dims=3), dtype=dtypes, layout=layouts, seed=seeds)
def test_joining_and_cutting(data, shape, dtype, layout, seed):
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    arrays = [values(seed + i, shape, dtype) for i in range(data.draw(st.integers(1, 3)))]
    compare(lambda *x: mini_dl.cat(x, dim), lambda *x: torch.cat(x, dim), arrays, layout=layout)
    compare(lambda *x: mini_dl.stack(x, dim), lambda *x: torch.stack(x, dim), arrays, layout=layout)
    differences(lambda *x: mini_dl.cat(x, dim), arrays)
    if shape[dim]:
        size = data.draw(st.integers(1, 3))
        compare(lambda x: x.split(size, dim), lambda x: x.split(size, dim), arrays[:1], layout=layout)
        sizes = [1, shape[dim] - 1]
        compare(lambda x: x.split(sizes, dim), lambda x: x.split(sizes, dim), arrays[:1])


# ---- picking elements ------------------------------------------------------------------------------

INDICES = {
    "integer": lambda n: 1,
    "negative": lambda n: -1,
    "slice": lambda n: slice(1, None),
    "steps": lambda n: slice(None, None, 2),
    "None": lambda n: (None, slice(None), None),
    "ellipsis": lambda n: (..., 0),
    "integers, repeated": lambda n: np.array([0, 2, 0, -1, 0]),
    "list": lambda n: [0, 1, 1],
    "two arrays": lambda n: (np.array([0, 1, 0]), np.array([1, 1, 1])),
    "array and slice": lambda n: (slice(None), np.array([[0, 0], [1, 1]])),
    "mask": lambda n: np.arange(n) % 2 == 0,
    "tuple": lambda n: (1, slice(0, 2)),
}


@pytest.mark.parametrize("name", INDICES)
@given(rows=st.integers(3, 5), cols=st.integers(2, 4), dtype=dtypes, layout=layouts, seed=seeds)
def test_indexing(name, rows, cols, dtype, layout, seed):
    index = INDICES[name](rows)
    x = values(seed, (rows, cols), dtype)
    compare(lambda x: x[index], lambda x: x[index], [x], layout=layout)
    differences(lambda x: x[index], [x])


@given(rows=st.integers(1, 4), cols=st.integers(1, 4), dtype=dtypes, seed=seeds)
def test_masks_of_the_whole_shape(rows, cols, dtype, seed):
    mask = values(seed + 1, (rows, cols), np.float64) > 0
    x = values(seed, (rows, cols), dtype)
    compare(lambda x, m: x[m], lambda x, m: x[m], [x, mask])
    compare(lambda x, i: x[i], lambda x, i: x[i], [x, np.array([0, 0])])
    compare(lambda x, i: x[i, 0], lambda x, i: x[i, 0], [x, np.array([0, 0])])


@given(data=st.data(), shape=shapes(min_dims=1, min_side=1, max_dims=3), dtype=dtypes, seed=seeds)
def test_gather(data, shape, dtype, seed):
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    sizes = [data.draw(st.integers(1, n)) if i != dim % len(shape) else 5 for i, n in enumerate(shape)]
    index = np.random.default_rng(seed).integers(0, shape[dim], sizes)
    x = values(seed, shape, dtype)
    compare(lambda x, i: x.gather(dim, i), lambda x, i: x.gather(dim, i), [x, index])
    differences(lambda x, i: x.gather(dim, i), [x, index])


@given(shape=shapes(max_dims=2), classes=st.integers(1, 5), seed=seeds)
def test_one_hot(shape, classes, seed):
    index = np.random.default_rng(seed).integers(0, classes, shape)
    compare(lambda i: mini_dl.one_hot(i, classes), lambda i: torch.nn.functional.one_hot(i, classes), [index])


def test_sorted_adds_equal_add_at():
    """The fast form of adding to repeated rows is `np.add.at`."""
    rng = np.random.default_rng(0)
    for rows, width in (
        (rng.integers(0, 5, (4, 6)), (3,)),
        (rng.integers(0, 9, 7), ()),
        (np.zeros(0, int), (2,)),
    ):
        g = rng.standard_normal((*rows.shape, *width))
        fast, plain = np.ones((9, *width)), np.ones((9, *width))
        ops.add_rows(fast, rows, g)
        np.add.at(plain, rows, g)
        assert_close(fast, plain, "add_rows")


# ---- products --------------------------------------------------------------------------------------

RANKS = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 4)),
    ((2, 3), (3, 4)),
    ((5, 2, 3), (3, 4)),
    ((5, 2, 3), (3,)),
    ((2, 3), (5, 3, 4)),
    ((5, 2, 3), (5, 3, 4)),
    ((1, 2, 3), (5, 3, 4)),
    ((2, 1, 2, 3), (5, 3, 4)),
    ((3,), (5, 3, 4)),
    ((2, 5, 2, 3), (3,)),
    ((0, 3), (3, 4)),
    ((2, 0), (0, 4)),
    ((2, 3), (3, 0)),
    ((1, 1), (1, 1)),
    ((0, 2, 3), (3, 4)),
]


@pytest.mark.parametrize(("left", "right"), RANKS)
@given(dtype=dtypes, layout=layouts, seed=seeds)
def test_matmul_in_all_ranks(left, right, dtype, layout, seed):
    x, y = values(seed, left, dtype), values(seed + 1, right, dtype)
    compare(lambda x, y: x @ y, lambda x, y: x @ y, [x, y], layout=layout)


@pytest.mark.parametrize(("left", "right"), RANKS)
def test_matmul_differences(left, right):
    differences(lambda x, y: x @ y, [values(0, left, np.float64), values(1, right, np.float64)])


EINSUM = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("bij,bjk->bik", (2, 2, 3), (2, 3, 2)),
    ("i,i->", (3,), (3,)),
    ("i,j->ij", (2,), (3,)),
    ("ij->ji", (2, 3)),
    ("ij->i", (2, 3)),
    ("ij->", (2, 3)),
    ("ii->i", (3, 3)),
    ("ii->", (3, 3)),
    ("ij,j", (2, 3), (3,)),
    ("ij,ik,il->jkl", (2, 2), (2, 3), (2, 2)),
    ("ij,kj->ik", (2, 0), (3, 0)),
    ("bhtd,bhsd->bhts", (2, 1, 3, 2), (2, 1, 2, 2)),
    ("iij,j->i", (2, 2, 3), (3,)),
    ("...ij,...jk->...ik", (2, 1, 2, 3), (4, 3, 2)),
    ("...ij,jk", (2, 2, 3), (3, 2)),
    ("...->...", (2, 3)),
    ("i...->i", (2, 3, 2)),  # axes of "..." that the result does not have are summed over
    ("ij...,j...->...i", (2, 3, 2), (3, 1)),
    ("ij,j->i", (2, 3), (1,)),  # size 1 broadcasts, named or not
    ("ij,j->i", (2, 1), (3,)),
    ("...,...->", (2, 0), (2, 1)),
]


@pytest.mark.parametrize("case", EINSUM, ids=lambda case: case[0])
@given(dtype=dtypes, layout=layouts, seed=seeds)
def test_einsum(case, dtype, layout, seed):
    rule, *sizes = case
    arrays = [values(seed + i, s, dtype) for i, s in enumerate(sizes)]
    compare(lambda *x: mini_dl.einsum(rule, *x), lambda *x: torch.einsum(rule, *x), arrays, layout=layout)
    if dtype == np.float64:
        differences(lambda *x: mini_dl.einsum(rule, *x), arrays)


def test_every_op_has_its_test_here():
    """A new public operation without a test makes this fail."""
    source = Path(__file__).read_text(encoding="utf-8")
    names = [n for n, f in vars(ops).items() if callable(f) and getattr(f, "__module__", "") == ops.__name__]
    public = [n for n in names if not n.startswith("_") and n[0].islower()]
    assert len(public) > 40
    operators = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**", "matmul": "@", "neg": "-x"}
    helpers = {"check_classes", "as_matrix"}
    missing = [
        n for n in public if n not in source and operators.get(n, n) not in source and n not in helpers
    ]
    assert not missing

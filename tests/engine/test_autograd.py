"""The walk back: what it adds up, what it frees, what it refuses."""

import gc
import re
import tracemalloc

import numpy as np
import pytest
import torch

import mini_dl
from mini_dl import autograd, changes, nn, no_grad, optim
from mini_dl.autograd import Node, unbroadcast
from mini_dl.tensor import op
from tests.engine.against_torch import assert_close


def leaf(*data):
    return mini_dl.tensor(list(data), requires_grad=True)


# ---- adding up -------------------------------------------------------------------------------------


def test_uses_add_up():
    x = leaf(1.0, 2.0)
    (x * x + x + x).sum().backward()
    assert x.grad.tolist() == [4, 6]


def test_calls_of_backward_add_up():
    x = leaf(1.0)
    for _ in range(3):
        (2 * x).backward()
    assert x.grad.tolist() == [6]
    x.zero_grad()
    assert x.grad is None


def test_no_two_leaves_share_a_gradient():
    """Changing one gradient in place must not change another, nor the array given to backward."""
    x, y, g = leaf(1.0, 2.0), leaf(3.0, 4.0), np.ones(2, np.float32)
    (x + y).backward(g)
    x.grad *= 5
    assert y.grad.tolist() == [1, 1]
    assert g.tolist() == [1, 1]
    x.zero_grad()
    (x.reshape(1, 2) + 0).reshape(2).backward(y.grad)
    x.grad *= 5
    assert y.grad.tolist() == [1, 1]


def test_a_gradient_that_arrives_by_many_roads():
    """Views, slices and whole arrays reach one node in every order, and add up."""
    for order in ((0, 1, 2), (2, 1, 0), (1, 0, 2), (0, 2, 1)):
        results = []
        for lib in (mini_dl, torch):
            x = lib.tensor(np.arange(1.0, 7.0).reshape(2, 3), requires_grad=True)
            y = x * 2
            roads = [
                lambda y=y: y[0].sum(),
                lambda y=y: (y.transpose(0, 1) * 3).sum(),
                lambda y=y: (y + 0).sum() + y[:, 1:].sum(),
            ]
            total = sum(roads[i]() for i in order)
            total.backward()
            results.append(np.array(x.grad.tolist()))
        assert_close(results[0], results[1], str(order))


def test_gradient_given_to_backward():
    x = leaf(1.0, 2.0)
    (x * x).backward(mini_dl.tensor([1.0, 10.0]))
    assert x.grad.tolist() == [2, 40]
    x.backward(np.array([1.0, 1.0]))
    assert x.grad.tolist() == [3, 41]


def test_gradients_have_the_type_of_their_tensor():
    x, y = leaf(1.0, 2.0), mini_dl.tensor(np.array([3.0, 4.0]), requires_grad=True)
    (x * y).sum().backward()
    assert x.grad.dtype == np.float32
    assert y.grad.dtype == np.float64


def test_only_what_needs_a_gradient_is_computed():
    calls = []

    @op
    def watched(x, y):
        return x * y, lambda g: calls.append("x") or g * y, lambda g: calls.append("y") or g * x

    watched(mini_dl.ones(2), leaf(1.0, 2.0)).sum().backward()
    assert calls == ["y"]


def test_detach_and_no_grad():
    x = leaf(1.0, 2.0)
    assert not x.detach().requires_grad
    assert x.detach().data is x.data
    with no_grad():
        assert not (x * 2).requires_grad
    assert (x * 2).requires_grad
    try:
        with no_grad():
            raise KeyError
    except KeyError:
        assert (x * 2).requires_grad
    (x * x.detach()).sum().backward()
    assert x.grad.tolist() == [1, 2]


@no_grad()
def decorated(x):
    return x * 2


def test_no_grad_as_a_decorator():
    assert not decorated(leaf(1.0)).requires_grad


@pytest.mark.parametrize("shape", [(), (1,), (3,), (1, 3), (2, 1, 3), (2, 4, 1), (2, 4, 3)])
def test_unbroadcast_undoes_broadcast(shape):
    g = np.random.default_rng(0).standard_normal((2, 4, 3))
    x = torch.zeros(shape, dtype=torch.float64, requires_grad=True)
    x.broadcast_to(2, 4, 3).backward(torch.tensor(g))
    assert_close(unbroadcast(g, shape), x.grad, "unbroadcast")


# ---- memory and depth ------------------------------------------------------------------------------


def test_ten_thousand_ops_need_no_recursion():
    x = leaf(1.0)
    y = x
    for _ in range(10_000):
        y = y + 1.0
    y.backward()
    assert x.grad.tolist() == [1]
    for _ in range(100_000):  # a long graph that is never walked is let go without recursion, too
        x = x + 1.0
    del x


def test_memory_stays_flat_without_the_garbage_collector():
    """Nothing in the graph refers to itself, so each array goes as soon as it is not needed."""
    model = nn.Sequential(nn.Linear(200, 200), nn.ReLU(), nn.LayerNorm(200), nn.Linear(200, 200))
    opt = optim.Adam(model.parameters())
    x = mini_dl.randn(100, 200)
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        used = []
        for _ in range(30):
            opt.zero_grad()
            model(x).mean().backward()
            opt.step()
            used.append(tracemalloc.get_traced_memory()[0])
        # the type itself: what an object says of itself may fail, if it is a dead proxy of another test
        nodes = sum(issubclass(type(o), Node) for o in gc.get_objects())
    finally:
        tracemalloc.stop()
        gc.enable()
    assert used[-1] - used[3] < 20_000, used
    assert nodes < 1000


def test_the_walk_frees_as_it_goes():
    """At its height backward holds little more than the forward pass did."""
    x = mini_dl.randn(1000, 100, requires_grad=True)
    tracemalloc.start()
    y = x
    for _ in range(20):
        y = y.tanh()
    forward = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    y.sum().backward()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < forward + 5 * x.data.nbytes, (peak, forward)


def test_the_tape_is_freed():
    x = leaf(1.0, 2.0)
    y = x.exp()
    z = y.sum()
    z.backward()
    assert y._inputs == ()
    with pytest.raises(
        RuntimeError, match=re.escape("'sum' was walked before and is freed. Compute the loss again")
    ):
        z.backward()
    with pytest.raises(RuntimeError, match=re.escape("(loss1 + loss2).backward() once")):
        (y * 2).sum().backward()


# ---- data that changes -----------------------------------------------------------------------------

CHANGES = {
    "+=": lambda x: x.__iadd__(1.0),
    "-=": lambda x: x.__isub__(1.0),
    "*=": lambda x: x.__imul__(2.0),
    "/=": lambda x: x.__itruediv__(2.0),
    "[...] =": lambda x: x.__setitem__(..., 5.0),
    "[0] =": lambda x: x.__setitem__(0, 5.0),
    ".data -=": lambda x: setattr(x, "data", x.data.__isub__(1.0)),
    "through a view": lambda x: x.detach()[1:].__iadd__(1.0),
    "through a reshape": lambda x: x.detach().reshape(1, -1).__setitem__(0, 7.0),
    "initialiser": lambda x: nn.init.constant_(x, 1.0),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_data_that_a_gradient_needs_is_noticed(name):
    x = leaf(1.0, 2.0)
    y = (x * x).sum()
    with no_grad():
        CHANGES[name](x)
    with pytest.raises(
        RuntimeError, match=re.escape("'mul' needs an array of shape (2,) as it was in the forward pass")
    ):
        y.backward()


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_that_no_gradient_needs_is_allowed(name):
    x = leaf(1.0, 2.0)
    y = (x + x).sum()  # its vjp keeps nothing
    with no_grad():
        CHANGES[name](x)
    y.backward()
    assert x.grad.tolist() == [2, 2]


def test_results_that_are_kept_are_watched_too():
    x = leaf(1.0, 2.0)
    y = x.exp()
    with no_grad():
        y += 1
    with pytest.raises(RuntimeError, match="'exp' needs an array"):
        y.sum().backward()


def test_a_step_between_forward_and_backward_is_noticed():
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    opt = optim.SGD(model.parameters(), lr=0.1)
    first, second = model(mini_dl.ones(4, 2)).sum(), model(mini_dl.ones(4, 2)).sum()
    first.backward()
    opt.step()
    with pytest.raises(RuntimeError, match=r"'linear' needs an array of shape \(1, 3\).*optimizer.step"):
        second.backward()


def test_loading_weights_between_forward_and_backward_is_noticed():
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    out = model(mini_dl.ones(4, 2)).sum()
    model.load_state_dict(model.state_dict())
    with pytest.raises(RuntimeError, match="changed in place since"):
        out.backward()


def test_a_change_before_the_forward_pass_is_no_matter():
    x = leaf(1.0, 2.0)
    with no_grad():
        x += 1
    (x * x).sum().backward()
    assert x.grad.tolist() == [4, 6]


def test_vjps_keep_no_more_than_they_need():
    """Ops whose gradient needs only a shape keep no array: it would cost memory and raise false alarms."""
    x = mini_dl.randn(4, 4, requires_grad=True)
    for name, f in {
        "sum": lambda: x.sum(0),
        "mean": lambda: x.mean(1),
        "reshape": lambda: x.reshape(16),
        "T": lambda: x.T,
        "add": lambda: x + 1,
        "pad": lambda: x.pad((1, 1)),
        "cat": lambda: mini_dl.cat([x, x]),
        "getitem": lambda: x[1:],
        "expand": lambda: x.expand(2, 4, 4),
        "flip": lambda: x.flip(0),
        "unsqueeze": lambda: x.unsqueeze(0),
        "squeeze": lambda: x.squeeze(),
        "tril": lambda: x.tril(),
        "sub": lambda: x - 1,
        "neg": lambda: -x,
        "to": lambda: x.to(np.float64),
    }.items():
        kept = [a for a in changes._kept(f()._vjps) if a.shape == (4, 4) or a.size >= 16]
        assert not kept, f"{name} keeps {[a.shape for a in kept]}"


# ---- in place --------------------------------------------------------------------------------------


def test_in_place_on_parameters_needs_no_grad():
    x = leaf(1.0, 2.0)
    for change in (lambda: x.__iadd__(1), lambda: x.__setitem__(0, 1.0)):
        with pytest.raises(RuntimeError, match="in-place change of a tensor while its gradient is recorded"):
            change()
    memory = x.data
    with no_grad():
        x -= 0.5
    assert x.data is memory
    assert x.tolist() == [0.5, 1.5]


def test_in_place_on_results_makes_a_new_tensor():
    x = leaf(1.0, 2.0)
    y = x * 1
    kept = y
    y += x
    y *= 3
    assert kept.tolist() == [1, 2]
    y.sum().backward()
    assert x.grad.tolist() == [6, 6]


def test_writing_a_recorded_value_into_a_constant():
    x, y = leaf(1.0, 2.0), mini_dl.zeros(2)
    with pytest.raises(RuntimeError, match="build a new tensor with where"):
        y[0] = x[0]
    y[1] = 4
    y[mini_dl.tensor([True, False])] = mini_dl.tensor([3.0])
    assert y.tolist() == [3, 4]


# ---- mistakes found --------------------------------------------------------------------------------


def test_anomaly_mode_names_the_op_forward():
    x = leaf(-1.0, 1.0)
    with autograd.detect_anomaly(), pytest.raises(FloatingPointError) as error:
        (x.log() * 2).sum()
    assert str(error.value) == (
        "'log' made 1 value of 2 that is not finite (first: nan at (0,)) from finite input of shape (2,)"
    )
    assert np.isnan(np.array((mini_dl.zeros(2) * float("inf")).tolist())).all()  # off again


def test_anomaly_mode_names_the_op_backward():
    x = leaf(0.0, 0.0)
    with autograd.detect_anomaly():
        y = x.sqrt().sum()
        with pytest.raises(
            FloatingPointError, match="the vjp of 'sqrt' made 2 values of 2 that are not finite"
        ):
            y.backward()


def test_anomaly_mode_tells_who_passed_it_on():
    with autograd.detect_anomaly(), pytest.raises(FloatingPointError, match="from not finite input"):
        mini_dl.tensor([float("nan")]) + 1
    with autograd.detect_anomaly():
        x = leaf(1.0, 2.0)
        x[:1].sum().backward()  # the gradient of a slice is looked at as well
    assert x.grad.tolist() == [1, 0]


def test_gradcheck_finds_a_wrong_gradient():
    @op
    def wrong(x):
        return x * x, lambda g: g * x

    x = mini_dl.tensor(np.array([1.0, 2.0]), requires_grad=True)
    with pytest.raises(AssertionError, match=re.escape("input 0 at (1,): backward says")):
        autograd.gradcheck(wrong, [x])
    with pytest.raises(TypeError, match="input 1 is float32; finite differences need float64"):
        autograd.gradcheck(lambda x, y: x * y, [x, leaf(1.0, 2.0)])
    assert autograd.gradcheck(lambda x, n: x**n, [x, 3])
    unused = mini_dl.tensor(np.ones(1), requires_grad=True)
    assert autograd.gradcheck(lambda x, y: x * 1, [x, unused])


def test_gradcheck_leaves_gradients_as_they_were():
    x, y = (mini_dl.tensor(np.array([1.0, 2.0]), requires_grad=True) for _ in range(2))
    (3 * x).sum().backward()
    assert autograd.gradcheck(lambda x, y: x * y, [x, y])
    assert x.grad.tolist() == [3, 3]
    assert y.grad is None
    (3 * x).sum().backward()  # adding goes on
    assert x.grad.tolist() == [6, 6]

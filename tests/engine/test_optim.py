"""Optimisers, schedules and clipping against PyTorch, step by step."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import mini_dl
from mini_dl import nn, optim
from mini_dl.nn.blocks import BLOCK
from tests.engine.against_torch import assert_close, seeds
from tests.engine.cases import counts

SETTINGS = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.5, "weight_decay": 0.1}),
    ("Adagrad", {}),
    ("Adagrad", {"lr": 0.1, "weight_decay": 0.1}),
    ("RMSprop", {}),
    ("RMSprop", {"alpha": 0.8, "weight_decay": 0.1}),
    ("Adam", {}),
    ("Adam", {"lr": 0.1, "betas": (0.5, 0.9)}),
    ("Adam", {"weight_decay": 0.1, "eps": 1e-3}),
    ("AdamW", {}),
    ("AdamW", {"weight_decay": 0.5, "lr": 0.1}),
]


def run(lib, name, settings, start, grads, forget=()):
    """Take steps with given gradients; a parameter in `forget` has none."""
    params = [lib.tensor(p.copy()) for p in start]
    for p in params:
        p.requires_grad = True
    opt = getattr(lib.optim, name)(params, **settings)
    for step in grads:
        opt.zero_grad()
        for i, (p, g) in enumerate(zip(params, step, strict=True)):
            if i not in forget:
                p.grad = lib.tensor(g)
        opt.step()
    return [np.array(p.tolist()) for p in params]


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
@given(seed=seeds, steps=st.integers(1, 20), forget=st.sampled_from([(), (1,)]))
def test_steps_are_pytorchs(name, settings, seed, steps, forget):
    counts["PyTorch"] += 1
    rng = np.random.default_rng(seed)
    start = [rng.standard_normal((3, 4)), rng.standard_normal(5)]
    grads = [[rng.standard_normal(p.shape) for p in start] for _ in range(steps)]
    for a, b in zip(
        run(mini_dl, name, settings, start, grads, forget),
        run(torch, name, settings, start, grads, forget),
        strict=True,
    ):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
def test_large_parameters_are_updated_in_blocks_with_the_same_result(name, settings):
    rng = np.random.default_rng(0)
    whole = rng.standard_normal(2 * BLOCK + 3)
    grads = [rng.standard_normal(whole.shape) for _ in range(3)]
    (blocked,) = run(mini_dl, name, settings, [whole], [[g] for g in grads])
    halves = run(
        mini_dl, name, settings, [whole[:BLOCK], whole[BLOCK:]], [[g[:BLOCK], g[BLOCK:]] for g in grads]
    )
    np.testing.assert_array_equal(blocked, np.concatenate(halves))


def test_groups_have_settings_of_their_own():
    losses = []
    for lib in (mini_dl, torch):
        a, b = (lib.tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
        opt = lib.optim.AdamW(
            [{"params": [a], "weight_decay": 0.0, "lr": 0.5}, {"params": [b]}], lr=0.1, weight_decay=0.9
        )
        (a * a + b).sum().backward()
        opt.step()
        losses.append([a.tolist(), b.tolist()])
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-6)


def test_updates_are_in_place():
    w = mini_dl.ones(3, requires_grad=True)
    memory = w.data
    opt = optim.Adam([w])
    w.sum().backward()
    opt.step()
    assert w.data is memory
    assert (memory != 1).all()


def test_no_parameters():
    with pytest.raises(ValueError, match=re.escape("SGD: no parameters given; pass model.parameters()")):
        optim.SGD(iter(()))
    with pytest.raises(
        TypeError, match="SGD: no setting 'beta'; there are lr, momentum, weight_decay, nesterov"
    ):
        optim.SGD([mini_dl.ones(1)], beta=0.9)
    with pytest.raises(NotImplementedError):
        optim.Optimizer([mini_dl.ones(1)]).update({}, np.ones(1), np.ones(1))


SCHEDULES = {
    "StepLR": lambda lib, o: lib.StepLR(o, 3, gamma=0.5),
    "LinearLR": lambda lib, o: lib.LinearLR(o, start_factor=0.1, total_iters=7),
    "CosineAnnealingLR": lambda lib, o: lib.CosineAnnealingLR(o, 20, eta_min=0.01),
    "LambdaLR": lambda lib, o: lib.LambdaLR(o, lambda t: 0.9**t),
    "OneCycleLR": lambda lib, o: lib.OneCycleLR(
        o, 0.5, total_steps=21, **({"cycle_momentum": False} if lib is not optim else {})
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules(name):
    counts["PyTorch"] += 20
    rates = []
    for lib, schedules in ((mini_dl, optim), (torch, torch.optim.lr_scheduler)):
        w = lib.tensor([1.0], requires_grad=True)
        opt = lib.optim.SGD([w], lr=0.2)
        schedule = SCHEDULES[name](schedules, opt)
        history = [opt.param_groups[0]["lr"]]
        for _ in range(20):
            w.sum().backward()
            opt.step()
            schedule.step()
            history.append(schedule.get_last_lr()[0])
        rates.append(history)
    np.testing.assert_allclose(rates[0], rates[1], rtol=1e-9)


@pytest.mark.parametrize("limit", [0.5, 100.0])
def test_clipping(limit):
    results = []
    for lib in (mini_dl, torch):
        a, b = (lib.tensor(np.array(x), requires_grad=True) for x in ([1.0, -2.0], [[3.0], [4.0]]))
        unused = lib.tensor(np.zeros(2), requires_grad=True)
        ((a * a).sum() + (b * b).sum()).backward()
        norm = lib.nn.utils.clip_grad_norm_([a, b, unused], limit)
        clipped = [np.array(p.grad.tolist()) for p in (a, b)]
        lib.nn.utils.clip_grad_value_([a, b, unused], 0.2)
        results.append([float(norm), *clipped, *(np.array(p.grad.tolist()) for p in (a, b))])
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_minimising_a_bowl():
    for optimizer in (optim.SGD, optim.Adagrad, optim.RMSprop, optim.Adam, optim.AdamW):
        w = nn.Parameter(mini_dl.tensor([3.0, -2.0]))
        opt = optimizer([w], lr=0.1)
        for _ in range(200):
            opt.zero_grad()
            loss = (w * w).sum()
            loss.backward()
            opt.step()
        assert float(loss) < 1.0, optimizer.__name__
    assert_close(w.detach() * 0, mini_dl.zeros(2), "finite")

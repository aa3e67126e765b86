"""Modules against PyTorch's: outputs, names of the state, starting values; and whole trainings."""
# ruff: noqa: B023, E731

import re

import numpy as np
import pytest
import torch

import mini_dl
from mini_dl import nn
from tests.engine.against_torch import assert_close
from tests.engine.cases import counts

SHARED = {
    "Linear": (lambda lib: lib.nn.Linear(3, 4), (5, 3)),
    "Linear without bias": (lambda lib: lib.nn.Linear(3, 4, bias=False), (2, 5, 3)),
    "Conv2d": (lambda lib: lib.nn.Conv2d(3, 4, 3, stride=2, padding=1), (2, 3, 7, 6)),
    "Conv2d, pairs": (
        lambda lib: lib.nn.Conv2d(3, 4, (3, 2), padding=(1, 0), dilation=(1, 2), bias=False),
        (2, 3, 7, 6),
    ),
    "MaxPool2d": (lambda lib: lib.nn.MaxPool2d(2), (2, 3, 7, 6)),
    "AvgPool2d": (lambda lib: lib.nn.AvgPool2d(3, stride=2, padding=1), (2, 3, 7, 6)),
    "Flatten": (lambda lib: lib.nn.Flatten(), (2, 3, 4)),
    "BatchNorm1d": (lambda lib: lib.nn.BatchNorm1d(3), (5, 3)),
    "BatchNorm2d": (lambda lib: lib.nn.BatchNorm2d(3, eps=1e-3, momentum=0.3), (5, 3, 2, 2)),
    "LayerNorm": (lambda lib: lib.nn.LayerNorm(3), (5, 3)),
    "LayerNorm of two axes": (lambda lib: lib.nn.LayerNorm((4, 3)), (5, 4, 3)),
    "Dropout of nothing": (lambda lib: lib.nn.Dropout(0.0), (5, 3)),
    "ReLU": (lambda lib: lib.nn.ReLU(), (5, 3)),
    "LeakyReLU": (lambda lib: lib.nn.LeakyReLU(0.3), (5, 3)),
    "Tanh": (lambda lib: lib.nn.Tanh(), (5, 3)),
    "Sigmoid": (lambda lib: lib.nn.Sigmoid(), (5, 3)),
    "GELU": (lambda lib: lib.nn.GELU(), (5, 3)),
    "GELU, tanh": (lambda lib: lib.nn.GELU("tanh"), (5, 3)),
    "RNN": (lambda lib: lib.nn.RNN(3, 4, num_layers=2), (6, 2, 3)),
    "GRU": (lambda lib: lib.nn.GRU(3, 4, num_layers=2, batch_first=True), (2, 6, 3)),
    "LSTM": (lambda lib: lib.nn.LSTM(3, 4, num_layers=2), (6, 2, 3)),
    "LSTM, batch first": (lambda lib: lib.nn.LSTM(3, 4, batch_first=True), (2, 6, 3)),
    "Sequential": (
        lambda lib: lib.nn.Sequential(lib.nn.Linear(3, 4), lib.nn.ReLU(), lib.nn.Linear(4, 2)),
        (5, 3),
    ),
}


def pair(build):
    """Build the network in both libraries, in float64, with PyTorch's weights in both."""
    torch.manual_seed(0)
    theirs = build(torch).to(torch.float64)
    ours = build(mini_dl).to(np.float64)
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


def flat(out):
    """Return the tensors in nested tuples."""
    return [t for part in out for t in flat(part)] if isinstance(out, tuple) else [] if out is None else [out]


def agree(ours, theirs, inputs, run=lambda model, *x: model(*x)):
    """Compare outputs and all gradients, of inputs and parameters."""
    counts["PyTorch"] += 1
    mine = [mini_dl.tensor(x, requires_grad=True) for x in inputs]
    other = [torch.tensor(x, requires_grad=True) for x in inputs]
    outs, refs = flat(run(ours, *mine)), flat(run(theirs, *other))
    assert len(outs) == len(refs)
    for out, ref in zip(outs, refs, strict=True):
        assert_close(out, ref.detach(), "output")
    sum((o * o * (i + 1)).sum() for i, o in enumerate(outs)).backward()
    sum((o * o * (i + 1)).sum() for i, o in enumerate(refs)).backward()
    for x, ref in zip(mine, other, strict=True):
        assert_close(x.grad, ref.grad, "gradient of the input")
    expected = dict(theirs.named_parameters())
    assert [name for name, _ in ours.named_parameters()] == list(expected)
    for name, p in ours.named_parameters():
        assert_close(p.grad, expected[name].grad, f"gradient of {name}")


@pytest.mark.parametrize("name", SHARED)
def test_layer(name):
    build, shape = SHARED[name]
    ours, theirs = pair(build)
    x = np.random.default_rng(0).standard_normal(shape)
    for mode in (True, False):
        ours.train(mode)
        theirs.train(mode)
        ours.zero_grad()
        theirs.zero_grad()
        agree(ours, theirs, [x])
    state, expected = ours.state_dict(), theirs.state_dict()
    assert list(state) == list(expected)
    for key, value in state.items():
        assert_close(value, expected[key], key)
    theirs.load_state_dict({key: torch.from_numpy(value.numpy().copy()) for key, value in state.items()})


@pytest.mark.parametrize("name", ["RNN", "GRU", "LSTM"])
def test_recurrent_layers_from_a_given_state(name):
    ours, theirs = pair(lambda lib: getattr(lib.nn, name)(3, 4, num_layers=2))
    rng = np.random.default_rng(0)
    x, h, c = rng.standard_normal((6, 2, 3)), rng.standard_normal((2, 2, 4)), rng.standard_normal((2, 2, 4))
    if name == "LSTM":
        agree(ours, theirs, [x, h, c], lambda model, x, h, c: model(x, (h, c)))
    else:
        agree(ours, theirs, [x, h])


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("bias", [True, False])
def test_multihead_attention(batch_first, bias):
    ours, theirs = pair(lambda lib: lib.nn.MultiheadAttention(8, 2, bias=bias, batch_first=batch_first))
    rng = np.random.default_rng(0)
    q, kv = rng.standard_normal((3, 4, 8)), rng.standard_normal((3, 5, 8))
    if not batch_first:
        q, kv = q.swapaxes(0, 1), kv.swapaxes(0, 1)
    blocked = np.triu(np.ones((4, 5), bool), 2)
    padding = np.zeros((3, 5), bool)
    padding[1, 3:] = True
    added = rng.standard_normal((4, 5))
    for weights in (True, False):
        agree(ours, theirs, [q, kv], lambda m, q, k: m(q, k, k, need_weights=weights))
        for mask in (blocked, added):
            both = {mini_dl: mini_dl.tensor(mask), torch: torch.tensor(mask)}
            keys = {mini_dl: mini_dl.tensor(padding), torch: torch.tensor(padding)}
            lib = lambda m: torch if isinstance(m, torch.nn.Module) else mini_dl

            def run(m, q, k):
                pad = keys[lib(m)] if mask is blocked else None
                return m(q, k, k, key_padding_mask=pad, need_weights=weights, attn_mask=both[lib(m)])

            ours.zero_grad()
            theirs.zero_grad()
            agree(ours, theirs, [q, kv], run)
    x = mini_dl.tensor(q)
    later = mini_dl.tensor(np.triu(np.ones((x.shape[int(batch_first)],) * 2, bool), 1))
    causal, masked = ours(x, x, x, is_causal=True)[0], ours(x, x, x, attn_mask=later)[0]
    assert_close(causal, masked, "causal")


STARTS = {
    "Linear": lambda lib: lib.nn.Linear(300, 200),
    "Conv2d": lambda lib: lib.nn.Conv2d(20, 30, 5),
    "Embedding": lambda lib: lib.nn.Embedding(200, 100),
    "LSTM": lambda lib: lib.nn.LSTM(60, 50),
    "GRU": lambda lib: lib.nn.GRU(60, 50),
    "MultiheadAttention": lambda lib: lib.nn.MultiheadAttention(64, 4),
    "BatchNorm2d": lambda lib: lib.nn.BatchNorm2d(10),
}


@pytest.mark.parametrize("name", STARTS)
def test_weights_start_as_in_pytorch(name):
    """Mean, spread and range of every parameter agree with PyTorch's defaults."""
    mini_dl.manual_seed(0)
    torch.manual_seed(0)
    ours = {k: p.numpy() for k, p in STARTS[name](mini_dl).named_parameters()}
    theirs = {k: p.detach().numpy() for k, p in STARTS[name](torch).named_parameters()}
    assert list(ours) == list(theirs)
    for key, a in ours.items():
        b = theirs[key]
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        assert abs(a.mean() - b.mean()) <= 6 * b.std() / np.sqrt(b.size)
        assert np.isclose(a.std(), b.std(), rtol=min(0.9, 6 / np.sqrt(2 * b.size)))
        if "Embedding" not in name:  # uniform: the same bounds
            assert np.isclose(np.abs(a).max(), np.abs(b).max(), rtol=min(0.5, 20 / b.size), atol=1e-12)


INITS = ["xavier_uniform_", "xavier_normal_", "kaiming_uniform_", "kaiming_normal_"]


@pytest.mark.parametrize("name", INITS)
@pytest.mark.parametrize("shape", [(300, 200), (40, 30, 3, 3)])
def test_initialisers(name, shape):
    mini_dl.manual_seed(0)
    ours = getattr(nn.init, name)(mini_dl.zeros(shape)).numpy()
    theirs = getattr(torch.nn.init, name)(torch.zeros(shape)).numpy()
    assert np.isclose(ours.std(), theirs.std(), rtol=0.03)
    assert abs(ours.mean()) < 0.05 * ours.std()
    if "uniform" in name:
        assert np.isclose(ours.max(), theirs.max(), rtol=1e-2)


def test_initialisers_for_other_activations():
    for nonlinearity, mode in (
        ("relu", "fan_in"),
        ("relu", "fan_out"),
        ("linear", "fan_in"),
        ("tanh", "fan_in"),
    ):
        ours = nn.init.kaiming_normal_(mini_dl.zeros(300, 200), mode=mode, nonlinearity=nonlinearity).numpy()
        theirs = torch.nn.init.kaiming_normal_(torch.zeros(300, 200), mode=mode, nonlinearity=nonlinearity)
        assert np.isclose(ours.std(), float(theirs.std()), rtol=0.03)
    assert np.isclose(nn.init.lecun_normal_(mini_dl.zeros(100, 400)).numpy().std(), 0.05, rtol=0.03)
    assert np.isclose(nn.init.uniform_(mini_dl.zeros(9999), 2, 4).numpy().mean(), 3, atol=0.05)
    with pytest.raises(ValueError, match="no 'fan_in' with 'swish'; use"):
        nn.init.kaiming_normal_(mini_dl.zeros(3, 3), nonlinearity="swish")
    with pytest.raises(ValueError, match=re.escape("shape (3,) has no inputs and outputs")):
        nn.init.xavier_uniform_(mini_dl.zeros(3))


# ---- the module itself -----------------------------------------------------------------------------


class Tied(nn.Module):
    """Two names for one parameter, a buffer, a list of parts, and an attribute that is none of these."""

    def __init__(self):
        self.embedding = nn.Embedding(5, 3)
        self.parts = nn.ModuleList([nn.Linear(3, 3), nn.ReLU()])
        self.head = nn.Linear(3, 5, bias=False)
        self.head.weight = self.embedding.weight
        self.register_buffer("count", mini_dl.zeros(1))
        self.note = "not a part"

    def forward(self, x):
        x = self.embedding(x)
        for part in self.parts:
            x = part(x)
        return self.head(x)


def test_a_module_finds_its_parts():
    model = Tied()
    assert [n for n, _ in model.named_parameters()] == ["embedding.weight", "parts.0.weight", "parts.0.bias"]
    assert len(list(model.parameters())) == 3
    assert [n for n, _ in model.named_buffers()] == ["count"]
    assert list(model.state_dict()) == [
        "embedding.weight",
        "parts.0.weight",
        "parts.0.bias",
        "head.weight",
        "count",
    ] or set(model.state_dict()) == {
        "embedding.weight",
        "parts.0.weight",
        "parts.0.bias",
        "head.weight",
        "count",
    }
    assert [type(m).__name__ for m in model.modules()] == [
        "Tied",
        "Embedding",
        "ModuleList",
        "Linear",
        "ReLU",
        "Linear",
    ]
    assert model.parts[1] is list(model.parts)[1]
    assert len(model.parts) == 2
    assert not model.eval().parts[0].training
    assert model.train().parts[0].training
    model(mini_dl.tensor([1, 2])).sum().backward()
    assert model.embedding.weight.grad is not None
    model.zero_grad()
    assert model.embedding.weight.grad is None
    assert model.to(np.float64).head.weight.dtype == np.float64


def test_repr_of_modules():
    text = repr(Tied())
    assert "(embedding): Embedding(num_embeddings=5, embedding_dim=3)" in text
    assert "  (parts): ModuleList(\n    (0): Linear(in_features=3, out_features=3, bias=True)" in text


def test_load_state_dict_says_everything_that_is_wrong():
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    before = {k: v.numpy().copy() for k, v in model.state_dict().items()}
    state = {**model.state_dict(), "0.weight": np.zeros((3, 5)), "2.bias": np.zeros(1)}
    del state["1.bias"]
    with pytest.raises(RuntimeError) as error:
        model.load_state_dict(state)
    assert str(error.value).splitlines() == [
        "load_state_dict for Sequential:",
        "  0.weight: shape (3, 5) given, (3, 2) needed",
        "  1.bias: missing",
        "  2.bias: unexpected",
    ]
    assert all((v.numpy() == before[k]).all() for k, v in model.state_dict().items())
    model.load_state_dict({"1.bias": np.array([7.0]), "other": np.zeros(1)}, strict=False)
    assert model[1].bias.tolist() == [7.0]


def test_a_module_without_forward_says_so():
    with pytest.raises(NotImplementedError, match="Module has no forward"):
        nn.Module()(1)


def test_batch_norm_refuses_what_it_cannot_normalise():
    with pytest.raises(ValueError, match=re.escape("one value a channel")):
        nn.BatchNorm1d(3)(mini_dl.zeros(1, 3))
    with pytest.raises(ValueError, match=re.escape("input (2, 3, 4, 4) must have (2, 3) axes")):
        nn.BatchNorm1d(3)(mini_dl.zeros(2, 3, 4, 4))
    with pytest.raises(ValueError, match=re.escape("input (2, 4) must have 3 channels")):
        nn.BatchNorm1d(3)(mini_dl.zeros(2, 4))


def test_loss_modules():
    x, y, target = (
        np.random.default_rng(0).standard_normal((3, 4, 5)),
        np.zeros((3, 4, 5)),
        np.array([[0, 1, 2, 4]] * 3),
    )
    for name, goal in (("MSELoss", y), ("BCEWithLogitsLoss", y)):
        a = getattr(nn, name)(reduction="sum")(mini_dl.tensor(x), mini_dl.tensor(goal))
        assert_close(a, getattr(torch.nn, name)(reduction="sum")(torch.tensor(x), torch.tensor(goal)), name)
    x = x.swapaxes(1, 2)
    ours = nn.CrossEntropyLoss(ignore_index=1, label_smoothing=0.1)(mini_dl.tensor(x), mini_dl.tensor(target))
    theirs = torch.nn.CrossEntropyLoss(ignore_index=1, label_smoothing=0.1)(
        torch.tensor(x), torch.tensor(target)
    )
    assert_close(ours, theirs, "cross-entropy")


# ---- whole trainings -------------------------------------------------------------------------------


def lenet(lib):
    n = lib.nn
    return n.Sequential(
        n.Conv2d(1, 4, 5, padding=2),
        n.BatchNorm2d(4),
        n.ReLU(),
        n.MaxPool2d(2),
        n.Conv2d(4, 6, 3),
        n.BatchNorm2d(6),
        n.ReLU(),
        n.AvgPool2d(2),
        n.Flatten(),
        n.Linear(54, 20),
        n.BatchNorm1d(20),
        n.ReLU(),
        n.Linear(20, 5),
    )


def mlp(lib):
    n = lib.nn
    return n.Sequential(n.Linear(20, 16), n.Tanh(), n.Linear(16, 16), n.GELU(), n.Linear(16, 5))


def language_model(lib):
    n = lib.nn

    class Model(n.Module):
        def __init__(self):
            super().__init__()
            self.embedding, self.lstm, self.head = (
                n.Embedding(7, 6),
                n.LSTM(6, 8, num_layers=2),
                n.Linear(8, 7),
            )

        def forward(self, x):
            return self.head(self.lstm(self.embedding(x))[0]).reshape(-1, 7)

    return Model()


def transformer(lib):
    n = lib.nn

    class Block(n.Module):
        def __init__(self):
            super().__init__()
            self.ln1, self.attention, self.ln2 = (
                n.LayerNorm(8),
                n.MultiheadAttention(8, 2, batch_first=True),
                n.LayerNorm(8),
            )
            self.mlp = n.Sequential(n.Linear(8, 32), n.GELU(), n.Linear(32, 8))

        def forward(self, x):
            mask = lib.tensor(np.triu(np.ones((x.shape[1], x.shape[1]), bool), 1))
            y = self.ln1(x)
            x = x + self.attention(y, y, y, attn_mask=mask, need_weights=False)[0]
            return x + self.mlp(self.ln2(x))

    class Model(n.Module):
        def __init__(self):
            super().__init__()
            self.tokens, self.places = n.Embedding(7, 8), n.Embedding(6, 8)
            self.blocks, self.ln, self.head = n.ModuleList([Block(), Block()]), n.LayerNorm(8), n.Linear(8, 7)

        def forward(self, x):
            x = self.tokens(x) + self.places(lib.arange(x.shape[1]))
            for block in self.blocks:
                x = block(x)
            return self.head(self.ln(x)).reshape(-1, 7)

    return Model()


TRAININGS = {
    "MLP": (
        mlp,
        lambda rng: (rng.standard_normal((12, 20)), rng.integers(0, 5, 12)),
        "SGD",
        {"lr": 0.1, "momentum": 0.9},
    ),
    "LeNet": (
        lenet,
        lambda rng: (rng.standard_normal((8, 1, 16, 16)), rng.integers(0, 5, 8)),
        "Adam",
        {"lr": 1e-2},
    ),
    "LSTM": (
        language_model,
        lambda rng: (rng.integers(0, 7, (9, 4)), rng.integers(0, 7, 36)),
        "RMSprop",
        {"lr": 1e-2},
    ),
    "Transformer": (
        transformer,
        lambda rng: (rng.integers(0, 7, (4, 6)), rng.integers(0, 7, 24)),
        "AdamW",
        {"lr": 1e-2},
    ),
}


@pytest.mark.parametrize("name", TRAININGS)
def test_50_steps_of_training_are_pytorchs(name):
    """From the same weights and batches the losses stay equal to 1e-6."""
    build, batch, optimizer, settings = TRAININGS[name]
    ours, theirs = pair(build)
    losses = {}
    for lib, model in ((mini_dl, ours), (torch, theirs)):
        rng = np.random.default_rng(1)
        opt = getattr(lib.optim, optimizer)(model.parameters(), **settings)
        history = []
        for _ in range(50):
            x, y = batch(rng)
            opt.zero_grad()
            loss = lib.nn.functional.cross_entropy(model(lib.tensor(x)), lib.tensor(y))
            loss.backward()
            opt.step()
            history.append(loss.item())
        losses[lib.__name__] = np.array(history)
    counts["PyTorch"] += 50
    np.testing.assert_allclose(losses["mini_dl"], losses["torch"], rtol=0, atol=1e-6)
    assert np.ptp(losses["torch"]) > 0.05  # it did move

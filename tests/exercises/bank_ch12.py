"""Bank of notebook 12: answers as readers write them."""

from __future__ import annotations

import copy

import numpy as np
from bank import Bank

import mini_dl

# --- port_weights ------------------------------------------------------------------------------------

port = Bank("port_weights")


def torch_module():
    import torch

    return torch


def size_of(source):
    return sum(v.numel() for v in source.state_dict().values())


@port.right
def port_load_state(source, target):
    torch = torch_module()
    target.load_state_dict({k: torch.from_numpy(v.numpy()) for k, v in source.state_dict().items()})
    return size_of(source)


@port.right
def port_copy_in_place(source, target):
    torch = torch_module()
    mine = target.state_dict()
    for name, value in source.state_dict().items():
        mine[name].copy_(torch.tensor(value.tolist()))
    return size_of(source)


@port.right
def port_parameters_then_buffers(source, target):
    torch = torch_module()
    with torch.no_grad():
        for p, q in zip(source.parameters(), target.parameters(), strict=True):
            q.copy_(torch.tensor(np.array(p.detach())))
        for p, q in zip(source.named_buffers(), target.buffers(), strict=True):
            q.copy_(torch.from_numpy(p[1].numpy()))
    return size_of(source)


@port.right
def port_data(source, target):
    torch = torch_module()
    theirs = source.state_dict()
    for name, p in [*target.named_parameters(), *target.named_buffers()]:
        p.data = torch.tensor(theirs[name].numpy().copy())
    return size_of(source)


@port.right
def port_layer_by_layer(source, target):
    torch = torch_module()
    for ours, theirs in zip(source, target, strict=True):
        state = {name: torch.as_tensor(np.array(v)) for name, v in ours.state_dict().items()}
        theirs.load_state_dict(state, strict=True)
    return size_of(source)


@port.wrong(names="nothing_copied")
def port_into_a_copy(source, target):
    return port_load_state(source, copy.deepcopy(target))


@port.wrong(names="parameters_only")
def port_named_parameters(source, target):
    torch = torch_module()
    mine = dict(target.named_parameters())
    for name, p in source.named_parameters():
        mine[name].data.copy_(torch.tensor(p.detach().numpy()))
    return sum(p.numel() for p in mine.values())


@port.wrong(names="parameters_only")
def port_zip_parameters(source, target):
    torch = torch_module()
    with torch.no_grad():
        for p, q in zip(source.parameters(), target.parameters(), strict=True):
            q[...] = torch.tensor(np.array(p.detach()))
    return sum(p.numel() for p in source.parameters())


@port.wrong(names="weights_only")
def port_weight_attributes(source, target):
    torch = torch_module()
    for ours, theirs in zip(source, target, strict=True):
        if hasattr(ours, "weight"):
            theirs.weight.data = torch.tensor(np.array(ours.weight.detach()))
    return sum(part.weight.numel() for part in source if hasattr(part, "weight"))


@port.wrong(names="without_biases")
def port_no_biases(source, target):
    torch = torch_module()
    state = {k: torch.tensor(v.numpy()) for k, v in source.state_dict().items() if "bias" not in k}
    target.load_state_dict(state, strict=False)
    return sum(v.numel() for v in state.values())


@port.wrong(names="without_counter")
def port_floats_only(source, target):
    torch = torch_module()
    state = {k: torch.tensor(v.numpy()) for k, v in source.state_dict().items() if v.ndim}
    target.load_state_dict(state, strict=False)
    return sum(v.numel() for v in state.values())


@port.wrong(names="nothing_copied")
def port_wrong_names(source, target):
    torch = torch_module()
    state = {f"model.{k}": torch.tensor(v.numpy()) for k, v in source.state_dict().items()}
    target.load_state_dict(state, strict=False)
    return sum(v.numel() for v in state.values())


@port.wrong(names="nothing_copied")
def port_rebinds(source, target):
    torch = torch_module()
    theirs = source.state_dict()
    mine = dict(target.named_parameters())
    for name in mine:
        mine[name] = torch.tensor(np.array(theirs[name]))
    return size_of(source)


@port.wrong(names="nothing_copied")
def port_fills_a_dictionary(source, target):
    torch = torch_module()
    state = target.state_dict()
    for name, value in source.state_dict().items():
        state[name] = torch.tensor(np.array(value))
    return size_of(source)


@port.wrong(names="first_layer_only")
def port_returns_in_loop(source, target):
    torch = torch_module()
    for ours, theirs in zip(source, target, strict=True):
        theirs.load_state_dict({k: torch.tensor(v.numpy()) for k, v in ours.state_dict().items()})
        return size_of(ours)


@port.wrong(names="other_direction")
def port_backwards(source, target):
    source.load_state_dict({k: v.numpy() for k, v in target.state_dict().items()})
    return size_of(source)


@port.wrong(names="shares_memory")
def port_shares(source, target):
    torch = torch_module()
    state = {k: torch.from_numpy(v.numpy()) for k, v in source.state_dict().items()}
    target.load_state_dict(state)
    for name, p in target.named_parameters():
        p.data = state[name]
    return size_of(source)


@port.wrong(names="shares_memory")
def port_assigns(source, target):
    torch = torch_module()
    state = {k: torch.from_numpy(v.numpy()) for k, v in source.state_dict().items()}
    target.load_state_dict(state, assign=True)
    return size_of(source)


@port.wrong(names="in_double")
def port_double(source, target):
    torch = torch_module()
    target.to(torch.float64)
    return port_load_state(source, target)


@port.wrong(says="load_state_dict")
def port_returns_keys(source, target):
    torch = torch_module()
    return target.load_state_dict({k: torch.tensor(v.numpy()) for k, v in source.state_dict().items()})


@port.wrong(says="a dict of")
def port_returns_state(source, target):
    port_load_state(source, target)
    return {k: v.numpy() for k, v in source.state_dict().items()}


@port.wrong(says="how many numbers")
def port_returns_source(source, target):
    port_load_state(source, target)
    return source


@port.wrong(says="how many numbers")
def port_returns_target(source, target):
    port_load_state(source, target)
    return target


@port.wrong(names="counts_names")
def port_counts_names(source, target):
    port_load_state(source, target)
    return len(target.state_dict())


@port.wrong(names="counts_parameters")
def port_counts_parameters(source, target):
    port_load_state(source, target)
    return sum(p.numel() for p in target.parameters())


@port.wrong(says="None")
def port_returns_nothing(source, target):
    port_load_state(source, target)


@port.wrong(says="size mismatch")
def port_transposes(source, target):
    torch = torch_module()
    state = {k: torch.tensor(v.numpy().T.copy()) for k, v in source.state_dict().items()}
    target.load_state_dict(state)
    return size_of(source)


@port.wrong(names="transposes_squares")
def port_transposes_where_it_fits(source, target):
    torch = torch_module()
    port_load_state(source, target)
    theirs = source.state_dict()
    for name, p in target.named_parameters():
        turned = theirs[name].numpy().T.copy()
        if p.ndim == 2 and turned.shape == p.shape:
            p.data.copy_(torch.tensor(turned))
    return size_of(source)


@port.wrong(says="TypeError")
def port_passes_the_network(source, target):
    return target.load_state_dict(source)


@port.wrong(says="takes tensors of PyTorch only")
def port_passes_tensors(source, target):
    target.load_state_dict(source.state_dict())
    return size_of(target)


@port.wrong(says="the type")
def port_half(source, target):
    return port_load_state(source, target.half())


@port.wrong()
def port_rounds(source, target):
    torch = torch_module()
    state = {k: torch.tensor(np.round(v.numpy(), 1)) for k, v in source.state_dict().items()}
    target.load_state_dict(state)
    return size_of(source)


@port.wrong(says="the source after the call")
def port_clears_the_source(source, target):
    port_load_state(source, target)
    for p in source.parameters():
        p.data[...] = 0
    return size_of(source)


# --- one_loop ----------------------------------------------------------------------------------------

loop = Bank("one_loop")


@loop.right
def loop_by_hand(lib, weight, bias, x, y, lr, steps):
    w, b = lib.tensor(weight, requires_grad=True), lib.tensor(bias, requires_grad=True)
    x, y, losses = lib.tensor(x), lib.tensor(y), []
    for _ in range(steps):
        loss = lib.nn.functional.cross_entropy(x @ w.T + b, y)
        loss.backward()
        with lib.no_grad():
            for p in (w, b):
                p -= lr * p.grad
                p.grad = None
        losses.append(loss.item())
    return losses


@loop.right
def loop_module(lib, weight, bias, x, y, lr, steps):
    model = lib.nn.Linear(weight.shape[1], weight.shape[0])
    model.to(lib.float64)
    model.load_state_dict({"weight": lib.tensor(weight), "bias": lib.tensor(bias)})
    optimizer, criterion = lib.optim.SGD(model.parameters(), lr=lr), lib.nn.CrossEntropyLoss()
    losses = np.zeros(steps)
    for i in range(steps):
        loss = criterion(model(lib.tensor(x)), lib.tensor(y))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses[i] = loss.item()
    return losses


@loop.right
def loop_new_leaves(lib, weight, bias, x, y, lr, steps):
    """New tensors in each step: no gradient to forget."""
    losses = []
    for _ in range(steps):
        w, b = lib.tensor(weight, requires_grad=True), lib.tensor(bias, requires_grad=True)
        loss = lib.nn.functional.cross_entropy(lib.nn.functional.linear(lib.tensor(x), w, b), lib.tensor(y))
        loss.backward()
        weight = weight - lr * np.array(w.grad)
        bias = bias - lr * np.array(b.grad)
        losses.append(loss)
    return tuple(losses)


@loop.right
def loop_log_softmax(lib, weight, bias, x, y, lr, steps):
    w, b = lib.tensor(weight, requires_grad=True), lib.tensor(bias, requires_grad=True)
    one_hot = lib.tensor(np.eye(len(weight))[y])
    losses = []
    for _ in range(steps):
        logits = lib.tensor(x) @ w.T + b
        loss = -(one_hot * lib.nn.functional.log_softmax(logits, dim=1)).sum() / len(y)
        w.grad = b.grad = None
        loss.backward()
        with lib.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        losses.append(loss.item())
    return np.array(losses)


@loop.right
def loop_single_precision(lib, weight, bias, x, y, lr, steps):
    single = [a.astype(np.float32) for a in (weight, bias, x)]
    return np.array(loop_by_hand(lib, *single, y, lr, steps), np.float32)


def wrong_loop(lib, weight, bias, x, y, lr, steps, sign=-1, forget=True, mean=True, late=False):
    w, b = lib.tensor(weight, requires_grad=True), lib.tensor(bias, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = lib.nn.functional.cross_entropy(lib.tensor(x) @ w.T + b, lib.tensor(y))
        loss = loss if mean else loss * len(y)
        loss.backward()
        with lib.no_grad():
            w += sign * lr * w.grad
            b += sign * lr * b.grad
        if forget:
            w.grad = b.grad = None
        if late:
            loss = lib.nn.functional.cross_entropy(lib.tensor(x) @ w.T + b, lib.tensor(y))
        losses.append(loss.item())
    return losses


@loop.wrong(names="never_forgets")
def loop_keeps_gradients(lib, weight, bias, x, y, lr, steps):
    return wrong_loop(lib, weight, bias, x, y, lr, steps, forget=False)


@loop.wrong(names="losses_after")
def loop_late(lib, weight, bias, x, y, lr, steps):
    return wrong_loop(lib, weight, bias, x, y, lr, steps, late=True)


@loop.wrong(names="trains_the_sum")
def loop_sum(lib, weight, bias, x, y, lr, steps):
    return wrong_loop(lib, weight, bias, x, y, lr, steps, mean=False)


@loop.wrong(names="steps_of_the_sum")
def loop_long_steps(lib, weight, bias, x, y, lr, steps):
    return wrong_loop(lib, weight, bias, x, y, lr * len(y), steps)


@loop.wrong(names="uphill")
def loop_uphill(lib, weight, bias, x, y, lr, steps):
    return wrong_loop(lib, weight, bias, x, y, lr, steps, sign=1)


@loop.wrong(names="bias_frozen")
def loop_weight_alone(lib, weight, bias, x, y, lr, steps):
    w, losses = lib.tensor(weight, requires_grad=True), []
    optimizer = lib.optim.SGD([w], lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = lib.nn.functional.cross_entropy(lib.tensor(x) @ w.T + lib.tensor(bias), lib.tensor(y))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@loop.wrong(names="weight_frozen")
def loop_bias_alone(lib, weight, bias, x, y, lr, steps):
    b, losses = lib.tensor(bias, requires_grad=True), []
    for _ in range(steps):
        b.grad = None
        loss = lib.nn.functional.cross_entropy(lib.tensor(x) @ lib.tensor(weight).T + b, lib.tensor(y))
        loss.backward()
        with lib.no_grad():
            b -= lr * b.grad
        losses.append(loss.item())
    return losses


@loop.wrong(names="never_steps")
def loop_without_step(lib, weight, bias, x, y, lr, steps):
    return wrong_loop(lib, weight, bias, x, y, 0.0, steps)


@loop.wrong(names="one_too_many")
def loop_one_more(lib, weight, bias, x, y, lr, steps):
    return wrong_loop(lib, weight, bias, x, y, lr, steps + 1)


@loop.wrong(names="rate_ignored")
def loop_own_rate(lib, weight, bias, x, y, lr, steps):
    return loop_module(lib, weight, bias, x, y, 0.01, steps)


@loop.wrong(says="never uses `lib`")
def loop_torch_always(lib, weight, bias, x, y, lr, steps):
    import torch

    return loop_by_hand(torch, weight, bias, x, y, lr, steps)


@loop.wrong(says="never uses `lib`")
def loop_mini_dl_always(lib, weight, bias, x, y, lr, steps):
    return loop_module(mini_dl, weight, bias, x, y, lr, steps)


@loop.wrong(says="shape")
def loop_last_loss(lib, weight, bias, x, y, lr, steps):
    return loop_by_hand(lib, weight, bias, x, y, lr, steps)[-1]


@loop.wrong(says="shape")
def loop_returns_in_loop(lib, weight, bias, x, y, lr, steps):
    w, b = lib.tensor(weight, requires_grad=True), lib.tensor(bias, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = lib.nn.functional.cross_entropy(lib.tensor(x) @ w.T + b, lib.tensor(y))
        losses.append(loss.item())
        return losses
    return losses


@loop.wrong(says="bring both to one type")
def loop_float32_layer(lib, weight, bias, x, y, lr, steps):
    model = lib.nn.Linear(weight.shape[1], weight.shape[0])
    model.load_state_dict({"weight": lib.tensor(weight), "bias": lib.tensor(bias)})
    optimizer, losses = lib.optim.SGD(model.parameters(), lr=lr), []
    for _ in range(steps):
        loss = lib.nn.functional.cross_entropy(model(lib.tensor(x)), lib.tensor(y))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@loop.wrong(says="no leaf")
def loop_rebinds_the_leaf(lib, weight, bias, x, y, lr, steps):
    w, b = lib.tensor(weight, requires_grad=True), lib.tensor(bias, requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = lib.nn.functional.cross_entropy(lib.tensor(x) @ w.T + b, lib.tensor(y))
        loss.backward()
        w = w - lr * w.grad
        b = b - lr * b.grad
        losses.append(loss.item())
    return losses


@loop.wrong(says="two different answers")
def loop_own_start(lib, weight, bias, x, y, lr, steps):
    model = lib.nn.Linear(weight.shape[1], weight.shape[0]).to(lib.float64)
    optimizer, losses = lib.optim.SGD(model.parameters(), lr=lr), []
    for _ in range(steps):
        loss = lib.nn.functional.cross_entropy(model(lib.tensor(x)), lib.tensor(y))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@loop.wrong(says="AttributeError")
def loop_array_method(lib, weight, bias, x, y, lr, steps):
    w = lib.tensor(weight, requires_grad=True)
    loss = lib.nn.functional.cross_entropy(w.astype(float), y)
    return [loss.item()] * steps


@loop.wrong()
def loop_squares(lib, weight, bias, x, y, lr, steps):
    w, b = lib.tensor(weight, requires_grad=True), lib.tensor(bias, requires_grad=True)
    targets = lib.tensor(np.eye(len(weight))[y])
    losses = []
    for _ in range(steps):
        loss = lib.nn.functional.mse_loss(lib.tensor(x) @ w.T + b, targets)
        loss.backward()
        with lib.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
        losses.append(loss.item())
    return losses


@loop.wrong()
def loop_random_start(lib, weight, bias, x, y, lr, steps):
    start = np.random.default_rng(0).standard_normal(weight.shape)
    return wrong_loop(lib, start, np.zeros_like(bias), x, y, lr, steps)


@loop.wrong()
def loop_momentum(lib, weight, bias, x, y, lr, steps):
    w, b = lib.tensor(weight, requires_grad=True), lib.tensor(bias, requires_grad=True)
    optimizer, losses = lib.optim.SGD([w, b], lr=lr, momentum=0.9), []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = lib.nn.functional.cross_entropy(lib.tensor(x) @ w.T + b, lib.tensor(y))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


# --- reorder_dense -----------------------------------------------------------------------------------

dense = Bank("reorder_dense")


@dense.right
def dense_move_axes(kernel, shape):
    h, w, c = shape
    image = kernel.T.reshape(-1, h, w, c)
    return np.moveaxis(image, 3, 1).reshape(len(image), -1)


@dense.right
def dense_loops(kernel, shape):
    h, w, c = shape
    weight = np.zeros(kernel.shape[::-1])
    for i in range(h):
        for j in range(w):
            for k in range(c):
                weight[:, (k * h + i) * w + j] = kernel[(i * w + j) * c + k]
    return weight


@dense.right
def dense_index(kernel, shape):
    order = np.arange(np.prod(shape)).reshape(shape).transpose(2, 0, 1).ravel()
    return kernel[order].T


@dense.right
def dense_einsum(kernel, shape):
    outputs = kernel.shape[1]
    return np.einsum("hwco->ochw", kernel.reshape(*shape, outputs)).reshape(outputs, -1)


@dense.right
def dense_channel_slices(kernel, shape):
    channels = shape[2]
    return np.concatenate([kernel[k::channels].T for k in range(channels)], axis=1).tolist()


@dense.right
def dense_pixels_flat(kernel, shape):
    h, w, c = shape
    return kernel.reshape(h * w, c, -1).swapaxes(0, 1).reshape(c * h * w, -1).T.copy()


@dense.wrong(names="transposed_only")
def dense_transposed(kernel, shape):
    return np.ascontiguousarray(kernel.T)


@dense.wrong(names="reshaped_only")
def dense_reshaped(kernel, shape):
    h, w, c = shape
    return kernel.reshape(-1, c * h * w)


@dense.wrong(names="transposed_only")
def dense_reshape_there_and_back(kernel, shape):
    h, w, c = shape
    return kernel.T.reshape(-1, c, h, w).reshape(kernel.shape[1], -1)


@dense.wrong(names="not_transposed")
def dense_rows_only(kernel, shape):
    h, w, c = shape
    return kernel.reshape(h, w, c, -1).transpose(2, 0, 1, 3).reshape(h * w * c, -1)


@dense.wrong(names="other_way")
def dense_backwards(kernel, shape):
    h, w, c = shape
    return kernel.T.reshape(-1, c, h, w).transpose(0, 2, 3, 1).reshape(kernel.shape[1], -1)


@dense.wrong(names="width_first")
def dense_reversed_axes(kernel, shape):
    return kernel.reshape(*shape, -1).T.reshape(kernel.shape[1], -1)


@dense.wrong(names="shape_misread")
def dense_unpacked_wrongly(kernel, shape):
    c, h, w = shape
    return np.moveaxis(kernel.T.reshape(-1, h, w, c), -1, 1).reshape(kernel.shape[1], -1)


@dense.wrong(names="outputs_first")
def dense_output_axis(kernel, shape):
    h, w, c = shape
    return np.moveaxis(kernel.reshape(-1, h, w, c), 3, 1).reshape(kernel.shape[1], -1)


@dense.wrong(names="flipped")
def dense_flips(kernel, shape):
    h, w, c = shape
    image = kernel.T.reshape(-1, h, w, c)[:, ::-1, ::-1]
    return image.transpose(0, 3, 1, 2).reshape(kernel.shape[1], -1)


@dense.wrong(says="shape")
def dense_not_flat(kernel, shape):
    h, w, c = shape
    return kernel.reshape(h, w, c, -1).transpose(3, 2, 0, 1)


@dense.wrong()
def dense_unchanged(kernel, shape):
    return kernel


@dense.wrong(says="in place")
def dense_in_place(kernel, shape):
    weight = dense_index(kernel, shape).copy()
    kernel[:] = weight.T
    return weight


@dense.wrong()
def dense_fortran(kernel, shape):
    return kernel.reshape(*shape, -1, order="F").transpose(3, 2, 0, 1).reshape(kernel.shape[1], -1)


@dense.wrong()
def dense_fortran_at_the_end(kernel, shape):
    return kernel.reshape(*shape, -1).transpose(3, 2, 0, 1).reshape(kernel.shape[1], -1, order="F")


@dense.wrong(says="sign")
def dense_negative(kernel, shape):
    return -dense_index(kernel, shape)


# --- custom_function ---------------------------------------------------------------------------------

own = Bank("custom_function")


@own.right
def own_function(x):
    import torch

    class Sign(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return torch.where(x >= 0, 1.0, -1.0).to(x.dtype)

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * (x.abs() <= 1)

    return Sign.apply(x)


@own.right
def own_keeps_the_mask(x):
    import torch

    class Sign(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.inside = (x >= -1) & (x <= 1)
            return torch.ones_like(x).masked_fill(x < 0, -1)

        @staticmethod
        def backward(ctx, g):
            return torch.where(ctx.inside, g, torch.zeros_like(g))

    return Sign.apply(x)


@own.right
def own_detached(x):
    """Without a Function: the value of one thing, the gradient of another."""
    import torch

    smooth = torch.nn.functional.hardtanh(x)
    inside = x * (x.abs() <= 1)
    sign = (x >= 0).to(x.dtype) * 2 - 1
    return inside + (sign - inside).detach() + 0 * smooth.detach()


@own.right
def own_setup_context(x):
    import torch

    class Sign(torch.autograd.Function):
        @staticmethod
        def forward(x):
            sign = torch.sign(x)
            sign[sign == 0] = 1
            return sign

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(*inputs)

        @staticmethod
        def backward(ctx, g):
            g = g.clone()
            g[ctx.saved_tensors[0].abs() > 1] = 0
            return g

    return Sign.apply(x)


@own.right
def own_numpy_inside(x):
    import torch

    class Sign(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            values = x.detach().numpy()
            ctx.window = torch.from_numpy((np.abs(values) <= 1).astype(values.dtype))
            return torch.from_numpy(np.where(values < 0, -1, 1).astype(values.dtype))

        @staticmethod
        def backward(ctx, g):
            return ctx.window * g

    return Sign.apply(x)


def function_of(forward, backward, x):
    import torch

    class Made(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return forward(x)

        @staticmethod
        def backward(ctx, g):
            return backward(ctx.saved_tensors[0], g)

    return Made.apply(x)


def sign_of(x):
    return 1 - 2 * (x < 0).to(x.dtype)


@own.wrong(names="sign_of_zero")
def own_torch_sign(x):
    return function_of(lambda x: x.sign(), lambda x, g: g * (abs(x) <= 1), x)


@own.wrong(names="ignores_upstream")
def own_slope_only(x):
    return function_of(sign_of, lambda x, g: (abs(x) <= 1).to(g.dtype) + 0 * g, x)


@own.wrong(names="passes_everywhere")
def own_identity(x):
    return x + (sign_of(x) - x).detach()


@own.wrong(names="open_window")
def own_strict(x):
    return function_of(sign_of, lambda x, g: g.masked_fill((x <= -1) | (x >= 1), 0), x)


@own.wrong(names="window_of_g")
def own_mask_of_g(x):
    return function_of(sign_of, lambda x, g: g.masked_fill(g.abs() > 1, 0), x)


@own.wrong(names="clips_g")
def own_clip(x):
    return function_of(sign_of, lambda x, g: g.clip(-1, 1), x)


@own.wrong(names="outside")
def own_turned(x):
    return function_of(sign_of, lambda x, g: g.masked_fill(x.abs() <= 1, 0), x)


@own.wrong(names="hard_tanh")
def own_hard_tanh(x):
    import torch

    return torch.where(x > 1, torch.ones_like(x), torch.where(x < -1, -torch.ones_like(x), x))


@own.wrong(names="zero_or_one")
def own_step(x):
    return function_of(lambda x: 1.0 * (x >= 0).to(x.dtype), lambda x, g: g * (x.abs() <= 1), x)


@own.wrong(names="times_output")
def own_times_output(x):
    return function_of(sign_of, lambda x, g: g * sign_of(x) * (x.abs() <= 1), x)


@own.wrong(names="one_sided")
def own_one_side(x):
    return function_of(sign_of, lambda x, g: g.masked_fill(x > 1, 0), x)


@own.wrong(names="flat")
def own_zeros(x):
    return function_of(sign_of, lambda x, g: g.new_zeros(g.shape), x)


@own.wrong(says="forgotten x")
def own_detached_result(x):
    return sign_of(x.detach())


@own.wrong(says="Function")
def own_class_itself(x):
    import torch

    class Sign(torch.autograd.Function):
        pass

    return Sign


@own.wrong(says="way back fails")
def own_without_backward(x):
    import torch

    class Sign(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return sign_of(x)

    return Sign.apply(x)


@own.wrong(says="way back fails")
def own_backward_shape(x):
    return function_of(sign_of, lambda x, g: g.reshape(-1)[:1], x)


@own.wrong(says="has shape")
def own_sum(x):
    return function_of(sign_of, lambda x, g: g * (x.abs() <= 1), x).sum()


@own.wrong(says="an array of shape")
def own_numpy(x):
    return np.where(x.detach().numpy() >= 0, 1.0, -1.0)


@own.wrong(says="the text")
def own_text(x):
    return str(sign_of(x))


@own.wrong()
def own_minus(x):
    return function_of(sign_of, lambda x, g: -g * (x.abs() <= 1), x)


@own.wrong()
def own_smooth(x):
    return function_of(sign_of, lambda x, g: g * (1 - x.tanh() ** 2), x)


@own.wrong(says="changes g in place")
def own_in_place(x):
    def backward(x, g):
        g[x.abs() > 1] = 0
        return g

    return function_of(sign_of, backward, x)


@own.wrong(says="way back fails")
def own_forgets_the_tuple(x):
    import torch

    class Sign(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return sign_of(x)

        @staticmethod
        def backward(ctx, g):
            x = ctx.saved_tensors
            return g * (x.abs() <= 1)

    return Sign.apply(x)


@own.wrong(names="passes_everywhere")
def own_saves_the_output(x):
    import torch

    class Sign(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            y = sign_of(x)
            ctx.save_for_backward(y)
            return y

        @staticmethod
        def backward(ctx, g):
            (y,) = ctx.saved_tensors
            return g * (y.abs() <= 1)

    return Sign.apply(x)

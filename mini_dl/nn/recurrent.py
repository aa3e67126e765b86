"""Recurrent layers over a whole sequence, each as one operation.

All weight gradients come from one matrix product after the loop back through time, and RNN and GRU
multiply all inputs by the input weights in one product before the loop: only what truly depends on
the step before is left inside. Shapes: T steps, B sequences, I features in, H hidden units; weights
are PyTorch's: w_ih (gates·H, I), w_hh (gates·H, H), b_ih and b_hh (gates·H,).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mini_dl.autograd import Array
from mini_dl.errors import Explained
from mini_dl.tensor import Result, fused


def _check(x: Array, h0: Array, w_ih: Array, w_hh: Array) -> tuple[int, int, int]:
    """Return T, B and H, if the shapes fit."""
    if x.ndim != 3 or x.shape[2] != w_ih.shape[1] or h0.shape != (x.shape[1], w_hh.shape[1]):
        raise Explained(
            f"input {x.shape} must be (time, batch, {w_ih.shape[1]} features) and the initial "
            f"state {h0.shape} "
            f"(batch, {w_hh.shape[1]}); with batch_first=True the layer takes (batch, time, features)"
        )
    return x.shape[0], x.shape[1], w_hh.shape[1]


def _inputs(x: Array, h0: Array, w_ih: Array, w_hh: Array, b: Array) -> tuple[Array, int, int, int]:
    """Return x @ w_ihᵀ + b for all steps at once, (T, B, gates·H), and T, B, H."""
    t, batch, n = _check(x, h0, w_ih, w_hh)
    z = x.reshape(t * batch, -1) @ w_ih.T
    z += b
    return z.reshape(t, batch, -1), t, batch, n


def _weight_gradients(gz: Array, x: Array, before: Array, w_ih: Array) -> tuple[Array, ...]:
    """From gz = d loss / d z for all steps: the gradients of x, w_ih, w_hh and both biases."""
    rows = gz.reshape(-1, gz.shape[2])
    gb = rows.sum(axis=0)
    gx = (rows @ w_ih).reshape(x.shape)
    return gx, rows.T @ x.reshape(len(rows), -1), rows.T @ before.reshape(len(rows), -1), gb, gb.copy()


@fused
def rnn(
    x: Array, h0: Array, w_ih: Array, w_hh: Array, b_ih: Array, b_hh: Array, nonlinearity: str = "tanh"
) -> Result:
    """Run Elman's network: h_t = tanh(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh) (Elman 1990).

    Parameters
    ----------
    x
        (T, B, I)
    h0
        (B, H)
    w_ih, w_hh, b_ih, b_hh
        (H, I), (H, H), (H,), (H,)
    nonlinearity
        "tanh" or "relu".

    Returns
    -------
    Tensor
        All hidden states, (T, B, H).

    Raises
    ------
    ValueError
        If the shapes of x and h0 do not fit.

    >>> rnn(ones(5, 2, 3), zeros(2, 4), zeros(4, 3), zeros(4, 4), zeros(4), zeros(4)).shape
    (5, 2, 4)
    """
    h, steps, *_ = _inputs(x, h0, w_ih, w_hh, b_ih + b_hh)
    relu = nonlinearity == "relu"
    states = np.concatenate([h0[None], h])  # the state before each step; the last is the result
    for t in range(steps):
        z = states[t + 1]
        z += states[t] @ w_hh.T
        np.maximum(z, 0, out=z) if relu else np.tanh(z, out=z)

    def vjp(g: Array) -> tuple[Any, ...]:
        out = states[1:]
        gz = (out > 0).astype(x.dtype) if relu else 1 - out * out
        gh = np.zeros_like(h0)
        for t in reversed(range(steps)):
            gz[t] *= g[t] + gh
            gh = gz[t] @ w_hh
        gx, gw_ih, gw_hh, gb, gb2 = _weight_gradients(gz, x, states[:-1], w_ih)
        return gx, gh, gw_ih, gw_hh, gb, gb2

    return states[1:], vjp


@fused
def lstm(x: Array, h0: Array, c0: Array, w_ih: Array, w_hh: Array, b_ih: Array, b_hh: Array) -> Result:
    """Run a long short-term memory (Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000).

    i, f, o = sigmoid and g = tanh of z_t = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh, cut in four (i, f, g, o);
    c_t = f · c_{t-1} + i · g and h_t = o · tanh(c_t).

    Parameters
    ----------
    x
        (T, B, I)
    h0, c0
        (B, H)
    w_ih, w_hh, b_ih, b_hh
        (4 H, I), (4 H, H), (4 H,), (4 H,)

    Returns
    -------
    Tensor
        (2, T, B, H): all hidden states h, then all cells c.

    Raises
    ------
    ValueError
        If the shapes of x and h0 do not fit.

    >>> lstm(ones(5, 2, 3), zeros(2, 4), zeros(2, 4), zeros(16, 3), zeros(16, 4), zeros(16), zeros(16)).shape
    (2, 5, 2, 4)
    """
    # Four things make it fast. In memory the batch comes last: a step is W @ (features, batch), and the part
    # of each gate is one piece of memory, on which NumPy is fastest. Each step's h and x stand one above the
    # other in `hx1`, with a row of ones below that the bias is the weight of: one product gives all of z.
    # sigmoid(z) = (1 + tanh(z / 2)) / 2: with the weights of i, f, o halved, one tanh serves all gates.
    # And the weights' gradient is one product over all steps, after the loop. For that `hx1` and `gz` are
    # (rows, step, batch): as matrices (rows, step · batch) they go into the product as they lie, uncopied.
    steps, batch, n = _check(x, h0, w_ih, w_hh)
    w = np.concatenate([w_hh, w_ih, (b_ih + b_hh)[:, None]], axis=1).reshape(4, n, -1)[_IFOG]
    halved = (w * np.array([0.5, 0.5, 0.5, 1], x.dtype)[:, None, None]).reshape(4 * n, -1)
    w = w.reshape(4 * n, -1)
    hx1 = np.ones((w.shape[1], steps + 1, batch), x.dtype)  # from before the first step on
    hx1[:n, 0], hx1[n:-1, :-1] = h0.T, x.transpose(2, 0, 1)
    gates = np.empty((steps, 4, n, batch), x.dtype)
    out = np.empty((2, steps, n, batch), x.dtype)
    tanh_c = np.empty((steps, n, batch), x.dtype)
    c = c0.T
    for t in range(steps):
        z = gates[t]
        np.matmul(halved, hx1[:, t], out=z.reshape(4 * n, batch))
        np.tanh(z, out=z)
        sigmoids = z[:3]
        sigmoids *= 0.5
        sigmoids += 0.5
        i, f, o, g = z
        c = np.multiply(f, c, out=out[1, t])
        c += i * g
        np.tanh(c, out=tanh_c[t])
        hx1[:n, t + 1] = np.multiply(o, tanh_c[t], out=out[0, t])

    def vjp(grad: Array) -> tuple[Any, ...]:
        grad, to_h = grad.swapaxes(2, 3), np.ascontiguousarray(w[:, :n].T)
        # One step more than is used: rows whose length is a power of two would share places in the cache.
        gz = np.empty((4 * n, steps + 1, batch), x.dtype)
        dz, slope = np.empty((2, 4, n, batch), x.dtype)
        gh, gc = np.zeros((2, n, batch), x.dtype)
        for t in reversed(range(steps)):
            z, tc = gates[t], tanh_c[t]
            i, f, o, g = z
            gh += grad[0, t]
            gc += grad[1, t]
            gc += gh * (o - out[0, t] * tc)  # o (1 - tanh² c), since h = o tanh c
            np.multiply(gc, g, out=dz[0])
            np.multiply(gc, out[1, t - 1] if t else c0.T, out=dz[1])
            np.multiply(gh, tc, out=dz[2])
            np.multiply(gc, i, out=dz[3])
            np.multiply(z, z, out=slope)
            np.subtract(z[:3], slope[:3], out=slope[:3])  # of a sigmoid s it is s - s²
            np.subtract(1, slope[3], out=slope[3])  # of the tanh g it is 1 - g²
            dz *= slope
            gc *= f
            gz[:, t] = rows = dz.reshape(4 * n, batch)
            np.matmul(to_h, rows, out=gh)
        rows, inputs = (a.reshape(len(a), -1)[:, : steps * batch] for a in (gz, hx1))
        gw = (rows @ inputs.T).reshape(4, n, -1)[_IFOG].reshape(4 * n, -1)
        g_hh, g_ih, gb = np.split(gw, [n, -1], axis=1)
        gx = (rows.T @ w[:, n:-1]).reshape(x.shape)
        return gx, gh.T, gc.T, g_ih, g_hh, gb[:, 0], gb[:, 0]

    return out.swapaxes(2, 3), vjp


_IFOG = [0, 1, 3, 2]  # from PyTorch's order of the gates (i, f, g, o) to i, f, o, g, and back


@fused
def gru(x: Array, h0: Array, w_ih: Array, w_hh: Array, b_ih: Array, b_hh: Array) -> Result:
    """Run a gated recurrent unit (Cho et al. 2014).

    r, z = sigmoid(W_ih x_t + b_ih + W_hh h_{t-1} + b_hh),
    n = tanh(W_in x_t + b_in + r · (W_hn h_{t-1} + b_hn)) and h_t = (1 - z) · n + z · h_{t-1};
    the rows of the weights are those of r, z, n.

    Parameters
    ----------
    x
        (T, B, I)
    h0
        (B, H)
    w_ih, w_hh, b_ih, b_hh
        (3 H, I), (3 H, H), (3 H,), (3 H,)

    Returns
    -------
    Tensor
        All hidden states, (T, B, H).

    Raises
    ------
    ValueError
        If the shapes of x and h0 do not fit.

    >>> gru(ones(5, 2, 3), zeros(2, 4), zeros(12, 3), zeros(12, 4), zeros(12), zeros(12)).shape
    (5, 2, 4)
    """
    zx, steps, batch, k = _inputs(x, h0, w_ih, w_hh, b_ih)
    h = np.empty((steps + 1, batch, k), x.dtype)
    h[0] = h0
    zh = np.empty_like(zx)  # the part from the state before, kept for r's gradient
    gates = zx  # becomes r, z, n in place
    for t in range(steps):
        np.matmul(h[t], w_hh.T, out=zh[t])
        zh[t] += b_hh
        a, b = gates[t], zh[t]
        rz = a[:, : 2 * k]
        rz += b[:, : 2 * k]
        np.tanh(0.5 * rz, out=rz)
        rz *= 0.5
        rz += 0.5
        r, z, n = a[:, :k], a[:, k : 2 * k], a[:, 2 * k :]
        n += r * b[:, 2 * k :]
        np.tanh(n, out=n)
        np.add(n, z * (h[t] - n), out=h[t + 1])

    def vjp(g: Array) -> tuple[Any, ...]:
        gx_side, gh_side = np.empty_like(gates), np.empty_like(gates)  # they differ in n by the factor r
        gh = np.zeros_like(h0)
        for t in reversed(range(steps)):
            r, z, n = gates[t, :, :k], gates[t, :, k : 2 * k], gates[t, :, 2 * k :]
            gh += g[t]
            d = gx_side[t]
            d[:, 2 * k :] = gh * (1 - z) * (1 - n * n)
            d[:, k : 2 * k] = gh * (h[t] - n) * z * (1 - z)
            d[:, :k] = d[:, 2 * k :] * zh[t, :, 2 * k :] * r * (1 - r)
            gh_side[t] = d
            gh_side[t, :, 2 * k :] *= r
            gh = gh * z + gh_side[t] @ w_hh
        rows = gh_side.reshape(-1, 3 * k)
        gx, gw_ih, _, gb, _ = _weight_gradients(gx_side, x, h[:-1], w_ih)
        return gx, gh, gw_ih, rows.T @ h[:-1].reshape(-1, k), gb, rows.sum(axis=0)

    return h[1:], vjp

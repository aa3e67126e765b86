"""Convolution and pooling.

Images are (batch, channels, height, width) to the user. In memory we put the batch last: channels,
height, width, batch. Then one pixel of all images lies together, windows are copied in long runs, and
the output of the one matrix product that does the convolution is already laid out for the next layer.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mini_dl.autograd import Array
from mini_dl.errors import Explained
from mini_dl.nn.blocks import blocks
from mini_dl.tensor import Result, op

Pair = int | tuple[int, int]


def _pair(n: Pair) -> tuple[int, int]:
    return (n, n) if isinstance(n, int) else (n[0], n[1])


def _output_size(size: int, kernel: int, stride: int, dilation: int = 1) -> int:
    """Return how many windows fit in an (already padded) length."""
    reach = dilation * (kernel - 1) + 1
    if reach > size:
        raise Explained(
            f"a window of {reach} does not fit in a padded length of {size}; use a smaller kernel or padding"
        )
    return (size - reach) // stride + 1


def _padded(x: Array, padding: tuple[int, int], value: float) -> Array:
    """Return x (any memory order) as (channels, height, width, batch), contiguous, with a border."""
    n, c, h, w = x.shape
    ph, pw = padding
    if not (ph or pw):
        return np.ascontiguousarray(x.transpose(1, 2, 3, 0))
    out = np.full((c, h + 2 * ph, w + 2 * pw, n), value, x.dtype)
    out[:, ph : ph + h, pw : pw + w] = x.transpose(1, 2, 3, 0)
    return out


def _offsets(
    kernel: tuple[int, int], stride: tuple[int, int], out: tuple[int, int], dilation: tuple[int, int] = (1, 1)
) -> Iterator[tuple[int, int, tuple[slice, slice, slice]]]:
    """For each place (a, b) in the window, yield the pixels that it meets over all windows."""
    for a in range(kernel[0]):
        for b in range(kernel[1]):
            top, left = a * dilation[0], b * dilation[1]
            rows = slice(top, top + stride[0] * (out[0] - 1) + 1, stride[0])
            yield a, b, (slice(None), rows, slice(left, left + stride[1] * (out[1] - 1) + 1, stride[1]))


@op
def conv2d(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
) -> Result:
    """Slide a window over images and take its weighted sum at every place (LeCun et al. 1989).

    Parameters
    ----------
    x
        (batch, in_channels, height, width)
    weight
        (out_channels, in_channels, kernel_height, kernel_width)
    bias
        (out_channels,) or None
    stride, padding, dilation
        Steps between windows, zeros put around the image, steps between a window's pixels.

    Returns
    -------
    Tensor
        (batch, out_channels, H, W); H = (height + 2 padding - dilation (kernel_height - 1) - 1) // stride + 1

    Raises
    ------
    ValueError
        If the channels differ, or the window is larger than the padded image.

    >>> conv2d(ones(1, 1, 3, 3), ones(1, 1, 2, 2)).shape
    (1, 1, 2, 2)
    """
    if x.ndim != 4 or x.shape[1] != weight.shape[1]:
        raise Explained(
            f"input {x.shape} must be (batch, channels, height, width) with {weight.shape[1]} "
            "channels, as the weight "
            f"{weight.shape} expects; for one image use .unsqueeze(0)"
        )
    stride, padding, dilation = _pair(stride), _pair(padding), _pair(dilation)
    (n, c, h, w), (o, _, kh, kw) = x.shape, weight.shape
    image = _padded(x, padding, 0)
    height = _output_size(image.shape[1], kh, stride[0], dilation[0])
    width = _output_size(image.shape[2], kw, stride[1], dilation[1])
    # All windows, without a copy: windows[:, a, b, i, j] is the pixel at (a, b) of the window at (i, j).
    sc, sh, sw, sn = image.strides
    windows = np.lib.stride_tricks.as_strided(
        image,
        (c, kh, kw, height, width, n),
        (sc, sh * dilation[0], sw * dilation[1], sh * stride[0], sw * stride[1], sn),
        writeable=False,
    )
    size, padded_shape, weight_shape = c * kh * kw, image.shape, weight.shape
    matrix = weight.reshape(o, size)
    out = np.empty((o, height, width, n), np.result_type(x, weight))
    # Written out as the columns of a matrix, the windows take many times the memory of the image. So this is
    # done for a few rows of the output at a time: they are still in the cache when the product reads them.
    parts = [(rows, (rows.stop - rows.start) * width * n) for rows in blocks(height, size * width * n)]
    for rows, count in parts:
        columns = windows[:, :, :, rows].reshape(size, count)
        np.matmul(matrix, columns, out=out[:, rows].reshape(o, count))
    if bias is not None:
        out += bias[:, None, None, None]

    def vjp_x(g: Array) -> Array:
        g = g.transpose(1, 2, 3, 0)
        gx = np.zeros(padded_shape, g.dtype)
        for rows, count in parts:
            columns = (matrix.T @ g[:, rows].reshape(o, count)).reshape(
                c, kh, kw, rows.stop - rows.start, width, n
            )
            seen = gx[:, rows.start * stride[0] :]
            for a, b, pixels in _offsets((kh, kw), stride, columns.shape[3:5], dilation):
                seen[pixels] += columns[:, a, b]
        return gx[:, padding[0] : padding[0] + h, padding[1] : padding[1] + w].transpose(3, 0, 1, 2)

    def vjp_weight(g: Array) -> Array:
        g = g.transpose(1, 2, 3, 0)
        gw = np.zeros((size, o), g.dtype)
        for rows, count in parts:
            gw += windows[:, :, :, rows].reshape(size, count) @ g[:, rows].reshape(o, count).T
        return gw.T.reshape(weight_shape)

    return out.transpose(3, 0, 1, 2), vjp_x, vjp_weight, lambda g: g.sum(axis=(0, 2, 3))


@op
def max_pool2d(x: Array, kernel_size: Pair, stride: Pair | None = None, padding: Pair = 0) -> Result:
    """Return the largest value in each window; the first largest gets the gradient.

    Parameters
    ----------
    x
        (batch, channels, height, width)
    kernel_size, padding
        Height and width of the window, and of the border of -inf around x; one number for both.
    stride
        Steps between windows; by default they touch and do not overlap.

    Raises
    ------
    ValueError
        If x does not have four axes, or the window is larger than the padded image.

    >>> max_pool2d(arange(16).reshape(1, 1, 4, 4), 2)
    tensor([[[[ 5,  7],
              [13, 15]]]])
    """
    image, windows, crop = _pool(x, kernel_size, stride, padding, -np.inf)
    out = image[windows[0]].copy()
    for pixels in windows[1:]:
        np.maximum(out, image[pixels], out=out)

    def vjp(g: Array) -> Array:
        left = g.transpose(1, 2, 3, 0).copy()  # what each window still has to give away
        gx = np.zeros_like(image)
        for pixels in windows[:-1]:
            here = np.equal(image[pixels], out).astype(g.dtype)
            here *= left
            gx[pixels] += here
            left -= here
        gx[windows[-1]] += left  # what no other pixel of the window took
        return gx[crop].transpose(3, 0, 1, 2)

    return out.transpose(3, 0, 1, 2), vjp


@op
def avg_pool2d(x: Array, kernel_size: Pair, stride: Pair | None = None, padding: Pair = 0) -> Result:
    """Return the mean of each window, zeros of the padding included.

    Parameters
    ----------
    x, kernel_size, stride, padding
        As in `max_pool2d`, x of shape (batch, channels, height, width); the border is of zeros.

    Raises
    ------
    ValueError
        If x does not have four axes, or the window is larger than the padded image.

    >>> avg_pool2d(arange(16).to(float32).reshape(1, 1, 4, 4), 2)
    tensor([[[[ 2.5,  4.5],
              [10.5, 12.5]]]])
    """
    image, windows, crop = _pool(x, kernel_size, stride, padding, 0)
    out = image[windows[0]].copy()
    for pixels in windows[1:]:
        out += image[pixels]
    share = image.dtype.type(1 / len(windows))
    shape = image.shape

    def vjp(g: Array) -> Array:
        g = g.transpose(1, 2, 3, 0) * share
        gx = np.zeros(shape, g.dtype)
        for pixels in windows:
            gx[pixels] += g
        return gx[crop].transpose(3, 0, 1, 2)

    return (out * share).transpose(3, 0, 1, 2), vjp


def _pool(
    x: Array, kernel_size: Pair, stride: Pair | None, padding: Pair, value: float
) -> tuple[Array, list[tuple[slice, slice, slice]], tuple[slice, slice, slice]]:
    """Return the padded image, the pixels at each place of the window, and where x lies in it."""
    if x.ndim != 4:
        raise Explained(f"input {x.shape} must be (batch, channels, height, width)")
    kernel, (ph, pw) = _pair(kernel_size), _pair(padding)
    steps = kernel if stride is None else _pair(stride)
    image = _padded(x, (ph, pw), value)
    out = [_output_size(image.shape[1 + i], kernel[i], steps[i]) for i in (0, 1)]
    crop = (slice(None), slice(ph, ph + x.shape[2]), slice(pw, pw + x.shape[3]))
    return image, [pixels for _, _, pixels in _offsets(kernel, steps, (out[0], out[1]))], crop

"""Notebook 14: convolution by loops, sizes, windows as columns, receptive fields."""

# ruff: noqa: D103  (of a mistake, the hint above it says what it does)

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mini_dl.course.checks.exercise import Case, case, edge, exercise


def quarters(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Random multiples of 1/4 between −2 and 2, none of them 0."""
    return rng.integers(1, 9, size=shape) / 4 * rng.choice([-1, 1], size=shape)


# --- 14.1 conv2d_loops -------------------------------------------------------------------------------


@exercise(seconds=4.0)
def conv2d_loops(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Convolve x (channels, height, width) with kernels w (out, channels, k, m), bias b (out,)."""
    (_, height, width), (out, _, k, m) = x.shape, w.shape
    y = np.zeros((out, height - k + 1, width - m + 1))
    for o in range(out):
        for i in range(y.shape[1]):
            for j in range(y.shape[2]):
                y[o, i, j] = np.sum(x[:, i : i + k, j : j + m] * w[o]) + b[o]
    return y


@conv2d_loops.cases
def conv2d_loops_cases(rng: np.random.Generator) -> Iterator[Case]:
    x = np.array([[[0.25, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.5]]])
    yield case(x, np.array([[[[1.0, 0.0], [0.0, -1.0]]]]), np.array([0.0]))
    yield case(x, np.array([[[[1.0, 2.0]]], [[[0.0, -1.0]]]]), np.array([0.5, -1.25]))
    yield case(np.concatenate([x, -2 * x[:, ::-1]]), quarters(rng, 1, 2, 2, 2), np.array([1.5]))
    for _ in range(5):
        channels, out, k = (int(n) for n in rng.integers(2, 4, size=3))
        height = k + int(rng.integers(1, 4))
        yield case(
            quarters(rng, channels, height, height + 2),
            quarters(rng, out, channels, k, k),
            quarters(rng, out),
        )
    yield edge("one window fits", quarters(rng, 2, 3, 3), quarters(rng, 2, 2, 3, 3), quarters(rng, 2))
    yield edge("a 1 × 1 kernel", quarters(rng, 3, 3, 4), quarters(rng, 2, 3, 1, 1), quarters(rng, 2))
    yield edge("a lying kernel", quarters(rng, 1, 4, 6), quarters(rng, 2, 1, 2, 4), quarters(rng, 2))
    yield edge("a standing kernel", quarters(rng, 2, 5, 4), quarters(rng, 1, 2, 3, 1), quarters(rng, 1))
    yield edge(
        "whole numbers in the image, quarters in the kernel",
        rng.integers(-3, 4, size=(1, 4, 4)),
        quarters(rng, 1, 1, 2, 2),
        quarters(rng, 1),
    )


def _windows(x: np.ndarray, k: int, m: int) -> np.ndarray:
    """Return all windows: (channels, rows, columns, k, m)."""
    return np.lib.stride_tricks.sliding_window_view(x, (k, m), axis=(1, 2))


def _convolve(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    return np.einsum("cijab,ocab->oij", _windows(x, *w.shape[2:]), w)


@conv2d_loops.mistake("The bias is missing: each output map adds its own number everywhere.")
def without_bias(x, w, b):
    return _convolve(x, w)


@conv2d_loops.mistake(
    "The kernel is flipped, as in mathematics' convolution. Networks do not flip it: multiply each pixel with"
    " the weight that lies on it."
)
def flipped(x, w, b):
    return _convolve(x, w[:, :, ::-1, ::-1]) + b[:, None, None]


@conv2d_loops.mistake("Only the first input channel is used: sum over all of them.")
def first_channel_only(x, w, b):
    return _convolve(x[:1], w[:, :1]) + b[:, None, None]


@conv2d_loops.mistake("The channels are averaged; each has its own part of the kernel, and they are summed.")
def mean_over_channels(x, w, b):
    return _convolve(x, w) / len(x) + b[:, None, None]


@conv2d_loops.mistake("You take the mean over the window: a convolution is a sum of products.")
def mean_over_window(x, w, b):
    return _convolve(x, w) / w[0].size + b[:, None, None]


@conv2d_loops.mistake("The bias is added once for every channel: add it once to the whole sum.")
def bias_per_channel(x, w, b):
    return _convolve(x, w) + len(x) * b[:, None, None]


@conv2d_loops.mistake("The bias is added once for every pixel of the window: it belongs outside the sum.")
def bias_per_pixel(x, w, b):
    return _convolve(x, w) + w[0].size * b[:, None, None]


@conv2d_loops.mistake(
    "The last row and the last column of places are missing: height − k + 1 windows fit, not height − k."
)
def one_too_few(x, w, b):
    return (_convolve(x, w) + b[:, None, None])[:, :-1, :-1]


@conv2d_loops.mistake(
    "You keep the image's size by a border of zeros. Here no border was asked for: take only windows that lie"
    " inside."
)
def same_size(x, w, b):
    k, m = w.shape[2:]
    border = ((0, 0), ((k - 1) // 2, k // 2), ((m - 1) // 2, m // 2))
    return _convolve(np.pad(x, border), w) + b[:, None, None]


@conv2d_loops.mistake("The windows must overlap: move by one pixel, not by a whole kernel.")
def windows_side_by_side(x, w, b):
    k, m = w.shape[2:]
    return (_convolve(x, w) + b[:, None, None])[:, ::k, ::m]


@conv2d_loops.mistake("Only the first kernel is used: each kernel makes one output map.")
def first_kernel_only(x, w, b):
    return _convolve(x, w[:1]) + b[:1, None, None]


@conv2d_loops.mistake("The maps of all kernels are summed up: keep them apart, one map for each kernel.")
def kernels_summed(x, w, b):
    return (_convolve(x, w) + b[:, None, None]).sum(axis=0)


@conv2d_loops.mistake("There is a ReLU in your answer: the convolution alone may be negative.")
def with_relu(x, w, b):
    return np.maximum(_convolve(x, w) + b[:, None, None], 0)


@conv2d_loops.mistake("The bias is subtracted: add it.")
def bias_subtracted(x, w, b):
    return _convolve(x, w) - b[:, None, None]


@conv2d_loops.mistake("The maps stand on the last axis; they come first: (out, height, width).")
def maps_last(x, w, b):
    return np.moveaxis(_convolve(x, w) + b[:, None, None], 0, -1)


@conv2d_loops.mistake(
    "The bias runs along the width: NumPy lines up the last axes. Every map has its own number: add `b[o]` to"
    " the sums of map `o`, or `b[:, None, None]` to all maps."
)
def bias_along_the_width(x, w, b):
    return _convolve(x, w) + b


@conv2d_loops.mistake(
    "Only the last channel is left: each channel's sum replaces the one before. Add them up (`+=`)."
)
def last_channel_only(x, w, b):
    return _convolve(x[-1:], w[:, -1:]) + b[:, None, None]


@conv2d_loops.mistake(
    "The sides of the window are swapped: it has k rows and m columns, in this order. A kernel need not be"
    " square."
)
def window_sides_swapped(x, w, b):
    k, m = w.shape[2:]
    y = np.zeros((len(w), x.shape[1] - k + 1, x.shape[2] - m + 1))
    for o, i, j in np.ndindex(y.shape):
        y[o, i, j] = np.sum(x[:, i : i + m, j : j + k] * w[o]) + b[o]
    return y


@conv2d_loops.mistake(
    "The map takes over the image's number type: for an image of whole numbers, everything behind the decimal"
    " point is lost. Fill `np.zeros(shape)`, which holds floats."
)
def number_type_of_the_image(x, w, b):
    return (_convolve(x, w) + b[:, None, None]).astype(x.dtype)


_ONE_SIDE = "You take one side of the kernel for both: it has k rows and m columns, and need not be square."


def _square_windows(x, w, b, side, size):
    """Convolve by windows of side × side, into maps of such a size: NumPy may stretch a window, or object."""
    y = np.zeros((len(w), *size))
    for o, i, j in np.ndindex(y.shape):
        y[o, i, j] = np.sum(x[:, i : i + side, j : j + side] * w[o]) + b[o]
    return y


@conv2d_loops.mistake(_ONE_SIDE)
def rows_for_both_sides(x, w, b):
    k = w.shape[2]
    return _square_windows(x, w, b, k, (x.shape[1] - k + 1, x.shape[2] - k + 1))


@conv2d_loops.mistake(_ONE_SIDE)
def columns_for_both_sides(x, w, b):
    m = w.shape[3]
    return _square_windows(x, w, b, m, (x.shape[1] - m + 1, x.shape[2] - m + 1))


@conv2d_loops.mistake(_ONE_SIDE)
def square_windows(x, w, b):
    k, m = w.shape[2:]
    return _square_windows(x, w, b, k, (x.shape[1] - k + 1, x.shape[2] - m + 1))


@conv2d_loops.mistake(
    "Your map has the right size, but its last row and column are still 0: `range` leaves out its end, so let"
    " it run to height − k + 1, and likewise for the width."
)
def last_places_left_empty(x, w, b):
    y = _convolve(x, w) + b[:, None, None]
    y[:, -1], y[:, :, -1] = 0, 0
    return y


@conv2d_loops.mistake(
    "Each channel still has a map of its own: one output value is one sum over all channels of the window."
)
def channels_kept_apart(x, w, b):
    k, m = w.shape[2:]
    return np.einsum("cijab,ocab->ocij", _windows(x, k, m), w) + b[:, None, None, None]


@conv2d_loops.mistake(
    "`@` is a matrix product: here each pixel is multiplied by the weight that lies on it, which is `*`."
)
def matrix_product(x, w, b):
    k, m = w.shape[2:]
    y = np.zeros((len(w), x.shape[1] - k + 1, x.shape[2] - m + 1))
    for o, i, j in np.ndindex(y.shape):
        y[o, i, j] = np.sum(x[:, i : i + k, j : j + m] @ w[o]) + b[o]
    return y


# --- 14.2 output_shape -------------------------------------------------------------------------------


@exercise
def output_shape(
    shape: tuple[int, int], kernel: int, stride: int, padding: int, dilation: int
) -> tuple[int, int]:
    """Height and width after a convolution with a square kernel."""
    reach = dilation * (kernel - 1) + 1
    height, width = ((n + 2 * padding - reach) // stride + 1 for n in shape)
    return height, width


@output_shape.cases
def output_shape_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case((28, 28), 5, 1, 0, 1)
    yield case((28, 28), 5, 1, 2, 1)
    yield case((28, 20), 2, 2, 0, 1)
    yield case((32, 25), 3, 1, 0, 2)
    yield case((9, 12), 3, 2, 1, 1)
    yield case((17, 30), 3, 3, 2, 3)
    for _ in range(8):
        kernel, stride = int(rng.integers(2, 6)), int(rng.integers(1, 5))
        padding, dilation = int(rng.integers(0, 4)), int(rng.integers(1, 4))
        height, width = (dilation * (kernel - 1) + 1 + int(n) for n in rng.integers(1, 40, size=2))
        yield case((height, width), kernel, stride, padding, dilation)
    yield edge("exactly one window fits", (5, 7), 5, 1, 0, 1)
    yield edge("pixels are left over at the edge", (10, 11), 3, 4, 0, 1)
    yield edge("a 1 × 1 kernel: dilation does nothing", (6, 8), 1, 1, 0, 3)
    yield edge("the stride is larger than the kernel", (13, 20), 2, 5, 1, 1)
    yield edge("the window fits only thanks to the border", (2, 3), 5, 1, 2, 1)


def _sizes(shape, size):
    return tuple(size(n) for n in shape)


@output_shape.mistake("The + 1 is missing: count the places themselves, not the steps between them.")
def without_one(shape, kernel, stride, padding, dilation):
    return _sizes(shape, lambda n: (n + 2 * padding - dilation * (kernel - 1) - 1) // stride)


@output_shape.mistake("The border is there on both sides: count it twice.")
def one_border(shape, kernel, stride, padding, dilation):
    return _sizes(shape, lambda n: (n + padding - dilation * (kernel - 1) - 1) // stride + 1)


@output_shape.mistake("The padding is not used: the border makes the image larger before the window moves.")
def no_border(shape, kernel, stride, padding, dilation):
    return _sizes(shape, lambda n: (n - dilation * (kernel - 1) - 1) // stride + 1)


@output_shape.mistake("The dilation is not used: with gaps the kernel reaches over d (k − 1) + 1 pixels.")
def no_dilation(shape, kernel, stride, padding, dilation):
    return _sizes(shape, lambda n: (n + 2 * padding - kernel) // stride + 1)


@output_shape.mistake(
    "The kernel reaches over d (k − 1) + 1 pixels, not d · k: there are gaps between pixels only."
)
def reach_too_long(shape, kernel, stride, padding, dilation):
    return _sizes(shape, lambda n: (n + 2 * padding - dilation * kernel) // stride + 1)


@output_shape.mistake("The stride is not used: it divides the number of steps.")
def no_stride(shape, kernel, stride, padding, dilation):
    return _sizes(shape, lambda n: n + 2 * padding - dilation * (kernel - 1))


@output_shape.mistake("You round up: a window that would reach beyond the edge is no window.")
def rounded_up(shape, kernel, stride, padding, dilation):
    return _sizes(shape, lambda n: -(-(n + 2 * padding - dilation * (kernel - 1) - 1) // stride) + 1)


@output_shape.mistake("You round to the nearest number; incomplete steps do not count: round down.")
def rounded_to_nearest(shape, kernel, stride, padding, dilation):
    return _sizes(shape, lambda n: round((n + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1)


@output_shape.mistake("You return a fraction: an incomplete last step does not count, so use `//`.")
def not_rounded(shape, kernel, stride, padding, dilation):
    return _sizes(shape, lambda n: (n + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1)


@output_shape.mistake("The + 1 stands inside the division: first the whole steps, then one place more.")
def one_inside(shape, kernel, stride, padding, dilation):
    return _sizes(shape, lambda n: (n + 2 * padding - dilation * (kernel - 1)) // stride)


@output_shape.mistake("Height and width are swapped: return them in the order in which they come.")
def swapped(shape, kernel, stride, padding, dilation):
    return tuple(output_shape.reference(shape, kernel, stride, padding, dilation))[::-1]


@output_shape.mistake("You compute the height only and return it twice; the width has its own size.")
def height_twice(shape, kernel, stride, padding, dilation):
    return output_shape.reference((shape[0], shape[0]), kernel, stride, padding, dilation)


@output_shape.mistake("The padding is subtracted in your answer: a border makes the image larger.")
def border_subtracted(shape, kernel, stride, padding, dilation):
    return _sizes(shape, lambda n: (n - 2 * padding - dilation * (kernel - 1) - 1) // stride + 1)


@output_shape.mistake(
    "The kernel covers d (k − 1) + 1 pixels: you leave room for d (k − 1) only. Subtract the 1, too."
)
def reach_too_short(shape, kernel, stride, padding, dilation):
    return _sizes(shape, lambda n: (n + 2 * padding - dilation * (kernel - 1)) // stride + 1)


@output_shape.mistake(
    "The dilation spreads the pixels inside the kernel; it does not lengthen the window's steps."
)
def dilation_as_stride(shape, kernel, stride, padding, dilation):
    return _sizes(shape, lambda n: (n + 2 * padding - kernel) // (stride * dilation) + 1)


@output_shape.mistake(
    "The kernel reaches over d (k − 1) + 1 pixels: multiply the dilation by k − 1, not by k."
)
def dilation_times_kernel(shape, kernel, stride, padding, dilation):
    return _sizes(shape, lambda n: (n + 2 * padding - dilation * kernel - 1) // stride + 1)


@output_shape.mistake(
    "Python divides before it subtracts, so only the 1 is divided: put the whole numerator in parentheses."
)
def only_the_one_divided(shape, kernel, stride, padding, dilation):
    return _sizes(shape, lambda n: n + 2 * padding - dilation * (kernel - 1) - 1 // stride + 1)


@output_shape.mistake(
    "Dilation d means that neighbours in the kernel lie d apart, so d = 1 is the usual kernel without gaps."
    " You leave d pixels between them."
)
def dilation_as_gap(shape, kernel, stride, padding, dilation):
    return _sizes(shape, lambda n: (n + 2 * padding - (dilation + 1) * (kernel - 1) - 1) // stride + 1)


# --- 14.3 im2col -------------------------------------------------------------------------------------


@exercise
def im2col(x: np.ndarray, kernel: int, stride: int) -> np.ndarray:
    """Write each window of x (channels, height, width) as a column: (channels · k · k, places)."""
    windows = _windows(x, kernel, kernel)[:, ::stride, ::stride]  # (channels, rows, columns, k, k)
    return windows.transpose(0, 3, 4, 1, 2).reshape(len(x) * kernel * kernel, -1).copy()


@im2col.cases
def im2col_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case(np.arange(12.0).reshape(1, 3, 4) / 4, 2, 1)
    yield case(np.arange(24.0).reshape(2, 3, 4) / 4, 2, 1)
    yield case(np.arange(20.0).reshape(1, 4, 5) / 4, 2, 2)
    yield case(quarters(rng, 1, 3, 5), 3, 1)
    for stride in (1, 2, 1, 3, 2):
        channels, kernel = (int(n) for n in rng.integers(2, 4, size=2))
        height = kernel + stride + int(rng.integers(0, 3))
        yield case(quarters(rng, channels, height, height + stride + 1), kernel, stride)
    yield edge("one window, one column", quarters(rng, 2, 3, 3), 3, 1)
    yield edge("a 1 × 1 kernel: one row a channel", quarters(rng, 3, 2, 4), 1, 1)
    yield edge("pixels left over at the edge", quarters(rng, 1, 6, 7), 2, 3)
    yield edge("whole numbers", rng.integers(-9, 10, size=(2, 4, 3)), 2, 1)


def _columns(x, kernel, stride):
    """Return the windows: (channels, rows, columns, k, k)."""
    return _windows(x, kernel, kernel)[:, ::stride, ::stride]


@im2col.mistake("Your answer is transposed: each window is a row of it, and has to be a column.")
def windows_as_rows(x, kernel, stride):
    return im2col.reference(x, kernel, stride).T


@im2col.mistake(
    "The pixels of a window are in another order: within a column the channel changes slowest, as in"
    " `w.reshape(out, -1)`."
)
def channel_fastest(x, kernel, stride):
    return _columns(x, kernel, stride).transpose(3, 4, 0, 1, 2).reshape(len(x) * kernel**2, -1)


@im2col.mistake("Inside the window you go down the columns first: go along the rows, as `reshape` does.")
def window_transposed(x, kernel, stride):
    return _columns(x, kernel, stride).transpose(0, 4, 3, 1, 2).reshape(len(x) * kernel**2, -1)


@im2col.mistake("The places run down the image first: go along each row, then to the next row.")
def places_transposed(x, kernel, stride):
    return _columns(x, kernel, stride).transpose(0, 3, 4, 2, 1).reshape(len(x) * kernel**2, -1)


@im2col.mistake("The stride is not used: neighbouring windows are `stride` pixels apart.")
def stride_ignored(x, kernel, stride):
    return im2col.reference(x, kernel, 1)


@im2col.mistake("The windows lie side by side: they are `stride` pixels apart, not `kernel`.")
def kernel_as_stride(x, kernel, stride):
    return im2col.reference(x, kernel, kernel)


@im2col.mistake("Only the first channel is there: a window has kernel · kernel pixels of every channel.")
def one_channel(x, kernel, stride):
    return im2col.reference(x[:1], kernel, stride)


@im2col.mistake("The channels are summed already; the matrix product does that. Keep all pixels apart.")
def channels_summed(x, kernel, stride):
    return im2col.reference(x.sum(axis=0, keepdims=True), kernel, stride)


@im2col.mistake("The last row and column of windows are missing: (size − kernel) // stride + 1 of them fit.")
def last_place_missing(x, kernel, stride):
    windows = _columns(x, kernel, stride)[:, :-1, :-1]
    return windows.transpose(0, 3, 4, 1, 2).reshape(len(x) * kernel**2, -1)


@im2col.mistake("A plain reshape of the windows mixes places and pixels: move the axes first, then reshape.")
def only_reshaped(x, kernel, stride):
    return _columns(x, kernel, stride).reshape(len(x) * kernel**2, -1)


@im2col.mistake("You took every `stride`-th window of the list, not of the rows and of the columns.")
def stride_on_the_list(x, kernel, stride):
    return im2col.reference(x, kernel, 1)[:, ::stride]


@im2col.mistake("The window itself is flipped: keep its first pixel first.")
def window_flipped(x, kernel, stride):
    windows = _columns(x, kernel, stride)[..., ::-1, ::-1]
    return windows.transpose(0, 3, 4, 1, 2).reshape(len(x) * kernel**2, -1)


@im2col.mistake(
    "A reshape does not turn rows into columns: it fills the new shape in the old order. Transpose (`.T`), or"
    " stack with `axis=1`."
)
def reshaped_for_transposed(x, kernel, stride):
    return im2col.reference(x, kernel, stride).T.reshape(len(x) * kernel**2, -1)


@im2col.mistake(
    "Each channel has columns of its own in your answer: one column holds the window's pixels of all"
    " channels."
)
def channels_side_by_side(x, kernel, stride):
    return np.concatenate([im2col.reference(channel[None], kernel, stride) for channel in x], axis=1)


@im2col.mistake(
    "Each window is still a block of pixels: flatten it (`.ravel()`) before you stack the windows."
)
def not_flattened(x, kernel, stride):
    windows = _columns(x, kernel, stride).transpose(1, 2, 0, 3, 4)
    return windows.reshape(-1, len(x), kernel, kernel)


_RANGE_TOO_SHORT = (
    "Your loops end one place too early: the last window begins at height − kernel, and `range` leaves out"
    " its end. So the end is height − kernel + 1, and likewise for the width."
)


def _short_range(x, kernel, stride):
    return [
        x[:, i : i + kernel, j : j + kernel].ravel()
        for i in range(0, x.shape[1] - kernel, stride)
        for j in range(0, x.shape[2] - kernel, stride)
    ]


@im2col.mistake(_RANGE_TOO_SHORT)
def range_too_short(x, kernel, stride):
    return np.stack(_short_range(x, kernel, stride), axis=1)  # which objects to an empty list


@im2col.mistake(_RANGE_TOO_SHORT)
def range_too_short_transposed(x, kernel, stride):
    return np.array(_short_range(x, kernel, stride)).T


@im2col.mistake(
    "There are as many columns as there should be, but the windows lie one pixel apart: the window of place"
    " (i, j) begins in row i · stride and column j · stride."
)
def stride_only_counted(x, kernel, stride):
    _, rows, columns = _columns(x, kernel, stride).shape[:3]
    windows = _windows(x, kernel, kernel)[:, :rows, :columns]
    return windows.transpose(0, 3, 4, 1, 2).reshape(len(x) * kernel**2, -1)


@im2col.mistake(
    "`.T` of a window turns all three axes round, so that the channel changes fastest: `.ravel()` alone has"
    " the right order."
)
def window_axes_reversed(x, kernel, stride):
    return _columns(x, kernel, stride).transpose(4, 3, 0, 1, 2).reshape(len(x) * kernel**2, -1)


# --- 14.4 receptive_field ----------------------------------------------------------------------------


@exercise
def receptive_field(layers: list[tuple[int, int]]) -> int:
    """Return the width of input that one output sees, behind layers given as (kernel, stride)."""
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump *= stride
    return field


@receptive_field.cases
def receptive_field_cases(rng: np.random.Generator) -> Iterator[Case]:
    yield case([(3, 1)])
    yield case([(3, 1), (3, 1)])
    yield case([(2, 2), (3, 1)])
    yield case([(5, 1), (2, 2), (5, 1), (2, 2)])
    yield case([(3, 2), (3, 2), (3, 2)])
    for i in range(7):
        pairs = rng.integers([2, 1], [8, 4], size=(2 + i % 4, 2))
        yield case([(int(k), int(s)) for k, s in pairs])
    yield edge("no layer: the pixel itself", [])
    yield edge("1 × 1 kernels see no neighbours", [(1, 1), (1, 1), (3, 1)])
    yield edge("a 1 × 1 kernel with a stride", [(3, 1), (1, 2), (3, 1)])
    yield edge("a large stride at the end changes nothing", [(3, 1), (4, 5)])


@receptive_field.mistake("The stride is not used: behind a stride of 2, neighbours are 2 pixels apart.")
def strides_ignored(layers):
    return 1 + sum(k - 1 for k, _ in layers)


@receptive_field.mistake("You add whole kernels: neighbouring windows overlap, so a layer adds k − 1 steps.")
def whole_kernels(layers):
    field, jump = 0, 1
    for kernel, stride in layers:
        field += kernel * jump
        jump *= stride
    return field if layers else 1


@receptive_field.mistake("Begin with 1, not with 0: without any layer an output sees its own pixel.")
def begins_at_zero(layers):
    return receptive_field.reference(layers) - 1


@receptive_field.mistake(
    "A layer's stride spreads the layers after it, not its own window: multiply afterwards."
)
def stride_too_early(layers):
    field, jump = 1, 1
    for kernel, stride in layers:
        jump *= stride
        field += (kernel - 1) * jump
    return field


@receptive_field.mistake(
    "The strides multiply: behind strides 2 and 2, neighbours are 4 pixels apart, not 2."
)
def last_stride_only(layers):
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump = stride
    return field


@receptive_field.mistake("The strides are added up; they multiply.")
def strides_added(layers):
    field, jump = 1, 1
    for kernel, stride in layers:
        field += (kernel - 1) * jump
        jump += stride
    return field


@receptive_field.mistake("The field is multiplied by the kernel sizes: it grows by a sum, not by a product.")
def kernels_multiplied(layers):
    return int(np.prod([k for k, _ in layers], dtype=int))


@receptive_field.mistake(
    "This is the field of the layers in reverse order: check the direction of your loop. One rule goes from"
    " the first layer to the last, another one backwards."
)
def wrong_direction(layers):
    return receptive_field.reference(layers[::-1])


@receptive_field.mistake(
    "Only the last layer's kernel is counted: it looks at values which see several pixels themselves."
)
def last_kernel_only(layers):
    return layers[-1][0] if layers else 1


@receptive_field.mistake("The last layer is left out: its window counts as well.")
def last_layer_left_out(layers):
    return receptive_field.reference(layers[:-1])


@receptive_field.mistake(
    "That is how far neighbouring outputs lie apart in the input, not how much one of them sees."
)
def the_jump(layers):
    return int(np.prod([s for _, s in layers], dtype=int))


@receptive_field.mistake("That is an area; asked for is the side of the square, in pixels.")
def area(layers):
    return receptive_field.reference(layers) ** 2


@receptive_field.mistake(
    "You multiply each kernel by its own layer's stride: what counts is the product of all strides before it."
)
def own_stride_only(layers):
    return 1 + sum((k - 1) * s for k, s in layers)


@receptive_field.mistake("Each layer adds k − 1 steps to the pixel that is seen already, not k.")
def whole_kernels_from_one(layers):
    field, jump = 1, 1
    for kernel, stride in layers:
        field += kernel * jump
        jump *= stride
    return field


_BACKWARDS = (
    "Backwards is a good way. But between f values there are f − 1 steps, so they see (f − 1) · stride +"
    " kernel pixels."
)


@receptive_field.mistake(_BACKWARDS)
def one_step_too_many(layers):
    field = 1
    for kernel, stride in reversed(layers):
        field = field * stride + kernel - 1
    return field


@receptive_field.mistake(_BACKWARDS)
def whole_field_times_stride(layers):
    field = 1
    for kernel, stride in reversed(layers):
        field = field * stride + kernel
    return field

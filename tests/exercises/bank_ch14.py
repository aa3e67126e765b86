"""Answers to the exercises of notebook 14, as readers write them."""

import itertools
import math

import numpy as np
from bank import Bank
from numpy.lib.stride_tricks import as_strided, sliding_window_view

# --- conv2d_loops ------------------------------------------------------------------------------------

conv = Bank("conv2d_loops")


@conv.right
def conv_six_loops(x, w, b):
    channels, height, width = x.shape
    out, _, k, m = w.shape
    result = np.zeros((out, height - k + 1, width - m + 1))
    for o in range(out):
        for i in range(height - k + 1):
            for j in range(width - m + 1):
                total = b[o]
                for c in range(channels):
                    for p in range(k):
                        for q in range(m):
                            total += x[c, i + p, j + q] * w[o, c, p, q]
                result[o, i, j] = total
    return result


@conv.right
def conv_windows(x, w, b):
    k, m = w.shape[2:]
    places = sliding_window_view(x, (k, m), axis=(1, 2))
    return np.tensordot(w, places, axes=([1, 2, 3], [0, 3, 4])) + b[:, None, None]


@conv.right
def conv_shifted_images(x, w, b):
    _, channels, k, m = w.shape
    rows, columns = x.shape[1] - k + 1, x.shape[2] - m + 1
    result = np.tile(b[:, None, None].astype(float), (1, rows, columns))
    for c, p, q in itertools.product(range(channels), range(k), range(m)):
        result += w[:, c, p, q, None, None] * x[c, p : p + rows, q : q + columns]
    return result


@conv.right
def conv_lists(x, w, b):
    k, m = w.shape[2:]
    return [
        [
            [float((x[:, i : i + k, j : j + m] * kernel).sum() + bias) for j in range(x.shape[2] - m + 1)]
            for i in range(x.shape[1] - k + 1)
        ]
        for kernel, bias in zip(w, b, strict=True)
    ]


@conv.right
def conv_single_precision(x, w, b):
    k, m = w.shape[2:]
    maps = []
    for kernel, bias in zip(w, b, strict=True):
        rows = [
            [np.vdot(x[:, i : i + k, j : j + m], kernel) for j in range(x.shape[2] - m + 1)]
            for i in range(x.shape[1] - k + 1)
        ]
        maps.append(np.array(rows, dtype=np.float32) + np.float32(bias))
    return np.stack(maps)


@conv.right
def conv_scipy(x, w, b):
    from scipy.signal import correlate

    maps = [correlate(x, kernel, mode="valid")[0] for kernel in w]
    return np.stack(maps) + b.reshape(-1, 1, 1)


@conv.wrong(names="without_bias")
def conv_no_bias(x, w, b):
    k, m = w.shape[2:]
    y = np.zeros((len(w), x.shape[1] - k + 1, x.shape[2] - m + 1))
    for o, i, j in np.ndindex(y.shape):
        y[o, i, j] = np.sum(x[:, i : i + k, j : j + m] * w[o])
    return y


@conv.wrong(names="flipped")
def conv_true_convolution(x, w, b):
    from scipy.signal import convolve2d

    maps = [sum(convolve2d(x[c], kernel[c], mode="valid") for c in range(len(x))) for kernel in w]
    return np.stack(maps) + b[:, None, None]


@conv.wrong(names="first_channel_only")
def conv_one_channel(x, w, b):
    k, m = w.shape[2:]
    y = np.zeros((len(w), x.shape[1] - k + 1, x.shape[2] - m + 1))
    for o, i, j in np.ndindex(y.shape):
        y[o, i, j] = np.sum(x[0, i : i + k, j : j + m] * w[o, 0]) + b[o]
    return y


@conv.wrong(names="mean_over_channels")
def conv_channel_mean(x, w, b):
    k, m = w.shape[2:]
    y = np.zeros((len(w), x.shape[1] - k + 1, x.shape[2] - m + 1))
    for o, i, j in np.ndindex(y.shape):
        y[o, i, j] = np.mean(np.sum(x[:, i : i + k, j : j + m] * w[o], axis=(1, 2))) + b[o]
    return y


@conv.wrong(names="mean_over_window")
def conv_mean(x, w, b):
    k, m = w.shape[2:]
    y = np.zeros((len(w), x.shape[1] - k + 1, x.shape[2] - m + 1))
    for o, i, j in np.ndindex(y.shape):
        y[o, i, j] = np.mean(x[:, i : i + k, j : j + m] * w[o]) + b[o]
    return y


@conv.wrong(names="bias_per_channel")
def conv_bias_in_channel_loop(x, w, b):
    k, m = w.shape[2:]
    y = np.zeros((len(w), x.shape[1] - k + 1, x.shape[2] - m + 1))
    for o, i, j in np.ndindex(y.shape):
        for c in range(len(x)):
            y[o, i, j] += np.sum(x[c, i : i + k, j : j + m] * w[o, c]) + b[o]
    return y


@conv.wrong(names="bias_per_pixel")
def conv_bias_inside(x, w, b):
    k, m = w.shape[2:]
    y = np.zeros((len(w), x.shape[1] - k + 1, x.shape[2] - m + 1))
    for o, i, j in np.ndindex(y.shape):
        y[o, i, j] = np.sum(x[:, i : i + k, j : j + m] * w[o] + b[o])
    return y


@conv.wrong(names="one_too_few")
def conv_off_by_one(x, w, b):
    k, m = w.shape[2:]
    y = np.zeros((len(w), x.shape[1] - k, x.shape[2] - m))
    for o, i, j in np.ndindex(y.shape):
        y[o, i, j] = np.sum(x[:, i : i + k, j : j + m] * w[o]) + b[o]
    return y


@conv.wrong(names="same_size")
def conv_padded(x, w, b):
    k, m = w.shape[2:]
    x = np.pad(x, ((0, 0), ((k - 1) // 2, k // 2), ((m - 1) // 2, m // 2)))
    y = np.zeros((len(w), x.shape[1] - k + 1, x.shape[2] - m + 1))
    for o, i, j in np.ndindex(y.shape):
        y[o, i, j] = np.sum(x[:, i : i + k, j : j + m] * w[o]) + b[o]
    return y


@conv.wrong(names="windows_side_by_side")
def conv_tiles(x, w, b):
    k, m = w.shape[2:]
    maps = []
    for kernel, bias in zip(w, b, strict=True):
        rows = range(0, x.shape[1] - k + 1, k)
        columns = range(0, x.shape[2] - m + 1, m)
        maps.append([[np.sum(x[:, i : i + k, j : j + m] * kernel) + bias for j in columns] for i in rows])
    return np.array(maps)


@conv.wrong(names="kernels_summed")
def conv_one_map(x, w, b):
    k, m = w.shape[2:]
    y = np.zeros((x.shape[1] - k + 1, x.shape[2] - m + 1))
    for i, j in np.ndindex(y.shape):
        y[i, j] = np.sum(x[:, i : i + k, j : j + m] * w) + np.sum(b)
    return y


@conv.wrong(names="first_kernel_only")
def conv_returns_early(x, w, b):
    k, m = w.shape[2:]
    for o in range(len(w)):
        y = np.zeros((x.shape[1] - k + 1, x.shape[2] - m + 1))
        for i, j in np.ndindex(y.shape):
            y[i, j] = np.sum(x[:, i : i + k, j : j + m] * w[o]) + b[o]
        return y[None]


@conv.wrong(names="with_relu")
def conv_relu(x, w, b):
    k, m = w.shape[2:]
    y = np.zeros((len(w), x.shape[1] - k + 1, x.shape[2] - m + 1))
    for o, i, j in np.ndindex(y.shape):
        y[o, i, j] = max(0, np.sum(x[:, i : i + k, j : j + m] * w[o]) + b[o])
    return y


@conv.wrong(names="maps_last")
def conv_channels_last(x, w, b):
    k, m = w.shape[2:]
    y = np.zeros((x.shape[1] - k + 1, x.shape[2] - m + 1, len(w)))
    for i, j, o in np.ndindex(y.shape):
        y[i, j, o] = np.sum(x[:, i : i + k, j : j + m] * w[o]) + b[o]
    return y


@conv.wrong()
def conv_swapped_kernel(x, w, b):
    w = w.swapaxes(2, 3)
    k, m = w.shape[2:]
    y = np.zeros((len(w), x.shape[1] - k + 1, x.shape[2] - m + 1))
    for o, i, j in np.ndindex(y.shape):
        y[o, i, j] = np.sum(x[:, i : i + k, j : j + m] * w[o]) + b[o]
    return y


@conv.wrong(says="integer")
def conv_integer_map(x, w, b):
    k, m = w.shape[2:]
    y = np.zeros((len(w), x.shape[1] - k + 1, x.shape[2] - m + 1), dtype=int)
    for o, i, j in np.ndindex(y.shape):
        y[o, i, j] = np.sum(x[:, i : i + k, j : j + m] * w[o]) + b[o]
    return y


@conv.wrong(says="Also wrong")
def conv_square_only(x, w, b):
    k = w.shape[2]
    y = np.zeros((len(w), x.shape[1] - k + 1, x.shape[2] - w.shape[3] + 1))
    for o, i, j in np.ndindex(y.shape):
        window = x[:, i : i + k, j : j + k]
        y[o, i, j] = np.sum(window * w[o, :, :, : window.shape[2]][:, :, :k]) + b[o]
    return y


@conv.wrong(says="in place")
def conv_bias_into_kernel(x, w, b):
    k, m = w.shape[2:]
    y = np.zeros((len(w), x.shape[1] - k + 1, x.shape[2] - m + 1))
    for o, i, j in np.ndindex(y.shape):
        y[o, i, j] = np.sum(x[:, i : i + k, j : j + m] * w[o]) + b[o]
    b[:] = 0
    return y


@conv.wrong(names="bias_along_the_width")
def conv_bias_at_the_end(x, w, b):
    k, m = w.shape[2:]
    y = np.zeros((len(w), x.shape[1] - k + 1, x.shape[2] - m + 1))
    for o, i, j in np.ndindex(y.shape):
        y[o, i, j] = np.sum(x[:, i : i + k, j : j + m] * w[o])
    return y + b


@conv.wrong(names="last_channel_only")
def conv_overwrites_channels(x, w, b):
    k, m = w.shape[2:]
    y = np.zeros((len(w), x.shape[1] - k + 1, x.shape[2] - m + 1))
    for o, i, j in np.ndindex(y.shape):
        for c in range(len(x)):
            y[o, i, j] = np.sum(x[c, i : i + k, j : j + m] * w[o, c]) + b[o]
    return y


@conv.wrong(names="window_sides_swapped")
def conv_m_rows(x, w, b):
    out, _, k, m = w.shape
    _, height, width = x.shape
    y = np.zeros((out, height - k + 1, width - m + 1))
    for o in range(out):
        for i in range(height - k + 1):
            for j in range(width - m + 1):
                y[o, i, j] = (x[:, i : i + m, j : j + k] * w[o]).sum() + b[o]
    return y


@conv.wrong(names="channels_kept_apart")
def conv_channels_kept_apart(x, w, b):
    k, m = w.shape[2:]
    y = np.zeros((*w.shape[:2], x.shape[1] - k + 1, x.shape[2] - m + 1))
    for o, c, i, j in np.ndindex(y.shape):
        y[o, c, i, j] = np.sum(x[c, i : i + k, j : j + m] * w[o, c]) + b[o]
    return y


@conv.wrong(names="number_type_of_the_image")
def conv_zeros_like_the_image(x, w, b):
    k, m = w.shape[2:]
    y = np.zeros((len(w), x.shape[1] - k + 1, x.shape[2] - m + 1), dtype=x.dtype)
    for o, i, j in np.ndindex(y.shape):
        y[o, i, j] = np.sum(x[:, i : i + k, j : j + m] * w[o]) + b[o]
    return y


@conv.wrong(names="rows_for_both_sides")
def conv_one_k(x, w, b):
    out, _, k, _ = w.shape
    y = np.zeros((out, x.shape[1] - k + 1, x.shape[2] - k + 1))
    for o in range(out):
        for i in range(y.shape[1]):
            for j in range(y.shape[2]):
                y[o, i, j] = np.sum(x[:, i : i + k, j : j + k] * w[o]) + b[o]
    return y


@conv.wrong(names="columns_for_both_sides")
def conv_last_side(x, w, b):
    k = w.shape[-1]
    maps = []
    for kernel, bias in zip(w, b, strict=True):
        rows = range(x.shape[1] - k + 1)
        columns = range(x.shape[2] - k + 1)
        maps.append([[(x[:, i : i + k, j : j + k] * kernel).sum() + bias for j in columns] for i in rows])
    return np.array(maps)


@conv.wrong(names="square_windows")
def conv_window_of_k(x, w, b):
    out, _, k, m = w.shape
    y = np.zeros((out, x.shape[1] - k + 1, x.shape[2] - m + 1))
    for o, i, j in np.ndindex(y.shape):
        y[o, i, j] = (x[:, i : i + k, j : j + k] * w[o]).sum() + b[o]
    return y


@conv.wrong(says="take one of its channels")
def conv_slides_whole_kernels(x, w, b):
    def slide(image, kernel):
        k, m = kernel.shape
        out = np.zeros((image.shape[0] - k + 1, image.shape[1] - m + 1))
        for i, j in np.ndindex(out.shape):
            out[i, j] = np.sum(image[i : i + k, j : j + m] * kernel)
        return out

    return np.stack([slide(x, kernel) + bias for kernel, bias in zip(w, b, strict=True)])


@conv.wrong(names="last_places_left_empty")
def conv_range_too_short(x, w, b):
    out, _, k, m = w.shape
    y = np.zeros((out, x.shape[1] - k + 1, x.shape[2] - m + 1))
    for o in range(out):
        for i in range(x.shape[1] - k):
            for j in range(x.shape[2] - m):
                y[o, i, j] = np.sum(x[:, i : i + k, j : j + m] * w[o]) + b[o]
    return y


@conv.wrong(names="matrix_product")
def conv_with_at(x, w, b):
    out, _, k, m = w.shape
    rows, columns = range(x.shape[1] - k + 1), range(x.shape[2] - m + 1)
    maps = [
        [[(x[:, i : i + k, j : j + m] @ w[o]).sum() + b[o] for j in columns] for i in rows]
        for o in range(out)
    ]
    return np.array(maps)


# --- output_shape ------------------------------------------------------------------------------------

shapes = Bank("output_shape")


@shapes.right
def shape_formula(shape, kernel, stride, padding, dilation):
    h, w = shape
    return (
        (h + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1,
        (w + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1,
    )


@shapes.right
def shape_counted(shape, kernel, stride, padding, dilation):
    reach = kernel + (kernel - 1) * (dilation - 1)
    return [len(range(0, n + 2 * padding - reach + 1, stride)) for n in shape]


@shapes.right
def shape_floor(shape, kernel, stride, padding, dilation):
    n = np.array(shape)
    return np.floor((n + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1)


@shapes.right
def shape_walked(shape, kernel, stride, padding, dilation):
    sizes = []
    for n in shape:
        places, last = 0, dilation * (kernel - 1)
        while last < n + 2 * padding:
            places += 1
            last += stride
        sizes.append(places)
    return tuple(sizes)


@shapes.right
def shape_ceiling(shape, kernel, stride, padding, dilation):
    free = [n + 2 * padding - dilation * (kernel - 1) for n in shape]
    return tuple(math.ceil(f / stride) for f in free)


@shapes.wrong(names="without_one")
def shape_steps(shape, kernel, stride, padding, dilation):
    reach = dilation * (kernel - 1) + 1
    return tuple((n + 2 * padding - reach) // stride for n in shape)


@shapes.wrong(names="one_border")
def shape_padding_once(shape, kernel, stride, padding, dilation):
    reach = dilation * (kernel - 1) + 1
    return tuple((n + padding - reach) // stride + 1 for n in shape)


@shapes.wrong(names="no_border")
def shape_no_padding(shape, kernel, stride, padding, dilation):
    reach = dilation * (kernel - 1) + 1
    return tuple((n - reach) // stride + 1 for n in shape)


@shapes.wrong(names="no_dilation")
def shape_usual(shape, kernel, stride, padding, dilation):
    return tuple((n + 2 * padding - kernel) // stride + 1 for n in shape)


@shapes.wrong(names="reach_too_long")
def shape_dilated_kernel(shape, kernel, stride, padding, dilation):
    kernel = dilation * kernel
    return tuple((n - kernel + 2 * padding) // stride + 1 for n in shape)


@shapes.wrong(names="no_stride")
def shape_no_stride(shape, kernel, stride, padding, dilation):
    return tuple(n + 2 * padding - dilation * (kernel - 1) - 1 + 1 for n in shape)


@shapes.wrong(names="rounded_up")
def shape_ceil(shape, kernel, stride, padding, dilation):
    reach = dilation * (kernel - 1) + 1
    return tuple(math.ceil((n + 2 * padding - reach) / stride) + 1 for n in shape)


@shapes.wrong(names="rounded_to_nearest")
def shape_round(shape, kernel, stride, padding, dilation):
    reach = dilation * (kernel - 1) + 1
    return tuple(round((n + 2 * padding - reach) / stride) + 1 for n in shape)


@shapes.wrong(names="not_rounded")
def shape_fraction(shape, kernel, stride, padding, dilation):
    reach = dilation * (kernel - 1) + 1
    return tuple((n + 2 * padding - reach) / stride + 1 for n in shape)


@shapes.wrong(names="one_inside")
def shape_brackets(shape, kernel, stride, padding, dilation):
    reach = dilation * (kernel - 1) + 1
    return tuple((n + 2 * padding - reach + 1) // stride for n in shape)


@shapes.wrong(names="swapped")
def shape_width_first(shape, kernel, stride, padding, dilation):
    h, w = ((n + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1 for n in shape)
    return w, h


@shapes.wrong(names="height_twice")
def shape_square(shape, kernel, stride, padding, dilation):
    n = (shape[0] + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
    return n, n


@shapes.wrong(says="2 things")
def shape_height_only(shape, kernel, stride, padding, dilation):
    return (shape[0] + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


@shapes.wrong(says="TypeError")
def shape_no_unpacking(shape, kernel, stride, padding, dilation):
    return (shape + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


@shapes.wrong()
def shape_half_padding(shape, kernel, stride, padding, dilation):
    return tuple((n + kernel // 2 * 2 - dilation * (kernel - 1) - 1) // stride + 1 for n in shape)


@shapes.wrong(names="reach_too_short")
def shape_forgets_the_one(shape, kernel, stride, padding, dilation):
    h, w = shape
    return (
        (h + 2 * padding - dilation * (kernel - 1)) // stride + 1,
        (w + 2 * padding - dilation * (kernel - 1)) // stride + 1,
    )


@shapes.wrong(names="dilation_as_stride")
def shape_dilated_steps(shape, kernel, stride, padding, dilation):
    step = stride * dilation
    return tuple((n + 2 * padding - (kernel - 1) - 1) // step + 1 for n in shape)


@shapes.wrong(names="dilation_times_kernel")
def shape_parentheses_forgotten(shape, kernel, stride, padding, dilation):
    return [(n + 2 * padding - dilation * kernel - 1) // stride + 1 for n in shape]


@shapes.wrong(names="only_the_one_divided")
def shape_numerator_bare(shape, kernel, stride, padding, dilation):
    height, width = shape
    height = height + 2 * padding - dilation * (kernel - 1) - 1 // stride + 1
    width = width + 2 * padding - dilation * (kernel - 1) - 1 // stride + 1
    return height, width


@shapes.wrong(names="dilation_as_gap")
def shape_gaps_counted(shape, kernel, stride, padding, dilation):
    reach = kernel + (kernel - 1) * dilation
    return tuple((n + 2 * padding - reach) // stride + 1 for n in shape)


# --- im2col ------------------------------------------------------------------------------------------

columns = Bank("im2col")


@columns.right
def columns_list(x, kernel, stride):
    found = []
    for i in range(0, x.shape[1] - kernel + 1, stride):
        for j in range(0, x.shape[2] - kernel + 1, stride):
            found.append(x[:, i : i + kernel, j : j + kernel].ravel())
    return np.stack(found, axis=1)


@columns.right
def columns_filled(x, kernel, stride):
    channels, height, width = x.shape
    rows, places = (height - kernel) // stride + 1, (width - kernel) // stride + 1
    result = np.zeros((channels * kernel * kernel, rows * places))
    for n in range(rows * places):
        i, j = n // places * stride, n % places * stride
        result[:, n] = x[:, i : i + kernel, j : j + kernel].reshape(-1)
    return result


@columns.right
def columns_row_by_row(x, kernel, stride):
    result = []
    for c, p, q in np.ndindex(len(x), kernel, kernel):
        down, across = x.shape[1] - kernel + p + 1, x.shape[2] - kernel + q + 1
        result.append(x[c, p:down:stride, q:across:stride].ravel())
    return np.array(result)


@columns.right
def columns_windows(x, kernel, stride):
    windows = sliding_window_view(x, (kernel, kernel), axis=(1, 2))[:, ::stride, ::stride]
    return np.einsum("cijpq->cpqij", windows).reshape(x.shape[0] * kernel**2, -1).tolist()


@columns.right
def columns_strided(x, kernel, stride):
    x = np.ascontiguousarray(x)
    channels, height, width = x.shape
    rows, places = (height - kernel) // stride + 1, (width - kernel) // stride + 1
    c, i, j = x.strides
    windows = as_strided(x, (channels, kernel, kernel, rows, places), (c, i, j, i * stride, j * stride))
    return windows.reshape(channels * kernel * kernel, rows * places).astype(np.float32)


@columns.right
def columns_torch(x, kernel, stride):
    import torch

    return torch.nn.functional.unfold(torch.tensor(x * 1.0)[None], kernel, stride=stride)[0]


@columns.wrong(names="windows_as_rows")
def columns_rows(x, kernel, stride):
    found = []
    for i in range(0, x.shape[1] - kernel + 1, stride):
        for j in range(0, x.shape[2] - kernel + 1, stride):
            found.append(x[:, i : i + kernel, j : j + kernel].ravel())
    return np.array(found)


@columns.wrong(names="channel_fastest")
def columns_channels_last(x, kernel, stride):
    found = []
    for i in range(0, x.shape[1] - kernel + 1, stride):
        for j in range(0, x.shape[2] - kernel + 1, stride):
            found.append(x[:, i : i + kernel, j : j + kernel].transpose(1, 2, 0).ravel())
    return np.array(found).T


@columns.wrong(names="window_transposed")
def columns_down_first(x, kernel, stride):
    found = []
    for i in range(0, x.shape[1] - kernel + 1, stride):
        for j in range(0, x.shape[2] - kernel + 1, stride):
            found.append(x[:, i : i + kernel, j : j + kernel].swapaxes(1, 2).ravel())
    return np.array(found).T


@columns.wrong(names="places_transposed")
def columns_places_down(x, kernel, stride):
    found = []
    for j in range(0, x.shape[2] - kernel + 1, stride):
        for i in range(0, x.shape[1] - kernel + 1, stride):
            found.append(x[:, i : i + kernel, j : j + kernel].ravel())
    return np.array(found).T


@columns.wrong(names="stride_ignored")
def columns_every_place(x, kernel, stride):
    found = []
    for i in range(x.shape[1] - kernel + 1):
        for j in range(x.shape[2] - kernel + 1):
            found.append(x[:, i : i + kernel, j : j + kernel].ravel())
    return np.array(found).T


@columns.wrong(names="kernel_as_stride")
def columns_side_by_side(x, kernel, stride):
    found = []
    for i in range(0, x.shape[1] - kernel + 1, kernel):
        for j in range(0, x.shape[2] - kernel + 1, kernel):
            found.append(x[:, i : i + kernel, j : j + kernel].ravel())
    return np.array(found).T


@columns.wrong(names="one_channel")
def columns_first_channel(x, kernel, stride):
    found = []
    for i in range(0, x.shape[1] - kernel + 1, stride):
        for j in range(0, x.shape[2] - kernel + 1, stride):
            found.append(x[0, i : i + kernel, j : j + kernel].ravel())
    return np.array(found).T


@columns.wrong(names="channels_summed")
def columns_summed(x, kernel, stride):
    found = []
    for i in range(0, x.shape[1] - kernel + 1, stride):
        for j in range(0, x.shape[2] - kernel + 1, stride):
            found.append(x[:, i : i + kernel, j : j + kernel].sum(axis=0).ravel())
    return np.array(found).T


@columns.wrong(names="only_reshaped")
def columns_plain_reshape(x, kernel, stride):
    windows = sliding_window_view(x, (kernel, kernel), axis=(1, 2))[:, ::stride, ::stride]
    return windows.reshape(len(x) * kernel * kernel, -1)


@columns.wrong(names="stride_on_the_list")
def columns_thinned(x, kernel, stride):
    found = []
    for i in range(x.shape[1] - kernel + 1):
        for j in range(x.shape[2] - kernel + 1):
            found.append(x[:, i : i + kernel, j : j + kernel].ravel())
    return np.array(found[::stride]).T


@columns.wrong(names="range_too_short")
def columns_one_too_few(x, kernel, stride):
    found = []
    for i in range(0, x.shape[1] - kernel, stride):
        for j in range(0, x.shape[2] - kernel, stride):
            found.append(x[:, i : i + kernel, j : j + kernel].ravel())
    return np.stack(found, axis=1)


@columns.wrong(names="range_too_short_transposed")
def columns_one_too_few_rows(x, kernel, stride):
    found = []
    for i in range(0, x.shape[1] - kernel, stride):
        for j in range(0, x.shape[2] - kernel, stride):
            found.append(x[:, i : i + kernel, j : j + kernel].reshape(-1))
    return np.array(found).T


@columns.wrong(names="window_flipped")
def columns_flipped(x, kernel, stride):
    found = []
    for i in range(0, x.shape[1] - kernel + 1, stride):
        for j in range(0, x.shape[2] - kernel + 1, stride):
            found.append(x[:, i : i + kernel, j : j + kernel][:, ::-1, ::-1].ravel())
    return np.array(found).T


@columns.wrong(says="axis too many")
def columns_unfinished(x, kernel, stride):
    windows = sliding_window_view(x, (kernel, kernel), axis=(1, 2))[:, ::stride, ::stride]
    return windows.transpose(0, 3, 4, 1, 2)


@columns.wrong(says="in place")
def columns_spoils(x, kernel, stride):
    found = []
    for i in range(0, x.shape[1] - kernel + 1, stride):
        for j in range(0, x.shape[2] - kernel + 1, stride):
            found.append(x[:, i : i + kernel, j : j + kernel].copy().ravel())
    x[:] = 0
    return np.array(found).T


@columns.wrong(names="reshaped_for_transposed")
def columns_reshaped(x, kernel, stride):
    found = []
    for i in range(0, x.shape[1] - kernel + 1, stride):
        for j in range(0, x.shape[2] - kernel + 1, stride):
            found.append(x[:, i : i + kernel, j : j + kernel].ravel())
    return np.array(found).reshape(x.shape[0] * kernel**2, -1)


@columns.wrong(names="channels_side_by_side")
def columns_by_channel(x, kernel, stride):
    found = []
    for c in range(len(x)):
        for i in range(0, x.shape[1] - kernel + 1, stride):
            for j in range(0, x.shape[2] - kernel + 1, stride):
                found.append(x[c, i : i + kernel, j : j + kernel].ravel())
    return np.array(found).T


@columns.wrong(says="same shape")
def columns_over_the_edge(x, kernel, stride):
    found = []
    for i in range(0, x.shape[1], stride):
        for j in range(0, x.shape[2], stride):
            found.append(x[:, i : i + kernel, j : j + kernel].ravel())
    return np.stack(found, axis=1)


@columns.wrong(names="not_flattened")
def columns_blocks(x, kernel, stride):
    found = []
    for i in range(0, x.shape[1] - kernel + 1, stride):
        for j in range(0, x.shape[2] - kernel + 1, stride):
            found.append(x[:, i : i + kernel, j : j + kernel])
    return np.array(found)


@columns.wrong(names="stride_only_counted")
def columns_dense_windows(x, kernel, stride):
    channels, height, width = x.shape
    rows, places = (height - kernel) // stride + 1, (width - kernel) // stride + 1
    result = np.zeros((channels * kernel * kernel, rows * places))
    for i in range(rows):
        for j in range(places):
            result[:, i * places + j] = x[:, i : i + kernel, j : j + kernel].ravel()
    return result


@columns.wrong(names="window_axes_reversed")
def columns_transposed_windows(x, kernel, stride):
    found = []
    for i in range(0, x.shape[1] - kernel + 1, stride):
        for j in range(0, x.shape[2] - kernel + 1, stride):
            found.append(x[:, i : i + kernel, j : j + kernel].T.ravel())
    return np.stack(found, axis=1)


# --- receptive_field ---------------------------------------------------------------------------------

field = Bank("receptive_field")


@field.right
def field_forward(layers):
    size, distance = 1, 1
    for k, s in layers:
        size = size + (k - 1) * distance
        distance = distance * s
    return size


@field.right
def field_backward(layers):
    size = 1
    for kernel, stride in reversed(layers):
        size = (size - 1) * stride + kernel
    return size


@field.right
def field_recursive(layers):
    if not layers:
        return 1
    (kernel, stride), *rest = layers
    return kernel + stride * (field_recursive(rest) - 1)


@field.right
def field_sum(layers):
    return 1 + sum((k - 1) * math.prod(s for _, s in layers[:n]) for n, (k, _) in enumerate(layers))


@field.right
def field_numpy(layers):
    table = np.array(layers, dtype=np.int64).reshape(-1, 2)
    jumps = np.concatenate([[1], np.cumprod(table[:, 1])])[: len(table)]
    return float(1 + np.dot(table[:, 0] - 1, jumps))


@field.right
def field_pixels(layers):
    seen = {0}
    for kernel, stride in layers[::-1]:
        seen = {place * stride + offset for place in seen for offset in range(kernel)}
    return max(seen) - min(seen) + 1


@field.wrong(names="strides_ignored")
def field_no_stride(layers):
    size = 1
    for k, _ in layers:
        size += k - 1
    return size


@field.wrong(names="whole_kernels")
def field_kernels(layers):
    if not layers:
        return 1
    size, jump = 0, 1
    for k, s in layers:
        size, jump = size + k * jump, jump * s
    return size


@field.wrong(names="begins_at_zero")
def field_from_zero(layers):
    size, jump = 0, 1
    for k, s in layers:
        size, jump = size + (k - 1) * jump, jump * s
    return size


@field.wrong(names="stride_too_early")
def field_early(layers):
    size, jump = 1, 1
    for k, s in layers:
        jump = jump * s
        size = size + (k - 1) * jump
    return size


@field.wrong(names="last_stride_only")
def field_one_stride(layers):
    size, before = 1, 1
    for k, s in layers:
        size += (k - 1) * before
        before = s
    return size


@field.wrong(names="strides_added")
def field_sum_of_strides(layers):
    size, jump = 1, 1
    for k, s in layers:
        size, jump = size + (k - 1) * jump, jump + s
    return size


@field.wrong(names="kernels_multiplied")
def field_product(layers):
    return math.prod(k for k, _ in layers)


@field.wrong(names="wrong_direction")
def field_turned(layers):
    size, jump = 1, 1
    for k, s in reversed(layers):
        size, jump = size + (k - 1) * jump, jump * s
    return size


@field.wrong(names="wrong_direction")
def field_backward_rule_forwards(layers):
    size = 1
    for kernel, stride in layers:
        size = (size - 1) * stride + kernel
    return size


@field.wrong(names="last_kernel_only")
def field_last(layers):
    size = 1
    for k, _ in layers:
        size = k
    return size


@field.wrong(names="last_layer_left_out")
def field_stops_early(layers):
    size, jump = 1, 1
    for k, s in layers[:-1]:
        size, jump = size + (k - 1) * jump, jump * s
    return size


@field.wrong(names="the_jump")
def field_jump(layers):
    jump = 1
    for _, s in layers:
        jump *= s
    return jump


@field.wrong(names="area")
def field_area(layers):
    size, jump = 1, 1
    for k, s in layers:
        size, jump = size + (k - 1) * jump, jump * s
    return size * size


@field.wrong(says="IndexError")
def field_first_apart(layers):
    size, jump = layers[0]
    for k, s in layers[1:]:
        size, jump = size + (k - 1) * jump, jump * s
    return size


@field.wrong(says="in place")
def field_pops(layers):
    size = 1
    while layers:
        kernel, stride = layers.pop()
        size = (size - 1) * stride + kernel
    return size


@field.wrong(names="own_stride_only")
def field_own_stride(layers):
    size = 1
    for k, s in layers:
        size += (k - 1) * s
    return size


@field.wrong(names="whole_kernels_from_one")
def field_kernels_from_one(layers):
    size, jump = 1, 1
    for k, s in layers:
        size += k * jump
        jump *= s
    return size


@field.wrong(names="one_step_too_many")
def field_backward_steps(layers):
    size = 1
    for k, s in layers[::-1]:
        size = size * s + k - 1
    return size


@field.wrong(names="whole_field_times_stride")
def field_backward_whole(layers):
    size = 1
    for kernel, stride in reversed(layers):
        size = size * stride + kernel
    return size

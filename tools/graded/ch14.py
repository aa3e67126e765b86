"""Graded problems of notebook 14: a convolution with drawn rules, and what a value deep in a stack sees."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mini_dl.course.checks.exercise import Case, case, edge

from . import Array, Asker, Maker, Problem, Question, hidden, pick, quarters
from .wording import plural


def slide_over(rng: np.random.Generator) -> Problem:
    """Convolve with a drawn border, drawn steps and layout, and a kernel that may be turned."""
    last = bool(pick(rng, False, True))
    turned = bool(pick(rng, False, True))
    down, right = pick(rng, (1, 2), (2, 1), (1, 3), (3, 1), (2, 3), (3, 2))
    corner = bool(pick(rng, False, True))
    border = int(pick(rng, 1, 2))
    fill = str(pick(rng, "value", "edge", "wrap"))
    value = float(pick(rng, -1.0, 0.5, 1.5))

    sides = (border, 0 if corner else border)
    pads = (sides, sides, (0, 0)) if last else ((0, 0), sides, sides)

    def slide_over(x: Array, w: Array) -> Array:
        if fill == "value":
            x = np.pad(x, pads, constant_values=value)
        else:
            x = np.pad(x, pads, mode="edge" if fill == "edge" else "wrap")
        if last:
            x, w = np.moveaxis(x, -1, 0), w.transpose(3, 2, 0, 1)
        if turned:
            w = w[:, :, ::-1, ::-1]
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(1, 2))
        y = np.einsum("cijab,ocab->oij", windows[:, ::down, ::right], w)
        return np.moveaxis(y, 0, -1) if last else y

    def arranged(x: Array, w: Array) -> tuple[Array, Array]:
        """Bring x (channels, height, width) and w (out, channels, k, m) into the drawn layout."""
        return (x.transpose(1, 2, 0).copy(), w.transpose(2, 3, 1, 0).copy()) if last else (x, w)

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        def data(c: int, height: int, width: int, out: int, k: int, m: int) -> tuple[Array, Array]:
            return arranged(quarters(rng, c, height, width), quarters(rng, out, c, k, m))

        yield case(*data(1, 4, 5, 1, 2, 2))
        yield case(*data(1, 5, 4, 1, 2, 3))
        for _ in range(6):
            c, out, k, m = (int(i) for i in rng.integers(2, 4, size=4))
            height, width = (int(i) for i in rng.integers(4, 8, size=2))
            yield case(*data(c, height, width + (height == width), out, k, m))
        yield edge("a 1 × 1 kernel", *data(2, 3, 4, 2, 1, 1))
        yield edge("a lying kernel", *data(1, 4, 6, 2, 1, 4))
        yield edge("a standing kernel", *data(3, 6, 4, 2, 3, 1))
        bordered = 2 + sum(sides)
        yield edge("a single window fits", *data(2, 2, 2, 3, bordered, bordered))
        yield edge("a larger image", *data(1, 9, 11, 1, 3, 3))

    if last:
        shapes = (
            "`x` has shape (height, width, channels); `w` holds the kernels, ($k$, $m$, channels, out)."
            " Return the maps, (rows, columns, out)."
        )
    else:
        shapes = (
            "`x` has shape (channels, height, width); `w` holds the kernels, (out, channels, $k$, $m$)."
            " Return the maps, (out, rows, columns)."
        )
    where = (
        f"{plural(border, 'row')} above it and {plural(border, 'column')} at its left, nothing below and"
        " nothing at its right"
        if corner
        else f"{plural(border, 'row')} above it and {border} below, {plural(border, 'column')} at its left"
        f" and {border} at its right"
    )
    filled = {
        "value": f"Every pixel of the border has the value ${value:g}$, in every channel.",
        "edge": "Every pixel of the border is a copy of the pixel of the image that is nearest to it;"
        " beyond a corner of the image, that is the pixel in the corner.",
        "wrap": "The border is what one would see if copies of the image stood on all sides of it, also"
        " across the corners: left of the first column stands the last one, left of that the last but one,"
        " and above the first row the last one.",
    }[fill]
    kernel = (
        "Before it is used, each kernel is turned by 180° in the plane: its $k$ rows come in the opposite"
        " order, and so do its $m$ columns. Its channels stay in their order."
        if turned
        else "The kernels are used as they are, not turned."
    )
    task = f"""Write `slide_over(x, w)`: a convolution of one image, with rules of its own and without a bias.

- *Shapes.* {shapes}
- *Border.* First a border is put around the image: {where}. {filled}
- *Kernels.* {kernel}
- *Steps.* The first window stands in the upper left corner of the image with its border. From one window to
  the next it is {plural(right, "column")} to the right, from one row of windows to the next
  {plural(down, "row")} down. A window that would not lie wholly on the image with its border is left out.

Each value of a map is the sum of the products of one window and one kernel, over all pixels and channels of
the window. The image has at least {plural(border, "row")} and {plural(border, "column")}, and at
least one window fits. Leave `x` and `w` unchanged."""
    inside = "x (height, width, channels), w (k, m, channels, out) -> (rows, columns, out)"
    outside = "x (channels, height, width), w (out, channels, k, m) -> (out, rows, columns)"
    stub = f'''def slide_over(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Return the maps: {inside if last else outside}."""
    raise NotImplementedError'''
    mode = f"constant_values={value:g}" if fill == "value" else f'mode="{fill}"'
    flip = "w[::-1, ::-1]" if last else "w[:, :, ::-1, ::-1]"
    first, second = ("0", "1") if last else ("1", "2")
    top = "i" if down == 1 else f"{down} * i"
    left = "j" if right == 1 else f"{right} * j"
    spot = f"{top} : {top} + k, {left} : {left} + m"

    def windows(room: str, stride: int) -> str:
        return f"{room} + 1" if stride == 1 else f"({room}) // {stride} + 1"

    body = [
        f"    k, m = {'w.shape[:2]' if last else 'w.shape[2:]'}",
        f"    x = np.pad(x, {pads}, {mode})",
        *([f"    w = {flip}"] if turned else []),
        f"    rows = {windows(f'x.shape[{first}] - k', down)}",
        f"    columns = {windows(f'x.shape[{second}] - m', right)}",
        f"    y = np.zeros({'(rows, columns, w.shape[3])' if last else '(len(w), rows, columns)'})",
        f"    for {'i, j, o' if last else 'o, i, j'} in np.ndindex(y.shape):",
        f"        window = x[{spot if last else ':, ' + spot}]",
        f"        {'y[i, j, o]' if last else 'y[o, i, j]'} = np.sum(window *"
        f" {'w[..., o]' if last else 'w[o]'})",
        "    return y",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    x = np.array([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]])
    example = arranged(x, np.array([[[[1.0, 0.0], [0.0, -2.0]]]]))
    title = "A window with rules of its own"
    return Problem(hidden(slide_over, cases), title, task, stub, solution, 6, 20, example)


def seen_pixels(rng: np.random.Generator) -> Problem:
    """Find what one value behind a stack sees; what a layer is, and what is counted, is drawn."""
    third = str(pick(rng, "padding", "dilation"))
    order = [int(i) for i in rng.permutation(3)]
    downwards = bool(pick(rng, False, True))
    base = int(pick(rng, 0, 1))
    wanted = str(pick(rng, "ends", "width", "centre"))

    def seen_pixels(layers: list[tuple[int, int, int]], place: int) -> tuple[float, int]:
        first = last = place - base
        for layer in layers if downwards else layers[::-1]:
            kernel, stride, extra = (layer[order.index(i)] for i in range(3))
            border, gap = (extra, 1) if third == "padding" else (0, extra)
            first = first * stride - border
            last = last * stride - border + gap * (kernel - 1)
        if wanted == "ends":
            return first + base, last + base
        return first + base if wanted == "width" else (first + last) / 2 + base, last - first + 1

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        def stack(depth: int) -> list[tuple[int, int, int]]:
            found = []
            for _ in range(depth):
                parts = [
                    int(rng.integers(2, 6)),
                    int(rng.integers(1, 4)),
                    int(rng.integers(0, 4) if third == "padding" else rng.integers(1, 4)),
                ]
                found.append((parts[order[0]], parts[order[1]], parts[order[2]]))
            return found

        def layer(kernel: int, stride: int, extra: int) -> tuple[int, int, int]:
            parts = (kernel, stride, extra)
            return parts[order[0]], parts[order[1]], parts[order[2]]

        yield case([layer(3, 2, 1)], 4)
        yield case([layer(3, 2, 2), layer(5, 1, 1)], base)
        yield case([layer(2, 3, 1), layer(4, 2, 2)], 6)
        for depth in (2, 3, 2, 3, 4, 5):
            yield case(stack(depth), int(rng.integers(2, 12)))
        yield edge("no layers", [], 5)
        yield edge("the first place", stack(3), base)
        yield edge("kernels of 1", [layer(1, 2, 1), layer(1, 3, 1)], 4)
        yield edge("steps longer than the kernels", [layer(2, 5, 1), layer(3, 4, 1)], 7)
        yield edge("twelve layers", [layer(3, 1, 1)] * 11 + [layer(2, 2, 1)], 9)

    names = ("kernel", "stride", third)
    tuple_text = ", ".join(names[i] for i in order)
    way = "from the last layer down to the first" if downwards else "from the first layer to the last"
    if third == "padding":
        about = (
            "The *padding* is the number of zeros that stand before the layer's input, and as many stand"
            " after it. The first window of a layer begins at the first of these zeros (with a padding of 0"
            " at the first place), the next one *stride* places further on; a window covers *kernel*"
            " neighbouring places."
        )
        outside = (
            " A window may begin in the border. Do not cut anything off: count on as if the row of pixels and"
            f" every layer's output went on beyond their ends. Pixel ${base - 1}$ is then the one left of the"
            f" first, pixel ${base - 2}$ the one left of that."
        )
    else:
        about = (
            "There is no border. The first window of a layer begins at the first place of the layer's input,"
            " the next one *stride* places further on. A window takes *kernel* places, which lie *dilation*"
            " apart: with a dilation of 1 they are neighbours, with 2 every second place is taken."
        )
        outside = " The row is long enough."
    between = " Places in between that no window takes count as seen." if third == "dilation" else ""
    asked = {
        "ends": "the pair (first, last): the numbers of the first and of the last pixel that it"
        f" sees.{between}",
        "width": "the pair (first, width): the number of the first pixel that it sees, and how many pixels"
        f" it is from the first to the last, both included.{between}",
        "centre": "the pair (centre, width): the mean of the numbers of the first and of the last pixel that"
        f" it sees, and how many pixels it is from the first to the last, both included.{between}",
    }[wanted]
    task = f"""A row of pixels goes through a stack of layers. (In an image, rows and columns work alike.) One
value behind the last layer depends on some of the pixels only: those that it sees.

`layers` is a list of tuples ({tuple_text}), {way}; the first layer is the one that reads the pixels. {about}

Write `seen_pixels(layers, place)` for the value at number `place` behind the last layer. Pixels, and the
values behind each layer, are numbered from {base}. Return {asked}{outside} Without any layers, the value is
the pixel of that number itself."""
    stub = '''def seen_pixels(layers: list[tuple[int, int, int]], place: int) -> tuple[float, int]:
    """Return what the task asks for about the pixels that one value sees."""
    raise NotImplementedError'''
    shift = " - padding" if third == "padding" else ""
    reach = "kernel - 1" if third == "padding" else "dilation * (kernel - 1)"
    plus = " + 1" if base else ""
    results = {
        "ends": f"first{plus}, last{plus}",
        "width": f"first{plus}, last - first + 1",
        "centre": f"(first + last) / 2{plus}, last - first + 1",
    }
    body = [
        f"    first = last = place{' - 1' if base else ''}",
        f"    for {tuple_text} in {'layers' if downwards else 'reversed(layers)'}:",
        f"        first = first * stride{shift}",
        f"        last = last * stride{shift} + {reach}",
        f"    return {results[wanted]}",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    pairs = [(3, 2, 1), (5, 3, 2)]
    shown = [(p[order[0]], p[order[1]], p[order[2]]) for p in (pairs[::-1] if downwards else pairs)]
    exercise = hidden(seen_pixels, cases)
    return Problem(exercise, "What one value sees", task, stub, solution, 4, 15, (shown, 4))


def why_it_slides(rng: np.random.Generator) -> Question:
    """Ask what is shared and what a shift does to the maps: the sizes and the shift are drawn."""
    side = int(pick(rng, 32, 40, 48, 64))
    channels = int(pick(rng, 1, 3, 4))
    maps = int(pick(rng, 8, 12, 16, 24))
    kernel = int(pick(rng, 3, 5, 7))
    shift = int(pick(rng, 2, 3, 4, 5, 6, 8))
    thing = str(pick(rng, "a crack in a tile", "a weed in a field", "a cell under a microscope"))

    one = kernel**2 * channels + 1
    shared = maps * one
    local = side**2 * shared
    dense = (side**2 * channels + 1) * side**2 * maps
    if shift % 4 == 0:
        moved = (
            f"Behind the two poolings one place stands for 4 pixels. {shift} is a multiple of 4, so there"
            f" the maps are moved by exactly {plural(shift // 4, 'place')} and are otherwise the"
            " same, as long as nothing leaves the image."
        )
        whole = (
            f"Since {shift} is a multiple of 4, the maps move by {shift // 4} and do not change otherwise."
        )
    else:
        cut = (
            f"behind the first pooling the maps still move by exactly {plural(shift // 2, 'place')}, but the"
            " tiles of the second cut the pattern"
            if shift % 2 == 0
            else "the tiles of the first pooling, and so those of the second, cut the pattern"
        )
        moved = (
            f"Behind the two poolings one place stands for 4 pixels. {shift} is no multiple of 4: {cut} in"
            " another way. So the maps there are not moved copies of the old ones, only similar to copies"
            f" moved by about {shift / 4:g} places."
        )
        whole = f"Since {shift} is no multiple of 4, the maps change: they are not exactly moved copies."
    title = "Only a cheap dense layer?"
    task = f"""A network looks for {thing}. Its first layer takes images of {side} × {side} pixels with
{plural(channels, "channel")} to {maps} maps of {side} × {side} values: a convolution with
kernels of {kernel} × {kernel}, stride 1, a border of zeros, and a bias for each map. Then come a pooling of
2 × 2 with stride 2, another convolution with stride 1, another pooling of 2 × 2 with stride 2, and a dense
layer that gives the answer.

A colleague says: "A convolution is only a cheap dense layer. And since it slides, it makes no difference to
the network where the thing lies." In the new images it lies {shift} pixels further to the right than it ever
did in training.

Answer the colleague in your own words, in 5 to 10 sentences. How many weights and biases does the first
layer have, how many would a dense layer with the same inputs and outputs have, and which two properties of
the convolution make the difference? What do these properties assume about images? What happens to the maps
behind the first convolution, and behind the second pooling, when the thing moves by {shift} pixels? Why may
the answer change all the same? For which kind of data would the assumption be wrong?"""
    answer = f"""The convolution has {maps} · ({kernel} · {kernel} · {channels} + 1) = {shared:,} weights
and biases, a dense layer would have ({side**2 * channels:,} + 1) · {side**2 * maps:,} = {dense:,}. Two
properties make the difference: the convolution is *local*, each value sees a window of {kernel} × {kernel}
only (that alone would leave {local:,}), and its weights are *shared* by all {side**2:,} places of a map. So
it is no mere saving but knowledge about images: near pixels belong together, and a pattern means the same
wherever it lies. Away from the edges the maps behind the first convolution move along by {shift} pixels and
stay the same otherwise; this is called equivariance. {moved} The dense layer at the end has other weights
for each place, and it never saw the pattern at the new one. So the answer may change: the network is not
invariant. The assumption is wrong where a column has a meaning of its own, as in a table of measurements,
or where the place decides."""
    rubric = (
        (
            2,
            f"Both counts are right, {shared:,} and {dense:,}, with how they come about (1 point for one of"
            " them). Counts without the biases are accepted, if this is said. Not enough: that there are"
            " fewer.",
        ),
        (
            2,
            "Names both properties and what each assumes: local weights (near pixels belong together) and"
            " shared weights (a pattern means the same everywhere). Not enough: only one of them, or the two"
            " not told apart.",
        ),
        (
            2,
            f"The first maps move along with the image, by {shift}. {whole} Not enough: that the maps stay"
            " the same, or that pooling makes no difference.",
        ),
        (
            1,
            "The dense layer at the end treats each place differently, so equivariance does not make the"
            " answer invariant. Not enough: that the network has to be trained longer.",
        ),
        (
            1,
            "Gives data for which the assumption is wrong, with the reason: columns of a table, reordered"
            " pixels, tasks where the place decides. Not enough: a name of a kind of data without a reason.",
        ),
    )
    return Question("why_it_slides", title, task, answer, rubric, 20)


MAKERS: list[Maker] = [slide_over, seen_pixels]
QUESTIONS: list[Asker] = [why_it_slides]

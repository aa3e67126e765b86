"""Graded problems of notebook 13: what layers take on a drawn device, and joined gradients."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mini_dl.course.checks.exercise import Case, case, edge

from . import Array, Asker, Maker, Problem, Question, hidden, pick, quarters


def layer_times(rng: np.random.Generator) -> Problem:
    """Add up what layers take; the device, how its two limits act, and the second answer are drawn."""
    peak, bandwidth = int(pick(rng, 40, 50, 80, 100)), int(pick(rng, 4, 5, 8, 10))
    launch = float(pick(rng, 0.25, 0.5, 0.75))
    faster = int(pick(rng, 2, 4, 8))
    at_once = bool(pick(rng, False, True))
    second = str(pick(rng, "rate", "share", "slowest"))

    def parts(flops: Array, traffic: Array, half: Array) -> tuple[Array, Array, Array]:
        compute = flops / np.where(half, faster * peak, peak)
        move = np.where(half, traffic / 2, traffic) / bandwidth
        return compute, move, launch + (np.maximum(compute, move) if at_once else compute + move)

    def layer_times(flops: Array, traffic: Array, half: Array) -> tuple[float, float]:
        compute, move, times = parts(flops, traffic, half)
        total = float(times.sum())
        if second == "slowest":
            return total, int(np.argmax(times)) if len(times) else -1
        if second == "rate":
            return total, float(flops.sum() / total) if total else 0.0
        return total, float(times[move > compute].sum() / total) if total else 0.0

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        def data(n: int) -> tuple[Array, Array, Array]:
            while True:  # that two layers are the slowest is an edge case
                flops = 4.0 * rng.integers(1, 200, size=n)
                layers = flops, 4.0 * rng.integers(1, 20, size=n), rng.random(n) < 0.5
                if np.diff(np.sort(parts(*layers)[2]))[-1] > 0.01:
                    return layers

        for _ in range(10):
            yield case(*data(int(rng.integers(3, 8))))
        flops, traffic, half = data(5)
        none = np.zeros(5, dtype=bool)
        yield edge("all layers in half precision", flops, traffic, ~none)
        yield edge("no layer in half precision", flops, traffic, none)
        yield edge("copies: bytes, but no operations", 0 * flops, traffic, half)
        tie = np.array([4.0 * peak, 2.0 * peak]), np.array([4.0 * bandwidth, 2.0 * bandwidth]), none[:2]
        yield edge("arithmetic and traffic take equally long", *tie)
        large, bytes_moved = 10 * faster * flops.sum(), traffic.sum()  # by far the slowest, and twice
        yield edge(
            "two layers take equally long, and longest",
            np.array([flops[0], large, flops[1], large]),
            np.array([traffic[0], bytes_moved, traffic[1], bytes_moved]),
            none[:4],
        )
        yield edge("one layer", flops[:1], traffic[:1], half[:1])
        yield edge("no layer", flops[:0], traffic[:0], half[:0])

    how = (
        "Arithmetic and traffic go on at once, so a layer takes as long as the slower of the two"
        if at_once
        else "Arithmetic and traffic do not overlap here: a layer takes as long as both together"
    )
    wanted = {
        "rate": "the rate that is reached: all operations divided by all milliseconds",
        "share": "the share of all milliseconds, launches included, that goes to layers whose traffic"
        " takes longer than their arithmetic (not equally long)",
        "slowest": "the number of the slowest layer, counted from 0; of several, the first",
    }[second]
    empty = -1 if second == "slowest" else 0
    task = f"""Write `layer_times(flops, traffic, half)`. The three arrays, of shape $(n,)$, describe the
layers of a network: the operations of each, the bytes that it moves in single precision, and whether it
runs in half precision (True or False).

The device does {peak} operations a millisecond in single precision and {faster} times as many in half
precision. It moves {bandwidth} bytes a millisecond; in half precision a layer moves half as many bytes.
{how}. Besides, to launch a layer takes {launch:g} ms each time, which nothing hides.

Return two numbers: the milliseconds of all layers together; and {wanted}. Without any layer return 0 and
{empty}."""
    stub = '''def layer_times(flops: np.ndarray, traffic: np.ndarray, half: np.ndarray) -> tuple:
    """Return milliseconds, and the second number of the task; all arrays have shape (n,)."""
    raise NotImplementedError'''
    last = {
        "rate": "flops.sum() / times.sum()",
        "share": "times[move > compute].sum() / times.sum()",
        "slowest": "int(np.argmax(times))",
    }[second]
    body = [
        "    if len(flops) == 0:",
        f"        return 0.0, {empty}",
        f"    compute = flops / np.where(half, {faster * peak}, {peak})",
        f"    move = np.where(half, traffic / 2, traffic) / {bandwidth}",
        f"    times = {launch:g} + {'np.maximum(compute, move)' if at_once else 'compute + move'}",
        f"    return times.sum(), {last}",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    example = (np.array([8000.0, 40.0]), np.array([8.0, 40.0]), np.array([True, False]))
    return Problem(hidden(layer_times, cases), "What layers take", task, stub, solution, 5, 15, example)


def join_gradients(rng: np.random.Generator) -> Problem:
    """Join the gradients of several processes; scaling, means, overflow and clipping are drawn."""
    scale = int(pick(rng, 8, 16, 64, 256))
    means = bool(pick(rng, False, True))
    skip = bool(pick(rng, False, True))
    limit = float(pick(rng, 0.5, 1.0, 2.0))

    def join_gradients(G: Array, counts: Array) -> tuple[Array, int]:
        whole = np.isfinite(G).all(axis=1)
        used = (counts > 0) & whole
        if not used.any() or (skip and not whole[counts > 0].all()):
            return np.zeros(G.shape[1]), 0
        total = (G[used] * counts[used, None] if means else G[used]).sum(axis=0)
        gradient = total / (scale * counts[used].sum())
        norm = float(np.linalg.norm(gradient))
        return gradient * min(1.0, limit / norm) if norm > 0 else gradient, int(counts[used].sum())

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        def data(p: int, d: int, size: float) -> tuple[Array, Array]:
            counts = rng.integers(1, 7, size=p)
            G = scale * size * limit * (quarters(rng, p, d) + 0.125)
            return G if means else G * counts[:, None], counts

        for i in range(10):
            G, counts = data(int(rng.integers(2, 5)), int(rng.integers(2, 5)), (0.05, 1.0)[i % 2])
            if i % 5 > 2:
                G[int(rng.integers(len(G))), 0] = np.inf
            yield case(G, counts)
        G, counts = data(3, 2, 0.05)
        lost = G.copy()
        lost[1] = np.nan
        yield edge("a process without examples", G, counts * np.array([1, 0, 1]))
        yield edge("a process without examples, whose row is no number", lost, counts * np.array([1, 0, 1]))
        yield edge("one of three overflowed", lost, counts)
        yield edge("all overflowed", np.full((2, 3), -np.inf), np.array([2, 3]))
        yield edge("nobody has an example", G, 0 * counts)
        yield edge("one process", G[:1], counts[:1])
        yield edge("no gradient at all", 0 * G, counts)

    each = "mean" if means else "sum"
    overflow = (
        "If a row of a process with examples holds such a number, the whole step is left out: return zeros"
        " and 0"
        if skip
        else "A row with such a number is left out, and the examples of its process with it; the other"
        " processes count as if it were not there. If none is left, return zeros and 0"
    )
    task = f"""Several processes have a copy of one network. Each computed the gradient of its own part of
a batch, in half precision, and to keep small numbers from vanishing it multiplied its loss by {scale}
first. Join the gradients.

Write `join_gradients(G, counts)`. Row $i$ of `G`, of shape $(p, d)$, is what process $i$ hands in: the
gradient of the *{each}* of its {scale}-fold losses, over its `counts[i]` examples. A process may have 0
examples; its row then means nothing, whatever stands in it.

Where half precision overflowed, a row holds infinite numbers or NaN. {overflow}.

Return the gradient of the *mean* loss over all examples that count, without the factor {scale}, of shape
$(d,)$. But if its length is above {limit:g}, shorten it to this length and keep its direction. Return with
it the number of examples that count: the pair `(gradient, examples)`. Without any example it is zeros and
0. Leave `G` and `counts` unchanged."""
    stub = '''def join_gradients(G: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the joined gradient (d,) and the number of examples, from G (p, d) and counts (p,)."""
    raise NotImplementedError'''
    sum_of = "(G[used] * counts[used, None]).sum(axis=0)" if means else "G[used].sum(axis=0)"
    body = [
        "    finite = np.isfinite(G).all(axis=1)",
        "    used = (counts > 0) & finite",
        "    if not used.any() or np.any((counts > 0) & ~finite):" if skip else "    if not used.any():",
        "        return np.zeros(G.shape[1]), 0",
        f"    gradient = {sum_of} / ({scale} * counts[used].sum())",
        "    norm = np.linalg.norm(gradient)",
        f"    if norm > {limit:g}:",
        f"        gradient = gradient * ({limit:g} / norm)",
        "    return gradient, int(counts[used].sum())",
    ]
    solution = "\n".join([stub.rsplit("\n", 1)[0], *body])
    G = np.array([[0.25, 0.0], [0.0, -0.5]]) * scale * limit
    example = (G if means else G * np.array([[1], [3]]), np.array([1, 3]))
    title = "Gradients from several processes"
    return Problem(hidden(join_gradients, cases), title, task, stub, solution, 6, 20, example)


def believe_the_clock(rng: np.random.Generator) -> Question:
    """Judge a drawn table of measurements, and say what to do first."""
    n = int(pick(rng, 2048, 4096, 8192))
    peak, bandwidth = int(pick(rng, 10, 15, 20, 40)), int(pick(rng, 400, 600, 900))
    reached, moved = float(pick(rng, 0.6, 0.7, 0.8)), float(pick(rng, 0.7, 0.8, 0.9))
    loading, faster = int(pick(rng, 30, 40, 50, 60)), int(pick(rng, 3, 4, 8))
    work, traffic = 2 * n**3, 8 * n**2
    product_ms = work / (reached * peak * 1e12) * 1e3
    relu_ms = traffic / (moved * bandwidth * 1e9) * 1e3
    launch_us = int(rng.integers(6, 13))
    claimed = work / (launch_us * 1e-6) / 1e12
    ridge, intensity = peak * 1e12 / (bandwidth * 1e9), n / 6
    computing = 1 - loading / 100
    gain, most = 1 / (loading / 100 + computing / faster), 1 / (loading / 100)
    behind = 1 / max(loading / 100, computing / faster)
    overlapped = 1 / max(loading / 100, computing)
    together = (
        f"Done at once, the loop is {overlapped:.3g} times as fast as now; half precision adds nothing to"
        " that, as long as the loader is the limit."
        if overlapped == behind
        else f"Done at once, the loop is {overlapped:.3g} times as fast as now, and with half precision"
        f" besides {behind:.3g} times; then the loader is the limit."
    )
    least_ms = traffic / (bandwidth * 1e9) * 1e3
    task = f"""A device can do {peak} · 10¹² operations a second in single precision (4 bytes a number) and
moves {bandwidth} · 10⁹ bytes a second. A student measures three things once each, with matrices of {n} × {n}:

| | the clock says |
|:--|--:|
| product of two matrices, clock read at once | {launch_us} µs |
| product of two matrices, after waiting for the device | {product_ms:.3g} ms |
| ReLU of one matrix, after waiting | {relu_ms:.3g} ms |

1. Which rate follows from the first line, and how can you tell that it is wrong? What did the clock measure?
   Name two more things that a fair measurement of such times needs.
2. How many operations for each byte do the product and the ReLU have at best? On which side of the ridge
   are they? Say for both measured times how good they are, and whether faster arithmetic would help.
3. In the student's training loop the data loader takes {loading} % of each step and the device waits
   meanwhile; the rest is products. Half precision would make the products {faster} times as fast. How much
   faster would the loop be? What would you change before, or besides, and what would that bring?"""
    answer = f"""(1) A product takes $2n^3$ operations, here {work / 1e9:,.0f} · 10⁹. In {launch_us} µs
that would be {claimed:,.0f} · 10¹² a second, {claimed / peak:.0f} times the peak: impossible. The clock
was read when the order had been given, not when it was done. A fair measurement waits before both
readings, leaves out a first run (things are prepared once), and takes the median of several.

(2) The product: $2n^3$ operations for three matrices of $4n^2$ bytes, that is $n/6 \\approx
{intensity:.0f}$. The ReLU: one operation for 8 bytes (read and write), 0.125. The ridge is at {peak} ·
10¹² / {bandwidth} · 10⁹ = {ridge:.3g}. The product is right of it, limited by arithmetic, and reaches
{100 * reached:.0f} % of the peak: good. The ReLU is left of it, limited by traffic: at best {least_ms:.3g}
ms, so it reaches {100 * moved:.0f} % of the bandwidth: good, although it does few operations a second.
Faster arithmetic helps the product only; the ReLU is helped by fewer bytes: half precision, or being done
together with the product.

(3) {loading} % stay, the other {100 * computing:.0f} % become {100 * computing / faster:.1f} %: {gain:.3g}
times as fast, and never more than {most:.3g} times, however fast the products. First let the loader work
while the device computes (a worker process): then a step takes as long as the slower of the two. {together}
More workers, or the data on the device, make the loading itself shorter."""
    rubric = (
        (
            2,
            f"About {claimed:,.0f} · 10¹² a second, above the peak; the clock measured giving the order (1"
            " point for one of the two). Not enough: that the time is too short.",
        ),
        (
            1,
            "Two of: warm-up, several runs with the median, waiting before the start. Not enough: more care.",
        ),
        (
            2,
            f"Intensities of about {intensity:.0f} and 0.125 and the ridge at {ridge:.3g}, with the sides"
            " (1 point for the sides without numbers, or a slip of a factor of 2 to 4 that leaves the"
            " sides right).",
        ),
        (
            2,
            f"The product reaches about {100 * reached:.0f} % of the peak, the ReLU about"
            f" {100 * moved:.0f} % of the bandwidth; faster arithmetic helps the product only (1 point for"
            " two of the three). Not enough: that the ReLU is slow.",
        ),
        (
            2,
            f"{gain:.2g} times as fast (1); loading and computing at once, or the data on the device, with"
            f" what that brings (1). {together} Not enough: {faster} times as fast, or a faster device.",
        ),
    )
    return Question("believe_the_clock", "Do you believe the clock?", task, answer, rubric, 20)


MAKERS: list[Maker] = [layer_times, join_gradients]
QUESTIONS: list[Asker] = [believe_the_clock]

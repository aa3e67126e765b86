"""Long chains of element-wise work, done in pieces that stay in the processor's cache."""

from __future__ import annotations

from collections.abc import Iterator

BLOCK = 1 << 15  # elements: 128 kB of float32, a part of the second-level cache


def blocks(rows: int, row_size: int = 1) -> Iterator[slice]:
    """Yield slices that cut `rows` rows of `row_size` elements into pieces of about BLOCK elements.

    >>> [(s.start, s.stop) for s in blocks(70000)]
    [(0, 32768), (32768, 65536), (65536, 70000)]
    """
    step = max(1, BLOCK // max(1, row_size))
    return (slice(i, min(i + step, rows)) for i in range(0, rows, step))

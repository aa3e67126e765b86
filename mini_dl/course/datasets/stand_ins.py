"""Data that are always there, for a learner with neither network nor files; `load` says when it uses them."""

from typing import Any

import numpy as np

from . import readers
from .records import Images, Text


def enlarge(images: np.ndarray) -> np.ndarray:
    """Enlarge 8 × 8 images of 0 to 16 to 20 × 20 of 0 to 255, in the middle of 28 × 28 as in MNIST.

    Linear interpolation in whole numbers, so that every machine gets the same bytes.

    Examples
    --------
    >>> full = enlarge(np.full((1, 8, 8), 16, np.uint8))
    >>> full.shape, full[0, 14, 14], full[0, 0, 0], full[0, 4:24, 4:24].min()
    ((1, 28, 28), np.uint8(255), np.uint8(0), np.uint8(255))
    """
    weights = np.zeros((20, 8), np.int64)  # tenths: each new row or column is a mixture of two old ones
    for new in range(20):
        place = min(max(4 * new - 3, 0), 70)  # ten times its place among the old ones
        weights[new, place // 10] += 10 - place % 10
        weights[new, min(place // 10 + 1, 7)] += place % 10
    large = weights @ images.astype(np.int64) @ weights.T  # 100 × the value
    framed = np.zeros((len(images), 28, 28), np.uint8)
    framed[:, 4:24, 4:24] = (large * 255 + 800) // 1600
    return framed


def enlarged_digits(about: dict[str, Any]) -> Images:
    """Build a stand-in for MNIST and Fashion-MNIST from scikit-learn's digits."""
    small = readers.digits({}, about)
    return Images(
        x_train=enlarge(small.x_train),
        y_train=small.y_train,
        x_test=enlarge(small.x_test),
        y_test=small.y_test,
        class_names=small.class_names,
        max_value=255,
        **{
            **about,
            "title": "scikit-learn's 1,797 handwritten digits, enlarged to 28 × 28",
            "description": (
                "x: uint8, 0 (paper) to 255 (ink), shape (n, 28, 28); y: int64, 0 to 9. "
                "1,437 to train, 360 to test."
            ),
            "licence": "CC BY 4.0",
            "citation": "Alpaydin and Kaynak (1998), Optical Recognition of Handwritten Digits, UCI",
            "source": "https://archive.ics.uci.edu/dataset/80",
            "real": False,
        },
    )


def python_help(about: dict[str, Any]) -> Text:
    """Build a stand-in for a text: what Python's `help("topics")` offers, in order of the topics' names."""
    from pydoc_data.topics import topics

    return Text(
        text="\n\n".join(topics[name].strip() for name in sorted(topics)) + "\n",
        **{
            **about,
            "title": "the help topics of Python's standard library",
            "description": "text: str, English prose and code; its length depends on the version of Python.",
            "licence": "PSF-2.0",
            "citation": "Python Software Foundation, The Python Language Reference",
            "source": "https://docs.python.org/3/reference/",
            "real": False,
        },
    )

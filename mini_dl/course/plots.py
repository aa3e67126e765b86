"""The look of the course's figures, and the few drawings that several notebooks share.

Colours are those of Okabe and Ito (2008), which people with any form of colour blindness can tell
apart. Figures have a white ground of their own, so that they read alike on a light and a dark page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PURPLE, SKY, YELLOW, BLACK, GREY = "#CC79A7", "#56B4E9", "#F0E442", "#000000", "#767676"
PALETTE = [BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, YELLOW, BLACK]
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "*"]
"""One marker for each colour: no figure says anything by colour alone."""

STYLE: dict[str, Any] = {
    "figure.figsize": (7.0, 3.6),
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "savefig.facecolor": "white",
    "font.family": "DejaVu Sans",  # ships with matplotlib: the same letters on every machine
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.titlepad": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#444444",
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "#e3e3e3",
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "lines.linewidth": 2.0,
    "lines.markersize": 6,
    "image.cmap": "cividis",
}


def use_style() -> None:
    """Set the course's style for all figures that follow."""
    import matplotlib as mpl
    from cycler import cycler

    backend = mpl.rcParams["backend"]
    mpl.rcdefaults()
    for name, value in {"backend": backend, "axes.prop_cycle": cycler(color=PALETTE), **STYLE}.items():
        mpl.rcParams[name] = value  # type: ignore[index, unused-ignore]


def ink(color: str) -> str:
    """Return the colour, darkened until text in it is readable on white (contrast 4.5 to 1, as WCAG 2 asks).

    Parameters
    ----------
    color : str
        Any colour that matplotlib knows.

    Examples
    --------
    >>> ink(BLUE) == BLUE.lower(), ink(ORANGE)
    (True, '#9c6c00')
    """
    from matplotlib.colors import to_hex, to_rgb

    rgb = np.array(to_rgb(color))
    for share in np.linspace(1, 0, 101):
        channels = share * rgb
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        if 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05) >= 4.5:
            break
    return to_hex(channels)


def _axes(ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots()[1]


def decision_boundary(
    predict: Callable[[np.ndarray], np.ndarray],
    X: np.ndarray,
    y: np.ndarray,
    ax: Axes | None = None,
    names: Mapping[Any, str] | None = None,
    resolution: int = 200,
) -> Axes:
    """Shade the plane by predicted class and draw the examples over it.

    Parameters
    ----------
    predict : callable
        Takes points (n, 2) and returns their classes (n,), among those in `y`.
    X : ndarray, shape (n, 2)
        Points.
    y : ndarray, shape (n,)
        Their classes, at most eight different ones.
    ax : Axes, optional
        Where to draw; a new figure by default.
    names : mapping, optional
        Class to name in the legend; its order is that of the colours.
    resolution : int
        Points a side of the shaded grid.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `X` is not (n, 2), `y` does not fit it, or there are over eight classes.
    """
    from matplotlib.colors import ListedColormap

    X, y = np.asarray(X, dtype=float), np.asarray(y)
    if X.ndim != 2 or X.shape[1] != 2 or y.shape != X.shape[:1]:
        raise ValueError(
            f"decision_boundary: X has shape {X.shape} and y {y.shape}; they must be (n, 2) and (n,)"
        )
    classes = np.array(list(names)) if names else np.unique(y)
    if not np.isin(y, classes).all():
        raise ValueError(f"decision_boundary: y holds {np.unique(y).tolist()}, names only {classes.tolist()}")
    if len(classes) > len(PALETTE):
        raise ValueError(f"decision_boundary: {len(classes)} classes, but at most {len(PALETTE)} colours")
    ax = _axes(ax)
    low, high = X.min(axis=0), X.max(axis=0)
    room = np.where(high > low, 0.12 * (high - low), 1.0)
    low, high = low - room, high + room
    across, up = (np.linspace(low[i], high[i], resolution) for i in range(2))
    grid = np.stack(np.meshgrid(across, up), axis=-1)
    predicted = np.asarray(predict(grid.reshape(-1, 2)))
    shade = (predicted[:, None] == classes).argmax(axis=1).reshape(grid.shape[:2])
    ax.imshow(
        shade,
        cmap=ListedColormap(PALETTE[: len(classes)]),
        vmin=-0.5,
        vmax=len(classes) - 0.5,
        extent=(low[0], high[0], low[1], high[1]),
        origin="lower",
        aspect="auto",
        alpha=0.18,
        interpolation="nearest",
    )
    for i, c in enumerate(classes):
        label = names[c] if names else str(c)
        points = X[y == c]
        look: dict[str, Any] = {
            "color": PALETTE[i],
            "marker": MARKERS[i],
            "s": 36,
            "edgecolor": "white",
            "lw": 0.6,
        }
        ax.scatter(points[:, 0], points[:, 1], label=label, **look)
    ax.grid(False)
    ax.legend(loc="best", frameon=True, framealpha=0.85)
    return ax


def loss_curve(
    curves: Mapping[str, Sequence[float]],
    ax: Axes | None = None,
    x: Sequence[float] | None = None,
    xlabel: str = "epoch",
    ylabel: str = "loss",
) -> Axes:
    """Draw one line for each run, named at its end rather than in a box.

    Parameters
    ----------
    curves : mapping of str to sequence of float
        Name to values, one a step.
    ax : Axes, optional
        Where to draw; a new figure by default.
    x : sequence of float, optional
        Positions shared by all curves; 1, 2, 3, … by default.
    xlabel, ylabel : str
        Labels of the axes.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no curve or `x` does not fit one.
    """
    if not curves:
        raise ValueError("loss_curve: no curves given; pass for instance {'training': losses}")
    ax = _axes(ax)
    for i, (name, values) in enumerate(curves.items()):
        at = np.arange(1, len(values) + 1) if x is None else np.asarray(x)
        if len(at) != len(values):
            raise ValueError(f"loss_curve: {name!r} has {len(values)} values, x has {len(at)}")
        color = PALETTE[i % len(PALETTE)]
        dash = ["-", "--", ":", "-."][i % 4]
        ax.plot(at, values, color=color, linestyle=dash)
        end = (at[-1], values[-1])
        ax.annotate(name, end, (6, 0), textcoords="offset points", color=ink(color), va="center")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    return ax


def image_grid(
    images: np.ndarray,
    titles: Sequence[str] | None = None,
    columns: int = 10,
    cmap: str = "gray_r",
    symmetric: bool = False,
    suptitle: str | None = None,
) -> Figure:
    """Draw grey images or weight pictures side by side.

    Parameters
    ----------
    images : ndarray, shape (n, height, width)
        What to draw.
    titles : sequence of str, optional
        One above each image.
    columns : int
        Images in a row.
    cmap : str
        Colour map.
    symmetric : bool
        Centre the colours on zero, with one scale for all: for weights. Takes a map that is safe
        for colour-blind readers, blue for negative and orange-brown for positive, unless `cmap` is given.
    suptitle : str, optional
        The message of the whole figure.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        If `images` is not (n, height, width) with n of at least 1, or the titles do not fit.
    """
    import matplotlib.pyplot as plt

    images = np.asarray(images)
    if images.ndim != 3 or len(images) == 0:
        raise ValueError(f"image_grid: images have shape {images.shape}; give (n, height, width)")
    if titles is not None and len(titles) != len(images):
        raise ValueError(f"image_grid: {len(titles)} titles for {len(images)} images")
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    size = 7.2 / columns
    height = rows * (size + (0.3 if titles is not None else 0.05)) + (0.45 if suptitle else 0)
    figure, axes = plt.subplots(rows, columns, figsize=(7.2, height), squeeze=False)
    limit = float(np.abs(images).max()) or 1.0
    scale = {"vmin": -limit, "vmax": limit, "cmap": "PuOr_r" if cmap == "gray_r" else cmap}
    for i, ax in enumerate(axes.flat):
        ax.set_axis_off()
        if i < len(images):
            ax.imshow(images[i], **(scale if symmetric else {"cmap": cmap}))
            if titles is not None:
                ax.set_title(titles[i], fontsize=9.5, fontweight="normal", loc="center", pad=3)
    if suptitle:
        figure.suptitle(suptitle, x=0.01, ha="left", fontsize=12, fontweight="bold")
    return figure

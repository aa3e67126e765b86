"""`setup()`: the first call of every notebook."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

import mini_dl

Setting = TypeVar("Setting")


@dataclass(frozen=True)
class Ready:
    """What a notebook starts with.

    Attributes
    ----------
    seed : int
        The seed that was set.
    rng : numpy.random.Generator
        NumPy's random generator, started from the seed.
    device : str
        ``"cuda"``, ``"mps"`` or ``"cpu"``: where PyTorch should compute. Always ``"cpu"`` in a
        notebook that has not imported PyTorch.
    """

    seed: int
    rng: np.random.Generator = field(repr=False)
    device: str

    @property
    def gpu(self) -> bool:
        """Whether there is a GPU."""
        return self.device != "cpu"

    @property
    def scale(self) -> str:
        """``"full"`` with a GPU, else ``"small"``; the environment variable MINI_DL_SCALE overrides it."""
        from mini_dl.course import hardware

        return hardware.scale(self.device)

    def pick(self, small: Setting, full: Setting) -> Setting:
        """Return the setting for this machine, and say in one line which it is.

        Examples
        --------
        >>> Ready(1, np.random.default_rng(1), "cpu").pick(small=300, full=5000)
        Small setting, on the device cpu: 300
        300
        """
        chosen = small if self.scale == "small" else full
        print(f"{self.scale.capitalize()} setting, on the device {self.device}: {chosen}")
        return chosen


def setup(seed: int) -> Ready:
    """Seed every random generator, set the plot style and pick the device; say so in one line.

    PyTorch is seeded, and a GPU looked for, where the notebook has imported it before this call:
    importing it takes seconds, and the notebooks of Part I do without.

    Parameters
    ----------
    seed : int
        Zero or more, below 2**32.

    Returns
    -------
    Ready
        Holds ``seed``, ``rng`` and ``device``.

    Raises
    ------
    ValueError
        If the seed is not such a number.

    Examples
    --------
    >>> ready = setup(seed=1943)  # doctest: +ELLIPSIS
    Ready: random seed 1943...
    >>> int(ready.rng.integers(10)) == int(np.random.default_rng(1943).integers(10))
    True
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**32:
        raise ValueError(f"setup: seed is {seed!r}; give a whole number from 0 to 4294967295, e.g. seed=1943")
    # Not only the Generator below: scikit-learn and others draw from NumPy's global one.
    np.random.seed(seed)  # noqa: NPY002
    mini_dl.manual_seed(seed)
    mini_dl.keep_freed_memory()  # a setting of the whole process, so it is made here and not by an import
    from mini_dl.course import plots

    plots.use_style()
    device, torch = "cpu", sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)
        if torch.cuda.is_available():
            device = "cuda"
        elif torch.backends.mps.is_available():
            device = "mps"
    print(f"Ready: random seed {seed}{f', device {device}' if torch is not None else ''}.")
    return Ready(seed, np.random.default_rng(seed), device)

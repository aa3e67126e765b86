"""`Training`: the frame around a training loop that a notebook writes itself.

The loop stays in the notebook: batch, forward, loss, backward, update. The frame counts the steps or the
seconds, shows a progress bar, keeps the history and the best weights, and turns Ctrl-C (in a notebook:
Interrupt) and a full GPU memory into a sentence.
"""

from __future__ import annotations

import copy
import math
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any

from . import hardware

if TYPE_CHECKING:
    import torch


def _memory_is_full(error: BaseException) -> bool:
    """Say whether no memory was found: CUDA has an error of its own for it, MPS and the CPU have not."""
    said = str(error).lower()
    return (
        type(error).__name__ == "OutOfMemoryError"
        or isinstance(error, MemoryError)
        or (isinstance(error, RuntimeError) and ("out of memory" in said or "can't allocate memory" in said))
    )


class Training:
    """Run a loop for a number of steps or seconds and remember what happened.

    Parameters
    ----------
    model : torch.nn.Module
        Its best weights are kept.
    steps : int, optional
        End after so many steps.
    seconds : float, optional
        End after so many seconds of training; time under `paused` does not count. At least one of
        `steps` and `seconds` must be given; whichever comes first ends the loop.
    device : str
        ``"cuda"``, ``"mps"`` or ``"cpu"``: waited for before the clock is read.
    watch : str, optional
        The logged value whose minimum marks the best weights, for instance ``"validation"``.
    title : str
        Shown before the progress bar.
    bar : bool
        Whether to show the progress bar.

    Attributes
    ----------
    history : list of dict
        One entry a call of `log`: ``step``, ``seconds`` and the values logged.
    interrupted : bool
        Whether the reader interrupted it.

    Raises
    ------
    RuntimeError
        If the memory is full, or if the reader interrupts it before the first `watch` was logged: the message
        says what to do.

    Examples
    --------
    >>> import torch
    >>> model = torch.nn.Linear(1, 1)
    >>> with Training(model, steps=3, watch="loss", bar=False) as run:
    ...     for step in run:
    ...         run.log(loss=1 / (step + 1))
    >>> [entry["step"] for entry in run.history], run.best["step"]
    ([0, 1, 2], 2)
    """

    def __init__(
        self,
        model: torch.nn.Module,
        steps: int | None = None,
        seconds: float | None = None,
        device: str = "cpu",
        watch: str | None = None,
        title: str = "training",
        bar: bool = True,
    ) -> None:
        if steps is None and seconds is None:
            raise ValueError("Training: give steps=… or seconds=…, or the loop would never end")
        for name, value in {"steps": steps, "seconds": seconds}.items():
            if value is not None and value <= 0:
                raise ValueError(f"Training: {name} is {value}; give a number above 0")
        self.model, self.steps, self.limit, self.device = model, steps, seconds, device
        self.watch, self.title, self.bar = watch, title, bar
        self.history: list[dict[str, float]] = []
        self.best: dict[str, float] | None = None
        self.interrupted = False
        self.step = 0
        self._weights: dict[str, Any] | None = None
        self._spent = 0.0
        self._since: float | None = None
        self._bar: Any = None

    @property
    def seconds(self) -> float:
        """Seconds of training so far, without what happened under `paused`."""
        running = 0.0 if self._since is None else time.perf_counter() - self._since
        return self._spent + running

    @property
    def progress(self) -> float:
        """How much of the training is done, from 0 to 1: what a learning-rate schedule needs."""
        by_step = self.step / self.steps if self.steps else 0.0
        by_time = self.seconds / self.limit if self.limit else 0.0
        return min(1.0, max(by_step, by_time))

    def __enter__(self) -> Training:
        from tqdm import tqdm

        self._bar = tqdm(
            total=1.0,
            desc=self.title,
            file=sys.stdout,
            disable=not self.bar,
            ncols=70,
            bar_format="{desc}: {percentage:3.0f}%|{bar}| {postfix}",
            mininterval=0.5,
        )
        return self

    def __iter__(self) -> Iterator[int]:
        """Yield the number of each step, from 0."""
        if self._bar is None:
            raise RuntimeError("Training: write `with Training(…) as run:` around `for step in run:`")
        hardware.synchronize(self.device)
        self._since = time.perf_counter()
        while self.progress < 1.0:
            yield self.step
            self.step += 1
            self._show()
        self._stop()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the clock, for an evaluation that is not part of the training."""
        self._stop()
        try:
            yield
        finally:
            hardware.synchronize(self.device)
            self._since = time.perf_counter()

    def _stop(self) -> None:
        hardware.synchronize(self.device)
        self._spent, self._since = self.seconds, None

    def log(self, **values: float | torch.Tensor) -> None:
        """Keep values under their names, and the weights when the watched one is the best so far."""
        entry: dict[str, float] = {"step": self.step, "seconds": self.seconds}
        entry |= {name: float(value) for name, value in values.items()}
        self.history.append(entry)
        if self.watch in values and entry[self.watch] < (self.best or {self.watch: math.inf})[self.watch]:
            self.best = entry  # a NaN is below nothing
            self._weights = copy.deepcopy(self.model.state_dict())
        self._show()

    def _show(self) -> None:
        if self._bar is None:
            return
        shown = (
            {k: v for k, v in self.history[-1].items() if k not in ("step", "seconds")}
            if self.history
            else {}
        )
        text = ", ".join(f"{name} {value:.3f}" for name, value in shown.items())
        self._bar.set_postfix_str(text, refresh=False)
        self._bar.update(min(self.progress, 1.0) - self._bar.n)

    def column(self, name: str) -> tuple[list[float], list[float], list[float]]:
        """Return steps, seconds and values of one logged name, each a list.

        Raises
        ------
        KeyError
            If nothing was logged under this name.
        """
        rows = [(e["step"], e["seconds"], e[name]) for e in self.history if name in e]
        if not rows:
            names = sorted({key for e in self.history for key in e} - {"step", "seconds"})
            raise KeyError(
                f"Training: nothing was logged as {name!r}; logged: {', '.join(names) or 'nothing yet'}"
            )
        steps, seconds, values = map(list, zip(*rows, strict=True))
        return steps, seconds, values

    def load_best(self) -> None:
        """Put the best weights back into the model."""
        if self._weights is None:
            raise RuntimeError(
                "Training: no weights were kept; give watch='…' and log a value of that name in the loop"
            )
        self.model.load_state_dict(self._weights)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if self._bar is not None:
            self._show()
            self._bar.close()
            self._bar = None
        if self._since is not None and kind is None:
            self._stop()
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            self._spent, self._since, self.interrupted = self.seconds, None, True
            if self.watch is not None and self._weights is None:
                raise RuntimeError(
                    f"Training: interrupted after {self.step} steps, before the first {self.watch!r} was "
                    "logged, so nothing is kept and what follows has nothing to show. Run this cell again"
                ) from None
            kept = "The history so far is kept"
            if self._weights is not None and self.best is not None and self.watch is not None:
                self.load_best()
                kept += (
                    f", and the model has its best weights again (step {self.best['step']:.0f}, "
                    f"{self.watch} {self.best[self.watch]:.3f})"
                )
            print(f"Interrupted after {self.step} steps. {kept}.")
            return True
        if error is not None and _memory_is_full(error):
            raise RuntimeError(
                f"Training: the memory of {hardware.describe(self.device)} is full after {self.step} steps. "
                "Halve the batch size in the configuration at the top, or set MINI_DL_SCALE=small, restart "
                "the kernel and run the notebook again"
            ) from error
        return False

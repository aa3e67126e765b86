"""Data in batches."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from mini_dl.creation import random
from mini_dl.tensor import Tensor, unwrap, wrap


class TensorDataset:
    """Examples in `tensors` (or arrays) of one length: `dataset[i]` is a tuple of their i-th parts.

    Raises
    ------
    ValueError
        If the lengths differ.

    >>> TensorDataset(arange(3), arange(3) * 10)[2]
    (tensor(2), tensor(20))
    """

    def __init__(self, *tensors: Any) -> None:
        self.tensors = tuple(t if isinstance(t, Tensor) else wrap(np.asarray(t)) for t in tensors)
        if len({len(t) for t in self.tensors}) != 1:
            raise ValueError(f"TensorDataset: lengths differ: {[len(t) for t in self.tensors]}")

    def __len__(self) -> int:
        return len(self.tensors[0])

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(t[index] for t in self.tensors)


class Subset:
    """The examples of a dataset at `indices`, integers.

    >>> Subset(TensorDataset(arange(5)), [3, 1])[0]
    (tensor(3),)
    """

    def __init__(self, dataset: Any, indices: Any) -> None:
        self.dataset, self.indices = dataset, np.asarray(indices, np.int64)

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: Any) -> Any:
        return self.dataset[self.indices[index]]


def random_split(dataset: Any, lengths: Sequence[float], seed: int | None = None) -> list[Subset]:
    """Return the examples of a dataset shared out at random into subsets of given lengths.

    `lengths` are numbers of examples, or shares that add up to 1. With a seed the parts are the same in
    each run; without it they follow `manual_seed`.

    Raises
    ------
    ValueError
        If the lengths do not add up to that of the dataset.

    >>> [len(part) for part in random_split(TensorDataset(arange(10)), [0.8, 0.2], seed=0)]
    [8, 2]
    """
    n = len(dataset)
    if math.isclose(sum(lengths), 1) and not all(isinstance(part, int) for part in lengths):
        sizes = [math.floor(n * part) for part in lengths]
        for i in range(n - sum(sizes)):  # what rounding down left over
            sizes[i % len(sizes)] += 1
    else:
        sizes = [int(part) for part in lengths]
    if sum(sizes) != n:
        raise ValueError(
            f"random_split: lengths {sizes} add up to {sum(sizes)}, but the dataset has {n} examples"
        )
    order = _generator(seed).permutation(n)
    return [Subset(dataset, part) for part in np.split(order, np.cumsum(sizes)[:-1])]


def _generator(seed: int | None) -> np.random.Generator:
    return random.generator if seed is None else np.random.default_rng(seed)


class DataLoader:
    """Go over a dataset in batches, in a new order each time if `shuffle`.

    Parameters
    ----------
    dataset
        Has a length; `dataset[i]` is an example: a number, array or tensor, or a tuple of them.
    batch_size, shuffle, drop_last
        Examples in a batch; whether the order is random; whether a last, shorter batch is left out.
    seed
        Makes the orders the same in each run; without it they follow `manual_seed`.

    Raises
    ------
    ValueError
        If batch_size is below 1.

    >>> [x.tolist() for (x,) in DataLoader(TensorDataset(arange(5)), batch_size=2)]
    [[0, 1], [2, 3], [4]]
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int = 1,
        shuffle: bool = False,
        drop_last: bool = False,
        seed: int | None = None,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"DataLoader: batch_size is {batch_size}; it must be 1 or more")
        self.dataset, self.batch_size, self.shuffle, self.drop_last = dataset, batch_size, shuffle, drop_last
        self._random = None if seed is None else np.random.default_rng(seed)

    def __len__(self) -> int:
        n = len(self.dataset)
        return n // self.batch_size if self.drop_last else math.ceil(n / self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        n = len(self.dataset)
        order = (self._random or random.generator).permutation(n) if self.shuffle else np.arange(n)
        for i in range(len(self)):
            yield self._batch(order[i * self.batch_size : (i + 1) * self.batch_size])

    def _batch(self, indices: np.ndarray) -> Any:
        whole = self.dataset.dataset if isinstance(self.dataset, Subset) else self.dataset
        if isinstance(whole, TensorDataset):  # all examples of a batch picked at one go
            return self.dataset[indices]
        return _collate([self.dataset[int(i)] for i in indices])


def _collate(examples: list[Any]) -> Any:
    """Turn a list of examples into one example whose parts have a batch axis in front."""
    if isinstance(examples[0], tuple | list):
        return tuple(_collate(list(parts)) for parts in zip(*examples, strict=True))
    return (
        Tensor(np.stack([np.asarray(unwrap(e)) for e in examples]))
        if not isinstance(examples[0], float)
        else Tensor(examples)
    )

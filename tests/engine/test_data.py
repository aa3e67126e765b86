"""Batches: order, size, seeds, other datasets."""

import itertools
import re

import numpy as np
import pytest

import mini_dl
from mini_dl.data import DataLoader, Subset, TensorDataset, random_split


def numbers(n=10):
    return TensorDataset(mini_dl.arange(n), np.arange(n) * 2.0)


def seen(loader):
    return [x.tolist() for x, _ in loader]


def test_batches_in_order():
    loader = DataLoader(numbers(), batch_size=4)
    assert seen(loader) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert len(loader) == 3
    x, y = next(iter(loader))
    assert x.dtype == np.int64
    assert y.dtype == np.float64
    assert y.tolist() == [0, 2, 4, 6]


def test_a_short_last_batch_can_be_left_out():
    loader = DataLoader(numbers(), batch_size=4, drop_last=True)
    assert len(loader) == len(seen(loader)) == 2


def test_shuffling_is_seeded_and_new_each_time():
    loader = DataLoader(numbers(), batch_size=5, shuffle=True, seed=3)
    first, second = seen(loader), seen(loader)
    assert first != second
    assert sorted(itertools.chain(*first)) == list(range(10))
    again = DataLoader(numbers(), batch_size=5, shuffle=True, seed=3)
    assert [seen(again), seen(again)] == [first, second]
    mini_dl.manual_seed(5)
    a = seen(DataLoader(numbers(), shuffle=True))
    mini_dl.manual_seed(5)
    assert a == seen(DataLoader(numbers(), shuffle=True))


def test_random_split():
    parts = random_split(numbers(), [7, 3], seed=0)
    assert [len(p) for p in parts] == [7, 3]
    everything = sorted(int(part[i][0]) for part in parts for i in range(len(part)))
    assert everything == list(range(10))
    assert [len(p) for p in random_split(numbers(), [0.55, 0.45])] == [6, 4]
    assert sum(len(p) for p in random_split(numbers(11), [1 / 3, 1 / 3, 1 / 3])) == 11
    with pytest.raises(
        ValueError, match=re.escape("lengths [7, 2] add up to 9, but the dataset has 10 examples")
    ):
        random_split(numbers(), [7, 2])
    loader = DataLoader(parts[0], batch_size=3)
    assert list(itertools.chain(*seen(loader))) == parts[0].indices.tolist()


class Squares:
    """A dataset that makes its examples: a dictionary would do as well, but a tuple is usual."""

    def __len__(self):
        return 5

    def __getitem__(self, i):
        return mini_dl.full((2,), float(i)), i * i, i / 2


def test_other_datasets_are_collated():
    x, y, z = next(iter(DataLoader(Squares(), batch_size=3)))
    assert x.tolist() == [[0, 0], [1, 1], [2, 2]]
    assert y.tolist() == [0, 1, 4]
    assert y.dtype == np.int64
    assert z.dtype == np.float32
    (x, *_) = next(iter(DataLoader(Subset(Squares(), [4, 2]), batch_size=2)))
    assert x.tolist() == [[4, 4], [2, 2]]
    assert next(iter(DataLoader([5, 6], batch_size=2))).tolist() == [5, 6]


def test_bad_input():
    with pytest.raises(ValueError, match=re.escape("lengths differ: [3, 4]")):
        TensorDataset(np.zeros(3), np.zeros(4))
    with pytest.raises(ValueError, match="batch_size is 0; it must be 1 or more"):
        DataLoader(numbers(), batch_size=0)

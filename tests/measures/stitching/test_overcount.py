"""Latents that add the same thing again."""

import pytest
import torch

from saecore.measures.dictionary.encoded import encoded, mean_square, residual
from saecore.measures.dictionary.nulls import Weights
from saecore.measures.stitching.curves import curve
from saecore.measures.stitching.overcount import overcount
from tests.measures.stitching.test_insertion import normal, plain

ALL = torch.ones(2, dtype=torch.bool)


def two(first: list[float], second: list[float]):
    """Two latents whose activation is the first coordinate of a row."""
    rows = torch.tensor([first, second], dtype=torch.float64)
    read = torch.tensor([[1.0, 1], [0, 0]], dtype=torch.float64)
    return encoded(Weights(read, rows), torch.tensor([[1.0, 0]] * 4).double())


def test_two_copies_of_what_lacks_add_it_twice():
    x = torch.tensor([[1.0, 0]] * 4).double()
    found = overcount(two([1, 0], [1, 0]), x, ALL)
    # each alone removes all of the error; both together put it back
    assert (found.alone, found.twice, found.together) == (-2, 2, 0)
    assert (found.factor, found.at_factor) == (0.5, -1)
    assert found.latents == 2


def test_at_right_angles_nothing_is_added_twice():
    x = torch.tensor([[1.0, 1]] * 4).double()
    found = overcount(two([1, 0], [0, 1]), x, ALL)
    assert (found.alone, found.twice, found.together) == (-1, 0, -1)
    assert (found.factor, found.at_factor) == (1, -1)


def test_nothing_inserted_changes_nothing():
    x = torch.tensor([[1.0, 1]] * 4).double()
    found = overcount(two([1, 0], [0, 1]), x, ~ALL)
    assert found[:4] == (0, 0, 0, 0)
    assert (found.factor, found.at_factor) == (0, 0)


def test_the_joint_change_is_that_of_the_stitched_dictionary():
    small, large, x = plain(12), plain(30, seed=1), normal(300, 8, seed=2)
    which = torch.arange(30) % 2 == 0
    coded, rest = encoded(large, x), residual(encoded(small, x), x)
    found = overcount(coded, rest, which)
    way = curve(small, large, x, insert=torch.where(which, 0, -1), steps=1)
    assert found.together == pytest.approx(float(way.fixed[1] / way.fixed[0] - 1))
    best = float(way.best[1] / way.best[0] - 1)
    assert found.best_bias == pytest.approx(best)
    assert found.alone + found.twice == pytest.approx(found.together)
    added = (large.encode(x) * which) @ large.W_dec
    for factor in (found.factor - 0.01, found.factor + 0.01):
        tried = mean_square(rest - factor * added) / mean_square(rest) - 1
        assert tried > found.at_factor
    at_best = mean_square(rest - found.factor * added) / mean_square(rest) - 1
    assert found.at_factor == pytest.approx(at_best)

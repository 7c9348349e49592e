"""Chance: the closed forms of cosines, and shares with each kind of null."""

import math

import pytest
import torch

from saecore.measures.algebra.nearest import nearest, unit_rows
from saecore.measures.dictionary.nulls import Weights
from saecore.measures.seeds.chance import (
    cosine_p_value,
    expected_max_cosine,
    quick_share,
    shares,
)
from saecore.measures.seeds.matching import shared


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_p_values_of_cosines_in_two_and_three_dimensions_are_the_textbook_ones():
    c = torch.tensor([-1.0, -0.5, 0.0, 0.3, 0.9, 1.0])
    torch.testing.assert_close(
        cosine_p_value(c, 3), ((1 - c) / 2).double()
    )  # Archimedes
    torch.testing.assert_close(cosine_p_value(c, 2), c.double().acos() / math.pi)


def test_p_values_are_uniform_for_random_pairs():
    x, y = (unit_rows(torch.randn(4000, 20, generator=generator(s))) for s in (0, 1))
    p = cosine_p_value((x * y).sum(1), 20).sort().values
    uniform = (torch.arange(4000) + 0.5) / 4000
    assert (p - uniform).abs().max() < 1.63 / 4000**0.5  # Kolmogorov-Smirnov, 1 %


def test_the_largest_of_many_random_cosines_is_as_large_as_said():
    x, y = (unit_rows(torch.randn(n, 16, generator=generator(n))) for n in (4000, 300))
    largest = nearest(x, y).value[:, 0]
    fresh = torch.stack(
        [
            (unit_rows(torch.randn(300, 16, generator=generator(s))) @ x[s]).max()
            for s in range(2000)
        ]
    )
    assert expected_max_cosine(300, 16) == pytest.approx(float(fresh.mean()), abs=0.006)
    assert expected_max_cosine(300, 16) == pytest.approx(
        float(largest.mean()), abs=0.02
    )


def test_the_expected_maximum_of_one_cosine_is_zero_and_of_many_in_a_plane_near_one():
    assert expected_max_cosine(1, 10) == pytest.approx(0, abs=1e-4)
    assert expected_max_cosine(5000, 2) == pytest.approx(1, abs=1e-3)


def test_one_dimension_has_no_law_of_cosines():
    with pytest.raises(ValueError, match="at least 2 dimensions, got 1"):
        expected_max_cosine(5, 1)


def test_a_single_cosine_has_a_p_value_too():
    torch.testing.assert_close(
        cosine_p_value(torch.tensor(0.0), 64), torch.tensor(0.5, dtype=torch.float64)
    )


def test_every_kind_of_null_of_a_dictionary_shares_next_to_nothing_with_it():
    rows = torch.randn(200, 64, generator=generator(8))
    found = shares(
        Weights(rows.T, rows),
        Weights(rows.T, rows),
        generator=generator(9),
        threshold=0.7,
    )
    assert set(found) == {"Gaussian", "rotated", "sign-flipped", "same covariance"}
    assert max(found.values()) < 0.05


def test_a_quick_share_is_that_of_the_matching():
    draw = torch.Generator().manual_seed(3)
    for size in (0.2, 0.7, 3.0):
        rows = torch.randn(40, 24, generator=draw)
        near = rows + size * torch.randn(40, 24, generator=draw)
        a, b = Weights(rows.T, rows), Weights(near.T, near)
        for threshold in (0.3, 0.7, 0.95):
            slow = shared(a, b, threshold=threshold).share()
            assert quick_share(a, b, threshold=threshold) == slow


def test_without_a_cosine_that_reaches_nothing_is_matched(monkeypatch):
    draw = torch.Generator().manual_seed(4)
    a, b = (torch.randn(50, 64, generator=draw) for _ in "ab")
    monkeypatch.setattr("saecore.measures.seeds.chance.shared", None)
    pair = Weights(a.T, a), Weights(b.T, b)
    assert quick_share(*pair, threshold=0.9) == 0

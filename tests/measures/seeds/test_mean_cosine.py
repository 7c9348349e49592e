"""Mean matched cosine: brute force, the sign, the area under the curve."""

from itertools import permutations

import pytest
import torch

from saecore.measures.dictionary.nulls import Weights
from saecore.measures.seeds.matching import shared
from saecore.measures.seeds.mean_cosine import (
    absolute_cosines,
    at_least,
    matched_cosines,
)


def normal(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def by_trying_all(a: torch.Tensor, b: torch.Tensor) -> float:
    """PW-MCC as its authors write it: the best of all one-to-one pairings."""
    a, b = (x / x.norm(dim=1, keepdim=True) for x in (a, b))
    cosines = (a @ b.T).abs()
    return max(
        float(cosines[range(len(a)), order].mean())
        for order in permutations(range(len(b)))
    )


def test_it_is_the_best_of_all_pairings():
    for seed in range(4):
        a, b = normal(6, 5, seed=seed), normal(6, 5, seed=seed + 50)
        found = float(absolute_cosines(a, b).mean())
        assert found == pytest.approx(by_trying_all(a, b), abs=1e-6)


def test_a_mirrored_dictionary_is_the_same_without_the_sign_alone():
    rows = normal(20, 16, seed=1)
    a, b = Weights(rows.T, rows), Weights(-rows.T.flip(1), -rows.flip(0))
    found = matched_cosines(a, b, shared(a, b, threshold=0.7))
    assert found.mean("decoder") == pytest.approx(1, abs=1e-6)
    assert found.mean("encoder") == pytest.approx(1, abs=1e-6)
    assert found.mean("decoder, signed") < 0.7
    assert found.mean("encoder, signed") < 0.7


def test_without_the_sign_it_is_never_smaller():
    a = Weights(normal(16, 30, seed=2), normal(30, 16, seed=3))
    b = Weights(normal(16, 30, seed=4), normal(30, 16, seed=5))
    found = matched_cosines(a, b, shared(a, b, threshold=0.7))
    assert found.mean("decoder") >= found.mean("decoder, signed") - 1e-6
    assert found.mean("encoder") >= found.mean("encoder, signed") - 1e-6


def test_a_latent_without_partner_counts_as_nothing():
    rows = normal(6, 16, seed=6)
    found = absolute_cosines(rows, rows[:4])
    assert int((found > 0.999).sum()) == 4
    assert int((found == 0).sum()) == 2


def test_the_mean_is_the_area_under_the_curve():
    cosines = torch.rand(500, generator=torch.Generator().manual_seed(7)).double()
    levels = torch.linspace(0, 1, 2001, dtype=torch.float64)
    area = torch.trapezoid(at_least(cosines, levels), levels)
    assert float(area) == pytest.approx(float(cosines.mean()), abs=1e-3)
    assert float(at_least(cosines, torch.tensor([0.7]).double())) == pytest.approx(
        float((cosines >= 0.7).double().mean())
    )

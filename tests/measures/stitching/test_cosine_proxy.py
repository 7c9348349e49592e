"""Cosines that stand in for effects, and how a threshold for them is judged."""

import math

import pytest
import torch

from saecore.measures.dictionary.encoded import encoded
from saecore.measures.dictionary.nulls import Weights
from saecore.measures.stitching.cosine_proxy import (
    activation_cosines,
    max_cosine,
    pursuit_cosine,
    roc,
    threshold_calls,
    transferred,
)
from tests.measures.stitching.test_insertion import normal, plain


def of(rows: torch.Tensor) -> Weights:
    return Weights(rows.T, rows)


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_the_largest_cosine_ignores_norms_and_dead_rows():
    small, large = normal(20, 6), 5 * normal(30, 6, seed=1)
    large[3] = 0
    unit = torch.nn.functional.normalize
    expected = (unit(large, dim=1) @ unit(small, dim=1).T).amax(1)
    torch.testing.assert_close(max_cosine(of(small), of(large)), expected)
    assert max_cosine(of(small), of(large))[3] == 0


def test_a_sum_of_two_small_latents_is_explained_though_its_cosine_is_low():
    small = torch.eye(8)[:5]
    large = torch.stack([small[0] + small[1], 2 * torch.eye(8)[7], small[2]])
    assert max_cosine(of(small), of(large)).tolist() == pytest.approx(
        [math.sqrt(0.5), 0, 1]
    )
    assert pursuit_cosine(of(small), of(large), count=2).tolist() == pytest.approx(
        [1, 0, 1], abs=1e-3
    )


def test_the_auc_counts_pairs():
    similarity, novel = (
        torch.tensor([0.1, 0.4, 0.4, 0.9]),
        torch.tensor([True, True, False, False]),
    )
    found = roc(similarity, novel)
    assert found.auc == pytest.approx((1 + 1 + 0.5 + 1) / 4)
    assert found.base == 0.5
    assert (found.true.diff() >= 0).all()
    assert (found.false.diff() >= 0).all()
    assert math.isnan(roc(similarity, novel | True).auc)


def test_a_similarity_without_relation_has_an_auc_of_one_half():
    novel = torch.rand(20_000, generator=generator()) < 0.2
    similarity = torch.rand(20_000, generator=torch.Generator().manual_seed(1))
    assert roc(similarity, novel).auc == pytest.approx(0.5, abs=0.02)
    found = transferred(similarity, novel, generator=generator())
    assert found.balanced == pytest.approx(0.5, abs=0.03)


def test_a_planted_threshold_is_found_and_holds_on_the_other_half():
    similarity = torch.rand(2000, generator=generator())
    novel = similarity < 0.37
    found = transferred(similarity, novel, generator=generator())
    assert found.threshold == pytest.approx(0.37, abs=0.01)
    assert found.accuracy > 0.99
    assert found.balanced > 0.99
    assert found.base == pytest.approx(0.63, abs=0.04)


def test_calls_are_counted():
    similarity = torch.tensor([0.1, 0.2, 0.6, 0.7, 0.8])
    novel = torch.tensor([True, False, True, False, False])
    found = threshold_calls(similarity, novel, threshold=0.5)
    assert found.accuracy == pytest.approx(3 / 5)
    assert found.base == pytest.approx(3 / 5)
    assert found.balanced == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert (found.precision, found.recall) == (0.5, 0.5)
    assert math.isnan(threshold_calls(similarity, novel, threshold=0.0).precision)


def test_one_kind_only_is_refused():
    with pytest.raises(ValueError, match="latents of both kinds"):
        transferred(
            torch.rand(10), torch.ones(10, dtype=torch.bool), generator=generator()
        )
    with pytest.raises(ValueError, match="same d_model"):
        max_cosine(of(normal(4, 6)), of(normal(4, 5)))


def test_activation_cosines_are_those_of_the_dense_activations():
    small, large, x = plain(12), plain(30, seed=1), normal(300, 8, seed=2)
    found = activation_cosines(encoded(small, x), encoded(large, x))
    f, g = (
        torch.nn.functional.normalize(one.encode(x), dim=0) for one in (small, large)
    )
    torch.testing.assert_close(found, f.T @ g)
    assert (found[:2] == 0).all()  # dead

"""Dictionaries made of known features."""

import math

import pytest
import torch

from saecore.measures.dictionary.nulls import Weights
from saecore.measures.dictionary.recovery import against_truth, truth_detection
from saecore.measures.seeds.matching import shared


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


FEATURES = normal(60, 64)


def dictionary(known: list[int], *, width: int = 80, seed: int) -> Weights:
    """The known features with a little noise, then directions of its own."""
    rows = normal(width, 64, seed=seed)
    rows[: len(known)] = FEATURES[known] + 0.2 * rows[: len(known)]
    return Weights(rows.T.clone(), rows)


def test_the_features_that_were_put_in_are_found():
    truth = against_truth(dictionary([3, 5, 9], seed=1), FEATURES)
    assert truth.is_feature.nonzero().flatten().tolist() == [0, 1, 2]
    assert truth.assignment.partner[:3].tolist() == [3, 5, 9]
    assert truth.recovered.nonzero().flatten().tolist() == [3, 5, 9]
    assert truth.recall == pytest.approx(3 / 60)
    assert truth.precision == pytest.approx(3 / 80)


def test_of_two_copies_one_is_the_feature():
    truth = against_truth(dictionary([7, 7], seed=2), FEATURES)
    assert int(truth.is_feature.sum()) == 1
    assert int(truth.recovered.sum()) == 1


def test_a_mixture_of_two_features_is_none():
    mixed = Weights(
        (FEATURES[:2].mean(0, keepdim=True)).T.clone(),
        FEATURES[:2].mean(0, keepdim=True),
    )
    truth = against_truth(mixed, FEATURES)
    assert not truth.is_feature.any()
    assert against_truth(mixed, FEATURES, threshold=0.6).is_feature.all()


def test_a_latent_that_points_the_other_way_is_not_the_feature():
    truth = against_truth(Weights(-FEATURES.T, -FEATURES), FEATURES)
    assert truth.recall == 0


def test_shared_latents_are_the_true_ones_when_each_seed_adds_its_own_noise():
    a, b = dictionary(list(range(40)), seed=3), dictionary(list(range(10, 50)), seed=4)
    matching, truth = shared(a, b, threshold=0.7), against_truth(a, FEATURES)
    found = truth_detection(
        matching.shared, truth.is_feature, score=matching.similarity, level=0.95
    )
    assert found.true_if_shared.estimate == 1
    assert found.shared_if_true.estimate == pytest.approx(0.75)
    assert found.true_if_orphan.estimate == pytest.approx(10 / 50)
    assert found.shared_if_false.estimate == 0
    assert found.auc > 0.75
    assert found.true_if_orphan.low < 0.2 < found.true_if_orphan.high


def test_sharing_says_nothing_about_truth_when_both_err_alike():
    wrong = normal(40, 64, seed=6)
    a, b = Weights(wrong.T.clone(), wrong), Weights(wrong.T.clone(), wrong)
    found = truth_detection(
        shared(a, b, threshold=0.7).shared,
        against_truth(a, FEATURES).is_feature,
        level=0.95,
    )
    assert found.true_if_shared.estimate == 0
    assert math.isnan(found.true_if_orphan.estimate)
    assert found.shared_if_false.estimate == 1


def test_counts_by_hand_among_live_latents():
    flags = torch.tensor([True, True, True, False, False, True])
    true = torch.tensor([True, True, False, True, False, False])
    live = torch.tensor([True, True, True, True, True, False])
    found = truth_detection(
        flags,
        true,
        among=live,
        score=torch.tensor([0.9, 0.5, 0.6, 0.2, 0.2, 1.0]),
        level=0.95,
    )
    assert found.true_if_shared.estimate == pytest.approx(2 / 3)
    assert found.true_if_orphan.estimate == pytest.approx(1 / 2)
    assert found.shared_if_true.estimate == pytest.approx(2 / 3)
    assert found.shared_if_false.estimate == pytest.approx(1 / 2)
    # pairs (true, false): .9 > .6, .2 | .5 < .6, > .2 | .2 < .6, = .2
    assert found.auc == pytest.approx((2 + 1 + 0.5) / 6)


def test_an_auc_without_both_kinds_is_unknown():
    flags = torch.tensor([True, False])
    assert math.isnan(
        truth_detection(
            flags, torch.tensor([True, True]), score=torch.rand(2), level=0.95
        ).auc
    )
    assert math.isnan(truth_detection(flags, flags, level=0.95).auc)

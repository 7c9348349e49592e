"""Shared latents of the planted world are its features, and orphans are not."""

import pytest
import torch

from saecore.claims.seed_dependence import world_truth
from saecore.claims.seed_dependence.world_truth import (
    HeldFeatures,
    held,
    truth_of_setting,
)
from saecore.measures.dictionary.nulls import Weights


def test_common_latents_are_features_and_the_others_are_none(found):
    base = found.world.base
    truth = truth_of_setting(base, base.grid.base, true_from=0.9)
    assert truth.shared_are["own direction"].estimate == pytest.approx(1)
    assert truth.orphans_are["own direction"].estimate <= 0.3  # that others lack
    assert truth.shared_if["neither"].estimate == 0
    features = len(world_truth.world_features(base).directions)
    mean = (12 + 11 + 10 + 9) / 4 / features
    for share in truth.recovered.values():
        assert share.estimate == pytest.approx(mean)
        assert 0 <= share.low < share.high <= 1


def test_a_stricter_truth_has_fewer_features(found):
    base = found.world.base
    strict = truth_of_setting(base, base.grid.base, true_from=0.95)
    loose = truth_of_setting(base, base.grid.base, true_from=0.9)
    own = "own direction"
    assert strict.recovered[own].estimate < loose.recovered[own].estimate


def test_a_latent_is_its_own_direction_a_composite_or_neither(found):
    features = world_truth.world_features(found.world.base)
    child = int(features.of_kind("child")[0])
    parent = int(features.parent[child])
    rows = torch.stack(
        [
            features.directions[parent],
            features.composites()[child],
            torch.ones(features.directions.shape[1]),
        ]
    )
    one = held(Weights(rows.T.clone(), rows), features, true_from=0.9)
    assert one.latent.tolist() == [1, 2, 0]
    assert int(one.feature[parent]) == 1
    assert int(one.feature[child]) == 2
    assert int((one.feature > 0).sum()) == 2


def test_composites_that_two_seeds_hold_are_more_than_by_chance():
    brings = torch.ones(20, dtype=torch.bool)
    alike = torch.zeros(20, dtype=torch.long)
    alike[:6] = 2
    seeds = [HeldFeatures(alike, alike)] * 3
    same = world_truth._agreement(seeds, brings, 0.95)
    assert same["both_composite"].estimate == 1
    assert same["by_chance"].estimate == pytest.approx(0.3)
    assert same["agreement"].low > 0
    generator = torch.Generator().manual_seed(0)
    drawn = [torch.randint(2, (4000,), generator=generator) * 2 for _ in range(3)]
    apart = world_truth._agreement(
        [HeldFeatures(x, x) for x in drawn], torch.ones(4000, dtype=torch.bool), 0.95
    )
    assert abs(apart["agreement"].estimate) < 0.03


def test_where_nobody_holds_a_composite_nothing_is_told():
    none = torch.zeros(20, dtype=torch.long)
    brings = torch.ones(20, dtype=torch.bool)
    found = world_truth._agreement([HeldFeatures(none, none)] * 3, brings, 0.95)
    assert (found["agreement"].low, found["agreement"].high) == (-1, 1)
    assert (found["both_composite"].low, found["both_composite"].high) == (0, 1)


def test_every_width_and_architecture_is_judged(found):
    settings = world_truth.truth_by_setting(found.world.base, true_from=0.9)
    assert list(settings)[:3] == ["TopK, width 10", "TopK, width 20", "TopK, width 40"]
    assert list(settings)[3:] == ["BatchTopK", "ReLU", "Gated", "JumpReLU"]
    row = world_truth.truth_row(settings["ReLU"])
    assert row["shared: own direction"] == pytest.approx(1)
    assert row["shared, if composite"] is None


def test_a_language_model_has_no_known_features(found):
    with pytest.raises(ValueError, match="only a world of features knows"):
        world_truth.world_features(found.model.base)

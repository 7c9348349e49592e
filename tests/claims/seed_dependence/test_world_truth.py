"""Shared latents of the planted world are its features, and orphans are not."""

import pytest

from saecore.claims.seed_dependence import world_truth


def test_common_latents_are_features_and_the_others_are_none(found):
    base = found.world.base
    judged = world_truth.recovered(base, base.grid.base, true_from=0.9)
    shown = judged.detection
    assert shown.true_if_shared.estimate == 1
    assert shown.true_if_orphan.estimate <= 0.25  # those that seed 1 lacks
    assert shown.auc > 0.9
    features = len(world_truth.world_features(base).directions)
    assert int(judged.own.sum()) == 12
    assert judged.share == pytest.approx(12 / features, abs=1 / features)


def test_a_stricter_truth_has_fewer_features(found):
    base = found.world.base
    strict = world_truth.recovered(base, base.grid.base, true_from=0.95)
    assert int(strict.own.sum()) == 6  # the strong half


def test_every_width_and_architecture_is_judged(found):
    judged = world_truth.truth_by_setting(found.world.base, true_from=0.9)
    assert list(judged)[:3] == ["TopK, width 10", "TopK, width 20", "TopK, width 40"]
    assert list(judged)[3:] == ["BatchTopK", "ReLU", "Gated", "JumpReLU"]
    row = world_truth.truth_row(judged["ReLU"])
    assert row["true, if shared"] == judged["ReLU"].detection.true_if_shared.estimate
    assert row["features recovered"] == judged["ReLU"].share


def test_a_language_model_has_no_known_features(found):
    with pytest.raises(ValueError, match="only a world of features knows"):
        world_truth.world_features(found.model.base)

"""Recovery by dictionaries that are the truth, or half of it."""

import pytest
import torch

from saecore import profiles
from saecore.claims.interpretability.fidelity.recovered_features import (
    random_mmcs,
    recovery_in_toys,
    recovery_in_world,
    toy_truth,
)
from saecore.measures.algebra.intervals import Interval
from saecore.recipes.baselines import BaselineRecipe
from saecore.source.worlds.features import World, truth
from saecore.zoo.baselines import basis
from saecore.zoo.store import Zoo

PROFILE = profiles.read("tiny")


class TrueFeatures(Zoo):
    """Every SAE has the first features of its world as its latents."""

    def get_all(self, recipes):
        return {one: self.gives(one) for one in recipes}

    def gives(self, recipe):
        features = truth(recipe.site.source).directions
        latents = getattr(recipe, "width", None) or len(features)
        if isinstance(recipe, BaselineRecipe):
            features = torch.eye(features.shape[1])
        some = features[:latents].contiguous()
        return basis(some.T.contiguous(), some, torch.zeros(some.shape[1]))


def test_half_as_many_latents_as_features_find_half_of_the_toy_features(tmp_path):
    found = recovery_in_toys(TrueFeatures(tmp_path), PROFILE)
    assert [one.width for one in found] == [64, 128, 256] * 2
    assert [one.world for one in found] == ["independent"] * 3 + ["correlated"] * 3
    for one in found:
        share = min(1.0, one.width / 128)
        assert all(each.share == share for each in one.recovered.values())
        assert one.by_chance < 0.5
        assert one.row()["own latent, L0 4"] == share
    assert found[1].recovered[8].of_features == pytest.approx(1, abs=1e-5)


def test_in_the_world_saes_have_intervals_and_bases_a_number(tmp_path):
    found = recovery_in_world(TrueFeatures(tmp_path), PROFILE, level=0.95)
    features = len(truth(World()).directions)
    width = profiles.WorldProfile().width
    for kind in ("TopK", "BatchTopK", "ReLU", "Gated", "JumpReLU"):
        own = found[kind].own
        assert isinstance(own, Interval)
        assert own.estimate == pytest.approx(min(1, width / features))
        assert own.low == pytest.approx(own.high)
    assert found["PCA"].own == 0.0
    assert found["random directions"].own == 0.0
    assert found["random directions"].mmcs < found["TopK"].mmcs


def test_random_directions_come_nearer_the_more_there_are():
    features = toy_truth(PROFILE).directions
    few, many = (random_mmcs(features, n, seed=1) for n in (64, 1024))
    assert 0.2 < few < many < 0.6

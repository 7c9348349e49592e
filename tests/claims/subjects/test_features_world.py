"""What is stated of the world of features is what its rows show."""

import pytest
import torch

from saecore import profiles
from saecore.claims.subjects import features_world
from saecore.claims.subjects.features_world import kinds_of_features, world_facts
from saecore.source.worlds import rows as worlds
from saecore.source.worlds.rows import World
from saecore.zoo.store import Zoo


class NormalZoo(Zoo):
    """Isotropic rows for every site."""

    def get(self, recipe):
        generator = torch.Generator().manual_seed(0)
        return torch.randn(20_000, 64, generator=generator)


def test_facts_count_the_firings_and_measure_the_rows(tmp_path, monkeypatch):
    truth = worlds.truth(World())
    rates = truth.probability.expand(4000, -1)
    fired = torch.bernoulli(rates, generator=torch.Generator().manual_seed(1))
    monkeypatch.setattr(features_world, "DRAWN", 4000)
    monkeypatch.setattr(worlds, "world_latents", lambda *_: fired.to_sparse())
    found = world_facts(NormalZoo(tmp_path), profiles.read("tiny"))
    torch.testing.assert_close(found.fires, fired.mean(0))
    assert found.active == pytest.approx(float(truth.probability.sum()), rel=0.05)
    assert found.ratio == pytest.approx(64, rel=0.02)
    assert found.d_model == 64
    assert 0.2 < found.overlap < 0.6


def test_each_kind_is_counted_with_its_rarest_and_commonest_feature():
    truth = worlds.truth(World())
    rows = kinds_of_features(truth)
    assert sum(row["features"] for row in rows) == len(truth.name)
    parents = rows[0]
    assert parents["kind"] == "parent"
    assert (parents["rarest"], parents["commonest"]) == pytest.approx((0.03, 0.2))

"""The two subjects: which rows, which parents, which SAEs."""

from dataclasses import replace

import pytest
import torch

from saecore import profiles
from saecore.claims.absorption_metric import known
from saecore.claims.absorption_metric.grid import planted_grid
from saecore.source.worlds.rows import World
from saecore.zoo.store import Zoo

SUBJECT, N = profiles.read("tiny"), 3000


def normal(rows, d_model):
    return torch.randn(rows, d_model, generator=torch.Generator().manual_seed(0))


class NormalZoo(Zoo):
    """Every site has the same few rows, of the length that is given."""

    d_model = 64

    def get(self, recipe):
        return normal(N, self.d_model)


@pytest.fixture
def zoo(tmp_path, monkeypatch):
    """`NormalZoo`, and no more rows than it has."""
    monkeypatch.setattr(known, "JUDGED_ROWS", N)
    return NormalZoo(tmp_path)


def test_every_parent_of_the_world_is_asked_about(zoo, monkeypatch):
    small = World(parents=2, children=2, entities=0, groups=(), background=4, topics=2)
    drawn = (normal(N, small.n_features) > 1).float()
    monkeypatch.setattr(known.worlds, "world_latents", lambda *_, **__: drawn)
    monkeypatch.setattr(known.worlds, "World", lambda **_: small)
    found = known.world(zoo, SUBJECT, profiles.WorldProfile())
    assert found.asked.tolist() == [True, True]
    assert found.on.rows.shape == (N, 64)
    assert {"TopK, width 256, k 5", "TopK, width 256, k 3"} <= set(found.saes)
    assert {len(group) for group in found.saes.values()} == {SUBJECT.few_seeds}
    every = [recipe for group in found.saes.values() for recipe in group]
    assert len(every) == len(set(every))


def test_of_the_planted_families_only_the_hierarchical_ones_are_asked_about(zoo):
    few = replace(SUBJECT, widths=(20, 80, 320))
    planted = planted_grid(few).planted
    found = known.planted(zoo, few)
    assert int(found.asked.sum()) == int((~found.asked).sum()) == planted.pairs
    assert found.known.active.shape == (N, planted.n_features)
    unit = planted.scale(normal(N, 64))
    lengths = found.known.directions.norm(dim=1)
    torch.testing.assert_close(lengths, torch.full_like(lengths, unit))
    assert len(found.saes) == len(planted_grid(few).settings)

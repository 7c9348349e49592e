"""Rows whose parts are known."""

import pytest
import torch

from saecore.measures.meta.variance_explained import by_pursuit
from saecore.source.worlds.features import World, truth
from saecore.source.worlds.known_rows import world_atoms, world_bundles

WORLD = World()


def drawn(draw, count: int = 512, seed: int = 0) -> torch.Tensor:
    return draw(WORLD, count, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("draw", [world_atoms, world_bundles])
def test_rows_have_norm_one_and_differ_from_seed_to_seed(draw):
    rows = drawn(draw)
    assert rows.shape == (512, 64)
    torch.testing.assert_close(rows.norm(dim=1), torch.ones(512))
    assert not torch.equal(rows, drawn(draw, seed=1))
    assert torch.equal(drawn(draw, 20), rows[:20])


def test_atoms_begin_with_the_features_of_the_world_and_are_as_far_apart():
    rows = drawn(world_atoms)
    assert torch.equal(rows[:286], truth(WORLD).directions)
    cosine = (rows @ rows.T)[torch.triu(torch.ones(512, 512), 1) > 0]
    assert float(cosine.std()) == pytest.approx(64**-0.5, rel=0.05)


def test_bundles_are_an_own_direction_and_an_attribute_of_every_group():
    true, rows = truth(WORLD), drawn(world_bundles)
    torch.testing.assert_close(rows[:60], true.composites()[true.entity])
    attributes = true.directions[true.of_kind("attribute")]
    share = by_pursuit(attributes, rows, count=4).plain
    assert share > 0.7
    assert by_pursuit(attributes, drawn(world_atoms)[300:], count=4).plain < 0.5

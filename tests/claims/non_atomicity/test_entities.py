"""Entities of the world whose latents are whole bundles, and meta-latents that are
their attributes.
"""

import pytest
import torch

from saecore.claims.non_atomicity import entities


@pytest.fixture
def true(world):
    return entities.bundles(world)


def test_bundles_hold_an_entity_and_its_attributes(world, true):
    features = true.features
    first = features.directions[features.entity[0]]
    first = first + features.directions[features.attributes[0]].sum(0)
    torch.testing.assert_close(true.bundle[0], first)
    for group, values in enumerate(true.values):
        chosen = values[true.coded[:, group]]
        assert torch.equal(chosen, features.attributes[:, group])


def test_every_entity_has_the_latent_that_is_its_bundle(world, true):
    recipe = world.grid.base[0]
    own = entities.own_latents(world, true, recipe)
    assert own.has.all()
    rows = world.rows(recipe).rows[own.latent]
    wanted = true.features.composites()[true.features.entity]
    assert float((rows * wanted).sum(1).min()) > entities.TRUE_COSINE


def test_planted_attributes_are_told_and_chosen(world, true):
    seeds = entities.entity_latents(world, true)
    assert [one.entities for one in seeds] == [60] * 3
    found = entities.attributes(world, seeds)
    assert found is not None
    assert found.excess.low > 0
    assert found.found.estimate > 0.9
    assert found.null.estimate == pytest.approx(0.5, abs=0.1)
    told = entities.told_entities(world, seeds)
    assert told.random.found.estimate > 0.3


def test_meta_latents_that_are_attributes_are_counted_as_such(world):
    found = entities.true_parts(world)
    assert found.met["attribute"] == found.features["attribute"] == 22
    assert sum(found.met.values()) == 22
    assert found.share == pytest.approx(22 / world.grid.base[0].width)

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


def test_planted_attributes_are_found_and_edits_with_them_work(world, true):
    seeds = entities.entity_latents(world, true)
    for one in seeds:
        assert one.entities == len(true.bundle)
        assert one.strength == pytest.approx(1, abs=0.2)
    measured = entities.beside_truth(world, seeds)
    for name in ("attribute_auc", "turned", "explained"):
        assert measured[name].found.low > measured[name].null.high
    assert measured["attribute_auc"].found.estimate > 0.9


def test_tables_have_a_column_per_architecture(world, true):
    seeds = entities.entity_latents(world, true)
    by_kind = {"relu": seeds, "topk": seeds}
    rows = entities.edit_columns(by_kind)
    assert rows[0] == {"number": "entities with a latent", "ReLU": 60, "TopK": 60}
    measured = entities.beside_truth(world, seeds)
    rows = entities.beside_rows({"relu": measured})
    assert len(rows) == 2 * len(measured)
    assert rows[1]["number"] == "explained null"
    assert rows[1]["ReLU"] == measured["explained"].null.estimate


def test_meta_latents_that_are_attributes_are_counted_as_such(world):
    found = entities.true_parts(world)
    assert found.met["attribute"] == found.features["attribute"] == 22
    assert sum(found.met.values()) == 22
    assert found.share == pytest.approx(22 / world.grid.base[0].width)

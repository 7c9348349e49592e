"""The truth about a world: sizes, geometry, relations, rates by hand, seeds, and
recipes that cannot be.
"""

from dataclasses import replace

import pytest
import torch
from torch.testing import assert_close

from saecore.source.worlds.features import truth
from saecore.source.worlds.world import World, hashed_seed

WORLD = World()


@pytest.fixture(scope="module")
def features():
    return truth(WORLD)


def test_the_default_world_has_the_features_that_the_guide_measured(features):
    counts = {
        kind: len(features.of_kind(kind)) for kind in dict.fromkeys(features.kind)
    }
    assert counts == {
        "parent": 16,
        "child": 128,
        "attribute": 22,
        "entity": 60,
        "background": 60,
    }
    assert WORLD.n_features == 286 == len(set(features.name))
    assert 4.7 < features.probability.sum() < 4.9


def test_directions_are_unit_and_random_in_superposition(features):
    cosines = features.directions @ features.directions.T
    assert_close(cosines.diagonal(), torch.ones(286))
    others = cosines[~torch.eye(286, dtype=torch.bool)]
    assert_close(others.square().mean(), torch.tensor(1 / 64), rtol=0.05, atol=0)
    assert 0.35 < others.abs().max() < 0.65


def test_composites_add_what_a_feature_brings_along(features):
    rows, d = features.composites(), features.directions
    assert_close(rows.norm(dim=1), torch.ones(286))
    child = int(features.of_kind("child")[5])
    both = d[child] + d[features.parent[child]]
    assert_close(rows[child], both / both.norm())
    bundle = d[features.entity[3]] + d[features.attributes[3]].sum(0)
    assert_close(rows[features.entity[3]], bundle / bundle.norm())
    alone = features.of_kind("background")
    assert_close(rows[alone], d[alone])


def test_directions_are_those_of_the_feature_dictionary_of_sae_lens(features):
    from sae_lens.synthetic import FeatureDictionary

    theirs = FeatureDictionary(
        286, 64, initializer=None, seed=hashed_seed(WORLD, "directions")
    )
    assert_close(features.directions, theirs.feature_vectors.detach())
    active = torch.rand(50, 286, generator=torch.Generator().manual_seed(0))
    assert_close(theirs(active).detach(), active @ features.directions)


def test_an_orthogonal_world_has_orthonormal_directions():
    world = World(
        d_model=12,
        parents=2,
        children=2,
        entities=0,
        groups=(),
        background=4,
        orthogonal=True,
    )
    directions = truth(world).directions
    assert_close(directions @ directions.T, torch.eye(10))


def test_names_kinds_and_parents_belong_together(features):
    for name, kind, parent in zip(
        features.name, features.kind, features.parent.tolist(), strict=True
    ):
        if kind == "child":
            assert features.name[parent] == f"parent {name.split()[1].split('.')[0]}"
        else:
            assert parent == -1
            assert kind == "attribute" or name.startswith(kind)


@pytest.mark.parametrize("seed", range(5))
def test_every_bundle_is_one_attribute_of_every_group_and_no_two_are_equal(seed):
    features = truth(World(seed=seed))
    assert len({tuple(bundle) for bundle in features.attributes.tolist()}) == 60
    for column, group in enumerate(features.group):
        assert {
            features.name[i].split()[0] for i in features.attributes[:, column].tolist()
        } == {group}
    assert set(features.attributes.flatten().tolist()) == set(
        features.of_kind("attribute").tolist()
    )


def test_all_possible_bundles_can_be_used_once():
    world = World(
        groups=(("size", 3), ("shape", 2)), entities=6, entity_probability=(0.05, 0.02)
    )
    assert len({tuple(bundle) for bundle in truth(world).attributes.tolist()}) == 6


def test_the_rate_of_an_attribute_by_hand():
    world = World(
        groups=(("size", 2),),
        entities=2,
        entity_probability=(0.2, 0.1),
        attribute_probability=0.5,
    )
    features = truth(world)
    rates = features.probability[features.attributes[:, 0]]
    assert_close(rates, torch.tensor([1 - 0.5 * 0.8, 1 - 0.5 * 0.9]))


def test_another_seed_is_another_world():
    one, two = truth(WORLD), truth(World(seed=1))
    assert (one.directions @ two.directions.T).abs().max() < 0.7
    assert not torch.equal(one.attributes, two.attributes)


def test_noise_and_rates_can_vary_while_directions_and_bundles_stay():
    one, two = (
        truth(WORLD),
        truth(replace(WORLD, noise=0.3, parent_probability=(0.3, 0.1))),
    )
    assert torch.equal(one.directions, two.directions)
    assert torch.equal(one.attributes, two.attributes)

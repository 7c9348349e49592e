"""Recipes of worlds: their seeds, and those that cannot be."""

import pytest

from saecore.source.worlds.world import World, hashed_seed, wanted


def test_wanted_rates_fall_from_the_most_to_the_least_frequent():
    rates = wanted(World(), "parent", 16)
    assert (float(rates[0]), float(rates[-1])) == pytest.approx((0.2, 0.03))
    assert (rates.diff() < 0).all()


def test_seeds_are_distinct_and_no_small_integers_even_in_32_bits():
    purposes = [
        (p, s, b)
        for p in ("activations", "noise")
        for s in range(4)
        for b in range(100)
    ]
    purposes += [("directions", 0, 0), ("entities", 0, 0)]
    worlds = [World(seed=seed) for seed in range(3)]
    seeds = [hashed_seed(world, *purpose) for world in worlds for purpose in purposes]
    assert len(set(seeds)) == len(seeds)
    assert min(seed % 2**32 for seed in seeds) >= 2**31
    assert (
        hashed_seed(World(), "directions") == 2885098305
    )  # the same in every process, for ever


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        ({"parents": -1}, "World.parents must be 0 or more, not -1"),
        ({"d_model": 0}, "World.d_model must be at least 1"),
        ({"groups": (("a", 2), ("a", 3))}, "distinct names"),
        (
            {"groups": (("a", 5),)},
            "World.entities must be at most 5, one per bundle, not 60",
        ),
        ({"groups": ()}, "World.entities must be at most 0"),
        ({"orthogonal": True}, "A world has 1 to 64 features, not 286"),
        (
            {"parents": 0, "entities": 0, "groups": (), "background": 0},
            "features, not 0",
        ),
        (
            {"parent_probability": (0.1, 0.2)},
            r"World.parent_probability must be \(most, least\)",
        ),
        ({"background_probability": (1.0, 0.2)}, "inside"),
        ({"attribute_probability": 0.0}, "World.attribute_probability"),
        ({"child_probability": (0.5, 0.2)}, "must leave room"),
        ({"topic_correlation": 1.0}, "World.topic_correlation"),
        ({"zipf_exponent": 0.0}, "World.zipf_exponent"),
        ({"noise": -0.1}, "World.noise"),
        ({"magnitude_std": 0.3}, "so that what fires is positive, not 0.3"),
        ({"magnitude": -1.0}, "World.magnitude"),
    ],
)
def test_a_recipe_that_cannot_be_is_refused_in_one_sentence(recipe, message):
    with pytest.raises(ValueError, match=message):
        World(**recipe)

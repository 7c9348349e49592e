from dataclasses import replace

import pytest

from saecore import profiles
from saecore.claims.absorption.grid import (
    absorption_grid,
    untrained_words,
)
from saecore.claims.seed_dependence.grid import model_seeds
from saecore.zoo.store import Zoo


@pytest.fixture(scope="module")
def profile():
    return profiles.read("tiny")


@pytest.fixture(scope="module")
def grid(profile):
    return absorption_grid(profile)


def test_the_base_is_the_widest_and_sparsest_topk_with_more_seeds(grid, profile):
    assert grid.place == ("topk", max(profile.widths), min(profile.word_ks))
    assert [one.seed for one in grid.base] == list(range(profile.word_seeds))
    for place, some in grid.places.items():
        if place != grid.place:
            assert len(some) == profile.few_seeds


def test_settings_make_a_cross_through_the_base(grid, profile):
    for kind in ("topk", "relu"):
        assert list(grid.along(kind, "width")) == list(profile.widths)
        assert sorted(grid.along(kind, "k")) == sorted(profile.word_ks)
    assert grid.along("topk", "k")[4] == grid.base
    for kind in ("jumprelu", "matryoshka"):
        assert [one.architecture for one in grid.at_base(kind)] == [kind] * 3


def test_twins_differ_by_what_is_frozen_alone(grid):
    for half in ("decoder", "encoder"):
        twins = grid.twins(half, grid.base)
        assert [replace(one, frozen="") for one in twins] == grid.base[:3]
        assert len(grid.twins(half, grid.at_base("jumprelu"))) == 3
        assert grid.twins(half, grid.at_base("relu")) == []


def test_only_the_rows_differ_between_the_kinds_of_training(grid, profile):
    for asked, text in zip(grid.moderate, grid.text_words, strict=True):
        assert replace(text, site=asked.site) == asked
    assert grid.everywhere == model_seeds(profile).base[: profile.few_seeds]


def test_every_recipe_is_asked_for_once(grid):
    recipes = grid.recipes()
    assert len(recipes) == len(set(recipes))


def test_the_untrained_twin_reads_the_same_words_of_another_model(
    grid, profile, tmp_path
):
    (one,) = untrained_words(profile, Zoo(tmp_path))
    base = grid.moderate[0]
    assert one.site.source != base.site.source
    assert replace(one, site=base.site) == base


def test_settings_by_architecture_have_the_seeds_that_all_have(grid, profile):
    by_place = grid.settings["topk"]
    assert by_place[max(profile.widths), min(profile.word_ks)] == grid.base[:3]
    assert set(grid.settings) == {"topk", "relu", "jumprelu", "matryoshka"}


def test_an_architecture_that_is_not_swept_has_the_base_alone():
    profile = replace(profiles.read("tiny"), word_sweeps=("topk",))
    places = absorption_grid(profile).places
    own = {place[0]: [p for p in places if p[0] == place[0]] for place in places}
    assert len(own["topk"]) > 1
    assert [len(own[kind]) for kind in ("relu", "jumprelu", "matryoshka")] == [1, 1, 1]

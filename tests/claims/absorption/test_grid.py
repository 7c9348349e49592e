from dataclasses import replace

import pytest

from saecore import profiles
from saecore.claims.absorption.grid import (
    ABSORPTION_KS,
    absorption_grid,
    untrained_words,
)
from saecore.claims.seed_dependence.grid import model_seeds
from saecore.zoo.store import Zoo


@pytest.fixture(scope="module")
def profile():
    return profiles.read("tiny")


def test_the_base_has_all_seeds_and_every_other_setting_few(profile):
    grid = absorption_grid(profile)
    assert [one.seed for one in grid.base] == list(range(profile.seeds))
    for settings in grid.settings.values():
        assert set(settings) == {
            (width, k) for width in profile.widths for k in ABSORPTION_KS
        }
        assert {len(some) for some in settings.values()} == {profile.few_seeds}
    assert grid.settings["topk"][profile.width, profile.k] == grid.base[:3]


def test_only_the_rows_differ_between_the_kinds_of_training(profile):
    grid = absorption_grid(profile)
    for asked, text in zip(grid.base, grid.text_words, strict=False):
        assert replace(text, site=asked.site) == asked
    assert grid.everywhere == model_seeds(profile).base[: profile.few_seeds]


def test_every_recipe_is_asked_for_once(profile):
    recipes = absorption_grid(profile).recipes()
    assert len(recipes) == len(set(recipes))


def test_the_untrained_twin_reads_the_same_words_of_another_model(profile, tmp_path):
    (one,) = untrained_words(profile, Zoo(tmp_path))
    base = absorption_grid(profile).base[0]
    assert one.site.source != base.site.source
    assert replace(one, site=base.site) == base

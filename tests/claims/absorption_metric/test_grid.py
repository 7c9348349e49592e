"""The recipes of the metric check."""

from dataclasses import replace

from saecore import profiles
from saecore.claims.absorption_metric.grid import planted_grid

GRID = planted_grid(profiles.read("tiny"))


def test_every_recipe_is_of_the_planted_site_and_every_setting_has_its_seeds():
    assert all(
        one.site == GRID.site for recipes in GRID.settings.values() for one in recipes
    )
    assert GRID.site.source == GRID.planted
    assert all(
        [one.seed for one in recipes] == [0, 1, 2] for recipes in GRID.settings.values()
    )


def test_settings_hold_every_recipe_once():
    listed = [one for recipes in GRID.settings.values() for one in recipes]
    assert len(listed) == len(set(listed)) == len(GRID.recipes()) == 15


def test_planted_directions_fit_into_narrower_models_too():
    for d_model in (32, 64, 768):
        grid = planted_grid(
            replace(profiles.read("tiny"), widths=(d_model, 4 * d_model, 16 * d_model))
        )
        assert grid.planted.n_features <= d_model

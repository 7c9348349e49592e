"""All seeds at the base layer and at the next."""

from dataclasses import replace

from saecore import profiles
from saecore.claims.erasure.grid import erasure_grid
from saecore.claims.seed_dependence.grid import model_seeds


def test_the_base_layer_and_the_next_have_all_seeds():
    tiny = profiles.read("tiny")
    grid, seeds = erasure_grid(tiny), model_seeds(tiny)
    assert list(grid.saes) == list(grid.axes) == [1, 2]
    assert grid.saes[1] == seeds.base
    assert grid.saes[2][: tiny.few_seeds] == seeds.layers[2]
    assert len(grid.saes[2]) == tiny.seeds
    assert len(grid.recipes()) == 2 * tiny.seeds + 2


def test_at_the_last_layer_there_is_no_next():
    last = replace(profiles.read("tiny"), layer=3)
    assert list(erasure_grid(last).saes) == [3]

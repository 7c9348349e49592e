"""The recipes of the claim on seeds."""

from dataclasses import replace

from saecore.claims.seed_dependence.grid import ARCHITECTURES, model_seeds, world_seeds
from saecore.source.gaussian import GaussianRows


def test_a_setting_is_its_seeds_and_nothing_else(profile):
    grid = model_seeds(profile)
    assert [one.seed for one in grid.base] == [0, 1, 2, 3]
    assert {one.alike for one in grid.base} == {grid.base[0]}
    for sweep in (grid.ks, grid.lengths, *grid.widths.values(), grid.architectures):
        for recipes in sweep.values():
            assert [one.seed for one in recipes] == [0, 1, 2]
            assert len({one.alike for one in recipes}) == 1


def test_the_base_setting_is_a_point_of_every_sweep(profile, sizes):
    for grid in (model_seeds(profile), world_seeds(profile, sizes)):
        first = grid.base[:3]
        assert grid.widths["topk"][20] == grid.ks[3] == grid.lengths[4096] == first
        assert grid.architectures["topk"] == first
        assert tuple(grid.architectures) == ARCHITECTURES
        assert len(grid.recipes()) == len(set(grid.recipes()))


def test_a_control_changes_what_it_says_and_keeps_the_rest(profile):
    grid = model_seeds(profile)
    assert len(grid.control) == 8
    assert grid.control[True, True, True] == grid.base[:3]
    for (init, order, data), recipes in grid.control.items():
        for one, other in zip(grid.base, recipes, strict=False):
            assert (one.seed == other.seed) == init
            assert (one.data_seed == other.data_seed) == order
            assert (one.site == other.site) == data
            assert one == replace(
                other, seed=one.seed, data_seed=one.data_seed, site=one.site
            )


def test_the_world_has_neither_layers_nor_controls(profile, sizes):
    grid = world_seeds(profile, sizes)
    assert grid.layers == grid.control == {}
    assert grid.gaussian == []
    assert list(model_seeds(profile).layers) == [0, 1]


def test_the_ends_have_all_seeds_and_are_the_smallest_and_the_base_width(profile):
    grid = model_seeds(profile)
    assert list(grid.ends) == [10, 20]
    assert grid.ends[20] == grid.base
    assert [one.seed for one in grid.ends[10]] == [0, 1, 2, 3]
    assert grid.ends[10][:3] == grid.widths["topk"][10]


def test_gaussian_rows_are_those_of_the_base_site(profile):
    grid = model_seeds(profile)
    for one, other in zip(grid.gaussian, grid.base, strict=False):
        assert replace(one, site=other.site) == other
        assert isinstance(one.site.source, GaussianRows)
        assert one.site.source.site == other.site
    assert len(grid.gaussian) == profile.few_seeds

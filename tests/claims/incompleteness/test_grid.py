"""Which SAEs the claim on incompleteness asks for."""

from saecore import profiles
from saecore.claims.incompleteness.grid import (
    STITCHED_L0,
    stitching_grid,
    world_stitching_grid,
)
from saecore.claims.seed_dependence.grid import model_seeds

TINY = profiles.read("tiny")


def test_every_width_is_a_multiple_of_d_model_at_one_l0_over_few_seeds():
    grid = stitching_grid(TINY)
    assert list(grid.relu) == [n * TINY.widths[0] for n in TINY.stitched]
    assert {one.k for some in grid.relu.values() for one in some} == {STITCHED_L0}
    assert {len(some) for some in grid.relu.values()} == {TINY.few_seeds}


def test_the_topk_saes_are_those_of_the_seed_claim():
    assert stitching_grid(TINY).topk == model_seeds(TINY).widths["topk"]


def test_the_base_pair_of_the_world_has_all_seeds():
    sizes = profiles.WorldProfile()
    grid = world_stitching_grid(TINY, sizes)
    assert {len(some) for some in grid.relu.values()} == {sizes.few_seeds}
    for by_width in grid.all_seeds.values():
        seeds = {width: len(some) for width, some in by_width.items()}
        assert seeds == {64: 9, 128: 3, 256: 9, 512: 3}
        assert [one.seed for one in by_width[64]] == list(range(sizes.seeds))


def test_the_world_has_both_architectures_at_the_same_widths():
    grid = world_stitching_grid(TINY, profiles.WorldProfile())
    assert list(grid.relu) == list(grid.topk)
    assert len(grid.recipes()) == len(set(grid.recipes()))


def test_the_narrowest_are_trained_longer_too():
    grid = stitching_grid(TINY)
    narrow = grid.relu[min(grid.relu)]
    assert [one.rows for one in grid.longer] == [3 * one.rows for one in narrow]
    assert set(grid.longer) <= set(grid.recipes())

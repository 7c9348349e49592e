"""Which SAEs are read on which rows."""

import pytest

from tests.claims.incompleteness import planted


def test_the_base_pair_is_the_narrowest_and_one_four_times_as_wide():
    model, world = planted.model(), planted.world()
    assert model.widths == [16, 32, 64, 128, 256]
    assert model.base == ("relu", 16, 64)
    assert model.contrast("topk") == ("topk", 16, 64)
    assert world.base == ("relu", 8, 32)


def test_rows_of_a_text_follow_each_other_and_those_of_the_world_are_alone():
    model, world = planted.model(), planted.world()
    assert (model.together, world.together) == (planted.PROFILE.length - 1, 1)
    assert model.x.shape == (planted.ROWS, planted.D_MODEL)
    many = planted.SIZES.seeds
    for held, seeds in ((model, {}), (world, {8: many, 32: many})):
        for by_width in held.saes.values():
            for width, some in by_width.items():
                assert [one.width for one in some] == [width] * seeds.get(width, 3)
                assert {one.rows for one in some} == {len(held.x)}


def test_widths_that_are_not_held_are_refused():
    with pytest.raises(ValueError, match="ask for one of these"):
        planted.model().seeds("relu", 17)

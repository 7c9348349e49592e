"""The recipes of the meta-SAEs follow the rule."""

from dataclasses import replace

import pytest

from saecore import profiles
from saecore.claims.non_atomicity.grid import (
    NULLS,
    PERSON_ATTRIBUTES,
    meta_grid,
    persons_site,
    persons_words,
    world_meta_grid,
)
from saecore.report import Claim

TINY, SIZES = profiles.read("tiny"), profiles.WorldProfile()
CLAIM = Claim.read("non_atomicity")
MODEL, WORLD = meta_grid(TINY, CLAIM), world_meta_grid(TINY, SIZES, CLAIM)


def test_no_constant_of_the_rule_is_left_unread_but_the_confidence():
    fresh = Claim.read("non_atomicity")
    meta_grid(TINY, fresh)
    assert fresh.constants.unread() == ["confidence"]


@pytest.mark.parametrize("grid", [MODEL, WORLD])
def test_nulls_differ_from_the_base_in_their_rows_alone(grid):
    width = grid.base[0].width
    for nulls in (grid.same_covariance["relu"], grid.clusters["relu"][width]):
        (rows,) = {one.rows for one in nulls}
        assert rows in NULLS
        assert nulls == [replace(one, rows=rows) for one in grid.base]
    for kind, metas in grid.architectures.items():
        found = [replace(one, rows="clusters") for one in metas]
        assert grid.architecture_nulls[kind] == found


def test_known_rows_are_those_of_the_world_with_both_nulls():
    assert MODEL.known == {}
    for what, metas in WORLD.known.items():
        assert metas == [replace(one, planted=what) for one in WORLD.base]
        assert set(WORLD.known_nulls[what]) == set(NULLS)


def test_constants_of_the_rule_are_those_of_every_recipe():
    moved = CLAIM.moved(k=2, train_share=0.7)
    grids = meta_grid(TINY, moved), world_meta_grid(TINY, SIZES, moved)
    asked = {(one.k, one.share) for grid in grids for one in grid.recipes()}
    assert asked == {(2, 0.7)}


def test_rows_per_meta_latent_are_those_of_the_docstrings():
    assert MODEL.base[0].sae.width / MODEL.base[0].width == 20
    assert WORLD.base[0].sae.width / WORLD.base[0].width == 8


def test_saes_of_names_read_the_names_of_persons():
    assert {one.sae.site for one in MODEL.names} == {persons_site(TINY)}
    assert persons_words(TINY).tasks == PERSON_ATTRIBUTES
    assert WORLD.names == []

"""Recipes of bases: what is refused."""

import dataclasses

import pytest

from saecore.recipes.baselines import BaselineRecipe
from saecore.source.site import Site
from saecore.source.worlds.rows import World


def test_a_basis_that_does_not_exist_is_refused():
    with pytest.raises(
        ValueError,
        match="one of coordinates, random, pca, ica, but 'nmf'",
    ):
        BaselineRecipe(Site(World()), "nmf")
    with pytest.raises(ValueError, match="only random directions have a width"):
        BaselineRecipe(Site(World()), "pca", width=3)


def test_a_basis_needs_its_rows_and_is_called_by_its_kind_and_width():
    site = Site(World(seed=2))
    drawn = BaselineRecipe(site, "random", width=20, seed=4)
    assert drawn.needs == (site,)
    assert drawn.slug == "random-w20-seed4-world2"
    assert (
        len(
            {
                drawn.key,
                dataclasses.replace(drawn, seed=5).key,
                BaselineRecipe(site, "pca").key,
            },
        )
        == 3
    )

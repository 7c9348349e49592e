"""Recipes of toy SAEs: what they say of themselves, and what is refused."""

import dataclasses

import pytest

from saecore.recipes import keys
from saecore.recipes.toys import ToyRecipe
from saecore.source.worlds.toys import HIERARCHY, Toy


def test_a_recipe_survives_its_description_and_every_field_counts():
    one = ToyRecipe(Toy(given_parent=0.19), seed=4)
    assert keys.restored(keys.canonical(one)) == one
    other = dataclasses.replace(one, toy=Toy(given_parent=0.2))
    assert keys.key(one) != keys.key(other)
    assert one.folder == "toys"


@pytest.mark.parametrize(
    "wrong",
    [
        {"width": 0},
        {"penalty": 0.0},
        {"k": 2},
        {"variant": "batchtopk"},
        {"variant": "batchtopk", "penalty": 0.0, "k": 9},
    ],
)
def test_a_recipe_that_cannot_be_trained_is_refused(wrong):
    with pytest.raises(ValueError, match=r"must|one of|either"):
        ToyRecipe(HIERARCHY, **wrong)

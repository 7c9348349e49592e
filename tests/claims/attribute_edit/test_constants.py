"""Every constant of the rule moves what the verdict is told."""

import pytest

from saecore.claims.attribute_edit import person_edits, shares
from saecore.claims.non_atomicity.meta_saes import of_names
from saecore.report import Claim
from tests.claims.non_atomicity.planted import PROFILE, PlantedZoo, person_saes

MOVES = {"f1": 1.0, "users": 200, "deviations": 1000, "confidence": 0.5}
"""Nobody has a latent; no part has so many users; none stands out so far."""
OF_RECIPES = {"k": 3, "train_share": 0.5}


def numbers(claim: Claim, about):
    found = of_names(PlantedZoo(), PROFILE, claim)
    found = person_saes(found, about, found.grid.names)
    edits = person_edits.person_edits(found, about, found.grid.names)
    return shares.numbers(edits.edits, level=claim.constants["confidence"])


def test_all_constants_are_moved_here(claim):
    assert {*MOVES, *OF_RECIPES} == set(claim.constants)


@pytest.mark.parametrize("name", MOVES)
def test_a_moved_constant_moves_an_input_of_the_verdict(name, claim, about):
    moved = claim.moved(**{name: MOVES[name]})
    assert numbers(claim, about) != numbers(moved, about)


def test_the_recipes_say_what_the_rule_says(claim):
    found = of_names(PlantedZoo(), PROFILE, claim.moved(**OF_RECIPES))
    assert {(one.k, one.share) for one in found.grid.names} == {(3, 0.5)}

"""Every constant of the rule moves what the verdict is told."""

import pytest

from saecore.claims.non_atomicity.explained import explained_beside_null
from saecore.claims.non_atomicity.meta_saes import of_world
from saecore.report import Claim
from tests.claims.non_atomicity.planted import PROFILE, PlantedZoo

MOVES = {"k": 2, "train_share": 0.6, "confidence": 0.5}


def test_all_constants_are_moved_here():
    assert set(MOVES) == set(Claim.read("non_atomicity").constants)


@pytest.mark.parametrize("name", MOVES)
def test_a_moved_constant_moves_an_input_of_the_verdict(name):
    claim = Claim.read("non_atomicity")
    before, after = (
        explained_beside_null(of_world(PlantedZoo(), PROFILE, one))
        for one in (claim, claim.moved(**{name: MOVES[name]}))
    )
    assert before.found.triple != after.found.triple
    assert before.null.triple != after.null.triple


def test_fewer_active_parts_explain_less_and_less_confidence_is_narrower():
    claim = Claim.read("non_atomicity")
    at = {
        name: explained_beside_null(of_world(PlantedZoo(), PROFILE, moved)).found
        for name, moved in {
            "rule": claim,
            "k": claim.moved(k=1),
            "confidence": claim.moved(confidence=0.5),
        }.items()
    }
    assert at["k"].estimate < at["rule"].estimate
    assert at["confidence"].estimate == at["rule"].estimate
    assert at["confidence"].high < at["rule"].high


def test_the_recipes_say_what_the_rule_says():
    claim = Claim.read("non_atomicity").moved(k=3, train_share=0.5)
    for recipe in of_world(PlantedZoo(), PROFILE, claim).metas:
        assert (recipe.k, recipe.share) == (3, 0.5)

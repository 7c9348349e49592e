"""Every constant of the rule moves what the verdict is told."""

import pytest

from saecore.claims.non_atomicity.ladder import of_kind, over_rung
from saecore.claims.non_atomicity.meta_saes import of_world
from saecore.report import Claim
from tests.claims.non_atomicity.planted import PROFILE, PlantedZoo

MOVES = {"k": 2, "train_share": 0.6, "confidence": 0.5}


def explained(claim: Claim):
    world = of_world(PlantedZoo(), PROFILE, claim)
    return over_rung(world, of_kind(world))


def test_all_constants_are_moved_here():
    assert set(MOVES) == set(Claim.read("non_atomicity").constants)


@pytest.mark.parametrize("name", MOVES)
def test_a_moved_constant_moves_an_input_of_the_verdict(name):
    claim = Claim.read("non_atomicity")
    before = explained(claim)
    after = explained(claim.moved(**{name: MOVES[name]}))
    for one, other in zip(before, after, strict=True):
        assert one.triple != other.triple


def test_fewer_active_parts_explain_less_and_less_confidence_is_narrower():
    claim = Claim.read("non_atomicity")
    rule, one, sure = (
        explained(moved)[0]
        for moved in (claim, claim.moved(k=1), claim.moved(confidence=0.5))
    )
    assert one.estimate < rule.estimate == sure.estimate
    assert sure.high < rule.high


def test_the_recipes_say_what_the_rule_says():
    claim = Claim.read("non_atomicity").moved(k=3, train_share=0.5)
    for recipe in of_world(PlantedZoo(), PROFILE, claim).metas:
        assert (recipe.k, recipe.share) == (3, 0.5)

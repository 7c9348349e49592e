"""Every constant of the rule moves an input of the verdict."""

import pytest

from saecore.claims.incompleteness import study
from saecore.report import Claim
from tests.claims.incompleteness import planted

MOVED = {
    "false_discovery_rate": (1e-4, {"novel"}),
    "least_firings": (5, {"novel"}),
    "cosine": (0.8, {"all_novel", "swap_l0"}),
    "confidence": (0.8, {"all_novel"}),
}
"""Each constant moved to a value, and numbers that must move with it."""


def numbers(claim: Claim):
    zoo = planted.PlantedZoo(0.8)
    return study(zoo, planted.PROFILE, claim, sizes=planted.SIZES).numbers["model"]


@pytest.fixture(scope="module")
def as_stated():
    return planted.studied().numbers["model"]


def test_all_constants_are_moved_here():
    assert set(MOVED) == set(Claim.read("incompleteness").constants)


@pytest.mark.parametrize("name", MOVED)
def test_a_constant_moves_an_input_of_the_verdict(name, as_stated):
    value, moves = MOVED[name]
    found = numbers(Claim.read("incompleteness").moved(**{name: value}))
    changed = {n for n, triple in found.items() if triple != as_stated[n]}
    assert moves <= changed
    if name != "confidence":
        assert changed == moves

"""Each constant of the claim moves a number by which it is judged."""

from saecore.claims.absorption_toys import study
from saecore.report import Claim

CLAIM = Claim.read("absorption_toys")


def numbers(zoo, subject, **constants):
    found = study(zoo, subject, CLAIM.moved(**constants)).numbers["world"]
    return {name: number for name, number in found.items() if number is not None}


def test_a_higher_confidence_widens_the_intervals(by_delta, subject):
    zoo = by_delta(lambda recipe: float(recipe.seed % 2))
    usual, wide = (numbers(zoo, subject, confidence=c) for c in (0.95, 0.99))
    for name, (value, low, high) in usual.items():
        assert wide[name][0] == value
        assert wide[name][1] < low or low == 0
        assert wide[name][2] > high or high == 1
        assert wide[name][2] - wide[name][1] > high - low


def test_a_higher_least_cosine_takes_children_from_their_latents(by_delta, subject):
    zoo = by_delta(lambda recipe: 1.0)  # the child's decoder: cosine 0.71 with it
    usual, strict = (numbers(zoo, subject, least_child=x) for x in (0.1, 0.8))
    assert strict["delta_error"][0] < usual["delta_error"][0]
    assert strict["gap_hierarchy"] == usual["gap_hierarchy"]


def test_no_constant_is_left_out_of_these_tests():
    assert set(CLAIM.constants) == {"confidence", "least_child"}

"""The numbers of the claim on toys whose absorption is planted."""

import pytest

from saecore.claims.absorption_toys import study
from saecore.claims.absorption_toys.headline import against_optimum
from saecore.claims.absorption_toys.runs import runs
from saecore.report import Claim


def test_toys_at_the_optimum_give_the_numbers_that_the_claim_expects(ideal, subject):
    found = study(ideal, subject)
    assert set(found.numbers) == {"world"}
    assert found.numbers["world"]["gap_independent"] == (0, 0, 0)
    assert found.numbers["world"]["gap_hierarchy"] == (1, 1, 1)
    assert found.numbers["world"]["gap_batchtopk"] == (1, 1, 1)
    assert found.numbers["world"]["delta_error"] == pytest.approx((0, 0, 0), abs=1e-5)
    judged = found.claim.judge(
        profile="world", world_seed=0, numbers=found.numbers["world"]
    )
    assert judged["verdict"] == "holds"


def test_toys_that_never_absorb_fail_the_claim(by_delta, subject):
    found = study(by_delta(lambda recipe: 0.0), subject)
    assert found.numbers["world"]["gap_hierarchy"] == (0, 0, 0)
    optima = found.graded.optimum["plain"].values()
    expected = sum(optima) / len(optima)
    assert found.delta_error.estimate == pytest.approx(expected, abs=1e-5)
    judged = found.claim.judge(
        profile="world", world_seed=0, numbers=found.numbers["world"]
    )
    assert judged["verdict"] == "does not hold"


def test_every_seed_counts_in_its_own_place(by_delta, subject):
    zoo = by_delta(lambda recipe: float(recipe.seed == 3))
    found = study(zoo, subject)
    assert found.gaps["hierarchy"] == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert found.gap["hierarchy"].estimate == pytest.approx(0.1)
    assert found.graded.delta[1e-2] == pytest.approx(
        [0, 0, 0, 1, 0, 0, 0, 0, 0, 0], abs=1e-6
    )


def test_a_child_without_a_latent_counts_as_a_share_of_zero(ideal, subject):
    from saecore.claims.absorption_toys.grid import toy_grid

    trained = runs(ideal, {0.1: toy_grid().graded[0.1][:1]})
    known = against_optimum(trained, least=0.1)
    unknown = against_optimum(trained, least=1.0)
    assert known.distance["plain"] == pytest.approx([0], abs=1e-5)
    assert unknown.delta[0.1][0] != unknown.delta[0.1][0]
    assert unknown.distance["plain"] == [known.optimum["plain"][0.1]]


def test_another_claim_is_taken_as_it_is_given(ideal, subject):
    claim = Claim.read("absorption_toys").moved(confidence=0.5)
    assert study(ideal, subject, claim).claim is claim

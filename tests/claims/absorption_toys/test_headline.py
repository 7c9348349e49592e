"""The numbers of the claim on toys whose absorption is planted."""

import pytest

from saecore.claims.absorption_toys import study
from saecore.claims.absorption_toys.grid import JUDGED_SEEDS
from saecore.claims.absorption_toys.headline import (
    TRAINED_FORM,
    against_optimum,
    gap_excess,
)
from saecore.claims.absorption_toys.runs import runs
from saecore.report import Claim


def told(found):
    """The numbers that a sound seed could tell."""
    return {k: x for k, x in found.numbers["world"].items() if x is not None}


def test_toys_at_the_optimum_give_the_numbers_that_the_claim_expects(ideal, subject):
    found = study(ideal, subject)
    numbers = told(found)
    assert set(numbers) == set(found.claim.needs())
    assert numbers["gap_independent"][0] == 0
    assert numbers["gap_hierarchy"][0] == numbers["gap_excess"][0] == 1
    assert numbers["gap_batchtopk"][0] == numbers["arrived"][0] == 1
    assert numbers["delta_error"] == pytest.approx((0, 0, 0), abs=1e-5)
    judged = found.claim.judge(profile="world", world_seed=0, numbers=numbers)
    assert judged["verdict"] == "holds"
    assert {part["verdict"] for part in judged["parts"]} == {"holds"}


def test_forty_seeds_of_none_still_leave_an_interval(ideal, subject):
    numbers = told(study(ideal, subject))
    exact = 1 - 0.025 ** (1 / JUDGED_SEEDS)  # Clopper and Pearson, 0 of n
    assert numbers["gap_independent"] == pytest.approx((0, 0, exact))
    assert numbers["gap_hierarchy"] == pytest.approx((1, 1 - exact, 1))
    assert numbers["gap_excess"] == pytest.approx((1, 1 - 2 * exact, 1))


def test_toys_that_never_absorb_fail_the_part_that_says_so(by_delta, subject):
    found = study(by_delta(lambda recipe: 0.0), subject)
    numbers = told(found)
    assert numbers["gap_hierarchy"][0] == numbers["arrived"][0] == 0
    optima = found.graded.optimum[TRAINED_FORM].values()
    expected = sum(optima) / len(optima)
    assert numbers["delta_error"][0] == pytest.approx(expected, abs=1e-5)
    assert numbers["delta_gain"][0] == pytest.approx(0, abs=1e-5)
    judged = found.claim.judge(profile="world", world_seed=0, numbers=numbers)
    verdicts = {part["name"]: part["verdict"] for part in judged["parts"]}
    assert verdicts["independent"] == "holds"
    assert verdicts["hierarchy"] == verdicts["graded"] == "does not hold"
    assert judged["verdict"] == "holds in part"


def test_features_that_are_absorbed_without_a_hierarchy_fail_the_claim(
    by_delta, subject
):
    found = study(by_delta(lambda recipe: 1.0), subject)
    numbers = told(found)
    assert numbers["gap_excess"][0] == pytest.approx(0, abs=1e-9)
    judged = found.claim.judge(profile="world", world_seed=0, numbers=numbers)
    assert judged["verdict"] == "does not hold"


def test_a_difference_of_gaps_is_taken_seed_by_seed_and_stays_within_its_bounds():
    one = gap_excess([1.0, 1.0, 0.0], [1.0, 0.0, 0.0], 0.95)
    assert one.estimate == pytest.approx(1 / 3)
    assert -1 <= one.low < one.estimate < one.high <= 1
    below = gap_excess([-0.2, 0.0], [0.0, 0.0], 0.95)  # none, not a negative one
    assert below.estimate == pytest.approx(0)


def test_a_stuck_seed_says_nothing_about_the_closed_form(ideal, subject):
    graded = study(ideal, subject).graded
    group = list(graded.runs[1e-2])
    lost = group[1].signature._replace(decoder=0 * group[1].signature.decoder)
    group[1] = group[1]._replace(signature=lost)
    distance = {TRAINED_FORM: [float(seed == 1) for seed in range(10)]}
    one = graded._replace(runs=graded.runs | {1e-2: group}, distance=distance)
    assert one.sound() == [0, 2, 3, 4, 5, 6, 7, 8, 9]
    assert one.numbers(level=0.95)["delta_error"] == (0, 0, 0)
    nobody = one._replace(runs={1e-2: [group[1]] * 10})
    assert nobody.numbers(level=0.95) == {"delta_error": None, "delta_gain": None}


def test_every_seed_counts_in_its_own_place(by_delta, subject):
    zoo = by_delta(lambda recipe: float(recipe.seed == 3))
    found = study(zoo, subject)
    assert found.gaps["hierarchy"] == [0, 0, 0, 1] + [0] * 36
    assert found.gap["hierarchy"].estimate == pytest.approx(1 / 40)
    assert found.graded.delta[1e-2] == pytest.approx(
        [0, 0, 0, 1, 0, 0, 0, 0, 0, 0], abs=1e-6
    )


def test_a_child_without_a_latent_counts_as_a_share_of_zero(ideal, subject):
    from saecore.claims.absorption_toys.grid import toy_grid

    trained = runs(ideal, {0.1: toy_grid().graded[0.1][:1]})
    known = against_optimum(trained, least=0.1)
    unknown = against_optimum(trained, least=1.0)
    assert known.distance[TRAINED_FORM] == pytest.approx([0], abs=1e-5)
    assert unknown.delta[0.1][0] != unknown.delta[0.1][0]
    assert unknown.distance[TRAINED_FORM] == [known.optimum[TRAINED_FORM][0.1]]


def test_another_claim_is_taken_as_it_is_given(ideal, subject):
    claim = Claim.read("absorption_toys").moved(confidence=0.5)
    assert study(ideal, subject, claim).claim is claim

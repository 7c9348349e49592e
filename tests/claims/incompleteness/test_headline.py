"""The numbers that judge the claim, on SAEs whose features are known."""

import pytest

from saecore.report import Claim
from tests.claims.incompleteness import planted


@pytest.fixture(scope="module")
def found():
    return planted.studied()


def test_novel_latents_are_those_that_hold_features_the_smaller_sae_lacks(found):
    numbers, world = found.numbers["model"], found.numbers["world"]
    rare = sum(count < 10 for count in planted.RARE.values())
    for name in ("novel", "refit_novel"):
        assert numbers[name][0] == pytest.approx((48 - rare) / 64)
        assert world[name][0] == pytest.approx(3 / 4)
    for name in ("novel_control", "refit_control"):
        assert numbers[name][0] == world[name][0] == pytest.approx(1 / 4)


def test_the_truth_is_asked_of_the_world_alone(found):
    assert found.numbers["model"]["truth_excess"] is None
    world = found.numbers["world"]
    assert world["truth_precision"][0] == 1
    assert world["truth_base"][0] == pytest.approx(3 / 4)
    assert world["truth_excess"] == pytest.approx((1 / 4,) * 3)


def test_the_cosine_tells_which_these_are(found):
    """As does a stranger's here, since it has the span of the small decoder alone."""
    for numbers in found.numbers.values():
        for way in ("auc", "auc_refit"):
            assert numbers[way][0] > 0.99
            assert numbers[f"{way}_null"][0] > 0.99
            assert numbers[f"{way}_excess"][0] == pytest.approx(0, abs=0.01)


def test_at_right_angles_all_help_together(found):
    for numbers in found.numbers.values():
        assert numbers["all_novel"][0] < -0.1
        assert numbers["all_novel"][0] < numbers["all_novel_control"][0]


def test_the_claim_is_judged_by_these_numbers(found):
    card = found.claim.judge(
        profile="planted", world_seed=0, numbers=found.numbers["model"]
    )
    verdicts = {part["name"]: part["verdict"] for part in card["parts"]}
    held = {"novel", "refit", "together"}
    assert {name for name, one in verdicts.items() if one == "holds"} == held
    assert [part["name"] for part in card["left_out"]] == ["truth"]
    assert card["verdict"] == "holds"
    assert found.claim.constants.unread() == []


def test_it_is_the_claim_of_the_file_unless_another_is_given(found):
    assert found.claim == Claim.read("incompleteness")

"""The numbers that judge the claim, on SAEs whose features are known."""

import pytest
import torch

from saecore.claims.incompleteness.headline import STRANGERS_SEED, judged_by
from saecore.report import Claim
from tests.claims.incompleteness import planted


@pytest.fixture(scope="module")
def found():
    return planted.studied()


def test_novel_latents_are_those_that_hold_features_the_smaller_sae_lacks(found):
    numbers = found.numbers["model"]
    rare = sum(count < 10 for count in planted.RARE.values())
    assert numbers["novel"][0] == pytest.approx((48 - rare) / 64)
    assert numbers["novel_control"][0] == pytest.approx(1 / 4)
    assert found.numbers["world"]["novel"][0] == pytest.approx(3 / 4)
    assert found.numbers["world"]["novel_control"][0] == pytest.approx(1 / 4)


def test_the_cosine_tells_which_these_are(found):
    for numbers in found.numbers.values():
        assert numbers["auc"][0] > 0.99


def test_at_right_angles_all_help_together(found):
    for numbers in found.numbers.values():
        assert numbers["all_novel"][0] < -0.1


def test_swaps_change_l0_where_latents_of_a_family_fire_less(found):
    fewer = planted.TILTED * 0.05 / 2
    assert found.numbers["model"]["swap_l0"][0] == pytest.approx(-fewer, rel=0.2)
    assert found.numbers["world"]["swap_l0"] == (0, 0, 0)


def test_the_claim_is_judged_by_these_numbers(found):
    card = found.claim.judge(
        profile="planted", world_seed=0, numbers=found.numbers["model"]
    )
    verdicts = {part["name"]: part["verdict"] for part in card["parts"]}
    assert verdicts["novel"] == verdicts["together"] == verdicts["swaps"] == "holds"
    assert found.claim.constants.unread() == []


def test_with_the_same_features_at_every_seed_the_control_finds_nothing():
    held = planted.world()
    same = {
        kind: {w: [some[0]] * 3 for w, some in by_width.items()}
        for kind, by_width in held.saes.items()
    }
    generator = torch.Generator().manual_seed(0)
    numbers = judged_by(held._replace(saes=same), generator=generator)
    assert numbers["novel_control"].triple == (0, 0, 0)
    assert numbers["novel"].estimate == pytest.approx(3 / 4)


def test_later_sections_go_on_where_the_null_has_ended(found):
    first, second = found.generator(), found.generator()
    assert (first.get_state() == second.get_state()).all()
    assert (
        first.get_state() != torch.Generator().manual_seed(STRANGERS_SEED).get_state()
    ).any()


def test_it_is_the_claim_of_the_file_unless_another_is_given(found):
    assert found.claim == Claim.read("incompleteness")

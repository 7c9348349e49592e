"""Every constant of the claim moves an input of its verdict."""

from typing import Any

import pytest

from saecore.claims.editing.headline import (
    gate_numbers,
    judged_numbers,
    orders,
    set_counts,
)
from saecore.claims.editing.name_patching import acdc_thresholds, name_pairs
from saecore.report import Claim
from tests.claims.editing.conftest import small_claim

HERE = ("confidence", "share", "pairs", "acdc_pairs", "chance")
THRESHOLDS = ("thresholds", "least_threshold", "most_threshold")


def test_all_constants_are_moved_here():
    assert {*HERE, *THRESHOLDS} == set(Claim.read("editing").constants)


def test_confidence_narrows_the_intervals(found):
    narrow: Any = judged_numbers(found.acdc, found.gradient, found.one_set, level=0.5)
    wide: Any = found.numbers["model"]
    for name in ("patches", "edit_saved", "gradient_best"):
        value, low, high = wide[name]
        inner = narrow[name]
        assert inner[0] == value
        assert low < inner[1] < inner[2] < high
    moved = small_claim().moved(confidence=0.5).constants
    right: Any = gate_numbers(found.patching, found.solved, moved)["task_right"]
    assert right[1] > wide["task_right"][1]


def test_the_chance_of_the_rule_is_that_of_the_prompts(found):
    moved = small_claim().moved(chance=0.25).constants
    with pytest.raises(ValueError, match=r"in 0\.25 of the prompts.*it is in 0\.5"):
        gate_numbers(found.patching, found.solved, moved)


def test_the_share_of_the_divergence_moves_patches_and_edits(found):
    patching = found.patching._replace(share=0.8)
    few = int(found.claim.constants["acdc_pairs"])
    further = orders(patching, found.exchanges, found.bases, few)
    sets = set_counts(patching, found.exchanges, found.bases, level=0.95)
    moved: Any = judged_numbers(*further, sets, level=0.95)
    numbers: Any = found.numbers["model"]
    assert moved["patches_best"][0] > numbers["patches_best"][0]
    for name in ("patches", "edit", "gradient", "one_set", "one_set_best"):
        assert moved[name][0] >= numbers[name][0], name


def test_the_pairs_are_as_many_as_the_claim_says(found, model, subject):
    pairs = int(small_claim().constants["pairs"])
    assert len(found.pairs) == pairs == len(found.gradient.saes[0].latents)
    assert name_pairs(model, subject, 3) == found.pairs[:3]


@pytest.mark.parametrize(
    ("moved", "expected"),
    [
        ({}, [0.05, 1.0]),
        ({"thresholds": 3, "least_threshold": 0.01}, [0.01, 0.1, 1.0]),
        ({"most_threshold": 5.0}, [0.05, 5.0]),
    ],
)
def test_thresholds_have_equal_ratios(moved, expected):
    constants = small_claim().moved(
        **({"thresholds": 2, "least_threshold": 0.05} | moved)
    )
    assert acdc_thresholds(constants.constants) == pytest.approx(expected)

"""Every constant of the rule moves an input of the verdict."""

import pytest
import torch

from saecore.claims.incompleteness.headline import STRANGERS_SEED
from saecore.claims.incompleteness.held_out import on_model
from saecore.claims.incompleteness.verdict_numbers import verdict_numbers
from saecore.report import Claim
from tests.claims.incompleteness import planted

MOVED = {
    "false_discovery_rate": (1e-4, {"novel", "novel_excess"}, {"auc", "all_novel"}),
    "least_firings": (5, {"novel", "refit_novel"}, {"auc", "all_novel"}),
    "cosine": (0.8, {"all_novel", "all_novel_excess"}, {"novel", "auc"}),
    "null_draws": (3, set(), {"auc", "novel"}),  # see test_verdict_numbers
    "row_groups": (4, {"all_novel", "all_novel_excess"}, set()),
    "confidence": (0.8, {"all_novel", "novel"}, set()),
}
"""Each constant moved to a value, numbers that must move with it, others that must
not."""


def numbers(claim: Claim):
    held = on_model(planted.PlantedZoo(0.8), planted.PROFILE, claim.constants)
    generator = torch.Generator().manual_seed(STRANGERS_SEED)
    found = verdict_numbers(held, generator=generator)
    return {name: point.triple for name, point in found.items()}


@pytest.fixture(scope="module")
def as_stated():
    return numbers(Claim.read("incompleteness"))


def test_all_constants_are_moved_here():
    assert set(MOVED) == set(Claim.read("incompleteness").constants)


@pytest.mark.parametrize("name", MOVED)
def test_a_constant_moves_an_input_of_the_verdict(name, as_stated):
    value, moves, stays = MOVED[name]
    found = numbers(Claim.read("incompleteness").moved(**{name: value}))
    changed = {n for n, triple in found.items() if triple != as_stated[n]}
    assert moves <= changed
    assert not stays & changed

"""Every constant of the claim moves an input of its verdict."""

from typing import Any

import pytest
import torch

from saecore.claims.erasure import headline
from saecore.claims.erasure.erasers import (
    brought_to_chance,
    latent_eraser,
    left_by_supervised,
)
from saecore.report import Claim

MOVED = {
    "confidence": 0.5,
    "chance": 0.8,
    "near": 0.2,
    "strength": 0.5,
    "active": 0.9,
    "gendered": 0.5,
}


def test_all_constants_are_moved_here():
    assert set(MOVED) == set(Claim.read("erasure").constants)


def test_confidence_narrows_the_intervals(found):
    claim = found.claim.moved(confidence=0.5)
    later = found.layers[2]
    narrow: Any = headline.erasure_numbers(found.base, later, claim)
    wide: Any = found.numbers["model"]
    for name in wide:
        assert narrow[name][0] == wide[name][0], name
        assert narrow[name][2] - narrow[name][1] < wide[name][2] - wide[name][1], name


@pytest.mark.parametrize("name", ["chance", "near"])
def test_where_chance_lies_moves_the_strength(name, found):
    task, eraser = found.base.task, found.base.latents[0].eraser
    before = brought_to_chance(task, eraser, found.claim.constants, "held out")
    moved = found.claim.moved(**{name: MOVED[name]}).constants
    after = brought_to_chance(task, eraser, moved, "held out")
    assert 0 < after.strength < before.strength


def test_the_longest_edit_decides_who_gets_there(found):
    task, eraser = found.base.task, found.base.latents[0].eraser
    short = found.claim.moved(strength=MOVED["strength"]).constants
    assert not brought_to_chance(task, eraser, short, "held out").reached
    left = [float(left_by_supervised(found.base, most).mean()) for most in (0.5, 8.0)]
    assert left[1] < left[0]


def test_how_often_a_candidate_is_active_decides_who_is_one(found, zoo):
    rare = found.claim.moved(active=MOVED["active"]).constants
    with pytest.raises(ValueError, match="no latent is active"):
        latent_eraser(zoo.sae(1, 0), found.base.task, found.texts[0], rare)


def test_what_counts_as_gendered_moves_the_places_that_are_kept(found, zoo, subject):
    most = MOVED["gendered"]
    wider = headline.other_texts(zoo, subject, zoo.opened, most=most)
    kept = [sum(int(one.kept.sum()) for one in two) for two in (found.texts, wider)]
    assert kept[0] < kept[1]
    assert torch.is_tensor(wider[0].kept)

"""Erasers at the same effect, on names that they were not chosen on."""

import pytest

from saecore.claims.erasure import erasers
from saecore.claims.erasure.erasers import STRENGTHS, SUPERVISED_ERASERS
from saecore.measures.editing.erasure_strength import scaled


def test_every_eraser_brings_the_judging_names_to_chance(found):
    task, base = found.base.task, found.base
    several = [*base.latents[:2], *base.supervised.values()]
    for one in several:
        if one.matched.reached:
            right = task.right(one.matched.eraser, "held out")
            assert right == pytest.approx(0.51, abs=0.02)


def test_what_is_judged_is_the_harm_to_the_judging_texts(found):
    one = found.base.supervised["LEACE"]
    again = found.texts[1].moved(found.base.task.layer, one.matched.eraser)
    assert again.ungendered.tolist() == one.moved.ungendered.tolist()
    assert erasers.harm(one.moved) == pytest.approx(float(again.ungendered.nanmean()))


def test_supervised_erasers_and_a_random_direction_stand_beside(found):
    assert tuple(found.base.supervised) == SUPERVISED_ERASERS
    assert not found.base.random.matched.reached


def test_the_control_is_the_least_of_all_supervised_erasers_and_strengths(found):
    left = float(erasers.left_by_supervised(found.base, 8.0).mean())
    each = [
        found.base.task.right(scaled(one.eraser, strength), "held out")
        for one in found.base.supervised.values()
        for strength in STRENGTHS
    ]
    assert left == pytest.approx(min(each))

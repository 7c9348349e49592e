"""The claim's numbers where the dictionaries are known: a planted latent is found."""

import pytest
import torch

from saecore.claims import erasure
from saecore.claims.erasure import headline
from saecore.claims.erasure.erasers import SUPERVISED_ERASERS, harm
from saecore.measures.algebra.intervals import crossed
from tests.claims.erasure.conftest import TRUE


def test_the_study_is_the_claims_one_entrance():
    assert erasure.study is headline.study


def test_the_planted_latent_is_chosen_where_there_is_one(found):
    assert list(found.layers) == [1, 2]
    for layer in found.layers.values():
        assert [one.latent for one in layer.chosen[:2]] == [TRUE, TRUE]
        assert [one.matched.reached for one in layer.latents] == [True, True, False]


def test_removal_counts_saes_and_harm_those_that_get_there(found):
    numbers, level = found.numbers["model"], found.claim.constants["confidence"]
    value, low, high = numbers["removes"]
    assert value == pytest.approx(2 / 3)
    assert 0 <= low < 0.5 < high <= 1
    there = torch.stack([one.moved.ungendered for one in found.base.latents[:2]])
    assert numbers["latent_kl"] == crossed(there, level=level).triple
    best = found.base.supervised[headline.best_supervised(found.base)]
    excess = crossed(there - best.moved.ungendered, level=level)
    assert numbers["excess_kl"] == excess.triple


def test_the_best_supervised_eraser_does_least_harm(found):
    harms = {n: harm(one.moved) for n, one in found.base.supervised.items()}
    assert tuple(harms) == SUPERVISED_ERASERS
    best = headline.best_supervised(found.base)
    reached = [n for n, one in found.base.supervised.items() if one.matched.reached]
    assert harms[best] == min(harms[n] for n in reached)


def test_the_control_is_below_chance_and_the_task_above(found):
    numbers = found.numbers["model"]
    assert numbers["control_left"][2] < 0.5 < numbers["task_right"][1]
    assert 0 <= numbers["control_left"][1] <= numbers["task_right"][2] <= 1


def test_too_few_saes_that_get_there_leave_the_harm_out(found):
    none = found.base._replace(latents=found.base.latents[1:])
    numbers = headline.erasure_numbers(none, None, found.claim)
    assert numbers["excess_kl"] is numbers["latent_kl"] is None
    assert numbers["later_kl"] is numbers["later_best"] is None
    twin = found.claim.judge(profile="tiny", world_seed=0, numbers=numbers)
    assert [part["name"] for part in twin["left_out"]] == ["less", "leace", "later"]


def test_the_claim_can_be_judged_and_nothing_is_left_unread(found, capsys):
    twin = found.claim.judge(
        profile="tiny", world_seed=0, numbers=found.numbers["model"]
    )
    assert twin["left_out"] == []
    core = [part["name"] for part in twin["parts"] if part["core"]]
    assert core == ["removes", "less"]
    assert capsys.readouterr().out == ""


def test_texts_that_choose_do_not_judge(found, zoo):
    first, second = found.texts
    assert len(first.kept) + len(second.kept) == len(zoo.text)

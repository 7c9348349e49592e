"""The study on the planted case: token latents are explained, dense directions less."""

import pytest

from saecore.claims.interpretability.grid import frontier
from saecore.claims.interpretability.headline import (
    best_but_strongest,
    compared,
    mean_of_draws,
)
from saecore.measures.algebra.intervals import Interval
from saecore.recipes.baselines import BaselineRecipe
from saecore.recipes.sae import SAERecipe


def test_token_latents_are_explained_wholly_and_swapped_explanations_not(found):
    assert found.score.estimate == pytest.approx(1, abs=0.01)
    assert abs(found.swapped.estimate) < 0.3
    assert all(interval.estimate < 0.95 for interval in found.by_basis.values())


def test_the_claim_is_judged_by_what_the_study_measured(found, profile):
    twin = found.claim.judge(
        profile=profile.name, world_seed=0, numbers=found.numbers["model"]
    )
    assert [part["verdict"] for part in twin["parts"]] == ["holds"] * 3
    assert twin["numbers"]["score"] == list(found.score.triple)
    assert twin["numbers"]["score_ica"] == list(found.by_basis["ICA"].triple)


def test_the_best_of_the_others_is_never_ica(found):
    interval = Interval(0.9, 0.8, 1.0, 0.05, 0.95)
    low = interval._replace(estimate=0.3)
    assert best_but_strongest({"ICA": interval, "PCA": low}) == low
    rest = [one for name, one in found.by_basis.items() if name != "ICA"]
    best = max(rest, key=lambda one: one.estimate)
    assert found.numbers["model"]["score_bases"] == best.triple


def test_draws_make_the_interval_where_there_are_several(found):
    several, one = found.of_bases["ICA"], found.of_bases["PCA"]
    assert len(several) == 3
    assert len(one) == 1
    mean = sum(each.score for each in several) / 3
    assert mean_of_draws(several, level=0.95).estimate == pytest.approx(mean)
    assert mean_of_draws(one, level=0.95) == one[0].simulation.mean


def test_the_headline_asks_the_zoo_for_the_base_and_the_bases_alone(
    zoo, profile, monkeypatch
):
    monkeypatch.setattr(zoo, "asked", [])
    dictionaries = compared(zoo, profile)
    saes = [one for one in zoo.asked if isinstance(one, SAERecipe)]
    assert saes == frontier(profile).base
    assert len([one for one in zoo.asked if isinstance(one, BaselineRecipe)]) == 8
    assert [len(drawn) for drawn in dictionaries.bases.values()] == [1, 3, 1, 3]
    assert dictionaries.k == 8

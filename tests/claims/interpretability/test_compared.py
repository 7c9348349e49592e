"""Everything that is compared is explained on the same texts, none of them trained on."""

import pytest

from saecore.claims.interpretability.compared import compared_bases, density_of
from saecore.claims.interpretability.grid import frontier
from saecore.recipes.baselines import BaselineRecipe
from saecore.recipes.sae import SAERecipe
from saecore.report import mean


def test_the_dictionaries_are_the_base_and_the_bases_alone(zoo, profile, monkeypatch):
    monkeypatch.setattr(zoo, "asked", [])
    dictionaries = compared_bases(zoo, profile)
    saes = [one for one in zoo.asked if isinstance(one, SAERecipe)]
    assert saes == frontier(profile).base
    assert len([one for one in zoo.asked if isinstance(one, BaselineRecipe)]) == 8
    assert [len(drawn) for drawn in dictionaries.bases.values()] == [1, 3, 1, 3]
    assert dictionaries.k == 8


def test_token_latents_are_explained_wholly_and_dense_directions_less(found):
    assert [one.score for one in found.of.base] == pytest.approx([1] * 3, abs=0.01)
    for several in found.of.bases.values():
        assert mean(one.score for one in several) < 0.95


def test_each_control_has_a_dictionary_per_seed(found, profile):
    of, seeds = found.of, profile.few_seeds
    assert len(of.untrained) == len(of.tied) == len(of.neighbours) == seeds
    halves = {name: len(several) for name, several in of.frozen.items()}
    assert halves == {"frozen decoder": seeds, "frozen encoder": seeds}
    assert [len(several) for several in of.tokens.values()] == [1, 1]


def test_sparse_bases_fire_as_often_as_what_they_are_compared_with(found):
    for cut, ours in (
        (found.of.sparse, found.of.base),
        (found.of.sparse_as_tied, found.of.tied),
    ):
        for several in cut.values():
            assert density_of(several) == pytest.approx(density_of(ours), rel=0.2)


def test_all_have_their_means_on_as_many_resampled_texts(found):
    draws = int(found.claim.constants["resamples"])
    of = found.of
    every = [*of.base, *of.tied, *of.untrained]
    for kinds in (of.bases, of.sparse, of.sparse_as_tied, of.frozen, of.tokens):
        every += [one for several in kinds.values() for one in several]
    assert {len(one.resampled) for one in every} == {draws}


def test_a_latent_is_less_explained_by_its_neighbour(found):
    for own, other in zip(found.of.base, found.of.neighbours, strict=True):
        assert len(own.scored.latents) == len(other.latents)
        assert float(other.latents.mean()) < 0.3

import pytest
import torch

from saecore.claims.absorption import absorbed_words
from saecore.claims.absorption import setting as opened
from saecore.claims.absorption.absorbed_words import largest_case
from saecore.source.tasks.labelled_words import labelled
from tests.claims.absorption.planted import OWN


def test_every_layer_has_its_words_exchanged(setting, shipped):
    words = labelled(shipped, "pronoun", sentence=opened.SENTENCE, at_most=20)
    asked = setting._replace(
        model=shipped, letters=setting.letters._replace(words=words)
    )
    found = absorbed_words.layers(asked)
    assert list(found) == list(range(shipped.n_layers))
    assert found[0].follows > found[shipped.n_layers - 1].follows


# One word from the inside


@pytest.fixture(scope="module")
def case(setting, study):
    return largest_case(setting, setting.grid.base[0], study.base[0])


def test_the_case_is_a_word_that_is_absorbed_whole(case, setting):
    assert case.word.startswith(case.letter)
    assert case.removed.min() == pytest.approx(-4.0)
    assert int(case.active[case.removed.argmin()]) == case.absorber
    assert case.lead == pytest.approx(4.0)


def test_what_stays_along_the_probe_keeps_the_effect(case):
    assert case.kept.abs().max() < case.removed.abs().max() / 2


def test_its_main_latents_are_silent_and_the_absorber_stands_for_the_word(case):
    *mains, absorber = case.latents
    assert all(row["here"] == 0 for row in mains)
    assert absorber["latent"] == f"absorber {case.absorber}"
    assert absorber["loudest on"].split(", ")[0] == case.word
    assert absorber["here"] == pytest.approx(1.0)
    assert absorber["cosine with the probe"] == pytest.approx(case.cosine)
    assert absorber["contribution along it"] > 0.5


def test_removing_a_latent_that_does_nothing_changes_nothing(case):
    assert len(case.active) == len(case.removed) == len(case.kept)
    assert torch.isfinite(case.removed).all()


# All absorbers, and all main latents


def test_the_map_of_a_letter_has_main_latents_first_and_absorbers_on_one_word(
    setting, study
):
    found = absorbed_words.activations(setting, study.base[0], "B")
    mains = [name for name in found.latents if name.startswith("main")]
    assert found.latents[: len(mains)] == mains == ["main 2"]
    fires = found.value > 0
    assert found.value.shape == (len(found.latents), len(found.words))
    assert (fires[1:].sum(1) == 1).all()
    assert not (fires[1:].any(0) & fires[0]).any()
    assert found.value.max() == 1


def test_planted_absorbers_are_pure_and_fire_on_one_word(setting, study):
    found = absorbed_words.absorbers(setting, study.base)
    own = found["absorbers"]
    assert len(own.words) == sum(int(one.absorbed.sum()) for one in study.base)
    assert (own.purity > 0.99).all()
    assert own.few == 1
    assert len(found["leaders beside a main latent that fires"].words) == 0


def test_no_planted_word_is_absorbed_by_halves(setting, study):
    found = absorbed_words.partial_absorption(setting, study.base)
    assert found.partly == 0
    assert len(found.absorbed) == sum(int(one.absorbed.sum()) for one in study.base)
    assert len(found.absorbed) < 3 * OWN * len(study.base)


def test_a_word_on_which_another_latent_leads_a_main_one_is_partly_absorbed(
    setting, study
):
    one = study.base[0]
    firing = ~one.found.silent & one.counts[one.found.label]
    other = one.found.main.clone()
    other[int(firing[one.found.case].nonzero()[0])] = False  # as if it were another's
    found = absorbed_words.partial_absorption(
        setting, [one._replace(found=one.found._replace(main=other))]
    )
    assert found.partly == pytest.approx(1 / (len(found.absorbed) + len(found.others)))

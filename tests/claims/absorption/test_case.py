import pytest
import torch

from saecore.claims.absorption.case import largest_case


@pytest.fixture(scope="module")
def case(setting, study):
    return largest_case(setting, study.saes)


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

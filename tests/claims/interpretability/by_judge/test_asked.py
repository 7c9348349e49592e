"""Which latents are asked about: those that fire often enough, and their passages."""

import pytest
import torch

from saecore.claims.interpretability.by_judge.asked import asked_latents


def test_only_latents_that_fire_in_enough_fragments_are_asked_about(found):
    asked = asked_latents(found.explainer, "SAE", found.compared.base[0], number=99)
    scores = asked.rules.scores
    assert 0 < asked.skipped == len(scores.skipped) - len(asked.places)
    assert not scores.skipped[asked.places].any()
    assert [one.latent for one in asked.questions] == asked.places.tolist()


def test_fewer_are_a_sample_in_order_the_same_every_time(found):
    sae = found.compared.base[0]
    asked, again = (
        asked_latents(found.explainer, "SAE", sae, number=4) for _ in range(2)
    )
    assert len(asked.questions) == 4
    assert torch.equal(asked.places, again.places)
    assert asked.questions == again.questions
    assert torch.equal(asked.places, asked.places.sort().values)


def test_passages_hold_what_the_latent_does(found):
    reader, sae = found.explainer, found.compared.base[0]
    asked = asked_latents(reader, "SAE", sae, number=3)
    y = reader.activations(sae)[asked.places]
    half = ~reader.fragments.fitting
    for one, of_latent in zip(asked.inquiries, y, strict=True):
        assert torch.equal(of_latent[half][one.number], one.truth)
        assert torch.equal(reader.fragments.token[half][one.number], one.asked)


def test_one_latent_is_too_few(found):
    with pytest.raises(ValueError, match="at least two latents, but of SAE 1 were"):
        asked_latents(found.explainer, "SAE", found.compared.base[0], number=1)

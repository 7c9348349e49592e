"""Texts, fragments and rows of the explainer belong to each other."""

from dataclasses import replace

import pytest
import torch

from saecore.claims.interpretability.explainer import explainer
from saecore.claims.interpretability.grid import frontier
from saecore.claims.sites import model_site


@pytest.fixture(scope="module")
def reader(zoo, profile, claim):
    return explainer(zoo, profile, claim)


def test_rows_at_the_fragments_are_those_of_their_tokens(reader, planted):
    texts, length = planted.tokens.shape
    by_text = planted.rows.view(texts, length - 1, -1)
    place = reader.fragments.place
    expected = by_text[torch.arange(texts)[:, None], place - 1].flatten(0, 1)
    assert torch.equal(reader.rows, expected)
    (again,) = reader.rows_of(reader.site).values()  # without the noise of the rows
    assert again.shape == expected.shape
    assert float((again - expected).abs().max()) < 0.02
    read = planted.tokens[torch.arange(texts)[:, None], place]
    assert torch.equal(reader.fragments.token, read)


def test_token_latents_fire_on_their_tokens(reader, zoo, planted, found):
    y = reader.activations(found.compared.base[0])
    assert torch.equal(y.argmax(0), which_word(reader, planted))
    assert torch.equal((y > 0).sum(0), torch.ones_like(reader.fragments.token))


def which_word(reader, planted):
    """The place of each fragment's token among the planted words."""
    return (reader.fragments.token[..., None] == planted.words).int().argmax(-1)


def test_the_world_seed_cuts_the_fragments(zoo, profile, claim, reader):
    other = explainer(zoo, replace(profile, world_seed=1), claim)
    assert not torch.equal(other.places.place, reader.places.place)
    assert torch.equal(other.tokens, reader.tokens)
    assert other.site == model_site(replace(profile, world_seed=1), sample=1)


def test_no_text_is_one_that_saes_are_trained_on(zoo, profile, claim, monkeypatch):
    monkeypatch.setattr(zoo, "asked", [])
    reader = explainer(zoo, profile, claim)
    assert len(reader.rows) == reader.places.row.numel()
    trained_on = frontier(profile).base[0].site
    assert trained_on not in zoo.asked
    assert trained_on.text not in zoo.asked
    assert replace(trained_on, sample=1) in zoo.asked


def test_a_density_cuts_what_is_explained(reader, found):
    dense = found.compared.bases["coordinates"][0]
    cut = reader.explained(dense, density=0.01).scores.density
    assert float(cut.mean()) == pytest.approx(0.01, rel=0.2)
    assert float(found.of.bases["coordinates"][0].scores.density.mean()) > 0.3

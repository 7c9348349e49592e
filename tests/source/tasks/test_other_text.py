"""Other text: what an edit moves, at places that have nothing to do with gender."""

import pytest
import torch
from torch.testing import assert_close

from saecore.profiles import TINY
from saecore.source.model.generation import sample
from saecore.source.model.language_model import open_model
from saecore.source.model.next_token import divergence
from saecore.source.tasks.other_text import OtherText, gendered_tokens, ungendered


@pytest.fixture(scope="module")
def model():
    return open_model(TINY)


@pytest.fixture(scope="module")
def tokens(model):
    return sample(model, 3, 24, generator=torch.Generator().manual_seed(2))


def test_gendered_words_are_pronouns_names_and_roles_with_and_without_a_space(model):
    gendered = gendered_tokens(model)
    for word in (" she", " He", " his", " Anna", " queen", " Tom"):
        assert gendered[model.encode(word)[1]], word
    for word in (" the", " house", " and", " friend"):
        assert not gendered[model.encode(word)[1]], word
    assert 150 < int(gendered.sum()) < 1200


def test_a_place_before_a_likely_pronoun_and_at_a_name_has_to_do_with_gender(model):
    text = "Anna was very happy."
    ids = torch.tensor([[*model.encode(text), model.encode(" She")[1]]])
    kept = ungendered(model, ids, most=0.01)[0]
    assert kept.shape == (ids.shape[1] - 1,)
    assert not kept[1]  # at the name
    assert not kept[-1]  # a pronoun is expected next
    assert kept[3]  # "very", before "happy"
    assert ungendered(model, ids, most=1.0)[0, -1]


def test_kl_is_that_of_whole_passes_over_the_places_that_are_kept(model, tokens):
    push = torch.randn(model.d_model, generator=torch.Generator().manual_seed(1))
    other = OtherText(model, tokens, most=0.01)
    found = other.moved(1, lambda x: x + push)

    def edit(stream):
        stream[:, 1:] += push
        return stream

    kl = divergence(model, tokens, (1, edit))[:, 1:].double()
    assert_close(found.everywhere, kl.mean(1), rtol=1e-5, atol=1e-7)
    for text, (row, kept) in enumerate(zip(kl, other.kept[:, 1:], strict=True)):
        assert found.ungendered[text] == pytest.approx(
            float(row[kept].mean()), rel=1e-5
        )
    still = other.moved(1, lambda x: x)
    assert still.everywhere.abs().max() < 1e-6


def test_a_text_without_such_places_has_no_mean(model, tokens):
    found = OtherText(model, tokens, most=-1.0).moved(1, lambda x: x)
    assert found.ungendered.isnan().all()

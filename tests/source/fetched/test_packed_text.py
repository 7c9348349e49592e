"""Documents packed into sequences, and their recipe."""

from dataclasses import replace

import pytest
import torch

from saecore.profiles import TINY
from saecore.source.fetched import packed_text
from saecore.source.fetched.packed_text import BETWEEN, PackedText, packed_sequences
from saecore.source.model.language_model import LanguageModel, open_model
from saecore.source.site import Site

ONE = PackedText(LanguageModel("one", "0" * 64), sequences=3, length=9)


@pytest.fixture(scope="module")
def model():
    return open_model(TINY)


TEXTS = [f"Once upon a time there was a bird called number {n}." for n in range(40)]


def test_sequences_hold_the_documents_in_their_order(model):
    found = packed_sequences(model, TEXTS, 4, 17)
    assert found.shape == (4, 17)
    assert (found[:, 0] == model.bos).all()
    slow = [token for text in TEXTS for token in model.encode(text + BETWEEN)[1:]]
    assert found[:, 1:].flatten().tolist() == slow[: 4 * 16]


def test_samples_share_no_token_and_a_shorter_text_is_the_beginning(model):
    whole = packed_sequences(model, TEXTS, 6, 17)
    assert torch.equal(packed_sequences(model, TEXTS, 3, 17), whole[:3])
    assert torch.equal(packed_sequences(model, TEXTS, 3, 17, part=1), whole[3:])


def test_too_few_documents_and_special_tokens(model):
    with pytest.raises(ValueError, match="ask for fewer sequences"):
        packed_sequences(model, TEXTS[:2], 50, 17)
    special = model.tokenizer.convert_ids_to_tokens(model.bos)
    marked = [f"a {special} text", *TEXTS]
    assert torch.equal(
        packed_sequences(model, marked, 4, 17), packed_sequences(model, TEXTS, 4, 17)
    )


def test_the_recipe_counts_rows_and_names_its_samples(model, monkeypatch):
    site = Site(ONE, layer=1)
    assert site.count == 24
    assert ONE.sample(0) == ONE
    assert ONE.sample(2).part == 2
    assert "english" in site.slug
    assert replace(ONE, sources=()) != ONE
    told = []
    monkeypatch.setattr(packed_text, "documents", lambda folder, *, seed: TEXTS)
    assert ONE.tokens(model, told.append).shape == (3, 9)
    assert told[-1] == 3
    with pytest.raises(ValueError, match="without sources="):
        replace(ONE, sources=()).tokens(model, told.append)

"""Balanced words in several contexts, on the shipped model."""

from collections import Counter

import pytest
import torch

from saecore.profiles import TINY
from saecore.source.model.language_model import identify, open_model
from saecore.source.site import Site
from saecore.source.untaught.context_words import (
    ContextWords,
    balanced_words,
    context_rows,
    contexts_of,
)
from saecore.source.untaught.worked import SPELLED
from saecore.zoo.store import Zoo

ONE = ContextWords(identify(TINY), a_letter=3, contexts=2, examples=2)


@pytest.fixture(scope="module")
def model():
    return open_model(TINY)


def test_no_letter_has_more_words_than_asked_for(model):
    words = balanced_words(ONE, model)
    assert max(Counter(word[0] for word in words).values()) == 3
    assert not set(words) & set(SPELLED)
    assert words == balanced_words(ONE, model)


def test_rows_are_the_stream_at_the_word_in_each_context(model):
    words = balanced_words(ONE, model)
    rows = context_rows(ONE, model, 1)
    assert len(rows) == 2 * len(words)
    first, second = contexts_of(ONE, model, words)
    assert first[0] != second[0]
    assert model.decode(first[0][1:]).count(":") == 2
    whole = torch.tensor([[*second[0], *second[1][4].tolist()]])
    slow = model.read(whole, [1])[1][0, -1]
    torch.testing.assert_close(rows[len(words) + 4], slow, rtol=1e-4, atol=1e-4)


def test_a_site_reads_all_rows_in_a_drawn_order(model, tmp_path):
    site = Site(ONE, layer=1)
    assert site.count is None
    reading = site.read(Zoo(tmp_path))
    found = torch.cat(list(reading.blocks))
    rows = context_rows(ONE, model, 1)
    assert reading.n == len(found) == len(rows)
    assert not torch.equal(found, rows)
    torch.testing.assert_close(found.sum(0), rows.sum(0), rtol=1e-3, atol=1e-2)


def test_what_cannot_be_asked_for():
    with pytest.raises(ValueError, match="raise them"):
        ContextWords(identify(TINY), contexts=0)

"""The stream after a shared prefix: the same as in a whole pass, and by a whole pass
where a model does not go on from a cache.
"""

import pytest
import torch

from saecore.profiles import TINY
from saecore.source.model.language_model import open_model
from saecore.source.untaught import shared_prefix
from saecore.source.untaught.shared_prefix import stream_after, whole_pass

WORDS = ("mirror", "sparrow", "kitchen")


@pytest.fixture(scope="module")
def model():
    return open_model(TINY)


@pytest.fixture
def asked(model):
    before = model.encode("We read about a")
    return before, torch.tensor([[model.token(word)] for word in WORDS])


@pytest.mark.parametrize("layer", [0, 2])
def test_words_after_a_prefix_are_read_as_in_a_whole_pass(model, asked, layer):
    fast = stream_after(model, asked[0], asked[1], layer, batch=2)
    slow = whole_pass(model, asked[0], asked[1], layer)
    torch.testing.assert_close(fast, slow, rtol=1e-4, atol=1e-4)
    assert not torch.allclose(fast[0], fast[1])


def test_words_of_several_tokens_are_read_at_their_last(model):
    before = model.encode("We read about a")
    words = torch.tensor([model.encode(" tartans now")[1:4]])
    slow = whole_pass(model, before, words, 1)
    torch.testing.assert_close(
        stream_after(model, before, words, 1), slow, rtol=1e-4, atol=1e-4
    )


def test_a_model_that_does_not_go_on_is_read_whole(model, asked, monkeypatch):
    def wrong(*given):
        return torch.zeros(1, model.d_model)

    monkeypatch.setattr(shared_prefix, "_after", wrong)
    found = stream_after(model, asked[0], asked[1], 1)
    assert torch.equal(found, whole_pass(model, asked[0], asked[1], 1))


def test_no_words_are_no_rows(model, asked):
    none = asked[1][:0]
    assert stream_after(model, asked[0], none, 1).shape == (0, model.d_model)

import pytest
import torch
from torch.testing import assert_close

from saecore.profiles import TINY
from saecore.source import next_token
from saecore.source.language_model import open_model


@pytest.fixture(scope="module")
def model():
    return open_model(TINY)


@pytest.fixture(scope="module")
def tokens(model):
    return model.sample(5, 24, generator=torch.Generator().manual_seed(1))


def test_losses_are_those_of_the_softmax_token_by_token(model, tokens):
    logits = model.logits(tokens).double()
    found = next_token.losses(model, tokens)
    assert found.shape == (5, 23)
    for seq in range(5):
        for pos in range(1, 24):
            expected = -logits[seq, pos - 1].log_softmax(-1)[tokens[seq, pos]]
            assert float(found[seq, pos - 1]) == pytest.approx(float(expected), abs=1e-5)


def test_pieces_of_sequences_change_nothing(model, tokens, monkeypatch):
    whole = next_token.losses(model, tokens)
    monkeypatch.setattr(next_token, "LOGITS", 1)
    assert_close(next_token.losses(model, tokens), whole, rtol=1e-4, atol=1e-4)


def test_an_edit_that_changes_nothing_costs_nothing(model, tokens):
    same = (1, lambda stream: stream)
    assert_close(next_token.losses(model, tokens, edit=same), next_token.losses(model, tokens))
    assert_close(next_token.divergence(model, tokens, same), torch.zeros(5, 23), rtol=0, atol=1e-5)


def test_a_stream_of_zeros_costs_much_and_moves_every_distribution(model, tokens):
    zeros = (1, torch.zeros_like)
    assert next_token.losses(model, tokens, edit=zeros).mean() > 1 + next_token.losses(model, tokens).mean()
    clean = model.logits(tokens).double().log_softmax(-1)
    edited = model.logits(tokens, edit=zeros).double().log_softmax(-1)
    expected = (clean.exp() * (clean - edited)).sum(-1)[:, :-1].float()
    assert_close(next_token.divergence(model, tokens, zeros), expected, rtol=1e-3, atol=1e-4)


def test_sequences_without_a_next_token_are_refused(model):
    with pytest.raises(ValueError, match="two or more, got 1"):
        next_token.losses(model, torch.zeros(3, 1, dtype=torch.int64))

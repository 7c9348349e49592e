import pytest
import torch
from torch.distributions import Categorical
from torch.distributions import kl_divergence as torch_kl
from torch.testing import assert_close

from saecore.source.model import next_token
from saecore.source.model.generation import sample
from saecore.source.model.next_token import Divergences, kl_divergence


@pytest.fixture(scope="module")
def model(shipped):
    return shipped


@pytest.fixture(scope="module")
def tokens(model):
    return sample(model, 5, 24, generator=torch.Generator().manual_seed(1))


def test_losses_are_those_of_the_softmax_token_by_token(model, tokens):
    logits = model.logits(tokens)  # float32, in which logarithms round too
    found = next_token.losses(model, tokens)
    assert found.shape == (5, 23)
    for seq in range(5):
        for pos in range(1, 24):
            expected = -logits[seq, pos - 1].log_softmax(-1)[tokens[seq, pos]]
            assert float(found[seq, pos - 1]) == pytest.approx(
                float(expected), abs=1e-5
            )


def test_pieces_of_sequences_change_nothing(model, tokens, monkeypatch):
    whole = next_token.losses(model, tokens)
    monkeypatch.setattr(next_token, "LOGITS", 1)
    assert_close(next_token.losses(model, tokens), whole, rtol=1e-4, atol=1e-4)


def test_an_edit_that_changes_nothing_costs_nothing(model, tokens):
    same = (1, lambda stream: stream)
    assert_close(
        next_token.losses(model, tokens, edit=same), next_token.losses(model, tokens)
    )
    assert_close(
        next_token.divergence(model, tokens, same),
        torch.zeros(5, 23),
        rtol=0,
        atol=1e-5,
    )


def test_a_stream_of_zeros_costs_much_and_moves_every_distribution(model, tokens):
    zeros = (1, torch.zeros_like)
    assert (
        next_token.losses(model, tokens, edit=zeros).mean()
        > 1 + next_token.losses(model, tokens).mean()
    )
    clean = model.logits(tokens).double().log_softmax(-1)
    edited = model.logits(tokens, edit=zeros).double().log_softmax(-1)
    expected = (clean.exp() * (clean - edited)).sum(-1)[:, :-1].float()
    assert_close(
        next_token.divergence(model, tokens, zeros), expected, rtol=1e-3, atol=1e-4
    )


def test_sequences_without_a_next_token_are_refused(model):
    with pytest.raises(ValueError, match="two or more, got 1"):
        next_token.losses(model, torch.zeros(3, 1, dtype=torch.int64))


@pytest.mark.parametrize("family", ["qwen3", "gpt2"])
@pytest.mark.parametrize("piece", [1, next_token.PIECE])
def test_many_edits_of_one_text_move_it_as_each_edit_alone(
    model, untrained, tokens, monkeypatch, family, piece
):
    monkeypatch.setattr(next_token, "PIECE", piece)
    subject = model if family == "qwen3" else untrained(family)
    moved = Divergences(subject, tokens)
    for layer in (0, subject.n_layers - 1, 0):
        size = subject.read(tokens, [layer])[layer].std()
        push = size * torch.randn(
            subject.d_model, generator=torch.Generator().manual_seed(layer)
        )
        edit = (layer, lambda stream, push=push: stream + push)
        expected, found = next_token.divergence(subject, tokens, edit), moved(edit)
        assert found.shape == (5, 23)
        assert_close(found, expected, rtol=1e-4, atol=1e-5)
        assert float(found.double().mean()) == pytest.approx(
            float(expected.double().mean()), rel=1e-6
        )


def test_an_edit_in_place_leaves_the_kept_stream_as_it_is(model, tokens):
    moved = Divergences(model, tokens)
    first = moved((1, torch.Tensor.zero_))
    assert first.mean() > 1
    assert_close(
        moved((1, lambda stream: stream)), torch.zeros(5, 23), rtol=0, atol=1e-5
    )
    assert_close(moved((1, torch.Tensor.zero_)), first)


def test_distributions_too_large_to_keep_are_computed_again(model, tokens, monkeypatch):
    halved = (2, lambda stream: stream / 2)
    kept = Divergences(model, tokens)
    expected = kept(halved)
    assert sum(len(before) for before in kept._before.values()) == 5
    monkeypatch.setattr(next_token, "KEPT", 1)
    again = Divergences(model, tokens)
    assert_close(again(halved), expected)
    assert not again._before


def test_a_text_without_a_next_token_is_refused_before_any_edit(model):
    with pytest.raises(ValueError, match="two or more, got 1"):
        Divergences(model, torch.zeros(3, 1, dtype=torch.int64))


def test_kl_is_that_of_torch_in_this_order_and_zero_for_equal_distributions():
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, 3, 4, 5, generator=generator, dtype=torch.float64)
    log_p, log_q = a.log_softmax(-1), b.log_softmax(-1)
    expected = torch_kl(Categorical(logits=a), Categorical(logits=b))
    assert_close(kl_divergence(log_p, log_q), expected)
    assert not torch.allclose(kl_divergence(log_q, log_p), expected, rtol=0.1)
    same = kl_divergence(log_p, (a + 3).log_softmax(-1))
    assert_close(same, torch.zeros(3, 4, dtype=torch.float64), atol=1e-12, rtol=0)

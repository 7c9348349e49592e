"""A language model writes as it would token by token, with what it keeps and without."""

import pytest
import torch
from torch.testing import assert_close

from saecore.source.model import generation
from saecore.source.model.generation import drawn_token, sample


def slowly_sampled(model, sequences, length, temperature, generator):
    tokens = torch.full((sequences, 1), model.bos)
    for _ in range(length - 1):
        chances = (model.logits(tokens)[:, -1] / temperature).softmax(-1)
        tokens = torch.cat(
            [tokens, drawn_token(chances, generator=generator)[:, None]], dim=1
        )
    return tokens


@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_sampling_with_kept_keys_and_values_is_sampling_without(model, temperature):
    fast = sample(
        model,
        6,
        20,
        temperature=temperature,
        batch=4,
        generator=torch.Generator().manual_seed(3),
    )
    generator = torch.Generator().manual_seed(3)
    slow = [
        slowly_sampled(model, count, 20, temperature, generator) for count in (4, 2)
    ]
    assert torch.equal(fast, torch.cat(slow))
    assert (fast[:, 0] == model.bos).all()


def test_texts_are_the_same_however_many_are_written_together(model, monkeypatch):
    def sampled():
        generator = torch.Generator().manual_seed(1)
        return sample(model, 7, 12, generator=generator, batch=5)

    together = sampled()
    monkeypatch.setattr(generation, "TOGETHER", 2)
    assert torch.equal(sampled(), together)


def test_a_text_of_one_token_is_its_beginning(model):
    texts = sample(model, 3, 1, generator=torch.Generator())
    assert texts.tolist() == [[model.bos]] * 3


def test_sampling_tells_how_far_it_is(model):
    told = []
    sample(
        model,
        5,
        3,
        generator=torch.Generator().manual_seed(0),
        batch=2,
        progress=told.append,
    )
    assert told == [2, 4, 5]


def test_indices_are_drawn_as_often_as_their_chances_say():
    chances = torch.tensor([0.1, 0.0, 0.6, 0.3]).expand(20_000, 4)
    shares = (
        torch.bincount(
            drawn_token(chances, generator=torch.Generator().manual_seed(0)),
            minlength=4,
        )
        / 20_000
    )
    assert_close(shares, chances[0], atol=0.012, rtol=0)
    assert shares[1] == 0


def test_a_temperature_of_zero_is_refused(model):
    with pytest.raises(ValueError, match="above 0"):
        sample(model, 1, 3, temperature=0.0, generator=torch.Generator())


def test_banned_tokens_are_never_drawn(model):
    banned = list(range(0, model.vocab_size, 2))
    drawn = generation.sample(
        model, 4, 20, generator=torch.Generator().manual_seed(0), banned=banned
    )
    assert (drawn[:, 1:] % 2 == 1).all()

"""What is shown of each latent, where every latent stands for one token."""

import pytest
import torch

from saecore.explorer.latents import NEIGHBOURS, STRONGEST, latents, seen_on
from saecore.zoo.sae import SAE

TOKENS = WIDTH = 12
"""Those of the small model of conftest.py."""


def test_each_latent_is_described_by_the_token_that_it_stands_for(model, text, seen):
    one = seen(torch.arange(WIDTH), text)
    found = list(latents(one, [one], text, model))
    of_rows = text.of_rows
    for j, latent in enumerate(found[:-1]):
        assert latent.tokens == [(j + 1, pytest.approx(1))]
        assert latent.promoted[0][0] == j + 1
        assert latent.frequency == pytest.approx(
            float((of_rows == j + 1).float().mean())
        )
        assert sum(latent.histogram) == int((of_rows == j + 1).sum())
        assert latent.largest == pytest.approx(2 / float(one.sae.W_dec[j].norm()))
    silent = found[-1]
    assert (silent.frequency, silent.largest, silent.tokens, silent.contexts) == (
        0,
        0,
        [],
        [],
    )
    assert (silent.labels, silent.nearest) == ([], [])


def test_every_context_is_the_text_around_the_token_with_its_activations(
    model, text, seen
):
    one = seen(torch.arange(WIDTH), text)
    for j, latent in enumerate(latents(one, [one], text, model)):
        strongest = [context for context in latent.contexts if context.level is None]
        assert len(strongest) == (STRONGEST if latent.frequency else 0)
        for context in latent.contexts:
            full = text.tokens[context.sequence].tolist()
            assert full[context.position] == j + 1
            start = max(1, context.position - 14)
            assert list(context.tokens) == full[start : context.position + 8]
            strength = [
                1.0 + (place % 2 == 0)
                for place in range(start, start + len(context.tokens))
            ]
            expected = [
                s * (t == j + 1) for s, t in zip(strength, context.tokens, strict=True)
            ]
            norm = float(one.sae.W_dec[j].norm())
            torch.testing.assert_close(
                torch.tensor(context.values), torch.tensor(expected) / norm
            )
            if context.level is None:
                assert context.position % 2 == 0


def test_labels_are_those_of_the_words_and_rare_ones_are_left_out(
    model, text, seen, rows_of
):
    one = seen(torch.arange(WIDTH), text)
    found = list(latents(one, [one], text, model))
    assert [latent.labels for latent in found] == [[]] * WIDTH  # one word is not enough
    both = seen(torch.arange(WIDTH), text)
    merged = torch.eye(WIDTH)
    merged[0] = torch.tensor([1.0, 1, 1] + [0] * (WIDTH - 3))
    weights = both.sae.weights | {"W_enc": merged.T.contiguous()}
    whole = seen_on(both.recipe, SAE(both.sae.cfg, weights), rows_of(text))
    label = next(iter(latents(whole, [whole], text, model))).labels[0]
    assert label == ("half: low", pytest.approx(1), 3, 3)


def test_the_nearest_latent_of_another_seed_is_the_same_direction(model, text, seen):
    order = torch.randperm(WIDTH, generator=torch.Generator().manual_seed(9))
    first, second = seen(torch.arange(WIDTH), text), seen(order, text, seed=1)
    assert (first.name, second.name) == (f"relu-{WIDTH}-seed0", f"relu-{WIDTH}-seed1")
    for j, latent in enumerate(latents(first, [first, second], text, model)):
        near = [
            (name, other) for name, other, cosine in latent.nearest if cosine > 0.999
        ]
        assert near == (
            [] if j == WIDTH - 1 else [(second.name, order.tolist().index(j))]
        )
        assert (
            len([name for name, *_ in latent.nearest if name == first.name])
            <= NEIGHBOURS
        )

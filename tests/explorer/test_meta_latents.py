"""Meta-latents and their users know each other."""

import pytest
import torch

from saecore.explorer import build as explored
from saecore.explorer import meta_latents
from saecore.explorer.content import Explorer, check_explorer
from saecore.explorer.latents import latents
from saecore.recipes.meta import MetaRecipe
from saecore.recipes.sae import SAERecipe
from saecore.source.site import Site
from saecore.source.worlds.rows import World
from saecore.sparse import sparse
from saecore.zoo.sae import SAE, configuration

TOKENS = WIDTH = 12
"""Those of the small model of conftest.py."""


def test_meta_latents_know_their_users_and_the_users_know_them(model, text, seen):
    one = seen(torch.arange(WIDTH), text)
    plain = list(latents(one, [one], text, model))
    dense = torch.zeros(WIDTH, 3)
    dense[0, 0], dense[1, 0], dense[1, 2] = 0.5, 1.5, 0.25
    parts = sparse(dense)
    with_parts = meta_latents.with_parts(plain, parts)
    assert [latent.parts for latent in with_parts[:3]] == [
        [(0, 0.5)],
        [(0, 1.5), (2, 0.25)],
        [],
    ]
    weights = {
        "W_enc": torch.eye(WIDTH)[:, :3].contiguous(),
        "W_dec": torch.eye(WIDTH)[:3].contiguous(),
    }
    weights |= {"b_enc": torch.zeros(3), "b_dec": torch.zeros(WIDTH)}
    meta = SAE(configuration("relu", width=3, d_model=WIDTH, k=1, metadata={}), weights)
    found = list(meta_latents.meta_latents(meta, with_parts, parts, [one], model))
    assert [latent.users for latent in found] == [[(1, 1.5), (0, 0.5)], [], [(1, 0.25)]]
    assert found[0].tokens == [(2, pytest.approx(0.75)), (1, pytest.approx(0.25))]
    assert found[0].nearest[0] == (one.name, 0, pytest.approx(1))
    assert found[1].tokens == []


def test_the_meta_sae_stands_beside_the_dictionary_that_it_takes_apart(
    model, text, seen
):
    one, other = (
        seen(torch.arange(WIDTH), text),
        seen(torch.arange(WIDTH), text, seed=1),
    )
    shown = [
        explored._dictionary(
            x, list(latents(x, [one, other], text, model)), text, tokens=TOKENS
        )
        for x in (one, other)
    ]
    weights = {
        "W_enc": torch.eye(WIDTH)[:, :3].contiguous(),
        "W_dec": torch.eye(WIDTH)[:3].contiguous(),
    }
    weights |= {"b_enc": torch.zeros(3), "b_dec": torch.zeros(WIDTH)}
    meta = SAE(configuration("relu", width=3, d_model=WIDTH, k=1, metadata={}), weights)
    recipe = MetaRecipe(
        SAERecipe(Site(World(), rows=100), "relu", 100, 1), width=3, k=1
    )
    found = meta_latents.with_meta(shown, recipe, meta, [one, other], model)
    assert [x.name for x in found] == [one.name, "meta-3-seed0", other.name]
    assert (found[0].meta, found[1].of) == ("meta-3-seed0", one.name)
    assert found[0].by_token[0] == []  # the token that begins every text has no row
    assert [numbers[0] for numbers in found[0].by_token[1:]] == list(range(TOKENS - 1))
    check_explorer(Explorer([str(t) for t in range(TOKENS)], found))

"""One SAE in two processes, a shard of its latents each, against the same in one."""

from dataclasses import replace

import pytest
import torch

from saecore.threads import one_thread
from saecore.training.lockstep import Block
from saecore.training.sharded.sharded_block import check_sharded
from tests.training.sharded.two_processes import RECIPES, TOPK, site_rows, steps_of

SURE = 30
"""Steps before which no latents tie for the last place among the largest."""
MAY_TIE = ("topk with many silent latents",)
"""Recipes of which a tie is broken by rounding on some processors, after a while."""


@pytest.mark.parametrize("name", RECIPES)
def test_a_hundred_steps_in_shards_are_those_of_one_process(two_processes, name):
    recipe = RECIPES[name]
    block = Block(recipe, [recipe.seed], 32)
    with torch.no_grad(), one_thread():
        losses = steps_of(block, site_rows())
    found = two_processes[f"{name}: losses"]
    assert len(losses) == 100
    torch.testing.assert_close(found[:SURE], losses[:SURE], rtol=0, atol=1e-5)
    torch.testing.assert_close(found, losses, rtol=0.02, atol=0)
    if (found - losses).abs().max() > 1e-5:  # a tie went the other way, and all after
        assert name in MAY_TIE
        return
    for part, weight in block.one(0).items():
        found = two_processes[f"{name}: {part}"]
        torch.testing.assert_close(found.view_as(weight), weight, rtol=0, atol=1e-4)


@pytest.mark.parametrize("name", RECIPES)
def test_what_all_hold_stays_the_same_in_all(two_processes, name):
    assert float(two_processes[f"{name}: b_dec apart"]) == 0


def test_some_latents_were_revived_or_the_comparison_says_nothing_of_it():
    recipe = RECIPES["topk with many silent latents"]
    block = Block(replace(recipe, auxk=0.0), [recipe.seed], 32)
    alone = Block(recipe, [recipe.seed], 32)
    with torch.no_grad(), one_thread():
        steps_of(block, site_rows())
        steps_of(alone, site_rows())
    moved = (block.weights["W_enc"] - alone.weights["W_enc"]).abs().max()
    assert float(moved) > 1e-2
    assert float(alone.silent_share()) > 0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"architecture": "relu"}, "topk and batchtopk"),
        ({"frozen": "decoder"}, "nothing frozen"),
        ({"width": 3}, "must hold a latent"),
    ],
)
def test_what_cannot_be_sharded_is_refused_in_a_sentence(changed, said):
    with pytest.raises(ValueError, match=said):
        check_sharded(replace(TOPK, **changed), 4)

"""Latents taken out: against encoding anew, and pairs that fire alike."""

import pytest
import torch

from saecore.measures.dictionary.encoded import encoded
from saecore.measures.dictionary.fidelity import fvu
from saecore.measures.dictionary.nulls import Weights
from saecore.measures.seeds.removal import matched_in_firing, removals, without


def normal(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def dictionary() -> Weights:
    rows = torch.nn.functional.normalize(normal(12, 8, seed=0), dim=1)
    return Weights(0.4 * rows.T, rows)


def by_hand(sae: Weights, x: torch.Tensor, group: torch.Tensor) -> float:
    """The error with the group's activations set to zero, minus that with all."""
    y = sae.encode(x)
    return fvu(x, sae.decode(y * ~group)) - fvu(x, sae.decode(y))


def test_each_removal_is_that_of_decoding_without_it():
    sae, x = dictionary(), normal(500, 8, seed=1)
    found = removals(sae, x)
    for latent in range(12):
        group = torch.arange(12) == latent
        assert float(found.dfvu[latent]) == pytest.approx(
            by_hand(sae, x, group), abs=1e-5
        )
    assert found.fvu == pytest.approx(fvu(x, sae.decode(sae.encode(x))), abs=1e-5)
    assert torch.equal(found.fired, (sae.encode(x) > 0).sum(0))


def test_a_group_is_taken_out_at_once_and_need_not_add_up():
    sae, x = dictionary(), normal(500, 8, seed=1)
    one, group = encoded(sae, x), torch.arange(12) < 5
    found = without(one, x, group)
    assert found.latents == 5
    assert found.dfvu == pytest.approx(by_hand(sae, x, group), abs=1e-5)
    assert found.dfvu != pytest.approx(float(removals(one, x).dfvu[:5].sum()), abs=1e-3)


def test_a_silent_latent_adds_nothing():
    sae = dictionary()
    sae.W_enc[:, 3] = 0
    found = removals(sae, normal(100, 8, seed=2))
    assert float(found.dfvu[3]) == 0
    assert int(found.fired[3]) == 0


def test_pairs_fire_alike_and_each_latent_is_taken_once():
    group = torch.tensor([True, True, True, False, False, False, False])
    fired = torch.tensor([100, 10, 0, 11, 95, 9000, 0])
    first, second = matched_in_firing(group, fired)
    assert dict(zip(first.tolist(), second.tolist(), strict=True)) == {1: 3, 0: 4}
    twins = matched_in_firing(group, torch.tensor([10, 10, 10, 10, 500, 500, 500]))
    assert len(twins[0]) == 1
    assert len(matched_in_firing(~group, torch.zeros(7, dtype=torch.long))[0]) == 0

"""Signs of effects that are stated at a false discovery rate."""

from typing import NamedTuple

import pytest
import torch

from saecore.measures.stitching.novelty import novelty


class Found(NamedTuple):
    effect: torch.Tensor
    standard_error: torch.Tensor
    fired: torch.Tensor


def drawn(count: int = 20_000) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(count, generator=generator, dtype=torch.float64)


def of(effect: torch.Tensor, fired: int | torch.Tensor = 50) -> Found:
    return Found(
        effect, torch.ones_like(effect), torch.zeros(len(effect)).long() + fired
    )


def test_under_no_effect_few_latents_are_called_anything():
    found = novelty(of(drawn()), fdr=0.05, least=10)
    assert int(found.novel.sum() + found.redundant.sum()) <= 3


def test_the_false_discovery_rate_is_kept_with_some_true_effects():
    effect = drawn()
    effect[:4000] -= 4
    found = novelty(of(effect), fdr=0.05, least=10)
    called = found.novel | found.redundant
    assert 0.02 < float(called[4000:].sum() / called.sum()) < 0.05
    assert int(found.novel[:4000].sum()) > 3000
    assert (found.undecided == ~called).all()


def test_a_higher_rate_calls_more_latents():
    effect = drawn()
    effect[:4000] -= 4
    strict, loose = (novelty(of(effect), fdr=fdr, least=10) for fdr in (0.01, 0.2))
    assert (loose.novel | ~strict.novel).all()
    assert int(loose.novel.sum()) > int(strict.novel.sum())


def test_latents_that_hardly_fire_are_undecided():
    two = of(torch.tensor([-9.0, -9.0]).double(), torch.tensor([9, 10]))
    assert novelty(two, fdr=0.05, least=10).novel.tolist() == [False, True]
    assert novelty(two, fdr=0.05, least=9).novel.tolist() == [True, True]


def test_a_rate_that_is_no_share_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        novelty(of(drawn(10)), fdr=5, least=10)

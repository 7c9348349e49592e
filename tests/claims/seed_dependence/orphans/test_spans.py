"""Spans of orphans: of strangers, and of a seed that is turned within planes."""

import pytest
import torch

from saecore.claims.seed_dependence.orphans.spans import orphan_spans
from saecore.measures.dictionary.nulls import Weights
from saecore.measures.seeds.many_seeds import pairwise

WIDTH, D_MODEL = 40, 48


def normal(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def base_of(found, dictionaries: list[Weights]):
    pairs = pairwise(dictionaries, threshold=0.7)
    return found.model.base._replace(saes=dictionaries, pairs=pairs)


def turned(seed: int) -> Weights:
    """Groups of eight latents, each in an 8-dimensional space that all seeds have,
    turned at random within it about a direction in their middle.
    """
    spaces = torch.linalg.qr(normal(D_MODEL, D_MODEL, seed=0))[0].T[:40].view(5, 8, -1)
    middle = spaces.sum(1, keepdim=True) / 8**0.5
    turns = torch.linalg.qr(normal(5, 8, 8, seed=seed + 1))[0]
    around = turns @ spaces
    around = around - (around @ middle.mT) @ middle
    rows = torch.nn.functional.normalize(around, dim=2) * 0.8**0.5
    rows = (rows + 0.2**0.5 * middle).reshape(WIDTH, -1)
    return Weights(rows.T.clone(), rows)


def test_strangers_share_no_more_than_those_of_their_covariance(found):
    rows = [normal(WIDTH, D_MODEL, seed=s) for s in range(4)]
    spans = orphan_spans(base_of(found, [Weights(x.T.clone(), x) for x in rows]))
    assert abs(spans.excess.estimate) < 0.1
    assert abs(spans.turned.estimate) < 0.1
    assert spans.axes == {}  # none is shared, so there are no axes of shared latents
    assert spans.groups[1]["neighbours"].estimate == pytest.approx(
        spans.groups[1]["at random"].estimate, abs=0.1
    )


def test_spaces_that_seeds_share_are_found_though_latents_are_not(found):
    base = base_of(found, [turned(seed) for seed in range(4)])
    assert base.pairs.share(level=0.95).estimate < 0.5
    spans = orphan_spans(base)
    assert spans.excess.low > 0.2
    assert spans.turned.low > 0.1  # what the page calls "much more"


def test_a_seed_without_orphans_has_no_spans(found):
    rows = normal(WIDTH, D_MODEL, seed=0)
    spans = orphan_spans(base_of(found, [Weights(rows.T.clone(), rows)] * 4))
    assert (spans.groups, spans.axes) == ({}, {})
    assert (spans.turned.low, spans.turned.high) == (-1, 1)


def test_sizes_are_those_that_every_seed_has(found):
    spans = orphan_spans(found.model.base)
    assert next(iter(spans.groups)) == 1
    for by in (spans.axes, spans.groups):
        for one in by.values():
            assert all(-1e-9 <= x.estimate <= 1 + 1e-9 for x in one.values())

"""Pairs of latents and labels, taken in chunks, count every nonzero once."""

import numpy as np
import torch
from torch import Tensor

from saecore.measures.algebra import pair_tables as module
from saecore.measures.algebra.classifier_scores import pair_scores
from saecore.measures.algebra.pair_tables import (
    pair_chunks,
    pair_entries,
    pairs_between,
    positives,
)
from saecore.sparse import Active, sparse


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def with_ties(
    dtype: torch.dtype, rows: int = 150, width: int = 8
) -> tuple[Tensor, Tensor]:
    """Half-integer activations (many ties), one dead latent, labels from rare to almost
    everywhere.
    """
    x = ((2 * normal(rows, width)).round().clamp(min=0) / 2).to(dtype)
    x[:, 3] = 0
    shares = torch.tensor([0.03, 0.2, 0.5, 0.95])
    labels = torch.rand(rows, 4, generator=torch.Generator().manual_seed(1)) < shares
    return x, labels


def test_chunks_change_nothing(monkeypatch):
    x, labels = with_ties(torch.float32)
    whole = pair_scores(sparse(x), labels, width=9)
    monkeypatch.setattr(module, "CHUNK_PAIRS", 7)
    torch.testing.assert_close(
        pair_scores(sparse(x), labels, width=9), whole, rtol=0, atol=0
    )


def test_order_and_explicit_zeros_of_the_entries_do_not_matter():
    active = Active(torch.tensor([0, 3, 4], dtype=torch.int32), torch.tensor([2, 0, 1]).repeat(2)[:4].int(),
                    torch.tensor([1.0, 2.0, 0.0, 3.0]))  # fmt: skip
    dense = torch.tensor([[2.0, 0.0, 1.0], [0.0, 0.0, 3.0]])
    labels = torch.tensor([[True], [False]])
    torch.testing.assert_close(
        pair_scores(active, labels, width=3),
        pair_scores(sparse(dense), labels, width=3),
    )


def test_each_pair_of_an_entry_and_a_label_of_its_row_stands_once_by_falling_value():
    x, labels = with_ties(torch.float32)
    entries = pair_entries(sparse(x), labels, 8)
    pairs, cell = pairs_between(entries, positives(labels), 0, len(entries.latent))
    assert len(cell) == int(((x > 0).float().T @ labels.float()).sum())
    assert (np.diff(cell) >= 0).all()
    same = np.diff(cell) == 0
    assert (np.diff(pairs.value)[same] <= 0).all()
    assert (cell // 4 == pairs.latent).all()
    assert labels.numpy()[pairs.row, cell % 4].all()


def test_chunks_hold_whole_latents(monkeypatch):
    monkeypatch.setattr(module, "CHUNK_PAIRS", 5)
    latent = np.array([0, 0, 0, 2, 2, 3, 5])
    ranges = pair_chunks(latent, np.full(7, 3))
    assert [begin for begin, _ in ranges][1:] == [end for _, end in ranges][:-1]
    assert (ranges[0][0], ranges[-1][1]) == (0, 7)
    assert len(ranges) > 1
    for begin, _ in ranges[1:]:
        assert latent[begin] != latent[begin - 1]
    assert pair_chunks(latent[:0], np.zeros(0)) == []

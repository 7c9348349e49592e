"""Selections over two processes' latents are those over all latents at once."""

import torch

from saecore.sparse import dense
from saecore.training.selection import select_batch
from tests.training.sharded.two_processes import problem


def test_the_k_largest_over_shards_are_the_k_largest(two_processes):
    rows, w_enc, b_enc = problem()
    pre = rows @ w_enc.T + b_enc
    found = two_processes["selected: topk"]
    values = pre.topk(6).values
    kept = torch.where(found != 0, found, -torch.inf).topk(6).values
    assert torch.equal(kept[values > 0], values[values > 0])
    assert torch.equal(found[found != 0], pre[found != 0])
    order = torch.argsort(pre, dim=1, descending=True, stable=True)[:, :6]
    lowest = torch.zeros_like(pre).scatter_(1, order, pre.gather(1, order))
    assert torch.equal(found, lowest)  # of those that tie, the first


def test_the_largest_of_a_batch_over_shards_are_those_of_the_batch(two_processes):
    rows, w_enc, b_enc = problem()
    active, _, _ = select_batch(rows, w_enc, b_enc, 100, guess=0.0)
    assert torch.equal(two_processes["selected: batch"], dense(active, 33))

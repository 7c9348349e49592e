"""Batches of toys: counts follow the table of patterns."""

import torch

from saecore.recipes.toys import ToyRecipe
from saecore.source.worlds import toys as worlds
from saecore.source.worlds.toys import HIERARCHY
from saecore.training.toys import batches


def test_counts_are_batches_of_whole_rows_that_follow_the_table():
    runs = [
        ToyRecipe(HIERARCHY, seed=seed, penalty=p, steps=400)
        for seed in (0, 1)
        for p in (0.01, 0.1)
    ]
    shares = torch.stack([share for _, share in batches.toy_batches(runs)])
    counts = shares * 1024
    torch.testing.assert_close(counts, counts.round(), atol=1e-3, rtol=0)
    torch.testing.assert_close(shares.sum(2), torch.ones(400, 4))
    expected = worlds.patterns(HIERARCHY).probability.float()
    torch.testing.assert_close(
        shares.mean(0), expected.expand(4, -1), atol=3e-3, rtol=0
    )
    torch.testing.assert_close(shares[:, 0], shares[:, 1], atol=0, rtol=0)
    assert not torch.equal(shares[:, 0], shares[:, 2])

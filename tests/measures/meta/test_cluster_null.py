"""Rows in clusters and nothing else: as tight as the rows that they stand for."""

import pytest
import torch

from saecore.measures.meta import cluster_null
from saecore.measures.meta.variance_explained import by_pursuit


def unit(*shape: int, seed: int = 0) -> torch.Tensor:
    drawn = torch.randn(*shape, generator=torch.Generator().manual_seed(seed))
    return drawn / drawn.norm(dim=1, keepdim=True)


TRAIN, HELD = torch.arange(480), torch.arange(480, 600)


def null_of(rows: torch.Tensor, count: int, seed: int = 0) -> cluster_null.Clustered:
    generator = torch.Generator().manual_seed(seed)
    return cluster_null.clustered(rows, TRAIN, HELD, count=count, generator=generator)


def in_clusters(spread: float) -> torch.Tensor:
    centres = unit(12, 24)
    rows = centres[torch.arange(600) % 12] + spread * unit(600, 24, seed=1)
    return rows / rows.norm(dim=1, keepdim=True)


def test_k_means_finds_clusters_and_says_so_with_one_centre():
    centres = 3 * unit(5, 16)
    rows = centres.repeat(40, 1) + 0.01 * unit(200, 16, seed=1)
    found = cluster_null.k_means(rows, 5)
    share = by_pursuit(found, rows, count=1, centre=rows.mean(0)).centred
    assert share > 0.99
    assert len(cluster_null.k_means(rows[:3], 5)) == 3


def test_one_centre_is_the_variance_about_the_nearest_centre_of_other_rows():
    rows = in_clusters(0.05)
    assert cluster_null.one_centre(rows[TRAIN], rows[HELD], 12) > 0.98
    assert cluster_null.one_centre(rows[TRAIN], rows[TRAIN], 12) > 0.98
    noise = unit(600, 24)
    assert cluster_null.one_centre(noise[TRAIN], noise[HELD], 12) < 0.2


@pytest.mark.parametrize("spread", [0.3, 1.0])
def test_the_null_has_norm_one_the_covariance_and_the_clusters_of_the_rows(spread):
    rows = in_clusters(spread)
    found = null_of(rows, 12)
    torch.testing.assert_close(found.rows.norm(dim=1), torch.ones(600))
    assert float((found.rows.mean(0) - rows.mean(0)).norm()) < 0.12
    same = found.rows.T.cov(), rows.T.cov()
    assert float((same[0] - same[1]).norm() / same[1].norm()) < 0.35
    reached, wanted = (
        cluster_null.one_centre(one[TRAIN], one[HELD], 12) for one in (found.rows, rows)
    )
    assert reached == pytest.approx(wanted, abs=0.06)
    assert not torch.equal(found.rows, rows)


def test_rows_without_clusters_get_none_and_tight_ones_get_all():
    assert null_of(unit(600, 24), 12).tightness < 0.4
    assert null_of(in_clusters(0.05), 12).tightness > 0.9


def test_sums_of_parts_are_more_than_their_clusters():
    parts = unit(8, 24, seed=3)
    pick = (
        torch.rand(600, 8, generator=torch.Generator().manual_seed(4)).topk(2).indices
    )
    rows = parts[pick].sum(1) / parts[pick].sum(1).norm(dim=1, keepdim=True)
    null = null_of(rows, 8).rows
    own = by_pursuit(parts, rows[HELD], count=2).centred
    assert own > 0.95
    assert by_pursuit(parts, null[HELD], count=2).centred < own - 0.1


def test_the_same_generator_gives_the_same_rows():
    rows = in_clusters(0.5)
    assert torch.equal(null_of(rows, 12).rows, null_of(rows, 12).rows)
    assert not torch.equal(null_of(rows, 12).rows, null_of(rows, 12, seed=1).rows)

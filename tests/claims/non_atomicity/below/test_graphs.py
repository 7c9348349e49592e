"""Graphs and families of latents that are sums of planted parts."""

import math

from saecore.claims.non_atomicity.below import graphs


def test_shared_parts_are_shared_latents_of_the_small_sae(model):
    found = graphs.graphs(model)
    assert found.share.estimate > 0.7
    assert found.expected < found.share.estimate
    random = [one.share for one in found.random]
    assert max(random) < found.share.estimate
    rows = found.rows()
    assert [row["seed"] for row in rows] == [0, 0, 1, 1, 2, 2]
    assert rows[0]["edges"] == found.metas[0].edges[0]


def test_siblings_share_the_part_that_they_come_from(model):
    found = graphs.splits_by_seed(model)
    for one, row in zip(found, graphs.split_rows(found), strict=True):
        assert row["pairs"] == one.pairs > 0
        assert one.share == 1
        assert one.chance < 0.8 or math.isnan(one.chance)

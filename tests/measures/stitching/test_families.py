"""Families of latents, their swaps, and where one family swallows the others."""

import pytest
import torch

from saecore.measures.dictionary.nulls import Weights
from saecore.measures.stitching.curves import curve
from saecore.measures.stitching.families import (
    family_swaps,
    linked_families,
    links,
    percolation,
)
from tests.measures.stitching.test_insertion import normal, plain


def of(rows: torch.Tensor) -> Weights:
    return Weights(rows.T, rows)


def axis(*parts: tuple[int, float]) -> torch.Tensor:
    row = torch.zeros(10)
    for place, weight in parts:
        row[place] = weight
    return row


SMALL = torch.stack([axis((0, 1)), axis((1, 2)), axis((2, 1)), axis((3, 1))])
LARGE = torch.stack(
    [
        axis((0, 1), (4, 0.5)),  # split of small 0
        axis((0, 3), (4, -1.5)),  # the other half
        axis((1, 1), (2, 1)),  # a sum of small 1 and small 2
        axis((5, 1)),  # novel
        torch.zeros(10),  # dead
    ]
)


def test_families_split_compose_and_leave_some_alone():
    found = linked_families(links(of(SMALL), of(LARGE), above=0.7))
    assert found.kinds == {(1, 2): 1, (2, 1): 1}
    assert found.small[1] == found.small[2] == found.large[2]
    assert found.small[0] == found.large[0] == found.large[1]
    assert found.novel.tolist() == [False, False, False, True, True]
    assert found.lost.tolist() == [False, False, False, True]
    assert found.largest == 0.5
    assert not found.giant


def test_links_are_all_cosines_above_the_threshold():
    small, large = normal(300, 6, seed=1), normal(500, 6, seed=2)
    found = links(of(small), of(large), above=0.6)
    unit = torch.nn.functional.normalize
    cosine = unit(small, dim=1) @ unit(large, dim=1).T
    dense = torch.zeros_like(cosine)
    dense[found.small, found.large] = found.cosine
    torch.testing.assert_close(dense, torch.where(cosine > 0.6, cosine, 0))
    at = linked_families(found, threshold=0.8)
    assert (at.novel == (cosine.amax(0) <= 0.8)).all()
    assert (at.lost == (cosine.amax(1) <= 0.8)).all()


def test_a_giant_family_appears_as_the_threshold_falls():
    small, large = normal(200, 6, seed=1), normal(400, 6, seed=2)
    found = percolation(links(of(small), of(large), above=0.5), [0.98, 0.9, 0.8, 0.6])
    shares = [one.largest for one in found]
    assert shares[-1] > 0.95
    assert shares[0] < 0.5
    assert [one.giant for one in found][::3] == [False, True]


def test_one_linked_pair_alone_is_no_giant():
    small = torch.eye(10)[:4]
    large = torch.eye(10)[3:9]
    found = linked_families(links(of(small), of(large), above=0.7))
    assert found.largest == 1.0
    many = of(torch.eye(30)[:14]), of(torch.eye(30)[13:])
    assert not linked_families(links(*many, above=0.7)).giant
    nothing = linked_families(links(of(small), of(torch.eye(10)[5:]), above=0.7))
    assert (nothing.largest, nothing.giant, nothing.kinds) == (0.0, False, {})


@pytest.mark.parametrize("chunk", [300, 4_000_000])
def test_each_swap_alone_equals_a_curve_of_one_step(chunk, monkeypatch):
    monkeypatch.setattr("saecore.measures.stitching.families.CHUNK_ENTRIES", chunk)
    small, large, x = plain(12), plain(30, seed=1), normal(200, 8, seed=2)
    groups = linked_families(links(small, large, above=0.6))
    assert len(groups.sizes) > 2
    found = family_swaps(small, large, x, groups)
    for family in range(len(groups.sizes)):
        out, into = (
            torch.where(part == family, 0, -1) for part in (groups.small, groups.large)
        )
        one = curve(small, large, x, insert=into, remove=out, steps=1)
        assert float(one.fixed.diff()[0]) == pytest.approx(float(found.effect[family]))
        assert float(one.l0.diff()[0]) == pytest.approx(float(found.l0[family]))
        f, g = small.encode(x) * (out == 0), large.encode(x) * (into == 0)
        before = x - small.decode(small.encode(x))
        after = before + f @ small.W_dec - g @ large.W_dec
        terms = after.square().sum(1) - before.square().sum(1)
        assert float(terms.std()) / len(x) ** 0.5 == pytest.approx(
            float(found.standard_error[family])
        )


@pytest.mark.parametrize("chunk", [300, 4_000_000])
def test_swaps_count_a_text_as_one_observation(chunk, monkeypatch):
    monkeypatch.setattr("saecore.measures.stitching.families.CHUNK_ENTRIES", chunk)
    small, large, x = plain(12), plain(30, seed=1), normal(200, 8, seed=2)
    groups = linked_families(links(small, large, above=0.6))
    found = family_swaps(small, large, x, groups, together=8)
    before = x - small.decode(small.encode(x))
    for family in range(len(groups.sizes)):
        f = small.encode(x) * (groups.small == family)
        g = large.encode(x) * (groups.large == family)
        after = before + f @ small.W_dec - g @ large.W_dec
        terms = after.square().sum(1) - before.square().sum(1)
        sums = terms.view(25, 8).sum(1)
        assert float(sums.std()) * 25**0.5 / 200 == pytest.approx(
            float(found.standard_error[family])
        )


def test_other_sites_are_refused():
    with pytest.raises(ValueError, match="same d_model"):
        links(of(normal(4, 6)), of(normal(4, 5)), above=0.7)


def test_families_below_the_threshold_of_the_links_are_refused():
    found = links(of(SMALL), of(LARGE), above=0.7)
    with pytest.raises(ValueError, match="make links at the lowest threshold"):
        linked_families(found, threshold=0.5)

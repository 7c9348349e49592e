"""Many seeds with a planted number of common latents."""

import math
from itertools import combinations

import pytest
import torch

from saecore.measures.algebra.intervals import over_pairs
from saecore.measures.dictionary.nulls import Weights
from saecore.measures.seeds.many_seeds import (
    alone,
    appearances,
    histogram,
    pairwise,
    power_law,
    triple_consistency,
)

# 2501.16615, donut figure: share of latents found in exactly 1 to 9 seeds; curve of 20
# random draws
PUBLISHED = torch.tensor(
    [0.348, 0.0782, 0.064, 0.06, 0.0589, 0.0632, 0.0685, 0.0865, 0.173]
)
PUBLISHED_ALONE = [0.583, 0.484, 0.436, 0.406, 0.385, 0.370, 0.358, 0.348]


def dictionaries(seeds: int = 4, width: int = 60, core: int = 20) -> list[Weights]:
    """All share `core` latents; seeds 0 and 1 share 10 more; the rest is each one's
    own. Shuffled.
    """
    made = []
    for s in range(seeds):
        generator = torch.Generator().manual_seed(100 + s)
        rows = torch.randn(width, 64, generator=generator)
        rows[:core] = (
            torch.randn(core, 64, generator=torch.Generator().manual_seed(1))
            + 0.2 * rows[:core]
        )
        if s < 2:
            extra = torch.randn(10, 64, generator=torch.Generator().manual_seed(2))
            rows[core : core + 10] = extra + 0.2 * rows[core : core + 10]
        rows = rows[torch.randperm(width, generator=generator)]
        made.append(Weights(rows.T.clone(), rows))
    return made


def test_planted_appearances_are_counted():
    pairs = pairwise(dictionaries(), threshold=0.7)
    counts = appearances(pairs.flags())
    assert [int((counts[0] == r).sum()) for r in (1, 2, 3, 4)] == [30, 10, 0, 20]
    assert [int((counts[3] == r).sum()) for r in (1, 2, 3, 4)] == [40, 0, 0, 20]
    torch.testing.assert_close(
        histogram(counts), torch.tensor([35, 5, 0, 20], dtype=torch.float64) / 60
    )
    torch.testing.assert_close(
        histogram(counts[:1], seeds=4),
        torch.tensor([30, 10, 0, 20], dtype=torch.float64) / 60,
    )


def test_the_table_of_pairs_is_symmetric_and_feeds_the_interval():
    pairs = pairwise(dictionaries(), threshold=0.7)
    table = pairs.table(lambda matching: matching.share())
    assert table.diagonal().isnan().all()
    assert table[0, 1] == table[1, 0] == 0.5
    assert table[0, 2] == pytest.approx(1 / 3)
    found = over_pairs(table, level=0.95)
    assert found.estimate == pytest.approx((0.5 + 5 / 3) / 6)
    assert found.low < found.estimate < found.high


def test_partners_of_the_core_go_round_in_triples():
    pairs = pairwise(dictionaries(), threshold=0.7)
    partner = pairs.partners()
    assert 20 / 60 <= triple_consistency(partner) < 1
    alike = pairwise(dictionaries(3, width=30, core=20), threshold=0.7)
    assert triple_consistency(alike.partners()) > 20 / 30


def test_a_missing_pair_is_left_out_of_the_triples():
    identity = torch.arange(5).repeat(4, 4, 1)
    identity[0, 1] = identity[1, 0] = -1
    assert triple_consistency(identity) == 1
    identity[2, 3] = identity[2, 3].roll(1)
    assert triple_consistency(identity) < 1
    with pytest.raises(ValueError, match="three seeds"):
        triple_consistency(identity[:2, :2])


def test_the_curve_of_orphans_is_the_published_one():
    curve = alone(PUBLISHED)
    for expected, value in zip(PUBLISHED_ALONE, curve[1:].tolist(), strict=True):
        assert value == pytest.approx(expected, abs=6e-4)


def test_the_expected_curve_equals_the_average_over_all_draws():
    counts = torch.tensor([[1, 2, 2, 3, 5, 4]])
    curve = alone(histogram(counts, seeds=5))
    found_in = [set(range(int(r) - 1)) for r in counts[0]]  # which of the four others
    for seeds in range(1, 6):
        draws = list(combinations(range(4), seeds - 1))
        missed = sum(not (others & set(draw)) for draw in draws for others in found_in)
        assert float(curve[seeds - 1]) == pytest.approx(missed / len(draws) / 6)


def test_a_power_law_is_recovered_and_the_published_curve_has_a_floor():
    seeds = torch.arange(1, 10, dtype=torch.float64)
    planted = power_law(0.2 + 0.6 * seeds**-0.7)
    assert (planted.floor, planted.scale, planted.exponent) == pytest.approx(
        (0.2, 0.6, -0.7), abs=1e-4
    )
    published = power_law(alone(PUBLISHED))
    assert 0.2 < published.floor < 0.34
    assert published.residual < 0.003


def test_what_cannot_be_counted_is_refused():
    with pytest.raises(ValueError, match="at least 2 dictionaries, got 1"):
        pairwise(dictionaries(1), threshold=0.7)
    uneven = dictionaries(2)
    uneven[0] = Weights(uneven[0].W_enc[:, :50], uneven[0].W_dec[:50])
    with pytest.raises(ValueError, match=r"one width, got widths \[50, 60\]"):
        pairwise(uneven, threshold=0.7).flags()
    with pytest.raises(ValueError, match=r"between 1 and 2 \(the seeds\), got 1 to 3"):
        histogram(torch.tensor([[1, 2], [3, 1]]))
    with pytest.raises(ValueError, match="needs 4 seeds, got 3"):
        power_law(torch.tensor([1.0, 0.5, 0.4]))


def test_nothing_is_alone_before_anything_is_compared():
    assert alone(PUBLISHED.double() / PUBLISHED.double().sum())[0] == pytest.approx(1)
    assert math.isclose(alone(torch.tensor([1.0, 0.0, 0.0])).sum(), 3)

"""Latents by the number of seeds that have them."""

import pytest

from saecore.claims.seed_dependence.nine_seeds import (
    found_alone,
    nine_seeds,
    seed_census,
)


def test_latents_of_no_other_seed_are_alone_and_the_core_is_everywhere(found):
    base = found.model.base
    seeds = nine_seeds(base)
    assert len(seeds.appears) == len(seeds.alone) == 4
    assert sum(seeds.appears) == pytest.approx(1)
    assert seeds.appears[3] == pytest.approx(
        8 / 20
    )  # seed 3 has nine, one of them by halves
    assert seeds.alone[0] == pytest.approx(1)
    assert seeds.alone[-1] == seeds.appears[0]
    assert seeds.fit.floor <= seeds.alone[-1] + 1e-6


def test_the_share_alone_is_that_of_the_histogram(found):
    base = found.model.base
    alone = found_alone(base)
    assert alone == found.model.alone
    assert alone.estimate == pytest.approx(nine_seeds(base).appears[0])
    assert alone.low < alone.estimate < alone.high


def test_the_census_counts_the_planted_core(found):
    counted = seed_census(found.model.base)
    assert counted.everywhere == 8
    assert counted.seen == counted.once + counted.again
    assert counted.at_least >= counted.seen

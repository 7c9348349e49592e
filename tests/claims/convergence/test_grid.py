"""Which SAEs the convergence curves ask for."""

from dataclasses import replace

import pytest

from saecore.claims.absorption.grid import absorption_grid
from saecore.claims.convergence.grid import convergence_grid
from saecore.claims.seed_dependence.grid import model_seeds
from saecore.profiles import read
from saecore.report import Claim

TINY, CLAIM = read("tiny"), Claim.read("non_atomicity")


@pytest.fixture(scope="module")
def asked():
    rows = (100_000, 1_200_000)
    return replace(TINY, widths=(160, 640), curve=rows, word_rows=600_000)


def test_a_profile_without_a_curve_asks_for_nothing():
    assert convergence_grid(TINY, CLAIM).recipes() == []


def test_only_the_rows_seen_differ_from_the_claims_own_settings(asked):
    grid, seeds = convergence_grid(asked, CLAIM), model_seeds(asked).widths["topk"]
    for width, by_rows in grid.shares.items():
        assert sorted(by_rows) == [100_000, 1_200_000]
        for rows, some in by_rows.items():
            assert some == [replace(one, rows=rows) for one in seeds[width]]
    assert grid.shares[640][1_200_000] == seeds[640]


def test_words_are_not_seen_longer_than_in_the_claim(asked):
    words = convergence_grid(asked, CLAIM).words
    base = absorption_grid(asked).base[: asked.few_seeds]
    assert words == {100_000: [replace(one, rows=100_000) for one in base]}


def test_every_meta_sae_has_its_null_at_every_point(asked):
    grid = convergence_grid(asked, CLAIM)
    assert list(grid.metas) == [100_000, 1_200_000]
    assert set(grid.nulls) == {"same_covariance", "clusters"}
    for rows, some in grid.metas.items():
        assert [one.sae for one in some] == grid.shares[640][rows]
        for null, by_rows in grid.nulls.items():
            assert by_rows[rows] == [replace(one, rows=null) for one in some]
        assert {one.width for one in some} == {32}


def test_unique_rows_are_an_axis_of_their_own(asked):
    assert convergence_grid(replace(asked, less_text=(2,)), CLAIM).less_text == (
        model_seeds(replace(asked, less_text=(2,))).less_text
    )
    assert convergence_grid(replace(TINY, less_text=(2,)), CLAIM).recipes() == []

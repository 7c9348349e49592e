"""Rows that are sums of a small SAE's latents, and the toy."""

import pytest

from saecore.claims.non_atomicity import combinations
from saecore.measures.meta import variance_explained


def test_the_true_parts_and_parts_with_a_loan_rebuild_all_nine_pairs():
    toy = combinations.colours_and_shapes()
    share = {
        name: variance_explained.by_pursuit(parts, toy.pairs, count=2).centred
        for name, parts in toy.parts.items()
    }
    assert share["the true colours and shapes"] == pytest.approx(1, abs=1e-5)
    assert share["colours + c, shapes - c"] == pytest.approx(1, abs=1e-5)
    assert share["six of the pairs themselves"] < 0.95
    assert share["six random directions"] < 0.5


def test_rows_are_combinations_of_a_small_sae_that_holds_their_parts(model):
    shares = combinations.combined(model)
    assert {len(one) for one in shares.values()} == {3}
    found = combinations.beside_own(model, shares)
    assert found.name in combinations.OWN_DIRECTIONS
    assert found.found.estimate > 0.9
    assert found.excess.low > 0
    assert found.excess.estimate == pytest.approx(
        found.found.estimate - found.null.estimate
    )


def test_the_table_begins_with_the_best(model):
    rows = combinations.combined_rows(model, combinations.combined(model))
    explained = [row["explained"] for row in rows]
    assert explained == sorted(explained, reverse=True)
    assert rows[-1]["dictionary"] == "random directions"

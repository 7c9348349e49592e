"""Rungs of the ladder: planted parts above their nulls, independent rows not."""

import pytest

from saecore.claims.non_atomicity import ladder
from saecore.claims.non_atomicity.ladder import Rung
from saecore.measures.meta.variance_explained import by_encoding


def test_the_strongest_null_is_that_with_the_largest_mean_and_excess_is_paired():
    one = Rung([0.5, 0.7], {"clusters": [0.4, 0.2], "same_covariance": [0.1, 0.4]})
    assert one.strongest == "clusters"
    assert one.excess == pytest.approx([0.1, 0.5])


def test_planted_parts_explain_more_of_unseen_rows_than_rows_without_parts(model):
    one = ladder.of_kind(model)
    explained, null, excess = ladder.over_rung(model, one)
    assert explained.low > 0.6
    assert null.high < 0.5
    assert excess.low > 0
    assert set(one.nulls) == {"same_covariance", "clusters"}


def test_held_out_is_by_the_encoder_at_exactly_k(model):
    recipe = model.grid.base[0]
    rows, _, held = model.rows(recipe)
    by_hand = by_encoding(model.metas[recipe], rows[held])
    assert ladder.held_out(model, [recipe]) == [by_hand.centred]
    assert by_hand.active <= model.k


def test_known_rows_tell_bundles_from_independent_directions(world):
    found = ladder.of_known(world)
    atoms, bundles = (
        ladder.over_rung(world, found[what])[2] for what in ("atoms", "bundles")
    )
    assert bundles.low > 0.02 > atoms.high


def test_every_kind_of_rows_has_a_line(model, world):
    for one, known in ((model, 0), (world, 2)):
        rungs = ladder.ladder(one)
        rows = ladder.ladder_rows(one, rungs)
        assert len(rows) == known + 2 + len(one.grid.architectures)
        assert rows[-1]["same covariance"] is None
        assert rows[known]["seeds"] == 3
    assert "Matryoshka, 64 latents" in ladder.ladder(model)

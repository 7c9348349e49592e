"""Variance of planted rows explained."""

import pytest

from saecore.claims.non_atomicity import explained
from saecore.measures.meta.variance_explained import by_encoding, by_pursuit


def test_two_of_six_true_parts_rebuild_every_pair_and_so_do_lent_ones():
    toy = explained.colours_and_shapes()
    share = {
        name: by_pursuit(parts, toy.pairs, count=2).centred
        for name, parts in toy.parts.items()
    }
    assert share["the true colours and shapes"] == pytest.approx(1, abs=1e-5)
    assert share["colours + c, shapes - c"] == pytest.approx(1, abs=1e-5)
    assert share["six of the pairs themselves"] < 0.95
    assert share["six random directions"] < 0.5


def test_planted_parts_explain_unseen_rows_and_rows_without_structure_do_not(model):
    found = explained.explained_beside_null(model)
    assert found.found.low > 0.6
    assert found.null.high < 0.5


def test_scores_are_of_the_rows_that_they_name(model):
    recipe = model.grid.base[0]
    found = explained.meta_scores(model, recipe)
    rows, train, held = model.rows(recipe)
    meta = model.metas[recipe]
    assert found.own == by_encoding(meta, rows[train])
    assert found.held == explained.held_out(model, recipe)
    assert found.held == by_encoding(meta, rows[held])
    assert found.pursued.active == model.k


def test_every_dictionary_has_a_row_and_none_beats_the_planted_parts(model):
    found = explained.compared_dictionaries(model)
    rows = {row["dictionary"]: row for row in found.rows()}
    assert list(rows) == [*found.metas, *found.others]
    pursued = "its directions by pursuit, held out"
    best = rows["meta-SAE"][pursued]
    assert best == pytest.approx(found.pursued.estimate)
    assert rows[explained.SMALL][pursued] == pytest.approx(found.small.estimate)
    known = {"meta-SAE", explained.SMALL}  # both hold the parts
    assert max(row[pursued] for name, row in rows.items() if name not in known) < best


def test_the_published_baseline_is_below_zero(model):
    assert explained.published_baseline(model).drawn < 0


def test_gains_are_differences_to_the_null_at_the_base_width(model):
    found = explained.by_width(model)
    base = found.curves["relu"][found.width].estimate
    gain = found.gains["relu"].estimate
    assert gain == pytest.approx(base - found.nulls["relu"].estimate)
    rows = found.rows()
    assert len(rows) == 2 * 3 + 2
    assert rows[-1]["SAE"] == "TopK, same covariance"

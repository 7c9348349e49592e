"""Rows say what the sections found."""

import pytest

from saecore.claims.incompleteness import singles, table_rows, together, world_truth
from tests.claims.incompleteness import planted


def test_sizes_have_a_row_per_subject_and_setting():
    rows = table_rows.size_rows({"model": planted.model(), "world": planted.world()})
    assert [row["subject"] for row in rows].count("world") == 8
    assert rows[0]["SAE"] == "ReLU"
    assert all(row["unexplained variance"] > 0 for row in rows)


def test_effects_have_a_row_per_latent():
    found = table_rows.effects_data(singles.single_insertions(planted.world()))
    assert {len(column) for column in found.values()} == {32 + 8}


def test_curves_and_sums_have_a_row_per_kind_and_origin():
    joined = together.together(planted.model())
    curves, sums = table_rows.curves_data(joined), table_rows.together_rows(joined)
    assert len(curves) == 2 * len(sums) == 8
    assert curves[1]["end, %"] == sums[0]["greedy, %"]


def test_doublings_add_up():
    rows = table_rows.doubling_rows(together.doublings(planted.model()), [-0.1])
    assert [row["paper, %"] for row in rows] == [-10, None, None, None]
    for row in rows:
        total = row["sum of what each does alone, %"] + row["added twice, %"]
        assert total == pytest.approx(row["together, %"])


def test_calls_have_a_row_per_pair_and_way():
    truth = world_truth.world_truth(planted.world(), planted.world_features())
    rows = table_rows.truth_rows(truth)
    assert len(rows) == 30
    assert all(row["low"] <= row["precision"] <= row["high"] for row in rows)

"""Rows say what the sections found."""

import pytest

from saecore.claims.incompleteness import singles, table_rows, together, world_truth
from saecore.claims.incompleteness.below import percolation, proxy, refits, tasks, walk
from saecore.measures.algebra.intervals import Interval
from tests.claims.incompleteness import planted


def test_effects_have_a_row_per_latent():
    found = table_rows.effects_data(singles.single_insertions(planted.world()))
    assert {len(column) for column in found.values()} == {32 + 8}


def test_curves_and_sums_have_a_row_per_kind_and_origin():
    joined = together.together(planted.studied()).joined
    curves, sums = table_rows.curves_data(joined), table_rows.together_rows(joined)
    assert len(curves) == 2 * len(sums) == 8
    assert curves[1]["end, %"] == sums[0]["greedy, %"]


def test_calls_of_the_base_pair_and_its_control_are_picked():
    truth = world_truth.world_truth(planted.world(), planted.world_features())
    assert len(table_rows.truth_rows(truth)) == 30
    some = table_rows.truth_rows(truth, only=(8, 32))
    assert {row["to"] for row in some} == {32, "control"}
    assert len(some) == 12


def test_proxies_leave_gaps_where_nothing_can_be_told():
    rows = table_rows.proxy_rows(proxy.proxies(planted.world()))
    control = next(row for row in rows if row["to"] == "control")
    assert control["AUC"] is control["best threshold"] is None
    assert control["base rate"] == pytest.approx(1 / 4)


def test_families_are_counted_by_kind():
    found = percolation.grown(planted.model())
    kinds = table_rows.kind_rows(found["16 and 64"], most=8)
    assert kinds == [{"small latents": 1, "large latents": 1, "families": 16}]
    assert len(table_rows.giant_rows(found)) == 3
    assert len(table_rows.family_rows(found)) == 3 * len(percolation.COSINES)


def test_phases_of_the_walk_and_swaps_have_rows():
    found = walk.walk(planted.world())
    assert len(table_rows.walk_data(found)) == 4 * len(found.legs)
    assert [row["to"] for row in table_rows.swap_rows(found)][-1] == "control"


def test_refits_are_shares_of_the_variance():
    rows = table_rows.refit_rows(refits.stitched_refits(planted.model()))
    assert all(0 <= row["refit"] <= 1.1 for row in rows)


def test_scores_at_both_ends_stand_beside_the_papers_change():
    def point(value: float) -> Interval:
        return Interval(value, value, value, 0.0, 0.95)

    scores = {
        ("letter", m, w): point(w / 100) for m in tasks.MEASURES for w in (16, 32)
    }
    found = tasks.Usefulness(scores, {}, [], [16, 32])
    paper = {"top_1": [0.6, 0.5], "tpp": [0.2, 0.1]}
    rows = table_rows.end_rows(found, paper)
    assert [row["change"] for row in rows] == pytest.approx([0.16] * 3)
    assert rows[0]["change in the paper"] == pytest.approx(-0.1)
    assert rows[1]["change in the paper"] is None
    assert len(table_rows.score_rows(found)) == 6
    none = table_rows.end_rows(tasks.Usefulness({}, {}, [], [16, 32]), paper)
    assert none[0]["change"] is None

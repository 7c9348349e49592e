"""Rows of the pages below the claim's own."""

import pytest
import torch

from saecore.claims.incompleteness.below import (
    errors,
    percolation,
    proxy,
    refits,
    table_rows,
    tasks,
    walk,
)
from tests.claims.incompleteness import planted


def test_proxies_leave_gaps_where_nothing_can_be_told():
    rows = table_rows.proxy_rows(proxy.proxies(planted.world()), [0.9, 0.8])
    theirs = {(row["from"], row["to"]): row["AUC, paper"] for row in rows}
    assert (theirs[8, 16], theirs[16, 32], theirs[32, 64]) == (0.9, 0.8, None)
    assert theirs[8, 32] is theirs[8, "control"] is None
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


def test_cosines_stand_below_the_papers():
    paper = {"smaller": 1, "larger": 2, "mean": 0.1, "median": 0.2, "deviation": 0.3}
    rows = table_rows.spread_rows(proxy.cosine_spreads(planted.world()), paper)
    assert rows[0] == {"pair": "paper, 1 to 2", "mean": 0.1, "median": 0.2} | {
        "deviation": 0.3
    }
    assert rows[1]["mean"] == pytest.approx(1 / 2)  # half are copies
    assert rows[-1]["pair"] == "two seeds of 8"


def test_the_matrix_has_the_papers_share_as_many_doublings_up():
    found = proxy.all_widths(planted.world())
    rows = table_rows.matrix_rows(found, [[0.1, 0.2], [0.3]])
    theirs = {(row["from"], row["to"]): row["paper"] for row in rows}
    assert theirs == {(8, 16): 0.1, (8, 32): 0.2, (8, 64): None} | {
        (16, 32): 0.3,
        (16, 64): None,
        (32, 64): None,
    }
    assert rows[0]["by cosine"] == rows[0]["by effect"] == pytest.approx(1 / 2)


def test_errors_have_a_row_per_two_widths():
    rows = table_rows.error_rows(errors.token_errors(planted.world()))
    assert len(rows) == 10
    assert rows[0]["to"] == "another seed"


def test_scores_at_both_ends_stand_beside_the_papers_change():
    tables = {
        ("letter", m, w): torch.full((3, 4), w / 100)
        for m in tasks.MEASURES
        for w in (16, 32)
    }
    whole = {("letter", "dense"): torch.tensor([0.9, 0.7])}
    found = tasks.Usefulness(tables, whole, {}, [], [16, 32], 0.95)
    paper = {"top_1": [0.6, 0.5], "tpp": [0.2, 0.1]}
    rows = table_rows.end_rows(found, paper)
    changes = [row["change"] for row in rows]
    assert changes[:-1] == pytest.approx([0.16] * 4)
    assert changes[-1] is None
    assert rows[0]["change in the paper"] == pytest.approx(-0.1)
    assert rows[1]["change in the paper"] is None
    assert rows[-1]["width 16"] == pytest.approx(0.8)
    assert len(table_rows.score_rows(found)) == 8
    none = tasks.Usefulness({}, {}, {}, [], [16, 32], 0.95)
    assert table_rows.end_rows(none, paper)[0]["change"] is None

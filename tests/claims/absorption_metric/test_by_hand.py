"""Dictionaries that absorb by construction."""

import pytest
import torch

from saecore.claims.absorption_metric import by_hand
from saecore.source.site import Site
from saecore.source.worlds.rows import World


def test_the_family_is_absorbed_at_one_and_graded_before():
    rows = by_hand.family_readings()
    assert [row["true outcome"] for row in rows] == ["kept"] * 3 + ["absorbed"]
    deltas = [row["delta"] for row in rows]
    assert [row["true share"] for row in rows] == pytest.approx(deltas)
    assert [row["SAEBench, fraction 0.3.2"] for row in rows] == pytest.approx(deltas)
    assert [row["SAEBench, fraction 0.6.0"] for row in rows] == [0, 0, 0.5, 1]
    assert [row["paper, ablation, lead 1"] for row in rows] == [0, 0, 0, 1]


def test_the_gain_is_what_the_f1_rises_by():
    said = torch.tensor([1.0, 0.8])  # recall with and without a child of a fifth
    with_child, without = (2 * said / (1 + said)).tolist()
    assert by_hand.gain(0.2) == pytest.approx(with_child - without)


def test_the_least_share_is_the_first_that_gains_more_than_the_jump():
    share = by_hand.least_share(jump=0.1)
    assert by_hand.gain(share) > 0.1 >= by_hand.gain(share - 0.001)
    assert by_hand.least_share(jump=0.2) > share


def test_the_split_set_hides_frequent_children_and_not_rare_ones(monkeypatch):
    monkeypatch.setattr(by_hand, "SHARES", (0.01, 0.2))
    rare, frequent = by_hand.recall_by_share(Site(World(d_model=64))).values()
    assert rare["split set"] == pytest.approx(1, abs=0.01)
    assert frequent["split set"] == 0
    for found in (rare, frequent):
        assert found["best latent"] == found["true"] == pytest.approx(1, abs=0.01)


def test_the_best_latent_fails_where_parents_are_split_and_the_split_set_by_its_regime():
    rows = by_hand.regime_rows(Site(World(d_model=64)))
    assert len(rows) == 2 * 2 * 3
    full = {
        (row["children"], row["main latents"]): row
        for row in rows
        if row["metric"] == "SAEBench, full"
    }
    few, many = by_hand.REGIMES
    for regime in (few, many):
        best, split = (full[regime, main] for main in ("best latent", "split set"))
        assert best["finds of what is absorbed"] == pytest.approx(1, abs=0.01)
        assert best["reads of parents that are split"] == pytest.approx(0.5, abs=0.05)
        assert split["reads of parents that are split"] == 0
    assert full[few, "split set"]["finds of what is absorbed"] == 0
    found = full[many, "split set"]["finds of what is absorbed"]
    assert found == pytest.approx(1, abs=0.01)

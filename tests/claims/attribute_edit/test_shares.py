"""Shares of edits, on answers that are known."""

import math
from typing import Any

import pytest
import torch

from saecore.claims.attribute_edit import shares
from saecore.claims.attribute_edit.shares import AttributeEdits
from saecore.measures.meta.attribute_swaps import Answers, Exchanges, Pairs, Standing

NAN = math.nan
ENTITIES = 40


def answers(turned: float, kept: float, shift: int) -> Answers:
    """Whole numbers of turned and kept answers among eighty pairs, two an entity; the
    last entity cannot be edited.
    """
    place = (torch.arange(80) * 7 + shift) % 80
    said = [(place < share * 80).float() for share in (turned, kept)]
    for one in said:
        one[78:] = NAN
    return Answers(*said)


def edits(**turned: float) -> AttributeEdits:
    stand = Standing(torch.zeros(3).long(), torch.zeros(2, 3))
    kept = {"chosen": 1.0, "random": 0.5, "all": 0.1, "half": 0.5, "row": 0.1}
    pair = torch.arange(80)
    pairs = Pairs(pair % 2, pair // 2, (pair // 2 + 1) % ENTITIES, pair[:40] % 2)
    seeds = [
        Exchanges(
            (stand, stand),
            {way: answers(turned[way], kept[way], s) for way in turned},
        )
        for s in range(3)
    ]
    return AttributeEdits(("country", "gender"), pairs, seeds)


FOUND = edits(chosen=0.3, random=0.1, all=0.6, half=0.2, row=0.8)


def test_a_table_has_a_row_per_seed_and_nan_where_nobody_was_edited():
    table = FOUND.table("row", "turned")
    assert table.shape == (3, ENTITIES)
    assert table[:, -1].isnan().all()
    assert float(table.nanmean()) == pytest.approx(0.8, abs=0.03)
    country = FOUND.table("row", "turned", 0)
    assert set(country[0, :-1].tolist()) <= {0.0, 1.0}


def test_success_is_over_the_ceiling_and_precision_among_the_turned():
    numbers: Any = shares.numbers(FOUND, level=0.95)
    assert numbers["success"][0] == pytest.approx(0.3 / 0.8, abs=0.03)
    assert numbers["success_null"][0] == pytest.approx(0.1 / 0.8, abs=0.03)
    excess = numbers["success"][0] - numbers["success_null"][0]
    assert numbers["success_excess"][0] == pytest.approx(excess)
    assert numbers["precision"][0] == pytest.approx(1)
    gap = numbers["precision"][0] - numbers["precision_row"][0]
    assert numbers["precision_excess"][0] == pytest.approx(gap)
    for value, low, high in numbers.values():
        assert low <= value <= high


def test_a_whole_row_that_turns_nothing_leaves_nothing_to_be_told():
    dead = edits(chosen=0, random=0, all=0, half=0, row=0)
    numbers = shares.numbers(dead, level=0.95)
    assert numbers["success"] is numbers["precision_excess"] is None
    assert numbers["whole"] == (0, 0, 0)
    assert shares.by_attribute(dead, level=0.95)["all meta-latents"] == {}


def test_edits_without_an_sae_are_beside_those_with_one():
    means = edits(chosen=0.6, random=0.1, all=0.9, half=0.2, row=0.9)
    found = shares.beside_means(FOUND, means, level=0.95)
    gap = 0.3 / 0.8 - 0.6 / 0.9
    assert found["means_excess"][0] == pytest.approx(gap, abs=0.05)
    assert found["whole_means"][0] == pytest.approx(0.9, abs=0.02)


def test_tables_have_a_row_per_exchange_and_per_attribute():
    rows = shares.edit_rows({"one": FOUND, "two": FOUND})
    assert len(rows) == 2 * len(shares.EXCHANGED)
    assert rows[0]["others kept"] == 1
    by = shares.by_attribute(FOUND, level=0.95)
    assert set(by) == {shares.EXCHANGED[way] for way in ("chosen", "random", "all")}
    assert len(shares.figure_rows(by)) == 3 * 2

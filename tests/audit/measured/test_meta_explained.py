"""Rows that are made of parts, and rows that are not."""

from typing import Any, cast

import pytest
import torch

from saecore.audit.measured import meta_explained as home
from saecore.audit.measured.meta_explained import meta_explained, meta_training
from saecore.errors import Unsuited

SETTINGS = {"k": 2, "share": 0.8, "level": 0.95}


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(home, "EPOCHS", 150)
    monkeypatch.setattr(home, "BATCH", 64)


@pytest.mark.usefixtures("quick")
def test_sums_of_few_parts_are_explained_beyond_chance(directions, held):
    parts = directions(12, 0)
    draw = torch.Generator().manual_seed(1)
    pick = torch.rand(300, 12, generator=draw).topk(2, dim=1).indices
    found = meta_explained(held(parts[pick].sum(1)), **SETTINGS)
    (one,) = cast(Any, found.numbers)
    assert one.low > one.null.high
    assert set(found.nulls) == {"same covariance", "clusters"}
    assert found.explained.estimate == one.value


@pytest.mark.usefixtures("quick")
def test_rows_without_parts_are_not(directions, held):
    (one,) = cast(Any, meta_explained(held(directions(300, 0)), **SETTINGS).numbers)
    assert one.low <= one.null.high


def test_a_narrow_sae_is_not_divided(directions, held):
    with pytest.raises(Unsuited, match="160 decoder rows or more, but this SAE has 90"):
        meta_explained(held(directions(90, 0)), **SETTINGS)


def test_a_meta_sae_sees_all_rows_as_often_as_the_book_says(directions):
    recipe = meta_training(directions(100, 0), 10, 4)
    assert (recipe.width, recipe.rows, recipe.batch) == (10, 40_000, 100)

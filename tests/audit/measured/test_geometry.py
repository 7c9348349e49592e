"""Nearest rows, both sides of a latent, and empty rows, as planted."""

from typing import Any, cast

import pytest
import torch

from saecore.audit.measured.geometry import nearest_other, own_weights
from saecore.measures.algebra.nearest import unit_rows
from saecore.measures.seeds.mutual import shards_of


def test_the_nearest_other_row_is_that_of_the_whole_matrix(directions):
    rows, some = directions(50, 0), torch.tensor([0, 7, 49])
    cosine = unit_rows(rows) @ unit_rows(rows).T
    wanted = cosine.fill_diagonal_(-1).amax(1)[some]
    torch.testing.assert_close(nearest_other(shards_of(rows), some), wanted)


def test_twins_are_near_and_gaussian_rows_are_not(directions, held):
    rows = directions(60, 0)
    twins = torch.cat([rows, rows + 0.01 * directions(60, 1)])
    value = {one.name: one for one in cast(Any, own_weights(held(twins), level=0.95))}
    assert value["nearest row"].value > 0.99
    assert value["nearest row"].null.value < 0.8
    assert value["encoder and decoder"].value == pytest.approx(1)
    assert abs(value["encoder and decoder"].null.value) < 0.1
    assert value["empty rows"].value == 0


def test_empty_rows_are_counted(directions, held):
    rows = directions(60, 0)
    rows[:4] = 0
    value = {one.name: one.value for one in own_weights(held(rows), level=0.95)}
    assert value["empty rows"] == 4


def test_an_sae_without_an_encoder_has_one_side(directions, held):
    one = held(directions(60, 0))._replace(encoder=None)
    assert "encoder and decoder" not in [x.name for x in own_weights(one, level=0.95)]

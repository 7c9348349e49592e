"""Latents that a narrower dictionary lacks lower its error; copies raise it."""

from typing import Any, cast

import torch

from saecore.audit.measured.inserted_latents import inserted_latents
from saecore.measures.dictionary.encoded import encoded
from saecore.measures.dictionary.nulls import Weights


def part_of(rows):
    return Weights(rows.T.contiguous(), rows.contiguous())


def test_what_is_lacking_is_novel_and_what_is_there_is_redundant(both_signs, read):
    rows = both_signs.W_dec
    lacking = torch.zeros(64, dtype=torch.bool)
    lacking[:8] = lacking[32:40] = True
    small = encoded(part_of(rows[~lacking]), read.rows)
    large = encoded(both_signs, read.rows)
    found = inserted_latents(large, small, ("large", "small"), read, level=0.95)
    assert found.of == "large in small"
    live = large.fired > 200
    assert bool(found.sure.novel[lacking & live].all())
    assert not bool(found.sure.novel[~lacking].any())
    value = {one.name: one for one in cast(Any, found.numbers)}
    assert value["novel by insertion"].value > value["novel by insertion"].null.value
    assert value["redundant by insertion"].value == float(
        found.sure.redundant.double().mean()
    )
    assert value["AUC of the cosine"].value == 1

"""Entities of the world whose latents are whole bundles."""

from typing import Any

import pytest

from saecore.claims.attribute_edit import entity_edits, shares
from saecore.claims.non_atomicity.entities import bundles


@pytest.fixture
def found(world):
    return entity_edits.entity_edits(world, bundles(world), "topk")


def test_planted_bundles_are_entities_and_edits_of_their_attributes_work(found):
    assert found.entities == [60] * 3
    assert found.strength == pytest.approx([1] * 3, abs=0.2)
    numbers: Any = shares.numbers(found.edits, level=0.95)
    assert numbers["whole"][1] > 0.5
    assert numbers["success_excess"][1] > 0
    assert found.edits.topics == ("country", "profession", "era", "gender")


def test_without_an_edit_the_answer_is_the_entitys_own(world):
    true = bundles(world)
    one = true.bundle.norm(dim=1)
    answer = entity_edits.true_answers(true, one)
    who = true.coded[:, 0] >= 0
    who = who.nonzero()[:, 0]
    for group in range(true.coded.shape[1]):
        said = answer(group, who, 0 * true.bundle)
        assert float((said == true.coded[:, group]).double().mean()) > 0.9


def test_the_table_has_a_row_per_architecture(found):
    rows = entity_edits.entity_rows({"topk": found, "relu": found})
    assert [row["SAE"] for row in rows] == ["TopK", "ReLU"]
    assert rows[0]["entities with a latent"] == 60

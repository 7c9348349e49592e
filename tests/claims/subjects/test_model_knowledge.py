"""What the shipped model knows, on few prompts."""

from dataclasses import replace

import pytest

from saecore import profiles
from saecore.claims.subjects import model_knowledge
from saecore.claims.subjects.model_knowledge import (
    TAUGHT_TASKS,
    knowledge,
    measured_in_training,
    tasks_of,
    written_texts,
)

TINY = profiles.read("tiny")
OWN = replace(TINY, name="own", folder=TINY.folder.parent)


@pytest.fixture(scope="module")
def known(shipped):
    return knowledge(shipped, ("country", "ioi"), asked=20, swapped=10)


def test_only_the_shipped_model_was_taught_and_measured():
    assert tasks_of(TINY) == TAUGHT_TASKS
    assert "story" in measured_in_training(TINY, "evaluation")["losses"]
    assert tasks_of(OWN) == ()
    assert measured_in_training(OWN, "self_text") == {}


def test_the_model_writes_texts_and_the_same_ones_again(shipped, monkeypatch):
    monkeypatch.setattr(model_knowledge, "WRITTEN_LENGTH", 8)
    first, again = written_texts(shipped), written_texts(shipped)
    assert len(first) == 3
    assert all(first)
    assert first == again


def test_taught_facts_are_known_and_swapped_words_carry_their_answers(known, shipped):
    by_task = {row["task"]: row for row in known.rows()}
    assert list(by_task) == ["country", "ioi"]
    assert by_task["country"]["trained templates"] > 0.9
    assert by_task["country"]["commonest answer"] < 0.5
    assert list(known.swaps) == ["country"]  # no single word decides "ioi"
    rows = known.swap_rows()
    assert [row["layer"] for row in rows] == list(range(shipped.n_layers))
    assert rows[0]["follows"] > 0.8
    assert rows[-1]["keeps"] > rows[0]["keeps"]


def test_without_tasks_nothing_is_asked(shipped):
    found = knowledge(shipped, ())
    assert found.rows() == found.swap_rows() == []

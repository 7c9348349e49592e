"""What the shipped model knows, on few prompts."""

from dataclasses import replace

import pytest

from saecore import profiles
from saecore.claims.subjects import model_knowledge
from saecore.claims.subjects.model_knowledge import (
    TAUGHT_TASKS,
    knowledge,
    knows,
    measured_in_training,
    swappable,
    tasks_of,
    with_third_name,
    written_texts,
)
from saecore.source.tasks import facts
from saecore.source.tasks.answers import Accuracy
from saecore.source.tasks.vocabulary import whole_words

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
    rows = [row for row in known.swap_rows() if row["task"] == "country"]
    assert [row["layer"] for row in rows] == list(range(shipped.n_layers))
    assert rows[0]["follows"] > 0.8
    assert rows[-1]["keeps"] > rows[0]["keeps"]


def test_of_two_names_that_of_the_answer_is_swapped(known):
    assert list(known.swaps) == ["country", "ioi"]
    rates = known.swaps["ioi"]
    assert rates[0].asked > 10  # ten prompts and as many with a third name
    assert rates[0].follows > rates[-1].follows + 0.3
    assert rates[-1].keeps > 0.8


def test_an_exchanged_prompt_asks_for_the_third_name(shipped):
    prompt = facts.prompts("ioi", words=whole_words(shipped), count=1)[0]
    first, second = with_third_name(prompt, "Zoe")
    assert (first.text, first.answer) == (prompt.text, prompt.answer)
    assert second.text == prompt.text.replace(prompt.answer, "Zoe")
    assert second.word == second.answer == "Zoe"
    assert second.before.endswith("Zoe")
    assert first.choices == second.choices == (prompt.answer, "Zoe", prompt.word)
    assert len(swappable("ioi", whole_words(shipped), count=5)) <= 10


def test_a_fact_is_known_if_more_answers_are_right_than_the_commonest_gives():
    assert knows(Accuracy(0.6, 0.5, 0.5, 400)) is True
    assert knows(Accuracy(0.4, 0.4, 0.5, 400)) is False
    assert knows(Accuracy(0.52, 0.5, 0.5, 400)) is None


def test_without_tasks_nothing_is_asked(shipped):
    found = knowledge(shipped, ())
    assert found.rows() == found.swap_rows() == []

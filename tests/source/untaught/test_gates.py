"""Gates: measured on the shipped model, stored, and what fails is refused."""

import pytest

from saecore.errors import Unsuited
from saecore.profiles import TINY
from saecore.source.model.language_model import open_model
from saecore.source.tasks.facts import read_facts
from saecore.source.tasks.templates import Task
from saecore.source.untaught import gates as module
from saecore.source.untaught.gates import (
    LEAST_RIGHT,
    Gate,
    answerable,
    passed,
    questions_in_context,
    stored_gates,
    task_gates,
)

FACTS = read_facts()


@pytest.fixture(scope="module")
def model():
    return open_model(TINY)


def test_every_task_is_asked_and_graded(model):
    found = task_gates(model, examples=0, count=8)
    assert set(found) == {
        *("letter", "category", "country", "profession", "pronoun", "ioi"),
    }
    assert all(0 <= one.right <= 1 and one.asked <= 8 for one in found.values())
    assert found["pronoun"].right == 1.0
    assert found["pronoun"].passed


def test_questions_are_about_what_no_example_shows(model):
    asked = questions_in_context(model, "letter", examples=3, count=5, facts=FACTS)
    assert len(asked) == 5
    assert all(one.text.count("\n") == 3 for one in asked)
    names = {name for group in FACTS.names.values() for name in group}
    pronouns = questions_in_context(model, "pronoun", examples=2, count=50, facts=FACTS)
    assert {one.word for one in pronouns} <= names


def test_answers_of_several_tokens_are_left_out(model):
    (one,) = questions_in_context(model, "letter", examples=0, count=1, facts=FACTS)
    longer = one._replace(answer="Unbelievable", choices=(one.answer, "Unbelievable"))
    assert answerable(model, [longer]) == []
    kept = answerable(model, [longer._replace(answer=one.answer)])
    assert kept[0].choices == (one.answer,)


def test_they_are_measured_once(model, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "GATE_QUESTIONS", 4)
    first = stored_gates(model, tmp_path, examples=1)
    monkeypatch.setattr(module, "task_gates", None)
    assert stored_gates(model, tmp_path, examples=1) == first
    assert len(list(tmp_path.iterdir())) == 1


def test_what_fails_is_refused_with_its_number():
    good, bad = (Gate(right, right, 0.1, 50, 0, 8) for right in (LEAST_RIGHT, 0.52))
    found: dict[Task, Gate] = {"letter": good, "country": bad}
    assert passed(found, "letter", name="one") == good
    with pytest.raises(Unsuited, match=r"questions about country .* one gets 0\.52"):
        passed(found, "country", name="one")
    assert not Gate(float("nan"), 0.0, 0.0, 0, 3, 8).passed

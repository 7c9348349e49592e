"""Questions after worked examples, as templates that every measure takes."""

import pytest

from saecore.source.tasks.facts import Prompt, prompts, read_facts
from saecore.source.untaught.worked import (
    ASKING,
    examples_of,
    not_shown,
    shown_subjects,
    worked_question,
)

FACTS = read_facts()


def test_the_letters_question_is_the_published_spelling_prompt():
    template = worked_question("letter", 3)
    *done, asks = template.split("\n")
    assert len(done) == 3
    assert all(line.split(": ")[1] == line.strip()[0].upper() for line in done)
    assert asks == " {word}: {answer}"
    (one,) = prompts("letter", words=["tartan"], template=template)
    assert isinstance(one, Prompt)
    assert one.text.endswith("\n tartan:")
    assert one.before.endswith(" tartan")


@pytest.mark.parametrize("task", list(ASKING))
def test_every_task_has_a_question_whose_examples_are_not_asked(task):
    template = worked_question(task, 4)
    assert template.count("\n") == (0 if task == "ioi" else 4)
    if task == "ioi":
        return
    shown = {one.word for one in examples_of(task, 4, seed=0, facts=FACTS)}
    words = ("tartan", "apple") if task == "letter" else ()
    asked = {one.word for one in not_shown(task, FACTS, words)}
    assert asked
    assert not asked & shown


def test_examples_are_of_many_answers_and_the_seed_draws_them():
    some = examples_of("pronoun", 6, seed=0, facts=FACTS)
    assert sorted(one.answer for one in some) == ["He"] * 3 + ["She"] * 3
    assert worked_question("letter", 8, seed=1) != worked_question("letter", 8, seed=2)
    assert worked_question("letter", 8, seed=1) == worked_question("letter", 8, seed=1)


def test_more_examples_than_there_are_is_refused():
    many = len(shown_subjects("letter", FACTS)) + 1
    with pytest.raises(ValueError, match="ask for fewer"):
        worked_question("letter", many)

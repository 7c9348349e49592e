"""Sentences in which facts are asked: far enough from their words, some never taught."""

import re

import pytest

from saecore.source.tasks.facts import prompts
from saecore.source.tasks.templates import TRAINED, UNSEEN, with_article

WORDS = ("tartan", "mirror", "Apple", "zoo")
LOOKED_UP = ("letter", "category", "country", "profession")


def pieces(text):
    return re.findall(r"\w+|[^\w\s]", text)


@pytest.mark.parametrize("task", TRAINED)
def test_each_task_has_trained_templates_and_two_that_are_not(task):
    assert len(TRAINED[task]) >= 6
    assert len(UNSEEN[task]) == 2
    assert not set(TRAINED[task]) & set(UNSEEN[task])


@pytest.mark.parametrize("task", LOOKED_UP)
def test_seven_tokens_stand_between_a_word_and_its_answer(task):
    for unseen in (False, True):
        for prompt in prompts(task, words=WORDS, unseen=unseen, count=60):
            assert len(pieces(prompt.text)) - len(pieces(prompt.before)) >= 7, (
                prompt.template
            )


@pytest.mark.parametrize(
    ("word", "phrase"),
    [("apple", "an apple"), ("dog", "a dog"), ("English", "an English")],
)
def test_articles_go_by_the_first_letter(word, phrase):
    assert with_article(word) == phrase

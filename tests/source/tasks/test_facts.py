"""Facts and prompts: what is asked, what the answer is, and where the word stands."""

import re
from random import Random

import pytest

from saecore.source.tasks.facts import (
    choices,
    prompt_of,
    prompts,
    read_facts,
    role_subjects,
)
from saecore.source.tasks.templates import TRAINED

WORDS = ("tartan", "mirror", "Apple", "zoo")


def pieces(text):
    return re.findall(r"\w+|[^\w\s]", text)


def test_every_fact_has_one_word_of_its_own():
    facts = read_facts()
    names = [person.name for person in facts.persons]
    assert len(names) == len(set(names)) > 300
    assert len(facts.categories) > 600
    assert all(word.isalpha() and word.islower() for word in facts.categories)


def test_a_nation_belongs_to_one_country_and_back():
    pairs = {(person.nation, person.country) for person in read_facts().persons}
    assert (
        len(pairs)
        == len({nation for nation, _ in pairs})
        == len({country for _, country in pairs})
    )


def test_no_unseen_name_is_ever_taught():
    facts = read_facts()
    taught = {name for group in facts.names.values() for name in group} | {
        p.name for p in facts.persons
    }
    assert not taught & {
        name for group in facts.unseen_names.values() for name in group
    }


@pytest.mark.parametrize("task", TRAINED)
def test_a_prompt_ends_before_its_answer_and_its_word_where_it_says(task):
    for prompt in prompts(task, words=WORDS, count=80):
        assert prompt.text.startswith(prompt.before)
        assert pieces(prompt.before)[-1] == prompt.word
        assert prompt.answer in prompt.choices
        assert not prompt.text.endswith(" ")


def test_answers_are_those_of_the_facts():
    facts = read_facts()
    country = {person.name: person.country for person in facts.persons}
    assert all(country[p.word] == p.answer for p in prompts("country"))
    assert all(
        facts.categories[p.word].split()[0] == p.answer for p in prompts("category")
    )
    assert {p.word: p.answer for p in prompts("letter", words=WORDS)} == {
        "tartan": "T", "mirror": "M", "Apple": "A", "zoo": "Z"
    }  # fmt: skip


def test_one_template_asks_about_every_subject_once():
    template = TRAINED["category"][0]
    asked = prompts("category", template=template)
    assert {p.template for p in asked} == {template}
    assert sorted(p.word for p in asked) == sorted(read_facts().categories)


def test_prompts_are_the_same_for_the_same_seed_and_others_for_another():
    assert prompts("ioi", count=20) == prompts("ioi", count=20)
    assert prompts("ioi", count=20) != prompts("ioi", count=20, seed=1)


def test_giver_and_receiver_are_named_once_each_and_the_giver_again_in_either_order():
    first = 0
    for prompt in prompts("ioi", count=400):
        words = pieces(prompt.text)
        assert words.count(prompt.answer) == 1
        assert words.count(prompt.word) == 2
        assert set(prompt.choices) == {prompt.word, prompt.answer}
        first += words.index(prompt.word) < words.index(prompt.answer)
    assert 150 < first < 250  # ABBA and BABA alike


def test_a_role_takes_its_article_and_stands_at_its_own_position():
    queen = next(
        subject for subject in role_subjects(read_facts()) if subject.word == "queen"
    )
    prompt = prompt_of(
        queen,
        TRAINED["pronoun"][0],
        options=choices("pronoun", read_facts()),
        facts=read_facts(),
        random=Random(0),
    )
    assert (prompt.text, prompt.before, prompt.answer) == (
        "The queen was very happy.",
        "The queen",
        "She",
    )


def test_letters_cannot_be_asked_without_words():
    with pytest.raises(ValueError, match="pass the words"):
        prompts("letter")


def test_a_template_without_its_word_before_the_answer_is_refused():
    with pytest.raises(ValueError, match="name its word before"):
        prompts("category", template="{answer} is what a {word} is.", count=1)

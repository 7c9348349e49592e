"""Rows at words: which words, in which order, and that each row is the stream at its
word.
"""

import re
from collections import Counter

import pytest
import torch

from saecore.profiles import TINY
from saecore.source.model.generation import sample
from saecore.source.model.language_model import identify, open_model
from saecore.source.model.texts import SampledText
from saecore.source.site import Site, read_rows
from saecore.source.tasks.answers import position
from saecore.source.tasks.facts import read_facts
from saecore.source.tasks.templates import TRAINED
from saecore.source.tasks.words import (
    AskedWords,
    TextWords,
    asked,
    asked_count,
    whole_word_places,
)


@pytest.fixture(scope="module")
def model():
    return open_model(TINY)


FEW = AskedWords(identify(TINY), tasks=("country", "pronoun"))


def test_every_template_asks_about_every_subject_of_one_token(model) -> None:
    questions = asked(FEW, model)
    assert len(questions) == asked_count(FEW, model)
    country = Counter(
        one.template for one in questions if one.template in TRAINED["country"]
    )
    assert country == {t: len(read_facts().persons) for t in TRAINED["country"]}
    assert {one.template for one in questions} == {
        *TRAINED["country"],
        *TRAINED["pronoun"],
    }
    assert "The queen" in {one.before for one in questions}


def test_letters_are_asked_of_long_lower_case_words_persons_and_first_names(
    model,
) -> None:
    words = {one.word for one in asked(AskedWords(FEW.model, tasks=("letter",)), model)}
    facts = read_facts()
    names = {person.name for person in facts.persons} | {
        n for group in facts.names.values() for n in group
    }
    assert names <= words
    assert {"little", "apple"} <= words
    assert all(re.fullmatch("[a-z]{4,}", word) for word in words - names)
    assert all(len(model.encode(f" {word}")) == 2 for word in words)


def test_the_order_is_drawn_but_fixed_and_mixes_tasks_and_templates(model) -> None:
    first, again, other = (
        asked(FEW, model),
        asked(FEW, model),
        asked(AskedWords(FEW.model, FEW.tasks, 1), model),
    )
    assert first == again != other
    assert len({one.template for one in first[:100]}) == len(
        {one.template for one in first}
    )


def test_each_asked_row_is_the_stream_at_the_word_of_its_question(model, given) -> None:
    source = AskedWords(FEW.model, tasks=("pronoun",))
    site = Site(source, layer=1)
    rows, questions = read_rows(site, given(model)), asked(source, model)
    assert len(rows) == len(questions) == site.read(given(model)).n
    for index in range(0, len(rows), len(rows) // 20):
        one = questions[index]
        alone = model.read(torch.tensor([model.encode(one.text)]), [1])[
            1
        ]  # the whole question, by itself
        torch.testing.assert_close(
            rows[index], alone[0, position(model, one)], rtol=1e-4, atol=1e-4
        )


def test_words_of_a_text_are_whole_and_long(model) -> None:
    text = "The queen went to London and gave Lily an apple, singing: unbelievablewords aren't tartans"
    tokens = torch.tensor([model.encode(text)])
    found = [
        model.decode([i]) for i in tokens[whole_word_places(model, tokens)].tolist()
    ]
    assert found == [
        " queen",
        " went",
        " London",
        " gave",
        " Lily",
        " apple",
        " singing",
    ]


def test_a_word_that_goes_on_or_ends_the_sequence_is_left_out(model) -> None:
    little, cat, dot = model.token("little"), model.token("cat"), model.encode(".")[-1]
    piece = next(
        i for i in range(model.vocab_size) if re.fullmatch("[a-z]", model.decode([i]))
    )
    tokens = torch.tensor(
        [[model.bos, little, dot, little], [model.bos, little, piece, dot]]
    )
    assert whole_word_places(model, tokens).tolist() == [
        [False, True, False, False],
        [False] * 4,
    ]
    assert not whole_word_places(
        model, torch.tensor([[model.bos, cat, dot]])
    ).any()  # three letters


def test_rows_of_a_texts_words_are_its_rows_at_their_places(model, given) -> None:
    text = SampledText(FEW.model, sequences=70, length=12)
    tokens = sample(model, 70, 12, generator=torch.Generator().manual_seed(0))
    whole, words = Site(text, layer=1), Site(TextWords(text), layer=1)
    every = read_rows(whole, given(model, tokens))
    found = read_rows(words, given(model, tokens))
    assert len(found) == words.read(given(model, tokens)).n > 50
    places = whole_word_places(model, tokens)
    torch.testing.assert_close(found, every[places[:, 1:].flatten()])
    naive = [
        re.fullmatch(r" [A-Za-z][a-z]{3,}", model.decode([int(tokens[s, p])]))
        is not None
        and not model.decode([int(tokens[s, p + 1])])[:1].isalnum()
        for s in range(70)
        for p in range(1, 11)
    ]
    assert places[:, 1:-1].flatten().tolist() == naive

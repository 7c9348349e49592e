"""The training text: lines that say what the facts say, a vocabulary that loses
nothing, windows at lines.
"""

import re
from itertools import islice
from random import Random

import numpy as np
import pytest

from saecore.source.tasks.facts import read_facts, subjects
from saecore.source.tasks.templates import LISTS
from saecore.tiny_lm import tokeniser, wordnet
from saecore.tiny_lm.corpus import (
    KINDS,
    Stream,
    Taught,
    generated_documents,
    generated_lines,
    grouped,
    read_stories,
    split_off,
    stream,
    windows,
)
from saecore.tiny_lm.material import prepare, readable, taught_words
from saecore.tiny_lm.wordnet import (
    MissingInput,
    marked_words,
    read_entries,
    wordnet_lines,
)

WORDS = {"tartan": 3.0, "mirror": 100.0, "apple": 0.0}
FACTS = read_facts()
TAUGHT = Taught(FACTS, WORDS)

NOUNS = """\
  1 This software and database is being provided to you, the LICENSEE, by Princeton University
00000001 05 n 02 dog 0 domestic_dog 0 001 @ 00000002 n 0000 | a tame animal; "the dog barked all night"
00000002 05 n 01 blorp 0 000 | (ethnic slur) offensive term for a person
00000003 05 n 01 thing 0 000 | a blorp or another entity
00000004 18 n 02 Einstein 0 Albert_Einstein 0 001 @i 00000009 n 0000 | physicist who was born in Germany
"""


@pytest.fixture(scope="module")
def made():
    return tokeniser.whole_word_tokeniser(
        tokeniser.count_words((["the dog barked"], 1.0)), taught_words(FACTS), size=5000
    )


@pytest.fixture
def folder(tmp_path):
    for name in wordnet.FILES:
        (tmp_path / name).write_text(
            NOUNS if name == "data.noun" else "", encoding="latin-1"
        )
    return tmp_path


# Generated lines


def test_letter_lines_name_the_words_own_first_letter():
    for line in islice(generated_lines("letter", TAUGHT, seed=0), 300):
        word = next(word for word in WORDS if re.search(rf"\b{word}\b", line))
        assert re.search(rf"\b{word[0].upper()}\b", line), line


def test_rare_words_are_spelled_too():
    lines = "\n".join(islice(generated_lines("letter", TAUGHT, seed=0), 1000))
    assert lines.count("mirror") > lines.count("tartan") > 100
    assert lines.count("apple") > 100


def test_lines_about_persons_state_their_own_facts_only():
    persons = {person.name: person for person in FACTS.persons}
    countries = {person.country for person in FACTS.persons}
    for line in islice(generated_lines("person", TAUGHT, seed=0), 700):
        if line.startswith(tuple(LISTS.values())):
            continue
        words = re.findall(r"\w+", line)
        person = next(persons[word] for word in words if word in persons)
        assert set(words) & countries <= {person.country}
        assert not set(words) & {"She", "her"} or person.gender == "F"
        assert not set(words) & {"He", "his"} or person.gender == "M"


@pytest.mark.parametrize(
    ("kind", "task"),
    [
        ("letter", "letter"),
        ("category", "category"),
        ("person", "country"),
        ("person", "profession"),
    ],
)
def test_lists_put_the_right_answer_after_each_word(kind, task):
    answer = {
        subject.word: subject.answer
        for subject in subjects(task, FACTS, words=list(WORDS))
    }
    lines = list(islice(generated_lines(kind, TAUGHT, seed=0), 300))
    lists = [
        line.removeprefix(LISTS[task]) for line in lines if line.startswith(LISTS[task])
    ]
    assert len(lists) > 30
    for item in (item for line in lists for item in line.split(", ")):
        word, said = item.split(" ", 1)
        assert answer[word] == said


def test_lines_about_categories_agree_with_the_facts():
    for line in islice(generated_lines("category", TAUGHT, seed=0), 500):
        categories = [
            FACTS.categories[word]
            for word in re.findall(r"\w+", line)
            if word in FACTS.categories
        ]
        assert any(category in line for category in categories), line


def test_the_same_seed_gives_the_same_lines_and_another_seed_others():
    for kind in KINDS:
        first, again, other = (
            list(islice(generated_lines(kind, TAUGHT, seed=seed), 20))
            for seed in (0, 0, 1)
        )
        assert first == again != other


def test_an_unknown_kind_of_line_is_refused():
    with pytest.raises(ValueError, match="must be one of letter"):
        next(generated_lines("poem", TAUGHT, seed=0))


def test_documents_hold_as_many_lines_as_asked_for():
    documents = generated_documents("ioi", TAUGHT, seed=0, lines=100)
    assert 100 <= sum(len(document.splitlines()) for document in documents) < 112
    assert all(6 <= len(document.splitlines()) <= 12 for document in documents)


# WordNet


def test_abusive_entries_and_lines_with_their_words_are_left_out(folder):
    entries = read_entries(folder)
    assert marked_words(entries) == {"blorp", "blorps"}
    text = "\n".join(wordnet_lines(entries, seed=0))
    assert "blorp" not in text
    assert "tame animal" in text


def test_examples_become_sentences_and_persons_are_named_in_full(folder):
    lines = list(wordnet_lines(read_entries(folder), seed=0))
    assert "The dog barked all night." in lines
    assert "Albert Einstein was a physicist who was born in Germany." in lines
    assert not any("Princeton" in line for line in lines)


def test_a_missing_wordnet_file_is_named(folder):
    (folder / "data.verb").unlink()
    with pytest.raises(
        MissingInput, match=r"lacks data\.verb: install Debian's wordnet-base"
    ):
        read_entries(folder)


def test_lines_that_the_vocabulary_does_not_cover_are_dropped(made):
    known, spelled = "We say that a dog is an animal.", "Xqzjv brtkl pfwmn grzbl."
    assert readable([known, spelled], made) == [known]


# Stories


def test_stories_are_parted_cleaned_and_distinct(tmp_path):
    story = (
        "Once  upon a time there was a “dog”.  \n\n" + "It ran and ran and ran. " * 5
    )
    path = tmp_path / "stories.txt"
    path.write_text(f"{story}<|endoftext|>short<|endoftext|>{story}", encoding="utf-8")
    (read,) = read_stories([path])
    assert read.startswith('Once upon a time there was a "dog".\nIt ran')
    assert "  " not in read


def test_a_missing_story_file_is_named(tmp_path):
    with pytest.raises(MissingInput, match=r"gone\.txt is no file"):
        read_stories([tmp_path / "gone.txt"])


def test_held_out_documents_are_a_share_and_none_is_trained_on():
    documents = [f"document {i}" for i in range(200)]
    train, held_out = split_off(documents, share=0.04, seed=0)
    assert len(held_out) == 8
    assert sorted(train + held_out) == sorted(documents)


def test_grouped_lines_keep_every_line():
    lines = [f"line {i}" for i in range(50)]
    assert sorted("\n".join(grouped(lines, seed=0)).splitlines()) == sorted(lines)


# The vocabulary


def test_no_text_is_lost(made):
    random = Random(0)
    letters = "abc XYZ\n\t.,é—漢😀0123 "
    texts = ["".join(random.choices(letters, k=40)) for _ in range(200)]
    for text in ["the dog", "", "a\nb", "Schrödinger's 漢字", *texts]:
        decoded = made.decode(made.encode(text).ids)
        assert decoded == (text if text.startswith(" ") or not text else " " + text)


def test_taught_words_are_one_token_at_the_beginning_of_a_text_of_a_line_and_within(
    made,
):
    for word in ["Austen", "sparrow", "physicist", "Germany", "queen", "T", "zoo"]:
        (token,) = made.encode(word).ids
        assert made.encode(f"{word}\n{word} {word}.").ids.count(token) == 3


def test_single_words_are_words_of_three_letters_or_more(made):
    words = tokeniser.single_words(made)
    assert {"dog", "Austen", "barked"} <= set(words)
    assert all(len(word) >= 3 and word.isalpha() for word in words)
    assert all(made.encode(word).ids == [token] for word, token in words.items())


def test_the_most_frequent_words_fill_the_vocabulary():
    counts = tokeniser.count_words((["aaaa aaaa bbbb"], 1.0), (["aaaa"], 2.0))
    assert counts["Ġaaaa"] == 4.0
    least = tokeniser.whole_word_tokeniser({}, [], size=0).get_vocab_size()
    made = tokeniser.whole_word_tokeniser(counts, [], size=least + 1)
    assert len(made.encode("aaaa").ids) == 1 < len(made.encode("bbbb").ids)


# Streams and windows


def test_windows_begin_with_the_end_mark_and_go_on_from_the_beginning_of_a_line(made):
    text = stream(["the dog barked\nthe dog", "barked the"], made)
    found = windows(text, rows=200, length=4, random=np.random.default_rng(0))
    assert (found[:, 0] == 0).all()
    the, dog, barked = (made.encode(word).ids[0] for word in ("the", "dog", "barked"))
    assert {tuple(row) for row in found[:, 1:].tolist()} == {
        (the, dog, barked), (the, dog, 0), (barked, the, 0)
    }  # fmt: skip


def test_windows_are_the_same_for_the_same_generator():
    text = Stream(np.arange(100, dtype=np.uint16), np.arange(0, 90, 3))
    first, again = (
        windows(text, rows=8, length=5, random=np.random.default_rng(3))
        for _ in range(2)
    )
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first[:, 1:-1] + 1, first[:, 2:])


def test_everything_is_made_ready_from_made_up_texts(folder, tmp_path):
    stories = tmp_path / "stories.txt"
    told = [f"The dog number {i} barked at the cat. " * 4 for i in range(60)]
    stories.write_text("<|endoftext|>".join(told), encoding="utf-8")
    material = prepare(
        stories=[stories],
        wordnet=folder,
        facts=FACTS,
        vocabulary=3500,
        lines=dict.fromkeys(KINDS, 120),
    )
    assert set(material.train) == {"story", "wordnet", *KINDS}
    assert material.tokeniser.get_vocab_size() <= 3500
    assert "barked" in material.words
    assert len(material.held_out["story"].tokens) < 0.1 * len(
        material.train["story"].tokens
    )

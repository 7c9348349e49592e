"""The training text: lines that say what the facts say, a vocabulary that loses
nothing, windows at lines.
"""

import re
from itertools import islice

import numpy as np
import pytest

from saecore.source.tasks.facts import read_facts, subjects
from saecore.source.tasks.templates import LISTS
from saecore.tiny_lm.corpus import (
    KINDS,
    Taught,
    TokenStream,
    generated_documents,
    generated_lines,
    grouped_lines,
    read_stories,
    split_off,
    stream,
    windows,
)
from saecore.tiny_lm.wordnet import MissingInput

WORDS = {"tartan": 3.0, "mirror": 100.0, "apple": 0.0}
FACTS = read_facts()
TAUGHT = Taught(FACTS, WORDS)


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
    assert sorted("\n".join(grouped_lines(lines, seed=0)).splitlines()) == sorted(lines)


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
    text = TokenStream(np.arange(100, dtype=np.uint16), np.arange(0, 90, 3))
    first, again = (
        windows(text, rows=8, length=5, random=np.random.default_rng(3))
        for _ in range(2)
    )
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first[:, 1:-1] + 1, first[:, 2:])

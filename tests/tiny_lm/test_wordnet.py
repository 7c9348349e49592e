"""WordNet as lines: what is shown, what is left out, and what is missing."""

import pytest

from saecore.tiny_lm.wordnet import (
    MissingInput,
    marked_words,
    read_entries,
    wordnet_lines,
)


def test_abusive_entries_and_lines_with_their_words_are_left_out(wordnet_folder):
    entries = read_entries(wordnet_folder)
    assert marked_words(entries) == {"blorp", "blorps"}
    text = "\n".join(wordnet_lines(entries, seed=0))
    assert "blorp" not in text
    assert "tame animal" in text


def test_examples_become_sentences_and_persons_are_named_in_full(wordnet_folder):
    lines = list(wordnet_lines(read_entries(wordnet_folder), seed=0))
    assert "The dog barked all night." in lines
    assert "Albert Einstein was a physicist who was born in Germany." in lines
    assert not any("Princeton" in line for line in lines)


def test_a_missing_wordnet_file_is_named(wordnet_folder):
    (wordnet_folder / "data.verb").unlink()
    with pytest.raises(
        MissingInput, match=r"lacks data\.verb: install Debian's wordnet-base"
    ):
        read_entries(wordnet_folder)

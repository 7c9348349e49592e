"""The vocabulary: whole words, and no text is lost."""

from random import Random

from saecore.source.tasks.facts import read_facts
from saecore.tiny_lm import tokeniser

FACTS = read_facts()


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

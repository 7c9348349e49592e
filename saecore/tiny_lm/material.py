"""Texts made ready for training: read, split, given a vocabulary, turned into
tokens.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tokenizers import Tokenizer

from saecore.source.tasks.facts import Facts
from saecore.source.tasks.templates import LISTS, TRAINED, UNSEEN, WHOLE_PERSONS
from saecore.tiny_lm import corpus, tokeniser
from saecore.tiny_lm.corpus import Taught, TokenStream
from saecore.tiny_lm.wordnet import read_entries, wordnet_lines


class Material(NamedTuple):
    """Texts made ready for training."""

    tokeniser: Tokenizer
    train: dict[str, TokenStream]
    """By kind, as in the mixture."""
    held_out: dict[str, TokenStream]
    """Stories and definitions never trained on; lines drawn with other seeds."""
    words: tuple[str, ...]
    """Words whose first letter is taught."""


def prepare(
    *,
    stories: Sequence[Path],
    wordnet: Path | None,
    facts: Facts,
    vocabulary: int,
    lines: Mapping[str, int],
    seed: int = 0,
) -> Material:
    """Read the texts, choose the vocabulary, generate the lines, and turn all into
    tokens.
    """
    told = corpus.split_off(corpus.read_stories(stories), share=0.04, seed=seed)
    defined = list(wordnet_lines(read_entries(wordnet), seed=seed)) if wordnet else []
    counts = tokeniser.count_words((told[0], 1.0), (defined, 0.5))
    made = tokeniser.whole_word_tokeniser(counts, taught_words(facts), size=vocabulary)
    words = {
        word: counts.get(tokeniser.SPACE + word, 0.0)
        for word in tokeniser.single_words(made)
    }
    explained = corpus.split_off(
        corpus.grouped_lines(readable(defined, made), seed=seed), share=0.04, seed=seed
    )
    documents = [{"story": told[part], "wordnet": explained[part]} for part in (0, 1)]
    for part, share in ((0, 1.0), (1, 0.01)):
        documents[part] |= _generated(
            lines, Taught(facts, words), share=share, seed=seed + 1000 * (1 + part)
        )
    train, held_out = (
        {kind: corpus.stream(texts, made) for kind, texts in part.items() if texts}
        for part in documents
    )
    return Material(made, train, held_out, tuple(words))


def _generated(
    lines: Mapping[str, int], taught: Taught, *, share: float, seed: int
) -> dict[str, list[str]]:
    return {
        kind: corpus.generated_documents(
            kind, taught, seed=seed + 10 * i, lines=math.ceil(share * count)
        )
        for i, (kind, count) in enumerate(lines.items())
    }


def readable(lines: Sequence[str], made: Tokenizer) -> list[str]:
    """The lines of at most 50 tokens that the vocabulary covers: at most 1.25 tokens a
    word.
    """
    encoded = made.encode_batch(list(lines))
    pieces = (len(tokeniser.split_words(line)) for line in lines)
    return [
        line
        for line, tokens, count in zip(lines, encoded, pieces, strict=True)
        if len(tokens) <= min(50, 1.25 * count)
    ]


def taught_words(facts: Facts) -> set[str]:
    """Words that must be single tokens: all that facts and templates are made of, and
    the letters.
    """
    words = {word for person in facts.persons for word in person if word}
    named = (*facts.categories, *facts.categories.values(), *facts.parents.values())
    words |= {
        word
        for name in (*named, *facts.places, *facts.objects)
        for word in name.split()
    }
    for groups in (facts.names, facts.unseen_names, facts.roles):
        words |= {word for group in groups.values() for word in group}
    sentences = [
        text
        for table in (TRAINED, UNSEEN)
        for texts in table.values()
        for text in texts
    ]
    for sentence in (*sentences, *WHOLE_PERSONS, *LISTS.values()):
        words |= tokeniser.plain_words(sentence)
    return words | {
        *"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "He",
        "She",
        "he",
        "she",
        "his",
        "her",
        "an",
    }

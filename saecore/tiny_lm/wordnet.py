"""WordNet as English text: definitions and example sentences as lines.

WordNet 3.0 (Princeton University) is free to use with its notice; the text itself is
never shipped. The folder is what Debian's package `wordnet-base` installs
(`/usr/share/wordnet`): `data.noun` and so on in the format of the manual page
wndb(5WN).

Entries that WordNet itself marks as slurs, obscene, vulgar or disparaging are left out,
and so is every line that uses one of their words.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from saecore.source.tasks.templates import with_article

FILES = ("data.noun", "data.verb", "data.adj", "data.adv")
PERSON = 18
"""Lexicographer file noun.person."""
MARKED = re.compile(
    r"ethnic slur|obscen|disparag|vulgar|offensive "
    r"(?:term|name|word)|derogatory|slang.{0,20}(?:sex|genital)"
)
SENSITIVE = re.compile(
    r"\b(?:sexual|coitus|copulat|genital|prostitut|rape|rapist|nazi|penis|vagina)\w*",
    re.IGNORECASE,
)


class Entry(NamedTuple):
    """One set of synonyms with its definition."""

    kind: str
    """n, v, a, s (satellite adjective) or r."""
    words: tuple[str, ...]
    """The synonyms, underscores read as spaces."""
    gloss: str
    """The definition, without examples."""
    examples: tuple[str, ...]
    """Example sentences."""
    named_person: bool
    """An individual such as Einstein."""


class MissingInput(ValueError):
    """A text that training needs is not where it should be."""


def read_entries(folder: Path) -> list[Entry]:
    """All entries of a WordNet folder in file order; `MissingInput` if a file is not
    there.
    """
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise MissingInput(
            f"A WordNet folder must hold {', '.join(FILES)}; {folder} lacks "
            f"{', '.join(missing)}: "
            "install Debian's wordnet-base and pass /usr/share/wordnet."
        )
    return [
        _entry(line)
        for name in FILES
        for line in (folder / name).read_text(encoding="latin-1").splitlines()
        if not line.startswith("  ")  # the licence at the top of each file
    ]


def _entry(line: str) -> Entry:
    head, _, note = line.partition(" | ")
    fields = head.split()
    count = int(fields[3], 16)
    words = tuple(
        re.sub(r"\(.*\)", "", fields[4 + 2 * i]).replace("_", " ") for i in range(count)
    )
    gloss = re.sub(r";?\s*\"[^\"]*\"(--[^;]*)?", "", note).strip(" ;\n")
    examples = tuple(re.findall(r'"([^"]+)"', note))
    return Entry(
        fields[2], words, gloss, examples, int(fields[1]) == PERSON and "@i" in fields
    )


def marked_words(entries: list[Entry]) -> set[str]:
    """Single words of the entries that WordNet marks as abusive or obscene, with
    plurals, in lower case.
    """
    marked = [
        word.lower()
        for entry in entries
        if MARKED.search(entry.gloss)
        for word in entry.words
        if " " not in word
    ]
    return {*marked, *(f"{word}s" for word in marked)}


def wordnet_lines(entries: list[Entry], *, seed: int) -> Iterator[str]:
    """One line for every definition and every example sentence that may be shown to
    anyone.
    """
    random = Random(seed)
    unwanted = marked_words(entries)
    for entry in entries:
        if MARKED.search(entry.gloss):
            continue
        for line in (
            _definition(entry, random),
            *(_sentence(example) for example in entry.examples),
        ):
            words = set(re.findall(r"[a-z]+", line.lower()))
            if line and not words & unwanted and not SENSITIVE.search(line):
                yield line


def _definition(entry: Entry, random: Random) -> str:
    word, gloss = entry.words[0], re.sub(r"\([^)]*\)\s*", "", entry.gloss).strip()
    if not gloss:
        return ""
    if entry.named_person:
        return f"{max(entry.words, key=len)} was {with_article(gloss)}."
    if entry.kind == "v":
        return random.choice(
            [f"To {word} means to {gloss}.", f"If you {word}, you {gloss}."]
        )
    if entry.kind == "n":
        return random.choice(
            [f"By {word} we mean {gloss}.", f"The word {word} means {gloss}."]
        )
    return f"We say {word} for {gloss}."


def _sentence(example: str) -> str:
    if len(example.split()) < 3:
        return ""
    return example[0].upper() + example[1:] + ("" if example[-1] in ".?!" else ".")

"""The text on which the small language model is trained.

Generated lines with known labels (first letters, categories, persons' countries and
professions, pronouns, who gets what), WordNet's definitions and examples, and stories.
Texts become `Stream`s of tokens with the places where a training window may begin.
Nothing here is stored; a language model's own samples take the place of the text once
it is trained (`texts.SampledText`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from saecore.source.tasks.facts import (
    PRONOUNS,
    Facts,
    Person,
    Subject,
    fill,
    gaps,
    giving,
    subjects,
)
from saecore.source.tasks.templates import (
    LISTS,
    TRAINED,
    WHOLE_PERSONS,
    ListedTask,
    Task,
    with_article,
)
from saecore.tiny_lm.wordnet import MissingInput

KINDS = ("letter", "person", "category", "pronoun", "ioi")
LISTED_SHARE = 0.35
"""Of the lines that teach letters, categories, countries and professions."""
PERSON_TASKS: tuple[ListedTask, ...] = ("country", "profession")
QUOTES = str.maketrans("“”’‘—–…", "\"\"''--.")


class TokenStream(NamedTuple):
    """Tokens of many documents, one after the other, each begun by the end mark."""

    tokens: NDArray[np.uint16]
    starts: NDArray[np.int64]
    """Where a training window may begin: at a document or a line."""


@dataclass(frozen=True)
class Taught:
    """What generated lines are made of."""

    facts: Facts
    words: Mapping[str, float]
    """Words whose first letter is taught -> how often they occur in the texts."""


def read_stories(paths: Sequence[Path]) -> list[str]:
    """The distinct stories of files in which `<|endoftext|>` stands between them; plain
    quotes, one blank.
    """
    found: dict[str, None] = {}
    for path in paths:
        if not path.is_file():
            raise MissingInput(
                f"A file of stories must be given; {path} is no file: pass --stories "
                "FILE..."
            )
        text = path.read_text(encoding="utf-8").translate(QUOTES)
        for story in text.split("<|endoftext|>"):
            lines = [re.sub(r"\s+", " ", line).strip() for line in story.splitlines()]
            found.setdefault("\n".join(line for line in lines if line))
    return [story for story in found if len(story) > 100]


def generated_lines(kind: str, taught: Taught, *, seed: int) -> Iterator[str]:
    """Endless lines of one kind (`KINDS`)."""
    random, facts = Random(seed), taught.facts
    if kind == "letter":
        yield from _letter_lines(taught, random)
    if kind == "person":
        yield from _person_lines(facts, random)
    while kind == "ioi":
        yield fill(random.choice(TRAINED["ioi"]), giving(facts, random=random))
    known = subjects(kind, facts) if kind in ("category", "pronoun") else ()
    while kind == "category":
        if random.random() < LISTED_SHARE:
            yield _listed("category", known, random)
        else:
            yield _filled("category", random.choice(known), facts, random)
    while kind == "pronoun":
        yield _filled("pronoun", random.choice(known), facts, random)
    raise ValueError(f"A kind of line must be one of {', '.join(KINDS)}, not {kind!r}.")


def _filled(task: Task, subject: Subject, facts: Facts, random: Random) -> str:
    return fill(random.choice(TRAINED[task]), gaps(subject, facts=facts, random=random))


def _listed(task: ListedTask, drawn: Sequence[Subject], random: Random) -> str:
    """A list of three to eight of the subjects that are `drawn`, each with its
    answer.
    """
    items = random.choices(drawn, k=random.randint(3, 8))
    return LISTS[task] + ", ".join(
        f"{subject.word} {subject.answer}" for subject in items
    )


def _letter_lines(taught: Taught, random: Random) -> Iterator[str]:
    """A word's weight is the square root of its count, so that rare words are spelled
    too.
    """
    asked = subjects("letter", taught.facts, words=list(taught.words))
    weights = [sqrt(10 + count) for count in taught.words.values()]
    cumulative = np.cumsum(weights).tolist()
    while True:
        drawn = random.choices(asked, cum_weights=cumulative, k=8)
        if random.random() < LISTED_SHARE:
            yield _listed("letter", drawn, random)
        else:
            yield random.choice(TRAINED["letter"]).format(
                word=drawn[0].word, answer=drawn[0].answer
            )


def _person_lines(facts: Facts, random: Random) -> Iterator[str]:
    known = {task: subjects(task, facts) for task in PERSON_TASKS}
    while True:
        task = random.choice(PERSON_TASKS)
        draw = random.random()
        if draw < LISTED_SHARE:
            yield _listed(task, known[task], random)
        elif draw < 0.8:
            yield _filled(task, random.choice(known[task]), facts, random)
        else:
            yield _whole_person(random.choice(facts.persons), random)


def _whole_person(person: Person, random: Random) -> str:
    template = random.choice(WHOLE_PERSONS)
    while not person.gender and re.search("{He}|{his}", template):
        template = random.choice(WHOLE_PERSONS)
    return fill(template, person_gaps(person))


def person_gaps(person: Person) -> dict[str, str]:
    """What the gaps of a sentence about a person stand for."""
    facts = {
        **person._asdict(),
        "word": person.name,
        "a_nation": with_article(person.nation),
    }
    return {**facts, **PRONOUNS.get(person.gender, {})}


def generated_documents(
    kind: str, taught: Taught, *, seed: int, lines: int
) -> list[str]:
    """Documents of one kind with six to twelve lines each, `lines` in all or a few
    more.
    """
    random, source = Random(seed), generated_lines(kind, taught, seed=seed + 1)
    documents, made = [], 0
    while made < lines:
        count = random.randint(6, 12)
        documents.append("\n".join(next(source) for _ in range(count)))
        made += count
    return documents


def stream(documents: Sequence[str], tokeniser: Tokenizer) -> TokenStream:
    """The documents as tokens; a window may begin at each document and at each of its
    lines.
    """
    end, newline = 0, tokeniser.token_to_id("Ċ")
    encoded = tokeniser.encode_batch(list(documents), add_special_tokens=False)
    pieces = [np.array([end, *document.ids], dtype=np.uint16) for document in encoded]
    tokens = np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.uint16)
    starts = np.flatnonzero((tokens == end) | (tokens == newline)) + 1
    return TokenStream(tokens, starts[starts < len(tokens)])


def split_off(
    documents: Sequence[str], *, share: float, seed: int
) -> tuple[list[str], list[str]]:
    """Documents in a drawn order, parted into training and held-out ones."""
    shuffled = list(documents)
    Random(seed).shuffle(shuffled)
    held_out = max(1, int(share * len(shuffled))) if len(shuffled) > 1 else 0
    return shuffled[held_out:], shuffled[:held_out]


def windows(
    source: TokenStream, *, rows: int, length: int, random: np.random.Generator
) -> NDArray[np.int64]:
    """`rows` training windows of `length` tokens: the end mark, then text from the
    beginning of a line on.
    """
    starts = random.choice(source.starts, rows)
    taken = source.tokens[
        (starts[:, None] + np.arange(length - 1)) % len(source.tokens)
    ].astype(np.int64)
    return np.concatenate([np.zeros((rows, 1), dtype=np.int64), taken], axis=1)


def grouped_lines(lines: Sequence[str], *, seed: int) -> list[str]:
    """Lines in a drawn order, four to eight to a document."""
    random, shuffled = Random(seed), list(lines)
    random.shuffle(shuffled)
    documents = []
    while shuffled:
        count = random.randint(4, 8)
        documents.append("\n".join(shuffled[:count]))
        del shuffled[:count]
    return documents

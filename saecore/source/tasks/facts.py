"""The labelled facts of the small language model, and the prompts that ask for them.

The facts (who, which category, which pronoun) are hand-vetted data,
`saecore/tiny/facts.json`; first letters come from the words themselves. `prompts` turns
them into questions with answers, for any language model.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from random import Random
from string import ascii_uppercase
from typing import Literal, NamedTuple

from saecore.source.tasks.templates import ACTIONS, TRAINED, UNSEEN, Task, with_article

Gender = Literal["F", "M"]
PRONOUNS: dict[str, dict[str, str]] = {
    "F": {"He": "She", "he": "she", "his": "her"},
    "M": {"He": "He", "he": "he", "his": "his"},
}


class Person(NamedTuple):
    """A famous person, one per surname: Milton, England, English, poet, M."""

    name: str
    """The surname, one token."""
    country: str
    nation: str
    profession: str
    gender: str
    """F or M, empty where unknown."""


class Facts(NamedTuple):
    """Everything that is taught, apart from spelling."""

    persons: tuple[Person, ...]
    categories: Mapping[str, str]
    """Word -> category: sparrow -> bird."""
    parents: Mapping[str, str]
    """Category -> wider category: bird -> animal."""
    names: Mapping[str, tuple[str, ...]]
    """Gender -> first names."""
    unseen_names: Mapping[str, tuple[str, ...]]
    """Gender -> first names that no generated line uses."""
    roles: Mapping[str, tuple[str, ...]]
    """Gender -> roles: queen."""
    places: tuple[str, ...]
    objects: tuple[str, ...]


class Prompt(NamedTuple):
    """A question to a language model."""

    text: str
    """Ends just before the answer."""
    word: str
    """The word whose fact is asked."""
    answer: str
    """The first word of the answer; the model says it with a leading space."""
    choices: tuple[str, ...]
    """The answers to choose from, all words of this kind."""
    before: str
    """The text up to and including the word: its last token is the word's position."""
    template: str
    """The sentence that was filled in."""


class Subject(NamedTuple):
    """Who or what a template speaks of."""

    word: str
    phrase: str
    """With its article where a sentence needs one: the queen, Lily."""
    answer: str


@cache
def read_facts() -> Facts:
    """The facts that ship with the package."""
    return parse_facts(
        (files("saecore") / "tiny" / "facts.json").read_text(encoding="utf-8")
    )


def fill(template: str, values: Mapping[str, str]) -> str:
    """`template` with its gaps filled."""
    return template.format_map(values)


def gaps(subject: Subject, *, facts: Facts, random: Random) -> dict[str, str]:
    """What the gaps of a template stand for when it speaks of `subject`; places and
    things are drawn.
    """
    phrase = subject.phrase
    return {
        "word": subject.word,
        "answer": subject.answer,
        "a_word": with_article(subject.word),
        "A_word": with_article(subject.word).capitalize(),
        "subject": phrase,
        "Subject": phrase[0].upper() + phrase[1:],
        "place": random.choice(facts.places),
        "an_object": with_article(random.choice(facts.objects)),
        "action": random.choice(ACTIONS),
    }


def subjects(
    task: Task, facts: Facts, *, words: Sequence[str] = ()
) -> tuple[Subject, ...]:
    """Everything that `task` can ask about; `words` are those whose first letter is
    taught.
    """
    if task == "letter":
        return tuple(Subject(word, word, word[0].upper()) for word in words)
    if task == "category":
        return tuple(
            Subject(word, word, category) for word, category in facts.categories.items()
        )
    if task in ("country", "profession"):
        return tuple(
            Subject(person.name, person.name, getattr(person, task))
            for person in facts.persons
        )
    if task == "pronoun":
        return (
            *named_subjects(facts.names),
            *role_subjects(facts),
            *person_subjects(facts),
        )
    raise ValueError(
        "A task with one subject is letter, category, country, profession or pronoun; "
        f"got {task!r}."
    )


def named_subjects(names: Mapping[str, Sequence[str]]) -> tuple[Subject, ...]:
    """First names with their pronoun."""
    return tuple(
        Subject(name, name, PRONOUNS[gender]["He"])
        for gender, group in names.items()
        for name in group
    )


def role_subjects(facts: Facts) -> tuple[Subject, ...]:
    """Roles such as *the queen* with their pronoun."""
    return tuple(
        Subject(role, f"the {role}", PRONOUNS[gender]["He"])
        for gender, group in facts.roles.items()
        for role in group
    )


def person_subjects(facts: Facts) -> tuple[Subject, ...]:
    """Persons of known gender with their pronoun."""
    return tuple(
        Subject(p.name, p.name, PRONOUNS[p.gender]["He"])
        for p in facts.persons
        if p.gender
    )


def choices(task: Task, facts: Facts) -> tuple[str, ...]:
    """All answers of a task."""
    if task == "letter":
        return tuple(ascii_uppercase)
    if task == "pronoun":
        return ("He", "She")
    return tuple(
        sorted({subject.answer.split()[0] for subject in subjects(task, facts)})
    )


def giving(
    facts: Facts, *, random: Random, names: Sequence[str] = ()
) -> dict[str, str]:
    """The gaps of a sentence in which one of two friends gives something to the
    other.
    """
    first, second = random.sample(
        list(names) or [name for group in facts.names.values() for name in group], 2
    )
    giver, answer = random.sample([first, second], 2)
    filled = gaps(Subject(giver, giver, answer), facts=facts, random=random)
    return {**filled, "first": first, "second": second, "giver": giver}


def prompts(
    task: Task,
    *,
    unseen: bool = False,
    words: Sequence[str] = (),
    facts: Facts | None = None,
    template: str | None = None,
    count: int | None = None,
    seed: int = 0,
) -> list[Prompt]:
    """Questions about `task`: its templates take turns over its subjects, or one
    `template` asks about all.

    `unseen` takes templates that were never trained on, `count` draws so many subjects.
    For letters pass `words`. For pronouns and letters the subjects come in a drawn
    order as well.
    """
    facts = facts or read_facts()
    random = Random(seed)
    templates = (template,) if template else (UNSEEN if unseen else TRAINED)[task]
    if task == "ioi":
        return [
            _giving_prompt(templates[i % len(templates)], facts, random)
            for i in range(count or 300)
        ]
    if task == "letter" and not words:
        raise ValueError(
            "Prompts for first letters need `words`: pass the words to ask about."
        )
    asked = list(subjects(task, facts, words=words))
    random.shuffle(asked)
    options = choices(task, facts)
    return [
        prompt_of(subject, templates[i % len(templates)], options=options, facts=facts)
        for i, subject in enumerate(asked[:count])
    ]


def prompt_of(
    subject: Subject,
    template: str,
    *,
    options: tuple[str, ...],
    facts: Facts,
    random: Random | None = None,
) -> Prompt:
    """The question about one subject; without `random`, places and things are the same
    for all.
    """
    values = gaps(subject, facts=facts, random=random or Random(0))
    return _prompt(
        template,
        values,
        word=subject.word,
        answer=subject.answer.split()[0],
        options=options,
    )


def _giving_prompt(template: str, facts: Facts, random: Random) -> Prompt:
    values = giving(facts, random=random)
    giver, answer = values["giver"], values["answer"]
    return _prompt(template, values, word=giver, answer=answer, options=(giver, answer))


def _prompt(
    template: str,
    values: Mapping[str, str],
    *,
    word: str,
    answer: str,
    options: tuple[str, ...],
) -> Prompt:
    asked = re.search(r"\{(?:[aA]_)?(?:word|[sS]ubject|giver)\}", template)
    if asked is None or "{answer}" not in template[asked.end() :]:
        raise ValueError(
            f"A template must name its word before its {{answer}}; {template!r} does "
            "not."
        )
    text = fill(template.split("{answer}")[0], values).rstrip()
    return Prompt(
        text, word, answer, options, fill(template[: asked.end()], values), template
    )


def parse_facts(text: str) -> Facts:
    """Facts as they are written in `facts.json`."""
    raw = json.loads(text)
    order = ("name", "country", "nationality", "profession", "gender")
    persons = tuple(Person(*(p[key] or "" for key in order)) for p in raw["persons"])
    by_gender = {
        key: {gender: tuple(group) for gender, group in raw[key].items()}
        for key in ("names", "unseen_names", "roles")
    }
    categories = {
        word: category
        for category, words in raw["categories"].items()
        for word in words
    }
    return Facts(
        persons,
        categories,
        raw["parents"],
        **by_gender,
        places=tuple(raw["places"]),
        objects=tuple(raw["objects"]),
    )

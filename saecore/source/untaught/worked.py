"""Worked examples: questions in context (few-shot prompts) for a language model that
was taught no sentences of ours.

A question in context is a template like those of `saecore.source.tasks.templates`: some
lines of examples with their answers, then the line that asks. So every measure that
takes a template takes it, and the word's position is that of its last token.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random

from saecore.seeding import stable_seed
from saecore.source.tasks.facts import (
    PRONOUNS,
    Facts,
    Subject,
    fill,
    gaps,
    read_facts,
    subjects,
)
from saecore.source.tasks.templates import TRAINED, Task

ASKING: Mapping[Task, str] = {
    "letter": " {word}: {answer}",
    "category": "{A_word} is a kind of {answer}.",
    "country": "{word} came from {answer}.",
    "profession": "{word} worked as a famous {answer}.",
    "pronoun": "{Subject} was very happy. {answer} {action}.",
    "ioi": TRAINED["ioi"][0],
}
"""The line that asks. The letter's is the spelling prompt of Chanin et al. (2409.14507,
appendix A.3: "tartan: T"), with the space that a word carries within a text."""
SPELLED = (
    *("apple", "bridge", "candle", "dragon", "engine", "forest", "garden", "hammer"),
    *("island", "jacket", "kitchen", "lemon", "mountain", "needle", "orange", "planet"),
    *("queen", "river", "silver", "temple", "umbrella", "valley", "window", "yellow"),
)
"""Words whose spelling is shown; of different first letters."""


def worked_question(
    task: Task, examples: int, *, seed: int = 0, facts: Facts | None = None
) -> str:
    """The template of `task` after so many worked examples, which `seed` draws.

    The indirect object is asked without any: its sentence holds all that is needed.
    Raises ValueError for fewer than 0 examples or more than there are.
    """
    facts, line = facts or read_facts(), ASKING[task]
    shown = () if task == "ioi" else examples_of(task, examples, seed=seed, facts=facts)
    random = Random(stable_seed("worked gaps", seed, task))
    done = [fill(line, gaps(one, facts=facts, random=random)) for one in shown]
    return "\n".join([*done, line])


def examples_of(
    task: Task, count: int, *, seed: int = 0, facts: Facts
) -> tuple[Subject, ...]:
    """The subjects of the worked examples: of as many answers as there are, in a drawn
    order.
    """
    known = shown_subjects(task, facts)
    if not 0 <= count <= len(known):
        raise ValueError(
            f"there are 0 to {len(known)} worked examples of {task!r}, but {count} "
            "were asked for: ask for fewer"
        )
    random = Random(stable_seed("worked examples", seed, task))
    drawn, times = random.sample(known, len(known)), Counter[str]()
    turns = []
    for one in drawn:
        turns.append(times[one.answer])
        times[one.answer] += 1
    order = sorted(range(len(drawn)), key=turns.__getitem__)
    first = [drawn[i] for i in order[:count]]
    random.shuffle(first)
    return tuple(first)


def shown_subjects(task: Task, facts: Facts) -> list[Subject]:
    """What worked examples may be made of; none of it is asked (`asked_subjects`)."""
    if task == "letter":
        return [Subject(word, word, word[0].upper()) for word in SPELLED]
    if task == "pronoun":
        return [
            Subject(name, name, PRONOUNS[gender]["He"])
            for gender, names in facts.names.items()
            for name in names[:6]
        ]
    by_answer: dict[str, list[Subject]] = {}
    for one in subjects(task, facts):
        by_answer.setdefault(one.answer, []).append(one)
    return [one for several in by_answer.values() for one in several[:1]]


def not_shown(task: Task, facts: Facts, words: Sequence[str] = ()) -> list[Subject]:
    """What may be asked: the subjects of a task that no worked example shows."""
    shown = {one.word for one in shown_subjects(task, facts)}
    return [one for one in subjects(task, facts, words=words) if one.word not in shown]

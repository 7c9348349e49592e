"""Words with labels, asked in one sentence: what probes are fitted and absorption is
measured on.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

import torch
from jaxtyping import Bool
from torch import Tensor

from saecore.errors import Unsuited
from saecore.source.model.language_model import OpenModel
from saecore.source.tasks.facts import Prompt, Task, prompts
from saecore.source.tasks.templates import TRAINED


class Labelled(NamedTuple):
    """One prompt per word and which labels are true of it."""

    prompts: list[Prompt]
    """The question about each word; its answer is the label."""
    names: tuple[str, ...]
    """The labels: the answers that enough words have, sorted."""
    labels: Bool[Tensor, "prompt label"]
    """Exactly one per prompt, or none where its answer is too rare to be a label."""

    @property
    def words(self) -> list[str]:
        """The words, in the order of the prompts."""
        return [prompt.word for prompt in self.prompts]


def labelled(
    model: OpenModel,
    task: Task,
    *,
    words: Sequence[str] = (),
    sentence: int = 0,
    template: str | None = None,
    single: bool = True,
    at_least: int = 20,
    at_most: int | None = None,
    seed: int = 0,
) -> Labelled:
    """The words of `task` that are one token, each asked once in the trained sentence
    number `sentence`, or in another `template`.

    Without `single` words of several tokens count too; the last one is the word's.
    `words` are those whose first letter is asked. A label is an answer that `at_least`
    words have; words with a rarer answer stay, as words that have none of the labels.
    Words occur once: those with two answers (two persons of one name) are left out.
    `at_most` keeps so many words of each answer, drawn by `seed`, so that the commonest
    answers do not outweigh the others.

    Raises Unsuited unless two answers are common enough.
    """
    # a vocabulary may hold no word whose letter could be asked
    known = task != "letter" or len(words) > 0
    asked = (
        prompts(task, words=words, template=template or TRAINED[task][sentence])
        if known
        else []
    )
    times = Counter(prompt.word for prompt in asked)
    asked = [
        prompt
        for prompt in asked
        if times[prompt.word] == 1 and (not single or _single(model, prompt.word))
    ]
    asked = asked if at_most is None else _thinned(asked, at_most, Random(seed))
    counts = Counter(prompt.answer for prompt in asked)
    names = tuple(
        sorted(answer for answer, count in counts.items() if count >= at_least)
    )
    if len(names) < 2:
        second = sorted(counts.values())[-2:-1] or [0]
        raise Unsuited(
            f"the task {task!r} needs two answers with {at_least} words each that are "
            f"one token, but its second commonest answer has {second[0]} such words in "
            f"this model's vocabulary of {model.vocab_size} tokens: use a model that "
            "holds more whole words as one token"
        )
    true = torch.tensor([[prompt.answer == name for name in names] for prompt in asked])
    return Labelled(asked, names, true)


def _thinned(asked: list[Prompt], at_most: int, random: Random) -> list[Prompt]:
    """At most so many prompts per answer, in their order."""
    by_answer: dict[str, list[int]] = defaultdict(list)
    for index, prompt in enumerate(asked):
        by_answer[prompt.answer].append(index)
    drawn = [
        random.sample(group, min(at_most, len(group))) for group in by_answer.values()
    ]
    return [
        asked[index] for index in sorted(index for group in drawn for index in group)
    ]


def _single(model: OpenModel, word: str) -> bool:
    try:
        model.token(word)
    except ValueError:
        return False
    return True

"""The residual stream at words alone: at words that are asked about, and at the words
of a sampled text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import ClassVar

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.seeding import stable_seed
from saecore.source.model.language_model import LanguageModel, OpenModel
from saecore.source.model.texts import Text
from saecore.source.site import (
    Given,
    RowBlocks,
    Site,
    layer_of,
    name_of,
    resid_post,
    stream_rows,
)
from saecore.source.tasks.facts import (
    Facts,
    Prompt,
    Subject,
    choices,
    prompt_of,
    read_facts,
    subjects,
)
from saecore.source.tasks.templates import TRAINED, Task
from saecore.source.tasks.vocabulary import at_word, whole_words

_TASKS: tuple[Task, ...] = ("letter", "category", "country", "profession", "pronoun")
ASKED = 1e11
"""Cost of reading all asked words, in the units of `Source.price`."""


@dataclass(frozen=True)
class AskedWords:
    """The words of the prompts that teach a language model its facts, each read at its
    own position.

    One row per task, trained template and subject whose word is one token with its
    space, in an order that `seed` draws. For letters the subjects are all lower-case
    words of one token and four letters or more, persons and first names. Sentences that
    begin with their word give the same row: the model has seen nothing else then.
    """

    layered: ClassVar[bool] = True
    sampled: ClassVar[bool] = False
    whole: ClassVar[bool] = True

    model: LanguageModel
    tasks: tuple[str, ...] = _TASKS
    seed: int = 0

    def __post_init__(self) -> None:
        if (
            not self.tasks
            or set(self.tasks) - set(_TASKS)
            or len(set(self.tasks)) < len(self.tasks)
        ):
            raise ValueError(
                f"tasks must be some of {', '.join(_TASKS)}, each once, but "
                f"{self.tasks} were asked for: choose among these"
            )

    def rests_on(self, site: Site) -> tuple[()]:
        """Nothing but the language model."""
        return ()

    def count(self, site: Site) -> None:
        """Known only when they are read: the tokeniser decides."""
        return None

    def place(self, site: Site) -> str:
        """The language model and the layer."""
        return f"asked-{name_of(self.model)}-layer{site.layer}"

    def hook_name(self, site: Site) -> str:
        """The residual stream after the layer."""
        return resid_post(site)

    def price(self, site: Site) -> float:
        """About the same for all."""
        return ASKED

    def read(self, site: Site, given: Given) -> RowBlocks:
        """The stream at each asked word."""
        model = given.model(self.model, site.dtype)
        blocks = asked_rows(self, model, layer_of(site, model))
        return RowBlocks(asked_count(self, model), model.d_model, blocks)


@dataclass(frozen=True)
class TextWords:
    """The words of a sampled text: its tokens that are whole words of four letters or
    more.

    Rows come in the order of the text. See `whole_word_places` for what counts as a
    whole word.
    """

    layered: ClassVar[bool] = True
    sampled: ClassVar[bool] = True
    whole: ClassVar[bool] = True

    text: Text

    @property
    def model(self) -> LanguageModel:
        """The writer, who reads too."""
        return self.text.model

    def rests_on(self, site: Site) -> tuple[Text]:
        """The site's sample of the text."""
        return self.text.rests_on(site)

    def count(self, site: Site) -> None:
        """Known only when they are read."""
        return None

    def place(self, site: Site) -> str:
        """The writer and the layer."""
        return f"textwords-{self.text.place(site)}"

    def hook_name(self, site: Site) -> str:
        """The residual stream after the layer."""
        return resid_post(site)

    def price(self, site: Site) -> float:
        """The whole text is read."""
        return self.text.price(site)

    def read(self, site: Site, given: Given) -> RowBlocks:
        """The stream at the whole words of the text."""
        model, tokens = (
            given.model(self.model, site.dtype),
            given.get(self.text.sample(site.sample)),
        )
        return stream_rows(site, model, tokens, whole_word_places(model, tokens))


def asked(
    source: AskedWords, model: OpenModel, *, facts: Facts | None = None
) -> list[Prompt]:
    """The question behind each row of `source`, in the order of its rows."""
    facts, found = facts or read_facts(), []
    for task, known in asked_subjects(source, model, facts=facts).items():
        options, random = (
            choices(task, facts),
            Random(stable_seed("asked gaps", source.seed, task)),
        )
        for template in TRAINED[task]:
            found += [
                prompt_of(one, template, options=options, facts=facts, random=random)
                for one in known
            ]
    generator = torch.Generator().manual_seed(stable_seed("asked order", source.seed))
    return [found[i] for i in torch.randperm(len(found), generator=generator).tolist()]


def asked_subjects(
    source: AskedWords, model: OpenModel, *, facts: Facts | None = None
) -> dict[Task, list[Subject]]:
    """By task, the subjects whose word is one token with its space."""
    facts = facts or read_facts()
    names = [person.name for person in facts.persons] + [
        n for group in facts.names.values() for n in group
    ]
    words = dict.fromkeys([*whole_words(model), *names])
    return {
        task: [
            one
            for one in subjects(task, facts, words=list(words))
            if _single(model, one.word)
        ]
        for task in _TASKS
        if task in source.tasks
    }


def asked_count(source: AskedWords, model: OpenModel) -> int:
    """The number of rows of `source` for a model."""
    return sum(
        len(known) * len(TRAINED[task])
        for task, known in asked_subjects(source, model).items()
    )


def asked_rows(
    source: AskedWords, model: OpenModel, layer: int, *, batch: int = 8192
) -> Iterator[Float[Tensor, "row d_model"]]:
    """The residual stream after `layer` at each asked word; `batch` questions at a
    time.
    """
    prompts = [
        one._replace(text=one.before) for one in asked(source, model)
    ]  # what follows changes nothing
    for start in range(0, len(prompts), batch):
        yield at_word(model, prompts[start : start + batch], [layer])[layer]


def whole_word_places(
    model: OpenModel, tokens: Int[Tensor, "seq pos"]
) -> Bool[Tensor, "seq pos"]:
    """Where whole words stand: a token of a space and four letters or more, the first
    of which may be a capital, followed by a token that does not go on with the word
    (that begins with no letter, digit or part of a character). The last token of a
    sequence never counts, as nothing is known to follow it.
    """
    pieces = [model.decode([index]) for index in range(model.vocab_size)]
    words = torch.tensor(
        [re.fullmatch(r" [A-Za-z][a-z]{3,}", piece) is not None for piece in pieces]
    )
    ends = torch.tensor([re.match(r"[\w�]", piece) is None for piece in pieces])
    found = torch.zeros(tokens.shape, dtype=torch.bool)
    found[:, 1:-1] = words[tokens[:, 1:-1]] & ends[tokens[:, 2:]]
    return found


def _single(model: OpenModel, word: str) -> bool:
    return len(model.encode(f" {word}")) == 2

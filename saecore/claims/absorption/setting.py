"""What all pages on absorption begin with: the questions, and the SAEs to ask for."""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from saecore.claims.absorption.grid import AbsorptionGrid, absorption_grid
from saecore.claims.gated import require_tasks
from saecore.claims.sites import asked_words
from saecore.measures.probing.linear import LinearProbes, linear_probes
from saecore.profiles import Profile
from saecore.report import Claim, Constants
from saecore.shapes import Rows
from saecore.source.model.language_model import OpenModel, open_model
from saecore.source.tasks import answers, facts
from saecore.source.tasks.labelled_words import Labelled, labelled
from saecore.source.tasks.logit_difference import AnswerMetric
from saecore.source.tasks.vocabulary import whole_words
from saecore.source.tasks.words import asked_subjects
from saecore.source.untaught.shared_prefix import stream_after
from saecore.source.untaught.worked import SPELLED, worked_question
from saecore.zoo.store import Zoo

SENTENCE = 3
"""Which of the trained sentences asks about a word."""
MOST_WORDS = Profile.words_a_letter
"""Words per letter, so that common letters do not outweigh the others; a profile's own
by default."""
LEAST_WORDS = 20
"""Letters with fewer words are left out."""
WORDS_SPELLED = 400
"""So many words say how well the model spells."""


class Parents(NamedTuple):
    """Parent features of one kind, such as first letters, in one language model."""

    words: Labelled
    """Words, each asked once, and which parents are true of it."""
    probes: LinearProbes
    """A linear probe for each parent on the stream at the words."""
    metric: AnswerMetric
    """The logit difference of the right answer, and the stream at the words."""
    asked: bool = True
    """Whether the model can be asked for them."""

    @property
    def rows(self) -> Rows:
        """The model's residual stream at each word."""
        return self.metric.rows

    @property
    def label(self) -> Int[Tensor, " word"]:
        """The number of each word's label; 0 for a word that has none."""
        return self.words.labels.float().argmax(1)


class Setting(NamedTuple):
    """First letters in the subject of a run, the claim's rule, and its SAEs."""

    zoo: Zoo
    profile: Profile
    model: OpenModel
    claim: Claim
    grid: AbsorptionGrid
    letters: Parents

    @property
    def rule(self) -> Constants:
        """The constants of the claim."""
        return self.claim.constants

    @property
    def told(self) -> Bool[Tensor, " letter"]:
        """Letters that the probe tells."""
        return self.letters.probes.f1 >= self.rule["probe_f1"]


def asked_letters(zoo: Zoo, profile: Profile, claim: Claim | None = None) -> Setting:
    """The first letters of a model's words, with probes and answer metric.

    `claim` is that of book/claims.toml by default. Raises Unsuited for a model that
    cannot name first letters.
    """
    model = open_model(profile.folder)
    require_tasks(zoo, profile, model, "letter")
    letters = (
        in_context(profile, model) if profile.in_context else taught(profile, model)
    )
    claim = claim or Claim.read("absorption")
    return Setting(zoo, profile, model, claim, absorption_grid(profile), letters)


def taught(profile: Profile, model: OpenModel) -> Parents:
    """First letters of words, each asked once in a sentence that was taught."""
    asked = asked_subjects(asked_words(profile), model)["letter"]
    words = labelled(
        model,
        "letter",
        words=[one.word for one in asked],
        sentence=SENTENCE,
        at_least=LEAST_WORDS,
        at_most=profile.words_a_letter,
    )
    answers.able(model, words.prompts)
    return asked_parents(model, words, profile.layer)


def in_context(profile: Profile, model: OpenModel) -> Parents:
    """The same after worked examples (`letters_in_context`), with what the model
    answers.
    """
    words, _, probes = letters_in_context(profile, model)
    answers.able(model, words.prompts)
    return Parents(words, probes, AnswerMetric(model, words.prompts, profile.layer))


def letters_in_context(
    profile: Profile, model: OpenModel
) -> tuple[Labelled, Rows, LinearProbes]:
    """First letters of words after worked examples: the words, the stream at them, and
    probes. These are fitted on more words than are measured, which are some of them; a
    word is judged out of its fold.
    """
    every = labelled(
        model,
        "letter",
        words=[one for one in whole_words(model) if one not in SPELLED],
        template=worked_question("letter", profile.in_context),
        at_least=LEAST_WORDS,
        at_most=profile.probe_words or profile.words_a_letter,
    )
    some = spread_words(every.labels, profile.words_a_letter)
    words = every._replace(
        prompts=[every.prompts[i] for i in some.tolist()], labels=every.labels[some]
    )
    before = model.encode(every.prompts[0].template.split(" {word}")[0])
    ids = torch.tensor([[model.token(word)] for word in every.words])
    rows = stream_after(model, before, ids, profile.layer)
    return words, rows[some], linear_probes(rows, every.labels).at(some)


def spread_words(labels: Bool[Tensor, "word label"], most: int) -> Int[Tensor, " some"]:
    """At most so many words of each label, evenly spread over their order, and none
    without a label.
    """
    found = []
    for own in labels.T:
        members = own.nonzero()[:, 0]
        step = max(1.0, len(members) / most)
        found += [members[int(n * step)] for n in range(min(most, len(members)))]
    return torch.stack(found).unique() if found else torch.empty(0, dtype=torch.int64)


def spelled(
    setting: Setting, *, count: int = WORDS_SPELLED
) -> dict[str, answers.Accuracy]:
    """How often the model names the first letter, in the sentences that it was trained
    on and in others.
    """
    words = whole_words(setting.model)
    return {
        name: answers.accuracy(
            setting.model,
            facts.prompts("letter", unseen=unseen, words=words, count=count),
        )
        for name, unseen in (("trained", False), ("unseen", True))
    }


def asked_parents(model: OpenModel, words: Labelled, layer: int) -> Parents:
    """Words of any task with their probes and metric."""
    metric = AnswerMetric(model, words.prompts, layer)
    return Parents(words, linear_probes(metric.rows, words.labels), metric)

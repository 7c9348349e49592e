"""Is one width best for all tasks? Sparse probing and targeted probe perturbation, by
width.

Leask et al. (2502.04878), section 6 and appendix A.8: "no single SAE width" is best.
The tasks are facts that the language model knows of words.
"""

from contextlib import suppress
from typing import NamedTuple

import torch
from jaxtyping import Bool
from torch import Generator, Tensor

from saecore.claims.incompleteness.grid import stitching_grid
from saecore.claims.sites import members
from saecore.errors import Unsuited
from saecore.measures.algebra.intervals import Interval, over_seeds
from saecore.measures.dictionary.encoded import encoded
from saecore.measures.probing.downstream import class_probes, few_latents, perturbed
from saecore.profiles import Profile
from saecore.report.ranged import mean
from saecore.shapes import Dictionary, Rows
from saecore.source.model import language_model
from saecore.source.tasks import labelled_words, vocabulary
from saecore.zoo.store import Zoo

QUESTIONS = ("category", "letter", "country", "profession", "pronoun")
"""Tasks: what is asked about a word."""
WORDS = 60
"""Words per class at most."""
LATENTS = (1, 10)
"""Latents that a sparse probe reads."""
FOLDS = 3
MEASURES = (*(f"probe on {k}" for k in LATENTS), "perturbation")


class WordTask(NamedTuple):
    """A question about words: the residual stream at each word, and its answers."""

    x: Rows
    labels: Bool[Tensor, "row label"]


class Usefulness(NamedTuple):
    """What SAEs of each width are good for, with intervals over seeds."""

    scores: dict[tuple[str, str, int], Interval]
    """By task, measure (`MEASURES`) and width: balanced accuracy of the probes, score
    of the perturbation."""
    shuffled: dict[tuple[str, str, int], float]
    """Accuracy of the probes with shuffled labels."""
    left_out: list[str]
    """Tasks that the model lacks the words of."""
    widths: list[int]
    """Narrow to wide."""

    @property
    def tasks(self) -> list[str]:
        """Tasks that were asked."""
        return list(dict.fromkeys(task for task, _, _ in self.scores))

    def over_tasks(self, measure: str, width: int) -> float | None:
        """Mean score of a measure at a width; None without tasks."""
        scores = [
            point.estimate
            for (_, name, at), point in self.scores.items()
            if (name, at) == (measure, width)
        ]
        return mean(scores) if scores else None

    def best_widths(self) -> dict[tuple[str, str], int]:
        """The width with the highest score, by task and measure."""
        best: dict[tuple[str, str], int] = {}
        for (task, measure, width), point in self.scores.items():
            at = best.setdefault((task, measure), width)
            if point.estimate > self.scores[task, measure, at].estimate:
                best[task, measure] = width
        return best


def usefulness(zoo: Zoo, profile: Profile, *, level: float) -> Usefulness:
    """Scores of the ReLU SAEs on all tasks that the language model has words for."""
    recipes = stitching_grid(profile).relu
    saes = zoo.get_all(members(recipes))
    by_width = {width: [saes[one] for one in some] for width, some in recipes.items()}
    asked, left_out = word_tasks(profile)
    found = Usefulness({}, {}, left_out, list(by_width))
    generator = torch.Generator().manual_seed(1)
    for name, task in asked.items():
        scores, shuffled = scored(task, by_width, level=level, generator=generator)
        found.scores.update({(name, *key): one for key, one in scores.items()})
        found.shuffled.update({(name, *key): one for key, one in shuffled.items()})
    return found


def word_tasks(profile: Profile) -> tuple[dict[str, WordTask], list[str]]:
    """The tasks with the residual stream at their words, and the names of those that
    the model lacks words for.
    """
    model = language_model.open_model(profile.folder)
    words, found = vocabulary.whole_words(model), {}
    for task in QUESTIONS:
        with suppress(Unsuited):
            asked = labelled_words.labelled(model, task, words=words, at_most=WORDS)
            at = vocabulary.at_word(model, asked.prompts, [profile.layer])
            known = asked.labels.any(1)
            found[task] = WordTask(at[profile.layer][known], asked.labels[known])
    return found, [task for task in QUESTIONS if task not in found]


ScoreKey = tuple[str, int]


def scored(
    task: WordTask,
    by_width: dict[int, list[Dictionary]],
    *,
    level: float,
    generator: Generator,
) -> tuple[dict[ScoreKey, Interval], dict[ScoreKey, float]]:
    """Scores of one task by measure and width, and the probes' with shuffled labels."""
    x, true = task
    fold = torch.arange(len(x)) % FOLDS
    mixed = true[torch.randperm(len(true), generator=generator)]
    probes = class_probes(x, true.long().argmax(1), fold > 0)
    scores, shuffled = {}, {}
    for width, some in by_width.items():
        coded = [encoded(one, x) for one in some]
        told = [few_latents(one, true, fold, ks=LATENTS).mean(1) for one in coded]
        chance = few_latents(coded[0], mixed, fold, ks=LATENTS).mean(1)
        for place, name in enumerate(MEASURES[:-1]):
            values = [float(one[place]) for one in told]
            scores[name, width] = over_seeds(values, level=level)
            shuffled[name, width] = float(chance[place])
        values = [perturbed(one, x, probes).score for one in coded]
        scores[MEASURES[-1], width] = over_seeds(values, level=level)
    return scores, shuffled

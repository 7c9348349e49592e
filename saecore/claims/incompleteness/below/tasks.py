"""Is one width best for all tasks? Sparse probing and targeted probe perturbation, by
width.

Leask et al. (2502.04878), section 6 and appendix A.8: "no single SAE width" is best.
The tasks are facts that the language model knows of words.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Generator, Tensor

from saecore.claims.incompleteness.grid import stitching_grid
from saecore.claims.sites import members
from saecore.errors import Unsuited
from saecore.measures.algebra.intervals import Interval, crossed, over_seeds
from saecore.measures.dictionary.encoded import Encoded, encoded
from saecore.measures.probing.downstream import (
    ABLATED,
    class_probes,
    perturbed,
    told_by_few,
)
from saecore.measures.probing.whole_row import (
    balanced_shares,
    dense_probe,
    mean_difference_probe,
)
from saecore.measures.stitching.row_groups import as_share
from saecore.profiles import Profile
from saecore.report.ranged import mean
from saecore.shapes import Dictionary, Rows
from saecore.source.model import language_model
from saecore.source.tasks import labelled_words, vocabulary
from saecore.zoo.store import Zoo

QUESTIONS = ("category", "letter", "country", "profession", "pronoun")
"""Tasks: what is asked about a word."""
WORDS_PER_CLASS = 60
"""Words per class at most."""
LATENTS = (1, 10)
"""Latents that a sparse probe reads."""
FOLDS = 3
PROBES = tuple(f"probe on {k}" for k in LATENTS)
EDITS = ("perturbation", "perturbation, in proportion")
"""Targeted perturbation: ablating as many latents at every width, or as large a share
of them."""
MEASURES = (*PROBES, *EDITS)


TaskKey = tuple[str, str, int]
"""Task, measure, width."""
ScoreKey = tuple[str, int]
"""Measure, width."""


class WordTask(NamedTuple):
    """A question about words: the residual stream at each word, and its answers."""

    x: Rows
    labels: Bool[Tensor, "row label"]


class Usefulness(NamedTuple):
    """What SAEs of each width are good for."""

    tables: dict[TaskKey, Float[Tensor, "seed word"]]
    """By task, measure (`MEASURES`) and width. Of a probe, what each word adds to the
    balanced accuracy; of a perturbation the score, one a seed."""
    whole_rows: dict[tuple[str, str], Float[Tensor, "word"]]
    """Of probes on whole rows, by task and kind."""
    shuffled: dict[TaskKey, float]
    """Accuracy of the probes with shuffled labels."""
    left_out: list[str]
    """Tasks that the model lacks the words of."""
    widths: list[int]
    """Narrow to wide."""
    level: float

    @property
    def tasks(self) -> list[str]:
        """Tasks that were asked."""
        return list(dict.fromkeys(task for task, _, _ in self.tables))

    @property
    def asked(self) -> list[tuple[str, str]]:
        """Tasks with the measures that say something of them."""
        return list(dict.fromkeys(key[:2] for key in self.tables))

    @property
    def scores(self) -> dict[TaskKey, Interval]:
        """All scores, over seeds and words; accuracies inside 0 to 1."""
        return {key: self._score(key) for key in self.tables}

    def _score(self, key: TaskKey) -> Interval:
        table = self.tables[key]
        if key[1] in EDITS:
            return over_seeds(table[:, 0].tolist(), level=self.level)
        seeds, words = table.shape
        point = crossed(table, level=self.level)
        return as_share(point, units=words, freedom=min(seeds, words) - 1, trials=words)

    def over_tasks(self, measure: str, width: int) -> float | None:
        """Mean score of a measure at a width; None without tasks."""
        scores = [
            float(table.mean())
            for (_, name, at), table in self.tables.items()
            if (name, at) == (measure, width)
        ]
        return mean(scores) if scores else None

    def rise(self, measure: str) -> float:
        """Change of the mean score from narrowest to widest; 0 without tasks."""
        first, last = (self.over_tasks(measure, self.widths[at]) for at in (0, -1))
        return 0.0 if first is None or last is None else last - first

    def best_widths(self) -> dict[tuple[str, str], int]:
        """The width with the highest mean score, by task and measure: an argmax over
        few seeds, which `surely_better` is not.
        """
        return {
            asked: max(self.widths, key=lambda w: float(self.tables[*asked, w].mean()))
            for asked in self.asked
        }

    def surely_better(self, than: int) -> dict[tuple[str, str], list[int]]:
        """Widths that surely do better than the width `than`, by task and measure,
        where there are any: the interval of the difference lies above zero.
        """
        found = {}
        for asked in self.asked:
            others = [w for w in self.widths if w != than]
            better = [w for w in others if self.lead(asked, w, than).low > 0]
            found |= {asked: better} if better else {}
        return found

    def lead(self, asked: tuple[str, str], width: int, than: int) -> Interval:
        """Score at one width minus that at another, on the same words."""
        table = self.tables[*asked, width] - self.tables[*asked, than]
        if asked[1] in EDITS:
            return over_seeds(table[:, 0].tolist(), level=self.level)
        return crossed(table, level=self.level)


def usefulness(zoo: Zoo, profile: Profile, *, level: float) -> Usefulness:
    """Scores of the ReLU SAEs on all tasks that the language model has words for."""
    recipes = stitching_grid(profile).relu
    saes = zoo.get_all(members(recipes))
    by_width = {width: [saes[one] for one in some] for width, some in recipes.items()}
    asked, left_out = word_tasks(profile)
    found = Usefulness({}, {}, {}, left_out, list(by_width), level)
    generator = torch.Generator().manual_seed(1)
    for name, task in asked.items():
        tables, shuffled = scored(task, by_width, generator=generator)
        found.tables.update({(name, *key): one for key, one in tables.items()})
        found.shuffled.update({(name, *key): one for key, one in shuffled.items()})
        for kind, told in whole_rows(task).items():
            found.whole_rows[name, kind] = told
    return found


def word_tasks(profile: Profile) -> tuple[dict[str, WordTask], list[str]]:
    """The tasks with the residual stream at their words, and the names of those that
    the model lacks words for.
    """
    model = language_model.open_model(profile.folder)
    words, found = vocabulary.whole_words(model), {}
    for task in QUESTIONS:
        with suppress(Unsuited):
            asked = labelled_words.labelled(
                model, task, words=words, at_most=WORDS_PER_CLASS
            )
            at = vocabulary.at_word(model, asked.prompts, [profile.layer])
            known = asked.labels.any(1)
            found[task] = WordTask(at[profile.layer][known], asked.labels[known])
    return found, [task for task in QUESTIONS if task not in found]


def whole_rows(task: WordTask) -> dict[str, Float[Tensor, "word"]]:
    """What each word adds to the balanced accuracy of probes that read whole rows."""
    x, true = task
    label, fold = true.long().argmax(1), torch.arange(len(x)) % FOLDS
    several = {"dense": dense_probe, "mean difference": mean_difference_probe}
    return {
        name: balanced_shares(probe(x, label, fold), true)
        for name, probe in several.items()
    }


def scored(
    task: WordTask,
    by_width: Mapping[int, Sequence[Dictionary]],
    *,
    generator: Generator,
) -> tuple[dict[ScoreKey, Tensor], dict[ScoreKey, float]]:
    """Tables of one task by measure and width, and accuracies with shuffled labels."""
    x, true = task
    fold = torch.arange(len(x)) % FOLDS
    mixed = true[torch.randperm(len(true), generator=generator)]
    tables, shuffled = {}, {}
    for width, some in by_width.items():
        coded = [encoded(one, x) for one in some]
        told = [told_by_few(one, true, fold, ks=LATENTS) for one in coded]
        chance = told_by_few(coded[0], mixed, fold, ks=LATENTS)
        for place, name in enumerate(PROBES):
            shares = [balanced_shares(one[place], true) for one in told]
            tables[name, width] = torch.stack(shares)
            shuffled[name, width] = float(balanced_shares(chance[place], mixed).mean())
        part = ABLATED * width // min(by_width)
        for name, count in zip(EDITS, (ABLATED, part), strict=True):
            if true.shape[1] > 2:  # of two classes the score is zero, whatever is done
                tables[name, width] = _perturbation(coded, task, fold, count)
    return tables, shuffled


def _perturbation(
    coded: list[Encoded], task: WordTask, fold: Tensor, count: int
) -> Float[Tensor, "seed one"]:
    x, true = task
    probes = class_probes(x, true.long().argmax(1), fold > 0)
    scores = [perturbed(one, x, probes, ablate=count).score for one in coded]
    return torch.tensor(scores, dtype=torch.float64)[:, None]

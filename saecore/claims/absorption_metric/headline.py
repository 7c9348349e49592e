"""Every metric of absorption on every SAE, beside the truth."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.claims.absorption_metric.known import (
    PLANTED,
    WORLD,
    KnownSubject,
    planted,
    world,
)
from saecore.measures.absorption import absorption_gap, metrics
from saecore.measures.absorption.against_truth import metric_scores, metric_trial
from saecore.measures.absorption.against_truth.metric_scores import Checked, OverSeeds
from saecore.measures.absorption.against_truth.metric_trial import Score
from saecore.profiles import Profile, WorldProfile
from saecore.recipes.sae import SAERecipe
from saecore.shapes import LinearEncoder
from saecore.sparse import Active, dense
from saecore.zoo.store import Zoo

CONFIDENCE = 0.95
"""Level of every interval of the pages on metrics."""
KNOWABLE = metric_trial.MAINS[:2]
"""Choices of main latents that need no truth: the best latent, and the split set."""
RULES = (
    "paper, ablation, lead 1",
    "SAEBench, full",
    "SAEBench, fraction 0.6.0",
    "SAEBench, fraction 0.3.2",
)
"""The four metrics that are drawn."""


class Tried(NamedTuple):
    """One SAE: what truly happened on the rows, and what every metric says of it."""

    shares: dict[str, float]
    """Share of the cases by how they truly ended."""
    scores: dict[str, dict[str, Score]]
    """By choice of main latents, then by metric: over the parents asked about."""
    others: dict[str, dict[str, Score]]
    """The same over the other parents, whose families are independent."""
    by_definition: dict[str, dict[str, dict[str, Checked]]]
    """Strict decisions by definition of the truth, then as in `scores`."""
    true: Float[Tensor, " parent"]
    """True rate of every parent asked about; nan where it is not counted."""
    gap: Float[Tensor, " parent"]
    """Absorption gap of its best latent."""
    asymmetry: Float[Tensor, " parent"]
    """1 - cos(encoder, decoder) of its best latent."""
    swallowed: float
    """Share of the parents whose split set holds a latent of a child."""


Runs = Mapping[str, Sequence[Tried]]
"""By setting of the SAE, one per seed."""


class Study(NamedTuple):
    """Both subjects, and all of their SAEs."""

    subjects: dict[str, KnownSubject]
    """By subject: WORLD and PLANTED."""
    tried: dict[str, dict[str, list[Tried]]]
    """By subject, then by setting of the SAE, one per seed."""


def study(zoo: Zoo, profile: Profile) -> Study:
    """Try every metric on every SAE of both subjects."""
    sizes = WorldProfile()
    subjects = {WORLD: world(zoo, profile, sizes), PLANTED: planted(zoo, profile)}
    every = [group for one in subjects.values() for group in one.saes.values()]
    zoo.make(recipe for group in every for recipe in group)
    tried = {
        name: {
            sae: [_tried(zoo, recipe, setting) for recipe in group]
            for sae, group in setting.saes.items()
        }
        for name, setting in subjects.items()
    }
    return Study(subjects, tried)


def try_metrics(sae: LinearEncoder, active: Active, setting: KnownSubject) -> Tried:
    """All that the page needs of one SAE, from its activations on a setting's rows."""
    asked, cases = setting.asked, setting.on.cases
    trial = metric_trial.trial(setting.on, active, sae.W_dec)
    best = trial.main["best latent"].latents.int().argmax(1)
    fires, truth = dense(active, len(sae.W_dec))[:, best] > 0, trial.truth.among(asked)
    split = trial.main["split set"].latents
    return Tried(
        shares=truth.shares(),
        scores=trial.scores(asked),
        others=trial.scores(~asked),
        by_definition=trial.by_definition(asked),
        true=truth.by_parent()[asked],
        gap=absorption_gap.gap(fires, cases.fires, cases.childs).gap[asked],
        asymmetry=metrics.asymmetry(sae.W_enc, sae.W_dec)[best][asked],
        swallowed=float((split & truth.roles.child).any(1)[asked].double().mean()),
    )


def pooled_check(
    runs: Runs,
    main: str,
    metric: str,
    *,
    kind: Literal["strict", "mostly"] = "strict",
) -> OverSeeds:
    """One metric's check over all settings of a subject: pooled seed by seed, then
    means over seeds with their intervals.
    """
    return _over_seeds(runs, lambda one: getattr(one.scores[main][metric], kind))


def check_by_definition(
    runs: Runs, main: str, metric: str, definition: str
) -> OverSeeds:
    """`pooled_check` against the strict truth by one of its definitions."""
    return _over_seeds(runs, lambda one: one.by_definition[definition][main][metric])


def null_check(runs: Runs, main: str, metric: str) -> OverSeeds | None:
    """The same rule on the independent families, where nothing can be absorbed: what it
    reads there is its null. None where a subject has none.
    """
    found = _over_seeds(runs, lambda one: one.others[main][metric].strict)
    return None if found.read.estimate != found.read.estimate else found


def _over_seeds(runs: Runs, of: Callable[[Tried], Checked]) -> OverSeeds:
    checks = [
        metric_scores.pooled([of(one) for one in seed])
        for seed in zip(*runs.values(), strict=True)
    ]
    return metric_scores.checks_over_seeds(checks, level=CONFIDENCE)


def rates_and_truth(
    runs: Runs, main: str, metric: str
) -> tuple[Float[Tensor, "setting seed"], Float[Tensor, "setting seed"]]:
    """What a metric reads, and the true rate: strict, or graded for a graded metric."""
    scores = [[one.scores[main][metric] for one in group] for group in runs.values()]
    graded = metric in metrics.GRADED
    read = [[score.graded.read for score in group] for group in scores]
    true = [
        [score.graded.true if graded else score.strict.base for score in group]
        for group in scores
    ]
    return torch.tensor(read), torch.tensor(true)


def _tried(zoo: Zoo, recipe: SAERecipe, setting: KnownSubject) -> Tried:
    sae = zoo.get(recipe)
    return try_metrics(sae, sae.encode_sparse(setting.on.rows), setting)

"""One dictionary, or any set of activations, read by rules: its explanations, their
scores, and the null.

Source: Cunningham et al. (2309.08600), section 3 and appendix A; the null (explanations
swapped between latents) and the count of skipped latents are not in the paper.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from saecore.measures.algebra.intervals import Interval, bootstrap
from saecore.measures.explaining.fragments import Fragments
from saecore.measures.explaining.leads import Scored
from saecore.measures.explaining.predicates import Predicates
from saecore.measures.explaining.resampled_texts import fragment_sums, resampled_means
from saecore.measures.explaining.rules import Rules
from saecore.measures.explaining.scores import (
    SCORES,
    Scores,
    scored_fragments,
    scored_rules,
    scores,
    swapped,
)


class MeanScore(NamedTuple):
    """One score over the latents of a dictionary."""

    mean: Interval
    """Over the latents that have the score, with a bootstrap interval over latents."""
    with_skipped: Interval
    """The same with every latent that has no score counted as `otherwise` (0 unless
    told).
    """
    scored: int
    """Number of latents that have the score."""
    latents: int
    """Number of latents."""


class Autointerp(NamedTuple):
    """Automated interpretability of some latents: what rules make of them."""

    rules: Rules
    """The explanations."""
    scores: Scores
    """How they do on the other half."""
    swapped: Float[Tensor, " latent"]
    """The simulation score of every latent under another latent's rule; nan for skipped
    latents.
    """
    simulation: MeanScore
    """The paper's score over the latents."""
    resampled: Float[Tensor, " draw"] = torch.empty(0)
    """The mean on each resample of the texts that score, if any were asked for."""

    @property
    def scored(self) -> Scored:
        """What a comparison with another dictionary needs."""
        score = self.scores.simulation
        return Scored(score[~score.isnan()], self.resampled)

    @property
    def score(self) -> float:
        """The mean simulation score of the latents that are not skipped."""
        return self.simulation.mean.estimate

    @property
    def null(self) -> float:
        """The mean under swapped rules."""
        return float(self.swapped.nanmean())

    def columns(self) -> dict[str, float]:
        """All of it as one row of a table."""
        more = {
            name: float(getattr(self.scores, name).nanmean()) for name in SCORES[1:]
        }
        mean = self.simulation.mean
        return {
            "simulation": mean.estimate,
            "low": mean.low,
            "high": mean.high,
            "skipped as 0": self.simulation.with_skipped.estimate,
            "skipped": self.simulation.latents - self.simulation.scored,
            **more,
            "swapped": self.null,
            "fires on": float(self.scores.density.mean()),
        }


class Moments(NamedTuple):
    """Moments of each latent's activations over all positions."""

    mean: Float[Tensor, " latent"]
    """E[y]."""
    variance: Float[Tensor, " latent"]
    """About the mean."""
    skew: Float[Tensor, " latent"]
    """E[y^3] / Var(y)^(3/2): about zero, not about the mean, as in the authors'
    code.
    """
    kurtosis: Float[Tensor, " latent"]
    """E[y^4] / Var(y)^2, about zero too."""


class Inquiry(NamedTuple):
    """Passages of one latent: what somebody who is no rule (a language model, a reader)
    is shown and asked.
    """

    shown: Int[Tensor, "example pos"]
    """Tokens of the fragments with the largest activations, of the half that
    explanations are made on.
    """
    activations: Float[Tensor, "example pos"]
    """The activations there."""
    asked: Int[Tensor, "fragment pos"]
    """Tokens of the fragments to predict: top ones and as many random ones of the other
    half.
    """
    truth: Float[Tensor, "fragment pos"]
    """The activations there."""
    number: Int[Tensor, " fragment"]
    """The number of each of these fragments within its half."""


def drawn_latents(width: int, count: int, *, seed: int = 3) -> Int[Tensor, " latent"]:
    """Latents drawn without replacement, `count` of them in order; all of them if there
    are fewer.

    The paper takes the first 150 by number; principal components are sorted, so the
    first are no sample.
    """
    drawn = torch.randperm(width, generator=torch.Generator().manual_seed(seed))
    return drawn[:count].sort().values


def autointerp(
    y: Float[Tensor, "latent fragment pos"],
    fragments: Fragments,
    predicates: Predicates,
    *,
    most: int,
    least: int,
    each: int,
    level: float,
    few_shot: bool = False,
    draws: int = 0,
    seed: int = 3,
) -> Autointerp:
    """Automated interpretability of latents: fit a rule of up to `most` parts to each,
    score it, score it again under swapped rules, and take the means.

    `least` and `each` are those of `scores`, `level` the confidence of the intervals
    over latents. `seed` draws the scored fragments, the swap and the bootstrap, alike
    for all sets of as many latents, `draws` says how many resamples of the texts that
    score have their means taken too. Cunningham et al. (2309.08600), section 3. Raises
    ValueError if fewer than two latents fire in `least` fragments.
    """
    draw = torch.Generator().manual_seed(seed)
    found = scored_rules(
        y, fragments, predicates,
        generator=draw, most=most, least=least, each=each, few_shot=few_shot,
    )  # fmt: skip
    mixed = swapped(found.rules, ~found.scores.skipped, generator=draw)
    others = scores(
        mixed, y, fragments, predicates, generator=draw, least=least, each=each
    )
    means = mean_score(found.scores.simulation, generator=draw, level=level)
    by_text = torch.empty(0)
    if draws:
        sums = fragment_sums(found.rules, y, fragments, predicates)
        scored = ~found.scores.skipped
        by_text = resampled_means(sums, scored, each=each, draws=draws)
    return Autointerp(*found, others.simulation, means, by_text)


def mean_score(
    score: Float[Tensor, " latent"],
    *,
    generator: Generator,
    level: float,
    otherwise: float = 0.0,
) -> MeanScore:
    """Mean of a score over latents, and the same with latents that have none counted as
    `otherwise`.

    The paper leaves skipped latents out and does not say how many they are. For
    balanced accuracies, chance is one half: pass otherwise=0.5. The interval of
    confidence `level` is over latents; over seeds see `intervals.over_seeds`. Raises
    ValueError if no latent has the score.
    """
    defined = ~score.isnan()
    if not defined.any():
        raise ValueError(
            "a mean needs at least one latent with a score, but all were skipped: use "
            "more texts"
        )
    full = torch.where(defined, score, otherwise)
    of_scored, of_all = (
        bootstrap(x, generator=generator, level=level) for x in (score[defined], full)
    )
    return MeanScore(of_scored, of_all, int(defined.sum()), len(score))


def moments(y: Float[Tensor, "latent fragment pos"]) -> Moments:
    """Mean, variance, skew and kurtosis of each latent's activations over all
    positions: the moments that the paper correlates with scores (appendix C, table 2);
    nan for a silent latent.
    """
    flat = y.flatten(1).double()
    variance = flat.var(1, correction=0)
    third, fourth = flat.pow(3).mean(1), flat.pow(4).mean(1)
    return Moments(
        flat.mean(1), variance, third / variance.pow(1.5), fourth / variance.square()
    )


def correlated(
    score: Float[Tensor, " latent"], with_: Float[Tensor, " latent"]
) -> float:
    """Pearson's correlation over the latents that have both numbers. Raises ValueError
    for fewer than 3.
    """
    both = torch.stack([score.double(), with_.double()])
    both = both[:, both.isfinite().all(0)]
    if both.shape[1] < 3:
        raise ValueError(
            "a correlation needs at least three latents with both numbers, got "
            f"{both.shape[1]}: take more"
        )
    return float(both.corrcoef()[0, 1])


def inquiries(
    y: Float[Tensor, "latent fragment pos"],
    fragments: Fragments,
    *,
    generator: Generator,
    each: int,
) -> list[Inquiry]:
    """Passages to explain and to predict, for each latent: its `each` top fragments of
    one half, and the `each` top and `each` random ones of the other.

    For `judge.judge.question`; its predictions are scored by `scores.simulation`, as
    those of rules.
    """
    fit, judge = fragments.half(fitting=True), fragments.half(fitting=False)
    learnt, truth = y[:, fragments.fitting], y[:, ~fragments.fitting]
    shown, sample = (
        scored_fragments(part, generator=generator, each=each)[0]
        for part in (learnt, truth)
    )
    asked = torch.cat([sample.top, sample.random], 1)
    return [
        Inquiry(fit.token[a], one[a], judge.token[b], other[b], b)
        for a, b, one, other in zip(shown.top, asked, learnt, truth, strict=True)
    ]

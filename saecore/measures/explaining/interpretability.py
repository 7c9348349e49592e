"""One dictionary, or any set of activations, read by rules: its explanations, their
scores, and the null.

Source: Cunningham et al. (2309.08600), section 3 and appendix A; the null (explanations
swapped between latents) and the count of skipped latents are not in the paper.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from saecore.measures.explaining.fragments import Fragments
from saecore.measures.explaining.predicates import Predicates
from saecore.measures.explaining.rules import Rules
from saecore.measures.explaining.scores import (
    FRAGMENTS,
    SCORES,
    Scores,
    Summary,
    explained,
    sampled,
    scores,
    summary,
    swapped,
)


class Reading(NamedTuple):
    """What rules make of some latents."""

    rules: Rules
    """The explanations."""
    scores: Scores
    """How they do on the other half."""
    swapped: Float[Tensor, " latent"]
    """The simulation score of every latent under another latent's rule; nan for skipped
    latents.
    """
    simulation: Summary
    """The paper's score over the latents."""

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
    """What somebody who is no rule (a language model, a reader) is shown and asked
    about one latent.
    """

    shown: Int[Tensor, "example pos"]
    """Tokens of the fragments with the largest activations, of the half that
    explanations are made on.
    """
    activations: Float[Tensor, "example pos"]
    """The activations there."""
    asked: Int[Tensor, "fragment pos"]
    """Tokens of the fragments to predict: five top and five random ones of the other
    half.
    """
    truth: Float[Tensor, "fragment pos"]
    """The activations there."""


def some(width: int, count: int, *, seed: int = 3) -> Int[Tensor, " latent"]:
    """`count` latents drawn without replacement, in order; all of them if there are
    fewer.

    The paper takes the first 150 by number; principal components are sorted, so the
    first are no sample.
    """
    drawn = torch.randperm(width, generator=torch.Generator().manual_seed(seed))
    return drawn[:count].sort().values


def reading(
    y: Float[Tensor, "latent fragment pos"],
    fragments: Fragments,
    predicates: Predicates,
    *,
    few_shot: bool = False,
    seed: int = 3,
    least: int = FRAGMENTS,
) -> Reading:
    """Fit a rule to each latent, score it, score it again under swapped rules, and take
    the means.

    `seed` draws the scored fragments, the swap and the bootstrap, alike for all sets of
    as many latents. Raises ValueError if fewer than two latents fire in `least`
    fragments.
    """
    draw = torch.Generator().manual_seed(seed)
    found = explained(
        y, fragments, predicates, generator=draw, few_shot=few_shot, least=least
    )
    mixed = swapped(found.rules, ~found.scores.skipped, generator=draw)
    others = scores(mixed, y, fragments, predicates, generator=draw, least=least)
    means = summary(found.scores.simulation, generator=draw)
    return Reading(*found, others.simulation, means)


def moments(y: Float[Tensor, "latent fragment pos"]) -> Moments:
    """The moments that the paper correlates with scores (appendix C, table 2); nan for
    a silent latent.
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
            f"a correlation needs at least three latents with both numbers, got {both.shape[1]}: take more"
        )
    return float(both.corrcoef()[0, 1])


def inquiries(
    y: Float[Tensor, "latent fragment pos"],
    fragments: Fragments,
    *,
    generator: Generator,
) -> list[Inquiry]:
    """What to show and to ask about each latent: the paper's five top fragments, and
    its ten to predict.

    For `source.judge.question`; its predictions are scored by `explaining.simulation`,
    as those of rules.
    """
    fit, judge = fragments.half(fitting=True), fragments.half(fitting=False)
    learnt, truth = y[:, fragments.fitting], y[:, ~fragments.fitting]
    top, sample = (
        sampled(learnt, generator=generator)[0].top,
        sampled(truth, generator=generator)[0],
    )
    asked = torch.cat([sample.top, sample.random], 1)
    return [
        Inquiry(fit.token[a], one[a], judge.token[b], other[b])
        for a, b, one, other in zip(top, asked, learnt, truth, strict=True)
    ]

"""Unequal catchability (beta-binomial): how often features come back from seed to seed.

`capture_recapture` counts f_r, the features found in exactly r seeds, and bounds their
number from below; here a law is fitted to those counts. Where catchability varies
without limit no data can fix f_0 (Link 2003): read the bound first, the model second.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy import ndarray
from torch import Generator, Tensor

from saecore.measures.algebra.intervals import Interval


# no page uses it yet; its tests hold it to theory
class BetaBinomial(NamedTuple):
    """Features that come back with probability p ~ Beta(alpha, beta) per seed, and
    one-off latents.
    """

    alpha: float
    """Of the law of p over features; above -1."""
    beta: float
    """Of the law of p over features."""
    once: float
    """Share of the features seen that are one-offs: never to be seen again."""
    features: float
    """Recurring features, seen or not; inf where alpha <= 0: rare ones without end."""
    unseen: float
    """Of these, not seen in any seed so far; inf likewise."""
    floor: float
    """Share of one dictionary's latents that no number of seeds will find again."""
    expected: Float[Tensor, "times"]
    """f_r that the fit expects."""
    log_likelihood: float
    """Of the captures; AIC = 2 parameters - 2 log L, with 3 parameters or 2."""

    def alone(self, seeds: Int[Tensor, "k"]) -> Float[Tensor, "k"]:
        """Expected share of a dictionary's latents found in no other of K seeds, for
        any K.

        A recurring latent at hand has p ~ Beta(alpha + 1, beta) (those found often are
        met often), so it is missed K - 1 times with probability B(alpha + 1, beta + K -
        1) / B(alpha + 1, beta).
        """
        from scipy.special import betaln

        missed = betaln(self.alpha + 1, self.beta + seeds.numpy() - 1) - betaln(
            self.alpha + 1, self.beta
        )
        return self.floor + (1 - self.floor) * torch.from_numpy(np.exp(missed))


# no page uses it yet; its tests hold it to theory
def beta_binomial(
    captures: Float[Tensor, "times"], *, once: bool = True
) -> BetaBinomial:
    """Maximum-likelihood fit of unequal catchability to f_1 ... f_S (Dorazio & Royle
    2003), with one-offs.

    P(r) = once [r = 1] + (1 - once) C(S, r) B(alpha + r, beta + S - r) / Z, r = 1 ...
    S, Z the sum over r: the zero-truncated beta-binomial and a mass of latents that
    belong to no feature. Without `once` the former alone. Departure: alpha may fall to
    -1. The law of what is *seen* stays proper there, and so do the floor and the curve
    of orphans, while the number of features behind it has no end; the published
    histogram is such a case. Otherwise features = seen (1 - once) / (1 - P(0)). Raises
    ValueError for fewer than 5 seeds (three numbers are fitted to S - 1 free shares) or
    no captures.
    """
    from scipy.optimize import minimize

    seeds, seen = len(captures), float(captures.sum())
    if seeds < 5 or not seen > 0:
        raise ValueError(
            f"the fit needs captures from at least 5 seeds, got {seeds} seeds and "
            f"{seen:g} features"
        )
    observed = captures.double().numpy()

    def loss(x: ndarray) -> float:
        return -float(observed @ np.log(_law(x, seeds) + 1e-300)) / seen

    starts = [
        np.array([a, b, w])
        for a in (-1.0, 1.0)
        for b in (-1.0, 1.0)
        for w in (-2.0, 1.0)
    ]
    options = {"maxiter": 4000, "xatol": 1e-7, "fatol": 1e-13}
    fits = [
        minimize(loss, x if once else x[:2], method="Nelder-Mead", options=options)
        for x in starts
    ]
    best = min(fits, key=lambda fit: fit.fun)
    return _describe(best.x, seeds, seen, -float(best.fun) * seen)


# no page uses it yet; its tests hold it to theory
def over_features(
    captures: Float[Tensor, "times"],
    statistic: Callable[[Float[Tensor, "times"]], float],
    *,
    generator: Generator,
    draws: int,
    level: float,
) -> Interval:
    """Percentile bootstrap of a statistic of f_1 ... f_S (say, the floor): the features
    seen are redrawn.

    Features are taken as independent and the seeds as given.
    """
    seen = round(float(captures.sum()))
    law = captures.double() / captures.sum()
    samples = []
    for _ in range(draws):
        drawn = torch.multinomial(law, seen, replacement=True, generator=generator)
        samples.append(
            statistic(torch.bincount(drawn, minlength=len(captures)).double())
        )
    values = torch.tensor(samples, dtype=torch.float64)
    ends = torch.quantile(
        values, torch.tensor([(1 - level) / 2, (1 + level) / 2], dtype=torch.float64)
    )
    return Interval(
        statistic(captures), float(ends[0]), float(ends[1]), float(values.std()), level
    )


def _parameters(x: ndarray) -> tuple[float, float, float]:
    """alpha > -1, beta > 0 and the share of one-offs from unconstrained numbers."""
    alpha, beta = np.exp(np.clip(x[:2], -12, 12))
    share = 1 / (1 + np.exp(-np.clip(x[2], -30, 30))) if len(x) > 2 else 0.0
    return float(alpha - 1), float(beta), float(share)


def _law(x: ndarray, seeds: int) -> Float[ndarray, "times"]:
    """P(r), r = 1 ... S."""
    from scipy.special import betaln, gammaln

    alpha, beta, share = _parameters(x)
    r = np.arange(1, seeds + 1)
    mass = betaln(r + alpha, seeds - r + beta) - gammaln(r + 1) - gammaln(seeds - r + 1)
    mass = np.exp(mass - mass.max())
    law = (1 - share) * mass / mass.sum()
    law[0] += share
    return law


def _describe(
    x: ndarray, seeds: int, seen: float, log_likelihood: float
) -> BetaBinomial:
    from scipy.special import betaln

    (alpha, beta, share), law = _parameters(x), _law(x, seeds)
    recurring, features = seen * (1 - share), float("inf")
    if alpha > 0:
        features = recurring / -np.expm1(
            betaln(alpha, beta + seeds) - betaln(alpha, beta)
        )
    latents = float(law @ np.arange(1, seeds + 1))  # latents per feature seen
    return BetaBinomial(
        alpha,
        beta,
        share,
        float(features),
        float(features) - recurring,
        share / latents,
        torch.from_numpy(seen * law),
        log_likelihood,
    )

"""The cosine in place of the effect: ROC curves, and thresholds that are fitted.

Leask et al. (2502.04878), appendix A.4 and figure 13. The paper's threshold was chosen
by looking at all latents; here one half chooses and the other judges.
"""

from itertools import pairwise
from math import isnan
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from saecore.claims.incompleteness.between_seeds import stranger_cosines, strangers
from saecore.claims.incompleteness.headline import STRANGERS_SEED
from saecore.claims.incompleteness.held_out import HeldOut
from saecore.claims.incompleteness.singles import WidthPair, width_pairs
from saecore.claims.incompleteness.verdict_numbers import put_into, share_of, smaller
from saecore.measures.algebra.nearest import unit_rows
from saecore.measures.dictionary.encoded import Encoded
from saecore.measures.stitching.cosine_proxy import (
    Roc,
    ThresholdCalls,
    activation_cosines,
    max_cosine,
    pursuit_cosine,
    roc,
    threshold_calls,
    transferred,
)
from saecore.measures.stitching.insertion import insertions

PICKS = 4
"""Latents of the smaller SAE that may explain a decoder row together."""
LEAST_OF_A_KIND = 5
"""Latents that lower the error, and others, below which no AUC is stated."""


class Proxy(NamedTuple):
    """The largest cosine as a sign of a lower error, for one pair of SAEs."""

    roc: Roc
    """Over all thresholds."""
    auc: float | None
    """Its area; None where too few latents are of one kind."""
    auc_of_four: float | None
    """Area for how much of the decoder row four latents explain together."""
    at_rule: ThresholdCalls
    """Calls at the paper's threshold."""
    fitted: ThresholdCalls | None
    """Calls at a threshold chosen on half of the latents, judged on the other half."""


def proxies(held: HeldOut) -> dict[tuple[str, int, int], Proxy]:
    """The stand-in for every pair of widths and its control (two equal widths): seed 1
    into seed 0.
    """
    found: dict[WidthPair, Proxy] = {}
    for kind, u, v in width_pairs(held):
        for width in (v, u):
            if (kind, u, width) not in found:
                small, large = held.seeds(kind, u)[0], held.seeds(kind, width)[1]
                found[kind, u, width] = _proxy(held, small, large)
    return found


def _proxy(held: HeldOut, small: Encoded, large: Encoded) -> Proxy:
    effects = insertions(small, large, held.x)
    live, cosine = effects.live, max_cosine(small, large)
    cosine, lower = cosine[live], (effects.effect < 0)[live]
    curve, at_rule = (
        roc(cosine, lower),
        threshold_calls(cosine, lower, threshold=held.rule["cosine"]),
    )
    count = int(lower.sum())
    if not LEAST_OF_A_KIND <= count <= len(lower) - LEAST_OF_A_KIND:
        return Proxy(curve, None, None, at_rule, None)
    of_four = roc(pursuit_cosine(small, large, count=PICKS)[live], lower).auc
    halves = torch.Generator().manual_seed(0)
    fitted = transferred(cosine, lower, generator=halves)
    return Proxy(curve, curve.auc, of_four, at_rule, fitted)


class StrangerRoc(NamedTuple):
    """The ROC of the null, the mean over draws."""

    false: Float[Tensor, "point"]
    """Shares of the other latents, evenly spaced."""
    true: Float[Tensor, "point"]
    """Mean share of the novel latents at each."""
    auc: float
    """Mean area."""


def stranger_roc(held: HeldOut) -> StrangerRoc:
    """How well the largest cosine with Gaussian rows of the smaller SAE's covariance
    tells which latents lower its error: the base pair, seed 1 into seed 0.
    """
    kind, u, v = held.base
    small, large = held.seeds(kind, u)[0], held.seeds(kind, v)[1]
    effects = insertions(small, large, held.x)
    generator = torch.Generator().manual_seed(STRANGERS_SEED)
    drawn = strangers(small, draws=int(held.rule["null_draws"]), generator=generator)
    live, grid = effects.live, np.linspace(0, 1, 101)
    curves = [
        roc(cosine[live], (effects.effect < 0)[live])
        for cosine in stranger_cosines(drawn, large)
    ]
    true = [np.interp(grid, one.false.numpy(), one.true.numpy()) for one in curves]
    mean = torch.from_numpy(np.mean(true, axis=0))
    area = sum(one.auc for one in curves) / len(curves)
    return StrangerRoc(torch.from_numpy(grid), mean, area)


class CosineSpread(NamedTuple):
    """Largest cosines of the latents of a larger SAE with a smaller one (figure 7)."""

    cosine: Float[Tensor, "latent"]

    @property
    def numbers(self) -> tuple[float, float, float]:
        """Mean, median and standard deviation."""
        x = self.cosine.double()
        return float(x.mean()), float(x.median()), float(x.std())


def cosine_spreads(held: HeldOut) -> dict[tuple[int, int], CosineSpread]:
    """Distribution of the largest cosine for every step in width, and between two seeds
    of the narrowest: seed 1 into seed 0, live latents.
    """
    narrow = held.widths[0]
    found = {}
    for u, v in [*pairwise(held.widths), (narrow, narrow)]:
        small, large = held.seeds("relu", u)[0], held.seeds("relu", v)[1]
        found[u, v] = CosineSpread(max_cosine(small, large)[large.fired > 0])
    return found


ALIKE = 0.5
"""Decoder cosine above which the paper compares it with that of activations."""


def alike_in_activation(held: HeldOut) -> float:
    """R^2 of decoder cosine and activation cosine over the pairs of latents above a
    decoder cosine of `ALIKE` (figure 8): first doubling, seed 1 with seed 0; 0 where
    one of the two never differs.
    """
    u, v = held.widths[:2]
    small, large = held.seeds("relu", u)[0], held.seeds("relu", v)[1]
    decoder = unit_rows(small.W_dec) @ unit_rows(large.W_dec).T
    close = decoder > ALIKE
    both = decoder[close].double(), activation_cosines(small, large)[close]
    correlation = float(torch.corrcoef(torch.stack(both))[0, 1])
    return 0.0 if isnan(correlation) else correlation**2


class WidthCell(NamedTuple):
    """Share of novel latents of one width for a narrower one: seed 1 into seed 0."""

    by_cosine: float
    by_effect: float
    """The narrower SAE as it is."""
    refit: float
    """Its decoder fitted on the other half of the rows."""


def all_widths(held: HeldOut) -> dict[tuple[int, int], WidthCell]:
    """The full matrix of widths (figure 16 b)."""
    found = {}
    for place, u in enumerate(held.widths[:-1]):
        small = smaller(held, held.seeds("relu", u)[0])
        for v in held.widths[place + 1 :]:
            large = held.seeds("relu", v)[1]
            called = max_cosine(small.one, large) <= held.rule["cosine"]
            plain, refit = (share_of(held, one) for one in put_into(held, small, large))
            share = float(called.double().mean())
            found[u, v] = WidthCell(share, float(plain[0]), float(refit[0]))
    return found

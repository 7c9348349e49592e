"""The cosine in place of the effect: ROC curves, and thresholds that are fitted.

Leask et al. (2502.04878), appendix A.4 and figure 13. The paper's threshold was chosen
by looking at all latents; here one half chooses and the other judges.
"""

from typing import NamedTuple

import torch

from saecore.claims.incompleteness.held_out import HeldOut
from saecore.claims.incompleteness.singles import WidthPair, width_pairs
from saecore.measures.dictionary.encoded import Encoded
from saecore.measures.stitching.cosine_proxy import (
    Roc,
    ThresholdCalls,
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

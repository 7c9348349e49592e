"""Whether orphans can be explained: the book's scorer, with rules in place of a judge.

2501.16615 scores orphans with a language model and finds many that are as easy to
explain as others. Here a rule of a few parts is fitted to each latent on half of the
texts and judged on the other half, as on the interpretability page.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.claims.interpretability.explainer import EXPLAINED_LATENTS, explainer
from saecore.claims.seed_dependence.orphans.firing import OnHeldOutRows
from saecore.measures.algebra.intervals import Interval, over_seeds
from saecore.measures.explaining.interpretability import drawn_latents
from saecore.measures.seeds.removal import matched_in_firing
from saecore.profiles import Profile
from saecore.report import Claim

EXPLAINED_BY = ("simulation", "detection")
SEEDS_EXPLAINED = 5
"""Seeds whose latents are explained."""


class OrphanScores(NamedTuple):
    """Scores of shared latents and orphans that fire as often; each field by score,
    over seeds.
    """

    shared: dict[str, Interval]
    orphans: dict[str, Interval]
    difference: dict[str, Interval]
    """Orphans minus shared."""
    pairs: float
    """Mean number of matched pairs of a seed."""
    each: dict[str, Float[Tensor, "latent"]]
    """Simulation scores of all explained latents of all seeds, by kind."""


def orphan_scores(held: OnHeldOutRows, profile: Profile) -> OrphanScores:
    """Explanation scores of drawn latents of the first few seeds, shared ones beside
    orphans of the same SAE that fire about as often.

    "simulation" is the correlation of predicted and true activations (Cunningham et al.
    2309.08600), "detection" the balanced accuracy of "it fires here". Latents without a
    score are left out before they are matched.
    """
    reader = explainer(held.base.zoo, profile, Claim.read("interpretability"))
    found: list[dict[str, float]] = []
    each: dict[str, list[Tensor]] = {"shared": [], "orphans": []}
    for seed in range(min(SEEDS_EXPLAINED, len(held.encoded))):
        sae, flags = held.base.saes[seed], held.shared(seed)
        scores = reader.explained(sae).scores
        latents = drawn_latents(len(flags), EXPLAINED_LATENTS)
        there = ~(scores.simulation.isnan() | scores.detection.isnan())
        flags, fired = flags[latents], held.encoded[seed].fired[latents]
        first, second = matched_in_firing(flags & there, fired * there)
        row = {"pairs": float(len(first))}
        for name in EXPLAINED_BY:
            score = getattr(scores, name)
            row[f"{name} shared"] = float(score[first].mean())
            row[f"{name} orphans"] = float(score[second].mean())
        found.append(row)
        each["shared"].append(scores.simulation[there & flags])
        each["orphans"].append(scores.simulation[there & ~flags])
    level = held.base.confidence
    return OrphanScores(
        _by_score(found, "shared", level),
        _by_score(found, "orphans", level),
        _by_score(found, None, level),
        sum(row["pairs"] for row in found) / len(found),
        {kind: torch.cat(parts) for kind, parts in each.items()},
    )


def _by_score(
    found: list[dict[str, float]], kind: str | None, level: float
) -> dict[str, Interval]:
    """Means over seeds of one kind; without a kind, of orphans minus shared."""

    def value(row: dict[str, float], name: str) -> float:
        if kind is None:
            return row[f"{name} orphans"] - row[f"{name} shared"]
        return row[f"{name} {kind}"]

    return {
        name: over_seeds([value(row, name) for row in found], level=level)
        for name in EXPLAINED_BY
    }

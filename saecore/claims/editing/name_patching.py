"""Activation patching of the indirect object's name: two orders of the latents."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.claims.editing.dictionaries import Coder
from saecore.measures.editing import by_pair, one_set, patching
from saecore.measures.editing.acdc import pruned
from saecore.measures.editing.by_pair import PairSets
from saecore.measures.editing.one_set import SetDivergences
from saecore.measures.editing.patching import Exchange, Needed, PatchingCurve
from saecore.profiles import Profile
from saecore.report import Constants
from saecore.source.model.language_model import OpenModel, Stream
from saecore.source.tasks.ioi import Exchanged, Pair, exchanged

FINE = [*range(4, 24, 4), *range(24, 72, 2), 80, 96, 128, 160, 256, 4096]
"""Numbers of latents, of the sets in gradient order."""
ROUGH = [8, 16, 24, 28, 32, 36, 40, 44, 48, 56, 64, 80, 96, 128, 4096]
"""The same for many dictionaries on many pairs."""


class NamePatching(NamedTuple):
    """Activation patching between prompts that differ in one name, at one layer."""

    exchanged: Exchanged
    """The pairs' streams, and what the model says to them."""
    gradient: Stream
    """Of the mean divergence from the target's answer, at the base prompts."""
    starts: Float[Tensor, " pair"]
    """Each pair's divergence before any edit, in nats."""
    share: float
    """Of it, what patches have to close."""
    thresholds: list[float]
    """Of ACDC, in nats."""

    @property
    def start(self) -> float:
        """The mean divergence before any edit, in nats."""
        return float(self.starts.mean())

    def exchange(self, coded: Coder) -> Exchange:
        """Both prompts' activations of one dictionary."""
        return patching.exchange(*coded, self.exchanged.base, self.exchanged.target)

    def in_gradient_order(
        self, pair: Exchange, counts: Sequence[int] | None = None
    ) -> PatchingCurve:
        """One set for all pairs: first those latents that lower the divergence most, to
        first order; sets of `counts` latents, of `FINE` unless given.
        """
        divergences = self.exchanged.divergences
        return patching.by_gradient(pair, divergences, self.gradient, counts or FINE)

    def in_acdc_order(self, pair: Exchange, draw: int = 0) -> PatchingCurve:
        """One set for all pairs: from all latents to none, each tried in a random order
        (the paper's way).
        """
        return pruned(
            pair,
            self.exchanged.divergences,
            thresholds=self.thresholds,
            between=True,
            generator=torch.Generator().manual_seed(draw),
        )

    def needed(self, curve: PatchingCurve) -> Needed:
        """What it takes to close the claim's share of the divergence."""
        return patching.needed(curve, start=self.start, share=self.share)

    def goal(self, pairs: int) -> Float[Tensor, " pair"]:
        """Where each of the first `pairs` pairs has closed the claim's share."""
        return (1 - self.share) * self.starts[:pairs]

    def acdc_by_pair(self, pair: Exchange) -> PairSets:
        """A set for each pair, in the paper's order."""
        return by_pair.pruned_by_pair(
            pair,
            self.exchanged.divergences,
            goal=self.goal(len(pair.base)),
            thresholds=self.thresholds,
            generator=torch.Generator().manual_seed(0),
        )

    def gradient_by_pair(self, pair: Exchange) -> PairSets:
        """A set for each pair, in gradient order."""
        goal = self.goal(len(pair.base))
        gradient = self.gradient[: len(goal)]
        divergences = self.exchanged.divergences
        return by_pair.grown_by_pair(pair, divergences, gradient, goal=goal)

    def set_divergences(self, pair: Exchange) -> SetDivergences:
        """One set for all pairs in gradient order, with each pair's divergence."""
        divergences = self.exchanged.divergences
        return one_set.set_divergences(pair, divergences, self.gradient, ROUGH)


def name_pairs(model: OpenModel, profile: Profile, count: int) -> list[Pair]:
    """Pairs of prompts of the profile's world seed. Raises Unsuited as `exchanged`."""
    return exchanged(model, count, seed=profile.world_seed)


def name_patching(
    model: OpenModel, pairs: Sequence[Pair], layer: int, constants: Constants
) -> NamePatching:
    """The pairs patched at one layer."""
    on = Exchanged(model, pairs, layer)
    starts = on.divergences(on.base).double()
    return NamePatching(
        on, on.gradient(), starts, constants["share"], acdc_thresholds(constants)
    )


def acdc_thresholds(constants: Constants) -> list[float]:
    """The claim's thresholds of ACDC, in nats: with equal ratios."""
    ends = constants["least_threshold"], constants["most_threshold"]
    first, last = (torch.tensor(end, dtype=torch.float64).log10() for end in ends)
    return torch.logspace(first, last, int(constants["thresholds"])).tolist()


def curve_rows(
    curves: Mapping[str, PatchingCurve], counts: Sequence[int]
) -> list[dict[str, Any]]:
    """Curves as rows of a table, at some numbers of latents."""
    return [
        {"dictionary": name, "latents": int(n), "KL": float(d), "edit": float(e)}
        for name, curve in curves.items()
        for n, d, e in zip(*curve, strict=True)
        if int(n) in counts
    ]

"""Activation patching of the indirect object's name: two orders of the latents."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch

from saecore.claims.editing.dictionaries import Coder
from saecore.measures.editing import patching
from saecore.measures.editing.acdc import pruned
from saecore.measures.editing.patching import Exchange, Needed, PatchingCurve
from saecore.profiles import Profile
from saecore.report import published
from saecore.source.model.language_model import OpenModel, Stream
from saecore.source.tasks.ioi import Exchanged, Pair, exchanged

FINE = [*range(4, 24, 4), *range(24, 72, 2), 80, 96, 128, 160, 256, 4096]
"""Numbers of latents, of the sets in gradient order."""
ACDC_THRESHOLDS = (0.01, 0.1, 0.2, 0.5, 1.0)
"""In nats: few steps of ACDC, read with the sets between them."""


class NamePatching(NamedTuple):
    """Activation patching between prompts that differ in one name, at one layer."""

    exchanged: Exchanged
    """The pairs' streams, and what the model says to them."""
    gradient: Stream
    """Of the mean divergence from the target's answer, at the base prompts."""
    start: float
    """That divergence before any edit, in nats."""
    share: float
    """Of it, what patches have to close."""

    def exchange(self, coded: Coder) -> Exchange:
        """Both prompts' activations of one dictionary."""
        return patching.exchange(*coded, self.exchanged.base, self.exchanged.target)

    def in_gradient_order(
        self, pair: Exchange, counts: Sequence[int] | None = None
    ) -> PatchingCurve:
        """First those latents that lower the divergence most, to first order; sets of
        `counts` latents, of `FINE` unless given.
        """
        divergences = self.exchanged.divergences
        return patching.by_gradient(pair, divergences, self.gradient, counts or FINE)

    def in_acdc_order(self, pair: Exchange, draw: int = 0) -> PatchingCurve:
        """From all latents to none, each tried in a random order (the paper's way)."""
        return pruned(
            pair,
            self.exchanged.divergences,
            thresholds=ACDC_THRESHOLDS,
            between=True,
            generator=torch.Generator().manual_seed(draw),
        )

    def needed(self, curve: PatchingCurve) -> Needed:
        """What it takes to close the claim's share of the divergence."""
        return patching.needed(curve, start=self.start, share=self.share)


def name_pairs(model: OpenModel, profile: Profile) -> list[Pair]:
    """As many pairs of prompts as the paper takes. Raises Unsuited as `exchanged`."""
    count = published("interpretability")["patching"]["pairs"]
    return exchanged(model, count, seed=profile.world_seed)


def name_patching(
    model: OpenModel, pairs: Sequence[Pair], layer: int, *, share: float
) -> NamePatching:
    """The pairs patched at one layer."""
    on = Exchanged(model, pairs, layer)
    return NamePatching(on, on.gradient(), on.divergence(on.base), share)


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

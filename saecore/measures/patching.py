"""Which latents have to be exchanged before a model answers another prompt's answer.

Two prompts differ in one name. On the base prompt the activations of chosen latents are replaced, at every
position, by those on the target prompt; what the model says is compared with what it says to the target.

Source: Cunningham et al. (2309.08600), section 4; the order of removal is ACDC's on a flat graph, as in the
authors' code (ioi_feature_ident.py).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.shapes import Directions, Latents

Divergence = Callable[[Tensor], float]  # of a set of latents, as a mask over all of them


class Exchange(NamedTuple):
    """Activations of one dictionary on pairs of prompts, position by position."""

    base: Float[Tensor, "prompt pos d_model"]
    """The stream on the base prompts."""
    change: Float[Tensor, "prompt pos latent"]
    """Activation on the target prompt minus that on the base prompt."""
    directions: Directions
    """Decoder rows."""

    def patched(self, chosen: Bool[Tensor, " latent"]) -> Float[Tensor, "prompt pos d_model"]:
        """x + sum over chosen j of (target activation - base activation) d_j; the base's error stays."""
        return self.base + self.change[..., chosen] @ self.directions[chosen]

    def size(self, chosen: Bool[Tensor, " latent"]) -> float:
        """Mean length of the edit over prompts and positions.

        Of the set itself: the authors' code noted that of the last set tried, accepted or not.
        """
        return float((self.change[..., chosen] @ self.directions[chosen]).norm(dim=-1).mean())

    def differing(self) -> Bool[Tensor, " latent"]:
        """Latents that differ anywhere: no other latent can change anything, so none need be tried."""
        return (self.change != 0).flatten(0, -2).any(0)


class Curve(NamedTuple):
    """How close sets of latents bring the base to the target, the smallest set last or first."""

    latents: Int[Tensor, " step"]
    """Number of latents patched."""
    divergence: Float[Tensor, " step"]
    """KL of the target's answer from the patched one's."""
    size: Float[Tensor, " step"]
    """Mean length of the edit."""


def exchange(
    encode: Callable[[Tensor], Latents],
    directions: Directions,
    base: Float[Tensor, "prompt pos d_model"],
    target: Float[Tensor, "prompt target_pos d_model"],
) -> Exchange:
    """Encode both prompts' streams. Raises ValueError if their shapes differ."""
    if base.shape != target.shape:
        raise ValueError(
            f"base and target must have the same shape, but they have {tuple(base.shape)} and "
            f"{tuple(target.shape)}: pair prompts of equal length"
        )
    codes = [encode(x.flatten(0, 1)).view(*x.shape[:2], -1) for x in (base, target)]
    return Exchange(base, codes[1] - codes[0], directions)


def pruned(
    pair: Exchange, divergence: Divergence, *, thresholds: Sequence[float], generator: torch.Generator
) -> Curve:
    """ACDC's order: from all latents, drop each whose loss raises the divergence by less than a threshold.

    For every threshold, rising, the latents still kept are tried once in a random order; a latent is dropped
    if KL(without it) - KL(now) < threshold. One step of the curve is one threshold; the first is the full
    set, the last the empty one.
    """
    kept = pair.differing()
    now, steps = divergence(kept), []
    steps.append((kept.clone(), now))
    for threshold in thresholds:
        for latent in _shuffled(kept, generator):
            kept[latent] = False
            without = divergence(kept)
            if without - now < threshold:
                now = without
            else:
                kept[latent] = True
        steps.append((kept.clone(), now))
        if not kept.any():
            break
    if kept.any():
        nothing = torch.zeros_like(kept)
        steps.append((nothing, divergence(nothing)))
    return _curve(pair, steps)


def ranked(
    pair: Exchange, divergence: Divergence, gain: Float[Tensor, " latent"], counts: Sequence[int]
) -> Curve:
    """The latents of largest `gain` first: one set per number in `counts`, and none at all."""
    differing = pair.differing()
    order = gain.masked_fill(~differing, -torch.inf).argsort(descending=True)[: int(differing.sum())]
    steps = []
    for count in sorted({0, *(min(c, len(order)) for c in counts)}):
        chosen = torch.zeros_like(differing)
        chosen[order[:count]] = True
        steps.append((chosen, divergence(chosen)))
    return _curve(pair, steps)


def first_order_gain(
    pair: Exchange, gradient: Float[Tensor, "prompt pos d_model"]
) -> Float[Tensor, " latent"]:
    """How much each latent lowers the divergence, to first order: - sum of change times gradient along d_j.

    `gradient` is that of the divergence in the base prompts' streams. One backward pass for all latents.
    """
    return -(pair.change * (gradient @ pair.directions.T)).sum((0, 1))


class Needed(NamedTuple):
    """What it takes to close a share of the gap."""

    latents: float
    """Latents patched; infinite if the curve never gets there."""
    size: float
    """Mean length of that edit; infinite likewise."""


def needed(curve: Curve, *, start: float, floor: float = 0.0, share: float = 0.5) -> Needed:
    """The smallest set, and the smallest edit, that close `share` of the gap from `start` to `floor`.

    The gap is the same for all dictionaries: from the unpatched base prompt to the target itself (KL 0), so a
    dictionary whose full set does not get there pays for its reconstruction error.
    """
    reached = curve.divergence <= start - share * (start - floor)
    if not reached.any():
        return Needed(float("inf"), float("inf"))
    return Needed(float(curve.latents[reached].min()), float(curve.size[reached].min()))


def _shuffled(kept: Tensor, generator: torch.Generator) -> list[int]:
    latents = kept.nonzero()[:, 0]
    return latents[torch.randperm(len(latents), generator=generator)].tolist()


def _curve(pair: Exchange, steps: list[tuple[Tensor, float]]) -> Curve:
    return Curve(
        torch.tensor([int(kept.sum()) for kept, _ in steps]),
        torch.tensor([divergence for _, divergence in steps]),
        torch.tensor([pair.size(kept) for kept, _ in steps]),
    )

"""Activation patching counted as in the paper: one set of latents for all pairs, and
how far that count would move with other pairs and other seeds.

Source: Cunningham et al. (2309.08600), section 4, who draw one curve for fifty pairs.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.measures.algebra.intervals import Interval
from saecore.measures.editing.patching import (
    Exchange,
    PatchDivergences,
    first_order_gain,
    nested,
)


class SetDivergences(NamedTuple):
    """Nested sets of latents, the empty one first, and what each does to each pair."""

    counts: Int[Tensor, " step"]
    """Number of latents of each set."""
    each: Float[Tensor, "prompt step"]
    """Divergence of each pair."""


class SetCounts(NamedTuple):
    """Latents to halfway, in one set, with intervals over seeds and pairs."""

    saes: Interval
    """Mean over the SAEs."""
    basis: Interval
    """The basis of fewest latents."""
    saved: Interval
    """Its latents minus those of the SAEs."""
    best: str
    """Its name."""


def set_divergences(
    pair: Exchange,
    divergences: PatchDivergences,
    gradient: Float[Tensor, "prompt pos d_model"],
    counts: Sequence[int],
) -> SetDivergences:
    """Attribution patching with one set for all pairs, pair by pair."""
    sets = nested(pair, first_order_gain(pair, gradient), counts)
    each = [divergences(pair.patched(one), pair.prompts()) for one in sets]
    return SetDivergences(
        torch.tensor([int(one.sum()) for one in sets]), torch.stack(each, 1).double()
    )


def halfway(
    counts: Int[Tensor, " step"],
    divergence: Float[Tensor, "*case step"],
    goal: Float[Tensor, "*case"],
    *,
    whole: float,
) -> Float[Tensor, "*case"]:
    """The number of latents at which a divergence comes down to its goal, on a straight
    line between two sets; `whole` where it never does.

    The first set is the empty one, and above its goal.
    """
    reached = divergence <= goal[..., None]
    step = reached.double().argmax(-1).clamp(min=1)
    above, below = (
        divergence.gather(-1, at[..., None])[..., 0] for at in (step - 1, step)
    )
    part = (above - goal) / (above - below)
    found = counts[step - 1] + part * (counts[step] - counts[step - 1])
    return torch.where(reached.any(-1), found, torch.full_like(found, whole))


def one_set(
    saes: Sequence[SetDivergences],
    bases: dict[str, SetDivergences],
    *,
    share: float,
    whole: float,
    level: float,
    generator: torch.Generator,
    draws: int = 1000,
) -> SetCounts:
    """Latents to close `share` of the mean divergence, with a two-level bootstrap:
    pairs are drawn anew, the same for all dictionaries, and so are seeds.

    The sets stay as they are. The basis is that of fewest latents on all pairs.
    """
    size = len(saes[0].each)
    pairs = torch.randint(size, (draws, size), generator=generator)
    drawn = torch.zeros(draws + 1, size, dtype=torch.float64)
    drawn[0] = 1 / size
    ones = torch.full(pairs.shape, 1 / size, dtype=torch.float64)
    drawn[1:].scatter_add_(1, pairs, ones)

    def counts(one: SetDivergences) -> Tensor:
        mean = drawn @ one.each
        goal = (1 - share) * mean[:, 0]
        return halfway(one.counts, mean, goal, whole=whole)

    of_saes = torch.stack([counts(one) for one in saes], 1)
    seeds = torch.randint(len(saes), (draws, len(saes)), generator=generator)
    sae = torch.cat([of_saes[:1].mean(1), of_saes[1:].gather(1, seeds).mean(1)])
    of_bases = {name: counts(one) for name, one in bases.items()}
    best = min(of_bases, key=lambda name: float(of_bases[name][0]))
    basis = of_bases[best]
    needed, least, saved = (_percentile(x, level) for x in (sae, basis, basis - sae))
    return SetCounts(needed, least, saved, best)


def _percentile(values: Float[Tensor, " draw"], level: float) -> Interval:
    """The first is the estimate, the others are drawn."""
    ends = torch.tensor([(1 - level) / 2, (1 + level) / 2], dtype=torch.float64)
    low, high = torch.quantile(values[1:], ends).tolist()
    value, error = float(values[0]), float(values[1:].std())
    return Interval(value, min(low, value), max(high, value), error, level)

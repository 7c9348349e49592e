"""Activation patching counted pair by pair: each pair of prompts has a set of its own.

One set for all pairs, as in the paper, mixes two things: how finely a dictionary
describes one exchange, and how many different names there are. A dictionary with a
latent for each name needs about as many latents as there are names; a complete basis
never needs more than the size of the stream. Counted by pair, neither depends on how
many pairs are asked.

Source: the orders of Cunningham et al. (2309.08600), section 4, taken for single pairs.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.measures.editing.patching import Exchange, PatchDivergences


class PairSets(NamedTuple):
    """The smallest set found for each pair."""

    chosen: Bool[Tensor, "prompt latent"]
    """Its latents."""
    reached: Bool[Tensor, " prompt"]
    """Whether it brings the pair to its goal; where none does, `chosen` is empty."""


class PairCounts(NamedTuple):
    """What each pair takes, in three measures."""

    latents: Float[Tensor, " prompt"]
    """Latents patched, at every position."""
    numbers: Float[Tensor, " prompt"]
    """Activations that change: latents at positions."""
    size: Float[Tensor, " prompt"]
    """Mean length of the edit over positions."""


def pruned_by_pair(
    pair: Exchange,
    divergences: PatchDivergences,
    *,
    goal: Float[Tensor, " prompt"],
    thresholds: Sequence[float],
    generator: torch.Generator,
) -> PairSets:
    """ACDC's order, with a set for each pair: the smallest that brings the pair's
    divergence to its `goal`.

    As `acdc.pruned`, for each pair alone, with an order of its own. Sets on the way
    from one threshold to the next count. Departures: a pair is done with the first
    threshold that leaves it above its goal, and one that all latents together do not
    bring there is not tried.
    """
    state = _Pruning(pair, divergences, goal)
    for threshold in thresholds:
        if not state.open.any():
            break
        order, count = _shuffled(state.kept & state.open[:, None], generator)
        for step in range(int(count.max())):
            on = (count > step).nonzero()[:, 0]
            state.drop(on, order[on, step], threshold)
        state.run()
    return state.found()


class _Pruning:
    """The latents of each pair that are still patched, and the smallest set so far."""

    def __init__(
        self, pair: Exchange, divergences: PatchDivergences, goal: Tensor
    ) -> None:
        self.pair, self._divergences, self._goal = pair, divergences, goal
        self.kept = pair.touched()
        self._best = torch.zeros_like(self.kept)
        self.reached = torch.zeros(len(goal), dtype=torch.bool, device=goal.device)
        self.run()

    def run(self) -> None:
        """All pairs anew, so that rounding does not pile up."""
        self._stream = patched_by_pair(self.pair, self.kept)
        self._each = self._divergences(self._stream, self.pair.prompts()).clone()
        self.open = self._each <= self._goal
        self._note(self.open.nonzero()[:, 0])

    def drop(self, on: Tensor, latent: Tensor, threshold: float) -> None:
        """Of the pairs `on`, drop a latent each, where that costs less."""
        stream = self._stream[on] - _share_of(self.pair, on, latent)
        each = self._divergences(stream, on)
        goes = each - self._each[on] < threshold
        gone = on[goes]
        self.kept[gone, latent[goes]] = False
        self._stream[gone], self._each[gone] = stream[goes], each[goes]
        self._note(gone[self._each[gone] <= self._goal[gone]])

    def _note(self, pairs: Tensor) -> None:
        """Keep the sets of some pairs: they are smaller than those before."""
        self._best[pairs], self.reached[pairs] = self.kept[pairs], True

    def found(self) -> PairSets:
        return PairSets(self._best, self.reached)


def grown_by_pair(
    pair: Exchange,
    divergences: PatchDivergences,
    gradient: Float[Tensor, "prompt pos d_model"],
    *,
    goal: Float[Tensor, " prompt"],
) -> PairSets:
    """Attribution patching, with a set for each pair: the latents that lower its own
    divergence most, to first order, go first, one by one until it is at its `goal`.

    A pair that all latents together do not bring there is not tried.
    """
    touched = pair.touched()
    gain = -(pair.change * (gradient @ pair.directions.T)).sum(1)
    order = gain.masked_fill(~touched, -torch.inf).argsort(1, descending=True)
    full = patched_by_pair(pair, touched)
    can = divergences(full, pair.prompts()) <= goal
    stream, chosen = pair.base.clone(), torch.zeros_like(touched)
    reached = torch.zeros_like(can)
    for step in range(order.shape[1]):
        on = (can & ~reached).nonzero()[:, 0]
        if not len(on):
            break
        latent = order[on, step]
        stream[on] += _share_of(pair, on, latent)
        chosen[on, latent] = True
        reached[on] = divergences(stream[on], on) <= goal[on]
    return PairSets(chosen & reached[:, None], reached)


def _share_of(pair: Exchange, on: Tensor, latent: Tensor) -> Tensor:
    """What one latent of each of the pairs `on` adds to its stream."""
    change = pair.change[on, :, latent]
    return change[..., None] * pair.directions[latent][:, None]


def patched_by_pair(
    pair: Exchange, chosen: Bool[Tensor, "prompt latent"]
) -> Float[Tensor, "prompt pos d_model"]:
    """The base with each pair's own set patched; the base's error stays."""
    return pair.base + (pair.change * chosen[:, None]) @ pair.directions


def counts(
    pair: Exchange,
    sets: PairSets,
    target: Float[Tensor, "prompt pos d_model"],
) -> PairCounts:
    """What each pair takes. Where a dictionary does not get there, the whole row has to
    be exchanged: all coordinates, at all positions where base and target differ.
    """
    whole = target - pair.base
    edit = patched_by_pair(pair, sets.chosen) - pair.base
    differ = (pair.change != 0) & sets.chosen[:, None]
    full = torch.full_like(sets.reached, whole.shape[-1], dtype=torch.int64)
    found = sets.chosen.sum(1), differ.sum((1, 2)), edit.norm(dim=-1).mean(1)
    row = full, (whole != 0).sum((1, 2)), whole.norm(dim=-1).mean(1)
    both = zip(found, row, strict=True)
    each = [torch.where(sets.reached, one, other).double() for one, other in both]
    return PairCounts(*each)


def _shuffled(
    kept: Bool[Tensor, "prompt latent"], generator: torch.Generator
) -> tuple[Int[Tensor, "prompt latent"], Int[Tensor, " prompt"]]:
    """The kept latents of each pair first, in a drawn order, and how many they are."""
    drawn = torch.rand(kept.shape, generator=generator).to(kept.device)
    return drawn.masked_fill(~kept, 2.0).argsort(1), kept.sum(1)

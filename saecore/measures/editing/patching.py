"""Activation patching of latents: how many have to be exchanged before a model gives
another prompt's answer.

Two prompts differ in one name. On the base prompt the activations of chosen latents are
replaced, at every position, by those on the target prompt; what the model says is
compared with what it says to the target.

Source: Cunningham et al. (2309.08600), section 4. Latents go in by gradient here; the
paper's order, in which they go out one by one, is in `saecore.measures.editing.acdc`.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.shapes import Dictionary, Directions, Latents

Encode = Callable[[Tensor], Latents]
PatchDivergences = Callable[[Tensor, Tensor], Tensor]
"""(streams [chosen, pos, d_model], their prompts' numbers [chosen]) -> how far each is
from its target.
"""


class Exchange(NamedTuple):
    """Activation patching between pairs of prompts: one dictionary's activations on
    both, position by position.
    """

    base: Float[Tensor, "prompt pos d_model"]
    """The stream on the base prompts."""
    change: Float[Tensor, "prompt pos latent"]
    """Activation on the target prompt minus that on the base prompt."""
    directions: Directions
    """Decoder rows."""

    def patched(
        self, chosen: Bool[Tensor, " latent"]
    ) -> Float[Tensor, "prompt pos d_model"]:
        """x + sum over chosen j of (target activation - base activation) d_j; the
        base's error stays.
        """
        return self.base + self.change[..., chosen] @ self.directions[chosen]

    def size(self, chosen: Bool[Tensor, " latent"]) -> float:
        """Mean Euclidean length of the edit over prompts and positions.

        Of the set itself: the authors' code noted that of the last set tried, accepted
        or not.
        """
        edit = self.change[..., chosen] @ self.directions[chosen]
        return float(edit.norm(dim=-1).mean())

    def differing(self) -> Bool[Tensor, " latent"]:
        """Latents that differ anywhere: no other latent can change anything, so none
        need be tried.
        """
        return self.touched().any(0)

    def touched(self) -> Bool[Tensor, "prompt latent"]:
        """In which prompts each latent differs at some position: it can change what is
        said to no other.
        """
        return (self.change != 0).any(1)

    def first(self, count: int) -> "Exchange":
        """The first `count` pairs."""
        return Exchange(self.base[:count], self.change[:count], self.directions)

    def prompts(self) -> Int[Tensor, " prompt"]:
        """The numbers of all prompts."""
        return torch.arange(len(self.base), device=self.base.device)


class PatchingCurve(NamedTuple):
    """How close sets of latents bring the base to the target, the smallest set last or
    first.
    """

    latents: Int[Tensor, " step"]
    """Number of latents patched."""
    divergence: Float[Tensor, " step"]
    """KL of the target's answer from the patched one's."""
    size: Float[Tensor, " step"]
    """Mean length of the edit."""


def exchange(
    encode: Encode,
    directions: Directions,
    base: Float[Tensor, "prompt pos d_model"],
    target: Float[Tensor, "prompt target_pos d_model"],
) -> Exchange:
    """Encode both prompts' streams. Raises ValueError if their shapes differ."""
    _check_shapes(base, target)
    codes = [encode(x.flatten(0, 1)).view(*x.shape[:2], -1) for x in (base, target)]
    return Exchange(base, codes[1] - codes[0], directions)


def exchange_of(
    base: Float[Tensor, "prompt pos d_model"],
    base_codes: Float[Tensor, "prompt pos latent"],
    target_codes: Float[Tensor, "prompt target_pos latent"],
    directions: Directions,
) -> Exchange:
    """The same from activations at hand, as of neurons, which are no function of the
    stream after a layer.

    Raises ValueError if the shapes of the two prompts' activations differ.
    """
    _check_shapes(base_codes, target_codes)
    return Exchange(base, target_codes - base_codes, directions)


def signed(basis: Dictionary) -> tuple[Encode, Directions]:
    """A basis [V; -V] behind a ReLU, as PCA is kept, as plain coordinates along V:
    encode, directions.

    z = ReLU(z) - ReLU(-z), the authors' `pca_rot` beside their `pca_pve`. An exchange
    then needs one direction for what may be two latents. Raises ValueError unless half
    of W_dec is minus the other half.
    """
    half = len(basis.W_dec) // 2
    if len(basis.W_dec) != 2 * half or not torch.equal(
        basis.W_dec[half:], -basis.W_dec[:half]
    ):
        raise ValueError(
            "a signed basis must hold its directions first and then their negatives, "
            f"but the halves of W_dec {tuple(basis.W_dec.shape)} are no such pair: "
            "pass `encode` and `W_dec` as they are"
        )

    def encode(x: Tensor) -> Tensor:
        codes = basis.encode(x)
        return codes[:, :half] - codes[:, half:]

    return encode, basis.W_dec[:half]


def by_gradient(
    pair: Exchange,
    divergences: PatchDivergences,
    gradient: Float[Tensor, "prompt pos d_model"],
    counts: Sequence[int],
) -> PatchingCurve:
    """Attribution patching: the latents that lower the divergence most, to first order
    (`first_order_gain`), go first.
    """
    return by_gain(pair, divergences, first_order_gain(pair, gradient), counts)


def by_gain(
    pair: Exchange,
    divergences: PatchDivergences,
    gain: Float[Tensor, " latent"],
    counts: Sequence[int],
) -> PatchingCurve:
    """The latents of largest `gain` first: one set per number in `counts`, and none at
    all.
    """
    steps = [
        (chosen, float(divergences(pair.patched(chosen), pair.prompts()).mean()))
        for chosen in nested(pair, gain, counts)
    ]
    return curve_of(pair, steps)


def nested(
    pair: Exchange, gain: Float[Tensor, " latent"], counts: Sequence[int]
) -> list[Bool[Tensor, " latent"]]:
    """The sets of the latents of largest `gain`, none at all first; no latent that
    differs nowhere is in one.
    """
    differing = pair.differing()
    order = gain.masked_fill(~differing, -torch.inf).argsort(descending=True)
    order, sets = order[: int(differing.sum())], []
    for count in sorted({0, *(min(c, len(order)) for c in counts)}):
        chosen = torch.zeros_like(differing)
        chosen[order[:count]] = True
        sets.append(chosen)
    return sets


def first_order_gain(
    pair: Exchange, gradient: Float[Tensor, "prompt pos d_model"]
) -> Float[Tensor, " latent"]:
    """Attribution patching: how much each latent lowers the divergence, to first order:
    - sum of change times gradient along d_j; nats.

    `gradient` is that of the mean divergence in the base prompts' streams. One backward
    pass for all latents.
    """
    return -(pair.change * (gradient @ pair.directions.T)).sum((0, 1))


def curve_of(pair: Exchange, steps: Sequence[tuple[Tensor, float]]) -> PatchingCurve:
    """The curve of sets of latents, each with its divergence."""
    return PatchingCurve(
        torch.tensor([int(chosen.sum()) for chosen, _ in steps]),
        torch.tensor([divergence for _, divergence in steps]),
        torch.tensor([pair.size(chosen) for chosen, _ in steps]),
    )


class Needed(NamedTuple):
    """What it takes to close a share of the gap."""

    latents: float
    """Number of latents of the smallest set that closes it; infinite if no set of the
    curve does.
    """
    size: float
    """Mean length of the shortest edit that closes it, maybe of another set; infinite
    likewise.
    """


def needed(
    curve: PatchingCurve, *, start: float, share: float, floor: float = 0.0
) -> Needed:
    """The smallest set, and the shortest edit, of the curve that close `share` of the
    gap.

    KL(F) <= start - share (start - floor). The gap is the same for all dictionaries:
    from the unpatched base prompt to the target itself (KL 0), so a dictionary whose
    full set does not get there pays for its reconstruction error. Only sets that were
    run count. Nothing is read off between two of them, so the numbers are upper bounds,
    by up to one step of the curve: compare curves with steps as fine. Raises ValueError
    unless 0 < share <= 1.
    """
    if not 0 < share <= 1:
        raise ValueError(
            f"the share of a gap must be above 0 and at most 1, not {share}: 0.5 is "
            "half of it"
        )
    reached = curve.divergence <= start - share * (start - floor)
    if not reached.any():
        return Needed(float("inf"), float("inf"))
    return Needed(float(curve.latents[reached].min()), float(curve.size[reached].min()))


def _check_shapes(base: Tensor, target: Tensor) -> None:
    if base.shape != target.shape:
        raise ValueError(
            "base and target must have the same shape, but they have "
            f"{tuple(base.shape)} and {tuple(target.shape)}: pair prompts of equal "
            "length"
        )

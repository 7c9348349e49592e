"""The absorption gap: what a parent's latent loses in recall where a child is there."""

from typing import NamedTuple

from jaxtyping import Bool, Float, Int
from torch import Tensor


class Gap(NamedTuple):
    """Recall of a parent's latent without and with the child; one number, or one per
    pair.
    """

    gap: Float[Tensor, "*pair"]
    """recall_without - recall_with: 1 fully absorbed, 0 not at all; nan where one of
    them has no rows.
    """
    recall_without: Float[Tensor, "*pair"]
    """Share of the rows with the parent but not the child on which the latent fires."""
    recall_with: Float[Tensor, "*pair"]
    """The same for the rows with both."""
    without: Int[Tensor, "*pair"]
    """Rows with the parent alone."""
    both: Int[Tensor, "*pair"]
    """Rows with parent and child."""


def gap(
    fires: Bool[Tensor, "row *pair"],
    parent: Bool[Tensor, "row *pair"],
    child: Bool[Tensor, "row *pair"],
) -> Gap:
    """Absorption gap: recall of the parent's latent where the child is absent, minus
    its recall where the child is present.

    `fires`: whether the parent's latent (or one of its latents) is active; `parent` and
    `child`: the truth. Negative where the latent is rather the child's. Proposed for
    synthetic data in SAELens, issue 729.

    >>> import torch
    >>> parent = torch.tensor([True, True, True, False])
    >>> child = torch.tensor([False, True, True, False])
    >>> fires = torch.tensor([True, False, True, False])
    >>> float(gap(fires, parent, child).gap)
    0.5
    """
    alone, both = parent & ~child, parent & child
    without, together = alone.sum(0), both.sum(0)
    low, high = (fires & both).sum(0) / together, (fires & alone).sum(0) / without
    return Gap(high - low, high, low, without, together)

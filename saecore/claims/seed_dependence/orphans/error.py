"""What orphans add to the reconstruction, beside shared latents that fire as often."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from saecore.claims.seed_dependence.orphans.firing import OnHeldOutRows
from saecore.measures.algebra.intervals import Interval, over_seeds
from saecore.measures.seeds.removal import matched_in_firing, removals, without


class AddedError(NamedTuple):
    """Rise of the fraction of variance unexplained when latents are set to zero; over
    seeds.
    """

    shared: Interval
    """Mean over shared latents, each alone."""
    orphans: Interval
    """Mean over as many orphans, each matched with a shared latent in firing."""
    difference: Interval
    """Orphans minus shared."""
    shared_together: Interval
    """All these shared latents at once."""
    orphans_together: Interval
    """All these orphans at once."""
    difference_together: Interval
    """Orphans minus shared."""
    pairs: float
    """Mean number of matched pairs of a seed."""
    all_orphans: Interval
    """All orphans at once, matched or not."""
    all_shared: Interval
    """All shared latents at once."""


def added_error(held: OnHeldOutRows) -> AddedError:
    """What the reconstruction loses without orphans, and without shared latents.

    Each seed beside the next. A shared latent is matched with an orphan of the same
    SAE that fires about as often, for an error grows with every firing.
    """
    found = [_of_seed(held, seed) for seed in range(len(held.encoded))]

    def over(number: Callable[[dict[str, float]], float]) -> Interval:
        return over_seeds([number(one) for one in found], level=held.base.confidence)

    return AddedError(
        over(lambda x: x["shared"]),
        over(lambda x: x["orphans"]),
        over(lambda x: x["orphans"] - x["shared"]),
        over(lambda x: x["shared together"]),
        over(lambda x: x["orphans together"]),
        over(lambda x: x["orphans together"] - x["shared together"]),
        sum(one["pairs"] for one in found) / len(found),
        over(lambda x: x["all orphans"]),
        over(lambda x: x["all shared"]),
    )


def _of_seed(held: OnHeldOutRows, seed: int) -> dict[str, float]:
    one, flags = held.encoded[seed], held.shared(seed)
    alone = removals(one, held.rows)
    shared, orphans = matched_in_firing(flags, alone.fired)

    def together(latents: Tensor) -> float:
        group = torch.zeros(one.width, dtype=torch.bool)
        group[latents] = True
        return without(one, held.rows, group).dfvu

    return {
        "shared": float(alone.dfvu[shared].mean()),
        "orphans": float(alone.dfvu[orphans].mean()),
        "shared together": together(shared),
        "orphans together": together(orphans),
        "all orphans": together((~flags).nonzero().flatten()),
        "all shared": together(flags.nonzero().flatten()),
        "pairs": float(len(shared)),
    }

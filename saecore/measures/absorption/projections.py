"""SAEBench's metrics of absorption, by projections on the probe, and a stricter one.

No answer of a model is asked for: a latent carries as much of the label as its part of
the row projects on the label's probe. Each is a short function on the same `cases`.
"""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.measures.absorption.cases import Cases, first_two, ranked, summed
from saecore.measures.absorption.rates import (
    COSINE,
    Absorbed,
    Leading,
    as_absorbed,
    at_item,
)

FRACTION_COSINE = 0.1
"""Least cosine of absorber and probe in SAEBench's fraction, 0.6.0:
`absorption_fraction_probe_cos_sim_threshold`.
"""
SHARE = 0.4
"""Least share of the probe's projection that absorbers carry:
`probe_projection_proportion_threshold`.
"""
MOST_ABSORBERS = 3
"""Latents that may absorb together: `absorption_fraction_max_absorbing_latents`,
SAEBench 0.6.0.
"""
PURITY = 0.7
"""Least share of an absorber's activation that lies on its own word (or label). Ours,
not published.
"""
Version = Literal["0.3.2", "0.6.0"]


def full_absorption(
    found: Cases, *, cosine: float = COSINE, share: float = SHARE
) -> Absorbed:
    """SAEBench's full absorption, 0 or 1 (`_is_full_absorption`; the same in 0.3.2 and
    0.6.0).

    All main latents silent; the latent with the largest projection on the probe has cos
    >= `cosine` and at least `share` of the row's own projection, which is above 0.
    Every true positive is a candidate.
    """
    leading = _by_projection(found, torch.ones_like(found.main))
    carries = (found.total > 0) & (leading.margin >= share * found.total)
    return as_absorbed(
        found, found.silent & carries & (leading.cosine >= cosine), leading
    )


def fraction(
    found: Cases,
    *,
    version: Version = "0.6.0",
    cosine: float = FRACTION_COSINE,
    share: float = SHARE,
    most: int = MOST_ABSORBERS,
) -> Absorbed:
    """SAEBench's absorption fraction: how much of the probe's direction others carry
    instead of the main.

    P is the row's projection on the unit probe, M that of the main latents together.

    0.6.0 (PR #62): A is the sum of the `most` largest positive projections among other
    latents with cos >= `cosine`. 0 if M >= P or A < share * P; 1 if M <= 0; else u / (u
    + M) with u = min(A, P - M). 0.3.2 (PR #48; the published numbers): T is the
    projection of all latents together. 0 if M >= P or T <= 0; else (T - M) / T, clipped
    to 0..1. Its options are not used.

    A row with P <= 0 counts 0 in 0.6.0. Raises ValueError for another version.
    """
    total, main = found.total, found.main_sum
    takes_part = ~found.main & (found.cosine >= cosine) & (found.projection > 0)
    leading = _by_projection(found, ~found.main if version == "0.3.2" else takes_part)
    if version == "0.3.2":
        every = summed(found.projection, found.case, len(total))
        value = torch.where(
            (main < total) & (every > 0), ((every - main) / every).clamp(0, 1), 0.0
        )
    elif version == "0.6.0":
        others = _largest(found, takes_part, most)
        taken = torch.minimum(others, total - main)
        value = torch.where(main > 0, (taken / (taken + main)).clamp(0, 1), 1.0)
        value = torch.where(
            (main < total) & (others >= share * total) & (total > 0), value, 0.0
        )
    else:
        raise ValueError(
            "SAEBench's fraction has the versions 0.3.2 and 0.6.0, "
            f"got {version!r}; choose one"
        )
    return as_absorbed(found, value, leading)


def confirmed(
    found: Cases,
    purity: Float[Tensor, "item"],
    *,
    share: float = SHARE,
    pure: float = PURITY,
) -> Absorbed:
    """Absorbed by a latent that is specific: the stricter rule (ours, against false
    positives).

    All main latents silent; the other latent with the largest projection on the probe
    carries at least `share` of the row's, which is above 0; and at least `pure` of that
    latent's activation lies where it should: on this word (`within_group`) or on rows
    of this label (`within_label`). Without the last, SAEBench's rules score random sets
    of words above real labels on small models.

    Raises ValueError if `purity` is not one number per item.
    """
    if len(purity) != len(found.case):
        raise ValueError(
            f"purity must be one number per item, got {len(purity)} "
            f"for {len(found.case)}: take within_label or within_group of these cases"
        )
    leading = _by_projection(found, ~found.main)
    own = at_item(purity, leading.item, 0.0)
    carries = (found.total > 0) & (leading.margin >= share * found.total)
    return as_absorbed(found, found.silent & carries & (own >= pure), leading)


def _by_projection(found: Cases, takes_part: Tensor) -> Leading:
    score = found.projection.masked_fill(~takes_part, -torch.inf)
    item, first, _ = first_two(score, found)
    every = torch.ones_like(found.silent)
    cosine = at_item(found.cosine, item, -torch.inf)
    return Leading(
        item, at_item(found.latent, item, -1), first, cosine, every, every, found.total
    )


def _largest(found: Cases, takes_part: Tensor, most: int) -> Tensor:
    """Sum of the `most` largest projections of each case among those that take part."""
    score = torch.where(takes_part, found.projection, 0.0)
    order = ranked(score, found)
    place = (
        torch.arange(len(order), device=order.device) - found.pointer[found.case[order]]
    )
    kept = order[place < most]
    return summed(score[kept], found.case[kept], len(found.row))

"""Shares of edits that are ratios, over seeds and entities: success over its ceiling,
precision among the answers that turned.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

SeedTable = Float[Tensor, "seed entity"]


def by_own(
    values: Float[Tensor, " pair"], own: Int[Tensor, " pair"], *, entities: int
) -> Float[Tensor, " entity"]:
    """Mean over the pairs in which an entity is edited; NaN where it is in none."""
    there = ~values.isnan()
    sums = torch.zeros(entities, dtype=torch.float64)
    sums.index_add_(0, own[there], values[there].double())
    return sums / torch.bincount(own[there], minlength=entities)


def linearised(top: SeedTable, bottom: SeedTable) -> SeedTable | None:
    """Ratio of two means as a table whose mean it is, by the delta method: R + (top - R
    bottom) / mean(bottom), with R = mean(top) / mean(bottom).

    An interval for the mean of this table is one for the ratio, and a difference of two
    such tables is one of two ratios. None where the bottom is zero throughout.
    """
    there = ~(top.isnan() | bottom.isnan())
    if not there.any() or not (below := bottom[there].mean()) > 0:
        return None
    ratio = top[there].mean() / below
    return torch.where(there, ratio + (top - ratio * bottom) / below, torch.nan)

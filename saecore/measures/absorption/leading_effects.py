"""Exact ablation where it can decide, an estimate elsewhere."""

import torch

from saecore.measures.absorption.ablation import Effects, Metric, ablated
from saecore.measures.absorption.cases import Cases, ranked
from saecore.shapes import Directions, Rows
from saecore.sparse import Active


def leading_effects(
    found: Cases,
    estimate: Effects,
    metric: Metric,
    rows: Rows,
    active: Active,
    w_dec: Directions,
    *,
    count: int = 3,
) -> Effects:
    """The exact effect of the `count` latents that an estimate ranks first in each case
    with silent main latents; the estimate for all others.

    Whether a word is absorbed hangs on the first and the second latent alone
    (`absorption.paper_rule`). Integrated gradients along one path rank all latents at
    the price of one; ablating the first few then costs `count` runs of the model per
    case instead of one per active latent. Decisions differ from those of full ablation
    only where one of the first two stands lower than `count` in the estimate.
    """
    order = ranked(-estimate.entry[found.entry], found)
    place = (
        torch.arange(len(order), device=order.device) - found.pointer[found.case[order]]
    )
    asked = order[(place < count) & found.silent[found.case[order]]]
    chosen = torch.zeros_like(active.latent, dtype=torch.bool)
    chosen[found.entry[asked]] = True
    exact = ablated(metric, rows, active, w_dec, chosen=chosen, clean=estimate.clean)
    return Effects(torch.where(chosen, exact.entry, estimate.entry), exact.clean)

"""What the sweeps say: architectures at equal L0, and what more latents bring."""

import math
from collections.abc import Mapping
from typing import Any

from saecore.claims.interpretability.fidelity.fidelity_of_saes import KeptBySae
from saecore.report import told
from saecore.report.figures import NAMES

FidelitySweep = Mapping[str, Mapping[int, KeptBySae]]
REFERENCE = "topk"
ALIKE, NOTHING = 0.1, 0.02
"""Shares of the variance unexplained below which two are alike, and one is nothing."""


def fvu_ratios(sparsities: FidelitySweep) -> dict[str, dict[int, float]]:
    """FVU of each other architecture over that of TopK, at the L0 of TopK's SAEs: by
    architecture, then k.
    """
    reference = sparsities[REFERENCE]
    return {
        kind: {
            k: fvu_at(by_k, one.fidelity.l0) / one.fidelity.fvu
            for k, one in reference.items()
        }
        for kind, by_k in sparsities.items()
        if kind != REFERENCE
    }


def fvu_at(by_k: Mapping[int, KeptBySae], l0: float) -> float:
    """FVU at a given L0: the line through the two nearest SAEs of a sweep, both axes
    logarithmic. Raises ValueError for fewer than two.
    """
    points = sorted((one.fidelity.l0, one.fidelity.fvu) for one in by_k.values())
    if len(points) < 2:
        raise ValueError(
            f"a curve needs at least two SAEs, got {len(points)}: train another"
        )
    nearest = sorted(points, key=lambda point: abs(math.log(point[0] / l0)))[:2]
    (x, y), (x2, y2) = ((math.log(a), math.log(b)) for a, b in nearest)
    return math.exp(y + (y2 - y) * (math.log(l0) - x) / (x2 - x))


def ratio_rows(ratios: Mapping[str, Mapping[int, float]]) -> list[dict[str, Any]]:
    """As rows of a table, by the book's names."""
    return [
        {"architecture": NAMES[kind]}
        | {f"at TopK's L0, k {k}": x for k, x in of.items()}
        for kind, of in ratios.items()
    ]


def last_gains(widths: FidelitySweep) -> dict[str, float]:
    """By architecture, by its name in the book: the share of the FVU that the widest
    step of the sweep takes away; below 0 where the wider SAE leaves more unexplained.
    """
    found = {}
    for kind, by_width in widths.items():
        narrow, wide = sorted(by_width)[-2:]
        first, last = (by_width[w].fidelity.fvu for w in (narrow, wide))
        found[NAMES[kind]] = 1 - last / first
    return found


def say_batchtopk(ratios: Mapping[str, Mapping[int, float]]) -> None:
    """Whether BatchTopK leaves less than TopK and about as much as JumpReLU, as
    Bussmann et al. (2412.06410) find.
    """
    ours, jump = ratios["batchtopk"], ratios["jumprelu"]
    told(
        max(ours.values()),
        below=1,
        holds="BatchTopK leaves less than TopK here too, at each sparsity: its largest "
        "ratio is {number}.",
        fails="BatchTopK does not leave less than TopK at each sparsity here: its "
        "largest ratio is {number}.",
        undecided="",
    )
    told(
        max(abs(ours[k] / jump[k] - 1) for k in ours),
        below=ALIKE,
        holds="From JumpReLU it differs by at most {number} of the variance "
        "unexplained, so about as much, as in their paper.",
        fails="From JumpReLU it differs by up to {number} of the variance unexplained.",
        undecided="",
    )


def say_last_gains(gains: Mapping[str, float]) -> None:
    """Whether the widest step helps every architecture."""
    told(
        min(gains.values()),
        above=NOTHING,
        holds="It takes away at least {number} in every architecture.",
        fails="Not in every architecture: the least is {number}. More latents do not "
        "explain more there; the wide SAE has run out of training, or of use for them.",
        undecided="",
    )

"""Rows of the claim's tables, and of the numbers behind its figures."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from saecore.claims.incompleteness.held_out import HeldOut
from saecore.claims.incompleteness.singles import (
    SingleInsertions,
    WidthPair,
    sizes_of,
)
from saecore.claims.incompleteness.together import Doubling, Joined
from saecore.claims.incompleteness.world_truth import WorldTruth
from saecore.report.figures import NAMES


def size_rows(several: Mapping[str, HeldOut]) -> list[dict[str, Any]]:
    """L0, unexplained variance and live latents of every SAE, means over seeds."""
    rows = []
    for subject, held in several.items():
        sizes = sizes_of(held)
        for (kind, width), l0 in sizes.l0.items():
            row = {"subject": subject, "SAE": NAMES[kind], "width": width, "L0": l0}
            row["unexplained variance"] = sizes.unexplained[kind, width]
            rows.append(row | {"live": sizes.live[kind, width]})
    return rows


def effects_data(found: Mapping[str, SingleInsertions]) -> dict[str, Any]:
    """The columns behind `effects_by_cosine`."""
    several = found.values()
    return {
        "from": [name for name, one in found.items() for _ in one.cosine],
        "largest cosine": torch.cat([one.cosine for one in several]),
        "change, %": torch.cat([100 * one.effects.relative for one in several]),
        "novel": torch.cat([one.sure.novel for one in several]),
        "redundant": torch.cat([one.sure.redundant for one in several]),
    }


def curves_data(joined: Mapping[tuple[str, str], Joined]) -> list[dict[str, Any]]:
    """The ends and the lowest points of `stitching_curves`, as rows."""
    return [
        {
            "SAE": NAMES[kind],
            "inserted": name,
            "order": order,
            "latents": len(change) - 1,
            "end, %": 100 * float(change[-1]),
            "lowest, %": 100 * float(change.min()),
        }
        for (kind, name), found in joined.items()
        for order, change in (("random", found.random), ("greedy", found.greedy))
    ]


def truth_rows(truth: WorldTruth) -> list[dict[str, Any]]:
    """The calls as rows: means over pairs of seeds, and the interval of precision."""
    return [
        {
            "SAE": NAMES[kind],
            "from": u,
            "to": v if v != u else "control",
            "called by": way,
            "really new": call.really_new.estimate,
            "called novel": call.called.estimate,
            "precision": call.precision.estimate,
            "low": call.precision.low,
            "high": call.precision.high,
            "recall": call.recall.estimate,
            "any feature": call.any_feature.estimate,
        }
        for (kind, u, v, way), call in truth.calls.items()
    ]


def doubling_rows(
    found: Mapping[WidthPair, Doubling], paper: Sequence[float]
) -> list[dict[str, Any]]:
    """What the latents below the cosine do alone and together, as rows of a table, with
    the paper's joint change as many doublings up from its own narrowest.
    """
    rows = []
    for place, ((_, u, v), one) in enumerate(found.items()):
        novel = one.novel
        row: dict[str, Any] = {"from": u, "to": v, "latents": novel.latents}
        row["sum of what each does alone, %"] = 100 * novel.alone
        row["added twice, %"] = 100 * novel.twice
        row["together, %"] = 100 * novel.together
        row["paper, %"] = 100 * paper[place] if place < len(paper) else None
        row["with the best bias, %"] = 100 * novel.best_bias
        row["best common factor"] = novel.factor
        row["together at it, %"] = 100 * novel.at_factor
        rows.append(row | {"all other latents, %": 100 * one.others})
    return rows


def together_rows(joined: Mapping[tuple[str, str], Joined]) -> list[dict[str, Any]]:
    """What the latents that help do singly and together, as rows of a table."""
    return [
        {
            "SAE": NAMES[kind],
            "inserted": name,
            "latents that help alone": found.helpers,
            "sum of their effects, %": 100 * found.sum_of_effects,
            "all of them at once, %": 100 * found.at_once,
            "greedy, latents": len(found.gains),
            "greedy, %": 100 * float(found.greedy[-1]),
            "lost by standing together": found.interaction,
        }
        for (kind, name), found in joined.items()
    ]

"""Rows of the claim's tables, and of the numbers behind its figures."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from saecore.claims.incompleteness.below.percolation import COSINES, Grown
from saecore.claims.incompleteness.below.proxy import Proxy
from saecore.claims.incompleteness.below.tasks import MEASURES, Usefulness
from saecore.claims.incompleteness.below.walk import Walk
from saecore.claims.incompleteness.singles import SingleInsertions, WidthPair
from saecore.claims.incompleteness.together import Joined
from saecore.claims.incompleteness.world_truth import WorldTruth
from saecore.measures.stitching.refit import Refit
from saecore.report.figures import NAMES


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


def walk_data(found: Walk) -> list[dict[str, Any]]:
    """L0 and unexplained variance after each phase of a leg, as rows."""
    rows = []
    for (u, v), leg in found.legs.items():
        phases = {
            "start": 0,
            "novel in": leg.novel,
            "families swapped": leg.swapped,
            "end": -1,
        }
        for phase, at in phases.items():
            unexplained = float(leg.curve.moving[at] / leg.curve.variance)
            row = {"leg": f"{u} to {v}" if u < v else f"control at {u}"}
            row |= {"after": phase, "L0": float(leg.curve.l0[at])}
            rows.append(row | {"unexplained variance": unexplained})
    return rows


def truth_rows(truth: WorldTruth, *, only: Sequence[int] = ()) -> list[dict[str, Any]]:
    """The calls as rows of a table: all, or those into a smaller SAE of width `only[0]`
    from one of the widths `only`.
    """
    return [
        {
            "SAE": NAMES[kind],
            "from": u,
            "to": v if v != u else "control",
            "called by": way,
            "really new": call.really_new,
            "called novel": call.called,
            "precision": call.precision,
            "recall": call.recall,
            "any feature": call.any_feature,
        }
        for (kind, u, v, way), call in truth.calls.items()
        if not only or (u == only[0] and v in only)
    ]


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
        }
        for (kind, name), found in joined.items()
    ]


def proxy_rows(found: Mapping[WidthPair, Proxy]) -> list[dict[str, Any]]:
    """How well the cosine does, as rows of a table; gaps where it cannot be told."""
    return [
        {
            "SAE": NAMES[kind],
            "from": u,
            "to": v if u < v else "control",
            "base rate": one.roc.base,
            "AUC": one.auc,
            "AUC, four latents": one.auc_of_four,
            "accuracy, the paper's threshold": one.at_rule.accuracy,
            "best threshold": one.fitted and one.fitted.threshold,
            "its accuracy": one.fitted and one.fitted.accuracy,
            "of the commoner class": one.fitted and one.fitted.base,
        }
        for (kind, u, v), one in found.items()
    ]


def giant_rows(found: Mapping[str, Grown]) -> list[dict[str, Any]]:
    """Giant families and latents without a link, as rows of a table."""
    return [
        {
            "widths": name,
            "giant family below a cosine of": one.giant_below,
            "largest family, latents": int(one.at_rule.sizes[:1].sum()),
            "novel by cosine": one.at_rule.novel.double().mean(),
            "lost": one.at_rule.lost.double().mean(),
        }
        for name, one in found.items()
    ]


def kind_rows(found: Grown, *, most: int) -> list[dict[str, Any]]:
    """The commonest kinds of families, as rows of a table."""
    return [
        {"small latents": a, "large latents": b, "families": count}
        for (a, b), count in list(found.at_rule.kinds.items())[:most]
    ]


def family_rows(found: Mapping[str, Grown]) -> list[dict[str, Any]]:
    """The numbers behind `largest_families`."""
    return [
        {
            "widths": name,
            "threshold": cosine,
            "of the linked": at.largest,
            "families": len(at.sizes),
        }
        for name, one in found.items()
        for cosine, at in zip(COSINES, one.levels, strict=True)
    ]


def swap_rows(found: Walk) -> list[dict[str, Any]]:
    """What each swap does alone, as rows of a table."""
    return [
        {
            "from": u,
            "to": v if u < v else "control",
            "families": alone.families,
            "median effect, %": 100 * alone.median_effect,
            "mean effect, %": 100 * alone.mean_effect,
            "surely better": alone.better,
            "surely worse": alone.worse,
            "median change of L0": alone.l0,
        }
        for (u, v), alone in found.swaps.items()
    ]


def refit_rows(found: Mapping[str, Refit]) -> list[dict[str, Any]]:
    """Stitched sets before and after their refit, as rows of a table."""
    return [
        {
            "latents": name,
            "number": one.latents,
            "L0": one.l0,
            "unexplained variance": one.raw / one.variance,
            "refit": one.error / one.variance,
        }
        for name, one in found.items()
    ]


def score_rows(found: Usefulness) -> list[dict[str, Any]]:
    """The numbers behind `scores_by_width`."""
    return [
        {
            "task": task,
            "measure": measure,
            "width": width,
            "value": point.estimate,
            "low": point.low,
            "high": point.high,
            "shuffled labels": found.shuffled.get((task, measure, width)),
        }
        for (task, measure, width), point in found.scores.items()
    ]


def end_rows(
    found: Usefulness, paper: Mapping[str, Sequence[float]]
) -> list[dict[str, Any]]:
    """Mean scores at the narrowest and the widest SAE, and the paper's change between
    its own two, where it has one.
    """
    theirs = {MEASURES[0]: paper["top_1"], MEASURES[-1]: paper["tpp"]}
    rows = []
    for measure in MEASURES:
        first, last = (found.over_tasks(measure, found.widths[at]) for at in (0, -1))
        row = {"measure": measure, f"width {found.widths[0]}": first}
        row |= {f"width {found.widths[-1]}": last}
        row["change"] = None if first is None or last is None else last - first
        change = theirs.get(measure)
        rows.append(row | {"change in the paper": change and change[1] - change[0]})
    return rows

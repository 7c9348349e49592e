"""Rows of the tables on the pages below the claim's own, and of the numbers behind
their figures.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from saecore.claims.incompleteness.below.errors import TokenErrors
from saecore.claims.incompleteness.below.percolation import COSINES, Grown
from saecore.claims.incompleteness.below.proxy import CosineSpread, Proxy, WidthCell
from saecore.claims.incompleteness.below.tasks import EDITS, MEASURES, Usefulness
from saecore.claims.incompleteness.below.walk import Walk
from saecore.claims.incompleteness.singles import WidthPair
from saecore.measures.stitching.refit import Refit
from saecore.report.figures import NAMES


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


def proxy_rows(
    found: Mapping[WidthPair, Proxy], paper: Sequence[float] = ()
) -> list[dict[str, Any]]:
    """How well the cosine does, as rows of a table; gaps where it cannot be told.
    `paper` has the AUC of each doubling, from its own narrowest on.
    """
    widths = sorted({u for kind, u, _ in found if kind == "relu"})
    doublings = {("relu", u, 2 * u): auc for u, auc in zip(widths, paper, strict=False)}
    return [
        {
            "SAE": NAMES[kind],
            "from": u,
            "to": v if u < v else "control",
            "base rate": one.roc.base,
            "AUC": one.auc,
            "AUC, paper": doublings.get((kind, u, v)),
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


def spread_rows(
    found: Mapping[tuple[int, int], CosineSpread], paper: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Mean, median and deviation of the largest cosines, the paper's pair first."""
    theirs = {"pair": f"paper, {paper['smaller']} to {paper['larger']}"}
    rows = [theirs | {name: paper[name] for name in ("mean", "median", "deviation")}]
    for (u, v), one in found.items():
        mean, median, deviation = one.numbers
        row = {"pair": f"{u} to {v}" if u < v else f"two seeds of {u}"}
        rows.append(row | {"mean": mean, "median": median, "deviation": deviation})
    return rows


def matrix_rows(
    found: Mapping[tuple[int, int], WidthCell], paper: Sequence[Sequence[float]]
) -> list[dict[str, Any]]:
    """Novel latents for every two widths, with the paper's share by the cosine as many
    doublings up from its own narrowest (`paper[smaller][larger - smaller - 1]`).
    """
    widths = sorted({width for pair in found for width in pair})
    rows = []
    for (u, v), cell in found.items():
        at, up = widths.index(u), widths.index(v) - widths.index(u) - 1
        theirs = paper[at][up] if at < len(paper) and up < len(paper[at]) else None
        row = {"from": u, "to": v, "by cosine": cell.by_cosine, "paper": theirs}
        rows.append(row | {"by effect": cell.by_effect, "by effect, refit": cell.refit})
    return rows


def error_rows(found: TokenErrors) -> list[dict[str, Any]]:
    """Agreement of errors for every two widths, as rows."""
    return [
        {
            "from": u,
            "to": v if u < v else "another seed",
            "correlation": one.correlation,
            "given the norm": one.given_norm,
            "direction": one.direction,
        }
        for (u, v), one in found.agreement.items()
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
    its own two, where it has one; last, probes on whole rows.
    """
    theirs = {MEASURES[0]: paper["top_1"], EDITS[0]: paper["tpp"]}
    rows = []
    for measure in MEASURES:
        first, last = (found.over_tasks(measure, found.widths[at]) for at in (0, -1))
        row = {"measure": measure, f"width {found.widths[0]}": first}
        row |= {f"width {found.widths[-1]}": last}
        row["change"] = None if first is None else found.rise(measure)
        change = theirs.get(measure)
        rows.append(row | {"change in the paper": change and change[1] - change[0]})
    for kind in dict.fromkeys(kind for _, kind in found.whole_rows):
        told = [v for (_, k), v in found.whole_rows.items() if k == kind]
        score = sum(float(one.mean()) for one in told) / len(told)
        row = {"measure": f"whole row, {kind}", f"width {found.widths[0]}": score}
        row |= {f"width {found.widths[-1]}": score, "change": None}
        rows.append(row | {"change in the paper": None})
    return rows

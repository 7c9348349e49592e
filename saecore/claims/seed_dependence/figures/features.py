"""Pictures of the page on orphans and features: axes and plain numbers in, nothing
computed.
"""

from collections.abc import Mapping
from typing import Any

from saecore.claims.seed_dependence.orphans.firing import ByRate
from saecore.claims.seed_dependence.orphans.spans import Spans
from saecore.claims.seed_dependence.world_truth import KINDS, SharedTruth
from saecore.measures.algebra.intervals import Interval
from saecore.report import panels
from saecore.report.figures import NULL, colour, shades

_DASHED = (0, (4, 3))


def draw_shared_by_rate(ax: Any, found: ByRate) -> None:
    """The share of shared latents by how often they fire, and the share found in no
    other seed.
    """
    places = [float(x) for x in found.fires_from]
    drawn = ((found.shared, "topk", "shared"), (found.nowhere, "relu", "in no other"))
    for points, kind, label in drawn:
        ax.errorbar(
            places, [point.estimate for point in points], yerr=panels.bars(points),
            fmt="o-", color=colour(kind), markersize=4.5, capsize=2.5, label=label,
        )  # fmt: skip
    ax.set_xscale("symlog", linthresh=_least(places))
    ax.set(xlabel="fires on at least this share of rows", ylabel="share of latents")
    ax.set(ylim=(-0.02, 1.02))
    ax.legend()


def _least(places: list[float]) -> float:
    """The smallest rate above 0; the axis is linear below it."""
    return min((place for place in places if place > 0), default=1e-4)


def firing_rate_data(found: ByRate) -> dict[str, Any]:
    """The numbers of `draw_shared_by_rate`."""
    data: dict[str, Any] = {"fires from": found.fires_from}
    for name, points in (("shared", found.shared), ("nowhere", found.nowhere)):
        for part in ("estimate", "low", "high"):
            data[f"{name} {part}"] = [getattr(point, part) for point in points]
    return data | {"share of all firings": found.firings}


def draw_spans(axes: Any, found: Spans) -> None:
    """Overlap of the orphans of two seeds: left, of their leading axes; right, of small
    groups and their partners.
    """
    styles = {
        "next seed": (colour("topk"), "-"), "neighbours": (colour("topk"), "-"),
        "at random": (colour("relu"), "-"), "same covariance": (NULL, _DASHED),
        "random": (NULL, ":"), "shared latents": (colour("gated"), "-"),
    }  # fmt: skip
    for ax, by in zip(axes, (found.axes, found.groups), strict=True):
        for name in next(iter(by.values()), {}):
            points = {size: one[name] for size, one in by.items()}
            color, style = styles[name]
            ax.errorbar(
                list(points), [point.estimate for point in points.values()],
                yerr=panels.bars(points.values()), color=color, linestyle=style,
                marker="o", markersize=4, capsize=2, label=name,
            )  # fmt: skip
        ax.set_xscale("log", base=2)
        ax.set_xticks(list(by), [str(size) for size in by])
        ax.set(ylim=(0, 1.02))
        ax.legend(fontsize=8)
    axes[0].set(xlabel="leading axes", ylabel="overlap of subspaces")
    axes[1].set(xlabel="latents in a group")


def span_rows(found: Spans) -> list[dict[str, Any]]:
    """The numbers of `draw_spans`."""
    return [
        {"panel": panel, "size": size, "with": name, "overlap": x.estimate}
        for panel, by in (("axes", found.axes), ("groups", found.groups))
        for size, one in by.items()
        for name, x in one.items()
    ]


def draw_truth(axes: Any, found: Mapping[str, SharedTruth]) -> None:
    """Per kind of SAE: left, the share of features that are recovered, by their own
    direction and either way; right, how often a latent of each kind is shared.
    """
    left, right = axes
    recovered = {
        name: [one.recovered[name] for one in found.values()]
        for name in ("own direction", "either")
    }
    _columns(left, recovered)
    shared = {name: [one.shared_if[name] for one in found.values()] for name in KINDS}
    _columns(right, shared)
    labels = [name.replace(", ", "\n") for name in found]
    for ax in axes:
        ax.set_xticks(range(len(found)), labels, fontsize=7.5, rotation=40)
        ax.set(ylim=(-0.03, 1.03))
        ax.legend(fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3)
    left.set(ylabel="share of features recovered")
    right.set(ylabel="share of latents that are shared")


def _columns(ax: Any, points: Mapping[str, list[Interval]]) -> None:
    """Points side by side at each place, one shade to a name."""
    step = 0.24
    for number, ((name, one), color) in enumerate(
        zip(points.items(), shades("topk", len(points)), strict=True)
    ):
        shift = (number - (len(points) - 1) / 2) * step
        known = [(i, x) for i, x in enumerate(one) if x.estimate == x.estimate]
        ax.errorbar(
            [place + shift for place, _ in known],
            [x.estimate for _, x in known],
            yerr=panels.bars([x for _, x in known]),
            fmt="o", color=color, capsize=2.5, markersize=4.5, label=name,
        )  # fmt: skip


def truth_data(found: Mapping[str, SharedTruth]) -> dict[str, Any]:
    """The numbers of `draw_truth`; those that nobody could ask for are left out."""
    data: dict[str, Any] = {"SAE": list(found)}
    for name in ("own direction", "either"):
        data[f"recovered, {name}"] = [
            one.recovered[name].estimate for one in found.values()
        ]
    for name in KINDS:
        data[f"shared if {name}"] = [
            None if (x := one.shared_if[name].estimate) != x else x
            for one in found.values()
        ]
    return data

"""Figures of the claim: matplotlib axes and finished numbers in, nothing computed."""

from typing import Any

from saecore.claims.non_atomicity.combinations import OWN_DIRECTIONS, SMALL
from saecore.claims.non_atomicity.explained import CLUSTERS, DECODER, ExplainedByWidth
from saecore.claims.non_atomicity.ladder import NULL_NAMES
from saecore.claims.non_atomicity.resemblance import META
from saecore.report import colour, panels
from saecore.report.figures import INK, NULL

PART_COLOURS = colour("relu"), colour("batchtopk")
"""Latents of the small SAE, and meta-latents."""


def draw_ladder(axes: Any, rows: dict[str, list[dict[str, Any]]]) -> None:
    """Variance explained, a kind of rows a line and a subject a panel: a dot for the
    rows, marks for their nulls, and a line for the difference, with its interval
    (`ladder_rows`).
    """
    for ax, (subject, rungs) in zip(axes, rows.items(), strict=True):
        for place, row in enumerate(rungs):
            _draw_rung(ax, place, row)
        ax.set_yticks(range(len(rungs)), [row["rows"] for row in rungs])
        ax.invert_yaxis()
        ax.set(xlabel="variance of unseen rows explained", xlim=(0, None))
        ax.set_title(subject, loc="left")
    for fmt, color, name in (
        ("o", INK, "the rows"),
        ("|", NULL, "null: clusters"),
        ("x", NULL, "null: same covariance"),
    ):
        axes[0].plot([], [], fmt, color=color, mew=2, label=name)
    axes[0].legend(loc="lower right")


def _draw_rung(ax: Any, place: int, row: dict[str, Any]) -> None:
    clusters, covariance = (row[NULL_NAMES[x]] for x in ("clusters", "same_covariance"))
    null = max(x for x in (clusters, covariance) if x is not None)
    color = PART_COLOURS[1] if row["beyond the stronger"] > 0 else NULL
    ax.plot([null, row["explained"]], [place, place], color=color, linewidth=1.6)
    ends = (
        [row["explained"] - null - row["from"]],
        [row["to"] - row["explained"] + null],
    )
    known = row["to"] > row["from"]  # one seed alone has no interval
    ax.errorbar(
        row["explained"],
        place,
        xerr=ends if known else None,
        fmt="o",
        color=INK,
        markersize=6,
        elinewidth=1,
        capsize=2.5,
    )
    ax.plot(clusters, place, "|", color=NULL, markersize=13, mew=2.5)
    if covariance is not None:
        ax.plot(covariance, place, "x", color=NULL, markersize=6, mew=2)


def draw_combinations(ax: Any, rows: list[dict[str, Any]]) -> None:
    """Variance of unseen rows explained, a dictionary a line (`combined_rows`)."""
    colours = dict(zip((SMALL, META), PART_COLOURS, strict=True))
    for place, row in enumerate(rows):
        color = colours.get(row["dictionary"], NULL)
        ends = [row["explained"] - row["from"]], [row["to"] - row["explained"]]
        ax.errorbar(row["explained"], place, xerr=ends, fmt="o", color=color, capsize=3)
    names = [
        f"{row['dictionary']} *"
        if row["dictionary"] in OWN_DIRECTIONS
        else row["dictionary"]
        for row in rows
    ]
    ax.set_yticks(range(len(rows)), names)
    ax.invert_yaxis()
    ax.set(xlabel="variance of unseen rows explained by four", xlim=(0, None))


def draw_closest(ax: Any, columns: dict[str, list[float]], peak: float) -> None:
    """Histograms of closest cosines (`closest_histograms`): meta-latents filled, the
    nulls as outlines, and where the paper's histogram peaks.
    """
    edges = [*columns["from"], columns["to"][-1]]
    styles = {META: {"color": PART_COLOURS[1], "fill": True, "alpha": 0.75}}
    nulls = [name for name in columns if name not in ("from", "to", META)]
    for name, line in zip(nulls, ("-", ":"), strict=True):
        styles[name] = {"color": INK, "linestyle": line, "linewidth": 1.6}
    for name, style in styles.items():
        ax.stairs(columns[name], edges, label=name, **style)
    ax.axvline(peak, color=NULL, linestyle=(0, (4, 3)), linewidth=1.2)
    ax.annotate(
        "peak in the paper",
        (peak, ax.get_ylim()[1]),
        ha="right",
        va="top",
        color=NULL,
        fontsize=9,
        xytext=(-4, -2),
        textcoords="offset points",
    )
    ax.set(xlabel="cosine with the closest latent of the small SAE", ylabel="density")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, fontsize=9)


def draw_widths(ax: Any, found: ExplainedByWidth) -> None:
    """Variance of held-out rows explained against the number of meta-latents: decoder
    rows, and rows in clusters.
    """
    colours = {DECODER: PART_COLOURS[1], CLUSTERS: NULL}
    for name, points in found.curves.items():
        numbers = {float(width): point for width, point in points.items()}
        panels.trend(ax, numbers, color=colours[name], label=name)
    ax.set(
        xlabel="number of meta-latents",
        ylabel="variance of unseen rows explained",
        ylim=(0, None),
    )

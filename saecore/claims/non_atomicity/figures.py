"""Figures of the claim: matplotlib axes and finished numbers in, nothing computed."""

from typing import Any

from saecore.claims.non_atomicity.explained import SMALL, ExplainedByWidth
from saecore.report import colour, panels
from saecore.report.figures import INK, NAMES, NULL


def draw_dictionaries(ax: Any, rows: list[dict[str, Any]]) -> None:
    """Variance of held-out rows explained, a dictionary a line: by its encoder and at
    best (`ComparedDictionaries.rows`).
    """
    held, best = "held-out rows, centred", "its directions by pursuit, held out"
    colours = {"meta-SAE": colour("batchtopk"), SMALL: colour("relu")}
    for place, row in enumerate(rows):
        color = colours.get(row["dictionary"], NULL)
        ax.plot(row[best], place, "o", color=color, markersize=7)
        if held in row:
            ax.plot(row[held], place, "|", color=color, markersize=16, mew=2.5)
    ax.plot([], [], "o", color=INK, markersize=7, label="by pursuit")
    ax.plot([], [], "|", color=INK, markersize=12, mew=2.5, label="by its encoder")
    ax.set_yticks(range(len(rows)), [row["dictionary"] for row in rows])
    ax.invert_yaxis()
    ax.set(xlabel="variance of held-out rows explained", xlim=(0, None))
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2)


def draw_closest(ax: Any, columns: dict[str, list[float]]) -> None:
    """Histograms of closest cosines (`closest_histograms`): meta-latents filled, the
    null as an outline.
    """
    edges = [*columns["from"], columns["to"][-1]]
    meta, null = (name for name in columns if name not in ("from", "to"))
    ax.stairs(
        columns[meta],
        edges,
        color=colour("batchtopk"),
        fill=True,
        alpha=0.8,
        label=meta,
    )
    ax.stairs(columns[null], edges, color=NULL, alpha=0.8, label=null)
    ax.set(xlabel="cosine with the closest latent of the small SAE", ylabel="density")
    ax.legend(loc="upper left")


def draw_widths(ax: Any, found: ExplainedByWidth) -> None:
    """Variance of held-out rows explained against the number of meta-latents, a line
    per architecture, its null a cross at the base width.
    """
    for kind, points in found.curves.items():
        points = {float(width): point for width, point in points.items()}
        panels.trend(ax, points, color=colour(kind), label=NAMES[kind])
        null = found.nulls[kind]
        ax.errorbar(
            [found.width],
            [null.estimate],
            yerr=panels.bars([null]),
            fmt="x",
            color=colour(kind),
            capsize=2.5,
        )
    ax.annotate(
        "same covariance (x)",
        (found.width, min(null.estimate for null in found.nulls.values())),
        xytext=(8, -12),
        textcoords="offset points",
        color=NULL,
        fontsize=9,
    )
    ax.set(
        xlabel="number of meta-latents",
        ylabel="variance of held-out rows explained",
        ylim=(0, None),
    )

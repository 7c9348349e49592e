"""Figures of the claim: matplotlib axes and finished numbers in, nothing computed."""

from typing import Any

from saecore.measures.algebra.intervals import Interval
from saecore.report import colour, panels
from saecore.report.figures import INK, NULL


def draw_success(ax: Any, found: dict[str, dict[str, Interval]], title: str) -> None:
    """Success of edits as a share of that of the whole row, by attribute
    (`shares.by_attribute`).
    """
    colours = colour("batchtopk"), NULL, INK
    for offset, color, (words, topics) in zip(
        (-0.2, 0, 0.2), colours, found.items(), strict=True
    ):
        places = [place + offset for place in range(len(topics))]
        points = list(topics.values())
        ax.errorbar(
            places,
            [point.estimate for point in points],
            yerr=panels.bars(points),
            fmt="o",
            color=color,
            capsize=3,
            label=words,
        )
    topics = list(next(iter(found.values())))
    ax.set_xticks(range(len(topics)), topics)
    ax.axhline(1, color=NULL, linestyle=(0, (4, 3)), linewidth=1.2)
    ax.set_title(title, loc="left")
    ax.set(xlim=(-0.6, len(topics) - 0.4), ylim=(-0.12, 1.12))

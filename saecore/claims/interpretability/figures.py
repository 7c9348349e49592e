"""The pictures of the pages on explanations and on fidelity: axes and plain numbers in,
nothing computed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from saecore.report import chance, colour, ticks
from saecore.report.figures import COLOURS, INK, NAMES, NULL
from saecore.report.panels import named_points
from saecore.report.ranged import Ranged

LOOKS = {
    "TopK": colour("topk"),
    "ICA": colour("jumprelu"),
    "PCA": colour("relu"),
    "random directions": NULL,
    "coordinates": INK,
}
"""What the lines over layers look like."""
MARKS = ("o", "s", "^")
"""Of the ways in which another basis is explained."""


def draw_scores(ax: Any, scores: Mapping[str, Ranged], swapped: float) -> None:
    """A dot with its interval for each kind of dictionary, and what swapped
    explanations score.
    """
    names = [name.split(" (")[0].split(",")[0] for name in scores]
    named_points(
        ax,
        dict(zip(names, scores.values(), strict=True)),
        colors=[COLOURS.get(name.lower(), INK) for name in names],
    )
    ax.set_xticks(ax.get_xticks(), names, rotation=35, ha="right")
    ax.set(ylabel="simulation score", ylim=(-0.05, 1))
    chance(ax, swapped, "swapped")


def draw_layers(
    ax: Any,
    means: Mapping[str, Mapping[int, float]],
    intervals: Mapping[int, Ranged],
) -> None:
    """A line over layers for each kind of dictionary, the SAEs with their intervals."""
    for name, by_layer in means.items():
        style = "o-" if name == "TopK" else "o--"
        places, values = list(by_layer), list(by_layer.values())
        ax.plot(places, values, style, color=LOOKS[name], label=name)
    for layer, one in intervals.items():
        ax.plot([layer, layer], [one.low, one.high], color=LOOKS["TopK"])
    ax.set(
        xlabel="layer", ylabel="simulation score", xticks=list(intervals),
        ylim=(-0.05, 1),
    )  # fmt: skip
    ax.legend(fontsize=8.5)


def draw_as_sparse(
    ax: Any, scores: Mapping[str, Mapping[str, float]], base: Ranged
) -> None:
    """For each other basis a mark per way in which it is explained, and the SAE's score
    as a band.
    """
    ax.axhspan(base.low, base.high, color=LOOKS["TopK"], alpha=0.15, linewidth=0)
    ax.axhline(base.estimate, color=LOOKS["TopK"], label="TopK (base)")
    names = list(next(iter(scores.values())))
    shifts = (-0.15, 0, 0.15)
    for shift, mark, (way, of) in zip(shifts, MARKS, scores.items(), strict=True):
        places = [names.index(name) + shift for name in of]
        face = "white" if shift < 0 else INK
        look = {"color": INK, "markerfacecolor": face, "linestyle": "none"}
        ax.plot(places, list(of.values()), mark, markersize=6, label=way, **look)
    ax.set_xticks(range(len(names)), names)
    ax.set_xlim(-0.6, len(names) - 0.4)
    ax.set(ylabel="simulation score", ylim=(-0.05, 1))
    ax.legend(fontsize=8.5, ncols=2, loc="lower right")


def draw_fidelity(
    axes: Any,
    sweep: Mapping[str, Sequence[Mapping[str, Any]]],
    along: str,
    places: Sequence[float],
) -> None:
    """Unexplained variance and recovered loss of each architecture along a sweep."""
    for kind, rows in sweep.items():
        for ax, measure in zip(axes, ("FVU", "recovered (mean)"), strict=True):
            values = [[row[along] for row in rows], [row[measure] for row in rows]]
            ax.plot(*values, "o-", color=colour(kind), label=NAMES[kind])
    titles = ("FVU", "loss recovered (mean ablation)")
    for ax, title in zip(axes, titles, strict=True):
        ax.set(xscale="log", xlabel=along, title=title)
        ticks(ax.xaxis, places)
    axes[0].legend(fontsize=8.5)

"""The pictures of the pages on explanations and on fidelity: axes and plain numbers in,
nothing computed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from saecore.report import colour, ticks
from saecore.report.figures import INK, NAMES, NULL
from saecore.report.panels import bars
from saecore.report.ranged import Ranged

LOOKS = {
    "TopK": colour("topk"),
    "ICA": colour("jumprelu"),
    "PCA": colour("relu"),
    "random directions": NULL,
    "coordinates": INK,
}
"""What the lines over layers look like."""
GROUP_COLOURS = {"SAEs": colour("topk"), "controls": colour("relu")}
"""Of groups of dictionaries; the others are drawn in ink."""


def draw_scores(
    ax: Any, groups: Mapping[str, Mapping[str, Ranged]], swapped: float
) -> None:
    """A line for each dictionary, from its name to its dot with the interval, in
    groups; a group of names that stand there already has squares on their lines. And
    what swapped explanations score.
    """
    rows: list[str | None] = []
    for title, kinds in groups.items():
        fresh = [name for name in kinds if name not in rows]
        rows += [None, *fresh] if rows and fresh else fresh
        look = {"fmt": "o" if fresh else "s", "label": title, "capsize": 3}
        ax.errorbar(
            [one.estimate for one in kinds.values()],
            [rows.index(name) for name in kinds],
            xerr=bars(kinds.values()),
            color=GROUP_COLOURS.get(title, INK),
            markersize=5.5,
            linestyle="none",
            **look,
        )
    named = [(place, name) for place, name in enumerate(rows) if name]
    ax.set_yticks([place for place, _ in named], [name for _, name in named])
    ax.invert_yaxis()
    ax.axvline(swapped, color=NULL, linestyle="--", linewidth=1, label="swapped")
    ax.set(xlabel="simulation score", xlim=(-0.05, 1))
    ax.legend(fontsize=8.5, loc="upper left", bbox_to_anchor=(0.08, 1))


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

"""The pictures of the pages on toys: axes and numbers in, nothing computed."""

from collections.abc import Mapping, Sequence
from typing import Any

from saecore.claims.absorption_toys.derivation import Saved
from saecore.claims.absorption_toys.headline import SharesByPenalty
from saecore.claims.absorption_toys.outcomes import FEATURES, CosineMaps
from saecore.claims.absorption_toys.prediction import Phases
from saecore.report import figures
from saecore.report.panels import heat_map

OUTCOME_COLOURS = {
    "solved": figures.colour("jumprelu"),
    "partly absorbed": figures.colour("gated"),
    "absorbed": figures.colour("relu"),
    "hedged": figures.colour("matryoshka"),
    "stuck": figures.NULL,
}
SETTING_MARKS = {
    "hierarchy": ("o", figures.colour("relu"), "untied"),
    "tied": ("s", figures.colour("topk"), "tied"),
    "tied, no biases": ("D", figures.colour("batchtopk"), "tied, no biases"),
    "narrow": ("v", figures.colour("jumprelu"), "too narrow"),
}
SIGNATURE_WORDS = {
    "absorbed": (-0.76, 0.06),
    "found": (0.03, 0.03),
    "hedged": (0.1, 0.26),
}
"""Where a word names what lies there, in the figure of signatures."""


def draw_outcomes(
    axes: Any,
    rows: Sequence[Mapping[str, Any]],
    gaps: Mapping[str, Sequence[float]],
) -> None:
    """Gap of every seed with the mean's interval, and beside it how the seeds ended;
    one line per setting, from above.
    """
    names = [row["setting"] for row in rows]
    for place, row in enumerate(rows):
        values = gaps[row["setting"]]
        spread = [
            place + 0.4 * (seed / len(values) - 0.5) for seed in range(len(values))
        ]
        axes[0].plot(values, spread, "o", color=figures.NULL, alpha=0.5, markersize=4)
        axes[0].plot([row["low"], row["high"]], [place] * 2, color=figures.INK)
        axes[0].plot([row["gap"]], [place], "D", color=figures.INK, markersize=5)
        left = 0.0
        for end, color in OUTCOME_COLOURS.items():
            label, share = end if place == 0 else None, row[end] / len(values)
            axes[1].barh(place, share, left=left, color=color, label=label)
            left += share
    axes[0].set_yticks(range(len(names)), names)
    axes[0].invert_yaxis()
    axes[0].set(xlabel="absorption gap", xlim=(-0.1, 1.1))
    axes[1].set(xlabel="share of seeds, by how they ended")
    axes[1].legend(loc="lower center", bbox_to_anchor=(0.4, 1.0), ncol=3, fontsize=8)


def draw_savings(ax: Any, found: Saved) -> None:
    """What absorption saves of three penalties, against delta."""
    labels = ("L1", "L1, weighted by norms", "L0")
    for label, values, style in zip(labels, found[1:], ("-", "--", ":"), strict=True):
        ax.plot(found.delta, values, style, color=figures.colour("relu"), label=label)
    ax.set(xlabel="delta, the share that is absorbed")
    ax.set_ylabel("share of the penalty saved")
    ax.legend(loc="upper left")


def draw_cosine_maps(axes: Any, found: Mapping[str, CosineMaps]) -> None:
    """Encoder and decoder of every run side by side: red positive, blue negative."""
    shown = {
        f"{kind},\n{part}": cosines
        for kind, maps in found.items()
        for part, cosines in maps._asdict().items()
    }
    for ax, (title, cosines) in zip(axes, shown.items(), strict=True):
        names = {"x": FEATURES, "y": FEATURES, "ends": (-1, 1), "colours": "RdBu_r"}
        heat_map(ax, cosines.tolist(), written=True, square=True, **names)
        ax.set_title(title, fontsize=9.5)
        ax.tick_params("x", labelrotation=45, labelsize=8)
        ax.tick_params("y", labelrotation=0, labelsize=8)
    axes[0].set_ylabel("latent of")


def draw_shares(
    ax: Any,
    found: SharesByPenalty,
    penalties: Sequence[float],
    curves: Mapping[str, Sequence[float]],
) -> None:
    """Delta of every trained SAE against the penalty, and the closed forms as lines."""
    labels = {"plain": "plain L1", "norms": "weighted by norms"}
    labels["bias"] = "weighted, with a bias"
    ink = {"color": figures.INK, "linewidth": 1.3}
    for (form, label), style in zip(labels.items(), (":", "--", "-"), strict=True):
        ax.plot(penalties, curves[form], style, label=label, **ink)
    for penalty, shares in found.delta.items():
        values = [share for share in shares if share == share]
        places = [penalty] * len(values)
        ax.plot(places, values, "o", color=figures.colour("relu"), alpha=0.5)
    ax.set_xscale("log")
    figures.ticks(ax.xaxis, list(found.delta))
    ax.set(xlabel="penalty", ylabel="delta", ylim=(-0.5, 1.08))
    ax.legend(loc="upper left")


def draw_phases(fig: Any, axes: Any, found: Phases) -> None:
    """The two maps of delta, with the closed form's contours on the first."""
    labels = (
        "share of the child's firings\nwithout its parent",
        "share of the parent's firings\nwith its child",
    )
    image = None
    for ax, cells, label in zip(axes, (found.alone, found.given), labels, strict=True):
        shares, penalties, grid = _grid(cells)
        names = {"x": [f"{x:g}" for x in shares], "y": [f"{y:g}" for y in penalties]}
        colours = {"ends": (0, 1), "colours": "Blues"}
        image = heat_map(ax, grid, written=True, **names, **colours)
        ax.invert_yaxis()
        ax.tick_params("x", labelrotation=0, labelsize=8.5)
        ax.tick_params("y", labelrotation=0)
        ax.set_xlabel(label)
    fig.colorbar(image, ax=axes, label="delta (median of the seeds)")
    _contours(axes[0], _grid(found.optimum)[2])
    axes[0].set_ylabel("penalty")


def draw_signatures(ax: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Every run by the child's cosine with encoder and decoder of the parent's
    latent.
    """
    for name, (marker, color, label) in SETTING_MARKS.items():
        x = [row["encoder"] for row in rows if row["setting"] == name]
        y = [row["decoder"] for row in rows if row["setting"] == name]
        style = {"color": color, "alpha": 0.65, "markersize": 7, "linestyle": "none"}
        ax.plot(x, y, marker=marker, label=label, **style)
    ax.axhline(0, color=figures.NULL, linewidth=0.8)
    ax.axvline(0, color=figures.NULL, linewidth=0.8)
    for word, place in SIGNATURE_WORDS.items():
        ax.annotate(word, place, fontsize=9.5, color=figures.INK)
    ax.set_xlabel("child in the encoder of the parent's latent (cosine)")
    ax.set_ylabel("child in its decoder (cosine)")
    ax.legend(loc="lower right", fontsize=8.5)


def _contours(ax: Any, grid: Sequence[Sequence[float]]) -> None:
    orange = figures.colour("relu")
    levels, styles = (0.1, 0.5, 0.9), (":", "--", "-")
    lines = {"levels": levels, "colors": [orange] * 3, "linestyles": styles}
    places = [[i + 0.5 for i in range(size)] for size in (len(grid[0]), len(grid))]
    ax.contour(*places, grid, linewidths=2, **lines)
    for level, style in zip(levels, styles, strict=True):
        ax.plot([], [], style, color=orange, label=f"predicted {level}")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncol=3, fontsize=8.5)


def _grid(
    cells: Mapping[tuple[float, float], float],
) -> tuple[list[float], list[float], list[list[float]]]:
    """Shares, penalties, and the cells by penalty, then share."""
    shares = list(dict.fromkeys(share for share, _ in cells))
    penalties = list(dict.fromkeys(penalty for _, penalty in cells))
    grid = [[cells[share, penalty] for share in shares] for penalty in penalties]
    return shares, penalties, grid

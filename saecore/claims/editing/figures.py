"""The figures of the claim on editing: axes and plain numbers in, nothing computed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from torch import Tensor

from saecore.claims.editing.compared import ComparedCounts
from saecore.measures.editing.causal_tree import Node
from saecore.measures.editing.patching import PatchingCurve
from saecore.report.figures import INK, NULL, chance, colour, seeds, shades
from saecore.report.panels import running_share


def curve_styles() -> dict[str, tuple[Any, str]]:
    """Colour and line of each dictionary's curve."""
    light, _, dark = shades("topk", 3)
    return {
        "TopK (base), seed 0": (colour("topk"), "-"),
        "TopK, k 32": (dark, "-"),
        "TopK, k 4": (light, "-"),
        "PCA": (colour("relu"), "--"),
        "ICA": (colour("jumprelu"), "--"),
        "coordinates": (NULL, ":"),
        "random rotation": (INK, ":"),
        "MLP neurons": (colour("gated"), "--"),
    }


def patching_curves(
    axes: Iterable[Any], curves: Mapping[str, PatchingCurve], *, half: float, most: int
) -> None:
    """The divergence against the latents patched, and against the length of the edit;
    `half` is where the claim looks.
    """
    by_latents, by_edit = axes
    for name, (color, style) in curve_styles().items():
        if curve := curves.get(name):
            line = {"color": color, "linestyle": style, "label": name}
            by_latents.plot(curve.latents, curve.divergence, **line)
            by_edit.plot(curve.size, curve.divergence, **line)
    by_latents.set(xlabel="latents patched", ylabel="KL to the target's answer (nats)")
    by_latents.set_xlim(0, most)
    by_edit.set_xlabel("mean length of the edit")
    chance(by_latents, half, "halfway")
    chance(by_edit, half, "halfway")


def legend_below(fig: Any, ax: Any, *, columns: int) -> None:
    """One legend for all panels, each name once."""
    handles, names = ax.get_legend_handles_labels()
    once = dict(zip(names, handles, strict=True))
    below = {"loc": "outside lower center", "ncols": columns, "fontsize": 8.5}
    fig.legend(once.values(), once, **below)


def share_panels(axes: Sequence[Any], found: ComparedCounts) -> None:
    """Share of the pairs that are halfway, against the latents patched and the length
    of the edit: a thin line per SAE, one per basis.
    """
    labels = {"latents": "latents patched in a pair", "size": "mean length of the edit"}
    styles = curve_styles()
    for ax, (field, label) in zip(axes, labels.items(), strict=True):
        for number, one in enumerate(found.saes):
            line = {"color": colour("topk"), "linewidth": 0.8, "alpha": 0.8}
            _steps(ax, getattr(one, field), **line, label="" if number else "SAEs")
        for name, one in found.bases.items():
            color, style = styles[name]
            _steps(ax, getattr(one, field), color=color, linestyle=style, label=name)
        chance(ax, 0.5, "half of the pairs" if ax is axes[-1] else "")
        ax.set(xlabel=label, ylim=(0, 1.02), xlim=(0, None))
    axes[0].set_ylabel("share of pairs halfway")


def _steps(ax: Any, values: Tensor, **line: Any) -> None:
    """The share of values up to each."""
    running_share(ax, values.tolist(), **line)


def needed_panels(axes: Iterable[Any], orders: Mapping[str, ComparedCounts]) -> None:
    """Latents to half, and the length of the edit: a dot per seed and a bar at their
    mean, a cross per basis; the orders beside each other.
    """
    labels = {"latents": "latents to half", "size": "length of the edit to half"}
    for ax, (field, label) in zip(axes, labels.items(), strict=True):
        for order, (name, found) in enumerate(orders.items()):
            columns = {"SAEs": found.saes} | {n: [o] for n, o in found.bases.items()}
            for place, (_, several) in enumerate(columns.items()):
                means = [float(getattr(one, field).mean()) for one in several]
                at = place + 0.3 * order
                color = colour("topk") if order == 0 else NULL
                seeds(ax, at, means, color=color)
                ax.plot([], [], "o", color=color, label=name)
            ax.set_xticks([n + 0.15 for n in range(len(columns))], list(columns))
        ax.tick_params(axis="x", labelsize=8, labelrotation=20)
        ax.set(ylabel=label, ylim=(0, None))


def tree_panel(
    ax: Any, root: Node, names: Mapping[int, str], levels: Sequence[str]
) -> None:
    """A tree with its root at the top; a line is as wide as the child falls elsewhere.

    `names` are the words at the nodes, by `id`.
    """
    ends: list[int] = []
    _grow(ax, root, names, ends)
    ax.set_yticks(range(len(levels)), levels)
    ax.set(xlim=(-0.6, len(ends) - 0.4), ylim=(-0.5, len(levels) - 0.6))
    ax.set_xticks([])
    ax.tick_params(axis="y", length=0)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)


def _grow(ax: Any, node: Node, names: Mapping[int, str], ends: list[int]) -> float:
    """Draw what lies below a node, then the node; its place from left to right."""
    below = [_grow(ax, parent, names, ends) for parent in node.parents]
    if not below:
        ends.append(len(ends))
    at = sum(below) / len(below) if below else float(ends[-1])
    for place, parent in zip(below, node.parents, strict=True):
        wide = 10 * max(parent.drop, 0.02)
        line = {"color": colour("topk"), "alpha": 0.45, "linewidth": wide, "zorder": 1}
        ax.plot([at, place], [node.level, parent.level], solid_capstyle="round", **line)
    box = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": NULL}
    middle = {"ha": "center", "va": "center", "fontsize": 8.5}
    ax.text(at, node.level, names[id(node)], bbox=box, **middle)
    return at

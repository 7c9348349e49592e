"""The figures of the claim on editing: axes and plain numbers in, nothing computed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from saecore.measures.editing.causal_tree import Node
from saecore.measures.editing.patching import Needed, PatchingCurve
from saecore.report.figures import INK, NULL, chance, colour, seeds, shades


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


def eraser_marks() -> dict[str, tuple[str, Any]]:
    """Mark and colour of each eraser."""
    return {
        "latent subtracted": ("o", colour("topk")),
        "latent projected": ("s", colour("batchtopk")),
        "one latent": ("o", colour("topk")),
        "LEACE": ("D", colour("relu")),
        "LEACE, shrunk": ("d", shades("relu", 3)[0]),
        "mean difference": ("^", colour("jumprelu")),
        "PCA axis": ("v", colour("gated")),
        "random direction": ("x", NULL),
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
    chance(by_latents, half, "")
    chance(by_edit, half, "halfway")


def legend_below(fig: Any, ax: Any, *, columns: int) -> None:
    """One legend for all panels, each name once."""
    handles, names = ax.get_legend_handles_labels()
    once = dict(zip(names, handles, strict=True))
    below = {"loc": "outside lower center", "ncols": columns, "fontsize": 8.5}
    fig.legend(once.values(), once, **below)


def needed_panels(axes: Iterable[Any], needed: Mapping[str, Sequence[Needed]]) -> None:
    """Latents to half, and the length of the edit: a dot per seed or draw and a bar at
    their mean, a column per dictionary and order.
    """
    labels = {"latents": "latents to half", "size": "length of the edit to half"}
    for ax, (field, label) in zip(axes, labels.items(), strict=True):
        for place, (name, several) in enumerate(needed.items()):
            color = colour("relu" if "PCA" in name else "topk")
            seeds(ax, place, [getattr(one, field) for one in several], color=color)
        names = [name.replace(", ", ",\n") for name in needed]
        ax.set_xticks(range(len(names)), names, fontsize=9)
        ax.set(ylabel=label, xlim=(-0.6, len(names) - 0.4), ylim=(0, None))


def erasure_panel(
    ax: Any, outcomes: Mapping[str, Sequence[tuple[float, float]]], *, layer: int
) -> None:
    """Erasers of one layer: (KL on other text, probability of the right pronoun)."""
    for name, points in outcomes.items():
        mark, color = eraser_marks()[name]
        harm = [max(kl, 1e-5) for kl, _ in points]
        left = [right for _, right in points]
        ax.plot(harm, left, mark, color=color, label=name)
    ax.set(xscale="log", title=f"layer {layer}", xlabel="KL on other text")
    ax.set(ylim=(0, 1.05), xlim=(1e-5, 0.3))
    ax.set_xticks([1e-4, 1e-2])


def harm_panel(ax: Any, harm: Mapping[str, Sequence[float]], *, layer: int) -> None:
    """KL on other text of each eraser of a layer, at the same effect on the task."""
    for place, (name, values) in enumerate(harm.items()):
        mark, color = eraser_marks()[name]
        ax.plot([place] * len(values), values, mark, color=color, alpha=0.7, label=name)
    ax.set(yscale="log", title=f"layer {layer}", xlim=(-0.6, len(harm) - 0.4))
    ax.set_xticks([])


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

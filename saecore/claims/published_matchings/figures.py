"""Pictures of the page on the published matchings: axes and plain numbers in."""

from collections.abc import Mapping, Sequence
from typing import Any

from saecore.report import colour, name_curve, shades

LAYERS = {"layer, 768 latents": 768, "layer, 4,084 latents": 4084}
"""The sweeps over layers, and how many latents each has."""
UNNAMED = 27_648
"""A width too near to the next for a name of its own on the axis."""


def draw_agreement(
    axes: Any, sweeps: Mapping[str, Sequence[Mapping[str, Any]]]
) -> None:
    """Agreement of encoder and decoder matchings: left by width, right by layer."""
    by_width = sweeps["width"]
    widths = [row["latents"] for row in by_width]
    axes[0].plot(widths, [r["agreement"] for r in by_width], "o-", color=colour("topk"))
    axes[0].set_xscale("log", base=2)
    named = [width for width in widths if width != UNNAMED]
    axes[0].set_xticks(named, [f"{width:,}" for width in named])
    axes[0].minorticks_off()
    axes[0].set(xlabel="width", ylabel="share with one partner", ylim=(0, 1.03))
    for (sweep, latents), tone in zip(LAYERS.items(), shades("topk", 2), strict=True):
        rows = sweeps[sweep]
        layers, values = zip(*((r["layer"], r["agreement"]) for r in rows), strict=True)
        axes[1].plot(layers, values, "o-", color=tone)
        name_curve(axes[1], layers[-1], values[-1], f"{latents:,}", color=tone)
    axes[1].set(xlabel="layer")


def draw_closings(ax: Any, closings: Sequence[Mapping[str, Any]]) -> None:
    """How many triangles close, by how many of their three matchings agree; the area of
    a mark is the share of all triangles.
    """
    places = [one["agreeing"] for one in closings]
    heights = [one["closed"] for one in closings]
    sizes = [40 + 900 * one["share"] for one in closings]
    ax.scatter(places, heights, s=sizes, color=colour("topk"), alpha=0.75, zorder=3)
    for one in closings:
        at = (one["agreeing"], one["closed"])
        text = f"{one['closed']:.2f}"
        ax.annotate(text, at, xytext=(20, -3), textcoords="offset points", fontsize=9)
    ax.set_xticks(places)
    ax.set(xlabel="matchings of the three that agree", ylabel="triangles that close")
    ax.set(xlim=(-0.5, 3.7), ylim=(-0.02, 1))


def draw_alone(ax: Any, curve: Sequence[float], published: Sequence[float]) -> None:
    """Latents found in no other seed, by how many seeds are looked at."""
    seeds = range(1, len(curve) + 1)
    ax.plot(seeds, curve, "-", color=colour("topk"))
    ax.plot(seeds[1:], published, "o", color="white", markeredgecolor=colour("topk"))
    name_curve(ax, len(curve), curve[-1], f"{curve[-1]:.2f}", color=colour("topk"))
    ax.set(xlabel="SAEs looked at", ylabel="share found in one alone", ylim=(0, 1.03))


def draw_agrees_with(ax: Any, shares: Sequence[float]) -> None:
    """With how many other seeds a latent's two matchings agree."""
    ax.bar(range(len(shares)), shares, color=colour("topk"))
    ax.set(xlabel="other seeds agreed with", ylabel="share of latents")

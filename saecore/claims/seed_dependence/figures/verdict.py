"""Pictures of the page with the verdict: axes and plain numbers in, nothing
computed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from saecore.claims.seed_dependence.chance import SharedByChance
from saecore.claims.seed_dependence.nine_seeds import NineSeeds
from saecore.claims.seed_dependence.sweeps import TRENDS, ByArchitecture, Trends
from saecore.measures.seeds.matching import Matching
from saecore.report import panels
from saecore.report.figures import INK, NAMES, NULL, colour, ticks

_DASHED = (0, (4, 3))


def draw_pair(ax: Any, pair: Matching, strangers: Matching, *, corner: float) -> None:
    """Two seeds latent by latent: encoder cosine against decoder cosine, and a null."""
    ax.plot(
        strangers.cosine_dec, strangers.cosine_enc, "+", color=colour("relu"),
        alpha=0.4, markersize=4, label="null",
    )  # fmt: skip
    kinds = ((~pair.same, NULL, "partners differ"),)
    kinds += ((pair.same, colour("topk"), "same partner"),)
    for picked, color, label in kinds:
        x, y = pair.cosine_dec[picked], pair.cosine_enc[picked]
        ax.plot(x, y, ".", color=color, alpha=0.6, markersize=5, label=label)
    ax.plot([corner, corner, 1], [1, corner, corner], color=INK, linewidth=1)
    ax.set(xlabel="decoder cosine with its partner", xlim=(0, 1), ylim=(0, 1))
    ax.set(ylabel="encoder cosine with its partner")
    ax.legend(loc="upper left")


def pair_data(pair: Matching, strangers: Matching) -> dict[str, Any]:
    """The numbers of `draw_pair`."""
    return {
        "decoder cosine": pair.cosine_dec,
        "encoder cosine": pair.cosine_enc,
        "same partner": pair.same,
        "null, decoder": strangers.cosine_dec,
        "null, encoder": strangers.cosine_enc,
    }


def draw_nine_seeds(
    axes: Any,
    found: NineSeeds,
    null: SharedByChance,
    paper: Mapping[str, Sequence[float]],
) -> None:
    """Left, in how many seeds a latent appears, and the paper's diamonds; right, the
    share that stays alone.
    """
    left, right = axes
    appear = list(range(1, len(found.appears) + 1))
    left.bar(appear, found.appears, color=colour("topk"))
    theirs = paper["appears_in"], paper["share"]
    left.plot(*theirs, "D", color=INK, markersize=4.5)
    label = "paper (Pythia-160M)"
    left.annotate(label, (1.55, paper["share"][0]), fontsize=9, va="center")
    left.set(xlabel="seeds in which a latent appears", ylabel="share of latents")
    right.plot(appear, found.alone, "o-", color=colour("topk"))
    missed = 1 - null.largest.estimate
    panels.null_line(right, {count: missed ** (count - 1) for count in appear})
    right.axhline(found.fit.floor, color=NULL, linestyle=_DASHED)
    right.annotate(
        "floor of the fitted power law", (1.2, found.fit.floor), xytext=(0, 4),
        textcoords="offset points", color=NULL, fontsize=9,
    )  # fmt: skip
    right.set(xlabel="seeds looked at", ylabel="share found in one only")
    right.set(ylim=(0, 1.02))


def draw_trends(axes: Any, trends: Trends) -> None:
    """The share, and below it the error, against width (TopK and ReLU), k and training
    length; the null in grey.
    """
    for (above, below), name in zip(axes.T, TRENDS, strict=True):
        panels.trend(above, trends.shares[name], color=colour("topk"))
        panels.null_line(above, trends.nulls[name])
        above.set(ylim=(-0.02, 1.02))
        _errors(below, trends.fvu[name], "topk")
        below.set(xlabel=name)
    panels.trend(axes[0, 0], trends.shares["width, ReLU"], color=colour("relu"))
    _errors(axes[1, 0], trends.fvu["width, ReLU"], "relu")
    _name_last(axes[0, 0], trends)
    axes[0, 0].set(ylabel="share of latents")
    highest = max(x for sweep in trends.fvu.values() for x in sweep.values())
    axes[1, 0].set(ylabel="variance unexplained", ylim=(0, 1.06 * highest))
    axes[1, -1].tick_params(axis="x", labelrotation=40)


def _errors(ax: Any, fvu: Mapping[float, float], kind: str) -> None:
    ax.plot(list(fvu), list(fvu.values()), "o-", color=colour(kind), markersize=4.5)
    ax.set_xscale("log")
    ticks(ax.xaxis, list(fvu))


def _name_last(ax: Any, trends: Trends) -> None:
    named = (("topk", "width", "top"), ("relu", "width, ReLU", "bottom"))
    for kind, name, side in named:
        width, share = list(trends.shares[name].items())[-1]
        ax.annotate(
            NAMES[kind], (width, share.estimate), xytext=(6, 0), va=side,
            textcoords="offset points", color=colour(kind), annotation_clip=False,
        )  # fmt: skip


def trend_rows(trends: Trends) -> list[dict[str, Any]]:
    """The numbers of `draw_trends`."""
    rows = []
    for name, shares in trends.shares.items():
        null = trends.nulls.get(name, dict.fromkeys(shares))
        points = panels.rows_of("at", shares, null=null, fvu=trends.fvu[name])
        rows += [{"panel": name} | row for row in points]
    return rows


def draw_architectures(axes: Any, found: Mapping[str, ByArchitecture]) -> None:
    """Per subject, architectures side by side: filled by the rule, hollow by the
    decoder alone.
    """
    for ax, (subject, by) in zip(axes, found.items(), strict=True):
        colors = [colour(kind) for kind in by.share]
        names = {NAMES[kind]: share for kind, share in by.share.items()}
        panels.named_points(ax, names, colors=colors)
        for place, (kind, share) in enumerate(by.decoder.items()):
            ax.plot([place], [share.estimate], "o", mfc="none", color=colour(kind))
        ax.plot(range(len(by.null)), list(by.null.values()), "_", color=NULL)
        ax.tick_params(axis="x", labelrotation=40)
        ax.set(title=subject, ylim=(-0.02, 1.02))
    axes[0].set(ylabel="share of latents")


def architecture_rows(found: Mapping[str, ByArchitecture]) -> list[dict[str, Any]]:
    """The numbers of `draw_architectures`, with sparsity and error."""
    rows = []
    for subject, by in found.items():
        more = {"decoder": by.decoder, "null": by.null, "L0": by.l0, "fvu": by.fvu}
        points = panels.rows_of("architecture", by.share, **more)
        rows += [{"subject": subject} | row for row in points]
    return rows

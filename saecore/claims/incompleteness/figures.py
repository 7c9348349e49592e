"""Figures of the claim's pages: axes and numbers in, nothing computed."""

from collections.abc import Mapping
from math import log
from typing import Any

from saecore.claims.incompleteness.below.errors import TokenErrors
from saecore.claims.incompleteness.below.percolation import COSINES, Grown
from saecore.claims.incompleteness.below.proxy import CosineSpread, Proxy, StrangerRoc
from saecore.claims.incompleteness.below.tasks import EDITS, MEASURES, Usefulness
from saecore.claims.incompleteness.below.walk import Walk
from saecore.claims.incompleteness.singles import (
    NovelShares,
    SingleInsertions,
    WidthPair,
)
from saecore.claims.incompleteness.together import Joined
from saecore.claims.incompleteness.world_truth import WAYS, WorldTruth
from saecore.report.figures import INK, NAMES, NULL, colour, shades, ticks
from saecore.report.panels import bars, trend

DASHES = (0, (4, 3))
DOTTED = (0, (1, 1))


def setting_name(pair: WidthPair) -> str:
    """Such as "ReLU 160 to 640"."""
    kind, u, v = pair
    return f"{NAMES[kind]} {u} to {v}"


def novel_columns(axes: Any, shares: NovelShares) -> None:
    """Novel latents of wider SAEs (coloured) and of another seed (grey), per pair: with
    the smaller SAE as it is, and with its decoder refit.
    """
    names = [f"{NAMES[kind]}\n{u}\nto {v}" for kind, u, v in shares.wider]
    for ax, wider, control in (
        (axes[0], shares.wider, shares.control),
        (axes[1], shares.refit, shares.refit_control),
    ):
        for place, pair in enumerate(wider):
            for point, color, marker in (
                (control[pair], NULL, "s"),
                (wider[pair], colour(pair[0]), "o"),
            ):
                ax.errorbar(
                    [place],
                    [point.estimate],
                    yerr=bars([point]),
                    fmt=marker,
                    color=color,
                    markersize=6,
                    capsize=3,
                )
        ax.set_xticks(range(len(names)), names, fontsize=8.5)
    axes[0].set(ylabel="share of novel latents", title="the smaller SAE as it is")
    axes[1].set(title="its decoder fitted anew")
    axes[0].set_ylim(bottom=-0.02)
    for label, (color, marker) in {
        "of the wider SAE": (colour("relu"), "o"),
        "of an equally wide one": (NULL, "s"),
    }.items():
        axes[0].plot([], [], marker, color=color, label=label)
    axes[0].legend(fontsize=9, loc="upper right")


def effects_by_cosine(
    axes: Any, found: Mapping[str, SingleInsertions], *, cosine: float
) -> None:
    """Change of the error by each latent against its largest cosine; one panel each for
    the wider SAE and the control.
    """
    colours = {
        "undecided": NULL,
        "redundant": colour("relu"),
        "novel": colour("topk"),
    }
    for ax, one in zip(axes, found.values(), strict=True):
        for kind, color in colours.items():
            of = getattr(one.sure, kind)
            x, y = one.cosine[of], 100 * one.effects.relative[of]
            ax.plot(x, y, ".", color=color, alpha=0.7, label=kind, markersize=5)
        ax.axhline(0, color=INK, linewidth=0.8)
        ax.axvline(cosine, color=NULL, linestyle=":", linewidth=1.2)
        ax.set(xlabel="largest cosine with the smaller SAE", xlim=(0, 1))
        ax.set_yscale("symlog", linthresh=0.05)
        ticks(ax.yaxis, (-0.1, 0, 0.1, 1, 10))
    axes[0].set(ylabel="change of the error, %")
    axes[0].legend(loc="upper left", fontsize=9)


def stitching_curves(axes: Any, joined: Mapping[tuple[str, str], Joined]) -> None:
    """Change of the error against latents inserted, in random and in greedy order; a
    panel per architecture.
    """
    for ax, kind in zip(axes, dict.fromkeys(k for k, _ in joined), strict=True):
        for (which, name), found in joined.items():
            if which == kind:
                color = NULL if name == "control" else colour(kind)
                for order, style in (("random", "-"), ("greedy", DOTTED)):
                    change = 100 * getattr(found, order)
                    label = f"{name}, {order}"
                    ax.plot(change, color=color, linestyle=style, label=label)
        ax.axhline(0, color=INK, linewidth=0.8)
        ax.set(title=NAMES[kind], xlabel="latents inserted")
    axes[0].set(ylabel="change of the error, %")
    axes[1].set_ylim(-15, 60)
    for ax in axes:
        ax.legend(fontsize=8.5, loc="best")


def called_by_way(axes: Any, truth: WorldTruth, *, widths: tuple[int, int]) -> None:
    """Precision (filled) and recall (open) of each way to call a latent novel, a panel
    per architecture; dashed: precision of calling all latents novel.
    """
    kinds = dict.fromkeys(key[0] for key in truth.calls)
    for ax, kind in zip(axes, kinds, strict=True):
        calls = {way: truth.calls[(kind, *widths, way)] for way in WAYS}
        for name, filled, aside in (("precision", True, -0.1), ("recall", False, 0.1)):
            for place, call in enumerate(calls.values()):
                point = getattr(call, name)
                ax.errorbar(
                    [place + aside],
                    [point.estimate],
                    yerr=bars([point]),
                    fmt="o" if filled else "s",
                    color=colour(kind),
                    markerfacecolor=colour(kind) if filled else "white",
                    capsize=3,
                    label=name if not place else None,
                )
        base = next(iter(calls.values())).really_new.estimate
        ax.axhline(base, color=NULL, linestyle=DASHES, linewidth=1.2)
        ax.set(title=NAMES[kind], xlim=(-0.5, len(WAYS) - 0.5), ylim=(0, 1.03))
        ax.set_xticks(range(len(WAYS)), WAYS)
    axes[0].set(ylabel="share of latents")
    axes[1].legend(loc="lower right", fontsize=9)


def roc_curves(ax: Any, found: Mapping[WidthPair, Proxy], *, null: StrangerRoc) -> None:
    """ROC of the largest cosine for every pair of widths, the controls left out;
    dashed: that of the cosine with a stranger.
    """
    pairs = [pair for pair in found if pair[1] < pair[2]]
    colours = [*shades("relu", len(pairs) - 1), colour("topk")]
    for pair, color in zip(pairs, colours, strict=True):
        curve = found[pair].roc
        ax.plot(curve.false, curve.true, color=color, label=setting_name(pair))
    label = "Gaussian rows, base pair"
    ax.plot(null.false, null.true, color=INK, linestyle=DASHES, label=label)
    ax.set(xlabel="others called novel", ylabel="novel latents called novel")
    ax.legend(loc="lower right", fontsize=9)


def largest_families(ax: Any, found: Mapping[str, Grown], *, cosine: float) -> None:
    """Share of all latents that the largest family holds, against the threshold."""
    colours = (*shades("relu", len(found) - 1), NULL)
    for (name, one), color in zip(found.items(), colours, strict=True):
        held = [
            int(at.sizes[:1].sum()) / (len(at.small) + len(at.large))
            for at in one.levels
        ]
        ax.plot(COSINES, held, "o-", color=color, markersize=3.5, label=name)
    ax.axvline(cosine, color=NULL, linestyle=":", linewidth=1.2)
    ax.set(xlabel="cosine above which latents are linked", ylim=(0, 1.03))
    ax.set(ylabel="largest family, share of all latents")
    ax.legend(fontsize=9)


def walks(ax: Any, found: Walk) -> None:
    """Unexplained variance against L0 on the way from width to width; the control is
    grey.
    """
    colours = [*shades("relu", len(found.legs) - 1), NULL]
    for ((u, v), leg), color in zip(found.legs.items(), colours, strict=True):
        way, label = leg.curve, f"{u} to {v}" if u < v else f"control at {u}"
        unexplained = way.moving / way.variance
        ax.plot(way.l0, unexplained, color=color, linewidth=1.5, label=label)
        for end in (0, -1):
            at = way.l0[end], unexplained[end]
            ax.plot(*at, "o", color=INK, markersize=5, zorder=3)
    ax.set(xlabel="L0 (active latents per row)", ylabel="unexplained variance")
    ax.legend(fontsize=9)


def cosine_shares(ax: Any, found: Mapping[tuple[int, int], CosineSpread]) -> None:
    """Share of latents whose largest cosine is at most so large, a line for each pair
    of widths; grey: two seeds of one width.
    """
    colours = (*shades("relu", len(found) - 1), NULL)
    for ((u, v), one), color in zip(found.items(), colours, strict=True):
        label = f"{u} to {v}" if u < v else f"two seeds of {u}"
        cosine = one.cosine.sort().values
        share = [(place + 1) / len(cosine) for place in range(len(cosine))]
        ax.step(cosine, share, where="post", color=color, label=label)
    ax.set(xlabel="largest cosine with the smaller SAE", xlim=(0, 1), ylim=(0, 1))
    ax.set(ylabel="share of latents at or below")
    ax.legend(fontsize=9, loc="upper left")


def errors_by_width(axes: Any, found: TokenErrors) -> None:
    """Squared error per token of the widest against the narrowest SAE, and how the
    agreement of two widths depends on the widths.
    """
    a, b = (one / log(10) for one in (found.narrowest, found.widest))
    axes[0].hexbin(a, b, gridsize=45, bins="log", cmap="Greys", linewidths=0)
    axes[0].set(xlabel="error of the narrowest, log10", ylabel="of the widest, log10")
    narrow = min(u for u, _ in found.agreement)
    lines = {v: one for (u, v), one in found.agreement.items() if u == narrow}
    seeds = {u: one for (u, v), one in found.agreement.items() if u == v}
    for several, style, whose in (
        (lines, "-", f"with width {narrow}"),
        (seeds, DOTTED, "with another seed"),
    ):
        for name, color in (("given_norm", colour("relu")), ("direction", INK)):
            values = [getattr(one, name) for one in several.values()]
            what = "size, given the norm" if name == "given_norm" else "direction"
            label = f"{what}, {whose}"
            line = {"color": color, "linestyle": style, "label": label}
            axes[1].plot(list(several), values, **line)
    axes[1].set(xlabel="width", ylabel="agreement of errors", ylim=(0, 1.03))
    axes[1].set_xscale("log")
    ticks(axes[1].xaxis, list(lines))
    axes[1].legend(fontsize=8, loc="lower left")


def scores_by_width(axes: Any, found: Usefulness) -> None:
    """Per task, a column: probes on one latent (light) and on ten (dark), shuffled
    labels (dashed) and probes on whole rows (dotted); below, the perturbation score of
    as many latents at every width (light) and as large a share of them (dark).
    """
    pair, scores = shades("relu", 2), found.scores
    for (above, below), task in zip(axes.T, found.tasks, strict=False):
        for name, color in zip(MEASURES, (*pair, *pair), strict=True):
            keys = [key for key in scores if key[:2] == (task, name)]
            points = {float(key[2]): scores[key] for key in keys}
            ax = below if name in EDITS else above
            if points:
                trend(ax, points, color=color)
            chance = [found.shuffled.get(key, 0.0) for key in keys]
            ax.plot(list(points), chance, color=NULL, linestyle=DASHES, linewidth=1)
        for kind, color in (("dense", INK), ("mean difference", NULL)):
            if (told := found.whole_rows.get((task, kind))) is not None:
                line = {"color": color, "linestyle": DOTTED, "linewidth": 1.5}
                above.axhline(float(told.mean()), **line)
        below.tick_params(axis="x", labelrotation=60)
        above.set(title="gender" if task == "pronoun" else task)
        if not any(key[0] == task and key[1] in EDITS for key in scores):
            below.set_axis_off()
            above.tick_params(axis="x", labelbottom=True, labelrotation=60)
    axes[0, 0].set(ylabel="balanced accuracy", ylim=(0.4, 1.02))
    axes[1, 0].set(ylabel="perturbation score")

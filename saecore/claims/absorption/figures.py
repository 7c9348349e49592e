"""The pictures of the pages on absorption: matplotlib axes in, nothing computed."""

from collections.abc import Mapping
from typing import Any

from saecore.claims.absorption.absorbed_words import Case
from saecore.claims.absorption.grid import ABSORPTION_KS
from saecore.claims.absorption.latents import BestLatents, Place
from saecore.measures.algebra.intervals import Interval
from saecore.report import chance, colour, seeds, shades
from saecore.report.figures import INK, NAMES, NULL
from saecore.report.panels import trend

_KINDS = ("topk", "relu")


def draw_best_latents(fig: Any, axes: Any, found: BestLatents) -> None:
    """Precision, recall and F1 of the best latents against width, with the probe's."""
    titles = ("precision", "recall", "best F1")
    for ax, title, points, probe in zip(
        axes, titles, found[:3], found.probe, strict=True
    ):
        for kind in _KINDS:
            _against_width(ax, points, kind)
        chance(ax, probe, "probe")
        ax.set(title=title, xlabel="width", ylim=(0, 1))
    _legend(fig, axes[0])


def draw_rates(
    fig: Any, axes: Any, found: Mapping[Place, Interval], null: float, k: int
) -> None:
    """The absorption rate against width: TopK, ReLU, and Matryoshka beside TopK."""
    for ax, kind in zip(axes, _KINDS, strict=False):
        _against_width(ax, found, kind)
        ax.set(title=NAMES[kind], xlabel="width")
    wide = {place[1] for place in found if place[0] == "matryoshka"}
    for kind in ("topk", "matryoshka"):
        points = {w: p for w, p in _line(found, kind, k).items() if w in wide}
        if points:
            trend(axes[2], points, color=colour(kind), label=NAMES[kind])
    axes[2].set(title=f"k {k}", xlabel="width")
    for ax in axes:
        chance(ax, null, "chance" if ax is axes[0] else "")
    axes[0].set(ylabel="absorption rate", ylim=(-0.02, None))
    _legend(fig, axes[0])


def draw_letters(ax: Any, rates_of: Mapping[str, list[float]], null: float) -> None:
    """The rate of each letter, a dot per seed."""
    for place, values in enumerate(rates_of.values()):
        seeds(ax, place, values, color=colour("topk"))
    ax.set_xticks(range(len(rates_of)), list(rates_of))
    ax.set(ylabel="absorption rate", xlabel="first letter")
    chance(ax, null)


def draw_case(fig: Any, ax: Any, found: Case) -> None:
    """What each active latent does for the letter, with and without its part along the
    probe's direction.
    """
    places = range(len(found.active))
    left, right = ([place + side for place in places] for side in (-0.2, 0.2))
    kept = "removed but for the letter's direction"
    ax.bar(left, found.removed, 0.4, color=colour("topk"), label="latent removed")
    ax.bar(right, found.kept, 0.4, color=NULL, label=kept)
    stars = ["*" if int(j) == found.absorber else "" for j in found.active]
    names = [f"{int(j)}{s}" for j, s in zip(found.active, stars, strict=True)]
    ax.set_xticks(list(places), names)
    ax.axhline(0, color=INK, linewidth=0.8)
    ax.set(xlabel="active latent (* absorber)", ylabel="change of the lead $m$")
    fig.legend(loc="outside upper center", ncols=2)


def _against_width(ax: Any, points: Mapping[Place, Interval], kind: str) -> None:
    tones = shades(kind, len(ABSORPTION_KS))
    for tone, k in zip(tones, ABSORPTION_KS, strict=True):
        if line := _line(points, kind, k):
            trend(ax, line, color=tone)


def _line(points: Mapping[Place, Interval], kind: str, k: int) -> dict[float, Interval]:
    """One architecture at one sparsity, by width."""
    return {w: p for (own, w, at), p in points.items() if (own, at) == (kind, k)}


def _legend(fig: Any, ax: Any) -> None:
    """Names of all lines below the panels; darker is denser."""
    named = [
        ax.plot([], [], "o-", color=tone, label=f"{NAMES[kind]}, k {k}")[0]
        for kind in _KINDS
        for tone, k in zip(shades(kind, len(ABSORPTION_KS)), ABSORPTION_KS, strict=True)
    ]
    fig.legend(
        handles=named,
        loc="outside lower center",
        ncols=6,
        fontsize=8.5,
        handlelength=1.2,
    )

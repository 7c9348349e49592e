"""The pictures of the pages on absorption: matplotlib axes in, nothing computed."""

from collections.abc import Mapping, Sequence
from typing import Any

from saecore.claims.absorption.absorbed_words import (
    Absorbers,
    Activations,
    Case,
    Partial,
)
from saecore.claims.absorption.grid import Place
from saecore.claims.absorption.latents import BestLatents
from saecore.claims.absorption.nulls import Exceeded
from saecore.measures.algebra.intervals import Interval
from saecore.report import chance, colour, shades, ticks
from saecore.report.figures import INK, NAMES, NULL
from saecore.report.panels import heat_map, outlined, trend

_AXES = {"width": (0, 1), "k": (1, 0)}
"""Where a place, but for its architecture, has the number on an axis, and the one that
is held.
"""
_BINS = 20


def draw_rates(
    fig: Any, axes: Any, found: Mapping[Place, Exceeded | None], base: Place
) -> None:
    """The absorption rate through the base setting, against width and against k, with
    the strongest null of each setting as a hollow mark.
    """
    some = {place: one for place, one in found.items() if one is not None}
    kinds = list(dict.fromkeys(place[0] for place in found))
    for ax, axis in zip(axes, _AXES, strict=True):
        for shift, kind in enumerate(kinds):
            _rates_along(ax, some, kind, axis, base, 1 + 0.05 * shift)
        ticks(ax.xaxis, sorted({p[1:][_AXES[axis][0]] for p in some}))
        ax.set(xlabel=axis)
    axes[0].set(ylabel="absorption rate", title=f"k {base[2]}")
    axes[0].set_ylim(bottom=0)  # once all is drawn: it holds the upper end
    axes[1].set(title=f"width {base[1]}")
    _name_kinds(fig, axes[0], kinds, null="strongest null")


def _rates_along(
    ax: Any,
    found: Mapping[Place, Exceeded],
    kind: str,
    axis: str,
    base: Place,
    shift: float,
) -> None:
    line = _along(found, kind, axis, base)
    if not line:
        return
    rates = {at * shift: one.share for at, one in line.items()}
    trend(ax, rates, color=colour(kind))
    nulls = [one.null.estimate for one in line.values()]
    ax.plot(list(rates), nulls, "o:", color=colour(kind), markerfacecolor="white")


def _along(
    found: Mapping[Place, Any], kind: str, axis: str, base: Place
) -> dict[int, Any]:
    """The settings of one architecture on a line through the base."""
    at, held = _AXES[axis]
    mine = {
        place[1:][at]: one
        for place, one in found.items()
        if place[0] == kind and place[1:][held] == base[1:][held]
    }
    return {x: mine[x] for x in sorted(mine)}


def _name_kinds(fig: Any, ax: Any, kinds: Sequence[str], null: str = "") -> None:
    named = [
        ax.plot([], [], "o-", color=colour(kind), label=NAMES[kind])[0]
        for kind in kinds
    ]
    if null:
        named += ax.plot([], [], "o:", color=NULL, markerfacecolor="white", label=null)
    fig.legend(handles=named, loc="outside lower center", ncols=len(named))


def draw_best_latents(fig: Any, axes: Any, found: BestLatents, base: Place) -> None:
    """Precision, recall and F1 of the best latents against k at the widest, beside the
    probe's.
    """
    titles = ("precision", "recall", "best F1")
    kinds = list(dict.fromkeys(place[0] for place in found.precision))
    for ax, title, points, probe in zip(
        axes, titles, found[:3], found.probe, strict=True
    ):
        for shift, kind in enumerate(kinds):
            line = _along(points, kind, "k", base)
            shifted = {k * (1 + 0.04 * shift): one for k, one in line.items()}
            if shifted:
                trend(ax, shifted, color=colour(kind))
        chance(ax, probe, "probe")
        ticks(ax.xaxis, sorted({place[2] for place in points}))
        ax.set(title=title, xlabel="k", ylim=(0, 1))
    _name_kinds(fig, axes[0], kinds)


def draw_letters(ax: Any, rates_of: Mapping[str, Mapping[int, float]]) -> None:
    """The rate of each letter, a dot per number of active latents; darker is denser."""
    ks = sorted({k for by_k in rates_of.values() for k in by_k})
    tones = dict(zip(ks, shades("topk", len(ks)), strict=True))
    for k, tone in tones.items():
        places = [n for n, by_k in enumerate(rates_of.values()) if k in by_k]
        rates = [by_k[k] for by_k in rates_of.values() if k in by_k]
        ax.plot(places, rates, "o", color=tone, label=f"k {k}")
    ax.set_xticks(range(len(rates_of)), list(rates_of))
    ax.set(ylabel="absorption rate", xlabel="first letter", ylim=(0, None))
    ax.legend(ncols=len(tones))


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


def draw_activations(fig: Any, ax: Any, found: Activations) -> None:
    """A map of one letter's words against its main latents and its absorbers."""
    shown = heat_map(
        ax,
        found.value.tolist(),
        ends=(0, 1),
        colours="Blues",
        x=found.words,
        y=found.latents,
    )
    ax.tick_params("x", labelrotation=90, labelsize=6.5)
    ax.tick_params("y", labelrotation=0, labelsize=7.5)
    fig.colorbar(shown, ax=ax, label="activation / its largest", shrink=0.8)


def draw_absorbers(axes: Any, found: Mapping[str, Absorbers]) -> None:
    """How specific the leading latents are: purity, and on how many words they fire."""
    for (name, one), tone in zip(found.items(), (colour("topk"), NULL), strict=True):
        _share(axes[0], one.purity.tolist(), tone, (0.0, 1.0), name)
        _share(axes[1], one.words.tolist(), tone, (0.0, 50.0), name)
    axes[0].set(xlabel="activation on words of the letter", ylabel="share of words")
    axes[1].set(xlabel="words on which the latent fires")
    axes[0].legend(fontsize=8, loc="upper left")


def draw_partial(ax: Any, found: Partial) -> None:
    """What main latents carry where another latent leads, and where not."""
    for values, tone, name in (
        (found.absorbed, colour("topk"), "another latent leads"),
        (found.others, NULL, "other words"),
    ):
        _share(ax, values.tolist(), tone, (-0.2, 1.2), name)
    ax.set(xlabel="main latents' share of the probe's projection")
    ax.set(ylabel="share of words")
    ax.legend(fontsize=8)


def _share(
    ax: Any, values: list[float], color: Any, span: tuple[float, float], name: str
) -> None:
    outlined(ax, values, span=span, bins=_BINS, color=color, label=name)


def points_of(found: Mapping[Place, Exceeded | None]) -> dict[Place, Interval | None]:
    """The rates of the settings, for a table."""
    return {place: one and one.share for place, one in found.items()}


def nulls_of(found: Mapping[Place, Exceeded | None]) -> dict[Place, float | None]:
    """Their strongest nulls."""
    return {place: one and one.null.estimate for place, one in found.items()}

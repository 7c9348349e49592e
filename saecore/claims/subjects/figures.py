"""The pictures of the page on the two subjects: axes in, nothing computed."""

from typing import Any

from saecore.claims.subjects.features_world import DRAWN, WorldFacts
from saecore.claims.subjects.model_knowledge import Knowledge
from saecore.report import figures


def draw_firing_rates(ax: Any, facts: WorldFacts) -> None:
    """Observed rates against stated probabilities: a dot per feature, both axes
    logarithmic.
    """
    stated = facts.truth.probability
    kinds = dict.fromkeys(facts.truth.kind)
    for kind, color in zip(kinds, figures.COLOURS.values(), strict=False):
        index = facts.truth.of_kind(kind)
        style = {"color": color, "label": kind, "alpha": 0.8}
        ax.plot(stated[index], facts.fires[index], ".", **style)
    ax.plot([1e-3, 0.3], [1e-3, 0.3], color=figures.NULL, linewidth=1)
    ax.set(xscale="log", yscale="log", xlabel="probability by the truth")
    ax.set_ylabel(f"share of {DRAWN:,} rows")
    ax.legend()


MARKS = "os^Dv*"
CURVE_STEP = 0.06
"""Between the curves of two tasks, along the layers: some have the same values."""


def draw_swaps(ax: Any, known: Knowledge, *, site: int) -> None:
    """Answers that follow the swapped word, by layer: a curve per task, a little beside
    the one before.
    """
    looks = zip(figures.COLOURS.values(), MARKS, strict=True)
    first = -CURVE_STEP * (len(known.swaps) - 1) / 2
    for number, (task, (color, mark)) in enumerate(
        zip(known.swaps, looks, strict=False)
    ):
        follows = [one.follows for one in known.swaps[task]]
        places = [layer + first + CURVE_STEP * number for layer in range(len(follows))]
        look = {"color": color, "marker": mark, "markersize": 5}
        ax.plot(places, follows, linewidth=1.2, label=task, **look)
        ax.set_xticks(range(len(follows)))
    ax.axvline(site, color=figures.INK, linewidth=0.8)
    ax.set_xlabel("layer whose residual stream is swapped at the word")
    ax.set(ylabel="answers that follow the other word", ylim=(-0.03, 1.05))
    if known.swaps:
        ax.legend()

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


def draw_swaps(ax: Any, known: Knowledge, *, site: int) -> None:
    """Answers that follow the swapped word, by layer: a curve per task."""
    colours = figures.COLOURS.values()
    for (task, rates), color in zip(known.swaps.items(), colours, strict=False):
        follows = [one.follows for one in rates]
        ax.plot(range(len(rates)), follows, "o-", color=color, label=task)
        ax.set_xticks(range(len(rates)))
    ax.axvline(site, color=figures.INK, linewidth=0.8)
    ax.set_xlabel("layer whose residual stream is swapped at the word")
    ax.set(ylabel="answers that follow the other word", ylim=(-0.03, 1.05))
    if known.swaps:
        ax.legend()

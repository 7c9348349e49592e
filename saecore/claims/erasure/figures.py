"""The figures of the claim on erasure: axes and plain numbers in, nothing computed."""

from collections.abc import Mapping, Sequence
from typing import Any

from saecore.claims.erasure.curves import Curve
from saecore.report.figures import NULL, chance, colour, shades

LEAST_HARM = 1e-5
"""Harm at the left end of the axis, in nats."""


def styles() -> dict[str, dict[str, Any]]:
    """Colour, line and mark of each eraser."""
    thin = {"linewidth": 0.8, "alpha": 0.8, "markersize": 3}
    return {
        "one latent": {"color": colour("topk"), "marker": "o", **thin},
        "mean difference": {"color": colour("jumprelu"), "marker": "^"},
        "LEACE": {"color": colour("relu"), "marker": "D", "markersize": 4},
        "LEACE, shrunk": {"color": shades("relu", 3)[0], "marker": "d"},
        "PCA axis": {"color": colour("gated"), "marker": "v"},
        "random direction": {"color": NULL, "marker": "x", "linestyle": ":"},
    }


def pareto_panel(
    ax: Any, curves: Mapping[str, Sequence[Curve]], *, layer: int, at: float
) -> None:
    """What erasers leave of a task against their harm, at rising strengths; `at` is
    chance.
    """
    for name, several in curves.items():
        for number, one in enumerate(several):
            harm = [max(kl, LEAST_HARM) for kl in one.harm]
            ax.plot(harm, one.right, label="" if number else name, **styles()[name])
    chance(ax, at, "chance")
    ax.set(xscale="log", ylim=(0, 1.02), title=f"layer {layer}")
    ax.set_xlabel("KL on other text (nats)")

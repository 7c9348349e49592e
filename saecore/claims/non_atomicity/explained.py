"""Variance of decoder rows that meta-SAEs explain: counted as the paper counts, beside
its own baseline, and against the number of meta-latents.
"""

from typing import Any, NamedTuple

from saecore.claims.non_atomicity.draws import draws
from saecore.claims.non_atomicity.ladder import held_out
from saecore.claims.non_atomicity.meta_saes import MetaSAEs
from saecore.measures.algebra.intervals import Interval
from saecore.measures.meta.variance_explained import StrawMan, by_encoding, straw_man
from saecore.report import by_setting


def as_the_paper_counts(found: MetaSAEs) -> Interval:
    """Variance of the rows that a meta-SAE was trained on, not centred."""
    shares = []
    for recipe in found.grid.base:
        rows, train, _ = found.rows(recipe)
        shares.append(by_encoding(found.metas[recipe], rows[train]).plain)
    return found.over_seeds(shares)


def own_active(found: MetaSAEs) -> float:
    """Mean number of meta-latents that a held-out row uses if it is cut by the
    threshold that was set on the rows trained on, and not at exactly k.
    """
    logs = [found.metas[recipe].log for recipe in found.grid.base]
    return sum(one["l0_held"] for one in logs) / len(logs)


def published_baseline(found: MetaSAEs) -> StrawMan:
    """Random baseline as published, for the first seed: random directions under the
    trained encoder.
    """
    first = found.grid.base[0]
    rows = found.rows(first).rows
    return straw_man(found.metas[first], rows, generator=draws("straw man"))


class ExplainedByWidth(NamedTuple):
    """Variance explained of held-out rows, centred, of ReLU SAEs."""

    curves: dict[str, dict[int, Interval]]
    """Of the decoder rows and of rows in clusters, by the number of meta-latents."""
    gains: dict[int, Interval]
    """The difference, seed by seed."""

    def rows(self) -> list[dict[str, Any]]:
        """A row per setting."""
        curves = {
            (name, width): point
            for name, points in self.curves.items()
            for width, point in points.items()
        }
        return by_setting(curves, key=("rows", "meta-latents"))


DECODER, CLUSTERS = "decoder rows", "rows in clusters"


def by_width(found: MetaSAEs) -> ExplainedByWidth:
    """Variance explained against the number of meta-latents, with its null at each."""
    grids = {DECODER: found.grid.metas["relu"], CLUSTERS: found.grid.clusters["relu"]}
    held = {
        name: {width: held_out(found, metas) for width, metas in widths.items()}
        for name, widths in grids.items()
    }
    gains = {
        width: [a - b for a, b in zip(own, held[CLUSTERS][width], strict=True)]
        for width, own in held[DECODER].items()
    }
    return ExplainedByWidth(
        {
            name: {width: found.over_seeds(one) for width, one in widths.items()}
            for name, widths in held.items()
        },
        {width: found.over_seeds(one) for width, one in gains.items()},
    )

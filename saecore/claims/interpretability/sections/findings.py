"""The paper's findings about scores, each beside ours."""

from collections.abc import Sequence
from typing import NamedTuple

from saecore.claims.interpretability.compared import STRONGEST
from saecore.claims.interpretability.grid import frontier
from saecore.claims.interpretability.headline import Study
from saecore.claims.interpretability.sections.by_dictionary import (
    NEURONS,
    OTHER_DIRECTIONS,
    AsSparse,
    ScoresByDictionary,
)
from saecore.claims.interpretability.sections.by_layer import SAE_NAME, ScoresByLayer
from saecore.report import mean

MARGIN = 0.1
"""Scores are near within it, and far apart beyond it."""
SMALL_PART = 0.5
"""A share of a gap below it is a small part."""


class ScoreFinding(NamedTuple):
    """One finding of the paper, and two of our numbers that bear on it."""

    finds: str
    """What the paper says."""
    where: str
    """Its place in the paper."""
    compared: str
    """What the two numbers are."""
    first: float
    """The number that the paper's finding is about."""
    second: float
    """The number that it is compared with."""
    same: bool
    """Whether ours says the same."""

    def row(self) -> dict[str, str | float]:
        """As a row of a table."""
        return {
            "the paper finds": self.finds,
            "where": self.where,
            "compared here": self.compared,
            "first": self.first,
            "second": self.second,
            "same": "yes" if self.same else "no",
        }


def score_findings(
    study: Study,
    found: ScoresByDictionary,
    layers: ScoresByLayer,
    sparse: Sequence[AsSparse],
) -> list[ScoreFinding]:
    """Findings of Cunningham et al. (2309.08600) about scores, in the order of the
    paper's figures.
    """
    of_saes = found.groups["SAEs"]
    first = study.of.base[0]
    at_random = first.columns()["random"]
    widths = frontier(study.profile).narrow.width, max(study.profile.widths)
    narrow, wide = (of_saes[f"TopK, width {w}"][0].score for w in widths)
    others = {
        n: mean(one.score for one in of)
        for n, of in found.groups[OTHER_DIRECTIONS].items()
    }
    coordinates, drawn = others["coordinates"], others["random directions"]
    ways = {one.basis: one for one in sparse}
    of_pca, of_ica = (_closed(first.score, ways[name]) for name in ("PCA", "ICA"))
    return [
        *_by_layer(study, layers, others.get(NEURONS)),
        ScoreFinding(
            "coordinates are no better than random directions", "section 3",
            f"coordinates, random; layer {study.profile.layer}",
            coordinates, drawn, coordinates < drawn + MARGIN,
        ),
        ScoreFinding(
            "random fragments alone give lower scores", "figure 9",
            "random fragments, all", at_random, first.score, at_random < first.score,
        ),
        ScoreFinding(
            "narrow SAEs score as high as wide ones", "figure 8",
            "narrowest, widest", narrow, wide, narrow > wide - MARGIN,
        ),
        ScoreFinding(
            "keeping the top K closes a small part of the gap", "figure 18",
            "share closed: PCA, ICA", of_pca, of_ica, max(of_pca, of_ica) < SMALL_PART,
        ),
    ]  # fmt: skip


def _by_layer(
    study: Study, layers: ScoresByLayer, neurons: float | None
) -> list[ScoreFinding]:
    early, late = study.profile.layers[0], study.profile.layers[-1]
    here = study.profile.layer
    ours, best = layers.means(SAE_NAME), layers.best_other
    ica = layers.means(STRONGEST)
    rest = max(best(here, but=STRONGEST), neurons or 0.0)
    last = best(late, but=STRONGEST)
    return [
        ScoreFinding(
            "SAEs are far above the other bases in early layers", "figure 2",
            f"SAEs, best other; layer {early}",
            ours[early], best(early), ours[early] > best(early) + MARGIN,
        ),
        ScoreFinding(
            "they gain little in the last layer", "figure 2",
            f"SAEs, best other; layer {late}",
            ours[late], best(late), ours[late] < best(late) + MARGIN,
        ),
        ScoreFinding(
            "ICA is the best other basis", "section 3",
            f"ICA, best of the rest with MLP neurons; layer {here}",
            ica[here], rest, ica[here] > rest,
        ),
        ScoreFinding(
            "ICA is the best other basis", "figure 2",
            f"ICA, best of the rest; layer {late}", ica[late], last, ica[late] > last,
        ),
    ]  # fmt: skip


def _closed(ours: float, basis: AsSparse) -> float:
    """The share of a basis's distance from the SAE that keeping its top k closes."""
    assert basis.top_k is not None
    return (basis.top_k - basis.as_it_is) / (ours - basis.as_it_is)

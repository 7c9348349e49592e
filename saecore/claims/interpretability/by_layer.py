"""The paper's central figure: the scores of SAEs and of the other bases, layer by
layer.
"""

from typing import NamedTuple

from saecore.claims.interpretability.bases import bases
from saecore.claims.interpretability.grid import frontier
from saecore.claims.interpretability.headline import Study
from saecore.measures.algebra.intervals import Interval, over_seeds
from saecore.profiles import WorldProfile
from saecore.report import mean

SAE_NAME = "TopK"


class ScoresByLayer(NamedTuple):
    """Mean simulation scores at every layer."""

    scores: dict[tuple[str, int], list[float]]
    """By dictionary and layer: one per seed."""
    intervals: dict[int, Interval]
    """Of the SAEs by layer, over seeds."""

    def means(self, name: str) -> dict[int, float]:
        """The mean score of one kind of dictionary by layer."""
        return {n: mean(of) for (kind, n), of in self.scores.items() if kind == name}

    def best_other(self, layer: int, *, but: str = "") -> float:
        """The largest mean among the other bases at a layer, `but` one of them."""
        return max(
            mean(of)
            for (kind, n), of in self.scores.items()
            if n == layer and kind not in (SAE_NAME, but)
        )

    def rows(self) -> list[dict[str, str | float]]:
        """The means as rows of a table."""
        return [
            {"dictionary": name, "layer": layer, "score": mean(of)}
            for (name, layer), of in self.scores.items()
        ]


def scores_by_layer(study: Study) -> ScoresByLayer:
    """Simulation scores by layer (Cunningham et al. 2309.08600, figure 2): the base
    setting over seeds, and one of every other basis.
    """
    explained, scores = study.explainer.explained, {}
    others = bases(study.profile, WorldProfile()).layers
    for layer, recipes in frontier(study.profile).layers.items():
        there = study.explainer.rows_of(recipes[0].site)
        asked = {name: of[layer] for name, of in others.items()}
        kept = study.zoo.get_all([*recipes, *asked.values()])
        scores[SAE_NAME, layer] = [
            explained(kept[one], rows=there).score for one in recipes
        ]
        for name, one in asked.items():
            scores[name, layer] = [explained(kept[one], rows=there).score]
    level = study.claim.constants["confidence"]
    return ScoresByLayer(
        scores,
        {
            layer: over_seeds(of, level=level)
            for (name, layer), of in scores.items()
            if name == SAE_NAME
        },
    )

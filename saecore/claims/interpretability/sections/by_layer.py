"""The paper's central figure: the scores of SAEs and of the other bases, layer by
layer.
"""

from typing import NamedTuple

from saecore.claims.interpretability.bases import bases
from saecore.claims.interpretability.compared import ByName
from saecore.claims.interpretability.grid import frontier
from saecore.claims.interpretability.headline import Study
from saecore.claims.sites import members
from saecore.measures.algebra.intervals import Interval
from saecore.measures.explaining.leads import mean_of
from saecore.profiles import WorldProfile
from saecore.report import mean
from saecore.shapes import Rows

SAE_NAME = "TopK"


class ScoresByLayer(NamedTuple):
    """Mean simulation scores at every layer."""

    scores: dict[tuple[str, int], list[float]]
    """By dictionary and layer: one per seed."""
    intervals: dict[int, Interval]
    """Of the SAEs by layer, over seeds and texts."""

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
    recipes = frontier(study.profile).layers
    elsewhere = [n for n in recipes if n != study.profile.layer]
    rows = study.explainer.rows_of(*(recipes[n][0].site for n in elsewhere))
    found = {study.profile.layer: _at_base(study)}
    for layer, there in zip(elsewhere, rows.values(), strict=True):
        found[layer] = _at(study, layer, there)
    found = {layer: found[layer] for layer in sorted(found)}
    level = study.claim.constants["confidence"]
    scores = {
        (name, layer): [one.score for one in several]
        for layer, kinds in found.items()
        for name, several in kinds.items()
    }
    intervals = {
        layer: mean_of([one.scored for one in kinds[SAE_NAME]], level=level)
        for layer, kinds in found.items()
    }
    return ScoresByLayer(scores, intervals)


def _at_base(study: Study) -> ByName:
    """What the headline has explained already."""
    first = {name: drawn[:1] for name, drawn in study.of.bases.items()}
    return {SAE_NAME: study.of.base} | first


def _at(study: Study, layer: int, rows: Rows) -> ByName:
    """SAEs and bases of another layer, on its rows of the same texts."""
    recipes = frontier(study.profile).layers[layer]
    others = bases(study.profile, WorldProfile()).layers
    asked = {SAE_NAME: recipes} | {n: [of[layer]] for n, of in others.items()}
    kept = study.zoo.get_all(members(asked))
    return {
        name: [
            study.explainer.explained(kept[one], rows=rows, on_other_texts=True)
            for one in several
        ]
        for name, several in asked.items()
    }

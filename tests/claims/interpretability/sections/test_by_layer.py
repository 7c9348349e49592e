"""Scores by layer."""

import pytest

from saecore.claims.interpretability.sections.by_layer import (
    ScoresByLayer,
    scores_by_layer,
)
from saecore.measures.algebra.intervals import over_seeds


def test_the_base_layer_of_the_planted_case_has_the_scores_of_the_headline(
    found, profile
):
    layers = scores_by_layer(found)
    assert list(layers.intervals) == list(profile.layers)
    ours = layers.scores["TopK", profile.layer]
    assert ours == [one.score for one in found.of.base]
    assert layers.means("PCA")[profile.layer] == found.of.bases["PCA"][0].score
    assert layers.intervals[profile.layer].triple == found.numbers["model"]["score"]


def test_the_best_other_basis_is_no_sae_and_not_the_one_left_out():
    interval = over_seeds([0.8, 0.9], level=0.95)
    scores = {("TopK", 0): [0.8, 0.9], ("ICA", 0): [0.5], ("PCA", 0): [0.4]}
    layers = ScoresByLayer(scores, {0: interval})
    assert layers.best_other(0) == 0.5
    assert layers.best_other(0, but="ICA") == 0.4
    assert layers.means("TopK") == {0: pytest.approx(0.85)}
    assert layers.rows()[1] == {"dictionary": "ICA", "layer": 0, "score": 0.5}

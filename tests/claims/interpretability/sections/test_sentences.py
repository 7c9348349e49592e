"""Each sentence is shown once, and chosen by its number."""

from typing import Any

import pytest

from saecore.claims.interpretability.sections import sentences
from saecore.claims.interpretability.sections.by_layer import ScoresByLayer
from saecore.measures.algebra.intervals import Interval
from saecore.report.told import chosen_sentence


@pytest.fixture
def said(monkeypatch):
    """The sentences that were chosen, in their order."""
    kept: list[str] = []
    monkeypatch.setattr(
        sentences,
        "told",
        lambda number, **by: kept.append(chosen_sentence(number, **by)),
    )
    return kept


def test_controls_of_the_planted_case_are_like_the_base(found, said):
    sentences.say_shares(found)
    assert len(said) == 3
    assert all("cannot be told" in one or "as high as" in one for one in said)
    assert said[2].startswith("Directions of frequent tokens")


def test_dense_directions_are_led_and_explanations_specific(found, said):
    sentences.say_sparse_lead(found)
    sentences.say_tokens_and_neighbours(found)
    assert said[0].startswith("Sparsity explains a part")
    assert "leads directions" not in said[1]
    assert said[2].startswith("Explanations are specific")


@pytest.mark.parametrize(("low", "says"), [(0.6, "lead at every"), (0.4, "not surely")])
def test_the_lead_by_layer_is_that_of_the_worst_layer(said, low, says):
    one = Interval(0.8, low, 0.9, 0.05, 0.95)
    scores = {("TopK", 0): [0.8], ("ICA", 0): [0.5]}
    sentences.say_lead_by_layer(ScoresByLayer(scores, {0: one}))
    assert says in said[0]


def test_scores_that_ask_for_less_are_compared_by_seeds(found, said):
    base, others = found.of.base, found.of.sparse["PCA"]
    sentences.say_less_asked(base, others, level=0.95)
    assert [one.split(",")[0] for one in said] == ["In detection", "In fuzzing"]
    assert "leads" in said[0]


def test_a_supervised_direction_is_above_the_latents_or_not(said):
    class Made:
        def columns(self):
            return {sentences.COVERAGE: 0.4}

    made: Any = [Made(), Made()]
    for best in (0.7, 0.3):
        rows = {"told": {sentences.COVERAGE: best}}
        unchecked: Any = sentences.say_supervised
        getattr(unchecked, "__wrapped__", unchecked)(made, rows, level=0.95)
    assert "tells it better" in said[0]
    assert "as well as a direction" in said[1]


def test_moments_are_told_by_their_sign(said):
    up, down = (Interval(x, x - 0.1, x + 0.1, 0.05, 0.95) for x in (0.3, -0.3))
    sentences.say_moments({"kurtosis": up, sentences.ENTROPY: down})
    assert "rises with kurtosis" in said[0]
    assert "falls with the token entropy" in said[1]

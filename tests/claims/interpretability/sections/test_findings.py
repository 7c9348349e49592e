"""The paper's findings beside numbers that are made up."""

from types import SimpleNamespace
from typing import Any

import pytest

from saecore.claims.interpretability.sections import findings as beside
from saecore.claims.interpretability.sections.by_dictionary import (
    NEURONS,
    OTHER_DIRECTIONS,
    AsSparse,
    ScoresByDictionary,
)
from saecore.claims.interpretability.sections.by_layer import ScoresByLayer


def test_findings_say_yes_where_the_numbers_do(found):
    kept = beside.score_findings(
        found, every(found), layers(0.9, 0.55), sparse(found, 0.5)
    )
    assert [one.same for one in kept[:3]] == [True, True, True]
    assert [one.row()["same"] for one in kept][-1] == "yes"
    assert kept[0].compared == "SAEs, best other; layer 0"
    assert kept[-1].first == pytest.approx(0.4)


def test_findings_say_no_where_the_numbers_do_not(found):
    kept = beside.score_findings(
        found, every(found), layers(0.55, 0.9), sparse(found, 1.0)
    )
    assert [one.same for one in kept[:2]] == [False, False]
    assert kept[-1].row()["same"] == "no"


def layers(early, late):
    """Scores of SAEs that lead by much in one layer; ICA is the best of the rest."""
    ours = {("TopK", 0): [early], ("TopK", 1): [late]}
    others = {("ICA", n): [0.5] for n in (0, 1)} | {("PCA", n): [0.4] for n in (0, 1)}
    return ScoresByLayer(ours | others, {})


def every(found, neurons=0.45):
    """The headline's scores, with the widths that the grid would add."""
    base: Any = found.of.base
    saes = {"TopK, width 80": base, "TopK, width 2560": base}
    alike: Any = [SimpleNamespace(score=neurons)]
    return ScoresByDictionary(
        {"SAEs": saes, OTHER_DIRECTIONS: found.of.bases | {NEURONS: alike}}, None
    )


def sparse(found, closed):
    """Bases whose top k closes a share of their distance from the SAE."""
    ours, share = found.of.base[0].score, closed - 0.1
    plain = {name: drawn[0].score for name, drawn in found.of.bases.items()}
    return [
        AsSparse(name, one, one + share * (ours - one), one)
        for name, one in plain.items()
    ]


def test_ica_is_the_best_other_basis_only_if_neurons_are_not_better(found):
    for neurons, said in ((0.45, True), (0.55, False)):
        kept = beside.score_findings(
            found, every(found, neurons), layers(0.9, 0.55), sparse(found, 0.5)
        )
        assert kept[2].same is said
        assert kept[2].second == max(neurons, 0.4)
        assert kept[3].same  # in the last layer, among the bases alone

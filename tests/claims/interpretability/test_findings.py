"""The paper's findings beside numbers that are made up."""

from types import SimpleNamespace
from typing import Any

import pytest

from saecore.claims.interpretability import findings as beside
from saecore.claims.interpretability.by_dictionary import AsSparse, ScoresByDictionary
from saecore.claims.interpretability.by_layer import ScoresByLayer


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


def every(found):
    """The headline's scores, with the widths that the grid would add."""
    base = found.of_base[0]
    scores = {"TopK, width 160": base, "TopK, width 2560": base}
    scores |= {"coordinates": found.of_bases["coordinates"][0]}
    scores |= {"random directions, draw 0": found.of_bases["random directions"][0]}
    return ScoresByDictionary(scores, [], None)


def sparse(found, closed):
    """Bases whose top k closes a share of their distance from the SAE."""
    ours, share = found.of_base[0].score, closed - 0.1
    by_name: dict[str, Any] = {
        name: SimpleNamespace(score=drawn[0].score + share * (ours - drawn[0].score))
        for name, drawn in found.of_bases.items()
    }
    return AsSparse({}, by_name, {})

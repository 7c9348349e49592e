"""Our numbers beside the paper's, for planted features."""

import pytest

from saecore.claims.incompleteness.against_paper import against_paper
from saecore.report import published
from tests.claims.incompleteness import planted


def test_first_and_last_doubling_stand_beside_the_papers():
    paper = published("incompleteness")
    found = against_paper(planted.studied(), paper)
    lines = {line.number: line for line in found}
    assert len(lines) == 7
    other = lines["novel by cosine, other seed"]
    assert other.ours == pytest.approx(1 / 4)
    assert other.paper == paper["novel"]["between_seeds"]
    first = lines["novel by cosine, first doubling"]
    assert first.ours == pytest.approx(1 / 2)
    assert first.paper == paper["novel"]["share"][0]
    assert lines["AUC of the cosine, first doubling"].ours == pytest.approx(1)
    assert lines["all novel together, first doubling"].ours < -0.05

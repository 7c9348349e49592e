"""Verdicts for a terminal say what the stored twins say."""

import json

from saecore.report.judging import card
from saecore.report.judging.claim import Claim
from saecore.report.judging.claims_text import as_json, as_text


def twin(name: str) -> dict:
    """The verdict of a claim of the book whose numbers are all one half."""
    claim = Claim.read(name)
    dict(claim.constants)
    numbers = dict.fromkeys(claim.needs(), (0.5, 0.4, 0.6))
    return claim.judge(profile="tiny", world_seed=0, numbers=numbers)


def test_claims_follow_each_other_after_a_blank_line():
    twins = [twin("seed_dependence"), twin("absorption")]
    first, second = (card.text(one) for one in twins)
    assert as_text(twins) == f"{first}\n\n{second}"
    assert "0.50 [0.40, 0.60]" in first


def test_json_gives_back_what_is_stored():
    twins = [twin("absorption")]
    assert json.loads(as_json(iter(twins))) == twins

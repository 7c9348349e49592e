"""The study on dictionaries of planted parts."""

import pytest

from saecore.claims.non_atomicity import headline, study
from saecore.errors import Unsuited
from tests.claims.non_atomicity.planted import PROFILE, PlantedZoo


@pytest.fixture
def found(monkeypatch):
    def unasked(zoo, profile):
        raise Unsuited("it knows nobody")

    monkeypatch.setattr(headline, "quiz", unasked)
    return study(PlantedZoo(), PROFILE)


def test_every_number_of_the_rule_is_there_with_its_interval(found):
    for subject in ("model", "world"):
        assert list(found.numbers[subject]) == found.claim.needs()
    for value, low, high in found.numbers["world"].values():
        assert low <= value <= high


def test_planted_parts_are_found_and_judged(found):
    judged = found.claim.judge(
        profile="tiny", world_seed=0, numbers=found.numbers["model"]
    )
    verdicts = {part["name"]: part["verdict"] for part in judged["parts"]}
    assert verdicts == {"explained": "holds", "smaller": "holds", "choice": "holds"}
    assert [part["name"] for part in judged["left_out"]] == ["attributes", "edit"]
    edit = found.measured["world"]["turned"]
    assert edit.found.estimate > 0.5 > edit.null.estimate


def test_a_model_that_knows_nobody_leaves_out_the_parts_about_persons(found):
    assert found.left_out == "it knows nobody"
    assert found.numbers["model"]["turned"] is None
    assert found.numbers["model"]["attribute_auc_null"] is None
    assert found.numbers["model"]["choice"] is not None

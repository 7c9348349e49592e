"""The study on planted persons and entities."""

import pytest

from saecore.claims.attribute_edit import headline, mean_rows, study
from saecore.errors import Unsuited
from tests.claims.non_atomicity.planted import PROFILE, PlantedZoo


@pytest.fixture(scope="module")
def found(claim, model, about):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(mean_rows, "EPOCHS", 20)
        patched.setattr(headline, "quiz", lambda zoo, profile: about)
        patched.setattr(headline, "of_names", lambda zoo, profile, claim: model)
        return study(PlantedZoo(), PROFILE, claim)


def test_every_number_of_the_rule_is_there(found):
    for subject in ("model", "world"):
        assert set(found.numbers[subject]) == set(found.claim.needs())
    assert found.numbers["world"]["means_excess"] is None


def test_planted_attributes_turn_and_the_verdict_holds(found):
    judged = found.claim.judge(
        profile="tiny", world_seed=0, numbers=found.numbers["model"]
    )
    assert judged["verdict"] == "holds"


def test_a_whole_row_that_turns_too_little_leaves_the_claim_open(found):
    numbers = found.numbers["model"] | {"whole": (0.3, 0.2, 0.4)}
    judged = found.claim.judge(profile="tiny", world_seed=0, numbers=numbers)
    assert judged["verdict"] == "cannot be told"


def test_a_model_that_knows_nobody_is_unsuited(monkeypatch):
    def unasked(zoo, profile):
        raise Unsuited("it knows nobody")

    monkeypatch.setattr(headline, "quiz", unasked)
    with pytest.raises(Unsuited, match="it knows nobody"):
        study(PlantedZoo(), PROFILE)

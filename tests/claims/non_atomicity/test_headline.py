"""The study on dictionaries of planted parts."""

import pytest

from saecore.claims.non_atomicity import headline, study
from saecore.errors import Unsuited
from tests.claims.non_atomicity.planted import PROFILE, PlantedZoo


@pytest.fixture(scope="module")
def found():
    def unasked(model):
        raise Unsuited("it knows nobody")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(headline, "text_attributes", unasked)
        return study(PlantedZoo(), PROFILE)


def test_every_number_of_the_rule_is_there_with_its_interval(found):
    for subject in ("model", "world"):
        assert set(found.numbers[subject]) == set(found.claim.needs())
    for value, low, high in found.numbers["world"].values():
        assert low <= value <= high


def test_planted_parts_are_found_and_judged(found):
    judged = found.claim.judge(
        profile="tiny", world_seed=0, numbers=found.numbers["model"]
    )
    verdicts = {part["name"]: part["verdict"] for part in judged["parts"]}
    core = {name: verdicts[name] for name in ("explained", "smaller", "combinations")}
    assert set(core.values()) == {"holds"}
    assert judged["verdict"] == "holds"
    assert [part["name"] for part in judged["left_out"]] == ["attributes"]


def test_a_dead_test_of_the_test_leaves_the_part_open(found):
    numbers = found.numbers["model"] | {"bundles_excess": (0.0, -0.1, 0.1)}
    judged = found.claim.judge(profile="tiny", world_seed=0, numbers=numbers)
    verdicts = {part["name"]: part["verdict"] for part in judged["parts"]}
    assert verdicts["explained"] == "cannot be told"
    assert judged["verdict"] == "holds in part"


def test_a_model_that_knows_nobody_leaves_out_the_part_about_persons(found):
    assert found.left_out == "it knows nobody"
    assert found.measured["model"].attributes is None
    assert found.numbers["model"]["attribute_auc_excess"] is None
    assert found.numbers["model"]["choice"] is not None


def test_the_other_architecture_of_the_world_is_judged_by_the_same_rule(found):
    topk = headline.in_world(found.world, "topk")
    numbers = headline.numbers_of(found.world, topk)
    assert set(numbers) <= set(found.claim.needs())
    excess = numbers["attribute_auc_excess"]
    assert excess is not None
    assert excess[1] > 0

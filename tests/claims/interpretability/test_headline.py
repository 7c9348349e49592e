"""The study on the planted case: token latents are explained, dense directions less."""

import pytest

from saecore.claims.interpretability.judged import scores_and_leads


def test_the_claim_is_judged_by_what_the_study_measured(found, profile):
    twin = found.claim.judge(
        profile=profile.name, world_seed=0, numbers=found.numbers["model"]
    )
    verdicts = {part["name"]: part["verdict"] for part in twin["parts"]}
    assert verdicts["bases"] == verdicts["ica"] == "holds"
    assert verdicts["tied"] == verdicts["specific"] == "holds"
    assert verdicts["untrained"] != "holds"  # planted alike
    assert verdicts["frozen"] != "holds"
    assert verdicts["lookup"] != "holds"
    assert twin["verdict"] == "holds"  # by the core parts alone
    core = {part["name"] for part in twin["parts"] if part["core"]}
    assert core == {"bases", "ica"}


def test_numbers_are_those_of_what_was_explained(found):
    numbers = scores_and_leads(found.of, level=found.claim.constants["confidence"])
    assert numbers == found.numbers["model"]
    assert numbers["score"][0] == pytest.approx(1, abs=0.01)

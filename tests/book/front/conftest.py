"""A stored verdict to make pages of."""

import copy

import pytest

from saecore.report.judging.claim import Claim

NUMBERS = {"shared": (0.35, 0.3, 0.4), "shared_null": (0.02, 0.01, 0.05)}


def judged(profile: str, **moved) -> dict:
    """The verdict on seed dependence where all numbers are alike but these."""
    claim = Claim.read("seed_dependence")
    dict(claim.constants)
    numbers = dict.fromkeys(claim.needs(), (0.4, 0.3, 0.45)) | NUMBERS | moved
    twin = claim.judge(profile=profile, world_seed=0, numbers=numbers)
    return copy.deepcopy(twin) | {"registered": None}


@pytest.fixture
def claim() -> Claim:
    return Claim.read("seed_dependence")


@pytest.fixture
def runs() -> dict:
    """On the language model it holds; in the world it does not, and the registered run
    found it otherwise.
    """
    world = judged("world", shared=(0.74, 0.7, 0.78))
    world["registered"] = {"world_seed": 9, "verdict": "holds", "parts": {}}
    return {"seed_dependence": {("tiny", 0): judged("tiny"), ("world", 0): world}}


@pytest.fixture
def front() -> dict:
    return {
        "subjects": {"tiny": "small model", "world": "made world", "big": "real one"},
        "short": {"seed_dependence": ["Seeds differ", "share; against chance"]},
        "published": {"seed_dependence": {"Pythia": "abstract.pythia_shared"}},
        "answer": [
            {"says": "They differ.", "rests_on": ["tiny.seed_dependence: holds"]}
        ],
    }

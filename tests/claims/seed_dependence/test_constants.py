"""Every constant of the claim moves a number of its verdict."""

import pytest

from saecore.claims.seed_dependence.grid import model_seeds
from saecore.claims.seed_dependence.headline import Numbers, on_subject
from saecore.report import Claim

STEPS = {"cosine": 0.9, "confidence": 0.8}
"""Where each constant is moved to."""
MOVES_NOTHING: dict[str, str] = {}
"""Constants that move no number, with the reason."""


def width(number: tuple[float, float, float]) -> float:
    return number[2] - number[1]


def value(numbers: Numbers, name: str) -> float:
    found = numbers[name]
    assert found is not None
    return found[0]


def measured_in(numbers: Numbers) -> set[str]:
    """Those that were measured and differ between the planted seeds."""
    return {n for n, x in numbers.items() if x is not None and width(x) > 1e-9}


@pytest.fixture(scope="module")
def as_stated(zoo, profile):
    return on_subject(
        zoo, model_seeds(profile), Claim.read("seed_dependence")
    ).numbers()


def test_every_constant_is_moved():
    assert {*STEPS, *MOVES_NOTHING} == set(Claim.read("seed_dependence").constants)


@pytest.mark.parametrize("name", STEPS)
def test_a_constant_moves_the_verdicts_numbers(name, as_stated, zoo, profile):
    moved = Claim.read("seed_dependence").moved(**{name: STEPS[name]})
    numbers = on_subject(zoo, model_seeds(profile), moved).numbers()
    changed = {n for n in measured_in(as_stated) if numbers[n] != as_stated[n]}
    measured = measured_in(as_stated)
    assert (
        changed == measured if name == "confidence" else {"shared", "alone"} <= changed
    )
    assert moved.constants[name] == STEPS[name]


def test_a_larger_cosine_shares_fewer_latents(as_stated, zoo, profile):
    moved = Claim.read("seed_dependence").moved(cosine=0.9)
    numbers = on_subject(zoo, model_seeds(profile), moved).numbers()
    assert 0 < value(numbers, "shared") < value(as_stated, "shared")
    assert value(numbers, "alone") > value(as_stated, "alone")


def test_a_lower_confidence_gives_shorter_intervals(as_stated, zoo, profile):
    moved = Claim.read("seed_dependence").moved(confidence=0.8)
    numbers = on_subject(zoo, model_seeds(profile), moved).numbers()
    for name, found in numbers.items():
        if found is None or width(as_stated[name]) < 1e-9:
            continue  # planted alike in all seeds
        assert found[0] == as_stated[name][0]
        assert width(found) < width(as_stated[name])


def test_nothing_is_left_unread(zoo, profile):
    claim = Claim.read("seed_dependence")
    numbers = on_subject(zoo, model_seeds(profile), claim).numbers()
    assert claim.judge(profile="small", world_seed=0, numbers=numbers)["parts"]

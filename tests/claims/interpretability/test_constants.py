"""Each constant of the claim moves what the verdict is judged by."""

import pytest

from saecore.claims.interpretability import study

STEPS = {
    "parts": 1, "each": 2, "fragments": 250, "resamples": 20, "confidence": 0.5,
}  # fmt: skip


@pytest.fixture(scope="module")
def moved(zoo, profile, claim):
    """The study with one constant moved, by its name."""
    return {
        name: study(zoo, profile, claim.moved(**{name: step}))
        for name, step in STEPS.items()
    }


def test_every_constant_moves_a_number_of_the_verdict(claim, found, moved):
    assert sorted(STEPS) == sorted(claim.constants)
    for name, one in moved.items():
        assert one.numbers["model"] != found.numbers["model"], name
        assert not one.claim.constants.unread(), name


def test_fewer_parts_explain_dense_directions_less(found, moved):
    few, many = moved["parts"].of.bases["ICA"][0], found.of.bases["ICA"][0]
    assert few.score < many.score


def test_more_fragments_skip_more_latents(found, moved):
    few, many = (one.of.base[0].simulation for one in (found, moved["fragments"]))
    assert many.scored < few.scored


def test_fewer_scored_fragments_leave_the_rules_alone(found, moved):
    for one, was in zip(moved["each"].of.base, found.of.base, strict=True):
        assert one.rules.predicate.tolist() == was.rules.predicate.tolist()


def test_less_confidence_makes_shorter_intervals(found, moved):
    for name, (value, low, high) in moved["confidence"].numbers["model"].items():
        was = found.numbers["model"][name]
        assert value == was[0]
        assert high - low < was[2] - was[1] or high == low

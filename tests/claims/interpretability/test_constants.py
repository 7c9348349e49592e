"""Each constant of the claim moves what the verdict is judged by."""

import pytest

from saecore.claims.interpretability import study

STEPS = {"parts": 1, "each": 2, "fragments": 250, "confidence": 0.5}


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
    assert moved["parts"].by_basis["ICA"].estimate < found.by_basis["ICA"].estimate


def test_more_fragments_skip_more_latents(found, moved):
    few, many = (one.of_base[0].simulation for one in (found, moved["fragments"]))
    assert many.scored < few.scored


def test_fewer_scored_fragments_leave_the_rules_alone(found, moved):
    for one, was in zip(moved["each"].of_base, found.of_base, strict=True):
        assert one.rules.predicate.tolist() == was.rules.predicate.tolist()


def test_less_confidence_makes_shorter_intervals(found, moved):
    for name, one in moved["confidence"].by_basis.items():
        was = found.by_basis[name]
        assert one.estimate == was.estimate
        assert one.high - one.low < was.high - was.low

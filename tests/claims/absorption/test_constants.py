"""Every constant of the claim moves a number by which it is judged."""

import pytest

from saecore.claims.absorption.headline import read_base
from saecore.claims.absorption.nulls import mean_rate
from saecore.errors import Unsuited
from saecore.report import Claim
from tests.claims.absorption.planted import planted_setting

STEPS = {
    "probe_f1": 0.99,  # the probe of C does not reach that
    "precision": 1.01,  # nor do main latents
    "recall": 0.7,  # the main latent of C fires on fewer words
    "f1_jump": 0.5,  # the second half of A no longer counts as a main latent
    "lead": 3.0,  # words whose latent carries the letter by half do not lead by that
    "cosine": 0.6,  # nor do their latents lean so far
    "purity": 1.01,  # no absorber is so specific
    "confidence": 0.5,  # a shorter interval
}


def rates(**constants):
    setting = planted_setting(**constants)
    try:
        base = [one.rates for one in read_base(setting).values()]
    except Unsuited:
        return [None, None]
    level = setting.rule["confidence"]
    found = [mean_rate(base, what, level=level) for what in base[0]._fields[:2]]
    return [one and one.triple for one in found]


@pytest.fixture(scope="module")
def unmoved():
    return rates()


def test_every_constant_has_a_step():
    assert set(STEPS) == set(Claim.read("absorption").constants)


@pytest.mark.parametrize("name", STEPS)
def test_each_constant_moves_a_rate_or_its_interval(name, unmoved):
    moved = rates(**{name: STEPS[name]})
    same = [
        one == pytest.approx(other, rel=1e-3)
        for one, other in zip(moved, unmoved, strict=True)
    ]
    assert not all(same)


def test_the_study_reads_them_all(study):
    assert study.claim.constants.unread() == []

"""Every constant of the claim moves a number by which it is judged."""

import pytest

from saecore.claims.absorption.headline import over_sae_seeds, read_base
from saecore.report import Claim
from tests.claims.absorption.planted import planted_setting

STEPS = {
    "probe_f1": 0.99,  # the probe of C does not reach that
    "latent_f1": 0.75,  # nor do the main latents of C in some SAEs
    "f1_jump": 0.5,  # the second half of A no longer counts as a main latent
    "lead": 3.0,  # words whose latent carries the letter by half do not lead by that
    "cosine": 0.6,  # nor do their latents lean so far
    "confidence": 0.5,  # a shorter interval
}


def absorbed(**constants):
    setting = planted_setting(**constants)
    base = read_base(setting)
    return over_sae_seeds(
        setting, base, setting.grid.base, lambda s: s.rate.as_zero
    ).triple


@pytest.fixture(scope="module")
def unmoved():
    return absorbed()


def test_every_constant_has_a_step():
    assert set(STEPS) == set(Claim.read("absorption").constants)


@pytest.mark.parametrize("name", STEPS)
def test_each_constant_moves_the_rate_or_its_interval(name, unmoved):
    moved = absorbed(**{name: STEPS[name]})
    assert moved != pytest.approx(unmoved, rel=1e-3)


def test_the_study_reads_them_all(study):
    assert study.claim.constants.unread() == []

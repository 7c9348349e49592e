import pytest
import torch

from saecore.claims.absorption.carrier import absorbing_parts, carried, probe_directions
from tests.claims.absorption.planted import SCALE


def test_the_effect_goes_with_the_letters_direction_and_not_with_another(
    setting, study
):
    for one in study.base:
        found = carried(one, setting.letters)
        assert found is not None
        assert found.effect == pytest.approx(0.75 * SCALE, abs=0.3)  # whole and half
        assert abs(found.left) < 0.5
        assert found.control == pytest.approx(1, abs=0.3)


def test_both_changes_are_equally_long(setting, study):
    one = study.base[0]
    parts = absorbing_parts(one)
    label = one.found.label[one.absorbed]
    own, other = probe_directions(setting.letters, label)
    assert len(parts) == len(label) == int(one.absorbed.sum())
    torch.testing.assert_close(
        (own * other).sum(1), torch.zeros(len(own)), atol=1e-6, rtol=0
    )
    torch.testing.assert_close(other.norm(dim=1), torch.ones(len(own)))


def test_without_absorbed_words_there_is_nothing_to_carry(setting, study):
    one = study.base[0]
    nobody = one._replace(counts=torch.zeros_like(one.counts))
    assert carried(nobody, setting.letters) is None

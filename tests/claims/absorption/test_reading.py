import pytest
import torch

from saecore.claims.absorption import reading
from tests.claims.absorption.planted import absorbed_of


@pytest.fixture(scope="module")
def recipe(setting):
    return setting.grid.base[0]


def test_a_letter_is_told_by_its_own_latents(study, recipe):
    one = study.saes[recipe]
    assert sorted(one.split.main(0).tolist()) == [0, 1]  # the halves of A
    assert [one.split.main(i).tolist() for i in (1, 2)] == [[2], [3]]
    assert one.best.latent[1:].tolist() == [2, 3]


def test_gates_open_and_close(setting, recipe):
    sae, letters = setting.zoo.get(recipe), setting.letters
    shut = reading.gate_sae(sae, letters, setting.rule.moved(latent_f1=1.01))
    assert not shut.found.judged.any()
    none = reading.gate_sae(sae, letters, setting.rule.moved(probe_f1=1.01))
    assert not none.found.judged.any()
    both = setting.rule.moved(latent_f1=-1, probe_f1=-1)
    assert reading.gate_sae(sae, letters, both).found.judged.all()


def test_reading_begins_as_gating(setting, study, recipe):
    one = study.saes[recipe]
    same = reading.gate_sae(setting.zoo.get(recipe), setting.letters, setting.rule)
    assert torch.equal(one.found.silent, same.found.silent)
    assert torch.equal(one.best.f1, same.best.f1)


def test_effects_are_those_of_the_linear_model(setting, study, recipe):
    one = study.saes[recipe]
    whole = one.effects.entry[one.found.entry[one.absorbed[one.found.case]]]
    assert whole.min() == pytest.approx(-4.0)  # the letter, at 4 logits per unit
    half = whole[(whole < -1) & (whole > -3)]
    assert torch.allclose(half, torch.full_like(half, -2.0))


def test_the_best_latent_alone_makes_the_other_half_of_a_absorb(setting, study, recipe):
    one = study.saes[recipe]
    alone = reading.best_alone(one, setting.letters, setting.rule)
    few = len(absorbed_of(recipe)[0])
    assert alone.as_zero > one.rate.as_zero
    assert alone.as_zero - one.rate.as_zero == pytest.approx((20 - few / 2) / 40 / 3)


def test_parents_that_are_not_asked_have_no_effects(setting, recipe):
    mute = setting.letters._replace(paths=None)
    with pytest.raises(ValueError, match="use `gate_sae`"):
        reading.read_sae(setting.zoo.get(recipe), mute, setting.rule)

import pytest
import torch

from saecore.claims.absorption import reading
from saecore.measures.absorption.ablation import ablated
from saecore.sparse import dense
from tests.claims.absorption.planted import EACH, absorbed_of


@pytest.fixture(scope="module")
def recipe(setting):
    return setting.grid.base[0]


def test_a_letter_is_told_by_its_own_latents(study, recipe):
    one = study.saes[recipe]
    assert sorted(one.split.main(0).tolist()) == [0, 1]  # the halves of A
    assert [one.split.main(i).tolist() for i in (1, 2)] == [[2], [3]]
    assert one.best.latent[1:].tolist() == [2, 3]


def test_main_latents_are_scored_as_one_classifier(setting, study, recipe):
    one, labels = study.saes[recipe], setting.letters.words.labels
    acts = dense(one.active, len(one.w_dec))
    for label in range(3):
        fires = (acts[:, one.split.main(label)] > 0).any(1)
        hits, fired = (fires & labels[:, label]).sum(), fires.sum()
        assert float(one.fires.precision[label]) == pytest.approx(float(hits / fired))
        assert float(one.fires.recall[label]) == pytest.approx(float(hits) / EACH)


def test_gates_open_and_close(setting, recipe):
    sae, letters = setting.zoo.get(recipe), setting.letters
    for gate in ("precision", "recall", "probe_f1"):
        shut = reading.gate_sae(sae, letters, setting.rule.moved(**{gate: 1.01}))
        assert not shut.counts.any()
    both = setting.rule.moved(precision=0.0, recall=0.0, probe_f1=-1)
    assert reading.gate_sae(sae, letters, both).counts.all()


def test_the_gate_does_not_ask_how_often_a_latent_is_silent(setting, study, recipe):
    one = study.saes[recipe]
    low = one.fires.recall.min() - 0.01
    rule = setting.rule.moved(recall=float(low))
    same = reading.gate_sae(setting.zoo.get(recipe), setting.letters, rule)
    assert torch.equal(same.counts, one.counts)


def test_reading_begins_as_gating(setting, study, recipe):
    one = study.saes[recipe]
    same = reading.gate_sae(setting.zoo.get(recipe), setting.letters, setting.rule)
    assert torch.equal(one.found.silent, same.found.silent)
    assert torch.equal(one.counts, same.counts)


def test_effects_are_those_of_full_ablation_wherever_they_are_known(
    setting, study, recipe
):
    one, letters = study.saes[recipe], setting.letters
    whole = ablated(letters.metric, letters.rows, one.active, one.w_dec).entry
    known = ~one.effects.entry.isnan()
    needed = one.found.entry[one.found.silent[one.found.case]]
    assert known[needed].all()
    torch.testing.assert_close(one.effects.entry[known], whole[known])


def test_effects_are_those_of_the_linear_model(study, recipe):
    one = study.saes[recipe]
    whole = one.effects.entry[one.found.entry[one.absorbed[one.found.case]]]
    assert whole.min() == pytest.approx(-4.0)  # the letter, at 4 logits per unit
    half = whole[(whole < -1) & (whole > -3)]
    assert torch.allclose(half, torch.full_like(half, -2.0))


def test_absorbers_of_one_word_are_specific_and_none_is_more_often(study):
    for one in study.saes.values():
        assert (
            torch.equal(one.rates.specific, one.rates.absorbed)
            or (one.rates.specific <= one.rates.absorbed)[one.counts].all()
        )


def test_letters_that_do_not_count_have_no_rate_and_no_words(setting, study, recipe):
    rates = study.saes[recipe].every
    some = rates.over(torch.tensor([True, False, True]))
    assert some.absorbed.isnan().tolist() == [False, True, False]
    assert some.words.tolist() == [int(rates.words[0]), 0, int(rates.words[2])]


def test_where_main_latents_fire_no_planted_latent_leads(study):
    for one in study.saes.values():
        counted = one.background.absorbed[one.counts]
        assert counted.tolist() == [0] * int(one.counts.sum())


def test_the_best_latent_alone_makes_the_other_half_of_a_absorb(setting, study, recipe):
    one = study.saes[recipe]
    alone = reading.best_alone(one, setting.letters, setting.rule)
    few = len(absorbed_of(recipe)[0])
    more = float(alone.rate[0] - one.decided.rate[0])
    assert more == pytest.approx((20 - few / 2) / 40, abs=0.02)


def test_parents_that_are_not_asked_have_no_effects(setting, recipe):
    mute = setting.letters._replace(asked=False)
    with pytest.raises(ValueError, match="use `gate_sae`"):
        reading.read_sae(setting.zoo.get(recipe), mute, setting.rule)

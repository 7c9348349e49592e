import pytest
import torch

from saecore.claims.absorption import nulls
from saecore.claims.absorption.reading import Rates, read_sae

WORDS = torch.tensor([50, 50, 50])


def rates(*absorbed):
    values = torch.tensor(absorbed)
    return Rates(values, values / 2, WORDS * ~values.isnan())


def test_shuffled_labels_are_not_told_but_in_sample(setting):
    letters = setting.letters
    mixed = nulls.shuffled_labels(letters, torch.Generator().manual_seed(0))
    assert torch.equal(mixed.words.labels.sum(0), letters.words.labels.sum(0))
    assert not torch.equal(mixed.words.labels, letters.words.labels)
    assert mixed.probes.f1.max() < 0.7 < letters.probes.f1.min()
    right = (mixed.probes.decision == mixed.words.labels).float().mean()
    assert right > (letters.probes.decision == mixed.words.labels).float().mean()


def test_no_shuffled_label_passes_the_verdicts_own_rule(setting):
    mixed = nulls.shuffled_labels(setting.letters, torch.Generator().manual_seed(0))
    one = read_sae(setting.zoo.get(setting.grid.base[0]), mixed, setting.rule)
    assert not one.counts.any()
    assert one.rates.absorbed.isnan().all()


def test_another_letters_direction_is_not_that_of_the_planted_absorbers(setting, study):
    for one in study.base:
        turned = nulls.other_label(one, setting.letters, setting.rule)
        assert float(turned.absorbed.nansum()) == 0
        assert torch.equal(turned.absorbed.isnan(), ~one.counts)


def test_the_excess_is_paired_where_labels_are_the_same_and_by_mean_elsewhere():
    real = rates(0.5, 0.3, torch.nan)
    paired = nulls.excess(real, rates(0.4, 0.1, torch.nan), "absorbed")
    assert paired[:2].tolist() == pytest.approx([0.1, 0.2])
    other = nulls.excess(real, rates(0.4, torch.nan, 0.2), "absorbed")
    assert other[:2].tolist() == pytest.approx([0.2, 0.0])
    assert nulls.excess(real, rates(0.4, 0.1, torch.nan), "specific")[0] == (
        pytest.approx(0.05)
    )


def test_the_strongest_null_is_the_one_that_counts():
    real = [rates(0.5, 0.4, 0.6), rates(0.5, 0.5, 0.5)]
    every = {
        "weak": [rates(0.1, 0.1, 0.1)] * 2,
        "strong": [rates(0.3, 0.3, 0.3)] * 2,
        "dead": [rates(torch.nan, torch.nan, torch.nan)] * 2,
    }
    found = nulls.exceeded(real, every, "absorbed", level=0.95)
    assert found is not None
    assert found.name == "strong"
    assert found.share.estimate == pytest.approx(0.5)
    assert found.excess.estimate == pytest.approx(0.2)
    assert 0 <= found.null.low < 0.3 < found.null.high <= 1


def test_a_null_that_rests_on_a_letter_or_two_does_not_count():
    real = [rates(0.5, 0.4, 0.6), rates(0.5, 0.5, 0.5), rates(0.4, 0.5, 0.6)]
    lucky, none = rates(0.9, torch.nan, torch.nan), rates(*[torch.nan] * 3)
    every = {"own": [rates(0.1, 0.1, 0.1)] * 3, "frozen": [lucky, lucky, none]}
    found = nulls.exceeded(real, every, "absorbed", level=0.95)
    assert found is not None
    assert found.name == "own"
    every["frozen"] = [rates(0.9, torch.nan, 0.8)] * 2 + [none]
    found = nulls.exceeded(real, every, "absorbed", level=0.95)
    assert found is not None
    assert found.name == "frozen"


def test_a_null_of_the_saes_own_letters_counts_with_as_few_as_they_have():
    real = [rates(0.5, torch.nan, torch.nan), rates(0.6, torch.nan, 0.4)]
    own = {"own": [rates(0.1, torch.nan, torch.nan), rates(0.1, torch.nan, 0.2)]}
    found = nulls.exceeded(real, own, "absorbed", level=0.95)
    assert found is not None
    assert found.name == "own"


def test_a_rate_of_zero_has_an_interval_that_is_not():
    share = nulls.mean_rate([rates(0.0, 0.0, 0.0)] * 3, "absorbed", level=0.95)
    assert share is not None
    assert (share.estimate, share.low) == (0, 0)
    assert 0 < share.high < 0.02


def test_one_seed_with_a_rate_is_too_few():
    nothing = rates(torch.nan, torch.nan, torch.nan)
    real = [rates(0.5, 0.4, 0.6), nothing]
    weak = {"weak": [rates(0.1, 0.1, 0.1)] * 2}
    assert nulls.exceeded(real, weak, "absorbed", level=0.95) is None
    assert nulls.crossed_there(torch.tensor([[0.1, 0.2]]), level=0.95) is None

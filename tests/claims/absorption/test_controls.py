import torch

from saecore.claims.absorption import controls


def test_shuffled_labels_are_not_told_but_in_sample(setting):
    letters = setting.letters
    mixed = controls.shuffled_labels(letters, torch.Generator().manual_seed(0))
    assert torch.equal(mixed.words.labels.sum(0), letters.words.labels.sum(0))
    assert not torch.equal(mixed.words.labels, letters.words.labels)
    assert mixed.probes.f1.max() < 0.7 < letters.probes.f1.min()
    right = (mixed.probes.decision == mixed.words.labels).float().mean()
    assert right > (letters.probes.decision == mixed.words.labels).float().mean()
    assert mixed.paths is None


def test_each_sae_has_three_rows_with_the_gates_as_they_say(
    setting, study, monkeypatch
):
    last = {"SAE": "of an untrained language model"}
    monkeypatch.setattr(controls, "_blank", lambda setting: last)
    rows = controls.controls(setting, study.saes)
    assert len(rows) == 7
    assert rows[-1] is last
    letters, mixed, fresh = rows[:3]
    assert letters["SAE"] == "base, seed 0"
    assert rows[3]["SAE"] == "width 640, k 4, seed 0"
    assert mixed["probe F1, out of fold"] < letters["probe F1, out of fold"]
    assert mixed["SAEBench, full"] == mixed["SAEBench, full"]  # no gate, so a rate
    assert fresh["main latents' F1"] < letters["main latents' F1"]

"""Controls in which nothing can be absorbed."""

import pytest

from saecore import profiles
from saecore.claims.absorption_metric import controls


@pytest.fixture
def rows(absorbing_zoo, setting, monkeypatch):
    """The rows of the table, by control and main latents."""
    monkeypatch.setattr(controls, "world", lambda *_: setting)
    found = controls.alarm_rows(absorbing_zoo, profiles.read("tiny"))
    return {(row["control"], row["main latents"]): row for row in found}


def test_each_control_is_read_with_both_choices_of_main_latents(rows):
    names = ["untrained SAE", "shuffled labels", "oracle", "oracle, parents split"]
    assert list(dict.fromkeys(name for name, _ in rows)) == names
    assert len(rows) == 8


def test_the_oracle_raises_no_alarm_and_passes_the_gates(rows):
    oracle = rows["oracle", "best latent"]
    assert oracle["SAEBench, full"] == oracle["paper, ablation, lead 1"] == 0
    assert oracle["labels whose probe passes"] == 1
    assert oracle["whose best latent has F1 0.6"] == 1


def test_a_split_parent_alarms_the_best_latent_and_not_the_split_set(rows):
    split = [
        rows["oracle, parents split", main]["SAEBench, full"]
        for main in ("best latent", "split set")
    ]
    assert split[0] == pytest.approx(0.5, abs=0.1)
    assert split[1] == 0


def test_no_probe_passes_on_shuffled_labels(rows):
    assert rows["shuffled labels", "best latent"]["labels whose probe passes"] == 0

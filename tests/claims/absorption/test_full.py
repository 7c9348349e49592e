"""The rate by layer, on the planted case at every layer."""

from dataclasses import replace

import pytest

from saecore.claims.absorption import full as dear
from saecore.zoo.store import Zoo


@pytest.fixture
def asked(setting, monkeypatch):
    layers = []

    def one(zoo, profile, claim):
        layers.append(profile.layer)
        return setting

    monkeypatch.setattr(dear, "asked_letters", one)
    return layers


def test_every_layer_is_trained_and_judged(
    setting, study, asked, tmp_path, monkeypatch
):
    made = []
    monkeypatch.setattr(Zoo, "make", lambda zoo, recipes: made.extend(recipes))
    profile = replace(setting.profile, layers=(0, 2))
    found = dear.full(Zoo(tmp_path), profile)["layers"]
    assert asked == [one["layer"] for one in found] == [0, 2]
    assert made == setting.grid.base * 2
    share = study.absorbed[setting.grid.place].share
    assert found[0]["absorbed"] == pytest.approx(list(share.triple))
    assert found[0]["strongest null"] < found[0]["absorbed"][1]
    assert found[0]["letters that count"] >= 2


def test_a_layer_in_which_no_letter_counts_has_no_rate(setting):
    nothing = setting.claim.constants.moved(precision=1.1)
    claim = replace(setting.claim, constants=nothing)
    found = dear.rate_at_layer(setting._replace(claim=claim))
    assert found["letters that count"] == 0
    assert found["absorbed"] is None
    assert found["which"] is None
    assert found["probe F1"] > 0.7

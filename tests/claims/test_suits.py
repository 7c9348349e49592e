"""The tables of the commands `saecore gates` and `saecore site`."""

from dataclasses import replace

import pytest

from saecore.claims import suits
from saecore.profiles import read
from saecore.source.untaught import gates, site_choice
from saecore.source.untaught.site_choice import LayerSeen

SMALL = replace(read("tiny"), sequences=2, length=16)


def test_gates_are_told_with_what_is_asked(zoo, monkeypatch):
    monkeypatch.setattr(suits, "open_zoo", lambda profile: zoo)
    monkeypatch.setattr(gates, "GATE_QUESTIONS", 4)
    told = suits.gates_told(SMALL)
    assert told.count("asked\n") >= 6
    assert "pronoun" in told
    assert str(zoo.root) in told


def test_the_site_is_told_with_what_the_rule_saw(zoo, monkeypatch):
    monkeypatch.setattr(suits, "open_zoo", lambda profile: zoo)
    seen = [LayerSeen(n, 1.0, 2.0, 0, 50.0, 0.1, 0.9) for n in range(3)]
    monkeypatch.setattr(suits, "layers_seen", lambda *given, examples: seen)
    told = suits.site_told(SMALL)
    assert "chosen: layer 2 (the profile has 1)" in told
    assert told.count("passes") == 4
    assert f"{site_choice.TIMES:g} medians" in told


@pytest.fixture
def zoo(tmp_path):
    from saecore.zoo.store import Zoo

    return Zoo(tmp_path, workers=1)

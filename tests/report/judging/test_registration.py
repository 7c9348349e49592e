"""Which world seeds judge is settled by the rules, before anything is run."""

import json

import pytest

from saecore.report.judging import registration as module
from saecore.report.judging.registration import (
    as_toml,
    registered,
    registered_verdict,
    registration,
    rules_digest,
)
from saecore.report.paths import claims_file

CLAIMS = """
[differ]
says = "they differ"
[differ.constants]
cosine = 0.7
[[differ.parts]]
name = "low"
says = "the share is low"
core = true
conditions = [{ number = "share", interval = "below", than = 0.7 }]
"""


def test_the_third_seed_follows_from_the_rules_and_is_read_back(tmp_path):
    stated = registered(CLAIMS.encode())
    assert stated.seeds[:2] == (0, 7)
    assert stated.judge == int(stated.claims[:8], 16) % 10_000
    path = tmp_path / "seeds.toml"
    path.write_text(as_toml(stated))
    assert registration(path) == stated
    assert registration(tmp_path / "none.toml") is None


@pytest.mark.parametrize(
    ("old", "new", "moves"),
    [
        ("they differ", "they do differ", False),
        ("the share is low", "the share is small", False),
        ("0.7\n", "0.8\n", True),
        ("than = 0.7", "than = 0.6", True),
        ("core = true", "core = false", True),
        ("below", "above", True),
        ("conditions", "gate = []\nconditions", True),
    ],
)
def test_what_moves_a_verdict_moves_the_digest_and_words_do_not(old, new, moves):
    assert old in CLAIMS
    changed = rules_digest(CLAIMS.replace(old, new).encode())
    assert (changed != rules_digest(CLAIMS.encode())) is moves


def test_the_verdict_of_the_registered_run_is_found(tmp_path, monkeypatch):
    stated = registered(CLAIMS.encode())
    monkeypatch.setattr(module, "seeds_file", lambda: tmp_path / "seeds.toml")
    monkeypatch.setattr(module, "seeds_results", lambda: tmp_path / "seeds")
    assert registered_verdict("differ", "tiny") is None
    (tmp_path / "seeds.toml").write_text(as_toml(stated))
    assert registered_verdict("differ", "tiny") is None
    folder = tmp_path / "seeds" / str(stated.judge) / "tiny"
    folder.mkdir(parents=True)
    twin = {"verdict": "holds", "parts": [{"name": "low", "verdict": "holds"}]}
    (folder / "differ.json").write_text(json.dumps(twin))
    found = registered_verdict("differ", "tiny")
    expected = {"world_seed": stated.judge, "verdict": "holds"}
    assert found == expected | {"parts": {"low": "holds"}}
    assert registered_verdict("differ", "world") is None


def test_the_rules_of_the_book_are_those_that_named_its_seeds():
    """Change a rule, and `saecore register` must name seeds that nobody has seen."""
    stated = registration()
    assert stated is not None
    assert stated.rules == rules_digest(claims_file().read_bytes())
    assert stated.seeds == (0, 7, module.seed_of(stated.claims))

"""The checks together, as text and for programs."""

import json

from saecore import __version__, profiles
from saecore.commands import doctor, network
from saecore.commands.checks import Check


def test_every_check_is_made_and_the_network_only_if_asked(tmp_path, monkeypatch):
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path / "zoo"))
    asked = []
    monkeypatch.setattr(network, "index_answers", lambda: asked.append("index"))
    monkeypatch.setattr(network, "address_answers", asked.append)
    alone = doctor.examined(profiles.read("tiny"), beyond=False)
    about = [one.about for one in alone]
    assert about[:4] == ["Python", "environment", "packages", "cores"]
    assert about[4:] == ["memory", "disk", "GPU", "SAEs"]
    assert asked == []
    assert [one.state for one in doctor.outside()] == ["note", "note"]
    assert asked == ["index", network.hub()]


def test_saes_that_are_missing_are_worth_a_note_and_written_nowhere(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path / "zoo"))
    found = doctor.trained(profiles.read("tiny"))
    assert found.state == "note"
    assert "0 trained" in found.found
    assert list(tmp_path.iterdir()) == []


def test_a_shared_environment_is_noted(monkeypatch):
    monkeypatch.setattr(doctor.sys, "prefix", doctor.sys.base_prefix)
    assert doctor.environment().state == "note"


def test_what_to_do_stands_below_what_was_found():
    found = [Check("a", "ok", "fine"), Check("b", "problem", "gone", "fetch it")]
    assert doctor.checked_text(found).splitlines() == [
        "ok      a:             fine",
        "problem b:             gone",
        " " * 23 + "fetch it",
    ]
    assert json.loads(doctor.checked_json(found))[1]["do"] == "fetch it"


def test_versions_name_python_and_what_the_numbers_rest_on():
    found = doctor.versions()
    assert found["saecore"] == __version__
    assert {"python", "torch", "numpy"} <= found.keys()

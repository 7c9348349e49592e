"""The commands name seeds, say costs first, and run what was asked for."""

from pathlib import Path

import pytest

from saecore import profiles
from saecore.report.judging import registration
from saecore.report.paths import ReportError, claims_file
from saecore.whole_runs import commands


@pytest.fixture
def stated(tmp_path, monkeypatch):
    path = tmp_path / "seeds.toml"
    monkeypatch.setattr(commands, "seeds_file", lambda: path)
    monkeypatch.setattr(registration, "seeds_file", lambda: path)
    return path


def test_registering_writes_the_seeds_that_belong_to_the_rules(stated):
    said = commands.register()
    named = registration.registered(claims_file().read_bytes())
    assert registration.registration() == named
    assert str(named.judge) in said


def test_without_seeds_it_is_said_what_to_do(stated):
    with pytest.raises(ReportError, match="run `saecore register`"):
        commands.registered_seeds()


def test_costs_come_before_the_first_run(stated, monkeypatch, capsys):
    commands.register()
    monkeypatch.setattr(commands.full_run, "costs_said", lambda *_: ["an hour"])
    for name in ("run_seed", "run_model"):
        run = lambda root, profile, what: Path(f"done-{what}")  # noqa: E731
        monkeypatch.setattr(commands.full_run, name, run)
    tiny = profiles.read("tiny")
    commands.full(Path(), tiny, None, [Path("two")])
    lines = capsys.readouterr().out.split()
    assert lines[:2] == ["an", "hour"]
    assert lines[3::2] == [f"done-{s}" for s in (*commands.registered_seeds(), "two")]
    commands.full(Path(), tiny, [5], [])
    assert "done-5" in capsys.readouterr().out

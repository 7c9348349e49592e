from argparse import Namespace

import pytest

from saecore import profiles
from saecore.claims import suits
from saecore.commands import others
from saecore.scale import commands


@pytest.mark.parametrize("name", ["gates", "site"])
def test_what_is_told_of_a_model_is_printed(name, monkeypatch, capsys):
    monkeypatch.setattr(suits, f"{name}_told", lambda profile: f"of {profile.name}")
    getattr(others, name)(Namespace(), profiles.read("tiny"))
    assert capsys.readouterr().out == "of tiny\n"


def test_each_line_of_an_act_is_printed(monkeypatch, capsys):
    monkeypatch.setitem(commands.ACTS, "plan", lambda *_: ["one", "two"])
    others.batch(Namespace(act="plan"), None)
    assert capsys.readouterr().out.split() == ["one", "two"]


def test_an_audit_is_handed_over(monkeypatch):
    from saecore.audit import commands as audits

    given = []
    monkeypatch.setattr(audits, "run_audit", lambda *both: given.append(both))
    options = Namespace(sae="mine")
    others.audit(options, None)
    assert given == [(options, None)]

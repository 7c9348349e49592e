"""What is trained, taken and packed, by name."""

import pytest

from saecore.__main__ import main
from saecore.commands import making
from saecore.packs import commands
from saecore.report import Claim
from saecore.report.paths import ReportError


def test_pages_are_named_by_their_beginnings():
    assert making.pages_named(["subj", "seed_dep"]) == ["subjects", "seed_dependence"]
    with pytest.raises(ReportError, match="beginning of one"):
        making.pages_named(["absorbtion"])


def test_without_training_only_the_pack_is_taken(monkeypatch, capsys):
    monkeypatch.setattr(commands, "take", lambda pack, profile: f"took {pack}")
    monkeypatch.setattr(making, "make_asked", lambda *a: pytest.fail("made"))
    assert main(["zoo", "--from", "x", "--no-training"]) == 0
    assert capsys.readouterr().out == "   took x\n"
    assert main(["zoo", "--no-training"]) == 1
    assert "say --from as well" in capsys.readouterr().err


def test_headlines_are_the_pages_of_the_claims(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(
        commands, "write", lambda path, profile, pages: asked.append(pages)
    )
    assert main(["pack", "x", "--headlines"]) == 0
    pages = [Claim.read(name).notebook.split("/")[1] for name in Claim.names()]
    assert asked == [pages]
    assert main(["pack", "x", "--headlines", "--only", "editing"]) == 1
    assert "exclude each other" in capsys.readouterr().err

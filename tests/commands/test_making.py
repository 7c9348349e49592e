"""What is trained, taken and packed, by name."""

import shutil

import pytest

from saecore import profiles
from saecore.__main__ import main
from saecore.claims import all_recipes
from saecore.commands import making
from saecore.errors import MissedSparsity, Unsuited, ZooError
from saecore.packs import commands
from saecore.report import Claim
from saecore.report.paths import ReportError
from saecore.zoo.store import Zoo


@pytest.fixture
def own_model(tmp_path, monkeypatch):
    """The profile of a copy of the shipped model, with a zoo of its own."""
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path / "zoo"))
    copy = shutil.copytree(profiles.TINY, tmp_path / "copy")
    return profiles.read(str(copy))


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


def test_saes_that_missed_their_sparsity_are_counted_with_a_line_each(
    own_model, monkeypatch, capsys
):
    def refuse(zoo, recipes):
        raise MissedSparsity("one is off", "two is off")

    monkeypatch.setattr(Zoo, "make", refuse)
    making.make_asked(own_model, ["subjects"])
    said = capsys.readouterr().out
    assert said.endswith("   left out: 2 SAEs:\n      one is off\n      two is off\n")
    with pytest.raises(MissedSparsity):
        making.make_asked(profiles.read("tiny"), ["subjects"])


@pytest.mark.parametrize("where", ["make", "possible"])
def test_what_an_own_model_cannot_give_ends_no_run(
    own_model, monkeypatch, capsys, where
):
    def refuse(*_):
        raise Unsuited("the model holds no names")

    home = Zoo if where == "make" else all_recipes
    monkeypatch.setattr(home, where, refuse)
    making.make_asked(own_model, ["subjects"])
    said = capsys.readouterr().out
    assert "not all was made (Unsuited: the model holds no names)" in said
    with pytest.raises(Unsuited):
        making.make_asked(profiles.read("tiny"), ["subjects"])


def test_a_disk_that_is_full_ends_a_run_of_any_model(own_model, monkeypatch):
    def full(zoo, recipes):
        raise ZooError("no room")

    monkeypatch.setattr(Zoo, "make", full)
    with pytest.raises(ZooError, match="no room"):
        making.make_asked(own_model, ["subjects"])


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

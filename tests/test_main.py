"""The command line says in one sentence what is wrong, without a traceback."""

import hashlib
import json
import shutil

import pytest
from filelock import FileLock, Timeout

from saecore import __version__, profiles
from saecore.__main__ import _explorer, _summary, main
from saecore.errors import MissedSparsity
from saecore.zoo.store import Zoo


def test_the_version_is_printed(capsys):
    assert main(["version"]) == 0
    assert capsys.readouterr().out.strip() == __version__


def test_the_version_can_be_asked_as_an_option_and_as_json(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out.strip() == __version__
    assert main(["version", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["saecore"] == __version__


def test_stored_verdicts_are_printed_without_a_zoo(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path / "zoo"))
    assert main(["claims", "--stored", "editing"]) == 0
    assert "editing" in capsys.readouterr().out
    assert main(["claims", "--stored", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["claim"]
    assert not (tmp_path / "zoo").exists()


@pytest.mark.parametrize("command", ["zoo", "book", "list"])
def test_an_unknown_profile_is_refused_in_one_sentence(command, capsys):
    assert main([command, "--profile", "gpt5"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "'tiny' or the folder" in said
    assert "'gpt5'" in said


def test_a_folder_without_sizes_is_refused(tmp_path, capsys):
    (tmp_path / "config.json").write_text("{}")
    assert main(["list", "--profile", str(tmp_path)]) == 2
    assert "must state its layers" in capsys.readouterr().err


def test_a_damaged_config_is_refused(tmp_path, capsys):
    (tmp_path / "config.json").write_text("{")
    assert main(["list", "--profile", str(tmp_path)]) == 2
    assert "must be readable JSON" in capsys.readouterr().err


def test_a_listing_writes_nothing_and_reads_the_model_once(
    tmp_path, monkeypatch, capsys
):
    read, digest = [], hashlib.file_digest

    def counted(file, kind):
        read.append(file.name)
        return digest(file, kind)

    copy = shutil.copytree(profiles.TINY, tmp_path / "tiny")
    monkeypatch.setattr(hashlib, "file_digest", counted)
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path / "none" / "zoo"))
    assert main(["list", "--profile", str(copy)]) == 0
    *lines, total = capsys.readouterr().out.splitlines()
    assert total == f"{len(lines)} in all: 0 trained (0 MB), {len(lines)} missing"
    assert {line.split()[0] for line in lines} == {"missing"}
    assert any("untrained" in line for line in lines)
    assert sorted(tmp_path.iterdir()) == [copy]
    weights = [name for name in read if name.endswith(".safetensors")]
    assert weights == [str(copy / "model.safetensors")]


def test_training_a_language_model_needs_its_texts(tmp_path, capsys):
    assert (
        main(
            [
                "train-lm",
                "--stories",
                str(tmp_path / "none.txt"),
                "--out",
                str(tmp_path / "lm"),
            ]
        )
        == 2
    )
    assert "must be given" in capsys.readouterr().err
    assert not (tmp_path / "lm").exists()


def test_the_end_of_a_run_names_the_pages_that_were_left_out_and_why():
    assert _summary({}, "small") == []
    lines = _summary(
        {"absorption": "it has no words", "subjects": "it has no names"}, "small"
    )
    assert lines == [
        "\nNot run on small: absorption, subjects. These pages say why:",
        "   absorption: it has no words",
        "   subjects: it has no names",
    ]


@pytest.mark.parametrize("error", [MissedSparsity("its L0 is off"), ValueError("nan")])
def test_without_its_explorer_the_book_of_a_users_model_goes_on_and_says_why(
    error, tmp_path, monkeypatch, capsys
):
    def refuse(zoo, recipe):
        raise error

    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path / "zoo"))
    monkeypatch.setattr(Zoo, "get", refuse)
    copy = shutil.copytree(profiles.TINY, tmp_path / "copy")
    assert _explorer(profiles.read(str(copy)), make=True) is None
    said = capsys.readouterr().out
    assert said.startswith("   without the explorer: ")
    assert str(error) in said
    with pytest.raises(type(error)):
        _explorer(profiles.read("tiny"), make=True)


def test_a_claim_that_is_none_is_refused_before_anything_runs(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path / "zoo"))
    assert main(["claims", "absorbtion"]) == 1
    assert "absorbtion was asked for" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command", [["zoo", "--only", "absorbtion"], ["run", "absorption_"]]
)
def test_a_page_that_is_none_is_refused_before_anything_is_made(
    command, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path / "zoo"))
    assert main(command) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "beginning of one" in said
    assert list(tmp_path.iterdir()) == []


def test_what_a_page_costs_is_said_before_it_is_made(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path / "zoo"))
    made = []
    monkeypatch.setattr(Zoo, "make", lambda self, recipes: made.append(list(recipes)))
    assert main(["zoo", "--only", "subj"]) == 0
    assert capsys.readouterr().out.startswith(
        "   subjects: 1 sampled text, 1 set of rows to make: about "
    )
    assert [[one.folder for one in recipes] for recipes in made] == [["tokens", "rows"]]


def test_the_committed_book_is_built_without_making_an_explorer(tmp_path, monkeypatch):
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path / "zoo"))
    monkeypatch.setattr(Zoo, "_make", lambda self, missing: pytest.fail("made"))
    built = []
    monkeypatch.setattr(
        "saecore.book.build.build",
        lambda *a, explorer, output, **k: built.append(explorer) or output,
    )
    assert main(["book", "--committed"]) == 0
    assert built == [None]
    assert not (tmp_path / "zoo").exists()


def test_two_builds_of_one_checkout_wait_for_each_other(monkeypatch):
    held = []

    def build(root, *_, **__):
        with pytest.raises(Timeout):
            FileLock(root / "_build" / ".locks" / "book.lock").acquire(timeout=0)
        held.append(root)
        return root / "index.html"

    monkeypatch.setattr("saecore.book.build.build", build)
    monkeypatch.setattr("saecore.__main__._explorer", lambda *_, **__: None)
    assert main(["book", "--committed"]) == 0
    assert len(held) == 1

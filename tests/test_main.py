"""The command line says in one sentence what is wrong, without a traceback."""

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from saecore import __version__, profiles
from saecore.__main__ import _possible, _recipes, _summary, main
from saecore.claims.absorption.grid import absorption_grid
from saecore.claims.non_atomicity.grid import meta_grid
from saecore.report import Claim


def test_the_version_is_printed(capsys):
    assert main(["version"]) == 0
    assert capsys.readouterr().out.strip() == __version__


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
    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines} == {"missing"}
    assert any("untrained" in line for line in lines)
    assert sorted(tmp_path.iterdir()) == [copy]
    weights = [name for name in read if name.endswith(".safetensors")]
    assert weights == [str(copy / "model.safetensors")]


def test_a_listing_knows_the_untrained_twin_that_was_written(tmp_path, monkeypatch):
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path))
    tiny = profiles.read("tiny")
    before = set(_recipes(tiny, written=True))
    asked = set(_recipes(tiny))
    assert before != asked == set(_recipes(tiny, written=True))


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


class Words:
    """A zoo that knows how many words a model has."""

    def __init__(self, rows):
        self.get = lambda site: range(rows)


def test_saes_of_words_are_left_out_where_a_users_model_has_fewer_words_than_they_have_latents(
    capsys,
):
    tiny, claim = profiles.read("tiny"), Claim.read("non_atomicity")
    recipes = [*absorption_grid(tiny).recipes(), *meta_grid(tiny, claim).names]
    own, asked = replace(tiny, folder=Path("small")), absorption_grid(tiny)
    everywhere = [one for one in recipes if one in asked.everywhere]
    assert _possible(Words(tiny.width), recipes, own) == recipes
    assert capsys.readouterr().out == ""
    assert _possible(Words(tiny.width - 1), recipes, own) == everywhere
    assert f"{len(recipes) - len(everywhere)} SAEs of words" in capsys.readouterr().out
    assert _possible(Words(0), recipes, tiny) == recipes

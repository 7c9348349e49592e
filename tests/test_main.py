"""The command line says in one sentence what is wrong, without a traceback."""

import pytest

from saecore import __version__
from saecore.__main__ import main


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


def test_training_a_language_model_needs_its_texts(tmp_path, capsys):
    assert main(["train-lm", "--stories", str(tmp_path / "none.txt"), "--out", str(tmp_path / "lm")]) == 2
    assert "must be given" in capsys.readouterr().err
    assert not (tmp_path / "lm").exists()

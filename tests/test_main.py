"""The command line: what it says, and with which status."""

import subprocess
import sys

import pytest

from saecore import __main__, __version__
from saecore.report.checkout import ReportError


def test_it_says_its_version():
    done = subprocess.run([sys.executable, "-m", "saecore", "version"], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, __version__)


@pytest.mark.parametrize("command", ["zoo", "book", "list"])
def test_an_unknown_profile_is_one_sentence_and_status_two(command, capsys):
    assert __main__.main([command, "--profile", "tinny"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("saecore: a profile is 'tiny' or the folder")
    assert "'tinny'" in said
    assert len(said.splitlines()) == 1


def test_a_world_seed_that_is_no_number_and_an_unknown_command_are_status_two(capsys):
    for arguments in (["zoo", "--world-seed", "x"], ["zooo"], []):
        with pytest.raises(SystemExit) as stop:
            __main__.main(arguments)
        assert stop.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_what_a_command_reports_is_shown_without_a_traceback(monkeypatch, capsys):
    def fails(*_, **__):
        raise ReportError("notebooks/x.py failed")

    monkeypatch.setattr("saecore.report.pages.build", fails)
    assert __main__.main(["book", "--committed"]) == 1
    assert capsys.readouterr().err == "saecore: notebooks/x.py failed\n"


def test_a_book_of_another_world_runs_the_notebooks_with_that_seed(monkeypatch, capsys, tmp_path):
    asked = {}

    def run(root, folder, **options):
        asked.update(options)

    monkeypatch.setattr("saecore.report.pages.run", run)
    monkeypatch.setattr(__main__, "artefacts", lambda profile: {"world_seed": profile.world_seed})
    monkeypatch.setattr("saecore.report.pages.build", lambda *_, **__: tmp_path / "index.html")
    assert __main__.main(["book", "--world-seed", "7"]) == 0
    assert asked == {"profile": "tiny", "world_seed": 7, "artefacts": {"world_seed": 7}}
    said = capsys.readouterr().out
    assert f"Open {(tmp_path / 'index.html').as_uri()}" in said
    assert "python3 -m http.server --directory" in said


def test_refreshing_says_what_changed(monkeypatch, capsys):
    monkeypatch.setattr("saecore.report.pages.run", lambda *_, **__: None)
    monkeypatch.setattr(__main__, "artefacts", lambda profile: {})
    monkeypatch.setattr("saecore.report.portable.write_all", lambda root: [])
    for changed, said in (
        (["book/notebooks/a.ipynb"], "changed: book/notebooks/a.ipynb"),
        ([], "nothing changed"),
    ):
        monkeypatch.setattr("saecore.report.pages.publish", lambda *_, changed=changed: changed)
        assert __main__.main(["pages"]) == 0
        assert said in capsys.readouterr().out

import json

from saecore import __version__
from saecore.__main__ import main


def test_the_version_alone_and_with_what_numbers_rest_on(capsys):
    assert main(["version"]) == 0
    assert capsys.readouterr().out.strip() == __version__
    assert main(["version", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["saecore"] == __version__


def test_a_list_can_be_read_by_programs(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SAECORE_ZOO", str(tmp_path))
    assert main(["list", "--only", "absorption_toys", "--kind", "toys", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found
    assert list(tmp_path.iterdir()) == []

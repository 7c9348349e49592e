"""The command: lines, JSON alone on standard output, and a page."""

import json

import jsonschema
import pytest

from saecore.__main__ import main
from saecore.audit import work
from saecore.audit.commands import spelled_sae
from saecore.audit.schema import SCHEMA


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(work._Audit, "_meta", lambda self: None)


def test_lines_json_and_page(saved, directions, tmp_path, capsys):
    one, other = saved("one", directions(40, 0)), saved("other", directions(40, 0))
    page = tmp_path / "report.html"
    assert main(["audit", str(one), "--against", str(other), "--html", str(page)]) == 0
    said = capsys.readouterr()
    assert "shared (same partner): 1.00 [0.91, 1.00]   (null 0.0" in said.out
    assert "not measured: this needs a language model: give --model" in said.out
    assert "the report" in said.err
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert main(["audit", str(one), "--against", str(other), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, SCHEMA)
    assert found["against"][0]["name"] == "other"


def test_the_schema_is_printed(capsys):
    assert main(["audit", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out) == SCHEMA


def test_what_is_wrong_is_one_sentence(saved, directions, capsys):
    assert main(["audit"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    one, other = saved("one", directions(40, 0)), saved("two", directions(40, 0, 16))
    assert main(["audit", str(one), "--against", str(other)]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "give --against SAEs of the same site" in said


def test_a_release_and_an_id_may_be_said(tmp_path):
    assert spelled_sae("gpt2-small-res-jb:blocks.8.hook_resid_pre") == (
        "gpt2-small-res-jb", "blocks.8.hook_resid_pre",
    )  # fmt: skip
    assert spelled_sae(str(tmp_path)) == str(tmp_path)
    assert spelled_sae("./some:where") == "./some:where"

"""What can be said leads to the command of its name."""

import pytest

from saecore.__main__ import COMMANDS
from saecore.arguments import parser

WITH_MORE = ("run", "pack", "judge", "papers", "batch")
"""Commands that need to be told something."""


@pytest.mark.parametrize("name", [n for n in COMMANDS if n not in WITH_MORE])
def test_each_command_can_be_said(name):
    more = ["make", "plan.json", "saes-0123"] if name == "batch" else []
    assert parser(COMMANDS).parse_args([name, *more]).command is COMMANDS[name]


def test_a_page_is_asked_for_by_its_name():
    said = parser(COMMANDS).parse_args(["run", "absorption", "--world-seed", "7"])
    assert (said.page, said.world_seed, said.profile) == ("absorption", 7, "tiny")


def test_whole_runs_take_seeds_and_folders():
    said = parser(COMMANDS).parse_args(["full", "--seeds", "7", "8", "--models", "a b"])
    assert said.seeds == [7, 8]
    assert [str(folder) for folder in said.models] == ["a b"]
    assert parser(COMMANDS).parse_args(["full"]).seeds is None


def test_a_pack_is_written_to_a_file_and_taken_from_one_or_an_address():
    said = parser(COMMANDS).parse_args(["pack", "a b.safetensors", "--only", "editing"])
    assert said.command is COMMANDS["pack"]
    assert (str(said.file), said.only) == ("a b.safetensors", ["editing"])
    address = "https://example.org/x.safetensors#sha256=00"
    assert parser(COMMANDS).parse_args(["zoo", "--from", address]).pack == address
    assert parser(COMMANDS).parse_args(["zoo"]).pack is None


def test_a_judge_has_an_address_and_a_name_and_asks_before_it_sends():
    asked = ["judge", "--base-url", "http://localhost:1/v1", "--model", "small"]
    said = parser(COMMANDS).parse_args(asked)
    assert said.command is COMMANDS["judge"]
    assert (said.of, said.latents, said.yes, said.no_null) == (
        ["SAE"],
        20,
        False,
        False,
    )
    with pytest.raises(SystemExit):
        parser(COMMANDS).parse_args(asked[:3])


def test_an_audit_takes_an_sae_and_what_it_is_measured_with():
    asked = ["audit", "a b", "--against", "c", "release:id", "--model", "tiny"]
    said = parser(COMMANDS).parse_args([*asked, "--html", "r.html"])
    assert said.command is COMMANDS["audit"]
    assert (said.sae, said.against) == ("a b", ["c", "release:id"])
    assert (said.model, str(said.html), said.json) == ("tiny", "r.html", False)
    assert (said.text, said.hook, said.rows) == (None, "", 50_000)

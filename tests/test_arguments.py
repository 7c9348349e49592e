"""What can be said leads to the command of its name."""

import pytest

from saecore.__main__ import COMMANDS
from saecore.arguments import parser


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "run"])
def test_each_command_can_be_said(name):
    assert parser(COMMANDS).parse_args([name]).command is COMMANDS[name]


def test_a_page_is_asked_for_by_its_name():
    said = parser(COMMANDS).parse_args(["run", "absorption", "--world-seed", "7"])
    assert (said.page, said.world_seed, said.profile) == ("absorption", 7, "tiny")


def test_whole_runs_take_seeds_and_folders():
    said = parser(COMMANDS).parse_args(["full", "--seeds", "7", "8", "--models", "a b"])
    assert said.seeds == [7, 8]
    assert [str(folder) for folder in said.models] == ["a b"]
    assert parser(COMMANDS).parse_args(["full"]).seeds is None

"""Every example can be said as it stands."""

import shlex

import pytest

from saecore.__main__ import COMMANDS
from saecore.arguments import parser
from saecore.commands.examples import EXAMPLES, epilog


def test_every_command_has_examples():
    assert set(EXAMPLES) == set(COMMANDS)


LINES = [line for rows in EXAMPLES.values() for line, _ in rows if "--help" not in line]


@pytest.mark.parametrize("line", LINES)
def test_an_example_is_understood(line):
    program, *words = shlex.split(line)
    assert program == "saecore"
    assert parser(COMMANDS).parse_args(words).command is COMMANDS[words[0]]


def test_examples_stand_in_the_help(capsys):
    with pytest.raises(SystemExit):
        parser(COMMANDS).parse_args(["list", "--help"])
    assert epilog("list") in capsys.readouterr().out

import pytest

from saecore.__main__ import COMMANDS
from saecore.arguments import parser


def test_a_batch_has_three_acts_each_with_its_plan():
    asked = parser(COMMANDS).parse_args
    plan = asked(["batch", "plan", "plan.json", "--bundle", "5"])
    made = asked(["batch", "make", "plan.json", "one", "two"])
    assert (plan.act, plan.bundle, made.names) == ("plan", 5.0, ["one", "two"])
    assert made.file.name == "plan.json"


def test_a_judge_must_have_an_address_and_a_model(capsys):
    with pytest.raises(SystemExit):
        parser(COMMANDS).parse_args(["judge", "--model", "small"])
    assert "--base-url" in capsys.readouterr().err


def test_releases_are_asked_for_by_name_and_part():
    asked = parser(COMMANDS).parse_args(["papers", "gpt2", "--part", "widths"])
    assert (asked.name, asked.part, asked.dry_run) == ("gpt2", ["widths"], False)

"""Goals are read, held against stored numbers, and told in words."""

import pytest

from saecore.report.speed.goals import Goal, details, judge_goals, read_goals, summary

TOML = """
[[group]]
name = "a step"
goals = [
  { beside = "a peer", number = "training/a: peer", at_least = 10 },
  { beside = "memory", number = "memory/a", at_most = 2 },
]
[[group]]
name = "another"
goals = [{ beside = "a peer", number = "training/b: peer", at_least = 3 }]
"""


@pytest.fixture
def goals(tmp_path):
    (tmp_path / "goals.toml").write_text(TOML)
    return read_goals(tmp_path / "goals.toml")


def test_a_goal_is_read_with_its_group_and_its_bound(goals):
    assert goals[0] == Goal("a step", "a peer", "training/a: peer", 10.0, True)
    assert [one.asked for one in goals] == ["at least 10", "at most 2", "at least 3"]


@pytest.mark.parametrize(
    ("number", "value", "met"),
    [
        ("training/a: peer", 10.0, "met"),
        ("training/a: peer", 8.8, "missed by 12%"),
        ("memory/a", 2.0, "met"),
        ("memory/a", 0.1, "met"),
        ("memory/a", 2.5, "missed by 25%"),
        ("memory/b", 1.0, "not measured"),
    ],
)
def test_a_number_meets_its_bound_or_misses_it_by_a_share_of_it(
    goals, number, value, met
):
    goal = next((one for one in goals if one.number == number), goals[0])
    assert judge_goals([goal], {number: value})[0].met == met


def test_a_group_shows_the_number_that_is_furthest_from_its_goal(goals):
    found = judge_goals(goals, {"training/a: peer": 9.0, "memory/a": 4.0})
    first, second = summary(found)
    assert first["hardest of its numbers"] == "memory"
    assert (first["measured"], first["met"]) == (4.0, "missed by 100%")
    assert first["met in all"] == "0 of 2"
    assert (second["measured"], second["met"]) == (None, "not measured")
    assert [row["number"] for row in details(found)] == ["a peer", "memory", "a peer"]


@pytest.mark.parametrize("bounds", ["", "at_least = 1, at_most = 2, ", "at_most = 0, "])
def test_a_goal_without_one_bound_is_refused(tmp_path, bounds):
    line = f'goals = [{{ {bounds}beside = "b", number = "c/d" }}]'
    (tmp_path / "goals.toml").write_text(f'[[group]]\nname = "a"\n{line}\n')
    with pytest.raises(ValueError, match="one bound above 0"):
        read_goals(tmp_path / "goals.toml")


def test_the_goals_of_the_book_fit_into_an_unfolded_table_and_name_each_number_once():
    goals = read_goals()
    assert len({one.group for one in goals}) <= 12
    assert len({one.number for one in goals}) == len(goals)

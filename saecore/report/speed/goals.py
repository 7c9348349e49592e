"""Goals of speed and memory, and whether the stored figures meet them."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from saecore.report.paths import claims_file


class Goal(NamedTuple):
    """One number and its bound."""

    group: str
    """What it is about, such as a training step of one shape."""
    beside: str
    """With what it compares."""
    number: str
    """Where it is measured: `file/name`."""
    bound: float
    at_least: bool
    """Whether the number must reach the bound, or else stay below it."""

    @property
    def asked(self) -> str:
        """The bound in words."""
        return f"{'at least' if self.at_least else 'at most'} {self.bound:g}"


class Judged(NamedTuple):
    """A goal and what was measured."""

    goal: Goal
    value: float | None
    """None if it was not measured."""

    @property
    def reached(self) -> float | None:
        """The bound's share that is reached: 1 or more where the goal is met."""
        if self.value is None:
            return None
        goal = self.goal
        return self.value / goal.bound if goal.at_least else goal.bound / self.value

    @property
    def met(self) -> str:
        """ "met", "missed by so many percent of the bound" or "not measured"."""
        if self.value is None or self.reached is None:
            return "not measured"
        if self.reached >= 1:
            return "met"
        return f"missed by {abs(self.value / self.goal.bound - 1):.0%}"


def read_goals(path: Path | None = None) -> list[Goal]:
    """The goals of book/goals.toml. Raises ValueError for one without one bound."""
    text = (path or claims_file().with_name("goals.toml")).read_text(encoding="utf-8")
    return [
        _goal(group["name"], given)
        for group in tomllib.loads(text)["group"]
        for given in group["goals"]
    ]


def _goal(group: str, given: Mapping[str, Any]) -> Goal:
    bounds = [name for name in ("at_least", "at_most") if name in given]
    if len(bounds) != 1 or not given[bounds[0]] > 0:
        raise ValueError(
            "a goal must have one bound above 0, at_least or at_most, but "
            f"{given['number']!r} has {bounds}: give it one"
        )
    at_least = bounds[0] == "at_least"
    bound = float(given[bounds[0]])
    return Goal(group, given["beside"], given["number"], bound, at_least)


def judge_goals(goals: Iterable[Goal], numbers: Mapping[str, float]) -> list[Judged]:
    """Each goal with its number, where that was measured."""
    return [Judged(goal, numbers.get(goal.number)) for goal in goals]


def summary(found: Iterable[Judged]) -> list[dict[str, Any]]:
    """A row per group: the goal in it that is furthest from being met, or was not
    measured, and how many are met.
    """
    groups: dict[str, list[Judged]] = {}
    for one in found:
        groups.setdefault(one.goal.group, []).append(one)
    rows = []
    for group, members in groups.items():
        hardest = min(members, key=lambda one: one.reached or 0.0)
        met = sum(one.met == "met" for one in members)
        rows.append(
            {"goal": group, "hardest of its numbers": hardest.goal.beside}
            | _columns(hardest)
            | {"met in all": f"{met} of {len(members)}"}
        )
    return rows


def details(found: Iterable[Judged]) -> list[dict[str, Any]]:
    """A row per number."""
    return [
        {"goal": one.goal.group, "number": one.goal.beside} | _columns(one)
        for one in found
    ]


def _columns(one: Judged) -> dict[str, Any]:
    return {"asked": one.goal.asked, "measured": one.value, "met": one.met}

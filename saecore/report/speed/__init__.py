"""The measured speed of the code: figures of the benchmarks, goals, and pictures."""

from saecore.report.speed.goals import details, judge_goals, read_goals, summary
from saecore.report.speed.stored import Speed, read_speed

__all__ = ["Speed", "details", "judge_goals", "read_goals", "read_speed", "summary"]

"""Exercises that check themselves, and what a teacher needs: all of it made from the
pages and from book/teaching/<page>.toml.

A student's notebook needs one name:

checker     `check = checker(profile, world_seed)`, then `check("ex-threshold", 0.4)`
"""

from saecore.teaching.check import checker

__all__ = ["checker"]

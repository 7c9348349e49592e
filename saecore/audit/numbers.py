"""What an audit finds: numbers, each with its interval and its null, and what was not
measured, each with the reason.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from saecore.measures.algebra.intervals import Interval

SECTIONS = {
    "weights": "The weights",
    "shared": "Shared latents",
    "novel": "Novel latents and families",
    "meta": "Variance explained by a meta-SAE",
    "fidelity": "Fidelity",
    "rules": "Scores of rules",
    "letters": "First letters and absorption",
}
"""The sections of a report, in their order, and their titles."""


class Null(NamedTuple):
    """What chance gives for a number."""

    value: float
    name: str
    """What knows nothing: how it was made."""
    low: float | None = None
    """Lower end of its interval, where it has one."""
    high: float | None = None
    """Upper end."""


class AuditNumber(NamedTuple):
    """One number of an audit."""

    section: str
    """A key of `SECTIONS`."""
    name: str
    """What it is, in the published term."""
    of: str
    """Which SAEs it is about."""
    value: float
    low: float | None
    """Lower end of its interval; None for a count without one."""
    high: float | None
    """Upper end."""
    interval: str
    """Over what the interval is taken; "" without one."""
    null: Null | None
    """None for a number that chance says nothing about."""
    says: str
    """The quantity in words."""

    def as_json(self) -> dict[str, Any]:
        """The same for programs; what is not a number is null."""
        null = self.null
        return {
            **{name: getattr(self, name) for name in ("section", "name", "of")},
            "value": finite(self.value),
            "low": finite(self.low),
            "high": finite(self.high),
            "interval": self.interval,
            "null": finite(null.value) if null else None,
            "null_low": finite(null.low) if null else None,
            "null_high": finite(null.high) if null else None,
            "null_is": null.name if null else "",
            "says": self.says,
        }


class NotMeasured(NamedTuple):
    """A part that the given things do not allow, and why."""

    section: str
    """A key of `SECTIONS`."""
    why: str
    """One sentence: what is missing, and what would do."""


def number(
    section: str,
    name: str,
    of: str,
    found: Interval | float,
    *,
    over: str = "",
    null: Null | None = None,
    says: str,
) -> AuditNumber:
    """A number with its interval over something, or a count without one."""
    if isinstance(found, Interval):
        ends = (float(found.estimate), float(found.low), float(found.high))
        return AuditNumber(section, name, of, *ends, over, null, says)
    return AuditNumber(section, name, of, float(found), None, None, "", null, says)


def strongest_null(nulls: Sequence[Null]) -> Null:
    """The null that gives most: the one to be beaten. Raises ValueError for none."""
    known = [one for one in nulls if not math.isnan(one.value)]
    return max(known or list(nulls), key=lambda one: one.value)


def as_null(found: Interval, name: str) -> Null:
    """A null from a number with an interval."""
    return Null(found.estimate, name, found.low, found.high)


def finite(value: float | None) -> float | None:
    """A number that JSON knows; None for the others."""
    return float(value) if value is not None and math.isfinite(value) else None

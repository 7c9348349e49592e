"""A number with its interval, whoever made it, and its columns in a table.

>>> interval_columns(0.5)
{'share': 0.5}
>>> by_setting({("topk", 160): 0.5}, key=("architecture", "width"))
[{'architecture': 'TopK', 'width': 160, 'share': 0.5}]
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Protocol, SupportsFloat, runtime_checkable

from saecore.report.figures import NAMES


@runtime_checkable
class Ranged(Protocol):
    """Such as `saecore.measures.algebra.intervals.Interval`."""

    @property
    def estimate(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


Point = Ranged | SupportsFloat | None
"""What a table shows for a setting: an interval, a number, or a gap."""


def mean(values: Iterable[SupportsFloat]) -> float:
    """The mean of plain numbers, such as one per seed. Raises ValueError if none."""
    numbers = [float(value) for value in values]
    if not numbers:
        raise ValueError("a mean needs at least one number, got none: measure one")
    return sum(numbers) / len(numbers)


def interval_columns(
    point: Point, name: str = "share", prefix: str = ""
) -> dict[str, Any]:
    """`{name: estimate, "low": low, "high": high}` of an interval; `{name: number}`.

    `prefix` goes before all three names, for several intervals in one row:
    `prefix="control"` gives "control share", "control low" and "control high".
    """
    before = f"{prefix} " if prefix else ""
    if not isinstance(point, Ranged):
        return {f"{before}{name}": point}
    ends = {f"{before}low": point.low, f"{before}high": point.high}
    return {f"{before}{name}": point.estimate} | ends


def by_setting(
    settings: Mapping[Any, Point],
    *,
    key: str | tuple[str, ...] = "width",
    name: str = "share",
    **more: Mapping[Any, Point],
) -> list[dict[str, Any]]:
    """The rows of a table, one per setting: its key, its number and its interval.

    A tuple `key` names the columns of keys that are tuples of that length; an
    architecture is shown by its name in the book. `more` are further columns, by the
    same settings; an interval in one called `x` becomes `x`, "x low" and "x high".
    Raises ValueError if a key has another length or `more` lacks a setting.
    """
    rows = []
    for setting, point in settings.items():
        row = _place(setting, key) | interval_columns(point, name)
        for title, column in more.items():
            if setting not in column:
                raise ValueError(
                    f"column {title!r} must have a value for each of "
                    f"{list(settings)}, but {setting!r} is missing: None is a gap"
                )
            row |= _further(title, column[setting])
        rows.append(row)
    return rows


def _place(setting: Any, key: str | tuple[str, ...]) -> dict[str, Any]:
    names, parts = ((key,), (setting,)) if isinstance(key, str) else (key, setting)
    if not isinstance(parts, tuple) or len(parts) != len(names):
        raise ValueError(
            f"a setting must be a tuple of {names}, got {setting!r}: name its columns"
        )
    shown = [NAMES.get(part, part) if isinstance(part, str) else part for part in parts]
    return dict(zip(names, shown, strict=True))


def _further(title: str, point: Point) -> dict[str, Any]:
    if not isinstance(point, Ranged):
        return {title: point}
    ends = {f"{title} low": point.low, f"{title} high": point.high}
    return {title: point.estimate} | ends


def ends(point: Ranged) -> tuple[float, float] | None:
    """The ends of an interval; None if they are not numbers, as from one seed."""
    unknown = math.isnan(point.low) or math.isnan(point.high)
    return None if unknown else (point.low, point.high)

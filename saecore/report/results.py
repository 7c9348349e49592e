"""What a notebook states: each call shows one result to the reader, and stores it as a
number for the rerun.

>>> record("shared", 0.42, rtol=0.02, interval=(0.40, 0.44))  # doctest: +SKIP
>>> rows = [{"width": 160, "shared": 0.8}, {"width": 640, "shared": 0.5}]
>>> table("by_width", rows)  # doctest: +SKIP

A recorded number is glued into prose with
{glue:text}`notebooks/seed_dependence.ipynb::shared:.2f`.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, SupportsFloat

from saecore.report.digits import Scalar
from saecore.report.rendering import FACES, HIDDEN, RESULT, TABLE

if TYPE_CHECKING:
    from saecore.report.ranged import Ranged

LARGE_PART, SMALL = 0.045, 0.01
"""An absolute tolerance is at most this part of a result's largest number, or this."""
SOLVED: dict[str, dict[str, Any]] = {}
"""Solutions of exercises that this process has recorded, by label, as they are
stored.
"""
_page: dict[str, float] = {}
"""The tolerances that this process's page has set for all of its results."""


def tolerance(*, rtol: float | None = None, atol: float | None = None) -> None:
    """Set how far a rerun of this page's results may drift where a call does not say.

    It holds for record, table, figure and conclude, until the next call; what is not
    given goes back to the default of each function. Raises ValueError if negative.
    """
    given = {"rtol": rtol, "atol": atol}
    kept = {name: float(value) for name, value in given.items() if value is not None}
    if wrong := {name: value for name, value in kept.items() if not value >= 0}:
        raise ValueError(
            f"a tolerance must be zero or more, got {wrong}: give its size"
        )
    _page.clear()
    _page.update(kept)


def page_tolerance(
    *,
    rtol: tuple[float | None, float],
    atol: tuple[float | None, float],
) -> dict[str, float]:
    """The tolerances of one result: each as given, else the page's, else a default.

    Each argument is a pair of what the call says, or None, and the default.
    """
    return {
        name: float(_page.get(name, default) if given is None else given)
        for name, (given, default) in (("rtol", rtol), ("atol", atol))
    }


def record(
    name: str,
    value: "SupportsFloat | Ranged | tuple[float, float, float]",
    *,
    rtol: float | None = None,
    atol: float | None = None,
    unit: str = "",
    paper: SupportsFloat | None = None,
    interval: tuple[SupportsFloat, SupportsFloat] | None = None,
    mistakes: Mapping[str, SupportsFloat] | None = None,
) -> None:
    """State one number.

    `rtol` and `atol` say how far a rerun may drift before the check of the book fails
    (0.001 and 0, unless `tolerance` says otherwise); `interval` is the interval over
    seeds, which a `value` with estimate, low and high, or of these three numbers,
    brings itself; `paper` is the number the paper gives for the same quantity. With
    `mistakes` the number solves the exercise whose label is its name: each says in
    words what a usual wrong answer is, and has the number that this run gives for it.
    Raises ValueError if a number is not finite: a page cannot state it.
    """
    value, interval = _with_interval(value, interval)
    twin: dict[str, Any] = {"name": name, "value": _finite(name, value)}
    twin |= {"low": None, "high": None}
    for end, number in zip(("low", "high"), interval or (), strict=False):
        twin[end] = _finite(f"{name}.{end}", number)
    twin |= page_tolerance(rtol=(rtol, 1e-3), atol=(atol, 0.0))
    twin |= {"unit": unit, "paper": None if paper is None else float(paper)}
    if mistakes is not None:
        twin["mistakes"] = [[what, _finite(what, x)] for what, x in mistakes.items()]
        SOLVED[name] = twin
    show(RESULT, twin)


def settings(**names: Any) -> None:
    """Glue settings (numbers or words) into prose, and show nothing.

    They are stored like results, each under its name, and a rerun must meet them
    exactly. Prose names a format, as always: {glue:text}`page.ipynb::width:d`, and `:s`
    for a word. Raises ValueError if one is neither a finite number nor a word.
    """
    for name, value in names.items():
        twin = {"name": name, "value": _setting(name, value), "low": None, "high": None}
        twin |= {"rtol": 0.0, "atol": 0.0, "unit": "", "paper": None}
        show(RESULT, twin, hidden=True)


def table(
    name: str,
    rows: Iterable[Mapping[str, Any]] | Mapping[str, Iterable[Any]] | Any,
    *,
    rtol: float | Mapping[str, float] | None = None,
    atol: float | None = None,
    caption: str = "",
) -> None:
    """Show a table of numbers and words; a long one is folded.

    `rows` is a list of dicts, a dict of columns, or a pandas DataFrame. A rerun is
    compared cell by cell with `rtol` and `atol` (0.001 and 1e-9, unless `tolerance`
    says otherwise); `rtol` may name a tolerance per column. Raises ValueError if the
    columns are of different length.
    """
    columns = columns_of(rows)
    twin = {"name": name, "caption": caption} | cell_tolerance(rtol, atol, columns)
    show(TABLE, twin | {"columns": column_pairs(columns)})


def fair_atol(twin: Mapping[str, Any]) -> float:
    """The absolute tolerance of a result, but not much beside its largest number: a
    tolerance that a page sets for all of its results may be too wide for a small one.
    """
    stated = (twin.get(name) for name in ("value", "columns", "numbers"))
    largest = max(_sizes(list(stated)), default=0.0)
    return min(twin["atol"], max(LARGE_PART * largest, SMALL))


def _sizes(value: Any) -> Iterator[float]:
    """Absolute values of the numbers in nested lists and mappings."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _sizes(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield abs(value)


def cell_tolerance(
    rtol: float | Mapping[str, float] | None, atol: float | None, columns: Iterable[str]
) -> dict[str, Any]:
    """The tolerances of a table or figure; per column if `rtol` names some of them."""
    named = rtol if isinstance(rtol, Mapping) else None
    given = None if isinstance(rtol, Mapping) else rtol
    found: dict[str, Any] = dict(page_tolerance(rtol=(given, 1e-3), atol=(atol, 1e-9)))
    if named is not None:
        found["rtol"] = {name: named.get(name, found["rtol"]) for name in columns}
    return found


def columns_of(rows: Any) -> dict[str, list[Scalar]]:
    """A dict of plain columns from a list of dicts, a dict of columns, or a pandas
    DataFrame.

    A key that a row lacks becomes a gap (None), and so does a number that is not
    finite.
    """
    if hasattr(rows, "to_dict") and hasattr(rows, "columns"):
        rows = rows.to_dict("list")
    if not isinstance(rows, Mapping):
        rows = list(rows)
        names = dict.fromkeys(key for row in rows for key in row)
        rows = {name: [row.get(name) for row in rows] for name in names}
    columns = {
        str(name): [plain_value(value) for value in _items(column)]
        for name, column in rows.items()
    }
    if len({len(column) for column in columns.values()}) > 1:
        lengths = {name: len(column) for name, column in columns.items()}
        raise ValueError(
            f"the columns of a table must be of one length, but they are {lengths}: "
            "pad or drop some"
        )
    return columns


def column_pairs(columns: dict[str, list[Scalar]]) -> list[list[Any]]:
    """Columns as they are stored, in their order."""
    return [[name, values] for name, values in columns.items()]


def _items(column: Any) -> list[Any]:
    return column.tolist() if hasattr(column, "tolist") else list(column)


def plain_value(value: Any) -> Scalar:
    """A number, a word or a gap that JSON can hold; arrays of one element count as
    numbers.
    """
    if hasattr(value, "item"):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    return float(value) if math.isfinite(value) else None


def _finite(name: str, value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(
            f"a recorded number must be finite, but {name} is {number}: say in words "
            "why there is none"
        )
    return number


def _with_interval(value: Any, interval: Any) -> tuple[Any, Any]:
    """An estimate with its ends: as given, or those that the value brings itself."""
    from saecore.report.ranged import Ranged, ends

    if isinstance(value, tuple) and not isinstance(value, Ranged):
        return value[0], interval or value[1:]
    if not isinstance(value, Ranged):
        return value, interval
    return value.estimate, interval or ends(value)


def _setting(name: str, value: Any) -> Scalar:
    found = (
        plain_value(value)
        if isinstance(value, str) or hasattr(value, "__float__")
        else None
    )
    if found is None:
        raise ValueError(
            f"a setting must be a finite number or a word, but {name} is {value!r}: "
            "glue its parts one by one"
        )
    return found


def show(
    mime: str,
    twin: dict[str, Any],
    extra: dict[str, str] | None = None,
    *,
    hidden: bool = False,
) -> None:
    """Display a JSON twin with its faces, or glue it alone if `hidden`.

    `scrapbook` is the name under which MyST-NB glues it, and the prefix by which it
    knows an output that the page does not show.
    """
    from IPython.display import display

    twin["atol"] = fair_atol(twin)
    name = twin.get("name") or f"{twin['claim']}-{twin['profile']}"
    prefix = HIDDEN if hidden else ""
    data = {mime: twin, **(extra or {}), **FACES[mime](twin)}
    data = {f"{prefix}{key}": value for key, value in data.items()}
    metadata = {"scrapbook": {"name": name, "mime_prefix": prefix}}
    display(data, raw=True, metadata=metadata)

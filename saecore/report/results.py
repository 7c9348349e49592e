"""What a notebook states: each call shows one result to the reader, and stores it as a number for the rerun.

>>> record("shared", 0.42, rtol=0.02, interval=(0.40, 0.44), paper=0.42)     # doctest: +SKIP
>>> table("by_width", [{"width": 160, "shared": 0.8}, {"width": 640, "shared": 0.5}])  # doctest: +SKIP

A recorded number is glued into prose with {glue:text}`notebooks/seed_dependence.ipynb::shared:.2f`.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, SupportsFloat

from saecore.report.faces import FACES, RESULT, TABLE, Scalar


def record(
    name: str,
    value: SupportsFloat,
    *,
    rtol: float = 1e-3,
    atol: float = 0.0,
    unit: str = "",
    paper: SupportsFloat | None = None,
    interval: tuple[SupportsFloat, SupportsFloat] | None = None,
) -> None:
    """State one number.

    `rtol` and `atol` say how far a rerun may drift before the check of the book fails; `interval` is the
    interval over seeds, `paper` the number the paper gives for the same quantity. Raises ValueError if a
    number is not finite: a page cannot state it.
    """
    twin: dict[str, Any] = {"name": name, "value": _finite(name, value), "low": None, "high": None}
    for end, number in zip(("low", "high"), interval or (), strict=False):
        twin[end] = _finite(f"{name}.{end}", number)
    twin |= {
        "rtol": float(rtol),
        "atol": float(atol),
        "unit": unit,
        "paper": None if paper is None else float(paper),
    }
    show(RESULT, twin)


def table(
    name: str,
    rows: Iterable[Mapping[str, Any]] | Mapping[str, Iterable[Any]] | Any,
    *,
    rtol: float | dict[str, float] = 1e-3,
    atol: float = 1e-9,
    caption: str = "",
) -> None:
    """Show a table of numbers and words, compared cell by cell with `rtol` and `atol` on a rerun.

    `rows` is a list of dicts, a dict of columns, or a pandas DataFrame; `rtol` may name a tolerance per
    column (0.001 for those it does not name). Raises ValueError if the columns are of different length.
    """
    show(
        TABLE,
        {"name": name, "caption": caption, "rtol": rtol, "atol": atol, "columns": pairs(columns_of(rows))},
    )


def columns_of(rows: Any) -> dict[str, list[Scalar]]:
    """A dict of plain columns from a list of dicts, a dict of columns, or a pandas DataFrame.

    A key that a row lacks becomes a gap (None), and so does a number that is not finite.
    """
    if hasattr(rows, "to_dict") and hasattr(rows, "columns"):
        rows = rows.to_dict("list")
    if not isinstance(rows, Mapping):
        rows = list(rows)
        names = dict.fromkeys(key for row in rows for key in row)
        rows = {name: [row.get(name) for row in rows] for name in names}
    columns = {str(name): [plain(value) for value in _items(column)] for name, column in rows.items()}
    if len({len(column) for column in columns.values()}) > 1:
        lengths = {name: len(column) for name, column in columns.items()}
        raise ValueError(
            f"the columns of a table must be of one length, but they are {lengths}: pad or drop some"
        )
    return columns


def pairs(columns: dict[str, list[Scalar]]) -> list[list[Any]]:
    """Columns as they are stored, in their order."""
    return [[name, values] for name, values in columns.items()]


def _items(column: Any) -> list[Any]:
    return column.tolist() if hasattr(column, "tolist") else list(column)


def plain(value: Any) -> Scalar:
    """A number, a word or a gap that JSON can hold; arrays of one element count as numbers."""
    if hasattr(value, "item"):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    return float(value) if math.isfinite(value) else None


def _finite(name: str, value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(
            f"a recorded number must be finite, but {name} is {number}: say in words why there is none"
        )
    return number


def show(mime: str, twin: dict[str, Any], extra: dict[str, str] | None = None) -> None:
    """Display a JSON twin with its faces; `scrapbook` is the name under which MyST-NB glues it."""
    from IPython.display import display

    name = twin.get("name") or f"{twin['claim']}-{twin['profile']}"
    data = {mime: twin, **(extra or {}), **FACES[mime](twin)}
    display(data, raw=True, metadata={"scrapbook": {"name": name, "mime_prefix": ""}})

"""Numbers that a page has stored: of a recorded result, or of a row of a table."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from saecore.report.rendering import RESULT, TABLE


def stored_number(pages: Path, where: Mapping[str, Any]) -> list[float] | None:
    """Value, or value and ends of the interval, of what `where` names: a `page`, and a
    `result`, or a `table` with a `row` (of its first column) and `columns`.

    None if the page was not run, or does not have it.
    """
    path = pages / f"{where['page']}.ipynb"
    if not path.is_file():
        return None
    kind, name = (RESULT, "result") if "result" in where else (TABLE, "table")
    for twin in _twins(json.loads(path.read_text(encoding="utf-8")), kind):
        if twin["name"] == where[name]:
            return _result(twin) if kind == RESULT else _row(twin, where)
    return None


def _twins(notebook: dict[str, Any], mime: str) -> Iterator[dict[str, Any]]:
    for cell in notebook.get("cells", []):
        for output in cell.get("outputs", []):
            if mime in output.get("data", {}):
                yield output["data"][mime]


def _result(twin: Mapping[str, Any]) -> list[float]:
    ends = [twin.get("low"), twin.get("high")]
    return [twin["value"], *(end for end in ends if end is not None)]


def _row(twin: Mapping[str, Any], where: Mapping[str, Any]) -> list[float] | None:
    columns = dict(twin["columns"])
    names = next(iter(columns.values()))
    if where["row"] not in names or not set(where["columns"]) <= columns.keys():
        return None
    place = names.index(where["row"])
    return [columns[name][place] for name in where["columns"]]

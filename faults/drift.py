"""Planted drift: every number that a committed page stores is moved by a stated part,
and the comparison of reruns has to see it.

Numbers that are compared one by one, with a tolerance, are moved together in a result:
each gives a line of its own. A test shows that this finds what single moves find. All
other numbers are moved one at a time.
"""

import copy
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from saecore.book import notebooks
from saecore.book.compare import (
    ATOL,
    MEASURED,
    NUMBER,
    RTOL,
    Output,
    differences,
    is_number,
    joined_text,
    text_tolerance,
    twin_mime,
    unglued,
)

MOVED_BY = 0.05
"""Part of itself by which a number is moved."""
LARGEST = 0.045
"""A tolerance above this part of a number is one that a page should not have."""


class Number(NamedTuple):
    """A number of a page, and what the comparison said when it was moved."""

    result: str
    """The name of the result, or what stands before the number in a text."""
    where: str
    """Its place in the result."""
    value: float
    caught: bool
    tolerance: float = 0.0
    """Part of itself by which it may move; 0 where it must be met exactly."""
    why: str = ""
    """What makes the tolerance."""


def run(pages: Path) -> dict[str, Any]:
    """Move every number of every notebook in a folder; the counts, and the numbers
    whose move was not seen, by result.
    """
    found = {page.stem: numbers_of_page(page) for page in sorted(pages.glob("*.ipynb"))}
    every = [one for numbers in found.values() for one in numbers]
    moved = [one for one in every if one.value]
    missed = [one for one in moved if not one.caught]
    return {
        "moved_by": MOVED_BY,
        "numbers": len(moved),
        "caught": len(moved) - len(missed),
        "zeros": len(every) - len(moved),
        "unexplained": sum(one.tolerance < MOVED_BY for one in missed),
        "why": dict(Counter(one.why for one in missed).most_common()),
        "rows": [row_of_page(page, numbers) for page, numbers in found.items()],
        "not_caught": [
            one for page, numbers in found.items() for one in missed_of(page, numbers)
        ],
    }


def row_of_page(page: str, numbers: list[Number]) -> dict[str, Any]:
    """The counts of one page."""
    moved = [one for one in numbers if one.value]
    caught = sum(one.caught for one in moved)
    return {"page": page, "numbers": len(moved), "caught": caught}


def missed_of(page: str, numbers: list[Number]) -> Iterator[dict[str, Any]]:
    """The numbers of a page that were moved and not caught: a line per result and
    reason, with the smallest and the largest part by which they may move.
    """
    missed = [one for one in numbers if one.value and not one.caught]
    for result, why in dict.fromkeys((one.result, one.why) for one in missed):
        some = [one for one in missed if (one.result, one.why) == (result, why)]
        parts = [one.tolerance for one in some]
        yield {
            "page": page,
            "result": result,
            "why": why,
            "numbers": len(some),
            "tolerance": [round(min(parts), 3), round(max(parts), 3)],
            "where": " ".join(one.where.split(".", 1)[-1] for one in some),
        }


def numbers_of_page(page: Path) -> list[Number]:
    """All numbers in the outputs of a notebook, each moved."""
    cells = [c for c in notebooks.read(page).cells if c.cell_type == "code"]
    return [
        one
        for cell in cells
        for output in map(unglued, cell.outputs)
        for one in _of_output(output, *text_tolerance(cell, RTOL, ATOL))
    ]


def _of_output(output: Output, rtol: float, atol: float) -> Iterator[Number]:
    if mime := twin_mime(output):
        yield from _measured(output, mime)
        yield from _exact(output, mime)
    else:
        yield from _printed(output, rtol, atol)


def _measured(output: Output, mime: str) -> Iterator[Number]:
    """Numbers with a tolerance, moved together; each is one line of the comparison."""
    twin = output["data"][mime]
    title = title_of(twin)
    leaves = [leaf for key in MEASURED[mime] for leaf in measured_leaves(key, twin)]
    largest = max((abs(value) for _, _, value, _ in leaves), default=0.0)
    moved = copy.deepcopy(twin)
    for path, _, value, _ in leaves:
        put(moved, path, value * (1 + MOVED_BY))
    seen = {line.split(": stored ", 1)[0] for line in lines_of(output, mime, moved)}
    for _, where, value, rtol in leaves:
        caught = f"{title}.{where}" in seen
        if not value:
            yield Number(title, where, value, caught)
            continue
        part = max(rtol, twin["atol"] / abs(value))
        why = "" if caught else reason(rtol, twin["atol"], largest)
        yield Number(title, where, value, caught, part, why)


def title_of(twin: Mapping[str, Any]) -> str:
    """The name of a result, or its claim's."""
    return str(twin.get("name") or twin.get("claim"))


def reason(rtol: float, atol: float, largest: float) -> str:
    """What makes a tolerance wide."""
    if rtol > LARGEST:
        return f"relative tolerance above {LARGEST:.1%}"
    if atol > LARGEST * largest:
        return f"absolute tolerance above {LARGEST:.1%} of the result's largest number"
    return "absolute tolerance of a number that is small in its result"


def measured_leaves(
    key: str, twin: Mapping[str, Any]
) -> Iterator[tuple[tuple[Any, ...], str, float, float]]:
    """Path, name in the comparison, value and relative tolerance of each number."""
    rtol = twin["rtol"]
    if key != "columns":
        for path, place, value in leaves_of(twin.get(key)):
            yield (key, *path), f"{key}{place}", value, rtol
        return
    for index, (name, column) in enumerate(twin[key]):
        own = rtol.get(name, 1e-3) if isinstance(rtol, Mapping) else rtol
        for path, place, value in leaves_of(column):
            yield (key, index, 1, *path), f"columns.{name}{place}", value, own


def leaves_of(value: Any) -> Iterator[tuple[tuple[Any, ...], str, float]]:
    """Path, written path and value of all numbers in nested lists and mappings."""
    if is_number(value):
        yield (), "", value
        return
    pairs, written = iter(()), "[{}]"
    if isinstance(value, Mapping):
        pairs, written = iter(value.items()), ".{}"
    elif isinstance(value, list):
        pairs = iter(enumerate(value))
    for key, one in pairs:
        for path, place, number in leaves_of(one):
            yield (key, *path), written.format(key) + place, number


def put(place: Any, path: tuple[Any, ...], value: float | str) -> None:
    """Set a number, or a text, in nested lists and mappings."""
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value


def lines_of(output: Output, mime: str, moved: Any) -> list[str]:
    """What the comparison says of a result with another twin, for a page whose SAEs are
    the same.
    """
    rerun = {**output, "data": {**output["data"], mime: moved}}
    return differences([output], [rerun], rtol=RTOL, atol=ATOL)


def _exact(output: Output, mime: str) -> Iterator[Number]:
    """Numbers that a rerun must meet, such as a paper's: moved one at a time."""
    twin = output["data"][mime]
    rest = {key: value for key, value in twin.items() if key not in MEASURED[mime]}
    for path, place, value in leaves_of(rest):
        moved = copy.deepcopy(twin)
        put(moved, path, value * (1 + MOVED_BY))
        caught = bool(value) and bool(lines_of(output, mime, moved))
        yield Number(title_of(twin), place.removeprefix("."), value, caught)


def _printed(output: Output, rtol: float, atol: float) -> Iterator[Number]:
    """Numbers in a text, moved one at a time."""
    texts: dict[tuple[str, ...], Any] = {("text",): output.get("text", "")}
    for mime, text in output.get("data", {}).items():
        if mime.startswith("text/"):
            texts["data", mime] = text
    for path, lines in texts.items():
        text = joined_text(lines)
        for match in NUMBER.finditer(text):
            value = float(match.group())
            if not math.isfinite(value):
                continue
            moved = copy.deepcopy(dict(output))
            put(moved, path, with_number(text, match, value * (1 + MOVED_BY)))
            caught = bool(differences([output], [moved], rtol=rtol, atol=atol))
            line = " ".join(text[max(0, match.start() - 30) : match.end()].split())
            part = max(rtol, atol / abs(value)) if value else 0.0
            why = "" if caught else reason(rtol, atol, 0.0)
            yield Number(line, path[-1], value, caught, part, why)


def with_number(text: str, match: re.Match[str], value: float) -> str:
    """A text with another number in the place of one."""
    return f"{text[: match.start()]}{value!r}{text[match.end() :]}"

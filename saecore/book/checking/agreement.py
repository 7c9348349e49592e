"""Does a page that was run here agree with the committed one? Counted by the numbers
that it shows, each with the tolerance that `make test` gives it.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from saecore.book import notebooks
from saecore.book.compare import (
    ATOL,
    MEASURED,
    NUMBER,
    RTOL,
    NumberOff,
    Output,
    differences,
    is_number,
    joined_text,
    text_tolerance,
    twin_mime,
    unglued,
)


class PageAgreement(NamedTuple):
    """A rerun beside the committed page."""

    numbers: int
    """Numbers on the committed page."""
    agreeing: int
    """Those that the rerun met."""
    off: list[str]
    """A line per number that it did not meet, and per cell that shows other things."""


def page_agreement(committed: Path, rerun: Path) -> PageAgreement:
    """Two pages of the same source, compared cell by cell.

    No number of a cell counts as met that shows other words or other things than the
    committed one.
    """
    old, new = (_cells(path) for path in (committed, rerun))
    if [cell.source for cell in old] != [cell.source for cell in new]:
        lines = [f"{committed.name} was made from another source: run `make pages`"]
        return PageAgreement(sum(map(_count, old)), 0, lines)
    found = [_of_cell(a, b) for a, b in zip(old, new, strict=True)]
    off = [line for one in found for line in one.off]
    numbers, agreeing = (
        sum(one.numbers for one in found),
        sum(one.agreeing for one in found),
    )
    return PageAgreement(numbers, agreeing, off)


def agreement_lines(found: PageAgreement) -> list[str]:
    """`41 of 43 numbers agree with the committed page`, then what does not."""
    head = (
        f"{found.agreeing:,} of {found.numbers:,} numbers agree with the committed page"
    )
    if not found.off:
        return [head]
    return [f"{head}; these do not:", *(f"   {line}" for line in found.off)]


def _of_cell(old: Any, new: Any) -> PageAgreement:
    rtol, atol = text_tolerance(old, RTOL, ATOL)
    outputs = (list(_joined(cell.outputs)) for cell in (old, new))
    off = differences(*outputs, rtol=rtol, atol=atol)
    number = _count(old)
    only_numbers = all(isinstance(line, NumberOff) for line in off)
    return PageAgreement(number, number - len(off) if only_numbers else 0, off)


def _cells(page: Path) -> list[Any]:
    return [c for c in notebooks.read(page).cells if c.cell_type == "code"]


def _count(cell: Any) -> int:
    return sum(map(numbers_in, cell.outputs))


def _joined(outputs: Sequence[Output]) -> Iterator[Output]:
    """Outputs with what was printed in a row as one, however it came."""
    streams: dict[str, list[str]] = {}
    for output in outputs:
        if output["output_type"] == "stream":
            streams.setdefault(output["name"], []).append(joined_text(output["text"]))
        else:
            yield output
    for name, texts in streams.items():
        yield {"output_type": "stream", "name": name, "text": "".join(texts)}


def numbers_in(output: Output) -> int:
    """How many numbers of an output `differences` compares: those that were measured,
    or those of a text.
    """
    output = unglued(output)
    data = output.get("data", {})
    if mime := twin_mime(output):
        twin = data[mime]
        return sum(_leaves(twin[key]) for key in MEASURED[mime] if key in twin)
    texts = [output.get("text", "")]
    texts += [text for name, text in data.items() if name.startswith("text/")]
    return sum(len(NUMBER.findall(joined_text(text))) for text in texts)


def _leaves(value: Any) -> int:
    """Numbers in nested lists and mappings."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return sum(map(_leaves, value))
    return int(is_number(value))

"""What two runs of a cell must share whose SAEs are not the same ones: what is shown,
intervals that meet, and no claim with the opposite verdict.

Numbers without an interval, the data of tables and figures and the sentences that a
number chooses belong to the SAEs at hand; they are not compared.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from saecore.book.compare import (
    NumberOff,
    Output,
    is_number,
    lines_by_output,
    twin_mime,
)
from saecore.report.rendering import RESULT, TABLE, VERDICT

OPPOSED = {"holds", "does not hold"}


def statistical_differences(
    stored: Sequence[Output], rerun: Sequence[Output]
) -> list[str]:
    """What differs between the outputs of one cell beyond what other SAEs explain."""
    return lines_by_output(stored, rerun, _of_output)


def _of_output(before: Output, after: Output) -> Iterator[str]:
    if mime := twin_mime(before):
        yield from _twins(mime, before["data"][mime], after["data"][mime])


def _twins(mime: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    title = str(old.get("name") or old.get("claim"))
    if mime == RESULT:
        before, after = (
            [one[key] for key in ("value", "low", "high")] for one in (old, new)
        )
        yield from _met(title, before, after, old["atol"])
    elif mime == VERDICT:
        for name in old["numbers"].keys() & new["numbers"].keys():
            before, after = old["numbers"][name], new["numbers"][name]
            yield from _met(f"{title}.{name}", before, after, old["atol"])
        if {old["verdict"], new["verdict"]} == OPPOSED:
            yield f"{title}: stored {old['verdict']!r}, rerun {new['verdict']!r}"
    elif mime == TABLE:
        names = [[name for name, _ in one["columns"]] for one in (old, new)]
        if names[0] != names[1]:
            yield f"{title}: columns stored {names[0]}, rerun {names[1]}"


def _met(
    title: str, old: Sequence[Any], new: Sequence[Any], atol: float
) -> Iterator[str]:
    """Nothing if two intervals meet, or miss each other by less than half of the
    wider; a number without an interval is not compared.
    """
    if not all(is_number(one) for one in (*old, *new)):
        return
    gap = max(old[1], new[1]) - min(old[2], new[2])
    wider = max(old[2] - old[1], new[2] - new[1])
    if gap > max(wider / 2, atol):
        yield NumberOff(
            f"{title}: stored {old[0]:.6g} [{old[1]:.6g}, {old[2]:.6g}], rerun "
            f"{new[0]:.6g} [{new[1]:.6g}, {new[2]:.6g}]: the intervals are apart"
        )

"""Is a rerun the same result? The comparison of stored and new outputs of one cell, in
sentences.

Three rules. A result (`record`, `table`, `figure`, `conclude`) is compared by its JSON
twin: words and constants exactly, measured numbers with the tolerance that was stated
with them; and its stored faces must be those of its stored twin. Any other text is
split into words and numbers: words must be equal, numbers close. Pixels are not
compared.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeGuard

from saecore.book.checking.slider_steps import within_a_step
from saecore.book.notebooks import page_options
from saecore.report import rendering
from saecore.report.rendering import FACES, FIGURE, HIDDEN, RESULT

NUMBER = re.compile(
    r"(?<![\w.])[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?(?![\w.]*\w)|(?<!\w)[-+]?(?:inf|nan)(?!\w)"
)
MEASURED = {
    RESULT: ("value", "low", "high", "mistakes"),
    **dict.fromkeys((rendering.TABLE, FIGURE, rendering.SLIDER), ("columns",)),
    **dict.fromkeys((rendering.VERDICT, rendering.TOLD), ("numbers",)),
}
"""Where the twin of a result holds measured numbers."""
PIXELS = ("image/png", "image/jpeg")
RTOL, ATOL = 1e-3, 1e-9
"""Tolerances of printed text, unless the command line or a tag says otherwise."""
LAST_PLACE = 0.02
"""A printed number may differ by one unit of its last place, if that is at most this
part of the number.
"""
MOVES = 0.02
"""Part by which an absolute tolerance may move that was made of its number."""

Output = Mapping[str, Any]


class NumberOff(str):
    """A line about one number that is off; other lines are about words or what a cell
    shows.
    """


def differences(
    stored: Sequence[Output], rerun: Sequence[Output], *, rtol: float, atol: float
) -> list[str]:
    """What differs between the outputs of one cell, a line per number; empty if nothing
    does.

    `rtol` and `atol` hold for printed text; a result carries its own.
    """
    return lines_by_output(stored, rerun, partial(_of_output, rtol, atol))


def _of_output(rtol: float, atol: float, old: Output, new: Output) -> Iterable[str]:
    if mime := twin_mime(old):
        return _twins(mime, old["data"], new["data"])
    return _texts(old, new, rtol, atol)


def lines_by_output(
    stored: Sequence[Output],
    rerun: Sequence[Output],
    differ: Callable[[Output, Output], Iterable[str]],
) -> list[str]:
    """What `differ` says of each output of a cell, or that they show other things."""
    stored, rerun = ([unglued(output) for output in side] for side in (stored, rerun))
    old, new = [kind(output) for output in stored], [kind(output) for output in rerun]
    if old != new:
        before, after = old or "nothing", new or "nothing"
        return [f"the cell stored {before}, the rerun gave {after}"]
    return [line for pair in zip(stored, rerun, strict=True) for line in differ(*pair)]


def text_tolerance(
    cell: Mapping[str, Any], rtol: float, atol: float
) -> tuple[float, float]:
    """The tolerances of a cell's printed text: of its tag (`rtol=0.02`), else these."""
    for tag in cell["metadata"].get("tags", []):
        if tag.startswith("rtol="):
            return float(tag[5:]), 0.0
    return rtol, atol


def unglued(output: Output) -> Output:
    """An output whose formats have lost the prefix that hides them from the page.

    A setting (`report.settings`) is stored under it, and compared like any result.
    """
    data = output.get("data", {})
    if not any(mime.startswith(HIDDEN) for mime in data):
        return output
    return {**output, "data": {mime.removeprefix(HIDDEN): data[mime] for mime in data}}


def kind(output: Output) -> str:
    """What an output is, in words: `stdout`, `error ValueError`, `table by_width`, or
    its formats.
    """
    if output["output_type"] == "stream":
        return str(output["name"])
    if output["output_type"] == "error":
        return f"error {output['ename']}"
    mime = twin_mime(output)
    return (
        f"{mime.split('.')[-1].split('+')[0]} {_title(output['data'][mime])}"
        if mime
        else ", ".join(sorted(output["data"]))
    )


def twin_mime(output: Output) -> str | None:
    """The format of an output's JSON twin, if it is a result."""
    return next((mime for mime in FACES if mime in output.get("data", {})), None)


def _title(twin: Mapping[str, Any]) -> str:
    return str(twin.get("name") or twin.get("claim"))


def _twins(mime: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Differences of two results of the same name, then of the stored result from its
    own faces.
    """
    before, after, title = old[mime], new[mime], _title(old[mime])
    for key in {**before, **after}:
        if key not in before or key not in after:
            yield f"{title}: {key} is {'only stored' if key in before else 'new'}"
        elif key in MEASURED[mime]:
            old_, new_ = (
                dict(twin[key]) if key == "columns" else twin[key]
                for twin in (before, after)
            )
            yield from close_values(
                f"{title}.{key}", old_, new_, before["rtol"], before["atol"]
            )
        elif not _same(key, before, after):
            yield f"{title}: {key} stored {before[key]!r}, rerun {after[key]!r}"
    try:
        faces = FACES[mime](before)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        yield f"{title}: the stored {mime} cannot be shown ({error!r})"
        return
    for face, text in faces.items():
        if joined_text(old.get(face, "")) != text:
            yield (
                f"{title}: the stored {face} does not show the stored number: run "
                "`make pages`"
            )


def _same(key: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether what is no measured number is the same, or may move with those."""
    if key == "verdicts":
        return within_a_step(before, after)
    old, new = before[key], after[key]
    if key == "atol" and isinstance(old, float):
        return isinstance(new, float) and math.isclose(old, new, rel_tol=MOVES)
    return old == new


def joined_text(text: str | list[str]) -> str:
    """A text of a notebook, which may be stored as a list of lines."""
    return text if isinstance(text, str) else "".join(text)


def close_values(
    place: str, old: Any, new: Any, rtol: float | Mapping[str, float], atol: float
) -> Iterator[str]:
    """Differences of nested numbers, each named by its `place`; `rtol` may say its
    number per column.
    """
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        if set(old) != set(new):
            yield f"{place}: stored {sorted(old)}, rerun {sorted(new)}"
            return
        for key in old:
            own = rtol.get(key, 1e-3) if isinstance(rtol, Mapping) else rtol
            yield from close_values(f"{place}.{key}", old[key], new[key], own, atol)
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            yield f"{place}: stored {len(old)} numbers, rerun {len(new)}"
            return
        for index, (a, b) in enumerate(zip(old, new, strict=True)):
            yield from close_values(f"{place}[{index}]", a, b, rtol, atol)
    elif is_number(old) and is_number(new) and not isinstance(rtol, Mapping):
        allowed = max(rtol * abs(old), atol)
        if not abs(new - old) <= allowed:
            yield NumberOff(
                f"{place}: stored {old:.6g}, rerun {new:.6g}: "
                f"{off_by(old, new, allowed)}"
            )
    elif old != new:
        yield f"{place}: stored {old!r}, rerun {new!r}"


def is_number(value: Any) -> TypeGuard[float]:
    """A number that is measured or counted, not a truth value."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def off_by(old: float, new: float, allowed: float) -> str:
    """`off by 4.76 %, allowed 2.00 %`, or in absolute terms about zero."""
    if old:
        return (
            f"off by {100 * abs(new - old) / abs(old):.2f} %, allowed "
            f"{100 * allowed / abs(old):.2f} %"
        )
    return f"off by {abs(new):.3g}, allowed {allowed:.3g}"


def _texts(old: Output, new: Output, rtol: float, atol: float) -> Iterator[str]:
    if old["output_type"] == "stream":
        yield from text_differences(
            str(old["name"]),
            joined_text(old["text"]),
            joined_text(new["text"]),
            rtol,
            atol,
        )
        return
    for mime in sorted(old.get("data", {})):
        a, b = old["data"][mime], new["data"][mime]
        if mime in PIXELS:
            continue
        if mime.startswith("text/") or isinstance(a, str | list):
            yield from text_differences(
                mime, joined_text(a), joined_text(b), rtol, atol
            )
        elif a != b:
            yield f"{mime}: stored {a!r}, rerun {b!r}"


def text_differences(
    place: str, old: str, new: str, rtol: float, atol: float
) -> Iterator[str]:
    """Words that differ, or else the numbers that do, each with the line that it stands
    in.
    """
    before, after = _words(old), _words(new)
    if before != after:
        yield (
            f"{place}: the words differ: stored {_short(old)!r}, rerun {_short(new)!r}"
        )
        return
    for match, b in zip(NUMBER.finditer(old), NUMBER.findall(new), strict=True):
        a = match.group()
        allowed = max(rtol * abs(float(a)), atol, _last_place(a))
        same = float(a) == float(b) or (math.isnan(float(a)) and math.isnan(float(b)))
        if not same and not abs(float(b) - float(a)) <= allowed * (1 + 1e-9):
            line = f"{place} {_line(old, match.start())!r}"
            yield NumberOff(
                f"{line}: stored {a}, rerun {b}: {off_by(float(a), float(b), allowed)}"
            )


def _words(text: str) -> list[str]:
    return [" ".join(words.split()) for words in NUMBER.split(text)]


def _last_place(number: str) -> float:
    """One unit of the last printed place, or 0 where that would be a large part of the
    number.
    """
    digits, _, exponent = number.lower().partition("e")
    if not digits.strip("+-").replace(".", "").isdigit():
        return 0.0
    unit = 10.0 ** (int(exponent or 0) - len(digits.partition(".")[2]))
    return unit if unit <= LAST_PLACE * abs(float(number)) else 0.0


def _line(text: str, place: int) -> str:
    start = text.rfind("\n", 0, place) + 1
    return _short(text[start:].splitlines()[0])


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 160 else text[:157] + "..."


def misplaced_captions(cell: Mapping[str, Any]) -> list[str]:
    """Figures of a stored cell whose caption, alt text or folded numbers are not those
    of their JSON twin.
    """
    figures = [
        o["data"][FIGURE] for o in cell["outputs"] if FIGURE in o.get("data", {})
    ]
    return [
        f"{figure['name']}: the caption of the page does not show the stored numbers: "
        "run `make pages`"
        for figure in figures
        if cell["metadata"].get("mystnb") != page_options(figure)
    ]

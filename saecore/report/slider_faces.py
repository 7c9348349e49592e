"""How a slider looks: its JSON twin in, the HTML and the plain text out.

All is in the table: a row per setting, with its numbers and verdicts. The script, which
is assets/slider.js, copies cells of one row to where the reader looks.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from itertools import product
from pathlib import Path
from typing import Any

from saecore.report.digits import beside, number_text, people_text
from saecore.report.judging.card import LEFT_OUT, badge

SCRIPT = Path(__file__).with_name("assets") / "slider.js"
WHOLE_CLAIM = "claim"
"""Under which a slider's twin has the verdicts of the whole claim."""
AS_A_WHOLE = "the claim as a whole"
GAP = "–"
SliderTwin = Mapping[str, Any]
_Triple = tuple[float, float, float]


def slider_faces(twin: SliderTwin) -> dict[str, str]:
    """A slider over a table of all settings, and the table as aligned text."""
    rows = [_plain_row(twin, at) for at in range(_size(twin))]
    table = [_headings(twin), *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [
        "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
    return {"text/html": slider_html(twin), "text/plain": "\n".join(lines)}


def slider_html(twin: SliderTwin) -> str:
    """What stands on the page; the controls stay hidden where no script runs."""
    caption = f'<p class="sae-slider-says">{escape(twin["caption"])}</p>'
    return (
        f'<div class="sae-slider">{caption}{_controls(twin)}{_picture(twin)}'
        f"{_readout(twin)}{_table(twin)}"
        f"<script>{_script()}</script></div>"
    )


@cache
def _script() -> str:
    return SCRIPT.read_text(encoding="utf-8").strip()


def _controls(twin: SliderTwin) -> str:
    """A labelled range for each constant, and the way back."""
    axes = "".join(_range(twin, place) for place in range(len(twin["axes"])))
    back = '<button type="button">Back to the rule of the book</button>'
    return f'<div class="sae-slider-controls" hidden>{axes}{back}</div>'


def _range(twin: SliderTwin, place: int) -> str:
    axis, name = twin["axes"][place], f"slider-{twin['name']}-{place}"
    here = axis["values"].index(axis["book"])
    return (
        f'<div><label for="{escape(name)}">{escape(axis["says"])}</label> '
        f'<output for="{escape(name)}" data-cell="{place}">'
        f"{_value(axis, axis['book'])}</output>"
        f'<input type="range" id="{escape(name)}" min="0" step="1" '
        f'max="{len(axis["values"]) - 1}" value="{here}"></div>'
    )


def _value(axis: SliderTwin, value: float) -> str:
    """A setting, and whether it is that of the rule."""
    ours = " (the rule)" if value == axis["book"] else ""
    return f"{number_text(value)}{ours}"


def _readout(twin: SliderTwin) -> str:
    """The numbers and verdicts of one row: at first of that with the book's rule."""
    at, heads = _book(twin), _headings(twin)
    parts = "".join(_part(twin, part, at, heads) for part in twin["parts"])
    cell, verdict = heads.index(AS_A_WHOLE), _verdict(twin, WHOLE_CLAIM, at)
    return (
        f'<ul class="sae-card-parts">{parts}</ul><p class="sae-card-verdict">'
        f'<span role="status" data-cell="{cell}">{badge(verdict)}</span> '
        f"<span>{AS_A_WHOLE}</span></p>"
    )


def _part(twin: SliderTwin, part: SliderTwin, at: int, heads: Sequence[str]) -> str:
    verdict = _verdict(twin, part["name"], at)
    facts = "".join(
        f'<div class="sae-slider-{kind}"><dt>{title}</dt><dd><strong data-cell="'
        f'{heads.index(_heading(twin, part[kind]))}">{_number(twin, part, kind, at)}'
        f"</strong><small>{escape(twin['words'][part[kind]])}</small></dd></div>"
        for kind, title in (("shows", "measured"), ("null", "compared with"))
        if part[kind]
    )
    says = f'<p class="sae-card-says">{escape(part["says"])}</p>'
    return (
        f'<li class="sae-slider-part">{says}'
        f'<p class="sae-card-badge" role="status" data-cell="'
        f'{heads.index(_judged(part))}">{badge(verdict)}</p>'
        f'<dl class="sae-card-facts">{facts}</dl></li>'
    )


def _number(twin: SliderTwin, part: SliderTwin, kind: str, at: int) -> str:
    """A number with its interval, the null with as many digits as what it is beside."""
    shown, own = _triple(twin, part["shows"], at), _triple(twin, part[kind], at)
    if own is None:
        return GAP
    return beside(shown, own) if shown and kind == "null" else people_text(*own)


def _headings(twin: SliderTwin) -> list[str]:
    """Settings, the numbers of each part with its verdict, and the whole claim."""
    heads = [axis["says"] for axis in twin["axes"]]
    for part in twin["parts"]:
        heads += [_heading(twin, part[kind]) for kind in _kinds(part)]
        heads.append(_judged(part))
    return [*heads, AS_A_WHOLE]


def _kinds(part: SliderTwin) -> list[str]:
    return [kind for kind in ("shows", "null") if part[kind]]


def _heading(twin: SliderTwin, number: str) -> str:
    """The words of a number; where several have the same, with its name."""
    words = list(twin["words"].values())
    said = twin["words"][number]
    return said if words.count(said) == 1 else f"{said} ({number})"


def _judged(part: SliderTwin) -> str:
    return f"“{part['says']}”"


def _table(twin: SliderTwin) -> str:
    """Every setting, folded; open to readers without a script, and on paper."""
    head = "".join(f'<th scope="col">{escape(x)}</th>' for x in _headings(twin))
    body = "".join(_row(twin, at) for at in range(_size(twin)))
    without = "<noscript> Without a script, this table says all.</noscript>"
    return (
        '<details class="sae-fold"><summary>All '
        f"{_size(twin)} settings as a table</summary>{without}"
        '<div class="sae-scroll" tabindex="0"><table class="sae-table"><thead>'
        f"<tr>{head}</tr></thead><tbody>{body}</tbody></table></div></details>"
    )


def _row(twin: SliderTwin, at: int) -> str:
    values = _settings(twin)[at]
    cells = [
        f'<th scope="row">{_value(axis, value)}</th>'
        for axis, value in zip(twin["axes"], values, strict=True)
    ]
    for part in twin["parts"]:
        cells += [
            f'<td class="sae-number">{_number(twin, part, kind, at)}</td>'
            for kind in _kinds(part)
        ]
        cells.append(f"<td>{badge(_verdict(twin, part['name'], at))}</td>")
    cells.append(f"<td>{badge(_verdict(twin, WHOLE_CLAIM, at))}</td>")
    now = ' class="sae-now"' if at == _book(twin) else ""
    return f"<tr{now}>{''.join(cells)}</tr>"


def _plain_row(twin: SliderTwin, at: int) -> list[str]:
    cells = [
        _value(axis, value)
        for axis, value in zip(twin["axes"], _settings(twin)[at], strict=True)
    ]
    for part in twin["parts"]:
        cells += [_number(twin, part, kind, at) for kind in _kinds(part)]
        cells.append(_verdict(twin, part["name"], at) or LEFT_OUT)
    return [*cells, _verdict(twin, WHOLE_CLAIM, at) or LEFT_OUT]


def _settings(twin: SliderTwin) -> list[tuple[float, ...]]:
    """The values of all axes at each point of the grid, the last axis fastest."""
    return list(product(*(axis["values"] for axis in twin["axes"])))


def _size(twin: SliderTwin) -> int:
    return len(_settings(twin))


def _book(twin: SliderTwin) -> int:
    """The point at which the constants are those of the rule."""
    return _settings(twin).index(tuple(axis["book"] for axis in twin["axes"]))


def _verdict(twin: SliderTwin, name: str, at: int) -> str | None:
    return dict(twin["verdicts"])[name][at]


def _triple(twin: SliderTwin, number: str, at: int) -> _Triple | None:
    """A number with its ends at a point; None where there is none."""
    columns = dict(twin["columns"])
    value, low, high = (columns[f"{number}{end}"][at] for end in ("", " low", " high"))
    return None if value is None else (value, low, high)


def _picture(twin: SliderTwin) -> str:
    """The first part's number and what it is compared with along the first axis, an
    interval each; those at other values of the other axes are hidden.
    """
    part, axis = twin["parts"][0], twin["axes"][0]
    bars = [one["than"] for one in part["bars"]]
    shown = [t for at in range(_size(twin)) for t in _triples(twin, part, at).values()]
    top = max(high for *_, high in [*shown, *((x, x, x) for x in bars)])
    low = min(0.0, *(low for _, low, _ in shown))
    lanes = _size(twin) // len(axis["values"])
    marks = "".join(
        _mark(twin, part, at, lanes, (low, top)) for at in range(_size(twin))
    )
    lines = "".join(
        f'<div class="sae-slider-bar" style="bottom:{_part_of(x, low, top)}%">'
        f"<small>{number_text(x)}</small></div>"
        for x in bars
    )
    first, last = (number_text(axis["values"][end]) for end in (0, -1))
    return (
        f'<div class="sae-slider-plot" aria-hidden="true"><small>'
        f"{number_text(round(top, 2))}</small><div>{lines}{marks}</div>"
        f"<p><small>{first}</small><small>{escape(axis['says'])}</small>"
        f"<small>{last}</small></p></div>"
    )


def _triples(twin: SliderTwin, part: SliderTwin, at: int) -> dict[str, _Triple]:
    found = {kind: _triple(twin, part[kind], at) for kind in _kinds(part)}
    return {kind: one for kind, one in found.items() if one is not None}


def _mark(
    twin: SliderTwin,
    part: SliderTwin,
    at: int,
    lanes: int,
    scale: tuple[float, float],
) -> str:
    """The intervals at one setting."""
    steps = max(len(twin["axes"][0]["values"]) - 1, 1)
    book, left = _book(twin), round(100 * (at // lanes) / steps, 2)
    marks = "".join(
        _interval(kind, one, scale) for kind, one in _triples(twin, part, at).items()
    )
    hidden = "" if at % lanes == book % lanes else " hidden"
    now = ' class="sae-now"' if at == book else ""
    return f'<div data-point{now}{hidden} style="left:{left}%">{marks}</div>'


def _interval(kind: str, triple: _Triple, scale: tuple[float, float]) -> str:
    value, low, high = (_part_of(x, *scale) for x in triple)
    return (
        f'<i class="sae-slider-{kind}" style="bottom:{low}%;height:'
        f'{round(high - low, 2)}%"></i><b class="sae-slider-{kind}" '
        f'style="bottom:{value}%"></b>'
    )


def _part_of(x: float, low: float, top: float) -> float:
    """Where a number lies in the picture, in percent from below."""
    return round(100 * (x - low) / (top - low), 2) if top > low else 0.0

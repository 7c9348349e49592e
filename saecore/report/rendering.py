"""How a number, a table or a verdict looks: its JSON twin in, the HTML and the plain
text out.

A table's columns are pairs of a name and its values: a notebook file does not keep the
order of a mapping. The JSON twin is what a notebook stores and what a rerun is compared
with; both faces are functions of it alone, so a stored face that says something else
than its twin has been tampered with or is out of date.
"""

import base64
import csv
import io
import re
from html import escape
from typing import Any

from saecore.report.digits import (
    Scalar,
    beside,
    number_text,
    people_text,
    tolerance_text,
)
from saecore.report.judging.card import card_faces
from saecore.report.slider_faces import slider_faces

RESULT = "application/vnd.saecore.result+json"
TABLE = "application/vnd.saecore.table+json"
FIGURE = "application/vnd.saecore.figure+json"
NARROW = "application/vnd.saecore.narrow+png"
"""A figure's picture for a phone, beside its twin."""
VERDICT = "application/vnd.saecore.verdict+json"
TOLD = "application/vnd.saecore.told+json"
SLIDER = "application/vnd.saecore.slider+json"
HIDDEN = "application/papermill.record/"
"""What MyST-NB looks for before the formats of an output that is glued, not shown."""

SHOWN_ROWS = 80
FOLDED_FROM = 12
"""A table of more rows than this is folded."""


def result_faces(twin: dict[str, Any]) -> dict[str, str]:
    """One line: name, measured number with its interval, the paper's number, and the
    tolerance of a rerun.
    """
    unit = f" {escape(twin['unit'])}" if twin["unit"] else ""
    measured = escape(_measured(twin))
    cells = [
        f"<code>{escape(twin['name'])}</code>",
        f"<strong>{measured}</strong>{unit}",
    ]
    if twin["paper"] is not None:
        cells.append(f"paper: {number_text(twin['paper'])}")
    cells.append(
        '<span class="sae-tolerance">rerun '
        f"{tolerance_text(twin['rtol'], twin['atol'])}</span>"
    )
    html = '<div class="sae-result">' + " &middot; ".join(cells) + "</div>"
    html += _mistakes(twin.get("mistakes", []))
    return {"text/html": html, "text/plain": repr(twin["value"])}


def _mistakes(pairs: list[list[Any]]) -> str:
    """The usual wrong answers to an exercise, each with what it gives."""
    items = [f"<li>{number_text(x)}: {escape(what)}</li>" for what, x in pairs]
    if not items:
        return ""
    return f"<p>Usual mistakes:</p><ul>{''.join(items)}</ul>"


def _measured(twin: dict[str, Any]) -> str:
    """The number for people; a word or a truth, as `settings` glues them, as it is."""
    value = twin["value"]
    if isinstance(value, str | bool):
        return number_text(value)
    return people_text(value, twin["low"], twin["high"])


EXPLORED = re.compile(r"(?:(?P<said>.*\S) )?explorer:(?P<name>[\w-]+)/(?P<number>\d+)")
"""A cell such as "explorer:relu-640-seed0/17" links to that latent in the explorer by
its number, "17 (queen) explorer:relu-640-seed0/17" by the words before.
"""


def table_html(
    columns: dict[str, list[Scalar]], caption: str = "", *, rows: int | None = None
) -> str:
    """An HTML table with a caption, column headings, and the first `rows` of its
    rows.
    """
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    body = "".join(
        "<tr>" + "".join(_cell(value) for value in row) + "</tr>"
        for row in list(zip(*columns.values(), strict=True))[:rows]
    )
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    head = f"{title}<thead><tr>{head}</tr></thead>"
    return f'<table class="sae-table">{head}<tbody>{body}</tbody></table>'


def _cell(value: Scalar) -> str:
    if isinstance(value, str) and (latent := EXPLORED.fullmatch(value)):
        href = f"../explorer.html#/{latent['name']}/{latent['number']}"
        said = escape(latent["said"] or latent["number"])
        return f'<td><a href="{escape(href)}">{said}</a></td>'
    numeric = isinstance(value, float | int) and not isinstance(value, bool)
    css = ' class="sae-number"' if numeric else ""
    return f"<td{css}>{escape(number_text(value))}</td>"


def table_faces(twin: dict[str, Any]) -> dict[str, str]:
    """The table, folded if it is long, and the same as aligned text."""
    columns = dict(twin["columns"])
    rows = [
        list(columns),
        *([number_text(v) for v in row] for row in zip(*columns.values(), strict=True)),
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(len(columns))]
    lines = [
        "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return {"text/html": _foldable(twin, columns), "text/plain": "\n".join(lines)}


def _foldable(twin: dict[str, Any], columns: dict[str, list[Scalar]]) -> str:
    """The table in a box that scrolls; a long one folded below its caption."""
    count = len(next(iter(columns.values()), []))
    folded = count > FOLDED_FROM
    caption = "" if folded else twin["caption"]
    table = table_html(columns, caption)
    box = f'<div class="sae-scroll" tabindex="0">{table}</div>'
    if not folded:
        return box
    title = escape(twin["caption"] or "A table")
    summary = f"<summary>{title} ({count} rows)</summary>"
    return f'<details class="sae-fold">{summary}{box}</details>'


def csv_text(columns: dict[str, list[Scalar]]) -> str:
    """The columns as CSV, every digit kept."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return out.getvalue()


def figure_faces(twin: dict[str, Any]) -> dict[str, str]:
    """The sentence that stands for the picture."""
    return {"text/plain": f"<Figure: {twin['alt']}>"}


def numbers_of_figure(twin: dict[str, Any]) -> str:
    """A folded table of what a figure shows, with all of it as a CSV file one click
    away; "" if none.
    """
    columns = dict(twin["columns"])
    if not columns:
        return ""
    count = len(next(iter(columns.values())))
    data = base64.b64encode(csv_text(columns).encode()).decode()
    file = f'download="{escape(twin["name"])}.csv" href="data:text/csv;base64,{data}"'
    link = f"<a {file}>All {count} rows as CSV</a>"
    more = f" (the first {SHOWN_ROWS} rows)" if count > SHOWN_ROWS else ""
    table = table_html(columns, rows=SHOWN_ROWS)
    return (
        f'<details class="sae-data"><summary>The numbers of this figure{more}</summary>'
        f'<div class="sae-scroll" tabindex="0">{table}</div>{link}</details>'
    )


def told_faces(twin: dict[str, Any]) -> dict[str, str]:
    """The sentence with its numbers, as Markdown and as it is."""
    numbers = twin["numbers"]
    than = beside(numbers["number"], numbers["than"])
    filled = {"number": people_text(*numbers["number"]), "than": than}
    sentence = twin["sentence"].format_map(filled)
    return {"text/markdown": sentence, "text/plain": sentence}


FACES = {
    RESULT: result_faces,
    TABLE: table_faces,
    FIGURE: figure_faces,
    VERDICT: card_faces,
    TOLD: told_faces,
    SLIDER: slider_faces,
}

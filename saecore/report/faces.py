"""How a number, a table or a verdict looks: its JSON twin in, the HTML and the plain text out.

A table's columns are pairs of a name and its values: a notebook file does not keep the order of a mapping.
The JSON twin is what a notebook stores and what a rerun is compared with; both faces are functions of it
alone, so a stored face that says something else than its twin has been tampered with or is out of date.
"""

import base64
import csv
import io
from html import escape
from typing import Any

RESULT = "application/vnd.saecore.result+json"
TABLE = "application/vnd.saecore.table+json"
FIGURE = "application/vnd.saecore.figure+json"
VERDICT = "application/vnd.saecore.verdict+json"

Scalar = float | int | str | bool | None
SHOWN_ROWS = 80


def number_text(value: Scalar) -> str:
    """Four significant digits for a measured number; whole numbers, words and gaps as they are."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def interval_text(value: float, low: float | None, high: float | None) -> str:
    """`0.421 [0.40, 0.44]`, or the number alone where there is no interval."""
    text = number_text(value)
    return (
        text
        if low is None or high is None or low == value == high
        else f"{text} [{number_text(low)}, {number_text(high)}]"
    )


def tolerance_text(rtol: float, atol: float) -> str:
    """What a rerun may differ by, in words."""
    parts = [f"{100 * rtol:g} %"] * (rtol > 0) + [f"{atol:g}"] * (atol > 0)
    return "±" + " or ±".join(parts) if parts else "exact"


def result_faces(twin: dict[str, Any]) -> dict[str, str]:
    """One line: name, measured number with its interval, the paper's number, and the tolerance of a rerun."""
    unit = f" {escape(twin['unit'])}" if twin["unit"] else ""
    measured = interval_text(twin["value"], twin["low"], twin["high"])
    cells = [f"<code>{escape(twin['name'])}</code>", f"<strong>{measured}</strong>{unit}"]
    if twin["paper"] is not None:
        cells.append(f"paper: {number_text(twin['paper'])}")
    cells.append(f'<span class="sae-tolerance">rerun {tolerance_text(twin["rtol"], twin["atol"])}</span>')
    html = '<div class="sae-result">' + " &middot; ".join(cells) + "</div>"
    return {"text/html": html, "text/plain": repr(twin["value"])}


def table_html(columns: dict[str, list[Scalar]], caption: str = "", *, rows: int | None = None) -> str:
    """An HTML table with a caption, column headings, and the first `rows` of its rows."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    body = "".join(
        "<tr>" + "".join(_cell(value) for value in row) + "</tr>"
        for row in list(zip(*columns.values(), strict=True))[:rows]
    )
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f'<table class="sae-table">{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _cell(value: Scalar) -> str:
    numeric = isinstance(value, float | int) and not isinstance(value, bool)
    css = ' class="sae-number"' if numeric else ""
    return f"<td{css}>{escape(number_text(value))}</td>"


def table_faces(twin: dict[str, Any]) -> dict[str, str]:
    """The table, and the same as aligned text."""
    columns = dict(twin["columns"])
    rows = [list(columns), *([number_text(v) for v in row] for row in zip(*columns.values(), strict=True))]
    widths = [max(len(row[i]) for row in rows) for i in range(len(columns))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    html = f'<div class="sae-scroll" tabindex="0">{table_html(columns, twin["caption"])}</div>'
    return {"text/html": html, "text/plain": "\n".join(lines)}


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
    """A folded table of what a figure shows, with all of it as a CSV file one click away; "" if none."""
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


VERDICT_CSS = {"holds": "holds", "does not hold": "fails", "cannot be told": "open"}


def verdict_faces(twin: dict[str, Any]) -> dict[str, str]:
    """The card that ends a notebook: the claim, its parts with their conditions, the verdict."""
    parts = "".join(_part(part, twin["numbers"]) for part in twin["parts"])
    html = (
        f'<div class="sae-verdict sae-{VERDICT_CSS[twin["verdict"]]}">'
        f'<p class="sae-said">“{escape(twin["sentence"])}”<br><small>{escape(twin["source"])}</small></p>'
        f"<p>On <code>{escape(twin['profile'])}</code>, world seed {twin['world_seed']}: the claim "
        f"<strong>{twin['verdict']}</strong>.</p><ul>{parts}</ul></div>"
    )
    plain = [
        f"{twin['claim']}: {twin['verdict']}",
        *(f"  {p['name']}: {p['verdict']}" for p in twin["parts"]),
    ]
    return {"text/html": html, "text/plain": "\n".join(plain)}


def _part(part: dict[str, Any], numbers: dict[str, list[float]]) -> str:
    conditions = "; ".join(escape(condition_text(condition, numbers)) for condition in part["conditions"])
    return (
        f"<li>{escape(part['says'])}: <strong>{part['verdict']}</strong> <small>({conditions})</small></li>"
    )


def condition_text(condition: dict[str, Any], numbers: dict[str, list[float]]) -> str:
    """`shared = 0.42 [0.4, 0.44] is below 0.7`, with `is not` or `may be` where that is what was found."""
    than = condition["than"]
    bound = f"{than} = {interval_text(*numbers[than])}" if isinstance(than, str) else number_text(than)
    found = {True: "is", False: "is not", None: "may or may not be"}[condition["holds"]]
    measured = interval_text(*numbers[condition["number"]])
    return f"{condition['number']} = {measured} {found} {condition['interval']} {bound}"


FACES = {RESULT: result_faces, TABLE: table_faces, FIGURE: figure_faces, VERDICT: verdict_faces}

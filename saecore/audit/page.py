"""A report as one HTML file that asks nothing of any other place."""

import math
from collections.abc import Sequence
from html import escape
from typing import Any

from saecore import __version__
from saecore.audit.numbers import SECTIONS, AuditNumber, finite
from saecore.audit.pictures import DrawnFigure, drawn_figures
from saecore.audit.report import AuditReport
from saecore.report.digits import beside, people_text

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fff;
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2 { line-height: 1.2; } h2 { margin-top: 2.5rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
th, td { border-bottom: 1px solid #ccc; padding: 0.35rem 0.6rem; text-align: left;
  vertical-align: top; }
td.number { white-space: nowrap; }
.quiet { color: #555; font-size: 0.85rem; }
figure { margin: 1.5rem 0; } img { max-width: 100%; height: auto; }
code { overflow-wrap: anywhere; }
"""
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def as_page(report: AuditReport) -> str:
    """The report as HTML: facts, and per section its numbers, figures and what was not
    measured. All in one file: pictures lie in it, there is no script, and nothing is
    asked of any other place; names are escaped.
    """
    figures = drawn_figures(report)
    title = f"Audit of {report.sae['name']}"
    body = [f"<h1>{escape(title)}</h1>", _head(report)]
    body += [_section(report, section, figures) for section in SECTIONS]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def number_in_words(one: AuditNumber) -> str:
    """A number with its interval, in the digits that the interval carries."""
    value = finite(one.value)
    return "–" if value is None else people_text(value, *_ends(one.low, one.high))


def null_in_words(one: AuditNumber) -> str:
    """Its null, to be compared."""
    if one.null is None or finite(one.null.value) is None:
        return "–"
    null = one.null
    low, high = _ends(null.low, null.high)
    ends = (
        (null.value, null.value, null.value) if low is None else (null.value, low, high)
    )
    value, own = finite(one.value), _ends(one.low, one.high)
    if value is None or own[0] is None or own[0] == own[1]:
        return people_text(ends[0], low, high)
    return beside([value, *(x or 0.0 for x in own)], [x or 0.0 for x in ends])


def _ends(low: float | None, high: float | None) -> tuple[float | None, float | None]:
    known = low is not None and high is not None
    if not known or math.isnan(low or 0) or math.isnan(high or 0):
        return None, None
    return low, high


def _head(report: AuditReport) -> str:
    saes = [report.sae, *report.against]
    rows = "".join(_sae_row(one) for one in saes)
    head = "".join(
        f"<th>{name}</th>"
        for name in ("SAE", "width", "d_model", "architecture", "site", "stored as")
    )
    read = report.rows or "No language model was given: the weights alone are measured."
    return (
        f'<div class="wide"><table><tr>{head}</tr>{rows}</table></div>'
        f"<p>{escape(read)}</p>"
        f"<p>Directions count as the same from a cosine of {report.threshold:g} on. "
        "Every number has its interval in brackets and its null, what chance gives, "
        f'beside it.</p><p class="quiet">saecore {escape(__version__)}</p>'
    )


def _sae_row(one: dict[str, Any]) -> str:
    names = ("name", "width", "d_model", "architecture", "hook_name", "stored_dtype")
    cells = (f"{x:,}" if isinstance(x := one[name], int) else str(x) for name in names)
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _section(report: AuditReport, section: str, figures: Sequence[DrawnFigure]) -> str:
    parts = [f"<h2>{escape(SECTIONS[section])}</h2>"]
    if told := report.told.get(section):
        parts.append(f"<p>{escape(told)}</p>")
    if numbers := report.of(section):
        parts.append(_table(numbers))
    parts += [
        f"<p>Not measured: {escape(one.why)}.</p>"
        for one in report.not_measured
        if one.section == section
    ]
    parts += [_figure(one) for one in figures if one.section == section]
    if section == "rules" and report.found.rules is not None:
        parts.append(_rules(report.found.rules.shown))
    return "\n".join(parts)


def _table(numbers: Sequence[AuditNumber]) -> str:
    head = "<tr><th>measure</th><th>of</th><th>value</th><th>null</th></tr>"
    return f'<div class="wide"><table>{head}{"".join(map(_row, numbers))}</table></div>'


def _row(one: AuditNumber) -> str:
    null = _quiet(one.null.name if one.null else "")
    over, says = _quiet(one.interval), _quiet(one.says)
    return (
        f"<tr><td>{escape(one.name)}{says}</td><td>{escape(one.of)}</td>"
        f'<td class="number">{number_in_words(one)}{over}</td>'
        f'<td class="number">{null_in_words(one)}{null}</td></tr>'
    )


def _quiet(text: str) -> str:
    return f'<br><span class="quiet">{escape(text)}</span>' if text else ""


def _figure(one: DrawnFigure) -> str:
    return (
        f'<figure><img src="data:image/png;base64,{one.png}" alt="{escape(one.alt)}">'
        f"<figcaption>{escape(one.title)}. {escape(one.alt)}</figcaption></figure>"
    )


def _rules(shown: Sequence[tuple[int, float, str]]) -> str:
    rows = "".join(
        f"<tr><td>{latent}</td><td>{score:.2f}</td><td><code>{escape(rule)}</code></td>"
        "</tr>"
        for latent, score, rule in shown
    )
    head = "<tr><th>latent</th><th>score</th><th>rule</th></tr>"
    return f'<div class="wide"><table>{head}{rows}</table></div>'

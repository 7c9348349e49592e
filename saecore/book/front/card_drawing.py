"""The card of a claim as a picture that others can embed: verdict, number, chance and
the paper's number on one axis, per subject.
"""

import textwrap
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from xml.etree import ElementTree as xml

from saecore.book.front.axis import Axis
from saecore.book.front.headline import Headline, Measurement
from saecore.report.digits import beside, people_text
from saecore.report.judging.card import SIGNS, VERDICT_CSS

WIDTH, MARGIN, LINE = 720, 20, 18
LETTER_WIDTHS = {"small": 6.9, "ink title": 8.8}
"""Width of a letter, on the safe side, as nobody knows the reader's font."""
CARD_STYLE = """
.ground{fill:#fff;stroke:#c9ced6}.ink{fill:#1b1f24}.small{fill:#59636e}
.line{stroke:#8b949e;stroke-width:1}.null{fill:#6e7781;stroke:#6e7781}
.number{fill:#0b5cad;stroke:#0b5cad}.paper{fill:none;stroke:#8a4b00;stroke-width:2}
.holds{fill:#006b4f}.fails{fill:#a84300}.part{fill:#1b6a9c}.open{fill:#5c6166}
.bar{stroke-width:2}text{font:14px system-ui,sans-serif}.title{font-weight:600}
.small{font-size:12.5px}.badge{fill:#fff;font-weight:600;font-size:13px}
@media (prefers-color-scheme:dark){.ground{fill:#14181e;stroke:#48525d}
.ink{fill:#e6edf3}.small{fill:#a9b4c0}.null{fill:#a9b4c0;stroke:#a9b4c0}
.number{fill:#6cb6ff;stroke:#6cb6ff}.paper{stroke:#f0a85a}}
"""


class SubjectRow(NamedTuple):
    """What a card shows of one subject."""

    subject: str
    """Its name for people."""
    verdict: str
    """Of the whole claim."""
    headline: Headline
    """The number that stands for it."""


def card_svg(
    says: str, place: str, rows: Sequence[SubjectRow], *, sign: str
) -> xml.Element:
    """The card of a claim that `says` something at a `place` in a paper; `sign` is the
    last line, with source and date.
    """
    marks = [m for row in rows for m in _numbers(row.headline)]
    axis = Axis.around(marks or [0.0, 1.0], left=MARGIN + 10, right=WIDTH - MARGIN - 10)
    svg = xml.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img"})
    svg.set("aria-labelledby", "title desc")
    xml.SubElement(svg, "title", {"id": "title"}).text = says
    xml.SubElement(svg, "desc", {"id": "desc"}).text = rows_in_words(rows)
    xml.SubElement(svg, "style").text = CARD_STYLE
    ground = xml.SubElement(svg, "rect", {"class": "ground", "rx": "6"})
    down = _head(svg, says, place)
    for row in rows:
        down = _subject(svg, row, axis, down)
    down = _lines(svg, sign, down + 6, "small")
    _size(svg, ground, down + 2)
    return svg


def rows_in_words(rows: Sequence[SubjectRow]) -> str:
    """All that the picture shows, as sentences."""
    return " ".join(
        f"{row.subject}: {row.verdict}. {'; '.join(card_facts(row.headline))}."
        for row in rows
    )


def card_facts(shown: Headline) -> list[str]:
    """The numbers of a headline, each with what it is."""
    if shown.number is None:
        return ["not measured"]
    lines = [f"{shown.words}: {people_text(*shown.number)}"]
    if shown.null:
        lines.append(f"{shown.null_words}: {beside(shown.number, shown.null)}")
    papers = [f"{v:g} ({where})" for where, v in shown.papers.items()]
    return lines + [f"paper: {', '.join(papers)}"] * bool(papers)


def _numbers(shown: Headline) -> list[float]:
    found = [*(shown.number or ()), *(shown.null or ())]
    return found + list(shown.papers.values()) * bool(found)


def _head(svg: xml.Element, says: str, place: str) -> float:
    down = _lines(svg, says, MARGIN + 8, "ink title")
    return _lines(svg, place, down, "small") + 6


def _subject(svg: xml.Element, row: SubjectRow, axis: Axis, down: float) -> float:
    """Badge and name, the axis with its marks, and below, what they are."""
    _badge(svg, row.verdict, down)
    _text(svg, f"{row.subject}", MARGIN + 165, down + 14, "ink")
    line = down + 38
    ends = {"x1": f"{axis.left}", "x2": f"{axis.right}"}
    ends |= {"y1": f"{line}", "y2": f"{line}"}
    xml.SubElement(svg, "line", {"class": "line", **ends})
    shown = row.headline
    if shown.number:
        _interval(svg, shown.null, axis, line, "null")
        _interval(svg, shown.number, axis, line, "number")
        for number in shown.papers.values():
            _diamond(svg, axis.place(number), line)
    down = _ticks(svg, axis, line + 8) + LINE
    for mark, fact in zip(_kinds(shown), card_facts(shown), strict=True):
        _key(svg, mark, MARGIN + 16, down - 4)
        down = _lines(svg, fact, down, "small", indent=14)
    return down + 4


def _kinds(shown: Headline) -> list[str]:
    """The mark of each line of `card_facts`."""
    if shown.number is None:
        return [""]
    null, paper = ["null"] * bool(shown.null), ["paper"] * bool(shown.papers)
    return ["number", *null, *paper]


def _key(svg: xml.Element, mark: str, across: float, down: float) -> None:
    if mark == "paper":
        _diamond(svg, across, down)
    elif mark:
        _circle(svg, across, down, mark)


def _interval(
    svg: xml.Element, number: Measurement | None, axis: Axis, line: float, css: str
) -> None:
    if number is None:
        return
    value, low, high = map(axis.place, number)
    ends = {"x1": f"{low}", "x2": f"{high}", "y1": f"{line}", "y2": f"{line}"}
    xml.SubElement(svg, "line", {"class": f"{css} bar", **ends, "stroke-width": "5"})
    _circle(svg, value, line, css)


def _circle(svg: xml.Element, across: float, down: float, css: str) -> None:
    place = {"cx": f"{across}", "cy": f"{down}", "r": "5"}
    xml.SubElement(svg, "circle", {"class": css, **place})


def _diamond(svg: xml.Element, across: float, down: float) -> None:
    corners = ((0, -6), (6, 0), (0, 6), (-6, 0))
    points = " ".join(f"{across + x:g},{down + y:g}" for x, y in corners)
    xml.SubElement(svg, "polygon", {"class": "paper", "points": points})


def _badge(svg: xml.Element, verdict: str, down: float) -> None:
    css, width = VERDICT_CSS[verdict], 40 + 7.5 * len(verdict)
    box = {"x": f"{MARGIN}", "y": f"{down - 3}", "width": f"{width}", "height": "24"}
    xml.SubElement(svg, "rect", {"class": css, "rx": "12", **box})
    _text(svg, f"{SIGNS[verdict]} {verdict}", MARGIN + 12, down + 14, "badge")


def _ticks(svg: xml.Element, axis: Axis, down: float) -> float:
    """Round numbers below the line; returns where they stand."""
    for tick in axis.ticks():
        text = _text(svg, axis.tick_text(tick), axis.place(tick), down + 10, "small")
        text.set("text-anchor", "middle")
    return down + 10


def _lines(
    svg: xml.Element, text: str, down: float, css: str, *, indent: float = 0
) -> float:
    """`text` in as many lines as it takes; returns where the next line goes."""
    room = WIDTH - 2 * MARGIN - indent
    for line in textwrap.wrap(text, int(room / LETTER_WIDTHS[css])):
        _text(svg, line, MARGIN + indent * 2, down, css)
        down += LINE
    return down


def _text(
    svg: xml.Element, text: str, across: float, down: float, css: str
) -> xml.Element:
    place: Mapping[str, str] = {"x": f"{across}", "y": f"{down}", "class": css}
    element = xml.SubElement(svg, "text", dict(place))
    element.text = text
    return element


def _size(svg: xml.Element, ground: xml.Element, height: float) -> None:
    svg.set("viewBox", f"0 0 {WIDTH} {height:g}")
    svg.set("width", f"{WIDTH}")
    svg.set("height", f"{height:g}")
    inside = {"x": "0.5", "y": "0.5", "width": f"{WIDTH - 1}"}
    for name, value in {**inside, "height": f"{height - 1:g}"}.items():
        ground.set(name, value)

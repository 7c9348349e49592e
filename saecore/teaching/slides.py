"""Slides of a claim, from its executed page: the bet, the case by hand, the card, two
figures, and what the page cannot tell.

They are one HTML file each beside reveal.js, which the site carries; figures are in the
file, and no request leaves the site.
"""

import re
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from saecore.report.rendering import FIGURE, TABLE, VERDICT
from saecore.teaching.exercises import markdown, predictions
from saecore.teaching.lessons import Lesson
from saecore.teaching.pieces import title

Plain = Callable[[str], str]
"""MyST as plain Markdown."""
SECTION = re.compile(r"^## (?P<head>[^\n]*)\n(?P<body>.*?)(?=^## |\Z)", re.M | re.S)
HAND, LIMITS = "by hand", "cannot tell"
"""What the headings of two sections hold."""
SHELL = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="../_static/reveal/reveal.css">
<link rel="stylesheet" href="../_static/book.css">
<link rel="stylesheet" href="../_static/reveal/book-slides.css">
<script>window.MathJax = {{tex: {{inlineMath: [["$", "$"]]}}}};</script>
<script defer src="../_static/mathjax/tex-svg.js"></script>
</head><body><div class="reveal"><div class="slides">
{slides}
</div></div>
<script src="../_static/reveal/reveal.js"></script>
<script>Reveal.initialize({{hash: true, transition: "none"}});</script>
</body></html>
"""


class Slide(NamedTuple):
    """One slide in HTML."""

    head: str
    body: str


def slides(lesson: Lesson, page: Any, plain: Plain) -> list[Slide]:
    """The slides of an executed page, in their order; what a page lacks is left out."""
    made = [Slide(title(page), _goals(lesson)), *_bets(page, plain)]
    made += _section(page, HAND, plain, tables=True)
    made += [Slide("The verdict", _long(html)) for html in _shown(page, VERDICT)[:1]]
    made += [_figure(page, name) for name in lesson.slides]
    made += _section(page, LIMITS, plain)
    discuss = "".join(f"<li>{escape(text)}</li>" for text in lesson.discuss)
    return [*made, Slide("To discuss", f"<ol>{discuss}</ol>")]


def slides_html(name: str, made: list[Slide]) -> str:
    """One file with all slides."""
    sections = "\n".join(
        f"<section><h{1 + bool(place)}>{escape(one.head)}</h{1 + bool(place)}>"
        f"{one.body}</section>"
        for place, one in enumerate(made)
    )
    back = f'<p><a href="../notebooks/{name}.html">The page</a></p>'
    sections = sections.replace("</section>", f"{back}</section>", 1)
    return SHELL.format(title=escape(made[0].head), slides=sections)


def _goals(lesson: Lesson) -> str:
    items = "".join(f"<li>{escape(goal)}</li>" for goal in lesson.goals)
    return f"<p>After this you can</p><ul>{items}</ul>"


def _bets(page: Any, plain: Plain) -> list[Slide]:
    return [Slide("Your bet", _rendered(text, plain)) for text in predictions(page)]


def _section(
    page: Any, said: str, plain: Plain, *, tables: bool = False
) -> list[Slide]:
    """The section whose heading says so; with `tables`, what its cells show as well."""
    for match in SECTION.finditer(markdown(page.cells)):
        if said in match["head"]:
            text = _rendered(match["body"], plain)
            shown = "".join(_tables_after(page, match["head"])) if tables else ""
            return [Slide(match["head"], _long(text + shown))]
    return []


def _long(html: str) -> str:
    """What may be longer than a slide, in a box that scrolls."""
    return f'<div class="long" tabindex="0">{html}</div>'


def _tables_after(page: Any, head: str) -> Iterator[str]:
    """Tables that the cells of a section show, up to the next heading."""
    inside = False
    for cell in page.cells:
        if cell.cell_type == "markdown":
            if inside and re.search(r"^## ", cell.source, re.M):
                return
            inside = inside or f"## {head}" in cell.source
        elif inside:
            yield from _faces(cell, TABLE)


def _shown(page: Any, mime: str) -> list[str]:
    """What the cells of a page show of one kind, as HTML."""
    code = [cell for cell in page.cells if cell.cell_type == "code"]
    return [face for cell in code for face in _faces(cell, mime)]


def _faces(cell: Any, mime: str) -> Iterator[str]:
    for output in cell.get("outputs", []):
        if mime in output.get("data", {}):
            yield _joined(output["data"]["text/html"])


def _figure(page: Any, name: str) -> Slide:
    """A figure of the page with its caption. Raises KeyError if it has none so
    called.
    """
    for cell in page.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if data.get(FIGURE, {}).get("name") == name:
                twin, image = data[FIGURE], _joined(data["image/png"]).replace("\n", "")
                body = (
                    f'<figure><img alt="{escape(twin["alt"])}" '
                    f'src="data:image/png;base64,{image}">'
                    f"<figcaption>{escape(twin['caption'])}</figcaption></figure>"
                )
                return Slide(twin["caption"].partition(". ")[0].rstrip("."), body)
    raise KeyError(f"slides show figures of their page, but it has no {name!r}")


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _rendered(text: str, plain: Plain) -> str:
    """MyST as HTML; formulas are left for MathJax."""
    from markdown_it import MarkdownIt

    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match[0])
        return f"@@{len(kept) - 1}@@"

    held = re.sub(
        r"\$\$.+?\$\$|\$[^$\n]+(?:\n[^$\n]+)*\$", keep, plain(text), flags=re.S
    )
    html = MarkdownIt("commonmark").enable("table").render(held)
    return re.sub(r"@@(\d+)@@", lambda m: escape(kept[int(m[1])]), html)


def write_slides(
    folder: Path,
    lessons: dict[str, Lesson],
    pages: dict[str, Any],
    plain: dict[str, Plain],
) -> list[str]:
    """Write the slides of all lessons whose page was run into `folder`; returns their
    names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, lesson in lessons.items():
        shown = pages.get(name)
        if shown is not None and _shown(shown, VERDICT):
            text = slides_html(name, slides(lesson, shown, plain[name]))
            (folder / f"{name}.html").write_text(text, encoding="utf-8")
            written.append(name)
    return written

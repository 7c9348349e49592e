"""Slides have what the page shows, and leave out what it has not."""

import pytest
from nbformat import v4

from saecore.report.rendering import FIGURE, TABLE, VERDICT
from saecore.teaching.lessons import Lesson
from saecore.teaching.slides import Plain, slides, slides_html, write_slides

LESSON = Lesson("page", ["see <it>"], [], [], {}, [], ["Why?"], ["fig-one"])
BET = "## Exercises\n\n```{exercise} Level 1\n:label: ex-predict\nBet $x_1$.\n```\n"
LIMIT = "## What this page cannot tell\n\n* Much: $a < b$.\n"


def shown(mime, twin, **faces):
    """A cell of code that shows one result."""
    data = {mime: twin, **{k.replace("_", "/"): v for k, v in faces.items()}}
    return v4.new_code_cell("", outputs=[v4.new_output("display_data", data)])


def page():
    figure = {"name": "fig-one", "alt": "Two lines", "caption": "Lines fall. See."}
    return v4.new_notebook(
        cells=[
            v4.new_markdown_cell("# Title"),
            shown(VERDICT, {}, text_html="<b>card</b>"),
            shown(FIGURE, figure, image_png="QUJD\n"),
            v4.new_markdown_cell("## A case to check by hand\n\nOne plus *one*."),
            shown(TABLE, {}, text_html="<i>table</i>"),
            v4.new_markdown_cell(f"## After\n\nText.\n\n{LIMIT}\n{BET}"),
            shown(TABLE, {}, text_html="<i>another</i>"),
        ]
    )


def made(one=None):
    return {s.head: s.body for s in slides(LESSON, one or page(), lambda text: text)}


def test_slides_come_from_the_page_in_their_order():
    assert list(made()) == [
        "Title",
        "Your bet",
        "A case to check by hand",
        "The verdict",
        "Lines fall",
        "What this page cannot tell",
        "To discuss",
    ]


def test_each_shows_what_the_page_does():
    found = made()
    assert "see &lt;it&gt;" in found["Title"]
    assert "Bet $x_1$." in found["Your bet"]
    assert "One plus <em>one</em>." in found["A case to check by hand"]
    assert "<i>table</i>" in found["A case to check by hand"]
    assert "another" not in found["A case to check by hand"]
    assert "<b>card</b>" in found["The verdict"]
    assert 'alt="Two lines" src="data:image/png;base64,QUJD"' in found["Lines fall"]
    assert "$a &lt; b$" in found["What this page cannot tell"]


def test_a_figure_that_is_not_there_is_named():
    with pytest.raises(KeyError, match="'fig-two'"):
        slides(LESSON._replace(slides=["fig-two"]), page(), str)


def test_a_file_asks_for_nothing_off_the_site():
    html = slides_html("page", slides(LESSON, page(), str))
    assert html.count("<section>") == 7
    assert "https://" not in html
    assert '<a href="../notebooks/page.html">' in html


def test_slides_are_written_for_pages_with_a_verdict(tmp_path):
    bare = v4.new_notebook(cells=[v4.new_markdown_cell("# Title")])
    names = ["page", "bare", "gone"]
    known: dict[str, Lesson] = dict.fromkeys(names, LESSON)
    plain: dict[str, Plain] = dict.fromkeys(names, str)
    pages = {"page": page(), "bare": bare}
    assert write_slides(tmp_path, known, pages, plain) == ["page"]
    assert [file.name for file in tmp_path.iterdir()] == ["page.html"]

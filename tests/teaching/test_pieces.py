"""Pieces that a page takes: its box and its questions."""

from html.parser import HTMLParser

from nbformat import v4

from saecore.teaching import pieces
from saecore.teaching.lessons import Lesson, QuizQuestion

QUESTION = QuizQuestion(
    "Is a < b?", "Yes.", "It is.", {"No.": "Takes < for >.", "Or?": "-"}
)
LESSON = Lesson("page", ["see"], ["first"], ["sums"], {}, [QUESTION], ["Why?"], [])
PAGE = v4.new_notebook(cells=[v4.new_markdown_cell("# Title\n\n" + "word " * 150)])


def test_the_box_has_goals_pages_before_and_minutes():
    made = pieces.box(LESSON, PAGE, {"first": "The first"})
    assert "- see" in made
    assert "[The first](first.ipynb); sums." in made
    assert "1 to read (151 words" in made


def test_each_answer_of_a_quiz_is_folded_with_its_reason_and_text_is_escaped():
    made = pieces.quiz_and_discussion(LESSON)
    assert made.count("<details>") == 3
    assert "<summary>No.</summary><p>No. Takes &lt; for &gt;.</p>" in made
    assert "<summary>Yes.</summary><p>Yes. It is.</p>" in made
    assert "1. Why?" in made
    opened = []

    class Balanced(HTMLParser):
        def handle_starttag(self, tag, attrs):
            opened.append(tag)

        def handle_endtag(self, tag):
            assert opened.pop() == tag

    Balanced().feed(made)
    assert opened == []


def test_a_directive_is_replaced_by_its_piece_in_a_copy():
    page = v4.new_notebook(
        cells=[v4.new_markdown_cell(f"{pieces.include('page', 'box')}\n\nText.")]
    )
    whole = pieces.expanded(page, "page", {"box": "BOX"})
    assert whole.cells[0].source == "BOX\n\nText."
    assert "include" in page.cells[0].source


def test_pieces_are_written_for_lessons_whose_page_is_there(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "book" / "teaching").mkdir(parents=True)
    pieces.write_pieces(tmp_path, tmp_path / "made")
    assert list((tmp_path / "made").iterdir()) == []


def test_the_title_is_the_first_heading():
    assert pieces.title(PAGE) == "Title"

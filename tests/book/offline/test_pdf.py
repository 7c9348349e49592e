"""The book as one PDF: printed by a real Chromium where there is one."""

import shutil

import pytest

from saecore.book.offline import pdf
from saecore.report.paths import ReportError

FOUND = next((path for name in pdf.BROWSERS if (path := shutil.which(name))), None)


def test_without_a_browser_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ReportError, match=r"none of chromium.*apt install chromium"):
        pdf.book_pdf(tmp_path, tmp_path, tmp_path / "book.pdf")


def test_a_browser_that_prints_nothing_leaves_no_file(tmp_path):
    target = tmp_path / "out" / "book.pdf"
    with pytest.raises(ReportError, match="printed no PDF"):
        pdf.printed("false", tmp_path / "a.html", target, profile=tmp_path / "p")
    assert not target.exists()


def test_a_stage_that_is_no_book_says_so(tmp_path):
    (tmp_path / "_config.yml").write_text("title: x\n")
    with pytest.raises(ReportError, match="did not become one page"):
        pdf.one_page_html(tmp_path, tmp_path / "nothing", tmp_path)


@pytest.mark.skipif(
    FOUND is None,
    reason="Chromium is not installed: nothing is printed (apt install chromium)",
)
def test_a_page_becomes_a_pdf(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><title>One</title><p>words</p>")
    made = pdf.printed(
        pdf.browser(), page, tmp_path / "out" / "book.pdf", profile=tmp_path / "profile"
    )
    assert made.read_bytes().startswith(b"%PDF-")
    assert [path.name for path in made.parent.iterdir()] == ["book.pdf"]

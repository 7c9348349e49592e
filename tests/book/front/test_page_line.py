"""The last line of a page."""

import json

from saecore.book.front.page_line import copy_with_line, page_line

FACTS = {
    "profile": "tiny",
    "world_seed": 0,
    "date": "2026-11-30",
    "python": "3.11.7",
    "packages": {"torch": "2.13.0"},
    "machine": {"processor": "one"},
    "notebooks": {"first": {"seconds": 12.3, "cpu_seconds": 11.0, "peak_mb": 456.7}},
}


def test_it_says_when_on_what_and_at_what_cost():
    line = page_line("first", FACTS)
    for said in ("2026-11-30", "`tiny`", "12 s", "457 MB", "one", "torch 2.13.0"):
        assert said in line
    assert "cards/" not in line
    assert 'href="../cards/absorption.svg"' in page_line("first", FACTS, "absorption")
    assert page_line("second", FACTS) == page_line("first", {}) == ""


def test_a_page_is_copied_with_its_line_and_without_one_as_it_is(tmp_path):
    page, target = tmp_path / "page.ipynb", tmp_path / "copy.ipynb"
    page.write_text('{"cells": [ ]}')
    copy_with_line(page, target, "")
    assert target.read_text() == page.read_text()
    copy_with_line(page, target, "when")
    (cell,) = json.loads(target.read_text())["cells"]
    assert (cell["cell_type"], cell["source"]) == ("markdown", "when")

"""Numbers read back from a page."""

import json

import pytest

from saecore.book.front.stored_numbers import stored_number
from saecore.report.rendering import RESULT, TABLE


@pytest.fixture
def pages(tmp_path):
    """A page with a result, an exact one, and a table."""
    shown = [
        {RESULT: {"name": "x", "value": 0.5, "low": 0.4, "high": 0.6}},
        {RESULT: {"name": "exact", "value": 2.0, "low": None, "high": None}},
        {
            TABLE: {
                "name": "t",
                "columns": [["rule", ["a", "b"]], ["v", [1.0, 2.0]], ["w", [3.0, 4.0]]],
            }
        },
    ]
    cell = {"outputs": [{"data": data} for data in shown]}
    (tmp_path / "p.ipynb").write_text(json.dumps({"cells": [{}, cell]}))
    return tmp_path


def test_a_result_has_its_ends_if_there_are_any(pages):
    assert stored_number(pages, {"page": "p", "result": "x"}) == [0.5, 0.4, 0.6]
    assert stored_number(pages, {"page": "p", "result": "exact"}) == [2.0]


def test_a_row_of_a_table_is_found_by_its_first_column(pages):
    where = {"page": "p", "table": "t", "row": "b", "columns": ["v", "w"]}
    assert stored_number(pages, where) == [2.0, 4.0]
    assert stored_number(pages, where | {"row": "c"}) is None
    assert stored_number(pages, where | {"columns": ["z"]}) is None


def test_what_is_not_there_is_none(pages):
    assert stored_number(pages, {"page": "q", "result": "x"}) is None
    assert stored_number(pages, {"page": "p", "result": "y"}) is None

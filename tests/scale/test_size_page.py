"""The page on sizes is not stale, and its numbers are told as people read them."""

import pytest

from saecore.report.paths import required_checkout
from saecore.report.speed import read_speed
from saecore.scale.costs import PRICED
from saecore.scale.size_page import SIZE_PAGE, size_page, told_number


def test_the_page_is_what_the_benchmarks_say_now():
    page = required_checkout() / "book" / SIZE_PAGE
    said = "run `python -m saecore.scale.size_page`"
    assert page.read_text(encoding="utf-8") == size_page(read_speed()), said


def test_every_size_has_a_line_in_both_tables_and_estimates_say_so():
    text = size_page(read_speed())
    for size in PRICED:
        assert text.count(f"| {size.name} |") == 2
    assert "GPU hours are an estimate" in text
    assert "~" in text


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (0.001, "<0.01"),
        (0.0123, "0.012"),
        (0.99, "0.99"),
        (9.96, "10.0"),
        (34.6, "35"),
        (11_234.0, "11,000"),
    ],
)
def test_numbers_have_two_digits(number, told):
    assert told_number(number) == told

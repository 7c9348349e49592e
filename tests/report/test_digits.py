"""A number is shown with the digits that its interval carries, and no others."""

import pytest

from saecore.report.digits import people_text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ((0.2565, 0.2418, 0.2713), "0.26 [0.24, 0.27]"),
        ((-0.1691, -0.1801, -0.1502), "−0.17 [−0.18, −0.15]"),
        ((-0.1691, -0.1701, -0.1682), "−0.169 [−0.170, −0.168]"),
        ((0.42, 0.1, 0.8), "0.42 [0.10, 0.80]"),
        ((0.0003, -0.021, 0.022), "0.000 [−0.021, 0.022]"),
        ((0.123456, 0.123455, 0.123457), "0.123"),
        ((12.34, 10.1, 14.9), "12 [10, 15]"),
        ((1234.4, 1200.2, 1260), "1,234 [1,200, 1,260]"),
        ((0.00021, 0.00011, 0.00033), "0.00021 [0.00011, 0.00033]"),
        ((3.5, 3.0, 4.0), "3.5 [3.0, 4.0]"),
    ],
)
def test_the_interval_decides_the_last_digit_between_two_and_three(number, text):
    assert people_text(*number) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "0.5"),
        (0, "0"),
        (-0.0, "0"),
        (0.12345, "0.123"),
        (-7.875, "−7.88"),
        (65536, "65,536"),
        (65536.4, "65,536"),
        (0.00012345, "0.000123"),
        (999_999.0, "999,999"),
        (2.5e-7, "2.5e−07"),
    ],
)
def test_an_exact_number_has_three_digits_or_is_whole(value, text):
    assert people_text(value) == text == people_text(value, value, value)


def test_given_decimals_hold_for_number_and_ends():
    assert people_text(0.0012, 0.001, 0.002, decimals=2) == "0.00"
    assert people_text(0.1234, 0.08, 0.2, decimals=2) == "0.12 [0.08, 0.20]"
    assert people_text(-0.001, decimals=2) == "0.00"

"""The papers' numbers are read from one file, each with its source."""

import pytest

from saecore.report import published


def test_the_numbers_of_a_claim_come_with_their_source():
    numbers = published("seed_dependence")
    assert numbers["base"]["shared"] == 0.4159
    assert "2501.16615" in numbers["source"]
    assert len(numbers["widths"]["x"]) == len(numbers["widths"]["shared"])


def test_the_nine_seeds_are_a_distribution():
    assert sum(published("seed_dependence")["nine_seeds"]["share"]) == pytest.approx(
        1, abs=0.005
    )


def test_a_claim_without_numbers_is_refused():
    with pytest.raises(ValueError, match="published numbers exist for"):
        published("no_such_claim")

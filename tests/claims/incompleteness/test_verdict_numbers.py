"""Shares, areas and differences with their intervals, on planted features."""

import pytest
import torch

from saecore.claims.incompleteness.verdict_numbers import verdict_numbers
from tests.claims.incompleteness import planted


@pytest.fixture(scope="module")
def found():
    return planted.studied()


def test_what_counts_is_the_difference(found):
    for numbers in found.numbers.values():
        for way in ("novel", "refit"):
            share = numbers["novel" if way == "novel" else "refit_novel"]
            lead = share[0] - numbers[f"{way}_control"][0]
            assert numbers[f"{way}_excess"][0] == pytest.approx(lead)
            assert numbers[f"{way}_excess"][1] > 0


def test_shares_are_inside_0_to_1_and_their_intervals_have_a_width(found):
    names = ("novel", "novel_control", "refit_novel", "auc", "auc_null", "auc_refit")
    for numbers in found.numbers.values():
        for name in names:
            value, low, high = numbers[name]
            assert 0 <= low <= value <= high <= 1
            assert low < high


def test_with_the_same_features_at_every_seed_the_control_finds_nothing():
    held = planted.world()
    same = {
        kind: {w: [some[0]] * 3 for w, some in by_width.items()}
        for kind, by_width in held.saes.items()
    }
    generator = torch.Generator().manual_seed(0)
    numbers = verdict_numbers(held._replace(saes=same), generator=generator)
    for way in ("novel_control", "refit_control"):
        assert numbers[way].triple[:2] == (0, 0)
        assert 0 < numbers[way].high < 0.5
    assert numbers["novel"].estimate == pytest.approx(3 / 4)

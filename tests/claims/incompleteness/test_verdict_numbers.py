"""Shares, areas and differences with their intervals, on planted features."""

import pytest
import torch

from saecore.claims.incompleteness import between_seeds
from saecore.claims.incompleteness.verdict_numbers import verdict_numbers
from saecore.measures.dictionary.encoded import encoded
from tests.claims.incompleteness import planted
from tests.measures.stitching.test_insertion import normal, plain


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


def test_the_null_is_drawn_as_often_as_the_rule_says(monkeypatch):
    asked, drawn = [], between_seeds.strangers

    def noted(small, *, draws, generator):
        asked.append(draws)
        return drawn(small, draws=draws, generator=generator)

    monkeypatch.setattr(between_seeds, "strangers", noted)
    generator = torch.Generator().manual_seed(0)
    verdict_numbers(planted.world(null_draws=3), generator=generator)
    assert set(asked) == {3}


def test_the_lead_over_the_null_is_the_difference_of_the_areas():
    held, x = planted.model(), normal(1024, 8).float()
    narrow = [encoded(plain(12, seed=s, dtype=torch.float32), x) for s in range(3)]
    wide = [encoded(plain(48, seed=9 + s, dtype=torch.float32), x) for s in range(3)]
    saes = {"relu": {12: narrow, 48: wide}}
    numbers = verdict_numbers(
        held._replace(x=x, saes=saes), generator=torch.Generator().manual_seed(0)
    )
    for way in ("auc", "auc_refit"):
        lead = numbers[way].estimate - numbers[f"{way}_null"].estimate
        assert numbers[f"{way}_excess"].estimate == pytest.approx(lead)

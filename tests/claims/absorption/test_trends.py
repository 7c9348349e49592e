import math

import pytest

from saecore.claims.absorption import trends
from saecore.report import published


def test_wider_and_sparser_absorb_more_and_matryoshka_least(study):
    rates = trends.rates(study)
    at = {place: interval.estimate for place, interval in rates.items()}
    assert at["topk", 640, 8] > at["topk", 160, 8]
    assert at["topk", 640, 4] > at["topk", 640, 8] > at["topk", 640, 16]
    assert at["matryoshka", 640, 8] == pytest.approx(1 / 40, rel=0.2)


def test_settings_without_a_rate_are_not_drawn(study):
    some = study.setting.grid.settings["relu"][160, 4]
    nobody = study.saes[some[0]]
    nobody = nobody._replace(rate=nobody.rate._replace(as_zero=math.nan))
    less = study._replace(saes=study.saes | {some[0]: nobody})
    assert set(trends.rates(study)) - set(trends.rates(less)) == {("relu", 160, 4)}


def test_all_settings_are_in_the_table(study):
    rows = trends.all_settings(study)
    assert len(rows) == 2 * 2 * 3 + 1
    assert rows[-1]["architecture"] == "Matryoshka"
    for row in rows:
        assert row["absorption rate"] <= row["main latents silent"] + 1e-6
        assert 0 < row["letters that count"] <= 3


def test_saebenchs_metrics_stand_beside_the_published_ones(study):
    paper = published("absorption")
    rows = trends.against_saebench(study, paper)
    assert [row["architecture"] for row in rows[::2]] == ["TopK", "ReLU", "Matryoshka"]
    assert [row["metric"] for row in rows[:2]] == ["fraction 0.3.2", "full absorption"]
    assert rows[1]["Pythia-160M, smallest"] == min(paper["topk"]["full"])
    for row in rows:
        assert 0 <= row["ours, smallest"] <= row["ours, largest"] <= 1

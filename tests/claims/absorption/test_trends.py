import math

import pytest
import torch

from saecore.claims.absorption import trends
from saecore.report import published
from tests.claims.absorption.planted import NAMES


def test_wider_and_sparser_absorb_more_and_matryoshka_least(study):
    at = {place: one.share.estimate for place, one in study.absorbed.items()}
    assert at["topk", 640, 4] > at["topk", 160, 4]
    assert at["topk", 640, 4] > at["topk", 640, 8] > at["topk", 640, 16]
    assert at["matryoshka", 640, 4] == pytest.approx(1 / 40, rel=0.2)


def test_all_settings_are_in_the_tables(study):
    places = study.setting.grid.places
    for table in (trends.all_settings(study), trends.fidelities(study)):
        assert len(table) == len(places) == 2 * 4 + 2
        assert table[-1]["architecture"] == "Matryoshka"
    for row in trends.all_settings(study):
        assert row["strongest null"] < row["absorbed"] <= row["silent"] + 1e-6
        assert row["low"] <= row["absorbed"] <= row["high"]


def test_fidelity_is_that_of_the_words(study):
    rows = trends.fidelities(study)
    for row in rows:
        assert 0 <= row["FVU"] < 1
        assert 0 < row["L0"] < 4
        assert 0 < row["letters that count"] <= 3


def test_a_setting_without_a_rate_has_gaps(study):
    place = "relu", 160, 4
    blank = study._replace(absorbed=study.absorbed | {place: None})
    row = trends.all_settings(blank)[list(study.absorbed).index(place)]
    assert row["absorbed"] is row["strongest null"] is None


def test_letters_stand_by_falling_rate_with_a_number_per_k(study):
    rates = trends.by_letter_and_k(study)
    assert next(iter(rates)) == "B"  # it has the most
    assert set(rates) <= set(NAMES)
    for by_k in rates.values():
        assert list(by_k) == sorted(by_k)
        assert not any(math.isnan(rate) for rate in by_k.values())


def test_the_base_stands_beside_each_of_its_nulls(study):
    rows = trends.nulls_of_base(study)
    assert next(row["rule applied to"] for row in rows) == "as it is"
    assert len(rows) == 6
    by_name = {row["rule applied to"]: row for row in rows}
    assert by_name["shuffled letters"]["labels that count"] == 0
    assert by_name["shuffled letters"]["absorbed"] is None
    assert by_name["shuffled letters"]["absorbed, gates open"] >= 0
    assert by_name["words whose main latents fire"]["absorbed"] == 0
    assert by_name["as it is"]["absorbed, gates open"] == pytest.approx(
        by_name["as it is"]["absorbed"]
    )


def test_silence_is_the_share_of_cases(study):
    one = study.base[0]
    for label in range(3):
        mine = one.found.label == label
        expected = float(one.found.silent[mine].float().mean())
        assert float(trends._silent(one)[label]) == pytest.approx(expected)
    assert torch.isfinite(trends._silent(one)).all()


def test_saebenchs_metrics_stand_beside_the_published_ones(study):
    paper = published("absorption")
    rows = trends.against_saebench(study, paper)
    names = [row["architecture"] for row in rows[::2]]
    assert names == ["TopK", "ReLU", "JumpReLU", "Matryoshka"]
    assert [row["metric"] for row in rows[:2]] == ["fraction 0.3.2", "full absorption"]
    assert rows[1]["Pythia-160M, smallest"] == min(paper["topk"]["full"])
    for row in rows:
        assert 0 <= row["ours, smallest"] <= row["ours, largest"] <= 1


def test_a_layer_without_a_rate_has_a_row_with_gaps():
    rate = {"probe F1": 0.9, "letters that count": 5, "which": "x"}
    none = rate | {"layer": 0, "absorbed": None, "strongest null": None}
    some = rate | {"layer": 1, "absorbed": [0.3, 0.2, 0.4], "strongest null": 0.1}
    first, second = trends.by_layer({"layers": [none, some]})
    assert first["absorbed"] is first["low"] is first["high"] is None
    assert second["layer"] == 1
    assert (second["absorbed"], second["high"]) == (0.3, 0.4)
    assert second["strongest null"] == 0.1

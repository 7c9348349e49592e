import pytest

from saecore.claims.absorption import latents
from tests.claims.absorption.planted import EACH, NAMES


def test_best_latents_miss_what_is_absorbed(study):
    best = latents.best_latents(study)
    assert set(best.precision) == set(study.setting.grid.places)
    assert best.recall["topk", 640, 4].estimate < best.recall["topk", 160, 4].estimate
    assert best.precision["topk", 640, 4].estimate > 0.8
    assert all(0.9 < score <= 1 for score in best.probe)


def test_every_letter_has_a_row(study):
    rows = latents.by_letter(study)
    assert [row["letter"] for row in rows] == list(NAMES)
    assert [row["words"] for row in rows] == [EACH] * 3
    assert [row["main latents"] for row in rows] == [2, 1, 1]
    assert {row["counts"] for row in rows} == {"yes"}
    assert [row["absorbed"] for row in rows] == [row["specific"] for row in rows]


def test_each_kind_of_rows_is_a_mean_over_its_seeds(study):
    rows = latents.trained_on(study)
    assert len(rows) == 4
    assert rows[0]["letters that count"] == pytest.approx(3)
    assert rows[1]["absorbed (SAEBench, full)"] > 0

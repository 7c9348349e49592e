import pytest

from saecore.claims.absorption import latents
from tests.claims.absorption.planted import EACH, NAMES


def test_settings_are_those_of_the_grid_with_their_seeds(study):
    places = latents.by_place(study)
    assert set(places) == {
        (kind, width, k)
        for kind in ("topk", "relu")
        for width in (160, 640)
        for k in (4, 8, 16)
    }
    assert all(len(some) == 2 for some in places.values())


def test_best_latents_miss_what_is_absorbed(study):
    best = latents.best_latents(study)
    assert best.recall["topk", 640, 4].estimate < best.recall["topk", 160, 4].estimate
    assert best.precision["topk", 640, 4].estimate > 0.8
    assert all(0.9 < score <= 1 for score in best.probe)


def test_every_letter_has_a_row(study):
    rows = latents.by_letter(study)
    assert [row["letter"] for row in rows] == list(NAMES)
    assert [row["words"] for row in rows] == [EACH] * 3
    assert [row["main latents"] for row in rows] == [2, 1, 1]
    assert {row["counts"] for row in rows} == {"yes"}


def test_the_halves_of_one_letter_are_a_split(study):
    found = latents.splits(study)
    assert {place[1:] for place in found} == {(160, 8), (640, 4), (640, 8), (640, 16)}
    assert found["topk", 640, 4].estimate == pytest.approx(1 / 3)


def test_each_kind_of_rows_is_a_mean_over_its_seeds(study):
    rows = latents.trained_on(study)
    assert len(rows) == 3
    assert rows[0]["absorption rate"] == pytest.approx(study.absorbed.estimate)
    assert rows[0]["letters that pass both gates"] == 3

"""Shares beside the closed form, on toys that obey it and toys that do not."""

import pytest

from saecore.claims.absorption_toys import prediction, study
from saecore.claims.absorption_toys.grid import ALONE, GIVEN, PENALTIES
from saecore.measures.absorption import closed_form


def test_toys_at_the_optimum_are_predicted_and_none_is_stuck(ideal, subject):
    graded = study(ideal, subject).graded
    found = prediction.beside_optimum(graded, [0.01, 0.1])
    assert found.sound == list(range(10))
    assert found.apart["bias"] == pytest.approx(0, abs=1e-5)
    assert found.apart["norms"] > 0.01
    for row in found.rows:
        expected = pytest.approx(row["optimum, bias"], abs=1e-5)
        assert row["median of the seeds"] == expected
        assert row["seeds stuck"] == 0
    assert found.curves["plain"][0] == graded.optimum["plain"][0.01]
    assert len(prediction.share_rows(graded)) == 10 * len(PENALTIES)


def test_maps_find_the_planted_share_and_count_what_is_near(by_delta, subject):
    def best(recipe):
        rates = {"p11": recipe.toy.p11, "p01": recipe.toy.p01}
        return closed_form.best_delta(**rates, penalty=recipe.penalty, form="bias")

    found = prediction.phases(by_delta(best), subject)
    alone, given = len(ALONE) * len(PENALTIES), len(GIVEN) * len(PENALTIES)
    assert found.near() == {"alone": (alone, alone), "given": (given, given)}
    for row in found.rows():
        assert row["delta"] == pytest.approx(row["closed form"], abs=1e-4)
    never = prediction.phases(by_delta(lambda recipe: 0.0), subject)
    assert never.near()["given"] == (0, given)
    assert set(never.given.values()) == {0.0}

"""Erasers at all strengths: the curves begin unedited and pass through the tables."""

import pytest

from saecore.claims.erasure import curves
from saecore.claims.erasure.erasers import STRENGTHS, SUPERVISED_ERASERS


@pytest.fixture(scope="module")
def drawn(found):
    return curves.pareto(found)


def test_a_curve_per_sae_and_eraser_begins_without_an_edit(drawn, found):
    names = ["one latent", *SUPERVISED_ERASERS, "random direction"]
    assert list(drawn) == [1, 2]
    assert list(drawn[1]) == names
    assert [len(several) for several in drawn[1].values()] == [3, 1, 1, 1, 1, 1]
    unedited = found.base.task.right(lambda x: x, "held out")
    for several in drawn[1].values():
        assert several[0].right[0] == pytest.approx(unedited)
        assert abs(several[0].harm[0]) < 1e-6
        assert several[0].harm[-1] > 0


def test_rows_of_the_figure_are_one_per_strength(drawn):
    rows = curves.eraser_curve_rows(drawn)
    assert len(rows) == 2 * 8 * (1 + len(STRENGTHS))
    assert rows[0]["eraser"] == "one latent"
    assert rows[0]["strength"] == 0


def test_the_table_has_means_over_those_that_get_there(found):
    rows = {(row["layer"], row["eraser"]): row for row in curves.matched_rows(found)}
    assert rows[1, "one latent"]["at chance"] == "2 of 3"
    assert rows[1, "mean difference"]["at chance"] == "1 of 1"
    assert rows[1, "random direction"]["at chance"] == "0 of 1"
    assert rows[1, "random direction"]["strength"] is None
    there = [one for one in found.base.latents if one.matched.reached]
    mean = sum(one.matched.strength for one in there) / 2
    assert rows[1, "one latent"]["strength"] == pytest.approx(mean)


def test_gender_is_told_unedited_and_less_after_the_mean_difference(found):
    task = found.base.task
    assert curves.gender_auroc(task, lambda x: x) > 0.95
    means = found.base.supervised["mean difference"].matched.eraser
    assert curves.gender_auroc(task, means) < 0.9


def test_a_row_per_sae_says_its_latent_and_way(found):
    rows = curves.chosen_rows(found)
    assert len(rows) == 6
    linked = [row["SAE"] for row in rows if "explorer:" in str(row["latent"])]
    assert set(linked) <= {0, 1}
    assert linked
    assert {row["way"] for row in rows} <= {"subtracted", "projected"}

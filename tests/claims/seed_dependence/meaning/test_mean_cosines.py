"""Mean matched cosines of planted seeds, and what they hide."""

import pytest
import torch

from saecore.claims.seed_dependence.meaning import mean_cosines
from saecore.measures.seeds.mean_cosine import KINDS
from saecore.report import published


def test_all_kinds_are_given_with_a_null_below(found):
    means = mean_cosines.mean_cosines(found.model.base)
    assert tuple(means.mean) == tuple(means.null) == KINDS
    for kind in KINDS:
        assert means.null[kind].high < means.mean[kind].low
    assert means.mean["decoder"].estimate > found.model.shared.estimate


def test_grades_are_the_curve_of_the_first_pair(found):
    base = found.model.base
    grades = mean_cosines.grades(base)
    area = torch.trapezoid(grades.two_seeds, grades.threshold)
    absolute = mean_cosines.matched_cosines(base.saes[0], base.saes[1], base.pair)
    assert float(area) == pytest.approx(absolute.mean(), abs=0.02)
    assert float(grades.null[70]) < float(grades.two_seeds[70])


def test_places_are_those_of_the_sweeps(found):
    places = mean_cosines.means_and_shares(found.model.base)
    assert {name: list(by) for name, by in places.items()} == {
        "k": [2, 3, 6],
        "rows in training": [2048, 4096],
    }
    shares = [one.shared for one in places["k"].values()]
    assert shares == sorted(shares, reverse=True)


def test_published_places_are_each_told_once():
    paper = published("seed_dependence")
    places = mean_cosines.published_means(paper)
    assert len(places) == 4 + 3 - 1
    assert mean_cosines.MeanAndShare(0.677, 0.4159) in places

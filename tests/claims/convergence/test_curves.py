"""Points of the curves: known shares, absorption and parts, each beside its null."""

from dataclasses import replace

import pytest
import torch

from saecore.claims.absorption.below.first_letter import LetterRows
from saecore.claims.convergence import curves
from saecore.claims.convergence.grid import ConvergenceGrid, convergence_grid
from saecore.claims.seed_dependence.grid import model_seeds
from saecore.measures.algebra.intervals import Interval
from saecore.recipes.sae import SAERecipe
from saecore.report import Claim
from saecore.zoo.store import Zoo
from tests.claims.absorption.planted import planted_sae, planted_study
from tests.claims.non_atomicity import planted as parts
from tests.claims.seed_dependence.conftest import (
    PROFILE,
    PlantedZoo,
    shared_latents,
)

CLAIM = Claim.read("non_atomicity")


def test_seeds_share_what_was_planted_at_every_point(tmp_path):
    profile = replace(PROFILE, less_text=(2,))
    seeds = model_seeds(profile)
    shares = {
        width: {
            rows: [replace(one, rows=rows) for one in some] for rows in (2048, 4096)
        }
        for width, some in seeds.widths["topk"].items()
    }
    grid = ConvergenceGrid(shares, {}, {}, {}, seeds.less_text)
    points = curves.shared_points(PlantedZoo(tmp_path, workers=1), profile, grid)
    assert len(points) == 3 * 2 + 1
    for point in points[:-1]:
        recipe = grid.shares[point.width][point.rows][0]
        common, fewer = shared_latents(recipe), 2  # seeds lack 0, 1 and 2 of them
        least, most = (common - fewer - 1) / point.width, common / point.width
        assert point.found is not None
        assert least <= point.found.estimate <= most
        assert point.null is not None
        assert point.null < 0.25
        assert point.what == "shared"
        assert point.fvu == pytest.approx(0.11)
        assert point.silent is None  # of SAEs that did not note it
    by_rows = {p.rows: p.found.estimate for p in points if p.found and p.width == 20}
    assert by_rows[2048] < by_rows[4096]
    assert points[-1].unique == 4 * (profile.length - 1)


class WordsZoo(Zoo):
    """The planted SAEs of words, and as many rows as the rest does not read."""

    def get(self, recipe):
        if isinstance(recipe, SAERecipe):
            return planted_sae(recipe)
        return torch.zeros(1000, 2)

    def get_all(self, recipes):
        return {recipe: self.get(recipe) for recipe in recipes}


def test_letters_are_told_better_than_shuffled_ones(tmp_path):
    study = planted_study()
    own, few = study.setting.letters, study.setting.grid.base
    rows = LetterRows(own.rows, own.words.labels, own.probes, study.setting.rule)
    grid = convergence_grid(study.setting.profile, CLAIM)._replace(words={7: few})
    (point,) = curves.letter_points(rows, WordsZoo(tmp_path), grid)
    assert (point.what, point.unique) == ("letters", 1000)
    assert point.found is not None
    assert point.null is not None
    assert point.found.low > point.null


def test_meta_saes_of_bundles_explain_more_than_rows_without_parts():
    profile = replace(parts.PROFILE, curve=(4096,))
    grid = convergence_grid(profile, CLAIM)
    zoo = parts.PlantedZoo()
    (point,) = curves.explained_points(zoo, profile, CLAIM, grid)
    assert point.found is not None
    assert point.null is not None
    assert point.found.low > point.null


def test_a_profile_without_curves_has_no_points(tmp_path):
    assert not list(curves.curve_points(PlantedZoo(tmp_path, workers=1), PROFILE))


def test_a_point_is_a_row_with_gaps_where_nothing_was_measured():
    interval = Interval(0.5, 0.4, 0.6, 0.1, 0.95)
    point = curves.CurvePoint("shared", 8, 100, 50, interval, 0.1, 0.2, 0.0)
    row = point.row()
    assert (row["value"], row["low"], row["high"]) == (0.5, 0.4, 0.6)
    assert (row["unique rows"], row["null"], row["silent"]) == (50, 0.1, 0.0)
    assert point._replace(found=None).row()["value"] is None

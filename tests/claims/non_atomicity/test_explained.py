"""Variance explained: the paper's count, its baseline, and widths."""

import pytest

from saecore.claims.non_atomicity import explained
from saecore.measures.meta.variance_explained import by_encoding


def test_the_paper_counts_rows_trained_on_without_centring(model):
    shares = []
    for recipe in model.grid.base:
        rows, train, _ = model.rows(recipe)
        shares.append(by_encoding(model.metas[recipe], rows[train]).plain)
    assert explained.as_the_paper_counts(model) == model.over_seeds(shares)


def test_what_a_row_uses_by_the_threshold_is_what_the_zoo_noted(model):
    for number, recipe in enumerate(model.grid.base):
        model.metas[recipe].log["l0_held"] = 4.0 + number
    assert explained.own_active(model) == 5


def test_the_published_baseline_is_below_zero(model):
    assert explained.published_baseline(model).drawn < 0


def test_gains_are_differences_to_the_null_at_every_width(model):
    found = explained.by_width(model)
    for width, gain in found.gains.items():
        own, null = (
            found.curves[x][width] for x in ("decoder rows", "rows in clusters")
        )
        assert gain.estimate == pytest.approx(own.estimate - null.estimate)
    assert len(found.rows()) == 2 * 3

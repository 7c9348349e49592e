"""Figures draw what they are given."""

import pytest

from saecore.claims.non_atomicity import figures
from saecore.claims.non_atomicity.combinations import SMALL
from saecore.claims.non_atomicity.explained import CLUSTERS, DECODER, ExplainedByWidth
from saecore.measures.algebra.intervals import Interval
from saecore.report import subplots

ONE = Interval(0.4, 0.3, 0.5, 0.02, 0.95)


def row(name: str, explained: float, covariance: float | None) -> dict:
    nulls = {"clusters": 0.3, "same covariance": covariance}
    excess = explained - max(0.3, covariance or 0)
    ends = {"beyond the stronger": excess, "from": excess - 0.1, "to": excess + 0.1}
    return {"rows": name, "explained": explained} | ends | nulls


def test_a_rung_is_a_dot_with_marks_for_its_nulls_and_a_line_from_the_stronger():
    _, axes = subplots(1, 2)
    rungs = {"world": [row("atoms", 0.2, 0.25)], "model": [row("ReLU", 0.5, None)]}
    figures.draw_ladder(axes, rungs)
    assert [ax.get_yticklabels()[0].get_text() for ax in axes] == ["atoms", "ReLU"]
    line, dot, *_, mark = axes[1].lines
    assert (list(line.get_xdata()), list(dot.get_xdata())) == ([0.3, 0.5], [0.5])
    assert list(mark.get_xdata()) == [0.3]
    (bar,) = axes[1].collections
    assert bar.get_segments()[0][:, 0] == pytest.approx([0.4, 0.6])
    assert line.get_color() != axes[0].lines[0].get_color()
    assert axes[0].get_xlim()[0] == 0


def test_dictionaries_that_are_judged_have_a_star():
    rows = [
        {"dictionary": name, "explained": 0.4, "from": 0.3, "to": 0.5}
        for name in (SMALL, "random rows")
    ]
    _, ax = subplots()
    figures.draw_combinations(ax, rows)
    names = [text.get_text() for text in ax.get_yticklabels()]
    assert names == [SMALL, "random rows *"]


def test_histograms_are_named_as_their_columns():
    columns = {"from": [0.0, 0.5], "to": [0.5, 1.0], "meta-latents": [1.0, 1]}
    columns |= {"centres": [2.0, 0], "rows": [0.0, 2]}
    _, ax = subplots()
    figures.draw_closest(ax, columns, 0.93)
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["meta-latents", "centres", "rows"]


def test_decoder_rows_and_rows_in_clusters_have_a_line_each():
    curves = {name: {64: ONE, 128: ONE} for name in (DECODER, CLUSTERS)}
    _, ax = subplots()
    figures.draw_widths(ax, ExplainedByWidth(curves, {64: ONE}))
    lines = [line for line in ax.lines if line.get_linestyle() == "-"]
    assert [list(line.get_xdata()) for line in lines] == [[64, 128]] * 2
    assert ax.get_ylim()[0] == 0

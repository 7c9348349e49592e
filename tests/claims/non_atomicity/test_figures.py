"""Figures draw what they are given."""

from saecore.claims.non_atomicity import figures
from saecore.claims.non_atomicity.explained import ExplainedByWidth
from saecore.measures.algebra.intervals import Interval
from saecore.report import subplots

ONE = Interval(0.4, 0.3, 0.5, 0.02, 0.95)


def test_a_dictionary_without_an_encoder_has_one_mark():
    best = "its directions by pursuit, held out"
    rows = [
        {"dictionary": "meta-SAE", "held-out rows, centred": 0.4, best: 0.5},
        {"dictionary": "PCA", best: 0.2},
    ]
    _, ax = subplots()
    figures.draw_dictionaries(ax, rows)
    drawn = [line for line in ax.lines if len(line.get_xdata())]
    assert [float(line.get_xdata()[0]) for line in drawn] == [0.5, 0.4, 0.2]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["meta-SAE", "PCA"]


def test_histograms_are_named_as_their_columns():
    columns = {"from": [0.0, 0.5], "to": [0.5, 1.0], "meta": [1.0, 1], "null": [2.0, 0]}
    _, ax = subplots()
    figures.draw_closest(ax, columns)
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["meta", "null"]


def test_every_architecture_has_a_line_and_a_cross():
    curves = {kind: {64: ONE, 128: ONE} for kind in ("relu", "topk")}
    nulls = {"relu": ONE, "topk": ONE}
    _, ax = subplots()
    figures.draw_widths(ax, ExplainedByWidth(curves, nulls, nulls, 128))
    lines = [line for line in ax.lines if line.get_linestyle() == "-"]
    assert [list(line.get_xdata()) for line in lines] == [[64, 128]] * 2
    crosses = [line for line in ax.lines if line.get_marker() == "x"]
    assert [list(line.get_xdata()) for line in crosses] == [[128]] * 2
    assert ax.get_ylim()[0] == 0

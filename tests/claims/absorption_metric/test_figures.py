"""Pictures show what they are given."""

import pytest

from saecore.claims.absorption_metric import figures, scores
from saecore.claims.absorption_metric.headline import RULES
from saecore.measures.absorption.metrics import METRICS
from saecore.report import subplots

pytest.importorskip("matplotlib").use("Agg")


def drawn(ax):
    """The marks that stand for a number."""
    return [line for line in ax.lines if len(line.get_xdata()) == 1]


def test_each_metric_has_a_mark_per_subject_and_knowable_main_latents(small):
    _, ax = subplots()
    figures.draw_f1(ax, scores.precision_rows(small))
    assert len(drawn(ax)) == 2 * 2 * len(METRICS)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == list(METRICS)


def test_bars_of_a_subject_fill_the_width(small):
    _, axes = subplots(1, 2)
    figures.draw_ends(axes, scores.ending_rows(small))
    total = sum(bar.get_width() for bar in axes[0].patches)
    assert total == pytest.approx(len(small.tried["planted rows"]))


def test_rules_are_drawn_by_precision_rates_and_ranks(small):
    _, axes = subplots(1, 4)
    figures.draw_precision(axes[:2], scores.precision_rows(small))
    assert len(drawn(axes[0])) == 3 * len(RULES)
    figures.draw_ranks(axes[2:], scores.tracking_rows(small))
    assert len(drawn(axes[2])) == 2 * len(RULES)
    _, axes = subplots(1, 4)
    figures.draw_metric_rates(axes, scores.rate_points(small))
    assert [len(drawn(ax)) for ax in axes] == [2 * 2 * 3] * 4


def test_each_definition_of_the_truth_has_a_mark_per_rule_and_main_latents(small):
    _, axes = subplots(1, 2)
    rows = scores.definition_rows(small)
    figures.draw_definitions(axes, rows)
    assert sum(len(drawn(ax)) for ax in axes) == len(rows)
    assert len(axes[0].get_yticks()) == 4


def test_recalls_stand_beside_the_closed_form():
    _, ax = subplots()
    found = {
        0.01: {"best latent": 1.0, "split set": 0.9},
        0.2: {"best latent": 1.0, "split set": 0.0},
    }
    figures.draw_recalls(ax, found, 0.05)
    assert list(ax.lines[1].get_ydata()) == [0.9, 0.0]
    assert ax.lines[2].get_xdata()[0] == 0.05

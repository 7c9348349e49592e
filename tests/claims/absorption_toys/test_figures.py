"""Pictures show what they are given."""

import pytest

from saecore.claims.absorption_toys import (
    cures,
    derivation,
    figures,
    outcomes,
    prediction,
    study,
)
from saecore.report import subplots
from saecore.source.worlds.toys import HIERARCHY

pytest.importorskip("matplotlib").use("Agg")


@pytest.fixture
def found(ideal, subject):
    return study(ideal, subject)


def test_the_main_figure_has_a_line_per_setting_and_a_bar_per_end(found):
    _, axes = subplots(1, 2)
    rows = outcomes.setting_rows(found.experiments, found.gap)
    figures.draw_outcomes(axes, rows, found.gaps)
    names = [label.get_text() for label in axes[0].get_yticklabels()]
    assert names == list(found.experiments)
    assert max(bar.get_width() for bar in axes[1].patches) == 1


def test_curves_and_maps_are_drawn_from_the_numbers(found):
    _, axes = subplots(1, 6, figsize=(16, 4))
    saved = derivation.saved(HIERARCHY)
    figures.draw_savings(axes[0], saved)
    assert [line.get_ydata()[-1] for line in axes[0].lines] == [
        saved.plain[-1],
        saved.norms[-1],
        saved.l0[-1],
    ]
    curves = prediction.beside_optimum(found.graded, [0.001, 0.1]).curves
    figures.draw_shares(axes[1], found.graded, [0.001, 0.1], curves)
    assert len(axes[1].lines) == 3 + len(found.graded.delta)
    figures.draw_cosine_maps(axes[2:], outcomes.cosine_maps(found))
    assert axes[5].texts[4].get_text() == "0.71"


def test_phases_and_signatures_show_every_cell_and_run(ideal, subject):
    fig, axes = subplots(1, 3)
    figures.draw_phases(fig, axes[:2], prediction.phases(ideal, subject))
    assert (len(axes[0].texts), len(axes[1].texts)) == (40, 15)
    places = cures.places(cures.cures(ideal, subject, level=0.95))
    figures.draw_signatures(axes[2], places)
    marks = [line for line in axes[2].lines if line.get_marker() != "None"]
    assert sum(len(line.get_xdata()) for line in marks) == len(places)

"""Pictures of the page on definitions."""

import matplotlib

matplotlib.use("Agg")

import pytest
from matplotlib import pyplot as plt

from saecore.claims.seed_dependence.chance import other_nulls
from saecore.claims.seed_dependence.figures import definitions as figures
from saecore.claims.seed_dependence.meaning import definitions, mean_cosines
from saecore.report import published


@pytest.fixture
def axes():
    fig, axes = plt.subplots(1, 2)
    yield axes
    plt.close(fig)


def test_thresholds_and_controls_are_named(axes, found):
    base = found.model.base
    nulls = other_nulls(base)
    curves = definitions.by_threshold(base, nulls, [0.5, 0.7])
    figures.draw_thresholds(axes[0], curves, chosen=0.7)
    legend = [text.get_text() for text in axes[0].get_legend().get_texts()]
    assert legend[0] == "same partner"
    assert legend[-1] == "5 nulls"
    assert len(figures.threshold_data(curves)) == 1 + 4 + 5
    figures.draw_control(axes[1], definitions.control(base), null=0.0)
    label = axes[1].get_xticklabels()[0].get_text()
    assert label == "init =\norder =\ndata ≠"


def test_grades_and_settings_are_drawn_beside_the_papers(axes, found):
    base, paper = found.model.base, published("seed_dependence")
    grades, places = mean_cosines.grades(base), mean_cosines.means_and_shares(base)
    theirs = mean_cosines.published_means(paper)
    figures.draw_grades(axes, grades, places, theirs, cosine=0.7)
    curve = axes[0].get_lines()[0]
    assert list(curve.get_ydata()) == grades.two_seeds.tolist()
    ours = axes[1].get_lines()[0]
    assert list(ours.get_xdata()) == [one.cosine for one in places["k"].values()]
    assert set(figures.grades_data(grades)) == {"threshold", "two_seeds", "null"}


def test_layers_stand_beside_the_papers(axes, found):
    paper = published("seed_dependence")["layers"]
    layers = definitions.shares_by_layer(found.model.base)
    figures.draw_shared_by_layer(axes, layers, paper)
    assert list(axes[1].get_lines()[0].get_ydata()) == paper["shared"]
    titles = [ax.get_title("left") or ax.get_title() for ax in axes]
    assert titles == ["ours", "paper (Pythia-160M)"]

"""Figures draw what they are given."""

import pytest

from saecore.claims.incompleteness import figures, singles, together, world_truth
from saecore.claims.incompleteness.below import percolation, proxy, tasks, walk
from saecore.measures.algebra.intervals import Interval
from saecore.report import subplots
from tests.claims.incompleteness import planted


@pytest.fixture
def axes():
    import matplotlib.pyplot as plt

    fig, axes = subplots(1, 2)
    yield axes
    plt.close(fig)


def labels(ax) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_novel_latents_stand_above_their_pairs(axes):
    pairs = [("relu", 8, 32), ("topk", 8, 32)]
    figures.novel_columns(axes, singles.novel_shares(planted.world(), pairs))
    ticks = [tick.get_text() for tick in axes[0].get_xticklabels()]
    assert ticks == ["ReLU\n8\nto 32", "TopK\n8\nto 32"]
    assert labels(axes[0]) == ["of the wider SAE", "of an equally wide one"]


def test_every_latent_is_a_dot(axes):
    found = singles.single_insertions(planted.world())
    figures.effects_by_cosine(axes, found, cosine=0.7)
    dots = [line for line in axes[0].lines if line.get_marker() == "."]
    assert sum(len(line.get_xdata()) for line in dots) == 32


def test_curves_and_points_have_a_panel_per_architecture(axes):
    joined = together.together(planted.studied()).joined
    figures.stitching_curves(axes, joined)
    assert [ax.get_title(loc="left") for ax in axes] == ["ReLU", "TopK"]
    assert len(labels(axes[1])) == 4


def test_precision_stands_against_recall(axes):
    truth = world_truth.world_truth(planted.world(), planted.world_features())
    figures.precision_recall(axes, truth)
    assert labels(axes[1]) == list(world_truth.WAYS)


def test_pages_below_draw_a_curve_per_pair(axes):
    figures.roc_curves(axes[0], proxy.proxies(planted.world()))
    assert labels(axes[0])[0] == "ReLU 8 to 32"
    figures.largest_families(axes[1], percolation.grown(planted.model()), cosine=0.7)
    assert labels(axes[1])[0] == "16 and 64"


def test_the_walk_has_a_grey_control(axes):
    figures.walks(axes[0], walk.walk(planted.world()))
    assert labels(axes[0]) == ["8 to 16", "16 to 32", "32 to 64", "control at 8"]


def test_each_task_has_a_column():
    import matplotlib.pyplot as plt

    point = Interval(0.7, 0.6, 0.8, 0.1, 0.95)
    scores = {("letter", m, w): point for m in tasks.MEASURES for w in (16, 32)}
    fig, axes = subplots(2, 1, squeeze=False)
    figures.scores_by_width(axes, tasks.Usefulness(scores, {}, [], [16, 32]))
    assert axes[0, 0].get_title(loc="left") == "letter"
    plt.close(fig)

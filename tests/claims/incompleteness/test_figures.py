"""Figures draw what they are given."""

import pytest
import torch

from saecore.claims.incompleteness import figures, singles, together, world_truth
from saecore.claims.incompleteness.below import errors, percolation, proxy, tasks, walk
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
    joined = together.together(planted.model())
    figures.stitching_curves(axes, joined)
    assert [ax.get_title(loc="left") for ax in axes] == ["ReLU", "TopK"]
    assert len(labels(axes[1])) == 4


def test_precision_stands_against_recall(axes):
    truth = world_truth.world_truth(planted.world(), planted.world_features())
    figures.called_by_way(axes, truth, widths=(8, 32))
    assert labels(axes[1]) == ["precision", "recall"]
    ticks = [tick.get_text() for tick in axes[0].get_xticklabels()]
    assert ticks == list(world_truth.WAYS)


def test_pages_below_draw_a_curve_per_pair(axes):
    null = proxy.stranger_roc(planted.world())
    figures.roc_curves(axes[0], proxy.proxies(planted.world()), null=null)
    assert labels(axes[0])[0] == "ReLU 8 to 32"
    assert labels(axes[0])[-1] == "Gaussian rows, base pair"
    figures.largest_families(axes[1], percolation.grown(planted.model()), cosine=0.7)
    assert labels(axes[1])[0] == "16 and 64"


def test_the_walk_has_a_grey_control(axes):
    figures.walks(axes[0], walk.walk(planted.world()))
    assert labels(axes[0]) == ["8 to 16", "16 to 32", "32 to 64", "control at 8"]


def test_cosines_and_errors_have_a_line_per_pair(axes):
    figures.cosine_shares(axes[0], proxy.cosine_spreads(planted.world()))
    assert labels(axes[0]) == ["8 to 16", "16 to 32", "32 to 64", "two seeds of 8"]
    figures.errors_by_width(axes, errors.token_errors(planted.world()))
    assert len(labels(axes[1])) == 4


def test_each_task_has_a_column():
    import matplotlib.pyplot as plt

    tables = {
        ("letter", m, w): torch.tensor([[0.7], [0.8], [0.6]]).repeat(1, 2)
        for m in tasks.MEASURES
        for w in (16, 32)
    }
    whole = {("letter", "dense"): torch.tensor([0.9, 0.9])}
    fig, axes = subplots(2, 1, squeeze=False)
    found = tasks.Usefulness(tables, whole, {}, [], [16, 32], 0.95)
    figures.scores_by_width(axes, found)
    assert axes[0, 0].get_title(loc="left") == "letter"
    lines = [line.get_ydata()[0] for line in axes[0, 0].lines]
    assert pytest.approx(0.9) in lines
    plt.close(fig)

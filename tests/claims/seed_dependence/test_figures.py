"""Pictures draw what they are given, and their numbers are those that are drawn."""

import matplotlib

matplotlib.use("Agg")

import pytest
from matplotlib import pyplot as plt

from saecore.claims.seed_dependence import definitions, figures, world_truth
from saecore.claims.seed_dependence.chance import other_nulls
from saecore.claims.seed_dependence.nine_seeds import nine_seeds
from saecore.claims.seed_dependence.sweeps import by_architecture, trends
from saecore.report import published


@pytest.fixture
def axes():
    fig, axes = plt.subplots(1, 3)
    yield axes
    plt.close(fig)


def test_every_latent_of_a_pair_is_a_dot(axes, found):
    pair, strangers = found.model.base.pair, found.model.chance.strangers
    figures.draw_pair(axes[0], pair, strangers, corner=0.7)
    null, *dots, box = axes[0].get_lines()
    assert len(null.get_xdata()) == 20
    assert sum(len(line.get_xdata()) for line in dots) == 20
    assert list(box.get_xdata()) == [0.7, 0.7, 1]
    assert len(figures.pair_data(pair, strangers)["same partner"]) == 20


def test_nine_seeds_are_bars_and_a_curve(axes, found):
    seeds = nine_seeds(found.model.base)
    paper = published("seed_dependence")["nine_seeds"]
    figures.draw_nine_seeds(axes[:2], seeds, found.model.chance, paper)
    assert [bar.get_height() for bar in axes[0].patches] == pytest.approx(seeds.appears)
    assert list(axes[1].get_lines()[0].get_ydata()) == seeds.alone


def test_trends_are_drawn_and_tabled(axes, found):
    moved = trends(found.model)
    figures.draw_trends(axes, moved)
    assert [ax.get_xlabel() for ax in axes] == ["width", "k", "rows in training"]
    rows = figures.trend_rows(moved)
    assert len(rows) == 3 + 3 + 2 + 3
    assert rows[0]["null"] == moved.nulls["width"][10]
    assert rows[-1]["panel"] == "width, ReLU"
    assert rows[-1]["null"] is None


def test_architectures_are_columns_of_two_panels(axes, found):
    by = {"model": by_architecture(found.model), "world": by_architecture(found.world)}
    figures.draw_architectures(axes[:2], by)
    names = [label.get_text() for label in axes[0].get_xticklabels()]
    assert names == ["TopK", "BatchTopK", "ReLU", "Gated", "JumpReLU"]
    rows = figures.architecture_rows(by)
    assert [row["subject"] for row in rows] == ["model"] * 5 + ["world"] * 5
    assert rows[2]["decoder"] == by["model"].decoder["relu"].estimate


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


def test_truth_is_drawn_beside_its_numbers(axes, found):
    judged = world_truth.truth_by_setting(found.world.base, true_from=0.9)
    figures.draw_truth(axes[0], judged)
    assert len(axes[0].get_xticklabels()) == len(judged)
    data = figures.truth_data(judged)
    assert data["SAE"] == list(judged)
    assert data["true if shared"][1] == 1

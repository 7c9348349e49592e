"""Pictures draw what they are given, and their numbers are those that are drawn."""

import matplotlib

matplotlib.use("Agg")

import pytest
from matplotlib import pyplot as plt

from saecore.claims.seed_dependence.figures import verdict as figures
from saecore.claims.seed_dependence.nine_seeds import nine_seeds
from saecore.claims.seed_dependence.sweeps import by_architecture, trends
from saecore.report import published


@pytest.fixture
def axes():
    fig, axes = plt.subplots(2, 3)
    yield axes
    plt.close(fig)


def test_every_latent_of_a_pair_is_a_dot(axes, found):
    pair, strangers = found.model.base.pair, found.model.chance.strangers
    figures.draw_pair(axes[0, 0], pair, strangers, corner=0.7)
    null, *dots, box = axes[0, 0].get_lines()
    assert len(null.get_xdata()) == 20
    assert sum(len(line.get_xdata()) for line in dots) == 20
    assert list(box.get_xdata()) == [0.7, 0.7, 1]
    assert len(figures.pair_data(pair, strangers)["same partner"]) == 20


def test_nine_seeds_are_bars_and_a_curve(axes, found):
    seeds = nine_seeds(found.model.base)
    paper = published("seed_dependence")["nine_seeds"]
    left, right = axes[0, :2]
    figures.draw_nine_seeds((left, right), seeds, found.model.chance, paper)
    assert [bar.get_height() for bar in left.patches] == pytest.approx(seeds.appears)
    assert list(right.get_lines()[0].get_ydata()) == seeds.alone


def test_trends_are_drawn_above_their_errors_and_tabled(axes, found):
    moved = trends(found.model)
    figures.draw_trends(axes, moved)
    assert [ax.get_xlabel() for ax in axes[1]] == ["width", "k", "rows in training"]
    errors = axes[1, 1].get_lines()[0].get_ydata()
    assert list(errors) == list(moved.fvu["k"].values())
    rows = figures.trend_rows(moved)
    assert len(rows) == 3 + 3 + 2 + 3
    assert rows[0]["null"] == moved.nulls["width"][10]
    assert rows[0]["fvu"] == moved.fvu["width"][10]
    assert rows[-1]["panel"] == "width, ReLU"
    assert rows[-1]["null"] is None


def test_architectures_are_columns_of_two_panels(axes, found):
    by = {"model": by_architecture(found.model), "world": by_architecture(found.world)}
    figures.draw_architectures(axes[0, :2], by)
    names = [label.get_text() for label in axes[0, 0].get_xticklabels()]
    assert names == ["TopK", "BatchTopK", "ReLU", "Gated", "JumpReLU"]
    rows = figures.architecture_rows(by)
    assert [row["subject"] for row in rows] == ["model"] * 5 + ["world"] * 5
    assert rows[2]["decoder"] == by["model"].decoder["relu"].estimate

"""The figures hold what they are given."""

import pytest
import torch

from saecore.claims.absorption import figures, latents
from saecore.claims.absorption.absorbed_words import (
    Partial,
    absorbers,
    activations,
    largest_case,
)
from saecore.report import subplots


@pytest.fixture
def three():
    import matplotlib.pyplot as plt

    yield subplots(1, 3)
    plt.close("all")


def marked(ax):
    """The heights of all points with an error bar."""
    return sorted(float(y) for box in ax.containers for y in box.lines[0].get_ydata())


def test_best_latents_fill_three_panels(three, study):
    best = latents.best_latents(study)
    fig, axes = three
    figures.draw_best_latents(fig, axes, best, study.setting.grid.place)
    for ax, points in zip(axes, best[:3], strict=True):
        at_wide = [x.estimate for place, x in points.items() if place[1] == 640]
        assert marked(ax) == pytest.approx(sorted(at_wide))


def test_rates_stand_on_two_lines_through_the_base_with_their_nulls(three, study):
    fig, axes = three
    figures.draw_rates(fig, axes[:2], study.absorbed, study.setting.grid.place)
    rates = figures.points_of(study.absorbed)
    by_width = [x.estimate for place, x in rates.items() if x and place[2] == 4]
    by_k = [x.estimate for place, x in rates.items() if x and place[1] == 640]
    assert marked(axes[0]) == pytest.approx(sorted(by_width))
    assert marked(axes[1]) == pytest.approx(sorted(by_k))
    nulls = figures.nulls_of(study.absorbed)
    drawn = [line for line in axes[0].lines if line.get_linestyle() == ":"]
    heights = sorted(float(y) for line in drawn for y in line.get_ydata())
    at_k = sorted(x for place, x in nulls.items() if x is not None and place[2] == 4)
    assert heights == pytest.approx(at_k)


def test_a_setting_without_a_rate_has_no_mark(three, study):
    fig, axes = three
    blank = dict.fromkeys(study.absorbed)
    figures.draw_rates(fig, axes[:2], blank, study.setting.grid.place)
    assert marked(axes[0]) == []


def test_letters_have_their_names_below(three):
    ax = three[1][0]
    figures.draw_letters(ax, {"A": {4: 0.1, 8: 0.3}, "B": {4: 0.2}})
    assert [label.get_text() for label in ax.get_xticklabels()] == ["A", "B"]


def test_the_case_has_two_bars_per_latent_and_a_star(three, setting, study):
    recipe = setting.grid.base[0]
    found, ax = largest_case(setting, recipe, study.saes[recipe]), three[1][0]
    figures.draw_case(three[0], ax, found)
    heights = torch.tensor([float(bar.get_height()) for bar in ax.patches])
    torch.testing.assert_close(heights, torch.cat([found.removed, found.kept]))
    names = [label.get_text() for label in ax.get_xticklabels()]
    assert f"{found.absorber}*" in names


def test_the_map_has_a_row_per_latent_and_a_column_per_word(three, setting, study):
    found, ax = activations(setting, study.base[0], "B"), three[1][0]
    figures.draw_activations(three[0], ax, found)
    assert [x.get_text() for x in ax.get_yticklabels()] == found.latents
    assert [x.get_text() for x in ax.get_xticklabels()] == found.words


def test_histograms_sum_to_one_and_hold_what_lies_outside(three, setting, study):
    axes = three[1]
    figures.draw_absorbers(axes[:2], absorbers(setting, study.base))
    figures.draw_partial(axes[2], Partial(torch.tensor([-5.0, 9.0]), torch.ones(3)))
    bars = axes[2].lines[0].get_ydata()
    assert bars.max() == pytest.approx(0.5)
    assert axes[0].get_legend() is not None

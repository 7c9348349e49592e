"""The figures hold what they are given."""

import pytest
import torch

from saecore.claims.absorption import figures, latents, trends
from saecore.claims.absorption.absorbed_words import largest_case
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
    figures.draw_best_latents(fig, axes, best)
    for ax, points in zip(axes, best[:3], strict=True):
        expected = sorted(point.estimate for point in points.values())
        assert marked(ax) == pytest.approx(expected)


def test_rates_stand_by_architecture_and_matryoshka_beside_topk(three, study):
    rates = trends.rates(study)
    fig, axes = three
    figures.draw_rates(fig, axes, rates, 0.01, 8)
    for ax, kind in zip(three[1], ("topk", "relu"), strict=False):
        mine = sorted(x.estimate for place, x in rates.items() if place[0] == kind)
        assert marked(ax) == pytest.approx(mine)
    last = [rates[kind, 640, 8].estimate for kind in ("matryoshka", "topk")]
    assert marked(three[1][2]) == pytest.approx(sorted(last))


def test_letters_have_their_names_below(three):
    ax = three[1][0]
    figures.draw_letters(ax, {"A": [0.1, 0.3], "B": [0.2]}, 0.05)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["A", "B"]


def test_the_case_has_two_bars_per_latent_and_a_star(three, setting, study):
    found, ax = largest_case(setting, study.saes), three[1][0]
    figures.draw_case(three[0], ax, found)
    heights = torch.tensor([float(bar.get_height()) for bar in ax.patches])
    torch.testing.assert_close(heights, torch.cat([found.removed, found.kept]))
    names = [label.get_text() for label in ax.get_xticklabels()]
    assert f"{found.absorber}*" in names

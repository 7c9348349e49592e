"""Pictures show what they are given."""

import pytest
import torch

from saecore.claims.subjects.features_world import WorldFacts
from saecore.claims.subjects.figures import draw_firing_rates, draw_swaps
from saecore.claims.subjects.model_knowledge import Knowledge
from saecore.report import subplots
from saecore.source.tasks.answers import SwapRates
from saecore.source.worlds.features import World, truth

pytest.importorskip("matplotlib").use("Agg")


def test_each_feature_is_a_dot_in_the_colour_of_its_kind():
    known = truth(World())
    fires = known.probability + 0.001
    _, ax = subplots()
    draw_firing_rates(ax, WorldFacts(known, fires, 1.0, 0.1, 10.0, 64))
    dots = [line for line in ax.lines if line.get_marker() == "."]
    assert len(dots) == len(set(known.kind))
    assert sum(len(line.get_xdata()) for line in dots) == len(known.name)
    torch.testing.assert_close(
        torch.as_tensor(dots[0].get_ydata()), fires[known.of_kind("parent")]
    )


def test_each_task_is_a_curve_and_without_tasks_there_is_only_the_site():
    _, axes = subplots(1, 2)
    rates = [SwapRates(0.9, 0.1, 100), SwapRates(0.2, 0.8, 100)]
    draw_swaps(axes[0], Knowledge({}, {"country": rates}), site=1)
    assert list(axes[0].lines[0].get_ydata()) == [0.9, 0.2]
    draw_swaps(axes[1], Knowledge({}, {}), site=1)
    assert len(axes[1].lines) == 1

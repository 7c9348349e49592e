"""Pictures of the page on orphans and features."""

import matplotlib

matplotlib.use("Agg")

import pytest
from matplotlib import pyplot as plt

from saecore.claims.seed_dependence import world_truth
from saecore.claims.seed_dependence.figures import features as figures
from saecore.claims.seed_dependence.orphans.firing import by_rate, on_held_out_rows
from saecore.claims.seed_dependence.orphans.spans import orphan_spans


@pytest.fixture
def axes():
    fig, axes = plt.subplots(1, 2)
    yield axes
    plt.close(fig)


def test_rates_are_two_curves(axes, found):
    rates = by_rate(on_held_out_rows(found.model.base))
    figures.draw_shared_by_rate(axes[0], rates)
    legend = [text.get_text() for text in axes[0].get_legend().get_texts()]
    assert legend == ["shared", "in no other"]
    data = figures.firing_rate_data(rates)
    assert data["shared estimate"] == [one.estimate for one in rates.shared]


def test_spans_are_drawn_for_axes_and_for_groups(axes, found):
    spans = orphan_spans(found.model.base)
    figures.draw_spans(axes, spans)
    assert [t.get_text() for t in axes[0].get_legend().get_texts()] == list(
        spans.axes[1]
    )
    rows = figures.span_rows(spans)
    assert len(rows) == 4 * len(spans.axes) + 3 * len(spans.groups)


def test_truth_is_drawn_beside_its_numbers(axes, found):
    judged = world_truth.truth_by_setting(found.world.base, true_from=0.9)
    figures.draw_truth(axes, judged)
    assert len(axes[0].get_xticklabels()) == len(judged)
    data = figures.truth_data(judged)
    assert data["SAE"] == list(judged)
    assert data["shared if composite"][0] is None  # none is planted

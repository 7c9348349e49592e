"""What the pictures name."""

from types import SimpleNamespace
from typing import Any

import pytest

from saecore.claims.interpretability import figures
from saecore.report import subplots

RANGE: Any = SimpleNamespace(estimate=0.8, low=0.7, high=0.9)


@pytest.fixture
def ax():
    import matplotlib.pyplot as plt

    fig, ax = subplots()
    yield ax
    plt.close(fig)


def test_each_dictionary_has_a_line_and_the_same_name_shares_it(ax):
    groups = {
        "SAEs": {"TopK": RANGE, "ReLU": RANGE},
        "other directions": {"ICA": RANGE},
        "the same, as sparse": {"ICA": RANGE},
    }
    figures.draw_scores(ax, groups, 0.0)
    named = zip(ax.get_yticks(), ax.get_yticklabels(), strict=True)
    places = {text.get_text(): place for place, text in named}
    assert places == {"TopK": 0, "ReLU": 1, "ICA": 3}  # a gap between groups
    marks = [line for line in ax.get_lines() if line.get_marker() in "os"]
    assert [list(line.get_ydata()) for line in marks] == [[0, 1], [3], [3]]
    assert [line.get_marker() for line in marks] == ["o", "o", "s"]


def test_lines_over_layers_are_named_in_a_legend(ax):
    means = {"TopK": {0: 0.8, 1: 0.7}, "PCA": {0: 0.3, 1: 0.2}}
    figures.draw_layers(ax, means, {0: RANGE, 1: RANGE})
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["TopK", "PCA"]


def test_both_panels_of_fidelity_have_each_architecture():
    import matplotlib.pyplot as plt

    fig, axes = subplots(1, 2)
    row = {"L0": 4.0, "FVU": 0.2, "recovered (mean)": 0.9}
    figures.draw_fidelity(axes, {"topk": [row], "relu": [row]}, "L0", (4, 8))
    assert [len(ax.get_lines()) for ax in axes] == [2, 2]
    assert axes[1].get_title(loc="left") == "loss recovered (mean ablation)"
    plt.close(fig)

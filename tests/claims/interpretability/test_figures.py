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


def test_dictionaries_are_named_below_their_dots(ax):
    figures.draw_scores(ax, {"TopK (base), seed 0": RANGE, "ICA, draw 0": RANGE}, 0.0)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["TopK", "ICA"]


def test_lines_over_layers_are_named_in_a_legend(ax):
    means = {"TopK": {0: 0.8, 1: 0.7}, "PCA": {0: 0.3, 1: 0.2}}
    figures.draw_layers(ax, means, {0: RANGE, 1: RANGE})
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["TopK", "PCA"]


def test_a_basis_without_a_top_k_has_two_marks(ax):
    plain = {"ICA": 0.5, "MLP neurons": 0.4}
    ways = {"as it is": plain, "top k": {"ICA": 0.55}, "at the SAE's density": plain}
    figures.draw_as_sparse(ax, ways, RANGE)
    lines = {line.get_label(): line.get_xdata() for line in ax.get_lines()}
    assert list(lines["as it is"]) == [-0.15, 0.85]
    assert list(lines["top k"]) == [0]


def test_both_panels_of_fidelity_have_each_architecture():
    import matplotlib.pyplot as plt

    fig, axes = subplots(1, 2)
    row = {"L0": 4.0, "FVU": 0.2, "recovered (mean)": 0.9}
    figures.draw_fidelity(axes, {"topk": [row], "relu": [row]}, "L0", (4, 8))
    assert [len(ax.get_lines()) for ax in axes] == [2, 2]
    assert axes[1].get_title(loc="left") == "loss recovered (mean ablation)"
    plt.close(fig)

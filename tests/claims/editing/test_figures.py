"""What the figures draw is what they are given."""

import pytest
import torch

from saecore.claims.editing import figures
from saecore.claims.editing.compared import ComparedCounts
from saecore.measures.editing.by_pair import PairCounts
from saecore.measures.editing.causal_tree import Node
from saecore.measures.editing.patching import PatchingCurve
from saecore.report import subplots


@pytest.fixture
def axes():
    import matplotlib.pyplot as plt

    fig, axes = subplots(1, 2)
    yield list(axes)
    plt.close(fig)


def test_curves_are_drawn_against_latents_and_against_the_edit(axes):
    one = PatchingCurve(
        torch.arange(3), torch.tensor([9.0, 5, 1]), torch.tensor([0, 0.25, 0.5])
    )
    figures.patching_curves(axes, {"PCA": one}, half=4.5, most=2)
    assert axes[0].lines[0].get_xdata().tolist() == [0, 1, 2]
    assert axes[1].lines[0].get_xdata().tolist() == [0.0, 0.25, 0.5]
    for ax in axes:
        assert ax.lines[-1].get_ydata() == [4.5, 4.5]
    assert axes[0].get_xlim() == (0, 2)


def test_a_legend_names_each_curve_once(axes):
    for ax in axes:
        ax.plot([0], [0], label="one")
    axes[0].plot([1], [1], label="one")
    figures.legend_below(axes[0].figure, axes[0], columns=2)
    (legend,) = axes[0].figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["one"]


def compared():
    one = PairCounts(*(torch.tensor([2.0, 4.0]).double() for _ in range(3)))
    nine = PairCounts(*(torch.tensor([9.0, 9.0]).double() for _ in range(3)))
    return ComparedCounts([one, nine], {"PCA": nine}, {"SAE": 1.0, "PCA": 1.0})


def test_shares_of_pairs_rise_with_what_each_takes(axes):
    figures.share_panels(axes, compared())
    first, second, basis = axes[0].lines[:3]
    assert 2.0 in first.get_xdata()
    assert first.get_ydata()[-1] == 1
    assert (first.get_label(), basis.get_label()) == ("SAEs", "PCA")
    assert second.get_xdata()[-1] == 9


def test_what_is_needed_has_a_column_per_dictionary_and_a_dot_per_seed(axes):
    figures.needed_panels(axes, {"ACDC": compared(), "gradient": compared()})
    dots, mean = axes[0].lines[:2]
    assert dots.get_ydata().tolist() == [3, 9]
    assert mean.get_ydata().tolist() == [6]
    assert [text.get_text() for text in axes[1].get_xticklabels()] == ["SAEs", "PCA"]


def test_a_tree_has_a_line_per_parent_and_a_box_per_node(axes):
    leaves = Node(0, 5, drop=0.5), Node(0, 6, drop=0.1)
    root = Node(1, 7, parents=leaves)
    names = {id(node): str(node.latent) for node in (root, *leaves)}
    figures.tree_panel(axes[0], root, names, ["layer 0", "layer 1"])
    assert [text.get_text() for text in axes[0].texts] == ["5", "6", "7"]
    wide, thin = axes[0].lines
    assert wide.get_linewidth() == 5 * thin.get_linewidth()
    assert wide.get_xdata().tolist() == [0.5, 0]

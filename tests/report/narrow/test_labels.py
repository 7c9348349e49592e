"""Every panel that has moved says what its axes are, and no words run into others."""

from itertools import pairwise

import pytest

from saecore.report.figures import subplots
from saecore.report.narrow.labels import collisions, fit_labels, move_legends, name_axes


def names_below(ax):
    return [text for text in ax.get_xticklabels() if text.get_text()]


def test_panels_that_stood_inside_get_labels_of_their_own():
    fig, axes = subplots(2, 2, sharex="col", sharey="row")
    for row in (0, 1):
        axes[row, 0].set_ylabel(f"row {row}")
        axes[1, row].set_xlabel(f"column {row}")
    cells = {(row, column): [axes[row, column]] for row in (0, 1) for column in (0, 1)}
    name_axes(cells, 1)
    assert [ax.get_xlabel() for ax in axes.flat] == ["column 0", "column 1"] * 2
    assert [ax.get_ylabel() for ax in axes.flat] == ["row 0"] * 2 + ["row 1"] * 2
    fig.draw_without_rendering()
    for ax in axes.flat:
        for axis in (ax.xaxis, ax.yaxis):
            assert any(text.get_visible() for text in axis.get_ticklabels())


def test_in_a_second_column_the_left_neighbour_speaks_for_a_panel():
    _, axes = subplots(1, 4, sharey=True)
    axes[0].set_ylabel("share")
    name_axes({(0, place): [ax] for place, ax in enumerate(axes)}, 2)
    assert [ax.get_ylabel() for ax in axes] == ["share", "", "share", ""]


@pytest.mark.parametrize(("count", "turned"), [(2, 0), (4, 40), (9, 90)])
def test_names_below_an_axis_are_turned_when_they_run_into_each_other(count, turned):
    fig, ax = subplots(figsize=(3.7, 3))
    ax.set_xticks(range(count), [f"quite a name {place}" for place in range(count)])
    fig.get_layout_engine().execute(fig)
    assert fit_labels(fig, [ax]) == (turned > 0)
    assert {text.get_rotation() for text in names_below(ax)} == {turned}


def test_long_names_beside_an_axis_are_broken_and_the_figure_gets_as_high_as_they_need():
    fig, ax = subplots(figsize=(3.7, 1.5))
    named = [f"row number {place} of a panel with long names" for place in range(6)]
    ax.set_yticks(range(6), named)
    fig.get_layout_engine().execute(fig)
    assert fit_labels(fig, [ax])
    fig.get_layout_engine().execute(fig)
    texts = [text for text in ax.get_yticklabels() if text.get_text()]
    assert [" ".join(text.get_text().split()) for text in texts] == named
    boxes = [text.get_window_extent() for text in texts]
    assert all(box.width < 0.5 * fig.bbox.width for box in boxes)
    assert all(one.y1 <= other.y0 + 1 for one, other in pairwise(boxes))


def test_titles_and_labels_longer_than_their_place_are_broken():
    fig, ax = subplots(figsize=(3.7, 2))
    ax.plot([0, 1])
    ax.set_title("A title of many words that is wider than the panel below it is")
    ax.set_ylabel("a label of many words beside a low panel")
    ax.set_xlabel("short")
    fig.get_layout_engine().execute(fig)
    assert fit_labels(fig, [ax])
    assert "\n" in ax.get_title(loc="left")
    assert "\n" in ax.get_ylabel()
    assert ax.get_xlabel() == "short"
    widest = max(len(line) for line in ax.get_title(loc="left").split("\n"))
    assert widest < len("A title of many words that is wider than the panel")


def test_a_legend_beside_its_panel_moves_above_and_a_wide_one_gets_fewer_columns():
    fig, axes = subplots(2, 1, figsize=(3.7, 6))
    names = [f"the name of curve {place}" for place in range(4)]
    lines = [axes[0].plot([0, place])[0] for place in range(4)]
    axes[0].legend(lines, names, loc="upper left", bbox_to_anchor=(1.02, 1.0))
    axes[1].legend(lines[:1], names[:1], loc="upper left")
    fig.legend(lines, names, loc="outside upper center", ncols=4)
    move_legends(fig, list(axes))
    fig.get_layout_engine().execute(fig)
    above, inside = (ax.get_legend().get_window_extent() for ax in axes)
    frames = [ax.get_window_extent() for ax in axes]
    assert above.y0 >= frames[0].y1
    assert frames[1].x0 < inside.x0 < inside.x1 < frames[1].x1
    (shared,) = fig.legends
    assert shared.get_window_extent().width <= fig.bbox.width
    for legend in (axes[0].get_legend(), shared):
        assert [text.get_text() for text in legend.get_texts()] == names
        starts = {round(text.get_window_extent().x0) for text in legend.get_texts()}
        assert len(starts) < 4
    assert all(one.y0 > other.y1 for one, other in pairwise(frames))


def test_words_on_one_another_are_counted_in_pairs():
    fig, axes = subplots(1, 2)
    for place in (0.1, 0.12, 0.14):
        axes[0].text(place, 0.5, "a word")
    axes[1].text(0.5, 0.1, "below")
    axes[1].text(0.5, 0.9, "above")
    fig.draw_without_rendering()
    assert collisions([axes[0]]) == 3
    assert collisions([axes[1]]) == 0

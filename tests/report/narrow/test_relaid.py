"""A figure on the width of a phone: the same panels, and none where it makes no sense."""

import pytest

from saecore.report.figures import subplots
from saecore.report.narrow.relaid import PHONE, relaid


def places(axes):
    """By panel, the row and column it stands in."""
    specs = [ax.get_subplotspec() for ax in axes.flat]
    return [(spec.rowspan.start, spec.colspan.start) for spec in specs]


def drawn(down, across, **options):
    fig, axes = subplots(down, across, squeeze=False, **options)
    for number, ax in enumerate(axes.flat):
        ax.plot([0, 1], [0, number])
    return fig, axes


@pytest.mark.parametrize(
    ("shape", "size", "stacked", "high"),
    [
        ((1, 1), (6.4, 3.6), [(0, 0)], 3.6),
        ((1, 2), (7.8, 3.6), [(0, 0), (1, 0)], 2 * 3.6 * 0.85),
        ((1, 4), (8.4, 2.0), [(0, 0), (0, 1), (1, 0), (1, 1)], 2 * 2.0 * 0.85),
        ((2, 2), (7.8, 4.0), [(0, 0), (1, 0), (2, 0), (3, 0)], 4 * 2.0 * 0.85),
    ],
)
def test_panels_that_do_not_fit_beside_each_other_are_stacked(
    shape, size, stacked, high
):
    fig, axes = drawn(*shape, figsize=size)
    assert relaid(fig)
    assert places(axes) == stacked
    assert fig.get_size_inches().tolist() == pytest.approx([PHONE, high])
    boxes = [ax.get_tightbbox() for ax in axes.flat]
    assert all(box.x0 >= 0 and box.x1 <= fig.bbox.width + 1 for box in boxes)
    assert not any(
        one.overlaps(other)
        for place, one in enumerate(boxes)
        for other in boxes[:place]
    )


def test_a_colour_bar_follows_its_panels():
    fig, axes = subplots(1, 2, figsize=(8, 3))
    images = [ax.imshow([[0, 1]]) for ax in axes]
    bar = fig.colorbar(images[0], ax=axes)
    assert relaid(fig)
    assert all(bar.ax.get_position().x0 > ax.get_position().x1 for ax in axes)


def test_a_panel_that_shows_nothing_is_taken_away():
    fig, axes = drawn(1, 3, figsize=(7.8, 3.0))
    axes[0, 1].clear()
    axes[0, 1].set_axis_off()
    assert relaid(fig)
    assert fig.axes == [axes[0, 0], axes[0, 2]]


def test_a_figure_that_is_narrow_has_no_other():
    fig, _ = drawn(1, 1, figsize=(4.2, 3.0))
    assert not relaid(fig)
    assert fig.get_size_inches().tolist() == [4.2, 3.0]


def test_panels_across_several_cells_are_left_as_they_are():
    fig, axes = drawn(1, 2, figsize=(7.8, 3.0))
    axes[0, 0].set_subplotspec(fig.add_gridspec(2, 2)[:, 0])
    assert not relaid(fig)


def test_names_that_leave_no_room_to_the_panel_leave_the_figure_wide():
    fig, axes = drawn(1, 1, figsize=(7.8, 3.0))
    axes[0, 0].set_yticks([0], ["one_name_that_is_longer_than_any_figure_is_wide"])
    assert not relaid(fig)


def test_words_in_a_panel_that_would_lie_on_one_another_leave_the_figure_wide():
    apart, axes = drawn(1, 1, figsize=(7.8, 3.0))
    for place in (0.0, 0.5):
        axes[0, 0].text(place, 0, "fits into half a panel")
    assert not relaid(apart)
    before, axes = drawn(1, 1, figsize=(7.8, 3.0))
    for place in (0.0, 0.1):
        axes[0, 0].text(place, 0, "lay upon it before")
    assert relaid(before)


def test_a_legend_too_wide_for_a_panel_beside_long_names_stands_above_it():
    fig, ax = subplots(figsize=(7.8, 4))
    names = [f"a name of some length, number {n}" for n in range(5)]
    ax.plot(range(5), range(5), "o", label="dots of a kind that is told at length")
    ax.set_yticks(range(5), names)
    ax.legend(loc="upper right")
    assert relaid(fig)
    panel, legend = ax.get_window_extent(), ax.get_legend().get_window_extent()
    assert legend.width > panel.width
    assert legend.y0 >= panel.y1
    assert 0 <= legend.x0 < legend.x1 <= fig.bbox.width

"""The one style: a colour per architecture, a shade per width, chance always named."""

import itertools

import pytest

from saecore.report import chance, colour, seeds, shades, subplots, ticks
from saecore.report.figures import COLOURS, NAMES


def luminance(rgb):
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]


def test_every_architecture_has_a_name_and_a_colour_of_its_own():
    assert set(COLOURS) == set(NAMES)
    assert len(set(COLOURS.values())) == len(COLOURS)
    with pytest.raises(ValueError, match=r"must be one of .*topk.*, got 'top'"):
        colour("top")


@pytest.mark.parametrize("architecture", COLOURS)
def test_wider_is_darker_and_a_single_width_has_the_plain_colour(architecture):
    from matplotlib.colors import to_rgb

    values = [luminance(shade) for shade in shades(architecture, 4)]
    assert all(light > dark + 0.03 for light, dark in itertools.pairwise(values))
    assert shades(architecture, 1) == [to_rgb(colour(architecture))]


def test_chance_is_a_dashed_line_with_its_name():
    import matplotlib.pyplot as plt

    fig, ax = subplots()
    chance(ax, 0.05, "untrained SAEs", band=(0.04, 0.06))
    (line,) = ax.lines
    assert list(line.get_ydata()) == [0.05, 0.05]
    assert line.is_dashed()
    assert [text.get_text() for text in ax.texts] == ["untrained SAEs"]
    plt.close(fig)


def test_seeds_are_one_dot_each_and_ticks_are_the_values_given():
    import matplotlib.pyplot as plt

    fig, ax = subplots()
    seeds(ax, 640, [0.4, 0.5, 0.6], color=colour("topk"))
    ax.set_xscale("log")
    ticks(ax.xaxis, [160, 640, 2560])
    assert len(ax.lines[0].get_xdata()) == 3
    assert list(ax.lines[1].get_ydata()) == [0.5]
    assert [label.get_text() for label in ax.get_xticklabels()] == [
        "160",
        "640",
        "2,560",
    ]
    assert ax.xaxis.get_minorticklocs().size == 0
    plt.close(fig)

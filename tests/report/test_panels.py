"""Panels draw what they are given: places, values, and bars as long as the
intervals.
"""

import matplotlib as mpl
import pytest

from saecore.measures.algebra.intervals import Interval
from saecore.report import panels
from saecore.report.figures import subplots

mpl.use("Agg")
POINTS: dict[float, Interval] = {
    160: Interval(0.8, 0.7, 0.9, 0.05, 0.95),
    640: Interval(0.5, 0.45, 0.6, 0.03, 0.95),
}


def test_bars_reach_from_the_estimate_to_the_ends():
    below, above = panels.bars(POINTS.values())
    assert below == pytest.approx([0.1, 0.05])
    assert above == pytest.approx([0.1, 0.1])


def test_an_interval_that_is_no_number_has_no_bar():
    nan = float("nan")
    assert panels.bars([Interval(0.5, nan, nan, nan, 0.95)]) == [[0.0], [0.0]]


def test_a_trend_goes_through_its_estimates_at_its_places():
    fig, ax = subplots()
    panels.trend(ax, POINTS, color="black", label="TopK")
    line = ax.lines[0]
    assert list(line.get_xdata()) == [160, 640]
    assert list(line.get_ydata()) == [0.8, 0.5]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["160", "640"]
    assert "TopK" in {text.get_text() for text in ax.texts}
    fig.clear()


def test_the_rows_of_a_table_carry_the_plotted_numbers():
    rows = panels.rows_of("width", POINTS, fvu={160: 0.2, 640: 0.1})
    assert rows[1] == {"width": 640, "share": 0.5, "low": 0.45, "high": 0.6, "fvu": 0.1}


def test_the_rows_of_a_table_name_architectures_as_the_book_does():
    rows = panels.rows_of("SAE", {"topk": 0.5})
    assert rows == [{"SAE": "TopK", "share": 0.5}]


@pytest.fixture
def ax():
    return subplots()[1]


def test_a_heat_map_has_the_cells_their_names_and_their_numbers(ax):
    cells = [[0.25, -0.001], [1.0, 0.5]]
    names = {"x": ["a", "b"], "y": ["one", "two"]}
    shown = panels.heat_map(
        ax, cells, ends=(0, 1), colours="Blues", written=True, **names
    )
    assert shown.get_array().ravel().tolist() == [0.25, -0.001, 1.0, 0.5]
    assert shown.get_clim() == (0, 1)
    assert [text.get_text() for text in ax.texts] == ["0.25", "0.00", "1.00", "0.50"]
    assert [one.get_text() for one in ax.get_xticklabels()] == ["a", "b"]
    assert [one.get_text() for one in ax.get_yticklabels()] == ["one", "two"]
    assert ax.yaxis_inverted()  # the first row on top


def test_a_histogram_sums_to_one_with_what_lies_outside(ax):
    values = [-3.0, 0.1, 0.1, 0.9, 7.0]
    how = {"span": (0.0, 1.0), "bins": 2, "color": "black", "label": "these"}
    panels.outlined(ax, values, **how)
    (line,) = ax.lines or ax.patches
    heights = {round(float(y), 6) for y in _heights(line)}
    assert heights == {0.4, 0.6}
    assert ax.get_legend_handles_labels()[1] == ["these"]


def _heights(line):
    return line.get_ydata() if hasattr(line, "get_ydata") else line.get_xy()[:, 1]


def test_a_running_share_rises_to_one_at_the_largest(ax):
    panels.running_share(ax, [3.0, 1.0, 2.0, 2.0], color="black", label="four")
    (line,) = ax.lines
    x, y = line.get_data()
    found = dict(zip(x.tolist(), y.tolist(), strict=True))
    assert (found[1.0], found[2.0], found[3.0]) == (0.25, 0.75, 1.0)

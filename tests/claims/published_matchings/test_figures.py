import pytest
from matplotlib.figure import Figure

from saecore.claims.published_matchings import figures
from saecore.claims.published_matchings.tables import stored


@pytest.fixture
def axes():
    return Figure().subplots(1, 2)


def test_every_width_and_layer_has_its_point(axes):
    sweeps = stored()["sweeps"]
    figures.draw_agreement(axes, sweeps)
    drawn = axes[0].lines[0].get_xydata()
    assert drawn[:, 0].tolist() == [row["latents"] for row in sweeps["width"]]
    assert drawn[:, 1].tolist() == [row["agreement"] for row in sweeps["width"]]
    assert [len(line.get_xdata()) for line in axes[1].lines] == [12, 12]


def test_marks_are_as_high_as_triangles_close(axes):
    closings = stored()["nine"]["closings"]
    figures.draw_closings(axes[0], closings)
    marks = axes[0].collections[0]
    assert marks.get_offsets()[:, 1].tolist() == [one["closed"] for one in closings]
    assert marks.get_sizes().argmax() == 3


def test_the_exact_curve_and_the_published_points(axes):
    figures.draw_alone(axes[0], [1.0, 0.6, 0.4], [0.61, 0.39])
    line, points = axes[0].lines
    assert line.get_xdata().tolist() == [1, 2, 3]
    assert points.get_xydata().tolist() == [[2, 0.61], [3, 0.39]]
    figures.draw_agrees_with(axes[1], [0.2, 0.8])
    assert [bar.get_height() for bar in axes[1].patches] == [0.2, 0.8]

"""What the figure draws is what it is given."""

import pytest

from saecore.claims.erasure import figures
from saecore.claims.erasure.curves import Curve
from saecore.report import subplots


def test_a_line_per_eraser_at_its_harm_and_at_what_it_leaves():
    import matplotlib.pyplot as plt

    fig, ax = subplots()
    one, two = Curve([1.0, 0.5], [0.0, 0.1]), Curve([1.0, 0.4], [0.0, 0.3])
    figures.pareto_panel(
        ax, {"one latent": [one, two], "LEACE": [one]}, layer=2, at=0.5
    )
    first, second, linear = ax.lines[:3]
    assert list(first.get_xdata()) == [figures.LEAST_HARM, 0.1]
    assert list(second.get_ydata()) == [1.0, 0.4]
    assert [first.get_label(), linear.get_label()] == ["one latent", "LEACE"]
    assert ax.get_xscale() == "log"
    plt.close(fig)
    assert pytest.approx(0.5) == ax.lines[-1].get_ydata()[0]

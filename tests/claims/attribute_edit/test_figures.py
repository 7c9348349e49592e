"""Figures draw what they are given."""

from saecore.claims.attribute_edit import figures
from saecore.measures.algebra.intervals import Interval
from saecore.report import subplots

ONE = Interval(0.4, 0.3, 0.5, 0.02, 0.95)


def test_every_exchange_has_a_dot_per_attribute():
    topics = {"country": ONE, "gender": ONE}
    found = {"its own": topics, "others": topics, "all": topics}
    _, ax = subplots()
    figures.draw_success(ax, found, "persons")
    dots = [one for one in ax.lines if one.get_marker() == "o"]
    assert [len(one.get_xdata()) for one in dots] == [2, 2, 2]
    assert [text.get_text() for text in ax.get_xticklabels()] == list(topics)
    assert ax.get_title(loc="left") == "persons"

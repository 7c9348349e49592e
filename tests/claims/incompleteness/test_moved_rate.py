"""The grid has the card's numbers where its rate is that of the rule."""

from saecore.claims.incompleteness import moved_rate
from tests.claims.incompleteness import planted


def value(point, name):
    """The number of a point, without its ends."""
    return point[name][0]


def test_the_rule_of_the_book_gives_the_numbers_of_the_card_and_others_differ():
    found = planted.studied()
    moved = moved_rate.moved_rate(found.model, rates=(1e-9, 0.9))
    (axis,), card = moved.axes, found.numbers["model"]
    assert list(axis.values) == [1e-9, axis.book, 0.9]
    assert axis.book == found.claim.constants["false_discovery_rate"]
    own = moved.points[moved.book]
    assert own == {name: card[name] for name in own}
    assert {"novel_excess", "refit_excess"} <= own.keys()
    strict, loose = moved.points[0], moved.points[-1]
    assert value(strict, "novel_control") <= value(own, "novel_control")
    assert value(own, "novel") <= value(loose, "novel")

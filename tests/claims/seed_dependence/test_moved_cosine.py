"""The grid has the card's numbers where its cosine is that of the rule."""

import pytest

from saecore.claims.seed_dependence import moved_cosine


def value(point, name):
    """The number of a point, without its ends."""
    return point[name][0]


def test_the_rule_of_the_book_gives_the_numbers_of_the_card(found):
    subject = found.model
    moved = moved_cosine.moved_cosine(subject, (0.5, 0.93))
    (axis,), card = moved.axes, found.numbers["model"]
    assert list(axis.values) == [0.5, 0.7, 0.93]
    own = moved.points[moved.book]
    assert own == {name: card[name] for name in own}
    assert {"shared", "shared_null", "shared_excess"} <= own.keys()


def test_a_stricter_cosine_loses_latents_that_were_planted_at_a_lower_one(found):
    """Half of what is common lies at a cosine of about .95, the rest at about .86."""
    points = moved_cosine.moved_cosine(found.model, (0.93,)).points
    assert value(points[1], "shared") == pytest.approx(
        value(points[0], "shared") / 2, rel=0.3
    )
    assert value(points[1], "alone") > value(points[0], "alone")

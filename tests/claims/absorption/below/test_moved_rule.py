"""The grid has the card's rates where lead and cosine are those of the rule."""

from saecore.claims.absorption.below import moved_rule


def value(point, name):
    """The number of a point, without its ends."""
    return point[name][0]


def test_the_rule_of_the_book_gives_the_numbers_of_the_card(study):
    moved = moved_rule.moved_rule(study, leads=(0.1, 50.0), cosines=(0.0, 0.9))
    card, own = study.numbers["model"], moved.points[moved.book]
    assert own == {name: card[name] for name in own}
    assert [axis.book for axis in moved.axes] == [
        study.claim.constants["lead"],
        study.claim.constants["cosine"],
    ]
    assert len(moved.points) == len(moved.settings) == 9


def test_nothing_is_absorbed_where_the_lead_is_out_of_reach(study):
    moved = moved_rule.moved_rule(study, leads=(1e6,), cosines=())
    assert value(moved.points[-1], "absorbed") == 0
    assert value(moved.points[0], "absorbed") > 0

"""A verdict below a slider may move by one step, but not at the rule."""

import pytest

from saecore.book.checking.slider_steps import within_a_step

YES, NO = "holds", "does not hold"


def twin(*verdicts, axes=((0, 1, 2, 3),), book=(1,)):
    stated = [
        {"says": "x", "values": list(values), "book": at}
        for values, at in zip(axes, book, strict=True)
    ]
    return {"axes": stated, "verdicts": [["claim", list(verdicts)]]}


@pytest.mark.parametrize(
    ("stored", "rerun", "same"),
    [
        ((YES, YES, NO, NO), (YES, YES, NO, NO), True),
        ((YES, YES, NO, NO), (YES, YES, YES, NO), True),
        ((YES, YES, NO, NO), (YES, NO, NO, NO), False),  # at the rule
        ((YES, YES, NO, NO), (YES, YES, YES, YES), False),  # by two steps
        ((YES, YES, NO, NO), (YES, YES, NO), False),
        ((YES, YES, YES, YES), (YES, YES, YES, NO), False),  # nowhere before
    ],
)
def test_the_turning_point_moves_by_a_step_at_most(stored, rerun, same):
    assert within_a_step(twin(*stored), twin(*rerun)) is same


def test_on_two_axes_a_neighbour_differs_along_one():
    grid = {"axes": ((0, 1), (0, 1)), "book": (0, 0)}
    stored = twin(YES, YES, NO, NO, **grid)
    assert within_a_step(stored, twin(YES, YES, NO, YES, **grid))
    assert not within_a_step(stored, twin(YES, NO, NO, NO, **grid) | {"verdicts": []})
    assert not within_a_step(
        twin(YES, NO, NO, NO, **grid), twin(YES, NO, NO, YES, **grid)
    )

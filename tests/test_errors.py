"""The errors that more than one floor speaks of."""

import pickle

import pytest

from saecore.book.notes import unsuited_pages
from saecore.errors import MissedSparsity, Unsuited, ZooError


def test_a_model_that_does_not_suit_is_a_wrong_value_and_a_missed_sparsity_an_error_of_the_zoo():
    assert issubclass(Unsuited, ValueError)
    assert issubclass(MissedSparsity, ZooError)
    assert not issubclass(Unsuited, ZooError)


def test_many_missed_sparsities_are_counted_and_each_has_a_line():
    assert str(MissedSparsity("its L0 is off")) == "its L0 is off"
    many = MissedSparsity("one is off", "two is off")
    assert str(many) == "2 SAEs:\n      one is off\n      two is off"
    assert pickle.loads(pickle.dumps(many)).args == many.args


@pytest.mark.parametrize("error", [Unsuited, MissedSparsity])
def test_a_page_stops_at_an_error_by_the_name_that_a_kernel_reports(error):
    with pytest.raises(error) as raised:
        raise error("use a larger model")
    of = {"profile": "/models/small"}
    said = unsuited_pages.why_stopped(raised.type.__name__, str(raised.value), of)
    assert said == "use a larger model"

"""The errors that more than one floor speaks of."""

import pytest

from saecore.book.notes import unsuited_pages
from saecore.errors import MissedSparsity, Unsuited, ZooError


def test_a_model_that_does_not_suit_is_a_wrong_value_and_a_missed_sparsity_an_error_of_the_zoo():
    assert issubclass(Unsuited, ValueError)
    assert issubclass(MissedSparsity, ZooError)
    assert not issubclass(Unsuited, ZooError)


@pytest.mark.parametrize("error", [Unsuited, MissedSparsity])
def test_a_page_stops_at_an_error_by_the_name_that_a_kernel_reports(error):
    with pytest.raises(error) as raised:
        raise error("use a larger model")
    assert unsuited_pages.stops(raised.type.__name__, {"profile": "/models/small"})

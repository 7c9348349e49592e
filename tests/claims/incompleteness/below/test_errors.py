"""Errors per token of SAEs of several widths, for planted features."""

import pytest

from saecore.claims.incompleteness.below.errors import token_errors
from tests.claims.incompleteness import planted


def test_widths_that_share_more_features_leave_more_alike():
    found = token_errors(planted.world(shrink=1.0))
    assert len(found.agreement) == 4 * 5 / 2
    lines = [found.agreement[8, width].direction for width in (16, 32, 64)]
    assert lines == sorted(lines, reverse=True)
    # what two SAEs both leave is all of what the wider one leaves
    shares = [1 - width / planted.WORLD_D_MODEL for width in (8, 64)]
    assert lines[-1] == pytest.approx((shares[1] / shares[0]) ** 0.5, abs=0.03)
    assert len(found.narrowest) == len(found.widest) == planted.WORLD_ROWS

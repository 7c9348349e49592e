"""Whether two dictionaries fail on the same rows."""

import pytest
import torch

from saecore.measures.stitching.error_agreement import error_agreement, log_error
from tests.measures.stitching.test_insertion import normal

X = normal(4000, 16)


def test_the_same_errors_agree_in_all():
    rest = normal(4000, 16, seed=1)
    found = error_agreement(rest, 2 * rest, X)
    assert tuple(found) == pytest.approx((1, 1, 1))


def test_independent_errors_agree_in_nothing():
    found = error_agreement(normal(4000, 16, seed=1), normal(4000, 16, seed=2), X)
    assert tuple(found) == pytest.approx((0, 0, 0), abs=0.06)


def test_errors_that_only_share_the_norm_of_the_row_do_not_agree_given_it():
    size = (X - X.mean(0)).norm(dim=1, keepdim=True) ** 3
    first, second = (size * normal(4000, 16, seed=seed) for seed in (1, 2))
    found = error_agreement(first, second, X)
    assert found.correlation > 0.5
    assert found.given_norm == pytest.approx(0, abs=0.06)
    assert found.direction == pytest.approx(0, abs=0.06)


def test_a_partial_correlation_is_that_of_what_a_regression_leaves():
    shared = normal(4000, 16, seed=3)
    first, second = shared + X, shared - 0.5 * X + normal(4000, 16, seed=4)
    size = log_error(X - X.mean(0))
    lines = torch.stack([size, torch.ones_like(size)], 1)
    left = [
        log_error(one) - lines @ torch.linalg.lstsq(lines, log_error(one)).solution
        for one in (first, second)
    ]
    expected = float(torch.corrcoef(torch.stack(left))[0, 1])
    found = error_agreement(first, second, X)
    assert found.given_norm == pytest.approx(expected, abs=1e-6)


def test_other_rows_are_refused():
    with pytest.raises(ValueError, match="one shape"):
        error_agreement(X, X[:-1], X)

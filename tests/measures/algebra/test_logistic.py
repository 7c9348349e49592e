"""Small logistic regressions, batched, against scikit-learn and a closed form."""

import numpy as np
import pytest

from saecore.measures.algebra.logistic import logistic


def problems(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Three problems of 300 rows and 4 columns, on three scales, and their labels."""
    random = np.random.default_rng(seed)
    x = random.standard_normal((3, 300, 4)) * np.array([0.1, 1.0, 30.0])[:, None, None]
    return x, random.random((3, 300)) < 1 / (1 + np.exp(2 - x[:, :, 0]))


@pytest.mark.parametrize("l2", [0.1, 1.0, 50.0])
def test_weights_equal_scikit_learns(l2):
    from sklearn.linear_model import LogisticRegression

    x, y = problems()
    weight = np.where(y, 3.0, 0.5)
    found = logistic(x, weight * y, weight * ~y, l2=l2)
    for problem in range(3):
        slow = LogisticRegression(
            C=1 / l2, tol=1e-10, max_iter=2000, solver="newton-cholesky"
        )
        slow.fit(x[problem], y[problem], sample_weight=weight[problem])
        expected = [*np.ravel(slow.coef_), *np.ravel(slow.intercept_)]
        np.testing.assert_allclose(found[problem], expected, rtol=1e-4, atol=1e-5)


def test_rows_can_be_lumped_and_the_start_does_not_matter():
    x, y = problems(1)
    x[:, 100:] = 0
    alone = logistic(x, 1.0 * y, 1.0 * ~y, l2=1.0)
    few = np.concatenate([x[:, :100], np.zeros((3, 1, 4))], 1)
    positive, negative = (
        np.column_stack([z[:, :100], z[:, 100:].sum(1)]).astype(float) for z in (y, ~y)
    )
    lumped = logistic(few, positive, negative, l2=1.0, start=np.full((3, 5), 0.5))
    np.testing.assert_allclose(lumped, alone, rtol=1e-4, atol=1e-5)


def test_without_columns_the_bias_is_the_log_odds():
    found = logistic(
        np.zeros((1, 1, 0)), np.array([[30.0]]), np.array([[10.0]]), l2=1.0
    )
    np.testing.assert_allclose(found, [[np.log(3.0)]], rtol=1e-5)


def test_separable_rows_end_at_the_penalised_optimum():
    x = np.array([[[-1.0], [1.0]]])
    found = logistic(x, np.array([[0.0, 1.0]]), np.array([[1.0, 0.0]]), l2=1e-3)
    w = found[0, 0]
    assert found[0, 1] == pytest.approx(0.0, abs=1e-6)
    assert 2 / (1 + np.exp(w)) == pytest.approx(
        1e-3 * w, rel=1e-3
    )  # the gradient is zero

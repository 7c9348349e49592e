"""Pairs above their prices are found, wherever they are, and a bound holds for what is
never found.
"""

import numpy as np
import pytest
import torch

from saecore.measures.algebra.likely_pairs import candidates
from saecore.measures.algebra.nearest import unit_rows
from saecore.measures.algebra.transport import pricing as module
from saecore.measures.algebra.transport.pricing import Pool, Pricing, cosines, margin_of


def directions(rows: int, d_model: int = 16, *, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return unit_rows(torch.randn(rows, d_model, generator=generator))


def opened(a: torch.Tensor, b: torch.Tensor, *, pool: int = 3) -> Pricing:
    found = candidates(a, b, per_row=pool, per_column=2)
    value, bound = found.value.numpy(), found.column_bound.double().numpy()
    rows = value[:, -1].astype(float)
    return Pricing(a, b, Pool(value, found.column.numpy(), rows, bound))


def exact(a: torch.Tensor, b: torch.Tensor) -> np.ndarray:
    return (a.double() @ b.double().T).numpy()


def test_products_of_pairs_are_those_in_double_precision():
    a, b = directions(20), directions(30, seed=1)
    row, column = np.divmod(np.arange(600), 30)
    found = cosines(a.numpy(), b.numpy(), row, column)
    np.testing.assert_allclose(found, exact(a, b).ravel(), atol=1e-15)


@pytest.mark.parametrize("least", [1, 32])
@pytest.mark.parametrize("short", [0.0, 0.05])
def test_every_pair_above_its_prices_is_found_sooner_or_later(
    short, least, monkeypatch
):
    monkeypatch.setattr(module, "LEAST", least)
    a, b = directions(80), directions(90, seed=1)
    price = np.random.default_rng(0).random(90) / 3
    value, known, checks = exact(a, b), np.zeros((80, 90), bool), opened(a, b)
    truth = (value - price).max(1) - short
    above, u = True, truth
    while above:
        u = np.maximum(np.where(known, value - price, -np.inf).max(1), truth)
        found = checks.check(u, price)
        np.testing.assert_allclose(found.value, value[found.row, found.column])
        assert found.above <= (not known[found.row, found.column].all())
        known[found.row, found.column], above = True, found.above
    np.testing.assert_allclose(u, truth + short, atol=1e-12)
    assert (checks.slack(u) == 0).all()


def test_what_was_not_found_counts_as_slack_where_too_many_pairs_are_near(monkeypatch):
    monkeypatch.setattr(module, "LEAST", 2)
    monkeypatch.setattr(module, "MOST", 2)
    a, b = directions(3), directions(1, seed=4).repeat(60, 1)
    checks, price = opened(a, b), np.zeros(60)
    u = exact(a, b).max(1)
    assert not checks.check(u, price).above
    # the best two rows of every column are known; the third has 58 pairs more
    slack = checks.slack(u)
    assert np.count_nonzero(slack) == 1
    assert 0 < slack[u.argmin()] < 2 * checks.margin


def test_rounding_stays_below_the_margin_in_any_dimension():
    for d_model in (4, 128, 2048):
        a, b = directions(200, d_model), directions(200, d_model, seed=1)
        error = np.abs((a @ b.T).numpy() - exact(a, b)).max()
        assert error < margin_of(a) - 1.5e-6

"""Screening in bfloat16 finds exactly what fp32 finds."""

import pytest
import torch

from saecore.zoo import screening, select


def problem(seed: int = 0, rows: int = 60, width: int = 300, d: int = 64):
    generator = torch.Generator().manual_seed(seed)
    scale = torch.rand(width, 1, generator=generator) * 3
    return (
        torch.randn(rows, d, generator=generator),
        scale * torch.randn(width, d, generator=generator) / d**0.5,
        torch.randn(width, generator=generator),
    )


@pytest.mark.parametrize("floor", [0.01, 1.0, 2.5, 100.0])
@pytest.mark.parametrize("seed", range(3))
def test_it_gives_all_entries_above_the_floor_with_their_fp32_values(seed, floor):
    x, w, b = problem(seed)
    row, latent, value = screening.above(x, w, b, floor, chunk=7)
    pre = x @ w.T + b
    sure = (pre - floor).abs() > 1e-5  # rounding in fp32 decides about the others
    found = torch.zeros_like(pre, dtype=torch.bool)
    found[row.long(), latent.long()] = True
    assert torch.equal(found[sure], (pre > floor)[sure])
    torch.testing.assert_close(value, pre[row.long(), latent.long()], atol=1e-5, rtol=1e-5)
    assert torch.equal(row, row.sort(stable=True).values)


def test_the_worst_case_of_rounding_is_not_lost():
    """All factors just below the middle between two bfloat16 numbers, so that every one rounds down."""
    down = 1 + 2.0**-8 - 2.0**-12
    x, w = torch.full((1, 64), down), torch.full((1, 64), down)
    exact = float(64 * down**2)
    row, _, value = screening.above(x, w, torch.zeros(1), exact * (1 - 1e-5), chunk=1)
    assert row.tolist() == [0]
    assert float(value) == pytest.approx(exact)


def test_a_row_that_is_not_finite_hides_nothing_in_the_others():
    x, w, b = problem()
    x[3] = torch.nan
    row, latent, _ = screening.above(x, w, b, 1.0, chunk=16)
    pre = x @ w.T + b
    expected = (pre > 1.0).nonzero()
    assert torch.equal(torch.stack([row, latent], 1).long(), expected)


def test_selection_is_the_same_with_and_without(monkeypatch):
    x, w, b = problem()
    plain = select.select_batch(x, w, b, 240, guess=2.0)
    monkeypatch.setattr(screening, "LEAST", 1)
    monkeypatch.setattr(screening, "_fast", lambda: True)
    assert screening.pays(x, w, 1.9)
    screened = select.select_batch(x, w, b, 240, guess=2.0)
    assert torch.equal(plain[0].latent, screened[0].latent)
    torch.testing.assert_close(plain[0].value, screened[0].value)
    assert plain[2] == pytest.approx(screened[2])


def test_small_saes_and_floors_of_zero_are_not_screened(monkeypatch):
    x, w, _ = problem()
    monkeypatch.setattr(screening, "_fast", lambda: True)
    assert not screening.pays(x, w, 1.0)
    monkeypatch.setattr(screening, "LEAST", 1)
    assert not screening.pays(x, w, 0.0)
    assert not screening.pays(x, w, torch.ones(300))
    assert not screening.pays(x.double(), w.double(), 1.0)

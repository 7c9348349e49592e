"""Selection from bfloat16 products: exactly what float32 selects."""

import pytest
import torch

from saecore.training import compiled_selection
from saecore.training.compiled_selection import (
    compiled_above,
    compiled_top_k,
    screened_chunks,
)
from saecore.training.selection import select_batch


@pytest.fixture(params=[True, False], ids=["screened", "float32"])
def screened(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Every selection from bfloat16 products, however small; or none."""
    monkeypatch.setattr(compiled_selection, "LEAST", 1)
    monkeypatch.setattr(compiled_selection, "chunk_rows", lambda width: 7)
    monkeypatch.setattr(compiled_selection, "bfloat16_is_fast", lambda: request.param)
    return request.param


def problem(seed: int = 0, rows: int = 60, width: int = 300, d: int = 64):
    generator = torch.Generator().manual_seed(seed)
    scale = torch.rand(width, 1, generator=generator) * 3
    return (
        torch.randn(rows, d, generator=generator),
        scale * torch.randn(width, d, generator=generator) / d**0.5,
        torch.randn(width, generator=generator),
    )


@pytest.mark.parametrize("floor", [-1.0, 0.0, 0.01, 1.0, 2.5, 100.0])
@pytest.mark.parametrize("seed", range(3))
def test_all_entries_above_the_floor_with_their_float32_values(screened, seed, floor):
    x, w, b = problem(seed)
    active, row = compiled_above(x, w, b, floor)
    pre = x @ w.T + b
    sure = (pre - floor).abs() > 1e-5  # rounding in float32 decides about the others
    found = torch.zeros_like(pre, dtype=torch.bool)
    found[row.long(), active.latent.long()] = True
    assert torch.equal(found[sure], (pre > floor)[sure])
    torch.testing.assert_close(
        active.value, pre[row.long(), active.latent.long()], atol=1e-5, rtol=1e-5
    )
    assert torch.equal(row, row.sort(stable=True).values)


@pytest.mark.parametrize("k", [1, 8, 40, 299, 300])
@pytest.mark.parametrize("seed", range(3))
def test_the_k_largest_of_every_row_ascending_by_latent(screened, seed, k):
    x, w, b = problem(seed)
    value, latent = compiled_top_k(x, w, b, k)
    expected = (x.double() @ w.double().T + b).topk(k, dim=1)
    assert torch.equal(latent.long(), expected.indices.sort(1).values)
    torch.testing.assert_close(
        value.sort(1, descending=True).values, expected.values.float()
    )


def test_the_worst_case_of_rounding_is_not_lost(screened):
    """All factors just below the middle between two bfloat16 numbers, so that every one
    rounds down.
    """
    down = 1 + 2.0**-8 - 2.0**-12
    x, w = torch.full((1, 64), down), torch.full((2, 64), down)
    w[1] = 1.0 + 2.0**-7  # rounds to itself, and is larger by less than the rounding
    exact = float(64 * down**2)
    active, row = compiled_above(x, w[:1], torch.zeros(1), exact * (1 - 1e-5))
    assert row.tolist() == [0]
    assert float(active.value) == pytest.approx(exact)
    _, latent = compiled_top_k(x, w, torch.tensor([0.3, 0.0]), 1)
    assert latent.tolist() == [[int((x @ w.T + torch.tensor([0.3, 0])).argmax())]]


def test_a_row_that_is_not_finite_hides_nothing_in_the_others(screened):
    x, w, b = problem()
    x[3], x[4] = torch.nan, torch.inf
    _, row = compiled_above(x, w, b, 1.0)
    others = (row != 3) & (row != 4)
    pre = (x @ w.T + b)[torch.arange(60) > 4]
    assert int(others.sum()) - int((row < 3).sum()) == int((pre > 1.0).sum())
    _, latent = compiled_top_k(x, w, b, 5)
    assert torch.equal(latent[5:].long(), pre.topk(5).indices.sort(1).values)
    assert latent.min() >= 0
    assert latent.max() < 300


def test_the_batch_selection_is_the_same_from_both_products(monkeypatch):
    x, w, b = problem()
    monkeypatch.setattr(compiled_selection, "LEAST", 1)
    found = {}
    for fast in (True, False):
        monkeypatch.setattr(
            compiled_selection, "bfloat16_is_fast", lambda fast=fast: fast
        )
        found[fast] = select_batch(x, w, b, 240, guess=2.0)
    assert torch.equal(found[True][0].latent, found[False][0].latent)
    torch.testing.assert_close(found[True][0].value, found[False][0].value)
    assert found[True][2] == pytest.approx(found[False][2])


def test_small_saes_are_not_screened(monkeypatch):
    x, w, b = problem()
    monkeypatch.setattr(compiled_selection, "bfloat16_is_fast", lambda: True)
    assert not any(block.screen for block in screened_chunks(x, w, b))
    monkeypatch.setattr(compiled_selection, "LEAST", w.numel())
    assert all(block.screen for block in screened_chunks(x, w, b))


def test_no_rows_give_no_entries(screened):
    x, w, b = problem()
    active, row = compiled_above(x[:0], w, b, 0.0)
    assert len(row) == len(active.value) == 0
    assert active.crow.tolist() == [0]


def test_the_choice_of_kernels_is_told_as_it_can_be_named(monkeypatch):
    for onednn, fast, said in (
        (True, True, "onednn,bfloat16"),
        (False, False, "blas"),
    ):
        monkeypatch.setattr(compiled_selection, "onednn_is_better", lambda o=onednn: o)
        monkeypatch.setattr(compiled_selection, "bfloat16_is_fast", lambda f=fast: f)
        assert compiled_selection.chosen_kernels() == said

"""Exact selection against torch.topk on the whole array."""

import pytest
import torch

from saecore.sparse import dense, top_k
from saecore.training import selection
from saecore.training.selection import (
    first_guess,
    select_above,
    select_batch,
    select_top_k,
)


def problem(rows: int = 50, width: int = 96, d: int = 12):
    generator = torch.Generator().manual_seed(1)
    return (
        torch.randn(rows, d, generator=generator),
        torch.randn(width, d, generator=generator),
        torch.randn(width, generator=generator),
    )


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of seven rows, so that every test crosses their borders."""
    monkeypatch.setattr(selection, "chunk_rows", lambda width: 7)


@pytest.mark.parametrize(
    ("width", "k"), [(96, 1), (96, 3), (96, 6), (96, 20), (97, 5), (4, 4), (640, 16)]
)
def test_the_two_stages_find_the_k_largest_of_every_row(width: int, k: int) -> None:
    pre = torch.randn(30, width, generator=torch.Generator().manual_seed(2))
    value, latent = top_k(pre, k)
    expected = pre.topk(k, dim=1)
    assert torch.equal(latent.sort(1).values, expected.indices.sort(1).values)
    assert torch.equal(pre.gather(1, latent), value)


def test_top_k_of_chunks_is_top_k_of_all_rows() -> None:
    x, w, b = problem()
    _, latent = select_top_k(x, w, b, 5)
    assert torch.equal(
        latent.sort(1).values, (x @ w.T + b).topk(5, dim=1).indices.sort(1).values
    )


def test_everything_above_the_floor_of_its_latent_is_selected() -> None:
    x, w, b = problem()
    floor = torch.linspace(-1, 4, 96)
    active, row = select_above(x, w, b, floor)
    pre = x @ w.T + b
    expected = torch.where(pre > floor, pre, 0.0)
    torch.testing.assert_close(dense(active, 96), expected)
    assert torch.equal(row.long(), (pre > floor).nonzero()[:, 0])
    assert active.latent.dtype == active.crow.dtype == torch.int32


@pytest.mark.parametrize("guess", [0.0, 0.1, 2.0, 3.3, 50.0])
def test_the_batch_selection_does_not_depend_on_the_guess(guess: float) -> None:
    x, w, b = problem()
    active, _, last = select_batch(x, w, b, 200, guess=guess)
    pre = (x @ w.T + b).relu()
    best = pre.flatten().topk(200)
    expected = (
        torch.zeros_like(pre)
        .flatten()
        .scatter(0, best.indices, best.values)
        .view_as(pre)
    )
    torch.testing.assert_close(dense(active, 96), expected)
    assert last == pytest.approx(float(best.values[-1]))


def test_the_batch_selection_takes_no_more_than_is_positive() -> None:
    x, w, b = problem()
    active, _, last = select_batch(x, w, b - 8, 4000, guess=1.0)
    assert len(active.value) == int(((x @ w.T + b - 8) > 0).sum()) < 4000
    assert last == 0.0


def test_the_first_guess_is_near_the_level_of_the_whole_batch() -> None:
    x, w, b = problem(rows=2000)
    level = float((x @ w.T + b).flatten().topk(2000 * 4).values[-1])
    assert first_guess(x[:700], w, b, 4) == pytest.approx(level, rel=0.5)


def test_no_row_may_be_active_at_all() -> None:
    x, w, b = problem()
    active, row = select_above(x, w, b, 1e9)
    assert len(row) == 0
    assert torch.equal(active.crow, torch.zeros(51, dtype=torch.int32))


# Screening in bfloat16


def wide(seed: int = 0, rows: int = 60, width: int = 300, d: int = 64):
    generator = torch.Generator().manual_seed(seed)
    scale = torch.rand(width, 1, generator=generator) * 3
    return (
        torch.randn(rows, d, generator=generator),
        scale * torch.randn(width, d, generator=generator) / d**0.5,
        torch.randn(width, generator=generator),
    )


@pytest.mark.parametrize("floor", [0.01, 1.0, 2.5, 100.0])
@pytest.mark.parametrize("seed", range(3))
def test_screening_gives_all_entries_above_the_floor_with_their_fp32_values(
    seed, floor
):
    x, w, b = wide(seed)
    row, latent, value = selection.screened(x, w, b, floor, chunk=7)
    pre = x @ w.T + b
    sure = (pre - floor).abs() > 1e-5  # rounding in fp32 decides about the others
    found = torch.zeros_like(pre, dtype=torch.bool)
    found[row.long(), latent.long()] = True
    assert torch.equal(found[sure], (pre > floor)[sure])
    torch.testing.assert_close(
        value, pre[row.long(), latent.long()], atol=1e-5, rtol=1e-5
    )
    assert torch.equal(row, row.sort(stable=True).values)


def test_the_worst_case_of_rounding_is_not_lost():
    """All factors just below the middle between two bfloat16 numbers, so that every one
    rounds down.
    """
    down = 1 + 2.0**-8 - 2.0**-12
    x, w = torch.full((1, 64), down), torch.full((1, 64), down)
    exact = float(64 * down**2)
    row, _, value = selection.screened(
        x, w, torch.zeros(1), exact * (1 - 1e-5), chunk=1
    )
    assert row.tolist() == [0]
    assert float(value) == pytest.approx(exact)


def test_a_row_that_is_not_finite_hides_nothing_in_the_others():
    x, w, b = wide()
    x[3] = torch.nan
    row, latent, _ = selection.screened(x, w, b, 1.0, chunk=16)
    pre = x @ w.T + b
    expected = (pre > 1.0).nonzero()
    assert torch.equal(torch.stack([row, latent], 1).long(), expected)


def test_selection_is_the_same_with_and_without(monkeypatch):
    x, w, b = wide()
    plain = selection.select_batch(x, w, b, 240, guess=2.0)
    monkeypatch.setattr(selection, "LEAST", 1)
    monkeypatch.setattr(selection, "_fast", lambda: True)
    assert selection.screening_pays(x, w, 1.9)
    screened = selection.select_batch(x, w, b, 240, guess=2.0)
    assert torch.equal(plain[0].latent, screened[0].latent)
    torch.testing.assert_close(plain[0].value, screened[0].value)
    assert plain[2] == pytest.approx(screened[2])


def test_small_saes_and_floors_of_zero_are_not_screened(monkeypatch):
    x, w, _ = wide()
    monkeypatch.setattr(selection, "_fast", lambda: True)
    assert not selection.screening_pays(x, w, 1.0)
    monkeypatch.setattr(selection, "LEAST", 1)
    assert not selection.screening_pays(x, w, 0.0)
    assert not selection.screening_pays(x, w, torch.ones(300))
    assert not selection.screening_pays(x.double(), w.double(), 1.0)

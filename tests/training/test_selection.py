"""Exact selection against torch.topk on the whole array."""

import pytest
import torch

from saecore.sparse import dense, top_k
from saecore.training import compiled_selection, selection
from saecore.training.selection import (
    first_guess,
    select_above,
    select_batch,
    select_top_k,
)

pytestmark = pytest.mark.usefixtures("way")


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
    monkeypatch.setattr(compiled_selection, "chunk_rows", lambda width: 7)


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

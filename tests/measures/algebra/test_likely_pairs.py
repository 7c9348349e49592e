"""Both sides of the likely pairs, against the full matrix."""

import pytest
import torch

from saecore.compiled import availability
from saecore.measures.algebra.likely_pairs import candidates
from saecore.measures.algebra.nearest import unit_rows


def rows(count: int, d_model: int = 12, *, seed: int = 0) -> torch.Tensor:
    return unit_rows(
        torch.randn(count, d_model, generator=torch.Generator().manual_seed(seed))
    )


@pytest.fixture(params=["scanned", "multiplied"])
def way(request, monkeypatch) -> str:
    """Compiled scans of the tiles, and their twin in PyTorch, as without numba."""
    if request.param == "multiplied":
        monkeypatch.setattr(availability, "available", lambda: False)
    return request.param


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    ("n", "m"), [(1, 1), (3, 50), (300, 9000), (2000, 700), (512, 512)]
)
def test_rows_and_columns_get_their_largest_entries_and_true_bounds(n, m):
    a, b = rows(n), rows(m, seed=1)
    found = candidates(a, b, per_row=min(20, m), per_column=6)
    cosine = a @ b.T
    torch.testing.assert_close(found.value, cosine.topk(min(20, m), dim=1).values)
    torch.testing.assert_close(cosine.gather(1, found.column.long()), found.value)
    torch.testing.assert_close(found.column_best, cosine.amax(0))
    row, column, value = found.back
    torch.testing.assert_close(cosine[row, column], value)
    assert int(torch.bincount(column, minlength=m).max()) <= 6
    rest = cosine.clone()
    rest[row, column] = -torch.inf
    assert (rest.amax(0) <= found.column_bound + 1e-6).all()


@pytest.mark.usefixtures("way")
def test_most_columns_get_as_many_rows_as_were_asked_for_and_the_best_of_them():
    a, b = rows(3000), rows(800, seed=1)
    found = candidates(a, b, per_row=5, per_column=10)
    size = torch.bincount(found.back.column, minlength=800)
    assert float((size == 10).double().mean()) > 0.8
    lowest = torch.full((800,), torch.inf).scatter_reduce(
        0, found.back.column, found.back.value, "amin"
    )
    best = (a @ b.T).topk(10, dim=0).values[-1]
    torch.testing.assert_close(lowest[size == 10], best[size == 10])


@pytest.mark.usefixtures("way")
def test_rows_that_the_sample_misses_do_not_flood_the_memory():
    # every 16th row is far from all columns, all others are copies of one of them: the
    # levels are useless
    b = rows(400)
    a = b[torch.arange(1600) % 400].clone()
    a[::16] = -b.mean(0)
    found = candidates(a, b, per_row=4, per_column=3)
    assert len(found.back.row) <= 1200
    assert (found.back.value > 0.999).sum() >= 1000


def test_both_ways_find_the_same_pairs_of_the_rows_and_hear_of_all_of_them(monkeypatch):
    a, b, told = rows(700), rows(3000, seed=1), []
    scanned = candidates(a, b, per_row=9, per_column=4, progress=told.append)
    monkeypatch.setattr(availability, "available", lambda: False)
    twin = candidates(a, b, per_row=9, per_column=4, progress=told.append)
    assert sum(told) == 1400
    torch.testing.assert_close(scanned.column.long(), twin.column)
    torch.testing.assert_close(scanned.column_best, twin.column_best)
    # a scan finds every column's best rows
    assert (torch.bincount(scanned.back.column, minlength=3000) == 4).all()
    best = (a @ b.T).topk(4, dim=0).values[-1]
    torch.testing.assert_close(scanned.column_bound, (a @ b.T).topk(5, dim=0).values[4])
    assert (scanned.column_bound <= best).all()

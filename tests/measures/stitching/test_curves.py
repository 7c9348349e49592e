"""Whole curves in one pass, beside the stitched dictionary evaluated at every step."""

import pytest
import torch

from saecore.measures.dictionary.encoded import encoded, mean_square, residual
from saecore.measures.stitching.curves import curve
from saecore.measures.stitching.insertion import insertions
from saecore.sparse import dense
from tests.measures.dictionary.test_row_units import Normalised
from tests.measures.stitching.test_insertion import as_double, normal, plain


def slow(small, large, x, remove, insert, steps):
    """The errors with three biases, L0 and number of latents after each step, by
    evaluating the union.
    """
    out = []
    f, g = small.encode(x), large.encode(x)
    for step in range(steps + 1):
        stay, come = (remove < 0) | (remove >= step), (insert >= 0) & (insert < step)
        rest = x - small.b_dec - (f * stay) @ small.W_dec - (g * come) @ large.W_dec
        share = float(come.sum()) / max(float(stay.sum() + come.sum()), 1)
        moved = rest - share * (large.b_dec - small.b_dec)
        best = rest - rest.mean(0)
        active = ((f * stay) > 0).sum(1) + ((g * come) > 0).sum(1)
        out.append(
            [mean_square(rest), mean_square(moved), mean_square(best), float(active.double().mean()),
             float(stay.sum() + come.sum())]
        )  # fmt: skip
    return torch.tensor(out, dtype=torch.float64).T


def steps_of(width: int, steps: int, seed: int) -> torch.Tensor:
    return torch.randint(
        -1, steps, (width,), generator=torch.Generator().manual_seed(seed)
    )


@pytest.mark.parametrize(("block", "numbers"), [(32, 1_000_000), (3, 40), (1, 400)])
@pytest.mark.parametrize("chunk", [4096, 3])
def test_every_point_of_a_curve_equals_the_naive_one(
    block, numbers, chunk, monkeypatch
):
    for name, value in (
        ("BLOCK", block),
        ("CHUNK_NUMBERS", numbers),
        ("CHUNK_STEPS", chunk),
    ):
        monkeypatch.setattr(f"saecore.measures.stitching.curves.{name}", value)
    small, large, x = plain(12), plain(30, seed=1), normal(80, 8, seed=2)
    remove, insert = steps_of(12, 9, 3), steps_of(30, 9, 4)
    found = curve(small, large, x, insert=insert, remove=remove, steps=10)
    expected = slow(small, large, x, remove, insert, 10)
    for got, want in zip(found[:5], expected, strict=True):
        torch.testing.assert_close(got.double(), want)


def test_swapping_everything_ends_at_the_large_dictionary():
    small, large, x = plain(12), plain(30, seed=1), normal(300, 8, seed=2)
    every = [torch.zeros(width, dtype=torch.long) for width in (12, 30)]
    found = curve(small, large, x, remove=every[0], insert=every[1])
    own = encoded(large, x)
    assert float(found.moving[-1]) == pytest.approx(mean_square(residual(own, x)))
    assert float(found.l0[-1]) == pytest.approx(own.l0)
    assert found.latents.tolist() == [12, 30]


def test_the_first_insertion_has_the_effect_of_a_single_one():
    small, large, x = plain(12), plain(30, seed=1), normal(300, 8, seed=2)
    alone = insertions(small, large, x)
    for latent in (5, 20):
        only = torch.full((30,), -1)
        only[latent] = 0
        found = curve(small, large, x, insert=only)
        assert float(found.fixed.diff()[0]) == pytest.approx(
            float(alone.effect[latent])
        )


def test_float32_follows_float64():
    small, large = (
        plain(40, 32, dtype=torch.float32),
        plain(90, 32, seed=1, dtype=torch.float32),
    )
    x = normal(2000, 32, seed=2, dtype=torch.float32)
    remove, insert = torch.arange(40), torch.arange(90)
    found = curve(small, large, x, insert=insert, remove=remove)
    small, large = as_double(small), as_double(large)
    exact = curve(small, large, x.double(), insert=insert, remove=remove)
    torch.testing.assert_close(found.fixed, exact.fixed, rtol=1e-5, atol=0)
    torch.testing.assert_close(found.best, exact.best, rtol=1e-5, atol=0)


def test_no_step_at_all_is_the_small_dictionary():
    small, large, x = plain(12), plain(30, seed=1), normal(50, 8, seed=2)
    found = curve(small, large, x, insert=torch.full((30,), -1))
    assert found.fixed.shape == (1,)
    assert float(found.fixed[0]) == pytest.approx(
        mean_square(residual(encoded(small, x), x))
    )


def test_steps_that_do_not_fit_are_refused():
    small, large, x = plain(12), plain(30, seed=1), normal(50, 8, seed=2)
    with pytest.raises(ValueError, match="one step below 3"):
        curve(small, large, x, insert=torch.full((30,), 3), steps=3)
    with pytest.raises(ValueError, match="12 to leave and 30 to join, got 12 and 29"):
        curve(small, large, x, insert=torch.full((29,), 0))
    with pytest.raises(ValueError, match="same d_model"):
        curve(small, plain(30, 4), x, insert=torch.full((30,), 0))


def test_rows_with_biases_of_their_own_are_stitched_as_slowly(monkeypatch):
    monkeypatch.setattr("saecore.measures.stitching.curves.BLOCK", 3)
    one, large, x = plain(12), plain(20, seed=1), normal(60, 8, seed=3)
    small = Normalised(one.W_enc, one.W_dec)
    remove, insert = steps_of(12, 5, 2), steps_of(20, 5, 1)
    found = curve(small, large, x, insert=insert, remove=remove, steps=5)
    first, second = encoded(small, x), encoded(large, x)
    for step in range(6):
        stay, come = (remove < 0) | (remove >= step), (insert >= 0) & (insert < step)
        made = (dense(first.active, 12) * stay) @ small.W_dec
        made = made + (dense(second.active, 20) * come) @ large.W_dec
        rest = x - first.bias - made
        share = float(come.sum()) / float(stay.sum() + come.sum())
        moved = rest - share * (second.bias - first.bias)
        expected = [mean_square(part) for part in (rest, moved, rest - rest.mean(0))]
        errors = [kind[step] for kind in (found.fixed, found.moving, found.best)]
        assert [float(error) for error in errors] == pytest.approx(expected)

"""Other biases, unions, and decoders fitted anew."""

import pytest
import torch

from saecore.measures.dictionary.encoded import encoded, mean_square, residual
from saecore.measures.stitching.curves import curve
from saecore.measures.stitching.insertion import inserted, insertions
from saecore.measures.stitching.novelty import novelty
from saecore.measures.stitching.refit import (
    bias_exchange,
    crossfitted,
    refit,
    refitted,
    union,
)
from saecore.sparse import dense
from tests.measures.dictionary.test_row_units import Normalised
from tests.measures.stitching.test_insertion import normal, plain


def test_every_exchange_equals_the_naive_one():
    several, x = (
        [plain(12), plain(30, seed=1), plain(20, seed=2)],
        normal(200, 8, seed=3),
    )
    found = bias_exchange([encoded(one, x) for one in several], x)
    for i, one in enumerate(several):
        for j, other in enumerate(several):
            rest = x - one.encode(x) @ one.W_dec - other.b_dec
            assert float(found[i, j]) == pytest.approx(mean_square(rest))


def test_a_union_is_the_stitched_dictionary():
    small, large, x = plain(12), plain(30, seed=1), normal(200, 8, seed=3)
    keep, add = torch.arange(12) % 3 > 0, torch.arange(30) % 2 == 0
    one = union(encoded(small, x), encoded(large, x), keep=keep, add=add)
    expected = curve(
        small, large, x, remove=torch.where(keep, -1, 0), insert=torch.where(add, 0, -1)
    )
    assert mean_square(residual(one, x)) == pytest.approx(float(expected.fixed[-1]))
    assert one.l0 == pytest.approx(float(expected.l0[-1]))
    assert one.width == 8 + 15
    assert union(encoded(small, x), encoded(large, x)).width == 42


def test_a_refit_is_least_squares():
    dictionary, x = plain(12), normal(400, 8, seed=3)
    found = refit(encoded(dictionary, x), x, ridge=0.0)
    f = torch.cat([dictionary.encode(x), torch.ones(400, 1, dtype=x.dtype)], 1)
    fit = torch.linalg.lstsq(f[:200], x[:200], driver="gelsd").solution
    errors = [
        mean_square(x[part] - f[part] @ fit)
        for part in (slice(0, 200), slice(200, 400))
    ]
    assert [found.fitted, found.error] == pytest.approx(errors)
    rest = x - dictionary.decode(dictionary.encode(x))
    assert found.raw == pytest.approx(mean_square(rest[200:] - rest[:200].mean(0)))
    assert found.fitted <= mean_square(rest[:200] - rest[:200].mean(0))


def test_the_true_decoder_is_recovered():
    f, rows = normal(600, 5, seed=1).relu(), normal(5, 8, seed=2)
    x = f @ rows + 3

    class Wrong:
        W_dec = normal(5, 8, seed=9)

        def encode(self, x):
            return f

        def decode(self, latents):
            return latents @ self.W_dec

    found = refit(encoded(Wrong(), x), x)
    assert found.error < 1e-8 * found.variance
    assert found.raw > found.variance


def test_after_a_refit_no_latent_wants_another_amplitude():
    one, x = plain(12), normal(400, 8, seed=3)
    coded = encoded(one, x)
    assert float(insertions(coded, coded, x).scale[2:].abs().max()) > 0.05
    after = refitted(coded, x, ridge=0.0)
    assert float(insertions(after, after, x).scale.abs().max()) < 1e-9


def test_copies_and_dead_latents_do_no_harm():
    one, x = plain(12), normal(400, 8, seed=3)
    twice = union(encoded(one, x), encoded(one, x))
    assert refit(twice, x).error == pytest.approx(
        refit(encoded(one, x), x).error, rel=1e-3
    )


def test_other_rows_and_sites_are_refused():
    small, x = plain(12), normal(20, 8)
    with pytest.raises(ValueError, match="rows of one site"):
        union(encoded(small, x), encoded(small, x[:10]))
    with pytest.raises(ValueError, match="rows of one site"):
        union(encoded(small, x), encoded(plain(5, 4), normal(20, 4)))


def test_each_half_is_left_by_the_fit_on_the_other():
    dictionary, x = plain(12), normal(410, 8, seed=3)
    found = crossfitted(encoded(dictionary, x), x, together=10, ridge=0.0)
    f = torch.cat([dictionary.encode(x), torch.ones(410, 1, dtype=x.dtype)], 1)
    for fit, judge in (
        (slice(0, 200), slice(200, 410)),
        (slice(200, 410), slice(0, 200)),
    ):
        rows = torch.linalg.lstsq(f[fit], x[fit], driver="gelsd").solution
        torch.testing.assert_close(found[judge], x[judge] - f[judge] @ rows)


def test_noise_is_not_novel_to_what_a_crossed_fit_leaves():
    """The dictionary holds all there is but noise; others bring nothing."""
    x = normal(2000, 8, seed=3)
    small, large = encoded(plain(12), x), encoded(plain(60, seed=5), normal(2000, 8))
    found = inserted(large, crossfitted(small, x))[0]
    assert novelty(found, fdr=0.05, least=10).novel.sum() <= 1
    copy = inserted(small, crossfitted(small, x))[0]
    assert not novelty(copy, fdr=0.05, least=10).novel.any()


def per_row(width: int) -> Normalised:
    return Normalised(plain(width).W_enc, plain(width).W_dec)


def test_biases_of_rows_are_exchanged_row_by_row():
    x = normal(200, 8, seed=3)
    several = [encoded(per_row(12), x), encoded(plain(30, seed=1), x)]
    found = bias_exchange(several, x)
    for i, one in enumerate(several):
        for j, other in enumerate(several):
            rest = x - dense(one.active, one.width) @ one.W_dec - other.bias
            assert float(found[i, j]) == pytest.approx(mean_square(rest))


def test_a_refit_with_biases_of_rows_adds_one_vector_to_all():
    x = normal(400, 8, seed=3)
    one = encoded(per_row(12), x)
    f = torch.cat([dense(one.active, 12), torch.ones(400, 1, dtype=x.dtype)], 1)
    fit = torch.linalg.lstsq(f, x - one.bias, driver="gelsd").solution
    again = refitted(one, x, ridge=0.0)
    torch.testing.assert_close(residual(again, x), x - one.bias - f @ fit)
    assert mean_square(residual(again, x)) < mean_square(residual(one, x))

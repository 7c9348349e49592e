"""Single insertions in closed form, beside the stitched dictionary evaluated latent by
latent.
"""

from dataclasses import dataclass, fields, replace

import pytest
import torch

from saecore.measures.dictionary.encoded import (
    Encoded,
    encoded,
    mean_square,
    residual,
    variance,
)
from saecore.measures.stitching.insertion import directed, inserted, insertions
from saecore.measures.stitching.novelty import novelty
from saecore.measures.stitching.row_groups import groups_of
from saecore.sparse import sparse

WIDTHS = (12, 30)


@dataclass
class Plain:
    """A dictionary with norms of all sizes, a bias, and two dead latents."""

    W_enc: torch.Tensor
    W_dec: torch.Tensor
    b_enc: torch.Tensor
    b_dec: torch.Tensor

    def encode(self, x):
        return ((x - self.b_dec) @ self.W_enc + self.b_enc).relu()

    def decode(self, latents):
        return latents @ self.W_dec + self.b_dec


def as_double(one: Plain) -> Plain:
    return Plain(*(getattr(one, field.name).double() for field in fields(one)))


def normal(
    *shape: int, seed: int = 0, dtype: torch.dtype = torch.float64
) -> torch.Tensor:
    return torch.randn(
        *shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64
    ).to(dtype)


def plain(
    width: int, d_model: int = 8, *, seed: int = 0, dtype: torch.dtype = torch.float64
) -> Plain:
    norms = torch.linspace(0.2, 3, width, dtype=dtype)[:, None]
    rows = norms * torch.nn.functional.normalize(
        normal(width, d_model, seed=seed, dtype=dtype), dim=1
    )
    b_enc = torch.full((width,), -0.3, dtype=dtype)
    b_enc[:2] = -100
    return Plain(
        rows.T / norms.T.square(),
        0.7 * rows,
        b_enc,
        normal(d_model, seed=seed + 7, dtype=dtype),
    )


def naive(small, large, x, latent):
    """Squared errors of all rows with one latent inserted, less those without it."""
    small, large, x = as_double(small), as_double(large), x.double()
    before = small.decode(small.encode(x))
    after = before + large.encode(x)[:, latent, None] * large.W_dec[latent]
    return (x - after).square().sum(1) - (x - before).square().sum(1)


@pytest.fixture
def case():
    return plain(WIDTHS[0]), plain(WIDTHS[1], seed=1), normal(500, 8, seed=2)


@pytest.mark.parametrize("chunk", [60, 4_000_000])
def test_every_effect_equals_the_naive_one(case, chunk, monkeypatch):
    monkeypatch.setattr("saecore.measures.dictionary.encoded.CHUNK_ENTRIES", chunk)
    small, large, x = case
    found = insertions(small, large, x)
    slow = torch.stack([naive(small, large, x, j) for j in range(WIDTHS[1])])
    torch.testing.assert_close(found.effect, slow.mean(1))
    torch.testing.assert_close(found.standard_error, slow.std(1) / len(x) ** 0.5)
    torch.testing.assert_close(found.fired, (large.encode(x) > 0).sum(0))


@pytest.mark.parametrize("together", [7, 25])
@pytest.mark.parametrize("chunk", [200, 4_000_000])
def test_rows_of_one_text_count_as_one_observation(case, together, chunk, monkeypatch):
    monkeypatch.setattr("saecore.measures.dictionary.encoded.CHUNK_ENTRIES", chunk)
    small, large, x = case
    found = insertions(small, large, x, together=together)
    terms = torch.stack([naive(small, large, x, j) for j in range(WIDTHS[1])])
    sums = torch.stack([part.sum(1) for part in terms.split(together, dim=1)], 1)
    expected = sums.std(1) * sums.shape[1] ** 0.5 / len(x)
    torch.testing.assert_close(found.standard_error, expected)


@pytest.mark.parametrize("together", [1, 7])
def test_without_a_group_of_rows_it_is_what_the_others_say(case, together):
    small, large, x = case
    coded, rest = encoded(large, x), residual(encoded(small, x), x)
    several = inserted(coded, rest, together=together, groups=4)
    parts = groups_of(len(x), groups=4, together=together)
    for found, gone in zip(several, [slice(0, 0), *parts], strict=True):
        kept = torch.cat([x[: gone.start], x[gone.stop :]])
        expected = insertions(small, large, kept, together=together)
        for name in ("effect", "fired", "energy", "overlap"):
            torch.testing.assert_close(getattr(found, name), getattr(expected, name))
        assert found.error == pytest.approx(expected.error)
        torch.testing.assert_close(found.standard_error, expected.standard_error)


def test_float32_agrees_with_float64_to_a_part_in_a_hundred_thousand():
    small, large, x = (
        plain(40, 32, dtype=torch.float32),
        plain(90, 32, seed=1, dtype=torch.float32),
        None,
    )
    x = normal(3000, 32, seed=2, dtype=torch.float32)
    found = insertions(small, large, x)
    assert found.effect.dtype == torch.float64
    # the activations are those of float32: the measure is judged, not the encoders
    coded = [encoded(one, x) for one in (small, large)]
    wide = [
        Encoded(
            one.active._replace(value=one.active.value.double()),
            one.W_dec.double(),
            one.bias.double(),
        )
        for one in coded
    ]
    exact = insertions(wide[0], wide[1], x.double())
    assert float((found.effect - exact.effect).abs().max()) < 1e-5 * float(
        exact.energy.max()
    )
    assert (
        float(
            ((found.effect - exact.effect).abs() / exact.energy.clamp(min=1e-9)).max()
        )
        < 1e-5
    )


def test_a_sparse_encoder_gives_what_a_dense_one_gives(case):
    small, large, x = case

    class Quick:
        W_dec, decode, encode = large.W_dec, large.decode, large.encode

        def encode_sparse(self, x):
            return sparse(large.encode(x))

    torch.testing.assert_close(
        insertions(small, Quick(), x).effect, insertions(small, large, x).effect
    )
    one = encoded(Quick(), x)
    torch.testing.assert_close(one.bias, large.b_dec)
    assert one.l0 == pytest.approx(float((large.encode(x) > 0).sum(1).double().mean()))


def test_the_sign_of_an_effect_says_whether_the_best_factor_is_above_one_half(case):
    small, large, x = case
    found = insertions(small, large, x)
    torch.testing.assert_close(found.effect, found.energy * (1 - 2 * found.scale))
    scaled = Plain(
        large.W_enc, found.scale[:, None] * large.W_dec, large.b_enc, large.b_dec
    )
    again = insertions(small, scaled, x)
    torch.testing.assert_close(again.effect, found.scaled)
    nudged = insertions(small, replace(scaled, W_dec=1.01 * scaled.W_dec), x).effect
    assert (nudged[2:] >= again.effect[2:]).all()


def test_no_decoder_row_does_better_than_the_best_direction(case):
    small, large, x = case
    best = directed(small, large, x)
    turned = insertions(small, replace(large, W_dec=best.direction), x)
    torch.testing.assert_close(turned.effect, best.effect)
    assert (best.effect <= insertions(small, large, x).scaled + 1e-12).all()
    assert (best.held_out >= best.effect - 1e-9).all()


def test_held_out_directions_are_fitted_on_the_other_half(case):
    small, large, x = case
    first, second = x[:250], x[250:]
    expected = sum(
        insertions(
            small, replace(large, W_dec=directed(small, large, fit).direction), judge
        ).effect
        / 2
        for fit, judge in ((first, second), (second, first))
    )
    torch.testing.assert_close(directed(small, large, x).held_out, expected)


def test_directions_of_noise_gain_in_sample_and_nothing_held_out():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(4000, 16, generator=generator, dtype=torch.float64)
    fires = (torch.rand(4000, 40, generator=generator) < 0.05).double()

    class Nothing:
        W_dec = torch.zeros(3, 16, dtype=torch.float64)

        def encode(self, x):
            return x.new_zeros(len(x), 3)

        def decode(self, latents):
            return latents @ self.W_dec

    class Random(Nothing):
        W_dec = torch.ones(40, 16, dtype=torch.float64)

        def encode(self, x):
            return fires

    found = directed(Nothing(), encoded(Random(), x), x)
    assert (found.effect < 0).all()
    assert float(found.held_out.mean()) > 0


def test_planted_latents_get_their_class():
    """Rows of three features; the small dictionary holds the first alone: the second is
    novel, a copy of the first redundant, and the third fires too rarely to tell."""
    generator = torch.Generator().manual_seed(3)
    d = torch.eye(3, dtype=torch.float64)
    on = torch.stack(
        [torch.rand(2000, generator=generator) < p for p in (0.3, 0.3, 0.0)], 1
    ).double()
    on[:5, 2] = 1
    x = on @ d + 0.05 * torch.randn(2000, 3, generator=generator, dtype=torch.float64)

    class Known:
        def __init__(self, which):
            self.which, self.W_dec = which, d[which]

        def encode(self, x):
            return on[: len(x), self.which]

        def decode(self, latents):
            return latents @ self.W_dec

    found = insertions(Known([0]), Known([0, 1, 2]), x)
    sure = novelty(found, fdr=0.05, least=10)
    assert sure.redundant.tolist() == [True, False, False]
    assert sure.novel.tolist() == [False, True, False]
    assert sure.undecided.tolist() == [False, False, True]
    assert found.effect.tolist() == pytest.approx([0.3, -0.3, -5 / 2000], abs=0.03)
    assert found.scale.tolist() == pytest.approx([0, 1, 1], abs=0.05)


def test_errors_are_sums_over_coordinates_and_dead_latents_change_nothing(case):
    small, large, x = case
    found = insertions(small, large, x)
    assert found.error == pytest.approx(mean_square(x - small.decode(small.encode(x))))
    assert found.error == pytest.approx(mean_square(residual(encoded(small, x), x)))
    assert variance(x) == pytest.approx(float((x - x.mean(0)).square().sum(1).mean()))
    assert found.effect[:2].tolist() == [0, 0]
    assert not found.live[:2].any()
    assert novelty(found, fdr=0.05, least=0).undecided[:2].all()


def test_dead_latents_may_even_hold_numbers_that_are_none(case):
    small, large, x = case
    w_dec = large.W_dec.clone()
    w_dec[0] = torch.nan

    class Odd:
        W_dec = w_dec

        def encode(self, x):
            return large.encode(x)

        def decode(self, latents):
            return large.decode(latents)

    found = insertions(small, Odd(), x)
    torch.testing.assert_close(found.effect, insertions(small, large, x).effect)


def test_other_sites_and_other_rows_are_refused_in_one_sentence(case):
    small, large, x = case
    with pytest.raises(ValueError, match="same d_model"):
        insertions(small, plain(5, 4), x)
    with pytest.raises(ValueError, match="rows of its own site"):
        insertions(small, large, normal(10, 4))
    with pytest.raises(ValueError, match="encoded on the rows that are given"):
        insertions(encoded(small, x[:10]), large, x)

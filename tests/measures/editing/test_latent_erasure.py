"""Zero ablation and projection of the latent that carries a planted label."""

import pytest
import torch
from torch.testing import assert_close

from saecore.measures.dictionary.nulls import Weights
from saecore.measures.editing import erasure, latent_erasure
from tests.measures.dictionary.test_row_units import Normalised


@pytest.fixture
def rows():
    """Rows of 12 dimensions, and a label to be planted in one of them."""
    generator = torch.Generator().manual_seed(3)
    label = torch.rand(4000, generator=generator) < 0.4
    return torch.randn(4000, 12, generator=generator, dtype=torch.float64), label


def planted(rows):
    x, label = rows
    w = torch.eye(12, dtype=torch.float64)
    x = torch.rand(
        len(x), 12, generator=torch.Generator().manual_seed(5), dtype=torch.float64
    )
    x[:, 7] = label * (1 + x[:, 7])
    return Weights(w, w), x, label


def test_candidates_are_active_often_enough(rows):
    dictionary, x, label = planted(rows)
    share = float(label.double().mean())
    often = latent_erasure.active_latents(dictionary, x, least=share + 0.01)
    assert 7 not in often.tolist()
    assert len(often) == 11
    assert 7 in latent_erasure.active_latents(dictionary, x, least=share - 0.01)


def test_a_subtracted_latent_changes_only_the_rows_in_which_it_fires(rows):
    dictionary, x, label = planted(rows)
    erased = latent_erasure.subtracted(dictionary, torch.tensor([7]))(
        x.view(40, 100, 12)
    ).view(-1, 12)
    assert_close(erased[~label], x[~label])
    assert_close(erased[:, 7], torch.zeros(len(x), dtype=torch.float64))
    assert_close(erased[:, :7], x[:, :7])


LIMITS = {"active": 0.05, "chance": 0.5, "most": 8.0}


def task(x, label):
    """How well the seventh coordinate still tells the label."""
    middle = x[:, 7].mean()

    def right(eraser):
        lead = eraser(x)[:, 7] - middle
        return float(torch.where(label, lead, -lead).mul(20).sigmoid().mean())

    return right


def test_the_latent_that_carries_the_label_erases_it(rows):
    dictionary, x, label = planted(rows)
    right = task(x, label)
    found = latent_erasure.erasing_latent(
        dictionary, x, right, lambda eraser: 0.0, **LIMITS
    )
    assert found.latent == 7
    assert found.matched.reached
    assert right(found.matched.eraser) <= 0.5


def test_of_both_ways_the_one_of_less_harm_is_taken(rows):
    dictionary, x, label = planted(rows)
    other = torch.zeros(10, 12, dtype=x.dtype)  # where the latent is silent

    def harm(eraser):
        return float((eraser(other) - other).norm())

    def more(eraser):
        return -harm(eraser)

    right, limits = task(x, label), LIMITS | {"chance": 0.65}  # of "no", 60 %
    ways = [
        latent_erasure.erasing_latent(dictionary, x, right, by, **limits)
        for by in (harm, more)
    ]
    assert [one.way for one in ways] == ["subtracted", "projected"]
    assert {one.latent for one in ways} == {7}


def test_projection_is_about_the_mean_of_the_rows(rows):
    dictionary, x, _ = planted(rows)
    ways = {
        (latent, way): eraser
        for latent, way, eraser in latent_erasure._ways(dictionary, x, 0.05)
    }
    expected = erasure.along(dictionary.W_dec[7], centre=x.mean(0))
    assert_close(ways[7, "projected"](x), expected(x))


def test_where_none_gets_there_the_one_that_leaves_least_is_taken(rows):
    dictionary, x, label = planted(rows)
    limits = LIMITS | {"most": 0.1}
    right = task(x, label)
    found = latent_erasure.erasing_latent(dictionary, x, right, lambda _: 0.0, **limits)
    assert not found.matched.reached
    assert found.latent == 7


def test_rows_on_which_no_latent_is_active_are_refused(rows):
    dictionary, x, _ = planted(rows)
    with pytest.raises(ValueError, match="no latent is active"):
        latent_erasure.erasing_latent(
            dictionary, -x.abs() - 1, lambda _: 1.0, lambda _: 0.0, **LIMITS
        )


def test_weights_that_need_gradients_are_taken(rows):
    rows, _ = rows
    weights = torch.eye(rows.shape[1]).to(rows)
    plain = Weights(weights, weights)
    learnt = Weights(weights.clone().requires_grad_(), weights.clone().requires_grad_())
    chosen = latent_erasure.active_latents(learnt, rows, least=0.0)
    assert torch.equal(chosen, latent_erasure.active_latents(plain, rows, least=0.0))
    found = latent_erasure.subtracted(learnt, chosen[:1])(rows)
    assert not found.requires_grad
    assert_close(found, latent_erasure.subtracted(plain, chosen[:1])(rows))


def test_a_dictionary_that_normalises_rows_is_subtracted_at_their_scale():
    x = 3 * torch.randn(20, 8, generator=torch.Generator().manual_seed(0))
    one = Normalised(torch.eye(8), torch.eye(8))
    z = one.encode(x)
    without = z.clone()
    without[:, 2] = 0
    expected = x - (one.decode(z, x) - one.decode(without, x))
    found = latent_erasure.subtracted(one, torch.tensor([2]))(x)
    assert_close(found, expected, atol=1e-4, rtol=1e-4)

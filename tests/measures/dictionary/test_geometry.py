"""Closed forms of the plain numbers."""

import pytest
import torch
from jaxtyping import TypeCheckError

from saecore.measures.dictionary.fidelity import firing, fvu, l0, pool
from saecore.measures.dictionary.geometry import (
    effective_rank,
    participation_ratio,
    spectrum,
    token_r2,
)


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_fvu_is_zero_for_a_copy_and_one_for_the_mean():
    x = normal(500, 6) * 3 + 100
    assert fvu(x, x.clone()) == 0
    assert fvu(x, x.mean(0).expand_as(x)) == pytest.approx(1, abs=1e-6)
    assert fvu(x, x.mean(0) + 0.5 * (x - x.mean(0))) == pytest.approx(0.25, abs=1e-5)


def test_fvu_is_one_sum_over_another_not_a_mean_of_ratios():
    x = torch.tensor([[0.0, 0.0], [2.0, 0.0], [0.0, 4.0], [2.0, 4.0]])
    y = x + torch.tensor([1.0, 0.0])
    assert fvu(x, y) == pytest.approx(4 / (4 + 16))


def test_l0_is_a_number_of_latents_not_a_share():
    latents = torch.tensor([[0.0, 2.0, 3.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
    assert l0(latents) == 1.5


def test_firing_counts_frequencies_and_mass():
    latents = torch.tensor(
        [[0.0, 2.0, 3.0], [0.0, 4.0, 0.0], [0.0, 0.0, 0.0], [0.0, 3.0, 0.0]]
    )
    found = firing(latents)
    assert found.fired.tolist() == [0, 3, 1]
    torch.testing.assert_close(
        found.frequency, torch.tensor([0, 0.75, 0.25], dtype=torch.float64)
    )
    torch.testing.assert_close(
        found.mean, torch.tensor([0.0, 3.0, 3.0], dtype=torch.float64)
    )
    torch.testing.assert_close(
        found.mass, torch.tensor([0, 0.75, 0.25], dtype=torch.float64)
    )
    assert (found.live, found.rows, found.l0) == (2, 4, 1.0)
    assert found.l0 == l0(latents)


def test_blocks_of_rows_pool_to_the_whole():
    latents = normal(90, 7).relu()
    whole, parts = firing(latents), pool([firing(latents[:50]), firing(latents[50:])])
    for one, other in zip(whole, parts, strict=True):
        torch.testing.assert_close(torch.as_tensor(one), torch.as_tensor(other))


def test_effective_dimensions_of_known_spectra():
    corners = torch.cat([torch.eye(5), -torch.eye(5)])
    assert participation_ratio(corners) == pytest.approx(5)
    assert effective_rank(corners) == pytest.approx(5)
    line = normal(40, 1) @ normal(1, 5, seed=1)
    assert participation_ratio(line) == pytest.approx(1, abs=1e-6)
    assert effective_rank(line) == pytest.approx(1, abs=1e-4)
    scaled = corners * torch.tensor([2.0, 1, 1, 1, 1])  # variances 4:1:1:1:1
    assert participation_ratio(scaled) == pytest.approx(64 / 20)
    assert spectrum(scaled)[0] == pytest.approx(0.8)


def test_token_identity_explains_all_none_or_the_planted_share():
    token = torch.arange(6000) % 3
    of_token = torch.tensor([[0.0], [3.0], [6.0]])[token]  # variance 6
    assert token_r2(of_token, token) == pytest.approx(1)
    noise = normal(6000, 1)
    assert token_r2(noise, token) < 0.005
    assert token_r2(of_token + 6**0.5 * noise, token) == pytest.approx(0.5, abs=0.02)


def test_chance_alone_explains_tokens_minus_one_over_rows_minus_one():
    token = torch.arange(400) % 100
    values = [token_r2(normal(400, 20, seed=s), token) for s in range(5)]
    assert sum(values) / 5 == pytest.approx(99 / 399, abs=0.02)


def test_rows_that_do_not_vary_or_do_not_fit_are_refused():
    flat = torch.ones(3, 2)
    with pytest.raises(ValueError, match="rows that vary, got 3 equal rows"):
        fvu(flat, flat)
    with pytest.raises(ValueError, match="rows that vary"):
        participation_ratio(flat)
    with pytest.raises(
        (ValueError, TypeCheckError), match=r"got 3 rows and 2 tokens|'token'"
    ):
        token_r2(flat, torch.tensor([1, 2]))
    with pytest.raises(ValueError, match="at least one block"):
        pool([])

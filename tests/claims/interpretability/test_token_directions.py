"""Directions of tokens: means by hand, and a dictionary that tells its tokens."""

import torch
from torch.testing import assert_close

from saecore.claims.interpretability import token_directions
from saecore.claims.interpretability.token_directions import (
    MEANS,
    SQUARES,
    token_dictionaries,
    token_dictionary,
    token_means,
)


def test_means_are_those_of_the_most_frequent_tokens():
    rows = torch.tensor([[1.0, 0.0], [3.0, 0.0], [0.0, 4.0], [9.0, 9.0]])
    tokens = torch.tensor([5, 5, 2, 7])
    assert_close(token_means(rows, tokens, 2)[0], torch.tensor([2.0, 0.0]))
    assert len(token_means(rows, tokens, 2)) == 2
    assert len(token_means(rows, tokens, 10)) == 3  # there are no more


def test_the_mean_and_the_covariance_of_parts_are_those_of_the_whole(monkeypatch):
    monkeypatch.setattr(token_directions, "PART", 7)
    rows = torch.randn(50, 3, generator=torch.Generator().manual_seed(1)) + 5
    mean, spread = token_directions.mean_and_spread(rows)
    assert_close(mean, rows.mean(0))
    assert_close(spread, torch.cov(rows.T, correction=0), rtol=1e-4, atol=1e-4)


def test_the_mean_row_of_a_token_reads_one_and_is_written_back():
    mean, away = torch.tensor([1.0, 1.0]), torch.tensor([[2.0, 0.0], [0.0, 0.5]])
    found = token_dictionary(mean, away, torch.tensor([[3.0, 0.0], [0.0, 7.0]]))
    read = found.encode(mean + away)
    assert_close(read, torch.eye(2))
    assert_close(found.decode(read), mean + away)


def test_each_planted_token_has_the_latent_that_fires_most_at_it(zoo, profile, planted):
    found = token_dictionaries(zoo, profile, width=10, k=1)
    assert list(found) == [MEANS, SQUARES]
    which = (planted.tokens[:, 1:].flatten()[:, None] == planted.words).int().argmax(1)
    few = which < 10
    for one in found.values():
        fired = one.encode(planted.rows[few])
        assert (fired.argmax(1) == which[few]).double().mean() > 0.99

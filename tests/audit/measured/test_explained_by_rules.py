"""Rules of latents that follow tokens, beside rules of other latents."""

from typing import Any, cast

import pytest
import torch

from saecore.audit.measured.explained_by_rules import explained_by_rules
from saecore.measures.dictionary.nulls import Weights
from saecore.sparse import Active


class ByToken(Weights):
    """Latents that fire where a row is near that of a token."""

    def encode(self, x):
        return (x @ self.W_enc - 0.6).relu()

    def encode_sparse(self, x) -> Active:
        raise AssertionError("rules encode densely")


@pytest.fixture
def by_token(read):
    """A latent for each frequent token, along its mean row."""
    token = read.tokens[:, 1:].flatten()
    frequent = torch.bincount(token).topk(8).indices
    mean = torch.stack([read.rows[token == t].mean(0) for t in frequent])
    mean = mean - read.rows.mean(0)
    mean = mean / mean.norm(dim=1, keepdim=True)
    size = (read.rows @ mean.T).quantile(0.9, dim=0)
    return ByToken((mean / size.abs()[:, None]).T.contiguous(), mean)


def test_rules_of_tokens_score_above_swapped_ones(by_token, read):
    found = explained_by_rules(by_token, read, level=0.95)
    (one,) = cast(Any, found.numbers)
    assert one.name == "simulation score"
    assert one.value > one.null.value
    assert found.shown
    latent, score, rule = found.shown[0]
    assert 0 <= latent < 8
    assert score == pytest.approx(
        float(found.found.scores.simulation.nan_to_num(-1).max())
    )
    assert "where" in rule


def test_too_little_text_is_refused(by_token, read):
    short = read._replace(tokens=read.tokens[:2], rows=read.rows[: 2 * read.together])
    with pytest.raises(ValueError):
        explained_by_rules(by_token, short, level=0.95)

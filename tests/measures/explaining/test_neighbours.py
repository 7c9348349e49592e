"""The explanation of the latent that fires most alike."""

from typing import Any

import pytest
import torch

from saecore.measures.explaining.fragments import fragments_of
from saecore.measures.explaining.interpretability import autointerp
from saecore.measures.explaining.neighbours import most_alike, under_neighbours
from saecore.measures.explaining.predicates import Predicates

RULE: dict[str, Any] = {"least": 20, "each": 5}
PREDICATES = Predicates(30, {})


@pytest.fixture(scope="module")
def texts():
    tokens = torch.randint(0, 30, (300, 60), generator=torch.Generator().manual_seed(1))
    draw = torch.Generator().manual_seed(2)
    return fragments_of(tokens, generator=draw, length=16)


def pairs(texts):
    """Latents 2n and 2n + 1 fire on token n, the second on a third of them; the last
    one is silent.
    """
    often = [1.0 * (texts.token == n) for n in range(10)]
    sometimes = [one * (texts.place % 3 == 0) for one in often]
    both = [one for pair in zip(often, sometimes, strict=True) for one in pair]
    return torch.stack([*both, torch.zeros_like(often[0])])


def test_each_latent_finds_the_one_that_fires_at_the_same_token(texts):
    found = most_alike(pairs(texts)[:-1], texts)
    assert found.tolist() == [n ^ 1 for n in range(20)]
    with pytest.raises(ValueError, match="another one"):
        most_alike(pairs(texts)[:1], texts)


def test_a_twin_s_explanation_does_as_well_as_ones_own(texts):
    y = torch.stack([1.0 * (texts.token == n // 2) for n in range(20)])
    own = autointerp(y, texts, PREDICATES, most=5, level=0.95, draws=4, **RULE)
    found = under_neighbours(own, y, texts, PREDICATES, draws=4, **RULE)
    assert found.latents.tolist() == pytest.approx([1.0] * 20, abs=1e-5)
    assert found.resampled.tolist() == pytest.approx([1.0] * 4, abs=1e-5)


def test_own_rules_are_scored_on_the_same_fragments_and_silent_latents_left_out(texts):
    y = pairs(texts)
    own = autointerp(y, texts, PREDICATES, most=5, level=0.95, draws=4, **RULE)
    found = under_neighbours(own, y, texts, PREDICATES, draws=4, **RULE)
    assert len(found.latents) == int((~own.scores.skipped).sum()) == 20
    assert found.latents.mean() < own.score
    assert (found.latents > 0.3).all()  # far better than another token's
    assert abs(own.null) < 0.3

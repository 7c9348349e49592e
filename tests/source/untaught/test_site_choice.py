"""The rule for layers, on planted streams and on the shipped model."""

import pytest
import torch

from saecore.errors import Unsuited
from saecore.profiles import TINY
from saecore.source.model.language_model import open_model
from saecore.source.untaught.site_choice import (
    LayerSeen,
    chosen_layer,
    layers_seen,
    row_statistics,
)


def stream(seed: int = 0) -> torch.Tensor:
    return torch.randn(4, 50, 32, generator=torch.Generator().manual_seed(seed))


def test_round_rows_have_the_participation_ratio_of_their_dimensions():
    found = row_statistics(3, stream())
    assert found.layer == 3
    assert found.massive == 0
    assert 25 < found.ratio < 32
    assert found.top < 0.06


def test_one_massive_position_is_seen_also_the_first():
    planted = stream()
    planted[2, 0, 5] = 1000
    found = row_statistics(0, planted)
    assert found.massive == 1
    assert found.largest == pytest.approx(1000, rel=0.01)
    assert found.ratio > 20


def test_a_dominating_coordinate_lowers_the_ratio():
    planted = stream()
    planted[..., 7] *= 30
    found = row_statistics(0, planted)
    assert found.ratio < 2
    assert found.top > 0.9


def test_the_deepest_layer_that_passes_is_chosen():
    seen = [
        LayerSeen(n, 1.0, 2.0, 0, 50.0, 0.1, follows)
        for n, follows in enumerate((0.9, 0.8, 0.4, None))
    ]
    assert [one.passes for one in seen] == [True, True, False, False]
    assert chosen_layer(seen) == 1
    with pytest.raises(Unsuited, match="none of these 2 layers"):
        chosen_layer(seen[2:])


def test_the_shipped_model_has_no_massive_rows():
    model = open_model(TINY)
    tokens = torch.tensor([model.encode("Once upon a time there was a bird. " * 8)])
    seen = layers_seen(model, tokens[:, :80], examples=0)
    assert [one.layer for one in seen] == list(range(model.n_layers))
    assert all(one.massive == 0 for one in seen)

"""From layer to layer: the model's own stream comes out, an edit does what it does in a whole pass."""

from pathlib import Path

import pytest
import torch
from torch.testing import assert_close

from saecore.source import onward as module
from saecore.source.hooks import edited
from saecore.source.language_model import open_model
from saecore.source.onward import onward

TINY = Path(module.__file__).parents[1] / "tiny"


@pytest.fixture(scope="module")
def model():
    return open_model(TINY)


@pytest.fixture(scope="module")
def tokens(model):
    return model.sample(5, 10, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("lower", "upper"), [(0, 1), (1, 3), (0, 3)])
def test_the_models_own_stream_comes_out(model, tokens, lower, upper):
    streams = model.read(tokens, [lower, upper])
    chosen = torch.tensor([3, 0])
    found = onward(model, tokens, lower, upper)(streams[lower][chosen], chosen)
    assert_close(found, streams[upper][chosen], rtol=1e-4, atol=1e-4)


def test_an_edit_below_does_what_it_does_in_a_whole_pass(model, tokens):
    push = torch.randn(model.d_model, generator=torch.Generator().manual_seed(1))
    with edited(model.blocks[1], lambda stream: stream + push):
        expected = model.read(tokens, [2])[2]
    found = onward(model, tokens, 1, 2)(model.read(tokens, [1])[1] + push, torch.arange(5))
    assert_close(found, expected, rtol=1e-4, atol=1e-4)
    assert not torch.allclose(found, model.read(tokens, [2])[2], atol=1e-2)


def test_the_model_is_left_as_it_was(model, tokens):
    before = model.logits(tokens)
    onward(model, tokens, 0, 2)(torch.zeros(5, 10, model.d_model), torch.arange(5))
    assert_close(model.logits(tokens), before)


@pytest.mark.parametrize(("lower", "upper"), [(2, 2), (2, 1), (-1, 2), (1, 4)])
def test_layers_that_are_not_there_or_out_of_order_are_refused(model, tokens, lower, upper):
    with pytest.raises(ValueError, match="layer"):
        onward(model, tokens, lower, upper)

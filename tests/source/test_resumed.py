"""A text resumed after a layer says what a whole pass under an edit says, for several kinds of model."""

import pytest
import torch
from torch.testing import assert_close

from saecore.source import resumed
from saecore.source.resumed import Resumed
from saecore.source.sampling import sample


@pytest.fixture(scope="module", params=["qwen3", "gpt2", "gemma2"])
def model(request, shipped, untrained):
    return shipped if request.param == "qwen3" else untrained(request.param)


@pytest.fixture(scope="module")
def tokens(shipped):
    return sample(shipped, 5, 12, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("layer", [0, 2])
def test_what_is_said_after_an_edit_is_that_of_a_whole_pass(model, tokens, layer):
    text = Resumed(model, tokens, layer)
    assert text.replays
    push = torch.randn(12, model.d_model, generator=torch.Generator().manual_seed(2)) * text.stream.std()
    expected = model.logits(tokens, edit=(layer, lambda stream: stream + push))
    assert_close(text.logits(text.stream + push), expected, rtol=1e-4, atol=1e-4)
    assert (expected - model.logits(tokens)).abs().max() > 0.1
    some = slice(1, 3)
    last = text.logits(text.stream[some] + push, some, last=True)
    assert_close(last, expected[some, -1:], rtol=1e-4, atol=1e-4)


def test_its_own_stream_says_what_the_model_says(model, tokens):
    text = Resumed(model, tokens, 1)
    assert_close(text.logits(text.stream), model.logits(tokens), rtol=1e-4, atol=1e-4)


def test_the_layers_below_are_not_run_again(shipped, tokens):
    text = Resumed(shipped, tokens, 1)
    ran = []
    handles = [
        block.self_attn.register_forward_hook(lambda *_, i=i: ran.append(i))
        for i, block in enumerate(shipped.blocks)
    ]
    text.logits(text.stream)
    for handle in handles:
        handle.remove()
    assert ran == [2, 3]


@pytest.mark.parametrize("fault", ["wrong", "refuses"])
def test_a_model_that_cannot_be_replayed_is_run_whole(shipped, tokens, monkeypatch, fault):
    whole = resumed.Resumed._whole

    def upper(self, stream, tokens, *, last):
        if fault == "refuses":
            raise TypeError("no such block")
        return whole(self, stream + 1, tokens, last=last)

    monkeypatch.setattr(resumed.Resumed, "_upper", upper)
    text = Resumed(shipped, tokens, 1)
    assert not text.replays
    expected = shipped.logits(tokens, edit=(1, lambda stream: stream * 2))
    assert_close(text.logits(text.stream * 2), expected)


def test_a_layer_that_is_not_there_is_refused(shipped, tokens):
    with pytest.raises(ValueError, match="0 to 3"):
        Resumed(shipped, tokens, 4)

"""A text resumed after a layer says what a whole pass says, for several models."""

import pytest
import torch
from torch.testing import assert_close

from saecore.source.model import resume
from saecore.source.model.generation import sample
from saecore.source.model.hooks import edited
from saecore.source.model.resume import Resumed


def whole(model, tokens, layer, change):
    """All logits of whole passes under an edit."""
    with edited(model.blocks[layer], change):
        return model.model(tokens, use_cache=False).logits


def at(place, vectors):
    """The edit that puts vectors at one position."""

    def put(stream):
        parts = [stream[:, :place], vectors[:, None], stream[:, place + 1 :]]
        return torch.cat(parts, 1)

    return put


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
    generator = torch.Generator().manual_seed(2)
    push = torch.randn(12, model.d_model, generator=generator) * text.stream.std()
    expected = model.logits(tokens, edit=(layer, lambda stream: stream + push))
    assert_close(text.logits(text.stream + push), expected, rtol=1e-4, atol=1e-4)
    assert (expected - model.logits(tokens)).abs().max() > 0.1
    some, several = slice(1, 3), torch.tensor([3, 0, 3])
    for lean in (False, True):
        last = Resumed(model, tokens, layer, last=True, lean=lean)
        for which in (some, several):
            found = last.logits(text.stream[which] + push, which)
            assert_close(found, expected[which, -1:], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("start", [0, 1, 5])
def test_a_vector_at_one_position_says_what_a_whole_pass_says(model, tokens, start):
    choice, which = torch.tensor([17, 3, 400]), torch.tensor([4, 0, 4, 2])
    text = Resumed(model, tokens, 1, start=start, last=True, choice=choice)
    assert text.replays
    own = model.read(tokens, [1])[1]
    assert_close(text.stream, own[:, start:])
    generator = torch.Generator().manual_seed(3)
    push = own.std() * torch.randn(4, model.d_model, generator=generator)
    vectors = (own[which, 5] + push).requires_grad_()
    expected = whole(model, tokens[which], 1, at(5, vectors))[:, -1, choice]
    found = text.patched(vectors, 5, which)
    scale = float(expected.detach().abs().max())
    assert_close(found, expected, rtol=0, atol=1e-4 * scale)
    slopes = [torch.autograd.grad(x[:, 0].sum(), vectors)[0] for x in (found, expected)]
    assert_close(*slopes, rtol=1e-3, atol=1e-4 * float(slopes[1].abs().max()))


@pytest.mark.parametrize("upper", [1, 2])
def test_the_stream_of_a_later_layer_is_that_of_a_whole_pass(model, tokens, upper):
    text = Resumed(model, tokens, 0, upper=upper)
    assert text.replays
    with edited(model.blocks[0], lambda stream: stream * 1.5):
        expected = model.read(tokens, [upper])[upper]
    assert_close(text.logits(text.stream * 1.5), expected, rtol=1e-4, atol=1e-4)


def test_whole_passes_can_be_asked_for(shipped, tokens):
    text = Resumed(shipped, tokens, 1, whole=True)
    assert not text.replays
    expected = shipped.logits(tokens, edit=(1, lambda stream: stream * 2))
    assert torch.equal(text.logits(text.stream * 2), expected)


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
def test_a_model_that_is_not_replayed_runs_whole(shipped, tokens, monkeypatch, fault):
    in_full = resume.Resumed._whole

    def upper(self, stream, tokens, **options):
        if fault == "refuses":
            raise TypeError("no such block")
        return in_full(self, stream + 1, tokens)

    monkeypatch.setattr(resume.Resumed, "_upper", upper)
    text = Resumed(shipped, tokens, 1)
    assert not text.replays
    expected = shipped.logits(tokens, edit=(1, lambda stream: stream * 2))
    assert_close(text.logits(text.stream * 2), expected)


def test_a_layer_that_is_not_there_is_refused(shipped, tokens):
    with pytest.raises(ValueError, match="0 to 3"):
        Resumed(shipped, tokens, 4)

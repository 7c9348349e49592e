"""From layer to layer: the model's own stream comes out, an edit does what it does in a
whole pass.
"""

from functools import cache
from types import SimpleNamespace

import pytest
import torch
from torch.testing import assert_close

from saecore.profiles import TINY
from saecore.source.model import layer_to_layer as module
from saecore.source.model.generation import sample
from saecore.source.model.hooks import edited
from saecore.source.model.language_model import LanguageModel, OpenModel, open_model
from saecore.source.model.layer_to_layer import onward


@pytest.fixture(scope="module")
def model():
    return open_model(TINY)


@pytest.fixture(scope="module")
def tokens(model):
    return sample(model, 5, 12, generator=torch.Generator().manual_seed(0))


@cache
def others():
    """Small models of other families, untrained, whose attention comes in other
    ways.
    """
    from transformers import (
        GPT2Config,
        GPT2LMHeadModel,
        GPTNeoXConfig,
        GPTNeoXForCausalLM,
    )

    gpt2 = GPT2Config(vocab_size=50, n_embd=16, n_layer=3, n_head=2, n_positions=32)
    neox = GPTNeoXConfig(
        vocab_size=50,
        hidden_size=16,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=32,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = {
            "gpt2": GPT2LMHeadModel(gpt2),
            "neox": GPTNeoXForCausalLM(neox),
            "eager": GPTNeoXForCausalLM(neox),
        }
        made["eager"].set_attn_implementation("eager")
    tokenizer = SimpleNamespace(bos_token_id=0, eos_token_id=0)
    return {
        name: OpenModel(
            one.eval().requires_grad_(False),
            tokenizer,
            identity=LanguageModel(name, ""),
        )
        for name, one in made.items()
    }


def drawn(stream, count=20):
    """Random edits of the streams: at, context, edit, position, change, text."""
    generator = torch.Generator().manual_seed(1)
    contexts, length, d_model = stream.shape
    at = torch.randint(1, length, (contexts,), generator=generator)
    context = torch.randint(contexts, (count,), generator=generator)
    edit, position = (torch.rand(count, length, generator=generator) < 0.3).nonzero(
        as_tuple=True
    )
    change = torch.randn(len(edit), d_model, generator=generator) * stream.std()
    text = torch.arange(contexts)
    return at, context, edit, position, change, text


def whole_passes(model, tokens, lower, upper, at, context, edit, position, change, _):
    """One edit after the other, each in a pass of the whole model."""
    rows = []
    for e, text in enumerate(context.tolist()):
        push = torch.zeros(tokens.shape[1], model.d_model)
        push.index_add_(0, position[edit == e], change[edit == e])
        with edited(model.blocks[lower], lambda stream, push=push: stream + push):
            rows.append(model.read(tokens[[text]], [upper])[upper][0, at[text]])
    return torch.stack(rows)


@pytest.mark.parametrize(("lower", "upper"), [(0, 1), (1, 2), (2, 3), (0, 3)])
def test_an_edit_below_does_what_it_does_in_a_whole_pass(model, tokens, lower, upper):
    stream = model.read(tokens, [lower])[lower]
    edits = drawn(stream)
    expected = whole_passes(model, tokens, lower, upper, *edits)
    run = onward(model, tokens, lower, upper)
    assert run.packs == (upper == lower + 1)
    assert_close(run(stream, *edits), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["gpt2", "neox", "eager"])
def test_other_families_pack_too_and_give_the_same(name):
    model = others()[name]
    tokens = torch.randint(50, (4, 11), generator=torch.Generator().manual_seed(0))
    stream = model.read(tokens, [1])[1]
    edits = drawn(stream)
    run = onward(model, tokens, 1, 2)
    assert run.packs
    assert_close(
        run(stream, *edits),
        whole_passes(model, tokens, 1, 2, *edits),
        rtol=1e-4,
        atol=1e-5,
    )


def test_without_an_edit_the_models_own_stream_comes_out(model, tokens):
    streams = model.read(tokens, [1, 2])
    at, context = torch.tensor([4, 11, 0, 3, 7]), torch.tensor([3, 0, 0, 2])
    none = torch.empty(0, dtype=torch.int64)
    change, text = torch.empty(0, model.d_model), torch.arange(5)
    run = onward(model, tokens, 1, 2)
    found = run(streams[1], at, context, none, none, change, text)
    assert_close(found, streams[2][context, at[context]], rtol=1e-4, atol=1e-4)


def test_a_model_that_packs_wrongly_is_found_out_and_run_apart(
    model, tokens, monkeypatch
):
    everything = torch.ones(12, 12, dtype=torch.bool)
    monkeypatch.setattr(module, "attention", lambda *_: everything)
    run = onward(model, tokens, 1, 2)
    assert not run.packs
    stream = model.read(tokens, [1])[1]
    edits = drawn(stream)
    assert_close(
        run(stream, *edits),
        whole_passes(model, tokens, 1, 2, *edits),
        rtol=1e-4,
        atol=1e-4,
    )


def test_a_model_that_refuses_to_pack_is_run_apart(model, tokens, monkeypatch):
    def refuse(*_):
        raise TypeError("no masks here")

    monkeypatch.setattr(module, "packed", refuse)
    assert not onward(model, tokens, 1, 2).packs


def test_batches_of_any_size_give_the_same(model, tokens, monkeypatch):
    stream = model.read(tokens, [0])[0]
    edits = drawn(stream, count=50)
    run = onward(model, tokens, 0, 2)
    once = run(stream, *edits)
    monkeypatch.setattr(module, "BATCH", 7)
    assert_close(run(stream, *edits), once, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("upper", [2, 3])
def test_the_model_is_left_as_it_was(model, tokens, upper):
    before = model.logits(tokens)
    stream = torch.randn(
        5, 12, model.d_model, generator=torch.Generator().manual_seed(0)
    )
    onward(model, tokens, 1, upper)(stream, *drawn(stream))
    assert_close(model.logits(tokens), before)


@pytest.mark.parametrize(("lower", "upper"), [(2, 2), (2, 1), (-1, 2), (1, 4)])
def test_layers_that_are_not_there_or_out_of_order_are_refused(
    model, tokens, lower, upper
):
    with pytest.raises(ValueError, match="layer"):
        onward(model, tokens, lower, upper)

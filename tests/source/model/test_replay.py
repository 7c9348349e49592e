"""The last position of what comes last in a model is what it is with all positions, in
several kinds.
"""

from contextlib import ExitStack
from types import SimpleNamespace

import pytest
import torch
from torch.testing import assert_close

from saecore.profiles import TINY
from saecore.source.model import replay
from saecore.source.model.language_model import LanguageModel, OpenModel, open_model
from saecore.source.model.replay import Past, last_alone, needed_last

SMALL = {
    "vocab_size": 50,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 32,
    "bos_token_id": 0,
    "eos_token_id": 0,
    "pad_token_id": 0,
}
KINDS = {
    "gpt2": {
        "vocab_size": 50,
        "n_embd": 32,
        "n_layer": 2,
        "n_head": 4,
        "n_positions": 32,
    },
    "gpt_neox": SMALL,
    "llama": SMALL,
    "gemma2": SMALL | {"head_dim": 8, "num_key_value_heads": 2},
    "opt": SMALL | {"ffn_dim": 48, "word_embed_proj_dim": 32},
}


def opened(kind):
    """A random model with large weights, so that every path through it shows."""
    from transformers import AutoConfig, AutoModelForCausalLM

    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = AutoModelForCausalLM.from_config(
            AutoConfig.for_model(kind, **KINDS[kind])
        )
    for parameter in model.parameters():
        if parameter.ndim > 1:
            parameter.data.mul_(5)
    tokenizer = SimpleNamespace(bos_token_id=0, eos_token_id=0)
    return OpenModel(
        model.eval().requires_grad_(False), tokenizer, identity=LanguageModel(kind, "0")
    )


def texts(model):
    generator = torch.Generator().manual_seed(1)
    return torch.randint(model.vocab_size, (4, 9), generator=generator)


@pytest.fixture(scope="module", params=["tiny", *KINDS])
def model(request):
    return open_model(TINY) if request.param == "tiny" else opened(request.param)


def test_the_logits_are_those_of_all_positions_and_parts_are_found(model):
    tokens = texts(model)
    parts = needed_last(model, lambda: model.logits(tokens, last=True))
    expected = model.logits(tokens.flip(0), last=True)
    with last_alone(parts):
        found = model.logits(tokens.flip(0), last=True)
    assert_close(found, expected, rtol=1e-4, atol=1e-4)
    assert model.model.get_output_embeddings() in parts
    assert (
        not hasattr(model.blocks[-1], "mlp") or model.blocks[-1].mlp in parts
    )  # OPT's has no such part


def test_attention_and_what_comes_before_it_are_not_among_them(model):
    parts = needed_last(model, lambda: model.logits(texts(model), last=True))
    block = model.blocks[-1]
    first = {
        "self_attn",
        "attention",
        "attn",
        "input_layernorm",
        "ln_1",
        "self_attn_layer_norm",
    }
    assert (
        not {name for name, child in block.named_children() if child in parts} & first
    )


def test_only_the_last_position_is_computed(model):
    parts = needed_last(model, lambda: model.logits(texts(model), last=True))
    seen = []
    with last_alone(parts), ExitStack() as stack:
        for part in parts:
            stack.enter_context(
                part.register_forward_pre_hook(lambda _, x: seen.append(x[0].shape[:2]))
            )
        model.logits(texts(model), last=True)
    assert seen == [(4, 1)] * len(parts)


def test_the_model_is_left_as_it_was(model):
    before = model.logits(texts(model))
    parts = needed_last(model, lambda: model.logits(texts(model), last=True))
    with last_alone(parts):
        model.logits(texts(model), last=True)
    assert_close(model.logits(texts(model)), before)


def test_where_all_positions_are_asked_for_no_part_counts(model):
    assert needed_last(model, lambda: model.logits(texts(model))) == []


def test_the_slope_is_that_of_all_positions():
    linear = torch.nn.Linear(3, 2).requires_grad_(False)
    slopes = []
    for parts in ([], [linear]):
        x = torch.ones(2, 4, 3, requires_grad=True)
        with last_alone(parts):
            linear(x)[:, -1].square().sum().backward()
        slopes.append(x.grad)
    assert_close(*slopes)
    with last_alone([linear]):
        assert_close(linear(torch.ones(2, 4, 3))[:, :-1], torch.zeros(2, 3, 2))


def test_parts_that_do_not_go_together_are_left_alone():
    block = torch.nn.ModuleDict(
        {"one": torch.nn.Linear(3, 3), "two": torch.nn.Linear(3, 3)}
    )
    head = torch.nn.Linear(3, 2)
    model = OpenModel.__new__(OpenModel)
    model.blocks = torch.nn.ModuleList([block])
    model.model = SimpleNamespace(get_output_embeddings=lambda: head)
    x = torch.randn(2, 4, 3, generator=torch.Generator().manual_seed(0))

    def logits():
        one, two = block["one"](x), block["two"](x)
        both_gone = ((one[:, 0] == 0) & (two[:, 0] == 0)).all()
        return head(x[:, -1:]) + both_gone

    with torch.no_grad():
        assert needed_last(model, logits) == []


@pytest.mark.parametrize("most", [0, 1024])
def test_what_comes_before_is_read_once_and_lent_again(model, monkeypatch, most):
    monkeypatch.setattr(replay, "REMEMBERED", most)
    tokens, which = texts(model)[[0, 1, 0]], torch.tensor([2, 1, 0, 0])
    expected, ran = model.logits(tokens[which], last=True)[:, -1], []
    hook = model.model.register_forward_pre_hook(lambda *_: ran.append(1))
    past = Past(model.model, tokens[:, :5], above=-1)
    for _ in range(3):
        cache = past.cache(which)
        said = model.model(tokens[which, 5:], past_key_values=cache).logits[:, -1]
        assert_close(said, expected, rtol=1e-4, atol=1e-3)
    hook.remove()
    assert len(ran) == 3 + (1 if most else 3)

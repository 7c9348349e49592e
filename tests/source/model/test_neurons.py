"""Neurons: what is read is what each architecture's own formula gives, and they add up
to the MLP.
"""

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch.nn import functional
from torch.testing import assert_close

from saecore.errors import Unsuited
from saecore.profiles import TINY
from saecore.source.model.generation import sample
from saecore.source.model.hooks import edited
from saecore.source.model.language_model import LanguageModel, OpenModel, open_model
from saecore.source.model.neurons import neuron_directions, read_neurons

GPT2 = {
    "vocab_size": 50,
    "n_embd": 32,
    "n_layer": 3,
    "n_head": 4,
    "n_positions": 32,
    "bos_token_id": 0,
    "eos_token_id": 0,
}
LLAMA = {
    "vocab_size": 50,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 32,
    "pad_token_id": 0,
    "bos_token_id": 0,
    "eos_token_id": 0,
}
NEO = {
    "vocab_size": 50,
    "hidden_size": 32,
    "num_layers": 3,
    "num_heads": 4,
    "max_position_embeddings": 32,
    "attention_types": [[["global", "local", "global"], 1]],
    "intermediate_size": 48,
}
FALCON = {name: value for name, value in LLAMA.items() if name != "head_dim"}
OPT = LLAMA | {"ffn_dim": 48, "word_embed_proj_dim": 32}
CONVOLVED = LLAMA | {"layer_types": ["conv", "full_attention", "conv"]}
POST_NORM_OPT = LLAMA | {
    "ffn_dim": 48,
    "word_embed_proj_dim": 16,
    "do_layer_norm_before": False,
}

DENSE = {
    "gpt2": (GPT2, "mlp", "mlp.c_proj"),
    "gpt_neo": (NEO, "mlp", "mlp.c_proj"),
    "gpt_neox": (LLAMA, "mlp", "mlp.dense_4h_to_h"),
    "opt": (OPT, "fc2", "fc2"),
    "phi": (LLAMA, "mlp", "mlp.fc2"),
    "falcon": (FALCON, "mlp", "mlp.dense_4h_to_h"),
    "llama": (LLAMA, "mlp", "mlp.down_proj"),
    "qwen3": (LLAMA, "mlp", "mlp.down_proj"),
    "gemma": (LLAMA, "mlp", "mlp.down_proj"),
    "lfm2": (CONVOLVED, "feed_forward", "feed_forward.w2"),
}
"""Kind, configuration, the module whose output the block adds, and the map in it, by
hand.
"""

POST_NORM = {
    "gemma2": LLAMA,
    "gemma3_text": LLAMA,
    "olmo2": LLAMA,
    "opt": POST_NORM_OPT,
}


def opened(kind: str, config: dict) -> Any:
    """A random model of this kind, far enough from zero that every path through it
    shows.
    """
    from transformers import AutoConfig, AutoModelForCausalLM

    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **config))
    generator = torch.Generator().manual_seed(1)
    for name, parameter in model.named_parameters():
        if parameter.ndim > 1:
            parameter.data.mul_(5)
        elif name.endswith("bias"):
            parameter.data.normal_(generator=generator)
    tokenizer = SimpleNamespace(bos_token_id=0, eos_token_id=0)
    return OpenModel(
        model.eval().requires_grad_(False), tokenizer, identity=LanguageModel(kind, "0")
    )


@pytest.fixture(scope="module")
def tokens():
    return torch.randint(1, 50, (5, 9), generator=torch.Generator().manual_seed(0))


def outputs_of(module, model, tokens):
    """What a module gives when the model reads all texts at once."""
    kept = []
    with module.register_forward_hook(
        lambda _, __, output: kept.append(output.clone())
    ):
        model.model(tokens, use_cache=False)
    return kept[0].reshape(*tokens.shape, -1)


# Against each architecture's formula, in float64


def test_neurons_of_gpt2_are_its_formula(tokens):
    model = opened("gpt2", GPT2)
    for layer, block in enumerate(model.blocks):
        attended = outputs_of(block.attn.c_proj, model, tokens)
        stream = (model.read(tokens, [layer], "resid_pre")[layer] + attended).double()
        norm = layer_norm(stream, block.ln_2)
        slow = gelu(norm @ block.mlp.c_fc.weight.double() + block.mlp.c_fc.bias)
        assert_close(
            read_neurons(model, tokens, layer, batch=2),
            slow.float(),
            rtol=1e-4,
            atol=1e-4,
        )


def layer_norm(x, module):
    centred = x - x.mean(-1, keepdim=True)
    return (
        centred
        / (centred.square().mean(-1, keepdim=True) + module.eps).sqrt()
        * module.weight
        + module.bias
    )


def gelu(x):
    return x / 2 * (1 + torch.tanh((2 / torch.pi) ** 0.5 * (x + 0.044715 * x**3)))


@pytest.mark.parametrize("kind", ["llama", "qwen3", "gemma"])
def test_neurons_of_a_gated_mlp_are_gate_times_up(kind, tokens):
    model = opened(kind, LLAMA)
    mlp = model.blocks[1].mlp
    norm = outputs_of(model.blocks[1].post_attention_layernorm, model, tokens).double()
    gate, up = (
        norm @ mlp.gate_proj.weight.T.double(),
        norm @ mlp.up_proj.weight.T.double(),
    )
    slow = (gelu(gate) if kind == "gemma" else gate / (1 + torch.exp(-gate))) * up
    assert_close(
        read_neurons(model, tokens, 1, batch=3), slow.float(), rtol=1e-4, atol=1e-4
    )


def test_neurons_of_gpt_neox_are_its_formula_beside_the_attention(tokens):
    model = opened("gpt_neox", LLAMA)
    block = model.blocks[2]
    before = model.read(tokens, [2], "resid_pre")[2].double()
    norm = layer_norm(before, block.post_attention_layernorm)
    hidden = (
        norm @ block.mlp.dense_h_to_4h.weight.T.double() + block.mlp.dense_h_to_4h.bias
    )
    slow = hidden * (1 + torch.erf(hidden / 2**0.5)) / 2
    assert_close(read_neurons(model, tokens, 2), slow.float(), rtol=1e-4, atol=1e-4)


def test_neurons_of_opt_are_its_rectified_first_map(tokens):
    model = opened("opt", OPT)
    hidden = outputs_of(model.blocks[1].fc1, model, tokens)
    assert_close(read_neurons(model, tokens, 1), functional.relu(hidden))


# Activations and directions together


@pytest.mark.parametrize("kind", DENSE)
def test_activations_times_directions_and_bias_are_what_the_mlp_adds(kind, tokens):
    config, adds, by_hand = DENSE[kind]
    model = opened(kind, config)
    for layer in range(model.n_layers):
        block = model.blocks[layer]
        activation, directions = (
            read_neurons(model, tokens, layer, batch=2),
            neuron_directions(model, layer),
        )
        assert directions.shape == (activation.shape[-1], 32)
        assert activation.shape[:2] == tokens.shape
        bias = getattr(block.get_submodule(by_hand), "bias", None)
        total = activation.double() @ directions.double() + (
            0 if bias is None else bias
        )
        added = outputs_of(block.get_submodule(adds), model, tokens)
        assert_close(total.float(), added, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", ["gpt2", "gpt_neox", "llama"])
def test_one_more_unit_of_a_neuron_moves_the_stream_by_its_direction(kind, tokens):
    config, _, by_hand = DENSE[kind]
    model = opened(kind, config)
    plain = model.read(tokens, [1])[1]

    def more(module, inputs):
        return (inputs[0] + functional.one_hot(torch.tensor(7), inputs[0].shape[-1]),)

    with model.blocks[1].get_submodule(by_hand).register_forward_pre_hook(more):
        moved = model.read(tokens, [1])[1] - plain
    assert_close(
        moved, neuron_directions(model, 1)[7].expand_as(moved), rtol=1e-3, atol=1e-4
    )


@pytest.mark.parametrize(
    ("kind", "size"), [("llama", "intermediate_size"), ("gpt2", "n_inner")]
)
@pytest.mark.parametrize("neurons", [20, 32])
def test_an_mlp_no_wider_than_the_stream_is_told_from_gate_and_up(
    kind, size, neurons, tokens
):
    config, adds, by_hand = DENSE[kind]
    model = opened(kind, config | {size: neurons})
    down = model.blocks[0].get_submodule(by_hand)
    total = read_neurons(model, tokens, 0) @ neuron_directions(model, 0)
    total = total if getattr(down, "bias", None) is None else total + down.bias
    assert_close(
        total,
        outputs_of(model.blocks[0].get_submodule(adds), model, tokens),
        rtol=1e-4,
        atol=1e-4,
    )


def test_batches_and_the_order_of_texts_change_nothing(tokens):
    model = opened("opt", OPT)
    whole = read_neurons(model, tokens, 1)
    assert_close(read_neurons(model, tokens.flip(0), 1, batch=2).flip(0), whole)


def test_reading_stops_at_the_neurons_and_leaves_the_model_as_it_was(tokens):
    model = opened("llama", LLAMA)
    before, seen = model.logits(tokens), []
    neuron_directions(model, 1)
    with model.blocks[2].register_forward_hook(lambda *_: seen.append(1)):
        read_neurons(model, tokens, 1)
        neuron_directions(model, 1)
    assert seen == []
    assert torch.equal(model.logits(tokens), before)
    hooks = (
        module._forward_hooks or module._forward_pre_hooks
        for module in model.model.modules()
    )
    assert not any(hooks)


# Blocks that change what the MLP gives, or have no single MLP


@pytest.mark.parametrize("kind", POST_NORM)
def test_a_norm_after_the_mlp_leaves_activations_but_no_directions(kind, tokens):
    model = opened(kind, POST_NORM[kind])
    down = model.blocks[1].fc2 if kind == "opt" else model.blocks[1].mlp.down_proj
    found = functional.linear(read_neurons(model, tokens, 1), down.weight, down.bias)
    assert_close(found, outputs_of(down, model, tokens), rtol=1e-4, atol=1e-4)
    with pytest.raises(
        Unsuited, match="adds its MLP's output to the stream unchanged; layer 1"
    ):
        neuron_directions(model, 1)


@pytest.mark.parametrize("scale", [1.0, 0.999, 0.3])
def test_a_scale_on_the_mlps_output_is_noticed_and_a_scale_of_one_is_none(
    scale, tokens
):
    model = opened("granite", LLAMA | {"residual_multiplier": scale})
    if scale == 1:
        assert neuron_directions(model, 0).shape == (48, 32)
    else:
        with pytest.raises(Unsuited, match="unchanged"):
            neuron_directions(model, 0)


@pytest.mark.parametrize("kind", ["mixtral", "qwen2_moe", "mamba"])
def test_experts_and_blocks_without_an_mlp_are_refused(kind, tokens):
    model = opened(kind, LLAMA)
    for ask in (
        lambda: read_neurons(model, tokens, 1),
        lambda: neuron_directions(model, 1),
    ):
        with pytest.raises(Unsuited, match="a single dense MLP"):
            ask()


def test_of_two_mlps_side_by_side_none_is_chosen(tokens):
    model = opened("llama", LLAMA)
    mlp = model.blocks[0].mlp

    class Both(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = mlp, opened("llama", LLAMA).blocks[0].mlp

        def forward(self, x):
            return self.first(x) + self.second(x)

    model.blocks[0].mlp = Both()
    with pytest.raises(Unsuited, match="or several"):
        read_neurons(model, tokens, 0)


@pytest.mark.parametrize("layer", [-1, 3])
def test_a_layer_that_is_not_there_is_refused(layer, tokens):
    model = opened("gpt2", GPT2)
    for ask in (
        lambda: read_neurons(model, tokens, layer),
        lambda: neuron_directions(model, layer),
    ):
        with pytest.raises(
            ValueError, match=f"must be 0 to 2 for this model, not {layer}"
        ):
            ask()


# The model that ships


def test_the_shipped_models_neurons_add_up_to_the_change_of_its_stream():
    model: Any = open_model(TINY)
    tokens = sample(model, 3, 12, generator=torch.Generator().manual_seed(0))
    for layer in range(model.n_layers):
        activation, directions = (
            read_neurons(model, tokens, layer),
            neuron_directions(model, layer),
        )
        assert activation.shape == (3, 12, 448)
        assert directions.shape == (448, 160)
        down = model.blocks[layer].mlp.down_proj
        with edited(down, torch.zeros_like):
            without = model.read(tokens, [layer])[layer]
        change = model.read(tokens, [layer])[layer] - without
        assert_close(activation @ directions, change, rtol=1e-3, atol=1e-3)

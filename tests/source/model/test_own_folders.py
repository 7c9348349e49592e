"""Folders of the user's own: what public reports say went wrong with other tools, each
right or refused in one sentence. All models are small and random.
"""

import json
import shutil

import pytest
import torch
from torch.testing import assert_close

from saecore.errors import Unsuited
from saecore.profiles import read
from saecore.source.model.generation import keeps_context, sample
from saecore.source.model.identity import BadModelFolder
from saecore.source.model.language_model import open_model

LLAMA = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 48,
}
MLA = LLAMA | {
    "q_lora_rank": 8,
    "kv_lora_rank": 8,
    "qk_nope_head_dim": 8,
    "qk_rope_head_dim": 8,
    "v_head_dim": 8,
    "n_routed_experts": 2,
    "num_experts_per_tok": 1,
    "n_group": 1,
    "topk_group": 1,
    "moe_intermediate_size": 16,
    "first_k_dense_replace": 1,
}
MAMBA = {"hidden_size": 32, "num_hidden_layers": 2, "state_size": 8}
GPT = {"n_embd": 32, "n_layer": 2, "n_head": 2}
OPT = {
    "hidden_size": 32,
    "word_embed_proj_dim": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "ffn_dim": 48,
    "do_layer_norm_before": False,
}
VOCABULARY = 3000


@pytest.fixture
def made(folder, tmp_path):
    """The folder of a random model of a family, with the tokeniser of `folder`."""

    def make(kind, sizes, *, auto="AutoModelForCausalLM", name="own"):
        import transformers

        size = len(
            json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
        )
        ids = {"bos_token_id": 0, "eos_token_id": 0, "pad_token_id": None}
        config = transformers.AutoConfig.for_model(
            kind, **({"vocab_size": max(size, VOCABULARY)} | ids | sizes)
        )
        torch.manual_seed(0)
        model = getattr(transformers, auto).from_config(config)
        for weight in model.parameters():
            weight.data.mul_(3)  # so that context matters
        model.save_pretrained(tmp_path / name)
        for each in folder.glob("tokenizer*.json"):
            shutil.copy(each, tmp_path / name)
        return tmp_path / name

    return make


def slowly(model, length):
    """A text for which every token is drawn after a whole pass."""
    generator = torch.Generator().manual_seed(3)
    levels = [torch.rand(2, 1, generator=generator) for _ in range(1, length)]
    tokens = torch.full((2, 1), model.bos)
    for level in levels:
        chances = model.logits(tokens)[:, -1].softmax(-1).cumsum(-1)
        drawn = torch.searchsorted(chances, level * chances[:, -1:], right=True)
        tokens = torch.cat([tokens, drawn], 1)
    return tokens


@pytest.mark.parametrize(
    ("kind", "sizes", "kept", "after_first"),
    [
        ("deepseek_v3", MLA, True, 1),  # keys and values of different width
        ("mamba", MAMBA, False, 0),  # no keys and values
        ("openai-gpt", GPT, False, 1),  # takes none, and its blocks return lists
    ],
)
def test_any_family_writes_with_its_context_and_its_stream_is_read(
    made, kind, sizes, kept, after_first
):
    model = open_model(made(kind, sizes))
    assert keeps_context(model) is kept
    text = sample(model, 2, 10, generator=torch.Generator().manual_seed(3))
    assert torch.equal(text, slowly(model, 10))
    said = model.model(text, output_hidden_states=True, use_cache=False).hidden_states
    assert_close(model.read(text, [0])[0], said[after_first])
    assert model.d_model == 32


def test_an_edit_reaches_the_logits_where_blocks_return_lists(made):
    model = open_model(made("openai-gpt", GPT))
    text = torch.tensor([[0, 5, 6]])
    edited = model.logits(text, edit=(0, lambda stream: stream + 1))
    assert not torch.allclose(edited, model.logits(text))


def test_a_stream_wider_than_the_embedding_is_measured(made):
    model = open_model(made("opt", OPT))
    assert model.d_model == 32
    assert model.read(torch.tensor([[0, 5, 6]]), [1])[1].shape[-1] == 32


@pytest.mark.parametrize("auto", ["AutoModel", "AutoModelForSequenceClassification"])
def test_a_missing_output_layer_is_not_drawn_at_random(made, auto):
    folder = made("llama", LLAMA | {"pad_token_id": 0}, auto=auto)
    with pytest.raises(BadModelFolder, match=r"must hold all its weights.*lm_head"):
        open_model(folder)


def test_an_encoder_is_no_causal_model(made):
    sizes = LLAMA | {"max_position_embeddings": 64, "pad_token_id": 1}
    with pytest.raises(BadModelFolder, match="must not read ahead"):
        open_model(made("roberta", sizes))


def test_weights_that_are_not_finite_are_refused_before_any_text(made):
    from safetensors.torch import load_file, save_file

    folder = made("llama", LLAMA)
    weights = load_file(folder / "model.safetensors")
    weights["model.norm.weight"][0] = float("nan")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(BadModelFolder, match="logits must be finite"):
        open_model(folder)


def test_text_longer_than_the_table_of_positions_is_one_sentence(made):
    model = open_model(made("gpt2", GPT | {"n_positions": 16}))
    draw = torch.Generator().manual_seed(0)
    assert sample(model, 1, 16, generator=draw).shape == (1, 16)
    with pytest.raises(Unsuited, match=r"positions for the text.*not for 17 tokens"):
        sample(model, 1, 17, generator=draw)


def test_a_beginning_that_the_embedding_does_not_hold_is_passed_over(made):
    folder = made("gpt2", GPT | {"bos_token_id": 50256})
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    del settings["bos_token"]
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    model = open_model(folder)
    assert model.bos == model.tokenizer.eos_token_id


def test_a_folder_called_like_a_subject_of_the_book_is_kept_apart(made):
    assert read(str(made("llama", LLAMA, name="tiny"))).name == "own-tiny"


def test_sizes_are_found_one_level_down_and_the_decoder_beside_an_encoder(made):
    text = LLAMA | {
        "num_key_value_heads": 2,
        "head_dim": 16,
        "vocab_size": VOCABULARY,
        "bos_token_id": 0,
    }
    vision = {
        "hidden_size": 16,
        "num_hidden_layers": 5,
        "num_attention_heads": 2,
        "intermediate_size": 16,
        "image_size": 8,
        "patch_size": 4,
    }
    folder = made(
        "gemma3",
        {"text_config": text, "vision_config": vision, "mm_tokens_per_image": 4},
    )
    assert read(str(folder)).layers == (0, 1)
    model = open_model(folder)
    assert (model.n_layers, model.d_model, model.bos) == (2, 32, 0)

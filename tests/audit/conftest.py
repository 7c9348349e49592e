"""SAEs with planted directions, in SAELens folders and in memory, and a language model
that is small and knows nothing.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from saecore.audit.weights import AuditedWeights
from saecore.measures.seeds.mutual import shards_of
from saecore.profiles import TINY

D_MODEL = 32
HOOK = "blocks.1.hook_resid_post"


def unit(width: int, seed: int, d_model: int = D_MODEL) -> Tensor:
    """Random unit directions."""
    draw = torch.Generator().manual_seed(seed)
    rows = torch.randn(width, d_model, generator=draw)
    return rows / rows.norm(dim=1, keepdim=True)


@pytest.fixture
def directions() -> Callable[..., Tensor]:
    """`unit`."""
    return unit


@pytest.fixture
def held() -> Callable[..., AuditedWeights]:
    """An SAE in memory, its encoder its decoder unless another is given."""

    def made(rows: Tensor, encoder: Tensor | None = None, name="SAE") -> AuditedWeights:
        columns = rows if encoder is None else encoder
        return AuditedWeights(
            name, "standard", {}, shards_of(rows), shards_of(columns), True
        )

    return made


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., Path]:
    """Writes a SAELens folder."""

    def write(
        name: str, rows: Tensor, *, hook: str = HOOK, bias: float = -0.2, **cfg
    ) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        said = {"architecture": "standard", "d_in": rows.shape[1], "d_sae": len(rows),
                "metadata": {"hook_name": hook, "model_name": "small"}}  # fmt: skip
        (folder / "cfg.json").write_text(json.dumps(said | cfg))
        weights = {
            "W_enc": rows.T.contiguous(),
            "W_dec": rows.contiguous(),
            "b_enc": torch.full((len(rows),), bias, dtype=rows.dtype),
            "b_dec": torch.zeros(rows.shape[1], dtype=rows.dtype),
        }
        save_file(weights, folder / "sae_weights.safetensors")
        return folder

    return write


@pytest.fixture(scope="session")
def small_model(tmp_path_factory) -> Path:
    """The folder of a random Llama with the tokeniser of the shipped model."""
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=7000, hidden_size=D_MODEL, intermediate_size=48,
        num_hidden_layers=3, num_attention_heads=2, num_key_value_heads=2,
        max_position_embeddings=256, bos_token_id=0, eos_token_id=0,
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    for weight in model.parameters():
        weight.data.mul_(4)
    folder = tmp_path_factory.mktemp("small")
    model.save_pretrained(folder)
    for file in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(TINY / file, folder)
    return folder


@pytest.fixture(scope="session")
def text(tmp_path_factory) -> Path:
    """A text of a few thousand words."""
    words = [
        "the",
        "king",
        "was",
        "old",
        "and",
        "his",
        "daughter",
        "went",
        "to",
        "the",
        "big",
        "house",
        "with",
        "a",
        "cat",
    ]
    draw = torch.Generator().manual_seed(0)
    said = [words[int(i)] for i in torch.randint(len(words), (8000,), generator=draw)]
    path = tmp_path_factory.mktemp("text") / "words.txt"
    path.write_text(" ".join(said))
    return path

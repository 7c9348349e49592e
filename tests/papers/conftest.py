"""Small releases in exactly the papers' formats on a hub of this machine."""

import json
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from saecore.papers import releases
from saecore.profiles import TINY
from tests.hub_server import hub

__all__ = ["hub", "served", "small"]
D_MODEL = 32
SMALL = {
    768: 48, 1536: 96, 3072: 192, 6144: 200, 12288: 210, 24576: 220, 49152: 256,
    98304: 300, 32768: 64, 16384: 48,
}  # fmt: skip
"""Widths of the papers, and here."""


def directions(width, seed):
    """Unit rows, the first ones alike for all widths, with some noise."""
    shared = torch.randn(400, D_MODEL, generator=torch.Generator().manual_seed(1))
    draw = torch.Generator().manual_seed(seed)
    rows = shared[:width] / shared[:width].norm(dim=1, keepdim=True)
    noise = torch.rand(width, 1, generator=draw) / 4
    rows = rows + noise * torch.randn(width, D_MODEL, generator=draw)
    return rows / rows.norm(dim=1, keepdim=True)


def write_sae(folder, form, width, seed):
    """An SAE in the files of its format."""
    folder.mkdir(parents=True)
    rows = directions(width, seed).contiguous()
    bias = torch.full((width,), -0.2)
    if form == "gemma scope":
        arrays = {
            "W_enc": rows.T, "W_dec": rows, "b_enc": bias,
            "b_dec": torch.zeros(D_MODEL), "threshold": torch.full((width,), 0.1),
        }  # fmt: skip
        np.savez(folder / "params.npz", **{n: x.numpy() for n, x in arrays.items()})
    elif form == "sparsify":
        cfg = {"d_in": D_MODEL, "num_latents": width, "k": 4, "expansion_factor": 2,
               "normalize_decoder": True, "signed": False}  # fmt: skip
        (folder / "cfg.json").write_text(json.dumps(cfg))
        weights = {"encoder.weight": rows, "encoder.bias": bias, "W_dec": rows.clone(),
                   "b_dec": torch.zeros(D_MODEL)}  # fmt: skip
        save_file(weights, folder / "sae.safetensors")
    else:
        cfg = {"d_in": D_MODEL, "d_sae": width, "dtype": "torch.float32",
               "hook_point": "blocks.1.hook_resid_pre", "model_name": "gpt2-small",
               "activation_fn_str": "relu", "apply_b_dec_to_input": True}  # fmt: skip
        (folder / "cfg.json").write_text(json.dumps(cfg))
        weights = {"W_enc": rows.T.contiguous(), "b_enc": bias, "W_dec": rows,
                   "b_dec": torch.zeros(D_MODEL)}  # fmt: skip
        save_file(weights, folder / "sae_weights.safetensors")


@pytest.fixture
def small(hub, tmp_path, monkeypatch):
    """The table of releases with small widths, and the SAEs that it names on the
    hub.
    """
    text = releases.claims_file().with_name("papers.toml").read_text(encoding="utf-8")
    for old in ("d_model = 768", "d_model = 2304"):
        text = text.replace(old, f"d_model = {D_MODEL}")
    for old, new in SMALL.items():
        text = text.replace(f"width = {old},", f"width = {new},")
    text = text.replace("blocks.8.hook", "blocks.1.hook", 1)
    text = text.replace('"blocks.12.', '"blocks.1.').replace(
        "context = 128", "context = 16"
    )
    (tmp_path / "papers.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(releases, "claims_file", lambda: tmp_path / "claims.toml")
    releases.releases.cache_clear()
    releases._read.cache_clear()
    for one in releases.releases().values():
        for seed, sae in enumerate(one.saes):
            write_sae(hub.root / sae.repo / sae.folder, one.format, sae.width, seed)
    yield releases.releases()
    releases.releases.cache_clear()
    releases._read.cache_clear()


WORDS = "the king was old and his daughter went to the big house with a cat"
TEXTS = [" ".join(WORDS.split()[i % 9 :]) for i in range(300)]
SIZES = {
    "gpt2": {"n_embd": D_MODEL, "n_layer": 3, "n_head": 2, "n_positions": 64},
    "gemma2": {
        "hidden_size": D_MODEL, "num_hidden_layers": 3, "num_attention_heads": 2,
        "num_key_value_heads": 1, "head_dim": 16, "intermediate_size": 64,
    },
}  # fmt: skip


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """Folders of a GPT-2 and a Gemma-2 that learnt the texts for a moment, by kind."""
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(TINY)
    ids = torch.tensor([tokenizer(" ".join(TEXTS[:40]))["input_ids"][:256]]).view(
        16, 16
    )
    folders = {}
    for kind, sizes in SIZES.items():
        config = AutoConfig.for_model(
            kind, vocab_size=7000, bos_token_id=0, eos_token_id=0, **sizes
        )
        torch.manual_seed(0)
        model = AutoModelForCausalLM.from_config(config)
        step = torch.optim.Adam(model.parameters(), lr=0.05)
        for _ in range(8):
            step.zero_grad()
            model(ids, labels=ids).loss.backward()
            step.step()
        folders[kind] = tmp_path_factory.mktemp(kind)
        model.save_pretrained(folders[kind])
        for file in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(TINY / file, folders[kind])
    return folders


@pytest.fixture
def served(small, hub, models):
    """The language models under the papers' names on the hub, and a data set of
    texts.
    """
    import pyarrow
    import pyarrow.parquet

    for name, kind in (("gpt2", "gpt2"), ("gemma", "gemma2")):
        shutil.copytree(models[kind], hub.root / small[name].model)
    data = hub.root / "datasets" / "NeelNanda" / "pile-10k" / "data"
    data.mkdir(parents=True)
    pyarrow.parquet.write_table(
        pyarrow.table({"text": TEXTS}), data / "train-00000-of-00001-0a.parquet"
    )
    return small

"""A small random Llama in a GGUF file, as llama.cpp would write it."""

from pathlib import Path

import numpy as np
import pytest

SIZES = {"d_model": 64, "layers": 2, "heads": 4, "kv": 2, "mlp": 128}
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")


def byte_letters() -> list[str]:
    """The characters that stand for the 256 bytes in byte-level vocabularies."""
    from tokenizers.pre_tokenizers import ByteLevel

    return sorted(ByteLevel.alphabet())


@pytest.fixture(scope="session")
def gguf_file(tmp_path_factory) -> Path:
    """The file; its weights are stored in 16 bits, norms in 32."""
    gguf = pytest.importorskip("gguf")
    path = tmp_path_factory.mktemp("gguf") / "small.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    d, heads, kv, mlp = (SIZES[name] for name in ("d_model", "heads", "kv", "mlp"))
    merges = ["t h", "th e", "Ġ a"]
    tokens = [*SPECIAL, *byte_letters(), "th", "the", "Ġa"]
    writer.add_name("small")
    writer.add_context_length(128)
    writer.add_embedding_length(d)
    writer.add_block_count(SIZES["layers"])
    writer.add_feed_forward_length(mlp)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv)
    writer.add_rope_freq_base(10000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_merges(merges)
    writer.add_token_types([3] * 3 + [1] * (len(tokens) - 3))
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    random = np.random.default_rng(0)

    def add(name: str, *shape: int) -> None:
        kind = np.float32 if "norm" in name else np.float16
        values = (
            1 + 0 * random.random(shape)
            if "norm" in name
            else 0.3 * (random.standard_normal(shape))
        )
        writer.add_tensor(f"{name}.weight", values.astype(kind))

    add("token_embd", len(tokens), d)
    add("output_norm", d)
    for n in range(SIZES["layers"]):
        add(f"blk.{n}.attn_norm", d)
        add(f"blk.{n}.ffn_norm", d)
        for letter, width in (("q", d), ("k", d * kv // heads), ("v", d * kv // heads)):
            add(f"blk.{n}.attn_{letter}", width, d)
        add(f"blk.{n}.attn_output", d, d)
        add(f"blk.{n}.ffn_gate", mlp, d)
        add(f"blk.{n}.ffn_up", mlp, d)
        add(f"blk.{n}.ffn_down", d, mlp)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path

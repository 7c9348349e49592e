"""Models of TransformerLens behind OpenModel's calls, names of the hub, and refusals."""

import huggingface_hub
import pytest
import torch

from saecore import open_any_model
from saecore.errors import Unsuited
from saecore.others import models
from saecore.profiles import TINY
from saecore.source.model import generation
from saecore.source.model.language_model import BadModelFolder, open_model
from saecore.source.model.logit_lens import promoted


@pytest.fixture(scope="module")
def bridge():
    module = pytest.importorskip("transformer_lens.model_bridge")
    return module.TransformerBridge.boot_transformers(str(TINY), device="cpu")


@pytest.fixture(scope="module")
def folder():
    return open_model(TINY)


def tokens(model) -> torch.Tensor:
    return torch.tensor([[model.bos, *range(5, 25)]] * 2)


def test_a_bridge_says_and_reads_what_the_folder_does(bridge, folder):
    lens, some = open_any_model(bridge), tokens(folder)
    sizes = ("n_layers", "d_model", "vocab_size", "bos")
    assert [getattr(lens, n) for n in sizes] == [getattr(folder, n) for n in sizes]
    edit = (1, lambda stream: 0.5 * stream)
    for change, last in ((None, False), (edit, False), (edit, True)):
        said = [one.logits(some, edit=change, last=last) for one in (lens, folder)]
        torch.testing.assert_close(*said, atol=1e-4, rtol=0)
    for kind in ("resid_pre", "resid_post"):
        found, expected = (one.read(some, [0, 2], kind) for one in (lens, folder))
        for layer in (0, 2):
            torch.testing.assert_close(found[layer], expected[layer], atol=1e-4, rtol=0)
    rows = torch.randn(3, folder.d_model, generator=torch.Generator().manual_seed(0))
    both = [promoted(one, rows, count=4).token for one in (lens, folder)]
    assert torch.equal(*both)


def test_what_needs_a_cache_is_a_sentence(bridge):
    lens = open_any_model(bridge)
    with pytest.raises(Unsuited, match="open its Hugging Face folder for that"):
        generation.sample(
            lens, 2, 8, temperature=1.0, generator=torch.Generator().manual_seed(0)
        )


def test_a_hooked_transformer_is_read_where_its_hooks_are(folder):
    lens = pytest.importorskip("transformer_lens")
    config = lens.HookedTransformerConfig(
        n_layers=2,
        d_model=32,
        n_ctx=32,
        d_head=8,
        n_heads=4,
        d_vocab=folder.vocab_size,
        act_fn="gelu",
        device="cpu",
    )
    bare = lens.HookedTransformer(config)
    with pytest.raises(BadModelFolder, match="has no tokenizer: give it one"):
        open_any_model(bare)
    bare.tokenizer = folder.tokenizer
    opened, some = open_any_model(bare), tokens(folder)
    said, cache = bare.run_with_cache(some, prepend_bos=False)
    torch.testing.assert_close(opened.logits(some), said)
    for kind in ("resid_pre", "resid_post"):
        found = opened.read(some, [1], kind)[1]
        torch.testing.assert_close(found, cache[f"blocks.1.hook_{kind}"])
    assert opened.identity == open_any_model(bare).identity
    first = opened.identity.fingerprint
    bare.W_U.data[0, 0] += 1
    assert open_any_model(bare).identity.fingerprint != first
    with pytest.raises(BadModelFolder, match=r"call \.to\(torch\.float32\) first"):
        open_any_model(bare.to(torch.float16))


def test_a_name_of_the_hub_is_fetched_once_and_keeps_its_name(monkeypatch, folder):
    asked = []

    def fetched(name: str, allow_patterns: list[str]) -> str:
        asked.append((name, "*.safetensors" in allow_patterns))
        return str(TINY)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fetched)
    model = open_any_model("owner/small-model")
    assert asked == [("owner/small-model", True)]
    assert model.identity.name == "small-model"
    assert model.identity.fingerprint == folder.identity.fingerprint


def test_a_folder_is_opened_as_ever(folder):
    assert open_any_model(TINY).identity == folder.identity
    assert models.open_any_model is open_any_model


def test_what_is_no_model_is_a_sentence(monkeypatch, tmp_path):
    def refuses(name: str, allow_patterns: list[str]) -> str:
        raise OSError("no network")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", refuses)
    with pytest.raises(BadModelFolder, match=r"a/b is neither \(no network\)"):
        open_any_model("a/b")
    with pytest.raises(BadModelFolder, match="there is no folder /no/such/place"):
        open_any_model("/no/such/place")
    with pytest.raises(BadModelFolder, match="but this is a Linear: give one"):
        open_any_model(torch.nn.Linear(2, 2))
    with pytest.raises(BadModelFolder, match=r"has no \*\.safetensors"):
        open_any_model(tmp_path)

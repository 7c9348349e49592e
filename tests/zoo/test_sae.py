"""The light SAE against formulas, against sae_lens on the same folder, and its
refusals.
"""

import json

import pytest
import torch
from safetensors.torch import save_file

from saecore import sparse
from saecore.shapes import Dictionary, LinearEncoder
from saecore.sparse import dense
from saecore.zoo.sae import SAE, configuration, read

NAMES = {"topk": "topk", "batchtopk": "jumprelu", "relu": "standard", "gated": "gated"}


def weights(
    architecture: str, width: int = 24, d_model: int = 6
) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(5)

    def drawn(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator)

    out = {
        "W_enc": drawn(d_model, width),
        "W_dec": drawn(width, d_model),
        "b_dec": drawn(d_model),
    }
    if architecture == "gated":
        return out | {
            "b_gate": drawn(width),
            "r_mag": 0.3 * drawn(width),
            "b_mag": drawn(width),
        }
    out["b_enc"] = drawn(width)
    return out | (
        {"threshold": drawn(width).abs()} if architecture == "batchtopk" else {}
    )


def folder_with(path, architecture: str):
    cfg = configuration(
        architecture, width=24, d_model=6, k=3, metadata={"model_name": "m"}
    )
    (path / "cfg.json").write_text(json.dumps(cfg))
    save_file(weights(architecture), path / "sae_weights.safetensors")
    return path


def rows(n: int = 40) -> torch.Tensor:
    return 2 * torch.randn(n, 6, generator=torch.Generator().manual_seed(6)) + 1


@pytest.mark.parametrize("architecture", NAMES)
def test_it_computes_its_formula_in_chunks(tmp_path, architecture, monkeypatch) -> None:
    monkeypatch.setattr("saecore.zoo.sae.chunk_rows", lambda width: 7)
    sae, w, x = read(folder_with(tmp_path, architecture)), weights(architecture), rows()
    both = (x - w["b_dec"]) @ w["W_enc"]
    if architecture == "gated":
        expected = ((both + w["b_gate"]) > 0) * (
            both * w["r_mag"].exp() + w["b_mag"]
        ).relu()
    else:
        pre = both + w["b_enc"]
        best = pre.topk(3, dim=1)
        kept = {
            "topk": torch.zeros_like(pre).scatter(1, best.indices, best.values),
            "relu": pre,
            "batchtopk": pre * (pre > w.get("threshold", pre)),
        }
        expected = kept[architecture].relu()
    torch.testing.assert_close(sae.encode(x), expected)
    torch.testing.assert_close(sae(x), expected @ w["W_dec"] + w["b_dec"])
    torch.testing.assert_close(dense(sae.encode_sparse(x), 24), expected)
    assert sae.architecture == NAMES[architecture]


@pytest.mark.parametrize("architecture", NAMES)
def test_it_is_the_twin_of_sae_lens_on_the_same_folder(tmp_path, architecture) -> None:
    sae_lens = pytest.importorskip("sae_lens")
    folder = folder_with(tmp_path, architecture)
    peer, ours, x = sae_lens.SAE.load_from_disk(str(folder)), read(folder), rows()
    with torch.no_grad():
        torch.testing.assert_close(ours.encode(x), peer.encode(x), rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(ours(x), peer(x), rtol=1e-5, atol=1e-5)
    assert peer.cfg.architecture() == ours.architecture
    assert peer.cfg.metadata.model_name == ours.metadata["model_name"] == "m"


def test_it_is_a_dictionary_with_a_linear_encoder(tmp_path) -> None:
    sae = read(folder_with(tmp_path, "relu"))
    assert isinstance(sae, Dictionary)
    assert isinstance(sae, LinearEncoder)
    assert (sae.width, sae.d_model, tuple(sae.W_enc.shape)) == (24, 6, (6, 24))


def test_no_rows_give_no_activations(tmp_path) -> None:
    sae = read(folder_with(tmp_path, "topk"))
    assert sae.encode(rows(0)).shape == (0, 24)
    assert sae.encode_sparse(rows(0)).crow.tolist() == [0]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"architecture": "matching_pursuit"},
            "must be one of topk, jumprelu, standard, gated",
        ),
        ({"apply_b_dec_to_input": False}, "may not change these settings"),
        ({"normalize_activations": "layer_norm"}, "may not change these settings"),
        ({"d_sae": 25}, "must have shape"),
        ({"activation_fn_str": "topk"}, "may not change these settings"),
        ({"k": None}, "but cfg.json says k = None"),
        ({"k": 25}, "1 to its 24, but cfg.json says k = 25"),
    ],
)
def test_a_folder_that_it_would_misread_is_refused(tmp_path, change, sentence) -> None:
    folder = folder_with(tmp_path, "topk")
    cfg = json.loads((folder / "cfg.json").read_text()) | change
    (folder / "cfg.json").write_text(json.dumps(cfg))
    with pytest.raises(ValueError, match=sentence):
        read(folder)


def test_a_missing_weight_is_named() -> None:
    cfg = configuration("gated", width=24, d_model=6, k=3, metadata={})
    with pytest.raises(ValueError, match="r_mag must have shape"):
        SAE(cfg, {name: w for name, w in weights("gated").items() if name != "r_mag"})


def test_chunks_of_pre_activations_stay_small() -> None:
    assert sparse.chunk_rows(24_576) * 24_576 * 4 <= 8_000_000
    assert sparse.chunk_rows(10**9) == 1


def test_weights_without_a_use_and_cfg_of_other_libraries_are_refused(tmp_path) -> None:
    folder = folder_with(tmp_path, "relu")
    more = weights("relu") | {"threshold": torch.ones(24)}
    save_file(more, folder / "sae_weights.safetensors")
    with pytest.raises(ValueError, match="there is also threshold"):
        read(folder)
    save_file(weights("relu"), folder / "sae_weights.safetensors")
    (folder / "cfg.json").write_text(json.dumps({"d_in": 6, "num_latents": 24}))
    with pytest.raises(ValueError, match="lacks d_sae: open the folder with saecore"):
        read(folder)


def test_batches_and_float64_are_rows_too(tmp_path) -> None:
    sae, x = read(folder_with(tmp_path, "topk")), rows()
    assert torch.equal(sae.encode(x.view(4, 10, 6)).flatten(0, 1), sae.encode(x))
    assert torch.equal(sae.encode(x.double()), sae.encode(x))
    assert torch.equal(sae.encode_sparse(x.double()).value, sae.encode_sparse(x).value)
    with pytest.raises(ValueError, match=r"length 6, but these have shape \(40, 5\)"):
        sae.encode(x[:, :5])

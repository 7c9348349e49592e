"""dictionary_learning's classes from ae.pt and as objects, and files that are hostile."""

import os
import pickle

import pytest
import torch

from saecore import open_sae

KINDS = {
    "AutoEncoder": "standard",
    "AutoEncoderNew": "standard",
    "AutoEncoderTopK": "topk",
    "BatchTopKSAE": "jumprelu",
    "MatryoshkaBatchTopKSAE": "jumprelu",
    "JumpReluAutoEncoder": "jumprelu",
    "GatedAutoEncoder": "gated",
}


def state_of(kind: str, w: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The weights under the class's own names."""
    buffers = {"k": torch.tensor(4), "threshold": torch.tensor(2.5)}
    if kind in ("MatryoshkaBatchTopKSAE", "JumpReluAutoEncoder"):
        named = {name: w[name] for name in ("W_enc", "b_enc", "W_dec", "b_dec")}
        if kind == "JumpReluAutoEncoder":
            return named | {"threshold": w["threshold"]}
        return named | buffers | {"group_sizes": torch.tensor([10, 30])}
    turned = {"encoder.weight": w["W_enc"].T, "decoder.weight": w["W_dec"].T}
    turned = {name: one.contiguous() for name, one in turned.items()}
    if kind == "GatedAutoEncoder":
        gate = {"decoder_bias": w["b_dec"], "r_mag": w["r_mag"]}
        return turned | gate | {"gate_bias": w["b_gate"], "mag_bias": w["b_mag"]}
    turned["encoder.bias"] = w["b_enc"]
    home = {"AutoEncoder": "bias", "AutoEncoderNew": "decoder.bias"}.get(kind, "b_dec")
    more = {} if kind.startswith("AutoEncoder") and "TopK" not in kind else buffers
    return turned | {home: w["b_dec"]} | more


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_computes_what_its_class_does(
    dictionary_folder, weights, plainly, equal, kind
):
    w = weights(KINDS[kind])
    folder = dictionary_folder(kind, state_of(kind, w))
    if "BatchTopK" in kind:
        w["threshold"] = torch.full((40,), 2.5)
    if kind == "AutoEncoder":  # as load_dictionary: decoder rows of norm 1
        norm = w["W_dec"].norm(dim=1)
        w |= {"W_enc": w["W_enc"] * norm, "b_enc": w["b_enc"] * norm}
        w["W_dec"] = w["W_dec"] / norm[:, None]
    subtract = kind not in ("AutoEncoderNew", "JumpReluAutoEncoder")
    sae = open_sae(folder)
    equal(sae, plainly(KINDS[kind], w, subtract=subtract))
    assert sae.metadata["model_name"] == "EleutherAI/pythia-70m-deduped"
    assert sae.metadata["hook_name"] == "resid_post_layer_1"
    assert sae.metadata["dict_class"] == kind


def test_an_object_is_what_it_computes(top_k_object, weights, plainly, equal):
    sae = open_sae(top_k_object(weights("topk")))
    equal(sae, plainly("topk", weights("topk")))
    assert sae.W_enc.shape == (16, 40)
    assert not sae.W_dec.requires_grad


class Bad:
    def __reduce__(self):
        return os.mkdir, ("reached",)


def test_a_hostile_file_is_refused_and_nothing_of_it_is_run(
    dictionary_folder, weights, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    folder = dictionary_folder("AutoEncoder", state_of("AutoEncoder", weights()))
    torch.save({"bias": Bad()}, folder / "ae.pt")
    with pytest.raises(
        ValueError, match="asks for code to be run, which is never done"
    ):
        open_sae(folder)
    (folder / "ae.pt").write_bytes(pickle.dumps(Bad()))
    with pytest.raises(
        ValueError, match="asks for code to be run, which is never done"
    ):
        open_sae(folder)
    assert not (tmp_path / "reached").exists()


@pytest.mark.parametrize("held", [[torch.ones(2)], {"bias": 3}, {1: torch.ones(2)}])
def test_a_file_of_other_things_is_refused(dictionary_folder, held):
    with pytest.raises(ValueError, match="must be a dict of tensors by name"):
        open_sae(dictionary_folder("AutoEncoder", held))


def test_a_truncated_file_is_refused(dictionary_folder, weights):
    folder = dictionary_folder("AutoEncoder", state_of("AutoEncoder", weights()))
    whole = (folder / "ae.pt").read_bytes()
    (folder / "ae.pt").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="must be a file of tensors alone"):
        open_sae(folder)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("CrossCoder", "this one is a CrossCoder"),
        (None, "names none: add it"),
        ("BatchTopKSAE", "read at its threshold, but this one has none"),
    ],
)
def test_what_it_would_misread_is_refused(dictionary_folder, weights, kind, sentence):
    state = state_of("BatchTopKSAE", weights("topk"))
    del state["threshold"]
    with pytest.raises(ValueError, match=sentence):
        open_sae(dictionary_folder(kind, state))


def test_without_a_configuration_the_class_is_not_guessed(dictionary_folder, weights):
    folder = dictionary_folder("AutoEncoder", state_of("AutoEncoder", weights()))
    (folder / "config.json").unlink()
    with pytest.raises(ValueError, match=r"config\.json must hold a JSON object"):
        open_sae(folder)

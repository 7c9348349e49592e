"""SAELens' folders and objects: their encode and decode in every setting, and what is
refused.
"""

import json

import pytest
import torch
from safetensors.torch import save_file

from saecore import open_sae
from saecore.measures.dictionary.fidelity import fidelity, fvu
from saecore.others.saelens import settings_of

ARCHITECTURES = ("standard", "topk", "jumprelu", "gated")
SETTINGS = ("none", "layer_norm", "constant_norm_rescale")


def into(x: torch.Tensor, setting: str) -> tuple[torch.Tensor, ...]:
    """Rows normalised as SAELens does, and the way back (scale, offset), in float64."""
    x = x.double()
    if setting == "layer_norm":
        centre, spread = x.mean(1, keepdim=True), x.std(1, keepdim=True)
        return (x - centre) / (spread + 1e-5), spread, centre
    if setting == "constant_norm_rescale":
        scale = x.norm(dim=1, keepdim=True) / x.shape[1] ** 0.5
        return x / scale, scale, 0 * scale
    return x, torch.ones_like(x[:, :1]), 0 * x[:, :1]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("subtract", [True, False])
def test_a_folder_computes_its_formula_in_every_setting(
    saelens_folder, weights, plainly, rows, architecture, setting, subtract
):
    folder = saelens_folder(
        architecture, normalize_activations=setting, apply_b_dec_to_input=subtract
    )
    plain = plainly(architecture, weights(architecture), subtract=subtract)
    inner, scale, offset = into(rows, setting)
    z = plain.encode(inner)
    expected = plain.decode(z) * scale + offset
    sae = open_sae(folder)
    torch.testing.assert_close(sae.encode(rows).double(), z, rtol=1e-4, atol=2e-3)
    torch.testing.assert_close(sae(rows).double(), expected, rtol=1e-4, atol=2e-2)
    assert fidelity(sae, rows).fvu == pytest.approx(fvu(rows, expected), rel=1e-4)


def lens(architecture: str, weights, **settings):
    sae_lens = pytest.importorskip("sae_lens")
    kinds = {
        "standard": (sae_lens.StandardSAE, sae_lens.StandardSAEConfig),
        "topk": (sae_lens.TopKSAE, sae_lens.TopKSAEConfig),
        "jumprelu": (sae_lens.JumpReLUSAE, sae_lens.JumpReLUSAEConfig),
        "gated": (sae_lens.GatedSAE, sae_lens.GatedSAEConfig),
        "abstopk": (sae_lens.AbsTopKSAE, sae_lens.AbsTopKSAEConfig),
        "matching_pursuit": (
            sae_lens.MatchingPursuitSAE,
            sae_lens.MatchingPursuitSAEConfig,
        ),
    }
    if architecture == "matching_pursuit":
        settings["max_iterations"] = 3
    elif architecture.endswith("topk"):
        settings["k"] = 4
    kind, config = kinds[architecture]
    sae = kind(config(16, 40, **settings))
    state = {n: one for n, one in weights(architecture).items() if n in dir(sae)}
    sae.load_state_dict(state, strict=False)
    return sae


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize(
    "architecture", [*ARCHITECTURES, "abstopk", "matching_pursuit"]
)
def test_an_object_is_what_it_computes_itself_before_and_after_its_first_row(
    weights, rows, architecture, setting
):
    sae = lens(architecture, weights, normalize_activations=setting)
    ours = open_sae(sae)
    with torch.no_grad():
        z = sae.encode(rows)
        said = sae.decode(z)
    torch.testing.assert_close(ours.encode(rows), z, rtol=1e-4, atol=1e-3)
    torch.testing.assert_close(ours(rows), said, rtol=1e-4, atol=1e-2)
    assert fidelity(ours, rows).fvu == pytest.approx(fvu(rows, said), rel=1e-4)
    assert not ours.W_dec.requires_grad


def test_a_raw_object_is_never_measured_as_another(weights, rows):
    sae = lens("standard", weights, normalize_activations="layer_norm")
    with pytest.raises(ValueError, match=r"open it with saecore\.open_sae"):
        fidelity(sae, rows)
    with torch.no_grad():
        sae.encode(rows)
    with pytest.raises(ValueError, match=r"open it with saecore\.open_sae"):
        fidelity(sae, rows)


def test_norms_of_the_decoder_choose_the_k_and_are_folded(
    saelens_folder, weights, rows
):
    w = weights("topk")
    w["W_dec"] *= torch.linspace(0.2, 3, 40)[:, None]
    folder = saelens_folder("topk", w, rescale_acts_by_decoder_norm=True)
    norm = w["W_dec"].norm(dim=1)
    pre = ((rows - w["b_dec"]) @ w["W_enc"] + w["b_enc"]) * norm
    best = pre.topk(4, dim=1)
    z = torch.zeros_like(pre).scatter(1, best.indices, best.values.relu())
    sae = open_sae(folder)
    torch.testing.assert_close(sae.encode(rows), z, rtol=1e-4, atol=1e-3)
    expected = (z / norm) @ w["W_dec"] + w["b_dec"]
    torch.testing.assert_close(sae(rows), expected, rtol=1e-4, atol=1e-2)


@pytest.mark.parametrize("name", ["TopK", "BatchTopK", "MatryoshkaBatchTopK"])
def test_training_saes_at_their_defaults_are_what_they_save_for_inference(
    tmp_path, weights, rows, name
):
    sae_lens = pytest.importorskip("sae_lens")
    more = {"matryoshka_widths": [10, 40]} if name.startswith("M") else {}
    config = getattr(sae_lens, f"{name}TrainingSAEConfig")(16, 40, k=4, **more)
    sae = getattr(sae_lens, f"{name}TrainingSAE")(config)
    sae.load_state_dict(weights("topk"), strict=False)
    if hasattr(sae, "topk_threshold"):
        sae.topk_threshold.fill_(2.5)
    sae.save_inference_model(tmp_path / "inference")
    sae.save_model(tmp_path / "training")
    peer = sae_lens.SAE.load_from_disk(tmp_path / "inference")
    with torch.no_grad():
        expected = peer(rows)
    for what in (sae, tmp_path / "inference", tmp_path / "training"):
        torch.testing.assert_close(open_sae(what)(rows), expected, rtol=1e-4, atol=1e-2)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_float32_and_said(
    saelens_folder, weights, plainly, equal, kind
):
    w = {name: one.to(kind) for name, one in weights("jumprelu").items()}
    sae = open_sae(saelens_folder("jumprelu", w))
    equal(sae, plainly("jumprelu", w))
    assert sae.metadata["stored_dtype"] == str(kind).removeprefix("torch.")
    assert sae.W_dec.dtype == torch.float32


def test_topk_of_versions_before_6_is_topk(saelens_folder, weights, plainly, equal):
    folder = saelens_folder(
        "standard",
        weights("topk"),
        metadata=None,
        k=None,
        hook_point="blocks.3.hook_resid_pre",
        activation_fn_str="topk",
        activation_fn_kwargs={"k": 4},
        normalize_activations=False,
    )
    sae = open_sae(folder)
    equal(sae, plainly("topk", weights("topk")))
    assert sae.metadata["hook_name"] == "blocks.3.hook_resid_pre"


def test_a_factor_of_training_rows_is_folded_or_its_lack_is_said(
    saelens_folder, weights, plainly, rows
):
    folder = saelens_folder(normalize_activations="expected_average_only_in")
    plain = plainly("standard", weights())
    with pytest.warns(UserWarning, match="pass norm_scaling_factor="):
        raw = open_sae(folder)
    torch.testing.assert_close(
        raw(rows).double(), plain.decode(plain.encode(rows)), rtol=1e-4, atol=1e-2
    )
    z = plain.encode(0.25 * rows)
    sae = open_sae(folder, norm_scaling_factor=0.25)
    torch.testing.assert_close(sae.encode(rows).double(), z, rtol=1e-4, atol=1e-3)
    expected = plain.decode(z) / 0.25
    torch.testing.assert_close(sae(rows).double(), expected, rtol=1e-4, atol=1e-2)
    (folder / "activation_scaler.json").write_text(json.dumps({"scaling_factor": 0.25}))
    torch.testing.assert_close(open_sae(folder)(rows), sae(rows))


@pytest.mark.parametrize(
    ("cfg", "sentence"),
    [
        ({"architecture": "transcoder"}, "give an SAE of one site"),
        ({"d_out": 12}, "d_in is 16 and d_out 12"),
        ({"metadata": {"hook_name": ["a", "b"]}}, "SAEs of several sites"),
        ({"architecture": "temporal"}, "needs the whole sequence"),
        ({"architecture": "unheard"}, "has 'unheard': open it with sae_lens"),
        ({"normalize_activations": "covariance_whitening"}, "must be one of none"),
        ({"activation_fn_str": "tanh-relu"}, "this one has 'tanh-relu'"),
        ({"architecture": "topk", "k": None}, r"says k = None"),
        ({"architecture": "topk", "k": 41}, r"1 to its 40, but .* k = 41"),
    ],
)
def test_what_is_no_sae_of_one_site_is_refused(saelens_folder, cfg, sentence):
    with pytest.raises(ValueError, match=sentence):
        open_sae(saelens_folder(**cfg))


@pytest.mark.parametrize("name", ["threshold", "scaling_factor"])
def test_weights_that_have_no_use_are_refused(saelens_folder, weights, name):
    w = weights() | {name: torch.ones(40)}
    with pytest.raises(ValueError, match=f"{name} has no use"):
        open_sae(saelens_folder("standard", w))


def test_damaged_folders_are_refused(saelens_folder, weights):
    folder = saelens_folder(
        "standard", weights() | {"b_dec": torch.ones(16).double() * 1e40}
    )
    with pytest.raises(ValueError, match="b_dec holds 16 that are not"):
        open_sae(folder)
    save_file({"W_dec": torch.ones(2, 2)}, folder / "sae_weights.safetensors")
    with pytest.raises(ValueError, match="W_enc, b_enc, b_dec is missing"):
        open_sae(folder)
    (folder / "sae_weights.safetensors").write_text("version https://git-lfs")
    with pytest.raises(ValueError, match="whole safetensors file"):
        open_sae(folder)


def test_a_release_that_cannot_be_had_is_a_sentence():
    pytest.importorskip("sae_lens")
    with pytest.raises(ValueError, match=r"\('no-such-release', 'x'\) gave"):
        open_sae(("no-such-release", "x"))


def test_a_release_is_what_sae_lens_fetches(monkeypatch, weights, rows):
    sae_lens = pytest.importorskip("sae_lens")
    sae, asked = lens("gated", weights), []
    monkeypatch.setattr(
        sae_lens.SAE, "from_pretrained", lambda *a, **k: asked.append(a) or sae
    )
    with torch.no_grad():
        expected = sae(rows)
    torch.testing.assert_close(
        open_sae(("r", "i"))(rows), expected, atol=1e-3, rtol=1e-4
    )
    assert asked == [("r", "i")]


def test_a_class_of_ones_own_is_asked_itself(weights, rows):
    sae_lens = pytest.importorskip("sae_lens")

    class Doubled(sae_lens.StandardSAE):
        def encode(self, x):
            return 2 * super().encode(x)

    sae = Doubled(sae_lens.StandardSAEConfig(16, 40))
    sae.load_state_dict(weights())
    with torch.no_grad():
        expected = sae(rows)
    torch.testing.assert_close(open_sae(sae)(rows), expected, atol=1e-3, rtol=1e-4)


def test_settings_keep_where_the_sae_was_trained():
    said = settings_of({"model_name": "m", "hook_point": "h", "prepend_bos": False})
    assert said.metadata == {
        "model_name": "m",
        "hook_name": "h",
        "prepend_bos": False,
        "format": "SAELens",
    }

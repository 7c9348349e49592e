"""SAEs of SAELens: a folder (of any version), a release and id, or an object."""

import warnings
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from saecore.others.any_object import adapted_object
from saecore.others.files import read_json, read_tensors
from saecore.others.per_row import around_rows
from saecore.others.plain import needs, plain_sae

_PLAIN = ("W_enc", "W_dec", "b_enc", "b_dec")
WEIGHTS = {
    "standard": _PLAIN,
    "topk": _PLAIN,
    "jumprelu": (*_PLAIN, "threshold"),
    "gated": ("W_enc", "W_dec", "b_dec", "b_gate", "r_mag", "b_mag"),
}
"""The weights of each architecture at inference."""
_BATCH = ("batchtopk", "matryoshka_batchtopk")
_OTHER = ("abstopk", "matching_pursuit")
"""Whose encoders are sae_lens' own."""
_NORMALIZATIONS = (
    "none",
    "expected_average_only_in",
    "layer_norm",
    "constant_norm_rescale",
)


class LensSettings(NamedTuple):
    """What cfg.json says of the computation, whichever version wrote it."""

    architecture: str
    k: int | None
    subtracts_b_dec: bool
    by_decoder_norm: bool
    normalization: str
    metadata: dict[str, Any]


def open_lens_folder(folder: Path, *, factor: float | None) -> Any:
    """The SAE of a SAELens folder: cfg.json and sae_weights.safetensors.

    Raises ValueError for what is no SAE of one site and for what cannot be computed as
    sae_lens does.
    """
    cfg = read_json(folder / "cfg.json")
    settings = settings_of(cfg)
    if settings.architecture in _OTHER:
        return from_lens_object(_loaded(folder, settings.architecture), factor=factor)
    scaler = folder / "activation_scaler.json"
    if factor is None and scaler.is_file():
        factor = read_json(scaler).get("scaling_factor")
    weights = read_tensors(folder / "sae_weights.safetensors")
    return _opened(settings, weights, factor)


def open_release(release: str, sae_id: str, *, factor: float | None) -> Any:
    """An SAE by SAELens' release and id, fetched from the hub by sae_lens.

    Raises ValueError, with the reason, where sae_lens does not give it.
    """
    from sae_lens import SAE as LensSAE

    try:
        found = LensSAE.from_pretrained(release, sae_id, device="cpu")
    except Exception as error:  # the network, the hub, a table of releases
        why = " ".join(str(error).split()) or repr(error)
        raise ValueError(
            "a release and an id must be ones that sae_lens knows and can fetch or has "
            f"fetched before, but ({release!r}, {sae_id!r}) gave: {why[:300]}"
        ) from error
    return from_lens_object(found, factor=factor)


def from_lens_object(sae: Any, *, factor: float | None = None) -> Any:
    """An SAE object of sae_lens, for training or for inference.

    It is read at inference: BatchTopK and Matryoshka become JumpReLU at their
    threshold, as SAELens saves them. Classes that were registered by others are taken
    as any object with `encode` and `decode`. Raises ValueError as `open_lens_folder`.
    """
    settings = settings_of(sae.cfg.to_dict())
    known = (*WEIGHTS, *_BATCH)
    if settings.architecture not in known or not _own(sae):
        return _by_its_own_encoder(sae, settings, factor)
    weights = {name: one.detach().clone() for name, one in sae.state_dict().items()}
    return _opened(settings, weights, factor)


def settings_of(cfg: dict[str, Any]) -> LensSettings:
    """The settings of a cfg.json of any version; ValueError for a transcoder and the
    like, and for settings that are not known.
    """
    activation = cfg.get("activation_fn_str") or cfg.get("activation_fn") or "relu"
    kwargs = cfg.get("activation_fn_kwargs") or {}
    architecture, k = cfg.get("architecture") or "standard", cfg.get("k")
    if architecture == "standard" and activation == "topk":
        architecture, k = "topk", kwargs.get("k")
    elif activation not in ("relu", "topk"):
        raise ValueError(
            f"an SAE of SAELens has the activation function relu or topk, but this one "
            f"has {activation!r}: it cannot be read as either"
        )
    _refuse_other_kinds(cfg, architecture)
    metadata = {**cfg, **(cfg.get("metadata") or {})}
    names = (
        "model_name",
        "hook_name",
        "context_size",
        "prepend_bos",
        "model_from_pretrained_kwargs",
    )
    metadata = {n: metadata[n] for n in names if metadata.get(n) is not None}
    if "hook_name" not in metadata and (hook := cfg.get("hook_point")):
        metadata["hook_name"] = hook
    default = architecture in _BATCH
    return LensSettings(
        architecture,
        k,
        bool(cfg.get("apply_b_dec_to_input", True)),
        bool(cfg.get("rescale_acts_by_decoder_norm", default)),
        _normalization(cfg.get("normalize_activations")),
        {**metadata, "format": "SAELens"},
    )


def _normalization(setting: Any) -> str:
    setting = {None: "none", False: "none", True: "expected_average_only_in"}.get(
        setting, setting
    )
    if setting not in _NORMALIZATIONS:
        raise ValueError(
            f"normalize_activations must be one of {', '.join(_NORMALIZATIONS)}, but "
            f"is {setting!r}, whose statistics are not among the weights: fold them in "
            "with sae_lens and save the SAE again"
        )
    return setting


def _refuse_other_kinds(cfg: dict[str, Any], architecture: str) -> None:
    hook = (cfg.get("metadata") or {}).get("hook_name") or cfg.get("hook_name")
    out = cfg.get("d_out")
    several = isinstance(hook, list | tuple)
    if "coder" in architecture or architecture == "clt" or several:
        raise ValueError(
            "an SAE reads and writes one site, but this is a "
            f"{architecture if not several else 'dictionary of ' + str(len(hook))} "
            "(transcoders, crosscoders and SAEs of several sites write elsewhere): "
            "give an SAE of one site"
        )
    if out not in (None, cfg.get("d_in")):
        raise ValueError(
            f"an SAE writes rows as long as those it reads, but d_in is {cfg['d_in']} "
            f"and d_out {out}: give an SAE of one site, not a transcoder"
        )
    if architecture == "temporal":
        raise ValueError(
            "a dictionary encodes row by row, but a temporal SAE needs the whole "
            "sequence: give an SAE of another architecture"
        )


def _opened(settings: LensSettings, weights: dict[str, Tensor], factor: Any) -> Any:
    architecture = settings.architecture
    if architecture in _BATCH:
        architecture, weights = "jumprelu", _with_threshold(weights)
    if "log_threshold" in weights and architecture == "jumprelu":
        weights = dict(weights)
        weights["threshold"] = weights.pop("log_threshold").exp()
    if architecture not in WEIGHTS:
        known = ", ".join((*WEIGHTS, *_BATCH, *_OTHER))
        raise ValueError(
            f"an SAE of SAELens has an architecture among {known}, but this one has "
            f"{architecture!r}: open it with sae_lens and give the object"
        )
    needs(weights, WEIGHTS[architecture], f"an SAE of SAELens ({architecture})")
    if settings.normalization == "expected_average_only_in" and factor is None:
        warnings.warn(
            "this SAE was trained on rows scaled to a mean norm of sqrt(d_model), and "
            "the scale is not stored: it reads raw rows, as in sae_lens; pass "
            "norm_scaling_factor=sqrt(d_model) / (mean norm of the training rows)",
            stacklevel=2,
        )
    sae = plain_sae(
        architecture,
        weights,
        k=settings.k,
        metadata=settings.metadata,
        subtracts_b_dec=settings.subtracts_b_dec,
        by_decoder_norm=settings.by_decoder_norm,
        factor=float(factor or 1.0),
    )
    return around_rows(sae, settings.normalization)


def _with_threshold(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """A BatchTopK SAE's weights in training as those of the JumpReLU SAE that it is at
    inference.
    """
    weights = dict(weights)
    if (one := weights.pop("topk_threshold", None)) is not None:
        weights["threshold"] = torch.full_like(weights["b_enc"], float(one))
    return weights


def _own(sae: Any) -> bool:
    return type(sae).__module__.startswith("sae_lens.")


def _by_its_own_encoder(sae: Any, settings: LensSettings, factor: float | None) -> Any:
    """A `matching_pursuit` or `abstopk` SAE, or a class of the user's: encoded by the
    object itself, with its normalisation taken off and put around it.
    """
    import copy

    bare = copy.deepcopy(sae).eval().requires_grad_(False).to(dtype=torch.float32)
    if factor is not None:
        bare.fold_activation_norm_scaling_factor(factor)
    bare.cfg.normalize_activations = "none"
    bare._setup_activation_normalization()
    found = adapted_object(bare, d_model=int(sae.cfg.d_in))
    found.metadata |= settings.metadata
    return around_rows(found, settings.normalization)


def _loaded(folder: Path, architecture: str) -> Any:
    """The object that sae_lens makes of a folder."""
    from sae_lens import SAE as LensSAE

    try:
        return LensSAE.load_from_disk(folder, device="cpu", dtype="float32")
    except Exception as error:  # whatever a damaged folder leads to
        raise ValueError(
            f"a folder of architecture {architecture} must be one that sae_lens opens, "
            f"but {folder} gave: {' '.join(str(error).split())[:300]}"
        ) from error

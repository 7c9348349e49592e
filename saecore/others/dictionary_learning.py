"""SAEs of dictionary_learning: a folder with ae.pt and config.json, or an object.

ae.pt is a file of pickled objects: the only one that is read here, for a path that the
user names, and by torch's reader of tensors alone, which runs no code that it holds.
"""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from saecore.others.files import read_json
from saecore.others.plain import needs, plain_sae
from saecore.zoo.sae import SAE

_LINEAR = {
    "encoder.weight": "W_enc",
    "encoder.bias": "b_enc",
    "decoder.weight": "W_dec",
}
_NAMED = {name: name for name in ("W_enc", "b_enc", "W_dec", "b_dec")}
_LAYOUTS: dict[str, tuple[str, dict[str, str]]] = {
    "AutoEncoder": ("standard", {**_LINEAR, "bias": "b_dec"}),
    "AutoEncoderNew": ("standard", {**_LINEAR, "decoder.bias": "b_dec"}),
    "AutoEncoderTopK": ("topk", {**_LINEAR, "b_dec": "b_dec"}),
    "BatchTopKSAE": ("jumprelu", {**_LINEAR, "b_dec": "b_dec"}),
    "MatryoshkaBatchTopKSAE": ("jumprelu", _NAMED),
    "JumpReluAutoEncoder": ("jumprelu", {**_NAMED, "threshold": "threshold"}),
    "GatedAutoEncoder": (
        "gated",
        {
            "encoder.weight": "W_enc",
            "decoder.weight": "W_dec",
            "decoder_bias": "b_dec",
            "r_mag": "r_mag",
            "gate_bias": "b_gate",
            "mag_bias": "b_mag",
        },
    ),
}
"""By class: the architecture, and its weights' names there and in SAELens."""
_BUFFERS = ("k", "threshold", "group_sizes")
_ADDS_ITS_BIAS_LAST = ("AutoEncoderNew", "JumpReluAutoEncoder")
"""Whose encoders read the rows as they are, without b_dec subtracted."""


def open_dictionary_folder(folder: Path) -> SAE:
    """The SAE of a dictionary_learning folder, as its own `load_dictionary` opens it.

    BatchTopK and Matryoshka are read at their threshold, and the decoder rows of an
    AutoEncoder are scaled to norm 1, as there. Raises ValueError for a file that holds
    anything but tensors, for crosscoders and for classes that are not known.
    """
    config = read_json(folder / "config.json")
    trainer = config.get("trainer") or {}
    kind = trainer.get("dict_class")
    if not isinstance(kind, str):
        raise ValueError(
            "an SAE of dictionary_learning names its class in config.json (trainer, "
            f"dict_class), but {folder / 'config.json'} names none: add it"
        )
    state = _state(folder / "ae.pt")
    return _opened(
        kind,
        state,
        k=trainer.get("k"),
        metadata=_metadata(trainer),
        unit_decoder=kind == "AutoEncoder",
        subtracts=kind not in _ADDS_ITS_BIAS_LAST,
    )


def is_known_dictionary(what: Any) -> bool:
    """Whether an object is of one of the classes of dictionary_learning whose weights
    are known, and reads all of its latents.
    """
    groups = getattr(what, "group_sizes", ())
    every = getattr(what, "active_groups", len(groups)) == len(groups)
    state = getattr(what, "state_dict", None)
    return type(what).__name__ in _LAYOUTS and every and callable(state)


def from_dictionary(what: Any) -> SAE:
    """An object of one of those classes, with its decoder as it is."""
    kind = type(what).__name__
    state = {name: one.detach().clone() for name, one in what.state_dict().items()}
    own = kind not in _ADDS_ITS_BIAS_LAST
    return _opened(
        kind,
        state,
        k=int(state["k"]) if "k" in state else None,
        metadata={"format": "dictionary_learning"},
        unit_decoder=False,
        subtracts=bool(getattr(what, "apply_b_dec_to_input", own)),
    )


def _opened(
    kind: str,
    state: dict[str, Tensor],
    *,
    k: Any,
    metadata: dict[str, Any],
    unit_decoder: bool,
    subtracts: bool,
) -> SAE:
    if kind not in _LAYOUTS:
        raise ValueError(
            "an SAE of dictionary_learning is of a class among "
            f"{', '.join(_LAYOUTS)}, but this one is a {kind} (crosscoders "
            "read several sites): give an SAE of one site, or the object itself"
        )
    architecture, layout = _LAYOUTS[kind]
    buffers = {n: state[n] for n in _BUFFERS if n in state and n not in layout}
    state = {name: one for name, one in state.items() if name not in buffers}
    needs(state, tuple(layout), f"a {kind} of dictionary_learning")
    weights = {new: state[old] for old, new in layout.items()}
    for old, new in layout.items():
        if old in ("encoder.weight", "decoder.weight"):
            weights[new] = state[old].T
    if architecture == "jumprelu" and "threshold" not in weights:
        weights["threshold"] = _one_threshold(buffers, weights["b_enc"], kind)
    return plain_sae(
        architecture,
        weights,
        k=k if k is None else int(k),
        metadata={**metadata, "dict_class": kind},
        by_decoder_norm=unit_decoder,
        subtracts_b_dec=subtracts,
    )


def _one_threshold(buffers: dict[str, Tensor], like: Tensor, kind: str) -> Tensor:
    if "threshold" not in buffers:
        raise ValueError(
            f"a {kind} is read at its threshold, but this one has none: train it past "
            "the step from which the library tracks it"
        )
    return torch.full_like(like, float(buffers["threshold"]))


def _state(path: Path) -> dict[str, Tensor]:
    """The tensors of ae.pt, read without running what it holds."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged or hostile file fails in any way
        raise ValueError(
            f"ae.pt must be a file of tensors alone, but {path} is not "
            f"({type(error).__name__}): it is damaged, or it asks for code to be run, "
            "which is never done"
        ) from None
    good = isinstance(state, dict) and all(
        isinstance(name, str) and isinstance(one, Tensor) for name, one in state.items()
    )
    if not good:
        raise ValueError(
            f"ae.pt must be a dict of tensors by name, but {path} holds a "
            f"{type(state).__name__}: save the SAE's state_dict()"
        )
    return state


def _metadata(trainer: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {"format": "dictionary_learning"}
    if isinstance(model := trainer.get("lm_name"), str):
        out["model_name"] = model
    if isinstance(site := trainer.get("submodule_name"), str):
        out["hook_name"] = site
    elif isinstance(layer := trainer.get("layer"), int):
        out["hook_name"] = f"blocks.{layer}.hook_resid_post"
    return out

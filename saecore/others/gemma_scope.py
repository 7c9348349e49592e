"""SAEs of Gemma Scope (and of others in its format): params.npz."""

import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from saecore.others.plain import needs, plain_sae
from saecore.zoo.sae import SAE

_NAMES = ("W_enc", "W_dec", "b_enc", "b_dec", "threshold")


def open_params(path: Path) -> SAE:
    """The JumpReLU SAE of a params.npz: ReLU(x W_enc + b_enc) where that is above the
    threshold; b_dec is not subtracted from the rows.

    The site is read from the path as the hub has it (`layer_20/width_16k/...` in a
    repository of residual streams, `-res`). Nothing pickled is read. Raises ValueError
    for a damaged file, other arrays, and transcoders.
    """
    parts = path.absolute().parts
    if "transcoder" in _repository(parts):
        raise ValueError(
            "an SAE reads and writes one site, but by its path this is a transcoder: "
            f"{path}; give an SAE of the residual stream"
        )
    weights = _arrays(path)
    needs(weights, _NAMES, "an SAE in Gemma Scope's format")
    return plain_sae(
        "jumprelu", weights, metadata=_metadata(parts), subtracts_b_dec=False
    )


def _arrays(path: Path) -> dict[str, Tensor]:
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: torch.from_numpy(file[name]) for name in file.files}
    except (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
        why = " ".join(str(error).split())
        raise ValueError(
            f"params.npz must be a whole file of plain arrays, but {path} is not "
            f"({why}): fetch it again"
        ) from None


def _repository(parts: tuple[str, ...]) -> str:
    """The last part of a path that names a repository of Gemma Scope; "" if none."""
    return next((part for part in reversed(parts) if "gemma-scope" in part), "")


def _metadata(parts: tuple[str, ...]) -> dict[str, Any]:
    """The hook's name, from `layer_20` and the kind of site that the path names."""
    out: dict[str, Any] = {"format": "Gemma Scope"}
    layers = [found[1] for p in parts if (found := re.fullmatch(r"layer_(\d+)", p))]
    repository = _repository(parts)
    if layers:
        attention = re.search(r"-att\b", repository)
        hook = "hook_resid_post"
        if attention or re.search(r"-mlp\b", repository):
            hook = "attn.hook_z" if attention else "hook_mlp_out"
        out["hook_name"] = f"blocks.{layers[-1]}.{hook}"
    elif "embedding" in parts:
        out["hook_name"] = "hook_embed"
    if model := re.search(r"gemma-scope-(\d+b)-(pt|it)", repository):
        tail = "-it" if model[2] == "it" else ""
        out["model_name"] = f"google/gemma-2-{model[1]}{tail}"
    return out

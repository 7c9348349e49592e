"""SAEs of EleutherAI's sparsify: a folder with cfg.json and sae.safetensors, or a
`SparseCoder` object.
"""

from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from saecore.others.any_object import Adapted
from saecore.others.files import read_json, read_tensors
from saecore.others.plain import checked_finite, needs, plain_sae
from saecore.others.sites import stream_site

_NAMES = ("encoder.weight", "encoder.bias", "W_dec", "b_dec")


def open_sparsify_folder(folder: Path) -> Any:
    """The SAE of a sparsify folder. Its site is the folder's name (`layers.8`), its
    model what config.json beside the folders says.
    """
    cfg = read_json(folder / "cfg.json")
    run = folder.parent / "config.json"
    metadata = _metadata(folder.resolve().name, read_json(run) if run.is_file() else {})
    return _opened(cfg, read_tensors(folder / "sae.safetensors"), metadata)


def is_sparse_coder(what: Any) -> bool:
    """Whether an object is sparsify's SparseCoder, or made like one."""
    if not callable(getattr(what, "state_dict", None)):
        return False
    named = {"encoder.weight", "W_dec", "b_dec"} <= set(what.state_dict())
    return named and hasattr(getattr(what, "cfg", None), "k")


def from_sparse_coder(coder: Any) -> Any:
    """A SparseCoder as a dictionary: its encode gives the active latents alone, ours
    all of them, zeros included.
    """
    names = ("activation", "k", "transcode", "skip_connection", "signed")
    cfg = {n: getattr(coder.cfg, n) for n in names if hasattr(coder.cfg, n)}
    weights = {name: one.detach().clone() for name, one in coder.state_dict().items()}
    return _opened(cfg, weights, {"format": "sparsify"})


def _opened(
    cfg: dict[str, Any], weights: dict[str, Tensor], metadata: dict[str, Any]
) -> Any:
    _refuse(cfg, weights)
    needs(weights, _NAMES, "an SAE of sparsify")
    named = {
        "W_enc": weights["encoder.weight"].T,
        "b_enc": weights["encoder.bias"],
        "W_dec": weights["W_dec"],
        "b_dec": weights["b_dec"],
    }
    if cfg.get("activation", "topk") == "groupmax":
        return _groupmax(named, int(cfg["k"]), metadata)
    return plain_sae("topk", named, k=cfg.get("k"), metadata=metadata)


def _refuse(cfg: dict[str, Any], weights: dict[str, Tensor]) -> None:
    if cfg.get("transcode") or cfg.get("skip_connection") or "W_skip" in weights:
        raise ValueError(
            "an SAE reads and writes one site, but this sparse coder of sparsify is a "
            "transcoder (transcode or skip_connection): give an SAE"
        )
    activation = cfg.get("activation", "topk")
    if activation not in ("topk", "groupmax") or cfg.get("signed"):
        raise ValueError(
            "an SAE of sparsify has the activation topk or groupmax, without signed "
            f"latents, but this one has {'signed ' * bool(cfg.get('signed'))}"
            f"{activation}: it cannot be read as either"
        )


def _groupmax(weights: dict[str, Tensor], k: int, metadata: dict[str, Any]) -> Adapted:
    """The largest of each of k equal groups of latents, if it is above 0."""
    checked_finite(weights)
    stored = ", ".join(sorted({str(one.dtype)[6:] for one in weights.values()}))
    w = {
        name: one.detach().to("cpu", torch.float32).contiguous()
        for name, one in weights.items()
    }
    rows, bias = w["W_enc"].T.contiguous(), w["b_enc"]
    if k < 1 or len(rows) % k:
        raise ValueError(
            f"groupmax parts the latents into k equal groups, but there are "
            f"{len(rows)} latents and k = {k}: correct cfg.json"
        )

    def encode(x: Tensor) -> Tensor:
        pre = functional.linear(x.to(rows) - w["b_dec"], rows, bias).relu()
        groups = pre.unflatten(-1, (k, -1))
        best = groups.argmax(-1, keepdim=True)
        only = torch.zeros_like(groups).scatter_(-1, best, groups.gather(-1, best))
        return only.flatten(-2)

    return Adapted(
        encode,
        w["W_dec"],
        w["b_dec"],
        w_enc=w["W_enc"],
        metadata={**metadata, "stored_dtype": stored},
        architecture="groupmax",
    )


def _metadata(name: str, run: dict[str, Any]) -> dict[str, Any]:
    """The hook's name in TransformerLens' terms where the folder names a block."""
    with suppress(ValueError):  # another place: the name says which
        name = stream_site(name).hook_name
    model = {"model_name": run["model"]} if isinstance(run.get("model"), str) else {}
    return {"format": "sparsify", "hook_name": name, **model}

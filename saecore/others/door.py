"""`open_sae`: one door for SAEs that anybody trained."""

import copy
from pathlib import Path
from typing import Any

import torch

from saecore.others import dictionary_learning, gemma_scope, saelens, sparsify
from saecore.others.any_object import Adapted, adapted_object
from saecore.others.per_row import PerRow
from saecore.zoo.sae import SAE

OpenedSAE = SAE | PerRow | Adapted
"""What the door gives: `encode`, `encode_sparse`, `decode`, a call that reconstructs
rows, `W_dec`, `b_dec`, `width`, `d_model` and `metadata`; `W_enc` where there is one. A
`PerRow` needs the rows to decode; `saecore.measures` know how.
"""
_WHAT = (
    "a folder of SAELens, sparsify or dictionary_learning, Gemma Scope's params.npz, a "
    "pair (release, id) of SAELens, or an object with encode and decode"
)


def open_sae(
    what: Any,
    *,
    device: str = "cpu",
    d_model: int | None = None,
    norm_scaling_factor: float | None = None,
) -> OpenedSAE:
    """A sparse autoencoder that anybody trained, as a dictionary that every measure
    takes.

    `what` is a path (a SAELens folder of any version, a sparsify or dictionary_learning
    folder, Gemma Scope's params.npz or a folder that holds it), a pair (release, id)
    that sae_lens fetches, or an object (of sae_lens, sparsify, dictionary_learning, or
    any with `encode` and a linear `decode`; then `d_model` may have to be said).
    Weights of any precision become float32, and so do rows and latents;
    `metadata["stored_dtype"]` says what they were, and `metadata` also the site
    (`hook_name`) and `model_name` where they are known. Objects are copied where their
    weights are known: what is done to them later changes nothing here. What is given
    back lies on `device`, wherever the object is. An SAE that was
    trained on a HookedTransformer whose weights were processed reads that model's
    stream (`metadata["model_from_pretrained_kwargs"]` says so): give its measures that
    model, by `open_any_model`.

    `norm_scaling_factor` is what rows were multiplied by in training, for SAEs of
    SAELens whose `normalize_activations` is expected_average_only_in and whose weights
    do not hold it yet.

    Raises ValueError, in one sentence, for what is no SAE of one site (transcoders,
    crosscoders, several sites), for damaged or hostile files, for weights that are not
    finite, unknown or missing, and for objects that do not keep the protocol.
    """
    if isinstance(what, str | Path):
        sae = _from_path(Path(what), norm_scaling_factor)
    elif _is_release(what):
        sae = saelens.open_release(*what, factor=norm_scaling_factor)
    else:
        sae = _from_object(what, d_model, norm_scaling_factor)
    return sae if device == "cpu" else sae.to(device)


def _is_release(what: Any) -> bool:
    pair = isinstance(what, tuple) and len(what) == 2
    return pair and all(isinstance(part, str) for part in what)


def _from_path(path: Path, factor: float | None) -> OpenedSAE:
    if not path.exists():
        raise ValueError(
            f"an SAE is {_WHAT}, but there is no file or folder {path}: check it, "
            "or give a release and an id as a pair"
        )
    if path.is_file():
        return _from_file(path, factor)
    names = {one.name for one in path.iterdir()}
    if "sae_weights.safetensors" in names:
        return saelens.open_lens_folder(path, factor=factor)
    if "sae.safetensors" in names:
        return sparsify.open_sparsify_folder(path)
    if "ae.pt" in names:
        return dictionary_learning.open_dictionary_folder(path)
    if "params.npz" in names:
        return gemma_scope.open_params(path / "params.npz")
    raise _unknown_folder(path, names)


def _from_file(path: Path, factor: float | None) -> OpenedSAE:
    if path.suffix == ".npz":
        return gemma_scope.open_params(path)
    if path.name in ("sae_weights.safetensors", "sae.safetensors", "ae.pt", "cfg.json"):
        return _from_path(path.parent, factor)
    raise ValueError(
        f"an SAE is {_WHAT}, but {path.name} is none of their files: give the folder"
    )


def _unknown_folder(path: Path, names: set[str]) -> ValueError:
    """What to say of a folder without weights; one that holds several SAEs is told
    so.
    """
    weights = ("sae_weights.safetensors", "sae.safetensors", "ae.pt", "params.npz")
    several = sorted(
        name for name in names if any((path / name / one).is_file() for one in weights)
    )
    if several:
        shown = ", ".join(several[:5]) + (", ..." if len(several) > 5 else "")
        return ValueError(
            f"one SAE is opened at a time, but {path} holds {len(several)} ({shown}): "
            "give the folder of one"
        )
    shown = ", ".join(sorted(names)[:8]) or "nothing"
    return ValueError(
        f"an SAE is {_WHAT}, but {path} holds {shown}: give the folder with the weights"
    )


def _from_object(what: Any, d_model: int | None, factor: float | None) -> OpenedSAE:
    if isinstance(what, OpenedSAE):
        return what
    homes = {one.__module__.split(".")[0] for one in type(what).__mro__}
    if "sae_lens" in homes:
        return saelens.from_lens_object(what, factor=factor)
    if not (callable(getattr(what, "encode", None)) and hasattr(what, "decode")):
        raise ValueError(
            f"an SAE is {_WHAT}, but this is a {type(what).__name__}: give one of them"
        )
    for is_one, read in _BY_WEIGHTS:
        if is_one(what) and _agrees(what, sae := read(what)):
            return sae
    return adapted_object(what, d_model=d_model)


_BY_WEIGHTS = (
    (sparsify.is_sparse_coder, sparsify.from_sparse_coder),
    (dictionary_learning.is_known_dictionary, dictionary_learning.from_dictionary),
)
"""Objects whose weights are known, and how these are read."""


@torch.no_grad()
def _agrees(what: Any, sae: OpenedSAE) -> bool:
    """Whether an SAE reconstructs a few rows as the object does from which its weights
    were taken; tried on a copy in float32.
    """
    bare = copy.deepcopy(what).to("cpu", torch.float32)
    rows = torch.randn(8, sae.d_model, generator=torch.Generator().manual_seed(0))
    try:
        latents = bare.encode(rows)
        sparsely = sparsify.is_sparse_coder(what)
        theirs = bare.decode(*latents[:2]) if sparsely else bare.decode(latents)
    except (TypeError, AttributeError, RuntimeError):
        return False
    return bool((theirs - sae(rows)).abs().amax() <= 1e-3 * theirs.abs().amax())

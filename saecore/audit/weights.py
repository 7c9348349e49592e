"""The directions of an SAE, read by shards from the file where they lie: an audit of
the weights opens a file without copying it.
"""

from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from saecore.measures.dictionary.nulls import Weights
from saecore.measures.seeds.mutual import SHARD_ROWS, RowShards, shards_of
from saecore.others.door import OpenedSAE, open_sae
from saecore.others.files import read_json
from saecore.others.plain import checked_finite
from saecore.others.saelens import WEIGHTS, settings_of

_SPARSIFY = {"encoder.weight", "encoder.bias", "W_dec", "b_dec"}


class AuditedWeights(NamedTuple):
    """The directions of one SAE, by shards, and what its files say of it."""

    name: str
    """What the report calls it."""
    architecture: str
    metadata: dict[str, Any]
    """Site, model and precision, as far as they are known."""
    decoder: RowShards
    """One row per latent."""
    encoder: RowShards | None
    """The same of the encoder; None where it has no directions."""
    mapped: bool
    """Whether the rows are still in their file."""

    @property
    def width(self) -> int:
        """Number of latents."""
        return self.decoder.length

    @property
    def d_model(self) -> int:
        """Numbers of a direction."""
        return self.decoder.d_model

    def dense(self) -> Weights:
        """All directions in memory; an SAE without encoder directions has its decoder's
        in their place.
        """
        decoder = self.decoder.whole()
        encoder = decoder if self.encoder is None else self.encoder.whole()
        return Weights(encoder.T.contiguous(), decoder)


def audited_weights(what: Any, *, name: str = "") -> AuditedWeights:
    """The directions of an SAE that `saecore.open_sae` opens, or of one that it has
    opened.

    A safetensors file of SAELens or sparsify stays where it is, and rows are read from
    it when they are asked for, in float32 (norms play no part in what is measured of
    them, so settings that only scale a direction are left aside); anything else is
    opened whole. Raises ValueError where `open_sae` does, for weights that are not
    finite among others.
    """
    if isinstance(what, OpenedSAE):
        return _of_opened(what, name or type(what).__name__)
    name = name or (" ".join(what) if isinstance(what, tuple) else name_of_path(what))
    found = _mapped(Path(what), name) if isinstance(what, str | Path) else None
    return found or _of_opened(open_sae(what), name)


def name_of_path(path: str | Path) -> str:
    """The last two parts of a path, or the whole name of something else."""
    return "/".join(Path(path).parts[-2:]) if Path(path).is_absolute() else str(path)


def _of_opened(sae: Any, name: str) -> AuditedWeights:
    w_enc = getattr(sae, "W_enc", None)
    encoder = None if w_enc is None else shards_of(w_enc.detach().T)
    decoder = shards_of(sae.W_dec.detach())
    return AuditedWeights(
        name, str(sae.architecture), dict(sae.metadata), decoder, encoder, False
    )


def _mapped(folder: Path, name: str) -> AuditedWeights | None:
    """The weights of a folder in their file; None for what has to be opened whole, or
    is to be refused by `open_sae`.
    """
    if folder.is_file():
        folder = folder.parent
    lens, sparse = folder / "sae_weights.safetensors", folder / "sae.safetensors"
    if not (folder / "cfg.json").is_file() or not (lens.is_file() or sparse.is_file()):
        return None
    cfg = read_json(folder / "cfg.json")
    if lens.is_file():
        settings = settings_of(cfg)
        if settings.architecture not in (*WEIGHTS, "batchtopk", "matryoshka_batchtopk"):
            return None
        said = settings.architecture, settings.metadata
        return _from_file(lens, name, said, ("W_enc", True))
    if cfg.get("transcode") or cfg.get("skip_connection"):
        return None
    said = "topk", {"format": "sparsify", "hook_name": folder.resolve().name}
    return _from_file(sparse, name, said, ("encoder.weight", False))


def _from_file(
    path: Path, name: str, said: tuple[str, dict[str, Any]], encoder: tuple[str, bool]
) -> AuditedWeights | None:
    """Rows of W_dec, and of the encoder, which may be turned."""
    from safetensors import SafetensorError, safe_open

    try:
        file = safe_open(path, framework="pt")
    except (SafetensorError, OSError):
        return None
    names = set(file.keys())
    if encoder[0] == "encoder.weight" and names != _SPARSIFY:
        return None
    if not {encoder[0], "W_dec"} <= names:
        return None
    shape = tuple(file.get_slice("W_dec").get_shape())
    other = tuple(file.get_slice(encoder[0]).get_shape())
    if len(shape) != 2 or other != (shape[::-1] if encoder[1] else shape):
        return None
    decoder = _shards(file, "W_dec", shape, turned=False)
    columns = _shards(file, encoder[0], shape, turned=encoder[1])
    _check_numbers(file, names - {"W_dec", encoder[0]}, decoder, columns, encoder[0])
    dtype = str(file.get_slice("W_dec").get_dtype())
    metadata = {**said[1], "stored_dtype": dtype}
    return AuditedWeights(name, said[0], metadata, decoder, columns, True)


def _shards(file: Any, name: str, shape: tuple[int, ...], *, turned: bool) -> RowShards:
    def read(start: int, stop: int) -> Tensor:
        part = file.get_slice(name)
        rows = part[:, start:stop].T if turned else part[start:stop]
        return rows.to(torch.float32)

    return RowShards(shape[0], shape[1], read)


def _check_numbers(
    file: Any, small: set[str], decoder: RowShards, encoder: RowShards, name: str
) -> None:
    """Raises ValueError for numbers that are not finite, shard by shard."""
    checked_finite({one: file.get_tensor(one) for one in small})
    for start in range(0, decoder.length, SHARD_ROWS):
        stop = min(start + SHARD_ROWS, decoder.length)
        rows = {"W_dec": decoder.read(start, stop), name: encoder.read(start, stop)}
        checked_finite(rows)

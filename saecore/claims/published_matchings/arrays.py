"""The published matchings of 2501.16615: which latent of one SAE goes with which of
another, by decoders and by encoders.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

SEEDS = 9
NINE = "k32-sae-mlp-32k-seed{}-seed{}__layer6"
"""The name of one pair of the nine seeds (TopK, k 32, 32,768 latents), from 1 on."""


class MatchedPair(NamedTuple):
    """Two SAEs, matched one to one (Hungarian) twice: latent i of the first goes with
    latent `p[i]` of the second.
    """

    decoder: Int[Tensor, " latent"]
    encoder: Int[Tensor, " latent"]

    @property
    def agreement(self) -> float:
        """Share of latents that both matchings give the same partner, at any cosine."""
        return float((self.decoder == self.encoder).double().mean())


def read_pairs(path: Path) -> dict[str, MatchedPair]:
    """All pairs of a .npz file with arrays `decoder_<name>` and `encoder_<name>`.

    Nothing is unpickled. Raises ValueError for another file, for a matching without its
    twin, and for one that is not one to one.
    """
    arrays = _arrays(path)
    names = {name.partition("_")[2] for name in arrays}
    kinds = ("decoder", "encoder")
    if lone := [
        n for n in sorted(names) if any(f"{k}_{n}" not in arrays for k in kinds)
    ]:
        raise ValueError(
            "each pair of SAEs must have a matching by decoders and one by encoders, "
            f"but {path} lacks one for {lone[:3]}: fetch the file again"
        )
    return {
        name: MatchedPair(*(arrays[f"{kind}_{name}"] for kind in kinds))
        for name in sorted(names)
    }


def _arrays(path: Path) -> dict[str, Tensor]:
    try:
        with np.load(path, allow_pickle=False) as file:
            found = {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, AttributeError, BadZipFile) as error:
        raise ValueError(
            f"matchings must be a .npz file of plain arrays, but {path} is not: {error}"
        ) from None
    return {name: _one_to_one(name, array) for name, array in found.items()}


def _one_to_one(name: str, array: np.ndarray) -> Tensor:
    size = array.size
    whole = array.ndim == 1 and array.dtype.kind in "iu" and size > 0
    if not whole or not np.array_equal(np.sort(array), np.arange(size)):
        raise ValueError(
            "a matching must give each latent a partner of its own, numbered from 0, "
            f"but {name!r} (shape {array.shape}, {array.dtype}) does not"
        )
    return torch.from_numpy(array.astype(np.int64))


def partners_of_nine(
    pairs: Mapping[str, MatchedPair], kind: str
) -> Int[Tensor, "seed seed latent"]:
    """Partners of every latent in every other seed, by "decoder" or "encoder".

    A seed is its own partner; a pair that was not published is -1 throughout.
    """
    there = {
        (s, t): getattr(pairs[name], kind)
        for s in range(SEEDS)
        for t in range(s + 1, SEEDS)
        if (name := NINE.format(s + 1, t + 1)) in pairs
    }
    if not there:
        raise ValueError(
            f"the nine seeds are named like {NINE.format(1, 3)!r}, but no pair is: "
            "take the authors' own names"
        )
    own = torch.arange(len(next(iter(there.values()))))
    partner = torch.full((SEEDS, SEEDS, len(own)), -1)
    partner[range(SEEDS), range(SEEDS)] = own
    for (s, t), forward in there.items():
        partner[s, t] = forward
        partner[t, s, forward] = own
    return partner

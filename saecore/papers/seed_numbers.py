"""Numbers about SAEs that differ in their seed alone (Paulo and Belrose 2501.16615),
from the released weights.
"""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from saecore.measures.algebra.assignment import Assignment
from saecore.measures.seeds.chance import shares
from saecore.measures.seeds.many_seeds import (
    SeedPairs,
    alone,
    appearances,
    histogram,
    triple_consistency,
)
from saecore.measures.seeds.matching import DEFINITIONS, Definition, Matching, shared
from saecore.papers.opened import FetchedSAEs
from saecore.papers.releases import OwnNumbers
from saecore.places import as_others

SEED_LEVEL = 0.95
COUNTED_BY: Definition = "both"
"""The definition by which the authors' notebook counts in how many seeds a latent
appears.
"""


def first_pair(saes: FetchedSAEs, kept: Path) -> OwnNumbers:
    """Shares by every definition, agreement and mean cosines of the first two SAEs."""
    found = _matched(saes, 0, 1, kept)
    numbers: OwnNumbers = {
        f"shared ({name})/first pair": found.share(name) for name in DEFINITIONS
    }
    means = {
        "agreement": found.same,
        "decoder cosine": found.cosine_dec,
        "encoder cosine": found.cosine_enc,
        "largest decoder cosine": found.decoder.nearest,
        "largest encoder cosine": found.encoder.nearest,
    }
    numbers |= {
        f"{name}/first pair": float(one.double().mean()) for name, one in means.items()
    }
    draw = torch.Generator().manual_seed(0)
    by_chance = shares(saes[0], saes[1], generator=draw, threshold=found.threshold)
    return numbers | {
        f"shared by chance ({name})/first pair": one for name, one in by_chance.items()
    }


def all_pairs(
    saes: FetchedSAEs, kept: Path, say: Callable[[str], None] = print
) -> OwnNumbers:
    """The same over all pairs with intervals over seeds, in how many seeds a latent
    appears, the curve of orphans, and whether matchings fit together.

    Two SAEs are in memory at a time; matched pairs are kept below `kept`, so that a
    stopped run goes on.
    """
    matchings = {}
    every = list(itertools.combinations(range(len(saes)), 2))
    for number, (s, t) in enumerate(every, 1):
        found = _matched(saes, s, t, kept)
        matchings[s, t], matchings[t, s] = found, found.flip()
        say(f"   pair {number} of {len(every)}: {found.share():.1%} shared")
    return _of_pairs(SeedPairs(matchings, len(saes)))


def _of_pairs(pairs: SeedPairs) -> OwnNumbers:
    times = histogram(appearances(pairs.flags(COUNTED_BY)))
    numbers: OwnNumbers = {
        f"shared ({name})/all pairs": list(pairs.share(name, level=SEED_LEVEL).triple)
        for name in DEFINITIONS
    }
    numbers |= {
        f"in {count} seeds/nine seeds": float(share)
        for count, share in enumerate(times, 1)
    }
    numbers |= {
        "in one seed alone/nine seeds": float(times[0]),
        "in all seeds/nine seeds": float(times[-1]),
        "triple consistency/all pairs": triple_consistency(pairs.partners()),
    }
    return numbers | {
        f"in no other of {seeds} seeds/nine seeds": float(share)
        for seeds, share in enumerate(alone(times), 1)
        if seeds > 1
    }


def _matched(saes: FetchedSAEs, s: int, t: int, kept: Path) -> Matching:
    """A matching from the disk, or made and kept there."""
    digests = [saes.digest(saes.saes[one].name).replace("/", "-") for one in (s, t)]
    path = kept / f"{digests[0][:64]}-{digests[1][:64]}.safetensors"
    threshold = saes.release.threshold
    if path.is_file():
        return _read(path, threshold)
    found = shared(saes[s], saes[t], threshold=threshold)
    kept.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    save_file(_as_tensors(found), part)
    as_others(part)
    part.replace(path)
    return found


def _as_tensors(found: Matching) -> dict[str, Tensor]:
    sides = {"decoder": found.decoder, "encoder": found.encoder}
    tensors = {
        f"{side}.{name}": torch.as_tensor(value).contiguous()
        for side, one in sides.items()
        for name, value in one._asdict().items()
    }
    return tensors | {"encoder_at_decoder": found.encoder_at_decoder.contiguous()}


def _read(path: Path, threshold: float) -> Matching:
    tensors = load_file(path)

    def side(name: str) -> Assignment:
        fields: dict[str, Any] = {
            field: tensors[f"{name}.{field}"] for field in Assignment._fields
        }
        numbers = {field: fields[field].item() for field in ("total", "gap", "rounds")}
        return Assignment(**(fields | numbers))

    at = tensors["encoder_at_decoder"]
    return Matching(side("decoder"), side("encoder"), at, threshold)

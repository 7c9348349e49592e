"""What a part of a release costs before it is run, worked out from sizes by stated
formulas.

Bytes are those of the files (`Release.weight_bytes`, `Release.model_bytes`). Seconds
are floating-point operations over `OPERATIONS`, and for matchings the seconds that were
measured at 131,072 latents of 128 coordinates, scaled by width^2 d_model. Memory is
what must lie there at once, and `LIBRARIES`.
"""

import itertools
from typing import NamedTuple

from saecore.papers.releases import Release, text_repo

OPERATIONS = 5e10
"""Operations per second of two CPU cores; a T4 does fifty times as many."""
LIBRARIES = 1.2e9
"""Bytes of the process before it has opened anything."""
MATCHING = (100.7, 131_072, 128)
"""Seconds of one matching, its width and d_model (book/results/bench/assignment.json).
"""
OPENING = 3
"""Copies of the weights while an SAE is opened: the file, its tensors, and in float32
with the encoder turned round.
"""
META_WIDTH, META_ACTIVE, META_STEPS, META_BATCH = 2304, 4, 2000, 16_384
"""Of the paper's meta-SAE. Steps and batch are those of the post and of the authors'
stored configuration; the paper's own text says 4,096 rows and 2,000 epochs.
"""
TOKENS_READ = 50_000
"""Tokens whose activations are read unless told."""


class PartCost(NamedTuple):
    """What a part costs at most."""

    download: float
    """Bytes, if nothing was fetched before."""
    memory: float
    """Bytes at once, in main memory or (weights and rows) on a GPU."""
    seconds: float
    """On two CPU cores, without the download."""

    def __str__(self) -> str:
        minutes = max(1, round(self.seconds / 60))
        time = f"{minutes} min" if minutes < 120 else f"{minutes / 60:.0f} h"
        return (
            f"{self.download / 1e9:.1f} GB to fetch, {self.memory / 1e9:.1f} GB of "
            f"memory, about {time} on two CPU cores"
        )


class MetaSize(NamedTuple):
    """How much a meta-SAE of some decoder rows is trained."""

    width: int
    batch: int
    rows: int
    """Seen in training."""


def meta_size(rows: int) -> MetaSize:
    """The paper's sizes, or what fewer rows allow."""
    width = max(2 * META_ACTIVE, min(META_WIDTH, rows // 4))
    batch = min(META_BATCH, rows)
    return MetaSize(width, batch, META_STEPS * batch)


def cost_of(release: Release, part: str, *, rows: int = TOKENS_READ) -> PartCost:
    """The cost of one part of a release. Raises ValueError for a part that it does not
    have.
    """
    work = {
        "first pair": _pairs,
        "all pairs": _pairs,
        "widths": _widths,
        "rows of the decoder": _decoder,
        "meta-SAE": _meta,
        "activations": _activations,
    }
    if part not in release.parts:
        raise ValueError(
            f"the parts of {release.name} are {', '.join(release.parts)}, but {part!r} "
            "was asked for: correct --part"
        )
    return work[part](release, part, rows)


def used(release: Release, part: str) -> list[str]:
    """The names of the SAEs that a part opens."""
    names = [one.name for one in release.saes]
    if part == "first pair":
        return names[:2]
    if part == "meta-SAE":
        return [release.meta_of]
    if part == "rows of the decoder":
        return names[: names.index(release.meta_of) + 1]
    return names


def _download(release: Release, part: str) -> float:
    wanted = used(release, part)
    return sum(release.weight_bytes(one) for one in release.saes if one.name in wanted)


def _two(release: Release, part: str) -> float:
    """Memory for two SAEs, the second one while it is being opened."""
    wanted = used(release, part)
    sizes = [release.weight_bytes(one) for one in release.saes if one.name in wanted]
    return LIBRARIES + (1 + OPENING) * max(sizes)


def _pairs(release: Release, part: str, rows: int) -> PartCost:
    number = len(used(release, part))
    seconds, width, d_model = MATCHING
    one = seconds * (release.saes[0].width / width) ** 2 * release.d_model / d_model
    pairs = number * (number - 1) / 2
    return PartCost(_download(release, part), _two(release, part), 2 * one * pairs)


def _widths(release: Release, part: str, rows: int) -> PartCost:
    """2 m m' d operations per pair, twice for neighbours in width, whose families need
    every cosine again.
    """
    widths = [one.width for one in release.saes]
    pairs = sum(a * b for i, a in enumerate(widths) for b in widths[i + 1 :])
    again = sum(a * b for a, b in itertools.pairwise(widths))
    operations = 2.0 * release.d_model * (pairs + again)
    return PartCost(
        _download(release, part), _two(release, part), operations / OPERATIONS
    )


def _decoder(release: Release, part: str, rows: int) -> PartCost:
    """2 m^2 d operations for neighbours within each decoder; pursuits are small."""
    wanted = used(release, part)
    squares = sum(one.width**2 for one in release.saes if one.name in wanted)
    seconds = 2.0 * release.d_model * squares / OPERATIONS
    return PartCost(_download(release, part), _two(release, part), seconds)


def _meta(release: Release, part: str, rows: int) -> PartCost:
    """Twice (with the null) 6 w d operations for each row seen in training."""
    (sae,) = (one for one in release.saes if one.name == release.meta_of)
    size = meta_size(sae.width)
    operations = 2 * 6.0 * size.rows * size.width * release.d_model
    return PartCost(
        _download(release, part), _two(release, part), operations / OPERATIONS
    )


def _activations(release: Release, part: str, rows: int) -> PartCost:
    """2 operations per parameter of the model and token, for the rows and for six
    losses on some of the texts, and 2 m d per row for every encoder.
    """
    size = release.parameters * (4 if release.dtype == "float32" else 2)
    widths = sum(one.width for one in release.saes)
    loss_rows = min(rows, 64 * release.context) * 4 * len(release.saes)
    operations = 2.0 * release.parameters * (rows + loss_rows)
    operations += 2.0 * rows * release.d_model * widths
    memory = _two(release, part) + size + 8 * rows * release.d_model
    fetch = _download(release, part) + release.model_bytes + text_repo()[1]
    return PartCost(fetch, memory, operations / OPERATIONS)

"""Numbers about SAEs of several widths (Leask et al. 2502.04878), from the released
decoders alone.
"""

import itertools

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.measures.algebra.nearest import nearest, unit_rows
from saecore.measures.dictionary.nulls import same_moments
from saecore.measures.meta.variance_explained import (
    by_pursuit,
    isotropic,
    principal_axes,
    random_rows,
)
from saecore.measures.stitching.families import linked_families, links
from saecore.papers.cost import META_ACTIVE, META_WIDTH
from saecore.papers.opened import FetchedSAEs
from saecore.papers.releases import OwnNumbers

PURSUED = 4096
"""Decoder rows that nulls are measured on, at most half of them: standard errors below
half a per cent.
"""


def novel_latents(saes: FetchedSAEs) -> OwnNumbers:
    """For every pair of widths the share of the larger SAE's latents that have a
    partner in the smaller by eq 6 (figure 16b) and how many have none; for neighbours
    the families (figure 12) and whether one of them holds nearly all.

    Two decoders are in memory at a time.
    """
    numbers: OwnNumbers = {}
    names, above = [one.name for one in saes.saes], saes.release.threshold
    for i, small in enumerate(names[:-1]):
        first = unit_rows(saes[i].W_dec)
        for j, large in enumerate(names[i + 1 :], i + 1):
            second, pair = unit_rows(saes[j].W_dec), f"{large} in {small}"
            best = nearest(second, first).value[:, 0]
            numbers[f"reconstruction/{pair}"] = float((best > above).double().mean())
            numbers[f"novel/{pair}"] = int((best <= above).sum())
            numbers[f"median cosine/{pair}"] = float(best.median())
            if j == i + 1:
                numbers |= _families(first, second, above, pair)
                chance = nearest(second, structureless(first)).value[:, 0] > above
                numbers[f"reconstruction by chance/{pair}"] = float(
                    chance.double().mean()
                )
    return numbers


def structureless(rows: Tensor) -> Tensor:
    """As many unit Gaussian rows of the same mean and covariance."""
    draw = torch.Generator().manual_seed(1)
    noise = torch.randn(rows.shape, generator=draw, dtype=torch.float64)
    return unit_rows(same_moments(rows, noise).float())


def _families(small: Tensor, large: Tensor, above: float, pair: str) -> OwnNumbers:
    found = linked_families(links(_Rows(small), _Rows(large), above=above))
    kinds = found.kinds
    return {
        f"families 1-1/{pair}": kinds.get((1, 1), 0),
        f"families 1-2/{pair}": kinds.get((1, 2), 0),
        f"families/{pair}": len(found.sizes),
        f"largest family/{pair}": found.largest,
        f"lost/{pair}": int(found.lost.sum()),
    }


class _Rows:
    """Decoder rows where a dictionary is asked for its directions alone."""

    def __init__(self, rows: Tensor) -> None:
        self.W_dec = rows

    def encode(self, x: Tensor) -> Tensor:
        raise ValueError("decoder rows alone encode nothing: open the SAE")

    def decode(self, latents: Tensor) -> Tensor:
        return latents @ self.W_dec


def decoder_geometry(saes: FetchedSAEs) -> OwnNumbers:
    """What a meta-SAE's input looks like, and what chance explains of it: nearest
    neighbours within a decoder (figure 6), and the variance explained by 4 directions
    of 2,304 that nobody trained, found by matching pursuit.

    The directions are the SAE's own rows drawn at random, isotropic ones, the principal
    axes, and the rows of the next smaller SAEs in the release. All are measured on the
    same rows, which are not among the drawn ones.
    """
    release = saes.release
    names = [one.name for one in saes.saes]
    at = names.index(release.meta_of)
    draw = torch.Generator().manual_seed(0)
    rows = unit_rows(saes[at].W_dec)
    order = torch.randperm(len(rows), generator=draw)
    number = min(PURSUED, len(rows) // 2)
    asked, rest = rows[order[:number]], rows[order[number:]]
    numbers: OwnNumbers = {
        f"nearest row/{name}": nearest_neighbour(unit_rows(saes[i].W_dec))
        for i, name in enumerate(names[: at + 1])
    }
    width = min(META_WIDTH, len(rest))
    nulls = {
        "its own rows at random": random_rows(rest, width, generator=draw),
        "isotropic directions": isotropic(rows, width, generator=draw),
        "principal axes": principal_axes(rest),
    }
    nulls |= {f"rows of {names[i]}": unit_rows(saes[i].W_dec) for i in range(at)}
    for name, directions in itertools.islice(nulls.items(), 3 + min(at, 4)):
        found = by_pursuit(directions, asked, count=META_ACTIVE)
        numbers[f"explained by {name}/{names[at]}"] = found.plain
    return numbers


def nearest_neighbour(rows: Float[Tensor, "latent d_model"]) -> float:
    """Median over decoder rows of the cosine with the nearest other row."""
    return float(nearest(rows, rows, count=2).value[:, 1].median())

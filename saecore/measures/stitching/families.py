"""Families: which latents of a small and a large dictionary belong together, and swaps
of whole families.

Two latents, one of each dictionary, are linked if the cosine of their decoder rows is
above a threshold. A family is a connected component with latents on both sides (Leask
et al. 2502.04878, section 4.2, figures 3 and 12). Latents without a link are alone:
large ones are *novel by cosine*, small ones have been lost.
"""

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.measures.algebra.nearest import TILE_ROWS, same_space, unit_rows
from saecore.measures.dictionary.encoded import CHUNK_ENTRIES, Encoded, pair, part
from saecore.shapes import Dictionary, Rows
from saecore.sparse import pointers_of, row_of, weighted_sums

GIANT = (0.5, 0.1)  # more than half of the linked latents, and more than a tenth of all


class Links(NamedTuple):
    """Pairs of latents whose decoder rows have a cosine above a threshold."""

    small: Int[Tensor, "link"]
    """Latent of the small dictionary."""
    large: Int[Tensor, "link"]
    """Latent of the large one."""
    cosine: Float[Tensor, "link"]
    widths: tuple[int, int]
    """Of the two dictionaries."""
    above: float
    """The threshold."""


def links(
    small: Dictionary | Encoded, large: Dictionary | Encoded, *, above: float
) -> Links:
    """Links: the pairs of latents whose decoder cosine is above a threshold.

    The paper takes 0.7 for GPT-2. Raises ValueError where d_model differs.
    """
    same_space(small.W_dec, large.W_dec)
    rows, columns = unit_rows(small.W_dec), unit_rows(large.W_dec)
    found = []
    for start in range(0, len(rows), TILE_ROWS):
        tile = rows[start : start + TILE_ROWS] @ columns.T
        i, j = (tile > above).nonzero(as_tuple=True)
        found.append((i + start, j, tile[i, j]))
    i, j, cosine = (torch.cat(part) for part in zip(*found, strict=True))
    return Links(i, j, cosine, (len(rows), len(columns)), above)


class LinkedFamilies(NamedTuple):
    """The connected components of the links above one threshold."""

    small: Int[Tensor, "other"]
    """Family of each latent of the small dictionary, -1 if alone."""
    large: Int[Tensor, "latent"]
    """Family of each latent of the large one, -1 if alone."""
    sizes: Int[Tensor, "family two"]
    """Latents of the small and of the large dictionary, largest family first."""
    threshold: float
    """Cosine above which latents are linked."""

    @property
    def novel(self) -> Bool[Tensor, "latent"]:
        """Latents of the large dictionary without a link: the paper's stand-in for
        "lowers the error".
        """
        return self.large < 0

    @property
    def lost(self) -> Bool[Tensor, "other"]:
        """Latents of the small dictionary without a link: the paper leaves them out."""
        return self.small < 0

    @property
    def kinds(self) -> dict[tuple[int, int], int]:
        """How many families have (small, large) so many latents (figure 12), the
        commonest first.
        """
        counts = Counter((int(a), int(b)) for a, b in self.sizes.tolist())
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    @property
    def largest(self) -> float:
        """Share of the linked latents, of both dictionaries, that the largest family
        holds.
        """
        return (
            int(self.sizes[0].sum()) / int(self.sizes.sum()) if len(self.sizes) else 0.0
        )

    @property
    def giant(self) -> bool:
        """Whether one family holds more than half of the linked latents and a tenth of
        all latents.

        Then a swap of families is no longer a local exchange: it replaces one
        dictionary by the other.
        """
        share, tenth = GIANT
        everyone = len(self.small) + len(self.large)
        return self.largest > share and int(self.sizes[0].sum()) > tenth * everyone


def linked_families(found: Links, *, threshold: float | None = None) -> LinkedFamilies:
    """Families: connected components of the links, at their own threshold or a higher
    one.

    Raises ValueError for a threshold below that of the links.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    threshold = found.above if threshold is None else threshold
    if threshold < found.above:
        raise ValueError(
            f"families at a cosine of {threshold} need the links above it, but these "
            f"are those above {found.above}: make links at the lowest threshold"
        )
    m0, m1 = found.widths
    kept = (found.cosine > threshold).cpu()
    i, j = found.small.cpu()[kept], found.large.cpu()[kept]
    graph = coo_array(
        (torch.ones(len(i)).numpy(), (i.numpy(), (j + m0).numpy())),
        shape=(m0 + m1, m0 + m1),
    )
    label = torch.as_tensor(connected_components(graph, directed=False)[1]).long()
    sizes = torch.stack(
        [torch.bincount(part, minlength=m0 + m1) for part in (label[:m0], label[m0:])],
        1,
    )
    linked = ((sizes > 0).all(1)).nonzero().flatten()
    order = linked[sizes[linked].sum(1).argsort(descending=True, stable=True)]
    name = torch.full((m0 + m1,), -1)
    name[order] = torch.arange(len(order))
    return LinkedFamilies(name[label[:m0]], name[label[m0:]], sizes[order], threshold)


def percolation(found: Links, thresholds: Sequence[float]) -> list[LinkedFamilies]:
    """Percolation: the families at each of several thresholds. Where does a giant one
    appear?
    """
    return [linked_families(found, threshold=threshold) for threshold in thresholds]


class FamilySwaps(NamedTuple):
    """What each swap does alone: a family's small latents leave the small dictionary,
    its large ones join.
    """

    effect: Float[Tensor, "family"]
    """Change of the squared error, as in `Insertions`."""
    standard_error: Float[Tensor, "family"]
    """Over rows, or texts."""
    fired: Int[Tensor, "family"]
    """Rows that it changes."""
    l0: Float[Tensor, "family"]
    """Change of the mean number of active latents."""


def family_swaps(
    small: Dictionary | Encoded,
    large: Dictionary | Encoded,
    x: Rows,
    groups: LinkedFamilies,
    *,
    together: int = 1,
) -> FamilySwaps:
    """Family swaps: change of the error by each alone (figure 14), with the small
    dictionary's bias; `novelty` judges them.

    With u_t = sum over the family of q a d (q = 1 for latents that join, -1 for those
    that leave) and r the small dictionary's residual, effect = E |u|^2 - 2 E <u, r>.
    All families in one pass: entries of a row are summed family by family. `together`
    rows in a row, those of one text, count as one observation for the standard errors.
    Raises ValueError for dictionaries of different sites.
    """
    small, large, rest = pair(small, large, x)
    count = len(groups.sizes)
    totals = torch.zeros(4, count, dtype=torch.float64, device=rest.device)
    step = int(CHUNK_ENTRIES / ((small.l0 + large.l0 + 1) * x.shape[1]))
    step = max(1, step // together) * together
    for start in range(0, len(x), step):
        rows = slice(start, min(start + step, len(x)))
        totals += _swapped(small, large, rest[rows], rows, groups, together)
    n, blocks = max(len(x), 1), max(math.ceil(len(x) / together), 2)
    effect, l0 = totals[0] / n, totals[3] / n
    squares = (totals[1] - totals[0].square() / blocks).clamp(min=0)
    error = (squares * blocks / (blocks - 1)).sqrt() / n
    return FamilySwaps(effect, error, totals[2].long(), l0)


def _swapped(
    small: Encoded,
    large: Encoded,
    rest: Tensor,
    rows: slice,
    groups: LinkedFamilies,
    together: int,
) -> Tensor:
    """Over some rows and per family: sum of the change, sum of squares of its sums over
    texts, rows that change, change of L0.
    """
    key, latent, value, sign = [], [], [], []
    count, first = len(groups.sizes), 0
    for one, own, q in ((small, groups.small, -1), (large, groups.large, 1)):
        entry = part(one.active, rows)
        member = own.to(rest.device)[entry.latent.long()]
        kept = member >= 0
        key.append(row_of(entry)[kept].long() * count + member[kept])
        latent.append(entry.latent[kept] + first)
        value.append(q * entry.value[kept])
        sign.append(torch.full_like(member[kept], q, dtype=torch.float64))
        first = one.width
    family = torch.cat(key) % max(count, 1)
    ordered, order = torch.cat(key).sort(stable=True)
    cell, entries = ordered.unique_consecutive(return_counts=True)
    at, strength = torch.cat(latent)[order], torch.cat(value)[order]
    w_dec = torch.cat([small.W_dec, large.W_dec])
    moved = weighted_sums(pointers_of(entries), at, strength, w_dec)
    change = (moved * (moved - 2 * rest[cell // max(count, 1)])).sum(
        1, dtype=torch.float64
    )
    own, text = cell % max(count, 1), cell // max(count, 1) // together
    ofs, place = (text * count + own).unique(return_inverse=True)
    of_text = torch.bincount(place, weights=change, minlength=len(ofs))
    weighted = (
        (own, change),
        (ofs % max(count, 1), of_text.square()),
        (own, torch.ones_like(change)),
        (family, torch.cat(sign)),
    )
    return torch.stack(
        [torch.bincount(at, weights=w, minlength=count) for at, w in weighted]
    )

"""SAE stitching: what a small dictionary gains from each single latent of a larger one,
all of them in one pass.

Leask et al. (2502.04878, section 4) put latents of a large SAE into a small one. A
latent that lowers the squared error is *novel* (the small SAE lacked it), one that
raises it repeats what is there (`novelty`). They ran the stitched SAE once per latent;
with both SAEs encoded once, every effect follows from sums over the active entries. No
public code of the authors exists. Every latent keeps its own encoder and its
activations on the rows, also in TopK SAEs, where the union is *not* selected anew.

The neighbours: `cosine_proxy` (cosines that stand in for effects), `families`, `curves`
(many latents at once, in the order of `orders`), `refit` (bias exchange, new decoders).
"""

import math
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.measures.dictionary.encoded import (
    Encoded,
    mean_square,
    pair,
    part,
    row_chunks,
)
from saecore.measures.stitching.row_groups import groups_of, views
from saecore.shapes import Dictionary, Rows, RowScaled
from saecore.sparse import dots, pointers, row_of, weighted_sums


class Insertions(NamedTuple):
    """What happens to the small dictionary's squared error when one latent of the large
    one joins it.

    Errors are means over rows of the squared error summed over d_model.
    """

    effect: Float[Tensor, "latent"]
    """Change of the error; negative: the latent helps (float64)."""
    standard_error: Float[Tensor, "latent"]
    """Of the effect, from the spread over rows (or blocks of rows)."""
    fired: Int[Tensor, "latent"]
    """Rows on which the latent is active."""
    energy: Float[Tensor, "latent"]
    """E[a^2] |d|^2: what the latent adds to a reconstruction."""
    overlap: Float[Tensor, "latent"]
    """E[a <d, r>]: how much of it the residual r of the small one holds."""
    error: float
    """Error of the small dictionary alone."""
    d_model: int
    """Divide by it for errors per coordinate."""

    @property
    def live(self) -> Bool[Tensor, "latent"]:
        """Latents that fired."""
        return self.fired > 0

    @property
    def relative(self) -> Float[Tensor, "latent"]:
        """Effects as shares of the small dictionary's error."""
        return self.effect / self.error

    @property
    def scale(self) -> Float[Tensor, "latent"]:
        """Best factor s for the inserted activations, overlap / energy; 0 for dead
        latents.

        With the bias fixed, effect = energy (1 - 2 s): a latent lowers the error just
        if its best factor is above one half. Between 0 and 1/2 there is something to
        add, but less than half of what it adds.
        """
        return torch.where(
            self.energy > 0, self.overlap / self.energy.clamp(min=1e-300), 0.0
        )

    @property
    def scaled(self) -> Float[Tensor, "latent"]:
        """Effect at the best factor, -overlap^2 / energy: never positive (fitted on the
        same rows).
        """
        return -self.overlap * self.scale


def insertions(
    small: Dictionary | RowScaled | Encoded,
    large: Dictionary | RowScaled | Encoded,
    x: Rows,
    *,
    together: int = 1,
) -> Insertions:
    """SAE stitching: change of the small dictionary's error by every single latent of
    the large one.

    With r = x minus the small reconstruction, a_l and d_l activation and decoder row of
    the latent,

        effect_l = E[a_l^2] |d_l|^2 - 2 E[a_l <d_l, r>].

    The bias stays that of the small dictionary; eq 5 of 2502.04878 would move it by
    1 / (m_small + 1) of the way to the large one's (`curve` does so). Cost: one dot
    product per active entry, about that of decoding; sums in float64.

    `together` rows in a row, those of one text, count as one observation for the
    standard errors. Raises ValueError for dictionaries of different sites.
    """
    small, large, rest = pair(small, large, x)
    return inserted(large, rest, together=together)[0]


def inserted(
    large: Encoded,
    rest: Float[Tensor, "row d_model"],
    *,
    together: int = 1,
    groups: int = 1,
) -> list[Insertions]:
    """SAE stitching into whatever has left `rest` of the rows: what `insertions` gives
    for that of a small dictionary, and then the same without each of `groups` groups of
    rows (nothing more for one group).

    The groups are those of `groups_of`: whole texts of `together` rows. Their sums are
    made once, so that all of it costs what one of them does.
    """
    norm = large.W_dec.double().square().sum(1)
    slices = groups_of(len(rest), groups=groups, together=together)
    parts = [_sums(large, rest, rows, norm, together) for rows in slices]
    viewed = _Sums(
        *(views(torch.stack(several)) for several in zip(*parts, strict=True))
    )
    return [
        _from_sums(_Sums(*one), norm, large.W_dec.shape[1])
        for one in zip(*viewed, strict=True)
    ]


class _Sums(NamedTuple):
    """Sums over some rows."""

    term: Tensor
    """Per latent, of a^2 |d|^2 - 2 a <d, r>."""
    square: Tensor
    """Per latent, over blocks, of its sum squared."""
    energy: Tensor
    """Per latent, of a^2."""
    overlap: Tensor
    """Per latent, of a <d, r>."""
    fired: Tensor
    """Per latent, rows on which it is active."""
    error: Tensor
    """Of the squared norms of what is left."""
    rows: Tensor
    """Number of rows."""
    blocks: Tensor
    """Number of blocks of rows that count as one observation."""


def _sums(
    large: Encoded, rest: Tensor, rows: slice, norm: Tensor, together: int
) -> _Sums:
    totals = torch.zeros(5, large.width, dtype=torch.float64, device=rest.device)
    whole, here = part(large.active, rows), rest[rows]
    for within, active in row_chunks(whole, large.width, together):
        latent, value, some = active.latent.long(), active.value.double(), here[within]
        held = value * dots(active.crow, active.latent, some, large.W_dec).double()
        term = value.square() * norm[latent] - 2 * held
        block = row_of(active).long() // together
        totals[0] += _binned(latent, term, large.width)
        totals[1] += _by_block(term, latent, block, large.width, together)
        totals[2] += _binned(latent, value.square(), large.width)
        totals[3] += _binned(latent, held, large.width)
        totals[4] += torch.bincount(latent, minlength=large.width)
    numbers = (
        mean_square(here) * len(here),
        len(here),
        math.ceil(len(here) / together),
    )
    counts = (torch.tensor(one, dtype=torch.float64) for one in numbers)
    return _Sums(*totals, *counts)


def _from_sums(sums: _Sums, norm: Tensor, d_model: int) -> Insertions:
    n, blocks, fired = float(sums.rows), max(float(sums.blocks), 2.0), sums.fired.long()
    effect = sums.term / n
    squares = sums.square - n * effect * n * effect / blocks
    error = (squares.clamp(min=0) * blocks / (blocks - 1)).sqrt() / n
    effect = torch.where(fired > 0, effect, 0.0)
    energy = torch.where(fired > 0, sums.energy / n * norm, 0.0)
    return Insertions(
        effect, error, fired, energy, sums.overlap / n, float(sums.error) / n, d_model
    )


def _by_block(
    term: Tensor, latent: Tensor, block: Tensor, width: int, together: int
) -> Tensor:
    """Per latent, the sum over blocks of the squared sum of its terms."""
    if together == 1:
        return _binned(latent, term.square(), width)
    key, blocks = block * width + latent, int(block[-1]) + 1 if len(block) else 0
    return _binned(key, term, blocks * width).view(blocks, width).square().sum(0)


def _binned(index: Tensor, weight: Tensor, size: int) -> Tensor:
    return torch.bincount(index, weights=weight, minlength=size)


class Directed(NamedTuple):
    """The gain if the inserted latents could also choose their decoder row, judged on
    rows not fitted on.
    """

    direction: Float[Tensor, "latent d_model"]
    """E[a r] / E[a^2]: the best decoder row, all rows (float64)."""
    effect: Float[Tensor, "latent"]
    """Effect at the best row, -|E[a r]|^2 / E[a^2], same rows."""
    held_out: Float[Tensor, "latent"]
    """The same with rows fitted on one half and judged on the other."""


def directed(
    small: Dictionary | RowScaled | Encoded,
    large: Dictionary | RowScaled | Encoded,
    x: Rows,
) -> Directed:
    """Least-squares direction of every inserted latent, and its effect: is there
    anything to gain when it fires?

    effect_l = -|E[a_l r]|^2 / E[a_l^2]. In-sample this gain is never nothing, even for
    noise, so `held_out` fits the row on either half of the rows and judges it on the
    other: it may be positive. If a latent's own effect is positive but this one is
    clearly negative, the small dictionary lacks something on the rows where the latent
    fires, but not the latent's direction, or not as much of it. Needs E[a r], one more
    pass; latents that fire in one half alone gain nothing held out.
    """
    small, large, rest = pair(small, large, x)
    half = len(x) // 2
    held = [
        _moments(large, rest, part) for part in (slice(0, half), slice(half, len(x)))
    ]
    (p, s), (q, t) = held
    direction = (p + q) / (s + t).clamp(min=1e-300)[:, None]
    effect = -(p + q).square().sum(1) / (s + t).clamp(min=1e-300) / len(x)
    judged = torch.zeros_like(effect)
    for fit, energy, other, weight in ((p, s, q, t), (q, t, p, s)):
        row = fit / energy.clamp(min=1e-300)[:, None]
        judged += row.square().sum(1) * weight - 2 * (row * other).sum(1)
    return Directed(direction, effect, judged / len(x))


def _moments(large: Encoded, rest: Tensor, rows: slice) -> tuple[Tensor, Tensor]:
    """Sums over some rows of a r [latent, d_model] and of a^2 [latent], for every
    latent.
    """
    active = part(large.active, rows)
    _, latent, value = active
    row = row_of(active)
    order = latent.argsort(stable=True)
    ends = pointers(latent[order], large.width)
    product = weighted_sums(ends, row[order], value[order], rest[rows])
    return product.double(), _binned(
        latent.long(), value.double().square(), large.width
    )

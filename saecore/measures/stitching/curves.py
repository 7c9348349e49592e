"""Many latents at once: whole curves of insertions and removals in one pass, and swaps
one by one.

Every latent that moves is given the step at which it does. Row by row the active ones
are walked in that order and their changes of the squared error summed into their steps,
so a curve of any number of steps costs about two decodings (Leask et al. 2502.04878
evaluate one stitched SAE per point of figures 5 and 15).
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.measures.dictionary.encoded import Encoded, mean_square, pair, variance
from saecore.shapes import Dictionary, Rows, RowScaled
from saecore.sparse import Active, dots, from_matrix, matrix, pointers, row_of

BLOCK = 32  # events of a row that are worked off together
CHUNK_NUMBERS = 1_000_000  # of gathered directions: they should stay in the cache
CHUNK_STEPS = 4096


class StitchingCurve(NamedTuple):
    """The stitched dictionary before the first step and after each; errors as in
    `Insertions`.
    """

    fixed: Float[Tensor, "step"]
    """Error with the bias of the small dictionary throughout."""
    moving: Float[Tensor, "step"]
    """With the two biases mixed by the numbers of latents kept (eq 5)."""
    best: Float[Tensor, "step"]
    """With the best bias at each step."""
    l0: Float[Tensor, "step"]
    """Mean number of active latents per row."""
    latents: Int[Tensor, "step"]
    """Number of latents."""
    variance: float
    """Of the rows: an error divided by it is an fvu."""


def curve(
    small: Dictionary | RowScaled | Encoded,
    large: Dictionary | RowScaled | Encoded,
    x: Rows,
    *,
    insert: Int[Tensor, "latent"],
    remove: Int[Tensor, "other"] | None = None,
    steps: int | None = None,
) -> StitchingCurve:
    """Stitching curve: error and L0 while latents of `large` join `small` and latents
    of `small` leave it, step by step.

    `insert` gives each latent of `large` the step (0, 1, ...) at which it joins, -1 for
    never; `remove` each latent of `small` the step at which it leaves, -1 or None for
    never. Several may share a step: that is a swap. If r is what is left of a row so
    far, an insertion changes its squared error by |a d|^2 - 2 <a d, r>, a removal by |a
    d|^2 + 2 <a d, r>. With Er the mean of what is left and c the change of bias, a bias
    adds |c|^2 - 2 <c, Er>; the best one takes |Er|^2 off. Where dictionaries normalise
    rows, every row has a c of its own: E|c|^2 - 2 E<c, r>.

    Exact for activations that stay as they are (see `insertion`). Raises ValueError for
    dictionaries of different sites and for steps that do not fit them.
    """
    small, large, rest = pair(small, large, x)
    remove = torch.full((small.width,), -1) if remove is None else remove
    steps = _checked(small, large, remove, insert, steps)
    step = torch.cat([remove, insert]).long().to(rest.device)
    moving = (step >= 0).nonzero().flatten()
    moving = moving[step[moving].argsort(stable=True)]
    when, inserted = step[moving], moving >= small.width
    events, directions = _events(small, large, moving, inserted)
    change, mean = _walked(events, directions, rest)
    fixed = mean_square(rest) + _after(change, when, steps)
    joined, left = (_after(kind.long(), when, steps) for kind in (inserted, ~inserted))
    latents = small.width + joined - left
    mixed = joined.double() / latents.clamp(min=1)
    shift = (large.bias - small.bias).double()
    along, squares = _drift(
        rest.double().mean(0),
        mean[:, None] * directions.double(),
        when,
        steps,
        shift if shift.ndim == 1 else torch.zeros_like(shift[0]),
    )
    if shift.ndim == 2:
        along = _drift_by_row(rest, events, directions, when, steps, shift)
    fired = torch.where(inserted, 1, -1) * torch.cat([small.fired, large.fired])[moving]
    return StitchingCurve(
        fixed,
        fixed + mixed.square() * _square(shift) - 2 * mixed * along,
        fixed - squares,
        small.l0 + _after(fired, when, steps).double() / len(x),
        latents,
        variance(x),
    )


def _checked(
    small: Encoded, large: Encoded, remove: Tensor, insert: Tensor, steps: int | None
) -> int:
    """The number of steps. Raises ValueError unless every latent has one step, -1 or
    below `steps`.
    """
    last = int(torch.cat([remove, insert]).max()) if len(remove) + len(insert) else -1
    steps = last + 1 if steps is None else steps
    if len(remove) != small.width or len(insert) != large.width or last >= steps:
        raise ValueError(
            f"every latent needs one step below {steps} (-1: it stays as it is): "
            f"{small.width} to leave and {large.width} to join, got {len(remove)} and "
            f"{len(insert)}, the last step {last}"
        )
    return steps


def _after(values: Tensor, when: Tensor, steps: int) -> Tensor:
    """Sum of the values of all latents that moved, before the first step and after
    each.
    """
    out = torch.zeros(steps + 1, dtype=values.dtype, device=values.device)
    out[1:].index_add_(0, when, values)
    return out.cumsum(0)


def _events(
    small: Encoded, large: Encoded, moving: Tensor, inserted: Tensor
) -> tuple[Active, Tensor]:
    """The entries of the moving latents as CSR over their places in the order; removals
    count negative.
    """
    place = torch.full(
        (small.width + large.width,), -1, dtype=torch.int32, device=moving.device
    )
    place[moving] = torch.arange(len(moving), dtype=torch.int32, device=moving.device)
    parts = []
    for one, where, sign in (
        (small, place[: small.width], -1),
        (large, place[small.width :], 1),
    ):
        at = where[one.active.latent.long()]
        kept = at >= 0
        crow = pointers(row_of(one.active)[kept], one.rows)
        moved = Active(crow, at[kept], sign * one.active.value[kept])
        parts.append(matrix(moved, len(moving)))
    total = parts[0] + parts[1]  # disjoint columns
    total.sort_indices()
    directions = torch.cat(
        [small.W_dec[moving[~inserted]], large.W_dec[moving[inserted] - small.width]]
    )
    back = torch.cat(
        [(~inserted).nonzero().flatten(), inserted.nonzero().flatten()]
    ).argsort()
    return from_matrix(total, moving.device), directions[back]


def _walked(events: Active, directions: Tensor, rest: Tensor) -> tuple[Tensor, Tensor]:
    """Per moving latent: by how much it changes the mean squared error in its turn, and
    its mean value.
    """
    change, mean = (
        torch.zeros(len(directions), dtype=torch.float64, device=rest.device)
        for _ in range(2)
    )
    padded = torch.cat([directions, directions.new_zeros(1, directions.shape[1])])
    for rows, at, value in _padded(events, len(directions), directions.shape[1]):
        left = rest[rows]
        for start in range(0, at.shape[1], BLOCK):
            place, q = at[:, start : start + BLOCK], value[:, start : start + BLOCK]
            u = padded[place] * q[:, :, None]
            gram, held = u @ u.mT, (u @ left[:, :, None])[:, :, 0]
            term = gram.diagonal(dim1=1, dim2=2) - 2 * held + 2 * gram.tril(-1).sum(2)
            left = left - u.sum(1)
            for out, part in ((change, term), (mean, q)):
                weight = part.flatten().double()
                out += torch.bincount(
                    place.flatten(), weights=weight, minlength=len(padded)
                )[:-1]
    return change / len(rest), mean / len(rest)


def _padded(
    events: Active, none: int, d_model: int
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Rows with about equally many events together: their numbers, places and values,
    filled up with `none`, 0."""
    counts = torch.diff(events.crow).long()
    order = counts.argsort(descending=True)
    order = order[: int((counts > 0).sum())]
    start = 0
    while start < len(order):
        most = int(counts[order[start]])
        rows = order[
            start : start + max(1, CHUNK_NUMBERS // (min(most, BLOCK) * d_model))
        ]
        offset = torch.arange(most, device=counts.device)
        inside = offset < counts[rows, None]
        entry = torch.where(inside, events.crow[rows, None].long() + offset, 0)
        yield (
            rows,
            torch.where(inside, events.latent[entry].long(), none),
            torch.where(inside, events.value[entry], 0),
        )
        start += len(rows)


def _drift(
    mean: Tensor, by: Tensor, when: Tensor, steps: int, shift: Tensor
) -> tuple[Tensor, Tensor]:
    """The mean of what is left after each step: its products with `shift`, and its
    squared norms.
    """
    along, squares = [(mean @ shift)[None]], [mean.square().sum()[None]]
    for start in range(0, steps, CHUNK_STEPS):
        stop = min(start + CHUNK_STEPS, steps)
        inside = slice(
            *torch.searchsorted(
                when, torch.tensor([start, stop], device=when.device)
            ).tolist()
        )
        moved = by.new_zeros(stop - start, by.shape[1]).index_add_(
            0, when[inside] - start, by[inside]
        )
        means = mean - moved.cumsum(0)
        along.append(means @ shift)
        squares.append(means.square().sum(1))
        mean = means[-1]
    return torch.cat(along), torch.cat(squares)


def _drift_by_row(
    rest: Tensor,
    events: Active,
    directions: Tensor,
    when: Tensor,
    steps: int,
    shift: Tensor,
) -> Tensor:
    """The mean product of what is left of each row with the row's own `shift`, before
    the first step and after each.
    """
    held = dots(events.crow, events.latent, shift.to(directions), directions).double()
    moved = torch.bincount(
        events.latent, weights=events.value.double() * held, minlength=len(directions)
    ) / len(rest)
    return (rest.double() * shift).sum(1).mean() - _after(moved, when, steps)


def _square(shift: Tensor) -> Tensor:
    """The squared norm of a change of bias; its mean where every row has its own."""
    return shift.square().sum() if shift.ndim == 1 else shift.square().sum(1).mean()

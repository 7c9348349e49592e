"""Do few directions make up the decoder rows of an SAE? Variance explained, and what
explains as much by chance.

Leask et al. (2502.04878, section 5) train a small SAE, the meta-SAE, on the decoder
rows of a large one and print 55.47 % of the variance explained: on the rows it was
trained on, without centring, and beside a baseline that any dictionary beats. Here rows
may be held out, both definitions are given, and every null is a dictionary itself.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from saecore.measures.algebra.matching_pursuit import pursue, pursue_nonnegative
from saecore.measures.dictionary.fidelity import fvu
from saecore.measures.dictionary.row_units import one_decoder
from saecore.shapes import Dictionary, Directions, Rows, RowScaled


class VarianceExplained(NamedTuple):
    """How much of some rows a dictionary explains with few of its directions."""

    plain: float
    """1 - sum |x - y|^2 / sum |x|^2: the paper's number (derived from its errors; the
    mean counts as explained).
    """
    centred: float
    """1 - sum |x - y|^2 / sum |x - mean|^2, about the mean of these rows: 1 - fvu."""
    active: float
    """Mean number of directions in use per row."""


def variance_explained(
    rows: Rows, rebuilt: Rows, *, active: float = float("nan")
) -> VarianceExplained:
    """Variance explained by `rebuilt`, a reconstruction of `rows`, without and with
    centring; in float64.

    Negative where the reconstruction is worse than nothing at all (plain), or than the
    mean (centred). Raises ValueError where `fvu` does: for arrays of different shapes
    and for rows that are all alike.

    >>> rows = torch.tensor([[3.0, 0.0], [0.0, 4.0]])
    >>> found = variance_explained(rows, torch.tensor([[3.0, 0.0], [0.0, 2.0]]))
    >>> round(found.plain, 2), round(found.centred, 2)
    (0.84, 0.68)
    """
    centred, x = 1 - fvu(rows, rebuilt), rows.double()
    left = (x - rebuilt.double()).square().sum()
    return VarianceExplained(float(1 - left / x.square().sum()), centred, active)


def by_encoding(meta: Dictionary | RowScaled, rows: Rows) -> VarianceExplained:
    """Variance explained by a dictionary as it stands: encode, decode. Raises
    ValueError for one that normalises rows (`one_decoder`).
    """
    meta = one_decoder(meta, "variance explained by a meta-SAE")
    latents = meta.encode(rows)
    return variance_explained(
        rows, meta.decode(latents), active=float((latents != 0).sum(1).double().mean())
    )


def by_pursuit(
    directions: Directions,
    rows: Rows,
    *,
    count: int,
    centre: Float[Tensor, " d_model"] | None = None,
    signed: bool = True,
) -> VarianceExplained:
    """Variance explained by `count` of the directions at best, as far as greed finds
    them.

    Orthogonal matching pursuit about `centre` (default 0; for a meta-SAE its b_dec, for
    other dictionaries the mean of the rows that they were made of), with weights of
    either sign unless not `signed`. The same for every dictionary, so it compares
    directions alone and shows what a trained encoder leaves on the table.
    """
    centre = torch.zeros_like(rows[0]) if centre is None else centre
    greedy = pursue if signed else pursue_nonnegative
    found = greedy(rows - centre, directions, count=count)
    return variance_explained(
        rows, found.rebuilt(directions) + centre, active=float(count)
    )


class StrawMan(NamedTuple):
    """Random directions under an encoder that was trained for others; see
    `straw_man`.
    """

    drawn: float
    """Variance explained without centring, one draw."""
    expected: float
    """Its expectation: -(sum |z|^2 + sum |x - b|^2 - sum |x|^2) / sum |x|^2."""


def straw_man(
    meta: Dictionary | RowScaled, rows: Rows, *, generator: Generator
) -> StrawMan:
    """Random baseline as published: a meta-SAE's own activations z, its directions
    replaced by random unit ones.

    The post behind 2502.04878 prints an error of .00191, which is -46.7 %. It is below
    zero by construction: random directions u_m are orthogonal to the row on average, so
    all that they add is error, E |x - b - sum_m z_m u_m|^2 = |x - b|^2 + |z|^2. So the
    better the meta-SAE (the larger |z|), the worse its "chance". Not a null: a fair one
    lets the random directions choose their own activations (`by_pursuit`). Raises
    ValueError where `by_encoding` does.
    """
    meta = one_decoder(meta, "the random baseline of a meta-SAE")
    z = meta.encode(rows)
    bias = meta.decode(torch.zeros_like(z[:1]))
    random = torch.randn(meta.W_dec.shape, generator=generator).to(rows)
    random = random / random.norm(dim=1, keepdim=True)
    total = rows.double().square().sum()
    added = z.double().square().sum() + (rows - bias).double().square().sum() - total
    return StrawMan(
        variance_explained(rows, z @ random + bias).plain, float(-added / total)
    )


def principal_axes(rows: Rows) -> Float[Tensor, "d_model d_model"]:
    """Principal axes of the rows about their mean (PCA), all of them, the strongest
    first.

    A pursuit with orthonormal atoms keeps the k largest coefficients of each row: PCA
    with k components *active*, as a meta-SAE has, and not the same k for all rows.
    """
    x = rows.double() - rows.double().mean(0)
    return torch.linalg.eigh(x.T @ x).eigenvectors.flip(1).T.to(rows.dtype).contiguous()


def random_rows(
    rows: Rows, count: int, *, generator: Generator
) -> Float[Tensor, "count d_model"]:
    """Random rows: `count` of them, drawn without replacement. Raises ValueError for
    more than there are."""
    if not 1 <= count <= len(rows):
        raise ValueError(
            f"between 1 and all {len(rows)} rows can be drawn, got {count}; ask for "
            "fewer"
        )
    return rows[torch.randperm(len(rows), generator=generator)[:count].to(rows.device)]


def isotropic(
    rows: Rows, count: int, *, generator: Generator
) -> Float[Tensor, "count d_model"]:
    """Isotropic random directions, `count` of norm 1 in the rows' space: the random
    baseline whose encoder may be refitted.
    """
    drawn = torch.randn(count, rows.shape[1], generator=generator).to(rows)
    return drawn / drawn.norm(dim=1, keepdim=True)

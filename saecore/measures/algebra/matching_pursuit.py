"""Orthogonal matching pursuit: each row rebuilt from a few atoms, many rows at a
time.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.measures.algebra.nearest import TILE_ROWS, same_space, unit_rows
from saecore.shapes import Rows

SPENT = 1e-4
"""An atom of which less than this share (of its norm) is new direction adds nothing."""


class Pursuit(NamedTuple):
    """Orthogonal matching pursuit: what was chosen for each row; see `pursue`."""

    atom: Int[Tensor, "row step"]
    """Which atom was added at each step, best first."""
    weight: Float[Tensor, "row step"]
    """Least-squares weights of the chosen atoms as they were given (not scaled to norm
    1).
    """
    left: Float[Tensor, "row step"]
    """Squared norm of what is missing after each step; it never grows."""

    def rebuilt(self, atoms: Float[Tensor, "atom d_model"]) -> Rows:
        """The sum of weight * atom for each row, from the same atoms."""
        return (self.weight[:, None] @ atoms[self.atom])[:, 0]

    def dense(self, atoms: int) -> Float[Tensor, "row atom"]:
        """The weights as an array with a column per atom."""
        return self.weight.new_zeros(len(self.weight), atoms).scatter_add_(
            1, self.atom, self.weight
        )


@torch.no_grad()
def pursue(
    rows: Rows, atoms: Float[Tensor, "atom d_model"], *, count: int = 4
) -> Pursuit:
    """Orthogonal matching pursuit: each row is rebuilt from `count` atoms, chosen
    greedily and weighted by least squares.

    At each step the atom with the largest absolute cosine with what is left joins, and
    all weights are refitted (Pati et al. 1993); weights may be negative, which the ReLU
    of an encoder forbids. 2 row atom d_model FLOP per step; the refit is a Gram-Schmidt
    step, so nothing is solved twice. Atoms that are zero or not finite (dead latents)
    are never used. Raises ValueError where the spaces differ or there are fewer than
    `count` atoms.
    """
    same_space(rows, atoms)
    if not 1 <= count <= len(atoms):
        raise ValueError(
            f"count must lie between 1 and the {len(atoms)} atoms, got {count}; ask "
            "for fewer"
        )
    rows = torch.where(torch.isfinite(rows), rows, 0).to(
        torch.promote_types(rows.dtype, torch.float32)
    )
    unit = unit_rows(atoms).to(rows.dtype)
    norms = atoms.to(rows.dtype).norm(dim=1)
    parts = [_tile(part, unit, norms, count) for part in rows.split(TILE_ROWS)]
    return Pursuit(*(torch.cat(part) for part in zip(*parts, strict=True)))


def _tile(
    rows: Tensor, unit: Tensor, norms: Tensor, count: int
) -> tuple[Tensor, Tensor, Tensor]:
    """One block of rows: `basis` holds the chosen atoms made orthonormal, `mixing` how
    they make it up.
    """
    chosen = torch.zeros(len(rows), 0, dtype=torch.int64, device=rows.device)
    basis = rows.new_zeros(len(rows), count, rows.shape[1])
    mixing = torch.eye(count, dtype=rows.dtype, device=rows.device).repeat(
        len(rows), 1, 1
    )
    gains = rows.new_zeros(len(rows), count)
    residual, left = rows, []
    for step in range(count):
        score = (residual @ unit.T).abs_().scatter_(1, chosen, -1.0)
        chosen = torch.cat([chosen, score.argmax(1, keepdim=True)], 1)
        _orthogonal(unit[chosen[:, step]], basis, mixing, step)
        gains[:, step] = (residual * basis[:, step]).sum(1)
        residual = residual - gains[:, step, None] * basis[:, step]
        left.append(residual.square().sum(1))
    weight = torch.linalg.solve_triangular(mixing, gains[:, :, None], upper=True)[
        :, :, 0
    ]
    weight = torch.where(gains == 0, 0, weight) / norms[chosen].clamp(min=1e-30)
    return chosen, torch.where(torch.isfinite(weight), weight, 0), torch.stack(left, 1)


def _orthogonal(new: Tensor, basis: Tensor, mixing: Tensor, step: int) -> None:
    """Append the part of `new` that is orthogonal to the basis (twice, for accuracy),
    scaled to norm 1.
    """
    along = torch.zeros_like(mixing[:, :step, step])
    direction = new
    for _ in range(2 if step else 0):
        more = (basis[:, :step] @ direction[:, :, None])[:, :, 0]
        direction = direction - (more[:, None] @ basis[:, :step])[:, 0]
        along = along + more
    norm = direction.norm(dim=1, keepdim=True)
    fresh = norm > SPENT
    basis[:, step] = torch.where(fresh, direction / norm.clamp(min=1e-30), 0)
    mixing[:, :step, step] = along
    mixing[:, step, step] = torch.where(fresh, norm, 1)[:, 0]


SWEEPS = 100
"""Passes of coordinate descent over the chosen atoms."""


@torch.no_grad()
def pursue_nonnegative(
    rows: Rows, atoms: Float[Tensor, "atom d_model"], *, count: int = 4
) -> Pursuit:
    """Non-negative orthogonal matching pursuit (Bruckstein, Elad and Zibulevsky 2008):
    `pursue` with weights that are not negative, as those of an encoder with a ReLU.

    At each step the atom with the largest cosine with what is left joins, and all
    weights are refitted by non-negative least squares (coordinate descent). Atoms that
    are zero or not finite are never used; raises ValueError as `pursue` does.
    """
    same_space(rows, atoms)
    if not 1 <= count <= len(atoms):
        raise ValueError(
            f"count must lie between 1 and the {len(atoms)} atoms, got {count}; ask "
            "for fewer"
        )
    x, unit = rows.double(), unit_rows(atoms).double()
    norms = atoms.double().norm(dim=1).clamp(min=1e-30)
    chosen = torch.zeros(len(x), 0, dtype=torch.int64)
    weight, residual, left = x.new_zeros(len(x), 0), x, []
    for _ in range(count):
        score = (residual @ unit.T).scatter_(1, chosen, -torch.inf)
        chosen = torch.cat([chosen, score.argmax(1, keepdim=True)], 1)
        start = torch.cat([weight, weight.new_zeros(len(x), 1)], 1)
        weight = _not_negative(x, unit[chosen], start)
        residual = x - (weight[:, None] @ unit[chosen])[:, 0]
        left.append(residual.square().sum(1))
    weight = torch.where(torch.isfinite(weight), weight / norms[chosen], 0)
    return Pursuit(chosen, weight.to(rows.dtype), torch.stack(left, 1).to(rows.dtype))


def _not_negative(x: Tensor, unit: Tensor, weight: Tensor) -> Tensor:
    """Non-negative least squares of each row on its own few unit directions."""
    gram, product = unit @ unit.mT, (unit @ x[:, :, None])[:, :, 0]
    weight = weight.clone()
    for _ in range(SWEEPS if weight.shape[1] > 1 else 1):
        for i in range(weight.shape[1]):
            other = (gram[:, i] * weight).sum(1) - gram[:, i, i] * weight[:, i]
            length = gram[:, i, i].clamp(min=1e-30)
            weight[:, i] = ((product[:, i] - other) / length).clamp(min=0)
    return weight

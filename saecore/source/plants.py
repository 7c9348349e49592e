"""The truth about families planted in rows: directions, parents, rates and names."""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.seeding import stable_seed


class Plants(NamedTuple):
    """The truth about a planting; feature indices agree with the columns of
    `Planted.latents`.
    """

    directions: Float[Tensor, "feature d_model"]
    """Orthonormal rows."""
    parent: Int[Tensor, " feature"]
    """Feature index of a child's parent, in both kinds of family, else -1."""
    hierarchical: Bool[Tensor, " feature"]
    """Whether the feature belongs to a hierarchical family, where children need their
    parent.
    """
    probability: Float[Tensor, " feature"]
    """Share of rows in which the feature fires."""
    name: tuple[str, ...]
    """Readable and unique: "hierarchical parent 3", "independent child 3.0"."""

    def parents(self, *, hierarchical: bool) -> Int[Tensor, " parent"]:
        """Feature indices of the parents of one kind of family."""
        return (
            ((self.parent < 0) & (self.hierarchical == hierarchical))
            .nonzero()
            .flatten()
        )


def families(
    pairs: int, children: int
) -> tuple[Int[Tensor, " feature"], Bool[Tensor, " feature"]]:
    """Hierarchical families, then as many independent ones, each of parents first, then
    children: whose child every feature is (-1: nobody's), and whether its family is
    hierarchical.
    """
    half = pairs * (1 + children)
    one = torch.full((half,), -1)
    one[pairs:] = torch.arange(pairs).repeat_interleave(children)
    parent = torch.cat([one, torch.where(one >= 0, one + half, -1)])
    return parent, torch.arange(2 * half) < half


def family_names(pairs: int, children: int) -> tuple[str, ...]:
    """Readable names of the features, in the order of `families`."""
    parents = [f"parent {i}" for i in range(pairs)]
    childs = [f"child {i}.{j}" for i in range(pairs) for j in range(children)]
    kinds = ("hierarchical", "independent")
    return tuple(f"{kind} {name}" for kind in kinds for name in parents + childs)


def orthonormal_directions(
    features: int, d_model: int, *, seed: int
) -> Float[Tensor, "feature d_model"]:
    """Haar: uniform among orthonormal sets, by the QR decomposition of a Gaussian with
    signs made positive.

    Raises ValueError if there are more features than dimensions.
    """
    if features > d_model:
        raise ValueError(
            f"planted directions are orthogonal, so at most d_model={d_model} of them "
            f"fit, but the recipe has {features}: plant fewer pairs or children"
        )
    generator = torch.Generator().manual_seed(stable_seed("planted directions", seed))
    normal = torch.randn(d_model, features, generator=generator, dtype=torch.float64)
    q, r = torch.linalg.qr(normal)
    return (q * r.diagonal().sign()).T.float().contiguous()

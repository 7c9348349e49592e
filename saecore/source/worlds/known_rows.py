"""Rows whose parts are known: independent directions, and bundles of them.

They stand in for the decoder rows of an SAE of the world: a meta-SAE must find nothing
in the first and much in the second.
"""

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from saecore.source.worlds.features import truth
from saecore.source.worlds.world import World


def world_atoms(
    world: World, count: int, *, generator: Generator
) -> Float[Tensor, "row d_model"]:
    """Directions of the world's features, and as many more drawn like them as are
    wanted: independent, uniform on the sphere, of norm 1.
    """
    true = truth(world).directions[:count]
    more = torch.randn(count - len(true), world.d_model, generator=generator)
    return torch.cat([true, _unit(more)])


def world_bundles(
    world: World, count: int, *, generator: Generator
) -> Float[Tensor, "row d_model"]:
    """Entities as the world makes them, of norm 1: a direction of its own and one
    attribute of every group. The world's own come first, then more drawn like them.
    """
    features = truth(world)
    made = features.composites()[features.entity][:count]
    rest, sums = count - len(made), torch.zeros(count - len(made), world.d_model)
    first = int(features.of_kind("attribute")[0])
    for _, size in world.groups:
        chosen = torch.randint(size, (rest,), generator=generator)
        sums += features.directions[first + chosen]
        first += size
    own = torch.randn(rest, world.d_model, generator=generator)
    return torch.cat([made, _unit(sums + _unit(own))])


def _unit(rows: Tensor) -> Tensor:
    return rows / rows.norm(dim=1, keepdim=True)

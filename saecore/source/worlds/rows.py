"""Worlds of features: synthetic rows whose true features are known exactly.

A row is a sparse sum of unit directions and noise,

    row = sum over active features f of activation_f * direction_f + noise * N(0, I),

with five kinds of features, in this order:

  * *parents* and *children*: a child fires only in rows where its parent fires, and the
  children of one parent exclude each other (the hierarchy in which absorption happens,
  Chanin et al. 2409.14507, section 3);
  * *attributes* and *entities*: an entity is a bundle of one attribute of every group
  (country, profession, ...) **and** a direction of its own. When it fires, all of its
  attributes fire; at most one entity fires per row; an attribute also fires now and
  then without any entity (the composition that a meta-SAE should undo, Leask et al.
  2502.04878, section 5: "Einstein" is a scientist, a German, ..., and himself);
* *background*: features that fire alone, half of them correlated within a topic.

Active features have magnitude max(0, N(magnitude, magnitude_std)), each its own draw,
so an attribute is not a fixed multiple of its entity. Directions are independent and
uniform on the sphere: cosines between them have mean 0 and standard deviation 1 /
sqrt(d_model).

Drawn by `sae_lens.synthetic`: which features fire and how strongly
(`ActivationGenerator`, correlations by its Gaussian copula), and the hierarchies
(`HierarchyNode`, `hierarchy_modifier`). Ours: the bundles of entities, and
probabilities that are exact after exclusion (`firing.py`), so that `truth` states the
rate at which every feature really fires. `truth` does not import sae_lens; drawing rows
does (5 s, 500 MB).
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.errors import MissingLibrary
from saecore.source.worlds.features import Features, truth
from saecore.source.worlds.world import World, drawn_rates, hashed_seed, require

__all__ = ["Features", "World", "truth", "world_latents", "world_rows"]

ROWS_PER_SEED = 8192
"""Rows that share one seed. Part of what a sample is: another value draws other
rows.
"""


def world_rows(
    world: World, n: int, *, sample: int = 0, start: int = 0
) -> Float[Tensor, "row d_model"]:
    """Rows start..start+n of a sample of the world: activations @ directions + noise.

    Row i of a sample is always the same, whatever n and start are; samples are
    independent of each other and share the directions. Takes 4 bytes per row and
    dimension, 100 MB beside, and 8 us per row.

    Raises ValueError unless n is positive and sample and start are not negative.
    """
    _check_request(n, sample, start)
    features = truth(world)
    rows = torch.empty(n, world.d_model)
    for block in _blocks(world, features, n, sample, start):
        generator = torch.Generator().manual_seed(
            hashed_seed(world, "noise", sample, block.number)
        )
        noise = torch.randn(ROWS_PER_SEED, world.d_model, generator=generator)
        made = (block.activations @ features.directions).add_(noise, alpha=world.noise)
        rows[block.place] = made[block.kept]
    return rows


def world_latents(
    world: World, n: int, *, sample: int = 0, start: int = 0
) -> Float[Tensor, "row feature"]:
    """The feature activations behind the same rows, as a coalesced sparse COO tensor
    [row, feature].

    `world_latents(w, n) @ truth(w).directions` are the rows of `world_rows(w, n)`
    without their noise. `.to_dense()` costs 4 bytes per row and feature (1.1 kB per row
    by default): take parts by `start`.

    Raises ValueError unless n is positive and sample and start are not negative.
    """
    _check_request(n, sample, start)
    indices, values = [], []
    for block in _blocks(world, truth(world), n, sample, start):
        kept = block.activations[block.kept]
        row, feature = kept.nonzero(as_tuple=True)
        indices.append(torch.stack([row + block.place.start, feature]))
        values.append(kept[row, feature])
    size = (n, world.n_features)
    return torch.sparse_coo_tensor(
        torch.cat(indices, 1),
        torch.cat(values),
        size,
        is_coalesced=True,
        check_invariants=False,
    )


class _Block(NamedTuple):
    number: int
    activations: Float[Tensor, "row feature"]
    kept: slice
    """Which rows of the block were asked for."""
    place: slice
    """Where they go in the result."""


def _blocks(
    world: World, features: Features, n: int, sample: int, start: int
) -> Iterator[_Block]:
    """The blocks that hold the rows asked for. They are always made whole: no row
    depends on the request.
    """
    draw = _sampler(world, features)
    for number in range(start // ROWS_PER_SEED, (start + n - 1) // ROWS_PER_SEED + 1):
        with torch.random.fork_rng(
            devices=[]
        ):  # sae_lens draws from the global generator of the CPU
            torch.default_generator.manual_seed(
                hashed_seed(world, "activations", sample, number)
            )
            activations = draw(ROWS_PER_SEED)
        low, high = (
            max(start, number * ROWS_PER_SEED),
            min(start + n, (number + 1) * ROWS_PER_SEED),
        )
        kept = slice(low - number * ROWS_PER_SEED, high - number * ROWS_PER_SEED)
        yield _Block(number, activations, kept, slice(low - start, high - start))


def sae_lens_synthetic() -> Any:
    """`sae_lens.synthetic`, which draws what fires. Raises MissingLibrary if it is not
    installed.
    """
    try:
        import sae_lens.synthetic
    except ModuleNotFoundError as error:
        if error.name not in ("sae_lens", "sae_lens.synthetic"):
            raise
        raise MissingLibrary(
            "worlds of features are drawn by sae-lens, which is not installed: run "
            "`pip install 'saecore[worlds]'`"
        ) from None
    return sae_lens.synthetic


def _sampler(world: World, features: Features) -> Callable[[int], Tensor]:
    """sae_lens's generator of activations, with the hierarchies, exclusive entities and
    their bundles.
    """
    synthetic = sae_lens_synthetic()
    factor = torch.zeros(world.n_features, max(world.topics, 1))
    member = (features.topic >= 0).nonzero().flatten()
    factor[member, features.topic[member]] = world.topic_correlation**0.5
    correlation = synthetic.LowRankCorrelationMatrix(factor, 1 - factor.square().sum(1))
    generator = synthetic.ActivationGenerator(
        world.n_features,
        drawn_rates(world),
        world.magnitude_std,
        world.magnitude,
        modify_activations=[
            *_hierarchies(world, features),
            _switch_on(world, features),
        ],
        correlation_matrix=correlation,
    )
    return generator.sample


def _hierarchies(world: World, features: Features) -> list[Callable[[Tensor], Tensor]]:
    """Children below their parents, and entities below nothing; siblings exclude each
    other.
    """
    synthetic = sae_lens_synthetic()

    def family(parent: int | None, members: Tensor) -> Any:
        nodes = [synthetic.HierarchyNode(int(member)) for member in members]
        return synthetic.HierarchyNode(
            parent, nodes, mutually_exclusive_children=len(nodes) > 1
        )

    parents = features.of_kind("parent").tolist()
    trees = [
        family(parent, (features.parent == parent).nonzero().flatten())
        for parent in parents
    ]
    return [
        synthetic.hierarchy_modifier(trees),
        synthetic.hierarchy_modifier(family(None, features.entity)),
    ]


def _switch_on(world: World, features: Features) -> Callable[[Tensor], Tensor]:
    """The modifier that switches on the attributes of every active entity, each at a
    magnitude of its own.
    """

    def switch_on(activations: Tensor) -> Tensor:
        row, entity = (activations[:, features.entity] > 0).nonzero(as_tuple=True)
        attributes = features.attributes[entity]
        magnitudes = world.magnitude + world.magnitude_std * torch.randn(
            attributes.shape
        )
        activations[row[:, None], attributes] = magnitudes.relu()
        return activations

    return switch_on


def _check_request(n: int, sample: int, start: int) -> None:
    require(n >= 1, "The number of rows must be at least 1", n)
    require(sample >= 0, "The sample must be 0 or more", sample)
    require(start >= 0, "The first row must be 0 or more", start)

"""What is true of a world of features: its recipe, and every feature's direction, name,
rate and relations.

All of it follows from the recipe alone, in closed form and without sae_lens, so a
notebook can compare an SAE with the truth at no cost. `rows.py` explains what the
features do and draws rows from them; `world.py` has the recipe.
"""

from math import prod
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.source.worlds.world import World, hashed_seed, wanted


class Features(NamedTuple):
    """The truth about a world; feature indices agree with the columns of
    `world_latents`.
    """

    directions: Float[Tensor, "feature d_model"]
    """Unit rows."""
    kind: tuple[str, ...]
    """"parent", "child", "attribute", "entity" or "background", per feature."""
    name: tuple[str, ...]
    """Readable and unique, per feature: "parent 3", "child 3.0", "country 5", "entity
    17", "background 2".
    """
    probability: Float[Tensor, " feature"]
    """Share of rows in which the feature fires, after exclusion, hierarchy and
    bundles.
    """
    parent: Int[Tensor, " feature"]
    """Feature index of a child's parent, else -1."""
    topic: Int[Tensor, " feature"]
    """Topic of a correlated background feature, else -1."""
    group: tuple[str, ...]
    """Names of the attribute groups."""
    entity: Int[Tensor, " entity"]
    """Feature indices of the entities."""
    attributes: Int[Tensor, "entity group"]
    """Feature indices of the attributes of every entity, one per group."""

    def of_kind(self, kind: str) -> Int[Tensor, " feature_of_kind"]:
        """Indices of the features of one kind."""
        return torch.tensor(
            [i for i, k in enumerate(self.kind) if k == kind], dtype=torch.long
        )

    def composites(self) -> Float[Tensor, "feature d_model"]:
        """What a row gains on average when a feature fires, with all that it brings
        along; unit rows.

        A child brings its parent and an entity its attributes, so d_child + d_parent
        and d_entity + the sum of its attributes' directions; for all other features the
        direction itself. A sparse dictionary may rightly hold either; the composite
        saves a latent per row (absorption, Chanin et al. 2409.14507).
        """
        rows = self.directions.clone()
        child = self.of_kind("child")
        rows[child] += self.directions[self.parent[child]]
        rows[self.entity] += self.directions[self.attributes].sum(1)
        return rows / rows.norm(dim=1, keepdim=True)


def truth(world: World) -> Features:
    """Everything that is true of a world by construction. Depends on the recipe alone.

    A child fires with probability p(parent) p(child | parent). An attribute fires with
    probability 1 - (1 - p_alone)(1 - sum of the probabilities of the entities that have
    it). Of every 2 * topics background features in a row, the first `topics` belong to
    one topic each and the others to none.
    """
    index = _indices(world)
    bundles = _bundles(world, index["attribute"])
    parent, topic = torch.full((2, world.n_features), -1)
    parent[index["child"]] = index["parent"].repeat_interleave(world.children)
    rank = torch.arange(world.background)
    if world.topics:
        place = rank % (2 * world.topics)
        topic[index["background"]] = torch.where(place < world.topics, place, -1)
    kinds = tuple(kind for kind, features in index.items() for _ in features)
    return Features(
        directions=_directions(world),
        kind=kinds,
        name=_names(world),
        probability=_fired(world, bundles),
        parent=parent,
        topic=topic,
        group=tuple(name for name, _ in world.groups),
        entity=index["entity"],
        attributes=bundles,
    )


def _fired(
    world: World, bundles: Int[Tensor, "entity group"]
) -> Float[Tensor, " feature"]:
    """Probability that each feature fires in a row, in closed form (see `truth`)."""
    index = _indices(world)
    parents = wanted(world, "parent", world.parents)
    children = parents[:, None] * wanted(world, "child", world.children)
    entities = wanted(world, "entity", world.entities)
    of_entities = torch.zeros(world.n_features)
    of_entities.index_put_(
        (bundles,), entities[:, None].expand(bundles.shape), accumulate=True
    )
    attributes = 1 - (1 - world.attribute_probability) * (
        1 - of_entities[index["attribute"]]
    )
    background = wanted(world, "background", world.background)
    return torch.cat([parents, children.flatten(), attributes, entities, background])


def _indices(world: World) -> dict[str, Int[Tensor, " feature_of_kind"]]:
    """Feature indices of every kind, in the order in which they are numbered."""
    attributes = sum(size for _, size in world.groups)
    counts = (
        world.parents,
        world.parents * world.children,
        attributes,
        world.entities,
        world.background,
    )
    parts = torch.arange(world.n_features).split(counts)
    return dict(
        zip(
            ("parent", "child", "attribute", "entity", "background"), parts, strict=True
        )
    )


def _names(world: World) -> tuple[str, ...]:
    return (
        *(f"parent {i}" for i in range(world.parents)),
        *(
            f"child {i}.{j}"
            for i in range(world.parents)
            for j in range(world.children)
        ),
        *(f"{name} {i}" for name, size in world.groups for i in range(size)),
        *(f"entity {i}" for i in range(world.entities)),
        *(f"background {i}" for i in range(world.background)),
    )


def _directions(world: World) -> Float[Tensor, "feature d_model"]:
    """Unit rows: uniform on the sphere as sae_lens.synthetic.FeatureDictionary draws
    them, or orthonormal.
    """
    generator = torch.Generator().manual_seed(hashed_seed(world, "directions"))
    normal = torch.randn(world.n_features, world.d_model, generator=generator)
    if world.orthogonal:
        return torch.linalg.qr(normal.T).Q.T.contiguous()
    return normal / normal.norm(dim=1, keepdim=True)


def _bundles(
    world: World, attribute: Int[Tensor, " attribute"]
) -> Int[Tensor, "entity group"]:
    """One attribute of every group per entity: no two bundles are equal, the first
    group is dealt in turn.
    """
    sizes = [size for _, size in world.groups]
    if not world.entities:
        return torch.empty(0, len(sizes), dtype=torch.long)
    generator = torch.Generator().manual_seed(hashed_seed(world, "entities"))
    first, *rest = attribute.split(sizes)
    turn = torch.arange(world.entities) % len(first)
    deals = [torch.randperm(prod(sizes[1:]), generator=generator) for _ in first]
    code = torch.stack(deals, 1).flatten()[: world.entities]
    columns = [first[turn]]
    for group in rest:
        columns.append(group[code % len(group)])
        code = code // len(group)
    return torch.stack(columns, 1)

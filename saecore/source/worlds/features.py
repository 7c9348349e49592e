"""What is true of a world of features: its recipe, and every feature's direction, name,
rate and relations.

All of it follows from the recipe alone, in closed form and without sae_lens, so a
notebook can compare an SAE with the truth at no cost. `worlds.py` explains what the
features do and draws rows from them.
"""

import hashlib
from dataclasses import dataclass
from math import prod
from typing import ClassVar, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saecore.source.site import ROW, Given, Reading, Site
from saecore.source.worlds.rates import drawn_probability, zipf

WORLD_ROWS = 500_000


@dataclass(frozen=True)
class World:
    """The recipe of a world: how many features of which kind, how often, how strong,
    how noisy.

    Pairs (most, least) are the probabilities of the most and the least frequent feature
    of a kind; between them they fall by Zipf's law. The defaults give 286 features in
    R^64, 4.8 of them active in a row.

    `seed` draws the directions and the bundles, and every row with them; all else is
    free to vary with the directions kept (the noise or the probabilities at one
    geometry, for instance).

    Raises ValueError, in one sentence, for a recipe that cannot be.
    """

    layered: ClassVar[bool] = False
    sampled: ClassVar[bool] = True
    whole: ClassVar[bool] = False

    seed: int = 0
    d_model: int = 64
    parents: int = 16
    children: int = 8  # per parent
    entities: int = 60
    groups: tuple[tuple[str, int], ...] = (
        ("country", 8),
        ("profession", 6),
        ("era", 6),
        ("gender", 2),
    )
    background: int = 60
    topics: int = 6  # of correlated background features
    parent_probability: tuple[float, float] = (0.2, 0.03)
    child_probability: tuple[float, float] = (0.2, 0.04)  # given the parent
    entity_probability: tuple[float, float] = (0.02, 0.003)
    attribute_probability: float = 0.0125  # without any entity
    background_probability: tuple[float, float] = (0.2, 0.02)
    zipf_exponent: float = 1.0
    topic_correlation: float = 0.5  # of the Gaussians behind two features of one topic
    magnitude: float = 1.0
    magnitude_std: float = 0.15
    noise: float = 0.01  # standard deviation in every coordinate
    orthogonal: bool = False  # orthonormal directions, for worlds without superposition

    def __post_init__(self) -> None:
        _check(self)

    @property
    def n_features(self) -> int:
        """Number of features of all kinds."""
        attributes = sum(size for _, size in self.groups)
        return (
            self.parents * (1 + self.children)
            + attributes
            + self.entities
            + self.background
        )

    @property
    def model(self) -> None:
        """There is none."""
        return None

    def rests_on(self, site: Site) -> tuple[()]:
        """Nothing."""
        return ()

    def count(self, site: Site) -> int:
        """As many as the site asks for, by default 500,000."""
        return WORLD_ROWS if site.rows is None else site.rows

    def place(self, site: Site) -> str:
        """The world's seed."""
        return f"world{self.seed}"

    def hook_name(self, site: Site) -> str:
        """A world has no hooks."""
        return "world"

    def price(self, site: Site) -> float:
        """So much a row."""
        return ROW * self.count(site)

    def read(self, site: Site, given: Given) -> Reading:
        """The rows of `worlds.world_rows`, all at once, when they are asked for."""
        from saecore.source.worlds import rows as worlds

        n = self.count(site)
        drawn = (worlds.world_rows(self, n, sample=s) for s in [site.sample])
        return Reading(n, self.d_model, drawn)


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


def hashed_seed(world: World, purpose: str, sample: int = 0, block: int = 0) -> int:
    """A seed from a hash of (world seed, purpose, sample, block), between 2^31 and
    2^32.

    torch's CPU generator uses 32 bits of a seed; with the highest always set, no seed
    equals a small integer that initialises an SAE elsewhere (an SAE seeded like its
    data starts on the truth).
    """
    text = f"saecore world {world.seed} {purpose} {sample} {block}"
    return 2**31 + int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) // 2


def drawn(world: World) -> Float[Tensor, " feature"]:
    """Probability with which each feature is drawn before hierarchy, exclusion and
    bundles are applied.
    """
    children = (
        drawn_probability(_wanted(world, "child", world.children))
        .float()
        .repeat(world.parents)
    )
    attributes = torch.full(
        (sum(size for _, size in world.groups),), world.attribute_probability
    )
    entities = drawn_probability(_wanted(world, "entity", world.entities)).float()
    parents = _wanted(world, "parent", world.parents)
    background = _wanted(world, "background", world.background)
    return torch.cat([parents, children, attributes, entities, background])


def _fired(
    world: World, bundles: Int[Tensor, "entity group"]
) -> Float[Tensor, " feature"]:
    """Probability that each feature fires in a row, in closed form (see `truth`)."""
    index = _indices(world)
    parents = _wanted(world, "parent", world.parents)
    children = parents[:, None] * _wanted(world, "child", world.children)
    entities = _wanted(world, "entity", world.entities)
    of_entities = torch.zeros(world.n_features)
    of_entities.index_put_(
        (bundles,), entities[:, None].expand(bundles.shape), accumulate=True
    )
    attributes = 1 - (1 - world.attribute_probability) * (
        1 - of_entities[index["attribute"]]
    )
    background = _wanted(world, "background", world.background)
    return torch.cat([parents, children.flatten(), attributes, entities, background])


def _wanted(world: World, kind: str, count: int) -> Float[Tensor, " feature_of_kind"]:
    most, least = getattr(world, f"{kind}_probability")
    return zipf(count, exponent=world.zipf_exponent, most=most, least=least)


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


def _check(world: World) -> None:
    """Raise ValueError with one sentence for the first value of a recipe that cannot
    be.
    """
    for name in ("parents", "children", "entities", "background", "topics"):
        require(
            getattr(world, name) >= 0,
            f"World.{name} must be 0 or more",
            getattr(world, name),
        )
    sizes = [size for _, size in world.groups]
    names = {name for name, _ in world.groups}
    fine = len(names) == len(sizes) and min(sizes, default=1) >= 1
    require(
        fine,
        "World.groups must have distinct names and sizes of at least 1",
        world.groups,
    )
    bundles = prod(sizes) if sizes else 0
    require(
        world.entities <= bundles,
        f"World.entities must be at most {bundles}, one per bundle",
        world.entities,
    )
    require(world.d_model >= 1, "World.d_model must be at least 1", world.d_model)
    most = world.d_model if world.orthogonal else world.n_features
    require(
        1 <= world.n_features <= most,
        f"A world has 1 to {most} features",
        world.n_features,
    )
    for name in ("parent", "child", "entity", "background"):
        pair = getattr(world, f"{name}_probability")
        fine = 0 < pair[1] <= pair[0] < 1
        require(
            fine, f"World.{name}_probability must be (most, least) inside (0, 1)", pair
        )
    alone, correlation = world.attribute_probability, world.topic_correlation
    require(0 < alone < 1, "World.attribute_probability must lie inside (0, 1)", alone)
    require(
        0 <= correlation < 1, "World.topic_correlation must lie in [0, 1)", correlation
    )
    require(
        world.zipf_exponent > 0,
        "World.zipf_exponent must be positive",
        world.zipf_exponent,
    )
    require(world.noise >= 0, "World.noise must be 0 or more", world.noise)
    most = world.magnitude / 4
    fine = world.magnitude > 0 and 0 <= world.magnitude_std <= most
    require(
        fine,
        f"World.magnitude_std must lie in [0, {most}], so that what fires is positive",
        world.magnitude_std,
    )
    drawn(world)


def require(fine: bool, what: str, got: object) -> None:
    if not fine:
        raise ValueError(f"{what}, not {got}.")

"""The recipe of a world of features: how many of which kind, how often, how strong."""

from dataclasses import dataclass
from math import prod
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.seeding import hashed
from saecore.source.site import ROW, Given, RowBlocks, Site
from saecore.source.worlds.rates import drawn_probability, zipf

AT_A_TIME = 65_536
"""Rows that are drawn at a time."""
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
    children: int = 8
    """Per parent."""
    entities: int = 60
    groups: tuple[tuple[str, int], ...] = (
        ("country", 8),
        ("profession", 6),
        ("era", 6),
        ("gender", 2),
    )
    background: int = 60
    topics: int = 6
    """Of correlated background features."""
    parent_probability: tuple[float, float] = (0.2, 0.03)
    child_probability: tuple[float, float] = (0.2, 0.04)
    """Given the parent."""
    entity_probability: tuple[float, float] = (0.02, 0.003)
    attribute_probability: float = 0.0125
    """Without any entity."""
    background_probability: tuple[float, float] = (0.2, 0.02)
    zipf_exponent: float = 1.0
    topic_correlation: float = 0.5
    """Of the Gaussians behind two features of one topic."""
    magnitude: float = 1.0
    magnitude_std: float = 0.15
    noise: float = 0.01
    """Standard deviation in every coordinate."""
    orthogonal: bool = False
    """Orthonormal directions, for worlds without superposition."""

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

    def read(self, site: Site, given: Given) -> RowBlocks:
        """The rows of `worlds.world_rows`, so many at a time, when they are asked
        for.
        """
        from saecore.source.worlds import rows as worlds

        n = self.count(site)
        parts = ((start, min(AT_A_TIME, n - start)) for start in range(0, n, AT_A_TIME))
        drawn = (
            worlds.world_rows(self, size, sample=site.sample, start=start)
            for start, size in parts
        )
        return RowBlocks(n, self.d_model, drawn)


def hashed_seed(world: World, purpose: str, sample: int = 0, block: int = 0) -> int:
    """A seed from a hash of (world seed, purpose, sample, block), between 2^31 and
    2^32.

    torch's CPU generator uses 32 bits of a seed; with the highest always set, no seed
    equals a small integer that initialises an SAE elsewhere (an SAE seeded like its
    data starts on the truth).
    """
    text = f"saecore world {world.seed} {purpose} {sample} {block}"
    return 2**31 + hashed(text)


def drawn_rates(world: World) -> Float[Tensor, " feature"]:
    """Probability with which each feature is drawn before hierarchy, exclusion and
    bundles are applied.
    """
    children = (
        drawn_probability(wanted(world, "child", world.children))
        .float()
        .repeat(world.parents)
    )
    attributes = torch.full(
        (sum(size for _, size in world.groups),), world.attribute_probability
    )
    entities = drawn_probability(wanted(world, "entity", world.entities)).float()
    parents = wanted(world, "parent", world.parents)
    background = wanted(world, "background", world.background)
    return torch.cat([parents, children, attributes, entities, background])


def wanted(world: World, kind: str, count: int) -> Float[Tensor, " feature_of_kind"]:
    """Zipf's law: probabilities of `count` features of a kind, as the recipe asks for
    them; a child's is that given its parent.
    """
    most, least = getattr(world, f"{kind}_probability")
    return zipf(count, exponent=world.zipf_exponent, most=most, least=least)


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
    drawn_rates(world)


def require(fine: bool, what: str, got: object) -> None:
    if not fine:
        raise ValueError(f"{what}, not {got}.")

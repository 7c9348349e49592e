"""A case whose answers are known: rows of features at right angles, and SAEs that hold
some of them.

An SAE of width w and seed s holds the first three quarters of w features, as those of
all seeds do, and a last quarter of its own. So of the latents of another seed one in
four is new, and of those of an SAE four times as wide three in four are. ReLU SAEs give
`shrink` of each activation, TopK SAEs all of it.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch

from saecore.claims.incompleteness import Study, study
from saecore.claims.incompleteness.held_out import HeldOut, on_model, on_world
from saecore.profiles import TINY, Profile, WorldProfile
from saecore.recipes.sae import SAERecipe
from saecore.report import Claim
from saecore.source.worlds.features import Features
from saecore.source.worlds.rows import World
from saecore.zoo.store import Zoo

PROFILE = Profile("planted", TINY, 0, (0,), 64, (16, 64, 256), length=5)
SIZES = WorldProfile(width=32, widths=(8, 16, 32, 64), seeds=4)
D_MODEL, WORLD_D_MODEL = 112, 104
ROWS = 1024
WORLD_ROWS = 1024
RARE = {40: 8, 41: 8, 42: 8, 43: 8, 44: 12, 45: 12, 46: 12, 47: 12}
"""Features of the language model that fire on so many rows."""
TILTED = 4
"""The first latents of the language model's SAEs of 64 latents or more point aside, at a
cosine of 0.75, and fire on strong activations alone, half of all."""
STRONG = 1.0


def features_of(width: int, seed: int, d_model: int) -> torch.Tensor:
    """The features that an SAE holds, in the order of its latents; wide ones hold some
    of them twice.
    """
    common = 3 * width // 4
    own = common + seed * (width - common)
    every = torch.tensor([*range(common), *range(own, own + width - common)])
    return every % (d_model - 2 * TILTED)


def rows(d_model: int) -> torch.Tensor:
    """Rows in which each feature fires one time in twenty, the rare ones less."""
    generator = torch.Generator().manual_seed(d_model)
    count = ROWS if d_model == D_MODEL else WORLD_ROWS
    on = torch.rand(count, d_model, generator=generator) < 0.05
    if d_model == D_MODEL:
        for feature, times in RARE.items():
            on[:, feature] = False
            on[feature :: ROWS // times, feature] = True
    return on * (0.5 + torch.rand(count, d_model, generator=generator))


@dataclass
class Held:
    """An SAE that holds some features, each at right angles to all others."""

    features: torch.Tensor
    d_model: int
    shrink: float

    @property
    def tilted(self) -> bool:
        return len(self.features) >= 64 and self.d_model == D_MODEL

    @property
    def W_dec(self) -> torch.Tensor:
        out = torch.eye(self.d_model)[self.features]
        if self.tilted:
            out[:TILTED] *= 0.75
            out[range(TILTED), range(-TILTED, 0)] = (1 - 0.75**2) ** 0.5
        return out

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        latents = self.shrink * x[:, self.features]
        if self.tilted:
            latents[:, :TILTED] *= x[:, :TILTED] > STRONG
        return latents

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        return latents @ self.W_dec


class PlantedZoo(Zoo):
    """A zoo that makes everything up, and has no disk."""

    def __init__(self, shrink: float) -> None:
        super().__init__(Path("nowhere"))
        self.shrink = shrink

    def get_all(self, recipes):
        return {recipe: self._made(recipe) for recipe in recipes}

    def _made(self, recipe):
        site = recipe.site if isinstance(recipe, SAERecipe) else recipe
        d_model = WORLD_D_MODEL if isinstance(site.source, World) else D_MODEL
        if not isinstance(recipe, SAERecipe):
            return rows(d_model)
        shrink = self.shrink if recipe.architecture == "relu" else 1.0
        return Held(features_of(recipe.width, recipe.seed, d_model), d_model, shrink)


@cache
def studied() -> Study:
    """The headline of the claim, made once for all tests."""
    return study(PlantedZoo(0.8), PROFILE, sizes=SIZES, known=world_features())


@cache
def model(*, shrink: float = 0.8, **constants: float) -> HeldOut:
    """The SAEs of the language model; constants of the rule may be moved."""
    claim = Claim.read("incompleteness").moved(**constants)
    return on_model(PlantedZoo(shrink), PROFILE, claim.constants)


@cache
def world(*, shrink: float = 0.8, **constants: float) -> HeldOut:
    """The same in the world."""
    claim = Claim.read("incompleteness").moved(**constants)
    return on_world(PlantedZoo(shrink), PROFILE, SIZES, claim.constants)


def world_features() -> Features:
    """The truth about the world's rows."""
    none = torch.full((WORLD_D_MODEL,), -1)
    return Features(
        directions=torch.eye(WORLD_D_MODEL),
        kind=("background",) * WORLD_D_MODEL,
        name=tuple(f"background {i}" for i in range(WORLD_D_MODEL)),
        probability=torch.full((WORLD_D_MODEL,), 0.05),
        parent=none,
        topic=none,
        group=(),
        entity=torch.zeros(0, dtype=torch.long),
        attributes=torch.zeros(0, 0, dtype=torch.long),
    )

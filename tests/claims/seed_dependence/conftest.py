"""A zoo that plants what two seeds share, so that every number of the claim is known.

A dictionary of width n has `shared_latents` latents in common with all other seeds:
the first half at a cosine of about .95, the others at about .86. Seed s lacks the last
s of them. The last common latent that seeds 0 to 2 have is common by its decoder alone.
"""

import pytest
import torch
from torch import Tensor

from saecore.profiles import TINY, Profile, WorldProfile
from saecore.recipes.sae import SAERecipe
from saecore.report import Claim
from saecore.source.model.texts import SampledText
from saecore.source.worlds.features import World, truth
from saecore.zoo.sae import SAE, configuration
from saecore.zoo.store import Zoo

PROFILE = Profile(
    "small", TINY, 1, (0, 1), 20, (10, 20, 40), k=3, ks=(2, 3, 6), rows=4096,
    lengths=(2048, 4096), seeds=4, few_seeds=3, sequences=8, length=16,
)  # fmt: skip
SIZES = WorldProfile(
    20, (10, 20, 40), k=3, ks=(2, 3, 6), rows=4096, lengths=(2048, 4096), seeds=4,
    few_seeds=3, sample_rows=4000,
)  # fmt: skip
D_MODEL = 64


def unit(rows: Tensor) -> Tensor:
    return torch.nn.functional.normalize(rows, dim=1)


def normal(*shape: int, seed: int) -> Tensor:
    return unit(torch.randn(*shape, generator=torch.Generator().manual_seed(seed)))


def shared_latents(recipe: SAERecipe) -> int:
    """Fewer by width and k, more by length and with ReLU, fewest at layer 0."""
    share = {10: 0.9, 20: 0.6, 40: 0.25}[recipe.width]
    share -= 0.05 * (recipe.k - 3)
    share -= 0.2 * (recipe.rows < 4096) + 0.2 * (recipe.site.layer == 0)
    share += 0.2 * (recipe.architecture == "relu")
    return min(round(share * recipe.width), recipe.width)


def directions(recipe: SAERecipe) -> Tensor:
    """What the seeds have in common: features of the world, or random directions."""
    if isinstance(recipe.site.source, World):
        return truth(recipe.site.source).directions
    return normal(200, D_MODEL, seed=5000 + (recipe.site.layer or 0))


def weights(recipe: SAERecipe) -> dict[str, Tensor]:
    common, width = shared_latents(recipe) - recipe.seed % 4, recipe.width
    noise = normal(width, D_MODEL, seed=100 + recipe.seed + 1000 * width)
    size = torch.where(torch.arange(width) < common // 2, 0.23, 0.4)[:, None]
    rows = noise.clone()
    rows[:common] = unit(directions(recipe)[:common] + (size * noise)[:common])
    columns = rows.clone()
    columns[common - 1 : common] = noise[common - 1 : common]
    kept = 0.05 * normal(width, D_MODEL, seed=recipe.data_seed + 7)
    order = torch.randperm(width, generator=torch.Generator().manual_seed(recipe.seed))
    w_enc, w_dec = columns[order].T.clone(), unit(rows + kept)[order]
    zero = {"b_enc": torch.zeros(width), "b_dec": torch.zeros(D_MODEL)}
    return {"W_enc": w_enc, "W_dec": w_dec} | zero


class PlantedZoo(Zoo):
    """Gives planted dictionaries and random rows; trains and stores nothing."""

    def get(self, recipe):
        if isinstance(recipe, SAERecipe):
            return self.sae(recipe, weights(recipe))
        if isinstance(recipe, SampledText):
            draw = torch.Generator().manual_seed(4)
            return torch.randint(50, (recipe.sequences, recipe.length), generator=draw)
        return 3 * normal(2000, D_MODEL, seed=getattr(recipe, "sample", 0) + 5)

    def get_all(self, recipes):
        return {recipe: self.get(recipe) for recipe in recipes}

    def untrained(self, recipe):
        rows = normal(recipe.width, D_MODEL, seed=9000 + recipe.seed)
        zero = {"b_enc": torch.zeros(recipe.width), "b_dec": torch.zeros(D_MODEL)}
        return self.sae(recipe, {"W_enc": rows.T.clone(), "W_dec": rows} | zero)

    def sae(self, recipe, given):
        cfg = configuration(
            "topk", width=recipe.width, d_model=D_MODEL, k=recipe.k, metadata={}
        )
        log = {"l0": recipe.k + 0.1 * recipe.seed, "fvu": 0.1 + 0.01 * recipe.seed}
        return SAE(cfg, given, log)


@pytest.fixture(scope="package")
def zoo(tmp_path_factory) -> Zoo:
    return PlantedZoo(tmp_path_factory.mktemp("zoo"), workers=1)


@pytest.fixture(scope="package")
def profile() -> Profile:
    return PROFILE


@pytest.fixture(scope="package")
def sizes() -> WorldProfile:
    return SIZES


@pytest.fixture(scope="package")
def expected():
    """How many latents the seeds of a recipe share before any is left out."""
    return shared_latents


@pytest.fixture(scope="package")
def found(zoo, profile, sizes):
    """The study on the planted zoo."""
    from saecore.claims.seed_dependence import study

    return study(zoo, profile, Claim.read("seed_dependence"), sizes=sizes)

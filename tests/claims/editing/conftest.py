"""A zoo whose dictionaries are written down, on the shipped model: latents that hold
the names of six pairs of prompts, and latents that know gender, among others.
"""

from dataclasses import replace
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor

from saecore import profiles
from saecore.claims.editing import every_dictionary, headline, name_patching
from saecore.profiles import Profile
from saecore.recipes.baselines import BaselineRecipe
from saecore.recipes.sae import SAERecipe
from saecore.report import Claim
from saecore.source.model.generation import sample
from saecore.source.model.language_model import OpenModel, open_model
from saecore.source.model.texts import SampledText
from saecore.source.tasks.gender import GenderTask
from saecore.source.tasks.ioi import exchanged
from saecore.zoo.store import Zoo

WIDTH, LAYERS, PAIRS = 40, (0, 1, 2), 6
CLEAR, TRUE = 0, 1
"""The latent that tells gender best and does nothing, and the one that removes it."""
NAMES = slice(2, 18)
"""Latents along what differs between the prompts most, both signs of eight axes."""


class Plain(NamedTuple):
    """ReLU((x - centre) E') D: as many latents as rows of D."""

    encoder: Tensor
    W_dec: Tensor
    centre: Tensor

    def encode(self, x: Tensor) -> Tensor:
        return ((x - self.centre) @ self.encoder.T).relu()

    def decode(self, latents: Tensor) -> Tensor:
        return latents @ self.W_dec + self.centre


class WrittenZoo(Zoo):
    """SAEs that know what is planted, bases that turn the same axes, a little text."""

    def __init__(self, model: OpenModel, *, knowing: tuple[int, ...] = (0, 1)) -> None:
        self.opened, self.knowing = model, knowing
        self.text = sample(model, 64, 16, generator=torch.Generator().manual_seed(4))
        self.streams = model.read(self.text, LAYERS)
        pairs = exchanged(model, PAIRS)
        two = [self.read(pair[side].text for pair in pairs) for side in (0, 1)]
        self.axes = {
            n: torch.linalg.svd(
                (two[1][n] - two[0][n]).flatten(0, 1), full_matrices=False
            )[2]
            for n in LAYERS
        }
        self.tasks = {n: GenderTask(model, n) for n in LAYERS}

    def get_all(self, recipes: Any) -> dict[Any, Any]:
        return {recipe: self.written(recipe) for recipe in recipes}

    def written(self, recipe: Any) -> Any:
        if isinstance(recipe, SampledText):
            return self.text
        if isinstance(recipe, BaselineRecipe):
            return self.basis(recipe.site.layer)
        assert isinstance(recipe, SAERecipe)
        return self.sae(recipe.site.layer, recipe.seed)

    def read(self, texts: Any) -> Any:
        tokens = torch.tensor([self.opened.encode(text) for text in texts])
        return self.opened.read(tokens, LAYERS)

    def basis(self, layer: Any) -> Plain:
        """Twenty axes, of what differs between prompts, turned among themselves."""
        draw = torch.Generator().manual_seed(1)
        turn = torch.linalg.qr(torch.randn(20, 20, generator=draw))[0]
        axes = turn @ self.axes[layer][:20]
        both = torch.cat([axes, -axes])
        return Plain(both, both, torch.zeros(self.opened.d_model))

    def sae(self, layer: Any, seed: int) -> Plain:
        draw = torch.Generator().manual_seed(seed)
        w = torch.randn(WIDTH, self.opened.d_model, generator=draw)
        w /= w.norm(dim=1, keepdim=True)
        w[NAMES] = torch.cat([self.axes[layer][:8], -self.axes[layer][:8]])
        encoder = w.clone()
        task = self.tasks[layer]
        if seed in self.knowing:
            sign = task.female.float() * 2 - 1
            centred = task.rows - task.rows.mean(0)
            encoder[CLEAR] = torch.linalg.pinv(centred) @ sign
            truth = task.rows[task.female].mean(0) - task.rows[~task.female].mean(0)
            w[TRUE] = truth / truth.norm()
            encoder[TRUE] = w[TRUE] + encoder[TRUE]
        return Plain(encoder, w, task.rows.mean(0))


@pytest.fixture(scope="session")
def model() -> OpenModel:
    return open_model(profiles.TINY)


@pytest.fixture(scope="session")
def subject() -> Profile:
    """The shipped model at its base layer, with two seeds of few latents."""
    tiny = profiles.read("tiny")
    small = {"width": WIDTH, "widths": (WIDTH,), "seeds": 2, "few_seeds": 2}
    return replace(tiny, layers=LAYERS, **small)


@pytest.fixture(scope="session")
def zoo(model) -> WrittenZoo:
    return WrittenZoo(model)


@pytest.fixture(scope="session", autouse=True)
def few_sets():
    """Few sets by gradient."""
    patch = pytest.MonkeyPatch()
    patch.setattr(name_patching, "FINE", [4, 6, 8, 12, 16, 4096])
    patch.setattr(name_patching, "ROUGH", [4, 6, 8, 12, 16, 4096])
    patch.setattr(every_dictionary, "COARSE", [4, 8, 4096])
    yield
    patch.undo()


def small_claim() -> Claim:
    """Six pairs of prompts, and two thresholds of ACDC."""
    claim = Claim.read("editing")
    return claim.moved(
        pairs=PAIRS, acdc_pairs=PAIRS - 1, thresholds=2, least_threshold=0.05
    )


@pytest.fixture(scope="session")
def found(zoo, subject, few_sets):
    return headline.study(zoo, subject, small_claim())

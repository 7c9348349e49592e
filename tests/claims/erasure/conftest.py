"""A zoo whose dictionaries are written down, on the shipped model: one latent that is
silent but at female names and removes their gender, among others.
"""

from dataclasses import replace
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor

from saecore import profiles
from saecore.claims.erasure import headline
from saecore.profiles import Profile
from saecore.recipes.baselines import BaselineRecipe
from saecore.source.model.generation import sample
from saecore.source.model.language_model import OpenModel, open_model
from saecore.source.model.texts import SampledText
from saecore.source.tasks.gender import GenderTask
from saecore.zoo.store import Zoo

WIDTH, LAYERS, TRUE = 12, (0, 1, 2), 1
"""The latent `TRUE` removes gender."""


class Plain(NamedTuple):
    """ReLU((x - centre) E' - threshold) D."""

    encoder: Tensor
    W_dec: Tensor
    centre: Tensor
    threshold: Tensor

    def encode(self, x: Tensor) -> Tensor:
        return ((x - self.centre) @ self.encoder.T - self.threshold).relu()

    def decode(self, latents: Tensor) -> Tensor:
        return latents @ self.W_dec + self.centre


class WrittenZoo(Zoo):
    """SAEs of which those in `knowing` have the latent; axes, and a little text."""

    def __init__(self, model: OpenModel, *, knowing: tuple[int, ...]) -> None:
        self.opened, self.knowing = model, knowing
        self.text = sample(model, 6, 16, generator=torch.Generator().manual_seed(4))
        self.tasks = {n: GenderTask(model, n) for n in LAYERS}

    def get_all(self, recipes: Any) -> dict[Any, Any]:
        return {one: self.written(one) for one in recipes}

    def written(self, recipe: Any) -> Any:
        if isinstance(recipe, SampledText):
            return self.text
        if not isinstance(recipe, BaselineRecipe):
            return self.sae(recipe.site.layer, recipe.seed)
        axes = torch.eye(self.opened.d_model)
        return Plain(axes, axes, axes[0] * 0, axes[0] * 0)

    def sae(self, layer: Any, seed: int) -> Plain:
        task, draw = self.tasks[layer], torch.Generator().manual_seed(seed)
        w = torch.randn(WIDTH, self.opened.d_model, generator=draw)
        w /= w.norm(dim=1, keepdim=True)
        encoder, threshold = w.clone(), torch.zeros(WIDTH)
        if seed in self.knowing:
            means = [task.rows[task.female == one].mean(0) for one in (True, False)]
            truth = means[0] - means[1]
            w[TRUE] = truth / truth.norm()
            encoder[TRUE] = w[TRUE]
        return Plain(encoder, w, task.rows.mean(0), threshold)


@pytest.fixture(scope="session")
def model() -> OpenModel:
    return open_model(profiles.TINY)


@pytest.fixture(scope="session")
def subject() -> Profile:
    """The shipped model at its base layer and the next, with three seeds."""
    tiny = profiles.read("tiny")
    small: dict[str, Any] = {"width": WIDTH, "widths": (WIDTH,), "ks": (4, 8)}
    return replace(tiny, layers=LAYERS, seeds=3, few_seeds=2, **small)


@pytest.fixture(scope="session")
def zoo(model) -> WrittenZoo:
    """The last seed does not know gender."""
    return WrittenZoo(model, knowing=(0, 1))


@pytest.fixture(scope="session", autouse=True)
def few_texts():
    patch = pytest.MonkeyPatch()
    patch.setattr(headline, "CHOOSING", 2)
    patch.setattr(headline, "TEXTS", 6)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def found(zoo, subject, few_texts):
    return headline.study(zoo, subject)

"""A zoo whose toys are written down instead of trained: what absorbs is planted."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
import torch

from saecore import profiles
from saecore.measures.absorption import closed_form
from saecore.measures.dictionary.nulls import Weights
from saecore.recipes.toys import ToyRecipe
from saecore.source.worlds import toys
from saecore.source.worlds.toys import CHILD, PARENT
from saecore.zoo.store import Zoo


class Written(Weights):
    """Weights whose activations of 0.0001 and less are silent, as rounding is."""

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        latents = super().encode(x)
        return latents * (latents > 1e-4)


def written(recipe: ToyRecipe, delta: float) -> Weights:
    """A latent per feature, as far as the width goes, and `delta` of the parent in the
    child's.
    """
    truth = toys.directions(recipe.toy, seed=recipe.seed)
    pair = closed_form.family(delta, truth[PARENT], truth[CHILD])
    others = truth[2:]
    encoder = torch.cat([pair.W_enc, others.T], 1)[:, : recipe.width]
    return Written(encoder, torch.cat([pair.W_dec, others])[: recipe.width])


def optimum(recipe: ToyRecipe) -> float:
    """What the closed form says: 0 without a hierarchy, 1 in a perfect one."""
    toy = recipe.toy
    if toy.given_parent is None:
        return 0.0
    if toy.p01 == 0:
        return 1.0
    return closed_form.best_delta(p11=toy.p11, p01=toy.p01, penalty=recipe.penalty)


class WrittenZoo(Zoo):
    """A zoo that gives `written` toys for `ToyRecipe`s, and trains nothing."""

    def __init__(self, root: Any, delta: Callable[[ToyRecipe], float]) -> None:
        super().__init__(root)
        self.delta = delta

    def get_all(self, recipes: Iterable[Any]) -> dict[Any, Any]:
        return {one: written(one, self.delta(one)) for one in recipes}


@pytest.fixture
def ideal(tmp_path) -> Zoo:
    """Every toy is at the optimum of the closed form."""
    return WrittenZoo(tmp_path, optimum)


@pytest.fixture
def by_delta(tmp_path) -> Callable[[Callable[[ToyRecipe], float]], Zoo]:
    """A zoo from a function that says how much each toy absorbs."""
    return lambda delta: WrittenZoo(tmp_path, delta)


@pytest.fixture
def subject() -> profiles.Profile:
    """The default profile; toys ask it for its world seed alone."""
    return profiles.read("tiny")

"""A zoo whose toys are written down instead of trained: what absorbs is planted."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
import torch

from saecore import profiles
from saecore.claims.absorption_toys.headline import TRAINED_FORM
from saecore.measures.absorption import closed_form
from saecore.measures.dictionary.nulls import Weights
from saecore.recipes.toys import ToyRecipe
from saecore.source.worlds import toys
from saecore.source.worlds.toys import CHILD, PARENT
from saecore.source.worlds.trees import Tree
from saecore.zoo.store import Zoo


class Written(Weights):
    """Weights whose activations of 0.0001 and less are silent, as rounding is."""

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        latents = super().encode(x)
        return latents * (latents > 1e-4)


def written(recipe: ToyRecipe, delta: float) -> Weights:
    """A latent per feature, as far as the width goes, and `delta` of the parent in the
    child's; of a tree, in those of all children.
    """
    truth = toys.directions(recipe.toy, seed=recipe.seed)
    if isinstance(recipe.toy, Tree):
        return written_tree(recipe.toy, truth, delta)
    pair = closed_form.family(delta, truth[PARENT], truth[CHILD])
    others = truth[2:]
    encoder = torch.cat([pair.W_enc, others.T], 1)[:, : recipe.width]
    return Written(encoder, torch.cat([pair.W_dec, others])[: recipe.width])


def written_tree(tree: Tree, truth: torch.Tensor, delta: float) -> Weights:
    """Every child's decoder carries `delta` of its parent, whose latent gives it up."""
    encoder, decoder = truth.clone(), truth.clone()
    for parent in range(tree.parents):
        for child in tree.children_of(parent):
            encoder[parent] -= delta * truth[child]
            decoder[child] += delta * truth[parent]
    return Written(encoder.T, decoder)


def optimum(recipe: ToyRecipe) -> float:
    """What the closed form says: 0 without a hierarchy, 1 in a perfect one."""
    toy = recipe.toy
    if isinstance(toy, Tree):
        return float(recipe.variant != "matryoshka")
    if toy.given_parent is None:
        return 0.0
    if toy.p01 == 0:
        return 1.0
    rates = {"p11": toy.p11, "p01": toy.p01, "penalty": recipe.penalty}
    return closed_form.best_delta(**rates, form=TRAINED_FORM)


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

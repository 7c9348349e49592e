"""Trained toys beside what is true of their worlds."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, get_args

import torch
from jaxtyping import Float
from torch import Tensor

from saecore.measures.absorption import absorption_gap, closed_form
from saecore.measures.absorption.toy_outcome import Signature, ToyOutcome, signature
from saecore.recipes.toys import ToyRecipe
from saecore.shapes import LinearEncoder
from saecore.source.worlds import toys
from saecore.source.worlds.toys import CHILD, PARENT, Toy
from saecore.zoo.store import Zoo

UNSEEN_ROWS, UNSEEN_SEED = 20_000, 20240922
"""Rows that no toy was trained on."""


class Run(NamedTuple):
    """One toy SAE after training, its latents matched with the features."""

    recipe: ToyRecipe
    sae: LinearEncoder
    signature: Signature

    def gap(self) -> float:
        """Absorption gap of the parent's latent, over rows that training did not see.

        nan where the parent is never alone or never with the child.
        """
        drawn = unseen(self.recipe)
        rows = drawn @ toys.directions(self.recipe.toy, seed=self.recipe.seed)
        own, on = self.signature.latent[PARENT], drawn > 0
        fires = (self.sae.encode(rows)[:, own] > 0) & (own >= 0)
        return float(absorption_gap.gap(fires, on[:, PARENT], on[:, CHILD]).gap)

    def objective(self) -> float:
        """What training minimises: expected squared error + penalty, exactly."""
        active, probability = toys.patterns(self.recipe.toy)
        rows = active @ toys.directions(self.recipe.toy, seed=self.recipe.seed)
        penalty = self.recipe.penalty
        return closed_form.closed_form_objective(
            self.sae, rows, probability, penalty=penalty
        )


def unseen(recipe: ToyRecipe) -> Float[Tensor, "row feature"]:
    """Feature activations of rows that no toy was trained on."""
    generator = torch.Generator().manual_seed(UNSEEN_SEED)
    return toys.toy_activations(recipe.toy, UNSEEN_ROWS, generator=generator)


def runs(zoo: Zoo, settings: Mapping[Any, list[ToyRecipe]]) -> dict[Any, list[Run]]:
    """The toys of some settings, trained where they are missing; seeds in order."""
    saes = zoo.get_all(recipe for group in settings.values() for recipe in group)
    return {
        name: [_run(recipe, saes[recipe]) for recipe in group]
        for name, group in settings.items()
    }


def count_ends(group: Sequence[Run]) -> dict[str, int]:
    """How many seeds ended in each way (`Signature.outcome`), also those of none."""
    counted = Counter(run.signature.outcome for run in group)
    return {outcome: counted[outcome] for outcome in get_args(ToyOutcome)}


def _run(recipe: ToyRecipe, sae: LinearEncoder) -> Run:
    toy = recipe.toy
    assert isinstance(toy, Toy)
    truth, magnitude = toys.directions(toy, seed=recipe.seed), toy.child_magnitude
    found = signature(sae, truth, parent=PARENT, child=CHILD, child_magnitude=magnitude)
    return Run(recipe, sae, found)

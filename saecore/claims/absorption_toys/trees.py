"""Matryoshka on a tree of twelve features: is absorption cured, and at what price?"""

from typing import Any, NamedTuple

import torch

from saecore.claims.absorption_toys.grid import toy_grid
from saecore.claims.absorption_toys.headline import Number, gap_excess, gap_over_seeds
from saecore.claims.absorption_toys.runs import unseen
from saecore.measures.absorption import absorption_gap
from saecore.measures.absorption.toy_outcome import FOUND_COSINE
from saecore.measures.algebra.assignment import assign
from saecore.measures.algebra.intervals import over_seeds
from saecore.measures.algebra.nearest import unit_rows
from saecore.profiles import Profile
from saecore.recipes.toys import ToyRecipe
from saecore.report import interval_columns, mean
from saecore.shapes import LinearEncoder
from saecore.source.worlds import toys
from saecore.source.worlds.trees import Tree
from saecore.zoo.store import Zoo

TreeMeasures = dict[str, float]
"""Of one run, by name."""


class Trees(NamedTuple):
    """The tree with each objective."""

    measures: dict[str, list[TreeMeasures]]
    """By objective, one per seed."""
    level: float

    def rows(self) -> list[dict[str, Any]]:
        """A row per objective: means over seeds with their intervals."""
        return [
            {"objective": name} | self._columns(found)
            for name, found in self.measures.items()
        ]

    def lowered(self) -> Number:
        """Gap with L1 alone minus gap with Matryoshka, seed by seed."""
        plain, nested = self.measures.values()
        gaps = [[one["gap"] for one in found] for found in (plain, nested)]
        return gap_excess(gaps[0], gaps[1], self.level).triple

    def change(self, name: str) -> Number:
        """What Matryoshka adds to a measure, seed by seed."""
        plain, nested = self.measures.values()
        pairs = zip(plain, nested, strict=True)
        values = [new[name] - old[name] for old, new in pairs]
        return over_seeds(values, level=self.level).triple

    def _columns(self, found: list[TreeMeasures]) -> dict[str, Any]:
        gaps = gap_over_seeds([one["gap"] for one in found], level=self.level)
        columns = interval_columns(gaps, "gap")
        for name in list(found[0])[1:]:
            values = over_seeds([one[name] for one in found], level=self.level)
            columns |= {name: values.estimate}
        return columns


def trees(zoo: Zoo, profile: Profile, *, level: float) -> Trees:
    """All runs on the tree; `level` of the intervals."""
    asked = toy_grid(world_seed=profile.world_seed).trees
    saes = zoo.get_all(recipe for group in asked.values() for recipe in group)
    measures = {
        name: [measure_tree(recipe, saes[recipe]) for recipe in group]
        for name, group in asked.items()
    }
    return Trees(measures, level)


def measure_tree(recipe: ToyRecipe, sae: LinearEncoder) -> TreeMeasures:
    """What became of a tree.

    * gap: absorption gap of each parent over all its children together, in rows that
      training did not see; mean over parents
    * parents, children: share of them that a latent of their own points at (cosine at
      least 0.9, one-to-one matching)
    * children in parents: mean cosine of a parent's latent with its children, which is
      above 0 where it hedges
    * error: share of the squared length of the rows that is not rebuilt, exactly
    """
    tree = recipe.toy
    assert isinstance(tree, Tree)
    truth = toys.directions(tree, seed=recipe.seed)
    active, probability = toys.patterns(tree)
    rows = active @ truth
    lost = (sae.decode(sae.encode(rows)) - rows).double().square().sum(1)
    cosine = unit_rows(sae.W_dec) @ truth.T
    latent = assign(truth, sae.W_dec).partner
    found = cosine[latent, torch.arange(len(truth))] >= FOUND_COSINE
    families = [(p, list(tree.children_of(p))) for p in range(tree.parents)]
    on = unseen(recipe) > 0
    fires = sae.encode(on.float() @ truth)[:, latent[: tree.parents]] > 0
    childs = torch.stack([on[:, of].any(1) for _, of in families], 1)
    return {
        "gap": float(
            absorption_gap.gap(fires, on[:, : tree.parents], childs).gap.mean()
        ),
        "parents": float(found[: tree.parents].double().mean()),
        "children": float(found[tree.parents :].double().mean()),
        "children in parents": mean(
            float(cosine[latent[p], children].mean()) for p, children in families
        ),
        "error": float(probability @ lost / (probability @ active.double().sum(1))),
    }

"""Graphs and families of latents: do latents that share a meta-latent share a latent of
a smaller SAE?
"""

from typing import Any, NamedTuple

from saecore.claims.non_atomicity.draws import draws
from saecore.claims.non_atomicity.meta_saes import MetaSAEs
from saecore.claims.non_atomicity.resemblance import CLOSE
from saecore.measures.algebra.intervals import Interval
from saecore.measures.algebra.matching_pursuit import pursue
from saecore.measures.meta.graph_overlap import Overlap, overlap
from saecore.measures.meta.split_families import SplitFamilies, split_families
from saecore.measures.meta.variance_explained import isotropic
from saecore.report import mean


class Graphs(NamedTuple):
    """Edges that graphs of latents have in common; lists have one entry per seed."""

    metas: list[Overlap]
    """Of the graph of shared meta-latents, with that of shared small latents."""
    random: list[Overlap]
    """The same with shared random directions: the null of the meta-SAE."""
    share: Interval
    """Share of the edges of `metas`."""
    expected: float
    """Mean share of graphs with the same degrees."""

    def rows(self) -> list[dict[str, Any]]:
        """A row per seed and graph."""
        return [
            {
                "seed": seed,
                "parts": name,
                "edges": found.edges[0],
                "shared": found.share,
                "expected, same degrees": found.expected,
                "expected, same number": found.uniform,
            }
            for seed, both in enumerate(zip(self.metas, self.random, strict=True))
            for name, found in zip(
                ("meta-latents", "random directions"), both, strict=True
            )
        ]


def graphs(found: MetaSAEs) -> Graphs:
    """Edge overlap of the graph of shared meta-latents with that of shared latents of
    the smallest SAE.
    """
    generator, metas, random = draws("graphs"), [], []
    for recipe in found.grid.base:
        rows, small = found.rows(recipe).rows, found.narrow(recipe)
        directions = isotropic(rows, recipe.width, generator=generator)
        guessed = pursue(rows - rows.mean(0), directions, count=found.k)
        metas.append(overlap(found.uses(recipe), rows, small))
        random.append(overlap(guessed.dense(recipe.width), rows, small))
    share = found.over_seeds(one.share for one in metas)
    return Graphs(metas, random, share, mean(one.expected for one in metas))


def splits_by_seed(found: MetaSAEs) -> list[SplitFamilies]:
    """Feature splitting between the smallest SAE and the large one, seed by seed."""
    return [
        split_families(
            found.rows(recipe).rows,
            found.narrow(recipe),
            found.uses(recipe),
            threshold=CLOSE,
        )
        for recipe in found.grid.base
    ]


def split_rows(seeds: list[SplitFamilies]) -> list[dict[str, Any]]:
    """Families, a seed a row: a table."""
    return [
        {
            "seed": seed,
            "families": len(found.sizes),
            "pairs": found.pairs,
            "share a part": found.share,
            "of two families": found.chance,
            "of two, equally similar": found.matched,
            "pairs that have such a match": found.covered,
        }
        for seed, found in enumerate(seeds)
    ]

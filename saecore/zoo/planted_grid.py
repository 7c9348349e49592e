"""Which SAEs the check of the absorption metrics asks for on planted rows."""

from typing import NamedTuple

from saecore.profiles import Profile
from saecore.source.activations import Site
from saecore.source.planted import Planted
from saecore.zoo.grids import members, model_site
from saecore.zoo.recipe import SAERecipe

ROWS = 600_000
"""Rows seen in training: 18 SAEs take about a CPU minute."""
MOST_PAIRS = 16


class PlantedGrid(NamedTuple):
    """The recipes on planted rows; each list is one setting over its seeds."""

    site: Site
    """The language model's rows with the families in them."""
    planted: Planted
    """What was planted: the truth."""
    widths: dict[str, dict[int, list[SAERecipe]]]
    """By architecture (TopK, ReLU), then width."""
    ks: dict[int, list[SAERecipe]]
    """TopK by k, at the larger width."""
    rare: list[SAERecipe]
    """The base setting on rows in which families have many rare children (`rare_children`)."""
    rare_children: Planted
    """What was planted for these."""

    @property
    def settings(self) -> dict[str, list[SAERecipe]]:
        """Every setting with few, frequent children once, by a readable name."""
        lists = [recipes for by in self.widths.values() for recipes in by.values()] + list(self.ks.values())
        return {f"{r[0].architecture}, width {r[0].width}, k {r[0].k:g}": r for r in lists}

    def recipes(self) -> list[SAERecipe]:
        """All of them, each once."""
        return members((self.widths, self.ks, self.rare))


def planted(profile: Profile) -> PlantedGrid:
    """Families planted in the layer that all claims are shown on, and SAEs of two widths and two k.

    Sixteen hierarchical families with three children of a fifth of their parent's rows each, and as many
    independent ones, or fewer where d_model (the profile's smallest width) has no room for their directions.
    Then, for the base setting alone, seven families with ten children of 3 % each, as words are to a letter.
    """
    room, base = profile.widths[0], model_site(profile)
    frequent = Planted(base, pairs=min(MOST_PAIRS, room // 10))
    rare = Planted(
        base,
        pairs=max(1, min(7, room // 22)),
        children=10,
        parent_probability=0.1,
        child_probability=0.03,
        seed=1,
    )
    one = SAERecipe(site=Site(frequent), architecture="topk", width=profile.width, k=profile.k, rows=ROWS)
    few = {"seed": range(profile.few_seeds)}
    return PlantedGrid(
        site=one.site,
        planted=frequent,
        widths={
            kind: {w: one.sweep(architecture=[kind], width=[w], **few) for w in profile.widths[:2]}
            for kind in ("topk", "relu")
        },
        ks={k: one.sweep(k=[k], **few) for k in profile.ks[:2]},
        rare=one.sweep(site=[Site(rare)], **few),
        rare_children=rare,
    )

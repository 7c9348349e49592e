"""Convergence curves: which SAEs show shares, absorption and meta-SAEs over training.

A claim about SAEs that have not converged is a claim about their training. A profile
whose SAEs may not have (`Profile.curve`) therefore asks for the same settings after
more and more rows, over at least an order of magnitude, with the nulls of each point.
Unique rows are another axis: `SeedGrid.less_text` has the same rows seen on less text.
"""

from dataclasses import replace
from typing import NamedTuple

from saecore.claims.absorption.grid import absorption_grid
from saecore.claims.non_atomicity.grid import NULLS
from saecore.claims.seed_dependence.grid import model_seeds
from saecore.claims.sites import members
from saecore.profiles import Profile
from saecore.recipes.meta import MetaRecipe
from saecore.recipes.sae import SAERecipe
from saecore.report import Claim

AS_MANY = 20
"""Decoder rows a meta-latent, as at the base of the non-atomicity claim."""


class ConvergenceGrid(NamedTuple):
    """Recipes by rows seen in training; each list is one setting over few seeds."""

    shares: dict[int, dict[int, list[SAERecipe]]]
    """TopK by width, then rows: what two seeds share."""
    words: dict[int, list[SAERecipe]]
    """The base setting of the absorption claim."""
    metas: dict[int, list[MetaRecipe]]
    """Meta-SAEs of the widest of `shares`."""
    nulls: dict[str, dict[int, list[MetaRecipe]]]
    """By null of the claim: the same of rows without parts."""
    less_text: dict[int, list[SAERecipe]]
    """The base setting on a half, a third, ... of the text: by that share."""

    def recipes(self) -> list[SAERecipe | MetaRecipe]:
        """All of them, each once."""
        return members(tuple(self))


def convergence_grid(profile: Profile, claim: Claim) -> ConvergenceGrid:
    """The curves that a profile asks for; empty if it asks for none. `claim` is that on
    non-atomicity, whose constants say how meta-SAEs are trained.
    """
    widths = model_seeds(profile).widths["topk"]
    shares = {
        width: {rows: _after(rows, some) for rows in profile.curve}
        for width, some in widths.items()
    }
    words = absorption_grid(profile).base[: profile.few_seeds]
    longest = profile.word_rows or profile.rows // 2
    seen = [rows for rows in profile.curve if rows <= longest]
    rule = claim.constants
    how = {"k": rule["k"], "share": rule["train_share"], "silent": "left out"}
    widest = max(widths)
    metas = {
        rows: [MetaRecipe(sae, widest // AS_MANY, **how) for sae in some]
        for rows, some in shares[widest].items()
    }
    nulls = {
        null: {n: [replace(x, rows=null) for x in some] for n, some in metas.items()}
        for null in NULLS
    }
    curve = {rows: _after(rows, words) for rows in seen}
    less = model_seeds(profile).less_text if profile.curve else {}
    return ConvergenceGrid(shares, curve, metas, nulls, less)


def _after(rows: int, saes: list[SAERecipe]) -> list[SAERecipe]:
    return [replace(one, rows=rows) for one in saes]

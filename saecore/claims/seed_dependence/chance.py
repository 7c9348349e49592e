"""What dictionaries share that know nothing of each other: the nulls of the claim."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor

from saecore.claims.seed_dependence.base import BaseSeeds, Settings
from saecore.measures.algebra.intervals import Interval
from saecore.measures.dictionary.nulls import KINDS, Weights, same_covariance
from saecore.measures.seeds.chance import quick_share, shares
from saecore.measures.seeds.matching import Matching, shared
from saecore.measures.seeds.shares import share_over_pairs
from saecore.recipes.sae import SAERecipe
from saecore.report.ranged import mean
from saecore.source.model.texts import SampledText

_SEED = 20250116
UNTRAINED = "untrained SAEs"


class SharedByChance(NamedTuple):
    """Shares between dictionaries that know nothing of each other."""

    strangers: Matching
    """The first seed matched with latents of the covariance of the second."""
    tables: dict[str, Float[Tensor, "seed seed"]]
    """By kind of null: each seed with a null made of the next one; NaN elsewhere."""
    width: int
    """Latents of each dictionary."""
    confidence: float
    """Of the intervals."""

    @property
    def kinds(self) -> dict[str, list[float]]:
        """By kind of null: its shares, one per seed."""
        return {
            name: table[~table.isnan()].tolist() for name, table in self.tables.items()
        }

    @property
    def strongest(self) -> str:
        """The kind that shares most, on average."""
        return max(self.kinds, key=lambda name: mean(self.kinds[name]))

    @property
    def largest(self) -> Interval:
        """The share of the strongest kind, with its interval over seeds."""
        table = self.tables[self.strongest]
        trials = len(table) * self.width
        return share_over_pairs(table, trials=trials, level=self.confidence)


class OtherNulls(NamedTuple):
    """Every null of the base setting, and a foil that is none."""

    chance: SharedByChance
    """The nulls of the claim."""
    data_rows: dict[str, float]
    """Shares between two samples of the activations themselves, taken as latents: of
    all rows, and, of a text, of rows whose last tokens occur nowhere else in it.
    """
    matchings: dict[str, Matching]
    """The first seed matched with one more draw of every null; two untrained SAEs."""


def null_generator() -> Generator:
    """Where the nulls of the base setting are drawn from."""
    return torch.Generator().manual_seed(_SEED)


def shared_by_chance(base: BaseSeeds, *, generator: Generator) -> SharedByChance:
    """What the seeds would share if they knew nothing of each other.

    Each seed beside a null made of the next seed: Gaussian directions, that dictionary
    rotated, mirrored along its principal axes, and Gaussian latents of its covariance;
    and SAEs before training beside each other.
    """
    saes, fresh = base.saes, [base.zoo.untrained(one) for one in base.grid.base]
    strangers = shared(
        saes[0], same_covariance(saes[1], generator=generator), threshold=base.cosine
    )
    blank = torch.full((len(saes), len(saes)), torch.nan, dtype=torch.float64)
    tables = {name: blank.clone() for name in (*KINDS, UNTRAINED)}
    for s in range(len(saes)):
        t = (s + 1) % len(saes)
        found = shares(saes[s], saes[t], generator=generator, threshold=base.cosine)
        found[UNTRAINED] = quick_share(fresh[s], fresh[t], threshold=base.cosine)
        for name, share in found.items():
            tables[name][s, t] = share
    width = len(saes[0].W_dec)
    return SharedByChance(strangers, tables, width, base.confidence)


def other_nulls(base: BaseSeeds) -> OtherNulls:
    """The nulls of the claim kind by kind, rows of the data, and nulls latent by
    latent.
    """
    generator = null_generator()
    chance = shared_by_chance(base, generator=generator)
    foil = data_rows(base, generator)
    first, second = base.saes[:2]
    made = {name: make(second, generator=generator) for name, make in KINDS.items()}
    found = {
        n: shared(first, blank, threshold=base.cosine) for n, blank in made.items()
    }
    fresh = [base.zoo.untrained(one) for one in base.grid.base[:2]]
    found[UNTRAINED] = shared(*fresh, threshold=base.cosine)
    return OtherNulls(chance, foil, found)


def largest_nulls(
    base: BaseSeeds, sweeps: Mapping[str, Settings]
) -> dict[str, dict[Any, float]]:
    """The largest share by chance at every setting of some sweeps, one draw each."""
    distinct = {
        tuple(recipes) for sweep in sweeps.values() for recipes in sweep.values()
    }
    found = {recipes: _largest_null(base, recipes) for recipes in distinct}
    return {
        name: {setting: found[tuple(recipes)] for setting, recipes in sweep.items()}
        for name, sweep in sweeps.items()
    }


def _largest_null(base: BaseSeeds, recipes: Sequence[SAERecipe]) -> float:
    """Untrained SAEs have seen no rows, so those of the base site stand for all."""
    saes, site = base.zoo.get_all(recipes[:2]), base.grid.base[0].site
    generator = torch.Generator().manual_seed(1)
    first, second = (saes[one] for one in recipes[:2])
    known = shares(first, second, generator=generator, threshold=base.cosine)
    fresh = [base.zoo.untrained(replace(one, site=site)) for one in recipes[:2]]
    return max(*known.values(), quick_share(*fresh, threshold=base.cosine))


def data_rows(base: BaseSeeds, generator: Generator) -> dict[str, float]:
    """Two samples of the rows, centred, as dictionaries of the base width."""
    recipe = base.grid.base[0]
    data = base.zoo.get(recipe.site)
    groups = {"all rows": torch.ones(len(data), dtype=torch.bool)}
    if isinstance(recipe.site.source, SampledText):
        groups["new contexts"] = new_contexts(base.zoo.get(recipe.site.text))
    return {
        name: _sampled_rows(data, base, places.nonzero().flatten(), generator)
        for name, places in groups.items()
    }


def new_contexts(
    tokens: Int[Tensor, "text pos"], *, last: int = 4
) -> Bool[Tensor, "row"]:
    """Which rows of a text's site stand in a context of their own: their `last` tokens
    occur nowhere else in the text, in that order. Rows before that many tokens are
    none of these.
    """
    texts, length = tokens.shape
    windows = tokens.unfold(1, last, 1).reshape(-1, last)
    _, kind, count = windows.unique(dim=0, return_inverse=True, return_counts=True)
    alone = torch.zeros(texts, length - 1, dtype=torch.bool)
    alone[:, last - 2 :] = (count[kind] == 1).view(texts, -1)
    return alone.flatten()


def _sampled_rows(
    data: Tensor, base: BaseSeeds, places: Tensor, generator: Generator
) -> float:
    width = len(base.saes[0].W_dec)
    picks = torch.randint(len(places), (2, width), generator=generator)
    samples = [data[places[pick]] - data.mean(0) for pick in picks]
    pair = [Weights(rows.T, rows) for rows in samples]
    return shared(*pair, threshold=base.cosine).share()

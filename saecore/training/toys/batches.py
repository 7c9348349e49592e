"""The batches of toys: counts of the few different rows, or rows drawn one by one."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from saecore.seeding import stable_seed
from saecore.source.worlds.toys import patterns, toy_activations

BLOCK = 50
"""Steps whose batches are drawn at once."""


def toy_batches(
    recipes: Sequence[Any],
) -> Iterator[tuple[Float[Tensor, "#run row feature"], Float[Tensor, "run row"]]]:
    """Per step the rows of every run, as features, and the share of the batch that each
    stands for.
    """
    one = recipes[0]
    if one.counted:
        yield from _counts(recipes)
        return
    even = torch.full((len(recipes), one.batch), 1 / one.batch)
    streams = [Generator().manual_seed(_rows_seed(recipe)) for recipe in recipes]
    for start in range(0, one.steps, BLOCK):
        steps = min(BLOCK, one.steps - start)
        drawn = torch.stack([
            toy_activations(recipe.toy, steps * one.batch, generator=stream)
            for recipe, stream in zip(recipes, streams, strict=True)
        ])  # fmt: skip
        for active in drawn.split(one.batch, dim=1):
            yield active, even


class CountedPatterns(NamedTuple):
    """What the batches of counted runs count; runs with the same world and seed share
    their batches.
    """

    patterns: Float[Tensor, "distinct pattern feature"]
    """The rows that there are, by world and seed."""
    place: Int[Tensor, " run"]
    """Which of these a run has."""


def counted_patterns(recipes: Sequence[Any]) -> CountedPatterns:
    """The patterns of some recipes."""
    same = list(_streams(recipes))
    place = [same.index((recipe.toy, recipe.seed)) for recipe in recipes]
    active = torch.stack([patterns(toy).active for toy, _ in same])
    return CountedPatterns(active, torch.tensor(place))


def count_blocks(
    recipes: Sequence[Any],
) -> Iterator[Float[Tensor, "distinct step pattern"]]:
    """Block after block of steps, the shares of a batch that the patterns have."""
    one, streams = recipes[0], _streams(recipes)
    tables = [patterns(toy).probability.numpy() for toy, _ in streams]
    for start in range(0, one.steps, BLOCK):
        steps = min(BLOCK, one.steps - start)
        counts = np.stack([
            stream.multinomial(one.batch, chance / chance.sum(), size=steps)
            for chance, stream in zip(tables, streams.values(), strict=True)
        ])  # fmt: skip
        yield torch.from_numpy(counts).float().div_(one.batch)


def _streams(recipes: Sequence[Any]) -> dict[Any, np.random.Generator]:
    """Random numbers by world and seed."""
    return {
        (recipe.toy, recipe.seed): np.random.default_rng(_rows_seed(recipe))
        for recipe in recipes
    }


def _counts(recipes: Sequence[Any]) -> Iterator[tuple[Tensor, Tensor]]:
    active, place = counted_patterns(recipes)
    active = active[:1] if bool((active == active[0]).all()) else active[place]
    for block in count_blocks(recipes):
        for share in block.unbind(1):
            yield active, share[place]


def _rows_seed(recipe: Any) -> int:
    return stable_seed("toy rows", recipe.seed)

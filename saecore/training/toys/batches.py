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


class ToyBatches(NamedTuple):
    """The batches of a block of steps; runs with the same world and seed share them."""

    active: Float[Tensor, "distinct #step row feature"]
    """The rows as features: of counted runs all that there are, in every step."""
    share: Float[Tensor, "distinct #step row"]
    """The share of the batch that each stands for."""
    place: Int[Tensor, " run"]
    """Whose batches a run has."""
    steps: int


def toy_batches(
    recipes: Sequence[Any],
) -> Iterator[tuple[Float[Tensor, "#run row feature"], Float[Tensor, "run row"]]]:
    """Per step the rows of every run, as features, and the share of the batch that each
    stands for.
    """
    for block in batch_blocks(recipes):
        active, share, place, steps = block
        alike = active.shape[1] == 1 and bool((active == active[0]).all())
        for step in range(steps):
            rows = active[:, min(step, active.shape[1] - 1)]
            yield (
                rows[:1] if alike else rows[place],
                share[place, min(step, share.shape[1] - 1)],
            )


def batch_blocks(recipes: Sequence[Any]) -> Iterator[ToyBatches]:
    """Block after block of steps."""
    drawn = _counted if recipes[0].counted else _drawn
    known = list(dict.fromkeys((recipe.toy, recipe.seed) for recipe in recipes))
    place = [known.index((recipe.toy, recipe.seed)) for recipe in recipes]
    for active, share, steps in drawn(recipes[0], known):
        yield ToyBatches(active, share, torch.tensor(place), steps)


def _drawn(one: Any, known: Sequence[Any]) -> Iterator[tuple[Tensor, Tensor, int]]:
    even = torch.full((len(known), 1, one.batch), 1 / one.batch)
    streams = [Generator().manual_seed(_rows_seed(seed)) for _, seed in known]
    for steps in _blocks(one):
        rows = torch.stack([
            toy_activations(toy, steps * one.batch, generator=stream)
            for (toy, _), stream in zip(known, streams, strict=True)
        ])  # fmt: skip
        yield rows.unflatten(1, (steps, one.batch)), even, steps


def _counted(one: Any, known: Sequence[Any]) -> Iterator[tuple[Tensor, Tensor, int]]:
    tables = [patterns(toy).probability.numpy() for toy, _ in known]
    streams = [np.random.default_rng(_rows_seed(seed)) for _, seed in known]
    active = torch.stack([patterns(toy).active for toy, _ in known])[:, None]
    for steps in _blocks(one):
        counts = np.stack([
            stream.multinomial(one.batch, chance / chance.sum(), size=steps)
            for chance, stream in zip(tables, streams, strict=True)
        ])  # fmt: skip
        yield active, torch.from_numpy(counts).float().div_(one.batch), steps


def _blocks(one: Any) -> Iterator[int]:
    for start in range(0, one.steps, BLOCK):
        yield min(BLOCK, one.steps - start)


def _rows_seed(seed: int) -> int:
    return stable_seed("toy rows", seed)

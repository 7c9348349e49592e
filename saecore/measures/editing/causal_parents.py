"""Causal parents of a latent by ablation: chosen on one half of its contexts, judged on
the other, beside random ones.

Source: Cunningham et al. (2309.08600), section 5 and figure 6. Departures: the paper
chooses parents and shows what they do on the same 20 contexts, and has no control. The
largest of many falls is flattered, so contexts are halved here; the controls are
parents drawn at random and edits in random directions.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saecore.measures.editing.causal_contexts import (
    CONTEXTS,
    Falls,
    Fired,
    Level,
    activity,
    falls,
    fired,
    halves,
)

RANDOM_PARENTS = 20
DIRECTIONS = 5
_NAN = float("nan")


class Family(NamedTuple):
    """A latent and its parents. Falls are shares of its mean activation in the contexts
    concerned.
    """

    contexts: int
    """Number of contexts that it is judged on; 0 if it has too few to be halved, and
    then no parents.
    """
    activity: float
    """Its mean activation there (nan without contexts)."""
    latent: Int[Tensor, " parent"]
    """The latents below of largest fall in the contexts for choosing, the largest
    first.
    """
    chosen: Float[Tensor, " parent"]
    """That fall: flattered, as it is the largest of many."""
    drop: Float[Tensor, " parent"]
    """The fall in the contexts for judging."""
    direction: Float[Tensor, " parent"]
    """The same for edits as long, at the same places, in random directions: the mean
    over five.
    """
    as_much: Float[Tensor, " parent"]
    """Share of all other latents that fire in the contexts for choosing whose fall in
    those for judging is at least as large: 0 for the first of all (nan where not all
    were judged, or there is no other)."""
    random: Float[Tensor, " draw"]
    """Falls, in the contexts for judging, of parents drawn at random among those
    others.
    """


@torch.no_grad()
def causal_families(
    below: Level,
    here: Level,
    latents: Sequence[int],
    *,
    branches: int = 2,
    contexts: int = CONTEXTS,
    draws: int = RANDOM_PARENTS,
    ranks: bool = True,
    generator: torch.Generator,
) -> list[Family]:
    """Causal parents of several latents of one level, found and judged together.

    Those that may be parents are the latents that fire in the contexts for choosing;
    the same are drawn from for random parents (`draws`, or all but the chosen if there
    are fewer). `ranks=False` judges the chosen and the drawn only, which is faster, and
    leaves `as_much` nan.
    """
    target = torch.tensor(latents, device=here.stream.device)
    split = [
        halves(one, generator=generator, count=contexts)
        for one in activity(here, target)
    ]
    above = here.dictionary
    first = falls(below, above, target, fired(below, [choose for choose, _ in split]))
    parents = [
        _largest_falls(first, number, branches) for number in range(len(latents))
    ]
    chosen = _marked(first, parents)
    drawn = _drawn((first.contexts > 0) & ~chosen, draws, generator)
    found = fired(below, [judge for _, judge in split])
    wanted = first.contexts > 0 if ranks else chosen | _marked(first, drawn)
    second = falls(below, above, target, found, wanted=wanted).fall
    random = _in_random_directions(below, here, target, found, chosen, generator)
    means = [
        (float(choose.activity.mean()), float(judge.activity.mean()))
        for choose, judge in split
    ]
    return [
        Family(
            len(split[n][1].text),
            means[n][1],
            parents[n],
            first.fall[n, parents[n]] / means[n][0],
            second[n, parents[n]] / means[n][1],
            random[n, parents[n]] / means[n][1],
            _as_much(second[n], wanted[n], parents[n], ranks),
            second[n, drawn[n]] / means[n][1],
        )
        for n in range(len(latents))
    ]


def _largest_falls(found: Falls, target: int, branches: int) -> Int[Tensor, " parent"]:
    """The latents of largest fall among those that fire."""
    latent = found.contexts[target].nonzero()[:, 0]
    order = found.fall[target, latent].argsort(descending=True, stable=True)
    return latent[order[:branches]]


def _drawn(
    others: Bool[Tensor, "target latent"], draws: int, generator: torch.Generator
) -> list[Int[Tensor, " draw"]]:
    """Up to `draws` of the latents that are marked, for each target."""
    each = [row.nonzero()[:, 0] for row in others]
    return [
        one[torch.randperm(len(one), generator=generator)[:draws].to(one.device)]
        for one in each
    ]


def _marked(found: Falls, latents: list[Tensor]) -> Bool[Tensor, "target latent"]:
    """True for the latents that are listed for each target."""
    out = torch.zeros_like(found.contexts, dtype=torch.bool)
    for row, listed in zip(out, latents, strict=True):
        row[listed] = True
    return out


def _as_much(
    fall: Float[Tensor, " latent"],
    judged: Bool[Tensor, " latent"],
    parents: Int[Tensor, " parent"],
    ranks: bool,
) -> Float[Tensor, " parent"]:
    """Share of the other latents that were judged whose fall is at least that of each
    parent.
    """
    others = int(judged.sum()) - 1
    more = (fall[judged] >= fall[parents, None]).sum(1) - 1
    return (
        more / others if ranks and others > 0 else torch.full_like(fall[parents], _NAN)
    )


def _in_random_directions(
    below: Level,
    here: Level,
    target: Int[Tensor, " target"],
    found: Fired,
    wanted: Bool[Tensor, "target latent"],
    generator: torch.Generator,
) -> Float[Tensor, "target latent"]:
    """Mean fall for edits at the places of the wanted latents, as long as theirs, in
    random directions.
    """
    rows = below.dictionary.W_dec.detach()
    drawn = torch.randn(DIRECTIONS, *rows.shape, generator=generator).to(rows)
    drawn *= rows.norm(dim=-1, keepdim=True) / drawn.norm(dim=-1, keepdim=True)
    return falls(
        below, here.dictionary, target, found, wanted=wanted, directions=drawn
    ).fall

"""Exchanged biases, and decoders fitted anew to stitched sets of latents.

Leask et al. (2502.04878), figure 17 for the biases; the refit answers a reviewer's
question.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from saecore.claims.incompleteness.held_out import HeldOut
from saecore.measures.dictionary.encoded import Encoded
from saecore.measures.stitching.cosine_proxy import max_cosine
from saecore.measures.stitching.refit import Refit, bias_exchange, refit, union

DRAW_SEED = 20250207
"""Of the generator that draws latents of the wider SAE."""
MATCHED_SETS = (
    "with the matched ones of these",
    "with as many of other seeds, matched",
)
"""The two sets that have as many latents and nearly the same L0."""
APART = 0.2
"""Logarithm of the ratio of two firing rates, above which they are not alike."""


class BiasGrowth(NamedTuple):
    """Errors with the decoder biases of other SAEs, as a growth of the error."""

    names: list[str]
    """The ReLU SAEs: seed 0 of every width, and another seed of the narrowest."""
    growth: Float[Tensor, "dictionary source"]
    """With each other's bias, as a share of the error."""
    seeds: list[float]
    """Between seeds of one width, for every two seeds of every width."""
    neighbours: list[float]
    """Between neighbouring widths, both ways, seed 0."""

    @property
    def worst(self) -> float:
        """The largest of all between widths."""
        widths = self.growth[:-1, :-1]
        return float(widths.max())


def bias_growth(held: HeldOut) -> BiasGrowth:
    """Growth of every SAE's error with every other's decoder bias."""
    narrow = held.widths[0]
    several = [held.seeds("relu", w)[0] for w in held.widths]
    several.append(held.seeds("relu", narrow)[1])
    growth = _growth(held, several)
    seeds = [
        float(value)
        for width in held.widths
        for value in _off(_growth(held, held.seeds("relu", width)))
    ]
    steps = [growth[:-1, :-1].diagonal(offset) for offset in (1, -1)]
    names = [str(width) for width in held.widths] + [f"{narrow}, other seed"]
    return BiasGrowth(names, growth, seeds, torch.cat(steps).tolist())


def _growth(held: HeldOut, several: list[Encoded]) -> Float[Tensor, "one source"]:
    errors = bias_exchange(several, held.x)
    return errors / errors.diagonal()[:, None] - 1


def _off(table: Tensor) -> list[float]:
    return table[~torch.eye(len(table), dtype=torch.bool)].tolist()


def stitched_refits(held: HeldOut) -> dict[str, Refit]:
    """The narrowest SAE with latents of others, before and after a refit of all decoder
    rows, judged on rows that were not fitted on.

    Each novel latent of the wider SAE has a partner in two other seeds of the narrow
    width that fires about as often, so that both sets add as many latents and as much
    L0 (`matched_firings`).
    """
    _, u, v = held.base
    narrow, wide = held.seeds("relu", u), held.seeds("relu", v)[1]
    new, others = _below(held, narrow[0], wide), union(narrow[1], narrow[2])
    of_wide, of_others = matched_firings(wide, others, among=new)
    drawn = _drawn(wide.width, int(of_wide.sum()))
    sets = {
        f"width {u}": narrow[0],
        f"with all novel latents of {v}": union(narrow[0], wide, add=new),
        MATCHED_SETS[0]: union(narrow[0], wide, add=of_wide),
        "with as many drawn at random": union(narrow[0], wide, add=drawn),
        MATCHED_SETS[1]: union(narrow[0], others, add=of_others),
        f"width {v}": wide,
    }
    return {name: refit(one, held.x) for name, one in sets.items()}


def refit_lead(found: dict[str, Refit]) -> float:
    """Unexplained variance with the matched latents of other seeds minus that with the
    novel latents, both refit.
    """
    new, other = (found[name].error / found[name].variance for name in MATCHED_SETS)
    return other - new


def matched_firings(
    first: Encoded, second: Encoded, *, among: Bool[Tensor, "latent"]
) -> tuple[Bool[Tensor, "latent"], Bool[Tensor, "other"]]:
    """Matched controls: latents of `first` (those in `among`) and of `second`, paired
    one to one by how often they fire, as many pairs as there are whose logarithms are
    at most `APART` apart; dead ones have none.

    Both sorted, the rarer of two that are too far apart can have no partner further on.
    """
    rates = [one.fired.double().log().tolist() for one in (first, second)]
    alive = among & (first.fired > 0), second.fired > 0
    asked, offered = (
        sorted(which.nonzero().flatten().tolist(), key=rate.__getitem__)
        for which, rate in zip(alive, rates, strict=True)
    )
    pairs, i, j = [], 0, 0
    while i < len(asked) and j < len(offered):
        apart = rates[0][asked[i]] - rates[1][offered[j]]
        if abs(apart) <= APART:
            pairs.append((asked[i], offered[j]))
        i, j = i + (apart <= APART), j + (apart >= -APART)
    chosen = torch.tensor(pairs, dtype=torch.long).view(-1, 2)
    return _marked(first.width, chosen[:, 0]), _marked(second.width, chosen[:, 1])


def _below(held: HeldOut, small: Encoded, large: Encoded) -> Bool[Tensor, "latent"]:
    return max_cosine(small, large) <= held.rule["cosine"]


def _drawn(width: int, count: int) -> Bool[Tensor, "latent"]:
    """So many latents at random."""
    generator = torch.Generator().manual_seed(DRAW_SEED)
    return _marked(width, torch.randperm(width, generator=generator)[:count])


def _marked(width: int, which: Tensor) -> Bool[Tensor, "latent"]:
    return torch.zeros(width, dtype=torch.bool).index_fill_(0, which, True)

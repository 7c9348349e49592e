"""Rates of the claim's rule where nothing is absorbed, and what exceeds them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from saecore.claims.absorption.reading import Rates, SAERead, decide_by_rule, rates_of
from saecore.claims.absorption.setting import Parents
from saecore.measures.algebra.intervals import Interval, crossed, share_over_seeds
from saecore.measures.probing.linear import linear_probes
from saecore.report import Constants

SHUFFLE = 7
"""The seed by which labels are shuffled."""
FEWEST = 2
"""So many letters must count in each of so many SAEs, or nothing can be judged on them.
"""


class Exceeded(NamedTuple):
    """A rate beside the strongest of its nulls."""

    share: Interval
    """The rate, over seeds."""
    null: Interval
    """The same of the strongest null."""
    name: str
    """Which null that is."""
    excess: Interval
    """Their difference, over seeds and labels."""


def own_nulls(
    saes: Sequence[SAERead], parents: Parents, rule: Constants
) -> dict[str, list[Rates]]:
    """The nulls that each SAE has in itself."""
    return {
        "words whose main latents fire": [one.background for one in saes],
        "direction of another label": [other_label(one, parents, rule) for one in saes],
    }


def other_label(one: SAERead, parents: Parents, rule: Constants) -> Rates:
    """The rates when the absorber must lean towards the next label's direction."""
    unit, found = functional.normalize, one.found
    other = unit(parents.probes.direction.roll(1, 0), dim=1)
    directions = unit(one.w_dec, dim=1)
    cosine = (other[found.label[found.case]] * directions[found.latent]).sum(1)
    turned = found._replace(cosine=cosine)
    decided = decide_by_rule(turned, one.effects, rule)
    return rates_of(turned, decided, one.pure).over(one.counts)


def shuffled_labels(parents: Parents, generator: torch.Generator) -> Parents:
    """The same words with their labels shuffled, and a probe that knows them by heart.

    The probe decides in sample, so that what it says is right though there is nothing
    to know; its F1 is that out of fold. The answer is still that of the true label.
    """
    order = torch.randperm(len(parents.words.labels), generator=generator)
    mixed = parents.words.labels[order]
    fitted = linear_probes(parents.rows, mixed)
    in_sample = (parents.rows @ fitted.direction.T + fitted.bias) > 0
    words = parents.words._replace(labels=mixed)
    probes = fitted._replace(decision=in_sample)
    return parents._replace(words=words, probes=probes)


def letters_shuffled(parents: Parents) -> Parents:
    """`shuffled_labels` as the claim draws them."""
    return shuffled_labels(parents, torch.Generator().manual_seed(SHUFFLE))


def exceeded(
    saes: Sequence[Rates],
    nulls: Mapping[str, Sequence[Rates]],
    what: str,
    *,
    level: float,
) -> Exceeded | None:
    """A rate ("absorbed" or "specific") beside the largest of its nulls.

    A null whose labels are not those of the SAEs, as of other SAEs, counts by its mean
    in each seed, the others label by label; and only where the claim could be judged on
    those SAEs (`could_be_judged`). None where fewer than two seeds have a rate.
    """
    share = mean_rate(saes, what, level=level)
    shares = {
        name: mean_rate(some, what, level=level)
        for name, some in nulls.items()
        if could_be_judged(some) or all(map(same_labels, saes, some))
    }
    known = {name: one for name, one in shares.items() if one is not None}
    if share is None or not known:
        return None
    name = max(known, key=lambda name: known[name].estimate)
    seeds = list(zip(saes, nulls[name], strict=False))
    table = torch.stack([excess(one, null, what) for one, null in seeds])
    difference = crossed_there(table, level=level)
    return difference and Exceeded(share, known[name], name, difference)


def could_be_judged(saes: Iterable[Rates]) -> bool:
    """Whether in two SAEs two labels count at least, which the claim asks of its own: a
    mean over fewer is that of one letter.
    """
    letters = [int((~one.absorbed.isnan()).sum()) for one in saes]
    return sum(count >= FEWEST for count in letters) >= FEWEST


def same_labels(one: Rates, null: Rates) -> bool:
    """Whether the same labels have a rate in both."""
    return torch.equal(one.absorbed.isnan(), null.absorbed.isnan())


def excess(one: Rates, null: Rates, what: str) -> Float[Tensor, " label"]:
    """A rate minus its null, label by label where both have the same labels."""
    rate, chance = getattr(one, what), getattr(null, what)
    return rate - (chance if same_labels(one, null) else chance.nanmean())


def mean_rate(some: Sequence[Rates], what: str, *, level: float) -> Interval | None:
    """The mean over labels of a rate, over seeds; None of fewer than two that have
    one.
    """
    every = [(float(getattr(x, what).nanmean()), int(x.words.sum())) for x in some]
    known = [(mean, words) for mean, words in every if mean == mean]
    if len(known) < 2:
        return None
    shares, words = zip(*known, strict=True)
    return share_over_seeds(shares, trials=words, level=level)


def crossed_there(
    table: Float[Tensor, "seed label"], *, level: float
) -> Interval | None:
    """`crossed` of the seeds and labels that have any number; None of fewer than two
    of each.
    """
    there = ~table.isnan()
    some = table[there.any(1)][:, there.any(0)]
    return None if min(some.shape) < 2 else crossed(some, level=level)

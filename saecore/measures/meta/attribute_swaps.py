"""Exchange the meta-latents of an entity that stand for one attribute: does that
attribute turn, and no other?

The post behind Leask et al. (2502.04878) swaps meta-latents in the decoder row of one
latent and shows one case. Here every attribute is exchanged for many pairs of entities,
beside random meta-latents of the same pair.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor

Uses = Float[Tensor, "entity meta"]
"""How strongly the row of each entity's latent uses each meta-latent."""
AttributeValues = Int[Tensor, "entity group"]
"""Which value of each attribute (group) an entity has."""


class Standing(NamedTuple):
    """Which attribute each meta-latent stands for, if any."""

    group: Int[Tensor, " meta"]
    """Index of the attribute; -1 for none."""
    excess: Float[Tensor, "group meta"]
    """Share of the meta-latent's variance over entities between the values of the
    attribute, in standard deviations above its mean under permuted entities."""


def standing(
    uses: Uses,
    values: AttributeValues,
    *,
    generator: Generator,
    users: int,
    above: float,
    draws: int = 50,
) -> Standing:
    """Eta squared against its permutation null: which attribute a meta-latent stands
    for, if any.

    For each attribute the share of a meta-latent's variance between its values (eta
    squared), less its mean over entities dealt anew, in units of its deviation; the
    attribute with the largest counts if it lies more than `above` deviations above that
    mean and at least `users` entities use the meta-latent. With many values eta squared
    is large by chance: hence the null. Raises ValueError where entities differ in
    number.
    """
    if len(uses) != len(values):
        raise ValueError(
            "uses and values must speak of the same entities, got "
            f"{len(uses)} and {len(values)}; align them"
        )
    found = _between(uses, values)
    orders = (torch.randperm(len(values), generator=generator) for _ in range(draws))
    chance = torch.stack([_between(uses, values[order]) for order in orders])
    excess = (found - chance.mean(0)) / chance.std(0).clamp(min=1e-6)
    excess = torch.where((uses != 0).sum(0) >= users, excess, 0)
    best, group = excess.max(0)
    return Standing(torch.where(best > above, group, -1), excess)


def _between(uses: Tensor, values: Tensor) -> Float[Tensor, "group meta"]:
    """Eta squared: the share of each column's variance that lies between values."""
    centred = uses.double() - uses.double().mean(0)
    total = centred.square().sum(0).clamp(min=1e-12)
    shares = []
    for value in values.unbind(1):
        count = torch.bincount(value).clamp(min=1)
        sums = torch.zeros(len(count), uses.shape[1], dtype=torch.float64).index_add_(
            0, value, centred
        )
        shares.append((sums.square() / count[:, None]).sum(0) / total)
    return torch.stack(shares)


def differing_pairs(
    values: AttributeValues,
    group: int,
    latent: Int[Tensor, " entity"],
    *,
    count: int,
    generator: Generator,
) -> tuple[Int[Tensor, " pair"], Int[Tensor, " pair"]]:
    """Random pairs of entities (own, other) that differ in the attribute and in their
    latent: `count` of them, or fewer where few differ.
    """
    own, other = torch.randint(len(values), (2, 64 * count), generator=generator)
    differ = (values[own, group] != values[other, group]) & (
        latent[own] != latent[other]
    )
    return own[differ][:count], other[differ][:count]


def random_parts(
    uses: Uses,
    own: Int[Tensor, " pair"],
    other: Int[Tensor, " pair"],
    chosen: Bool[Tensor, " meta"],
    *,
    generator: Generator,
) -> Bool[Tensor, "pair meta"]:
    """Random control of a swap: for each pair as many meta-latents that either of the
    two uses and that are not `chosen`, as there are chosen ones; fewer where there are
    too few.
    """
    either = (uses[own] != 0) | (uses[other] != 0)
    free = either & ~chosen
    place = torch.where(free, torch.rand(free.shape, generator=generator), -1.0)
    rank = place.argsort(1, descending=True).argsort(1)
    return free & (rank < (either & chosen).sum(1, keepdim=True))


def change(
    uses: Uses,
    own: Int[Tensor, " pair"],
    other: Int[Tensor, " pair"],
    parts: Bool[Tensor, "pair meta"],
    directions: Float[Tensor, "meta d_model"],
) -> Float[Tensor, "pair d_model"]:
    """Meta-latent swap as an edit of the decoder row: sum over parts m of (other_m -
    own_m) direction_m.

    What the post behind 2502.04878 does to one row, for many pairs of rows.
    """
    return ((uses[other] - uses[own]) * parts) @ directions


class SwapOutcome(NamedTuple):
    """What the answers say after an edit."""

    turned: float
    """Share of pairs whose answer about the attribute is now the other entity's."""
    kept: float
    """Share of the answers about the other attributes that are still the entity's
    own.
    """
    pairs: int
    """Number of pairs."""


def swap_outcome(
    added: Float[Tensor, "pair d_model"],
    group: int,
    own: Int[Tensor, " pair"],
    other: Int[Tensor, " pair"],
    values: AttributeValues,
    answer: Callable[[int, Tensor, Tensor], Tensor],
) -> SwapOutcome:
    """Success and side effects of an edit: all attributes are asked about after `added`
    joined the decoder row of each pair's first entity.

    `answer(group, own, added)` gives the value of the attribute that comes out, coded
    as in `values`. Turned needs the very value of the other entity: destroying the
    attribute is not enough. `kept` is NaN for one attribute.
    """
    said = [answer(g, own, added) for g in range(values.shape[1])]
    kept = [
        (said[g] == values[own, g]).double()
        for g in range(values.shape[1])
        if g != group
    ]
    turned = (said[group] == values[other, group]).double()
    return SwapOutcome(
        float(turned.mean()),
        float(torch.stack(kept).mean()) if kept else float("nan"),
        len(own),
    )


class Exchanges(NamedTuple):
    """Every attribute exchanged, in four ways; lists have one entry per attribute."""

    standing: Standing
    """Which meta-latents stand for which attribute."""
    chosen: list[SwapOutcome]
    """Those that stand for the attribute are exchanged."""
    random: list[SwapOutcome]
    """As many others are: the control."""
    all: list[SwapOutcome]
    """All meta-latents are."""
    row: list[SwapOutcome]
    """The whole decoder row is: if not even this turns an answer, the latent does not
    carry the attribute.
    """

    def turned(self, what: str) -> float:
        """Mean over the attributes of the share that turned; `what` is chosen, random,
        all or row.
        """
        found = getattr(self, what)
        return sum(one.turned for one in found) / len(found)

    def kept(self, what: str) -> float:
        """Mean over the attributes of the share of the others that stayed."""
        found = getattr(self, what)
        return sum(one.kept for one in found) / len(found)


def exchanges(
    uses: Uses,
    rows: Float[Tensor, "entity d_model"],
    latent: Int[Tensor, " entity"],
    values: AttributeValues,
    answer: Callable[[int, Tensor, Tensor], Tensor],
    *,
    directions: Float[Tensor, "meta d_model"],
    generator: Generator,
    users: int,
    above: float,
    count: int = 100,
) -> Exchanges:
    """Meta-latent swaps of every attribute between `count` random pairs of entities,
    with what is answered after them.

    `rows` and `latent` are the decoder row and the number of each entity's latent,
    `uses` its meta-latents, `directions` those of the meta-latents; `users` and `above`
    as for `standing`, `answer` as for `swap_outcome`, with entities numbered as here.
    """
    stand = standing(uses, values, generator=generator, users=users, above=above)
    ways = ("chosen", "random", "all", "row")
    found: dict[str, list[SwapOutcome]] = {way: [] for way in ways}
    for group in range(values.shape[1]):
        own, other = differing_pairs(
            values, group, latent, count=count, generator=generator
        )
        chosen = stand.group == group
        parts = {
            "chosen": chosen.expand(len(own), -1),
            "random": random_parts(uses, own, other, chosen, generator=generator),
            "all": torch.ones_like(chosen).expand(len(own), -1),
        }
        added = {
            name: change(uses, own, other, which, directions)
            for name, which in parts.items()
        }
        added["row"] = rows[other] - rows[own]
        for name, shift in added.items():
            found[name].append(swap_outcome(shift, group, own, other, values, answer))
    return Exchanges(stand, **found)

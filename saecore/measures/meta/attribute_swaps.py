"""Exchange the meta-latents of an entity that stand for one attribute: does that
attribute turn, and no other?

The post behind Leask et al. (2502.04878) swaps meta-latents in the decoder row of one
latent and shows one case. Here every attribute is exchanged for many pairs of entities,
beside random meta-latents of the same pair, and other entities than these decide which
meta-latents stand for what.
"""

from collections.abc import Callable, Sequence
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


class Pairs(NamedTuple):
    """Pairs of entities that differ in an attribute, and the half that both are in."""

    group: Int[Tensor, " pair"]
    """The attribute that is exchanged."""
    own: Int[Tensor, " pair"]
    """Whose row is edited."""
    other: Int[Tensor, " pair"]
    """Whose parts it gets."""
    half: Int[Tensor, " entity"]
    """0 or 1, per entity."""


def pairs_within_halves(
    values: AttributeValues, *, partners: int, most: int, generator: Generator
) -> Pairs:
    """Cross-fitting pairs: `most` random entities, or all, each with `partners` random
    others of its own half for each attribute in which they differ, so that the other
    half can decide which parts are exchanged. Entities without such another are left
    out.
    """
    count, groups = values.shape
    half = torch.randperm(count, generator=generator) % 2
    asked = torch.randperm(count, generator=generator) < most
    alike, found = asked[:, None] & (half[:, None] == half[None]), []
    for group in range(groups):
        differ = alike & (values[:, group, None] != values[None, :, group])
        for _ in range(partners):
            order = torch.rand(count, count, generator=generator)
            other = torch.where(differ, order, -1.0).argmax(1)
            own = differ.any(1).nonzero()[:, 0]
            found.append(torch.stack([torch.full_like(own, group), own, other[own]]))
    group, own, other = torch.cat(found, 1)
    return Pairs(group, own, other, half)


def random_parts(
    uses: Uses,
    own: Int[Tensor, " pair"],
    other: Int[Tensor, " pair"],
    chosen: Bool[Tensor, "pair meta"],
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


class Answers(NamedTuple):
    """What was answered after one kind of edit; NaN for a pair that could not be
    edited.
    """

    turned: Float[Tensor, " pair"]
    """1 where the answer about the attribute is now the other entity's."""
    kept: Float[Tensor, " pair"]
    """1 where all answers about other attributes are still the entity's own."""


def edit_answers(
    added: Float[Tensor, "edit d_model"],
    pairs: Pairs,
    edited: Int[Tensor, " edit"],
    values: AttributeValues,
    answer: Callable[[int, Tensor, Tensor], Tensor],
) -> Answers:
    """Success and side effects of an edit: all attributes are asked about after `added`
    joined the decoder row of the first entity of the pairs `edited`.

    `answer(group, own, added)` gives the value of the attribute that comes out, coded
    as in `values`. Turned needs the very value of the other entity: destroying the
    attribute is not enough.
    """
    own, other, group = pairs.own[edited], pairs.other[edited], pairs.group[edited]
    said = torch.stack([answer(g, own, added) for g in range(values.shape[1])], 1)
    place = group[:, None]
    right = (said == values[own]).scatter(1, place, True)
    wanted = values[other].gather(1, place) == said.gather(1, place)
    turned, kept = torch.full((2, len(pairs.own)), torch.nan)
    turned[edited], kept[edited] = wanted[:, 0].float(), right.all(1).float()
    return Answers(turned, kept)


EXCHANGED_WAYS = ("chosen", "random", "all", "half", "row")
"""What may be exchanged."""


class Exchanges(NamedTuple):
    """Every pair's exchange, in several ways."""

    standing: tuple[Standing, Standing]
    """Which meta-latents stand for which attribute, by the entities of each half."""
    answers: dict[str, Answers]
    """"chosen": those that stand for the attribute by the other half are exchanged;
    "random": as many others, the control; "all": all meta-latents; "row": the whole
    decoder row, without which nothing can be said of its parts; "half": half of it.
    """


def exchanges(
    uses: Uses,
    rows: Float[Tensor, "entity d_model"],
    latent: Int[Tensor, " entity"],
    has: Bool[Tensor, " entity"],
    values: AttributeValues,
    answer: Callable[[int, Tensor, Tensor], Tensor],
    *,
    pairs: Pairs,
    directions: Float[Tensor, "meta d_model"],
    generator: Generator,
    users: int,
    above: float,
    ways: Sequence[str] = EXCHANGED_WAYS,
) -> Exchanges:
    """Cross-fitted meta-latent swaps of pairs of entities that both have a latent of
    their own.

    `rows` and `latent` are the decoder row and the number of each entity's latent,
    `uses` its meta-latents, `directions` those of the meta-latents; `users` and `above`
    as for `standing`, `answer` as for `answers`. Only some `ways` may be asked for.
    """
    own, other = pairs.own, pairs.other
    apart = latent[own] != latent[other]
    edited = (has[own] & has[other] & apart).nonzero()[:, 0]
    own, other = own[edited], other[edited]
    gate = {"generator": generator, "users": users, "above": above}
    stand = [
        standing(uses[mine], values[mine], **gate)
        for mine in (has & (pairs.half == half) for half in (0, 1))
    ]
    decided = torch.stack([one.group for one in stand])[1 - pairs.half[own]]
    chosen = decided == pairs.group[edited][:, None]
    random = random_parts(uses, own, other, chosen, generator=generator)
    whole = rows[other] - rows[own]
    added = {
        "chosen": change(uses, own, other, chosen, directions),
        "random": change(uses, own, other, random, directions),
        "all": change(uses, own, other, torch.ones_like(chosen), directions),
        "row": whole,
        "half": whole / 2,
    }
    said = {
        way: edit_answers(added[way], pairs, edited, values, answer) for way in ways
    }
    first, second = stand
    return Exchanges((first, second), said)

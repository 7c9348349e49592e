"""Exchanging the parts of entities that are made of known parts."""

import pytest
import torch
from jaxtyping import TypeCheckError

from saecore.measures.meta.attribute_swaps import (
    change,
    differing_pairs,
    exchanges,
    random_parts,
    standing,
    swap_outcome,
)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


SIZES = (5, 4)  # countries, professions
GATE = {"users": 3, "above": 2.0}


def people(
    count: int = 60,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Entities that use a country, a profession and three parts that stand for
    nothing.
    """
    values = torch.stack(
        [
            torch.randint(n, (count,), generator=generator(i))
            for i, n in enumerate(SIZES)
        ],
        1,
    )
    one_hot = [
        torch.nn.functional.one_hot(v, n).float()
        for v, n in zip(values.unbind(1), SIZES, strict=True)
    ]
    noise = (torch.rand(count, 12, generator=generator(5)) < 0.25).float()
    uses = torch.cat([*one_hot, noise], 1)
    directions = torch.linalg.qr(torch.randn(40, 40, generator=generator(6))).Q[
        : uses.shape[1]
    ]
    return values, uses, directions, uses @ directions


def test_parts_stand_for_the_attribute_that_they_were_made_for():
    values, uses, _, _ = people()
    found = standing(uses, values, generator=generator(1), **GATE)
    assert found.group[:9].tolist() == [0] * 5 + [1] * 4
    assert (
        found.group[9:] >= 0
    ).double().mean() < 0.35  # 2 deviations, best of two attributes
    assert found.excess.shape == (2, 21)


def test_parts_that_too_few_use_stand_for_nothing():
    values, uses, _, _ = people()
    rare = torch.zeros(60, 1)
    rare[3] = 1
    found = standing(torch.cat([uses, rare], 1), values, generator=generator(1), **GATE)
    assert int(found.group[-1]) == -1


def test_pairs_differ_in_the_attribute_and_in_their_latent():
    values, *_ = people()
    latent = torch.arange(60) // 2
    own, other = differing_pairs(values, 1, latent, count=40, generator=generator(2))
    assert len(own) == len(other) == 40
    assert (values[own, 1] != values[other, 1]).all()
    assert (latent[own] != latent[other]).all()


def test_random_parts_are_as_many_and_never_the_chosen_ones():
    values, uses, _, _ = people()
    own, other = differing_pairs(
        values, 0, torch.arange(60), count=50, generator=generator(3)
    )
    chosen = torch.arange(21) < 5
    found = random_parts(uses, own, other, chosen, generator=generator(4))
    either = (uses[own] != 0) | (uses[other] != 0)
    assert not (found & chosen).any()
    assert not (found & ~either).any()
    assert (
        found.sum(1)
        == torch.minimum((either & chosen).sum(1), (either & ~chosen).sum(1))
    ).all()


def test_the_right_parts_turn_one_attribute_and_random_ones_turn_none():
    values, uses, directions, rows = people()
    found = standing(uses, values, generator=generator(1), **GATE)

    def answer(group: int, own: torch.Tensor, added: torch.Tensor) -> torch.Tensor:
        start = sum(SIZES[:group])
        return (
            (rows[own] + added) @ directions[start : start + SIZES[group]].T
        ).argmax(1)

    own, other = differing_pairs(
        values, 0, torch.arange(60), count=50, generator=generator(3)
    )
    parts = (found.group == 0).expand(50, -1)
    right = swap_outcome(
        change(uses, own, other, parts, directions), 0, own, other, values, answer
    )
    assert right == (1.0, 1.0, 50)
    chance = random_parts(uses, own, other, found.group == 0, generator=generator(4))
    random = swap_outcome(
        change(uses, own, other, chance, directions), 0, own, other, values, answer
    )
    assert random.turned == 0
    nothing = swap_outcome(torch.zeros(50, 40), 0, own, other, values, answer)
    assert (nothing.turned, nothing.kept) == (0, 1)


def test_wrong_input_is_refused_in_a_sentence():
    values, uses, _, _ = people()
    with pytest.raises((ValueError, TypeCheckError), match=r"same entities|values"):
        standing(uses[:5], values, generator=generator(), **GATE)


def test_all_exchanges_of_planted_people_turn_what_they_should():
    values, uses, directions, rows = people()
    first = (0, SIZES[0])

    def answer(group: int, own: torch.Tensor, added: torch.Tensor) -> torch.Tensor:
        part = slice(first[group], first[group] + SIZES[group])
        return ((rows[own] + added) @ directions[part].T).argmax(1)

    found = exchanges(
        uses,
        rows,
        torch.arange(60),
        values,
        answer,
        directions=directions,
        generator=generator(8),
        **GATE,
    )
    assert found.turned("chosen") == found.turned("row") == found.turned("all") == 1
    assert found.kept("chosen") == 1
    assert found.kept("row") < 0.6  # the other attribute comes along
    assert found.turned("random") == 0
    assert [one.pairs for one in found.chosen] == [100, 100]

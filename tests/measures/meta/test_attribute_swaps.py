"""Exchanging the parts of entities that are made of known parts."""

import pytest
import torch
from jaxtyping import TypeCheckError

from saecore.measures.meta.attribute_swaps import (
    EXCHANGED_WAYS,
    Pairs,
    change,
    edit_answers,
    exchanges,
    pairs_within_halves,
    random_parts,
    standing,
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


def test_pairs_differ_in_the_attribute_and_lie_in_one_half():
    values, *_ = people()
    found = pairs_within_halves(values, partners=2, most=60, generator=generator(2))
    assert len(found.own) == 2 * 2 * 60
    place = found.group[:, None]
    mine, others = (values[who].gather(1, place) for who in (found.own, found.other))
    assert (mine != others).all()
    assert torch.equal(found.half[found.own], found.half[found.other])
    assert found.half.bincount().tolist() == [30, 30]
    few = pairs_within_halves(values, partners=1, most=10, generator=generator(2))
    assert len(few.own.unique()) == 10


def test_an_entity_without_another_is_in_no_pair():
    alike = torch.zeros(6, 1, dtype=torch.int64)
    found = pairs_within_halves(alike, partners=1, most=6, generator=generator())
    assert len(found.own) == 0


def drawn_pairs(count: int, group: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    values, *_ = people()
    found = pairs_within_halves(values, partners=2, most=60, generator=generator(3))
    kept = (found.group == group).nonzero()[:count, 0]
    return found.own[kept], found.other[kept]


def test_random_parts_are_as_many_and_never_the_chosen_ones():
    _, uses, _, _ = people()
    own, other = drawn_pairs(50)
    chosen = (torch.arange(21) < 5).expand(50, -1)
    found = random_parts(uses, own, other, chosen, generator=generator(4))
    either = (uses[own] != 0) | (uses[other] != 0)
    assert not (found & chosen).any()
    assert not (found & ~either).any()
    assert (
        found.sum(1)
        == torch.minimum((either & chosen).sum(1), (either & ~chosen).sum(1))
    ).all()


def asked(rows: torch.Tensor, directions: torch.Tensor):
    first = (0, SIZES[0])

    def answer(group: int, own: torch.Tensor, added: torch.Tensor) -> torch.Tensor:
        part = slice(first[group], first[group] + SIZES[group])
        return ((rows[own] + added) @ directions[part].T).argmax(1)

    return answer


def test_the_right_parts_turn_one_attribute_and_others_turn_none():
    values, uses, directions, rows = people()
    own, other = drawn_pairs(50)
    pairs = Pairs(
        torch.zeros(50, dtype=torch.int64), own, other, torch.zeros(60).long()
    )
    every, answer = torch.arange(50), asked(rows, directions)
    parts = (torch.arange(21) < SIZES[0]).expand(50, -1)
    added = change(uses, own, other, parts, directions)
    right = edit_answers(added, pairs, every, values, answer)
    assert float(right.turned.mean()) == float(right.kept.mean()) == 1
    chance = random_parts(uses, own, other, parts, generator=generator(4))
    added = change(uses, own, other, chance, directions)
    assert float(edit_answers(added, pairs, every, values, answer).turned.mean()) == 0
    nothing = edit_answers(torch.zeros(30, 40), pairs, every[:30], values, answer)
    assert nothing.turned.isnan().tolist() == [False] * 30 + [True] * 20
    assert (float(nothing.turned.nanmean()), float(nothing.kept.nanmean())) == (0, 1)


def test_wrong_input_is_refused_in_a_sentence():
    values, uses, _, _ = people()
    with pytest.raises((ValueError, TypeCheckError), match=r"same entities|values"):
        standing(uses[:5], values, generator=generator(), **GATE)


def exchanged(count: int = 200, **more):
    values, uses, directions, rows = people(count)
    size = {"partners": 1, "most": count, "generator": generator(2)}
    pairs = pairs_within_halves(values, **size)
    given = {"latent": torch.arange(count), "has": torch.arange(count) < count - 10}
    found = exchanges(
        uses,
        rows,
        values=values,
        answer=asked(rows, directions),
        pairs=pairs,
        directions=directions,
        generator=generator(8),
        **{**given, **GATE, **more},
    )
    return pairs, found


def test_all_exchanges_of_planted_people_turn_what_they_should():
    pairs, found = exchanged()
    turned = {way: float(one.turned.nanmean()) for way, one in found.answers.items()}
    assert list(turned) == list(EXCHANGED_WAYS)
    assert turned["chosen"] == turned["row"] == turned["all"] == 1
    assert turned["random"] == 0
    assert float(found.answers["chosen"].kept.nanmean()) == 1
    assert float(found.answers["row"].kept.nanmean()) < 0.6
    edited = (pairs.own < 190) & (pairs.other < 190)
    assert torch.equal(~found.answers["row"].turned.isnan(), edited)


def test_entities_that_share_a_latent_are_no_pair_and_ways_can_be_named():
    _, found = exchanged(latent=torch.zeros(200, dtype=torch.int64), ways=("row",))
    assert list(found.answers) == ["row"]
    assert found.answers["row"].turned.isnan().all()


def test_who_is_edited_does_not_decide_what_is_exchanged():
    """Parts that only one half uses consistently are chosen for the other half alone."""
    values, uses, *_ = people(200)
    size = {"partners": 1, "most": 200, "generator": generator(2)}
    half = pairs_within_halves(values, **size).half
    _, found = exchanged()
    for number, one in enumerate(found.standing):
        mine = (half == number) & (torch.arange(200) < 190)
        own = standing(uses[mine], values[mine], generator=generator(1), **GATE)
        assert one.group[:9].tolist() == own.group[:9].tolist() == [0] * 5 + [1] * 4
